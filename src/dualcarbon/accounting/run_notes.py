"""What a reader of a run must know beside its figures: what is unmatched, assumed, unsourced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dualcarbon.accounting.activity import KEY
from dualcarbon.accounting.facts import Facts
from dualcarbon.accounting.keys import Resolved, Resolver
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.parameters import worst_status

SHOWN = 20
SAME = ("carrier", "flow", "unit", "measures", "reason_zh", "reason_en")


def unmatched_of(counted: pl.DataFrame, resolved: Resolved) -> list[dict[str, Any]]:
    """Give the keys of which a measure found no parameter, with how many rows and why.

    `counted`: rows by key. Keys that differ in period, subject kind or place alone stand together.
    """
    missing = resolved.coefficients.filter(pl.col("grams").is_null())
    if not missing.height:
        return []
    found = (
        missing.group_by("key", "who", maintain_order=True)
        .agg(
            pl.col("measure").unique().sort().str.join(", ").alias("measures"),
            pl.col("reason_zh").first(),
            pl.col("reason_en").first(),
        )
        .join(counted, on=["key", "who"])
        .join(resolved.keys.select("key", "who", *KEY), on=["key", "who"])
    )
    grouped = found.group_by(SAME).agg(
        pl.col("rows").sum(), pl.col("period").unique().sort().alias("periods")
    )
    return [_entry(row) for row in grouped.sort("rows", "carrier", descending=True).to_dicts()]


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    key = f"carrier={row['carrier']}, flow={row['flow']}, unit={row['unit']}"
    return {"key": key, **row, "measures": row["measures"].split(", ")}


def notes(
    facts: Facts, resolved: Resolved, unmatched: Sequence[Mapping[str, Any]], resolver: Resolver
) -> Iterator[Finding]:
    """Give findings: unmatched keys, sectors assumed, flows that count for nothing, statuses."""
    for entry in unmatched[:SHOWN]:
        yield finding(
            "accounting.unmatched",
            Place(column=entry["carrier"]),
            found=entry["rows"],
            key=entry["key"],
            measures=", ".join(entry["measures"]),
            why_zh=entry["reason_zh"] or "-",
            why_en=entry["reason_en"] or "-",
        )
    yield from resolver.overrides.unused(resolved.used)
    yield from _assumed(resolved, facts)
    yield from _not_counted(resolved, facts)
    yield from _statuses(resolved, resolver)


def _assumed(resolved: Resolved, facts: Facts) -> Iterator[Finding]:
    assumed = resolved.keys.filter(pl.col("sector_from") == "assumed")
    if assumed.height:
        rows = facts.keys.join(assumed.select("key"), on="key", how="semi")["rows"].sum()
        sector = assumed["sector_used"][0]
        yield finding("accounting.sector_assumed", found=rows, sector=sector)


def _not_counted(resolved: Resolved, facts: Facts) -> Iterator[Finding]:
    counted = resolved.coefficients.select("key").unique()
    inside = facts.keys.join(resolved.keys.select("key"), on="key", how="semi")
    memo = inside.join(counted, on="key", how="anti")
    for row in (
        (memo.group_by("carrier", "flow").agg(pl.col("rows").sum()).sort("rows", descending=True))
        .head(SHOWN)
        .iter_rows(named=True)
    ):
        facts_ = {"carrier": row["carrier"], "flow": row["flow"]}
        yield finding("accounting.flow_not_counted", found=row["rows"], **facts_)


def _statuses(resolved: Resolved, resolver: Resolver) -> Iterator[Finding]:
    doubtful = sorted({p.id for p in resolved.used if p.status != "sourced"})
    if doubtful:
        names = ", ".join(doubtful[:4]) + (" ..." if len(doubtful) > 4 else "")
        worst = worst_status(p.status for p in resolved.used)
        yield finding(
            "accounting.unsourced", found=doubtful, count=len(doubtful), names=names, status=worst
        )
