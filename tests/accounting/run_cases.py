"""Small accounts for the tests of the run: rows by hand in, whole grams out."""

import csv
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl

from dualcarbon.accounting.run import (
    Run,
    RunOptions,
    load_gases,
    load_parameters,
    load_recipes,
    load_words,
    run,
)
from dualcarbon.packs import Pack, load_pack


def once(load: Callable[[Pack], Any]) -> Callable[[Pack], Any]:
    """Load a thing of a pack once for all tests: packs do not change while they run."""
    known: dict[str, Any] = {}

    def loaded(of: Pack) -> Any:
        if of.id not in known:
            known[of.id] = load(of)
        return known[of.id]

    return loaded


LOADS = (load_parameters, load_words, load_recipes, load_gases)
ONCE = {load.__name__: once(load) for load in LOADS}
COLUMNS = ("subject_kind", "subject", "carrier", "flow", "period", "quantity", "unit")
F = Fraction  # exact numbers, for what is worked out by hand
Row = Mapping[str, object]
G = 10**6  # grams in a tonne


@cache
def pack(name: str = "shanghai") -> Pack:
    return load_pack(name)


def row(
    carrier: str,
    quantity: object,
    unit: str,
    *,
    flow: str = "use",
    period: str = "2023-05",
    subject: str = "城市",
    kind: str = "enterprise",
    **more: object,
) -> dict[str, object]:
    given = (kind, subject, carrier, flow, period, quantity, unit)
    return {**dict(zip(COLUMNS, given, strict=True)), **more}


def write(path: Path, rows: Iterable[Row], encoding: str = "utf-8") -> Path:
    """Write rows as csv; a column that a row does not have stays empty."""
    rows = list(rows)
    names = list(dict.fromkeys([*COLUMNS, *(name for one in rows for name in one)]))
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


class Account:
    """A finished run, with its tables at hand."""

    def __init__(self, made: Run) -> None:
        self.run, self.edition = made, made.edition
        self.findings = made.findings

    def table(self, name: str) -> pl.DataFrame:
        return self.edition.table(name)

    def rules(self, severity: str | None = None) -> list[str]:
        return [one.rule for one in self.findings if severity in (None, one.severity)]

    def grams(self, gas: str, scope: int | None = None, **where: object) -> int | None:
        """Give the one total of a gas and scope; None where it is null."""
        (found,) = self.totals(gas, scope, **where)
        return found["grams"]

    def totals(self, gas: str, scope: int | None = None, **where: object) -> list[dict[str, Any]]:
        wanted = {"gas": gas, "scope": scope, **where}
        every = self.table("totals").to_dicts()
        return [one for one in every if all(one[k] == v for k, v in wanted.items())]

    def row(self, index: int = 0) -> dict[str, Any]:
        """Give the row of an activity row by its place in the one file, first data row 0."""
        (found,) = self.table("rows").filter(pl.col("source_row") == index + 2).to_dicts()
        return found


class Accounts:
    """Runs accounts of rows in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "editions"
        self._number = 0

    def file(self, rows: Iterable[Row], name: str | None = None) -> Path:
        self._number += 1
        return write(self.folder / (name or f"activity-{self._number}.csv"), rows)

    def overrides(self, *rows: Row) -> Path:
        """Write a file of overrides; a level that is not given is `lab`."""
        self._number += 1
        path = self.folder / f"overrides-{self._number}.csv"
        given = [{"level": "lab", "source": "report 7", **one} for one in rows]
        names = list(dict.fromkeys(["name", "value", "unit", *(n for one in given for n in one)]))
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(given)
        return path

    def of(self, *rows: Row, city: str = "shanghai", **options: Any) -> Account:
        return self.files(self.file(rows), city=city, **options)

    def files(self, *paths: Path, city: str = "shanghai", **options: Any) -> Account:
        with mock.patch.multiple("dualcarbon.accounting.run", **ONCE):
            return Account(run(list(paths), pack(city), RunOptions(**options), self.store))
