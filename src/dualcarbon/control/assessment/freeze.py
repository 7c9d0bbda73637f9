"""Freeze an assessment as an edition, and explain each line and total from the edition alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from dualcarbon.control.assessment.facts import Facts, Given, book_of
from dualcarbon.control.assessment.model import Rubric
from dualcarbon.control.assessment.rubric import build
from dualcarbon.control.assessment.sheet import Line, Sheet, assess
from dualcarbon.control.assessment.wording import say
from dualcarbon.editions import Edition, Explainer, Explanation, Input, Term, write_edition
from dualcarbon.editions.explain import same
from dualcarbon.packs import Pack

ROOM = "assessment"
LINES: dict[str, Any] = {
    "subject": pl.String,
    "item": pl.String,
    "name_zh": pl.String,
    "name_en": pl.String,
    "score": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "max": pl.Float64,
    "state": pl.String,
    "reason_zh": pl.String,
    "reason_en": pl.String,
    "mark": pl.String,
    "status": pl.String,
    "evidence": pl.List(pl.Int64),
}
RESULTS: dict[str, Any] = {
    "subject": pl.String,
    "score": pl.Float64,
    "partial": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "max": pl.Float64,
    "rank": pl.Int64,
    "computed_grade": pl.String,
    "grade": pl.String,
    "vetoes": pl.List(pl.String),
    "vetoes_unknown": pl.List(pl.String),
}


def freeze(
    rubric: Rubric,
    facts: Facts,
    sheets: Sequence[Sheet],
    store: Path,
    pack: Pack,
    inputs: Sequence[Input] = (),
) -> Edition:
    """Write an assessment: lines, results and facts; rubric and choices stand in the options."""
    lines = [_line(sheet.subject, line) for sheet in sheets for line in sheet.lines]
    return write_edition(
        store,
        room=ROOM,
        tables={
            "lines": pl.DataFrame(lines, schema=LINES),
            "results": pl.DataFrame([_result(sheet) for sheet in sheets], schema=RESULTS),
            "facts": facts.frame,
        },
        inputs=(facts.input, *inputs),
        parameters=(),
        pack=pack,
        options={
            "rubric": rubric.raw,
            "choices": {name: choice.chosen for name, choice in rubric.choices.items()},
        },
    )


def _line(subject: str, line: Line) -> dict[str, Any]:
    kept = {name: getattr(line, name) for name in LINES if name not in ("subject", "evidence")}
    return {"subject": subject, **kept, "evidence": [given.row for given in line.evidence]}


def _result(sheet: Sheet) -> dict[str, Any]:
    names = ("subject", "score", "partial", "low", "high", "max", "rank")
    verdict = sheet.verdict
    return {
        **{name: getattr(sheet, name) for name in names},
        "computed_grade": verdict.computed,
        "grade": verdict.grade,
        "vetoes": [force.item for force in verdict.applied],
        "vetoes_unknown": [force.item for force in verdict.unknown],
    }


def again(edition: Edition) -> tuple[Rubric, list[Sheet]]:
    """Assess once more from the rubric, choices and facts that an edition holds."""
    options = edition.manifest["options"]
    rubric = build(options["rubric"], options["choices"])
    subjects = set(edition.table("results")["subject"].to_list())
    return rubric, assess(rubric, book_of(edition.table("facts"), rubric, subjects))


def explain_line(edition: Edition, index: int) -> Explanation:
    """Explain one line: its facts with their cells, its form, and the score computed again."""
    row = edition.row("lines", index)
    rubric, sheets = again(edition)
    lines = [(s.subject, line) for s in sheets for line in s.lines]
    line = lines[index][1]
    made = _line(*lines[index])
    item = next(i for i in rubric.items if i.code == row["item"].partition(".")[0])
    zh, en = say(f"formula_{item.form}")
    return Explanation(
        code=f"{edition.id}:lines:{index}",
        value=row["score"],
        unit="point",
        formula_zh=zh,
        formula_en=en,
        inputs=(*(_term(given) for given in line.evidence), *_most(line)),
        recomputed=line.score,
        equal=all(same(row[name], made[name]) for name in LINES),
        about={name: row[name] for name in ("subject", "item", "reason_zh", "reason_en", "status")},
    )


def _term(given: Given) -> Term:
    value: Any = given.value
    if value is None:
        value = given.level if given.level is not None else given.met
    unit = given.unit if given.value is not None else None
    name = f"{given.subject} {given.name}"
    return Term(name, value, unit, place=given.place, source=given.source, status=given.grade)


def _most(line: Line) -> list[Term]:
    return [] if line.max is None else [Term("max", line.max, "point", source=line.source)]


def explain_result(edition: Edition, index: int) -> Explanation:
    """Explain a total and its grade: the lines it is the sum of, and the grade computed again."""
    row = edition.row("results", index)
    sheet = again(edition)[1][index]
    made = _result(sheet)
    lines = edition.table("lines").with_row_index("line")
    own = lines.filter(pl.col("subject") == row["subject"]).iter_rows(named=True)
    zh, en = say("formula_total")
    return Explanation(
        code=f"{edition.id}:results:{index}",
        value=row["score"],
        unit="point",
        formula_zh=zh,
        formula_en=en,
        inputs=tuple(_of_line(edition, line) for line in own),
        recomputed=sheet.score,
        equal=all(same(row[name], made[name]) for name in RESULTS),
        about={
            name: row[name] for name in ("subject", "rank", "computed_grade", "grade", "vetoes")
        },
    )


def _of_line(edition: Edition, line: Mapping[str, Any]) -> Term:
    code = f"{edition.id}:lines:{line['line']}"
    return Term(line["item"], line["score"], "point", code=code, status=line["status"])


EXPLAINERS: Mapping[str, Explainer] = {
    f"{ROOM}/lines": explain_line,
    f"{ROOM}/results": explain_result,
}
