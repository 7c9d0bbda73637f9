"""Rows of the library become rows of the site here, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from dualcarbon_web.control.models import Edition, Figure, Standing

STANDING_FIELDS = (
    "commitment", "indicator", "subject_kind", "subject", "period", "value", "declared", "unit",
    "required", "gap", "needed", "severity", "state", "reason_zh", "reason_en", "grade",
)  # fmt: skip
FIGURE_FIELDS = (
    "row", "indicator", "subject_kind", "subject", "period", "basis", "value", "unit", "vintage",
    "origin", "status", "recorded_at",
)  # fmt: skip


def standings(edition: Edition, rows: pl.DataFrame) -> list[Standing]:
    """One model row a standing; `row` is its place in the edition's table."""
    return [
        Standing(
            edition=edition,
            row=index,
            levels=json.loads(row["levels"]) if isinstance(row["levels"], str) else row["levels"],
            **{name: row[name] for name in STANDING_FIELDS},
        )
        for index, row in enumerate(rows.iter_rows(named=True))
    ]


def figures(edition: Edition, rows: pl.DataFrame) -> list[Figure]:
    """One model row a figure."""
    return [
        Figure(edition=edition, **{name: row[name] for name in FIGURE_FIELDS})
        for row in rows.iter_rows(named=True)
    ]


def reported(edition: Edition, rows: list[dict[str, Any]]) -> list[Figure]:
    """Statistics as they were reported, as figures that no standing rests on (`row` is -1)."""
    return [Figure(edition=edition, row=-1, **row) for row in rows]
