"""The invented city's energy balance: its use of energy, and where it comes from.

Final use is what the users report; power, heat and refining within the city are added so that
every item of the table holds to the last printed digit. docs/methods/demo-city.md says how.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from dualcarbon.accounting.layout import load_layout
from dualcarbon.carriers import load_carriers
from dualcarbon.demo.activity import Account, grams_per_unit
from dualcarbon.demo.city import CITY, City, Month, read_design
from dualcarbon.demo.enterprises import Users
from dualcarbon.packs import built_in, load_pack

LARGE = 10_000  # units of the activity in one unit of the balance
FINAL = ("farming", "industry", "construction", "transport", "trade", "residential", "other")
SUPPLY = ("production", "recovery", "inflow", "import", "bunkers_abroad", "outflow", "stock")
TRANSFORMATION = ("thermal_power", "heat_supply", "refining")
Cells = dict[str, dict[str, int]]  # carrier -> item -> hundredths of the unit


def balance_table(
    city: City, users: Users, account: Account, first: Month, last: Month
) -> pl.DataFrame:
    """Give the balances of the whole years before the last one, in the long form.

    Shape: `province, year, row, item, energy, value, unit`. Absent: a year that is not complete or
    is the last of the data has no balance yet; without such a year the table is empty.
    """
    pack = load_pack(built_in() / "demo")
    layout, carriers = load_layout(pack), load_carriers(pack)
    rows = {item.id: item for item in layout.items.values()}
    found = []
    for year in range(first[0] + (first[1] > 1), last[0]):
        cells = _cells(city, users, account, year)
        for carrier, items in sorted(cells.items()):
            for name, hundredths in items.items():
                item = rows[name]
                unit = carriers[carrier].unit
                value = hundredths / 100
                found.append((CITY, year, item.row, item.name_zh, carrier, value, unit))
    names = ["province", "year", "row", "item", "energy", "value", "unit"]
    types = [pl.String, pl.Int64, pl.Int64, pl.String, pl.String, pl.Float64, pl.String]
    frame = pl.DataFrame(found, schema=dict(zip(names, types, strict=True)), orient="row")
    return frame.sort("year", "energy", "row")


def _cells(city: City, users: Users, account: Account, year: int) -> Cells:
    design = read_design("balance")
    use = _use(users, account, design, city, year)
    coal = _coal(account, year)
    _power(use, coal, design, year)
    _heat(use, coal, design)
    _refining(use, coal, design)
    cells = {carrier: _whole(items) for carrier, items in use.items()}
    return {carrier: _closed(carrier, items, design) for carrier, items in cells.items()}


def _use(
    users: Users, account: Account, design: Mapping[str, Any], city: City, year: int
) -> dict[str, dict[str, float]]:
    """Give final use, losses and what goes into heat, by carrier and item."""
    inside = [index for index, month in enumerate(account.months) if month[0] == year]
    amounts = account.quantity[:, :, inside].sum(axis=2) / LARGE
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    shares = _shares(users, account.carriers, design, city)
    for user, carrier in zip(*np.nonzero(amounts), strict=True):
        name = account.carriers[carrier]
        for item, share in shares[user][name].items():
            found[name][item] += share * float(amounts[user, carrier])
    return found


def _shares(
    users: Users, carriers: Sequence[str], design: Mapping[str, Any], city: City
) -> list[dict[str, dict[str, float]]]:
    """Give for every user and carrier the items that its use is, with their shares."""
    of = {code: item for item, codes in design["items"].items() for code in codes}
    found = []
    for industry in users.register["industry"]:
        item = of.get(industry, "industry")
        works = industry in design["heat_works"]
        kept = ("electricity", "heat")
        found.append(
            {c: {"heat_supply" if works and c not in kept else item: 1.0} for c in carriers}
        )
    smaller, trunk = design["smaller_users"], design["trunk"]
    ordinary = {c: dict(smaller.get(c, smaller["*"])) for c in carriers}
    last = {c: {trunk.get(c, trunk["*"]): 1.0} for c in carriers}
    return [*found, *([ordinary] * (len(city.areas) - 1)), last]


def _coal(account: Account, year: int) -> dict[str, float]:
    """Give 10^4 tce (calorific value) in one unit of each carrier of the balance."""
    pack = load_pack(built_in() / "demo")
    names = (*account.carriers, "crude_oil")
    units = (*account.units, "t")
    grams = grams_per_unit(pack, {}, "tce_calorific", names, units, (year,))[:, 0]
    return {name: float(size) * LARGE / 1e10 for name, size in zip(names, grams, strict=True)}


Use = dict[str, dict[str, float]]


def _power(use: Use, coal: Mapping[str, float], design: Mapping[str, Any], year: int) -> None:
    """Add the power stations: what they give of the electricity used, and the fuel for it."""
    plan = design["power"]
    made = plan["share"] * sum(use["electricity"].values())
    burnt = made * plan["rate"][year] * 10
    use["electricity"]["thermal_power"] = -made
    for carrier, share in plan["fuels"].items():
        use[carrier]["thermal_power"] = burnt * share / coal[carrier]


def _heat(use: Use, coal: Mapping[str, float], design: Mapping[str, Any]) -> None:
    """Add what the heat works give; of the heat used the rest is recovered."""
    burnt = sum(items.get("heat_supply", 0.0) * coal[name] for name, items in use.items())
    wanted = sum(use["heat"].values())
    use["heat"]["heat_supply"] = -min(wanted, design["heat"]["efficiency"] * burnt / coal["heat"])


def _refining(use: Use, coal: Mapping[str, float], design: Mapping[str, Any]) -> None:
    plan, made = design["refining"], 0.0
    for carrier, share in plan["share"].items():
        given = share * sum(use[carrier].values())
        use[carrier]["refining"] = -given
        made += given * coal[carrier]
    use["crude_oil"]["refining"] = made / plan["efficiency"] / coal["crude_oil"]


def _whole(items: Mapping[str, float]) -> dict[str, int]:
    return {name: round(value * 100) for name, value in items.items() if round(value * 100)}


def _closed(carrier: str, use: Mapping[str, int], design: Mapping[str, Any]) -> dict[str, int]:
    """Give every item of the table in its order: what must come from somewhere, and the sums."""
    cells = {name: value for name, value in use.items() if name not in TRANSFORMATION}
    cells |= {name: -use[name] for name in TRANSFORMATION if name in use}
    cells["residential"] = cells.get("urban", 0) + cells.get("rural", 0)
    cells["final"] = sum(cells.get(name, 0) for name in FINAL)
    cells["transformation"] = sum(cells.get(name, 0) for name in TRANSFORMATION)
    inputs = -sum(min(cells.get(name, 0), 0) for name in TRANSFORMATION)
    cells["consumption"] = cells["final"] + cells.get("losses", 0) + inputs
    gap = design["difference"].get(carrier, 0.0)
    cells["difference"] = round(gap * cells["consumption"])
    needed = cells["final"] + cells.get("losses", 0) + cells["difference"] - cells["transformation"]
    cells |= _supply(carrier, needed, design)
    cells["supply"] = needed
    order = ("supply", *SUPPLY, "transformation", *TRANSFORMATION, "losses", "final", *FINAL)
    wanted = (*order[:-1], "urban", "rural", order[-1], "difference", "consumption")
    return {name: cells[name] for name in wanted if cells.get(name)}


def _supply(carrier: str, needed: int, design: Mapping[str, Any]) -> dict[str, int]:
    """Share out what is needed; what is left over is recovered (heat) or moved in or out."""
    plan = design["supply"].get(carrier, {})
    found = {name: round(share * needed) for name, share in plan.items()}
    left = needed - sum(found.values())
    name = "recovery" if carrier == "heat" else "inflow" if left > 0 else "outflow"
    return {**found, name: left}
