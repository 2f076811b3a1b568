"""What travels compressed: text that does not fit one packet anyway."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from creditable.web.ui.compression import PACKET, Compression


def answered(length: int, **headers: Any) -> HttpResponseBase:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = "gzip"
    return Compression(lambda _request: HttpResponse("a" * length, **headers))(request)


def test_a_page_is_compressed_and_one_packet_is_left_as_it_is() -> None:
    assert answered(PACKET).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in answered(PACKET - 1).headers


def test_what_is_no_text_keeps_its_bytes() -> None:
    assert "Content-Encoding" not in answered(9000, content_type="video/mp4").headers
    assert "Content-Encoding" not in answered(9000, status=206).headers
