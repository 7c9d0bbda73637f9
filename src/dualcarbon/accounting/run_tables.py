"""The tables of a run's edition: rows and cube as the engine wrote them, and their sums."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import asdict, frozen

from dualcarbon.accounting.engines import CUBE
from dualcarbon.accounting.facts import Facts
from dualcarbon.accounting.keys import Resolved, Resolver
from dualcarbon.accounting.methods import Measure
from dualcarbon.editions import Part
from dualcarbon.figures import FIGURES, SUBJECT_KINDS
from dualcarbon.parameters import worst_status
from dualcarbon.periods import Period

TOTALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "subject_kind": pl.String,
    "subject": pl.String,
    "period": pl.String,
    "gas": pl.String,
    "scope": pl.Int64,
    "part_of": pl.String,
    "unit": pl.String,
    "grams": pl.Int64,
    "rows": pl.Int64,
    "unmatched": pl.Int64,
    "complete": pl.Boolean,
    "status": pl.String,
    "measures": pl.List(pl.String),
}
INDICATORS: dict[str, pl.DataType | type[pl.DataType]] = {
    "indicator": pl.String,
    "unit": pl.String,
    "measures": pl.List(pl.String),
}
MEASURES: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "gas": pl.String,
    "unit": pl.String,
    "scope": pl.Int64,
    "origin": pl.String,
}
SUBJECT = ("subject_kind", "subject")
GRAMS = 1_000_000


def cube_of_parts(paths: Sequence[Path], measures: Sequence[str]) -> pl.DataFrame:
    """Add the cubes of all slices: one row per subject and key, whole grams per measure."""
    schema = {**dict.fromkeys(CUBE[:2], pl.String), "key": pl.Int64, "rows": pl.Int64}
    empty = pl.DataFrame(schema={**schema, **dict.fromkeys(measures, pl.Int64)})
    frames = [pl.read_parquet(path) for path in paths]
    cube = pl.concat([empty, *frames], how="diagonal")
    if not cube.select(CUBE).is_duplicated().any():
        return cube.sort(CUBE)
    sums = [_sum(name) for name in measures]
    return cube.group_by(CUBE).agg(pl.col("rows").sum(), *sums).sort(CUBE)


def _sum(name: str) -> pl.Expr:
    """Add whole numbers; a sum of nothing but nulls is null."""
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def tables_of(
    facts: Facts,
    resolved: Resolved,
    cube: pl.DataFrame,
    made: Sequence[tuple[Part, Part]],
    resolver: Resolver,
    period: str | None,
) -> dict[str, Any]:
    """Give the tables of the edition; decision 0003 lists them."""
    totals = totals_of(cube, resolved, period)
    return {
        "rows": [rows for rows, _ in made],
        "cube": [summed for _, summed in made],
        "keys": resolved.keys,
        "coefficients": resolved.coefficients,
        "measures": pl.DataFrame(
            [asdict(measure) for measure in resolved.measures],
            schema=MEASURES,
        ).rename({"id": "measure"}),
        "totals": totals,
        "figures": figures_of(cube, resolved, resolver, period),
        "indicators": pl.DataFrame(
            list(wanted(resolved, resolver)), schema=INDICATORS, orient="row"
        ),
        "files": _files(facts),
    }


def _files(facts: Facts) -> pl.DataFrame:
    files = {number: about for part in facts.parts for number, about in part.files.items()}
    rows = [
        (number, about["name"], about.get("sheet"), about["sha256"], json.dumps(about["letters"]))
        for number, about in sorted(files.items())
    ]
    names = ["file", "name", "sheet", "sha256", "letters"]
    schema = dict(zip(names, [pl.Int64, *[pl.String] * 4], strict=True))
    return pl.DataFrame(rows, schema=schema, orient="row")


def periods_of(resolved: Resolved, period: str | None) -> dict[str, str]:
    """Give the period of a total for each period of a fact: the one asked for, or its year."""
    found = {}
    for text in resolved.keys["period"].unique():
        found[text] = str(Period.parse(period or str(Period.parse(text).year)))
    return found


@frozen
class Gas:
    """One total: a gas (or kind of energy) in a scope, and the measures that make it."""

    gas: str
    scope: int | None
    unit: str
    part_of: str | None
    measures: tuple[str, ...]


def gases_of(measures: Sequence[Measure]) -> list[Gas]:
    """Give the totals that measures make.

    Methane is one total; where some of it is of fossil origin that part stands beside it.
    """
    groups: dict[tuple[str, int | None, str], list[Measure]] = {}
    for measure in measures:
        groups.setdefault((measure.gas, measure.scope, measure.unit), []).append(measure)
    found = []
    for (gas, scope, unit), members in groups.items():
        found.append(Gas(gas, scope, unit, None, tuple(m.id for m in members)))
        fossil = tuple(m.id for m in members if m.gas == "CH4" and m.origin == "fossil")
        if fossil:
            found.append(Gas("CH4_fossil", scope, unit, "CH4", fossil))
    return found


def long_of(cube: pl.DataFrame, resolved: Resolved) -> pl.DataFrame:
    """Give the cube with one row per subject, key and measure that speaks of the key.

    Shape: subject_kind, subject, key, measure, rows, grams (null: no parameter), status.
    """
    names = [measure.id for measure in resolved.measures]
    long = cube.unpivot(names, index=[*CUBE, "rows"], variable_name="measure", value_name="grams")
    own = set(resolved.keys.filter(pl.col("who") != "")["who"])
    who = pl.when(pl.col("subject").is_in(list(own))).then("subject").otherwise(pl.lit(""))
    spoken = resolved.coefficients.select("key", "who", "measure", "status")
    return long.with_columns(who=who).join(spoken, on=["key", "who", "measure"], how="inner")


def totals_of(cube: pl.DataFrame, resolved: Resolved, period: str | None) -> pl.DataFrame:
    """Add the cube by subject, period, gas and scope. Shape: TOTALS."""
    periods = periods_of(resolved, period)
    texts = resolved.keys.select("key", "period").unique()
    long = long_of(cube, resolved).join(texts, on="key")
    long = long.with_columns(pl.col("period").replace_strict(periods, return_dtype=pl.String))
    frames = [_total(long, gas) for gas in gases_of(resolved.measures)]
    found = pl.concat([pl.DataFrame(schema=TOTALS), *frames])
    kinds = pl.col("subject_kind").replace_strict(
        list(SUBJECT_KINDS), range(len(SUBJECT_KINDS)), return_dtype=pl.Int8
    )
    return found.sort(kinds, "subject", "period", "gas", "scope", nulls_last=True)


def _total(long: pl.DataFrame, gas: Gas) -> pl.DataFrame:
    missing = pl.col("rows").filter(pl.col("grams").is_null()).sum()
    summed = (
        long.filter(pl.col("measure").is_in(list(gas.measures)))
        .group_by(*SUBJECT, "period")
        .agg(
            _sum("grams"),
            pl.col("rows").sum(),
            missing.alias("unmatched"),
            pl.col("status").unique().alias("statuses"),
        )
    )
    worst = pl.col("statuses").map_elements(_worst, return_dtype=pl.String)
    return summed.with_columns(
        gas=pl.lit(gas.gas),
        scope=pl.lit(gas.scope, pl.Int64),
        part_of=pl.lit(gas.part_of, pl.String),
        unit=pl.lit(gas.unit),
        complete=pl.col("unmatched") == 0,
        status=worst,
        measures=pl.lit(list(gas.measures), dtype=pl.List(pl.String)),
    ).select(list(TOTALS))


def _worst(statuses: Sequence[str | None]) -> str | None:
    known = [one for one in statuses if one is not None]
    return worst_status(known) if known else None


def figures_of(
    cube: pl.DataFrame, resolved: Resolved, resolver: Resolver, period: str | None
) -> pl.DataFrame:
    """Give the figures of a run: per subject, every period of the facts and that of the totals.

    Absent: a figure of which a part has no parameter is null, never the sum of the rest.
    """
    texts = resolved.keys.select("key", "period").unique()
    long = long_of(cube, resolved).join(texts, on="key")
    rows: list[dict[str, Any]] = []
    for to in ({text: text for text in texts["period"].unique()}, periods_of(resolved, period)):
        at = long.with_columns(pl.col("period").replace_strict(to, return_dtype=pl.String))
        for indicator, unit, ids in wanted(resolved, resolver):
            rows += _figures(at, indicator, unit, ids)
    found = {(r["indicator"], r["subject_kind"], r["subject"], r["period"]): r for r in rows}
    frame = pl.DataFrame(list(found.values()), schema=FIGURES.schema())
    order = frame.sort("indicator", *SUBJECT, "period")
    return order.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))


def wanted(resolved: Resolved, resolver: Resolver) -> Iterator[tuple[str, str, list[str]]]:
    """Give indicator, unit and those of its measures that the run has met."""
    met = {measure.id for measure in resolved.measures}
    for entry in resolver.method.figures:
        if ids := [name for name in entry["measures"] if name in met]:
            yield entry["indicator"], entry["unit"], ids


def _figures(
    long: pl.DataFrame, indicator: str, unit: str, ids: Sequence[str]
) -> Iterator[dict[str, Any]]:
    part = long.filter(pl.col("measure").is_in(list(ids)))
    gaps = pl.col("grams").is_null().any().alias("gaps")
    statuses = pl.col("status").unique().alias("statuses")
    for row in (
        part.group_by(*SUBJECT, "period").agg(_sum("grams"), gaps, statuses).iter_rows(named=True)
    ):
        yield _figure(row, indicator, unit)


def _figure(row: Mapping[str, Any], indicator: str, unit: str) -> dict[str, Any]:
    whole = None if row["gaps"] or row["grams"] is None else row["grams"] / GRAMS
    return {
        "indicator": indicator,
        "subject_kind": row["subject_kind"],
        "subject": row["subject"],
        "period": row["period"],
        "basis": Period.parse(row["period"]).basis,
        "value": whole,
        "unit": unit,
        "origin": "computed",
        "status": _worst(row["statuses"]) or "unsourced",
        "edition": "",
        "row": 0,
    }
