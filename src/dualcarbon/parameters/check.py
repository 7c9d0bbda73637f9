"""Is a value one that this quantity can have at all, and were those of an account meant for it?

A bound is pack data (`plausibility.yaml`): name, keys, unit, low, high, what it rests on. A value
outside is a finding of severity warning; it is never changed. Source: docs/methods/parameters.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from dualcarbon.errors import DualcarbonError, PackError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters.model import Parameter
from dualcarbon.parameters.select import distinct
from dualcarbon.units import canonical, compatible, convert

FILE = "plausibility.yaml"
FIELDS = {"id", "name", "keys", "unit", "low", "high", "basis_zh", "basis_en"}


@frozen
class Bound:
    """The range, in `unit`, of a quantity with these keys, and on what it rests."""

    id: str
    name: str
    keys: Mapping[str, str]
    unit: str
    low: float
    high: float
    basis_zh: str
    basis_en: str

    def concerns(self, name: str, keys: Mapping[str, str], unit: str) -> bool:
        """Tell whether a value of this name, keys and unit is held to the bound."""
        return (
            name == self.name
            and all(keys.get(key) == wanted for key, wanted in self.keys.items())
            and compatible(unit, self.unit)
        )


def load_bounds(pack: Pack) -> list[Bound]:
    """Load the bounds of a pack and its parents; a child replaces a bound by `id`.

    Errors: PackError for a missing or unknown field, an unknown unit, or low above high.
    """
    return [_bound(entry) for entry in pack.load_list(FILE, "id")]


def _bound(entry: Mapping[str, Any]) -> Bound:
    fields = {key: value for key, value in entry.items() if not key.startswith("_")}
    place = Place(str(entry.get("_file", FILE)))
    if set(fields) != FIELDS or not isinstance(fields["keys"], dict):
        raise _bad(place, entry, ", ".join(sorted(set(fields) ^ FIELDS)) or "keys")
    numbers = (fields["low"], fields["high"])
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        raise _bad(place, entry, f"low {numbers[0]!r}, high {numbers[1]!r}")
    if not numbers[0] <= numbers[1]:
        raise _bad(place, entry, f"low {numbers[0]} > high {numbers[1]}")
    try:
        unit = canonical(str(fields["unit"]))
    except DualcarbonError as error:
        raise _bad(place, entry, f"unit {fields['unit']}") from error
    keys = {str(key): str(value) for key, value in fields["keys"].items()}
    return Bound(**{**fields, "unit": unit, "keys": keys})


def _bad(place: Place, entry: Mapping[str, Any], found: str) -> PackError:
    return PackError(finding("parameters.bound", place, found=found, id=entry.get("id", "?")))


def check_value(
    name: str,
    keys: Mapping[str, str],
    value: float,
    unit: str,
    bounds: Iterable[Bound],
    place: Place | None = None,
) -> list[Finding]:
    """Say which bounds a value breaks; also for a value of a user's file.

    Units: any that measures the same as the bound's; a bound in another dimension says nothing.
    """
    return [
        _finding(name, keys, value, unit, bound, place)
        for bound in bounds
        if bound.concerns(name, keys, unit)
        and not bound.low <= convert(value, unit, bound.unit) <= bound.high
    ]


def _finding(
    name: str,
    keys: Mapping[str, str],
    value: float,
    unit: str,
    bound: Bound,
    place: Place | None,
) -> Finding:
    inside = ", ".join(f"{key}={wanted}" for key, wanted in keys.items())
    return finding(
        "parameters.implausible",
        place,
        found=f"{value:g} {unit}",
        expected=f"{bound.low:g}–{bound.high:g} {bound.unit}",
        what=f"{name} ({inside})" if inside else name,
        basis_zh=bound.basis_zh,
        basis_en=bound.basis_en,
    )


def check_parameters(parameters: Iterable[Parameter], bounds: Sequence[Bound]) -> list[Finding]:
    """Check loaded parameters; a published range is checked at both ends."""
    return [
        item
        for parameter in parameters
        for value in dict.fromkeys((parameter.value, parameter.low, parameter.high))
        if value is not None
        for item in check_value(
            parameter.name,
            parameter.keys,
            value,
            parameter.unit,
            bounds,
            Place(f"{parameter.pack}/parameters/{parameter.file}"),
        )
    ]


def check_purposes(parameters: Iterable[Parameter]) -> list[Finding]:
    """Say that the parameters of one account were issued for different purposes (clause C7.6).

    One finding of severity error, or none; a value without a purpose goes with any.
    Source: docs/methods/parameters.md.
    """
    found: dict[str, list[str]] = {}
    for parameter in distinct(parameters):
        if parameter.purpose is not None:
            found.setdefault(parameter.purpose, []).append(parameter.id)
    if len(found) < 2:
        return []
    listed = "; ".join(f"{purpose}: {', '.join(ids[:3])}" for purpose, ids in found.items())
    return [finding("parameters.purposes", found=listed, purposes=", ".join(found))]
