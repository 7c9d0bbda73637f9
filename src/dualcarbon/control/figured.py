"""Standings on the figures of an account run: what another account would make of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from attrs import evolve

from dualcarbon.control.data import Data
from dualcarbon.control.energy import valuation
from dualcarbon.parameters import load_parameters

PERCENT = "%"
KEPT = ("period", "basis", "value", "unit", "vintage", "recorded_at")
SAME = ("indicator", "subject_kind", "subject")


def with_figures(data: Data, figures: pl.DataFrame, source: str) -> Data:
    """Give the data with the levels that an account run computed in place of all other levels.

    A published rate stays what it is; a level of the same indicator and subject, declared or not,
    gives way, so that our own value follows from the account alone. `figures` has the columns of
    FIGURES; energy in the valuation that the pack takes is its `energy_total`. Absent values, and
    indicators and subjects that the pack does not know, are left out. `source` is the edition: the
    place of each row is its code.
    """
    known = data.frames["statistics"]
    rows = [row for row in _rows(data, figures, source) if row["indicator"] in _known(data)]
    computed = pl.DataFrame(rows, schema=known.schema)
    rates = known.filter(pl.col("unit") == PERCENT)
    levels = known.filter(pl.col("unit") != PERCENT).join(computed, on=SAME, how="anti")
    return evolve(data, frames={**data.frames, "statistics": pl.concat([rates, levels, computed])})


def _known(data: Data) -> Mapping[str, Any]:
    return data.words.indicators


def _rows(data: Data, figures: pl.DataFrame, source: str) -> Iterator[dict[str, Any]]:
    chosen = valuation(data, load_parameters(data.words.pack))
    total = {f"energy_{chosen}": "energy_total"}
    for row in figures.drop_nulls("value").iter_rows(named=True):
        subject = data.words.subject(row["subject_kind"], row["subject"])
        if subject is None:
            continue
        yield {
            "indicator": total.get(row["indicator"], row["indicator"]),
            "subject_kind": subject[0],
            "subject": subject[1],
            "origin": "computed",
            "source": source,
            "place": f"{source}:figures:{row['row']}",
            "source_row": row["row"],
            **{name: row[name] for name in KEPT},
        }


def with_computed(rows: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Give standings with one more column, `computed`: our own value beside a declared one."""
    own = figures.filter(pl.col("origin") == "computed")
    values = own.select(pl.col("row").cast(pl.Int64), pl.col("value").alias("computed"))
    numbered = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    return numbered.join(values.unique("row"), on="row", how="left", maintain_order="left")
