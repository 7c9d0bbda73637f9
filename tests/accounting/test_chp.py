"""Heat and power split by every option: exact sums, known numbers, what the options imply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.accounting.chp import NEEDS, UNITS, carnot, split, values_of
from dualcarbon.accounting.plants import compare_plants
from dualcarbon.accounting.stated import Stated, parse_named, parse_stated
from dualcarbon.errors import InputError, UsageError
from dualcarbon.packs import load_pack
from dualcarbon.parameters import load_parameters

VALUES = {
    "efficiency_power": Stated(0.35, "1", "x"),
    "efficiency_heat": Stated(0.8, "1", "x"),
    "supply_temperature": Stated(110, "1", "x"),
    "ambient_temperature": Stated(10, "1", "x"),
    "heat_factor": Stated(0.06233, "tCO2/GJ", "x"),
    "power_factor": Stated(0.55, "kgCO2/kWh", "x"),
}
TOTAL, KWH, GJ = 10**12, 1e9, 6e6
OPTIONS = sorted(NEEDS)


def by(option, total=TOTAL, kwh=KWH, gj=GJ):
    return split(total, kwh, gj, option, values_of(option, VALUES, None))


def test_it_works():
    """1 Mt CO2, 10^9 kWh = 3.6 x 10^6 GJ of power, 6 x 10^6 GJ of heat."""
    assert by("energy").heat_g == round(TOTAL * 6 / 9.6)
    assert by("efficiency").heat_g == round(TOTAL * 7.5 / (7.5 + 3.6 / 0.35))
    assert by("residual").heat_g == 373_980 * 10**6
    assert by("power_bonus").power_g == 550_000 * 10**6
    factor = 1 - 283.15 / 383.15
    assert float(carnot(VALUES)) == pytest.approx(factor)
    assert by("exergy").heat_g == round(TOTAL * 6 * factor / (6 * factor + 3.6))


def test_options_order_the_heat_factor_as_they_should():
    """Energy gives heat most, exergy least; a boiler of 90 % on gas is the plan's 0.06233."""
    heat = {option: by(option).heat_g / 1e6 / GJ for option in OPTIONS}
    assert heat["energy"] > heat["efficiency"] > heat["exergy"]
    assert pytest.approx(0.06233, abs=5e-6) == 0.0561 / 0.9
    assert heat["residual"] == pytest.approx(0.06233)


@given(
    option=st.sampled_from(OPTIONS),
    total=st.integers(0, 10**15),
    kwh=st.floats(0, 1e12),
    gj=st.floats(0, 1e10),
)
def test_c5_2_power_and_heat_are_the_total_to_the_gram(option, total, kwh, gj):
    made = by(option, total, kwh, gj)
    assert made.power_g + made.heat_g == total
    if option in ("energy", "efficiency", "exergy"):
        assert 0 <= made.heat_g <= total


def test_without_heat_all_stays_with_power():
    for option in ("energy", "efficiency", "exergy", "residual"):
        assert by(option, gj=0.0).power_g == TOTAL
    assert by("energy", kwh=0.0, gj=0.0).power_g == TOTAL


def test_values_come_from_the_user_then_the_pack_and_are_never_invented():
    parameters = load_parameters(load_pack("china"))
    found = values_of("efficiency", {}, parameters)
    assert {name: (v.value, v.status) for name, v in found.items()} == {
        "efficiency_power": (0.35, "unsourced"), "efficiency_heat": (0.8, "unsourced"),
    }  # fmt: skip
    for option in ("exergy", "residual", "power_bonus"):
        with pytest.raises(UsageError):
            values_of(option, {}, parameters)


@pytest.mark.parametrize(
    "wrong",
    [
        {"efficiency_power": 0}, {"efficiency_heat": 1.5}, {"efficiency_heat": float("nan")},
        {"supply_temperature": 5}, {"ambient_temperature": -300}, {"heat_factor": -1},
    ],
)  # fmt: skip
def test_absurd_values_are_refused(wrong):
    values = {**VALUES, **{n: Stated(v, UNITS[n]) for n, v in wrong.items()}}
    option = next(o for o, needs in NEEDS.items() if next(iter(wrong)) in needs)
    with pytest.raises(UsageError):
        values_of(option, values, None)


def test_plants_are_compared_on_the_same_data(tmp_path):
    path = tmp_path / "plants.csv"
    head = "电厂,排放量,供电量,power_unit,供热量,heat_unit\n"
    path.write_text(head + "甲,1000000,10,10^8 kWh,600,10^10 kJ\n乙,5,0,,0,\n", encoding="utf-8")
    parameters = load_parameters(load_pack("china"))
    plants, findings = compare_plants(path, {}, parameters)
    options = {one["option"]: one for one in plants[0]["options"]}
    assert options["energy"]["heat_factor"] == pytest.approx(0.625 / 6)
    assert options["exergy"]["heat_co2_t"] is None
    assert {f.expected for f in findings if f.rule == "accounting.chp_left_out"} == {
        "supply_temperature", "heat_factor", "power_factor",
    }  # fmt: skip
    assert plants[1]["options"][0]["heat_factor"] is None
    path.write_text(head + "甲,-1,10,10^8 kWh,600,10^10 kJ\n", encoding="utf-8")
    with pytest.raises(InputError):
        compare_plants(path, {}, parameters)
    path.write_text(head + "甲,1,10,10^4 t,600,10^10 kJ\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        compare_plants(path, {}, parameters)
    assert refused.value.findings[0].rule == "accounting.unit_fits_not"


def test_a_negative_share_is_said(tmp_path):
    path = tmp_path / "plants.csv"
    path.write_text("plant,co2,power,heat\nA,100,0.01,1\n")
    values = {"power_factor": Stated(5, "kgCO2/kWh", "x")}
    plants, findings = compare_plants(path, values, load_parameters(load_pack("china")))
    bonus = next(one for one in plants[0]["options"] if one["option"] == "power_bonus")
    assert bonus["heat_co2_t"] < 0
    assert "accounting.chp_negative" in {f.rule for f in findings}


def test_stated_values_carry_unit_and_source():
    assert parse_stated("5.5 tCO2/10^4 kWh； 公告", "kgCO2/kWh", "-") == Stated(
        5.5, "tCO2/10^4 kWh", "公告"
    )
    assert parse_stated(" .5 ", "kgCO2/kWh", "-") == Stated(0.5, "kgCO2/kWh", None)
    assert parse_named(["efficiency_heat=90 %; y"], UNITS, "-")["efficiency_heat"].unit == "%"
    for wrong in ("", "x", "nan", "inf", "-1", "1 t", "1e400"):
        with pytest.raises(UsageError):
            parse_stated(wrong, "kgCO2/kWh", "-", high=1e6)
    for names in (["efficiency=1"], ["heat_factor=1", "heat_factor=2"], ["heat_factor"]):
        with pytest.raises(UsageError):
            parse_named(names, UNITS, "-")
