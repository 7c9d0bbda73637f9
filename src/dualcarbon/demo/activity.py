"""From energy to what meters and bills show: physical quantities, and back to exact sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from dualcarbon.accounting.engine import Coefficient, Recipe, coefficient, load_recipes, selector
from dualcarbon.demo.city import CITY, City, Floats, Month
from dualcarbon.demo.enterprises import Users
from dualcarbon.errors import PackError
from dualcarbon.packs import Pack, built_in, load_pack
from dualcarbon.parameters import Parameters, load_parameters
from dualcarbon.periods import Period

GRAMS = 1_000_000
COAL = {"electricity": "tce_equal_electricity"}
GAS = {"electricity": "co2_electricity", "heat": "co2_heat"}


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
    units = tuple(city.design["carriers"][name] for name in carriers)
    pack = load_pack(built_in() / "demo")
    coal = grams_per_unit(pack, COAL, "tce_calorific", carriers, units, city.years)
    gas = grams_per_unit(pack, GAS, "co2", carriers, units, city.years)
    energy = users.energy[:, None, :] * users.mix[:, :, None] * 10_000 * GRAMS
    quantity = np.round(energy / coal[None], 2)
    return Account(
        months=months,
        carriers=carriers,
        units=units,
        quantity=quantity,
        tce_g=np.floor(quantity * coal[None] + 0.5).astype(np.int64),
        co2_g=np.floor(quantity * gas[None] + 0.5).astype(np.int64),
    )


def grams_per_unit(
    pack: Pack,
    special: Mapping[str, str],
    usual: str,
    carriers: tuple[str, ...],
    units: tuple[str, ...],
    years: tuple[int, ...],
) -> Floats:
    """Give carrier x month of grams per reported unit, by the recipes and parameters of the pack.

    `special` names the recipe of a carrier where it is not the usual one. The parameters of this
    pack change with the year. Errors: PackError for a carrier without parameter.
    """
    recipes, parameters = load_recipes(pack), load_parameters(pack)
    rows = []
    for carrier, unit in zip(carriers, units, strict=True):
        recipe = recipes[special.get(carrier, usual)]
        keys = {"carrier": carrier, "area": CITY, "basis": "average"}
        rows.append([_grams(parameters, recipe, unit, keys, year) for year in years])
    return np.repeat(np.array(rows, dtype=float), 12, axis=1)


def _grams(
    parameters: Parameters, recipe: Recipe, unit: str, keys: Mapping[str, str], year: int
) -> float:
    select = selector(parameters, Period.parse(str(year)))
    name = parameters.default_set(recipe.set_of)
    found = coefficient(recipe, unit, keys, select, name)
    if not isinstance(found, Coefficient):
        raise PackError(*found)
    return found.grams


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
