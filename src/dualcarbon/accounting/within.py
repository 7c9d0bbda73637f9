"""The rows of a side that speak of a period, each month once, and what is missing from them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period

SERIES = ("subject_kind", "subject", "item", "carrier", "flow", "sector", "unit")
SHOWN = 20


def within(frame: pl.DataFrame, period: Period) -> tuple[pl.DataFrame, list[Finding]]:
    """Keep the rows whose months lie in a period, and of overlapping rows of a series one reading.

    Finer rows stand where they cover the coarser row whole; else the coarser row stands. Findings:
    rows that reach beyond the period and are left out, rows that another row already speaks of,
    subjects without a month that others of the side have.
    """
    parsed = {text: Period.parse(text) for text in frame["period"].unique()}
    inside = [text for text, one in parsed.items() if period.contains(one)]
    astride = [text for text, one in parsed.items() if _overlap(one, period)]
    astride = [text for text in astride if text not in inside]
    findings = list(_astride(frame.filter(pl.col("period").is_in(astride)), period))
    kept = frame.filter(pl.col("period").is_in(inside)).with_row_index("_line")
    dropped = _twice(kept, parsed)
    if dropped:
        first = kept.filter(pl.col("_line").is_in(dropped)).row(0, named=True)
        place = Place.parse(first["place"] or "")
        findings.append(
            finding("accounting.side_overlap", place, found=first["period"], count=len(dropped))
        )
    kept = kept.filter(~pl.col("_line").is_in(dropped)).drop("_line")
    return kept, [*findings, *_repeated(kept), *_missing(kept, parsed)]


def _repeated(frame: pl.DataFrame) -> Iterator[Finding]:
    """Say which rows share subject, item, carrier, flow and period; both count."""
    twins = frame.filter(pl.struct(*SERIES, "period").is_duplicated())
    if twins.height:
        row = twins.row(-1, named=True)
        place = Place.parse(row["place"] or "")
        facts = {"subject": row["subject"], "period": row["period"], "side": row["side"]}
        yield finding("accounting.side_repeated", place, found=twins.height, **facts)


def _overlap(one: Period, other: Period) -> bool:
    return one.first <= other.last and other.first <= one.last


def _astride(rows: pl.DataFrame, period: Period) -> Iterator[Finding]:
    for (text,), part in rows.group_by("period", maintain_order=True):
        yield finding(
            "accounting.side_period",
            Place.parse(part["place"][0] or ""),
            found=text,
            expected=str(period),
            count=part.height,
            side=part["side"][0],
        )


def _twice(frame: pl.DataFrame, parsed: dict[str, Period]) -> list[int]:
    """Give the lines that another line of their series already speaks of."""
    length = {text: len(one.months) for text, one in parsed.items()}
    mixed = frame.filter(
        pl.col("period").replace_strict(length, return_dtype=pl.Int64).n_unique().over(SERIES) > 1
    )
    dropped: list[int] = []
    for _, part in mixed.group_by(SERIES, maintain_order=True):
        dropped += _dropped([(parsed[text], line) for text, line in part["period", "_line"].rows()])
    return sorted(dropped)


def _dropped(rows: list[tuple[Period, int]]) -> list[int]:
    gone: list[int] = []
    for coarse, line in sorted(rows, key=lambda row: -len(row[0].months)):
        if line in gone:
            continue
        finer = [
            (one, other)
            for one, other in rows
            if other not in gone and len(one.months) < len(coarse.months) and _overlap(one, coarse)
        ]
        covered = {month for one, _ in finer if coarse.contains(one) for month in one.months}
        if finer and covered == set(coarse.months):
            gone.append(line)
        else:
            gone += [other for _, other in finer]
    return gone


def _missing(frame: pl.DataFrame, parsed: dict[str, Period]) -> Iterator[Finding]:
    """Name the subjects that have months but not all that their side has."""
    months = {text: [f"{y}-{m:02d}" for y, m in one.months] for text, one in parsed.items()}
    spread = frame.select("side", "subject", "period").unique(maintain_order=True)
    spread = spread.with_columns(month=pl.col("period").replace_strict(months, default=[])).explode(
        "month"
    )
    every = set(spread["month"])
    short = (
        spread.group_by("side", "subject", maintain_order=True)
        .agg(pl.col("month").unique().sort())
        .filter(pl.col("month").list.len() < len(every))
    )
    for row in short.head(SHOWN).iter_rows(named=True):
        absent = ", ".join(sorted(every - set(row["month"])))
        yield finding(
            "accounting.side_months",
            found=absent,
            subject=row["subject"],
            side=row["side"],
            months=absent,
        )
    if short.height > SHOWN:
        yield finding(
            "accounting.side_months_more", found=short.height - SHOWN, side=short["side"][0]
        )
