"""Helpers: write the records of a schedule in a few lines, and ask what is owed."""

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dualcarbon.control.schedule import Schedule, load_calendar, read_records, schedule
from dualcarbon.packs import Pack, load_pack
from dualcarbon.subjects import load_words

PLANT = {
    "enterprise": "E1",
    "name_zh": "甲厂",
    "name_en": "Plant One",
    "industry": "25",
    "located_in": "金山区",
    "assessed_by": "310000",
    "tier": "thousand",
    "sector": "industry",
}


class Desk:
    """A folder of records and the schedules it gives."""

    def __init__(self, folder: Path, pack: Pack) -> None:
        self.folder, self.pack, self.words = folder, pack, load_words(pack)
        self.rules = load_calendar(pack)
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, table: str, *rows: Mapping[str, Any]) -> "Desk":
        names = list(dict.fromkeys(name for row in rows for name in row))
        path = self.folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return self

    def ask(self, subject: str, year: int, on: str, rules: Sequence[Any] | None = None) -> Schedule:
        records = read_records(self.folder, self.words)
        day = dt.date.fromisoformat(on)
        return schedule(rules or self.rules, subject, year, day, self.words, records)

    def one(self, item: str, subject: str, year: int, on: str, period: str | None = None) -> Any:
        found = [
            entry
            for entry in self.ask(subject, year, on).items
            if entry.rule.item == item and period in (None, entry.period)
        ]
        assert len(found) == 1, [entry.period for entry in found]
        return found[0]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data", load_pack("shanghai")).write("enterprises", PLANT)
