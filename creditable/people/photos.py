"""A photo or scan as somebody hands it in: made anew, or refused in words."""

from django.utils.translation import gettext as _

from creditable.lib.capped import Unreadable
from creditable.lib.refusal import Refused
from creditable.people import picture


def anew(content: bytes) -> bytes:
    """The picture as a JPEG of nothing but its pixels. Refused when it is none that we can read."""
    try:
        return picture.anew(content)
    except Unreadable as unreadable:
        words = {
            "not_picture": _("This is no photo: choose a JPEG or PNG file."),
            "too_much": _(
                "This picture is too large. Choose one of at most 10 MB and 50 megapixels."
            ),
            "too_small": _("This picture is too small to read. Take it from nearer."),
            "broken": _("This picture is damaged and cannot be opened. Take or choose another."),
        }
        raise Refused(
            words[unreadable.reason], field="file", code=unreadable.reason
        ) from unreadable
