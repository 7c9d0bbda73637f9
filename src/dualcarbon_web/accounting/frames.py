"""Cuts of the library become lines of the site here, and nowhere else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import polars as pl

from dualcarbon.accounting.drivers_pairs import FACTS
from dualcarbon.control.known import Fact, Known
from dualcarbon.editions import Edition
from dualcarbon_web.accounting.models import Account, Line

LEVELS = {"population": "population", "gdp": "gdp", "energy_total": "energy", "co2_total": "co2"}
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
            **{
                name: row[name]
                for name in ("subject_kind", "subject", "own", "industry", "carrier")
            },
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
        spread: dict[str, list[int | None]] = {name: [None] * len(places) for name in wanted}
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


def levels(known: Known) -> pl.DataFrame:
    """Published figures as the levels of a decomposition: FACTS; `area` is null for the city.

    Of a price base only the one with most figures is kept; a declared figure goes before ours.
    """
    held = {indicator for indicator, _subject in known.facts} & set(LEVELS)
    bases = {indicator: _base(known, indicator) for indicator in held}
    rows: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for (indicator, (kind, subject)), facts in known.facts.items():
        if indicator in LEVELS and kind in ("city", "area"):
            area = None if kind == "city" else subject
            for fact in _levels(facts, bases[indicator]):
                key = (str(fact.period), area, LEVELS[indicator])
                rows[key] = (*key, fact.value, fact.unit, fact.place)
    types = [pl.String, pl.String, pl.String, pl.Float64, pl.String, pl.String]
    schema = dict(zip(FACTS, types, strict=True))
    return pl.DataFrame(list(rows.values()), schema=schema, orient="row")


def _levels(facts: tuple[Fact, ...], base: str | None) -> list[Fact]:
    mine = [fact for fact in facts if not fact.growth and fact.price_base == base]
    return sorted(mine, key=lambda fact: fact.origin == "declared")


def _base(known: Known, indicator: str) -> str | None:
    found = Counter(
        fact.price_base
        for (name, _subject), facts in known.facts.items()
        for fact in facts
        if name == indicator and not fact.growth
    )
    return found.most_common(1)[0][0] if found else None
