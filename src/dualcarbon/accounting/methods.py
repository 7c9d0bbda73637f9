"""Methods: which flows of which carriers count for which measure, as pack data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from dualcarbon.accounting.engine import Recipe
from dualcarbon.errors import PackError, UsageError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.words import FLOWS

FILE = "accounting/methods.yaml"
CO2E = {1: "co2e_scope1", 2: "co2e_scope2", 3: "co2e_scope3"}


@frozen
class Measure:
    """A column of the account: its gas (or kind of energy), unit, scope and origin.

    Amounts are whole millionths of `unit`: grams where it is a tonne.
    """

    id: str
    gas: str
    unit: str
    scope: int | None = None
    origin: str | None = None


@frozen
class Line:
    """One line of a method: a measure, its recipe, and the flows that count with their signs."""

    measure: str
    gas: str
    recipe: str
    flows: Mapping[str, int] = field(factory=dict)
    scope: int | None = None
    origin: str | None = None
    groups: tuple[str, ...] = field(default=(), converter=tuple)
    fossil: bool | None = None
    combustion: bool = False

    def sign(self, substance: Any, flow: str) -> int | None:
        """Give the sign with which a flow of a substance counts; None when it does not."""
        if self.groups and substance.group not in self.groups:
            return None
        own = getattr(substance, "flow", None)
        if own is not None:
            return 1 if self.groups and flow == own else None
        if not hasattr(substance, "fossil") or substance.subtotal_of:
            return None
        if self.fossil is not None and substance.fossil is not self.fossil:
            return None
        if self.combustion and not substance.combustion:
            return None
        return self.flows.get(flow)


@frozen
class Method:
    """A method: its lines, its GWP set, and how the sector of a row is found.

    `sector_assumed` is taken where neither the row, its flow nor its industry names a sector; the
    account says so.
    """

    id: str
    name_zh: str
    name_en: str
    gwp: str
    lines: tuple[Line, ...]
    sector_flows: Mapping[str, str] = field(factory=dict)
    sector_industries: Mapping[str, str] = field(factory=dict)
    sector_assumed: str | None = None
    sets: Mapping[str, str] = field(factory=dict)
    levels: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    figures: tuple[Mapping[str, Any], ...] = field(default=(), converter=tuple)

    def level(self, indicator: str) -> tuple[Line, ...]:
        """Give the lines that count for an indicator; none where it is not computed so."""
        entry = self.levels.get(indicator)
        if entry is None:
            return ()
        if "measures" not in entry:
            return (Line(indicator, indicator, "", **entry),)
        return tuple(line for line in self.lines if line.measure in entry["measures"])

    def measures(self, recipes: Mapping[str, Recipe]) -> dict[str, Measure]:
        """Give the measures of the lines in order, in the units of their recipes."""
        found: dict[str, Measure] = {}
        for line in self.lines:
            unit = recipes[line.recipe].unit
            made = Measure(line.measure, line.gas, unit, line.scope, line.origin)
            found.setdefault(line.measure, made)
        return found


def sign_of(lines: Iterable[Line], substance: Any, flow: str) -> int | None:
    """Give the sign with which a flow counts for lines: that of the first that speaks of it."""
    signs = (line.sign(substance, flow) for line in lines)
    return next((sign for sign in signs if sign is not None), None)


def load_methods(pack: Pack) -> dict[str, Method]:
    """Load the methods of a pack and its parents by id; PackError for an unknown field or flow."""
    return {entry["id"]: _method(entry) for entry in pack.load_list(FILE, "id")}


def choose_method(pack: Pack, named: str | None, recipes: Iterable[str]) -> Method:
    """Give the method of that id, else the pack's choice, else its only or first one.

    Errors: UsageError that lists the methods when there is none of that id; PackError when the pack
    lacks a recipe of the method.
    """
    methods = load_methods(pack)
    wanted = named or pack.setting("choices", "accounting_method") or next(iter(methods), "")
    if wanted not in methods:
        expected = ", ".join(methods) or "-"
        raise UsageError(finding("accounting.method", found=wanted, expected=expected))
    lacking = sorted({line.recipe for line in methods[wanted].lines} - set(recipes))
    if lacking:
        found = ", ".join(lacking)
        raise PackError(finding("accounting.no_recipe", Place(pack.id), found=found, method=wanted))
    return methods[wanted]


def _method(entry: Mapping[str, Any]) -> Method:
    fields = {key: value for key, value in entry.items() if not key.startswith("_")}
    place = Place(str(entry.get("_file", FILE)))
    try:
        lines = tuple(Line(**line) for line in fields.pop("lines"))
        method = Method(lines=lines, **fields)
        levels = [line for indicator in method.levels for line in method.level(indicator)]
    except (TypeError, KeyError) as error:
        raise PackError(finding("accounting.method_entry", place, found=str(error))) from error
    _check([*lines, *levels], place)
    return method


def _check(lines: Iterable[Line], place: Place) -> None:
    for line in lines:
        wrong = [flow for flow in line.flows if flow not in FLOWS]
        wrong += [f"{flow}: {sign}" for flow, sign in line.flows.items() if sign not in (1, -1)]
        if wrong:
            raise PackError(finding("accounting.method_entry", place, found=", ".join(wrong)))
