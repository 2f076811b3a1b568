"""The stand-in for CE Broker answers as its help pages show it."""

import html
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.standins.running import Reply, Running

ADDRESS = "/CEBrokerWebService.asmx/UploadXMLString"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def broker(launch: Callable[..., Running]) -> Running:
    return launch("ce_broker")


def upload(broker: Running, *licenses: str, key: str = "standin-upload-key") -> Reply:
    lines = "".join(
        f"<attendee><license>{license}</license><date_completed>12/03/2026</date_completed></attendee>"
        for license in licenses
    )
    document = (
        f'<rosters id_parent_provider="1" upload_key="{key}"><roster><id_course>7</id_course>'
        f"<attendees>{lines}</attendees></roster></rosters>"
    )
    return broker.call("POST", ADDRESS, urlencode({"InXML": document}), headers=FORM)


def test_each_line_is_answered_and_a_second_time_it_is_known(broker: Running) -> None:
    said = html.unescape(upload(broker, "SW1", "SW10").body.decode())
    assert said.startswith('<string xmlns="https://webservices.cebroker.com/"><rosters Message=""')
    assert 'license="SW1" ErrorCode="" Message=""' in said
    assert 'license="SW10" ErrorCode="80" Message="Invalid license Number"' in said
    assert 'ErrorCode="62"' in html.unescape(upload(broker, "SW1").body.decode())


def test_another_key_is_refused_whole(broker: Running) -> None:
    said = html.unescape(upload(broker, "SW1", key="guess").body.decode())
    assert "Invalid upload key" in said
    assert "attendee" not in said
