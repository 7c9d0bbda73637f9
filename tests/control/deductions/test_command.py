"""The command `deduct` as people run it, its schema, its codes, and its use in standings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from tests.control.deductions.conftest import Bench, row, year_of

from dualcarbon.cli import main

ROWS = [*year_of(2023, 1000, 100, feedstock=100), *year_of(2024, 1020, 105, feedstock=120)]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    store = str(tmp_path / "store")

    def call(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, [command, *arguments, "--editions", store])

    return call


def answer(run: Any, path: Path, *more: str) -> Any:
    result = run("deduct", str(path), "--regime", "ec2024", "--format", "json", *more)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_works(run: Any, bench: Bench, root: Path) -> None:
    found = answer(run, bench.write(ROWS), "--compare", "ec2022")
    schema = json.loads((root / "src/dualcarbon/schemas/deduct.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(found)
    assert [item["regime"] for item in found["deductions"]] == ["ec2024", "ec2022"]
    assert found["deductions"][0]["years"][0]["net_total"] == 900_000_000
    assert {choice["status"] for choice in found["deductions"][0]["choices"]} == {"unsourced"}


def test_every_code_explains_itself(run: Any, bench: Bench) -> None:
    found = answer(run, bench.write(ROWS))["deductions"][0]
    codes = [line["code"] for side in found["years"] for line in side["lines"]]
    codes += [code for side in found["years"] for code in side["codes"].values()]
    codes += [change["code"] for change in found["changes"].values()]
    for code in codes:
        result = run("explain", code, "--format", "json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["equal"] is True


def test_tables_and_csv_are_printed_in_both_languages(run: Any, bench: Bench) -> None:
    path = str(bench.write(ROWS))
    for lang, word in (("zh", "扣减前"), ("en", "gross")):
        result = run("deduct", path, "--regime", "ec2024", "--lang", lang)
        assert result.exit_code == 0
        assert word in result.stdout
    result = run("deduct", path, "--regime", "ec2024", "--format", "csv")
    assert result.stdout.splitlines()[0].startswith("subject,regime,year,item,grams")


@pytest.mark.parametrize(
    "more", [("--regime", "ec1900"), ("--choice", "power_value"), ("--on", "x"), ("--base", "2030")]
)
def test_wrong_usage_is_refused(run: Any, bench: Bench, more: tuple[str, ...]) -> None:
    result = run("deduct", str(bench.write(ROWS)), "--regime", "ec2024", *more)
    assert result.exit_code == 2
    assert not Path(bench.path.parent / "store").exists()


def test_a_regime_of_later_is_said(run: Any, bench: Bench) -> None:
    found = answer(run, bench.write(ROWS), "--year", "2023", "--base", "2022")
    assert "control.regime_not_in_force" in {f["rule"] for f in found["findings"]}


def with_year(case: Any, *rows: Any) -> Any:
    data = case()
    levels = {"energy_total": ("10^4 tce", 1000, 1020), "gdp": ("10^8 CNY", 100, 105)}
    made = [
        {"indicator": name, "period": str(year), "value": value, "unit": unit, "price_base": "2020",
         "origin": "computed", "recorded_at": "2025-01-20"}
        for name, (unit, *values) in levels.items()
        for year, value in zip((2023, 2024), values, strict=True)
    ]  # fmt: skip
    data.write("statistics", *made)
    if rows:
        data.write("deductions", *rows)
    return data


def yearly(item: str, year: int, quantity: Any) -> dict[str, Any]:
    return row(item, year, quantity, unit="10^4 tce", recorded_at="2025-02-01")


FULL = [
    yearly(item, year, 100 if item == "feedstock" else 0)
    for year in (2023, 2024)
    for item in (
        "feedstock", "renewable_power", "nuclear_power", "other_non_fossil", "certificates_in",
        "certificates_out", "exempt_projects",
    )
]  # fmt: skip


def test_a_city_whose_pack_cites_a_document_is_judged_net(case: Any) -> None:
    found = with_year(case, *FULL).one("1.3", "2025-03-01", "310000")
    assert found["value"] == pytest.approx(((920 / 105) / (900 / 100) - 1) * 100)
    assert "扣减前下降2.86 %" in found["reason_zh"].replace("\u00a0", " ")
    assert "ec2024" in found["reason_en"]


def test_without_the_facts_it_stays_gross_and_says_what_is_missing(case: Any) -> None:
    found = with_year(case).one("1.3", "2025-03-01", "310000")
    assert found["value"] == pytest.approx((1020 / 1050 - 1) * 100)
    assert "feedstock" in found["reason_en"]
    assert "gross" in found["reason_en"]


def test_facts_recorded_later_change_no_earlier_standing(case: Any) -> None:
    before = with_year(case).one("1.3", "2025-01-25", "310000")
    assert with_year(case, *FULL).one("1.3", "2025-01-25", "310000") == before


def test_a_net_standing_explains_itself(case: Any, run: Any, tmp_path: Path) -> None:
    data = with_year(case, *FULL)
    made = run(
        "standing",
        "shanghai-2024",
        "--on",
        "2025-03-01",
        "--data",
        str(data.folder),
        "--format",
        "json",
    )
    rows = [r for r in json.loads(made.stdout)["standings"] if r["commitment"] == "1.3"]
    told = run("explain", rows[0]["code"], "--format", "json")
    assert json.loads(told.stdout)["equal"] is True
    assert "deductions.csv!!" in told.stdout
