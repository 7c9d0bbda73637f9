"""Cuts of the library become lines of the site here, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import polars as pl

from dualcarbon.editions import Edition
from dualcarbon_web.accounting.models import Account, Line

GAS_FIELDS = ("gas", "name", "scope", "unit")


def gases(cuts: Edition) -> list[dict[str, Any]]:
    """The gases and kinds of energy of an edition in the order of its table."""
    return cuts.table("gases").select(GAS_FIELDS).to_dicts()


def lines(account: Account, cuts: Edition) -> Iterator[Line]:
    """One model row a line; every series stands in the order of the account's periods."""
    places = {text: place for place, text in enumerate(account.known)}
    names = [gas["gas"] for gas in account.gases]
    amounts, unmatched = _amounts(cuts, names, places), _unmatched(cuts)
    statuses = {row["line"]: row for row in cuts.table("statuses").iter_rows(named=True)}
    for row in cuts.table("lines").iter_rows(named=True):
        number = row["line"]
        held = amounts[number]
        yield Line(
            account=account,
            number=number,
            area=(row["areas"] or [""])[0],
            of_industry=row["of_industry"] or "",
            of_section=row["of_section"] or "",
            amounts={name: held[name] for name in names if any(v is not None for v in held[name])},
            unmatched=unmatched.get(number, {}),
            statuses={name: statuses[number][name] for name in names if statuses[number][name]},
            units=held["units"],
            **{name: row[name] for name in ("subject_kind", "subject", "own", "industry", "carrier")},
        )


def _amounts(
    cuts: Edition, names: list[str], places: dict[str, int]
) -> dict[int, dict[str, list[int | None]]]:
    """Whole grams and units by line, each a list over the periods."""
    wanted = [*names, "units"]
    frame = cuts.table("amounts").with_columns(
        place=pl.col("period").replace_strict(places, return_dtype=pl.Int64)
    )
    grouped = frame.group_by("line").agg(pl.col("place", *wanted))
    found: dict[int, dict[str, list[int | None]]] = {}
    for row in grouped.iter_rows(named=True):
        spread = {name: [None] * len(places) for name in wanted}
        for name in wanted:
            for place, value in zip(row["place"], row[name], strict=True):
                spread[name][place] = value
        found[row["line"]] = spread
    return found


def _unmatched(cuts: Edition) -> dict[int, dict[str, dict[str, int]]]:
    found: dict[int, dict[str, dict[str, int]]] = defaultdict(dict)
    for line, period, gas, rows in cuts.table("unmatched").iter_rows():
        found[line].setdefault(gas, {})[period] = rows
    return found
