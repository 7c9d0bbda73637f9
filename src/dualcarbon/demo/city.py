"""The invented city as numbers: its design, and energy and output of every district over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
import yaml
from attrs import frozen
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Month = tuple[int, int]
CITY = "990100"


def read_design(name: str) -> dict[str, Any]:
    """Read one file of the design in `data/demo/synthesis`, without its ending."""
    path = files("dualcarbon").joinpath("data", "demo", "synthesis", f"{name}.yaml")
    design: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return design


def months_between(first: Month, last: Month) -> list[Month]:
    """Give every month from the first to the last, both included."""
    start, end = first[0] * 12 + first[1] - 1, last[0] * 12 + last[1] - 1
    return [(index // 12, index % 12 + 1) for index in range(start, end + 1)]


@frozen
class City:
    """The city's true figures, before anyone reports or publishes them.

    `areas` are the districts and, last, the users in no district. `energy` is area x month in
    10^4 tce at equal value; `output` is area x quarter in 10^8 CNY at 2020 prices (the last row is
    zero: users in no district have no output of their own). Months and quarters run over whole
    years from the design's first year on.
    """

    areas: tuple[str, ...]
    years: tuple[int, ...]
    energy: Floats
    output: Floats
    design: Mapping[str, Any]

    @property
    def months(self) -> list[Month]:
        """Give the months of the columns of `energy`."""
        return months_between((self.years[0], 1), (self.years[-1], 12))


def build_city(rng: np.random.Generator) -> City:
    """Build the city from its design; the months within a quarter vary a little with the seed."""
    design = read_design("city")
    years = tuple(range(design["first_year"], max(design["output"]["cycle"]) + 1))
    districts = design["districts"]
    paths = [_district(entry, years, design, rng) for entry in districts]
    trunk = _trunk(years, design, rng)
    return City(
        areas=(*(entry["code"] for entry in districts), design["residual"]["code"]),
        years=years,
        energy=np.vstack([*(energy for energy, _ in paths), trunk]),
        output=np.vstack([*(output for _, output in paths), np.zeros(4 * len(years))]),
        design=design,
    )


def season(name: str, design: Mapping[str, Any], years: Sequence[int]) -> Floats:
    """Give the weight of every month; the weights of an ordinary year add up to 1."""
    shares = np.array(design["season"][name], dtype=float)
    weights = np.tile(shares / shares.sum(), len(years))
    for month, factor in design["weather"].items():
        year, number = (int(part) for part in month.split("-"))
        if year in years and name == "light":
            weights[(year - years[0]) * 12 + number - 1] *= factor
    return weights


def _district(
    entry: Mapping[str, Any],
    years: Sequence[int],
    design: Mapping[str, Any],
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    output = _levels(np.array(design["output"]["shares"]), _output_growth(entry, years, design))
    shape = _monthly(entry["profile"], years, design, rng)
    changes = [(1 + np.array(entry["changes"][year]) / 100) for year in years[1:]]
    growth = [a * b for a, b in zip(changes, _output_growth(entry, years, design), strict=True)]
    quarters = _levels(_by_quarter(shape[:12]), growth)
    anchor = quarters[-4:-1].sum()
    energy = _spread(quarters * (entry["energy"] / anchor), shape)
    scale = entry["energy"] / entry["output_intensity"] / output[-4:-1].sum()
    return energy, output * scale


def _output_growth(
    entry: Mapping[str, Any], years: Sequence[int], design: Mapping[str, Any]
) -> list[Floats]:
    """Give the growth factors of output, year to date at each quarter, from the second year on."""
    offset = entry["output_growth"] - design["output"]["centre"]
    cycle = design["output"]["cycle"]
    return [1 + (np.array(cycle[year]) + offset) / 100 for year in years[1:]]


def _trunk(years: Sequence[int], design: Mapping[str, Any], rng: np.random.Generator) -> Floats:
    entry = design["residual"]
    shape = _monthly(entry["profile"], years, design, rng)
    growth = [1 + np.array(entry["growth"][year]) / 100 for year in years[1:]]
    quarters = _levels(_by_quarter(shape[:12]), growth)
    return _spread(quarters * (entry["energy"] / quarters[-4:-1].sum()), shape)


def _monthly(
    profile: str, years: Sequence[int], design: Mapping[str, Any], rng: np.random.Generator
) -> Floats:
    weights = season(design["profiles"][profile]["season"], design, years)
    return weights * rng.lognormal(0, 0.006, weights.size)


def _by_quarter(values: Floats) -> Floats:
    total: Floats = values.reshape(-1, 3).sum(axis=1)
    return total


def _levels(base: Floats, growth: Sequence[Floats]) -> Floats:
    """Give quarterly levels from a base year and growth factors of the year-to-date levels."""
    years = [np.asarray(base, dtype=float)]
    for factors in growth:
        to_date = np.cumsum(years[-1]) * factors
        years.append(np.diff(to_date, prepend=0.0))
    return np.concatenate(years)


def _spread(quarters: Floats, shape: Floats) -> Floats:
    """Spread quarterly levels over their months in the proportions of `shape`."""
    within = shape.reshape(-1, 3)
    spread: Floats = (within / within.sum(axis=1, keepdims=True) * quarters[:, None]).ravel()
    return spread
