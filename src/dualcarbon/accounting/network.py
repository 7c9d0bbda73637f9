"""Electricity and heat of a balance: what is produced, brought in, sent out, lost and used.

Which rows are which is pack data (`balance/scope.yaml`, `network`). Method:
docs/methods/city-account.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.counted import Scope, Values, by_carrier, final_rows, load_scope
from dualcarbon.accounting.layout import Layout
from dualcarbon.accounting.stated import bounded
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.units import compatible, convert

SUPPLY = ("generation", "primary", "recovery", "inflow", "import")
OWN = ("generation", "primary", "recovery")
BROUGHT = ("inflow", "import")
SENT = ("outflow", "export")
USES = (*SENT, "final", "losses", "transformation")


@frozen
class Flow:
    """One flow of a network carrier: a quantity in the network's unit, and its cells."""

    quantity: float = 0.0
    places: tuple[str, ...] = ()


NOTHING = Flow()


@frozen
class Network:
    """All flows of electricity or of heat; `flows` is None where the table cannot be converted.

    `unit`: kWh or GJ. A flow that the table does not print is zero, as in every balance.
    """

    carrier: str
    unit: str
    rule: Mapping[str, Any]
    flows: Mapping[str, Flow] | None

    def quantity(self, *parts: str) -> float:
        """Give the sum of some flows."""
        flows = self.flows or {}
        return sum(flows[part].quantity for part in parts if part in flows)

    @property
    def net_purchased(self) -> float:
        """Give what was brought in less what was sent out; negative for an exporter."""
        return self.quantity(*BROUGHT) - self.quantity(*SENT)

    @property
    def unaccounted(self) -> float:
        """Give supply less all uses: the table's own difference."""
        return self.quantity(*SUPPLY) - self.quantity(*USES)


def read_networks(cells: pl.DataFrame, layout: Layout) -> tuple[list[Network], list[Finding]]:
    """Give the networks of one province's table: electricity and heat, in the pack's order.

    A carrier without cells has no flows and is an empty network. Findings: a unit that is no unit
    of energy (a table in standard coal), for which nothing can be said.
    """
    rules = layout.scope["network"]["carriers"]
    by_code = by_carrier(cells)
    networks, findings = [], list[Finding]()
    for code, rule in rules.items():
        values = by_code.get(code, {})
        wrong = [cell for cell in values.values() if not compatible(cell["unit"], rule["unit"])]
        if wrong:
            place = Place.parse(wrong[0]["place"])
            facts = {"found": wrong[0]["unit"], "expected": rule["unit"], **named(rule)}
            findings.append(finding("accounting.network_unit", place, **facts))
        flows = None if wrong else dict(_flows(values, layout, rule["unit"]))
        networks.append(Network(code, rule["unit"], rule, flows))
    return networks, findings


def named(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Give the names of a network's carrier as facts of a finding."""
    return {"carrier_zh": rule["name_zh"], "carrier_en": rule["name_en"]}


def _flows(values: Values, layout: Layout, unit: str) -> Iterator[tuple[str, Flow]]:
    rows, scope = layout.scope["network"], load_scope(layout)
    transformation = [values[row] for row in rows["transformation"] if row in values]
    yield "generation", _sum((c for c in transformation if c["value"] > 0), unit)
    for part in ("primary", "recovery", *BROUGHT):
        yield part, _sum(_cells(values, rows[part]), unit)
    for part in SENT:
        yield part, _sum(_cells(values, rows[part]), unit, -1)
    yield "final", _sum(_finals(values, scope), unit)
    yield "losses", _sum(_cells(values, rows["losses"]), unit)
    yield "transformation", _sum((c for c in transformation if c["value"] < 0), unit, -1)


def _cells(values: Values, rows: Iterable[int]) -> list[Mapping[str, Any]]:
    return [values[row] for row in rows if row in values]


def _finals(values: Values, scope: Scope) -> list[Mapping[str, Any]]:
    return _cells(values, final_rows(values, scope))


def _sum(cells: Iterable[Mapping[str, Any]], unit: str, sign: int = 1) -> Flow:
    found = list(cells)
    for cell in found:
        bounded(cell["value"], cell["unit"], Place.parse(cell["place"]))
    total = sum(sign * convert(cell["value"], cell["unit"], unit) for cell in found)
    if found:
        bounded(total, unit, Place.parse(found[0]["place"]))
    return Flow(float(total), tuple(cell["place"] for cell in found))
