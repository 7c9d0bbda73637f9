"""When a row of a data folder is known, and of which months it speaks."""

from __future__ import annotations

import datetime as dt

import polars as pl
from attrs import evolve

from dualcarbon.figures import VINTAGES
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period

RANK = pl.col("vintage").replace_strict(
    list(VINTAGES), range(1, len(VINTAGES) + 1), default=0, return_dtype=pl.Int8
)
SHOWN = 20


def spans(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `span`, the canonical months that a row speaks of, and `ends`, its last day.

    With basis `cumulative` a row speaks of January to its last month, however it is written.
    """
    names = ["period", "basis"] if "basis" in frame.columns else ["period"]
    keys = frame.select(names).unique(maintain_order=True)
    periods = [_span(*row) for row in keys.iter_rows()]
    keys = keys.with_columns(
        pl.Series("span", [str(p) for p in periods], dtype=pl.String),
        pl.Series("ends", [p.end for p in periods], dtype=pl.Date),
    )
    return frame.join(keys, on=names, how="left", nulls_equal=True, maintain_order="left")


def _span(text: str, basis: str | None = None) -> Period:
    period = Period.parse(text)
    return period.to_date() if basis == "cumulative" else evolve(period, as_quarter=False)


def over(frame: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Keep rows of periods that are over at the end of a day."""
    return frame.filter(pl.col("ends") <= on)


def recorded(frame: pl.DataFrame, on: dt.date, table: str) -> tuple[pl.DataFrame, list[Finding]]:
    """Keep what was recorded by a date for periods that are over; add `known_at`.

    Findings: rows without `recorded_at` (known from the end of their period), and rows about a
    period that is not over.
    """
    findings = []
    undated = frame.filter(pl.col("recorded_at").is_null())
    if undated.height:
        place = Place.parse(undated["place"][0])
        findings.append(finding("control.not_recorded", place, found=undated.height, table=table))
    frame = frame.with_columns(pl.coalesce("recorded_at", "ends").alias("known_at"))
    frame = frame.filter(pl.col("known_at") <= on)
    for row in frame.filter(pl.col("ends") > on).head(SHOWN).iter_rows(named=True):
        place = Place.parse(row["place"])
        findings.append(finding("control.not_over", place, found=row["period"], on=on.isoformat()))
    return over(frame, on), findings
