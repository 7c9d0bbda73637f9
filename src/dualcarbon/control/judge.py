"""From a commitment and a subject to a draft: which yardstick, which numbers, what is required."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, evolve, field

from dualcarbon.control.caps import judge_cap, latest_level, seasonal_share
from dualcarbon.control.counts import (
    Works,
    delivered,
    expected_share,
    judge_count,
    judge_steps,
    last_full_month,
    works,
)
from dualcarbon.control.deductions.net import Net
from dualcarbon.control.draft import Draft, Note
from dualcarbon.control.energy import Activity
from dualcarbon.control.groups import Group, Sample, Totals, group_of
from dualcarbon.control.known import Known, Subject
from dualcarbon.control.plain import judge_level
from dualcarbon.control.rates import judge_rate, latest, remaining_required
from dualcarbon.control.scope import stepped_areas
from dualcarbon.control.series import Levels, Problem, Reader, levels
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period
from dualcarbon.plan.model import Commitment, Plan, StatedTarget
from dualcarbon.units import canonical, compatible, factor

PERCENT = "%"
CONTRADICTIONS = ("price_base", "current_prices", "zero_base")


@define
class Judge:
    """Judges the commitments of a plan on what was known on a date."""

    plan: Plan
    known: Known
    activity: Activity
    parts: Mapping[str, Sequence[str]] = field(factory=dict)
    findings: list[Finding] = field(factory=list)
    net: Net = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.net = Net(self.known)

    def draft(self, commitment: Commitment, subject: Subject) -> Draft:
        """Give the draft of one commitment and subject; a contradiction is also a finding."""
        draft = self._draft(commitment, subject)
        problem = draft.problem
        if problem is not None and problem.rule in CONTRADICTIONS:
            said = finding(
                f"control.{problem.rule}",
                Place.parse(problem.place) if problem.place else None,
                found=problem.found,
                indicator=problem.indicator,
                subject=subject[1],
                period=str(problem.period),
            )
            self.findings.append(said)
        return draft

    def _draft(self, commitment: Commitment, subject: Subject) -> Draft:
        if commitment.yardstick == "milestone" or commitment.indicator is None:
            return self._milestone(commitment, subject)
        if commitment.yardstick == "count":
            return self._count(commitment, subject)
        if commitment.yardstick == "cap":
            return self._cap(commitment, subject)
        if commitment.unit not in (None, PERCENT) or self._is_level(commitment):
            return self._level(commitment, subject)
        return self._rate(commitment, subject)

    def _is_level(self, commitment: Commitment) -> bool:
        """A value in % of an indicator in % without a base is a level, not a change."""
        entry = self.plan.indicators[commitment.indicator or ""]
        return commitment.base is None and entry.unit == PERCENT

    def reader(self, commitment: Commitment, subject: Subject) -> tuple[Reader, Sample | None]:
        """Give the reader of a subject; that of a group adds up its whole members."""
        scope = commitment.scope
        if not scope.tier or subject[0] not in ("tier", "enterprise"):
            return Reader(self.known, self.plan.indicators, self.activity.levels), None
        alone = subject[0] == "enterprise"
        group = Group(subject, (subject[1],)) if alone else group_of(scope, self.known)
        totals = Totals(self.known, group, self.parts, self.activity.levels)
        entry = self.plan.indicators[commitment.indicator or ""]
        names = [n for n in (entry.numerator, entry.denominator) if n] or [entry.id]
        year = commitment.period.year
        sample = totals.sample(names, year)

        def extra(indicator: str, of: Subject) -> Levels | None:
            return totals.levels(indicator, sample, year) if sample and indicator in names else None

        own = self._as_member(commitment.indicator or "", subject) if alone else self.known
        return Reader(own, self.plan.indicators, extra), sample

    def _as_member(self, indicator: str, subject: Subject) -> Known:
        """Let a member's own published changes serve for the indicator of its group."""
        names = self.parts.get(indicator, (indicator,))
        rates = [f for name in names for f in self.known.of(name, subject) if f.growth]
        return evolve(self.known, facts={**self.known.facts, (indicator, subject): tuple(rates)})

    def _rate(self, commitment: Commitment, subject: Subject) -> Draft:
        reader, sample = self.reader(commitment, subject)
        indicator, year = commitment.indicator or "", commitment.period.year
        reading, said = self.net.applied(latest(reader, indicator, subject, year), subject, reader)
        required, notes = self._required(commitment, subject)
        share = reader.share(indicator, subject, year, reading.period.last[1])
        draft = judge_rate(
            reading,
            required,
            share,
            year=year,
            direction=direction_of(commitment),
            deadline=deadline(commitment),
            on=self.known.on,
        )
        draft = evolve(draft, notes=(*draft.notes, *notes, *said))
        return self._with_sample(draft, commitment, subject, sample)

    def _with_sample(
        self, draft: Draft, commitment: Commitment, subject: Subject, sample: Sample | None
    ) -> Draft:
        if subject[0] != "tier":
            return draft
        group = group_of(commitment.scope, self.known)
        listed = len(group.members)
        if not listed:
            return evolve(draft, notes=(*draft.notes, Note("no_list", {"group": group.label})))
        included = len(sample.included) if sample else 0
        computed = draft.declared is None
        rows = 100 * included / listed if computed and draft.value is not None else draft.rows
        note = Note("sample", {"included": included, "listed": listed})
        return evolve(draft, rows=rows, notes=(*draft.notes, note))

    def _required(
        self, commitment: Commitment, subject: Subject
    ) -> tuple[Node | None, tuple[Note, ...]]:
        if commitment.value is not None:
            return clause(commitment), ()
        if commitment.rule is not None and commitment.rule.name == "remaining_task":
            return self._remaining(commitment, subject)
        return None, (Note("no_number"),)

    def _remaining(
        self, commitment: Commitment, subject: Subject
    ) -> tuple[Node | None, tuple[Note, ...]]:
        """Give the rate that spreads what is left of the five-year target over its last years."""
        five = self.plan.five_year
        if five is None or commitment.indicator is None or commitment.rule is None:
            return None, (Note("no_five_year"),)
        code = None if subject[0] == "city" else subject[1]
        target = five.target(commitment.indicator, code)
        if target is None or target.value is None:
            return None, (Note("no_subject_target"),)
        year = commitment.period.year
        reader, _ = self.reader(commitment, subject)
        changes: list[Node] = []
        for past in range(five.first, year):
            change = self._annual(reader, commitment.indicator, subject, past)
            if change is None:
                return None, (
                    Note("no_history", {"year": past, "indicator": commitment.indicator}),
                )
            changes.append(change)
        floor = commitment.rule.floor or 0.0
        required, early = remaining_required(stated(target), changes, five.last - year + 1, floor)
        facts = {"target": target.value, "first": five.first, "last": year - 1, "until": five.last}
        return required, (Note("early" if early else "remaining", facts),)

    def _annual(self, reader: Reader, indicator: str, subject: Subject, year: int) -> Node | None:
        period = Period.parse(str(year))
        for answer in (
            reader.declared(indicator, subject, period),
            reader.computed(indicator, subject, period),
        ):
            if isinstance(answer, Node) and answer.value is not None:
                return answer
        return None

    def _count(self, commitment: Commitment, subject: Subject) -> Draft:
        period, on = commitment.period, self.known.on
        unit = canonical(commitment.unit or self.plan.indicators[commitment.indicator or ""].unit)
        only = None if subject[0] == "city" else subject[1]
        found = works(self.known, commitment.id, only)
        stage = str(self.known.data.words.pack.setting("choices", "count_stage") or "accepted")
        value, said = delivered(found, stage, unit, period)
        self.findings += said
        at, declared = self._declared_count(commitment, subject, unit)
        to = min(last_full_month(on), period.last)
        shown = Period(period.first, max(at or to, period.first))
        month = at or to
        draft = judge_count(
            value,
            declared,
            clause(commitment, unit),
            expected_share(commitment.profile, period, month),
            period=shown,
            unit=unit,
            direction=direction_of(commitment),
            deadline=deadline(commitment),
            on=on,
        )
        if draft.value is None:
            problem = Problem("absent", "no_projects", commitment.indicator or "", shown)
            return evolve(draft, problem=self._refused_work(commitment, problem))
        lost = len(said) + len(self._lost_rows(commitment))
        listed = len(found.projects)
        computed = draft.declared is None and listed
        rows = 100 * (listed - len(said)) / (listed + lost - len(said)) if computed else 100.0
        notes = (*draft.notes, *_works_notes(found, stage, unit, period))
        if lost:
            notes = (*notes, Note("lost", {"lost": lost}))
        if commitment.value is None:
            notes = (*notes, Note("no_number"))
        return evolve(draft, rows=rows, notes=notes)

    def _lost_rows(self, commitment: Commitment) -> list[dict[str, Any]]:
        """Give the progress rows of a commitment that could not be read."""
        rows = self.known.data.refused["progress"].iter_rows(named=True)
        return [row for row in rows if row["commitment"] == commitment.id]

    def _refused_work(self, commitment: Commitment, problem: Problem) -> Problem:
        """Say invalid where rows of the commitment were refused and none is left."""
        hit = self._lost_rows(commitment)
        if hit:
            return evolve(problem, kind="invalid", rule="control.refused", place=hit[0]["place"])
        bad = self.known.bad.get((problem.indicator, ("city", self.known.data.words.city)), ())
        if bad:
            return evolve(problem, kind="invalid", rule=bad[0].why, place=bad[0].place)
        return problem

    def _declared_count(
        self, commitment: Commitment, subject: Subject, unit: str
    ) -> tuple[tuple[int, int] | None, Node | None]:
        """Give the latest published cumulative quantity and the month to which it counts."""
        indicator = commitment.indicator or ""
        period, found = latest_level(
            levels(self.known, indicator, subject), commitment.period.year, self.known.on
        )
        if not isinstance(found, Node):
            return None, None
        if canonical(found.unit) != unit:
            if not compatible(found.unit, unit):
                return None, None
            per = constant(f"{found.unit} -> {unit}", factor(found.unit, unit))
            found = apply("convert", found.name, unit, found, per)
        return period.last, found

    def _cap(self, commitment: Commitment, subject: Subject) -> Draft:
        indicator, year = commitment.indicator or "", commitment.period.year
        found = self._all_levels(indicator, subject)
        period, value = latest_level(found, year, self.known.on)
        unit = canonical(self.plan.indicators[indicator].unit)
        if isinstance(value, Problem):
            problem = evolve(value, indicator=indicator)
            return Draft("cap", period, unit, "down", problem=self._broken(problem, subject))
        share, years = seasonal_share(found, year, period.last[1])
        return judge_cap(
            value,
            clause(commitment, unit),
            share,
            years,
            period=period,
            unit=unit,
            declared=any(f.origin == "declared" for f in self.known.of(indicator, subject)),
            deadline=deadline(commitment),
            on=self.known.on,
        )

    def _all_levels(self, indicator: str, subject: Subject) -> list[Levels]:
        found = levels(self.known, indicator, subject)
        extra = self.activity.levels(indicator, subject)
        return [*found, *([extra] if extra else [])]

    def _level(self, commitment: Commitment, subject: Subject) -> Draft:
        indicator = commitment.indicator or ""
        draft = judge_level(
            self.known.of(indicator, subject),
            clause(commitment, canonical(self.plan.indicators[indicator].unit)),
            period=commitment.period,
            unit=canonical(self.plan.indicators[indicator].unit),
            direction=direction_of(commitment),
            indicator=indicator,
            deadline=deadline(commitment),
            on=self.known.on,
        )
        if draft.problem is None:
            return draft
        return evolve(draft, problem=self._broken(draft.problem, subject))

    def _broken(self, problem: Problem, subject: Subject) -> Problem:
        bad = self.known.broken(
            problem.indicator, subject, (Period.parse(str(problem.period.year)),)
        )
        if bad is None:
            return problem
        return evolve(problem, kind="invalid", rule=bad.why, place=bad.place, found=bad.found)

    def _milestone(self, commitment: Commitment, subject: Subject) -> Draft:
        areas = stepped_areas(commitment, self.known)
        found = works(self.known, commitment.id, subject[1] if subject in areas else None)
        spoken = {project.subject for project in found.projects}
        silent = 0 if subject in areas else sum(code not in spoken for _, code in areas)
        draft = judge_steps(
            found,
            period=commitment.period,
            deadline=commitment.deadline,
            on=self.known.on,
            silent=silent,
        )
        known_level = commitment.indicator in self.plan.indicators
        if found.projects or not known_level or commitment.scope.subject_kind != "city":
            return draft
        return self._tracked(commitment, subject) or draft

    def _tracked(self, commitment: Commitment, subject: Subject) -> Draft | None:
        """Show the level of an indicator behind a duty without a number; it has no light."""
        indicator = commitment.indicator or ""
        found = self._all_levels(indicator, subject)
        year = commitment.period.year
        period, value = latest_level(found, year, self.known.on)
        if not isinstance(value, Node):
            return None
        unit = canonical(self.plan.indicators[indicator].unit)
        declared = any(f.origin == "declared" for f in self.known.of(indicator, subject))
        entry = self.plan.indicators[indicator]
        capped = entry.kind == "sum" and commitment.direction == "down"
        return Draft(
            "tracked",
            period,
            unit,
            commitment.direction,
            value=value,
            declared=value if declared else None,
            computed=None if declared else value,
            notes=(Note("no_cap" if capped else "no_number"),),
        )


def direction_of(commitment: Commitment) -> str | None:
    """Give the way a commitment points: as stated, else what its value and comparator say."""
    if commitment.direction is not None or commitment.value is None:
        return commitment.direction
    if commitment.value < 0 or commitment.comparator in ("<", "<="):
        return "down"
    return "up"


def deadline(commitment: Commitment) -> dt.date:
    """Give the deadline of a commitment, else the end of its period."""
    return commitment.deadline or commitment.period.end


def clause(commitment: Commitment, unit: str | None = None) -> Node | None:
    """Give the target of a commitment as a traced number, converted where a unit is asked for."""
    if commitment.value is None:
        return None
    own = canonical(commitment.unit or "1")
    node = Node(
        f"target {commitment.id}",
        commitment.value,
        own,
        "clause",
        place=f"{_short(commitment.file)}!!{commitment.line}",
        source=commitment.text_en,
        status="sourced",
    )
    if unit is None or own == unit:
        return node
    if not compatible(own, unit):
        return None
    per = constant(f"{own} -> {unit}", factor(own, unit), f"{unit}/{own}")
    return apply("convert", node.name, unit, node, per)


def _short(file: str) -> str:
    """Give `pack/notices/2024.yaml` of a path: the pack says which, the folder is of no matter."""
    return "/".join(file.replace("\\", "/").split("/")[-3:])


def stated(target: StatedTarget) -> Node:
    """Give the target of another document as a traced number."""
    where = target.subject or "city"
    return Node(
        f"five-year target {target.indicator} {where}",
        target.value,
        target.unit,
        "clause",
        source=str(target.source.get("title", "")),
        status=target.status,
    )


def _works_notes(found: Works, stage: str, unit: str, period: Period) -> tuple[Note, ...]:
    if not found.projects:
        return ()
    columns = {}
    for name in ("started", "accepted", "verified"):
        node, _ = delivered(found, name, unit, period)
        columns[name] = node.value if node is not None else None
    return (
        Note(
            "works",
            {
                "columns": columns,
                "stage": stage,
                "projects": len(found.projects),
                "last": found.last,
            },
        ),
    )
