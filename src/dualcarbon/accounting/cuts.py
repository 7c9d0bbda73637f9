"""Cuts of a run: subject by industry and carrier, period by period, in whole grams.

Every line is a series: what a subject reports of a carrier (`own`), or what the enterprises of an
area report of it by industry (`filed`). Sums are of whole grams; a line adds up to its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.methods import Measure
from dualcarbon.accounting.register import ALL, UNKNOWN, with_register
from dualcarbon.accounting.run_tables import gases_of
from dualcarbon.editions import Edition, write_edition
from dualcarbon.packs import Pack
from dualcarbon.periods import Month, Period
from dualcarbon.subjects import Words, load_words

ROOM = "accounting_cuts"
LINE = ("subject_kind", "subject", "own", "industry", "carrier")
RANKS = ("sourced", "unsourced", "synthetic")
RANK, GAP = "rank ", "gap "


@frozen(eq=False)
class Cuts:
    """The cuts of a run.

    `lines`: `line` and LINE, for enterprises also `areas`, `of_industry` and `of_section`.
    `amounts`: `line, period, rows, units` (enterprises behind a filed line) and whole grams a gas;
    null: no row of the cell speaks of the gas or has a parameter. `unmatched`: `line, period, gas,
    rows` without a parameter. `gases`: `gas, name, scope, unit, measures`; `statuses`: `line` and
    the worst status a gas; `members`: the rows of the run's cube behind an own line; `periods`:
    what can be asked.
    """

    lines: pl.DataFrame
    amounts: pl.DataFrame
    unmatched: pl.DataFrame
    gases: pl.DataFrame
    statuses: pl.DataFrame
    members: pl.DataFrame
    periods: pl.DataFrame


def make_cuts(edition: Edition, register: pl.DataFrame, pack: Pack) -> Cuts:
    """Cut a run's cube by the industries and areas of a register of enterprises.

    Shape: `register` has the columns of `enterprises`; an enterprise without industry is in the
    line whose industry is "-", one of which only the section is known in that of "C-". There is a
    line a division, a section, and all ("", as for carriers). Areas are territory (located_in),
    summed up to the city.
    """
    words, gases = load_words(pack), _gases(edition)
    names: list[str] = gases["gas"].to_list()
    facts = _facts(edition, gases)
    subjects = facts.select("subject_kind", "subject", "industry", "area").unique()
    who = _who(with_register(subjects, register, words), words)
    series = _series(facts, who, names, words)
    lines = _lines(series, who)
    amounts = series.join(lines.select("line", *LINE), on=list(LINE)).sort("line", "period")
    gaps = amounts.select("line", "period", *(pl.col(GAP + name).alias(name) for name in names))
    unmatched = gaps.unpivot(
        names, index=["line", "period"], variable_name="gas", value_name="rows"
    )
    ranks = amounts.group_by("line").agg(
        pl.col(f"{RANK}{name}").max().alias(name) for name in names
    )
    return Cuts(
        lines,
        amounts.select("line", "period", "rows", "units", *names),
        unmatched.filter(pl.col("rows") > 0).sort("line", "gas", "period"),
        gases,
        ranks.with_columns(_status(name) for name in names).sort("line"),
        _members(facts, lines),
        pl.DataFrame({"period": periods_of(facts["period"].unique())}),
    )


def freeze_cuts(cuts: Cuts, edition: Edition, store: Path, pack: Pack) -> Edition:
    """Freeze cuts as an edition whose parent is the run that they cut."""
    return write_edition(
        store,
        room=ROOM,
        tables={
            "lines": cuts.lines,
            "amounts": cuts.amounts,
            "unmatched": cuts.unmatched,
            "gases": cuts.gases,
            "statuses": cuts.statuses,
            "members": cuts.members,
            "periods": cuts.periods,
        },
        inputs=(),
        parameters=(),
        pack=pack,
        options=dict(edition.manifest["options"]),
        parent=edition.id,
    )


def cell_row(line: int, gas: int, period: int, sizes: tuple[int, int]) -> int:
    """Give the row of a cell in the table `cells`; `sizes`: how many gases and periods there are.

    The table is not stored: a cell is the sum of its amounts.
    """
    gases, periods = sizes
    return (line * gases + gas) * periods + period


def _gases(edition: Edition) -> pl.DataFrame:
    """Give each gas (or kind of energy) by scope, and over all scopes where there are several."""
    measures = [
        Measure(row["measure"], row["gas"], row["unit"], row["scope"], row["origin"])
        for row in edition.table("measures").iter_rows(named=True)
    ]
    found = [gas for gas in gases_of(measures) if gas.part_of is None]
    rows = [_gas(gas.gas, gas.scope, gas.unit, gas.measures) for gas in found]
    for name in dict.fromkeys(gas.gas for gas in found):
        parts = [gas for gas in found if gas.gas == name]
        if len(parts) > 1:
            rows.append(
                _gas(name, None, parts[0].unit, [m for part in parts for m in part.measures])
            )
    frame = pl.DataFrame(rows, schema_overrides={"scope": pl.Int64}, infer_schema_length=None)
    return frame.sort("name", "scope", nulls_last=False)


def _gas(name: str, scope: int | None, unit: str, measures: Iterable[str]) -> dict[str, Any]:
    code = name if scope is None else f"{name}:{scope}"
    return {"gas": code, "name": name, "scope": scope, "unit": unit, "measures": list(measures)}


def _facts(edition: Edition, gases: pl.DataFrame) -> pl.DataFrame:
    """Give the cube by gas: a column of grams, one of the status' rank and one of gaps each."""
    cube = edition.table("cube").with_row_index("cube")
    spoken = edition.table("coefficients").select("key", "who", "measure", "grams", "status")
    own = list(spoken.filter(pl.col("who") != "")["who"].unique())
    who = pl.when(pl.col("subject").is_in(own)).then("subject").otherwise(pl.lit(""))
    keys = (
        edition.table("keys").select("key", "area", "industry", "carrier", "period").unique("key")
    )
    cells = cube.with_columns(who=who).join(_spoken(spoken, gases), on=["key", "who"], how="left")
    grams = [_together(row["gas"], row["measures"]) for row in gases.iter_rows(named=True)]
    gaps = [pl.col(GAP + name).fill_null(0) * pl.col("rows") for name in gases["gas"]]
    kept: list[Any] = [
        "cube",
        "subject_kind",
        "subject",
        "rows",
        pl.lit(1, pl.Int64).alias("units"),
    ]
    ranks = [f"{RANK}{name}" for name in gases["gas"]]
    joined = cells.select("key", *kept, *grams, *gaps, *ranks).join(keys, on="key")
    return joined.with_columns(_text("area"), _text("industry"))


def _text(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(name).alias(name)


def _together(gas: str, measures: Sequence[str]) -> pl.Expr:
    """Add the measures of a gas; null where none of them has a value."""
    there = pl.any_horizontal(pl.col(name).is_not_null() for name in measures)
    return pl.when(there).then(pl.sum_horizontal(*measures)).alias(gas)


def _spoken(spoken: pl.DataFrame, gases: pl.DataFrame) -> pl.DataFrame:
    """Give for each key the worst status of each gas, and whether a measure has no parameter."""
    at = gases.select("gas", pl.col("measures").alias("measure")).explode("measure")
    rank = pl.col("status").replace_strict(
        list(RANKS), range(len(RANKS)), default=None, return_dtype=pl.Int8
    )
    cells = spoken.join(at, on="measure").group_by("key", "who", "gas").agg(
        rank.max().alias("rank"), pl.col("grams").is_null().any().cast(pl.Int64).alias("gap")
    )  # fmt: skip
    wide = cells.pivot("gas", index=["key", "who"], values=["rank", "gap"])
    names = {
        f"{part}_{name}": f"{to}{name}"
        for part, to in (("rank", RANK), ("gap", GAP))
        for name in gases["gas"]
    }
    absent = [pl.lit(None, pl.Int64).alias(old) for old in names if old not in wide.columns]
    return wide.with_columns(absent).rename(names)


def _series(
    facts: pl.DataFrame, who: pl.DataFrame, names: Sequence[str], words: Words
) -> pl.DataFrame:
    """Give every line and period: own and filed, by carrier and industry and over all of them."""
    at = ["subject_kind", "subject", "industry", "area"]
    own = _sum(facts, [*at, "carrier", "period"], names).with_columns(units=pl.lit(1, pl.Int64))
    whole = _over(own, "carrier", at, names).with_columns(units=pl.lit(1, pl.Int64))
    every = pl.concat([own, whole], how="diagonal")
    filed = every.filter(pl.col("subject_kind") == "enterprise").drop("industry", "area")
    filed = filed.join(who.select("subject", "industry", "section", "area"), on="subject")
    by_area = _sum(filed, ["area", "industry", "section", "carrier", "period"], names)
    sections = by_area.filter(pl.col("section") != UNKNOWN).with_columns(industry="section")
    cells = pl.concat([by_area, sections, by_area.with_columns(industry=pl.lit(ALL))])
    above = _above(who, words)
    placed = cells.join(above, on="area", how="left", nulls_equal=True)
    kind = pl.when(pl.col("subject") == words.city).then(pl.lit("city")).otherwise(pl.lit("area"))
    placed = placed.with_columns(subject_kind=kind, own=pl.lit(False))
    mine = every.with_columns(own=pl.lit(True), industry=pl.lit(ALL))
    key = [*LINE, "period"]
    return pl.concat([_sum(placed, key, names), _sum(mine, key, names)], how="diagonal")


def _who(subjects: pl.DataFrame, words: Words) -> pl.DataFrame:
    """Give one row an enterprise: its industry, section and areas; the last in order stands."""
    said = subjects.filter(pl.col("subject_kind") == "enterprise").sort(
        "subject", "industry", "area"
    )
    sections = {code: item.parent or code for code, item in words.industries.items()}
    divided = {code: code if item.parent else f"{code}-" for code, item in words.industries.items()}
    industry = pl.col("industry")
    return said.unique("subject", keep="last", maintain_order=True).with_columns(
        section=industry.replace_strict(sections, default=UNKNOWN, return_dtype=pl.String),
        industry=industry.replace(divided).fill_null(UNKNOWN),
    )


def _over(frame: pl.DataFrame, name: str, by: Sequence[str], names: Sequence[str]) -> pl.DataFrame:
    """Add up over one column, which then says ALL."""
    return _sum(frame, [*by, "period"], names).with_columns(pl.lit(ALL).alias(name))


def _sum(frame: pl.DataFrame, by: Sequence[str], names: Sequence[str]) -> pl.DataFrame:
    """Add whole grams, rows, units and gaps; a sum of nothing but nulls is null."""
    return frame.group_by(by).agg(
        pl.col("rows", "units").sum(),
        *(pl.when(pl.col(n).count() > 0).then(pl.col(n).sum()).alias(n) for n in names),
        *(pl.col(GAP + n).sum() for n in names),
        *(pl.col(RANK + n).max() for n in names),
    )


def _above(who: pl.DataFrame, words: Words) -> pl.DataFrame:
    """Give each area of an enterprise with every subject that it adds to: `area, subject`."""
    inside = set(_below([words.city], words))
    pairs = {(None, words.city)}
    for area, areas in who.select("area", "areas").unique().iter_rows():
        pairs |= {(area, code) for code in areas or () if code in inside} | {(area, words.city)}
    schema = {"area": pl.String, "subject": pl.String}
    return pl.DataFrame(sorted(pairs, key=str), schema=schema, orient="row")


def _below(codes: Sequence[str], words: Words) -> list[str]:
    """Give areas and all areas below them."""
    deeper = [area.code for code in codes for area in words.areas.children(code)]
    return [*codes, *(_below(deeper, words) if deeper else [])]


def _lines(series: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    known = who.select(
        "subject_kind",
        "subject",
        "areas",
        pl.col("industry").alias("of_industry"),
        pl.col("section").alias("of_section"),
    )
    lines = series.select(LINE).unique().join(known, on=["subject_kind", "subject"], how="left")
    return lines.sort(LINE).with_row_index("line").cast({"line": pl.Int64})


def _members(facts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Give the rows of the cube behind each own line and period: `line, period, cube`."""
    key = ["subject_kind", "subject", "carrier"]
    own = lines.filter("own").select("line", *key)
    found = facts.select(*key, "period", "cube").join(own, on=key)
    return found.select("line", "period", "cube").sort("line", "period", "cube")


def _status(name: str) -> pl.Expr:
    return pl.col(name).replace_strict(
        range(len(RANKS)), list(RANKS), default=None, return_dtype=pl.String
    )


def periods_of(texts: Iterable[str]) -> list[str]:
    """Give every month, quarter, year to date and year that reported periods can answer."""
    said = {Period.parse(text) for text in texts}
    months = sorted({month for period in said for month in period.months})
    found = {str(period) for period in said}
    for year in dict.fromkeys(year for year, _ in months):
        found |= {str(period) for period in _of_year(year, months)}
    return sorted(found, key=lambda text: (Period.parse(text).last, Period.parse(text).first))


def _of_year(year: int, months: Sequence[Month]) -> Iterable[Period]:
    here = [month for y, month in months if y == year]
    for month in here:
        yield Period.of_month(year, month)
        if set(range(1, month + 1)) <= set(here):
            yield Period.year_to_date(year, month)
        if month % 3 == 0 and {month - 2, month - 1} <= set(here):
            yield Period((year, month - 2), (year, month), as_quarter=True)
