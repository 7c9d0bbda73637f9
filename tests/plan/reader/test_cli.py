"""`dualcarbon plan read`: formats, schema, exit codes."""

import csv
import io
import json
from importlib.resources import files

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from referencing import Registry, Resource

from dualcarbon.cli import main

TEXT = "云渡市2025年工作要点\n一、目标\n单位GDP能耗下降3%，年耗能2000吨标准煤以上的企业开展审计。\n"
KEYS = {
    *("clause", "start", "end", "subject", "value", "unit"),
    *("comparator", "direction", "strength", "base", "kind"),
}


@pytest.fixture
def notice(tmp_path):
    file = tmp_path / "notice.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["plan", "read", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def schema_check(answer):
    folder = files("dualcarbon").joinpath("schemas")
    schemas = [
        json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
        for name in ("envelope.json", "plan-read.json")
    ]
    registry = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas
    )
    jsonschema.Draft202012Validator(schemas[1], registry=registry).validate(answer)


def test_json_has_exactly_the_promised_keys(notice):
    answer = json.loads(run(notice, "--format", "json").stdout)
    schema_check(answer)
    assert answer["status"] == "ok"
    (target,) = answer["targets"]
    assert set(target) == KEYS
    assert TEXT[target["start"] : target["end"]] == "3%"
    assert target["value"] == -3
    assert answer["clauses"][-1] == {"id": "1.2", "text": TEXT.splitlines()[2]}
    assert "rejected" not in answer


def test_json_says_why_numbers_were_left_out(notice):
    answer = json.loads(run(notice, "--format", "json", "--explain-rejected").stdout)
    schema_check(answer)
    (threshold,) = [item for item in answer["rejected"] if item["reason"] == "threshold"]
    assert threshold["text"] == "2000吨标准煤"
    assert threshold["reason_zh"]
    assert threshold["reason_en"]


def test_table_in_both_languages(notice):
    assert "单位GDP能耗" in run(notice, "--lang", "zh").stdout
    english = run(notice, "--lang", "en", "--explain-rejected").stdout
    assert "threshold that defines" in english
    assert "Targets: 1; clauses: 3" in english


def test_csv(notice):
    rows = list(csv.DictReader(io.StringIO(run(notice, "--format", "csv").stdout)))
    assert [(row["value"], row["unit"]) for row in rows] == [("-3", "%")]


def test_yaml_is_the_draft_of_a_pack(notice):
    body = yaml.safe_load(run(notice, "--format", "yaml").stdout)
    assert body["year"] == 2025
    assert len(body["commitments"]) == 1


def test_no_target_is_a_warning_and_no_failure(tmp_path):
    file = tmp_path / "empty.md"
    file.write_text("# Nothing\n\nNo numbers here.\n", encoding="utf-8")
    answer = json.loads(run(file, "--format", "json").stdout)
    assert answer["status"] == "warnings"
    assert [item["rule"] for item in answer["findings"]] == ["plan_reader.no_target"]


def test_bad_input_exits_with_two_and_a_remedy(tmp_path):
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"%PDF-1.4")
    result = run(file, "--format", "json", code=2)
    answer = json.loads(result.stdout)
    schema_check(answer)
    assert answer["status"] == "failed"
    assert answer["findings"][0]["rule"] == "plan_reader.kind"
