"""`dualcarbon reconcile`: the answer as its schema says, in every form; bad input is refused."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from tests.cli.test_schemas import valid

from dualcarbon.cli import main

HEAD = "subject,carrier,period,quantity,unit\n"
UPPER = HEAD + "c,diesel,2024,1000,t\nc,gasoline,2024,10,t\nc,natural_gas,2024,5,10^4 m3\n"
LOWER = HEAD + "a,柴油,2024-H3,1,t\na,diesel,2024-01,700,t\nb,diesel,2024-02,0.02,万吨\n"


@pytest.fixture
def write(tmp_path):
    def writing(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return writing


def call(*arguments, code=0, form="json"):
    result = CliRunner().invoke(main, ["reconcile", *map(str, arguments), "--format", form])
    assert result.exit_code == code, (result.stdout, result.stderr)
    assert "Traceback" not in result.stderr
    return json.loads(result.stdout) if form == "json" else result


@pytest.fixture
def sides(write):
    lower = LOWER + "b,natural_gas,2024-02,3,t\n"
    return ["--upper", f"city={write('u.csv', UPPER)}", "--lower", write("low.csv", lower)]


def test_it_works(sides, write):
    boundary = write("b.csv", "name_zh,carrier\n汽油不报,gasoline\n")
    register = write(
        "r.csv",
        "place,carrier,measure,delta,unit,state,reason\ncity>low,diesel,co2,7,t,blocked,未抄表\n",
    )
    answer = call(*sides, "--period", "2024", "--boundary", boundary, "--register", register)
    valid("reconcile", answer)
    level = answer["levels"][0]
    assert (level["upper"], level["lower"], level["measure"]) == ("city", "low", "co2")
    found = {line["carrier"]: line for line in level["carriers"]}
    diesel = found["diesel"]
    assert (diesel["quantity_upper"], diesel["quantity_lower"], diesel["unit"]) == (
        0.1,
        0.09,
        "10^4 t",
    )
    assert diesel["gap_g"] == diesel["activity_g"] == 318_630_000
    assert (diesel["explained_g"], diesel["open_g"]) == (7_000_000, 311_630_000)
    assert found["gasoline"]["gap_g"] == found["gasoline"]["boundary_g"]
    assert found["gasoline"]["boundary"][0]["name_zh"] == "汽油不报"
    assert found["natural_gas"]["gap_g"] is None
    assert level["complete"] is False
    assert answer["register"][0]["matched"] is True
    rules = {item["rule"] for item in answer["findings"]}
    assert {
        "tables.not_period",
        "accounting.reconcile_dimension",
        "accounting.register_known",
    } <= rules


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_table_for_people(sides, lang):
    shown = call(*sides, "--period", "2024", "--lang", lang, form="table").stdout
    assert ("绝对值合计" if lang == "zh" else "absolute") in shown
    assert "+319" in shown


def test_csv_has_a_row_per_carrier_and_level(sides):
    text = call(*sides, "--period", "2024", form="csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    one = next(row for row in rows if (row["carrier"], row["measure"]) == ("diesel", "co2"))
    assert int(one["gap_g"]) == int(one["boundary_g"]) + int(one["activity_g"]) + int(
        one["factor_g"]
    )


def test_a_balance_is_a_side(write, shared):
    table = shared / "data" / "ebt_2007_8provinces_physical.csv"
    lower = write("l.csv", HEAD + "上海,柴油,2007,400,万吨\n")
    arguments = ["--upper", table, "--lower", lower, "--period", "2007"]
    households = write("b.csv", "name_zh,not_in,sector\n居民生活,l,居民生活\n")
    answer = call(*arguments, "--province", "上海", "--boundary", households)
    valid("reconcile", answer)
    assert [side["name"] for side in answer["sides"]] == ["balance", "l"]
    diesel = next(x for x in answer["levels"][0]["carriers"] if x["carrier"] == "diesel")
    assert diesel["lower_g"] == 4_000_000 * 3_186_300
    parts = [diesel[f"{cause}_g"] for cause in ("boundary", "activity", "factor")]
    assert sum(parts) == diesel["gap_g"]
    assert call(*arguments, code=2)["status"] == "failed"


def test_meters_under_their_enterprises(write):
    firms = write("firms.csv", HEAD + "f,diesel,2024,10,t\ng,diesel,2024,10,t\n")
    meters = write(
        "m.csv",
        "subject,item,carrier,period,quantity,unit\nf,m1,diesel,2024,4,t\nf,m2,diesel,2024,5,t\n",
    )
    answer = call("--upper", firms, "--lower", meters, "--period", "2024")
    own = [level for level in answer["levels"] if level["by"] == "subject"]
    assert {level["subject"] for level in own} == {"f"}
    assert own[0]["net_g"] == 3_186_300


BAD = {
    "period": ("--period", "2024-13"),
    "absent": ("--period", "2024", "--lower", "nowhere.csv"),
    "boundary": ("--period", "2024", "--boundary", "nowhere.csv"),
    "date": ("--period", "2024", "--lower", "FOLDER:area", "--as-of", "soon"),
    "edition": ("--period", "2024", "--lower", "0123456789abcdef"),
    "no kind": ("--period", "2024", "--lower", "FOLDER"),
    "nothing": ("--period", "2024", "--lower", ""),
    "kind": ("--period", "2024", "--lower", "FOLDER:planet"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(sides, write, name, tmp_path):
    write(
        "activity.csv",
        "subject_kind,subject,carrier,flow,period,quantity,unit,vintage,recorded_at,source\n",
    )
    words = [str(word).replace("FOLDER", str(tmp_path)) for word in BAD[name]]
    answer = call(*sides, *words, "--editions", tmp_path, code=2)
    valid("reconcile", answer)
    assert answer["findings"]


def test_implied(write):
    path = write(
        "t.csv",
        "carrier,quantity,unit,emission\ndiesel,1234.56,t,1234.56\ndiesel,1000.37,t,3187.48\n",
    )
    answer = call("implied", path)
    valid("reconcile-implied", answer)
    assert answer["counts"]["exactly_one"] == len(answer["flags"]) == 1
    assert answer["flags"][0]["place"] == "t.csv!!B2"
    assert "exactly_one" in call("implied", path, form="csv").stdout
    assert "1" in call("implied", path, form="table").stdout


def test_implied_reads_a_balance_and_refuses_what_is_neither(write, shared):
    answer = call("implied", shared / "data" / "ebt_2007_8provinces_physical.csv")
    assert (answer["rows"], answer["flags"]) == (1001, [])
    refused = call("implied", write("x.csv", "a,b\n1,2\n"), code=2)
    assert refused["findings"][0]["rule"] == "tables.column_missing"
    call("implied", "nowhere.csv", code=2)
