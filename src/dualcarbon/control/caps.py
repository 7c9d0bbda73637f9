"""The cap yardstick: what was used against the seasonal share of the annual cap, from past years.

A capped total is judged by its allowance, not by its rise. Without a number there is no light.
"""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from dualcarbon.control.draft import Draft, Note
from dualcarbon.control.series import Levels, Problem
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.periods import Period

PAST_YEARS = 3


def seasonal_share(levels: list[Levels], year: int, month: int) -> tuple[Node, int]:
    """Give the mean share of January to `month` in the last whole years, and how many there were.

    Without a whole past year the months count as equal.
    """
    shares = []
    for before in range(year - PAST_YEARS, year):
        for item in levels:
            part, whole = item.to_date(before, month), item.to_date(before, 12)
            if isinstance(part, Node) and isinstance(whole, Node) and whole.value:
                shares.append(apply("quotient", f"share to date {before}", "1", part, whole))
                break
    if shares:
        return apply("mean", "seasonal share", "1", *shares), len(shares)
    gone, months = constant("months gone", month), constant("months", 12)
    return apply("linear_share", "share of months", "1", gone, months), 0


def latest_level(levels: list[Levels], year: int, on: dt.date) -> tuple[Period, Node | Problem]:
    """Give the latest level year to date, or the hole that stands in its way."""
    months = sorted({m for item in levels for m in item.ends(year)}, reverse=True)
    problem: Problem | None = None
    for month in months:
        for item in levels:
            found = item.to_date(year, month)
            if isinstance(found, Node):
                return Period.year_to_date(year, month), found
            problem = problem or (found if found.kind == "hole" else None)
        if problem:
            return problem.period, problem
    period = Period.parse(str(year))
    name = levels[0].indicator if levels else ""
    return period, Problem("absent", "no_rows", name, period)


def judge_cap(
    value: Node,
    cap: Node | None,
    share: Node,
    past_years: int,
    *,
    period: Period,
    unit: str,
    declared: bool,
    deadline: dt.date,
    on: dt.date,
) -> Draft:
    """Judge what was used against the allowance to date; `needed` is what is left of the cap."""
    complete = period.last[1] == 12
    draft = Draft(
        "cap",
        period,
        unit,
        "down",
        value=value,
        declared=value if declared else None,
        computed=None if declared else value,
        complete=complete,
    )
    if cap is None or cap.value is None:
        return evolve(draft, notes=(Note("no_cap"),))
    required = cap if complete else apply("product", "allowance to date", unit, cap, share)
    gap = apply("behind_down", "gap", unit, value, required)
    left = apply("difference", "left of the cap", unit, cap, value)
    over = complete and float(left.value or 0) < 0
    notes = () if complete else (Note("season", {"years": past_years}),)
    state = "overdue" if over and on >= deadline else "done" if complete and not over else None
    return evolve(
        draft,
        required=required,
        gap=gap,
        needed=left,
        left=left,
        state=state,
        overdue=over,
        notes=notes,
    )
