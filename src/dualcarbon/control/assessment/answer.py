"""The answer of `dualcarbon assess`: rubric, results, stability and what-if as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import asdict

from dualcarbon.control.assessment.facts import Given
from dualcarbon.control.assessment.grade import Force
from dualcarbon.control.assessment.model import Fact, Item, Rubric
from dualcarbon.control.assessment.reason import force_reason
from dualcarbon.control.assessment.sheet import Line, Sheet
from dualcarbon.control.assessment.stability import Stability
from dualcarbon.control.assessment.what_if import WhatIf

RUBRIC = ("applies_to", "mark", "status", "source")


def rubric_json(rubric: Rubric) -> dict[str, Any]:
    """Give a rubric: names, dates, source, choices taken, items, facts, grades."""
    return {
        "id": rubric.code,
        **_names(rubric),
        **{name: getattr(rubric, name) for name in RUBRIC},
        "valid_from": str(rubric.valid_from),
        "valid_to": None if rubric.valid_to is None else str(rubric.valid_to),
        "note_zh": rubric.note[0],
        "note_en": rubric.note[1],
        "max": rubric.max,
        "choices": [
            {"id": c.code, **_names(c), "options": list(c.options), "chosen": c.chosen}
            for c in rubric.choices.values()
        ],
        "items": [_item(item) for item in rubric.items],
        "facts": [_fact(fact) for fact in rubric.facts.values()],
        "grades": [{"id": grade.code, **_names(grade)} for grade in rubric.grades],
    }


def _names(named: Any) -> dict[str, str]:
    return {"name_zh": named.name_zh, "name_en": named.name_en}


def _item(item: Item) -> dict[str, Any]:
    return {
        "item": item.code,
        **_names(item),
        "form": item.form,
        "max": item.max,
        "facts": list(item.facts),
        "veto": None if item.veto is None else item.veto.forces,
        "mark": item.mark,
        "status": item.status,
        "source": item.source,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    ratio = None if fact.ratio is None else f"{fact.ratio.of} / {fact.ratio.to}"
    return {
        "name": fact.code,
        **_names(fact),
        "unit": fact.unit,
        "better": fact.better,
        "ratio": ratio,
        "levels": [level.code for level in fact.levels],
    }


def result_json(rubric: Rubric, sheet: Sheet, codes: Sequence[str | None]) -> dict[str, Any]:
    """Give the result of one subject; `codes` are those of its lines."""
    verdict = sheet.verdict
    return {
        "subject": sheet.subject,
        "lines": [_line(line, code) for line, code in zip(sheet.lines, codes, strict=True)],
        "score": sheet.score,
        "computed_grade": verdict.computed,
        "grade": verdict.grade,
        "vetoes": [_force(rubric, force, "applied") for force in verdict.applied],
        "vetoes_unknown": [_force(rubric, force, "unknown") for force in verdict.unknown],
        "partial": sheet.partial,
        "low": sheet.low,
        "high": sheet.high,
        "max": sheet.max,
        "grades_possible": list(verdict.possible),
        "rank": sheet.rank,
    }


def _line(line: Line, code: str | None) -> dict[str, Any]:
    names = ("item", "score", "max", "reason_zh", "reason_en")
    more = ("name_zh", "name_en", "low", "high", "state", "source", "mark", "status")
    return {
        **{name: getattr(line, name) for name in names},
        "evidence": [evidence_json(given) for given in line.evidence],
        **{name: getattr(line, name) for name in more},
        "code": code,
    }


def evidence_json(given: Given) -> dict[str, Any]:
    """Give a fact as evidence: what was given, from where, where it stands."""
    names = ("name", "value", "unit", "met", "grade", "low", "high", "source", "place")
    return {name: getattr(given, name) for name in names}


def _force(rubric: Rubric, force: Force, state: str) -> dict[str, Any]:
    zh, en = force_reason(rubric, force, state)
    return {
        "item": force.item,
        "kind": force.kind,
        "fact": force.fact,
        "forces": force.grade,
        "reason_zh": zh,
        "reason_en": en,
    }


def results_json(
    rubric: Rubric, sheets: Sequence[Sheet], edition: str | None
) -> list[dict[str, Any]]:
    """Give the results of all subjects with the explain codes of a frozen edition."""
    found, number = [], 0
    for sheet in sheets:
        rows = range(number, number + len(sheet.lines))
        number = rows.stop
        codes = [None if edition is None else f"{edition}:lines:{row}" for row in rows]
        found.append(result_json(rubric, sheet, codes))
    return found


def stability_json(rows: Sequence[Stability], draws: int, seed: int) -> dict[str, Any]:
    """Give the probabilities of ranks and grades."""
    made = [
        {**asdict(row), "p_rank": list(row.p_rank), "uncertain": list(row.uncertain)}
        for row in rows
    ]
    return {"draws": draws, "seed": seed, "rows": made}


def what_if_json(found: WhatIf) -> dict[str, Any]:
    """Give the weights, the totals and who gains and who loses."""
    return {
        "weights": dict(found.weights),
        "max": found.max,
        "new_max": found.new_max,
        "rows": [asdict(shift) for shift in found.shifts],
    }
