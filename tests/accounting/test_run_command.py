"""`dualcarbon account run` and `account facts`: JSON as the schema says, tables, exit codes."""

import csv
import io
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource
from tests.accounting.run_cases import row, write

from dualcarbon.cli import main

NAMES = ("envelope", "account-run", "account-facts", "explain")
SCHEMAS = {
    name: json.loads(files("dualcarbon").joinpath(f"schemas/{name}.json").read_text("utf-8"))
    for name in NAMES
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)


def call(*words: object, code: int = 0, form: str = "json", lang: str = "en") -> Any:
    texts = [str(word) for word in words]
    result = CliRunner().invoke(main, [*texts, "--format", form, "--lang", lang])
    assert result.exit_code == code, (result.stdout, result.stderr)
    assert not isinstance(result.exception, (KeyError, TypeError, ValueError))
    return result


def answer(schema: str, *words: object, code: int = 0) -> Any:
    found = json.loads(call(*words, code=code).stdout)
    jsonschema.Draft202012Validator(SCHEMAS[schema], registry=REGISTRY).validate(found)
    return found


@pytest.fixture
def activity(tmp_path: Path) -> Path:
    rows = [
        row("柴油", 1, "kt", kind="区", subject="浦东新区", flow="消费"),
        row("电力", 2, "MWh", kind="区", subject="浦东新区", flow="消费"),
        row("电力", 2, "MWh", kind="区", subject="浦东新区", flow="消费", period="2025-01"),
        row("汽油", 2, "t", kind="区", subject="浦东新区", flow="外供"),
        row("汽油", "NaN", "t", kind="区", subject="浦东新区", flow="消费"),
    ]
    return write(tmp_path / "活动.csv", rows)


@pytest.fixture
def base(activity: Path, tmp_path: Path) -> list[object]:
    store = tmp_path / "editions"
    return ["account", "run", "--activity", activity, "--city", "shanghai", "--editions", store]


def test_it_works(base: list[object]):
    found = answer("account-run", *base)
    (total,) = [
        one
        for one in found["totals"]
        if (one["gas"], one["scope"], one["period"]) == ("CO2", 1, "2023")
    ]
    assert (total["value"], total["unit"], total["grams"]) == (3186.3, "tCO2", 3_186_300_000)
    assert (total["subject_zh"], total["complete"], total["rows"]) == ("浦东新区", True, 1)
    assert total["code"] == f"{found['edition']}:totals:{found['totals'].index(total)}"
    (gap,) = [one for one in found["unmatched"] if one["measures"] != ["tce_equal"]]
    assert (gap["rows"], gap["periods"]) == (1, ["2025-01"])
    (later,) = [one for one in found["totals"] if (one["gas"], one["period"]) == ("CO2", "2025")]
    assert (later["value"], later["unmatched_rows"], later["complete"]) == (None, 1, False)
    assert found["status"] == "errors"  # a cell that is no number; the rest stands


def test_a_code_explains_itself(base: list[object], tmp_path: Path):
    found = answer("account-run", *base)
    for total in found["totals"]:
        told = answer("explain", "explain", total["code"], "--editions", tmp_path / "editions")
        assert told["equal"], total
        assert told["recomputed"] == told["value"] == total["value"]


def test_table_and_csv_say_what_is_partial(base: list[object]):
    shown = call(*base, form="table", lang="zh").stdout
    assert "浦东新区" in shown
    assert "…" in shown
    lines = list(csv.DictReader(io.StringIO(call(*base, form="csv").stdout)))
    assert {one["gas"] for one in lines} >= {"CO2", "CO2e", "tce_calorific", "tce_equal"}
    gap = [one for one in lines if one["period"] == "2025" and one["gas"] == "CO2"]
    assert [(one["value"], one["unmatched_rows"]) for one in gap] == [("", "1")]


def test_options_reach_the_result(base: list[object], tmp_path: Path):
    own = tmp_path / "own.csv"
    own.write_text(
        "参数,数值,单位,级别,能源品种,来源\nncv,50,TJ/Gg,lab,柴油,报告 1\n", encoding="utf-8"
    )
    first = answer("account-run", *base)
    found = answer(
        "account-run",
        *[*base, "--overrides", own, "--gwp", "AR4", "--period", "2023-05"],
        *["--engine", "polars", "--onto", first["edition"], "--set", "heat_co2=shanghai_market"],
    )
    assert found["options"]["gwp"] == "AR4"
    assert found["options"]["sets"] == {"heat_co2": "shanghai_market"}
    values = {(one["gas"], one["scope"]): one["grams"] for one in found["totals"]}
    assert values["CO2", 1] == 3_705_000_000
    assert {one["period"] for one in found["totals"]} == {"2023-05"}


def test_several_files_may_follow_one_option(base: list[object], tmp_path: Path):
    more = write(tmp_path / "more.csv", [row("diesel", 1, "t")])
    found = answer("account-run", *base[:4], more, *base[4:])
    assert {one["subject"] for one in found["totals"]} == {"310115", "城市"}


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (["--set", "nonsense"], "accounting.set_pair"),
        (["--set", "ncv=nothing"], "accounting.parameter_set"),
        (["--gwp", "AR9"], "accounting.parameter_set"),
        (["--method", "guess"], "accounting.method"),
        (["--period", "2031"], "accounting.no_period"),
        (["--period", "someday"], "periods.bad"),
        (["--onto", "0123456789abcdef"], "editions.unknown"),
        (["--as-of", "1999-01-01"], "accounting.not_known"),
        (["--overrides", "nowhere.csv"], "tables.no_file"),
        (["--activity", "nowhere.csv"], "tables.no_file"),
        (["--city", "atlantis"], "packs.unknown"),
    ],
)
def test_bad_usage_is_exit_2_and_writes_nothing(base, tmp_path, words, rule):
    found = answer("account-run", *base, *words, code=2)
    assert (found["status"], found["findings"][0]["rule"]) == ("failed", rule)
    store = tmp_path / "editions"
    assert not store.exists() or list(store.iterdir()) == []
    told = call(*base, *words, code=2, form="table")
    assert told.stdout == ""
    assert found["findings"][0]["message_en"][:20] in " ".join(told.stderr.split())


def test_facts_are_parts_that_give_the_same_account(base: list[object], activity, tmp_path):
    words = ["account", "facts", "--activity", activity, "--city", "shanghai"]
    made = answer("account-facts", *words, "--out", tmp_path / "facts")
    assert [Path(one["file"]).name for one in made["parts"]] == [
        "2023-05.parquet",
        "2025-01.parquet",
    ]
    assert [one["rows"] for one in made["parts"]] == [3, 1]
    direct = answer("account-run", *base)
    again = answer("account-run", *base[:3], tmp_path / "facts", *base[4:])
    drop = ("code",)
    plain = [
        [{k: v for k, v in one.items() if k not in drop} for one in found["totals"]]
        for found in (direct, again)
    ]
    assert plain[0] == plain[1]
    empty = answer("account-facts", *words[:2], "--activity", "no.csv", "--out", tmp_path, code=2)
    assert empty["findings"][0]["rule"] == "tables.no_file"
