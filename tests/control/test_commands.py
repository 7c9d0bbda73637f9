"""The commands `standing` and `explain` as people run them."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dualcarbon.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DUALCARBON_EDITIONS", str(tmp_path / "store"))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return call


@pytest.fixture
def folder(case: Any) -> str:
    data = case()
    data.write(
        "statistics", {"indicator": "energy_intensity", "period": "2024-01..09", "value": -2.4}
    )
    return str(data.folder)


def standing(run: Run, folder: str, *more: str) -> Any:
    result = run(
        "standing",
        "shanghai-2024",
        "--on",
        "2024-10-31",
        "--data",
        folder,
        "--format",
        "json",
        *more,
    )
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_it_works(run: Run, folder: str) -> None:
    answer = standing(run, folder)
    assert (answer["command"], answer["on"], answer["status"]) == ("standing", "2024-10-31", "ok")
    row = next(r for r in answer["standings"] if r["commitment"] == "1.3")
    assert row["code"] == f"{answer['edition']}:standings:2"


def test_explain_right_after_it_from_any_folder(
    run: Run, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = standing(run, folder)["standings"][2]["code"]
    monkeypatch.chdir(tmp_path)
    result = run("explain", code, "--format", "json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["code"] == code
    assert answer["value"] == answer["recomputed"] == -2.4
    assert answer["equal"] is True
    assert answer["inputs"][0]["place"] == "statistics.csv!!F2"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_is_readable(run: Run, folder: str, lang: str) -> None:
    result = run(
        "standing", "shanghai-2024", "--on", "2024-10-31", "--data", folder, "--lang", lang
    )
    assert result.exit_code == 0
    assert all(len(line) <= 120 for line in result.stdout.splitlines())
    assert "-2.40" in result.stdout
    assert "+0.60" in result.stdout
    assert ("▲ 滞后" if lang == "zh" else "▲ behind") in result.stdout
    assert "edition" not in result.stderr if lang == "zh" else "edition" in result.stderr
    code = next(word for word in result.stdout.split() if ":standings:" in word)
    explained = run("explain", code.replace(":N", ":2"), "--lang", lang)
    assert explained.exit_code == 0
    assert "statistics.csv!!F2" in explained.stdout


def test_csv_has_a_row_a_standing(run: Run, folder: str) -> None:
    arguments = ("--on", "2024-10-31", "--data", folder, "--format", "csv")
    result = run("standing", "shanghai-2024", *arguments)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == len(standing(run, folder)["standings"])
    assert rows[2]["value"] == "-2.4"


def test_one_subject_and_another_scheme(run: Run, folder: str) -> None:
    answer = standing(run, folder, "--subject", "上海市", "--scheme", "completion-2010")
    assert {row["subject"] for row in answer["standings"]} == {"310000"}
    assert next(r for r in answer["standings"] if r["commitment"] == "1.3")["severity"] == 2


def test_the_same_command_gives_the_same_edition(run: Run, folder: str) -> None:
    assert standing(run, folder)["edition"] == standing(run, folder)["edition"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("shanghai-2024", "--on", "30 Sept", "--data", "."),
        ("shanghai-2024", "--on", "2024-10-31", "--data", "nowhere"),
        ("atlantis-2024", "--on", "2024-10-31", "--data", "."),
        ("shanghai-2024", "--on", "2024-10-31", "--data", ".", "--scheme", "none"),
        ("shanghai-2024", "--on", "2024-10-31", "--data", ".", "--subject", "火星"),
    ],
)
def test_wrong_usage_is_said_with_a_remedy(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("standing", *arguments, "--format", "json")
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    assert answer["status"] == "failed"
    assert answer["findings"][0]["remedy_zh"]
    assert answer["findings"][0]["remedy_en"]
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("code", ["x", "0123456789abcdef:standings:1", ":::"])
def test_a_code_that_is_none(run: Run, code: str) -> None:
    result = run("explain", code)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
