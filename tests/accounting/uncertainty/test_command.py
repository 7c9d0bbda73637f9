"""`dualcarbon uncertainty`: an inventory, an account, bad input; JSON as its schema says."""

import csv
import io
import json
import math
from importlib.resources import files

import jsonschema
import polars as pl
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource

from dualcarbon.cli import main
from dualcarbon.editions import write_edition
from dualcarbon.packs import load_pack
from dualcarbon.parameters import load_parameters

SCHEMAS = {
    entry.name.removesuffix(".json"): json.loads(entry.read_text(encoding="utf-8"))
    for entry in files("dualcarbon").joinpath("schemas").iterdir()
    if entry.name in ("envelope.json", "uncertainty.json")
}
REGISTRY = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
HEADER = (
    "category,subject,gas,period,amount,unit,activity_percent,factor,factor_percent,"
    "distribution,source_class"
)
LINES = (
    "1.A.1,青浦,CO2,2020,100,万tCO2e,3,coal,5,,",
    "1.A.2,嘉定,CO2,2020,80,万tCO2e,10,coal,5,,",
    "1.A.1,青浦,CO2,2023,90,万tCO2e,3,coal,5,,",
    "1.A.2,嘉定,CO2,2023,88,万tCO2e,10,coal,5,,",
    "4.A,嘉定,CH4,2023,4,万tCO2e,30,landfill,60,lognormal,",
    "4.A,青浦,CH4,2023,,万tCO2e,30,landfill,60,lognormal,",
)


def run(*arguments, code=0, form="json"):
    words = ["uncertainty", *map(str, arguments), "--format", form]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    if form != "json":
        return result
    answer = json.loads(result.stdout)
    jsonschema.Draft202012Validator(SCHEMAS["uncertainty"], registry=REGISTRY).validate(answer)
    return answer


@pytest.fixture
def write(tmp_path):
    def writing(*lines, header=HEADER, name="inventory.csv"):
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]).replace("万t", "10^4 t"), encoding="utf-8")
        return path

    return writing


def totals(answer, approach="approach1"):
    return {r["period"]: r for r in answer[approach] if not r["group"]}


def test_the_worked_number(write):
    path = write("a,100,t,10", "b,200,t,5", header="category,amount,unit,percent")
    answer = run(path)
    record = answer["approach1"][0]
    assert (record["value"], round(record["percent"], 3)) == (300, 4.714)
    assert answer["approach2"][0]["high"] == pytest.approx(314.14, rel=0.005)
    assert answer["status"] == "ok"


def test_an_inventory_of_two_years(write):
    answer = run(write(*LINES), "--by", "subject,gas", "--trend", "2020", "--draws", 2000)
    assert (answer["unit"], answer["period"], answer["base"]) == ("tCO2e", "2023", "2020")
    first = totals(answer)["2020"]
    assert first["value"] == 1_800_000
    assert first["half"] == pytest.approx(math.sqrt(30_000**2 + 80_000**2 + 90_000**2))
    assert not totals(answer)["2023"]["complete"]
    whole = answer["trend"][0]
    assert whole["change"] == pytest.approx(100 * (182 / 180 - 1))
    assert whole["approach2"]["sd"] == pytest.approx(whole["approach1"]["half"] / 1.96, rel=0.1)
    assert [r["subject"] for r in answer["ranks"]] == ["嘉定", "青浦"]
    assert {tuple(c["category"].values()) for c in answer["key_categories"]} == {
        ("1.A.1", "CO2"),
        ("1.A.2", "CO2"),
        ("4.A", "CH4"),
    }
    landfill = next(c for c in answer["key_categories"] if c["category"]["gas"] == "CH4")
    assert landfill["base_value"] is None
    assert landfill["trend"] is None


def test_the_seed_decides_and_an_approach_can_be_left_out(write):
    path = write(*LINES)
    one, two = (run(path, "--draws", 300, "--seed", 7)["approach2"] for _ in range(2))
    assert one == two
    assert one != run(path, "--draws", 300, "--seed", 8)["approach2"]
    assert run(path, "--approach", "1")["approach2"] == []
    assert run(path, "--approach", "2", "--draws", 100)["approach1"] == []


def test_a_table_of_stated_ranges(write):
    path = write(
        "a,100,t,,ncv * carbon,", header="category,amount,unit,percent,factor,source_class"
    )
    stated = write(
        "activity,,3,,,,x",
        "parameter,ncv,4,,,,x",
        "parameter,carbon,12,,,,x",
        header="applies_to,name,percent,low,high,distribution,source",
        name="stated.csv",
    )
    record = run(path, "--uncertainties", stated)["approach1"][0]
    assert record["percent"] == pytest.approx(13)
    assert record["complete"]
    silent = run(path)
    assert silent["approach1"][0]["percent"] is None
    assert {f["rule"] for f in silent["findings"]} == {
        "uncertainty.parameter_not_stated",
        "uncertainty.activity_not_stated",
    }


def test_the_most_specific_statement_holds_and_a_draw_is_an_error(write):
    path = write("a,x,100,t", "b,x,100,t", header="category,subject,amount,unit")
    header = "applies_to,category,subject,percent,source"
    stated = write("activity,,,10,x", "activity,a,,2,x", header=header, name="s.csv")
    answer = run(path, "--by", "category", "--uncertainties", stated, "--approach", "1")
    by_name = {r["group"].get("category"): r["percent"] for r in answer["approach1"]}
    assert (by_name["a"], by_name["b"]) == (2, 10)
    two = write("activity,a,,2,x", "activity,,x,3,x", header=header, name="two.csv")
    failed = run(path, "--uncertainties", two, code=2)
    assert failed["findings"][0]["rule"] == "uncertainty.ambiguous"
    assert "two.csv!!D2" in failed["findings"][0]["message_en"]


def test_totals_per_gdp_with_its_own_range(write):
    header = "subject,value,unit,percent"
    gdp = write(
        "青浦,1000,亿元,,", "嘉定,2000,亿元,4", header=header + ",distribution", name="gdp.csv"
    )
    options = ("--by", "subject", "--trend", "2020", "--per", gdp)
    found = {r["subject"]: r for r in run(write(*LINES[:4]), *options)["figures"]}
    assert found["青浦"]["value"] == 900
    assert found["青浦"]["unit"] == "tCO2e/10^8 CNY"
    assert found["青浦"]["half_percent"] == pytest.approx(math.hypot(3, 5), rel=0.04)
    assert found["嘉定"]["half_percent"] == pytest.approx(math.sqrt(100 + 25 + 16), rel=0.04)
    one = write("青浦,1000,亿元,", header=header, name="one.csv")
    absent = run(write(*LINES[:4]), "--by", "subject", "--per", one)["figures"]
    assert [r["subject"] for r in absent if r["value"] is None] == ["嘉定"]
    assert "比值" in run(write(*LINES), *options, "--lang", "zh", form="table").stdout
    bare = run(write(*LINES), "--per", gdp, code=2)
    assert bare["findings"][0]["rule"] == "uncertainty.column"


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (["a,1,CNY,", "b,1,t,"], "uncertainty.units_mixed"),
        (["a,1,CNY,-2"], "uncertainty.range"),
        (["a,many,CNY,"], "tables.not_number"),
    ],
)
def test_bad_denominators(write, lines, rule):
    per = write(*lines, header="subject,value,unit,percent", name="per.csv")
    answer = run(write(*LINES), "--by", "subject", "--per", per, code=2)
    assert rule in {f["rule"] for f in answer["findings"]}


def test_people_read_it_in_both_languages(write):
    path = write(*LINES)
    options = (path, "--by", "subject", "--trend", "2020", "--draws", 200)
    zh = run(*options, "--lang", "zh", form="table")
    for word in ("方法 1", "蒙特卡洛", "趋势", "位次", "关键类别"):
        assert word in zh.stdout
    assert "Key categories" in run(*options, "--lang", "en", form="table").stdout
    rows = list(csv.DictReader(io.StringIO(run(*options, form="csv").stdout)))
    assert {row["approach"] for row in rows} == {"1", "2"}


def test_a_workbook_with_chinese_headers(tmp_path):
    path = tmp_path / "清单.xlsx"
    names = ["类别", "排放量", "单位", "活动水平不确定度", "排放因子", "排放因子不确定度", "分布"]
    pl.DataFrame(
        [["能源", 100, "吨", 3, "煤", 4, "normal"]], schema=names, orient="row"
    ).write_excel(path)
    assert run(path, "--approach", "1")["approach1"][0]["percent"] == pytest.approx(5)


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        (["a,1,t,5,,", "b,1,tCO2e,5,,"], "uncertainty.units_mixed"),
        (["a,1,GJ,5,,"], "uncertainty.unit"),
        (["a,1,t,-5,,"], "uncertainty.range"),
        (["a,1,t,5,f,10", "b,1,t,5,f,11"], "uncertainty.factor_twice"),
        (["a,1,t,5,f * g,10"], "uncertainty.factor_twice"),
        (["a,1,t,5,f,-1"], "uncertainty.range"),
        (["a,one,t,5,,"], "tables.not_number"),
        (["a,nan,t,5,,"], "tables.not_number"),
    ],
)
def test_bad_inventories(write, lines, rule):
    path = write(*lines, header="category,amount,unit,percent,factor,factor_percent")
    assert rule in {f["rule"] for f in run(path, code=2)["findings"]}


def test_gases_are_not_added_by_mass(write):
    path = write("a,CO2,1,t", "b,CH4,1,t", header="category,gas,amount,unit")
    assert run(path, code=2)["findings"][0]["rule"] == "uncertainty.gases_mixed"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("parameter,f,,,,", "uncertainty.one_range"),
        ("parameter,f,5,1,2,", "uncertainty.one_range"),
        ("parameter,f,,1,,", "uncertainty.one_range"),
        ("parameter,f,,2,1,", "uncertainty.range"),
        ("parameter,f,-1,,,", "uncertainty.range"),
        ("activity,,,1,2,value", "uncertainty.activity_bounds"),
        ("parameter,f,,1,2,", "uncertainty.no_value"),
        ("parameter,f,,5,10,percent", "uncertainty.value_outside"),
        ("factor,f,5,,,", "tables.not_choice"),
    ],
)
def test_bad_statements(write, line, rule):
    path = write("a,100,t,5,f", header="category,amount,unit,percent,factor")
    header = "applies_to,name,percent,low,high,bounds"
    stated = write(line, header=header, name="stated.csv")
    answer = run(path, "--uncertainties", stated, code=2)
    assert rule in {f["rule"] for f in answer["findings"]}


def test_bad_usage(write):
    path = write(*LINES)
    assert run(code=2)["findings"][0]["rule"] == "uncertainty.file_or_edition"
    assert run(path, "--by", "town", code=2)["findings"][0]["rule"] == "uncertainty.column"
    assert run(path, "--rank", "town", code=2)["findings"][0]["rule"] == "uncertainty.column"
    assert run(path, "--trend", "1990", code=2)["findings"][0]["rule"] == "uncertainty.base"
    assert run(path, "--by", "rows", code=2)["findings"][0]["rule"] == "uncertainty.reserved"
    assert run(path.with_name("no.csv"), code=2)["status"] == "failed"
    only = write("a,100,t,5", header="category,amount,unit,percent", name="only.csv")
    assert run(only, "--trend", "2020", code=2)["findings"][0]["rule"] == "uncertainty.base"


@pytest.fixture
def edition(tmp_path):
    """A small account run of two districts, a plant with a value of its own, two years."""
    pack = load_pack("china")
    parameters = list(load_parameters(pack))
    coal = next(p for p in parameters if p.low is not None)
    heat = next(p for p in parameters if p.name not in (coal.name, "molar_ratio", "gwp100"))
    gwp = next(p for p in parameters if p.name == "gwp100" and p.keys["gas"] == "CH4")
    carbon = json.dumps([{"parameter": p.id, "power": 1} for p in (coal, heat)])
    methane = json.dumps([{"parameter": coal.id, "power": 1}])
    summed = json.dumps([{"measure": name, "parameter": gwp.id} for name in ("co2", "ch4_fossil")])
    keys = pl.DataFrame(
        {
            "key": [70, 70, 80, 90],
            "who": ["", "990102", "", ""],
            "carrier": ["raw_coal", "raw_coal", "raw_coal", "electricity"],
            "period": ["2020-05", "2020-05", "2023-05", "2023-05"],
            "status": ["sourced"] * 4,
        }
    )
    listed = [
        (key, who, measure, grams, parts)
        for key, who in ((70, ""), (70, "990102"), (80, ""))
        for measure, grams, parts in (
            ("co2", 3.0, carbon),
            ("ch4_fossil", 1.0, methane),
            ("co2e_scope1", 4.0 * gwp.value, summed),
        )
    ]
    names = ["key", "who", "measure", "grams", "parts"]
    rows = pl.DataFrame(
        {
            "subject_kind": ["area"] * 5 + ["city"],
            "subject": ["990101", "990102", "990101", "990103", "990103", "city"],
            "key": [70, 70, 80, 80, 90, 80],
            "source_class": pl.Series([None] * 6, dtype=pl.String),
            "uncertainty": [2.0] * 6,
            "co2": [4_000_000, 3_000_000, 5_000_000, 3_000_000, None, 8_000_000],
            "ch4_fossil": [1, 1, 1, 1, None, 1],
            "co2e_scope1": [4_000_000, 3_000_000, 5_000_000, 3_000_000, None, 8_000_000],
        }
    )
    measures = pl.DataFrame(
        {
            "measure": ["co2", "ch4_fossil", "co2e_scope1"],
            "gas": ["CO2", "CH4", "CO2e"],
            "unit": ["tCO2", "tCH4", "tCO2e"],
        }
    )
    tables = {
        "rows": rows,
        "keys": keys,
        "coefficients": pl.DataFrame(listed, schema=names, orient="row"),
        "measures": measures,
    }
    made = write_edition(
        tmp_path / "store",
        room="accounting_run",
        tables=tables,
        inputs=[],
        parameters=[coal, heat, gwp],
        pack=pack,
        options={},
    )
    return made.id, tmp_path / "store", coal, heat


@pytest.fixture
def stated(edition, write):
    *_, coal, heat = edition
    return write(
        f"parameter,{coal.name},{coal.set},5,x",
        f"parameter,{heat.name},{heat.set},3,x",
        header="applies_to,name,set,percent,source",
        name="stated.csv",
    )


def test_the_account_of_an_edition(edition, stated):
    name, store, coal, heat = edition
    options = ("--edition", name, "--editions", store, "--measure", "co2")
    more = (*options, "--subject-kind", "area", "--by", "subject", "--uncertainties", stated)
    answer = run(*more, "--trend", "2020", "--draws", 1000)
    assert (answer["unit"], answer["edition"], answer["measure"]) == ("tCO2", name, "co2")
    last = totals(answer)["2023"]
    assert (last["grams"], last["unmatched"], last["complete"]) == (8_000_000, 0, True)
    own = math.hypot(2 * 5, 2 * 3) / 8
    assert last["percent"] == pytest.approx(math.sqrt(own**2 + 5**2 + 3**2), rel=1e-6)
    assert answer["trend"][0]["approach1"]["half"] < 4
    ranged = run(*options, "--subject-kind", "area", "--ranges", "--approach", "1")
    rules = {f["rule"]: f["message_en"] for f in ranged["findings"]}
    assert coal.id not in rules["uncertainty.parameter_not_stated"]
    assert heat.id in rules["uncertainty.parameter_not_stated"]
    assert coal.id in rules["uncertainty.mean_moved"]


def test_co2e_is_a_sum_of_gases_that_share_their_parameters(edition, stated):
    """Three quarters by coal x heat, one quarter by coal alone; the GWP is a convention."""
    name, store, *_ = edition
    options = ("--edition", name, "--editions", store, "--subject-kind", "area")
    answer = run(*options, "--uncertainties", stated, "--approach", "1")
    assert answer["measure"] == "co2e_scope1"
    last = totals(answer)["2023"]
    own = math.hypot(2 * 5, 2 * 3) / 8
    assert last["percent"] == pytest.approx(math.sqrt(own**2 + 5**2 + (0.75 * 3) ** 2))
    assert answer["status"] == "ok"


def test_what_an_edition_cannot_answer(edition):
    name, store, *_ = edition
    options = ("--edition", name, "--editions", store)
    several = run(*options, "--measure", "co2", code=2)
    assert several["findings"][0]["rule"] == "uncertainty.subject_kind"
    unknown = run(*options, "--measure", "soot", code=2)
    assert unknown["findings"][0]["rule"] == "uncertainty.measure"
    pack = load_pack("china")
    other = write_edition(
        store, room="standing", tables={}, inputs=[], parameters=[], pack=pack, options={}
    )
    wrong = run("--edition", other.id, "--editions", store, code=2)
    assert wrong["findings"][0]["rule"] == "uncertainty.not_a_run"
