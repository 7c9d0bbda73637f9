"""Rows of one series that speak of the same months twice: a month and the year to date over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import polars as pl

from dualcarbon.accounting.activity import SERIES
from dualcarbon.accounting.places import place_of
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period

SHOWN = 20


def without_overlaps(
    frame: pl.DataFrame, files: Mapping[int, Any]
) -> tuple[pl.DataFrame, list[Finding]]:
    """Leave every month of a series once.

    The finer rows stand where together they cover the coarser one; else the coarser row stands.
    Two rows that share months without one containing the other are refused, both.
    Findings: what was left out, series by series.
    """
    periods = {text: Period.parse(text) for text in frame["period"].unique()}
    doubtful = {
        text
        for a, b in combinations(periods, 2)
        if share_months(periods[a], periods[b])
        for text in (a, b)
    }
    if not doubtful:
        return frame, []
    series = (
        frame.filter(pl.col("period").is_in(list(doubtful)))
        .group_by(SERIES, maintain_order=True)
        .agg(pl.col("period").unique(), pl.col("file").first(), pl.col("source_row").first())
        .filter(pl.col("period").list.len() > 1)
    )
    out: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for row in series.iter_rows(named=True):
        left, clash = settle([periods[text] for text in row["period"]])
        names = {name: row[name] for name in SERIES}
        texts = {text for text in row["period"] if periods[text] in (*left, *clash)}
        out += [{**names, "period": text} for text in sorted(texts)]
        if texts and len(findings) < SHOWN:
            findings.append(_said(row, sorted(texts), bool(clash), files))
    if not out:
        return frame, []
    schema = dict.fromkeys((*SERIES, "period"), pl.String)
    gone = pl.DataFrame(out, schema=schema)
    return frame.join(gone, on=list(schema), how="anti", maintain_order="left"), findings


def one_spelling(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the same months one text where a frame has two: a first quarter and January-March."""
    texts = sorted(frame["period"].unique())
    shared = {Period.parse(text): text for text in texts if "Q" not in text}
    to = {text: shared[p] for text in texts if (p := Period.parse(text)) in shared}
    return frame.with_columns(pl.col("period").replace(to)) if to else frame


def share_months(a: Period, b: Period) -> bool:
    """Tell whether two periods have a month in common."""
    return a.first <= b.last and b.first <= a.last


def settle(periods: Sequence[Period]) -> tuple[list[Period], list[Period]]:
    """Give the periods to leave out, and those that clash without one containing the other."""
    standing = sorted(set(periods), key=lambda one: len(one.months))
    left: list[Period] = []
    for coarse in reversed(standing):
        if coarse in left:
            continue
        inside = [p for p in standing if p is not coarse and coarse.contains(p) and p not in left]
        if not inside:
            continue
        months = {month for one in inside for month in one.months}
        left += [coarse] if months == set(coarse.months) else inside
    kept = [one for one in standing if one not in left]
    clash = {p for a, b in combinations(kept, 2) if share_months(a, b) for p in (a, b)}
    return left, sorted(clash)


def _said(
    row: Mapping[str, Any], texts: Sequence[str], clash: bool, files: Mapping[int, Any]
) -> Finding:
    place: Place = place_of(files[row["file"]], row["source_row"], "period")
    rule = "accounting.periods_clash" if clash else "accounting.periods_overlap"
    facts = {name: row[name] for name in ("subject", "carrier", "flow")}
    return finding(rule, place, found=", ".join(texts), **facts)
