"""The envelope, exit codes, csv and errors that every command shares."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner

from dualcarbon.cli.output import Answer, common
from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding


def command(*findings: Any, check: bool = False, error: bool = False) -> click.Command:
    @click.command()
    @common("toy run", check=check)
    def toy(lang: str, packs: tuple[Any, ...]) -> Answer:
        if error:
            raise InputError(*findings)
        rows = [["=HYPERLINK(1)", 1.5], ["青埠", None]]
        return Answer("toy run", {"n": 1}, findings, header=["a", "b"], rows=rows)

    return toy


WARNING = finding("tables.column_unknown", Place("f.csv"), found="x")
ERROR = finding("tables.cell_empty", Place("f.csv", cell="B2", row=2), column="b")


def run(toy: click.Command, *arguments: str) -> Any:
    return CliRunner().invoke(toy, list(arguments))


def test_the_envelope_has_the_shared_keys_first() -> None:
    answer = json.loads(run(command(WARNING), "--format", "json").stdout)
    assert list(answer)[:6] == ["schema", "command", "version", "edition", "status", "findings"]
    assert (answer["schema"], answer["status"], answer["n"]) == (
        "dualcarbon/toy-run/1",
        "warnings",
        1,
    )
    assert set(answer["findings"][0]) == {
        "rule",
        "severity",
        "place",
        "found",
        "expected",
        "message_zh",
        "message_en",
        "remedy_zh",
        "remedy_en",
    }
    assert set(answer["findings"][0]["place"]) == {"file", "sheet", "cell", "row", "column"}


@pytest.mark.parametrize(
    ("toy", "code", "status"),
    [
        (command(), 0, "ok"),
        (command(ERROR), 0, "errors"),
        (command(ERROR, check=True), 1, "errors"),
        (command(WARNING, check=True), 0, "warnings"),
        (command(ERROR, error=True), 2, "failed"),
    ],
)
def test_exit_codes(toy: click.Command, code: int, status: str) -> None:
    result = run(toy, "--format", "json")
    assert result.exit_code == code
    assert json.loads(result.stdout)["status"] == status


def test_findings_of_a_table_go_to_stderr_with_place_and_remedy() -> None:
    result = run(command(ERROR), "--lang", "zh")
    assert "青埠" in result.stdout
    assert "f.csv!!B2" in result.stderr
    assert "空格不等于零" in result.stderr
    assert "tables.cell_empty" not in result.stdout


def test_csv_neutralises_formulas_and_keeps_absence_empty() -> None:
    assert run(command(), "--format", "csv").stdout == "a,b\n'=HYPERLINK(1),1.5\n青埠,\n"


def test_an_unknown_option_is_usage() -> None:
    assert run(command(), "--nonsense").exit_code == 2
