"""The mark of a test that proves a promise of docs/promises.csv."""

import pytest

from creditable.ops import promises

KNOWN = frozenset(promises.read())


def promise(*ids: str) -> pytest.MarkDecorator:
    """Mark a test, or a class of tests, as the proof of these promises."""
    if not ids or not KNOWN.issuperset(ids):
        unknown = ", ".join(sorted(set(ids) - KNOWN)) or "no id at all"
        raise ValueError(f"docs/promises.csv does not list {unknown}")
    return pytest.mark.promise(*ids)
