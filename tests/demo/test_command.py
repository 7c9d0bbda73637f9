"""`dualcarbon demo`: what it refuses, before any work, and what it leaves behind."""

import datetime as dt
import json
import socket
import sys
from importlib.resources import files

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.cli import demo as command
from dualcarbon.cli import main
from dualcarbon.findings import rules

SMALL = ["--enterprises", "60", "--no-serve"]


def run(*arguments):
    return CliRunner().invoke(main, ["demo", *map(str, arguments)])


def failed(result):
    """The rules of a refusal, from the JSON answer."""
    assert result.exit_code == 2, result.output
    answer = json.loads(result.stdout)
    assert answer["status"] == "failed"
    return [item["rule"] for item in answer["findings"]]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return home, run(*SMALL, "--out", home, "--format", "json")


def test_it_works(made):
    home, result = made
    assert result.exit_code == 0, result.output
    names = {
        "activity.csv",
        "statistics.csv",
        "progress.csv",
        "enterprises.csv",
        "README.txt",
        "balance.csv",
        "scenarios.csv",
        "series.csv",
    }
    assert {path.name for path in (home / "data").iterdir()} == names
    kept = json.loads((home / "standings.json").read_text(encoding="utf-8"))
    shown = json.loads(result.stdout)
    assert kept["command"] == "standing"
    assert shown["standings"] == kept["standings"]
    assert shown["on"] == "2024-10-25"
    schema = json.loads(files("dualcarbon").joinpath("schemas", "demo.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(shown)


def test_progress_goes_to_stderr(made):
    _, result = made
    assert "synthetic data of Tingchuan" in result.stderr or "合成数据" in result.stderr


def test_a_second_run_may_overwrite_its_own_folder(made):
    home, _ = made
    result = run(*SMALL, "--out", home, "--format", "json", "--seed", 8)
    assert result.exit_code == 0, result.output


def test_data_of_others_are_never_overwritten(tmp_path):
    (tmp_path / "data").mkdir()
    own = tmp_path / "data" / "activity.csv"
    own.write_text("mine", encoding="utf-8")
    result = run(*SMALL, "--out", tmp_path, "--format", "json")
    assert failed(result) == ["demo.not_ours"]
    assert own.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("folder", ["file", "file/below"])
def test_a_folder_that_cannot_be(tmp_path, folder):
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run(*SMALL, "--out", tmp_path / folder, "--format", "json")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize("text", ["2024-02-30", "tomorrow", "2024", ""])
def test_a_date_that_is_none(tmp_path, text):
    result = run("--no-serve", "--out", tmp_path / "new", "--on", text, "--format", "json")
    assert failed(result) == ["demo.date"]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("number", [0, 39, 1001, -5])
def test_a_number_of_enterprises_that_cannot_be(tmp_path, number):
    new = tmp_path / "new"
    result = run("--no-serve", "--out", new, "--enterprises", number, "--format", "json")
    assert failed(result) == ["demo.enterprises"]
    assert not new.exists()


def test_a_port_in_use_is_said_before_any_work(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--port", port, "--out", tmp_path / "new", "--format", "json")
    assert failed(result) == ["demo.port"]
    assert not (tmp_path / "new").exists()


def test_an_address_that_is_none_is_said(tmp_path):
    result = run("--host", "no.such.host.invalid", "--out", tmp_path / "new", "--format", "json")
    assert failed(result) == ["demo.port"]


def test_without_the_site_the_way_to_get_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "django" else object())
    result = run("--out", tmp_path / "new", "--format", "json")
    assert failed(result) == ["demo.no_web"]
    assert "dualcarbon[web]" in json.loads(result.stdout)["findings"][0]["remedy_en"]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refusal_is_told_in_both_languages(tmp_path, lang):
    result = run(*SMALL[2:], "--on", "x", "--out", tmp_path / "new", "--lang", lang)
    assert result.exit_code == 2
    assert rules()["demo.date"][f"remedy_{lang}"].format(expected=command.DATE) in result.stderr


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31)))
def test_quarters_are_the_last_eight_that_were_published(on):
    days = command.quarter_days(on)
    assert len(days) == 8
    assert days == sorted(set(days))
    assert all(day.day == 25 and day.month in (1, 4, 7, 10) for day in days)
    assert 0 <= (on - days[-1]).days <= 92


def test_the_site_is_a_process_of_its_own(tmp_path):
    line = command.site_command(tmp_path, dt.date(2024, 9, 30), "127.0.0.1", 8000)
    assert line[:4] == [sys.executable, "-m", "dualcarbon_web", "demo-site"]
    dates = [line[index + 1] for index, part in enumerate(line) if part == "--on"]
    assert (dates[0], dates[-2], dates[-1]) == ("2022-10-25", "2024-07-25", "2024-09-30")
    assert len(dates) == 9


def test_a_date_is_published_once(tmp_path):
    line = command.site_command(tmp_path, dt.date(2024, 10, 25), "127.0.0.1", 8000)
    assert line.count("2024-10-25") == 1
    assert line.count("--on") == 8
