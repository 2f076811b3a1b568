"""People for tests."""

import hashlib
from datetime import timedelta
from itertools import count

from creditable.audit.clock import now
from creditable.lib.actor import Actor
from creditable.people import accounts, licenses, roles
from creditable.people.models import License, Person, Session

BY = Actor.system("tests")
_numbers = count(1)


def make_person(*, email: str = "", name: str = "Ana Diaz", role: str = "") -> Person:
    """A person with a proved address, and a role if one is named."""
    address = email or f"person{next(_numbers)}@example.com"
    person = accounts.open_account(email=address, name=name, verified=True, by=BY)
    if role:
        roles.grant(subject_id=person.pk, role=role, by=BY)
    return person


def sign_in(person: Person, name: str = "phone") -> str:
    """A browser of the person; returns the digest of its session."""
    digest = hashlib.sha256(f"{person.pk}{name}".encode()).hexdigest()
    at = now()
    Session.objects.update_or_create(
        digest=digest,
        defaults={"seen_at": at, "expires_at": at + timedelta(days=14)},
        create_defaults={
            "subject_id": person.pk, "sealed": b"", "expires_at": at + timedelta(days=14)
        },
    )  # fmt: skip
    return digest


def make_license(
    person: Person,
    *,
    authority: str = "us-tx-tdlr-electricians",
    license_type: str = "journeyman",
    number: str = "123456",
) -> License:
    return licenses.add(
        subject_id=person.pk,
        authority=authority,
        license_type=license_type,
        number=number,
        name_as_printed=person.name,
        issued=None,
        expires=None,
        by=BY,
    )
