"""The consumption-based total: exact causes, real provinces, exporters, green power."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualcarbon.accounting.account import Options, make_account
from dualcarbon.accounting.answer import payload
from dualcarbon.accounting.balance import read_balance
from dualcarbon.accounting.bunkers import parse_shares
from dualcarbon.accounting.city import chosen, city_answer, network_table, totals_table
from dualcarbon.accounting.consumption import Choices, causes, make_consumption
from dualcarbon.accounting.explain import EXPLAINERS, freeze
from dualcarbon.editions import explain
from dualcarbon.errors import InputError, UsageError

IMPORT = "0.85 kgCO2/kWh; a stated factor"
PROVINCES = ["Shanghai", "Beijing", "Tianjin", "Jiangsu", "Guangdong", "Hebei", "Sichuan", "Hubei"]
HEAT_IN = "0.11 tCO2/GJ"


@pytest.fixture
def city(tools, long, tmp_path):
    """Make the city answer of a small table of an invented province, at 3 t CO2 a tonne of coal."""

    def make(cells, year=2012, units=None, **choices):
        path = tmp_path / "f.csv"
        path.write_text("carrier,rows,value,unit\nraw_coal,,3,tCO2/t\nkerosene,,3,tCO2/t\n")
        read = read_balance(long(cells), tools.layout, tools.carriers, year=year, units=units)
        account = make_account(read.select(None), tools, Options(factors=str(path)))
        made = make_consumption(account, tools, Choices(**choices))
        answer, said = city_answer(account, made, payload(account), None)
        return answer, made, {item.rule for item in (*made.findings, *said)}

    return make


def real_city(real, tools, province, **choices):
    account = make_account(real.select(province), tools, Options())
    choices = {"import_factor": IMPORT, "heat_import_factor": HEAT_IN, **choices}
    return account, make_consumption(account, tools, Choices(**choices))


def amounts(answer):
    return {one["total"]: one["co2_t"] for one in answer["totals"]["amounts"]}


def gap(answer, one, other):
    return next(g for g in answer["totals"]["gaps"] if (g["from"], g["to"]) == (one, other))


def network(answer, carrier="electricity"):
    return next(one for one in answer["networks"] if one["carrier"] == carrier)


# 100 x 10^4 t coal make 30 x 10^8 kWh; 10 come in at 0.5 kg, 5 go out, 2 are lost, 33 are used.
TABLE = [
    (12, "raw_coal", -100), (12, "electricity", 30), (4, "electricity", 10), (7, "electricity", -5),
    (20, "electricity", 2), (23, "electricity", 33), (23, "raw_coal", 7),
]  # fmt: skip


def test_it_works(city):
    """Mix (3 Mt + 0.5 Mt) / 40 x 10^8 kWh = 0.875; 35 x 10^8 kWh used or lost = 3.0625 Mt."""
    answer, _, _ = city(TABLE, import_factor="0.5; x")
    assert amounts(answer)["sectoral"] == 107e4 * 3
    assert amounts(answer)["consumption"] == 21e4 + 3_062_500
    power = network(answer)
    assert power["production"] == {"quantity": 30, "co2_t": 3e6, "factor": pytest.approx(1.0)}
    assert power["consumption"]["factor"] == pytest.approx(0.875)
    assert power["consumption"]["scope2_final_co2_t"] == 33e8 * 0.875 / 1000
    assert power["consumption"]["scope3_losses_co2_t"] == 2e8 * 0.875 / 1000
    assert power["net_purchased"] == {"quantity": 5, "co2_t": 500_000 - 437_500}


def test_losses_are_a_named_choice(city):
    answer, made, _ = city(TABLE, import_factor="0.5; x", losses="exclude")
    assert amounts(answer)["consumption"] == 21e4 + 33e8 * 0.875 / 1000
    assert {c["cause"]: c["grams"] for c in causes(made)}["losses"] == -175_000 * 10**6


@pytest.mark.parametrize("province", PROVINCES)
@pytest.mark.parametrize("losses", ["include", "exclude"])
def test_c5_2_causes_add_up_to_the_gaps_of_real_provinces(real, tools, province, losses):
    account, made = real_city(real, tools, province, losses=losses)
    parts = [cause["grams"] for cause in causes(made)]
    assert made.grams is not None
    assert made.grams - made.sectoral == sum(parts)
    answer, _ = city_answer(account, made, payload(account), None)
    for one in answer["totals"]["gaps"]:
        grams = [round(cause["co2_t"] * 1e6) for cause in one["causes"]]
        assert sum(grams) == round(one["gap_t"] * 1e6)


def test_shanghai_2007_is_a_net_buyer(real, tools):
    """Printed: inflow 346.76, outflow 16.23, thermal 733.35, final 1016.30, losses 56.08."""
    account, made = real_city(real, tools, "Shanghai")
    answer, _ = city_answer(account, made, payload(account), None)
    parts = {p["part"]: p["quantity"] for p in network(answer)["parts"]}
    assert parts == {
        "generation": 733.35, "primary": 0.4, "recovery": 8.1, "inflow": 346.76,
        "outflow": 16.23, "final": 1016.3, "losses": 56.08,
    }  # fmt: skip
    assert network(answer)["net_purchased"]["quantity"] == 330.53
    inflow = next(p for p in network(answer)["parts"] if p["part"] == "inflow")
    assert inflow["co2_t"] == 34_676e6 * 0.85 / 1000
    supply = 733.35 + 0.4 + 8.1 + 346.76
    own = network(answer)["production"]["co2_t"]
    mix = Fraction(str(own)) + Fraction("29474600")
    assert network(answer)["consumption"]["factor"] == pytest.approx(float(mix) / supply / 1e5)


@pytest.mark.parametrize(("province", "net"), [("Sichuan", -48.81), ("Hubei", -552.1)])
def test_exporters_keep_the_sign(real, tools, province, net):
    account, made = real_city(real, tools, province)
    answer, _ = city_answer(account, made, payload(account), None)
    bought = network(answer)["net_purchased"]
    assert bought["quantity"] == net
    assert bought["co2_t"] < 0
    assert amounts(answer)["consumption"] < amounts(answer)["sectoral"]


def test_c1_5_without_a_factor_of_the_year_the_total_is_absent(real, tools):
    account, made = real_city(real, tools, "Shanghai", import_factor=None)
    answer, said = city_answer(account, made, payload(account), None)
    assert made.grams is None
    assert amounts(answer)["consumption"] is None
    assert gap(answer, "sectoral", "consumption")["gap_t"] is None
    rules = {item.rule for item in (*made.findings, *said)}
    assert {"accounting.no_import_factor", "accounting.no_consumption_total"} <= rules


def test_a_hydro_province_without_inflow_needs_no_factor(city):
    cells = [(2, "electricity", 50), (7, "electricity", -30), (23, "electricity", 20)]
    answer, _, said = city([*cells, (23, "raw_coal", 1)])
    assert amounts(answer) == {"reference": 0, "sectoral": 3e4, "consumption": 3e4}
    assert "accounting.no_import_factor" not in said


def test_the_grid_of_the_sender_is_named(city):
    national, _, said = city(TABLE, year=2023)
    assert "accounting.national_grid" in said
    east, _, said = city(TABLE, year=2023, import_from="华东电网")
    assert "accounting.national_grid" not in said
    inflow = [
        next(p["co2_t"] for p in network(one)["parts"] if p["part"] == "inflow")
        for one in (national, east)
    ]
    assert inflow == [530_600, 550_000]
    with pytest.raises(UsageError):
        city(TABLE, year=2023, import_from="Atlantis")
    with pytest.raises(UsageError):
        city(TABLE, year=2023, import_factor="no_such_set")
    with pytest.raises(UsageError):
        city(TABLE, import_factor="0.5 tCO2/t")
    with pytest.raises(UsageError):
        city(TABLE, import_factor="550 kgCO2/kWh")


def test_senders_share_what_was_brought_in(city, tmp_path):
    path = tmp_path / "senders.csv"
    head = "sender,quantity,unit,value,value_unit,source\n"
    path.write_text(head + "Sichuan,4,10^8 kWh,0.1,kgCO2/kWh,a\nEast,,,6,tCO2/10^4 kWh,b\n")
    answer, made, _ = city(TABLE, import_factor=str(path))
    inflow = {p["sender"]: p["co2_t"] for p in network(answer)["parts"] if p["part"] == "inflow"}
    assert inflow == {"Sichuan": 4e4, "East": 36e4}
    assert made.inputs[0].file == "senders.csv"
    path.write_text(head + "Sichuan,4,10^8 kWh,0.1,kgCO2/kWh,a\n")
    short, _, said = city(TABLE, import_factor=str(path))
    assert amounts(short)["consumption"] is None
    assert "accounting.senders_short" in said
    path.write_text(head + "Sichuan,40,10^8 kWh,0.1,kgCO2/kWh,a\n")
    with pytest.raises(InputError):
        city(TABLE, import_factor=str(path))


def test_green_power_counts_once_and_not_beyond_consumption(city, tmp_path):
    plain, _, _ = city(TABLE, import_factor="0.5; x")
    green, made, _ = city(TABLE, import_factor="0.5; x", green="4 10^8 kWh; exchange 2012")
    assert amounts(plain)["consumption"] - amounts(green)["consumption"] == 4e8 * 0.875 / 1000
    assert {c["cause"] for c in causes(made)} >= {"green"}
    path = tmp_path / "green.csv"
    path.write_text(
        "id,kind,quantity,unit,source\nG1,certificate,3,10^8 kWh,a\ng1,physical,3,10^8 kWh,b\n"
        "G2,physical,1,10^8 kWh,c\n"
    )
    twice, _, said = city(TABLE, import_factor="0.5; x", green=str(path))
    assert amounts(twice)["consumption"] == amounts(green)["consumption"]
    assert "accounting.green_twice" in said
    with pytest.raises(InputError):
        city(TABLE, import_factor="0.5; x", green="36 10^8 kWh")
    with pytest.raises(UsageError):
        city(TABLE, import_factor="0.5; x", green="-1 10^8 kWh")
    _, _, unsourced = city(TABLE, import_factor="0.5; x", green="1 10^8 kWh")
    assert "accounting.green_unsourced" in unsourced


def test_power_in_standard_coal_is_not_guessed(city):
    cells = [(12, "electricity", 1), (23, "electricity", 1), (23, "raw_coal", 1)]
    answer, _, said = city(cells, units={"electricity": "10^4 tce"})
    assert amounts(answer)["consumption"] is None
    assert network(answer)["known"] is False
    assert "accounting.network_unit" in said


def test_fuel_without_output_leaves_the_total_open(city):
    answer, _, said = city([(12, "raw_coal", -1), (23, "raw_coal", 1)])
    assert amounts(answer)["sectoral"] == 6e4
    assert amounts(answer)["consumption"] is None
    assert "accounting.fuel_without_output" in said


def test_bunkers_in_and_out(city, tools):
    """Transport 10, of which row 6 put in 3: a share of 0.5 of the other 7; foreigners took 1."""
    cells = [(6, "kerosene", 3), (9, "kerosene", -1), (26, "kerosene", 10), (4, "kerosene", 8)]
    bare, _, said = city(cells)
    assert bare["international"]["lifted"][0]["state"] == "not_divided"
    assert bare["international"]["out_co2_t"] is None
    assert "accounting.not_divided" in said
    shares = parse_shares(["煤油=50 %; port office 2012"], tools.carriers)
    answer, _, _ = city(cells, lifted=shares)
    assert answer["international"] == {
        "abroad_co2_t": 9e4, "foreign_co2_t": 3e4, "in_co2_t": 33e4, "out_co2_t": 10.5e4,
        "lifted": [{
            "carrier": "kerosene", "carrier_zh": "煤油", "carrier_en": "Kerosene",
            "transport_co2_t": 21e4, "share": 0.5, "co2_t": 10.5e4,
            "source": "port office 2012", "data_status": "sourced", "state": "divided",
        }],
    }  # fmt: skip
    for wrong in ("kerosene=1.2", "kerosene=x", "unobtainium=0.5"):
        with pytest.raises(UsageError):
            parse_shares([wrong], tools.carriers)


def test_a_split_moves_co2_between_power_and_heat_only(real, tools):
    _, table = real_city(real, tools, "Shanghai")
    _, energy = real_city(real, tools, "Shanghai", chp="energy")
    total = table.split.power_g + table.split.heat_g
    assert energy.split.power_g + energy.split.heat_g == total
    assert energy.sectoral == table.sectoral
    assert energy.grams != table.grams
    power, heat = 733.35e8 * 0.0036, 6519.09e4
    assert energy.split.heat_g / total == pytest.approx(heat / (power + heat), rel=1e-12)


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"chp": "energy"},
        {"chp": "efficiency"},
        {"green": "5 10^8 kWh; x"},
        {"losses": "exclude"},
    ],
)
def test_every_part_and_total_explains_to_the_same_digits(real, tools, tmp_path, choices):
    account, made = real_city(real, tools, "Shanghai", **choices)
    tables = {"network": network_table(made), "totals": totals_table(made, payload(account))}
    edition = freeze(account, tmp_path, tools.pack, tables, {"city": chosen(made)}, made.inputs)
    for name, table in tables.items():
        for index in range(table.height):
            found = explain(f"{edition.id}:{name}:{index}", tmp_path, EXPLAINERS)
            assert found.equal, (name, index, found)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_c5_2_any_network_adds_up_to_the_gram(tools, tmp_path_factory, data):
    number = st.floats(0, 5000).map(lambda x: round(x, 4))
    rows = [(2, 1), (3, 1), (4, 1), (5, 1), (7, -1), (8, -1), (20, 1), (23, 1), (12, 1), (13, -1)]
    cells = [(row, "electricity", sign * data.draw(number)) for row, sign in rows]
    cells += [(13, "heat", data.draw(number)), (23, "heat", data.draw(number))]
    cells += [(12, "raw_coal", -data.draw(number)), (13, "raw_coal", -data.draw(number))]
    folder = tmp_path_factory.mktemp("any")
    lines = [f"N,2012,{row},{energy},{value}" for row, energy, value in [*cells, (23, "coke", 1)]]
    path = folder / "t.csv"
    path.write_text("province,year,row,energy,value\n" + "\n".join(lines) + "\n")
    account = make_account(
        read_balance(path, tools.layout, tools.carriers).select(None), tools, Options()
    )
    losses = data.draw(st.sampled_from(["include", "exclude"]))
    chp = data.draw(st.sampled_from(["table", "energy", "efficiency"]))
    made = make_consumption(account, tools, Choices(import_factor="0.7", losses=losses, chp=chp))
    parts = [cause["grams"] for cause in causes(made)]
    if made.grams is not None:
        assert made.grams - made.sectoral == sum(parts)


def test_the_factor_of_a_sender_stands_in_answer_and_edition(city, tools):
    answer, made, _ = city(TABLE, year=2023, import_from="华东电网")
    inflow = next(p for p in network(answer)["parts"] if p["part"] == "inflow")
    assert inflow["factor"]["value"] == 0.55
    assert "47" in inflow["factor"]["source"]
    assert [one.id for one in made.parameters] == [inflow["factor"]["parameter"]]
    assert next(p for p in network(answer)["parts"] if p["part"] == "final")["factor"] is None


def test_green_power_is_bounded_by_what_counts_as_consumption(city):
    city(TABLE, import_factor="0.5; x", green="34 10^8 kWh; x")
    with pytest.raises(InputError):
        city(TABLE, import_factor="0.5; x", green="34 10^8 kWh; x", losses="exclude")


def test_c1_1_foreign_bunkers_of_a_fuel_without_factor_are_absent(city):
    answer, _, _ = city([(23, "raw_coal", 1), (9, "diesel", -2)])
    assert answer["international"]["foreign_co2_t"] is None
    assert answer["international"]["in_co2_t"] is None
