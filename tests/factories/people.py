"""People for tests."""

from itertools import count

from creditable.lib.actor import Actor
from creditable.people import accounts, licenses, roles
from creditable.people.models import License, Person

BY = Actor.system("tests")
_numbers = count(1)


def make_person(*, email: str = "", name: str = "Ana Diaz", role: str = "") -> Person:
    """A person with a proved address, and a role if one is named."""
    address = email or f"person{next(_numbers)}@example.com"
    person = accounts.open_account(email=address, name=name, verified=True, by=BY)
    if role:
        roles.grant(subject_id=person.pk, role=role, by=BY)
    return person


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
