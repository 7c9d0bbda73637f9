"""Allocation: shares add up to the gram, each source once, every rule by name, nothing guessed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.accounting.allocate import allocate, allocation_answer, divide, load_rules
from dualcarbon.accounting.explain import EXPLAINERS
from dualcarbon.accounting.explain_allocation import freeze_allocation
from dualcarbon.areas import load_areas
from dualcarbon.editions import explain
from dualcarbon.errors import InputError, UsageError
from dualcarbon.packs import load_pack

WEIGHTS = """weight,area,value
electricity_consumption,North,1
electricity_consumption,South,1
electricity_consumption,East,1
waste_collected,North,0
waste_collected,South,3
waste_collected,East,1
"""
SOURCES = """source,category,area,value,unit,rule
Plant A,power,,100,tCO2,consumption
Plant B,power,North,50,tCO2,location
Airport,aviation,,70,tCO2,
Landfill,waste,,10,tCO2e,
"""


@pytest.fixture
def made(tmp_path):
    pack = load_pack("china")

    def make(sources=SOURCES, weights=WEIGHTS, own=None, named=(), pack=pack):
        paths = []
        for name, text in (("sources", sources), ("weights", weights), ("own", own)):
            paths.append(tmp_path / f"{name}.csv" if text else None)
            if text:
                paths[-1].write_text(text, encoding="utf-8")
        return allocate(*paths, pack, load_areas(pack), named)

    return make


def shares(made, source):
    rows = made.shares.filter(made.shares["source"] == source)
    return dict(zip(rows["area"], rows["grams"], strict=True))


def test_it_works(made):
    """100 t over three equal areas: 33,333,333 g each and one gram more for the first by name."""
    result = made()
    assert shares(result, "Plant A") == {
        "East": 33_333_334, "North": 33_333_333, "South": 33_333_333,
    }  # fmt: skip
    assert shares(result, "Plant B") == {"North": 50_000_000}
    assert shares(result, "Airport") == {"city": 70_000_000}
    assert shares(result, "Landfill") == {"East": 2_500_000, "North": 0, "South": 7_500_000}
    answer = allocation_answer(result)
    assert all(one["sum_equal"] for one in answer["sources"])
    assert {one["mark"] for one in answer["sources"]} == {"J"}


@given(
    total=st.integers(-(10**15), 10**15),
    weights=st.lists(st.fractions(0, 10**6), min_size=1, max_size=20).filter(any),
)
def test_c5_2_parts_add_up_and_miss_the_exact_share_by_less_than_a_gram(total, weights):
    named = {f"a{n}": weight for n, weight in enumerate(weights)}
    parts = divide(total, named)
    assert sum(parts.values()) == total
    for name, part in parts.items():
        assert abs(part - Fraction(total) * named[name] / sum(weights)) < 1


def test_a_source_stands_once(made):
    with pytest.raises(InputError) as twice:
        made(SOURCES + "plant  a,power,,1,tCO2,central\n")
    assert twice.value.findings[0].rule == "accounting.allocated_twice"
    with pytest.raises(InputError) as both:
        made(own="area,source,value\nNorth,ＰＬＡＮＴ A,5\n")
    message = both.value.findings[0].message_en
    assert "sources.csv!!A2" in message
    assert "own.csv!!B2" in message
    with pytest.raises(InputError):
        made(own="area,source\nNorth,Kiln\nSouth,kiln\n")


def test_own_accounts_stand_beside_what_is_allocated(made):
    answer = allocation_answer(made(own="area,source,value\nNorth,Kiln,5\nSouth,Mill,\n"))
    areas = {(one["area"], one["unit"]): one for one in answer["areas"]}
    assert areas["North", "tCO2"]["own"] == 5
    assert areas["South", "tCO2"]["own"] is None
    assert areas["North", "tCO2"]["allocated"] == 83.333333


def test_the_rule_of_a_category_can_be_named(made):
    sources = "source,category,value\nPlant A,power,100\n"
    assert shares(made(sources), "Plant A") == {"city": 10**8}
    assert len(shares(made(sources, named=["power=consumption"]), "Plant A")) == 3
    for wrong in ("power", "power=no_rule"):
        with pytest.raises(UsageError):
            made(sources, named=[wrong])


@pytest.mark.parametrize(
    ("sources", "rule"),
    [
        ("source,category,value\nX,unheard_of,1\n", "accounting.no_rule"),
        ("source,category,value,rule\nX,power,1,location\n", "accounting.no_location"),
        ("source,category,value,rule\nX,power,1,population\n", "accounting.weight_absent"),
        ("source,category,value,unit\nX,power,1,kWh\n", "accounting.allocation_unit"),
        ("source,category,value\nX,power,nan\n", "tables.not_number"),
        ("source,category,value\n", "accounting.nothing"),
    ],
)
def test_what_cannot_be_allocated_is_refused(made, sources, rule):
    with pytest.raises(InputError) as refused:
        made(sources)
    assert refused.value.findings[0].rule == rule
    assert refused.value.findings[0].place.file == "sources.csv"


@pytest.mark.parametrize(
    ("weights", "rule"),
    [
        ("weight,area,value\nwaste_collected,North,0\n", "accounting.weight_absent"),
        ("weight,area,value\nwaste_collected,North,-1\n", "accounting.negative"),
        (WEIGHTS.replace("waste_collected,North,0\n", ""), "accounting.weight_absent"),
    ],
)
def test_c1_1_an_absent_weight_is_no_zero(made, weights, rule):
    with pytest.raises(InputError) as refused:
        made("source,category,value\nLandfill,waste,1\n", weights)
    assert refused.value.findings[0].rule == rule


def test_a_city_pack_knows_its_districts(made):
    pack = load_pack("shanghai")
    codes = [area.code for area in load_areas(pack).children("310000")]
    lines = [f"population,{code},{n}" for n, code in enumerate(codes, 1)]
    weights = "\n".join(["weight,area,value", *lines]) + "\n"
    sources = "source,category,area,value,rule\nPort,shipping,,7,population\n"
    result = made(sources, weights, pack=pack)
    assert len(shares(result, "Port")) == 16
    assert sum(shares(result, "Port").values()) == 7_000_000
    with pytest.raises(InputError) as missing:
        made(sources, "\n".join(["weight,area,value", *lines[:-1]]) + "\n", pack=pack)
    assert codes[-1] in missing.value.findings[0].message_en
    with pytest.raises(InputError) as unknown:
        made(sources, weights + "population,Atlantis,1\n", pack=pack)
    assert unknown.value.findings[0].rule == "accounting.no_district"


def test_every_share_explains_to_the_same_digits(made, tmp_path):
    result = made()
    edition = freeze_allocation(result, tmp_path / "store", load_pack("china"))
    for index in range(result.shares.height):
        found = explain(f"{edition.id}:shares:{index}", tmp_path / "store", EXPLAINERS)
        assert found.equal


def test_every_category_has_one_default_rule():
    rules = load_rules(load_pack("china"))
    named = [category for rule in rules.values() for category in rule.default_for]
    assert sorted(named) == ["aviation", "heat", "power", "shipping", "waste"]
    assert all(rule.mark == "J" and rule.note for rule in rules.values())
