"""The plan of this site, read from its pack."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from dualcarbon.control.formulas import cumulative, pathway
from dualcarbon.plan import Commitment, Plan, load_plan
from dualcarbon.plan.coverage import coverage_rows


@cache
def plan() -> Plan:
    """The plan that the settings name."""
    return load_plan(settings.PLAN)


def commitment(number: str) -> Commitment | None:
    """One commitment by its number, or None."""
    return next((item for item in plan().commitments if item.id == number), None)


def by_indicator(indicator: str) -> dict[str, str]:
    """Commitment numbers of an indicator by the kind of subject they ask of."""
    found: dict[str, str] = {}
    for item in plan().commitments:
        if item.indicator == indicator:
            found.setdefault(item.scope.subject_kind, item.id)
    return found


def five_year_path(
    indicator: str, subject: str | None, changes: dict[int, float]
) -> list[tuple[int, float | None, float | None]]:
    """Year, actual and required level of a five-year target, base year = 100; empty without one.

    `changes` are the yearly changes in % by year; a missing year ends the actual line.
    """
    five = plan().five_year
    target = five.target(indicator, subject) if five else None
    if five is None or target is None or target.value is None:
        return []
    path: list[tuple[int, float | None, float | None]] = [(five.base, 100.0, 100.0)]
    past: list[float] = []
    for year in range(five.first, five.last + 1):
        required = pathway(target.value, year - five.base, five.last - five.base)
        whole = len(past) == year - five.first and year in changes
        past += [changes[year]] if whole else []
        actual = 100 + cumulative(past) if whole else None
        path.append((year, actual, None if required is None else 100 + required))
    return path


def coverage() -> list[dict[str, Any]]:
    """What the software does about each obligation, one entry each, in the notice's order."""
    return coverage_rows(plan())


def without_target(item: Commitment | None, row: Any) -> tuple[str, ...]:
    """The columns that do not apply to a standing: a step that is due has no required value."""
    if item is None or item.yardstick != "milestone" or item.value is not None:
        return ()
    if row is not None and row.required is not None:
        return ()
    return "required", "gap"
