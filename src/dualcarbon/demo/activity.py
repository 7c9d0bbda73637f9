"""From energy to what meters and bills show: physical quantities, and back to exact sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from dualcarbon.demo.city import City, Floats, Month
from dualcarbon.demo.enterprises import Users

GRAMS = 1_000_000


@frozen
class Account:
    """What is used: user x carrier x month quantities, and grams of standard coal as integers.

    `quantity` is in the unit of the carrier with two decimals; `tce_g` and `co2_g` are rounded once
    per row, so that every sum of them is exact.
    """

    months: tuple[Month, ...]
    carriers: tuple[str, ...]
    units: tuple[str, ...]
    quantity: Floats
    tce_g: np.ndarray[Any, np.dtype[np.int64]]
    co2_g: np.ndarray[Any, np.dtype[np.int64]]


def build_account(city: City, users: Users) -> Account:
    """Turn the energy of every user into quantities of carriers, rounded as they are reported."""
    months, carriers = tuple(city.months), users.carriers
    coal = _table(city.design["coefficients"], carriers, months)
    gas = _emissions(city.design["emission_factors"], carriers, months, coal)
    energy = users.energy[:, None, :] * users.mix[:, :, None] * 10_000
    quantity = np.round(energy / coal[None], 2)
    return Account(
        months=months,
        carriers=carriers,
        units=tuple(city.design["carriers"][name] for name in carriers),
        quantity=quantity,
        tce_g=np.rint(quantity * coal[None] * GRAMS).astype(np.int64),
        co2_g=np.rint(quantity * gas[None] * GRAMS).astype(np.int64),
    )


def _table(values: Any, carriers: tuple[str, ...], months: tuple[Month, ...]) -> Floats:
    """Give carrier x month of values that are numbers or numbers by year."""
    rows = [
        [entry[year] if isinstance(entry, dict) else entry for year, _ in months]
        for entry in (values[name] for name in carriers)
    ]
    return np.array(rows, dtype=float)


def _emissions(
    factors: Any, carriers: tuple[str, ...], months: tuple[Month, ...], coal: Floats
) -> Floats:
    """Give tCO2 per reported unit; fuels are stated per tce, electricity and heat per unit."""
    own = {name: value for name, value in factors.items() if not isinstance(value, dict)}
    per_unit = _table(
        {name: own.get(name) or factors[name].get("unit", factors[name]) for name in carriers},
        carriers,
        months,
    )
    fuels = np.array([name in own for name in carriers])[:, None]
    return np.where(fuels, per_unit * coal, per_unit)


def use_rows(users: Users, account: Account, first: Month, last: Month) -> pl.DataFrame:
    """Give a row per user, carrier and month with some use: indices, quantity and grams."""
    inside = [index for index, month in enumerate(account.months) if first <= month <= last]
    part = account.quantity[:, :, inside[0] : inside[-1] + 1]
    user, carrier, month = np.nonzero(part)
    month = month + inside[0]
    place = (user, carrier, month)
    return pl.DataFrame(
        {
            "user": user,
            "area": users.area[user],
            "carrier": carrier,
            "month": month,
            "quantity": account.quantity[place],
            "tce_g": account.tce_g[place],
            "co2_g": account.co2_g[place],
        }
    )
