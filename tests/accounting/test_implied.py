"""The implied-factor detector: planted faults are found, clean and published tables stay quiet."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualcarbon.accounting.implied import KINDS, detect, implied_frame, read_implied
from dualcarbon.accounting.printed import chance, digits, half_unit
from dualcarbon.accounting.side import Tools as SideTools
from dualcarbon.accounting.side import balance_side
from dualcarbon.packs import load_pack
from dualcarbon.periods import Period

DIESEL, GASOLINE = 43.0 * 74.1e-3, 44.3 * 69.3e-3
YEARS = [str(year) for year in range(2010, 2022)]


@pytest.fixture(scope="module")
def words():
    return SideTools.of(load_pack("china"))


def used(quantity, factor=DIESEL, carrier="diesel", **more):
    emission = round(quantity * factor, 2)
    return {"carrier": carrier, "quantity": quantity, "unit": "t", "emission": emission, **more}


def clean(number=24):
    """Invented: diesel of two plants over years, telling digits, the default factor."""
    return [
        used(1000.37 + 13.91 * year + 417.23 * plant, subject=f"p{plant}", period=YEARS[year])
        for plant in range(number // 12)
        for year in range(12)
    ]


def found(rows, words, kind=None):
    flags = detect(implied_frame(rows), words).flags
    return [flag for flag in flags if kind in (None, flag.kind)]


def test_clean_rows_are_not_flagged(words):
    assert found(clean(), words) == []


PLANTED = {
    "exactly_one": {"quantity": 1234.56, "emission": 1234.56},
    "other_fuel": used(1234.56, GASOLINE),
    "power_of_ten": used(1234.56, DIESEL * 1000),
    "confusion": used(1234.56, DIESEL / 4.1868),
    "factor_off": used(1234.56, DIESEL * 1.113),
    "zero": {"quantity": 0.0, "emission": 0.0},
    "slip": {"quantity": 123456.7, "emission": round(123456.7 * DIESEL, 2)},
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_fault_is_found_and_nothing_else(words, kind):
    rows = clean()
    rows[5] = {**rows[5], **PLANTED[kind], "period": rows[5]["period"]}
    flags = found(rows, words)
    assert [(flag.kind, flag.row) for flag in flags] == [(kind, 5)]


@pytest.mark.parametrize("times", [1.2143, 1 / 1.2143, 44 / 12, 3.6, 29.3076, 1 / 1.4571])
def test_named_confusions(words, times):
    flags = found([*clean(), used(4321.09, DIESEL * times)], words)
    assert [flag.kind for flag in flags] == ["confusion"]


def test_the_other_fuel_is_named(words):
    rows = [used(1000.5 + n, GASOLINE) for n in range(4)]
    flags = found(rows, words)
    assert {flag.facts["like"] for flag in flags} == {"gasoline"}
    assert len(detect(implied_frame(rows), words).findings) == 1


@pytest.mark.parametrize(
    ("carrier", "unit"), [("diesel", "t"), ("natural_gas", "10^4 m3"), ("electricity", "MWh")]
)
def test_equal_cells_are_named_also_when_round(words, carrier, unit):
    rows = [{"carrier": carrier, "quantity": 1500.0, "unit": unit, "emission": 1500.0}]
    assert [flag.kind for flag in found(rows, words)] == ["exactly_one"]


def test_fuels_that_share_a_default_are_all_named(words):
    (flag,) = found([used(1000.0, DIESEL, "gasoline")], words)
    assert set(flag.facts["like"].split("/")) == {"diesel", "gas_oil"}


def test_few_digits_prove_nothing(words):
    assert found([used(10.0, GASOLINE)], words, "other_fuel") == []
    unknown = {"carrier": "chips", "unit": "t", "quantity": 3.0, "emission": 3.0}
    assert found([unknown], words) == []


def test_a_factor_of_one_by_definition_is_no_fault(words):
    rows = [
        {
            "carrier": "other_energy",
            "quantity": 12.345,
            "unit": "tce",
            "emission": 12.345,
            "emission_unit": "tce",
        }
    ]
    assert found(rows, words) == []


def test_the_slip_of_the_notice_of_public_institutions(words):
    """accounting.md 1.3: 0.718 kg/L for diesel, a slip of 2.718, in tonnes per tonne here."""
    flags = found([used(5000.25, 0.718 / 0.84)], words)
    assert [flag.kind for flag in flags] == ["factor_off"]


def test_a_constant_back_cast(words):
    rows = clean()
    for year in range(2, 7):
        rows[year] = used(1028.19, subject="p0", period=YEARS[year])
    (flag,) = found(rows, words)
    assert (flag.kind, flag.facts["count"]) == ("constant", 5)
    assert (flag.facts["first"], flag.facts["last"]) == ("2012", "2016")


def test_a_round_constant_is_no_sign(words):
    rows = [{"subject": "p", "quantity": 1200.0, "unit": "t", "period": year} for year in YEARS]
    assert found(rows, words) == []


def test_one_quantity_in_six_rows(words):
    rows = clean(240)
    for n in range(6):
        rows[n * 31] = {**rows[n * 31], **used(7654.32)}
    flags = found(rows, words, "repeated")
    assert [(flag.found, flag.facts["count"]) for flag in flags] == [(7654.32, 6)]


def test_bought_and_used_is_no_repeat(words):
    rows = [
        {
            "subject": "p",
            "carrier": "diesel",
            "flow": flow,
            "period": "2024",
            "quantity": 7654.32,
            "unit": "t",
        }
        for flow in ("purchase", "use")
    ]
    assert found(rows, words) == []


def test_a_total_among_the_data(words):
    values = [1034.17, 2210.93, 877.41, 1602.66]
    rows = [
        {"subject": f"a{n}", "carrier": "diesel", "period": "2024", "quantity": value, "unit": "t"}
        for n, value in enumerate([*values, round(sum(values), 2)])
    ]
    (flag,) = found(rows, words)
    assert (flag.kind, flag.row, flag.facts["count"]) == ("sum_row", 4, 4)
    rows[4]["quantity"] += 0.31
    assert found(rows, words) == []


def test_roll_up_sums_of_the_british_table(words, shared):
    """Every total of the 394 authorities is found, and nothing else."""
    table = pl.read_csv(shared / "data" / "uk_la_co2_2005.csv")
    columns = [name for name in table.columns if name.endswith("kt CO2")]
    code = "local-authority-code"
    long = table.unpivot(columns, index=[code], variable_name="sector", value_name="emission")
    frame = long.sort(code, maintain_order=True).rename({code: "subject"})
    result = detect(implied_frame(frame), words)
    totals = sum("Total" in name for name in columns)
    waste = 1  # one part only: the total repeats it
    assert result.counts() == {**dict.fromkeys(KINDS, 0), "sum_row": (totals - waste) * 394}


SECTORS = {
    22: "Farming, Forestry, Animal Husbandry, Fishery and Water Conservancy",
    25: "Construction",
    26: "Transportation, Storage, Post and Telecommunication Services",
    27: "Wholesale, Retail Trade and Catering Services",
    29: "Urban",
    30: "Rural",
    31: "Others",
}


def test_published_inventory_against_its_balance(words, real, ceads):
    """CEADs 2007: factors of coal and gases lie off the pack's sets and are told so, no more."""
    names = {name: row for row, name in SECTORS.items()}
    emitted = {
        (province, names[sector], words.carriers.resolve(fuel).code): value
        for province, sector, fuel, value in ceads.iter_rows()
        if sector in names and words.carriers.resolve(fuel)
    }
    rows = [
        {
            "subject": cell["province"],
            "sector": str(cell["row"]),
            "carrier": cell["carrier"],
            "quantity": cell["value"],
            "unit": cell["unit"],
            "emission": emitted[cell["province"], cell["row"], cell["carrier"]],
            "emission_unit": "10^6 tCO2",
        }
        for cell in real.cells.iter_rows(named=True)
        if (cell["province"], cell["row"], cell["carrier"]) in emitted
    ]
    counts = detect(implied_frame(rows), words).counts()
    assert len(rows) == 331
    assert counts == {**dict.fromkeys(KINDS, 0), "factor_off": 84}


def test_the_published_balances_are_quiet(words, real):
    sides = [
        balance_side(real.select(name), words, name, Period.parse("2007"))[0]
        for name in real.provinces
    ]
    result = detect(implied_frame(pl.concat(sides)), words)
    assert result.rows == 1001
    assert result.flags == ()


@settings(max_examples=15)
@given(st.decimals("0.01", 10**6, places=2).filter(lambda number: digits(float(number)) >= 5))
def test_the_default_factor_is_never_flagged(words, quantity):
    assert found([used(float(quantity))], words) == []


def test_printed_digits():
    assert [digits(value) for value in (1200.0, 0.0, 12.34, 41386.520000000004)] == [2, 0, 4, 7]
    assert [half_unit(value) for value in (12.34, 1200.0, 0.0)] == [0.005, 0.5, 0.0]
    assert chance(2, 1e-6, 100) == pytest.approx(1e-4, rel=1e-3)
    assert chance(6, 1e-3, 1000) < 1e-12


def test_reading_a_file(words, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("品种,数量,单位,排放量\n柴油,1234.56,t,1234.56\n怪物,1,t,\n", encoding="utf-8")
    frame, findings, source = read_implied(path)
    assert (findings, source.rows) == ([], 2)
    result = detect(frame, words)
    assert result.counts()["exactly_one"] == 1
    assert str(result.findings[0].place) == "table.csv!!B2"
