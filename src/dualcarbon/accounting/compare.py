"""Two account runs side by side: a waterfall of data, parameters, method and boundary, in grams.

Every step is the account of the same rows with one more kind of input exchanged, rounded as the
engine rounds, so that the steps add up as integers. Docs: docs/methods/editions.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.substitute import CELL, Mixed, Side, pairs
from dualcarbon.editions import Edition

STEPS = ("data", "parameter", "method", "boundary")
AMOUNTS = ("from", *STEPS, "to", "unmatched_from", "unmatched_to")
CUTS = ("subject", *CELL[1:])
PIECE = 2_000_000
ROW = ("subject_kind", "subject", "item", "cell", "nth")
OWNERS = ("key_a", "who_a", "key_b", "who_b")


def waterfall(a: Edition, b: Edition, by: Sequence[str] = ("subject",)) -> pl.DataFrame:
    """Say what moved each amount from edition A to edition B.

    Shape: one row per subject kind, the columns `by` (of CUTS), gas and scope; `unit` is the
    measure's, amounts are whole millionths of it (grams of a tonne):
    `from + data + parameter + method + boundary == to`. `unmatched_from` and `unmatched_to` count
    activity rows without parameter: where they are not 0, the amount beside them is partial.
    `boundary`: the subject has activity of this key in one edition only. `data`: the same key,
    other quantity, or a line more or less. `parameter`: the same formula, other values; a value
    found or lost. `method`: another formula, sign or GWP set; a measure that one of the two does
    not have. Different subject kinds are never added together; a row of nothing is left out.
    """
    return _Comparison.of(a, b).waterfall(tuple(by))


@frozen
class _Comparison:
    a: Edition
    b: Edition
    cells: pl.DataFrame
    measures: pl.DataFrame
    steps: pl.DataFrame
    own: tuple[list[str], list[str]]

    @staticmethod
    def of(a: Edition, b: Edition) -> _Comparison:
        sides = Side.of(a), Side.of(b)
        both = pl.concat([edition.table("keys").select("key", *CELL) for edition in (a, b)])
        cells = both.select(CELL).unique(maintain_order=True).with_row_index("cell")
        keys = both.unique(maintain_order=True).join(cells, on=CELL, nulls_equal=True)
        tables = [edition.table("measures") for edition in (b, a)]
        measures = pl.concat(tables, how="diagonal").unique("measure", maintain_order=True)
        names = measures["measure"].to_list()
        own = sorted(sides[0].own), sorted(sides[1].own)
        return _Comparison(a, b, keys, measures, _steps(Mixed(*sides), names), own)

    def waterfall(self, by: tuple[str, ...]) -> pl.DataFrame:
        cut = ["subject_kind", *by]
        names = self.measures["measure"].to_list()
        long = pl.concat(
            [self._shared(cut, names), *(self._moved(cut, names, n) for n in range(self._pieces()))]
        )
        counts = pl.concat([self._unmatched(n, cut) for n in (0, 1)])
        about = self.measures.select("measure", "gas", "scope", "unit")
        every = pl.concat([long.select(counts.columns), counts]).join(about, on="measure")
        rows = [*cut, "gas", "scope", "unit"]
        wide = every.pivot(
            "step", index=rows, values="grams", aggregate_function="sum", on_columns=AMOUNTS
        )
        amounts = [pl.col(name).fill_null(0).cast(pl.Int64) for name in AMOUNTS]
        some = pl.any_horizontal(pl.col(AMOUNTS) != 0)
        found = wide.with_columns(amounts).select(*rows, *AMOUNTS).filter(some)
        return found.sort(rows, nulls_last=True)

    def _common(self) -> set[str]:
        """Give the hashes of parts that both editions hold: nothing in them moved."""
        hashes = [{part.sha256 for part in e.parts("rows")} for e in (self.a, self.b)]
        return {one for one in hashes[0] & hashes[1] if one is not None}

    def _scan(self, number: int, common: bool) -> pl.LazyFrame | None:
        edition = (self.a, self.b)[number]
        same = self._common()
        paths = [p.path for p in edition.parts("rows") if (p.sha256 in same) is common]
        if not paths:
            return None
        cells = self.cells.lazy().select("key", "cell", *CELL[1:])
        return pl.scan_parquet(paths).join(cells, on="key", how="left")

    def _pieces(self) -> int:
        """Give in how many pieces, by subject, the rows are matched, so that memory is bounded."""
        same = self._common()
        parts = [part for e in (self.a, self.b) for part in e.parts("rows")]
        return 1 + sum(part.rows or 0 for part in parts if part.sha256 not in same) // PIECE

    def _side(self, number: int, names: Sequence[str], piece: int) -> pl.LazyFrame:
        """Give the rows of one edition that may have moved, each with its nth place in its key."""
        end = "ab"[number]
        frame = self._scan(number, common=False)
        if frame is None:
            frame = self._empty(number)
        if (pieces := self._pieces()) > 1:
            frame = frame.filter(pl.col("subject").hash(0) % pieces == piece)
        held = frame.collect_schema().names()
        grams = [
            (pl.col(n) if n in held else pl.lit(None, pl.Int64)).alias(f"{n}_{end}") for n in names
        ]
        nth = pl.col("source_row").rank("ordinal").over("subject_kind", "subject", "item", "cell")
        who = pl.when(pl.col("subject").is_in(self.own[number])).then("subject")
        return frame.with_columns(nth=nth).select(
            *ROW,
            pl.col("key").alias(f"key_{end}"),
            who.otherwise(pl.lit("")).alias(f"who_{end}"),
            pl.col("quantity").alias(f"quantity_{end}"),
            pl.lit(True).alias(f"in_{end}"),
            *grams,
        )

    def _empty(self, number: int) -> pl.LazyFrame:
        rows = (self.a, self.b)[number].scan("rows").head(0)
        cells = self.cells.lazy().select("key", "cell", *CELL[1:])
        return rows.join(cells, on="key", how="left")

    def _subjects(self, number: int) -> pl.LazyFrame:
        """Give the subjects and cells of an edition, from its small cube."""
        cube = (self.a, self.b)[number].scan("cube").join(self.cells.lazy(), on="key")
        held = cube.select("subject_kind", "subject", "cell").unique()
        return held.with_columns(pl.lit(True).alias(f"has_{'ab'[number]}"))

    def _moved(self, cut: Sequence[str], names: Sequence[str], piece: int) -> pl.DataFrame:
        rows = self._side(0, names, piece).join(
            self._side(1, names, piece), on=ROW, how="full", coalesce=True, nulls_equal=True
        )
        for number in (0, 1):
            rows = rows.join(
                self._subjects(number), on=["subject_kind", "subject", "cell"], how="left"
            )
        rows = self._counterparts(rows)
        rows = rows.join(self.steps.lazy(), on=OWNERS, how="left", suffix="_step")
        places = self.cells.lazy().select("cell", *CELL[1:]).unique("cell")
        rows = rows.join(places, on="cell", how="left")
        sums = [
            _step(name, step).alias(f"{name}|{step}")
            for name in names
            for step in ("from", *STEPS, "to")
        ]
        return _long(rows.group_by(cut).agg(sums), cut)

    def _counterparts(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Give a line that A does not have the key under which A would have counted it."""
        first = self.a.table("keys").select("key").unique(maintain_order=True)
        known = first.join(self.cells, on="key").select("cell", pl.col("key").alias("other"))
        same = pl.col("key_b").is_in(known["other"].to_list())
        others = known.unique("cell", keep="first", maintain_order=True)
        rows = rows.join(others.lazy(), on="cell", how="left")
        key = pl.when(same).then("key_b").otherwise("other")
        who = pl.when(pl.col("subject").is_in(self.own[0])).then("subject").otherwise(pl.lit(""))
        return rows.with_columns(
            pl.coalesce("key_a", key).alias("key_a"), pl.coalesce("who_a", who).alias("who_a")
        )

    def _shared(self, cut: Sequence[str], names: Sequence[str]) -> pl.DataFrame:
        frame = self._scan(0, common=True)
        if frame is None:
            frame = self._empty(0)
        held = frame.collect_schema().names()
        sums = [
            (pl.col(n).sum() if n in held else pl.lit(0, pl.Int64)).cast(pl.Int64) for n in names
        ]
        summed = frame.group_by(cut).agg(
            one.alias(f"{name}|{step}")
            for name, one in zip(names, sums, strict=True)
            for step in ("from", "to")
        )
        return _long(summed, cut)

    def _unmatched(self, number: int, cut: Sequence[str]) -> pl.DataFrame:
        """Count the activity rows that a measure speaks of and has no parameter for."""
        edition = (self.a, self.b)[number]
        gaps = edition.table("coefficients").filter(pl.col("grams").is_null())
        who = pl.when(pl.col("subject").is_in(self.own[number])).then("subject")
        cube = edition.table("cube").with_columns(who=who.otherwise(pl.lit("")))
        cells = self.cells.select("key", *CELL[1:])
        rows = cube.join(gaps.select("key", "who", "measure"), on=["key", "who"])
        counted = rows.join(cells, on="key").group_by(*cut, "measure").agg(pl.col("rows").sum())
        step = pl.lit(f"unmatched_{('from', 'to')[number]}").alias("step")
        grams = pl.col("rows").cast(pl.Int64).alias("grams")
        return counted.select(*cut, step, "measure", grams)


def _long(summed: pl.LazyFrame, cut: Sequence[str]) -> pl.DataFrame:
    """Give one row per cut, measure and step from columns `measure|step`."""
    wide = summed.collect(engine="streaming")
    columns = [name for name in wide.columns if name not in cut]
    long = wide.unpivot(columns, index=list(cut), variable_name="name", value_name="grams")
    parts = pl.col("name").str.split_exact("|", 1)
    names = [parts.struct[n].alias(name) for n, name in enumerate(("measure", "step"))]
    return long.with_columns(names).drop("name")


def _steps(mixed: Mixed, names: Sequence[str]) -> pl.DataFrame:
    """Give grams per unit of each measure after the data and after the parameters are exchanged."""
    schema: dict[str, Any] = dict(zip(OWNERS, [pl.Int64, pl.String] * 2, strict=True))
    columns = [f"{name}__{step}" for name in names for step in ("data", "parameter")]
    schema.update(dict.fromkeys(columns, pl.Float64))
    rows = []
    for mine, other in pairs(mixed.a, mixed.b):
        found = mixed.steps(mine, other)
        grams = [value for name in names for value in found.get(name, (None, None))]
        rows.append((*mine, *other, *grams))
    return pl.DataFrame(rows, schema=schema, orient="row").unique(OWNERS, maintain_order=True)


def _step(name: str, step: str) -> pl.Expr:
    """Give the sum of one step of one measure."""
    before, after = (pl.col(f"{name}_{end}").fill_null(0) for end in "ab")
    apart = ~(pl.col("has_a").fill_null(False) & pl.col("has_b").fill_null(False))
    data, parameter = (_grams(f"{name}__{kind}") for kind in ("data", "parameter"))
    moves = {
        "from": before,
        "to": after,
        "data": pl.when(apart).then(0).otherwise(data - before),
        "parameter": pl.when(apart).then(0).otherwise(parameter - data),
        "method": pl.when(apart).then(0).otherwise(after - parameter),
        "boundary": pl.when(apart).then(after - before).otherwise(0),
    }
    return moves[step].sum().cast(pl.Int64)


def _grams(coefficient: str) -> pl.Expr:
    """Round B's quantity times a coefficient as the engine does; a line that B lacks gives 0."""
    product = pl.col("quantity_b") * pl.col(coefficient)
    size = (product.abs() + 0.5).floor()
    signed = pl.when(product < 0).then(-size).otherwise(size)
    return signed.cast(pl.Int64).fill_null(0)
