"""The count and milestone yardsticks: what was delivered against what the profile expects by now.

Works have three columns that are never merged: started, accepted, metered-verified. The pack says
which one meets a commitment (`choices.count_stage`, default accepted).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.control.draft import Draft, Note
from dualcarbon.control.known import Known
from dualcarbon.control.series import Problem
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Month, Period
from dualcarbon.units import canonical, compatible, factor
from dualcarbon.words import STAGES

ORDER = tuple(STAGES)


@frozen
class Project:
    """A project of a commitment: the row of each stage that stands on the date."""

    name: str
    subject: str
    stages: Mapping[str, Mapping[str, Any]]

    def reached(self, stage: str) -> Mapping[str, Any] | None:
        """Give the row that shows a stage: its own, else that of the next later stage."""
        return next((self.stages[s] for s in ORDER[ORDER.index(stage) :] if s in self.stages), None)


@frozen
class Works:
    """The projects of a commitment, with what was found while reading their quantities."""

    projects: tuple[Project, ...]
    findings: tuple[Finding, ...] = ()
    last: Period | None = None


def works(known: Known, commitment: str, subject: str | None = None) -> Works:
    """Give the projects of a commitment; of one project and stage the latest row stands.

    `subject` restricts to one area; None takes every project once, wherever it stands.
    """
    stages: dict[str, dict[str, Mapping[str, Any]]] = {}
    where: dict[str, str] = {}
    last: Period | None = None
    rows = known.progress.filter(pl.col("commitment") == commitment)
    if subject:
        rows = rows.filter(pl.col("subject") == subject)
    for row in rows.iter_rows(named=True):
        period = Period.parse(row["span"])
        last = max(last, period) if last else period
        where[row["project"]] = row["subject"]
        held = stages.setdefault(row["project"], {}).get(row["stage"])
        if held is None or row["ends"] >= held["ends"]:
            stages[row["project"]][row["stage"]] = row
    projects = tuple(Project(name, where[name], rows) for name, rows in stages.items())
    return Works(projects, last=last)


def delivered(
    found: Works, stage: str, unit: str, period: Period
) -> tuple[Node | None, list[Finding]]:
    """Give the traced quantity that reached a stage within a period, each project once.

    A count without quantity counts one; any other unit without quantity is a finding and the
    project is left out. None when no project is known at all.
    """
    if not found.projects:
        return None, []
    parts: list[Node] = []
    findings: list[Finding] = []
    for project in found.projects:
        row = project.reached(stage)
        if row is None or not period.contains(Period.parse(row["span"])):
            continue
        part = _quantity(row, unit)
        if isinstance(part, Finding):
            findings.append(part)
        else:
            parts.append(part)
    name = f"{stage} {period}"
    if not parts:
        return constant(name, 0, unit), findings
    return apply("count", name, unit, *parts), findings


def _quantity(row: Mapping[str, Any], unit: str) -> Node | Finding:
    place = Place.parse(row["place"])
    own = row["unit"] or unit
    facts = {"project": row["project"], "commitment": row["commitment"]}
    if not compatible(own, unit):
        return finding("control.unit_work", place, found=own, expected=unit, **facts)
    if row["quantity"] is None and canonical(unit) != "count":
        return finding("control.no_quantity", place, found=None, expected=unit, **facts)
    if row["quantity"] is not None and row["quantity"] < 0:
        return finding(
            "control.negative_work", place, found=row["quantity"], expected=">= 0", **facts
        )
    cell = Node(
        f"{row['project']} {row['stage']} {row['span']}",
        1.0 if row["quantity"] is None else row["quantity"],
        own,
        "project" if row["quantity"] is None else "cell",
        table="progress",
        row=row["fact"],
        place=row["place"],
        source=row["evidence"],
        vintage="final",
    )
    if canonical(own) == canonical(unit):
        return cell
    per = constant(f"{own} -> {unit}", factor(own, unit), f"{unit}/{own}")
    return apply("convert", cell.name, unit, cell, per)


def last_full_month(on: dt.date) -> Month:
    """Give the last month that was over at the end of a day."""
    first = dt.date(on.year, on.month, 1)
    if Period.of_month(on.year, on.month).end == on:
        return on.year, on.month
    before = first - dt.timedelta(days=1)
    return before.year, before.month


def elapsed_months(period: Period, at: Month) -> int:
    """Give how many months of a period are over at the end of a month, none to all."""
    return sum(1 for month in period.months if month <= at)


def expected_share(profile: str | Mapping[str, float] | None, period: Period, at: Month) -> Node:
    """Give the traced part of a target that the profile expects by the end of a month.

    `linear` (default), `s_curve`, or stated points month -> share with straight lines between.
    """
    elapsed = elapsed_months(period, at)
    months = constant("months of the period", len(period.months))
    gone = constant("months gone", elapsed)
    if isinstance(profile, Mapping):
        return _stated(profile, period, gone, elapsed)
    op = "s_curve_share" if profile == "s_curve" else "linear_share"
    return apply(op, "share expected", "1", gone, months)


def _stated(profile: Mapping[str, float], period: Period, gone: Node, elapsed: int) -> Node:
    points = [(0, 0.0)]
    for text, share in profile.items():
        points.append((elapsed_months(period, Period.parse(text).last), float(share)))
    points.append((len(period.months), 1.0))
    points = sorted(dict(reversed(points)).items())
    before = max((p for p in points if p[0] <= elapsed), default=points[0])
    after = min((p for p in points if p[0] >= elapsed), default=points[-1])
    flat = [
        constant("month", before[0]), constant("share", before[1]),
        constant("month", after[0]), constant("share", after[1]),
    ]  # fmt: skip
    return apply("stated_share", "share expected", "1", gone, *flat)


def judge_count(
    value: Node | None,
    declared: Node | None,
    target: Node | None,
    share: Node,
    *,
    period: Period,
    unit: str,
    direction: str | None,
    deadline: dt.date,
    on: dt.date,
) -> Draft:
    """Judge a delivered quantity against target x share; counts cannot worsen.

    Done once the target is met; overdue when the deadline has passed without it.
    """
    driving = declared or value
    computed = value
    draft = Draft(
        "count",
        period,
        unit,
        direction or "up",
        value=driving,
        declared=declared,
        computed=computed,
    )
    if driving is None or driving.value is None or target is None or target.value is None:
        return draft
    left = apply("left", "left to do", unit, target, driving)
    done = round(float(left.value or 0), 9) <= 0
    late = on > deadline
    required = target if late else apply("product", "required to date", unit, target, share)
    gap = apply("behind_up", "gap", unit, driving, required)
    state = "done" if done else "overdue" if late else None
    return evolve(
        draft,
        required=required,
        gap=gap,
        needed=left,
        left=left,
        state=state,
        overdue=late and not done,
    )


def judge_steps(
    found: Works, *, period: Period, deadline: dt.date | None, on: dt.date, silent: int = 0
) -> Draft:
    """Judge a task without a number by the stages of its steps: measured, done or overdue.

    `silent`: how many subjects of its scope have reported no step; until then it is not done.
    """
    finished = [p for p in found.projects if p.reached("accepted") is not None]
    draft = Draft("milestone", period, "count", "up")
    if not found.projects:
        return evolve(draft, problem=Problem("absent", "no_steps", "", period))
    value, _ = delivered(_as_steps(found), "accepted", "count", Period((1900, 1), on_month(on)))
    total = apply(
        "count",
        "steps listed",
        "count",
        *(_step(next(iter(p.stages.values()))) for p in found.projects),
    )
    assert value is not None
    left = apply("left", "steps left", "count", total, value)
    done = len(finished) == len(found.projects) and not silent
    late = deadline is not None and on > deadline and not done
    stages = {name: _at(found, name) for name in ORDER}
    return evolve(
        draft,
        value=value,
        required=total if late else None,
        gap=apply("behind_up", "gap", "count", value, total) if late else None,
        needed=left,
        left=left,
        state="done" if done else "overdue" if late else None,
        overdue=late,
        notes=(
            Note("steps", {"total": len(found.projects), "stages": stages}),
            *((Note("steps_silent", {"count": silent}),) if silent else ()),
        ),
    )


def on_month(on: dt.date) -> Month:
    """Give the month of a day."""
    return on.year, on.month


def _at(found: Works, stage: str) -> int:
    """Count the projects whose furthest stage is this one."""
    furthest = [max(p.stages, key=ORDER.index) for p in found.projects]
    return sum(1 for name in furthest if name == stage)


def _as_steps(found: Works) -> Works:
    return evolve(
        found,
        projects=tuple(
            evolve(
                p,
                stages={
                    k: {**row, "quantity": None, "unit": "count"} for k, row in p.stages.items()
                },
            )
            for p in found.projects
        ),
    )


def _step(row: Mapping[str, Any]) -> Node:
    step = _quantity({**row, "quantity": None, "unit": "count"}, "count")
    assert isinstance(step, Node)
    return step
