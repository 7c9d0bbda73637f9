"""What is to be said of an assessment beside its sheets: contradictions, edges, open totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dualcarbon.control.assessment.bands import complete
from dualcarbon.control.assessment.facts import Book
from dualcarbon.control.assessment.grade import grade_of
from dualcarbon.control.assessment.model import POINT, Rubric
from dualcarbon.control.assessment.sheet import Sheet
from dualcarbon.control.assessment.view import View
from dualcarbon.control.assessment.wording import digits
from dualcarbon.findings import Finding, Place, finding


def notes(rubric: Rubric, book: Book, sheets: Sequence[Sheet]) -> list[Finding]:
    """Give the findings about rubric, facts and sheets."""
    found = [item for subject in book for item in _facts(rubric, book, subject)]
    found += [item for sheet in sheets for item in _grades(rubric, sheet)]
    open_totals = [s.subject for s in sheets if any(line.state == "missing" for line in s.lines)]
    if open_totals:
        found.append(finding("assessment.open_totals", found=len(open_totals)))
    return [*found, *unsourced(rubric)]


def _facts(rubric: Rubric, book: Book, subject: str) -> Iterator[Finding]:
    view = View(rubric, book[subject])
    for name, given in book[subject].items():
        tested = view.tested(name)
        if given.met is not None and tested is not None and given.met != tested:
            words = {True: "met", False: "missed"}
            said, by_number = words[given.met], words[tested]
            yield finding(
                "assessment.contradiction",
                Place.parse(given.place),
                found=said,
                expected=by_number,
                name=name,
                subject=subject,
            )
    yield from _beyond(rubric, view)
    for fact in rubric.facts.values():
        value = view.number(fact.code)
        if fact.ratio is not None and fact.code not in book[subject] and (value or 0) < 0:
            shown = digits(value or 0)
            yield finding("assessment.opposite_signs", found=shown, name=fact.code, subject=subject)


def _beyond(rubric: Rubric, view: View) -> Iterator[Finding]:
    """Say which awarded points are more than the line has, or below zero."""
    for item in rubric.items:
        fact = rubric.facts[item.facts[0]] if item.facts else None
        if fact is None or item.form != "proportional" or fact.unit != POINT:
            continue
        value, given = view.number(fact.code), view.given.get(fact.code)
        if value is not None and given is not None and not item.zero <= value <= item.full:
            yield finding(
                "assessment.beyond",
                Place.parse(given.place),
                found=digits(value),
                expected=digits(item.full),
                name=fact.code,
                subject=given.subject,
            )


def _grades(rubric: Rubric, sheet: Sheet) -> Iterator[Finding]:
    """Say where another reading of edges or gaps would give another grade."""
    if sheet.score is None or not any(grade.band for grade in rubric.grades):
        return
    own, reading = grade_of(sheet.score, rubric), rubric.chosen("edges")
    other = grade_of(sheet.score, rubric, "upper" if reading == "lower" else "lower")
    score = digits(sheet.score)
    if own != other:
        yield finding(
            "assessment.on_edge",
            found=score,
            expected=f"edges={reading}",
            other=other or "-",
            subject=sheet.subject,
        )
    elif _between(rubric, sheet.score):
        choice = rubric.chosen("gap")
        yield finding(
            "assessment.between_grades",
            found=score,
            expected=own or "-",
            choice=choice,
            subject=sheet.subject,
        )


def _between(rubric: Rubric, score: float) -> bool:
    """Tell whether a score is in no band of the grades and not above or below all of them."""
    bands = complete([grade.band for grade in rubric.grades if grade.band is not None])
    held = any(band.holds(score, rubric.chosen("edges")) for band in bands)
    return not held and any(b.low > score for b in bands) and any(b.high < score for b in bands)


def unsourced(rubric: Rubric) -> list[Finding]:
    """Say which items, or that the rubric itself, have no source."""
    items = [item.code for item in rubric.items if item.status != "sourced"]
    if not items and rubric.status == "sourced":
        return []
    owners = [*([rubric.code] if rubric.status != "sourced" else []), *items]
    return [finding("assessment.unsourced_items", found=_listed(owners))]


def _listed(items: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(items))
