"""Freeze standings: their rows, figures, traced numbers and the facts behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import frozen

from dualcarbon.control.draft import Draft
from dualcarbon.control.figures import Derived
from dualcarbon.control.trace import Node
from dualcarbon.editions import Edition, write_edition

if TYPE_CHECKING:
    from dualcarbon.control.standing import Standings

NODES: dict[str, Any] = {
    "standing": pl.Int64,
    "node": pl.Int64,
    "op": pl.String,
    "name": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "inputs": pl.List(pl.Int64),
    "fact_table": pl.String,
    "fact_row": pl.Int64,
    "place": pl.String,
    "parameter": pl.String,
    "source": pl.String,
    "status": pl.String,
    "vintage": pl.String,
}
FIELDS: dict[str, Any] = {"standing": pl.Int64, "field": pl.String, "node": pl.Int64}


@frozen
class Traces:
    """All traced numbers of the standings as two tables: nodes, and which node a field shows."""

    nodes: pl.DataFrame
    fields: pl.DataFrame

    @staticmethod
    def of(
        drafts: Sequence[Draft], names: Sequence[str], derived: Sequence[Derived] = ()
    ) -> Traces:
        """Number the nodes of every draft, inputs before what is computed from them."""
        more = defaultdict(list)
        for item in derived:
            more[item.row].append((item.field, item.node))
        nodes: list[dict[str, Any]] = []
        fields: list[dict[str, Any]] = []
        for index, draft in enumerate(drafts):
            numbers: dict[int, int] = {}
            own = [(name, getattr(draft, name)) for name in names]
            for name, node in (*own, *more[index]):
                if node is not None:
                    number = _number(node, index, numbers, nodes)
                    fields.append({"standing": index, "field": name, "node": number})
        return Traces(pl.DataFrame(nodes, schema=NODES), pl.DataFrame(fields, schema=FIELDS))


def _number(node: Node, standing: int, numbers: dict[int, int], rows: list[dict[str, Any]]) -> int:
    if id(node) not in numbers:
        inputs = [_number(child, standing, numbers, rows) for child in node.inputs]
        numbers[id(node)] = len(numbers)
        rows.append(
            {
                "standing": standing,
                "node": numbers[id(node)],
                "op": node.op,
                "name": node.name,
                "value": None if node.value is None else float(node.value),
                "unit": node.unit,
                "inputs": inputs,
                "fact_table": node.table,
                "fact_row": node.row,
                "place": node.place,
                "parameter": node.parameter,
                "source": node.source,
                "status": node.status,
                "vintage": node.vintage,
            }
        )
    return numbers[id(node)]


def freeze(standings: Standings, store: Path) -> Edition:
    """Write standings to a store; the facts known on the date go with them."""
    known = standings.known
    return write_edition(
        store,
        room="control",
        tables={
            "standings": standings.rows,
            "figures": standings.figures,
            "nodes": standings.traces.nodes,
            "fields": standings.traces.fields,
            "statistics": known.statistics,
            "activity": known.activity,
            "progress": known.progress,
        },
        inputs=standings.inputs,
        parameters=standings.parameters,
        pack=known.data.words.pack,
        options=standings.options,
    )
