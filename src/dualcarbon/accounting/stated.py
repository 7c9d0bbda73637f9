"""A number that the user states, with unit and source: `0.55 kgCO2/kWh; notice no. 33`."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping

from attrs import frozen

from dualcarbon.accounting.engine import round_grams
from dualcarbon.errors import DualcarbonError, InputError, UsageError
from dualcarbon.findings import Place, finding
from dualcarbon.units import canonical, compatible, convert

STATED = re.compile(
    r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^;；]*)(?:[;；]\s*(.*))?$"
)

LARGEST = 1e15
LARGEST_WHOLE = 1e17


def bounded(value: float, unit: str, place: Place) -> float:
    """Give a value back; InputError when it is absurdly large, so that no sum can overflow."""
    if not abs(value) <= LARGEST:
        raise InputError(finding("accounting.too_large", place, found=value, unit=unit))
    return value


def converted(value: float, unit: str, target: str, place: Place) -> float:
    """Convert a value of a file; InputError with its place when the unit does not fit."""
    if not compatible(unit, target):
        raise InputError(finding("accounting.unit_fits_not", place, found=unit, expected=target))
    return convert(bounded(value, unit, place), unit, target)


def whole(value: float, unit: str, place: Place) -> int:
    """Round to a whole number (grams, watt-hours); InputError when sums could leave 64 bits."""
    if not abs(value) <= LARGEST_WHOLE:
        raise InputError(finding("accounting.too_large", place, found=value, unit=unit))
    return round_grams(value)


@frozen
class Stated:
    """A stated number; without `source` it is unsourced."""

    value: float
    unit: str
    source: str | None = None

    @property
    def status(self) -> str:
        """Give `sourced` where a source was named, else `unsourced`."""
        return "sourced" if self.source else "unsourced"


def is_number(text: str) -> bool:
    """Tell whether a text begins as a stated number does."""
    return STATED.match(text) is not None


def parse_stated(
    text: str, unit: str, option: str, *, low: float = 0, high: float = LARGEST
) -> Stated:
    """Read `VALUE [UNIT][; SOURCE]`; without a unit the value is in `unit`.

    `low`, `high`: the bounds of the value as stated. Errors: UsageError naming the option.
    """
    match = STATED.match(unicodedata.normalize("NFKC", text))
    if match is None:
        raise _refused(option, text, unit)
    value, named = float(match[1]), match[2].strip() or unit
    try:
        named = canonical(named)
        fits = compatible(named, unit)
    except DualcarbonError:
        fits = False
    if not fits or not low <= value <= high:
        raise _refused(option, text, unit)
    return Stated(value, named, (match[3] or "").strip() or None)


def parse_named(texts: Iterable[str], units: Mapping[str, str], option: str) -> dict[str, Stated]:
    """Read repeated `NAME=VALUE [UNIT][; SOURCE]`, where `units` has the unit of each name.

    Errors: UsageError for an unknown name, a name given twice, or a value that cannot be read.
    """
    found: dict[str, Stated] = {}
    for text in texts:
        name, _, rest = text.partition("=")
        name = name.strip()
        if name not in units or name in found:
            raise _refused(option, text, ", ".join(units))
        found[name] = parse_stated(rest, units[name], option, low=-math.inf)
    return found


def _refused(option: str, text: str, expected: str) -> UsageError:
    return UsageError(finding("accounting.stated", found=text, expected=expected, option=option))
