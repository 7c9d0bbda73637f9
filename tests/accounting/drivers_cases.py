"""What the tests of drivers share: small tables, and LMDI written once more in high precision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, getcontext
from pathlib import Path
from typing import Any

import polars as pl

from dualcarbon.accounting.drivers_identity import parse_identity
from dualcarbon.accounting.drivers_levels import read_levels
from dualcarbon.accounting.drivers_links import Drivers, Options, decompose

getcontext().prec = 60
FULL = (
    "activity: va[], structure: va[industry]/va[], intensity: energy[industry]/va[industry], "
    "mix: energy[industry,carrier]/energy[industry], "
    "factor: co2[industry,carrier]/energy[industry,carrier]"
)
UNITS = {"va": "10^8 CNY", "energy": "10^4 tce", "co2": "10^4 tCO2", "population": "10^4 person"}
Row = tuple[Any, ...]


def write(path: Path, rows: Iterable[Row], keys: Sequence[str] = ("industry", "carrier")) -> Path:
    """Write long rows: period, keys..., level, value; the unit follows from the level."""
    lines = [",".join(("period", *keys, "level", "value", "unit"))]
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        lines.append(",".join((*cells, UNITS.get(row[-2], "1"))))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(path: Path, text: str = FULL, **options: Any) -> Drivers:
    """Read and decompose with an identity written out."""
    identity = parse_identity(text)
    levels = read_levels(path, identity, options.get("by") or ())
    return decompose(levels, identity, Options(**options))


def whole(drivers: Drivers, link: int = 0) -> dict[str, float]:
    """Give the additive effects of the whole by factor."""
    names = [factor.effect for factor in drivers.fitted.factors]
    return dict(zip(names, map(float, drivers.links[link].added[0]), strict=True))


def table(drivers: Drivers, **wanted: Any) -> pl.DataFrame:
    """Give the rows of the effects frame with these values."""
    return drivers.frame().filter(*(pl.col(name) == value for name, value in wanted.items()))


def log_mean(a: Decimal, b: Decimal) -> Decimal:
    return a if a == b else (a - b) / (a.ln() - b.ln())


def lmdi(before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]]) -> list[list[Decimal]]:
    """Give the effect of each factor on each leaf, from the formula, to 60 digits."""
    found = []
    for x0, x1 in zip(before, after, strict=True):
        first, last = [Decimal(x) for x in x0], [Decimal(x) for x in x1]
        mean = log_mean(product(last), product(first))
        found.append([mean * (b.ln() - a.ln()) for a, b in zip(first, last, strict=True)])
    return found


def product(values: Iterable[Decimal]) -> Decimal:
    result = Decimal(1)
    for value in values:
        result *= value
    return result


def sums(rows: Sequence[Sequence[Decimal]]) -> list[Decimal]:
    return [sum(column, Decimal(0)) for column in zip(*rows, strict=True)]


def city(years: Mapping[str, Mapping[tuple[str, str], tuple[float, float, float]]]) -> list[Row]:
    """Give long rows from year -> (industry, carrier) -> (value added, energy, CO2).

    The value added of an industry is that of its first carrier.
    """
    rows: list[Row] = []
    for year, leaves in years.items():
        seen = set()
        for (industry, carrier), (added, energy, co2) in leaves.items():
            if industry not in seen:
                rows.append((year, industry, None, "va", added))
            seen.add(industry)
            rows.append((year, industry, carrier, "energy", energy))
            rows.append((year, industry, carrier, "co2", co2))
    return rows
