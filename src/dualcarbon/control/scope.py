"""Whom a commitment binds: the subjects that get a standing of their own."""

from __future__ import annotations

from collections.abc import Iterable

from dualcarbon.control.known import Known, Subject
from dualcarbon.plan.model import Commitment, Plan

CUTS_OF_INDUSTRY = ("industries", "sectors")


def subjects(plan: Plan, commitment: Commitment, known: Known) -> list[Subject]:
    """Give the subjects of a commitment: the city, its districts, members of a cut, enterprises.

    Members of the first cut always have a row; those of further cuts, and single enterprises, only
    where the data folder speaks of them, so that nothing is claimed about subjects nobody reports.
    A task without a number has the row of the city, and one for each district of its scope as soon
    as one of them has reported a step.
    """
    city = ("city", known.data.words.city)
    scope = commitment.scope
    if commitment.yardstick == "milestone" or scope.subject_kind in ("city", "project"):
        return [city, *stepped_areas(commitment, known)]
    found: list[Subject] = []
    if scope.subject_kind == "area":
        first = scope.cut or "districts"
        found = _cut(first, commitment, known)
        for cut in scope.cuts:
            if cut != first:
                found += _reported(_cut(cut, commitment, known), commitment, plan, known)
    elif scope.subject_kind == "industry":
        found = _reported(_industries(known), commitment, plan, known)
    else:
        found = _enterprises(commitment, plan, known)
    return found or [city]


def stepped_areas(commitment: Commitment, known: Known) -> list[Subject]:
    """Give the areas that a task without a number binds, once any of them has reported a step."""
    if commitment.yardstick != "milestone" or commitment.scope.subject_kind != "area":
        return []
    areas = _cut(commitment.scope.cut or "districts", commitment, known)
    rows = known.progress.filter(known.progress["commitment"] == commitment.id)
    named = set(rows["subject"])
    return areas if any(code in named for _, code in areas) else []


def _cut(cut: str, commitment: Commitment, known: Known) -> list[Subject]:
    words = known.data.words
    if cut in CUTS_OF_INDUSTRY:
        return _industries(known)
    if cut in words.areas.cuts:
        return [("area", code) for code, _ in words.areas.cuts[cut].members]
    if cut == "districts":
        codes = [a.code for a in words.areas.children(words.city) if a.level == "district"]
        if isinstance(commitment.districts, tuple) and commitment.districts:
            codes = [code for code in codes if code in commitment.districts]
        return [("area", code) for code in codes]
    regions = (c for c in words.areas.cuts if c.startswith(cut.rstrip("s")))
    return [("area", code) for code in regions]


def _industries(known: Known) -> list[Subject]:
    return [("industry", code) for code in known.data.words.industries]


def indicators_of(commitment: Commitment, plan: Plan) -> tuple[str, ...]:
    """Give the indicator of a commitment and the parts of it when it is a ratio."""
    name = commitment.indicator
    if name is None or name not in plan.indicators:
        return ()
    entry = plan.indicators[name]
    return tuple(part for part in (name, entry.numerator, entry.denominator) if part)


def _reported(
    candidates: Iterable[Subject], commitment: Commitment, plan: Plan, known: Known
) -> list[Subject]:
    names = indicators_of(commitment, plan)
    keys = {*known.facts, *known.bad}
    return [s for s in candidates if any((name, s) in keys for name in names[:2])]


def _enterprises(commitment: Commitment, plan: Plan, known: Known) -> list[Subject]:
    names = indicators_of(commitment, plan)
    found = {subject for name, subject in (*known.facts, *known.bad) if name in names}
    return sorted(subject for subject in found if subject[0] == "enterprise")
