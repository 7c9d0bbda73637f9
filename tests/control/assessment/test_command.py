"""`dualcarbon assess`: JSON as its schema says, both languages, editions that explain."""

import csv
import io
import json
from importlib.resources import files

import jsonschema
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource
from tests.control.assessment.conftest import GRADES, HEAD, write_yaml
from xlsxwriter import Workbook

from dualcarbon.cli import main
from dualcarbon.cli.explain import explainers
from dualcarbon.control.assessment.wording import templates
from dualcarbon.editions import explain, open_edition, verify_edition

SCHEMAS = {
    name: json.loads(files("dualcarbon").joinpath(f"schemas/{name}.json").read_text("utf-8"))
    for name in ("envelope", "assess", "explain")
}
REGISTRY = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
FACTS = [
    ["A", "annual_completion", 96, "%", "report"],
    ["A", "cumulative_completion", 110, "%", None],
    ["A", "measures_score", 45, None, None],
    ["B", "annual_change", -3.2, "%", None],
    ["B", "annual_target", -3, "%", None],
    ["B", "cumulative_completion", 1.02, "1", None],
    ["B", "measures_score", 40, "分", None],
    ["C", "measures_score", 50, None, None],
]
COLUMNS = ["subject", "name", "value", "unit", "source"]
RUBRIC = ("--rubric", "province-carbon-2014")


@pytest.fixture
def facts(tmp_path):
    path = tmp_path / "facts.json"
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in FACTS]
    path.write_text(json.dumps({"facts": rows}), "utf-8")
    return path


def invoke(*arguments, code=0):
    done = CliRunner().invoke(main, ["assess", *map(str, arguments)])
    assert done.exit_code == code, (done.output, done.exception)
    return done


def answer(*arguments, code=0):
    made = json.loads(invoke(*arguments, "--format", "json", code=code).stdout)
    jsonschema.Draft202012Validator(SCHEMAS["assess"], registry=REGISTRY).validate(made)
    return made


def test_it_works(facts):
    made = answer(*RUBRIC, "--facts", facts)
    a, b, c = made["results"]
    assert (a["score"], a["computed_grade"], a["grade"]) == (94, "excellent", "fail")
    assert [veto["item"] for veto in a["vetoes"]] == ["annual"]
    assert (b["score"], b["grade"], b["vetoes"]) == (90, "excellent", [])
    assert (c["score"], c["partial"], c["low"], c["high"], c["rank"]) == (None, 50, 50, 100, None)
    assert (c["grade"], [veto["item"] for veto in c["vetoes"]]) == (None, [])
    line = a["lines"][0]
    assert {"item", "score", "max", "reason_zh", "reason_en", "evidence"} <= set(line)
    assert line["evidence"][0]["source"] == "report"
    assert line["evidence"][0]["place"] == "facts.json!!1"
    said = {item["rule"] for item in made["findings"]}
    assert {"assessment.on_edge", "assessment.open_totals"} <= said


def test_csv_xlsx_and_json_say_the_same(facts, tmp_path):
    with (tmp_path / "facts.csv").open("w", newline="", encoding="gb18030") as stream:
        csv.writer(stream).writerows([["考核对象", "指标", "数值", "计量单位", "来源"], *FACTS])
    book = Workbook(str(tmp_path / "facts.xlsx"))
    sheet = book.add_worksheet()
    for k, row in enumerate([COLUMNS, *FACTS]):
        sheet.write_row(k, 0, row)
    book.close()
    made = {
        suffix: answer(*RUBRIC, "--facts", tmp_path / f"facts.{suffix}")["results"]
        for suffix in ("json", "csv", "xlsx")
    }
    scores = {s: [(r["subject"], r["score"], r["grade"]) for r in made[s]] for s in made}
    assert scores["json"] == scores["csv"] == scores["xlsx"]
    assert made["csv"][0]["lines"][0]["evidence"][0]["place"] == "facts.csv!!C2"


def test_lists_and_templates():
    listed = answer()["rubrics"]
    assert {one["id"] for one in listed} >= {"province-carbon-2014", "district-a"}
    shown = answer("--rubric", "管理", code=2)
    assert shown["status"] == "failed"
    one = answer("--rubric", "Energy management centre, acceptance")
    assert one["rubric"]["id"] == "management-centre"
    assert "results" not in one


@pytest.mark.parametrize(("lang", "words"), [("zh", ("等次", "不合格")), ("en", ("grade", "Fail"))])
def test_tables_in_both_languages(facts, lang, words):
    more = ("--weights", "annual=30", "--lang", lang)
    shown = invoke(*RUBRIC, "--facts", facts, *more).stdout
    assert all(word in shown for word in words)
    assert invoke("--lang", lang).stdout
    assert words[0] != invoke(*RUBRIC, "--lang", lang).stdout


def test_csv_is_a_line_a_row(facts):
    text = invoke(*RUBRIC, "--facts", facts, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 9
    assert (rows[0]["score"], rows[0]["grade"], rows[6]["score"]) == ("24.0", "fail", "")


def test_one_subject_keeps_its_rank_among_all(facts):
    (only,) = answer(*RUBRIC, "--facts", facts, "--subject", "B")["results"]
    assert only["rank"] == 2
    answer(*RUBRIC, "--facts", facts, "--subject", "Z", code=2)


def test_stability_and_what_if(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text(
        "subject,name,value,unit,uncertainty\n"
        "A,annual_completion,102,%,5\nA,cumulative_completion,100,%,\nA,measures_score,45,,\n"
        "B,annual_completion,100,%,\nB,cumulative_completion,100,%,\nB,measures_score,44.9,,\n",
        "utf-8",
    )
    options = ("--draws", "400", "--seed", "5", "--weights", "annual=20", "--rescale")
    made = answer(*RUBRIC, "--facts", path, *options)
    assert made["stability"]["draws"] == 400
    assert made == answer(*RUBRIC, "--facts", path, *options)
    assert made["what_if"]["new_max"] == 100
    assert {row["outcome"] for row in made["what_if"]["rows"]} <= {"gains", "loses", "same"}
    assert answer(*RUBRIC, "--facts", path, "--draws", "0", code=2)["status"] == "failed"


def test_every_line_explains_and_recomputes(facts, tmp_path):
    store = tmp_path / "editions"
    made = answer(*RUBRIC, "--facts", facts, "--editions", store)
    facts.unlink()
    assert verify_edition(open_edition(store, made["edition"])) == []
    lines = [line for one in made["results"] for line in one["lines"]]
    for line in lines:
        found = explain(line["code"], store, explainers())
        assert found.equal
        assert found.value == found.recomputed == line["score"]
        assert len(found.inputs) == len(line["evidence"]) + 1
    for row, one in enumerate(made["results"]):
        found = explain(f"{made['edition']}:results:{row}", store, explainers())
        assert (found.equal, found.value) == (True, one["score"])
    done = CliRunner().invoke(
        main, ["explain", lines[0]["code"], "--editions", str(store), "--format", "json"]
    )
    assert json.loads(done.stdout)["equal"] is True


def test_the_same_facts_give_the_same_edition(facts, tmp_path):
    store = tmp_path / "editions"
    run = (*RUBRIC, "--facts", facts, "--editions", store)
    ids = [answer(*run)["edition"], answer(*run)["edition"]]
    ids.append(answer(*run, "--choice", "edges=upper")["edition"])
    assert ids[0] == ids[1] != ids[2]


def own(tmp_path, **more):
    item = {"id": "pv", "name_zh": "光伏", "form": "proportional", "fact": "pv", "max": 100}
    raw = {**HEAD, "items": [{**item, "full": 600}], "grades": GRADES}
    raw["facts"] = [{"id": "pv", "name_zh": "光伏装机", "unit": "MW"}]
    return write_yaml(tmp_path / "own.yaml", {**raw, **more})


def test_a_rubric_of_ones_own(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("subject,name,value,unit\n崇明,光伏装机,48,万千瓦\n", "utf-8")
    options = ("--facts", path, "--editions", tmp_path / "editions")
    made = answer("--rubric", own(tmp_path), *options)
    assert (made["results"][0]["score"], made["results"][0]["grade"]) == (80, "good")
    assert explain(made["results"][0]["lines"][0]["code"], options[3], explainers()).equal


@pytest.mark.parametrize(
    "arguments",
    [
        ("--facts", "x.json"),
        ("--rubric", "nothing"),
        ("--rubric", "nothing.yaml"),
        (*RUBRIC, "--facts", "nothing.json"),
        (*RUBRIC, "--choice", "edges"),
        (*RUBRIC, "--on", "tomorrow"),
    ],
)
def test_bad_usage_leaves_with_2(arguments):
    made = answer(*arguments, code=2)
    assert made["findings"][0]["remedy_zh"]


def test_a_bad_rubric_file_leaves_with_2(tmp_path):
    made = answer("--rubric", own(tmp_path, items=[{"id": "a", "form": "2 * x"}]), code=2)
    assert made["findings"][0]["rule"] == "assessment.form_unknown"


def test_a_day_out_of_force_is_a_warning(facts):
    made = answer(*RUBRIC, "--facts", facts, "--on", "2020-01-01")
    assert made["findings"][0]["rule"] == "assessment.not_in_force"


def test_sentences_have_the_same_facts_in_both_languages():
    import string

    def names(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, texts in templates().items():
        assert names(texts["zh"]) == names(texts["en"]), key
