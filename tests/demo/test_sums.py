"""Enterprises and smaller users add up to districts, districts and the rest to the city."""

import polars as pl
import pytest

from dualcarbon.accounting.engine import coefficient, load_recipes, selector
from dualcarbon.parameters import load_parameters
from dualcarbon.periods import Period

CITY = "990100"
CENTS = (pl.col("quantity") * 100).round().cast(pl.Int64).alias("cents")


@pytest.fixture(scope="module")
def use(tables):
    """The quantity that stands in the end: the last recorded of every key, in hundredths."""
    key = ["subject_kind", "subject", "carrier", "period"]
    rows = (
        tables["activity"]
        .filter(pl.col("quantity").is_finite())
        .sort("recorded_at")
        .unique(key, keep="last", maintain_order=True)
    )
    area = (
        pl.when(pl.col("subject_kind") == "enterprise")
        .then(pl.col("subject").str.slice(0, 6))
        .otherwise(pl.col("subject"))
    )
    return rows.with_columns(CENTS, area=area)


def of(use, kind):
    return use.filter(pl.col("subject_kind") == kind)


def spoiled(use, tables):
    """Area, carrier and month of filings that are missing or absurd, found without the maker."""
    parts = of(use, "enterprise").group_by("area", "carrier", "period").agg(pl.col("cents").sum())
    both = of(use, "area").join(parts, on=["area", "carrier", "period"], suffix="_sum")
    return both.filter(pl.col("cents") != pl.col("cents_sum"))


def test_districts_add_up_to_the_city_with_the_users_in_none(use):
    rest = of(use, "enterprise").filter(pl.col("area") == "990199")
    parts = pl.concat([of(use, "area"), rest.select(use.columns)])
    sums = parts.group_by("carrier", "period").agg(pl.col("cents").sum())
    both = of(use, "city").join(sums, on=["carrier", "period"], how="full", suffix="_sum")
    assert both.height > 300
    assert both.filter(pl.col("cents").ne_missing(pl.col("cents_sum"))).is_empty()


def test_enterprises_and_smaller_users_add_up_to_their_district(use, tables):
    """All but the months that somebody did not file, or filed absurdly (three quantities)."""
    wrong = spoiled(use, tables)
    everything = of(use, "area").height
    assert 0 < wrong.height < everything // 50
    filings = of(use, "enterprise").select("subject", "area", "carrier", "period")
    months = sorted(filings["period"].unique())
    whole = filings.select("subject", "area", "carrier").unique()
    whole = whole.join(pl.DataFrame({"period": months}), how="cross")
    gaps = whole.join(filings, on=["subject", "carrier", "period"], how="anti")
    odd = wrong.join(gaps, on=["area", "carrier", "period"], how="anti")
    assert odd.height == 3


def test_smaller_users_are_an_explicit_line_in_every_district(use, tables):
    lines = tables["enterprises"].filter(pl.col("tier").is_null())
    assert lines.height == 17
    assert set(lines["enterprise"]) <= set(use["subject"])
    assert use.filter(pl.col("subject").str.ends_with("-0000"), pl.col("cents") <= 0).is_empty()


def published(tables, indicator, unit, period, vintage="final"):
    rows = tables["statistics"].filter(
        pl.col("indicator") == indicator,
        pl.col("unit") == unit,
        pl.col("period") == period,
        pl.col("vintage") == vintage,
    )
    values = dict(zip(rows["subject"], rows["value"], strict=True))
    return values.pop(CITY), values


@pytest.mark.parametrize("vintage", ["preliminary", "final"])
def test_output_of_districts_adds_up_to_the_city(tables, vintage):
    city, districts = published(tables, "gdp", "10^8 CNY", "2023", vintage)
    assert len(districts) == 16
    assert sum(round(value * 100) for value in districts.values()) == round(city * 100)


def test_residents_of_districts_add_up_to_the_city(tables):
    city, districts = published(tables, "population", "10^4 person", "2023")
    assert sum(round(value * 100) for value in districts.values()) == round(city * 100)


@pytest.mark.parametrize("period", ["2022", "2023-01..06", "2024-01..09"])
@pytest.mark.parametrize(
    ("indicator", "unit", "recipes"),
    [
        ("energy_total", "10^4 tce", {"electricity": "tce_equal_electricity", "": "tce_calorific"}),
        (
            "co2_total",
            "10^4 tCO2",
            {"electricity": "co2_electricity", "heat": "co2_heat", "": "co2"},
        ),
    ],
)
def test_published_levels_follow_from_the_filed_quantities(
    tables, use, pack, period, indicator, unit, recipes
):
    """Quantity times the parameters of the pack, added up, is the printed figure to the tonne."""
    parameters, known = load_parameters(pack), load_recipes(pack)

    def grams(carrier, reported, month):
        recipe = known[recipes.get(carrier, recipes[""])]
        keys = {"carrier": carrier, "area": CITY, "basis": "average"}
        select = selector(parameters, Period.parse(month))
        name = parameters.default_set(recipe.set_of)
        return coefficient(recipe, reported, keys, select, name).grams

    months = [f"{year}-{month:02d}" for year, month in Period.parse(period).months]
    rows = of(use, "area").filter(pl.col("period").is_in(months))
    tonnes = {}
    for subject, carrier, month, quantity, reported in rows.select(
        "subject", "carrier", "period", "quantity", "unit"
    ).iter_rows():
        amount = quantity * grams(carrier, reported, month) / 1e6
        tonnes[subject] = tonnes.get(subject, 0.0) + amount
    city, districts = published(tables, indicator, unit, period)
    assert districts == pytest.approx({k: v / 1e4 for k, v in tonnes.items()}, abs=1.01e-4)
    assert city > sum(districts.values())


def test_changes_that_are_published_are_near_those_of_the_levels(tables):
    energy, area_energy = published(tables, "energy_total", "10^4 tce", "2024-01..09")
    before, area_before = published(tables, "energy_total", "10^4 tce", "2023-01..09")
    output, area_output = published(tables, "gdp", "10^8 CNY", "2024-01..09")
    earlier, area_earlier = published(tables, "gdp", "10^8 CNY", "2023-01..09")
    declared, area_declared = published(
        tables, "energy_intensity", "%", "2024-01..09", "preliminary"
    )
    ours = ((energy / output) / (before / earlier) - 1) * 100
    assert declared == pytest.approx(ours, abs=0.1)
    assert declared != round(ours, 2)
    for code, value in area_declared.items():
        ratio = (area_energy[code] / area_output[code]) / (area_before[code] / area_earlier[code])
        assert value == pytest.approx((ratio - 1) * 100, abs=0.1)


def test_the_size_of_the_city_is_that_of_a_city(tables):
    energy, districts = published(tables, "energy_total", "10^4 tce", "2024-01..09")
    assert 3900 < energy < 4100
    assert 250 < energy - sum(districts.values()) < 350


def test_key_units_use_at_least_five_thousand_tonnes(use, tables, pack):
    parameters = load_parameters(pack)
    coal = {
        ("electricity", "10^4 kWh"): 2.99,
        ("natural_gas", "10^4 m3"): 13.3,
        ("heat", "GJ"): 0.03412,
    }
    named = tables["enterprises"].filter(pl.col("tier").is_not_null())["enterprise"]
    rows = of(use, "enterprise").filter(
        pl.col("period").str.starts_with("2023"), pl.col("subject").is_in(named.implode())
    )
    tce = {
        carrier: coal.get((carrier, unit))
        or parameters.select("standard_coal", {"carrier": carrier}, (2023, 1)).value
        for carrier, unit in rows.select("carrier", "unit").unique().iter_rows()
        if unit != "t" or carrier != "electricity"
    }
    sums = rows.with_columns(
        tce=pl.col("quantity") * pl.col("carrier").replace_strict(tce, default=0.0)
    )
    full = sums.group_by("subject").agg(pl.col("tce").sum(), pl.col("period").n_unique())
    full = full.filter(pl.col("period") == 12)
    assert full.filter(pl.col("tce") < 4000).is_empty()
    assert full["tce"].median() < full["tce"].mean() / 2
    assert full.filter(pl.col("tce") >= 3_000_000).height == 5
