"""Legal matters for tests."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from creditable.audit.clock import now
from creditable.disclosure.models import Matter
from creditable.lib.actor import Actor
from creditable.rights import legal

DOCUMENT = b"%PDF the court orders"


def make_matter(*people: UUID, approvals: int = 2, **changed: Any) -> Matter:
    """An order about these people's names and orders, approved by so many of the staff."""
    told: dict[str, Any] = {
        "kind": "court_order",
        "authority": "District Court of Travis County",
        "reached_at": "512 555 0100, by the court's own register",
        "reference": "D-1-GN-26-000123",
        "people": list(people),
        "categories": ["user.name", "user.behavior.purchase_history"],
        "expires": now().date() + timedelta(days=30),
        "hidden_until": None,
        "filename": "order.pdf",
        "document": DOCUMENT,
        "by": Actor.staff(uuid4()),
        **changed,
    }
    matter = legal.open(**told)
    for _approval in range(approvals):
        legal.approve(matter=matter, by=Actor.staff(uuid4()))
    return matter
