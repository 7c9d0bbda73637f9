"""Units of measure: one spelling each, exact factors, and no conversion across dimensions.

A unit text is a product of powers with an optional scale, such as `10^4 t`, `kgCO2/kWh`,
`tce/10^4 CNY`, `L/person/day`. The base units, their dimensions and all aliases are data
(`data/world/units.yaml`). Factors are exact fractions until the last step.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from attrs import frozen

from dualcarbon.errors import UnitMismatch
from dualcarbon.findings import Place, finding

_SCALE = re.compile(r"^10\^(?P<n>\d{1,2}) ?(?P<rest>.*)$")
_POWER = re.compile(r"^(?P<base>.*?[^\d^])\^?(?P<n>[2-9])$")


@frozen
class Unit:
    """A unit: its canonical text, its size in base units, and its dimension as sorted powers."""

    text: str
    size: Fraction
    powers: tuple[tuple[str, int], ...]


@cache
def _data() -> dict[str, dict[str, Any]]:
    path = files("dualcarbon").joinpath("data/world/units.yaml")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@cache
def _aliases() -> dict[str, str]:
    return {_plain(alias): text for text, names in _data()["aliases"].items() for alias in names}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("·", "*").strip()


def canonical(text: str) -> str:
    """Give the one spelling of a unit; UnitMismatch for an unknown unit, with the nearest ones."""
    return parse(text).text


def dimension(text: str) -> str:
    """Give the dimension, such as `mass` or `mass_co2/energy`; `1` for a plain number."""
    powers = parse(text).powers
    above = "*".join(_power(name, n) for name, n in powers if n > 0) or "1"
    below = "".join(f"/{_power(name, -n)}" for name, n in powers if n < 0)
    return above + below


def factor(source: str, target: str) -> float:
    """Give the number that turns a value in `source` into `target`, exact to the last digit.

    Errors: UnitMismatch when the two measure different things, naming both.
    """
    return float(ratio(source, target))


@cache
def ratio(source: str, target: str) -> Fraction:
    """Give the exact factor from one unit to another."""
    left, right = parse(source), parse(target)
    if left.powers != right.powers:
        raise UnitMismatch(
            finding(
                "units.mismatch",
                found=left.text,
                expected=right.text,
                found_dimension=dimension(source),
                expected_dimension=dimension(target),
            )
        )
    return left.size / right.size


def convert(value: float, source: str, target: str) -> float:
    """Convert a value; the result is the exact product rounded once."""
    exact = ratio(source, target)
    return value if exact == 1 else float(Fraction(value) * exact)


def compatible(source: str, target: str) -> bool:
    """Tell whether two units measure the same thing."""
    return parse(source).powers == parse(target).powers


@cache
def parse(text: str) -> Unit:
    """Read a unit text; UnitMismatch when a part is not known."""
    plain = _plain(text)
    plain = _aliases().get(plain, plain)
    size, powers, parts = Fraction(1), dict[str, int](), []
    for index, part in enumerate(plain.split("/")):
        sign = 1 if index == 0 else -1
        unit = _product(part.strip(), text)
        size *= unit.size**sign
        parts.append(unit.text)
        for name, n in unit.powers:
            powers[name] = powers.get(name, 0) + sign * n
    kept = tuple(sorted((name, n) for name, n in powers.items() if n))
    return Unit("/".join(parts), size, kept)


def _product(part: str, whole: str) -> Unit:
    part = _aliases().get(part, part)
    if match := _SCALE.match(part):
        scale = 10 ** int(match["n"])
        inner = _product(match["rest"] or "1", whole)
        text = f"10^{int(match['n'])}" + (f" {inner.text}" if inner.text != "1" else "")
        return Unit(text, scale * inner.size, inner.powers)
    units = [_single(piece.strip(), whole) for piece in part.split("*")]
    if len(units) == 1:
        return units[0]
    size, powers = Fraction(1), dict[str, int]()
    for unit in units:
        size *= unit.size
        for name, n in unit.powers:
            powers[name] = powers.get(name, 0) + n
    return Unit("*".join(unit.text for unit in units), size, tuple(sorted(powers.items())))


def _single(text: str, whole: str) -> Unit:
    known = _data()["units"]
    name = _aliases().get(text, text)
    if name in known:
        size, of = known[name]["size"], known[name]["of"]
        powers = tuple(sorted((of if isinstance(of, dict) else {of: 1}).items())) if of else ()
        return Unit(name, Fraction(str(size)), powers)
    if match := _POWER.match(name):
        base = _single(match["base"], whole)
        n = int(match["n"])
        return Unit(f"{base.text}{n}", base.size**n, tuple((key, p * n) for key, p in base.powers))
    near = difflib.get_close_matches(text, [*known, *_aliases()], n=3, cutoff=0.5)
    raise UnitMismatch(finding("units.unknown", Place(), found=whole, near=", ".join(near) or "-"))


def _power(name: str, n: int) -> str:
    return name if n == 1 else f"{name}^{n}"
