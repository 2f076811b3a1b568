"""A provider may choose its colors, as long as everybody can read them."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from creditable.ops.demonstration import providers
from creditable.web.ui import provider
from creditable.web.ui.checks import provider_can_be_shown
from creditable.web.ui.provider import ProviderRefused, contrast

ELECTRIC = Path(__file__).parents[3] / "demo" / "electric"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_the_one_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("name", providers())
def test_every_provider_of_the_demo_reads_well(name: str) -> None:
    read = provider.read(ELECTRIC.parent / name)

    assert read.name in read.legal_name
    assert "light-dark(" in read.stylesheet
    assert read.mark.lstrip().startswith("<svg")


def test_no_two_providers_of_the_demo_look_alike() -> None:
    looks = [provider.read(ELECTRIC.parent / name) for name in providers()]

    assert len({read.stylesheet for read in looks}) == len(looks)
    assert len({read.mark for read in looks}) == len(looks)


def test_the_addresses_of_the_files_change_with_them(tmp_path: Path) -> None:
    changed = _copy(tmp_path, "#8f4310", "#8f4311")

    assert provider.read(changed).digest != provider.read(ELECTRIC).digest


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('accent: {light: "#8f4310"', 'accent: {light: "#e0a070"', "colors.accent.light #e0a070"),
        ('dark: "#f3a866"', 'dark: "#5a3310"', "colors.accent.dark #5a3310"),
        ('from: "#16222f"', 'from: "#d0d8e0"', "colors.hero.from #d0d8e0"),
        ('light: "#f8ece1"', 'light: "copper"', "colors.tint.light must look like"),
        ("name: Wirewright Academy", "name: [Wirewright]", "name must be text"),
        ("mark: mark.svg", "mark: lost.svg", "lost.svg"),
        ("address:", "addresses:", "address must hold"),
        ("colors:", "colors: [", "provider.yaml"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(ProviderRefused) as refused:
        provider.read(_copy(tmp_path, old, new))

    assert says in str(refused.value)
    assert "provider.yaml" in str(refused.value)


def _copy(folder: Path, old: str, new: str) -> Path:
    shutil.copy(ELECTRIC / "mark.svg", folder)
    text = (ELECTRIC / "provider.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "provider.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_the_program_does_not_start_with_a_provider_that_cannot_be_shown(
    tmp_path: Path, settings: Any
) -> None:
    assert provider_can_be_shown(None) == []

    settings.PROVIDER = _copy(tmp_path, 'accent: {light: "#8f4310"', 'accent: {light: "#e0a070"')

    (error,) = provider_can_be_shown(None)
    assert error.id == "web_ui.E001"
    assert "hard to read" in error.msg
