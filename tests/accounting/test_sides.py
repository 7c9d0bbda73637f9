"""Sides from balances, files and editions; boundary, register and shares as files."""

from fractions import Fraction

import polars as pl
import pytest

from dualcarbon.accounting.account import Options, make_account
from dualcarbon.accounting.boundary import pack_boundary, read_boundary, read_register, whole
from dualcarbon.accounting.members import read_shares
from dualcarbon.accounting.side import (
    COUNTED,
    SIDE,
    Tools,
    balance_side,
    edition_side,
    file_side,
    make_side,
)
from dualcarbon.editions import write_edition
from dualcarbon.errors import EditionError, InputError, UsageError
from dualcarbon.packs import load_pack
from dualcarbon.periods import Period

YEAR = Period.parse("2007")
FUELS = ("electricity", "heat")


@pytest.fixture(scope="module")
def own():
    return Tools.of(load_pack("china"))


@pytest.fixture
def file(tmp_path):
    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("province", ["Shanghai", "Hebei", "Guangdong"])
def test_a_balance_side_is_what_its_account_counts(own, tools, real, province):
    """The account is made another way; both must come to the same grams."""
    table = real.select(province)
    account = make_account(table, tools, Options(year=2007)).rows
    frame, _ = balance_side(table, own, "balance", YEAR)
    assert SIDE.check(frame) == []
    fuel = frame.filter(pl.col("flow").is_in(COUNTED["co2"]) & ~pl.col("carrier").is_in(FUELS))
    burnt = account.filter("co2")
    for code in burnt["carrier"].unique():
        side = fuel.filter(pl.col("carrier") == code)["co2_g"]
        counted = burnt.filter(pl.col("carrier") == code)["co2_g"]
        assert side.sum() == counted.sum()
        assert side.null_count() == counted.null_count()
    energy = frame.filter(pl.col("flow").is_in(COUNTED["tce"]))
    assert energy["tce_g"].sum() == account["tce_calorific_g"].sum()


def test_a_file_is_priced_and_signed(own, file):
    path = file(
        "subject,meter,carrier,flow,period,quantity,unit\n"
        "f,m1,柴油,use,2024-01,1000,t\n"
        "f,m2,焦炭,conversion_out,2024-01,10,t\n"
        "上海,,原煤,purchase,2024-01,10,t\n"
    )
    frame, findings, source = file_side(path, own, "meters")
    assert SIDE.check(frame) == []
    assert frame["co2_g"].to_list()[0] == 3_186_300_000
    assert frame["quantity"].to_list() == [1000.0, -10.0]
    assert frame["co2_g"][1] < 0
    assert frame["item"].to_list() == ["m1", "m2"]
    assert [item.rule for item in findings] == ["accounting.side_flow"]
    assert (frame["place"][0], source.rows) == ("table.csv!!F2", 3)


@pytest.mark.parametrize("quantity", ["1e300", "1e16", "-1e17"])
def test_an_absurd_quantity_is_refused_with_its_cell(own, file, quantity):
    text = f"subject,carrier,period,quantity,unit\nf,diesel,2024,{quantity},t\n"
    with pytest.raises(InputError) as refused:
        file_side(file(text), own, "x")
    assert str(refused.value.findings[0].place) == "table.csv!!D2"


def test_a_given_amount_stands_and_an_empty_one_stays_null(own, file):
    head = "subject,carrier,period,quantity,unit,co2_g\n"
    frame, _, _ = file_side(file(head + "f,diesel,2024,1,t,5\nf,coke,2024,1,t,\n"), own, "x")
    assert frame["co2_g"].to_list() == [5, None]
    assert frame["tce_g"].null_count() == 2


def test_no_parameter_is_null_never_zero(own, file):
    head = "subject,carrier,period,quantity,unit\n"
    frame, _, _ = file_side(file(head + "f,electricity,2001,1,kWh\nf,diesel,2024,1,m3\n"), own, "x")
    assert frame["co2_g"].to_list() == [None, None]
    assert frame["tce_g"].to_list() == [123, None]


@pytest.mark.parametrize(("valuation", "recipe"), [("calorific", 0.1229), ("equal", None)])
def test_the_valuation_of_electricity_is_one_for_all_sides(file, valuation, recipe):
    tools = Tools.of(load_pack("demo"), valuation)
    head = "subject,carrier,period,quantity,unit\n"
    frame, _, _ = file_side(file(head + "f,electricity,2024-03,1,MWh\n"), tools, "x")
    assert (frame["tce_g"][0] == 122_900) == (recipe is not None)
    with pytest.raises(UsageError):
        Tools.of(load_pack("demo"), "both")


def test_an_edition_of_an_account_run(own, tmp_path):
    keys = pl.DataFrame(
        {
            "key": [0, 1, 0],
            "who": ["", "", "g"],
            "subject_kind": ["enterprise"] * 3,
            "carrier": ["diesel", "electricity", "diesel"],
            "flow": ["use"] * 3,
            "sector": [None] * 3,
            "period": ["2024-01"] * 3,
            "unit": ["t", "kWh", "t"],
        }
    )
    coefficients = pl.DataFrame(
        {
            "key": [0, 1, 0],
            "who": ["", "", "g"],
            "measure": ["co2", "co2_scope2", "co2"],
            "grams": [100.0, 1.4, None],
        }
    )
    on = {"subject_kind": ["enterprise"] * 3, "subject": ["f", "f", "g"], "key": [0, 1, 0]}
    cube = pl.DataFrame(
        {
            **on,
            "rows": [2, 1, 1],
            "co2": [30, None, None],
            "co2_scope2": [None, 7, None],
            "tce_calorific": [3, 1, 1],
        }
    )
    rows = pl.DataFrame(
        {
            "subject_kind": ["enterprise"] * 4,
            "subject": ["f", "f", "f", "g"],
            "key": [0, 0, 1, 0],
            "quantity": [0.1, 0.2, 5.0, 1.0],
        }
    )
    tables = {"keys": keys, "cube": cube, "rows": rows, "coefficients": coefficients}
    common = {"inputs": [], "parameters": [], "pack": own.pack, "options": {}}
    made = write_edition(tmp_path, room="accounting_run", tables=tables, **common)
    frame = edition_side(made, own, "run", "enterprise")
    assert SIDE.check(frame) == []
    columns = ("subject", "carrier", "quantity", "co2_g", "tce_g")
    assert frame.select(columns).rows() == [
        ("f", "diesel", 0.3, 30, 3),
        ("f", "electricity", 5.0, 7, 1),
        ("g", "diesel", 1.0, None, 1),
    ]
    assert edition_side(made, own, "run", "city").height == 0
    other = write_edition(tmp_path, room="control", tables=tables, **common)
    with pytest.raises(EditionError):
        edition_side(other, own, "run", None)


def test_a_boundary_statement(own, file):
    path = file(
        "名称,not_in,subject,sector,品种,数量,单位,co2_t\n"
        "居民,,,居民生活,,,,\n"
        "其余,area,990199-*;x,,,,,\n"
        "估计,,,,柴油,2,10^4 t,1.5\n"
    )
    households, rest, estimate = read_boundary(path, own)
    assert households.select["sector"].split(";") == ["居民生活", "28", "29", "30"]
    assert (rest.not_in, rest.stated) == ("area", False)
    assert (estimate.quantity, estimate.unit, estimate.co2_g) == (2, "10^4 t", 1_500_000)
    frame = make_side([{"subject": "990199-0001"}, {"subject": "990101"}, {"subject": "x"}], "s")
    assert frame.filter(rest.picks(frame))["subject"].to_list() == ["990199-0001", "x"]


def test_a_pack_declares_standing_boundaries(own):
    (entry,) = pack_boundary(Tools.of(load_pack("demo")))
    assert (entry.not_in, entry.found_in) == ("area", "enterprise")
    assert pack_boundary(own) == []


@pytest.mark.parametrize(
    "line", ["空,,,", "半,柴油,3,", "半,柴油,,t", "无,,3,t", "怪,怪物,3,t", "错,柴油,x,t"]
)
def test_a_bad_boundary_is_refused_with_its_cell(own, file, line):
    with pytest.raises(InputError) as refused:
        read_boundary(file(f"name_zh,carrier,quantity,unit\n{line}\n"), own)
    assert refused.value.findings[0].place.row == 2


def test_an_error_register(own, file):
    head = "place,carrier,measure,delta,unit,state,reason\n"
    one, other = read_register(
        file(head + "a>b,柴油,co2,-1.25,10^4 t,required,年鉴\nf!!C2,,tce,3,tce,blocked,x\n"), own
    )
    assert (one.carrier, one.delta_g, one.state) == ("diesel", -12_500_000_000, "required")
    assert (other.carrier, other.delta_g) == (None, 3_000_000)
    for line in ("a>b,,co2,1,kWh,required,x", "a>b,,co2,1,t,perhaps,x", "a>b,,co2,,t,blocked,x"):
        with pytest.raises(InputError):
            read_register(file(head + line + "\n"), own)


def test_shares(own, file):
    head = "enterprise,view,area,share\n"
    path = file(head + "f,located_in,310101,0.6\nf,located_in,310104,0.4\ng,,310101,0.5\n")
    members, findings = read_shares(path, own)
    assert members["located_in"]["f"] == [("310101", Fraction("0.6")), ("310104", Fraction("0.4"))]
    assert members["assessed_by"] == {"g": [("310101", Fraction("0.5"))]}
    assert {item.severity for item in findings} == {"warning"}
    for line in ("f,,a,0.7\nf,,b,0.7", "f,,a,0", "f,,a,1.2", "f,near,a,1"):
        with pytest.raises(InputError):
            read_shares(file(head + line + "\n"), own)


def test_tonnes_become_whole_grams():
    assert [whole(value) for value in (0.1, -0.1, 1e-7, 5e-7)] == [100_000, -100_000, 0, 1]
