"""What if the weights were others: the same facts, items scaled, who gains and who loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from dualcarbon.control.assessment.facts import Book
from dualcarbon.control.assessment.model import Item, Ladder, Rubric
from dualcarbon.control.assessment.sheet import Sheet, assess
from dualcarbon.control.assessment.view import DIGITS
from dualcarbon.control.assessment.wording import digits
from dualcarbon.errors import UsageError
from dualcarbon.findings import Finding, finding
from dualcarbon.vocabulary import Vocabulary


@frozen
class Shift:
    """A subject before and after: scores, ranks, grades; `outcome` is gains, loses or same.

    `change` is in points. The outcome goes by the score as a share of the sheet's highest total, so
    that a sheet with more points is not everybody's gain; None while a total is open.
    """

    subject: str
    score: float | None
    new_score: float | None
    change: float | None
    rank: int | None
    new_rank: int | None
    grade: str | None
    new_grade: str | None
    outcome: str | None


@frozen
class WhatIf:
    """The weights taken, the highest totals, and every subject before and after."""

    weights: Mapping[str, float]
    max: float
    new_max: float
    shifts: tuple[Shift, ...]
    sheets: tuple[Sheet, ...]
    findings: tuple[Finding, ...]


def read_weights(texts: Sequence[str], rubric: Rubric) -> dict[str, float]:
    """Read `item=points`, several divided by commas; UsageError for anything else."""
    pointed = Vocabulary([item for item in rubric.items if item.max])
    found: dict[str, float] = {}
    for part in (p for text in texts for p in text.replace("，", ",").split(",") if p.strip()):
        name, _, number = part.partition("=")
        item, points = pointed.resolve(name), _number(number)
        if item is None or points is None or item.code in found:
            known = ", ".join(pointed)
            raise UsageError(finding("assessment.weight", found=part.strip(), expected=known))
        found[item.code] = points
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e6 else None


def reweighted(rubric: Rubric, weights: Mapping[str, float], *, rescale: bool = False) -> Rubric:
    """Give the rubric with items scaled to the points named.

    `rescale`: the other items share what is left of the sheet's total in proportion; bonuses keep
    their points. Errors: UsageError when nothing or no item is left to rescale.
    """
    wanted = dict(weights)
    if rescale:
        wanted |= _rescaled(rubric, weights)
    items = [
        _scaled(item, wanted[item.code]) if item.code in wanted else item for item in rubric.items
    ]
    return evolve(rubric, items=tuple(items))


def _rescaled(rubric: Rubric, weights: Mapping[str, float]) -> dict[str, float]:
    fixed = [i for i in rubric.items if i.max and i.form != "bonus"]
    others = {i.code: i.max or 0.0 for i in fixed if i.code not in weights}
    named = sum(weights[i.code] for i in fixed if i.code in weights)
    left = sum(i.max or 0.0 for i in fixed) - named
    if left < 0 or (not others and left):
        raise UsageError(finding("assessment.no_rescale", found=left))
    whole = sum(others.values())
    return {code: points * left / whole for code, points in others.items()}


def _scaled(item: Item, points: float) -> Item:
    factor = points / (item.max or 1.0)
    rung = item.ladder
    return evolve(
        item,
        max=points,
        each=item.each * factor,
        steps=tuple(evolve(step, points=step.points * factor) for step in item.steps),
        otherwise=None if item.otherwise is None else item.otherwise * factor,
        cells={cell: value * factor for cell, value in item.cells.items()},
        ladder=None if rung is None else Ladder(rung.start, rung.per, rung.lose * factor),
    )


def what_if(
    rubric: Rubric, book: Book, weights: Mapping[str, float], *, rescale: bool = False
) -> WhatIf:
    """Assess with the weights of the rubric and with others, and compare every subject."""
    other = reweighted(rubric, weights, rescale=rescale)
    before, after = assess(rubric, book), assess(other, book)
    was, now = rubric.max or 0.0, round(other.max or 0.0, DIGITS)
    findings = []
    if round(was, 9) != round(now, 9):
        findings.append(
            finding("assessment.weights_total", found=digits(now), expected=digits(was))
        )
    taken: dict[str, Any] = {i.code: i.max for i in other.items if i.max is not None}
    shifts = [_shift(b, a, was, now) for b, a in zip(before, after, strict=True)]
    return WhatIf(taken, was, now, tuple(shifts), tuple(after), tuple(findings))


def _shift(before: Sheet, after: Sheet, was: float, now: float) -> Shift:
    change = outcome = None
    if before.score is not None and after.score is not None:
        change = round(after.score - before.score, DIGITS)
        moved = round((after.score / now if now else 0.0) - before.score / was, 9)
        outcome = "gains" if moved > 0 else "loses" if moved < 0 else "same"
    return Shift(
        before.subject,
        before.score,
        after.score,
        change,
        before.rank,
        after.rank,
        before.verdict.grade,
        after.verdict.grade,
        outcome,
    )
