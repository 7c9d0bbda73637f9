"""One enterprise month by month: this month, a year ago, cumulative."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dualcarbon_web.core.tables import Column, Row, Table, sort_rows
from dualcarbon_web.enterprises import movers
from dualcarbon_web.enterprises.models import Enterprise

GRAMS = 1e6


def columns() -> list[Column]:
    """The column grammar of time tables: this period, y/y, m/m, to date, to date y/y."""
    month, to_date = _("Month"), _("Year to date")
    return [
        Column("month", _("Month"), kind="name"),
        Column("value", _("This month"), "tce", "level", month, 0, strong=True),
        Column("growth", _("y/y"), "%", "change", month, 1),
        Column("chain", _("m/m"), "%", "change", month, 1),
        Column("sum", _("To date"), "tce", "level", to_date, 0),
        Column("sum_growth", _("y/y"), "%", "change", to_date, 1),
    ]


def table(item: Enterprise, sort: str) -> Table:
    """Energy of every month known, latest first; a missing month stays a gap."""
    grams = dict(movers.yearly(item))
    rows = [_row(month, grams) for month in reversed(_all_months(grams))]
    made = columns()
    return Table(
        id="months",
        caption=_("Energy by month (calorific value)"),
        columns=made,
        rows=sort_rows(rows, made, sort),
        sort=sort,
        marks=[_("SYNTHETIC DATA")] if item.synthetic else [],
        notes=_("… not reported. A sum to date needs every month before it; nothing is filled in."),
    )


def latest(table: Table) -> Row | None:
    """The latest month that was reported."""
    return next((row for row in table.rows if row["value"] is not None), None)


def _all_months(grams: dict[str, int]) -> list[str]:
    if not grams:
        return []
    first, last = min(grams), max(grams)
    years = range(int(first[:4]), int(last[:4]) + 1)
    months = [f"{year}-{month:02d}" for year in years for month in range(1, 13)]
    return [month for month in months if first <= month <= last]


def _before(month: str, back: int) -> str:
    index = int(month[:4]) * 12 + int(month[5:]) - 1 - back
    return f"{index // 12}-{index % 12 + 1:02d}"


def _growth(now: int | None, before: int | None) -> float | None:
    return None if now is None or not before else (now / before - 1) * 100


def _to_date(month: str, grams: dict[str, int]) -> int | None:
    parts = [grams.get(f"{month[:4]}-{m:02d}") for m in range(1, int(month[5:]) + 1)]
    return None if None in parts else sum(part for part in parts if part is not None)


def _row(month: str, grams: dict[str, int]) -> Row:
    value, total = grams.get(month), _to_date(month, grams)
    year_before = _before(month, 12)
    values = {
        "month": month,
        "value": None if value is None else value / GRAMS,
        "growth": _growth(value, grams.get(year_before)),
        "chain": _growth(value, grams.get(_before(month, 1))),
        "sum": None if total is None else total / GRAMS,
        "sum_growth": _growth(total, _to_date(year_before, grams)),
    }
    return Row(values)
