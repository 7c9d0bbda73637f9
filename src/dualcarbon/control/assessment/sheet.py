"""Score sheets: every line with its score, reason and evidence; totals, grades and ranks."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from dualcarbon.control.assessment.facts import Book, Given
from dualcarbon.control.assessment.grade import Verdict, limit_shares, verdict
from dualcarbon.control.assessment.model import Item, Rubric
from dualcarbon.control.assessment.reason import count_reason, item_reason
from dualcarbon.control.assessment.score import Points, points
from dualcarbon.control.assessment.view import DIGITS, View


@frozen
class Line:
    """A line of the sheet; `score` is None while a fact is missing, `max` where there are none.

    `state`: scored, missing, met, missed (a line without points), veto, clear. `low` and `high` are
    the range still possible.
    """

    item: str
    name_zh: str
    name_en: str
    score: float | None
    low: float | None
    high: float | None
    max: float | None
    state: str
    reason_zh: str
    reason_en: str
    evidence: tuple[Given, ...]
    source: str
    mark: str
    status: str


@frozen
class Sheet:
    """All lines of a subject and what they come to.

    `score` is None while a line is open; `partial` is the sum of what is known, `low` and `high`
    the range that can still be reached. All three are None for a rubric without points. `rank`: 1
    is the highest score, equal scores share the better rank, an open total has none.
    """

    subject: str
    lines: tuple[Line, ...]
    score: float | None
    partial: float | None
    low: float | None
    high: float | None
    max: float | None
    verdict: Verdict
    rank: int | None = None


@frozen
class Total:
    """What draws and weights need of a subject: the points in sum, and the grade."""

    points: Points | None
    verdict: Verdict


def total(rubric: Rubric, view: View) -> Total:
    """Sum the lines of a subject and grade it, shares left aside."""
    each = [p for p in (points(item, view) for item in rubric.items) if p is not None]
    summed = summed_points(each) if rubric.max is not None else None
    return Total(summed, verdict(rubric, view, summed))


def summed_points(each: Sequence[Points]) -> Points:
    """Add points up: the sum is open while one of them is."""
    low = round(math.fsum(p.low for p in each), DIGITS)
    high = round(math.fsum(p.high for p in each), DIGITS)
    whole = all(p.score is not None for p in each)
    return Points(low if whole else None, low, high)


def assess(rubric: Rubric, book: Book) -> list[Sheet]:
    """Give the score sheet of every subject, in order of subject.

    Absent: a missing fact leaves its line and the total open, never zero; the range says what is
    still possible. The order of the facts does not matter. Source: docs/methods/assessment.md.
    """
    sheets = {subject: _sheet(rubric, subject, book[subject]) for subject in sorted(book)}
    scores = {subject: sheet.score for subject, sheet in sheets.items()}
    settled = limit_shares(rubric, {s: sheet.verdict for s, sheet in sheets.items()}, scores)
    places = ranks(scores)
    return [
        evolve(sheet, verdict=settled[subject], rank=places[subject])
        for subject, sheet in sheets.items()
    ]


def ranks(scores: Mapping[str, float | None]) -> dict[str, int | None]:
    """Give the rank of every score; equal ones share the better rank, None has none."""
    known = sorted(score for score in scores.values() if score is not None)
    return {
        subject: None if score is None else 1 + len(known) - bisect_right(known, score)
        for subject, score in scores.items()
    }


def _sheet(rubric: Rubric, subject: str, given: Mapping[str, Given]) -> Sheet:
    view = View(rubric, given)
    lines = [line for item in rubric.items for line in _lines(item, view)]
    whole = total(rubric, view)
    own = whole.points
    known = [line.score for line in lines if line.score is not None]
    return Sheet(
        subject=subject,
        lines=tuple(lines),
        score=own.score if own else None,
        partial=round(math.fsum(known), DIGITS) if own else None,
        low=own.low if own else None,
        high=own.high if own else None,
        max=rubric.max,
        verdict=whole.verdict,
    )


def _lines(item: Item, view: View) -> list[Line]:
    if item.form == "count":
        return [_counted(item, name, view) for name in item.facts]
    scored = points(item, view)
    evidence = _evidence(item, view)
    state = _state(item, scored, view)
    return [
        Line(
            item.code,
            item.name_zh,
            item.name_en,
            scored.score if scored else None,
            scored.low if scored else None,
            scored.high if scored else None,
            item.max,
            state,
            *item_reason(item, view, scored, state),
            evidence,
            item.source,
            item.mark,
            item.status,
        )
    ]


def _state(item: Item, scored: Points | None, view: View) -> str:
    if scored is not None:
        return "missing" if scored.score is None else "scored"
    veto = item.veto
    if veto is None:
        return "clear"
    met = view.met(veto.fact)
    if met is None:
        return "clear" if veto.absent == "clear" else "missing"
    return "veto" if met == (veto.when == "met") else "clear"


def _counted(item: Item, name: str, view: View) -> Line:
    """Give the line of one fact of a count."""
    fact = view.rubric.facts[name]
    met = view.met(name)
    most = item.each if item.max is not None else None
    score = None if met is None or most is None else most * met
    state = {None: "missing", True: "met", False: "missed"}[met]
    return Line(
        f"{item.code}.{name}",
        fact.name_zh,
        fact.name_en,
        score,
        None if most is None else score or 0.0,
        most if score is None else score,
        most,
        state,
        *count_reason(item, name, view, met),
        tuple(view.used(name)),
        item.source,
        item.mark,
        item.status,
    )


def _evidence(item: Item, view: View) -> tuple[Given, ...]:
    names = [*item.facts, *([item.veto.fact] if item.veto else [])]
    found = {given.name: given for name in names for given in view.used(name)}
    return tuple(found.values())
