"""Measures what an as-of read costs beside a plain read of the same Parquet parts.

Facts as filings publish them: one part a month, 1000 filings a month, then one part with the second
versions of half a percent of the filings. Both reads touch every column of every row; they take
turns, and the best of each counts.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from dualcarbon.editions.as_of import as_of

ROWS = 10_000_000
ROUNDS = 7
LIMIT = 1.3
ON = dt.date(2025, 12, 31)
SIX = ("subject_kind", "subject", "item", "carrier", "flow", "period")
MONTH = """
SELECT 'enterprise' AS subject_kind, 'e' || lpad((i % 1000)::VARCHAR, 6, '0') AS subject,
  'c' || (i % 20)::VARCHAR AS carrier, 'use' AS flow, '2024-{month:02}' AS period,
  'm' || (i // 1000)::VARCHAR AS item, ((i * 7919) % 100000) / 7.0 AS quantity, 't' AS unit,
  '3101' || lpad((i % 16)::VARCHAR, 2, '0') AS area, i AS source_row,
  'f{month:02}' || lpad((i % 1000)::VARCHAR, 6, '0') AS filing, 1 AS version,
  DATE '2024-{month:02}-20' AS recorded_at
FROM range({rows}) AS t(i) ORDER BY filing, source_row
"""
LATER = """
SELECT * REPLACE (quantity + 1 AS quantity, 2 AS version, DATE '2025-03-01' AS recorded_at)
FROM read_parquet('{folder}/*.parquet') WHERE hash(filing) % 200 = 0
"""


def publish(folder: Path, rows: int) -> None:
    """Write the facts as monthly parts and one part of corrections."""
    for month in range(1, 13):
        query = MONTH.format(month=month, rows=rows // 12)
        duckdb.sql(f"COPY ({query}) TO '{folder}/{month:02}.parquet'")
    later = duckdb.sql(LATER.format(folder=folder)).to_arrow_table()
    duckdb.from_arrow(later).write_parquet(f"{folder}/13.parquet")


def touch_duckdb(frame: Any) -> int:
    return int(frame.aggregate("count(*), max(columns(*))").fetchone()[0])


def touch_polars(frame: pl.LazyFrame) -> int:
    every = frame.select(pl.len().alias("rows"), pl.all().max())
    return int(every.collect(engine="streaming")["rows"][0])


def best(reads: list[Callable[[], int]]) -> list[float]:
    """Give the shortest time of each read; they take turns."""
    times: list[list[float]] = [[] for _ in reads]
    for _ in range(ROUNDS):
        for read, spent in zip(reads, times, strict=True):
            started = time.perf_counter()
            read()
            spent.append(time.perf_counter() - started)
    return [min(spent) for spent in times]


def measure(rows: int = ROWS) -> list[dict[str, Any]]:
    """Give the ratios as-of / plain: by filing and, to compare, by six columns."""
    with tempfile.TemporaryDirectory(prefix="dualcarbon-as-of-") as name:
        publish(Path(name), rows)
        parts = f"{name}/*.parquet"
        engines: dict[str, tuple[Callable[[], Any], Callable[[Any], int]]] = {
            "DuckDB": (lambda: duckdb.read_parquet(parts), touch_duckdb),
            "Polars": (lambda: pl.scan_parquet(parts), touch_polars),
        }
        found = []
        for engine, (scan, touch) in engines.items():
            plain, filing, six = best(
                [
                    lambda scan=scan, touch=touch: touch(scan()),
                    lambda scan=scan, touch=touch: touch(as_of(scan(), ON, ["filing"])),
                    lambda scan=scan, touch=touch: touch(as_of(scan(), ON, SIX)),
                ]
            )
            label = f"As-of read / plain read, {rows:.0e} rows, {engine}"
            found.append(entry(f"{label}, by filing", filing / plain, LIMIT))
            found.append(entry(f"{label}, by six columns", six / plain, None))
        return found


def entry(name: str, value: float, limit: float | None) -> dict[str, Any]:
    return {"name": name, "value": round(value, 2), "limit": limit, "unit": "x"}


def main() -> int:
    measures = measure()
    for each in measures:
        print(f"{each['name']}: {each['value']} {each['unit']} (limit {each['limit']})")
    return (
        0
        if all(each["limit"] is None or each["value"] <= each["limit"] for each in measures)
        else 1
    )


if __name__ == "__main__":
    sys.exit(main())
