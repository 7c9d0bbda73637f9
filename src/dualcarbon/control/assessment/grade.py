"""Grades: from the total, then what forces another one; both stand side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from dualcarbon.control.assessment.bands import complete
from dualcarbon.control.assessment.model import Grade, Item, Rubric, Share, Veto
from dualcarbon.control.assessment.score import Points
from dualcarbon.control.assessment.view import View


@frozen
class Force:
    """Something that sets a grade: a veto, a count of missed facts, a limited share.

    `missed`, `open` and `limit` speak of a count, `limit` and `percent` of a share.
    """

    kind: str
    item: str
    fact: str | None
    grade: str
    missed: int = 0
    open: int = 0
    limit: int = 0
    percent: float = 0.0


@frozen
class Verdict:
    """The grade of the rubric's own sum beside the one that stands.

    `computed` is None while missing facts could change it, `possible` has what it may be, best
    first. `grade` is None while it, or a veto that cannot be judged (`unknown`), is open.
    """

    computed: str | None
    grade: str | None
    possible: tuple[str, ...]
    applied: tuple[Force, ...] = ()
    unknown: tuple[Force, ...] = ()


def grade_of(score: float, rubric: Rubric, edges: str | None = None) -> str | None:
    """Give the grade of a total under the choices `edges` and `gap`; None when it is in no band."""
    reading = edges or rubric.chosen("edges")
    found = _held(score, rubric, reading)
    if found is None and rubric.chosen("gap") == "round":
        found = _held(math.floor(score + 0.5), rubric, reading)
    if found is None and rubric.chosen("gap") != "open":
        found = _under(score, rubric)
    return found


def _banded(rubric: Rubric) -> list[Grade]:
    return [grade for grade in rubric.grades if grade.band is not None]


def _held(score: float, rubric: Rubric, edges: str) -> str | None:
    grades = _banded(rubric)
    bands = complete([grade.band for grade in grades if grade.band is not None])
    held = (g.code for g, band in zip(grades, bands, strict=True) if band.holds(score, edges))
    return next(held, None)


def _under(score: float, rubric: Rubric) -> str | None:
    below = (g.code for g in _banded(rubric) if g.band is not None and g.band.high <= score)
    return next(below, None)


def forces(rubric: Rubric, view: View) -> tuple[list[Force], list[Force]]:
    """Give the vetoes and counts that apply, and those that a missing fact leaves open."""
    applied: list[Force] = []
    unknown: list[Force] = []
    for item in rubric.items:
        if item.veto is not None:
            _veto(item, item.veto, view, applied, unknown)
        if item.fail_at is not None:
            _count(item, item.fail_at, view, applied, unknown)
    return applied, unknown


def _veto(item: Item, veto: Veto, view: View, applied: list[Force], unknown: list[Force]) -> None:
    met = view.met(veto.fact)
    force = Force("veto", item.code, veto.fact, veto.forces)
    if met is None and veto.absent == "unknown":
        unknown.append(force)
    elif met is not None and met == (veto.when == "met"):
        applied.append(force)


def _count(item: Item, limit: int, view: View, applied: list[Force], unknown: list[Force]) -> None:
    met = [view.met(name) for name in item.facts]
    missed, left = met.count(False), met.count(None)
    force = Force("count", item.code, None, item.forces or "", missed, left, limit)
    if missed >= limit:
        applied.append(force)
    elif missed + left >= limit:
        unknown.append(force)


def verdict(rubric: Rubric, view: View, total: Points | None) -> Verdict:
    """Give the computed grade and the grade that stands for one subject, shares left aside."""
    applied, unknown = forces(rubric, view)
    if not rubric.grades:
        return Verdict(None, None, (), tuple(applied), tuple(unknown))
    possible = _possible(rubric, total, applied, unknown)
    computed = possible[0] if len(possible) == 1 else None
    stands = _decided(rubric, view, computed, applied)
    grade = _final(rubric, possible if stands is None else (stands,), applied, unknown)
    return Verdict(computed, grade, possible, tuple(applied), tuple(unknown))


def _possible(
    rubric: Rubric, total: Points | None, applied: Sequence[Force], unknown: Sequence[Force]
) -> tuple[str, ...]:
    if total is not None:
        best, worst = grade_of(total.high, rubric), grade_of(total.low, rubric)
        return between(rubric, best, worst)
    base = rubric.base_grade or rubric.grades[0].code
    sure = [f.grade for f in applied if f.kind == "count"]
    if sure:
        return (worst_of(rubric, sure),)
    maybe = [f.grade for f in unknown if f.kind == "count"]
    return (base, *dict.fromkeys(maybe))


def between(rubric: Rubric, best: str | None, worst: str | None) -> tuple[str, ...]:
    """Give the grades with a band from the best to the worst that a total may reach."""
    if best is None or worst is None:
        return tuple(code for code in (best, worst) if code is not None and best == worst)
    first, last = rubric.place_of(best), rubric.place_of(worst)
    return tuple(g.code for g in rubric.grades[first : last + 1] if g.band is not None)


def worst_of(rubric: Rubric, codes: Iterable[str]) -> str:
    """Give the worst of some grades."""
    return max(codes, key=rubric.place_of)


def _decided(
    rubric: Rubric, view: View, computed: str | None, applied: Sequence[Force]
) -> str | None:
    """Give the officially decided grade where the rubric leaves one to decide."""
    level = view.level(rubric.decision) if rubric.decision else None
    known = {grade.code for grade in rubric.grades}
    free = computed is not None and not applied
    return level if free and level in known else computed


def _final(
    rubric: Rubric,
    possible: Sequence[str],
    applied: Sequence[Force],
    unknown: Sequence[Force],
) -> str | None:
    forced = [force.grade for force in applied]
    ends = {worst_of(rubric, [code, *forced]) for code in possible} or set(forced)
    if len(ends) != 1:
        return None
    grade = ends.pop()
    open_still = any(rubric.place_of(f.grade) > rubric.place_of(grade) for f in unknown)
    return None if open_still else grade


def limit_shares(
    rubric: Rubric, verdicts: Mapping[str, Verdict], scores: Mapping[str, float | None]
) -> dict[str, Verdict]:
    """Move those beyond the share of a limited grade to the next one, by score.

    The share is of all subjects assessed, rounded down to whole ones. Those with equal scores are
    treated alike: the choice `ties` drops or keeps all of them.
    """
    found = dict(verdicts)
    for share in rubric.shares:
        seats = math.floor(round(len(found) * share.percent / 100, 9))
        holders = {s: v for s, v in found.items() if v.grade == share.grade}
        for subject, one in holders.items():
            if not _seated(subject, holders, scores, seats, rubric.chosen("ties")):
                found[subject] = _moved(rubric, one, share, seats)
    return found


def _seated(
    subject: str,
    holders: Iterable[str],
    scores: Mapping[str, float | None],
    seats: int,
    ties: str,
) -> bool:
    own = scores[subject] or 0.0
    ahead = sum(1 for other in holders if (scores[other] or 0.0) > own)
    level = sum(1 for other in holders if (scores[other] or 0.0) == own)
    return ahead + level <= seats or (ties == "keep" and ahead < seats)


def _moved(rubric: Rubric, one: Verdict, share: Share, seats: int) -> Verdict:
    following = rubric.grades[rubric.place_of(share.grade) + 1].code
    force = Force("share", share.grade, None, following, limit=seats, percent=share.percent)
    return evolve(one, grade=following, applied=(*one.applied, force))
