"""The level yardstick: a state to reach by the deadline, such as a share or an efficiency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve

from dualcarbon.control.draft import Draft
from dualcarbon.control.known import Fact
from dualcarbon.control.series import Problem
from dualcarbon.control.trace import Node, apply
from dualcarbon.periods import Period


def judge_level(
    facts: Sequence[Fact],
    target: Node | None,
    *,
    period: Period,
    unit: str,
    direction: str | None,
    indicator: str,
    deadline: dt.date,
    on: dt.date,
) -> Draft:
    """Judge the latest level of a period against the whole target; there is no part-way line."""
    own = [f for f in facts if not f.growth and period.contains(f.period)]
    own.sort(key=lambda f: (f.period.last, f.origin == "declared"))
    if not own:
        problem = Problem("absent", "no_rows", indicator, period)
        return Draft("level", period, unit, direction, problem=problem)
    at = own[-1].period.last
    declared = next((f.node() for f in own if f.period.last == at and f.origin == "declared"), None)
    computed = next((f.node() for f in own if f.period.last == at and f.origin == "computed"), None)
    value = declared or computed
    draft = Draft(
        "level", own[-1].period, unit, direction, value=value, declared=declared, computed=computed
    )
    if target is None or value is None:
        return draft
    rule = "behind_up" if direction == "up" else "behind_down"
    gap = apply(rule, "gap", unit, value, target)
    done = round(float(gap.value or 0), 9) <= 0
    late = on > deadline and not done
    full = own[-1].period.last >= period.last
    state = "done" if done and full else "overdue" if late and full else None
    return evolve(draft, required=target, needed=target, gap=gap, state=state, overdue=late)
