"""Which spellings are one person's name, as a registrar would judge."""

import pytest

from creditable.credit.names import matches


@pytest.mark.parametrize(
    ("license_name", "account_name"),
    [
        ("Dana Whitfield", "dana whitfield"),
        ("WHITFIELD, DANA", "Dana Whitfield"),
        ("WHITFIELD, DANA R.", "Dana Rose Whitfield"),
        ("Dana R Whitfield", "Dana Whitfield"),
        ("José Ñandú", "Jose Nandu"),
        ("Marcus O'Neill", "Marcus O’Neill"),
        ("Marcus ONeill", "Marcus O'Neill"),
        ("Teresa Vargas-Lopez", "Teresa Vargas Lopez"),
        ("Robert King Jr.", "Robert King"),
        ("Robert King, Jr.", "Robert King"),
        ("Anna Maria Luisa Rossi", "Anna Luisa Rossi"),
        ("Prince", "Prince"),
    ],
)
def test_spellings_of_one_name(license_name: str, account_name: str) -> None:
    assert matches(license_name, account_name)
    assert matches(account_name, license_name)


@pytest.mark.parametrize(
    ("license_name", "account_name"),
    [
        ("Dana Whitfield", "Dan Whitfield"),
        ("Dana Whitfield", "Dana Whitman"),
        ("Bob King", "Robert King"),
        ("Dana Rose Whitfield", "Dana Marie Whitfield"),
        ("Whitfield", "Dana Whitfield"),
        ("Dana", "Dana Whitfield"),
        ("", "Dana Whitfield"),
        (".", "."),
    ],
)
def test_different_names(license_name: str, account_name: str) -> None:
    assert not matches(license_name, account_name)
    assert not matches(account_name, license_name)
