"""The folder is read like anyone's: what is absurd is found, and every state occurs."""

import datetime as dt

import polars as pl
import pytest

from dualcarbon.control.data import read_data
from dualcarbon.control.standing import standing
from dualcarbon.plan import load_plan

DISTRICTS = [f"9901{number:02d}" for number in range(1, 17)]


@pytest.fixture(scope="module")
def data(folder, pack):
    return read_data(folder, pack)


@pytest.fixture(scope="module")
def on_date(data):
    plan, kept = load_plan("demo-2024"), {}

    def found(day):
        if day not in kept:
            kept[day] = standing(plan, dt.date.fromisoformat(day), data)
        return kept[day]

    return found


def test_reading_finds_the_broken_cells_and_nothing_else(data):
    places = [(item.severity, item.place.file, item.found) for item in data.findings]
    assert places == [("error", "activity.csv", "NaN"), ("error", "progress.csv", "NaN")]
    assert data.frames["activity"].height > 70_000


def test_absurd_statistics_are_found_and_do_not_break_the_run(on_date):
    rules = {item.rule for item in on_date("2024-10-25").findings}
    assert {"control.negative", "control.implausible", "control.unit"} <= rules


def test_the_light_of_the_city_is_that_of_the_brief(on_date):
    rows = on_date("2024-10-25").rows
    city = rows.filter(pl.col("commitment") == "1.3").row(0, named=True)
    assert (city["value"], city["declared"], city["required"]) == (-2.4, -2.4, -3.0)
    assert city["gap"] == pytest.approx(0.6)
    assert city["needed"] == pytest.approx(-4.8, abs=0.05)
    assert city["grade"] == "X"


def test_the_districts_are_spread_over_all_severities(on_date):
    rows = on_date("2024-10-25").rows.filter(
        pl.col("commitment") == "1.5", pl.col("subject").is_in(DISTRICTS)
    )
    assert rows.height == 16
    counts = dict(rows.group_by("severity").len().iter_rows())
    assert counts == {0: 6, 1: 3, 2: 4, 3: 2, None: 1}
    worse = rows.filter(pl.col("value") > 0)
    assert worse["subject"].to_list() == ["990114"]
    silent = rows.filter(pl.col("state") == "no_data")
    assert silent["subject"].to_list() == ["990116"]


def test_a_district_that_finished_early_keeps_a_floor(on_date):
    rows = on_date("2024-10-25").rows
    early = rows.filter(pl.col("commitment") == "1.5", pl.col("subject") == "990101")
    assert early["required"].to_list() == [-0.5]


def test_every_state_occurs_in_the_year(on_date):
    days = ("2024-08-31", "2024-10-25")
    states = {state for day in days for state in on_date(day).rows["state"]}
    assert states == {"measured", "no_data", "invalid", "done", "overdue", "watch"}


def test_counts_stand_ahead_behind_and_done(on_date):
    rows = on_date("2024-10-25").rows
    found = dict(rows.select("commitment", "severity").iter_rows())
    state = dict(rows.select("commitment", "state").iter_rows())
    assert [found[name] for name in ("3.4", "5.4", "10.3")] == [0, 0, 0]
    assert [found[name] for name in ("3.6", "10.4")] == [1, 1]
    assert (found["5.10"], found["6.4"]) == (2, 3)
    assert (state["6.2"], state["10.7"], state["2.6"]) == ("done", "done", "overdue")


def test_what_was_not_yet_recorded_was_not_known(on_date):
    before = on_date("2024-10-23").rows.filter(pl.col("commitment") == "1.3")
    assert before["period"].to_list() == ["2024-01..06"]
    after = on_date("2024-10-25").rows.filter(pl.col("commitment") == "1.3")
    assert after["period"].to_list() == ["2024-01..09"]


def test_before_any_data_nothing_is_claimed(on_date):
    rows = on_date("2022-01-31").rows
    assert set(rows["state"]) <= {"no_data", "invalid"}
    assert rows["severity"].drop_nulls().is_empty()
