"""Standings: where every commitment of a plan stands on a date, as far as was known then."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import define, frozen

from dualcarbon.control.data import Data
from dualcarbon.control.derived import derived
from dualcarbon.control.draft import Draft, number
from dualcarbon.control.energy import Activity
from dualcarbon.control.figures import figure_rows
from dualcarbon.control.freeze import Traces, freeze
from dualcarbon.control.grading import Grading, grade, load_grading
from dualcarbon.control.judge import Judge, deadline, direction_of
from dualcarbon.control.known import Known, Subject, known
from dualcarbon.control.reasons import Context, reason
from dualcarbon.control.schemes import Level, Scheme, default_scheme, facts_of, load_schemes
from dualcarbon.control.scope import subjects
from dualcarbon.control.tables import STANDINGS
from dualcarbon.editions import Edition, Input
from dualcarbon.errors import UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.parameters import Parameter
from dualcarbon.plan.model import Commitment, Plan

FIELDS = ("value", "declared", "computed", "required", "gap", "needed")


@define
class Standings:
    """The standings of a plan on a date, with everything that an edition keeps of them.

    `rows` has the columns of the JSON answer but `code`, which exists once they are frozen;
    `figures` is the table in which every room ends; `findings` say what was wrong with the data.
    """

    plan: Plan
    on: dt.date
    rows: pl.DataFrame
    figures: pl.DataFrame
    findings: tuple[Finding, ...]
    traces: Traces
    known: Known
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    options: Mapping[str, Any]

    def freeze(self, store: Path) -> Edition:
        """Write the standings as an edition; the same facts give the same edition."""
        return freeze(self, store)

    def to_json(self, edition: Edition | None = None) -> dict[str, Any]:
        """Give `on` and `standings` as the command answers them; codes need an edition."""
        found = []
        for index, row in enumerate(self.rows.iter_rows(named=True)):
            code = f"{edition.id}:standings:{index}" if edition else None
            found.append({**row, "levels": json.loads(row["levels"]), "code": code})
        return {"on": self.on.isoformat(), "standings": found}


def standing(
    plan: Plan,
    on: dt.date,
    data: Data,
    *,
    scheme: str | None = None,
    subject: str | None = None,
) -> Standings:
    """Judge every commitment of a plan on what was known at the end of a day.

    Shape: one row per commitment and subject in scope. `scheme` replaces the pack's choice where it
    applies; `subject` keeps the rows of one subject, without the figures that need its peers.
    Absent: a commitment without data has state `no_data`, nulls, and a reason that asks for it.
    Errors: UsageError for an unknown scheme or subject.
    """
    facts = known(data, on)
    worker = _Worker.of(plan, facts, scheme)
    only = _only(subject, data)
    rows, drafts, judged = [], [], []
    for commitment in plan.commitments:
        for one in worker.subjects(commitment):
            if only is not None and one != only:
                continue
            draft, row = worker.row(commitment, one)
            drafts.append(draft)
            judged.append((commitment, one, draft))
            rows.append(row)
    if only is not None and not rows:
        raise UsageError(_no_subject(str(subject), data))
    frame = pl.DataFrame(rows, schema=STANDINGS.schema())
    options = {"plan": plan.id, "on": on.isoformat(), "scheme": scheme, "subject": subject}
    more = [] if only else derived(worker.judge, judged)
    said = [*data.findings, *facts.findings, *worker.findings(), *_strangers(plan, facts)]
    return Standings(
        plan=plan,
        on=on,
        rows=frame,
        figures=figure_rows(frame, drafts, more, data.words.pack),
        findings=tuple(dict.fromkeys(_hashable(said))),
        traces=Traces.of(drafts, FIELDS, more),
        known=facts,
        inputs=data.inputs,
        parameters=tuple(worker.judge.activity.used.values()),
        options={key: value for key, value in options.items() if value is not None},
    )


def _hashable(findings: Sequence[Finding]) -> list[Finding]:
    seen: dict[str, Finding] = {}
    for item in findings:
        seen.setdefault(f"{item.rule}|{item.place}|{item.found}|{item.message_en}", item)
    return list(seen.values())


@define
class _Worker:
    """Makes the rows: a judge, the schemes, and the grading of one pack."""

    judge: Judge
    schemes: Mapping[str, Scheme]
    chosen: str | Mapping[str, str] | None
    grading: Grading
    synthetic: bool

    @staticmethod
    def of(plan: Plan, facts: Known, scheme: str | None) -> _Worker:
        pack = facts.data.words.pack
        parts = {e["id"]: tuple(e["members"]) for e in pack.load_list("groups.yaml", "id")}
        schemes = load_schemes(pack)
        chosen = scheme or pack.setting("choices", "warning_scheme")
        default_scheme(schemes, chosen, "rate", "down")
        return _Worker(
            judge=Judge(plan, facts, Activity(facts), parts),
            schemes=schemes,
            chosen=chosen,
            grading=load_grading(pack),
            synthetic=plan.synthetic or pack.synthetic,
        )

    def findings(self) -> list[Finding]:
        return [*self.judge.findings, *self.judge.activity.findings]

    def subjects(self, commitment: Commitment) -> list[Subject]:
        facts = self.judge.known
        scope = commitment.scope
        if not (scope.tier and commitment.yardstick == "rate"):
            return subjects(self.judge.plan, commitment, facts)
        from dualcarbon.control.groups import group_of

        group = group_of(scope, facts)
        if scope.reading == "each" and group.members:
            return [("enterprise", code) for code in group.members]
        return [group.subject]

    def row(self, commitment: Commitment, subject: Subject) -> tuple[Draft, dict[str, Any]]:
        draft = self.judge.draft(commitment, subject)
        levels = self._levels(draft, commitment)
        severity = self._severity(draft, levels)
        context = Context(
            commitment,
            self.judge.plan.indicators,
            subject[1],
            deadline(commitment),
            self.judge.known.on,
        )
        unjudged = severity is None and draft.required is not None and draft.value is not None
        zh, en = reason(draft, context, no_scheme=unjudged)
        return draft, {
            "commitment": commitment.id,
            "indicator": commitment.indicator,
            "subject_kind": subject[0],
            "subject": subject[1],
            "period": str(draft.period),
            "value": number(draft.value),
            "declared": number(draft.declared),
            "unit": draft.unit or commitment.unit,
            "required": number(draft.required),
            "gap": number(draft.gap),
            "needed": number(draft.needed),
            "forecast": None,
            "levels": json.dumps([level.to_json() for level in levels], ensure_ascii=False),
            "severity": severity,
            "state": _state(draft),
            "reason_zh": zh,
            "reason_en": en,
            "grade": grade(draft, self.grading, synthetic=self.synthetic),
        }

    def _levels(self, draft: Draft, commitment: Commitment) -> list[Level]:
        """Give the level of every scheme that applies; what was not measured has none."""
        value = number(draft.value)
        if value is None:
            return []
        facts = facts_of(
            value,
            number(draft.required),
            number(draft.gap),
            left=number(draft.left),
            overdue=draft.overdue,
        )
        direction = direction_of(commitment) or draft.direction
        found = []
        for scheme in self.schemes.values():
            if scheme.applies(draft.yardstick, direction):
                level = scheme.judge(facts)
                found += [level] if level else []
        return found

    def _severity(self, draft: Draft, levels: Sequence[Level]) -> int | None:
        if draft.rose and draft.period.last[1] % 3 == 0:
            return 3
        if draft.yardstick != "milestone" and draft.required is None:
            return None
        direction = draft.direction
        scheme = default_scheme(self.schemes, self.chosen, draft.yardstick, direction)
        if draft.state == "done":
            return 0
        return next((lv.severity for lv in levels if scheme and lv.scheme == scheme.id), None)


def _state(draft: Draft) -> str:
    """Give the state: absent or invalid before all, then done or overdue, then watch, measured."""
    if draft.value is None or draft.value.value is None:
        invalid = draft.problem is not None and draft.problem.kind == "invalid"
        return "invalid" if invalid else "no_data"
    if draft.state:
        return draft.state
    gap = number(draft.gap)
    if draft.complete and gap is not None and draft.yardstick == "rate":
        return "done" if round(gap, 9) <= 0 else "overdue" if draft.overdue else "measured"
    if draft.rose and draft.period.last[1] % 3:
        return "watch"
    return "measured"


def _only(text: str | None, data: Data) -> Subject | None:
    if text is None:
        return None
    words = data.words
    for kind in ("city", "area", "industry"):
        found = words.subject(kind, text)
        if found is not None:
            return found
    for kind in ("enterprise", "tier"):
        frame = data.frames["enterprises"]
        if kind == "enterprise" and text in set(frame["enterprise"]):
            return kind, text
    raise UsageError(_no_subject(text, data))


def _no_subject(text: str, data: Data) -> Finding:
    near = data.words.near("area", text)
    return finding("control.no_subject", found=text, near=near)


def _strangers(plan: Plan, facts: Known) -> list[Finding]:
    """Say which progress rows name a commitment that the plan does not have."""
    from difflib import get_close_matches

    ids = [commitment.id for commitment in plan.commitments]
    found = []
    rows = facts.progress.unique("commitment", maintain_order=True)
    for row in rows.iter_rows(named=True):
        if row["commitment"] not in ids:
            near = ", ".join(get_close_matches(row["commitment"], ids, 3, 0.3)) or "-"
            place = Place.parse(row["place"])
            said = finding("control.commitment_unknown", place, found=row["commitment"], near=near)
            found.append(said)
    return found


@frozen
class Headline:
    """How many standings there are of each severity and state."""

    severities: Mapping[int | None, int]
    states: Mapping[str, int]


def headline(rows: pl.DataFrame) -> Headline:
    """Count the standings by severity and by state."""
    severities = dict(rows.group_by("severity").len().iter_rows())
    states = dict(rows.group_by("state").len().iter_rows())
    return Headline(severities, states)


__all__ = ["Headline", "Standings", "headline", "standing"]
