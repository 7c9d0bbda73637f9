"""The scoring forms: pure functions from numbers to points. The list is closed.

Every form is monotone: a worse fact never gives more points. Points are rounded to ten digits, so
that 25 x 0.96 is 24.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from attrs import frozen

from dualcarbon.control.assessment.bands import complete
from dualcarbon.control.assessment.model import HIGHER, Item, Ladder, Step
from dualcarbon.control.assessment.view import DIGITS, View


@frozen
class Points:
    """What a line gets: `score`, None while a fact is missing; and the range still possible."""

    score: float | None
    low: float
    high: float


def known(score: float) -> Points:
    """Give points that are certain."""
    score = round(score, DIGITS)
    return Points(score, score, score)


def open_between(low: float, high: float) -> Points:
    """Give points that are not known yet."""
    return Points(None, low, high) if low < high else known(low)


def all_or_nothing(met: bool, most: float) -> float:
    """Give all points when met, else none."""
    return most if met else 0.0


def proportional(value: float, zero: float, full: float, most: float) -> float:
    """Give max x (value - zero) / (full - zero), at least 0 and at most max."""
    return most * min(max((value - zero) / (full - zero), 0.0), 1.0)


def stepped(
    value: float, steps: Sequence[Step], otherwise: float | None, edges: str
) -> float | None:
    """Give the points of the step that holds the number; None when there is none."""
    bands = complete([step.band for step in steps if step.band is not None])
    for step, band in zip(steps, bands, strict=True):
        if band.holds(value, edges):
            return step.points
    return otherwise


def ladder(value: float, rung: Ladder, most: float, better: str, part_step: str) -> float:
    """Give max less `lose` for every `per` short of `start`, at least 0.

    `part_step`: a step begun counts (`started`), or only a whole one (`full`).
    """
    short = rung.start - value if better == HIGHER else value - rung.start
    steps = round(max(short, 0.0) / rung.per, DIGITS)
    count = math.ceil(steps) if part_step == "started" else math.floor(steps)
    return max(most - rung.lose * count, 0.0)


def bonus(value: float, item: Item, better: str) -> float:
    """Give `each` for every full `per` beyond `over`, at most the cap."""
    beyond = value - item.over if better == HIGHER else item.over - value
    steps = math.floor(round(max(beyond, 0.0) / item.per, DIGITS))
    return min(item.each * steps, item.max or 0.0)


def matrix(met: Sequence[bool | None], cells: Mapping[tuple[bool, ...], float]) -> Points:
    """Give the points of a cell; with a fact missing, the range of the cells still possible."""
    left = [
        points
        for cell, points in cells.items()
        if all(one is None or one == other for one, other in zip(met, cell, strict=True))
    ]
    return known(left[0]) if None not in met else open_between(min(left), max(left))


def points(item: Item, view: View) -> Points | None:
    """Give the points of a line; None for a line that has none (a veto, a count without points)."""
    if item.max is None:
        return None
    if item.form == "matrix":
        return matrix([view.met(name) for name in item.facts], item.cells)
    if item.form == "count":
        return _count(item, view)
    score = _single(item, view)
    return open_between(*_range(item)) if score is None else known(score)


def _count(item: Item, view: View) -> Points:
    met = [view.met(name) for name in item.facts]
    sure = item.each * met.count(True)
    more = item.each * met.count(None)
    return Points(None, sure, sure + more) if None in met else known(sure)


def _range(item: Item) -> tuple[float, float]:
    paid = [step.points for step in item.steps]
    if not paid:
        return 0.0, item.max or 0.0
    paid += [] if item.otherwise is None else [item.otherwise]
    return min(paid), max(paid)


def _single(item: Item, view: View) -> float | None:
    name, most = item.facts[0], item.max or 0.0
    if item.form == "all_or_nothing":
        met = view.met(name)
        return None if met is None else all_or_nothing(met, most)
    if item.steps and item.steps[0].level is not None:
        return _level(item, view.level(name))
    value = view.number(name)
    return None if value is None else _of_number(item, value, view)


def _level(item: Item, level: str | None) -> float | None:
    if level is None:
        return None
    return next((s.points for s in item.steps if s.level == level), item.otherwise)


def _of_number(item: Item, value: float, view: View) -> float | None:
    name, most, rubric = item.facts[0], item.max or 0.0, view.rubric
    better = rubric.facts[name].better
    if item.form == "proportional":
        return proportional(value, item.zero, item.full, most)
    if item.form == "bonus":
        return bonus(value, item, better)
    if item.ladder is not None:
        return ladder(value, item.ladder, most, better, rubric.chosen("part_step"))
    return stepped(value, item.steps, item.otherwise, rubric.chosen("edges"))
