"""Annual caps of enterprises: monthly budgets by the season of past years, and what is left.

A month's share is a ratio of sums over the whole earlier years of the same enterprise; the budgets
add up to the cap exactly. A year with an absent month serves for nothing; nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from dualcarbon.editions import Input
from dualcarbon.errors import DualcarbonError, InputError, UsageError
from dualcarbon.findings import Finding, finding, worst
from dualcarbon.periods import Period
from dualcarbon.plan.decompose.base import unit_headers
from dualcarbon.plan.decompose.exact import exact, nearest, whole
from dualcarbon.plan.decompose.target import quantum
from dualcarbon.tables import Column, Table, read_table
from dualcarbon.tables.model import Reading
from dualcarbon.units import ratio

MONTHS = tuple(range(1, 13))
CAPS = Table(
    "caps",
    (
        Column("subject", aliases=("对象", "单位", "enterprise", "组", "group")),
        Column("allowed", "number", aliases=("cap", "total", "总量", "上限", "允许量")),
    ),
    key=("subject",),
)
HISTORY = Table(
    "history",
    (
        Column("subject", aliases=("对象", "单位", "enterprise")),
        Column("period", "period", aliases=("期间", "月份", "month")),
        Column("energy", "number", aliases=("quantity", "amount", "能耗", "用量", "数量")),
    ),
    key=("subject", "period"),
)
DEFAULT_UNIT = "tce"
History = Mapping[str, Mapping[tuple[int, int], Fraction]]


@frozen
class Budget:
    """The year of one enterprise in quanta: cap, budget and use by month, years behind the season.

    `months` is None where no whole earlier year exists. `used` ends before the first absent month.
    """

    subject: str
    cap: int
    months: tuple[int, ...] | None
    used: tuple[int, ...]
    years: tuple[int, ...]

    @property
    def to_date(self) -> int | None:
        """Give the budget of the months reported; None without a budget."""
        return None if self.months is None else sum(self.months[: len(self.used)])

    @property
    def alert(self) -> str:
        """Give over_cap, over_budget, none, or no_data."""
        spent = sum(self.used)
        if spent > self.cap:
            return "over_cap"
        if not self.used or self.to_date is None:
            return "no_data"
        return "over_budget" if spent > self.to_date else "none"


@frozen
class Budgets:
    """Budgets of a year, the unit they are shown in and the quanta in it."""

    year: int
    rows: tuple[Budget, ...]
    unit: str
    quantum: str
    size: Fraction
    findings: tuple[Finding, ...]
    inputs: tuple[Input, ...]


def read_caps(path: Path) -> tuple[dict[str, Fraction], str | None, Input]:
    """Read `subject, allowed` (such as the csv of a decomposition): amounts, unit, the input.

    Errors: InputError for any bad cell, or a cap below zero.
    """
    reading, unit = _read(path, CAPS, "allowed")
    rows = reading.frame.select("subject", "allowed").rows()
    bad = [_level(reading, name, value) for name, value in rows if value < 0]
    if bad:
        raise InputError(*bad)
    source = Input(reading.file, reading.sha256, reading.rows_read)
    return {name: exact(value) for name, value in rows}, unit, source


def _level(reading: Reading, subject: str, value: float) -> Finding:
    return finding("plan.decompose_level", found=value, name=reading.file, subject=subject)


def _read(path: Path, table: Table, column: str) -> tuple[Reading, str | None]:
    headers = unit_headers(path, table)
    columns = tuple(
        evolve(item, aliases=(*item.aliases, headers[item.name][0]))
        if item.name in headers
        else item
        for item in table.columns
    )
    reading = read_table(path, evolve(table, columns=columns))
    if worst(reading.findings) == "error":
        raise InputError(*(item for item in reading.findings if item.severity == "error"))
    return reading, headers[column][1] if column in headers else None


def read_history(path: Path) -> tuple[History, str | None, Input]:
    """Read `subject, period, energy` by month.

    Errors: InputError for any bad cell, a period that is no single month, an amount below zero.
    """
    reading, unit = _read(path, HISTORY, "energy")
    found: dict[str, dict[tuple[int, int], Fraction]] = {}
    bad = []
    for subject, period, value in reading.frame.select("subject", "period", "energy").iter_rows():
        months = Period.parse(period).months
        if len(months) != 1:
            bad.append(finding("plan.budget_period", found=period))
        elif value < 0:
            bad.append(_level(reading, subject, value))
        else:
            found.setdefault(subject, {})[months[0]] = exact(value)
    if bad:
        raise InputError(*bad)
    return found, unit, Input(reading.file, reading.sha256, reading.rows_read)


def budgets(caps: Path, history: Path, year: int, to: int | None = None) -> Budgets:
    """Spread annual caps over the months of a year, and hold what was used against them.

    `to`: the last month looked at; None = all reported. Units are read from the headers, tce where
    none is written. Source: docs/methods/decomposition.md.
    Errors: InputError for a bad cell; UsageError for a month that is none.
    """
    if to is not None and to not in MONTHS:
        raise UsageError(finding("plan.budget_month", found=to, expected=f"{year}-01 … {year}-12"))
    amounts, unit, first = read_caps(caps)
    months, other, second = read_history(history)
    shown = unit or other or DEFAULT_UNIT
    fine, size = quantum(shown)
    findings = [] if unit and other else [finding("plan.decompose_unit", found=shown)]
    turned = ratio(other or shown, shown) * size
    strangers = [name for name in months if name not in amounts]
    findings += [finding("plan.budget_stranger", found=name) for name in strangers]
    rows = []
    for name, cap in amounts.items():
        row, said = budget(name, nearest(cap * size), months.get(name, {}), turned, year, to)
        rows.append(row)
        findings += said
    return Budgets(year, tuple(rows), shown, fine, size, tuple(findings), (first, second))


def budget(
    subject: str,
    cap: int,
    history: Mapping[tuple[int, int], Fraction],
    size: Fraction,
    year: int,
    to: int | None = None,
) -> tuple[Budget, list[Finding]]:
    """Give the budget of one enterprise; `history` by year and month, `size` quanta in its unit."""
    findings = []
    years = _whole_years(history, year)
    if not years:
        findings.append(finding("plan.budget_no_history", found=subject, severity="warning"))
    used: list[int] = []
    for month in MONTHS[: to or 12]:
        if (year, month) not in history:
            break
        used.append(nearest(history[year, month] * size))
    missing = len(used) + 1
    later = any(at == year and missing < month <= (to or 12) for at, month in history)
    if later:
        gap = f"{year}-{missing:02}"
        findings.append(finding("plan.budget_gap", found=subject, month=gap))
    return Budget(subject, cap, _months(cap, history, years), tuple(used), years), findings


def _whole_years(history: Mapping[tuple[int, int], Fraction], year: int) -> tuple[int, ...]:
    earlier = sorted({at for at, _ in history if at < year})
    return tuple(
        at
        for at in earlier
        if all((at, month) in history for month in MONTHS)
        and any(history[at, month] for month in MONTHS)
    )


def _months(
    cap: int, history: Mapping[tuple[int, int], Fraction], years: Sequence[int]
) -> tuple[int, ...] | None:
    if not years:
        return None
    sums = [sum((history[at, month] for at in years), Fraction(0)) for month in MONTHS]
    whole_sum = sum(sums, Fraction(0))
    shares = [cap * part / whole_sum for part in sums]
    return tuple(whole(shares, [f"{month:02}" for month in MONTHS]))


def payload(found: Budgets) -> dict[str, Any]:
    """Give the answer as JSON data; amounts in `unit`, exact in `quantum`."""
    rows = [_row(found, row) for row in found.rows]
    words = ("none", "over_budget", "over_cap", "no_data")
    return {
        "year": found.year,
        "unit": found.unit,
        "quantum": found.quantum,
        "rows": rows,
        "alerts": {word: sum(row["alert"] == word for row in rows) for word in words},
    }


def _row(found: Budgets, row: Budget) -> dict[str, Any]:
    def shown(quanta: int | None) -> float | None:
        return None if quanta is None else float(quanta / found.size)

    spent, months = sum(row.used), row.months
    left = None if months is None else sum(months[len(row.used) :])
    return {
        "subject": row.subject,
        "cap": shown(row.cap),
        "cap_quanta": row.cap,
        "months": None if months is None else [shown(value) for value in months],
        "months_quanta": None if months is None else list(months),
        "years": list(row.years),
        "to": f"{found.year}-{len(row.used):02}" if row.used else None,
        "used": shown(spent) if row.used else None,
        "budget_to_date": shown(row.to_date) if row.used else None,
        "used_percent": round(spent / row.to_date * 100, 2) if row.used and row.to_date else None,
        "left": shown(row.cap - spent) if row.used else None,
        "needed_percent": round(((row.cap - spent) / left - 1) * 100, 2) if left else None,
        "alert": row.alert,
    }


def month_of(text: str, year: int) -> int:
    """Read a month of a year; UsageError when it is none."""
    try:
        months = Period.parse(text).months
    except DualcarbonError:
        months = ()
    if len(months) != 1 or months[0][0] != year:
        raise UsageError(
            finding("plan.budget_month", found=text, expected=f"{year}-01 … {year}-12")
        )
    return int(months[0][1])
