"""What was known of reported activity on a date, and which rows of it cannot be right.

A quantity below zero is refused, and whoever needs its month says so; a unit that cannot fit the
carrier and a jump to many times the usual are questions.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from dualcarbon.carriers import Carrier
from dualcarbon.control.data import Data
from dualcarbon.control.when import RANK, SHOWN, recorded, spans
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.units import compatible
from dualcarbon.vocabulary import Vocabulary

KEY = ("subject_kind", "subject", "carrier", "flow", "span")
SIGNED = ("stock",)
JUMP = 20.0
ENOUGH = 6


def known_activity(data: Data, on: dt.date) -> tuple[pl.DataFrame, pl.DataFrame, list[Finding]]:
    """Give the rows that stand on a date, the refused ones, and what is to be said about them."""
    frame, findings = recorded(spans(data.frames["activity"]), on, "activity")
    frame = frame.with_columns(rank=RANK).sort("known_at", "rank", maintain_order=True)
    frame = frame.unique(list(KEY), keep="last", maintain_order=True).sort("source_row")
    negative = (pl.col("quantity") < 0) & ~pl.col("flow").is_in(SIGNED)
    wrong, good = frame.filter(negative), frame.filter(~negative).drop("rank")
    findings += [_said("control.negative_activity", row) for row in wrong.iter_rows(named=True)]
    findings += _units(good, data.words.carriers)
    findings += _jumps(good)
    return good.with_row_index("fact"), _lost(data, wrong, good, on), findings


def _lost(data: Data, wrong: pl.DataFrame, good: pl.DataFrame, on: dt.date) -> pl.DataFrame:
    """Give refused rows that no later good row replaces."""
    refused = spans(data.refused["activity"])
    known = pl.coalesce("recorded_at", "ends")
    names = [*KEY, "place"]
    rows = pl.concat([refused.filter(known <= on).select(names), wrong.select(names)])
    return rows.join(good.select(KEY), on=list(KEY), how="anti")


def _said(rule: str, row: dict[str, Any], **facts: Any) -> Finding:
    return finding(
        rule,
        Place.parse(str(row["place"])),
        found=f"{row['quantity']} {row['unit']}",
        subject=row["subject"],
        carrier=row["carrier"],
        period=row["span"],
        **facts,
    )


def _units(frame: pl.DataFrame, carriers: Vocabulary[Carrier]) -> list[Finding]:
    """Question a unit of another kind than the carrier's, unless it is energy or standard coal."""
    pairs = frame.select("carrier", "unit").unique(maintain_order=True).rows()
    odd = [pair for pair in pairs if not _fits(pair[1], carriers[pair[0]].unit)]
    findings = []
    for carrier, unit in odd:
        rows = frame.filter((pl.col("carrier") == carrier) & (pl.col("unit") == unit))
        expected = carriers[carrier].unit
        for row in rows.head(SHOWN).iter_rows(named=True):
            findings.append(_said("control.activity_unit", row, expected=expected))
    return findings


def _fits(unit: str, own: str) -> bool:
    return any(compatible(unit, other) for other in (own, "tce", "GJ"))


def _jumps(frame: pl.DataFrame) -> list[Finding]:
    """Question a month many times the median of the same subject, carrier and unit."""
    group = ["subject_kind", "subject", "carrier", "flow", "unit"]
    months = frame.filter(pl.col("span").str.len_chars() == len("2024-01"))
    usual = pl.col("quantity").median().over(group)
    months = months.with_columns(usual=usual, rows=pl.len().over(group))
    far = months.filter(
        (pl.col("rows") >= ENOUGH)
        & (pl.col("usual") > 0)
        & (pl.col("quantity") > JUMP * pl.col("usual"))
    )
    return [
        _said("control.activity_jump", row, expected=f"{row['usual']:g} {row['unit']}")
        for row in far.head(SHOWN).iter_rows(named=True)
    ]
