"""What a rubric must obey as a whole: one reading of every number, and worse never pays more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from dualcarbon.control.assessment.bands import ascending, complete, gaps, overlaps
from dualcarbon.control.assessment.entry import Entry
from dualcarbon.control.assessment.model import HIGHER, Fact, Item, Rubric
from dualcarbon.units import compatible


def check(rubric: Rubric, top: Entry) -> None:
    """Add a complaint for every contradiction of a rubric that was read."""
    _unique(rubric, top)
    _dated(rubric, top)
    for fact in rubric.facts.values():
        _fact(fact, rubric, _about(top, "facts", fact.code))
    for item in rubric.items:
        _item(item, rubric, _about(top, "items", item.code))
    _grades(rubric, top)
    _total(rubric, top)


def _about(top: Entry, key: str, code: str) -> Entry:
    raw = next((e.raw for e in top.entries(key) if str(e.raw.get("id")) == code), {})
    return Entry(raw, f"{top.where} › {key} › {code}", top.file, top.findings)


def _unique(rubric: Rubric, top: Entry) -> None:
    kinds: Iterable[tuple[str, Sequence[Any]]] = (
        ("items", rubric.items),
        ("grades", rubric.grades),
    )
    for key, entries in kinds:
        twice = [code for code, n in Counter(one.code for one in entries).items() if n > 1]
        for code in twice:
            top.complain("twice", key, found=code)
    if len(rubric.facts) < len(top.entries("facts")):
        top.complain("twice", "facts")
    if not rubric.items:
        top.complain("no_items", "items")


def _dated(rubric: Rubric, top: Entry) -> None:
    if rubric.valid_to is not None and rubric.valid_to < rubric.valid_from:
        top.complain("date", "valid_to", found=str(rubric.valid_to))
    owners: list[Any] = [rubric, *rubric.items]
    for owner in owners:
        if owner.mark == "D" and owner.status == "sourced":
            top.complain("unsourced", "mark", found=owner.code)
    if rubric.status == "sourced" and not rubric.source:
        top.complain("text", "source")


def _fact(fact: Fact, rubric: Rubric, about: Entry) -> None:
    if fact.met_when is not None:
        right = fact.met_when.rises if fact.better == HIGHER else fact.met_when.falls
        if not right:
            about.complain("direction", "met_when", expected=fact.better)
    if fact.ratio is None:
        return
    parts = [n for n in (fact.ratio.of, fact.ratio.to) if isinstance(n, str)]
    for name in parts:
        if name not in rubric.facts or rubric.facts[name].ratio is not None:
            about.complain("fact_undeclared", "ratio", found=name, expected=", ".join(rubric.facts))
            return
    units = [rubric.facts[name].unit for name in parts]
    if len(units) == 2 and not compatible(*units):
        about.complain("unit", "ratio", found=" / ".join(units))
    if not compatible(fact.unit, "1"):
        about.complain("unit", "unit")


def _item(item: Item, rubric: Rubric, about: Entry) -> None:
    fact = rubric.facts[item.facts[0]] if item.facts else None
    if item.form == "proportional" and fact is not None and not _rises(item, fact):
        about.complain("direction", "full", expected=fact.better)
    if item.form == "stepped" and fact is not None and item.ladder is None:
        _steps(item, fact, about)
    if item.form == "matrix":
        _cells(item, about)
    for forced in (item.forces, item.veto.forces if item.veto else None):
        if forced is not None and forced not in {grade.code for grade in rubric.grades}:
            about.complain("grade_unknown", "forces", found=forced, expected=_codes(rubric))
    if item.veto is not None and item.veto.fact not in rubric.facts:
        about.complain("fact_undeclared", "veto", found=item.veto.fact, expected=_known(rubric))


def _rises(item: Item, fact: Fact) -> bool:
    """Tell whether points rise towards the better side."""
    return item.full > item.zero if fact.better == HIGHER else item.full < item.zero


def _codes(rubric: Rubric) -> str:
    return ", ".join(grade.code for grade in rubric.grades) or "-"


def _known(rubric: Rubric) -> str:
    return ", ".join(rubric.facts) or "-"


def _steps(item: Item, fact: Fact, about: Entry) -> None:
    over = [s.points for s in item.steps if s.points > (item.max or 0)]
    over += [p for p in (item.otherwise,) if p is not None and p > (item.max or 0)]
    for points in over:
        about.complain("over_max", "steps", found=points, expected=item.max)
    if not item.steps:
        about.complain("steps_or_ladder", "steps")
    elif any(step.level is not None for step in item.steps):
        _levels(item, fact, about)
    else:
        _numbers(item, fact, about)


def _levels(item: Item, fact: Fact, about: Entry) -> None:
    known = [level.code for level in fact.levels]
    named = [step.level for step in item.steps]
    if None in named or len(set(named)) < len(named) or set(named) - set(known):
        about.complain(
            "levels", "steps", found=", ".join(map(str, named)), expected=", ".join(known)
        )
        return
    missing = set(known) - set(named)
    if missing and item.otherwise is None:
        about.complain(
            "levels", "steps", found=", ".join(map(str, named)), expected=", ".join(known)
        )
    points = {step.level: step.points for step in item.steps}
    _falling([points.get(code, item.otherwise) for code in known], about)


def _falling(points: Sequence[float | None], about: Entry) -> None:
    """Complain when a place further down is paid more than one above it."""
    known = [p for p in points if p is not None]
    if any(a < b for a, b in pairwise(known)):
        about.complain("not_monotone", "steps", found=", ".join(f"{p:g}" for p in known))


def _numbers(item: Item, fact: Fact, about: Entry) -> None:
    bands = complete([step.band for step in item.steps if step.band is not None])
    clashes = overlaps(bands)
    for one, other in clashes:
        pair = f"{_shown(item, one)} / {_shown(item, other)}"
        about.complain("overlap", "steps", found=pair)
    if clashes:
        return
    holes = gaps(bands)
    if holes and item.otherwise is None:
        about.complain("gap", "steps", found=len(holes))
    points: list[float | None] = [item.steps[i].points for i in ascending(bands)]
    for hole in reversed(holes):
        points.insert(hole, item.otherwise)
    _falling(points[::-1] if fact.better == HIGHER else points, about)


def _shown(item: Item, index: int) -> str:
    band = item.steps[index].band
    return "" if band is None else f"[{band.low:g}, {band.high:g}] → {item.steps[index].points:g}"


def _cells(item: Item, about: Entry) -> None:
    for met, points in item.cells.items():
        if points > (item.max or 0):
            about.complain("over_max", "cells", found=points, expected=item.max)
        for worse in _one_less(met):
            if item.cells[worse] > points:
                about.complain("not_monotone", "cells", found=f"{item.cells[worse]:g} > {points:g}")


def _one_less(met: tuple[bool, ...]) -> Iterator[tuple[bool, ...]]:
    for k, value in enumerate(met):
        if value:
            yield (*met[:k], False, *met[k + 1 :])


def _grades(rubric: Rubric, top: Entry) -> None:
    banded = [grade for grade in rubric.grades if grade.band is not None]
    bands = complete([grade.band for grade in banded if grade.band is not None])
    for one, other in overlaps(bands):
        top.complain("overlap", "grades", found=f"{banded[one].code} / {banded[other].code}")
    if ascending(bands) != list(range(len(bands)))[::-1]:
        top.complain("grade_order", "grades", found=_codes(rubric))
    codes = {grade.code for grade in rubric.grades}
    for share in rubric.shares:
        if share.grade not in codes or share.grade == rubric.grades[-1].code:
            top.complain("grade_unknown", "shares", found=share.grade, expected=_codes(rubric))
    if rubric.base_grade is not None and rubric.base_grade not in codes:
        top.complain("grade_unknown", "base_grade", expected=_codes(rubric))
    if rubric.max is None and rubric.grades and rubric.base_grade is None:
        top.complain("base_grade", "base_grade", expected=_codes(rubric))
    if rubric.decision is not None and rubric.decision not in rubric.facts:
        top.complain("fact_undeclared", "decision", found=rubric.decision, expected=_known(rubric))


def _total(rubric: Rubric, top: Entry) -> None:
    if "total" not in top.raw:
        return
    wanted = top.number("total")
    points = [i.max for i in rubric.items if i.max is not None and i.form != "bonus"]
    if round(sum(points), 9) != round(wanted, 9):
        top.complain("total", "total", found=sum(points), expected=wanted)
