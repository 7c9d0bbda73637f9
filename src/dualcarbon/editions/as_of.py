"""What was known on a date: the only bitemporal function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import narwhals as nw
from narwhals.typing import IntoFrameT

LAST = "__last"
FEW = 2000


def as_of(frame: IntoFrameT, on: dt.date, key: Sequence[str]) -> IntoFrameT:
    """Keep what stood at the end of a day: of every key the rows recorded last.

    Shape: a frame of Polars, DuckDB or PySpark with the columns `key`, `recorded_at` (date or
    time) and, where corrections are numbered, `version` (1 = the first, never absent; its order is
    the order of recording). The same columns come back, some rows less, in no promised order. A key
    may have several rows that were recorded together, as a filing has: they stand or fall together.
    Absent: a row without `recorded_at` was known from the beginning, before any that has one; an
    absent key equals an absent key.
    With `version` only the later versions are looked up, which are few: a plain filter when `key`
    is one column, else a join; to know how many there are, a lazy frame is asked once. Without it
    every key is grouped. Source: docs/convention.md C4.1 and C4.2, docs/methods/editions.md.
    """
    data: Any = nw.from_native(frame)
    columns = data.collect_schema().names()
    recorded = nw.col("recorded_at")
    before = recorded < nw.lit(on + dt.timedelta(days=1))
    known = data.filter(recorded.is_null() | before)
    if "version" in columns:
        stands = _corrected(known, list(key), columns)
    else:
        stands = _joined(known, known, "recorded_at", key, key).select(*columns)
    native: IntoFrameT = stands.to_native()
    return native


def _corrected(known: Any, key: Sequence[str], columns: Sequence[str]) -> Any:
    later = known.filter(nw.col("version") > 1)
    last = later.group_by(*key).agg(nw.col("version").max().alias(LAST)).lazy()
    absent = (nw.col(name).is_null().cast(nw.Int64()).sum().alias(name) for name in key)
    counts = _polars(last.select(nw.len().alias(LAST), *absent)).row(0, named=True)
    if counts[LAST] == 0:
        return known
    if len(key) == 1 and counts[LAST] <= FEW:
        return known.filter(*_replaced(_polars(last), key[0]))
    nullable = [name for name in key if counts[name]]
    return _joined(known, later, "version", key, nullable).select(*columns)


def _polars(frame: Any) -> Any:
    return frame.collect(backend="polars").to_native()


def _replaced(last: Any, name: str) -> list[Any]:
    """Give conditions that leave out the rows of a key which a later version replaced."""
    column, conditions = nw.col(name), []
    for (version,), rows in last.group_by(LAST):
        older = nw.col("version") < int(version)
        values = rows[name].drop_nulls().to_list()
        conditions.append(~(older & column.is_in(values)) | column.is_null())
        if rows[name].null_count():
            conditions.append(~(older & column.is_null()))
    return conditions


def _joined(known: Any, later: Any, order: str, key: Sequence[str], nullable: Sequence[str]) -> Any:
    """Keep rows that no row of `later` follows; columns in `nullable` may be absent on both sides.

    A join never matches absent values: such columns are joined by their text, absent = "".
    """
    names = [f"__{name}" if name in nullable else name for name in key]
    texts = [nw.col(name).cast(nw.String()).fill_null("").alias(f"__{name}") for name in nullable]
    if texts:
        known, later = known.with_columns(*texts), later.with_columns(*texts)
    last = later.group_by(*names).agg(nw.col(order).max().alias(LAST))
    joined = known.join(last, on=names, how="left")
    return joined.filter(nw.col(LAST).is_null() | (nw.col(order) >= nw.col(LAST)))
