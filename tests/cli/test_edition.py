"""`dualcarbon edition ...` and `explain --bundle` as people run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from tests.cli.test_schemas import valid
from tests.control.conftest import write
from tests.editions.runs import factors, run

from dualcarbon.cli import main
from dualcarbon.figures import FIGURES

Call = Callable[..., Any]
LINES = [("E1", "m1", "coal", 1000.0), ("E2", "m1", "gas", 7.0)]
FACTORS = factors({"coal": 2.44, "gas": 1.6})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def call(store: Path) -> Call:
    """Run a command on the store; JSON is held to the schema of the command."""

    def run_it(*words: str, code: int = 0, form: str = "json", lang: str = "en") -> Any:
        options = ["--editions", str(store), "--format", form, "--lang", lang]
        result: Result = CliRunner().invoke(main, [*words, *options])
        assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
        if form != "json":
            return result.stdout
        answer = json.loads(result.stdout)
        valid(answer["command"].replace(" ", "-"), answer)
        return answer

    return run_it


def judged(call: Call, tmp_path: Path, value: float) -> Any:
    folder = tmp_path / f"data{value}"
    row = {"indicator": "energy_intensity", "period": "2024-01..09", "value": value}
    write(folder, "statistics", [row])
    return call("standing", "shanghai-2024", "--on", "2024-10-31", "--data", str(folder))


def figures(value: float) -> pl.DataFrame:
    """CO2 of the city for two Januaries; the later one is `value`."""
    head = {"indicator": "co2_total", "subject_kind": "city", "subject": "city", "unit": "tCO2"}
    more = {"basis": "month", "origin": "computed", "status": "sourced", "edition": ""}
    rows = [
        {**head, **more, "period": period, "value": amount, "row": number}
        for number, (period, amount) in enumerate([("2023-01", 100.0), ("2024-01", value)])
    ]
    return pl.DataFrame(rows, schema=FIGURES.schema())


def test_compare_of_two_runs_adds_up_and_names_what_changed(call: Call, store: Path) -> None:
    a = run(store, LINES, FACTORS)
    b = run(store, [("E1", "m1", "coal", 1100.0)], factors({"coal": 2.5, "gas": 1.6}, gwp=30.0))
    answer = call("edition", "compare", a.id, b.id, "--by", "subject,gas")
    steps = ("data", "parameter", "method", "boundary")
    assert all(r["from"] + sum(r[s] for s in steps) == r["to"] for r in answer["waterfall"])
    co2 = {r["subject"]: r for r in answer["waterfall"] if r["gas"] == "CO2"}
    assert (co2["E1"]["data"], co2["E1"]["parameter"]) == (244_000_000, 66_000_000)
    assert co2["E2"]["boundary"] == -11_200_000
    assert [(p["id"], p["change"], p["from"], p["to"]) for p in answer["parameters"]][:1] == [
        ("co2_factor/s/1/carrier=coal/2000-01-01", "changed", 2.44, 2.5)
    ]
    assert answer["options"] == [{"name": "gwp", "from": "AR28", "to": "AR30"}]
    assert [item["file"] for item in answer["inputs"]] == ["activity.csv"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_compare_for_people_has_bars_and_full_numbers(call: Call, store: Path, lang: str) -> None:
    a, b = run(store, LINES, FACTORS), run(store, LINES, factors({"coal": 2.5}))
    text = call("edition", "compare", a.id, b.id, form="table", lang=lang)
    assert "2,440.000" in text
    assert "+60.000" in text
    assert "▓▓▓" in text
    assert "*" in text
    assert call("edition", "compare", a.id, b.id, form="csv").startswith("subject_kind,subject,gas")


def test_compare_says_which_standings_an_account_would_move(
    call: Call, store: Path, tmp_path: Path
) -> None:
    write(tmp_path / "data", "statistics", [gdp("2023-01", 1000), gdp("2024-01", 1100)])
    a, b = (run(store, LINES, FACTORS, figures=figures(value)) for value in (99.0, 121.0))
    plan = ("--plan", "shanghai-2024", "--on", "2024-03-31", "--data", str(tmp_path / "data"))
    answer = call("edition", "compare", a.id, b.id, *plan)
    changed = {row["commitment"]: row["fields"] for row in answer["standings"]}
    assert changed["1.4"]["value"] == {"from": pytest.approx(-10.0), "to": pytest.approx(10.0)}
    assert call("edition", "compare", a.id, a.id, *plan)["standings"] == []


def gdp(period: str, value: float) -> dict[str, Any]:
    base = {"indicator": "gdp", "period": period, "basis": "month", "unit": "10^8 CNY"}
    return {**base, "value": value, "price_base": "2020"}


def test_compare_of_standings_lists_those_that_changed(call: Call, tmp_path: Path) -> None:
    a, b = (judged(call, tmp_path, value)["edition"] for value in (-2.4, -3.5))
    answer = call("edition", "compare", a, b)
    changed = {row["commitment"]: row["fields"] for row in answer["standings"]}
    assert changed["1.3"]["value"] == {"from": -2.4, "to": -3.5}
    assert answer["waterfall"] == []
    assert {row["table"] for row in answer["tables"]} == {"figures"}
    assert "1.3" in call("edition", "compare", a, b, form="table", lang="zh")
    assert "do not differ" in call("edition", "compare", a, a, form="table")


def test_compare_refuses_what_cannot_be_compared(call: Call, store: Path, tmp_path: Path) -> None:
    a = run(store, LINES, FACTORS)
    other = judged(call, tmp_path, -2.4)["edition"]
    answer = call("edition", "compare", a.id, other, code=2)
    assert answer["findings"][0]["rule"] == "editions.other_room"
    answer = call("edition", "compare", a.id, a.id, "--by", "colour", code=2)
    assert answer["findings"][0]["rule"] == "editions.cut"
    call("edition", "compare", a.id, "0" * 16, code=2)


def test_list_gives_the_newest_first_and_says_what_is_broken(call: Call, store: Path) -> None:
    a, b = run(store, LINES, FACTORS), run(store, LINES[:1], FACTORS)
    for at, edition in enumerate((b, a)):
        os.utime(edition.folder / "manifest.json", (10**9 + at, 10**9 + at))
    assert [item["id"] for item in call("edition", "list")["editions"]] == [a.id, b.id]
    assert call("edition", "list", "--room", "control")["editions"] == []
    (store / b.id / "manifest.json").write_text("{")
    answer = call("edition", "list", "--room", "accounting_run")
    assert [item["id"] for item in answer["editions"]] == [a.id]
    assert [item["rule"] for item in answer["findings"]] == ["editions.broken"]


def test_show_is_for_people_and_csv_has_the_parameters(call: Call, store: Path) -> None:
    a = run(store, LINES, FACTORS)
    assert call("edition", "show", a.id)["manifest"]["room"] == "accounting_run"
    text = call("edition", "show", a.id, form="table", lang="zh")
    assert "a table, 1" in text
    assert "{" not in text
    lines = call("edition", "show", a.id, form="csv").splitlines()
    assert lines[0] == "parameter,value,unit,status,mark,source"
    assert len(lines) == 1 + len(FACTORS)


def test_a_bundle_explains_in_a_fresh_process_with_nothing_else_at_hand(
    call: Call, store: Path, tmp_path: Path
) -> None:
    answer = judged(call, tmp_path, -2.4)
    code = next(row["code"] for row in answer["standings"] if row["commitment"] == "1.3")
    here = call("explain", code)
    written = call("edition", "export", code, "--out", str(tmp_path / "b.zip"))
    assert "manifest.json" in written["members"]
    shutil.rmtree(store)
    there = explained(code, tmp_path)
    names = ("value", "recomputed", "unit", "inputs", "formula_zh")
    assert [there[name] for name in names] == [here[name] for name in names]
    assert there["equal"] is True
    valid("explain", there)


def explained(code: str, folder: Path) -> Any:
    home = folder / "empty"
    home.mkdir()
    keep = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    command = "from dualcarbon.cli import main; main()"
    words = ["explain", code, "--bundle", str(folder / "b.zip"), "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-c", command, *words],
        env={**keep, "HOME": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert list(home.iterdir()) == []
    return json.loads(done.stdout)


def test_a_hostile_bundle_is_refused_with_words(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(b"PK nothing")
    answer = call("explain", f"{'0' * 16}:rows:0", "--bundle", str(path), code=2)
    assert answer["findings"][0]["rule"] == "editions.bundle"
    assert "export" in answer["findings"][0]["remedy_en"]
