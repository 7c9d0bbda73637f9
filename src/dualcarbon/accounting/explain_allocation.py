"""Freeze an allocation as an edition and explain each share from it alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from dualcarbon.accounting.allocate import Allocation, divide, exact
from dualcarbon.accounting.engine import GRAMS
from dualcarbon.editions import Edition, Explanation, Term, write_edition
from dualcarbon.packs import Pack


def freeze_allocation(made: Allocation, store: Path, pack: Pack) -> Edition:
    """Write sources, weights, own accounts and shares as an edition."""
    sources = [
        (one.name, one.grams, one.unit, one.rule.id, one.rule.weight, str(one.place))
        for one in made.sources
    ]
    names = ["source", "grams", "unit", "rule", "weight", "place"]
    rules = {one.rule.id: str(one.rule.valid_from) for one in made.sources}
    return write_edition(
        store,
        room="allocation",
        tables={
            "sources": pl.DataFrame(sources, schema=names, orient="row"),
            "shares": made.shares,
            "weights": made.weights,
            "own": made.own,
        },
        inputs=made.inputs,
        parameters=(),
        pack=pack,
        options={"city": made.city, "rules": rules},
    )


def explain_share(edition: Edition, index: int) -> Explanation:
    """Explain one share: the source's grams, the weights, and the division done once more."""
    row = edition.table("shares").row(index, named=True)
    source = edition.table("sources").filter(pl.col("source") == row["source"]).row(0, named=True)
    term = Term(row["source"], source["grams"] / GRAMS, row["unit"], place=source["place"])
    recomputed, terms = source["grams"], [term]
    if row["weight"] is not None:
        table = edition.table("weights").filter(pl.col("weight") == source["weight"])
        values = dict(zip(table["area"], table["value"], strict=True))
        recomputed = divide(source["grams"], exact(values))[row["area"]]
        terms += [
            Term(f"{one['weight']} {one['area']}", one["value"], "1", place=one["place"])
            for one in table.iter_rows(named=True)
        ]
    return Explanation(
        code=f"{edition.id}:shares:{index}",
        value=row["grams"] / GRAMS,
        unit=row["unit"],
        formula_zh="排放源 × 本区权重 ÷ 权重合计，最大余数法取整到克",
        formula_en="source x weight of the area / sum of weights, whole grams by largest remainder",
        inputs=tuple(terms),
        recomputed=recomputed / GRAMS,
        equal=recomputed == row["grams"],
        about={"rule": row["rule"], "area": row["area"]},
    )


ALLOCATION: Mapping[str, Callable[[Edition, int], Explanation]] = {
    "allocation/shares": explain_share,
}
