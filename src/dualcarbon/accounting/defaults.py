"""The factors that a pack's parameters allow for a carrier: what an implied factor is held against.

`consistent`: products inside one parameter set, one per set and key. They are what another fuel is
recognised by. `possible` adds every heating value with every carbon content: a factor made of two
sets is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any

from attrs import define, frozen

from dualcarbon.accounting import engine
from dualcarbon.accounting.side import Tools
from dualcarbon.carriers import Carrier
from dualcarbon.errors import UnitMismatch
from dualcarbon.parameters import Parameter
from dualcarbon.units import dimension, ratio

BASES = ("t", "m3", "kWh")
TARGETS = {"co2": ("tCO2", "t"), "tce": ("tce",)}
Step = tuple[str, int, bool]


@frozen
class Default:
    """A factor of one carrier: tonnes per base unit, and the set it comes from."""

    carrier: str
    value: float
    origin: str


@frozen
class Confusion:
    """A ratio by which a factor misses when two units or notions are mixed up."""

    id: str
    ratio: float
    name_zh: str
    name_en: str


@define(slots=False)
class Defaults:
    """All factors of a pack for one measure (`co2` or `tce`), by base unit and carrier."""

    tools: Tools
    measure: str

    @cached_property
    def consistent(self) -> Mapping[str, Mapping[str, tuple[Default, ...]]]:
        """Give base unit -> carrier -> factors inside one set."""
        return self._by_base(self._consistent)

    @cached_property
    def possible(self) -> Mapping[str, Mapping[str, tuple[Default, ...]]]:
        """Give base unit -> carrier -> factors of any combination of sets."""
        return self._by_base(
            lambda one, base: [*self._consistent(one, base), *self._any(one, base)]
        )

    def _by_base(self, find: Any) -> dict[str, dict[str, tuple[Default, ...]]]:
        found: dict[str, dict[str, tuple[Default, ...]]] = {}
        for base in BASES:
            every = {
                code: tuple(find(one, base))
                for code, one in self.tools.carriers.items()
                if not one.subtotal_of
            }
            found[base] = {code: values for code, values in every.items() if values}
        return found

    def _consistent(self, carrier: Carrier, base: str) -> Iterator[Default]:
        for way in self._ways(carrier):
            names = [name for name, _, own in way if own]
            sets = {v.set for name in names for v in self._values(name, carrier)}
            for chosen in sorted(sets):
                lists = [
                    [
                        v
                        for v in self._values(name, carrier)
                        if v.set == self._set(name, own, chosen)
                    ]
                    for name, _, own in way
                ]
                yield from self._made(carrier, base, lists, way)

    def _set(self, name: str, own: bool, chosen: str) -> str | None:
        return chosen if own else self.tools.parameters.default_set(name)

    def _any(self, carrier: Carrier, base: str) -> Iterator[Default]:
        for way in self._ways(carrier):
            yield from self._made(
                carrier, base, [self._values(name, carrier) for name, _, _ in way], way
            )

    def _ways(self, carrier: Carrier) -> list[list[Step]]:
        names = [f"co2_{carrier.group}", "co2"] if self.measure == "co2" else ["tce_calorific"]
        if self.measure == "tce" and carrier.group == "electricity":
            names.append("tce_equal_electricity")
        recipes = [self.tools.recipes[name] for name in names if name in self.tools.recipes]
        ways = [way for recipe in recipes for way in recipe.ways]
        return [[_step(entry) for entry in way] for way in ways if "/" not in "".join(way)]

    def _values(self, name: str, carrier: Carrier) -> list[Parameter]:
        values = self.tools.parameters.by_name.get(name, ())
        return [
            value
            for value in values
            if value.keys.get("carrier", carrier.code) == carrier.code
            and not set(value.keys) - {"carrier", "area", "basis"}
        ]

    def _made(
        self, carrier: Carrier, base: str, lists: Sequence[Sequence[Parameter]], way: Sequence[Step]
    ) -> Iterator[Default]:
        for parts in product(*lists):
            values = [(p.value, p.unit, n) for p, (_, n, _) in zip(parts, way, strict=True)]
            try:
                grams = engine.compose(base, values, TARGETS[self.measure][0])
            except UnitMismatch:
                continue
            origin = " x ".join(dict.fromkeys(f"{p.name}/{p.set}" for p in parts))
            yield Default(carrier.code, grams / engine.GRAMS, origin)


def _step(entry: str) -> Step:
    name, shared, _ = entry.lstrip("/").partition("@")
    return name, -1 if entry.startswith("/") else 1, not shared


def load_confusions(tools: Tools) -> list[Confusion]:
    """Load the ratios of a pack and its parents (`confusions.yaml`)."""
    return [
        Confusion(entry["id"], float(entry["ratio"]), entry["name_zh"], entry["name_en"])
        for entry in tools.pack.load_list("confusions.yaml", "id")
    ]


def base_of(unit: str) -> tuple[str, float] | None:
    """Give the base unit that a quantity's unit belongs to and its size in it; None for others."""
    for base in BASES:
        if dimension(unit) == dimension(base):
            return base, float(ratio(unit, base))
    return None


def measure_of(unit: str) -> tuple[str, float] | None:
    """Give the measure of an emission's unit and its size in tonnes; None for other units."""
    for measure, targets in TARGETS.items():
        for target in targets:
            if dimension(unit) == dimension(target):
                return measure, float(ratio(unit, target))
    return None
