"""`dualcarbon drivers`: JSON as its schema says, tables, csv, editions that explain, exit codes."""

import csv
import io
import json
import math
from importlib.resources import files

import jsonschema
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource
from tests.accounting.drivers_cases import city, write

from dualcarbon.accounting.drivers_frozen import EXPLAINERS
from dualcarbon.cli import main
from dualcarbon.editions import explain, open_edition, verify_edition

SCHEMAS = {
    name: json.loads(files("dualcarbon").joinpath(f"schemas/{name}.json").read_text("utf-8"))
    for name in ("envelope", "drivers", "explain")
}
REGISTRY = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
YEARS = {
    "2020": {
        ("C", "coal"): (100, 60, 150),
        ("C", "gas"): (100, 20, 32),
        ("S", "gas"): (300, 30, 48),
    },
    "2021": {
        ("C", "coal"): (110, 55, 140),
        ("C", "gas"): (110, 25, 40),
        ("S", "gas"): (390, 35, 55),
    },
    "2022": {("C", "coal"): (120, 0, 0), ("C", "gas"): (120, 30, 46), ("S", "gas"): (480, 40, 62)},
}


def command(*words, code=0, form="json", name="drivers"):
    result = CliRunner().invoke(main, [name, *map(str, words), "--format", form])
    assert result.exit_code == code, (result.stdout, result.stderr)
    if form != "json":
        return result
    answer = json.loads(result.stdout)
    jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(answer)
    return answer


@pytest.fixture
def table(tmp_path):
    path = write(tmp_path / "levels.csv", city(YEARS))
    path.write_text(path.read_text(encoding="utf-8").replace(",va,", ",增加值,"), encoding="utf-8")
    return path


NAMED = ("--identity", "industry_carrier_co2")


def test_it_answers_in_the_shape_of_its_schema(table):
    answer = command(table, *NAMED, "--chain")
    assert answer["status"] == "ok"
    assert (answer["target"]["level"], answer["unit"]) == ("co2", "10^4 tCO2")
    kinds = [(link["kind"], link["form"]) for link in answer["links"]]
    assert kinds[:2] == [("chain", "additive"), ("chain", "multiplicative")]
    assert len(kinds) == 8
    head = answer["links"][0]
    assert head["total_change"] == -122
    assert math.fsum(e["value"] for e in head["effects"]) == pytest.approx(-122, rel=1e-14)
    assert {part["keys"].get("industry") for part in head["parts"]} == {"C", "S"}
    assert answer["waterfall"][0]["label_zh"] == "2020年二氧化碳排放量"
    assert [row["label_zh"] for row in answer["waterfall"][1:-1]] == [
        "规模效应", "产业结构效应", "强度效应", "能源结构效应", "排放因子效应",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["additive", "multiplicative"])
def test_one_form_alone(table, form):
    answer = command(table, *NAMED, "--form", form)
    assert [link["form"] for link in answer["links"]] == [form]
    text = command(table, *NAMED, "--form", form, "--lang", "en", form="table").stdout
    assert "Activity effect" in text


def test_tables_for_people_in_both_languages(table):
    zh = command(table, *NAMED, "--chain", "--lang", "zh", form="table").stdout
    assert "产业结构效应" in zh
    assert "逐期环比累加" in zh
    assert "█" in zh
    en = command(table, *NAMED, "--by", "", "--lang", "en", form="table").stdout
    assert "from end to end" in en


def test_depth_says_how_far_parts_are_listed(table):
    counts = [len(command(table, *NAMED, "--depth", n)["links"][0]["parts"]) for n in (0, 1, 2)]
    assert counts == [0, 2, 5]
    text = command(table, *NAMED, "--depth", 0, form="csv").stdout
    assert len(text.splitlines()) == 1 + 2 * 5


def test_brackets_in_names_are_shown(table):
    text = "co2[], co2[行业]/co2[]"
    assert "co2[industry]/co2[]" in command(table, "--identity", text, form="table").stdout


def test_csv_has_a_line_an_effect(table):
    text = command(table, *NAMED, "--form", "additive", form="csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 5 * (1 + 2 + 3)
    leaves = [float(row["value"]) for row in rows if row["depth"] == "2"]
    assert math.fsum(leaves) == pytest.approx(-122, rel=1e-12)
    assert rows[0]["industry"] == ""


def test_every_effect_is_explained_from_the_edition(table, tmp_path):
    store = tmp_path / "store"
    answer = command(table, *NAMED, "--chain", "--editions", store)
    edition = open_edition(store, answer["edition"])
    assert verify_edition(edition) == []
    table.unlink()
    shown = {}
    for link in answer["links"]:
        for part in (link, *link["parts"]):
            for effect in part["effects"]:
                found = explain(effect["code"], store, EXPLAINERS)
                assert (found.value, found.equal) == (effect["value"], True)
                shown[found.formula_en] = found
    assert len(shown) == 6
    leaf = shown["L(end, start) x ln(factor at the end / factor at the start)"]
    assert leaf.inputs[0].place.startswith("levels.csv!!E")
    assert leaf.inputs[2].terms[0].place
    total = shown["exp(additive effect / L(whole at the end, whole at the start))"]
    assert total.inputs[0].code


def test_the_explain_command_knows_it(table, tmp_path):
    store = tmp_path / "store"
    answer = command(table, *NAMED, "--editions", store)
    code = answer["links"][0]["parts"][-1]["effects"][2]["code"]
    told = command(code, "--editions", store, name="explain")
    assert told["equal"]
    assert told["about"]["part"] == "industry=S, carrier=gas"
    again = command(table, *NAMED, "--editions", store)
    assert again["edition"] == answer["edition"]


@pytest.mark.parametrize(
    "words",
    [
        ("--identity", "kaya"),
        ("--identity", "gdp, energy/gdp/co2"),
        ("--identity", "kaya_co2"),
        (*NAMED, "--from", "1999"),
        (*NAMED, "--by", "area"),
        (*NAMED, "--by", "area,period"),
        ("--identity", "co2, energy/co2, co2"),
    ],
)
def test_bad_input_exits_two_and_writes_nothing(table, tmp_path, words):
    store = tmp_path / "store"
    answer = command(table, *words, "--editions", store, code=2)
    assert answer["status"] == "failed"
    assert answer["findings"][0]["remedy_zh"]
    assert not store.exists()


def test_a_file_that_is_not_there(tmp_path):
    command(tmp_path / "none.csv", *NAMED, code=2)


def test_a_chain_with_a_bad_year_answers_with_errors(table):
    text = table.read_text(encoding="utf-8").replace("2021,C,gas,co2,40", "2021,C,gas,co2,-40")
    table.write_text(text, encoding="utf-8")
    answer = command(table, *NAMED, "--chain")
    assert answer["status"] == "errors"
    assert [f["rule"] for f in answer["findings"]] == [
        "accounting.drivers_negative",
        "accounting.drivers_gap",
    ]
    assert answer["links"][0]["total_change"] == -122
