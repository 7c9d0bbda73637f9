"""Freeze a decomposition as an edition, and explain each amount from the edition alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from dualcarbon.editions import Edition, Explanation, Input, Term, write_edition
from dualcarbon.packs import Pack
from dualcarbon.plan.decompose.answer import flat_row
from dualcarbon.plan.decompose.model import Part, Problem
from dualcarbon.plan.decompose.remaining import Task
from dualcarbon.plan.decompose.rounds import to_json
from dualcarbon.plan.decompose.run import Decomposition
from dualcarbon.plan.decompose.share import share
from dualcarbon.plan.decompose.solve import groups_of, inside

SHARES = {
    "subject": pl.String, "allowed": pl.Int64, "residual": pl.Int64, "part": pl.String,
    "place": pl.String,
}  # fmt: skip


def freeze(
    found: Decomposition, store: Path, pack: Pack, inputs: tuple[Input, ...] = ()
) -> Edition:
    """Write a decomposition as an edition: shares with all they follow from, rows, and the log."""
    setting = found.setting
    parameter = setting.growth.parameter
    log = [to_json(step, setting) for step in found.steps]
    return write_edition(
        store,
        room="plan",
        tables={
            "shares": _shares(found),
            "rows": pl.DataFrame(
                [flat_row(found, i) for i in range(len(found.sharing.shares))],
                infer_schema_length=None,
            ),
            "rounds": pl.DataFrame(log) if log else pl.DataFrame({"round": []}),
        },
        inputs=(*setting.base.inputs, *inputs),
        parameters=(parameter,) if parameter else (),
        pack=pack,
        options={
            "plan": found.plan,
            "target": setting.target.id,
            "rule": setting.rule.id,
            "formula_zh": setting.rule.formula_zh,
            "formula_en": setting.rule.formula_en,
            "quantum": setting.quantum,
            "total": setting.total,
            "problem": json.dumps(_problem(found), sort_keys=True),
        },
    )


def _shares(found: Decomposition) -> pl.DataFrame:
    entries = found.setting.base.entries
    rows = [
        {
            "subject": item.part.subject,
            "allowed": item.allowed,
            "residual": found.residual,
            "part": json.dumps(_part(item.part), ensure_ascii=False, sort_keys=True),
            "place": entry.place,
        }
        for item, entry in zip(found.sharing.shares, entries, strict=True)
    ]
    return pl.DataFrame(rows, schema=SHARES)


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


FRACTIONS = ("grown", "output", "growth", "low", "high", "benchmark")


def _part(part: Part) -> dict[str, Any]:
    task = part.task
    return {name: _text(getattr(part, name)) for name in FRACTIONS} | {
        "subject": part.subject,
        "base": part.base,
        "task": [task.rate, task.early] if task else None,
        "factors": dict(part.factors),
        "group": part.group,
        "row": part.row,
    }


def _problem(found: Decomposition) -> dict[str, Any]:
    problem, totals = found.setting.problem, found.setting.options.totals
    size = found.setting.size
    return {
        "mode": problem.mode,
        "total": problem.total,
        "asked": str(problem.asked),
        "factors": dict(problem.factors),
        "spread": str(problem.spread),
        "weights": {name: str(value) for name, value in problem.weights.items()},
        "cap": _text(problem.cap),
        "bounds": problem.bounds,
        "size": str(problem.size),
        "pins": {step.proposal.subject: step.after for step in found.steps if step.refused is None},
        "totals": totals and {name: round(value * size) for name, value in totals.items()},
    }


def _read_part(text: str) -> Part:
    raw = json.loads(text)
    raw |= {name: _fraction(raw[name]) for name in FRACTIONS}
    raw["task"] = Task(*raw["task"]) if raw["task"] else None
    return Part(**raw)


def read_problem(edition: Edition) -> tuple[Problem, dict[str, int], Mapping[str, int] | None]:
    """Read the problem of an edition, the amounts agreed in rounds, and the totals of groups."""
    raw = json.loads(edition.manifest["options"]["problem"])
    pins, totals = raw.pop("pins"), raw.pop("totals")
    raw |= {name: Fraction(raw[name]) for name in ("asked", "spread", "size")}
    raw["cap"] = _fraction(raw["cap"])
    raw["weights"] = {name: Fraction(value) for name, value in raw["weights"].items()}
    raw["parts"] = tuple(_read_part(text) for text in edition.table("shares")["part"])
    return Problem(**raw), pins, totals


def _again(edition: Edition) -> dict[str, int]:
    """Share once more from the frozen parts."""
    problem, pins, totals = read_problem(edition)
    rule = edition.manifest["options"]["rule"]
    problems = [problem]
    if totals is not None:
        problems = [inside(problem, parts, totals[g]) for g, parts in groups_of(problem).items()]
    made = [item for one in problems for item in share(one, rule, pins).shares]
    return {item.part.subject: item.allowed for item in made}


def explain_share(edition: Edition, index: int) -> Explanation:
    """Explain an amount: its base down to the cell, growth, bounds, task, and the total shared."""
    row, options = edition.table("shares").row(index, named=True), edition.manifest["options"]
    part, again = _read_part(row["part"]), _again(edition)
    value = again[row["subject"]]
    return Explanation(
        code=f"{edition.id}:shares:{index}",
        value=row["allowed"],
        unit=options["quantum"],
        formula_zh=options["formula_zh"],
        formula_en=options["formula_en"],
        inputs=(*_terms(part, row, edition), *_totals(edition, again)),
        recomputed=value,
        equal=value == row["allowed"],
        about={
            "rule": options["rule"],
            "reason_zh": f"{options['plan']} {options['target']}：{row['subject']}",
            "reason_en": f"{options['plan']} {options['target']}: {row['subject']}",
        },
    )


def _terms(part: Part, row: Mapping[str, Any], edition: Edition) -> tuple[Term, ...]:
    unit = edition.manifest["options"]["quantum"]
    stated = [
        ("growth", part.growth, "%"), ("output", part.output, None),
        ("min", part.low, None), ("max", part.high, None), ("benchmark", part.benchmark, None),
    ]  # fmt: skip
    given = next(iter(edition.parameters.values()), None)
    terms = [Term("base", part.base, unit, place=row["place"])]
    for name, value, of in stated:
        if value is not None:
            from_parameter = name == "growth" and given and float(value) == given["value"]
            terms.append(
                Term(name, float(value), of, parameter=given["id"] if from_parameter else None)  # type: ignore[index]
            )
    if part.task:
        terms.append(Term("remaining task", part.task.rate, "%"))
    return (*terms, *(Term(name, value) for name, value in part.factors.items()))


def _totals(edition: Edition, again: Mapping[str, int]) -> tuple[Term, ...]:
    options = edition.manifest["options"]
    unit, total = options["quantum"], options["total"]
    rows = sum(again.values())
    return (
        Term("total", total, unit, terms=(
            Term("rows", rows, unit), Term("residual", total - rows, unit),
        )),
    )  # fmt: skip


EXPLAINERS: dict[str, Callable[[Edition, int], Explanation]] = {"plan/shares": explain_share}
