"""Why a line has its points: one sentence, in both languages, from the facts that were used."""

from __future__ import annotations

from dualcarbon.control.assessment.grade import Force
from dualcarbon.control.assessment.model import Item, Rubric
from dualcarbon.control.assessment.score import Points
from dualcarbon.control.assessment.view import View
from dualcarbon.control.assessment.wording import Pair, amount, digits, joined, say


def item_reason(item: Item, view: View, scored: Points | None, state: str) -> Pair:
    """Give the reason of a line, and of its veto where it has one."""
    own = _veto(item, view, state) if scored is None else _points(item, view, scored)
    if scored is None or item.veto is None:
        return own
    met = view.met(item.veto.fact)
    if met is None or met != (item.veto.when == "met"):
        return own
    more = _veto(item, view, "veto")
    return own[0] + more[0], f"{own[1]} {more[1]}"


def fact_name(rubric: Rubric, name: str) -> Pair:
    """Give the name of a fact in both languages."""
    return rubric.facts[name].name_zh, rubric.facts[name].name_en


def grade_name(rubric: Rubric, code: str) -> Pair:
    """Give the name of a grade in both languages."""
    grade = rubric.grades[rubric.place_of(code)]
    return grade.name_zh, grade.name_en


def _veto(item: Item, view: View, state: str) -> Pair:
    assert item.veto is not None
    key = {"veto": "veto_applied", "missing": "veto_unknown"}.get(state, "veto_clear")
    name = fact_name(view.rubric, item.veto.fact)
    return say(key, fact=name, forces=grade_name(view.rubric, item.veto.forces))


def _points(item: Item, view: View, scored: Points) -> Pair:
    most = digits(item.max or 0.0)
    if scored.score is None:
        return _missing(item, view, scored)
    score = digits(scored.score)
    if item.form == "matrix":
        return say("matrix", fact=_mets(item, view), score=score, max=most)
    name = item.facts[0]
    fact = fact_name(view.rubric, name)
    if item.form == "all_or_nothing":
        key = "all_or_nothing_full" if view.met(name) else "all_or_nothing_none"
        return say(key, fact=fact, max=most)
    level = view.level(name)
    if item.steps and item.steps[0].level is not None and level is not None:
        found = next(one for one in view.rubric.facts[name].levels if one.code == level)
        value = (found.name_zh, found.name_en)
        return say("level", fact=fact, value=value, score=score, max=most)
    return _number(item, view, fact, score, most)


def _number(item: Item, view: View, fact: Pair, score: str, most: str) -> Pair:
    unit = view.rubric.facts[item.facts[0]].unit
    value = amount(view.number(item.facts[0]) or 0.0, unit)
    shared: dict[str, Pair | str] = {"fact": fact, "value": value, "score": score, "max": most}
    if item.form == "proportional":
        zero, full = amount(item.zero, unit), amount(item.full, unit)
        return say("proportional", **shared, zero=zero, full=full)
    if item.form == "bonus":
        over, per = amount(item.over, unit), amount(item.per, unit)
        return say("bonus", **shared, over=over, per=per, each=digits(item.each))
    if item.ladder is not None:
        start, per = amount(item.ladder.start, unit), amount(item.ladder.per, unit)
        return say("ladder", **shared, start=start, per=per, lose=digits(item.ladder.lose))
    return say("stepped", **shared)


def _mets(item: Item, view: View) -> Pair:
    parts = []
    for name in item.facts:
        word = say("met" if view.met(name) else "missed")
        zh, en = fact_name(view.rubric, name)
        parts.append((f"{zh}{word[0]}", f"{en} {word[1]}"))
    return joined(parts)


def _missing(item: Item, view: View, scored: Points) -> Pair:
    name = item.facts[0]
    if len(item.facts) == 1 and _undefined(name, view):
        return say("undefined", fact=fact_name(view.rubric, name))
    open_facts = [n for n in item.facts if _open(n, item, view)]
    lacks = [lack for n in open_facts for lack in view.lacks(n)]
    named = joined([fact_name(view.rubric, n) for n in dict.fromkeys(lacks)])
    return say("missing", lacks=named, low=digits(scored.low), high=digits(scored.high))


def _undefined(name: str, view: View) -> bool:
    """Tell whether a ratio has both its facts and still no value."""
    ratio = view.rubric.facts[name].ratio
    if ratio is None or name in view.given or view.number(name) is not None:
        return False
    parts = [part for part in (ratio.of, ratio.to) if isinstance(part, str)]
    return all(part in view.given and view.given[part].value is not None for part in parts)


def _open(name: str, item: Item, view: View) -> bool:
    if item.form in ("matrix", "all_or_nothing"):
        return view.met(name) is None
    return view.number(name) is None


def count_reason(item: Item, name: str, view: View, met: bool | None) -> Pair:
    """Give the reason of one fact of a count."""
    if met is None:
        lacks = joined([fact_name(view.rubric, one) for one in view.lacks(name)])
        if item.max is None:
            return say("missing_bare", lacks=lacks)
        return say("missing", lacks=lacks, low="0", high=digits(item.each))
    return say("count_met" if met else "count_missed", fact=fact_name(view.rubric, name))


def force_reason(rubric: Rubric, force: Force, state: str) -> Pair:
    """Give the reason of what forces a grade; `state` is applied or unknown."""
    forces = grade_name(rubric, force.grade)
    if force.kind == "veto":
        return say(f"veto_{state}", fact=fact_name(rubric, force.fact or ""), forces=forces)
    limit = str(force.limit)
    if force.kind == "share":
        grade, percent = grade_name(rubric, force.item), digits(force.percent)
        return say("share_applied", grade=grade, percent=percent, seats=limit, forces=forces)
    item = next(one for one in rubric.items if one.code == force.item)
    counts = {"missed": str(force.missed), "open": str(force.open), "limit": limit}
    return say(f"count_{state}", item=(item.name_zh, item.name_en), forces=forces, **counts)
