"""Coefficients under mixed inputs: what a key of one edition gives with the values of another."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from dualcarbon.accounting.engine import compose
from dualcarbon.editions import Edition
from dualcarbon.units import compatible, ratio

CELL = ("subject_kind", "area", "industry", "sector", "equipment", "carrier", "flow", "period")
Owner = tuple[int, str]
Step = tuple[float | None, float | None]


@frozen
class Side:
    """The small tables of one edition, by key and the enterprise the key was resolved for."""

    keys: Mapping[int, Mapping[str, Any]]
    rows: Mapping[Owner, Mapping[str, Mapping[str, Any]]]
    units: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, Any]]

    @staticmethod
    def of(edition: Edition) -> Side:
        """Read them from an edition of an account run."""
        rows: defaultdict[Owner, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        for row in edition.table("coefficients").iter_rows(named=True):
            parts = json.loads(row["parts"] or "[]")
            rows[row["key"], row["who"]][row["measure"]] = {**row, "parts": parts}
        keys = {row["key"]: row for row in edition.table("keys").iter_rows(named=True)}
        measures = edition.table("measures")
        units = dict(zip(measures["measure"], measures["unit"], strict=True))
        return Side(keys, dict(rows), units, edition.parameters)

    @property
    def own(self) -> set[str]:
        """Give the enterprises that have values of their own."""
        return {who for _, who in self.rows if who}

    def cell(self, key: int) -> tuple[Any, ...]:
        """Give what a key says apart from its unit."""
        return tuple(self.keys[key][name] for name in CELL)


def pairs(a: Side, b: Side) -> Iterator[tuple[Owner, Owner]]:
    """Give the owners of coefficients in both editions that can meet in one activity row."""
    by_cell: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for key in a.keys:
        by_cell[a.cell(key)].append(key)
    own_a, own_b = a.own, b.own
    for key_b, who_b in b.rows:
        others = own_a - own_b if not who_b else ({who_b} & own_a)
        if who_b not in own_a:
            others = others | {""}
        for key_a in by_cell[b.cell(key_b)]:
            yield from (
                ((key_a, who), (key_b, who_b)) for who in sorted(others) if (key_a, who) in a.rows
            )


@frozen
class Mixed:
    """Two editions whose coefficients are put together."""

    a: Side
    b: Side

    def steps(self, mine: Owner, other: Owner) -> dict[str, Step]:
        """Give grams per unit of B's quantity: by A, and by A's method with the values of B.

        Shape: one pair per measure. Absent: None where the measure does not speak of the key, or
        has no parameter for it. Where A's unit does not lead to B's, both are B's own coefficient:
        the quantity is another one.
        """
        before, after = self.a.rows[mine], self.b.rows[other]
        names = (self.a.keys[mine[0]]["unit"], self.b.keys[other[0]]["unit"])
        if not compatible(*names):
            return {name: (row["grams"], row["grams"]) for name, row in after.items()}
        scale = 1.0 if names[0] == names[1] else float(ratio(names[1], names[0]))
        found: dict[str, Step] = {}
        for name, row in before.items():
            start = None if row["grams"] is None else row["grams"] * scale
            middle = self._middle(row, after.get(name), names[1], found, after)
            found[name] = (start, middle)
        return found

    def _middle(
        self,
        row: Mapping[str, Any],
        new: Mapping[str, Any] | None,
        unit: str,
        found: Mapping[str, Step],
        after: Mapping[str, Mapping[str, Any]],
    ) -> float | None:
        if new is not None and (row["grams"] is None or new["grams"] is None):
            return _number(new["grams"])
        if row["grams"] is None:
            return None
        if any("measure" in part for part in row["parts"]):
            return self._equivalent(row, new, found, after)
        if new is not None and self._shape(self.a, row) == self._shape(self.b, new):
            return _number(new["grams"])
        values = [self._value(part, new) for part in row["parts"]]
        grams = compose(unit, values, self.a.units[row["measure"]])
        return int(row["sign"]) * grams

    def _shape(self, side: Side, row: Mapping[str, Any]) -> Any:
        unit = side.units[row["measure"]]
        parts = sorted((side.parameters[p["parameter"]]["name"], p["power"]) for p in row["parts"])
        return row["sign"], unit, parts

    def _value(
        self, part: Mapping[str, Any], new: Mapping[str, Any] | None
    ) -> tuple[float, str, int]:
        """Give B's value of a parameter of A, or A's own where B has none."""
        mine = self.a.parameters[part["parameter"]]
        named = {
            self.b.parameters[p["parameter"]]["name"]: self.b.parameters[p["parameter"]]
            for p in (new["parts"] if new else ())
        }
        taken = named.get(mine["name"]) or self.b.parameters.get(part["parameter"], mine)
        return taken["value"], taken["unit"], int(part["power"])

    def _equivalent(
        self,
        row: Mapping[str, Any],
        new: Mapping[str, Any] | None,
        found: Mapping[str, Step],
        after: Mapping[str, Mapping[str, Any]],
    ) -> float | None:
        """Give CO2e by A's gases and GWP set, with what B has changed in the values."""
        if new is not None and self._terms(self.a, row) == self._terms(self.b, new):
            gases = [part["measure"] for part in row["parts"]]
            if all(found[gas][1] == after.get(gas, {}).get("grams") for gas in gases):
                return _number(new["grams"])
        grams = 0.0
        for part in row["parts"]:
            own = self.a.parameters[part["parameter"]]
            value = self.b.parameters.get(part["parameter"], own)["value"]
            grams += (found[part["measure"]][1] or 0.0) * value
        return grams

    def _terms(self, side: Side, row: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        return [(p["measure"], side.parameters[p["parameter"]]["set"]) for p in row["parts"]]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
