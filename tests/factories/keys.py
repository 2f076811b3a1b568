"""Identities that sign documents."""

from datetime import datetime
from pathlib import Path

from creditable.credit import keys, signing
from creditable.credit.keys import Use
from creditable.credit.signing import Identity


def make_identity(folder: Path, *, at: datetime) -> Identity:
    """Wirewright Academy's, with its key in that folder."""
    return signing.identity(
        keys.current(folder, Use.DOCUMENTS, organization="Wirewright Academy", at=at)
    )
