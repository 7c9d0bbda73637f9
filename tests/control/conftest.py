"""Helpers of the control tests: write a data folder in a few lines, judge it, find a standing."""

import csv
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dualcarbon.control.data import read_data
from dualcarbon.control.standing import Standings, standing
from dualcarbon.control.tables import FILES
from dualcarbon.packs import Pack, load_pack
from dualcarbon.plan import Plan
from dualcarbon.plan.load import load_plan

ROW = {
    "statistics": {
        "subject_kind": "city",
        "subject": "city",
        "basis": "cumulative",
        "unit": "%",
        "origin": "declared",
        "vintage": "final",
        "recorded_at": "2024-01-01",
        "source": "bulletin",
    },
    "activity": {
        "subject_kind": "city",
        "subject": "city",
        "flow": "use",
        "vintage": "final",
        "recorded_at": "2024-01-01",
        "source": "report",
    },
    "progress": {"evidence": "document"},
    "enterprises": {},
    "deductions": {},
}
Rows = Sequence[Mapping[str, Any]]


def write(folder: Path, table: str, rows: Rows, encoding: str = "utf-8") -> Path:
    """Write a csv of a data folder; what a row does not say is a plain default."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [column.name for column in FILES[table].columns]
    path = folder / f"{table}.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows({**ROW[table], **row} for row in rows)
    return path


@cache
def _loaded(plan: str, search: tuple[Path, ...]) -> tuple[Plan, Pack]:
    loaded = load_plan(plan, search)
    return loaded, load_pack(loaded.pack, search)


class Case:
    """A data folder under test and the standings it gives."""

    def __init__(self, folder: Path, plan: str, search: Sequence[Path] = ()) -> None:
        self.folder = folder
        self.plan, self.pack = _loaded(plan, tuple(search))
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, table: str, *rows: Mapping[str, Any]) -> "Case":
        write(self.folder, table, rows)
        return self

    def standings(self, on: str, **options: Any) -> Standings:
        data = read_data(self.folder, self.pack)
        return standing(self.plan, dt.date.fromisoformat(on), data, **options)

    def one(self, commitment: str, on: str, subject: str | None = None, **options: Any) -> Any:
        rows = self.standings(on, **options).to_json()["standings"]
        found = [
            row
            for row in rows
            if row["commitment"] == commitment and (subject is None or row["subject"] == subject)
        ]
        assert len(found) == 1, [row["subject"] for row in found]
        return found[0]

    @staticmethod
    def level(row: Mapping[str, Any], scheme: str) -> Any:
        """Give the level that a scheme gives a standing, or None."""
        return next((lv["level"] for lv in row["levels"] if lv["scheme"] == scheme), None)


@pytest.fixture
def case(tmp_path: Path) -> Callable[..., Case]:
    def make(plan: str = "shanghai-2024", search: Sequence[Path] = ()) -> Case:
        return Case(tmp_path / "data", plan, search)

    return make


@pytest.fixture
def lanting(tmp_path: Path, root: Path) -> Case:
    """The invented second city, whose plan has a cap, a stated profile and single members."""
    return Case(tmp_path / "data", "lanting-2026", [root / "tests/fixtures/packs"])
