"""Rank stability: how sure rank and grade are when the facts have stated errors.

A fact with a range is drawn from a normal distribution with the value as its median and the range
as its 95 %; an uneven range has the two halves of two normals. Errors of facts and of subjects are
independent. Each fact has a stream of its own, named by seed, subject and fact, so that no order
and no other fact changes a draw.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from dualcarbon.accounting.uncertainty.distributions import Floats, Z
from dualcarbon.control.assessment.facts import Book, Given
from dualcarbon.control.assessment.grade import limit_shares, verdict
from dualcarbon.control.assessment.model import Item, Rubric
from dualcarbon.control.assessment.score import Points, points
from dualcarbon.control.assessment.sheet import ranks, summed_points
from dualcarbon.control.assessment.view import View
from dualcarbon.errors import UsageError
from dualcarbon.findings import finding

DRAWS, MOST = 1000, 100_000
OPEN = "open"


@frozen
class Stability:
    """What the draws say of a subject: the share of draws at each rank and with each grade.

    `p_rank[k]` is the probability of rank k + 1; empty where the subject has no total. Those of
    grades sum to 1; `open` is that of no grade. `uncertain` names the facts with a range.
    """

    subject: str
    p_rank: tuple[float, ...]
    p_grade: Mapping[str, float]
    score_low: float | None
    score_high: float | None
    uncertain: tuple[str, ...]


def stability(rubric: Rubric, book: Book, draws: int = DRAWS, seed: int = 1) -> list[Stability]:
    """Give the rank and grade probabilities of every subject; the same seed gives the same.

    Empty when no fact has a range. `score_low`, `score_high`: 2.5 and 97.5 % of the drawn totals.
    Errors: UsageError for a number of draws outside 1..100,000.
    """
    if not 1 <= draws <= MOST:
        raise UsageError(finding("assessment.draws", found=draws, expected=f"1..{MOST}"))
    drawn = {s: _drawn(given, draws, seed) for s, given in book.items()}
    if not any(drawn.values()):
        return []
    pages = {s: _Page(rubric, book[s], drawn[s]) for s in sorted(book)}
    placed: dict[str, Counter[int]] = {subject: Counter() for subject in pages}
    graded: dict[str, Counter[str]] = {subject: Counter() for subject in pages}
    totals: dict[str, list[float]] = {subject: [] for subject in pages}
    for draw in range(draws):
        made = {subject: page.draw(draw) for subject, page in pages.items()}
        scores = {subject: one[0] for subject, one in made.items()}
        verdicts = limit_shares(rubric, {s: one[1] for s, one in made.items()}, scores)
        for subject, rank in ranks(scores).items():
            if rank is not None:
                placed[subject][rank] += 1
                totals[subject].append(scores[subject] or 0.0)
            graded[subject][verdicts[subject].grade or OPEN] += 1
    count = sum(1 for counter in placed.values() if counter)
    return [
        Stability(
            subject,
            tuple(placed[subject][k + 1] / draws for k in range(count)) if placed[subject] else (),
            _shares(rubric, graded[subject], draws),
            *_ends(totals[subject]),
            tuple(drawn[subject]),
        )
        for subject in pages
    ]


def _shares(rubric: Rubric, counted: Counter[str], draws: int) -> dict[str, float]:
    names = [*(grade.code for grade in rubric.grades), *([OPEN] if counted[OPEN] else [])]
    return {name: counted[name] / draws for name in names}


def _ends(totals: list[float]) -> tuple[float | None, float | None]:
    if not totals:
        return None, None
    low, high = np.quantile(totals, [0.025, 0.975], method="nearest")
    return float(low), float(high)


def _drawn(given: Mapping[str, Given], draws: int, seed: int) -> dict[str, Floats]:
    """Give the draws of every fact that has a range."""
    return {name: _draws(one, draws, seed) for name, one in sorted(given.items()) if one.uncertain}


def _draws(given: Given, draws: int, seed: int) -> Floats:
    name = f"{seed}|{given.subject}|{given.name}".encode()
    key = int.from_bytes(hashlib.sha256(name).digest()[:16], "big")
    z = np.random.Generator(np.random.Philox(key=key)).standard_normal(draws)
    value, low, high = given.value or 0.0, given.low or 0.0, given.high or 0.0
    return value + np.where(z < 0, z * (value - low), z * (high - value)) / Z


class _Page:
    """A subject whose lines without drawn facts are scored once."""

    def __init__(self, rubric: Rubric, given: Mapping[str, Given], drawn: Any) -> None:
        self.rubric, self.given, self.drawn = rubric, given, drawn
        moving = _moved_by(rubric, set(drawn))
        self.moving = [item for item in rubric.items if _uses(item, moving)]
        fixed = [item for item in rubric.items if not _uses(item, moving)]
        view = View(rubric, given)
        self.fixed = [p for p in (points(item, view) for item in fixed) if p is not None]
        self.kept = self._result(view) if not drawn else None

    def draw(self, draw: int) -> Any:
        """Give score and verdict of one draw."""
        if self.kept is not None:
            return self.kept
        numbers = {name: float(values[draw]) for name, values in self.drawn.items()}
        return self._result(View(self.rubric, self.given, numbers))

    def _result(self, view: View) -> Any:
        moved = [p for p in (points(item, view) for item in self.moving) if p is not None]
        total = self._total(moved)
        return total.score if total else None, verdict(self.rubric, view, total)

    def _total(self, moved: list[Points]) -> Points | None:
        return summed_points([*self.fixed, *moved]) if self.rubric.max is not None else None


def _moved_by(rubric: Rubric, drawn: set[str]) -> set[str]:
    """Give the facts that move with the drawn ones: themselves and their ratios."""
    found = set(drawn)
    for fact in rubric.facts.values():
        if fact.ratio is not None and {fact.ratio.of, fact.ratio.to} & drawn:
            found.add(fact.code)
    return found


def _uses(item: Item, facts: set[str]) -> bool:
    return bool(set(item.facts) & facts)
