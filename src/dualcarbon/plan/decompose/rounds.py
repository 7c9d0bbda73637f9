"""Rounds of negotiation: proposals with reasons, applied in order; the sum never moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from attrs import frozen

from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, finding, worst
from dualcarbon.plan.decompose.base import named
from dualcarbon.plan.decompose.exact import exact, nearest
from dualcarbon.plan.decompose.model import Part
from dualcarbon.plan.decompose.share import Sharing
from dualcarbon.plan.decompose.solve import Setting, share_all
from dualcarbon.subjects import Words
from dualcarbon.tables import Column, Table, read_table
from dualcarbon.tables.model import SOURCE_ROW

PROPOSALS = Table(
    "proposals",
    (
        Column("round", "integer", aliases=("轮次",)),
        Column("subject", aliases=("对象", "区")),
        Column("change", "number", aliases=("调整",)),
        Column("reason", aliases=("理由",)),
        Column("by", aliases=("提出人", "提出单位")),
    ),
    key=("round", "subject"),
)


@frozen
class Proposal:
    """A change asked for: percentage points of a rate, or an amount in the unit of the answer."""

    round: int
    subject: str
    change: Fraction
    reason: str
    by: str
    place: str = ""


@frozen
class Step:
    """What became of a proposal: quanta before and after, and why it was refused, if it was."""

    proposal: Proposal
    before: int
    after: int
    refused: Finding | None = None


def read_proposals(path: Path, words: Words) -> tuple[tuple[Proposal, ...], tuple[Input, ...]]:
    """Read proposals in the order of their rounds.

    Errors: InputError for any bad cell; a proposal without a reason or a name is none.
    """
    reading = read_table(path, PROPOSALS)
    if worst(reading.findings) == "error":
        raise InputError(*(item for item in reading.findings if item.severity == "error"))
    rows = sorted(reading.frame.iter_rows(named=True), key=lambda row: row["round"])
    found = tuple(
        Proposal(
            row["round"], named(row["subject"], words)[0], exact(row["change"]),
            row["reason"], row["by"], str(reading.place(row[SOURCE_ROW], "change")),
        )
        for row in rows
    )  # fmt: skip
    return found, (Input(reading.file, reading.sha256, reading.rows_read),)


def negotiate(
    setting: Setting, rule: str, start: Sharing, proposals: Sequence[Proposal]
) -> tuple[Sharing, tuple[Step, ...]]:
    """Apply proposals one after the other: the others share the rest by the same rule.

    What was agreed stays agreed. A proposal outside the subject's bounds, or that the others
    cannot carry inside theirs, is refused with the finding that says so; nothing moves then.
    """
    pins: dict[str, int] = {}
    current, steps = start, []
    for proposal in proposals:
        current, step = _apply(setting, rule, current, proposal, pins)
        steps.append(step)
        if step.refused is None:
            pins[proposal.subject] = step.after
    return current, tuple(steps)


def _apply(
    setting: Setting, rule: str, current: Sharing, proposal: Proposal, pins: Mapping[str, int]
) -> tuple[Sharing, Step]:
    held = {item.part.subject: item for item in current.shares}
    share = held.get(proposal.subject)
    if share is None:
        missing = finding("plan.decompose_stranger", found=proposal.subject)
        return current, Step(proposal, 0, 0, missing)
    wanted = share.allowed + _quanta(setting, share.part, proposal.change)
    try:
        made = share_all(setting, rule, pins={**pins, proposal.subject: wanted})
    except InputError as error:
        return current, Step(proposal, share.allowed, share.allowed, error.findings[0])
    return made, Step(proposal, share.allowed, wanted)


def _quanta(setting: Setting, part: Part, change: Fraction) -> int:
    points = part.grown * change / 100
    return nearest(change * setting.size if setting.problem.mode == "amount" else points)


def to_json(step: Step, setting: Setting) -> dict[str, Any]:
    """Give what the log says of a proposal; amounts in the unit of the answer."""
    proposal, refused = step.proposal, step.refused
    return {
        "round": proposal.round,
        "subject": proposal.subject,
        "change": float(proposal.change),
        "reason": proposal.reason,
        "by": proposal.by,
        "before": float(step.before / setting.size),
        "after": float(step.after / setting.size),
        "accepted": refused is None,
        "refused_zh": refused.message_zh if refused else None,
        "refused_en": refused.message_en if refused else None,
        "place": proposal.place,
    }
