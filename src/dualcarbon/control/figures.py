"""The figures of the control room: values of standings, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.control.draft import Draft, number
from dualcarbon.control.known import Subject
from dualcarbon.control.trace import Node
from dualcarbon.figures import FIGURES, VINTAGES, Indicator
from dualcarbon.packs import Pack
from dualcarbon.periods import Period

ORIGINS = ("declared", "computed")
LEAVES = ("cell", "project")


@frozen
class Derived:
    """A figure that follows from a standing: `row` is the standing whose trace holds the node."""

    entry: Indicator
    subject: Subject
    period: Period
    row: int
    node: Node

    @property
    def field(self) -> str:
        """Give the name of the node in the trace."""
        return field_of(self.entry.id, *self.subject)


def field_of(indicator: str, kind: str, subject: str) -> str:
    """Give the name under which a trace keeps a derived figure."""
    return f"{indicator}/{kind}/{subject}"


def figure_rows(
    rows: pl.DataFrame, drafts: Sequence[Draft], derived: Sequence[Derived], pack: Pack
) -> pl.DataFrame:
    """Give the figures: one row per origin of a standing, then the derived ones.

    `row` points to the standing. `edition` is empty until the standings are frozen.
    """
    found: dict[Any, dict[str, Any]] = {}
    for index, (row, draft) in enumerate(zip(rows.iter_rows(named=True), drafts, strict=True)):
        for origin in ORIGINS:
            node = getattr(draft, origin)
            if row["indicator"] is not None and number(node) is not None:
                facts = {**row, "unit": draft.unit or "1", "origin": origin, "row": index}
                _add(found, _figure(facts, node, pack))
    for item in derived:
        facts = {
            "indicator": item.entry.id,
            "subject_kind": item.subject[0],
            "subject": item.subject[1],
            "period": str(item.period),
            "unit": item.entry.unit,
            "origin": "computed",
            "row": item.row,
        }
        _add(found, _figure(facts, item.node, pack))
    schema = dict(FIGURES.schema().items())
    return pl.DataFrame(list(found.values()), schema=schema)


def _add(found: dict[Any, dict[str, Any]], figure: dict[str, Any]) -> None:
    found.setdefault(tuple(figure[name] for name in FIGURES.key), figure)


def _figure(facts: Mapping[str, Any], node: Node, pack: Pack) -> dict[str, Any]:
    vintages = [leaf.vintage for leaf in node.leaves() if leaf.op in LEAVES]
    order = [v for v in VINTAGES if v in vintages]
    return {
        "indicator": facts["indicator"],
        "subject_kind": facts["subject_kind"],
        "subject": facts["subject"],
        "period": facts["period"],
        "basis": "cumulative",
        "value": number(node),
        "unit": facts["unit"],
        "vintage": order[0] if order and None not in vintages else None,
        "origin": facts["origin"],
        "status": status_of(node, pack),
        "recorded_at": None,
        "edition": "",
        "row": facts["row"],
    }


def status_of(node: Node, pack: Pack) -> str:
    """Give the worst status of what a number rests on (clause C7.5)."""
    leaves = list(node.leaves())
    statuses = {leaf.status for leaf in leaves}
    if pack.synthetic or "synthetic" in statuses:
        return "synthetic"
    sourced = all(leaf.source for leaf in leaves if leaf.op in LEAVES)
    return "sourced" if sourced and "unsourced" not in statuses else "unsourced"
