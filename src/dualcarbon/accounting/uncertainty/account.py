"""The account of an edition, ready for the propagation of one measure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.editions import Edition
from dualcarbon.errors import UsageError
from dualcarbon.findings import Place, finding

ROOM = "accounting_run"
PREFERRED = ("co2e_scope1", "co2")
YEAR = "year"
COLUMNS = ("subject_kind", "subject", "item", "key", "source_class", "uncertainty", "distribution")
Parts = list[dict[str, Any]]


@frozen(eq=False)
class Account:
    """Rows of one measure and one kind of subject, with keys, coefficients and parameters."""

    rows: pl.DataFrame
    keys: pl.DataFrame
    coefficients: pl.DataFrame
    parameters: Mapping[str, Mapping[str, Any]]
    measure: str
    unit: str


def read_account(edition: Edition, measure: str | None, subject_kind: str | None) -> Account:
    """Take one measure out of the edition of an accounting run (decision 0003).

    Shape: `rows` to which the measure applies, with a `key` that also says whose coefficients hold;
    `keys` with one more column `year`; `coefficients` as `key, parts`, those of a sum (CO2e)
    with `term` and `share`. Absent: a row whose coefficient is missing has a null amount.
    Errors: UsageError for another room, an unknown measure, or several kinds of subjects.
    """
    if edition.room != ROOM:
        raise UsageError(finding("uncertainty.not_a_run", Place(edition.id), found=edition.id))
    measures = edition.table("measures")
    name = _measure(measures, measure, edition.id)
    all_rows = edition.table("rows")
    rows = all_rows.select(n for n in all_rows.columns if n in (*COLUMNS, name))
    rows = _of_kind(rows, subject_kind, edition.id)
    keys, listed = edition.table("keys"), edition.table("coefficients")
    rows, keys, listed = _by_owner(rows, keys, listed)
    keys = keys.with_columns(pl.col("period").cast(pl.String).str.slice(0, 4).alias(YEAR))
    coefficients = _coefficients(listed, name, edition.parameters)
    applies = rows.join(coefficients, on="key", how="semi")
    unit = measures.filter(pl.col("measure") == name)["unit"][0]
    return Account(applies, keys, coefficients, edition.parameters, name, str(unit))


def _measure(measures: pl.DataFrame, wanted: str | None, place: str) -> str:
    known = measures["measure"].to_list()
    name = wanted or next((each for each in PREFERRED if each in known), known[0])
    if name not in known:
        raise UsageError(
            finding("uncertainty.measure", Place(place), found=name, expected=", ".join(known))
        )
    return str(name)


def _of_kind(rows: pl.DataFrame, kind: str | None, place: str) -> pl.DataFrame:
    kinds = rows["subject_kind"].unique().sort().to_list()
    if (kind or len(kinds) > 1) and kind not in kinds:
        expected = ", ".join(str(each) for each in kinds)
        raise UsageError(
            finding("uncertainty.subject_kind", Place(place), found=kind, expected=expected)
        )
    return rows.filter(pl.col("subject_kind") == kind) if kind else rows


def _by_owner(
    rows: pl.DataFrame, keys: pl.DataFrame, coefficients: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Number the pairs of key and `who`: a subject may have coefficients of its own."""
    if "who" not in keys.columns:
        return rows, keys, coefficients
    own = keys.filter(pl.col("who") != "")["who"].unique().to_list()
    who = pl.when(pl.col("subject").is_in(own)).then("subject").otherwise(pl.lit(""))
    pairs = keys.select("key", "who", pair=pl.int_range(pl.len(), dtype=pl.Int64))

    def numbered(frame: pl.DataFrame) -> pl.DataFrame:
        joined = frame.join(pairs, on=["key", "who"], how="inner", maintain_order="left")
        return joined.drop("key", "who").rename({"pair": "key"})

    return numbered(rows.with_columns(who=who)), numbered(keys), numbered(coefficients)


def _coefficients(
    listed: pl.DataFrame, measure: str, parameters: Mapping[str, Mapping[str, Any]]
) -> pl.DataFrame:
    """Give `key, parts` of a measure; a part that names another measure is a term of a sum."""
    made: dict[tuple[Any, str], tuple[float | None, Parts]] = {}
    for row in listed.select("key", "measure", "grams", "parts").iter_rows():
        key, name, grams, parts = row
        made[key, name] = grams, json.loads(parts) if isinstance(parts, str) else parts or []
    rows = [
        (key, json.dumps(_terms(key, grams, parts, made, parameters)))
        for (key, name), (grams, parts) in made.items()
        if name == measure
    ]
    return pl.DataFrame(rows, schema={"key": listed.schema["key"], "parts": str}, orient="row")


def _terms(
    key: Any,
    whole: float | None,
    parts: Parts,
    made: Mapping[tuple[Any, str], tuple[float | None, Parts]],
    parameters: Mapping[str, Mapping[str, Any]],
) -> Sequence[Mapping[str, Any]]:
    """Write a sum of measures times a parameter (gas x GWP) as terms with shares of the grams."""
    if not any("measure" in part for part in parts):
        return parts
    found: Parts = []
    for part in parts:
        grams, inner = made[key, part["measure"]]
        value = (grams or 0.0) * float(parameters[part["parameter"]]["value"])
        mark = {"term": part["measure"], "share": value / whole if whole else 0.0}
        gwp = {"parameter": part["parameter"], "power": 1}
        found += [{**each, **mark} for each in (*inner, gwp)]
    return found
