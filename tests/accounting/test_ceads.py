"""The published inventory, reproduced: factors solved on seven rows predict whole totals.

The rows the factors are solved on prove constancy only; the totals, which add industry, power and
heat, are independent of them.
"""

import polars as pl
import pytest

from dualcarbon.accounting.account import Options, make_account
from dualcarbon.accounting.answer import notes, payload

SECTORS = {
    22: "Farming, Forestry, Animal Husbandry, Fishery and Water Conservancy",
    25: "Construction",
    26: "Transportation, Storage, Post and Telecommunication Services",
    27: "Wholesale, Retail Trade and Catering Services",
    29: "Urban",
    30: "Rural",
    31: "Others",
}
FUELS = {
    "raw_coal": "Raw Coal",
    "cleaned_coal": "Cleaned Coal",
    "other_washed_coal": "Other Washed Coal",
    "briquettes": "Briquettes",
    "coke": "Coke",
    "coke_oven_gas": "Coke Oven Gas",
    "other_gas": "Other Gas",
    "other_coking": "Other Coking Products",
    "gasoline": "Gasoline",
    "kerosene": "Kerosene",
    "diesel": "Diesel Oil",
    "fuel_oil": "Fuel Oil",
    "lpg": "LPG",
    "natural_gas": "Natural Gas",
}
COAL = ("raw_coal", "cleaned_coal", "other_washed_coal", "briquettes")
EARLY = (22, 25)
REPRODUCED = [fuel for fuel in FUELS if fuel not in COAL]
MISSES = {
    ("Beijing", "coke"),
    ("Guangdong", "coke"),
    ("Hebei", "coke_oven_gas"),
    ("Guangdong", "other_coking"),
    ("Beijing", "fuel_oil"),
    ("Hebei", "fuel_oil"),
    ("Beijing", "lpg"),
    ("Hebei", "lpg"),
    ("Sichuan", "natural_gas"),
}
TINY = 6e-7 * 1e6


def _published(ceads, fuel):
    part = ceads.filter(pl.col("fuel") == FUELS[fuel])
    return {(row[0], row[1]): row[3] * 1e6 for row in part.iter_rows()}


def _solved(real, ceads, fuel, rows):
    """Give tCO2 per unit: published over activity, summed over the rows of all provinces."""
    mt = _published(ceads, fuel)
    cells = real.cells.filter((pl.col("carrier") == fuel) & pl.col("row").is_in(rows))
    activity = cells["value"].sum()
    emitted = sum(
        value for (_, sector), value in mt.items() if sector in {SECTORS[r] for r in rows}
    )
    return emitted / activity if activity else None


@pytest.fixture(scope="module")
def solved(real, ceads, tools, tmp_path_factory):
    """A factor file: a line a fuel, two for coal products (farming and construction; rest)."""
    lines = ["carrier,rows,value,unit,source"]
    for fuel in FUELS:
        scale, unit = (1e8, "tCO2/m3") if "m3" in tools.carriers[fuel].unit else (1e4, "tCO2/t")
        rest = [row for row in SECTORS if fuel not in COAL or row not in EARLY]
        early = _solved(real, ceads, fuel, EARLY) if fuel in COAL else None
        if early is not None:
            lines.append(f"{fuel},{';'.join(map(str, EARLY))},{early / scale!r},{unit},solved")
        lines.append(f"{fuel},,{_solved(real, ceads, fuel, rest) / scale!r},{unit},solved")
    path = tmp_path_factory.mktemp("ceads") / "factors.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def predicted(real, tools, solved):
    options = Options(factors=str(solved), year=2007)
    accounts = {p: make_account(real.select(p), tools, options) for p in real.provinces}
    return {p: (account, payload(account)) for p, account in accounts.items()}


def test_totals_of_the_reproduced_fuels_match_within_a_tenth_of_a_percent(predicted, ceads):
    missed = set()
    for fuel in REPRODUCED:
        published = _published(ceads, fuel)
        for province, (_, answer) in predicted.items():
            wanted = published.get((province, "Total Consumption"), 0.0)
            found = next((c for c in answer["carriers"] if c["carrier"] == fuel), None)
            computed = found["co2_t"] if found else 0.0
            if abs(computed - wanted) > max(1e-3 * wanted, TINY):
                missed.add((province, fuel))
    assert missed == MISSES


def test_shanghai_matches_ten_fuels_to_four_decimals_of_a_megatonne(predicted, ceads):
    carriers = {c["carrier"]: c["co2_t"] for c in predicted["Shanghai"][1]["carriers"]}
    for fuel in REPRODUCED:
        wanted = _published(ceads, fuel).get(("Shanghai", "Total Consumption"), 0.0)
        assert carriers[fuel] / 1e6 == pytest.approx(wanted / 1e6, abs=5e-5), fuel


@pytest.mark.parametrize("row", SECTORS)
def test_each_sector_matches_row_by_row(predicted, ceads, row):
    """Also the coal products: their two constants hold in the seven rows."""
    for fuel in FUELS:
        published = _published(ceads, fuel)
        for province, (_, answer) in predicted.items():
            wanted = published.get((province, SECTORS[row]), 0.0)
            found = sum(
                r["co2_t"] for r in answer["rows"] if r["row"] == row and r["carrier"] == fuel
            )
            assert found == pytest.approx(wanted, rel=1e-4, abs=1.2 * TINY), (province, fuel)


def test_a_fuel_without_factor_is_null_and_said(predicted):
    """Crude oil and refinery gas cannot be solved from the seven rows: nobody there burns them."""
    for account, answer in predicted.values():
        gaps = {c["carrier"] for c in answer["carriers"] if c["co2_t"] is None}
        said = {f.found for f in notes(account) if f.rule == "accounting.factor_absent"}
        assert gaps == said
        assert (answer["total"]["co2_t"] is None) == bool(gaps)
        partial = sum(c["co2_partial_t"] for c in answer["carriers"])
        assert answer["total"]["co2_partial_t"] == pytest.approx(partial, rel=1e-12)


def test_rows_sum_to_carriers_to_the_gram(predicted):
    for account, answer in predicted.values():
        for carrier in answer["carriers"]:
            rows = account.rows.filter(pl.col("carrier") == carrier["carrier"])
            assert carrier["co2_partial_t"] * 1e6 == pytest.approx(rows["co2_g"].sum(), abs=0.5)
