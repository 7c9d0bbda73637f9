"""Explain a standing or a figure from its edition alone, down to cells, clauses and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from attrs import asdict, define, evolve, field

from dualcarbon.accounting.engine import compose
from dualcarbon.control.figures import field_of
from dualcarbon.control.trace import OPERATIONS, Number, evaluate
from dualcarbon.editions import Edition, Explainer, Explanation, Term

QUANTITY = {
    "statistics": "value",
    "activity": "quantity",
    "progress": "quantity",
    "deductions": "quantity",
}
OTHERS = ("declared", "computed", "required", "gap", "needed")
ABOUT = ("commitment", "indicator", "subject_kind", "subject", "period", "state")
NO_VALUE = ("没有数值，原因见说明", "there is no value; the reason says why")
NO_REASON = {"reason_zh": "", "reason_en": ""}
Row = Mapping[str, Any]


@define
class Trace:
    """The traced numbers of one standing in an edition, and their recomputation."""

    edition: Edition
    nodes: Mapping[int, Row]
    fields: Mapping[str, int]
    _done: dict[int, Number | None] = field(factory=dict)
    _shown: set[int] = field(factory=set)

    @staticmethod
    def of(edition: Edition, standing: int) -> Trace:
        """Read the trace of a standing."""
        mine = pl.col("standing") == standing
        nodes = edition.table("nodes").filter(mine)
        fields = edition.table("fields").filter(mine)
        return Trace(
            edition,
            {row["node"]: row for row in nodes.iter_rows(named=True)},
            {row["field"]: row["node"] for row in fields.iter_rows(named=True)},
        )

    def recompute(self, node: int) -> Number | None:
        """Compute a node once more from the stored facts and parameters."""
        if node not in self._done:
            row = self.nodes[node]
            if row["op"] == "coefficient":
                self._done[node] = self._coefficient(row)
            elif row["inputs"]:
                values = [self.recompute(child) for child in row["inputs"]]
                self._done[node] = evaluate(row["op"], values)
            else:
                self._done[node] = self._leaf(row)
        return self._done[node]

    def _leaf(self, row: Row) -> Number | None:
        if row["op"] == "standing":
            other = Trace.of(self.edition, row["fact_row"])
            return other.recompute(other.fields["gap"])
        if row["op"] == "cell":
            return _fact(self.edition, row["fact_table"], row["fact_row"])
        if row["op"] in ("parameter", "divisor"):
            entry = self.edition.parameters.get(row["parameter"])
            return None if entry is None else float(entry["value"])
        return row["value"]  # type: ignore[no-any-return]

    def _coefficient(self, row: Row) -> Number:
        target, _, unit = row["name"].partition(" per ")
        parts = [self.nodes[child] for child in row["inputs"]]
        values = [
            (
                float(self.recompute(part["node"]) or 0),
                part["unit"],
                1 if part["op"] == "parameter" else -1,
            )
            for part in parts
        ]
        return compose(unit, values, target)

    def equal(self, node: int) -> bool:
        """Tell whether the recomputed value has the digits of the stored one."""
        return bool(self.recompute(node) == self.nodes[node]["value"])

    def term(self, node: int) -> Term:
        """Give a node as an input with all that is below it.

        What was unfolded once in an explanation, and what is another number of the same standing,
        is named and not unfolded again.
        """
        row = self.nodes[node]
        shown = next((name for name, number in self.fields.items() if number == node), None)
        again = bool(row["inputs"]) and (node in self._shown or shown is not None)
        self._shown.add(node)
        name = f"{shown}: {row['name']}" if again and shown else row["name"]
        return Term(
            name=name,
            value=row["value"],
            unit=row["unit"],
            place=row["place"],
            parameter=row["parameter"],
            code=self._code(row),
            source=row["source"],
            status=row["status"] or row["vintage"],
            terms=() if again else tuple(self.term(child) for child in row["inputs"]),
        )

    def _code(self, row: Row) -> str | None:
        """Give the code of the standing that a number is taken from."""
        if row["op"] != "standing":
            return None
        return f"{self.edition.id}:standings:{row['fact_row']}"

    def inputs(self, name: str) -> tuple[Term, ...]:
        """Give the inputs of a field; a value read from a cell is its own input."""
        node = self.fields[name]
        row = self.nodes[node]
        if not row["inputs"] or node in self._shown:
            return (self.term(node),)
        self._shown.add(node)
        return tuple(self.term(child) for child in row["inputs"])

    def formula(self, name: str) -> tuple[str, str]:
        """Give the formula of a field in Chinese and English."""
        operation = OPERATIONS[self.nodes[self.fields[name]]["op"]]
        return operation.zh, operation.en

    def about(self, name: str) -> dict[str, Any]:
        """Give one further number of the standing: value, formula, inputs, recomputed."""
        node = self.fields[name]
        zh, en = self.formula(name)
        return {
            "value": self.nodes[node]["value"],
            "unit": self.nodes[node]["unit"],
            "formula_zh": zh,
            "formula_en": en,
            "inputs": [asdict(term) for term in self.inputs(name)],
            "recomputed": self.recompute(node),
            "equal": self.equal(node),
        }


@lru_cache(maxsize=8)
def _quantities(file: Path, table: str) -> pl.Series:
    return pl.read_parquet(file, columns=[QUANTITY[table]]).to_series()


def _fact(edition: Edition, table: str, row: int) -> Number | None:
    (file,) = edition.paths(table)
    values = _quantities(file, table)
    return None if not 0 <= row < len(values) else values[row]


def explain_standing(edition: Edition, row: int) -> Explanation:
    """Explain a standing: its value first, then required, gap and needed under `about`."""
    return _explain(edition, row, "value", f"{edition.id}:standings:{row}")


def explain_figure(edition: Edition, row: int) -> Explanation:
    """Explain a figure: a value of a standing, or what was derived from one."""
    figure = edition.table("figures").row(row, named=True)
    code, standing = f"{edition.id}:figures:{row}", figure["row"]
    name = field_of(figure["indicator"], figure["subject_kind"], figure["subject"])
    if name not in Trace.of(edition, standing).fields:
        return _explain(edition, standing, figure["origin"], code)
    found = _explain(edition, standing, name, code)
    own = {key: figure[key] for key in ABOUT if key in figure}
    return evolve(found, unit=figure["unit"], about={**found.about, **own, **NO_REASON})


def _explain(edition: Edition, standing: int, name: str, code: str) -> Explanation:
    row = edition.table("standings").row(standing, named=True)
    trace = Trace.of(edition, standing)
    about: dict[str, Any] = {key: row[key] for key in ABOUT}
    about |= {"reason_zh": row["reason_zh"], "reason_en": row["reason_en"]}
    inputs = trace.inputs(name) if name in trace.fields else ()
    others = {other: trace.about(other) for other in OTHERS if other in trace.fields}
    about["numbers"] = others
    all_equal = all(item["equal"] for item in others.values())
    if name not in trace.fields:
        return Explanation(
            code,
            None,
            row["unit"],
            *NO_VALUE,
            (),
            None,
            all_equal,
            about,
        )
    node = trace.fields[name]
    zh, en = trace.formula(name)
    return Explanation(
        code=code,
        value=trace.nodes[node]["value"],
        unit=trace.nodes[node]["unit"],
        formula_zh=zh,
        formula_en=en,
        inputs=inputs,
        recomputed=trace.recompute(node),
        equal=trace.equal(node) and all_equal,
        about=about,
    )


def explain_deduction(edition: Edition, row: int) -> Explanation:
    """Explain a number of a deduction down to the facts, parameters and constants behind it."""
    number = edition.table("numbers").row(row, named=True)
    trace, code = Trace.of(edition, row), f"{edition.id}:numbers:{row}"
    about = {key: number[key] for key in ("subject", "regime", "year", "name")}
    about |= {"reason_zh": number["reason_zh"], "reason_en": number["reason_en"]}
    if "value" not in trace.fields:
        return Explanation(code, None, number["unit"], *NO_VALUE, (), None, True, about)
    node = trace.fields["value"]
    formula = trace.formula("value")
    inputs = trace.inputs("value")
    value, again = number["value"], trace.recompute(node)
    return Explanation(code, value, number["unit"], *formula, inputs, again, again == value, about)


EXPLAINERS: Mapping[str, Explainer] = {
    "control/standings": explain_standing,
    "control/figures": explain_figure,
    "deductions/numbers": explain_deduction,
}
