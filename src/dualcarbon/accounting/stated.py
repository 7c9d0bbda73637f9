"""A number that the user states, with unit and source: `0.55 kgCO2/kWh; notice no. 33`."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping

from attrs import frozen

from dualcarbon.errors import DualcarbonError, UsageError
from dualcarbon.findings import finding
from dualcarbon.units import canonical, compatible

STATED = re.compile(
    r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^;；]*)(?:[;；]\s*(.*))?$"
)


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
    text: str, unit: str, option: str, *, low: float = 0, high: float = math.inf
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
