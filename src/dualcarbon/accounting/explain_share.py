"""Freeze the shares of an energy mix as an edition and explain each from it alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from dualcarbon.accounting.share import VALUATIONS, Mix, nonfossil, weight
from dualcarbon.editions import Edition, Explanation, Term, write_edition
from dualcarbon.editions.explain import same
from dualcarbon.packs import Pack

FORMULAS = {
    "nonfossil": ("非化石能源 ÷ 一次能源消费总量", "non-fossil energy / primary energy"),
    "weight": (
        "（物理消纳＋绿证－已售出）÷ 全社会用电量",
        "(physical + certificates - sold) / electricity consumption",
    ),
}


def freeze_mix(mix: Mix, store: Path, pack: Pack) -> Edition:
    """Write lines and shares as an edition; the values of electricity stand in its options."""
    return write_edition(
        store,
        room="energy_mix",
        tables={"rows": mix.rows, "shares": mix.shares},
        inputs=(mix.input,),
        parameters=(),
        pack=pack,
        options={"values": mix.values},
    )


def explain_share(edition: Edition, index: int) -> Explanation:
    """Explain one share: the lines that make its two sums, and the ratio formed once more."""
    row = edition.table("shares").row(index, named=True)
    rows = edition.table("rows").filter(pl.col("period") == row["period"])
    kind, _, valuation = row["measure"].partition("_")
    if kind == "nonfossil":
        again = nonfossil(rows, row["period"], valuation)
        column, unit = f"{valuation}_g", "gce"
        inside = rows.filter(pl.col("energy") | (pl.col("class") == f"total_{valuation}"))
    else:
        again = weight(rows, row["period"], row["measure"])
        column, unit = "wh", "Wh"
        inside = rows.filter(pl.col("renewable") | (pl.col("class") == "electricity_consumption"))
    terms = [
        Term(f"{one['class']} {one['proof']}", one[column], unit, place=one["place"])
        for one in inside.iter_rows(named=True)
    ]
    if valuation in VALUATIONS:
        terms += _value(edition, row["period"], valuation)
    return Explanation(
        code=f"{edition.id}:shares:{index}",
        value=row["percent"],
        unit="%",
        formula_zh=FORMULAS[kind][0],
        formula_en=FORMULAS[kind][1],
        inputs=tuple(terms),
        recomputed=again["percent"],
        equal=same(row["percent"], again["percent"]),
        about={"measure": row["measure"], "period": row["period"]},
    )


def _value(edition: Edition, period: str, valuation: str) -> list[Term]:
    part = edition.manifest["options"]["values"].get(period, {}).get(valuation)
    if part is None:
        return []
    name = f"electricity, {valuation}"
    parameter, source = part.get("parameter"), part.get("source")
    return [
        Term(
            name,
            part["value"],
            part["unit"],
            parameter=parameter,
            source=source,
            status=part["status"],
        )
    ]


SHARE: Mapping[str, Callable[[Edition, int], Explanation]] = {"energy_mix/shares": explain_share}
