"""Another city is data: a pack of YAML in a temporary folder gets a plan, standings and a site."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dualcarbon.cli import main

PACKS = Path(__file__).parent / "fixtures" / "packs"
HEADER = "indicator,subject_kind,subject,period,basis,value,unit,price_base,origin,vintage"
NOW, FINAL = "cumulative,{},{},,declared,preliminary", "cumulative,{},{},,declared,final"
ROWS = (
    f"co2_intensity,city,兰汀市,2026-01..06,{NOW.format(-2.9, '%')},2026-07-20",
    f"co2_intensity,area,汀南区,2026-01..06,{NOW.format(-4.0, '%')},2026-07-20",
    f"coal_total,city,980100,2025-01..06,{FINAL.format(430, '10^4 t')},2025-07-20",
    f"coal_total,city,980100,2025,{FINAL.format(920, '10^4 t')},2026-01-20",
    f"coal_total,city,980100,2026-01..06,{NOW.format(460, '10^4 t')},2026-07-20",
)
STATISTICS = "\n".join(
    [f"{HEADER},recorded_at,source", *(f"{row},Lanting bulletin" for row in ROWS), ""]
)
PROGRESS = """commitment,project,subject,period,stage,quantity,unit,evidence
2.1,HP-1,980101,2026-03,accepted,8,MW,acceptance 1
2.1,HP-2,980102,2026-05,accepted,4000,kW,acceptance 2
2.1,HP-3,980102,2026-06,started,90,MW,
2.2,inventory,980101,2026-06,accepted,,,report
"""
SITE = """
import datetime as dt, sys, django
django.setup()
from django.core.management import call_command
from django.test import Client
from pathlib import Path
from dualcarbon_web.control.services import publish
call_command("migrate", verbosity=0)
publish("lanting-2026", dt.date(2026, 7, 31), Path(sys.argv[1]))
client = Client(SERVER_NAME="localhost")
for path in ("/zh-hans/", "/en/commitments/", "/en/commitments/1.1/", "/zh-hans/area/980101/"):
    answer = client.get(path)
    assert answer.status_code == 200, path
    text = answer.content.decode()
    assert "Shanghai" not in text and "汀川" not in text, path
    print(path, len(text))
assert "兰汀" in client.get("/zh-hans/").content.decode()
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    shutil.copytree(PACKS / "lanting", tmp_path / "packs" / "lanting")
    data = tmp_path / "data"
    data.mkdir()
    (data / "statistics.csv").write_text(STATISTICS, encoding="utf-8")
    (data / "progress.csv").write_text(PROGRESS, encoding="utf-8")
    return tmp_path


def run(city: Path, *arguments: str) -> Any:
    line = [*arguments, "--pack", str(city / "packs"), "--format", "json"]
    result = CliRunner().invoke(main, line)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_its_plan_is_shown(city: Path) -> None:
    answer = run(city, "plan", "show", "lanting-2026")
    assert [item["id"] for item in answer["commitments"]] == ["1.1", "1.2", "2.1", "2.2", "2.3"]


def test_its_commitments_stand_where_its_data_say(city: Path) -> None:
    answer = run(
        city, "standing", "lanting-2026", "--on", "2026-07-31", "--data", str(city / "data"),
        "--editions", str(city / "editions"),
    )  # fmt: skip
    rows = {(row["commitment"], row["subject"]): row for row in answer["standings"]}
    carbon = rows["1.1", "980100"]
    assert (carbon["value"], carbon["required"]) == (-2.9, -3.6)
    assert carbon["gap"] == pytest.approx(0.7)
    pumps = rows["2.1", "980100"]
    assert pumps["unit"] in ("kW", "MW")
    assert pumps["value"] == pytest.approx(12000 if pumps["unit"] == "kW" else 12)
    assert rows["2.2", "980101"]["state"] == "done"
    assert rows["2.2", "980103"]["state"] in ("no_data", "overdue")
    assert all(row["state"] == "no_data" for (number, _), row in rows.items() if number == "2.3")
    assert all(row["severity"] is None for row in rows.values() if row["state"] == "no_data")


def test_every_number_of_it_is_explained(city: Path) -> None:
    store = ("--editions", str(city / "editions"))
    data = ("--on", "2026-07-31", "--data", str(city / "data"))
    answer = run(city, "standing", "lanting-2026", *data, *store)
    for row in answer["standings"]:
        told = run(city, "explain", row["code"], *store)
        assert told["equal"] is True, row
        assert told["value"] == row["value"]


def test_its_site_shows_it(city: Path) -> None:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "dualcarbon_web.core.settings",
        "DUALCARBON_HOME": str(city / "home"),
        "DUALCARBON_PACKS": str(city / "packs"),
        "DUALCARBON_PLAN": "lanting-2026",
    }
    env.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", SITE, str(city / "data")],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
