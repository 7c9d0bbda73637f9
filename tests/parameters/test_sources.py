"""Every shipped value against the tables it was taken from, and against the rules of honesty."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dualcarbon.areas import load_areas
from dualcarbon.carriers import load_carriers
from dualcarbon.packs import load_pack
from dualcarbon.parameters import Parameter, Parameters, load_parameters
from dualcarbon.units import convert

MONTH = (2010, 1)
SECTORS = {
    "energy_ind": "energy_industries",
    "manuf": "manufacturing",
    "commercial": "commercial",
    "residential_agri": "residential",
}
IPCC_NAMES = {
    "Motor Gasoline": "gasoline",
    "Diesel Oil": "diesel",
    "Residual Fuel Oil": "fuel_oil",
    "Liquefied Petroleum Gases": "lpg",
    "White Spirit & SBP": "white_spirit",
    "Waxes": "paraffin",
    "Other Petroleum Products": "other_petroleum",
    "Other Bituminous Coal": "bituminous_coal",
    "Coke Oven Coke and Lignite Coke": "coke",
    "Oxygen Steel Furnace Gas": "converter_gas",
}


@pytest.fixture(scope="module")
def loaded() -> Parameters:
    return load_parameters(load_pack("shanghai"))


def rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return list(csv.DictReader(lines))


def named(name: str) -> str:
    """The carrier code of a fuel of the IPCC tables."""
    plain = re.sub(r"[^a-z]+", "_", name.lower()).strip("_")
    return IPCC_NAMES.get(name, plain)


def wanted_ipcc(row: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Name, sector, unit and printed number of every cell of a row; an empty cell is no value."""
    yield "ncv", "", "TJ/Gg", row["ncv_TJ_per_Gg"]
    yield "carbon_content", "", "kgC/GJ", row["carbon_kg_per_GJ"]
    yield "co2_per_energy", "", "kgCO2/TJ", row["co2_kg_per_TJ"]
    for column, sector in SECTORS.items():
        yield "ch4_per_energy", sector, "kgCH4/TJ", row[f"ch4_{column}"]
        yield "n2o_per_energy", sector, "kgN2O/TJ", row[f"n2o_{column}"]


# Per mass the Guidelines, per volume the yearbook: these three are tested below.
BY_VOLUME = {"natural_gas", "coke_oven_gas", "blast_furnace_gas", "converter_gas"}


def test_ipcc_values_equal_the_tables(loaded: Parameters, shared: Path) -> None:
    compared = 0
    for row in rows(shared / "data/ipcc2006_stationary_defaults.csv"):
        carrier = named(row["fuel"])
        for name, sector, unit, text in wanted_ipcc(row):
            if not text or (name == "ncv" and carrier in BY_VOLUME):
                continue
            keys = {"carrier": carrier, **({"sector": sector} if sector else {})}
            value = loaded.select(name, keys, MONTH, set="ipcc2006")
            assert convert(value.value, value.unit, unit) == pytest.approx(float(text), rel=1e-12)
            compared += 1
    assert compared > 550


def test_every_ipcc_value_cites_its_table(loaded: Parameters) -> None:
    tables = {"ncv": "1.2", "carbon_content": "1.3", "co2_per_energy": "1.4", "oxidation": "1.4"}
    by_sector = dict(zip(SECTORS.values(), ("2.2", "2.3", "2.4", "2.5"), strict=True))
    for value in loaded:
        if value.set != "ipcc2006" or "IPCC" not in value.source["title"]:
            continue
        table = tables.get(value.name) or by_sector.get(value.keys.get("sector", ""))
        if table:
            assert f"Table {table}" in value.source["clause"], value.id


def test_a_kilotonne_of_diesel(loaded: Parameters) -> None:
    ncv = loaded.select("ncv", {"carrier": "diesel"}, MONTH)
    co2 = loaded.select("co2_per_energy", {"carrier": "diesel"}, MONTH)
    tonnes = 1000 * convert(ncv.value, ncv.unit, "GJ/t") * convert(co2.value, co2.unit, "tCO2/GJ")
    assert tonnes == pytest.approx(3186.3)


def test_grid_factors_equal_the_transcriptions(loaded: Parameters, shared: Path) -> None:
    areas = load_areas(load_pack("shanghai"))
    table = rows(shared / "data/cn_grid_factors_2021_2023.csv")
    for row in table:
        area = areas.resolve(row["area"])
        assert area is not None, row["area"]
        year = int(row["year"])
        keys = {"area": area.code, "basis": row["basis"]}
        value = loaded.select("grid_co2", keys, (year, 7))
        assert value.value == float(row["kgCO2_per_kWh"])
        assert value.unit == "kgCO2/kWh"
        assert (value.status == "unsourced") == (year == 2021)
        assert (value.valid_from.year, value.valid_to and value.valid_to.year) == (year, year)
    assert len(table) == 116


def printed(cell: str) -> list[float]:
    """The leading number or range of a printed cell, spaces inside numbers taken out."""
    head = re.split(r"千焦|千克标准煤", cell)[0].replace(" ", "")
    return [float(part) for part in head.split("～") if part]


YEARBOOK = {
    "洗中煤": "middlings",
    "煤泥": "slime",
    "其它煤气": "",
    "发生炉煤气": "producer_gas",
    "重油催化裂解煤气": "heavy_oil_catalytic_gas",
    "重油热裂解煤气": "heavy_oil_thermal_gas",
    "焦炭制气": "coke_gas",
    "压力气化煤气": "pressure_gas",
    "热力(当量)": "heat",
    "电力(当量)": "electricity",
    "大豆秆、棉花秆": "bean_cotton_straw",
}


def test_yearbook_coefficients_equal_appendix_4(loaded: Parameters, shared: Path) -> None:
    carriers = load_carriers(load_pack("china"))
    compared = set()
    for row in rows(shared / "data/cn_standard_coal_coefficients_cesy2008_app4.csv"):
        found = carriers.resolve(YEARBOOK.get(row["energy"], row["energy"]))
        if found is None or not row["tce_coefficient"]:
            continue
        value = loaded.select("standard_coal", {"carrier": found.code}, MONTH, set="cesy2008")
        check_printed(value, printed(row["tce_coefficient"]))
        if row["avg_low_calorific_value"] and found.code not in ("electricity", "slime"):
            heat = loaded.select("ncv", {"carrier": found.code}, MONTH, set="cesy2008")
            check_printed(heat, printed(row["avg_low_calorific_value"]))
        compared.add(found.code)
    assert len(compared) >= 27


def check_printed(value: Parameter, numbers: list[float]) -> None:
    assert value.value in numbers, value.id
    if len(numbers) == 2:
        assert [value.low, value.high] == numbers, value.id
        assert value.note, "an end of a range was chosen without saying so"
        assert value.mark in ("M", "J")


def page(shared: Path) -> str:
    return (shared / "domain/accounting.md").read_text(encoding="utf-8")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_gwp_equals_the_table_of_the_reports(loaded: Parameters, shared: Path) -> None:
    section = page(shared).split("### 1.5")[1].split("###")[0]
    lines = [cells(line) for line in section.splitlines() if line.startswith("| ")]
    sets = ["SAR", "AR4", "AR5", "AR5_feedbacks", "AR6"]
    compared = 0
    for gas, *numbers in lines[1:]:
        if not gas or gas.startswith("---"):
            continue
        for chosen, number in zip(sets, numbers, strict=True):
            if number == "-":
                assert not any(v.set == chosen and v.keys["gas"] == gas for v in loaded)
                continue
            value = loaded.select("gwp100", {"gas": gas}, MONTH, set=chosen)
            assert value.value == float(number), (chosen, gas)
            compared += 1
    assert compared == 44


CN27_COLUMNS = ("ncv", "carbon_content", "oxidation")
CN27 = {
    "bituminous": "bituminous_coal",
    "cleaned coal": "cleaned_coal",
    "other washed": "other_washed_coal",
    "briquette": "briquettes",
    "crude": "crude_oil",
    "fuel oil": "fuel_oil",
    "petroleum coke": "petroleum_coke",
    "other oil products": "other_petroleum",
    "tar": "coal_tar",
    "refinery gas": "refinery_gas",
    "natural gas g": "natural_gas",
    "coke-oven gas g": "coke_oven_gas",
    "blast-furnace gas g": "blast_furnace_gas",
    "converter gas g": "converter_gas",
    "carbide-furnace gas g": "carbide_furnace_gas",
    "other gas g": "other_gas",
}


def test_the_27_fuel_set_is_whole_and_unsourced(loaded: Parameters, shared: Path) -> None:
    section = page(shared).split("**Set CN-27**")[1].split("**Set CN-alt**")[0]
    found = 0
    for line in section.splitlines():
        row = cells(line) if line.startswith("|") else []
        for fuel in (row[0:4], row[5:9]):
            if len(fuel) == 4 and re.match(r"[\d.]+$", fuel[1]):
                found += 1
                keys = {"carrier": CN27.get(fuel[0].lower(), fuel[0].lower())}
                for name, text in zip(
                    ("ncv", "carbon_content", "oxidation"), fuel[1:], strict=True
                ):
                    value = loaded.select(name, keys, MONTH, set="cn27")
                    assert (value.value, value.status) == (float(text), "unsourced"), value.id
    assert found == 25


def test_nothing_without_unit_date_source_mark_and_status() -> None:
    for pack in ("world", "china", "shanghai", "demo"):
        for value in load_parameters(load_pack(pack)):
            assert value.unit, value.id
            assert value.source["title"], value.id
            assert value.valid_from, value.id
            if value.mark in ("D", "B*"):
                assert value.status != "sourced", value.id
            if value.status == "synthetic":
                assert value.pack == "demo", value.id
            if value.mark == "J":
                assert value.note, f"{value.id}: a judgement without its reason"


def test_keys_are_words_of_the_vocabularies() -> None:
    pack = load_pack("demo")
    carriers, areas = load_carriers(pack), load_areas(pack)
    for value in load_parameters(pack):
        assert value.keys.get("carrier", "diesel") in carriers, value.id
        assert value.keys.get("area", "310000") in areas.vocabulary, value.id


def test_one_kilowatt_hour_of_shanghai_has_several_factors(loaded: Parameters) -> None:
    shanghai = {"area": "310000", "basis": "average"}
    market = loaded.select("grid_co2", shanghai, (2022, 6), set="shanghai_market")
    public = loaded.select("grid_co2", shanghai, (2022, 6))
    nation = loaded.select("grid_co2", {"area": "100000", "basis": "average"}, (2022, 6))
    per_kwh = [convert(v.value, v.unit, "kgCO2/kWh") for v in (market, public, nation)]
    assert per_kwh == pytest.approx([0.42, 0.5849, 0.5366])
    assert "34" in market.source["title"]


def test_equal_and_calorific_value_of_electricity_stand_apart(loaded: Parameters) -> None:
    equal = loaded.select("electricity_equal_value", {"area": "220000"}, (2014, 5))
    calorific = loaded.select("standard_coal", {"carrier": "electricity"}, (2014, 5))
    assert convert(equal.value, equal.unit, "kgce/kWh") == pytest.approx(0.30864)
    assert convert(calorific.value, calorific.unit, "kgce/kWh") == pytest.approx(0.1229)


def test_cubic_metres_of_gas_burn_with_the_yearbook_heat_and_the_ipcc_carbon(
    loaded: Parameters,
) -> None:
    heat = loaded.select("ncv", {"carrier": "natural_gas"}, MONTH)
    carbon = loaded.select("co2_per_energy", {"carrier": "natural_gas"}, MONTH)
    per_m3 = convert(heat.value, heat.unit, "GJ/m3") * convert(carbon.value, carbon.unit, "tCO2/GJ")
    assert 1000 * per_m3 == pytest.approx(38.931 * 56.1 / 1000)
    assert "2008" in heat.source["title"]
    assert heat.note
