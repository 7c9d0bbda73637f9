"""The commands of the city account: answers obey their schemas, tables print, bad input exits 2."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cli.test_schemas import valid

from dualcarbon.cli import main

PLANTS = "plant,co2,power,power_unit,heat,heat_unit\nA,1000000,10,10^8 kWh,6000000,GJ\n"
SOURCES = "source,category,area,value,unit,rule\nPlant,power,,100,tCO2,consumption\n"
WEIGHTS = "weight,area,value\nelectricity_consumption,N,1\nelectricity_consumption,S,2\n"
MIX = (
    "period,class,quantity,unit,proof,id,source\n2024,fossil,80,10^4 tce,,,x\n"
    "2024,wind,10,10^8 kWh,,,x\n2024,electricity_consumption,19,10^8 kWh,,,x\n"
)
SERIES = "series,year,value,unit,uncertainty,source\n" + "".join(
    f"co2,{2015 + n},{value},MtCO2,3,x\ngdp,{2015 + n},{100 + n},10^8 CNY,,x\n"
    for n, value in enumerate([100, 120, 90, 89, 88, 87, 86])
)
STEPS = "scenario,from,to,rate\nlow,2022,2030,-1\nbase,2022,2025,5\nbase,2026,2030,-2\n"
BALANCE = (
    "province,year,row,energy,value\nN,2023,12,raw_coal,-100\nN,2023,12,electricity,30\n"
    "N,2023,4,electricity,10\nN,2023,20,electricity,2\nN,2023,23,electricity,38\n"
    "N,2023,26,kerosene,4\nN,2023,6,kerosene,1\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "plants": PLANTS, "sources": SOURCES, "weights": WEIGHTS, "mix": MIX, "series": SERIES,
        "steps": STEPS, "balance": BALANCE,
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def words(folder, *arguments):
    """Fill in the folder; commands with editions keep them there."""
    found = [text.replace("@", f"{folder}/") for text in arguments]
    return found if arguments[1] == "chp" else [*found, "--editions", f"{folder}/editions"]


COMMANDS = {
    "city-chp": ("city", "chp", "@plants.csv", "--value", "power_factor=0.5; x"),
    "city-allocate": ("city", "allocate", "@sources.csv", "--weights", "@weights.csv"),
    "city-share": ("city", "share", "@mix.csv", "--equal-value", "0.3; x", "--area", "上海"),
    "city-peak": (
        "city", "peak", "@series.csv", "--scenarios", "@steps.csv", "--correlation", "0.5",
        "--target-year", "2030", "--target", "co2=60 MtCO2",
    ),
    "balance-account": (
        "balance", "account", "@balance.csv", "--green", "1 10^8 kWh; x", "--chp", "energy",
        "--bunker-share", "kerosene=0.5; port", "--import-from", "grid_east",
    ),
}  # fmt: skip


def invoke(folder, name, *more):
    return CliRunner().invoke(main, [*words(folder, *COMMANDS[name]), *more])


@pytest.mark.parametrize("name", COMMANDS)
def test_it_works(folder, name):
    result = invoke(folder, name, "--format", "json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    valid(name, answer)
    assert answer["status"] != "failed"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_print_in_both_languages(folder, name, lang):
    result = invoke(folder, name, "--lang", lang)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip()


@pytest.mark.parametrize("name", COMMANDS)
def test_csv_is_whole(folder, name):
    result = invoke(folder, name, "--format", "csv")
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 1


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("city", "chp", "@absent.csv"), "tables."),
        (("city", "chp", "@plants.csv", "--value", "magic=1"), "accounting.stated"),
        (("city", "allocate", "@sources.csv"), "accounting.weight_absent"),
        (("city", "allocate", "@sources.csv", "--city", "nowhere"), "packs."),
        (("city", "share", "@series.csv"), "tables.column_missing"),
        (("city", "peak", "@series.csv", "--correlation", "2"), "accounting.correlation"),
        (("city", "peak", "@series.csv", "--target", "co2=1 MtCO2"), "accounting.target"),
        (("balance", "account", "@balance.csv", "--green", "99 10^8 kWh"), "accounting.green"),
        (("balance", "account", "@balance.csv", "--import-from", "Mars"), "accounting.import"),
        (("balance", "account", "@balance.csv", "--chp", "exergy"), "accounting.chp_value"),
        (("balance", "account", "@balance.csv", "--bunker-share", "kerosene=2"), "accounting."),
    ],
)
def test_bad_input_exits_2_with_a_remedy_and_writes_nothing(folder, arguments, rule):
    result = CliRunner().invoke(main, [*words(folder, *arguments), "--format", "json"])
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    valid("-".join(arguments[:2]), answer)
    assert answer["findings"][0]["rule"].startswith(rule)
    assert answer["findings"][0]["remedy_en"]
    assert not (folder / "editions").exists()


def test_a_double_source_names_both_places(folder):
    (folder / "own.csv").write_text("area,source\nN,PLANT\n")
    result = invoke(folder, "city-allocate", "--own", str(folder / "own.csv"))
    assert result.exit_code == 2
    assert "sources.csv!!A2" in result.stderr
    assert "own.csv!!B2" in result.stderr


def test_a_code_of_an_answer_explains(folder):
    answer = json.loads(invoke(folder, "balance-account", "--format", "json").stdout)
    codes = [one["code"] for one in answer["totals"]["amounts"]]
    codes += [part["code"] for network in answer["networks"] for part in network["parts"]]
    for code in codes:
        arguments = ["explain", code, "--editions", f"{folder}/editions", "--format", "json"]
        explained = json.loads(CliRunner().invoke(main, arguments).stdout)
        assert explained["equal"], code
