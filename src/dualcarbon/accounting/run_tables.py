"""The tables of a run's edition: rows and cube as the engine wrote them, and their sums.

All sums go through one wide table, `by_period`: a row per subject and period of the facts, and of
every measure the grams, the rows that speak of it, those without parameter, and the worst status.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import asdict, frozen

from dualcarbon.accounting.engines import CUBE
from dualcarbon.accounting.facts import Facts
from dualcarbon.accounting.keys import Resolved, Resolver
from dualcarbon.accounting.methods import Measure
from dualcarbon.accounting.overlaps import share_months
from dualcarbon.editions import Part
from dualcarbon.figures import FIGURES, SUBJECT_KINDS
from dualcarbon.parameters.model import STATUSES
from dualcarbon.periods import Period

Schema = dict[str, pl.DataType | type[pl.DataType]]
TOTALS: Schema = {
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
INDICATORS: Schema = {
    "indicator": pl.String,
    "unit": pl.String,
    "measures": pl.List(pl.String),
}
MEASURES: Schema = {
    "id": pl.String,
    "gas": pl.String,
    "unit": pl.String,
    "scope": pl.Int64,
    "origin": pl.String,
}
ROOM = "accounting_run"
SUBJECT = ("subject_kind", "subject")
GRAMS = 1_000_000
NO_STATUS = -1


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


def tables_of(
    facts: Facts,
    resolved: Resolved,
    made: Sequence[tuple[Part, Part]],
    resolver: Resolver,
    period: str | None,
) -> dict[str, Any]:
    """Give the tables of the edition; decision 0003 lists them."""
    months = by_period([cube for _, cube in made], resolved)
    periods = periods_of(resolved, period)
    whole = into_periods(months, resolved, list(periods.items()))
    return {
        "rows": [rows for rows, _ in made],
        "cube": [cube for _, cube in made],
        "keys": resolved.keys,
        "coefficients": resolved.coefficients,
        "measures": pl.DataFrame(
            [asdict(measure) for measure in resolved.measures], schema=MEASURES
        ).rename({"id": "measure"}),
        "totals": totals_of(whole, resolved),
        "figures": figures_of(months, resolved, resolver, periods.values()),
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


def names_of(resolved: Resolved) -> list[str]:
    """Give the ids of the measures that were met."""
    return [measure.id for measure in resolved.measures]


def by_period(cubes: Sequence[Part], resolved: Resolved) -> pl.DataFrame:
    """Add the cubes by subject and period of the facts, every measure beside the others.

    Shape: subject_kind, subject, period, and per measure `<m>` (grams, null when nothing of it is
    matched), `<m>__rows`, `<m>__gaps` and `<m>__worst` (place in STATUSES, -1 for none).
    """
    names = names_of(resolved)
    cube = pl.scan_parquet([part.path for part in cubes]) if cubes else _no_cube(names)
    own = resolved.keys.filter(pl.col("who") != "")["who"].unique().to_list()
    who = pl.when(pl.col("subject").is_in(own)).then("subject").otherwise(pl.lit(""))
    spoken = Spoken.of(resolved)
    about = resolved.keys.select("key", "who", "period").join(
        spoken.keys, on=["key", "who"], how="left"
    )
    joined = cube.with_columns(who=who).join(about.lazy(), on=["key", "who"], how="inner")
    grouped = joined.group_by(*SUBJECT, "period").agg(*spoken.sums())
    made = grouped.collect(engine="streaming").sort(*SUBJECT, "period")
    return made.with_columns(spoken.columns()).select(*SUBJECT, "period", *_columns(names))


def _columns(names: Sequence[str]) -> list[str]:
    return [f"{name}{what}" for name in names for what in ("", "__rows", "__gaps", "__worst")]


def _no_cube(names: Sequence[str]) -> pl.LazyFrame:
    head = {"subject_kind": pl.String, "subject": pl.String, "key": pl.Int64, "rows": pl.Int64}
    return pl.LazyFrame(schema={**head, **dict.fromkeys(names, pl.Int64)})


@frozen
class Spoken:
    """Which measure speaks of which key, and how: what is alike for all keys is computed once.

    `keys`: key, who, and the columns that the sums need. `patterns`: for each measure, the column
    that marks its keys (measures of the same fuels share one). `gaps`: measures with an unmatched
    key. `worst`: the one status of a measure, or None where keys differ.
    """

    keys: pl.DataFrame
    patterns: Mapping[str, str]
    gaps: frozenset[str]
    worst: Mapping[str, int | None]

    @classmethod
    def of(cls, resolved: Resolved) -> Spoken:
        """Derive it from the coefficients."""
        place = pl.col("status").replace_strict(
            list(STATUSES), range(len(STATUSES)), default=NO_STATUS, return_dtype=pl.Int8
        )
        names = names_of(resolved)
        long = resolved.coefficients.with_columns(place=place)
        wide = long.pivot("measure", index=["key", "who"], values="place")
        marks: dict[bytes, str] = {}
        patterns, columns = dict[str, str](), list[pl.Series]()
        for name in names:
            spoken = wide[name].is_not_null()
            mark = marks.setdefault(spoken.to_numpy().tobytes(), f"__spoken_{len(marks)}")
            if mark not in patterns.values():
                columns.append(spoken.cast(pl.Int64).alias(mark))
            patterns[name] = mark
        gaps = frozenset(name for name in names if (wide[name] == NO_STATUS).any())
        places = {name: wide[name].drop_nulls().unique().to_list() for name in names}
        worst = {name: found[0] if len(found) == 1 else None for name, found in places.items()}
        kept = [
            wide[name].alias(f"{name}__place")
            for name in names
            if name in gaps or worst[name] is None
        ]
        return cls(wide.select("key", "who").with_columns(columns + kept), patterns, gaps, worst)

    def sums(self) -> Iterator[pl.Expr]:
        """Give what is added over the keys of a subject and period."""
        rows = pl.col("rows")
        for mark in dict.fromkeys(self.patterns.values()):
            yield (rows * pl.col(mark)).sum().alias(mark)
        for name in self.patterns:
            place = pl.col(f"{name}__place")
            yield pl.col(name).sum()
            if name in self.gaps:
                yield (rows * (place == NO_STATUS)).sum().alias(f"{name}__gaps")
            if self.worst[name] is None:
                yield place.max().alias(f"{name}__worst")

    def columns(self) -> Iterator[pl.Expr]:
        """Give every measure its columns after the sums."""
        for name, mark in self.patterns.items():
            rows = pl.col(mark).alias(f"{name}__rows")
            gaps = pl.col(f"{name}__gaps") if name in self.gaps else pl.lit(0, pl.Int64)
            whole = pl.lit(self.worst[name], pl.Int8)
            worst = pl.col(f"{name}__worst") if self.worst[name] is None else whole
            yield rows
            yield gaps.alias(f"{name}__gaps")
            yield worst.fill_null(NO_STATUS).alias(f"{name}__worst")
            yield pl.when(pl.col(mark) > gaps).then(pl.col(name)).alias(name)


def added(name: str) -> pl.Expr:
    """Add whole numbers; a sum of nothing but nulls is null."""
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def periods_of(resolved: Resolved, period: str | None) -> dict[str, str]:
    """Give the period of a total for each period of a fact: the one asked for, or its year."""
    found = {}
    for text in resolved.keys["period"].unique():
        found[text] = str(Period.parse(period or str(Period.parse(text).year)))
    return found


def into_periods(
    months: pl.DataFrame, resolved: Resolved, pairs: Sequence[tuple[str, str]]
) -> pl.DataFrame:
    """Add `by_period` into other periods, by pairs of a period and one it goes into."""
    to = pl.DataFrame(list(pairs), {"period": pl.String, "to": pl.String}, orient="row")
    aggregates: list[pl.Expr] = []
    for name in names_of(resolved):
        counts = [pl.col(f"{name}__{what}").sum() for what in ("rows", "gaps")]
        aggregates += [added(name), *counts, pl.col(f"{name}__worst").max()]
    moved = months.join(to, on="period").drop("period").rename({"to": "period"})
    return moved.group_by(*SUBJECT, "period").agg(*aggregates)


Pairs = list[tuple[str, str]]


def reach(texts: Sequence[str], targets: Sequence[str]) -> tuple[Pairs, Pairs]:
    """Give which periods lie inside which, and which share months without lying inside."""
    parsed = {text: Period.parse(text) for text in {*texts, *targets}}
    pairs = [(a, b) for a in texts for b in targets if share_months(parsed[a], parsed[b])]
    inside = [pair for pair in pairs if parsed[pair[1]].contains(parsed[pair[0]])]
    return inside, [pair for pair in pairs if pair not in set(inside)]


def totals_of(whole: pl.DataFrame, resolved: Resolved) -> pl.DataFrame:
    """Give the totals by subject, period, gas and scope. Shape: TOTALS."""
    frames = [_total(whole, gas) for gas in gases_of(resolved.measures)]
    found = pl.concat([pl.DataFrame(schema=TOTALS), *frames])
    kinds = pl.col("subject_kind").replace_strict(
        list(SUBJECT_KINDS), range(len(SUBJECT_KINDS)), return_dtype=pl.Int8
    )
    return found.sort(kinds, "subject", "period", "gas", "scope", nulls_last=True)


def _total(whole: pl.DataFrame, gas: Gas) -> pl.DataFrame:
    """Give one total of every subject that has rows of it."""
    grams, rows, gaps, worst = _together(gas.measures)
    return (
        whole.select(*SUBJECT, "period", grams, rows, gaps, worst)
        .filter(pl.col("rows") > 0)
        .with_columns(
            gas=pl.lit(gas.gas),
            scope=pl.lit(gas.scope, pl.Int64),
            part_of=pl.lit(gas.part_of, pl.String),
            unit=pl.lit(gas.unit),
            complete=pl.col("unmatched") == 0,
            measures=pl.lit(list(gas.measures), dtype=pl.List(pl.String)),
        )
        .select(list(TOTALS))
    )


def _together(ids: Sequence[str]) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """Give grams, rows, unmatched and status of several measures of one subject and period."""
    some = pl.any_horizontal(pl.col(name).is_not_null() for name in ids)
    grams = pl.when(some).then(pl.sum_horizontal(ids)).cast(pl.Int64).alias("grams")
    rows = pl.sum_horizontal(f"{name}__rows" for name in ids).cast(pl.Int64).alias("rows")
    gaps = pl.sum_horizontal(f"{name}__gaps" for name in ids).cast(pl.Int64).alias("unmatched")
    worst = pl.max_horizontal(f"{name}__worst" for name in ids)
    status = worst.replace_strict(
        list(range(len(STATUSES))), list(STATUSES), default=None, return_dtype=pl.String
    )
    return grams, rows, gaps, status.alias("status")


def wanted(resolved: Resolved, resolver: Resolver) -> Iterator[tuple[str, str, list[str]]]:
    """Give indicator, unit and those of its measures that the run has met."""
    met = names_of(resolved)
    for entry in resolver.method.figures:
        if ids := [name for name in entry["measures"] if name in met]:
            yield entry["indicator"], entry["unit"], ids


def figures_of(
    months: pl.DataFrame, resolved: Resolved, resolver: Resolver, wholes: Iterable[str]
) -> pl.DataFrame:
    """Give the figures of a run: per subject, every period of the facts and that of the totals.

    A figure is the sum of all rows inside its period. Absent: one of which a part has no parameter
    is null, never the sum of the rest; where a row shares months with the period without lying
    inside (a quarter, for a month) there is no figure, because it would lack that row.
    """
    texts = sorted(months["period"].unique())
    inside, across = reach(texts, sorted({*texts, *wholes}))
    once = into_periods(months, resolved, inside).sort(*SUBJECT, "period")
    partly = into_periods(months, resolved, across)
    bases = {text: Period.parse(text).basis for text in once["period"].unique()}
    frames = [
        _figures(once, indicator, unit, ids, bases).join(
            partly.filter(_together(ids)[1] > 0),
            on=[*SUBJECT, "period"],
            how="anti",
            maintain_order="left",
        )
        for indicator, unit, ids in wanted(resolved, resolver)
    ]
    empty = pl.DataFrame(schema=FIGURES.schema())
    found = pl.concat([empty, *frames])
    return found.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))


def _figures(
    frame: pl.DataFrame,
    indicator: str,
    unit: str,
    ids: Sequence[str],
    bases: Mapping[str, str],
) -> pl.DataFrame:
    grams, rows, gaps, status = _together(ids)
    of = frame.select(*SUBJECT, "period", grams, rows, gaps, status).filter(pl.col("rows") > 0)
    # A division by a literal is made a product with its inverse, which is another last digit.
    tonnes = pl.col("grams") / (pl.col("rows") * 0 + GRAMS)
    value = pl.when(pl.col("unmatched") == 0).then(tonnes)
    return of.with_columns(
        indicator=pl.lit(indicator),
        unit=pl.lit(unit),
        value=value,
        basis=pl.col("period").replace_strict(dict(bases), return_dtype=pl.String),
        vintage=pl.lit(None, pl.String),
        origin=pl.lit("computed"),
        status=pl.col("status").fill_null("unsourced"),
        recorded_at=pl.lit(None, pl.Date),
        edition=pl.lit(""),
        row=pl.lit(0, pl.Int64),
    ).select(FIGURES.schema().keys())


def rows_by_key(cubes: Sequence[Part], resolved: Resolved) -> pl.DataFrame:
    """Give how many rows every key has that counts. Shape: key, who, rows."""
    if not cubes:
        return pl.DataFrame(schema={"key": pl.Int64, "who": pl.String, "rows": pl.Int64})
    own = resolved.keys.filter(pl.col("who") != "")["who"].unique().to_list()
    who = pl.when(pl.col("subject").is_in(own)).then("subject").otherwise(pl.lit(""))
    cube = pl.scan_parquet([part.path for part in cubes]).select(*CUBE, "rows")
    grouped = cube.with_columns(who=who).group_by("key", "who").agg(pl.col("rows").sum())
    return grouped.collect(engine="streaming")
