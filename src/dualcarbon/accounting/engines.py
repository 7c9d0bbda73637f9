"""The engines of an account: the same expressions on DuckDB, Polars and PySpark.

A slice of facts goes in, two Parquet files come out: the rows with their amounts, and the cube (the
sums by subject and key). One thread writes one slice, so that the bytes do not depend on how
many run beside it; slices run side by side.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import narwhals as nw
import polars as pl
from attrs import define, field, frozen

from dualcarbon import __version__
from dualcarbon.accounting.activity import SERIES
from dualcarbon.accounting.engine import accounts
from dualcarbon.accounting.facts import ROWS_PER_GROUP, FactPart
from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Place, finding

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
    whose knowledge counts. `corrections`: the last `version` of every corrected fact.
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
        keys = self.resolved.join(piece.part.keys, on="key", how="semi").sort("key", "who")
        last = self.corrections
        if last is not None:
            last = last.join(piece.part.keys, on="period", how="semi")
        digest = hashlib.sha256(f"{__version__} {method}".encode())
        known = [str(self.on), *self.measures, *self.enterprises]
        parts = (piece.part.sha256, f"{piece.start}-{piece.stop}", *known)
        digest.update("\x1f".join(parts).encode())
        for frame in (keys, last):
            if frame is not None and frame.height:
                digest.update(frame.write_csv().encode())
        return digest.hexdigest()


class Engine(Protocol):
    """Computes a slice; `side_by_side` says how many may run at once, of `slice_rows` at most."""

    side_by_side: int
    slice_rows: int

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""

    def faults(self) -> tuple[type[Exception], ...]:
        """Give what the engine raises at data it cannot compute and places it cannot write."""


def computed(engine: Engine, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
    """Compute a slice; InputError that names its part when the engine cannot."""
    try:
        engine.compute(piece, work, rows, cube)
    except engine.faults() as error:
        place, found = Place(piece.part.path.name), str(error).strip()[:300]
        raise InputError(finding("accounting.engine_failed", place, found=found)) from error


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
    slice_rows: int = SLICE_ROWS

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""
        facts = pl.scan_parquet(piece.part.path).slice(piece.start, piece.stop - piece.start)
        last = work.corrections
        known = last.lazy() if last is not None else None
        made: pl.LazyFrame = amounts(facts, work.coefficients.lazy(), known, work)
        ordered = made.sort("file", "source_row")  # a join of Polars keeps no order of its own
        ordered.sink_parquet(rows, row_group_size=ROWS_PER_GROUP)
        summed: pl.LazyFrame = cube_of(pl.scan_parquet(rows), work.measures)
        summed.sort(CUBE).sink_parquet(cube)

    def faults(self) -> tuple[type[Exception], ...]:
        """Give what the engine raises."""
        return (pl.exceptions.PolarsError, OSError)


class Plan:
    """The queries of one thread: built once over views, run again for every slice."""

    def __init__(self, work: Work, memory: str) -> None:
        """Connect with one thread and bounded memory."""
        import duckdb

        self.work = work
        self.connection = duckdb.connect(
            config={
                "threads": 1,
                "memory_limit": memory,
                # One thread keeps the order by itself; asked to, it holds a whole slice in memory.
                "preserve_insertion_order": False,
            }
        )
        self.connection.register("resolved", work.coefficients.to_arrow())
        if work.corrections is not None:
            self.connection.register("corrections", work.corrections.to_arrow())
        self._rows: Any = None
        self._cube: Any = None

    def rows(self, piece: Slice) -> Any:
        """Give the rows of a slice, not yet computed."""
        _duckdb_facts(self.connection, piece).create_view("facts", replace=True)
        if self._rows is None:
            view = self.connection.view
            known = view("corrections") if self.work.corrections is not None else None
            self._rows = amounts(view("facts"), view("resolved"), known, self.work)
        return self._rows

    def cube(self, rows: Path) -> Any:
        """Give the cube of written rows, not yet computed."""
        self.connection.read_parquet(str(rows)).create_view("made", replace=True)
        if self._cube is None:
            self._cube = cube_of(self.connection.view("made"), self.work.measures)
        return self._cube


@define
class DuckDB:
    """The default engine: bounded memory, one thread a slice."""

    side_by_side: int = 2
    slice_rows: int = SLICE_ROWS
    memory: str = "400MB"
    _local: threading.local = field(factory=threading.local)

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""
        plan: Plan | None = getattr(self._local, "plan", None)
        if plan is None or plan.work is not work:
            plan = self._local.plan = Plan(work, self.memory)
        size = {"row_group_size": ROWS_PER_GROUP}
        plan.rows(piece).to_parquet(str(rows), compression="zstd", **size)
        plan.cube(rows).to_parquet(str(cube))

    def faults(self) -> tuple[type[Exception], ...]:
        """Give what the engine raises."""
        import duckdb

        return (duckdb.Error, OSError)


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
    """A cluster by its master URL: the same run, one whole part after the other."""

    master: str
    side_by_side: int = 1
    slice_rows: int = sys.maxsize
    _session: Any = None

    def compute(self, piece: Slice, work: Work, rows: Path, cube: Path) -> None:
        """Write the rows and the cube of a slice."""
        session = self._started()
        facts = session.read.parquet(str(piece.part.path))
        resolved = session.createDataFrame(work.coefficients.to_arrow())
        last = work.corrections
        known = session.createDataFrame(last.to_arrow()) if last is not None else None
        made = amounts(facts, resolved, known, work)
        _one_file(made, rows)
        _one_file(cube_of(session.read.parquet(str(rows)), work.measures), cube)

    def faults(self) -> tuple[type[Exception], ...]:
        """Give what the engine raises."""
        from pyspark.errors import PySparkException

        return (PySparkException, OSError)

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
