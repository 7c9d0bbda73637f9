"""The command `schedule` as people run it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from icalendar import Calendar
from jsonschema import Draft202012Validator
from tests.control.schedule.conftest import Desk

from dualcarbon.cli import main


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["schedule", "shanghai-2024", *arguments])


def asked(desk: Desk, *more: str) -> Any:
    data = ("--data", str(desk.folder), "--on", "2024-05-01")
    return run("--for", "E1", "--year", "2024", *data, *more)


def test_it_works(desk: Desk, root: Path) -> None:
    result = asked(desk, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    schema = json.loads((root / "src/dualcarbon/schemas/schedule.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    assert [item["state"] for item in found["items"]] == ["missing", "due"]
    assert found["items"][0]["shifted_from"] == "2024-03-31"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_table_a_csv_and_a_calendar(desk: Desk, lang: str) -> None:
    table = asked(desk, "--lang", lang)
    assert table.exit_code == 0
    assert ("逾期未报" if lang == "zh" else "missing") in table.stdout
    assert asked(desk, "--format", "csv").stdout.startswith("id,title_zh")
    file = asked(desk, "--ics", "--lang", lang)
    assert file.exit_code == 0
    assert file.stdout_bytes.endswith(b"END:VCALENDAR\r\n")
    assert len(Calendar.from_ical(file.stdout_bytes).walk("VEVENT")) == 2


def test_a_city_needs_no_data() -> None:
    result = run("--for", "上海", "--year", "2024", "--on", "2024-01-01", "--format", "json")
    assert result.exit_code == 0
    assert {item["id"] for item in json.loads(result.stdout)["items"]} >= {"certificates-final"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("--for", "nobody", "--year", "2024"),
        ("--for", "city", "--year", "99999"),
        ("--for", "city", "--year", "2024", "--on", "soon"),
        ("--for", "city", "--year", "2024", "--data", "/nowhere"),
        ("--for", "city"),
    ],
)
def test_wrong_usage_is_refused(wrong: tuple[str, ...]) -> None:
    assert run(*wrong).exit_code == 2
