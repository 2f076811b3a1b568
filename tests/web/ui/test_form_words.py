"""What forms say is said in our words, also where the framework holds to a limit."""

from decimal import Decimal

import pytest
from django import forms
from django.test import Client

from creditable.policy.contents import Policy
from creditable.web.account.forms import name_field
from creditable.web.shop.contact import Message
from tests.factories.people import make_person

pytestmark = pytest.mark.django_db


def errors_of(field: forms.Field, value: object) -> str:
    with pytest.raises(forms.ValidationError) as error:
        field.clean(value)
    return " ".join(error.value.messages)


def test_a_limit_is_told_in_our_words() -> None:
    assert errors_of(name_field(), "x" * 200) == "Use at most 120 characters. These are 200."
    assert "Use at most 10000 characters" in str(Message({"message": "x" * 10_001}).errors)
    number = forms.DecimalField(min_value=Decimal("0.1"), max_value=Decimal(200))
    assert errors_of(number, "201") == "Enter a number up to 200."
    assert errors_of(number, "0") == "Enter a number from 0.1 up."


def test_a_very_long_name_is_refused_without_the_frameworks_sentence(
    client: Client, policy: Policy
) -> None:
    client.force_login(make_person())
    page = client.post("/account/", {"name": "x" * 500}).content.decode()
    assert "Use at most 120 characters" in page
    assert "Ensure this value" not in page
