"""The account: what counts, what is absent, and that every total is the sum of its parts."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dualcarbon.accounting.account import Options, make_account
from dualcarbon.accounting.answer import notes, payload
from dualcarbon.accounting.balance import read_balance
from dualcarbon.errors import InputError, UsageError

YEAR = 2012


@pytest.fixture
def made(tools, long):
    """Make the answer of a small table of an invented province."""

    def make(cells, factors=None, **options):
        read = read_balance(
            long(cells), tools.layout, tools.carriers, year=YEAR, units=options.pop("units", {})
        )
        options = Options(factors=str(factors) if factors else None, **options)
        account = make_account(read.select(None), tools, options)
        answer = payload(account)
        answer["said"] = [*account.findings, *notes(account)]
        return answer

    return make


def _rules(answer):
    return {item.rule for item in answer["said"]}


def _carrier(answer, code):
    return next(c for c in answer["carriers"] if c["carrier"] == code)


TABLE = [
    (12, "diesel", -4), (13, "diesel", -2), (20, "diesel", 1), (21, "diesel", 60),
    (22, "diesel", 6), (23, "diesel", 24), (24, "diesel", 5), (26, "diesel", 20),
    (28, "diesel", 10), (29, "diesel", 7), (30, "diesel", 3),
]  # fmt: skip


def test_it_works(made, factor_file):
    """60 final - 5 non-energy + 4 power + 2 heat = 61 x 10^4 t, at 3 t each; losses stay out."""
    answer = made(TABLE, factor_file("diesel,,3,tCO2/t"))
    assert answer["total"]["co2_t"] == 61 * 1e4 * 3
    assert _carrier(answer, "diesel")["co2_t"] == 61 * 1e4 * 3
    assert _carrier(answer, "diesel")["quantity"] == 61
    counted = {row["row"]: row["co2_t"] for row in answer["rows"] if "co2" in row["counted"]}
    assert counted == {
        12: 12e4, 13: 6e4, 22: 18e4, 23: 72e4, 24: -15e4, 26: 60e4, 29: 21e4, 30: 9e4,
    }  # fmt: skip
    assert not any(item.severity == "error" for item in answer["said"])


def test_c2_3_standard_coal_is_final_use_losses_and_net_transformation(made):
    cells = [
        (12, "raw_coal", -100), (12, "electricity", 20), (20, "electricity", 1),
        (21, "electricity", 19), (23, "electricity", 19), (21, "coke", 10), (23, "coke", 10),
        (24, "coke", 4),
    ]  # fmt: skip
    answer = made(cells)
    coal = 100e4 * 0.7143
    coke = 10e4 * 0.9714
    assert answer["total"]["tce_calorific"] == pytest.approx(coal + coke, rel=1e-12)
    assert answer["total"]["tce_equal"] == pytest.approx(coal + coke, abs=1e-3)
    rate = answer["options"]["equal_value"]
    assert rate["method"] == "derived"
    assert rate["value"] == pytest.approx(coal * 1000 / 20e8, rel=1e-12)
    power = answer["energy"]["final"]
    assert power["tce_equal"] - coke == pytest.approx(19e8 * rate["value"] / 1000, abs=1e-5)
    assert power["tce_calorific"] - coke == pytest.approx(19e8 * 0.1229 / 1000, abs=1e-5)


def test_a_given_equal_value_takes_the_place_of_the_derived_one(made):
    cells = [(23, "electricity", 10)]
    answer = made(cells, equal_value=0.30)
    assert answer["total"]["tce_equal"] == pytest.approx(10e8 * 0.30 / 1000)
    assert answer["options"]["equal_value"]["method"] == "given"
    with pytest.raises(UsageError):
        made(cells, equal_value=3.0)


def test_without_a_thermal_rate_the_equal_value_is_absent_not_zero(made):
    answer = made([(23, "electricity", 10), (23, "diesel", 1)])
    assert answer["total"]["tce_equal"] is None
    assert answer["total"]["tce_equal_partial"] == pytest.approx(1.4571e4)
    assert answer["total"]["tce_calorific"] == pytest.approx(1.4571e4 + 10e8 * 0.1229 / 1000)
    assert "accounting.no_thermal_rate" in _rules(answer)


def test_jilin_has_its_published_equal_value(tools, tmp_path):
    """Statistical yearbook, table 7-13: 440.61 x 10^8 kWh of industry are 1359.9 x 10^4 tce."""
    path = tmp_path / "jilin.csv"
    path.write_text("province,year,row,energy,value\n吉林,2014,23,电力,440.61\n", encoding="utf-8")
    account = make_account(
        read_balance(path, tools.layout, tools.carriers).select(None), tools, Options()
    )
    assert account.equal.method == "parameter"
    assert payload(account)["total"]["tce_equal"] / 1e4 == pytest.approx(1359.9, abs=0.05)


def test_c1_5_an_uncovered_row_makes_carrier_and_total_null(made, factor_file):
    cells = [(22, "diesel", 6), (26, "diesel", 20), (26, "gasoline", 3)]
    answer = made(cells, factor_file("diesel,22,3,tCO2/t", "gasoline,,2,tCO2/t"))
    diesel = _carrier(answer, "diesel")
    assert (diesel["co2_t"], diesel["co2_partial_t"]) == (None, 18e4)
    assert _carrier(answer, "gasoline")["co2_t"] == 6e4
    assert (answer["total"]["co2_t"], answer["total"]["co2_partial_t"]) == (None, 24e4)
    gap = next(item for item in answer["said"] if item.rule == "accounting.factor_absent")
    assert (gap.found, gap.place.cell) == ("diesel", "D3")
    assert "26" in gap.message_en


def test_a_factor_of_zero_covers(made, factor_file):
    answer = made([(26, "diesel", 20)], factor_file("diesel,,0,tCO2/t"))
    assert answer["total"]["co2_t"] == 0


def test_a_fuel_that_nobody_burns_needs_no_factor(made, factor_file):
    cells = [(16, "crude_oil", -50), (16, "diesel", 40), (26, "diesel", 40)]
    answer = made(cells, factor_file("diesel,,3,tCO2/t"))
    assert _carrier(answer, "crude_oil")["co2_t"] == 0
    assert answer["total"]["co2_t"] == 120e4


def test_power_heat_and_other_energy_are_not_fuel(made, factor_file):
    cells = [(23, "electricity", 5), (23, "heat", 7), (23, "other_energy", 2), (23, "diesel", 1)]
    answer = made(cells, factor_file("diesel,,3,tCO2/t"))
    assert [c["carrier"] for c in answer["carriers"]] == ["diesel"]
    assert {c["carrier"]: c["reason"] for c in answer["not_counted"]} == {
        "electricity": "not_combusted", "heat": "not_combusted", "other_energy": "mixed",
    }  # fmt: skip
    assert answer["total"]["co2_t"] == 3e4
    assert {"accounting.not_combusted", "accounting.not_counted"} <= _rules(answer)
    counted = made(cells, factor_file("diesel,,3,tCO2/t", "其他能源,,1.5,tCO2/tce"))
    assert counted["total"]["co2_t"] == 3e4 + 2e4 * 1.5


def test_a_factor_for_power_is_said_not_to_be_used(made, factor_file):
    lines = ("diesel,,3,tCO2/t", "electricity,,0.5,kgCO2/kWh", "煤合计,,2,tCO2/t")
    cells = [(23, "electricity", 5), (23, "coal_total", 4), (23, "raw_coal", 4), (23, "diesel", 1)]
    answer = made(cells, factor_file(*lines, "raw_coal,,2,tCO2/t"))
    unused = {i.found for i in answer["said"] if i.rule == "accounting.factor_unused"}
    assert unused == {"electricity", "coal_total"}
    assert answer["total"]["co2_t"] == 3e4 + 8e4


def test_an_output_of_power_is_not_fuel(made, factor_file):
    answer = made([(12, "briquettes", 0.5), (23, "briquettes", 1)], factor_file("型煤,,2,tCO2/t"))
    assert answer["total"]["co2_t"] == 2e4
    assert "accounting.output_as_input" in _rules(answer)


def test_totals_stand_in_for_parts_that_are_not_printed(made, factor_file):
    factors = factor_file("diesel,,1,tCO2/t")
    residential = made([(21, "diesel", 9), (23, "diesel", 4), (28, "diesel", 5)], factors)
    assert residential["total"]["co2_t"] == 9e4
    whole = made([(21, "diesel", 9)], factors)
    assert whole["total"]["co2_t"] == 9e4
    assert "accounting.undivided" in _rules(whole)
    assert "accounting.final_gap" not in _rules(whole)


def test_sectors_that_miss_the_printed_total_are_counted_and_said(made, factor_file):
    answer = made(
        [(21, "diesel", 10), (23, "diesel", 4), (25, "diesel", 5)], factor_file("diesel,,1,tCO2/t")
    )
    assert answer["total"]["co2_t"] == 9e4
    gap = next(item for item in answer["said"] if item.rule == "accounting.final_gap")
    assert (gap.found, gap.expected) == (10.0, 9.0)


def test_a_subtotal_without_carriers_is_said(made):
    answer = made([(23, "coal_total", 5), (23, "diesel", 1)])
    assert "accounting.subtotal_alone" in _rules(answer)


def test_bunkers_in_and_out_are_both_shown(made, factor_file):
    cells = [(6, "kerosene", 3), (9, "kerosene", -1), (26, "kerosene", 10), (4, "kerosene", 8)]
    factors = factor_file("kerosene,,3,tCO2/t", "diesel,26,3,tCO2/t")
    included = made(cells, factors)
    excluded = made(cells, factors, bunkers="exclude")
    assert included["total"]["co2_t"] == 30e4
    assert excluded["total"]["co2_t"] == 21e4
    for answer in (included, excluded):
        assert answer["bunkers"] == {
            "abroad_co2_t": 9e4, "include_co2_t": 30e4, "exclude_co2_t": 21e4,
        }  # fmt: skip
        assert "accounting.bunkers" in _rules(answer)
    assert included["reference"]["co2_t"] == 30e4
    assert excluded["reference"]["co2_t"] == 21e4
    assert sum(r["co2_t"] or 0 for r in excluded["rows"]) == excluded["total"]["co2_t"]


def test_the_reference_approach_is_supply_less_non_energy(made, factor_file):
    cells = [
        (2, "natural_gas", 1), (3, "natural_gas", 9), (4, "natural_gas", 6), (7, "natural_gas", -2),
        (8, "natural_gas", -1), (10, "natural_gas", 0.5), (23, "natural_gas", 4),
        (24, "natural_gas", 1),
    ]  # fmt: skip
    answer = made(cells, factor_file("天然气,,20,tCO2/10^4 m3"))
    assert answer["reference"]["co2_t"] == pytest.approx((1 + 6 - 2 - 1 + 0.5 - 1) * 1e4 * 20)
    assert answer["reference"]["gap_t"] == pytest.approx((3.5 - 3) * 1e4 * 20)


def test_the_gap_between_the_approaches_has_named_causes(made, factor_file):
    """Supply 30 = final 20 + power 4 + losses 1 + refined away 3 + difference 2."""
    cells = [
        (1, "diesel", 30), (2, "diesel", 30), (11, "diesel", -7), (12, "diesel", -4),
        (16, "diesel", -3), (20, "diesel", 1), (21, "diesel", 20), (26, "diesel", 20),
        (32, "diesel", 2),
    ]  # fmt: skip
    reference = made(cells, factor_file("diesel,,3,tCO2/t"))["reference"]
    assert reference["gap_t"] == 18e4
    assert {cause["cause"]: cause["co2_t"] for cause in reference["gap_causes"]} == {
        "losses": 3e4, "transformation": 9e4, "recovery": 0, "difference": 6e4, "unexplained": 0,
    }  # fmt: skip


def test_the_default_set_is_the_guidelines_and_cited(made):
    answer = made([(26, "diesel", 0.1)])
    assert answer["options"]["factors"] == "ipcc2006"
    assert answer["total"]["co2_t"] == 3186.3
    assert answer["data_status"] == "sourced"
    assert all(part["source"]["title"] for part in answer["parameters"])


def test_c7_5_an_unsourced_set_says_so(made):
    answer = made([(26, "diesel", 1)], "cn27")
    assert answer["total"]["co2_t"] == pytest.approx(1e4 * 43.33 * 0.0202 * 0.98 * 44 / 12)
    assert answer["data_status"] == "unsourced"
    said = next(item for item in answer["said"] if item.rule == "accounting.unsourced")
    assert any("cn27" in name for name in said.found)


def test_an_unknown_set_names_those_that_exist(made):
    with pytest.raises(UsageError, match="ipcc2006"):
        made([(26, "diesel", 1)], "no_such_set")


def test_units_of_the_table_change_no_amount(made):
    usual = made([(26, "natural_gas", 1.5), (26, "diesel", 2)])
    other = made(
        [(26, "natural_gas", 15000), (26, "diesel", 20000)],
        units={"natural_gas": "10^4 m3", "diesel": "t"},
    )
    assert usual["total"] == other["total"]


def test_a_table_in_standard_coal_is_led_back_to_mass_for_co2(made):
    mass = made([(26, "diesel", 2)])
    coal = made([(26, "diesel", 2 * 1.4571)], units={"*": "10^4 tce"})
    assert coal["total"]["tce_calorific"] == pytest.approx(mass["total"]["tce_calorific"])
    assert coal["total"]["co2_t"] == pytest.approx(mass["total"]["co2_t"])


def test_without_a_year_the_newest_values_are_used_and_it_is_said(tools, long):
    read = read_balance(long([(26, "diesel", 1)]), tools.layout, tools.carriers).select(None)
    account = make_account(read, tools, Options())
    assert account.year is None
    assert "accounting.year_not_stated" in {item.rule for item in account.findings}


def test_an_absurd_amount_is_refused_not_wrapped_round(made, factor_file):
    with pytest.raises(InputError, match="absurdly large"):
        made([(23, "diesel", 1e12)])
    with pytest.raises(InputError, match="absurdly large"):
        made([(23, "diesel", 1)], factor_file("diesel,,1e9,tCO2/t"))


def test_nothing_to_count_is_an_error(made):
    with pytest.raises(InputError, match="no cell that an account counts"):
        made([(1, "diesel", 5), (2, "diesel", 5)])


def test_published_inconsistencies_are_warnings_of_the_account(real, tools):
    account = make_account(real.select("Shanghai"), tools, Options(year=2007))
    said = [item for item in account.findings if item.rule == "accounting.identity_equals"]
    assert [(item.severity, item.place.cell) for item in said] == [("warning", "E1088")]


FUELS = ("diesel", "gasoline", "natural_gas", "raw_coal")
FINAL = (22, 23, 25, 26, 27, 29, 30, 31)
VALUES = st.floats(0.01, 5000, allow_nan=False).map(lambda value: round(value, 2))
CELLS = st.dictionaries(
    st.tuples(st.sampled_from((*FINAL, 12, 13, 20)), st.sampled_from(FUELS)), VALUES, min_size=1
)
QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _signed(cells):
    return [(row, code, -v if row in (12, 13) else v) for (row, code), v in cells.items()]


@QUICK
@given(CELLS)
def test_c5_2_every_total_is_the_sum_of_its_parts_to_the_gram(tools, long, cells):
    read = read_balance(long(_signed(cells)), tools.layout, tools.carriers, year=YEAR)
    account = make_account(read.select(None), tools, Options())
    answer = payload(account)
    for measure, key in (("co2", "co2_t"), ("tce_calorific", "tce_calorific")):
        grams = account.rows[f"{measure}_g"].drop_nulls().sum()
        assert answer["total"][key] == grams / 1e6
        by_row = account.rows.group_by("row").agg(pl.col(f"{measure}_g").sum())
        assert by_row[f"{measure}_g"].sum() == grams
    assert sum(round(c["co2_t"] * 1e6) for c in answer["carriers"]) == round(
        answer["total"]["co2_t"] * 1e6
    )


@QUICK
@given(CELLS, st.randoms())
def test_the_order_of_the_file_changes_nothing(tools, long, cells, random):
    lines = _signed(cells)
    shuffled = random.sample(lines, len(lines))
    totals = [
        payload(
            make_account(
                read_balance(long(part), tools.layout, tools.carriers, year=YEAR).select(None),
                tools,
                Options(),
            )
        )["total"]
        for part in (lines, shuffled)
    ]
    assert totals[0] == totals[1]


@QUICK
@given(VALUES, st.floats(0.1, 0.9))
def test_splitting_a_row_changes_at_most_a_gram(tools, long, value, share):
    one = [(26, "diesel", value)]
    two = [(26, "diesel", value * share), (27, "diesel", value - value * share)]
    grams = [
        make_account(
            read_balance(long(part), tools.layout, tools.carriers, year=YEAR).select(None),
            tools,
            Options(),
        ).rows["co2_g"].sum()
        for part in (one, two)
    ]  # fmt: skip
    assert abs(grams[0] - grams[1]) <= 1
