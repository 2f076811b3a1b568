from pathlib import Path

import pytest

from creditable.credit import pack as packs
from creditable.credit.pack import Pack

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "creditable" / "credit" / "authorities"
DEMO = ROOT / "demo" / "electric" / "authorities"


@pytest.fixture(scope="session")
def texas() -> Pack:
    return packs.read(SHIPPED / "us-tx-tdlr-electricians")


@pytest.fixture(scope="session")
def demo_board() -> Pack:
    return packs.read(DEMO / "demo-state-board")
