"""The account of an edition, ready for the propagation of one measure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.editions import Edition
from dualcarbon.errors import UsageError
from dualcarbon.findings import Place, finding

ROOM = "accounting_run"
PREFERRED = ("co2e_scope1", "co2")
YEAR = "year"


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

    Shape: `rows` as the edition has them; `keys` with one more column `year`. Errors: UsageError
    for another room, an unknown measure, several kinds of subjects, or a coefficient that is a sum
    without terms.
    """
    if edition.room != ROOM:
        raise UsageError(finding("uncertainty.not_a_run", Place(edition.id), found=edition.id))
    measures = edition.table("measures")
    name = _measure(measures, measure, edition.id)
    rows = _of_kind(edition.table("rows"), subject_kind, edition.id)
    keys = edition.table("keys")
    keys = keys.with_columns(pl.col("period").cast(pl.String).str.slice(0, 4).alias(YEAR))
    coefficients = edition.table("coefficients").filter(pl.col("measure") == name)
    of = measures.row(by_predicate=pl.col("measure") == name, named=True)
    if of["gas"] == "co2e" and not _has_terms(coefficients):
        raise UsageError(finding("uncertainty.sum_without_terms", Place(edition.id), found=name))
    unit = str(of["unit"])
    label = f"t{unit[1:]}" if unit.startswith("g") else unit
    return Account(rows, keys, coefficients, edition.parameters, name, label)


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


def _has_terms(coefficients: pl.DataFrame) -> bool:
    listed = coefficients["parts"].drop_nulls()
    parsed = [json.loads(parts) if isinstance(parts, str) else parts for parts in listed]
    return all("term" in part for parts in parsed for part in parts)
