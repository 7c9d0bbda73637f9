"""Variables: each parameter is one, and the products of them that rows are made with.

A coefficient's `parts` are a list of `{parameter, power}`. Where a coefficient is a sum (CO2e),
each part also has `term` and `share`: parts of one term are multiplied, the terms are added with
their shares of the grams. A parameter that stands in several terms is still one variable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from dualcarbon.accounting.uncertainty.distributions import Marginal, from_bounds, from_percent
from dualcarbon.accounting.uncertainty.stated import INDEPENDENT, PARAMETER, SHARED, Stated

Factor = tuple[int, int]
Term = tuple[float, tuple[Factor, ...]]
Combination = tuple[Term, ...]
CONVENTIONS = ("gwp100",)  # fixed by the method, not measured: exact unless a range is stated
EXACT = Marginal("normal", 0.0, 0.0)
PLAIN: Combination = ((1.0, ()),)


@frozen
class Variable:
    """A source of error and the marginal in which it appears; equal sources move together."""

    source: str
    marginal: Marginal

    @property
    def name(self) -> str:
        """Give the parameter's id or the class, without the kind of source before it."""
        return self.source.partition(":")[2]


@define
class Variables:
    """The variables met so far, the combinations of them, and what nobody has stated.

    `parameters`: facts by parameter id (`name`, `set`, `keys`, `value`, `low`, `high`, an optional
    `uncertainty`); an id not in it is read as `name/set/edition/k=v,k=v/valid_from`.
    `ranges`: take a parameter's printed `low` and `high` as a uniform range if nothing is stated.
    """

    stated: Stated
    parameters: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    ranges: bool = False
    found: dict[Variable, int] = field(factory=dict)
    unstated: dict[str, None] = field(factory=dict)
    evened: dict[str, None] = field(factory=dict)
    _known: dict[tuple[str, str | None], int | None] = field(factory=dict)
    _parts: dict[tuple[str, str | None], tuple[Combination, bool]] = field(factory=dict)

    def index(self, variable: Variable) -> int:
        """Give the number of a variable, adding it when it is new."""
        return self.found.setdefault(variable, len(self.found))

    def combination(self, parts: str, year: str | None = None) -> tuple[Combination, bool]:
        """Give the combination of a coefficient, and whether every part of it is stated.

        `parts`: JSON. `year`: makes variables that are independent across years apart.
        """
        if (parts, year) not in self._parts:
            self._parts[parts, year] = self._read(json.loads(parts), year)
        return self._parts[parts, year]

    def _read(self, parts: Sequence[Mapping[str, Any]], year: str | None) -> tuple[Any, bool]:
        terms: dict[Any, tuple[float, dict[int, int]]] = {}
        whole = True
        for part in parts:
            share = float(part.get("share", 1.0))
            _, powers = terms.setdefault(part.get("term"), (share, {}))
            number = self._parameter(str(part["parameter"]), year)
            whole = whole and number is not None
            if number is not None:
                powers[number] = powers.get(number, 0) + int(part.get("power", 1))
        made = tuple(
            (share, tuple(sorted((n, p) for n, p in powers.items() if p)))
            for share, powers in terms.values()
        )
        return made or PLAIN, whole

    def _parameter(self, name: str, year: str | None) -> int | None:
        if (name, year) not in self._known:
            made = self._variable(name, year)
            self._known[name, year] = None if made is None else self.index(made)
            if made is None:
                self.unstated[name] = None
        return self._known[name, year]

    def _variable(self, name: str, year: str | None) -> Variable | None:
        facts = self.parameters.get(name) or parse_id(name)
        flat = {**(facts.get("keys") or {}), "name": facts.get("name"), "set": facts.get("set")}
        statement = self.stated.match(PARAMETER, flat)
        if statement is None:
            exact = EXACT if facts.get("name") in CONVENTIONS else None
            marginal = own_range(facts, self.ranges) or exact
            return None if marginal is None else Variable(f"parameter:{name}", marginal)
        if statement.made_even(facts.get("value")):
            self.evened[name] = None
        apart = statement.across_years == INDEPENDENT and year is not None
        mark = f"@{year}" if apart else ""
        return Variable(f"parameter:{name}{mark}", statement.marginal(facts.get("value")))

    def shared(self, source: str, marginal: Marginal, year: str | None, across: str) -> int:
        """Give the variable of a source class; its errors are of one year unless `across` says."""
        mark = f"@{year}" if across != SHARED and year is not None else ""
        return self.index(Variable(f"class:{source}{mark}", marginal))


def parse_id(name: str) -> dict[str, Any]:
    """Read `name/set/edition/k=v,k=v/valid_from` into its parts; any other id is a name."""
    parts = name.split("/")
    if len(parts) < 5:
        return {"name": name, "set": None, "keys": {}}
    pairs = (pair.partition("=") for pair in parts[-2].split(",") if "=" in pair)
    return {"name": parts[0], "set": parts[1], "keys": {key: value for key, _, value in pairs}}


def own_range(facts: Mapping[str, Any], ranges: bool) -> Marginal | None:
    """Give the range that a parameter itself states: its `uncertainty`, else its printed bounds."""
    given = facts.get("uncertainty")
    if isinstance(given, int | float):
        return from_percent("normal", float(given))
    if isinstance(given, Mapping):
        return _given(given, facts.get("value"))
    value, low, high = facts.get("value"), facts.get("low"), facts.get("high")
    if ranges and value and low is not None and high is not None and low <= value <= high:
        return from_bounds("uniform", low / value - 1, high / value - 1)
    return None


def _given(given: Mapping[str, Any], value: float | None) -> Marginal | None:
    kind = str(given.get("distribution") or "normal")
    if given.get("percent") is not None:
        return from_percent(kind, float(given["percent"]))
    low, high = given.get("low"), given.get("high")
    if not value or low is None or high is None:
        return None
    return from_bounds(kind, float(low) / value - 1, float(high) / value - 1)


def times(combination: Combination, number: int) -> Combination:
    """Give a combination with one more variable in every term."""
    return tuple((share, (*factors, (number, 1))) for share, factors in combination)
