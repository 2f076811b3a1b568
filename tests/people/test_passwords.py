"""Long passwords, stored as OWASP asks."""

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.factories.people import make_person
from tests.people.signing import enroll

pytestmark = pytest.mark.django_db


def test_a_password_is_stored_as_argon2id_at_owasps_minimum() -> None:
    person = make_person()
    person.set_password("correct horse battery")
    algorithm, variety, version, costs, _ = person.password.split("$", 4)
    assert (algorithm, variety, version) == ("argon2", "argon2id", "v=19")
    assert costs == "m=19456,t=2,p=1"
    assert person.check_password("correct horse battery")
    assert not person.check_password("correct horse batterY")
    assert not identify_hasher(person.password).must_update(person.password)


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "123456789987654321",
        "passwordPassword",
        "ana.diaz@example.com",
        "Ana Diaz Ana Diaz",
    ],
)
def test_short_common_or_ones_own_data_is_refused(password: str) -> None:
    person = make_person(email="ana.diaz@example.com", name="Ana Diaz Ana Diaz")
    with pytest.raises(ValidationError):
        validate_password(password, person)


def test_eight_characters_are_enough_beside_a_second_factor() -> None:
    person = make_person()
    with pytest.raises(ValidationError, match="15"):
        validate_password("kq7-wzp4", person)
    enroll(person)
    validate_password("kq7-wzp4", person)
    with pytest.raises(ValidationError, match="8"):
        validate_password("kq7-wzp", person)


@pytest.mark.parametrize(
    "password",
    ["a b c d e f g h i j k l", "ＰＡＳＳ ｗｏｒｄ ｉｓ ｍｉｎｅ", "💡🔌🧰⚡🔧🪛🔩🪜🧯🔋🎛🪫📟🖲🕹"],
)
def test_any_signs_will_do(password: str) -> None:
    validate_password(password, make_person())
