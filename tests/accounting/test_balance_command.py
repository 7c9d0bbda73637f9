"""`dualcarbon balance`: JSON as its schema says, tables for people, exit codes, bad input."""

import csv
import io
import json
from importlib.resources import files

import jsonschema
import polars as pl
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource

from dualcarbon.cli import main

SCHEMAS = {
    entry.name.removesuffix(".json"): json.loads(entry.read_text(encoding="utf-8"))
    for entry in files("dualcarbon").joinpath("schemas").iterdir()
    if entry.name in ("envelope.json", "balance-check.json", "balance-account.json")
}
REGISTRY = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


@pytest.fixture
def run(tmp_path):
    def running(command, *arguments, code=0, form="json"):
        store = ["--editions", str(tmp_path / "store")] if command == "account" else []
        words = ["balance", command, *map(str, arguments), *store, "--format", form]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == code, (result.stdout, result.stderr)
        assert "Traceback" not in result.stderr
        if form != "json":
            return result
        answer = json.loads(result.stdout)
        schema = SCHEMAS[f"balance-{command}"]
        jsonschema.Draft202012Validator(schema, registry=REGISTRY).validate(answer)
        return answer

    return running


def test_check_the_published_tables(run, ebt):
    answer = run("check", ebt, code=1)
    assert answer["status"] == "errors"
    assert len(answer["provinces"]) == 8
    counts = {row["identity"]: row for row in answer["identities"]}
    failing = [row for row in answer["failing"] if row["identity"] == "supply"]
    assert counts["supply"]["failing"] == len(failing)
    assert len(answer["findings"]) == len(answer["failing"])
    one = run("check", ebt, "--province", "上海", code=1)
    assert one["provinces"] == ["Shanghai"]


def test_a_clean_table_exits_zero(run, long):
    path = long([(28, "diesel", 10), (29, "diesel", 7), (30, "diesel", 3)])
    assert run("check", path)["status"] == "ok"
    assert run("check", path, "--tolerance", "0")["tolerance"] == {"absolute": 0, "relative": 1e-4}
    assert run("check", path, "--tolerance", "soft", code=2)["status"] == "failed"


def test_a_warning_does_not_fail_the_check(run, long):
    path = long([(21, "diesel", 7), (23, "diesel", 7), (33, "diesel", 8)])
    assert run("check", path)["status"] == "warnings"


def test_account_of_every_published_province(run, ebt):
    for province in ("Shanghai", "Beijing", "Sichuan"):
        answer = run("account", ebt, "--province", province, "--year", "2007")
        partial = sum(c["co2_partial_t"] for c in answer["carriers"])
        assert answer["total"]["co2_partial_t"] == pytest.approx(partial, rel=1e-12)
        coal = sum(r["tce_calorific"] or 0 for r in answer["rows"])
        assert answer["total"]["tce_calorific"] == pytest.approx(coal, rel=1e-12)
        assert answer["edition"]


def test_a_workbook_in_the_long_shape(run, ebt, tmp_path):
    frame = pl.read_csv(ebt, comment_prefix="#")
    path = tmp_path / "long.xlsx"
    frame.write_excel(path, worksheet="balances")
    flat = run("account", ebt, "--province", "Hubei", "--year", "2007")
    book = run("account", path, "--province", "Hubei", "--year", "2007")
    for name in ("co2_t", "tce_calorific", "tce_equal"):
        assert book["total"][name] == flat["total"][name]
    assert book["rows"][0]["derived_from"][0].startswith("long.xlsx!balances!E")


def test_tables_for_people_in_both_languages(run, ebt):
    options = (ebt, "--province", "Shanghai", "--year", "2007")
    zh = run("account", *options, "--lang", "zh", form="table")
    assert "原煤" in zh.stdout
    assert "合计" in zh.stdout
    en = run("account", *options, "--lang", "en", form="table")
    assert "Raw coal" in en.stdout
    assert "equal value" in en.stdout
    assert "恒等式" in run("check", ebt, "--lang", "zh", form="table", code=1).stdout


def test_csv_has_one_line_a_row(run, ebt):
    text = run("account", ebt, "--province", "Tianjin", "--year", "2007", form="csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    answer = run("account", ebt, "--province", "Tianjin", "--year", "2007")
    assert len(rows) == len(answer["rows"])
    assert float(rows[0]["quantity"]) == answer["rows"][0]["quantity"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--province", "Atlantis"),
        (),
        ("--province", "Shanghai", "--factors", "no_such_set"),
        ("--province", "Shanghai", "--factors", "no_such_file.csv"),
        ("--province", "Shanghai", "--units", "soda=t"),
        ("--province", "Shanghai", "--equal-value", "3045"),
    ],
)
def test_bad_input_exits_two_and_writes_nothing(run, ebt, tmp_path, arguments):
    answer = run("account", ebt, *arguments, code=2)
    assert answer["status"] == "failed"
    assert answer["findings"][0]["remedy_zh"]
    assert not (tmp_path / "store").exists()


def test_bad_factor_lines_exit_two_with_every_cell(run, ebt, factor_file):
    path = factor_file("soda,,1,tCO2/t", "diesel,,-2,tCO2/t", "gasoline,20,1,tCO2/t")
    answer = run("account", ebt, "--province", "Shanghai", "--factors", path, code=2)
    cells = [item["place"]["cell"] for item in answer["findings"]]
    assert cells == ["A2", "C3", "B4"]
