"""How CE Broker writes numbers and dates, in its messages and in its spreadsheets."""

from datetime import date

from creditable.credit.pack import CeBroker, Layout


def broker_of(layout: Layout) -> CeBroker:
    assert layout.ce_broker is not None, "the linter asks for it"
    return layout.ce_broker


def provider_number(number: str) -> str:
    """Shown as 50-123, sent as 123."""
    return number.removeprefix("50-")


def course_number(number: str) -> tuple[str, str]:
    """Our own number of the course, or the tracking number that CE Broker gave it (shown as 20-123,
    sent as 123): one of the two is empty."""
    tracking = number.removeprefix("20-")
    return ("", tracking) if tracking != number else (number, "")


def us(day: date) -> str:
    return f"{day:%m/%d/%Y}"
