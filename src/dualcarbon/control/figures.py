"""The figures of the control room: value, declared and computed side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from dualcarbon.control.draft import Draft, number
from dualcarbon.control.trace import Node
from dualcarbon.figures import FIGURES, VINTAGES
from dualcarbon.packs import Pack


def figure_rows(rows: pl.DataFrame, drafts: Sequence[Draft], pack: Pack) -> pl.DataFrame:
    """Give the figures behind the standings: one row per origin, `row` points to the standing.

    `edition` is empty until the standings are frozen; a figure is addressed by `standings` codes.
    """
    found: dict[Any, dict[str, Any]] = {}
    for index, (row, draft) in enumerate(zip(rows.iter_rows(named=True), drafts, strict=True)):
        if row["indicator"] is None:
            continue
        for origin in ("declared", "computed"):
            node = getattr(draft, origin)
            value = number(node)
            if value is None:
                continue
            figure = _figure(row, draft, node, origin, pack)
            key = tuple(figure[name] for name in FIGURES.key)
            found.setdefault(key, {**figure, "row": index})
    schema = dict(FIGURES.schema().items())
    return pl.DataFrame(list(found.values()), schema=schema)


def _figure(
    row: dict[str, Any], draft: Draft, node: Node, origin: str, pack: Pack
) -> dict[str, Any]:
    leaves = [leaf for leaf in node.leaves() if leaf.op in ("cell", "project")]
    vintages = [leaf.vintage for leaf in leaves]
    order = [v for v in VINTAGES if v in vintages]
    statuses = {leaf.status for leaf in node.leaves()}
    synthetic = pack.synthetic or "synthetic" in statuses
    unsourced = "unsourced" in statuses or not all(leaf.source for leaf in leaves)
    return {
        "indicator": row["indicator"],
        "subject_kind": row["subject_kind"],
        "subject": row["subject"],
        "period": row["period"],
        "basis": "cumulative",
        "value": number(node),
        "unit": draft.unit or "1",
        "vintage": order[0] if order and None not in vintages else None,
        "origin": origin,
        "status": "synthetic" if synthetic else "unsourced" if unsourced else "sourced",
        "recorded_at": None,
        "edition": "",
    }
