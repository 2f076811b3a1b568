"""Who sells: the provider on its invoices, and its refund rule, as its provider.yaml tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from creditable.store.refund_rule import Terms


class SellerRefused(Exception):
    """provider.yaml lacks what an invoice needs; the message names the place and the cure."""


@dataclass(frozen=True, slots=True)
class Seller:
    """The provider as an invoice shows it: `mark` is SVG, `accent` a six-digit hexadecimal."""

    name: str
    legal_name: str
    address: tuple[str, ...]
    email: str
    phone: str
    website: str
    mark: str
    accent: str
    terms: Terms


def read(folder: Path) -> Seller:
    """The seller that the provider's folder describes."""
    path = folder / "provider.yaml"
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        street, city, region, code = (
            _line(written["address"][part]) for part in ("street", "city", "region", "postal_code")
        )
        return Seller(
            name=_line(written["name"]),
            legal_name=_line(written["legal_name"]),
            address=(street, f"{city}, {region} {code}"),
            email=_line(written["email"]),
            phone=_line(written["phone"]),
            website=str(written.get("website", "")).removeprefix("https://").strip("/"),
            mark=(folder / written["mark"]).read_text(encoding="utf-8"),
            accent=written["colors"]["accent"]["light"],
            terms=_terms(_line(written["refund_rule"]), written.get("refunds") or {}),
        )
    except KeyError as error:
        raise SellerRefused(f"{path}: invoices need {error}; add it") from error
    except (OSError, yaml.YAMLError, TypeError, ValueError, AttributeError) as error:
        raise SellerRefused(f"{path} cannot be read: {error}") from error


@cache
def current() -> Seller:
    """The provider of this installation."""
    return read(Path(settings.PROVIDER))


def _terms(text: str, refunds: Mapping[str, Any]) -> Terms:
    if unknown := set(refunds) - {"days", "until_exam"}:
        raise ValueError(f"refunds has no {', '.join(sorted(unknown))}")
    days = refunds.get("days")
    if days is not None and (type(days) is not int or days < 0):
        raise ValueError(f"refunds.days is a number of days, not {days!r}")
    until_exam = refunds.get("until_exam", False)
    if type(until_exam) is not bool:
        raise ValueError(f"refunds.until_exam is yes or no, not {until_exam!r}")
    return Terms(text=text, days=days, until_exam=until_exam)


def _line(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"expected text, found {value!r}")
    return " ".join(value.split())
