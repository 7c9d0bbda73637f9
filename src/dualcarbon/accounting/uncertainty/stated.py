"""Stated uncertainties: a table of ranges, and the one that holds for an activity or parameter.

Nothing is assumed: what no line states is `None` and is reported; a zero is stated as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.uncertainty.distributions import (
    KINDS,
    Marginal,
    from_bounds,
    from_percent,
)
from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Reading, Table, read_table

MATCH: Mapping[str, tuple[str, ...]] = {
    "name": ("参数", "参数名称"),
    "set": ("参数集",),
    "carrier": ("能源品种", "品种"),
    "area": ("地区",),
    "industry": ("行业",),
    "sector": ("部门",),
    "equipment": ("设备",),
    "flow": ("流向",),
    "basis": ("口径",),
    "purpose": ("用途",),
    "subject": ("主体",),
    "category": ("类别",),
    "gas": ("气体",),
    "source_class": ("数据来源类别", "来源类别"),
}
EVEN = 0.01
ACTIVITY, PARAMETER = "activity", "parameter"
SHARED, INDEPENDENT = "shared", "independent"
UNCERTAINTIES = Table(
    "uncertainties",
    (
        Column("applies_to", "choice", choices=(ACTIVITY, PARAMETER), aliases=("适用于",)),
        *(Column(name, required=False, nullable=True, aliases=al) for name, al in MATCH.items()),
        Column(
            "percent",
            "number",
            required=False,
            nullable=True,
            unit="%",
            aliases=("uncertainty", "不确定度", "不确定度%"),
        ),
        Column("low", "number", required=False, nullable=True, aliases=("下限",)),
        Column("high", "number", required=False, nullable=True, aliases=("上限",)),
        Column(
            "bounds",
            "choice",
            required=False,
            nullable=True,
            choices=("value", "percent"),
            aliases=("上下限口径",),
        ),
        Column(
            "distribution",
            "choice",
            required=False,
            nullable=True,
            choices=KINDS,
            aliases=("分布",),
        ),
        Column(
            "across_years",
            "choice",
            required=False,
            nullable=True,
            choices=(SHARED, INDEPENDENT),
            aliases=("跨年",),
        ),
        Column("source", required=False, nullable=True, aliases=("出处", "来源", "依据")),
        Column(
            "status",
            "choice",
            required=False,
            nullable=True,
            choices=("sourced", "unsourced", "synthetic"),
            aliases=("状态",),
        ),
    ),
)


@frozen(eq=False)
class Statement:
    """One line: what it applies to, the columns that must match, and the range it states."""

    applies_to: str
    match: Mapping[str, str]
    percent: float | None
    low: float | None
    high: float | None
    bounds: str
    distribution: str
    across_years: str
    status: str
    place: Place

    def marginal(self, value: float | None) -> Marginal:
        """Give the marginal around a value; `value` is needed for bounds in its own unit.

        Errors: InputError when the value is absent, zero or outside its bounds.
        """
        if self.percent is not None:
            return from_percent(self.distribution, self.percent)
        low, high = self._deviations(value)
        inside = low <= 0 <= high
        if not inside or (self.distribution == "lognormal" and low <= -1):
            raise InputError(
                finding(
                    "uncertainty.value_outside",
                    self.place,
                    found=value,
                    low=self.low,
                    high=self.high,
                    distribution=self.distribution,
                )
            )
        return from_bounds(self.distribution, low, high)

    def made_even(self, value: float | None) -> bool:
        """Tell whether a normal range was stated with bounds that do not lie evenly."""
        if self.percent is not None or self.distribution != "normal":
            return False
        low, high = self._deviations(value)
        return abs(low + high) > EVEN * (high - low)

    def _deviations(self, value: float | None) -> tuple[float, float]:
        low, high = float(self.low or 0), float(self.high or 0)
        if self.bounds == "percent":
            return low / 100, high / 100
        if not value:
            raise InputError(finding("uncertainty.no_value", self.place, found=value))
        first, second = low / value - 1, high / value - 1
        return min(first, second), max(first, second)


@frozen(eq=False)
class Stated:
    """The statements of a file: the most specific match of a row or parameter is the one."""

    statements: Sequence[Statement] = ()
    findings: Sequence[Finding] = ()
    inputs: Sequence[Input] = ()

    def columns(self, applies_to: str) -> list[str]:
        """Give the columns that statements of one kind look at."""
        found = {name for s in self.statements if s.applies_to == applies_to for name in s.match}
        return [name for name in MATCH if name in found]

    def match(self, applies_to: str, facts: Mapping[str, Any]) -> Statement | None:
        """Give the statement with the most columns, all of which equal the facts, or None.

        Errors: InputError that names both when two match equally well.
        """
        found = [
            s
            for s in self.statements
            if s.applies_to == applies_to
            and all(str(facts.get(name)) == value for name, value in s.match.items())
        ]
        if not found:
            return None
        most = max(len(s.match) for s in found)
        best = [s for s in found if len(s.match) == most]
        if len(best) > 1:
            what = ", ".join(f"{k}={v}" for k, v in facts.items() if v is not None)
            places = "; ".join(str(s.place) for s in best)
            raise InputError(
                finding("uncertainty.ambiguous", best[0].place, found=what, places=places)
            )
        return best[0]


def read_stated(path: Path) -> Stated:
    """Read a csv, xlsx or parquet file of UNCERTAINTIES.

    A line needs `percent` (half the 95 % range, % of the value) or both `low` and `high`. Errors:
    InputError with every fault and its cell, since a line left out would change the result.
    """
    reading = read_table(path, UNCERTAINTIES)
    bad = [item for item in reading.findings if item.severity == "error"]
    statements = []
    for row in reading.frame.iter_rows(named=True):
        place = reading.place(row["source_row"], _cell(row))
        if wrong := _wrong(row, place):
            bad.append(wrong)
        else:
            statements.append(_statement(row, place))
    if bad:
        raise InputError(*bad)
    source = Input(reading.file, reading.sha256, reading.frame.height)
    return Stated(statements, (*reading.findings, *_unsourced(reading)), (source,))


def stated_frame(frame: pl.DataFrame, name: str = "uncertainties") -> Stated:
    """Give the statements of a frame with the columns of UNCERTAINTIES; absent ones are null."""
    statements = []
    names = [column.name for column in UNCERTAINTIES.columns]
    for number, given in enumerate(frame.iter_rows(named=True), start=1):
        row = {key: given.get(key) for key in names}
        place = Place(name, row=number)
        if wrong := _wrong(row, place):
            raise InputError(wrong)
        statements.append(_statement(row, place))
    return Stated(statements)


def _cell(row: Mapping[str, Any]) -> str:
    return "percent" if row["percent"] is not None or row["low"] is None else "low"


def _wrong(row: Mapping[str, Any], place: Place) -> Finding | None:
    percent, low, high = row["percent"], row["low"], row["high"]
    numbers = [n for n in (percent, low, high) if n is not None]
    given = f"percent={percent}, low={low}, high={high}"
    if not all(math.isfinite(n) for n in numbers):
        return finding("uncertainty.range", place, found=given)
    if (percent is None) == (low is None and high is None) or (low is None) != (high is None):
        return finding("uncertainty.one_range", place, found=given)
    if (percent is not None and percent < 0) or (low is not None and low > high):
        return finding("uncertainty.range", place, found=given)
    if row["applies_to"] == ACTIVITY and row["bounds"] == "value":
        return finding("uncertainty.activity_bounds", place, found=given)
    return None


def _statement(row: Mapping[str, Any], place: Place) -> Statement:
    parameter = row["applies_to"] == PARAMETER
    return Statement(
        applies_to=row["applies_to"],
        match={name: str(row[name]) for name in MATCH if row[name] is not None},
        percent=row["percent"],
        low=row["low"],
        high=row["high"],
        bounds=row["bounds"] or ("value" if parameter else "percent"),
        distribution=row["distribution"] or "normal",
        across_years=row["across_years"] or (SHARED if parameter else INDEPENDENT),
        status=row["status"] or ("sourced" if row["source"] else "unsourced"),
        place=place,
    )


def _unsourced(reading: Reading) -> Iterable[Finding]:
    bare = reading.frame.filter(pl.col("source").is_null() & pl.col("status").is_null())
    if bare.height:
        place = reading.place(bare["source_row"][0])
        yield finding("uncertainty.unsourced", place, found=bare.height)
