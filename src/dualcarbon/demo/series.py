"""Yearly totals of the invented city for its peak monitor, and scenarios of what may follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from dualcarbon.demo.activity import Account
from dualcarbon.demo.city import City, Month, read_design

SOURCE = "SYNTHETIC 汀川统计 Tingchuan Statistics"
GRAMS = 1e10


def series_table(city: City, account: Account, first: Month, last: Month) -> pl.DataFrame:
    """Give `series, year, value, unit, uncertainty, source` of every year before the last one.

    Years of which the months are written are sums of them; those before follow from the growth of
    the design. Absent: without one whole year the table is empty.
    """
    design = read_design("series")
    years = list(range(first[0] + (first[1] > 1), last[0]))
    rows = []
    for name, about in design["series"].items():
        values = {year: _level(city, account, name, year) for year in years}
        for year in sorted(design["growth"], reverse=True):
            if year in values:
                values[year - 1] = values[year] / (1 + design["growth"][year][name] / 100)
        for year, value in sorted(values.items()):
            value = round(value, 2)
            rows.append((name, year, value, about["unit"], about["uncertainty"], SOURCE))
    schema = dict(
        zip(
            ["series", "year", "value", "unit", "uncertainty", "source"],
            [pl.String, pl.Int64, pl.Float64, pl.String, pl.Float64, pl.String],
            strict=True,
        )
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


def _level(city: City, account: Account, name: str, year: int) -> float:
    if name == "gdp":
        place = (year - city.years[0]) * 4
        return float(city.output[:, place : place + 4].sum())
    inside = [index for index, month in enumerate(account.months) if month[0] == year]
    grams: np.ndarray[Any, np.dtype[np.int64]] = (
        account.tce_g if name == "energy" else account.co2_g
    )
    return float(grams[:, :, inside].sum()) / GRAMS


def scenarios_table(last: Month) -> pl.DataFrame:
    """Give `scenario, series, from, to, rate`: growth in % a year after the last whole year."""
    rows = []
    for entry in read_design("series")["scenarios"]:
        for name in ("energy", "co2"):
            start = last[0]
            for step in entry["steps"]:
                rows.append((entry["scenario"], name, start, start + step["years"] - 1, step[name]))
                start += step["years"]
    names = ["scenario", "series", "from", "to", "rate"]
    types = [pl.String, pl.String, pl.Int64, pl.Int64, pl.Float64]
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
