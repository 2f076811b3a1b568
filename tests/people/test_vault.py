"""What stands encrypted in a row is readable here alone, and for its purpose alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from creditable.people import vault


@given(st.binary(max_size=500))
def test_a_sealed_secret_comes_back_and_shows_nothing(plain: bytes) -> None:
    sealed = vault.seal(plain, purpose="tests")
    assert vault.open_sealed(sealed, purpose="tests") == plain
    assert len(plain) < 4 or plain not in sealed


def test_no_other_purpose_key_or_byte_opens_it(settings: Settings) -> None:
    sealed = vault.seal(b"482913", purpose="tests")
    altered = sealed[:-2] + bytes([sealed[-2] ^ 1]) + sealed[-1:]
    for token, purpose in ((sealed, "other"), (altered, "tests"), (b"", "tests")):
        with pytest.raises(vault.Unreadable):
            vault.open_sealed(token, purpose=purpose)
    settings.SECRET_KEY = "another"
    with pytest.raises(vault.Unreadable):
        vault.open_sealed(sealed, purpose="tests")


def test_a_changed_key_still_opens_what_the_old_one_sealed(settings: Settings) -> None:
    sealed = vault.seal(b"482913", purpose="tests")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert vault.open_sealed(sealed, purpose="tests") == b"482913"
