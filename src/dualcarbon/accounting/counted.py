"""From the cells of a balance to the facts an account counts, each with its sign and its places.

Which rows count is pack data (`balance/scope.yaml`); method: docs/methods/co2-from-balance.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.layout import Layout
from dualcarbon.carriers import Carrier
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.vocabulary import Vocabulary

FACTS: dict[str, type[pl.DataType] | pl.DataType] = {
    "row": pl.Int64,
    "carrier": pl.String,
    "quantity": pl.Float64,
    "unit": pl.String,
    "sign": pl.Int64,
    "block": pl.String,
    "co2": pl.Boolean,
    "energy": pl.Boolean,
    "places": pl.List(pl.String),
}
Values = Mapping[int, Mapping[str, Any]]


@frozen
class Scope:
    """The rows of an account, as the pack gives them."""

    final: tuple[int, ...]
    inputs: tuple[int, ...]
    non_energy: tuple[int, ...]
    bunkers: tuple[int, ...]
    losses: tuple[int, ...]
    transformation: tuple[int, ...]
    supply: tuple[int, ...]
    follows: Mapping[int, int]
    totals: Mapping[int, Sequence[int]]
    not_combusted: tuple[str, ...]

    def nameable(self) -> dict[int, list[int]]:
        """Give the rows a factor file may name, each with all rows it stands for."""
        single = [*self.final, *self.inputs, *self.non_energy]
        rows = {row: [row] for row in single}
        return rows | {total: [total, *parts] for total, parts in self.totals.items()}


def load_scope(layout: Layout) -> Scope:
    """Give the scope that a layout's pack declares."""
    co2, energy = layout.scope["co2"], layout.scope["energy"]
    return Scope(
        final=tuple(co2["final"]),
        inputs=tuple(co2["inputs"]),
        non_energy=tuple(co2["non_energy"]),
        bunkers=tuple(co2["bunkers"]),
        losses=tuple(energy["losses"]),
        transformation=tuple(energy["transformation"]),
        supply=tuple(layout.scope["reference"]["supply"]),
        follows=dict(co2["follows"]),
        totals=dict(layout.scope["undivided"]["totals"]),
        not_combusted=tuple(layout.scope["not_combusted"]["groups"]),
    )


def is_fuel(carrier: Carrier) -> bool:
    """Tell whether a carrier is burnt where it is used and is not a subtotal."""
    return carrier.combustion and not carrier.subtotal_of


def counted_facts(
    cells: pl.DataFrame,
    layout: Layout,
    carriers: Vocabulary[Carrier],
    burnt: frozenset[str] = frozenset(),
) -> tuple[pl.DataFrame, list[Finding]]:
    """Give the facts of one province's table.

    Shape: FACTS, one row per row and carrier; `quantity` is signed as it counts: fuel used is
    positive, outputs of transformation, non-energy use and fuel taken abroad (block `bunkers`)
    are negative. `co2` and `energy` say in which account a fact counts. `burnt` names carriers
    that count as fuel though the pack does not say so. Absent: an absent cell is no fact; a zero
    is none either. Subtotals are no facts.
    """
    scope = load_scope(layout)
    facts: list[dict[str, Any]] = []
    findings: list[Finding] = []
    for code, values in by_carrier(cells).items():
        carrier = carriers[code]
        if carrier.subtotal_of:
            findings += _alone(cells, carrier)
            continue
        fuel = is_fuel(carrier) or code in burnt
        facts += [{**fact, "carrier": code} for fact in _facts(values, scope, fuel)]
        findings += _outputs(values, scope, layout, carrier, fuel)
        findings += _final_notes(values, scope, layout, carrier)
    return pl.DataFrame(facts, schema=FACTS), findings


def by_carrier(cells: pl.DataFrame) -> dict[str, dict[int, dict[str, Any]]]:
    """Give the non-zero cells of one province by carrier and row."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for cell in cells.iter_rows(named=True):
        values = found.setdefault(cell["carrier"], {})
        if cell["value"]:
            values[cell["row"]] = cell
    return found


def final_rows(values: Values, scope: Scope) -> list[int]:
    """Give the final rows to count: the parts, or a total where none of its parts is printed."""
    rows = [row for row in scope.final if row in values]
    for total, parts in scope.totals.items():
        if total in values and not any(row in values for row in parts):
            rows.append(total)
    return rows


def _facts(values: Values, scope: Scope, fuel: bool) -> Iterator[dict[str, Any]]:
    for row in final_rows(values, scope):
        yield _fact(values[row], 1, "final", fuel, True)
    for row in scope.losses:
        if row in values:
            yield _fact(values[row], 1, "losses", False, True)
    for row in scope.transformation:
        if row in values:
            burnt = fuel and row in scope.inputs and values[row]["value"] < 0
            yield _fact(values[row], -1, "transformation", burnt, True)
    for row in scope.non_energy:
        if row in values and fuel:
            yield _fact(values[row], -1, "non_energy", True, False)
    for row in scope.bunkers:
        if row in values and fuel:
            yield _fact(values[row], -1, "bunkers", True, False)


def _fact(
    cell: Mapping[str, Any], sign: int, block: str, co2: bool, energy: bool
) -> dict[str, Any]:
    return {
        "row": cell["row"],
        "quantity": sign * cell["value"],
        "unit": cell["unit"],
        "sign": sign,
        "block": block,
        "co2": co2,
        "energy": energy,
        "places": [cell["place"]],
    }


def supply_facts(cells: pl.DataFrame, layout: Layout, codes: frozenset[str]) -> pl.DataFrame:
    """Give the facts of the reference approach: supply rows as printed, non-energy use negative.

    Further blocks name why it differs from the sectors (losses, transformation of fuels into
    fuels, recovery, statistical difference); they are no part of its sum. Shape: FACTS; only the
    carriers in `codes`.
    """
    scope = load_scope(layout)
    blocks = [("supply", scope.supply, 1), ("non_energy", scope.non_energy, -1)]
    causes = layout.scope["reference"]["causes"]
    blocks += [(name, tuple(cause["rows"]), cause["sign"]) for name, cause in causes.items()]
    facts = [
        {**_fact(values[row], sign, block, True, False), "carrier": code}
        for code, values in by_carrier(cells).items()
        if code in codes
        for block, rows, sign in blocks
        for row in rows
        if row in values and not _burnt(values[row], block, scope)
    ]
    return pl.DataFrame(facts, schema=FACTS)


def _burnt(cell: Mapping[str, Any], block: str, scope: Scope) -> bool:
    """Tell whether a cell of transformation is fuel burnt for power and heat."""
    return block == "transformation" and cell["row"] in scope.inputs and cell["value"] < 0


def _names(layout: Layout, carrier: Carrier, row: int) -> dict[str, Any]:
    item = layout.items[row]
    return {
        "row": row,
        "item_zh": item.name_zh,
        "item_en": item.name_en,
        "carrier_zh": carrier.name_zh,
        "carrier_en": carrier.name_en,
    }


def _outputs(
    values: Values, scope: Scope, layout: Layout, carrier: Carrier, fuel: bool
) -> list[Finding]:
    rows = [row for row in scope.inputs if fuel and row in values and values[row]["value"] > 0]
    return [
        finding(
            "accounting.output_as_input",
            Place.parse(values[row]["place"]),
            found=values[row]["value"],
            province=values[row]["province"],
            **_names(layout, carrier, row),
        )
        for row in rows
    ]


def _final_notes(
    values: Values, scope: Scope, layout: Layout, carrier: Carrier
) -> Iterator[Finding]:
    rows = final_rows(values, scope)
    for row in rows:
        if row in scope.totals:
            yield finding(
                "accounting.undivided",
                Place.parse(values[row]["place"]),
                found=values[row]["value"],
                province=values[row]["province"],
                **_names(layout, carrier, row),
            )
    widest = max(scope.totals, key=lambda total: len(scope.totals[total]))
    if widest in values and widest not in rows:
        yield from _gap(values, widest, rows, carrier)


def _gap(values: Values, total: int, rows: Sequence[int], carrier: Carrier) -> Iterator[Finding]:
    printed = values[total]["value"]
    parts = round(sum(values[row]["value"] for row in rows), 9)
    if abs(printed - parts) > 0.05 + 1e-4 * abs(printed):
        yield finding(
            "accounting.final_gap",
            Place.parse(values[total]["place"]),
            found=printed,
            expected=parts,
            province=values[total]["province"],
            carrier_zh=carrier.name_zh,
            carrier_en=carrier.name_en,
            gap=f"{printed - parts:+.10g}",
            unit=values[total]["unit"],
        )


def _alone(cells: pl.DataFrame, carrier: Carrier) -> list[Finding]:
    if cells["carrier"].is_in(carrier.subtotal_of).any():
        return []
    first = cells.row(0, named=True)
    return [
        finding(
            "accounting.subtotal_alone",
            Place.parse(first["place"]),
            found=carrier.code,
            province=first["province"],
            carrier_zh=carrier.name_zh,
            carrier_en=carrier.name_en,
        )
    ]
