"""The rate yardstick: the change year to date against the full annual rate, at any date.

Sources: users.md 3 and 4; docs/methods/yardsticks.md. The gap is in percentage points, positive
when behind; `needed` is the change that the remaining months need.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve, frozen

from dualcarbon.control.draft import Draft, Note
from dualcarbon.control.known import Subject
from dualcarbon.control.series import Problem, Reader
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.periods import Period

PERCENT = "%"
POINTS = "percentage points"


@frozen
class Reading:
    """The change year to date that can be given: where it stands and what is beside it."""

    indicator: str
    period: Period
    declared: Node | None
    computed: Node | None
    problem: Problem | None = None
    notes: tuple[Note, ...] = ()

    @property
    def value(self) -> Node | None:
        """Give the declared change where one exists, else the computed one."""
        return self.declared or self.computed


def latest(reader: Reader, indicator: str, subject: Subject, year: int) -> Reading:
    """Give the latest change year to date of a year, or the problem that stands in its way.

    A hole or a contradiction in the latest data stops the search, it is not stepped over; where the
    body issued a value for an earlier month, that value stands and the hole is noted.
    """
    first: Problem | None = None
    held: Problem | None = None  # of a later month than the one looked at
    for month in reader.months(indicator, subject, year):
        period = Period.year_to_date(year, month)
        declared = reader.declared(indicator, subject, period)
        computed = reader.computed(indicator, subject, period)
        if isinstance(declared, Node) or (isinstance(computed, Node) and held is None):
            return _reading(indicator, period, declared, computed, held)
        for problem in (declared, computed):
            if isinstance(problem, Problem) and problem.kind != "absent":
                held = held or problem
        if isinstance(computed, Problem):
            first = first or computed
    reason = held or first or Problem("absent", "no_rows", indicator, Period.parse(str(year)))
    return Reading(indicator, reason.period, None, None, reason)


def _reading(
    indicator: str,
    period: Period,
    declared: Node | Problem,
    computed: Node | Problem,
    held: Problem | None,
) -> Reading:
    beside = [held, declared, computed]
    problems = [p for p in beside if isinstance(p, Problem) and p.kind != "absent"]
    notes = (Note("held", {"problem": problems[0]}),) if problems else ()
    return Reading(
        indicator,
        period,
        declared if isinstance(declared, Node) else None,
        computed if isinstance(computed, Node) else None,
        notes=notes,
    )


def judge_rate(
    reading: Reading,
    required: Node | None,
    share: Node | None,
    *,
    year: int,
    direction: str | None,
    deadline: dt.date,
    on: dt.date,
) -> Draft:
    """Judge a change year to date against the full annual rate.

    `share` is the part of last year's numerator in the same months; without it months are taken as
    equal, and the reason says so.
    """
    draft = Draft(
        "rate",
        reading.period,
        PERCENT,
        direction,
        value=reading.value,
        declared=reading.declared,
        computed=reading.computed,
        required=required,
        problem=reading.problem if reading.value is None else None,
        notes=reading.notes,
    )
    value = draft.value
    if value is None or value.value is None:
        return draft
    complete = reading.period == Period.parse(str(year))
    rose = direction != "up" and value.value > 0
    draft = evolve(draft, complete=complete, rose=rose)
    if required is None or required.value is None:
        return draft
    gap = apply(_behind(direction), "gap", POINTS, value, required)
    met = round(float(gap.value or 0), 9) <= 0
    draft = evolve(draft, gap=gap, overdue=complete and not met and on >= deadline)
    return draft if complete else _with_needed(draft, share)


def _behind(direction: str | None) -> str:
    return "behind_up" if direction == "up" else "behind_down"


def _with_needed(draft: Draft, share: Node | None) -> Draft:
    assert draft.required is not None
    assert draft.value is not None
    notes: Sequence[Note] = draft.notes
    if share is None:
        months = constant("months to date", draft.period.last[1])
        share = apply("linear_share", "share of months", "1", months, constant("months", 12))
        notes = (*notes, Note("equal_months"))
    needed = apply("needed_change", "needed", PERCENT, draft.required, draft.value, share)
    if needed.value is None:
        return evolve(draft, notes=(*notes, Note("out_of_reach")))
    return evolve(draft, needed=needed, notes=tuple(notes))


def remaining_required(
    target: Node, changes: Sequence[Node], years: int, floor: float
) -> tuple[Node, bool]:
    """Give the yearly change that spreads the remaining five-year task, and whether it is done.

    A subject that finished early keeps the floor, and that is said (clause R2.2). `floor` is a
    decline as the notice writes it: 0 keeps "no rise".
    """
    rate = apply(
        "remaining_rate", "remaining rate", PERCENT, target, constant("years left", years), *changes
    )
    early = rate.value is not None and round(float(rate.value), 9) >= -floor
    if not early:
        return rate, False
    limit = constant("floor", -floor, PERCENT)
    return apply("floor", "required", PERCENT, rate, limit), True
