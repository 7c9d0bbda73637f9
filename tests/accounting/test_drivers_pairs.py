"""Which changes published figures explain: the pairs, the city, its areas and who is left out."""

import math

import polars as pl
import pytest

from dualcarbon.accounting.drivers_pairs import FACTS, changes, pairs
from dualcarbon.packs import load_pack

PACK = load_pack("demo")
LEVELS = {"gdp": "10^8 CNY", "energy": "10^4 tce", "population": "10^4 person", "co2": "10^4 tCO2"}


def facts(rows) -> pl.DataFrame:
    full = [
        (period, area, level, value, LEVELS[level], f"statistics.csv!!F{place}")
        for place, (period, area, level, value) in enumerate(rows, 2)
    ]
    types = [pl.String, pl.String, pl.String, pl.Float64, pl.String, pl.String]
    return pl.DataFrame(full, schema=dict(zip(FACTS, types, strict=True)), orient="row")


def city(period, gdp, energy):
    return [(period, None, "gdp", gdp), (period, None, "energy", energy)]


def area(code, period, gdp, energy):
    return [(period, code, "gdp", gdp), (period, code, "energy", energy)]


TWO = [
    *city("2022", 100.0, 60.0),
    *city("2023", 110.0, 62.0),
    *area("990101", "2022", 60.0, 20.0),
    *area("990101", "2023", 64.0, 21.0),
    *area("990102", "2022", 40.0, 30.0),
    *area("990102", "2023", 46.0, 31.5),
    *area("990103", "2022", 5.0, 2.0),
]


def test_pairs_of_years_and_the_latest_year_to_date():
    found = pairs(["2021", "2022", "2023", "2023-01..09", "2024-01..09", "2024-01..06"])
    assert found[0] == ("2023-01..09", "2024-01..09")
    assert found[1:] == [("2022", "2023"), ("2021", "2022"), ("2021", "2023")]


def test_effects_of_city_and_areas_add_up():
    (change,) = changes(facts(TWO), PACK)
    link = change.whole.links[0]
    assert math.fsum(link.added[0]) == pytest.approx(2.0, abs=1e-12)
    assert change.whole.identity.id == "gdp_energy"
    assert change.parts is not None
    parts = change.parts.links[0]
    assert math.fsum(parts.added[0]) == pytest.approx(2.5, abs=1e-12)
    assert change.left_out == ("990103",)


def test_population_gives_the_fuller_identity():
    more = [("2022", None, "population", 10.0), ("2023", None, "population", 10.1)]
    (change,) = changes(facts(TWO + more), PACK)
    assert change.whole.identity.id == "kaya_energy"


def test_without_figures_nothing_is_explained():
    assert list(changes(facts([("2023", None, "energy", 5.0)]), PACK)) == []
    only = [("2022", None, "energy", 5.0), ("2023", None, "energy", 6.0)]
    assert list(changes(facts(only), PACK)) == []


def test_one_area_is_not_decomposed_alone():
    rows = [row for row in TWO if row[1] != "990102"]
    (change,) = changes(facts(rows), PACK)
    assert change.parts is None
    assert "990101" not in change.left_out
