"""The Demo State Board as it would be if it took its reports in another way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from creditable.credit import packs, releases
from creditable.credit.pack import CeBroker, Column, Layout, Table
from creditable.disclosure import policies
from tests.factories.credit import BOARD

COLUMNS = (
    Column("license_number", "License"),
    Column("license_type", "Type"),
    Column("first_name", "First name"),
    Column("last_name", "Last name"),
    Column("course_number", "Course"),
    Column("completed_on", "Completed"),
)
TABLE = Table(
    name="{roster_id}.csv",
    date="%m/%d/%Y",
    hours=50,
    decimals=2,
    header=True,
    prolog=(),
    encoding="utf-8",
    newline="\r\n",
    delimiter=",",
    quote_all=False,
)
WAYS: dict[str, dict[str, Any]] = {
    "mail": {"format": "csv", "channel": "smtp", "address": "ce@board.example.com"},
    "sftp": {"format": "csv", "channel": "sftp", "destination": "board-inbox", "path": "/in"},
    "upload": {"format": "xlsx", "channel": "manual", "send": "staff"},
    "ce_broker": {
        "format": "ce_broker_xml",
        "channel": "https",
        "destination": "ce-broker",
        "path": "/CEBrokerWebService.asmx/UploadXMLString",
        "group_by": "course_and_day",
        "ce_broker": CeBroker("FL", {"journeyman": "EJ", "master": "EM"}),
    },
    "learner": {"format": "typein_list", "channel": "learner", "send": "staff"},
}


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Layout]:
    """Makes the board take reports in the way of that name; the policy permits it."""

    def by(way: str, **changes: Any) -> Layout:
        pack = packs.get(BOARD)
        changes = (
            {"send": "automatic", "participant": COLUMNS, "table": TABLE} | WAYS[way] | changes
        )
        changed = replace(pack, layout=replace(pack.layout, **changes))
        monkeypatch.setitem(packs._packs(), BOARD, changed)
        with monkeypatch.context() as patch:
            patch.setattr(releases, "register", lambda template: template)
            template = releases._roster_template(changed) if changed.is_told_by_us else None
        if template:
            monkeypatch.setitem(releases.ROSTERS, BOARD, template)  # type: ignore[arg-type]
        published = policies.decisions()

        class Permitting:
            policy = published.policy

            def decide(self, cell: Any, said: Any) -> Any:
                if cell.recipient == f"authority.{BOARD}":
                    cell = replace(cell, channel="https")
                return published.decide(cell, said)

        monkeypatch.setattr(policies, "compiled", lambda *version: Permitting())
        return changed.layout

    return by
