"""Levels computed from activity: rows of the subject itself times parameters, in whole grams.

The sum over enterprises is not the total of a city: only rows whose subject is the city, area or
enterprise asked for count for it. Which flows of which carriers count, and with which sign, the
accounting method of the pack says (`levels`): consumption is net of internal conversion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl
from attrs import define, field

from dualcarbon.accounting.engine import Coefficient, Recipe, coefficient, load_recipes, selector
from dualcarbon.accounting.methods import Method, choose_method, sign_of
from dualcarbon.control.data import Data
from dualcarbon.control.known import Known, Subject
from dualcarbon.control.series import Levels, Span
from dualcarbon.control.trace import Node, apply, constant
from dualcarbon.errors import DualcarbonError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.parameters import Parameter, Parameters, load_parameters
from dualcarbon.periods import Period
from dualcarbon.units import compatible, factor

GRAMS = 1_000_000


@define
class Activity:
    """Computes levels of energy, CO2 and coal from the activity that was known on a date."""

    known: Known
    _cache: dict[tuple[str, Subject], Levels | None] = field(factory=dict)
    _parameters: Parameters | None = None
    _recipes: Mapping[str, Recipe] = field(factory=dict)
    _chosen: Method | None = None
    used: dict[str, Parameter] = field(factory=dict)
    findings: list[Finding] = field(factory=list)
    _said: set[tuple[str, str]] = field(factory=set)
    _coefficients: dict[Any, Node | None] = field(factory=dict)

    def levels(self, indicator: str, subject: Subject) -> Levels | None:
        """Give the levels that activity yields; None when the subject has no activity for it."""
        key = (indicator, subject)
        if key not in self._cache:
            self._cache[key] = self._levels(indicator, subject)
        return self._cache[key]

    def _levels(self, indicator: str, subject: Subject) -> Levels | None:
        if indicator not in TARGETS or not self.known.activity.height:
            return None
        lines = self._method().level(indicator)
        flows = sorted({flow for line in lines for flow in line.flows})
        rows = self.known.activity.filter(
            (pl.col("subject_kind") == subject[0])
            & (pl.col("subject") == subject[1])
            & pl.col("flow").is_in(flows)
        )
        if not rows.height:
            return None
        parts: dict[int, dict[str, dict[Span, list[Node]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list))
        )
        broken = self._refused(subject, flows)
        for row in rows.iter_rows(named=True):
            period = Period.parse(row["span"])
            span = (period.first[1], period.last[1])
            carrier = self.known.data.words.carriers[row["carrier"]]
            sign = sign_of(lines, carrier, row["flow"])
            if sign is None:
                continue
            node = self._amount(indicator, row, carrier.group, sign)
            if node.value is None:
                broken.setdefault((period.year, span), "")
            parts[period.year][row["carrier"]][span].append(node)
        years = {year: _spans(indicator, year, found, broken) for year, found in parts.items()}
        return Levels(indicator, years, broken=_by_year(broken)) if years else None

    def _refused(self, subject: Subject, flows: Iterable[str]) -> dict[tuple[int, Span], str]:
        """Give the spans of which a row was refused: without it the sum would be too low."""
        rows = self.known.refused_activity.filter(
            (pl.col("subject_kind") == subject[0])
            & (pl.col("subject") == subject[1])
            & pl.col("flow").is_in(list(flows))
        )
        periods = ((Period.parse(row["span"]), row["place"]) for row in rows.iter_rows(named=True))
        return {(p.year, (p.first[1], p.last[1])): place for p, place in periods}

    def _method(self) -> Method:
        if self._chosen is None:
            pack = self.known.data.words.pack
            self._recipes = load_recipes(pack)
            self._chosen = choose_method(pack, None, self._recipes)
        return self._chosen

    def _amount(self, indicator: str, row: Mapping[str, Any], group: str, sign: int) -> Node:
        """Give grams of a row, null where it has no parameter."""
        cell = Node(
            f"{row['carrier']} {row['flow']} {row['span']}",
            row["quantity"],
            row["unit"],
            "cell",
            table="activity",
            row=row["fact"],
            place=row["place"],
            source=row["source"],
            vintage=row["vintage"],
        )
        per_unit = self._coefficient(indicator, row, group)
        target = TARGETS[indicator]
        if per_unit is None:
            return Node(cell.name, None, f"g {target}", "grams", (cell,))
        inputs = (cell, per_unit) if sign == 1 else (cell, per_unit, constant("sign", -1))
        return apply("grams", cell.name, "g", *inputs)

    def _coefficient(self, indicator: str, row: Mapping[str, Any], group: str) -> Node | None:
        key = (indicator, row["carrier"], row["unit"], row["span"])
        if key not in self._coefficients:
            self._coefficients[key] = self._find(indicator, row, group)
        return self._coefficients[key]

    def _find(self, indicator: str, row: Mapping[str, Any], group: str) -> Node | None:
        if indicator == "coal_total":
            return _mass(row["unit"])
        recipe = self._recipe(indicator, group, row)
        try:
            found = self._select(recipe, row)
        except DualcarbonError as error:
            found = list(error.findings)
        if isinstance(found, Coefficient):
            return self._node(found, recipe, row["unit"])
        self._unmatched(indicator, row, found)
        return None

    def _recipe(self, indicator: str, group: str, row: Mapping[str, Any]) -> Recipe:
        if indicator == "co2_total":
            name = {"electricity": "co2_electricity", "heat": "co2_heat"}.get(group, "co2")
            return self._recipes[name]
        equal = group == "electricity" and valuation(self.known.data, self._all()) == "equal"
        return self._recipes["tce_equal_electricity" if equal else "tce_calorific"]

    def _all(self) -> Parameters:
        if self._parameters is None:
            self._parameters = load_parameters(self.known.data.words.pack)
        return self._parameters

    def _select(self, recipe: Recipe, row: Mapping[str, Any]) -> Coefficient | list[Finding]:
        parameters = self._all()
        keys = {"carrier": row["carrier"], "area": self.known.data.words.city, "basis": "average"}
        select = selector(parameters, Period.parse(row["span"]))
        name = parameters.default_set(recipe.set_of)
        return coefficient(recipe, row["unit"], keys, select, name)

    def _node(self, found: Coefficient, recipe: Recipe, unit: str) -> Node:
        nodes = []
        for part, power in zip(found.parts, found.powers, strict=True):
            self.used[part.id] = part
            nodes.append(
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
        name = f"{recipe.unit} per {unit}"
        return Node(name, found.grams, f"g/{unit}", "coefficient", tuple(nodes))

    def _unmatched(self, indicator: str, row: Mapping[str, Any], why: list[Finding]) -> None:
        if (indicator, row["carrier"]) in self._said:
            return
        self._said.add((indicator, row["carrier"]))
        text = why[-1].message_en if why else "-"
        self.findings.append(
            finding(
                "control.unmatched",
                Place.parse(row["place"]),
                found=row["carrier"],
                indicator=indicator,
                period=row["span"],
                why=text,
                why_zh=why[-1].message_zh if why else "-",
            )
        )


def valuation(data: Data, parameters: Parameters) -> str:
    """Give equal or calorific: the pack's choice, else equal where the city has such values."""
    chosen = data.words.pack.setting("choices", "electricity_valuation")
    if chosen:
        return str(chosen)
    values = parameters.by_name.get("electricity_equal_value", ())
    return "equal" if any(v.keys.get("area") == data.words.city for v in values) else "calorific"


TARGETS = {"energy_total": "tce", "co2_total": "tCO2", "coal_total": "t"}


def _mass(unit: str) -> Node | None:
    if not compatible(unit, "t"):
        return None
    return constant(f"t per {unit}", factor(unit, "t") * GRAMS, f"g/{unit}")


def _by_year(broken: Mapping[tuple[int, Span], str]) -> dict[int, dict[Span, str]]:
    years: dict[int, dict[Span, str]] = {}
    for (year, span), place in broken.items():
        years.setdefault(year, {})[span] = place
    return years


def _spans(
    indicator: str,
    year: int,
    parts: Mapping[str, Mapping[Span, list[Node]]],
    broken: Iterable[tuple[int, Span]],
) -> dict[Span, Callable[[], Node]]:
    """Give spans of a year: alike for all carriers, or to the months at which all are whole."""
    spans = {span for found in parts.values() for span in found}
    mixed = any(a != b and a[0] <= b[1] and b[0] <= a[1] for a in spans for b in spans)
    if not mixed:
        grouped = {s: [n for found in parts.values() for n in found.get(s, ())] for s in spans}
    else:
        grouped = _whole(indicator, year, parts, spans)
    bad = {span for at, span in broken if at == year}
    return {
        span: _total(indicator, f"{year}-{span[0]:02d}..{span[1]:02d}", nodes)
        for span, nodes in grouped.items()
        if not any(s[0] >= span[0] and s[1] <= span[1] for s in bad)
    }


def _whole(
    indicator: str, year: int, parts: Mapping[str, Mapping[Span, list[Node]]], spans: set[Span]
) -> dict[Span, list[Node]]:
    grouped: dict[Span, list[Node]] = {}
    for month in sorted({last for _, last in spans}):
        found: list[Node] = []
        for carrier, own in parts.items():
            years = {year: {s: _total(carrier, str(s), nodes) for s, nodes in own.items()}}
            grams = Levels(carrier, years).to_date(year, month)
            if not isinstance(grams, Node):
                break
            found.append(grams)
        else:
            grouped[(1, month)] = found
    return grouped


def _total(indicator: str, label: str, nodes: list[Node]) -> Callable[[], Node]:
    """Give a function that adds grams as integers and turns the sum into the indicator's unit."""

    def total() -> Node:
        grams = apply("sum", f"{indicator} {label}", "g", *nodes)
        unit = TARGETS.get(indicator, "g")
        if unit == "g":
            return grams
        return apply("quotient", grams.name, unit, grams, constant("g per t", GRAMS))

    return total
