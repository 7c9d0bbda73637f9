"""Deductions as an answer and as an edition: rows, traced numbers, the facts behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.control.deductions.amounts import Amounts
from dualcarbon.control.deductions.deduct import Deduction, Line, Side
from dualcarbon.control.freeze import Traces, traces_of
from dualcarbon.control.trace import Node
from dualcarbon.editions import Edition, write_edition
from dualcarbon.packs import Pack

ROWS: dict[str, Any] = {
    "subject": pl.String,
    "regime": pl.String,
    "year": pl.Int64,
    "name": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "reason_zh": pl.String,
    "reason_en": pl.String,
}
OF_SIDE = ("gross", "net_total", "net_intensity", "partial")


@frozen
class Number:
    """A number of a deduction with the row under which it is frozen."""

    row: Mapping[str, Any]
    node: Node | None


def numbers(found: Sequence[Deduction]) -> list[Number]:
    """Give every number of deductions, in the order of the edition's rows."""
    return [number for item in found for number in _numbers(item)]


def _numbers(item: Deduction) -> list[Number]:
    rows = []
    for side in (item.now, item.before):
        for name in OF_SIDE:
            rows.append(_number(item, side.year, name, getattr(side, name), item.reason))
        for line in side.lines:
            rows.append(_number(item, side.year, line.item.id, line.amount, line.reason))
    for name, node in item.changes.items():
        rows.append(_number(item, item.now.year, f"change_{name}", node, item.reason))
    return rows


def _number(item: Deduction, year: int, name: str, node: Node | None, said: Any) -> Number:
    return Number(
        {
            "subject": item.subject,
            "regime": item.regime.id,
            "year": year,
            "name": name,
            "value": None if node is None or node.value is None else float(node.value),
            "unit": node.unit if node else None,
            "reason_zh": said.message_zh,
            "reason_en": said.message_en,
        },
        node,
    )


def freeze(found: Sequence[Deduction], amounts: Amounts, pack: Pack, store: Path) -> Edition:
    """Write deductions to a store with their facts, parameters and the regimes as they were."""
    rows = numbers(found)
    traces: Traces = traces_of([{"value": number.node} for number in rows])
    first = found[0]
    return write_edition(
        store,
        room="deductions",
        tables={
            "deductions": amounts.facts.frame,
            "numbers": pl.DataFrame([number.row for number in rows], schema=ROWS),
            "nodes": traces.nodes,
            "fields": traces.fields,
        },
        inputs=amounts.facts.inputs,
        parameters=tuple(amounts.used.values()),
        pack=pack,
        options={
            "regimes": ", ".join(dict.fromkeys(item.regime.id for item in found)),
            "level": first.level,
            "year": first.now.year,
            "base": first.before.year,
            "choices": {k: v for item in found for k, v in item.choices.items()},
        },
    )


def to_json(
    found: Sequence[Deduction], pack: Pack, edition: Edition | None = None
) -> list[dict[str, Any]]:
    """Give deductions as the command answers them; codes need an edition."""
    words = {entry["id"]: entry for entry in pack.load_list("regime_choices.yaml", "id")}
    codes = {
        (n.row["subject"], n.row["regime"], n.row["year"], n.row["name"]): (
            f"{edition.id}:numbers:{index}" if edition else None
        )
        for index, n in enumerate(numbers(found))
    }
    return [_json(item, codes, words) for item in found]


def _json(
    item: Deduction, codes: Mapping[Any, str | None], words: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    regime, document = item.regime, item.document

    def code(year: int, name: str) -> str | None:
        return codes[item.subject, regime.id, year, name]

    return {
        "subject": item.subject,
        "regime": regime.id,
        "name_zh": regime.name_zh,
        "name_en": regime.name_en,
        "valid_from": regime.valid_from.isoformat(),
        "mark": regime.mark,
        "status": item.status,
        "source": dict(regime.source),
        "level": item.level,
        "applies": item.applies,
        "document": document.document if document else None,
        "choices": [_choice(words[name], option) for name, option in item.choices.items()],
        "total_assessed": item.total_assessed,
        "reason_zh": item.reason.message_zh,
        "reason_en": item.reason.message_en,
        "years": [_side(side, code) for side in (item.now, item.before)],
        "changes": {
            name: {"value": _value(node), "code": code(item.now.year, f"change_{name}")}
            for name, node in item.changes.items()
        },
    }


def _choice(words: Mapping[str, Any], option: str) -> dict[str, Any]:
    """Give a choice in words, with its mark: no text settles what is left to one."""
    named = next(entry for entry in words["options"] if entry["id"] == option)
    return {
        "id": words["id"],
        "name_zh": words["name_zh"],
        "name_en": words["name_en"],
        "option": option,
        "option_zh": named["name_zh"],
        "option_en": named["name_en"],
        "mark": words["mark"],
        "status": words["status"],
    }


def _side(side: Side, code: Any) -> dict[str, Any]:
    return {
        "year": side.year,
        **{name: _grams(getattr(side, name)) for name in OF_SIDE},
        "codes": {name: code(side.year, name) for name in OF_SIDE},
        "lines": [_line(line, code(side.year, line.item.id)) for line in side.lines],
    }


def _line(line: Line, code: str | None) -> dict[str, Any]:
    item = line.item
    return {
        "item": item.id,
        "name_zh": item.name_zh,
        "name_en": item.name_en,
        "amount": _grams(line.amount),
        "from_total": item.total,
        "from_intensity": item.intensity,
        "parts": {name: _grams(node) for name, node in line.parts.items()},
        "evidence": list(line.evidence),
        "mark": item.mark,
        "status": line.status,
        "source": dict(item.source),
        "reason_zh": line.reason.message_zh,
        "reason_en": line.reason.message_en,
        "code": code,
    }


def _grams(node: Node | None) -> int | None:
    return None if node is None or node.value is None else int(node.value)


def _value(node: Node | None) -> float | None:
    return None if node is None or node.value is None else float(node.value)
