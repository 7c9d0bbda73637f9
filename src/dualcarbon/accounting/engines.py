"""The engines of an account: the same expressions on DuckDB, Polars and PySpark.

A slice of facts goes in, two Parquet files come out: the rows with their amounts, and the cube (the
sums by subject and key). One thread writes one slice, so that the bytes do not depend on how
many run beside it; slices run side by side.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import narwhals as nw
import polars as pl
from attrs import define, frozen

from dualcarbon.accounting.activity import SERIES
from dualcarbon.accounting.engine import accounts
from dualcarbon.accounting.facts import ROWS_PER_GROUP, FactPart
from dualcarbon.errors import UsageError
from dualcarbon.findings import finding

ENGINES = ("duckdb", "polars", "spark")
SLICE_ROWS = 16 * ROWS_PER_GROUP
KEPT = (
    "subject_kind",
    "subject",
    "item",
    "key",
    "quantity",
    "source_class",
    "uncertainty",
    "file",
    "source_row",
)
CUBE = ("subject_kind", "subject", "key")
FACT = (*SERIES, "period")


@frozen
class Slice:
    """Rows `start` up to `stop` of a part of facts."""

    part: FactPart
    start: int
    stop: int


@frozen
class Work:
    """What one slice is computed with.

    `resolved`: keys in wide form. `enterprises`: those with values of their own. `on`: the day
    whose knowledge counts. `corrections`: the last `version` of every corrected fact. `left_out`:
    series and periods that count in other words.
    """

    resolved: pl.DataFrame
    measures: tuple[str, ...]
    enterprises: tuple[str, ...] = ()
    on: dt.date | None = None
    corrections: pl.DataFrame | None = None

    @property
    def coefficients(self) -> pl.DataFrame:
        """Give the resolved keys with the columns they are met by."""
        return self.resolved if self.enterprises else self.resolved.drop("who")

    @property
    def on_columns(self) -> tuple[str, ...]:
        """Give the columns by which facts meet their coefficients."""
        return ("key", "who") if self.enterprises else ("key",)

    def signature(self, piece: Slice, method: str) -> str:
        """Give the signature of a slice: whatever could change one of its numbers."""
        keys = self.resolved.join(piece.part.keys.select("key"), on="key", how="semi").sort("key")
        digest = hashlib.sha256(method.encode())
        known = [str(self.on), *self.measures, *self.enterprises]
        parts = (piece.part.sha256, f"{piece.start}-{piece.stop}", *known)
        digest.update("\x1f".join(parts).encode())
        for frame in (keys, self.corrections):
            if frame is not None:
                digest.update(frame.write_csv().encode())
        return digest.hexdigest()


class Engine(Protocol):
    """Computes a slice; `side_by_side` says how many slices may run at once."""

    side_by_side: int

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""


def slices(parts: Sequence[FactPart], rows: int = SLICE_ROWS) -> list[Slice]:
    """Cut parts into slices of at most so many rows, in order."""
    return [
        Slice(part, start, min(start + rows, part.rows))
        for part in parts
        for start in range(0, part.rows, rows)
    ]


def engine_of(name: str, spark_master: str | None = None, threads: int = 2) -> Engine:
    """Give an engine by name; UsageError when there is none of that name."""
    if name == "duckdb":
        return DuckDB(threads)
    if name == "polars":
        return Polars()
    if name == "spark":
        return Spark(spark_master or "local[2]")
    raise UsageError(finding("accounting.engine", found=name, expected=", ".join(ENGINES)))


def amounts(facts: Any, resolved: Any, corrections: Any, work: Work) -> Any:
    """Give the rows of an account from native frames of one engine."""
    frame: Any = nw.from_native(facts)
    if work.on is not None:
        frame = frame.filter(nw.col("recorded_at") <= nw.lit(work.on))
    if corrections is not None:
        frame = frame.join(nw.from_native(corrections), on=list(FACT), how="left")
        last = nw.col("last_version")
        frame = frame.filter(last.is_null() | (nw.col("version") >= last))
    if work.enterprises:
        named = nw.col("subject").is_in(list(work.enterprises))
        frame = frame.with_columns(
            nw.when(named).then(nw.col("subject")).otherwise(nw.lit("")).alias("who")
        )
    return accounts(frame.to_native(), resolved, work.measures, on=work.on_columns, keep=KEPT)


def cube_of(rows: Any, measures: Sequence[str]) -> Any:
    """Add the rows of an account by subject and key; a sum of nothing but nulls is null."""
    frame: Any = nw.from_native(rows)
    some = [nw.col(name).sum().alias(name) for name in measures]
    met = [nw.col(name).count().alias(f"{name}__n") for name in measures]
    grouped = frame.group_by(*CUBE).agg(nw.col("quantity").count().alias("rows"), *some, *met)
    whole = [nw.col("rows").cast(nw.Int64())]
    for name in measures:
        value = nw.when(nw.col(f"{name}__n") > 0).then(nw.col(name).cast(nw.Int64()))
        whole.append(value.alias(name))
    return grouped.select(*CUBE, *whole).to_native()


@define
class Polars:
    """The embedded engine of data frames."""

    side_by_side: int = 1

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""
        facts = pl.scan_parquet(piece.part.path).slice(piece.start, piece.stop - piece.start)
        last = work.corrections
        known = last.lazy() if last is not None else None
        made: pl.LazyFrame = amounts(facts, work.coefficients.lazy(), known, work)
        made.sink_parquet(rows, row_group_size=ROWS_PER_GROUP)
        summed: pl.LazyFrame = cube_of(pl.scan_parquet(rows), work.measures)
        summed.sort(CUBE).sink_parquet(cube)


@define
class DuckDB:
    """The default engine: bounded memory, one thread a slice."""

    side_by_side: int = 2
    memory: str = "400MB"

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""
        import duckdb

        with duckdb.connect(config={"threads": 1, "memory_limit": self.memory}) as connection:
            facts = _duckdb_facts(connection, piece)
            resolved = connection.from_arrow(work.coefficients.to_arrow())
            last = work.corrections
            known = connection.from_arrow(last.to_arrow()) if last is not None else None
            made = amounts(facts, resolved, known, work)
            made.to_parquet(str(rows), compression="zstd", row_group_size=ROWS_PER_GROUP)
            summed = cube_of(connection.read_parquet(str(rows)), work.measures)
            summed.to_parquet(str(cube), compression="zstd")


def _duckdb_facts(connection: Any, piece: Slice) -> Any:
    """Give the rows of a slice; a part that is one slice needs no row numbers."""
    path = str(piece.part.path)
    if piece.start == 0 and piece.stop == piece.part.rows:
        return connection.read_parquet(path)
    number = nw.col("file_row_number")
    within = (number >= piece.start) & (number < piece.stop)
    facts: Any = nw.from_native(connection.read_parquet(path, file_row_number=True))
    return facts.filter(within).to_native()


@define
class Spark:
    """A cluster by its master URL: the same run, one slice after the other."""

    master: str
    side_by_side: int = 1
    _session: Any = None

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""
        session = self._started()
        facts = session.read.parquet(str(piece.part.path))
        if piece.stop - piece.start < piece.part.rows:
            raise UsageError(finding("accounting.spark_slice", found=piece.part.path.name))
        resolved = session.createDataFrame(work.coefficients.to_arrow())
        last = work.corrections
        known = session.createDataFrame(last.to_arrow()) if last is not None else None
        made = amounts(facts, resolved, known, work)
        _one_file(made, rows)
        _one_file(cube_of(session.read.parquet(str(rows)), work.measures), cube)

    def _started(self) -> Any:
        if self._session is None:
            from pyspark.sql import SparkSession

            builder = SparkSession.builder.master(self.master).appName("dualcarbon")
            self._session = builder.config("spark.ui.enabled", "false").getOrCreate()
        return self._session


def _one_file(frame: Any, path: Path) -> None:
    """Write a Spark frame as one Parquet file, in a stable order."""
    folder = path.with_suffix(".spark")
    order = [name for name in ("file", "source_row", *CUBE) if name in frame.columns]
    frame.orderBy(*order).coalesce(1).write.mode("overwrite").parquet(str(folder))
    next(folder.glob("*.parquet")).rename(path)
    shutil.rmtree(folder)
