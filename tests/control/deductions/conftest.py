"""Helpers: a table of facts in a few words, and a deduction from it."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dualcarbon.control.deductions import Facts, read_facts
from dualcarbon.control.deductions.amounts import Amounts
from dualcarbon.control.deductions.compare import deduct_all
from dualcarbon.packs import Pack, load_pack
from dualcarbon.subjects import load_words

UNITS = {"gdp": "CNY", "intensity_target": "%", "incentive_met": "1"}
NAMES = ("subject", "year", "item", "quantity", "unit", "evidence", "certificates", "recorded_at")
ZERO = {
    "feedstock": 0,
    "renewable_power": 0,
    "nuclear_power": 0,
    "other_non_fossil": 0,
    "certificates_in": 0,
    "certificates_out": 0,
    "exempt_projects": 0,
}
Row = Mapping[str, Any]


def row(item: str, year: int, quantity: Any, **more: Any) -> dict[str, Any]:
    unit = UNITS.get(item, "tce")
    return {
        "subject": "city",
        "year": year,
        "item": item,
        "quantity": quantity,
        "unit": unit,
    } | more


def year_of(year: int, energy: float, gdp: float, **items: Any) -> list[dict[str, Any]]:
    """Give the rows of a year that names everything; what is not said is a written zero."""
    given = {"energy_total": energy, "gdp": gdp, **ZERO, **items}
    return [row(item, year, value) for item, value in given.items() if value is not None]


class Bench:
    """Writes facts and deducts from them."""

    def __init__(self, folder: Path, pack: Pack) -> None:
        self.path, self.pack, self.words = folder / "facts.csv", pack, load_words(pack)

    def write(self, rows: Sequence[Row]) -> Path:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, NAMES, restval="")
            writer.writeheader()
            writer.writerows(rows)
        return self.path

    def facts(self, rows: Sequence[Row], on: Any = None) -> Facts:
        return read_facts(self.write(rows), self.words, on)

    def all(
        self, rows: Sequence[Row], regime: str = "ec2024", level: str = "province", **options: Any
    ) -> Any:
        amounts = Amounts(self.facts(rows, options.pop("on", None)), self.pack)
        return deduct_all(amounts, self.words, [regime], level, **options)[0]

    def one(self, rows: Sequence[Row], regime: str = "ec2024", **options: Any) -> Any:
        return self.all(rows, regime, **options)[0]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, load_pack("shanghai"))


@pytest.fixture
def bench_of(tmp_path: Path) -> Callable[[Pack], Bench]:
    return lambda pack: Bench(tmp_path, pack)
