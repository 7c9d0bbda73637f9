"""Every past standing can be reproduced as it was shown, from a folder that went on."""

import csv
from pathlib import Path
from typing import Any

import pytest

CHANGE = {"indicator": "energy_intensity"}
OUTPUT = {"indicator": "gdp", "period": "2023", "unit": "10^8 CNY", "price_base": "2020"}
COAL = {"carrier": "raw_coal", "unit": "10^4 t"}
STEP = {"commitment": "2.1", "subject": "city", "unit": "MW"}
FEEDSTOCK = {"subject": "city", "year": 2023, "item": "feedstock", "unit": "10^4 tce"}
MONTHS = [(year, month) for year in (2023, 2024) for month in range(1, 7)]
FOLDER = {
    "statistics": [
        {**CHANGE, "period": "2024-01..06", "value": -2.1, "vintage": "estimate"}
        | {"recorded_at": "2024-07-20"},
        {**CHANGE, "period": "2023", "value": -1.5, "recorded_at": "2024-02-01"},
        {**OUTPUT, "value": 47000, "recorded_at": "2024-02-01"},
    ],
    "activity": [
        {**COAL, "period": f"{year}-{month:02d}", "quantity": 100 + month}
        | {"recorded_at": f"{year}-{month + 1:02d}-15"}
        for year, month in MONTHS
    ],
    "progress": [{**STEP, "project": "P1", "period": "2024-03", "stage": "started", "quantity": 5}],
    "deductions": [{**FEEDSTOCK, "quantity": 9, "recorded_at": "2024-03-01"}],
    "enterprises": [
        {"enterprise": "E1", "tier": "thousand", "sector": "industry", "valid_from": "2023-01-01"}
    ],
}
LATER = {
    "statistics": [
        {**CHANGE, "period": "2024-01..06", "value": 0.4, "recorded_at": "2024-11-01"},
        {**CHANGE, "period": "2024-01..09", "value": -4.1, "recorded_at": "2024-10-28"},
        {**OUTPUT, "value": 44000, "recorded_at": "2025-01-05"},
    ],
    "activity": [
        {**COAL, "period": "2024-02", "quantity": 900, "recorded_at": "2024-12-01"},
        {**COAL, "period": "2024-07", "quantity": 120, "recorded_at": "2024-08-15"},
    ],
    "progress": [
        {**STEP, "project": "P1", "period": "2024-03", "stage": "started", "quantity": 1}
        | {"recorded_at": "2024-09-30"},
        {**STEP, "project": "P2", "period": "2024-09", "stage": "accepted", "quantity": 8}
        | {"recorded_at": "2024-10-02"},
    ],
    "deductions": [{**FEEDSTOCK, "quantity": 1, "recorded_at": "2024-12-01"}],
    "enterprises": [
        {"enterprise": "E2", "tier": "hundred", "sector": "industry", "valid_from": "2024-09-01"}
    ],
}
PLAIN = {
    "subject_kind": "city",
    "subject": "city",
    "flow": "use",
    "basis": "cumulative",
    "unit": "%",
    "origin": "declared",
    "vintage": "final",
}
ON = "2024-07-31"


def tables(edition: Any) -> dict[str, str]:
    """Give the bytes of every table of an edition by their hash."""
    return {name: entry["sha256"] for name, entry in edition.manifest["tables"].items()}


def folder(case: Any, *parts: Any) -> Any:
    data = case()
    for name in FOLDER:
        data.write(name, *[row for part in parts for row in part[name]])
    return data


def test_a_past_standing_is_reproduced_as_it_was_shown(case: Any, tmp_path: Path) -> None:
    shown = folder(case, FOLDER).standings(ON).freeze(tmp_path / "then")
    again = folder(case, FOLDER, LATER).standings(ON).freeze(tmp_path / "today")
    assert again.table("standings").equals(shown.table("standings"))
    assert again.table("figures").equals(shown.table("figures"))
    assert tables(again) == tables(shown)
    assert again.manifest["parameters"] == shown.manifest["parameters"]


@pytest.mark.parametrize("table", sorted(FOLDER))
def test_each_table_may_be_revised_alone(case: Any, tmp_path: Path, table: str) -> None:
    shown = folder(case, FOLDER).standings(ON).freeze(tmp_path / "then")
    data = folder(case, FOLDER)
    path = data.folder / f"{table}.csv"
    with path.open(encoding="utf-8") as file:
        names = next(csv.reader(file))
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", restval="")
        writer.writerows({**PLAIN, **row} for row in LATER[table])
    assert tables(data.standings(ON).freeze(tmp_path / "today")) == tables(shown)


def test_the_revisions_are_seen_today(case: Any) -> None:
    assert folder(case, FOLDER).one("1.3", ON)["value"] == -2.1
    assert folder(case, FOLDER, LATER).one("1.3", "2025-01-31")["value"] == -4.1


def test_a_step_may_be_corrected_and_the_old_one_stays_in_the_past(case: Any) -> None:
    data = folder(case, FOLDER, LATER)
    assert data.standings("2024-09-01").known.progress["quantity"].to_list() == [5.0]
    assert data.standings("2024-10-31").known.progress["quantity"].to_list() == [1.0, 8.0]
