"""The flows of an energy balance in standard coal: from supply through transformation to use.

Every cell is converted once, at its calorific value, to whole grams; from there flows are only
added. What comes to a carrier and what leaves it differ by the statistical difference, what goes
into a transformation and what comes out by its conversion loss: both are flows of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import polars as pl
from attrs import frozen

from dualcarbon.accounting import engine
from dualcarbon.accounting.balance import Balance, area_code
from dualcarbon.accounting.counted import Scope, by_carrier, final_rows, load_scope
from dualcarbon.accounting.factors import coefficients
from dualcarbon.accounting.layout import Layout
from dualcarbon.carriers import Carrier
from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import load_parameters, worst_status
from dualcarbon.periods import Period
from dualcarbon.vocabulary import Vocabulary

By = Literal["group", "carrier"]
RECIPE = "tce_calorific"
LOSS, DIFFERENCE, WHOLE = "conversion_loss", "difference", "transformation"
CARRIER = "carrier:"  # before carriers and their groups: an item may have the same id
OUT, IN = "_out", "_in"  # a node whose flow runs against the usual direction


@frozen
class Flow:
    """Grams of standard coal that go from one node to another; always above zero."""

    source: str
    target: str
    grams: int


@frozen
class Flows:
    """The flows of one province and year.

    `nodes`: id -> kind: supply, carrier, transformation, use, loss or difference. Ids are carriers
    (or their groups) after `carrier:`, and the balance's items; `_out` marks supply that leaves,
    `_in` a difference or conversion that adds. At every carrier and transformation what comes in
    equals what goes out, to the gram. `unmatched`: carriers without coefficient, which are in no
    flow. `merged`: transformations stand as one, since they feed each other in a circle.
    """

    year: int | None
    by: By
    nodes: Mapping[str, str]
    flows: tuple[Flow, ...]
    unmatched: tuple[str, ...]
    merged: bool
    status: str

    def sum(self, *, source: str | None = None, target: str | None = None) -> int:
        """Add the flows from a node, to a node, or between two."""
        return sum(
            flow.grams
            for flow in self.flows
            if source in (None, flow.source) and target in (None, flow.target)
        )


def make_flows(
    balance: Balance, pack: Pack, layout: Layout, carriers: Vocabulary[Carrier], by: By = "group"
) -> Flows:
    """Give the flows of a balance that holds one province and year.

    `by`: nodes are groups of carriers (coal, oil, gas ...) or single ones. Subtotals are left out.
    Errors: InputError when no cell can be converted.
    """
    scope = load_scope(layout)
    years = [year for year in balance.cells["year"].unique() if year is not None]
    cells, unmatched, status = _converted(balance, pack, carriers, years[0] if years else None)
    if not cells.height:
        raise InputError(finding("accounting.nothing", Place(balance.input.file)))
    named = {
        code: CARRIER + (code if by == "carrier" else item.group) for code, item in carriers.items()
    }
    sums: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for code, values in by_carrier(cells).items():
        for row in (*_rows(layout, "supply"), *_rows(layout, WHOLE), *_use(values, scope)):
            if row in values:
                sums[named[code]][row] += values[row]["value"]
    flows = list(_flows(sums, layout, merged=False))
    merged = _circular(flows)
    if merged:
        flows = list(_flows(sums, layout, merged=True))
    order = {
        name: place - len(carriers) for place, name in enumerate(dict.fromkeys(named.values()))
    }
    order |= {item.id: row for row, item in layout.items.items()}
    found = dict(_nodes(flows, sums, layout))
    nodes = {name: found[name] for name in sorted(found, key=lambda one: _place(one, order))}
    year = years[0] if years else None
    return Flows(year, by, nodes, tuple(flows), tuple(unmatched), merged, status)


def _converted(
    balance: Balance, pack: Pack, carriers: Vocabulary[Carrier], year: int | None
) -> tuple[pl.DataFrame, list[str], str]:
    """Give the cells in whole grams, the carriers without coefficient, and the worst status."""
    codes = [code for code, item in carriers.items() if not item.subtotal_of]
    cells = balance.cells.filter(pl.col("carrier").is_in(codes))
    parameters, recipe = load_parameters(pack), engine.load_recipes(pack)[RECIPE]
    newest = max((value.valid_from.year for value in parameters), default=2000) + 1
    period = Period.parse(str(year or newest))
    area = area_code(balance.provinces[0], _areas(pack))
    table = coefficients(
        cells,
        carriers,
        recipe,
        engine.selector(parameters, period),
        set_name=parameters.default_set(recipe.set_of),
        more={"area": area} if area else {},
    )
    on = ["row", "carrier", "unit"]
    made = engine.account(cells.rename({"value": "quantity"}), table.unique(on), on=on)
    known = made.filter(pl.col("amount").is_not_null()).rename({"amount": "value"})
    missing = set(cells["carrier"]) - set(table["carrier"])
    return known, sorted(missing), worst_status(table["status"]) if table.height else "unsourced"


def _areas(pack: Pack) -> Any:
    from dualcarbon.areas import load_areas

    return load_areas(pack)


def _rows(layout: Layout, identity: str) -> list[int]:
    """Give the rows that an identity of the table adds up."""
    return [row for one in layout.identities if one.id == identity for row in one.terms]


def _use(values: Mapping[int, Any], scope: Scope) -> list[int]:
    return [*final_rows(values, scope), *scope.losses]


def _flows(
    sums: Mapping[str, Mapping[int, int]], layout: Layout, *, merged: bool
) -> Iterator[Flow]:
    """Give the flows of every carrier, then those that close carriers and transformations."""
    supply, turned = set(_rows(layout, "supply")), set(_rows(layout, WHOLE))
    found: list[Flow] = []
    for carrier, values in sums.items():
        rows = _merged(values, turned) if merged else values
        for row, grams in rows.items():
            node = WHOLE if row == 0 else layout.items[row].id
            inward = row in supply or row in turned or row == 0
            if (grams > 0) != inward and row in supply:
                node += OUT
            pair = (node, carrier) if (grams > 0) == inward else (carrier, node)
            found += [Flow(*pair, abs(grams))] if grams else []
        found += _closing(found, carrier, DIFFERENCE)
    yield from found
    names = {WHOLE} if merged else {layout.items[row].id for row in turned}
    for node in sorted(names):
        yield from _closing(found, node, LOSS)


def _merged(values: Mapping[int, int], turned: set[int]) -> dict[int, int]:
    """Give the rows with all transformations as one, row 0: what is left of inputs and outputs."""
    net = sum(grams for row, grams in values.items() if row in turned)
    return {row: grams for row, grams in values.items() if row not in turned} | {0: net}


def _closing(flows: Iterable[Flow], node: str, other: str) -> list[Flow]:
    """Give the flow that makes what leaves a node equal what comes to it; none where it does."""
    gap = sum(flow.grams for flow in flows if flow.target == node) - sum(
        flow.grams for flow in flows if flow.source == node
    )
    if not gap:
        return []
    return [Flow(node, other, gap) if gap > 0 else Flow(other + IN, node, -gap)]


def _circular(flows: Iterable[Flow]) -> bool:
    """Tell whether flows come back to where they started."""
    left = {(flow.source, flow.target) for flow in flows}
    while left:
        targets = {target for _, target in left}
        kept = {pair for pair in left if pair[0] in targets}
        if kept == left:
            return True
        left = kept
    return False


def _place(name: str, order: Mapping[str, int]) -> tuple[int, str]:
    """Give where a node stands: carriers, items in the order of the table, then all else."""
    return order.get(name.removesuffix(OUT), len(order) + 1), name


def _nodes(
    flows: Iterable[Flow], sums: Mapping[str, Any], layout: Layout
) -> Iterator[tuple[str, str]]:
    kinds = {item.id: item.block for item in layout.items.values()}
    kinds |= {WHOLE: "transformation", LOSS: "loss", LOSS + IN: "loss"}
    kinds |= {DIFFERENCE: "difference", DIFFERENCE + IN: "difference"}
    named = {"final": "use", "losses": "loss"}
    for name in dict.fromkeys(name for flow in flows for name in (flow.source, flow.target)):
        kind = "carrier" if name in sums else kinds[name.removesuffix(OUT)]
        yield name, named.get(kind, kind)


def names_of(flows: Flows, layout: Layout, carriers: Vocabulary[Carrier]) -> dict[str, list[str]]:
    """Give the Chinese and English name of every node; a group keeps its id."""
    items = {item.id: [item.name_zh, item.name_en] for item in layout.items.values()}
    coded = {code: [item.name_zh, item.name_en] for code, item in carriers.items()}
    plain = {name: name.removeprefix(CARRIER) for name in flows.nodes}
    return {
        name: items.get(text.removesuffix(OUT).removesuffix(IN), [text, text])
        if name == text
        else coded.get(text, [text, text])
        for name, text in plain.items()
    }


def to_json(flows: Flows, layout: Layout, carriers: Vocabulary[Carrier]) -> dict[str, Any]:
    """Give the flows as JSON data; grams of standard coal at calorific value."""
    names = names_of(flows, layout, carriers)
    return {
        "year": flows.year,
        "by": flows.by,
        "unit": "g",
        "status": flows.status,
        "merged": flows.merged,
        "unmatched": list(flows.unmatched),
        "nodes": [
            {"id": name, "kind": kind, "name_zh": names[name][0], "name_en": names[name][1]}
            for name, kind in flows.nodes.items()
        ],
        "flows": [
            {"source": one.source, "target": one.target, "grams": one.grams} for one in flows.flows
        ],
    }
