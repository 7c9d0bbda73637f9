"""Freeze a decomposition as an edition, and explain each effect from the edition alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.drivers import Keys
from dualcarbon.accounting.drivers_grid import cells, named
from dualcarbon.accounting.drivers_identity import Ref, parse_identity
from dualcarbon.accounting.drivers_levels import settle
from dualcarbon.accounting.drivers_links import (
    FORMS,
    Drivers,
    Form,
    Options,
    decompose,
    number,
)
from dualcarbon.editions import Edition, Explanation, Term, write_edition
from dualcarbon.packs import Pack

FORMULAS = {
    "leaf": (
        "L(末期, 基期) × ln(因子末期 / 因子基期)",
        "L(end, start) x ln(factor at the end / factor at the start)",
    ),
    "limit": (
        "一端为零：由为零的因子均分（极限值）",
        "zero at one end: what is zero shares it (limit)",
    ),
    "node": ("下一层各部分之和", "sum of the parts below"),
    "chain": ("各环比效应之和", "sum of the links"),
    "multiplier": (
        "exp(加法效应 / L(总量末期, 总量基期))",
        "exp(additive effect / L(whole at the end, whole at the start))",
    ),
    "product": ("各环比乘数之积", "product of the links"),
}


def freeze(drivers: Drivers, store: Path, pack: Pack) -> Edition:
    """Write a decomposition as an edition: its effects and the levels that they come from."""
    levels = drivers.levels
    units = pl.col("level").replace_strict(dict(levels.units), return_dtype=pl.String)
    options = drivers.options
    return write_edition(
        store,
        room="accounting",
        tables={
            "effects": drivers.frame(),
            "levels": levels.frame.with_columns(units.alias("unit")),
        },
        inputs=levels.inputs,
        parameters=(),
        pack=pack,
        options={
            "identity": drivers.identity.id,
            "factors": drivers.identity.text,
            "keys": json.dumps(levels.keys),
            "by": json.dumps(drivers.fitted.by),
            "from": drivers.links[0].before,
            "to": drivers.links[0].after,
            "chain": options.chain,
            "absent": "zero" if options.absent_zero else "refuse",
        },
    )


def _again(edition: Edition) -> Drivers:
    """Decompose once more from the frozen levels."""
    options: Mapping[str, Any] = edition.manifest["options"]
    identity = parse_identity(options["factors"])
    levels = settle(edition.table("levels"), tuple(json.loads(options["keys"])), identity)
    chosen = Options(
        by=tuple(json.loads(options["by"])),
        first=options["from"],
        last=options["to"],
        chain=options["chain"],
        absent_zero=options["absent"] == "zero",
    )
    return decompose(levels, identity, chosen)


@frozen(eq=False)
class _Spot:
    """One effect of a decomposition: link, form, node and factor by number."""

    edition: Edition
    drivers: Drivers
    link: int
    form: Form
    node: int
    factor: int

    @classmethod
    def of(cls, edition: Edition, index: int) -> _Spot:
        drivers = _again(edition)
        block, place = divmod(index, drivers.size)
        link, form = divmod(block, len(FORMS))
        node, factor = divmod(place, len(drivers.fitted.factors))
        return cls(edition, drivers, link, FORMS[form], node, factor)

    @property
    def value(self) -> float | None:
        link = self.drivers.links[self.link]
        return number(link.effects(self.form)[self.node, self.factor])

    def term(self) -> Term:
        """Give this effect as an input of another, with its code."""
        row = self.drivers.row(self.link, self.form, self.node, self.factor)
        link = self.drivers.links[self.link]
        part = named(self.drivers.fitted.by, self.drivers.tree.nodes[self.node])
        unit = self.drivers.unit if self.form == "additive" else "1"
        name = f"{link.before} -> {link.after}  {part}"
        return Term(name, self.value, unit, code=f"{self.edition.id}:effects:{row}")


def explain_effect(edition: Edition, index: int) -> Explanation:
    """Explain an effect: down to the cells of its levels, or to the effects that it adds up."""
    row = edition.table("effects").row(index, named=True)
    spot = _Spot.of(edition, index)
    formula, inputs = _inputs(spot)
    return Explanation(
        code=f"{edition.id}:effects:{index}",
        value=row["value"],
        unit=row["unit"],
        formula_zh=FORMULAS[formula][0],
        formula_en=FORMULAS[formula][1],
        inputs=inputs,
        recomputed=spot.value,
        equal=row["value"] == spot.value,
        about={
            **{key: row[key] for key in ("from", "to", "kind", "form", "factor")},
            "part": named(spot.drivers.fitted.by, spot.drivers.tree.nodes[spot.node]),
            "reason_zh": f"{row['from']} → {row['to']}  {row['name_zh']}",
            "reason_en": f"{row['from']} -> {row['to']}  {row['name_en']}",
        },
    )


def _inputs(spot: _Spot) -> tuple[str, tuple[Term, ...]]:
    drivers, children = spot.drivers, spot.drivers.tree.children(spot.node)
    chained = drivers.links[spot.link].kind == "chain"
    if spot.form == "additive" and children:
        return "node", tuple(evolve(spot, node=child).term() for child in children)
    if chained:
        steps = [i for i, link in enumerate(drivers.links) if link.kind == "step"]
        formula = "chain" if spot.form == "additive" else "product"
        return formula, tuple(evolve(spot, link=step).term() for step in steps)
    if spot.form == "multiplicative":
        return "multiplier", (evolve(spot, form="additive").term(), *_ends(spot, 0))
    return _leaf(spot)


def _leaf(spot: _Spot) -> tuple[str, tuple[Term, ...]]:
    """Give the target and the factor of a leaf at both ends, down to cells."""
    drivers, link = spot.drivers, spot.drivers.links[spot.link]
    factor, leaf = drivers.fitted.factors[spot.factor], spot.node - drivers.tree.first_leaf
    ratios = []
    for period in (link.before, link.after):
        value = number(drivers.grid.factors[period][leaf, spot.factor])
        at = drivers.grid.values[period]
        keys = drivers.tree.nodes[spot.node]
        terms = tuple(_sum(spot, ref, period, keys, float(at[ref][leaf])) for ref in factor.refs)
        ratios.append(Term(f"{factor.ratio} {period}", value, terms=terms))
    whole = min(link.start[spot.node], link.end[spot.node]) > 0
    return "leaf" if whole else "limit", (*_ends(spot, spot.node), *ratios)


def _ends(spot: _Spot, node: int) -> tuple[Term, ...]:
    """Give the target of a node at both ends, down to cells."""
    link, target = spot.drivers.links[spot.link], spot.drivers.fitted.target
    keys = spot.drivers.tree.nodes[node]
    ends = ((link.before, link.start[node]), (link.after, link.end[node]))
    return tuple(_sum(spot, target, period, keys, float(value)) for period, value in ends)


def _sum(spot: _Spot, ref: Ref, period: str, keys: Keys, value: float) -> Term:
    """Give a level at a node: the cell itself, or the sum of its cells."""
    levels, by = spot.drivers.levels, spot.drivers.fitted.by
    near = Ref(ref.level, tuple(key for key in ref.keys or () if key in by[: len(keys)]))
    rows = cells(levels.frame, near, by, keys, period)
    unit, name = levels.units[ref.level], f"{near} {period}"
    parts = tuple(
        Term(ref.level, row["value"], unit, place=row["place"])
        for row in rows.iter_rows(named=True)
    )
    if len(parts) == 1:
        return Term(name, value, unit, place=parts[0].place)
    return Term(name, value, unit, terms=parts)


EXPLAINERS: dict[str, Callable[[Edition, int], Explanation]] = {
    "accounting/effects": explain_effect
}
