"""Amounts of facts as traced numbers: whole grams of standard coal, and why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from dualcarbon.accounting.engine import Coefficient, coefficient, load_recipes, selector
from dualcarbon.control.deductions.facts import CERTIFICATES, POWER, Facts
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.findings import Finding, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameter, Parameters, load_parameters
from dualcarbon.periods import Period
from dualcarbon.units import dimension, factor

GRAMS = 1_000_000
PIECES = ("1", "count")
GRAM_TCE = "g"
Given = Callable[[str, str, int], Node | None]
Amount = Node | Finding


@define
class Amounts:
    """Gives the facts of subjects and years in grams, with the parameters that were used.

    `given` supplies an amount (item, subject, year) where the table has no row for it.
    """

    facts: Facts
    pack: Pack
    given: Given | None = None
    used: dict[str, Parameter] = field(factory=dict)
    _parameters: Parameters | None = None

    def energy(self, item: str, subject: str, year: int, power: str) -> Amount:
        """Give the standard coal of an item in grams; `power` is the value of electricity."""
        rows = self._rows(item, subject, year)
        if not isinstance(rows, tuple):
            return rows
        nodes = []
        for row in rows:
            node = self._grams(row, power)
            if isinstance(node, Finding):
                return node
            nodes.append(node)
        return nodes[0] if len(nodes) == 1 else apply("sum", f"{item} {year}", GRAM_TCE, *nodes)

    def plain(self, item: str, subject: str, year: int, unit: str) -> Amount:
        """Give an item that is no energy in a unit of its own: output, a target, a yes or no."""
        rows = self._rows(item, subject, year)
        if not isinstance(rows, tuple):
            return rows
        nodes = [_converted(_cell(row), unit) for row in rows]
        return nodes[0] if len(nodes) == 1 else apply("sum", f"{item} {year}", unit, *nodes)

    def evidence(self, items: tuple[str, ...], subject: str, year: int) -> tuple[str, ...]:
        """Give the evidence named for items, each once."""
        rows = [row for item in items for row in self.facts.rows.get((subject, year, item), ())]
        return tuple(dict.fromkeys(row["evidence"] for row in rows if row["evidence"]))

    def _rows(
        self, item: str, subject: str, year: int
    ) -> tuple[Mapping[str, Any], ...] | Node | Finding:
        refused = self.facts.refused.get((subject, year, item))
        if refused is not None:
            return refused
        rows = self.facts.rows.get((subject, year, item))
        if rows:
            return rows
        node = self.given(item, subject, year) if self.given else None
        if node is not None:
            return node
        return finding("control.deduct_missing", found=item, subject=subject, year=year)

    def _grams(self, row: Mapping[str, Any], power: str) -> Amount:
        cell, per_unit = _cell(row), self._per_unit(row, power)
        if isinstance(per_unit, Finding):
            return per_unit
        grams = apply("grams", cell.name, GRAM_TCE, cell, per_unit)
        share = self.facts.credited.get(row["fact"])
        if share is None or share[0] == share[1]:
            return grams
        parts = [constant("credited", share[0], "count"), constant("named", share[1], "count")]
        return apply("credited", cell.name, GRAM_TCE, grams, *parts)

    def _per_unit(self, row: Mapping[str, Any], power: str) -> Amount:
        unit = row["unit"]
        if row["item"] not in (*POWER, *CERTIFICATES) or dimension(unit) == dimension("tce"):
            return constant(f"tce per {unit}", factor(unit, "tce") * GRAMS, f"g/{unit}")
        if self._parameters is None:
            self._parameters = load_parameters(self.pack)
        parameters = self._parameters
        recipe = load_recipes(self.pack)[
            "tce_equal_electricity" if power == "equal" else "tce_calorific"
        ]
        area = next((p.area for p in self.pack.chain if p.area and p.kind == "city"), "")
        select = selector(parameters, Period.parse(str(row["year"])))
        keys = {"carrier": "electricity", "area": str(area), "basis": "average"}
        found = coefficient(recipe, unit, keys, select, parameters.default_set(recipe.set_of))
        if not isinstance(found, Coefficient):
            return found[-1]
        return self._node(found, recipe.unit, unit)

    def _node(self, found: Coefficient, target: str, unit: str) -> Node:
        parts = []
        for part, power in zip(found.parts, found.powers, strict=True):
            self.used[part.id] = part
            parts.append(
                Node(
                    part.name,
                    part.value,
                    part.unit,
                    "parameter" if power == 1 else "divisor",
                    parameter=part.id,
                    source=str(part.source.get("title", "")),
                    status=part.status,
                )
            )
        return Node(f"{target} per {unit}", found.grams, f"g/{unit}", "coefficient", tuple(parts))


def _cell(row: Mapping[str, Any]) -> Node:
    return Node(
        f"{row['item']} {row['year']}",
        row["quantity"],
        row["unit"],
        "cell",
        table="deductions",
        row=row["fact"],
        place=row["place"],
        source=row["evidence"],
        vintage=row["vintage"],
    )


def _converted(node: Node, unit: str) -> Node:
    if node.unit == unit or node.unit in PIECES:
        return node
    per = constant(f"{node.unit} -> {unit}", factor(node.unit, unit), f"{unit}/{node.unit}")
    return apply("convert", node.name, unit, node, per)
