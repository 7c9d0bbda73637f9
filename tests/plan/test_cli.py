"""`dualcarbon plan`: JSON after its schema, tables that fit, errors with a way out."""

import csv
import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from dualcarbon.cli import main

KEYS = [
    *("id", "section", "kind", "title_zh", "title_en", "indicator", "comparator", "value", "unit"),
    *("direction", "strength", "base", "period", "scope", "lead", "support", "deadline"),
    "evidence",
]


def run(*words: str, lang: str = "en") -> Result:
    return CliRunner().invoke(main, ["plan", *words, "--lang", lang])


def answer(root: Path, *words: str) -> Any:
    result = run(*words, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    name = found["schema"].split("/")[1]
    schema = json.loads((root / f"src/dualcarbon/schemas/{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    return found


def test_show_answers_the_keys_of_the_contract(root: Path) -> None:
    found = answer(root, "show", "shanghai-2024")
    assert len(found["sections"]) == 16
    assert all(list(item) == KEYS for item in found["commitments"])
    targets = [item for item in found["commitments"] if item["kind"] == "target"]
    assert len(targets) == 14


def test_show_filters_by_section_and_kind(root: Path) -> None:
    found = answer(root, "show", "shanghai-2024", "--section", "10", "--kind", "target")
    assert [item["value"] for item in found["commitments"]] == [120, 1000, 31000, 30000]
    assert [item["id"] for item in found["sections"]] == ["10"]


def test_coverage_and_diff_follow_their_schemas(root: Path) -> None:
    assert answer(root, "coverage", "demo-2024")["totals"]["targets"] == 14
    found = answer(root, "diff", "shanghai-2024", "demo-2024")
    assert found["after"]["id"] == "demo-2024"
    assert found["changed"]


def test_show_and_coverage_as_csv() -> None:
    for command in ("show", "coverage"):
        rows = list(
            csv.DictReader(io.StringIO(run(command, "shanghai-2024", "--format", "csv").stdout))
        )
        assert {row["section"] for row in rows} == {str(n) for n in range(1, 17)}
        assert all(None not in row for row in rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("words", [("show",), ("coverage",)])
def test_tables_fit_a_hundred_columns(words: tuple[str, ...], lang: str) -> None:
    result = run(*words, "shanghai-2024", lang=lang)
    assert result.exit_code == 0
    body = [line for line in result.stdout.splitlines() if line[:1].isdigit() or line[:1] == " "]
    assert body
    assert max(_width(line.rstrip()) for line in body[:-1]) <= 100


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def test_a_pack_on_the_path_is_found(packs: Path) -> None:
    result = run("show", "lanting-2026", "--pack", str(packs), lang="zh")
    assert result.exit_code == 0
    assert "新增热泵供热能力5万千瓦" in result.stdout
    assert "合成数据" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("show", "nowhere-2024"),
        ("show", "shanghai-2024", "--section", "17"),
        ("coverage", "shanghai-1990"),
        ("diff", "shanghai-2024", "missing.yaml"),
    ],
)
def test_bad_input_leaves_with_two_and_a_remedy(words: tuple[str, ...]) -> None:
    result = run(*words, "--format", "json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert found["status"] == "failed"
    assert found["findings"][0]["remedy_zh"]
    assert "Traceback" not in result.output


def test_markdown_is_printed_for_the_readme() -> None:
    result = run("coverage", "shanghai-2024", "--format", "markdown")
    assert result.stdout.startswith("| Section | Obligations |")
