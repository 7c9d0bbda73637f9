"""Who owes what by when; filed, late, missing, extended; what was known on a date."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.control.schedule.conftest import PLANT, Desk

from dualcarbon.control.schedule import load_calendar, read_records
from dualcarbon.errors import InputError, PackError, UsageError
from dualcarbon.packs import load_pack

REPORT = "utilisation-report"


def filed(on: str, item: str = REPORT, period: str = "2023", **more: Any) -> dict[str, Any]:
    return {"subject": "E1", "item": item, "period": period, "filed_on": on} | more


def test_the_report_is_due_on_31_march_and_moves_off_the_sunday(desk: Desk) -> None:
    found = desk.one(REPORT, "E1", 2024, "2024-03-01")
    assert (found.period, found.due, found.shifted_from) == (
        "2023",
        dt.date(2024, 4, 1),
        dt.date(2024, 3, 31),
    )
    assert found.state == "due"
    assert found.rule.article == "上海市节约能源条例第五十一条"
    assert (found.rule.penalty["low"], found.rule.penalty["high"]) == (1, 5)
    assert desk.one(REPORT, "E1", 2025, "2024-03-01").shifted_from is None


@pytest.mark.parametrize(
    ("day", "on", "state"),
    [
        ("2024-03-20", "2024-05-01", "filed"),
        ("2024-04-01", "2024-05-01", "filed"),
        ("2024-04-02", "2024-05-01", "late"),
        ("2024-04-02", "2024-04-01", "due"),
        ("2024-04-03", "2024-04-02", "missing"),
    ],
)
def test_filed_late_missing(desk: Desk, day: str, on: str, state: str) -> None:
    desk.write("filings", filed(day))
    assert desk.one(REPORT, "甲厂", 2024, on).state == state


def test_the_first_version_decides_and_all_are_kept(desk: Desk) -> None:
    desk.write("filings", filed("2024-06-01"), filed("2024-03-30"))
    found = desk.one(REPORT, "E1", 2024, "2024-07-01")
    assert found.state == "filed"
    assert [row["filed_on"].month for row in found.filings] == [3, 6]
    assert len(desk.one(REPORT, "E1", 2024, "2024-05-01").filings) == 1


def test_a_filing_recorded_later_was_not_known(desk: Desk) -> None:
    desk.write("filings", filed("2024-03-20", recorded_at="2024-04-20"))
    assert desk.one(REPORT, "E1", 2024, "2024-04-10").state == "missing"
    assert desk.one(REPORT, "E1", 2024, "2024-04-20").state == "filed"


def extension(**more: Any) -> dict[str, Any]:
    return {
        "item": REPORT,
        "period": "2023",
        "due": "2024-04-30",
        "document": "No. 7",
        "granted_on": "2024-03-25",
    } | more


@pytest.mark.parametrize(
    ("group", "state"),
    [
        ({}, "extended"),
        ({"subject": "甲厂"}, "extended"),
        ({"subject": "E2"}, "missing"),
        ({"tier": "thousand", "sector": "industry"}, "extended"),
        ({"tier": "hundred"}, "missing"),
        ({"industry": "C"}, "extended"),
        ({"industry": "26"}, "missing"),
        ({"located_in": "310116"}, "extended"),
        ({"located_in": "徐汇区"}, "missing"),
        ({"document": ""}, "missing"),
        ({"granted_on": "2024-04-11"}, "missing"),
        ({"due": "2024-03-01"}, "missing"),
    ],
)
def test_an_extension_is_for_its_group_and_needs_a_document(
    desk: Desk, group: Any, state: str
) -> None:
    desk.write("extensions", extension(**group))
    found = desk.one(REPORT, "E1", 2024, "2024-04-10")
    assert found.state == state
    assert found.due == dt.date(2024, 4, 1)
    if state == "extended":
        assert found.extension["document"] == "No. 7"
        assert desk.one(REPORT, "E1", 2024, "2024-05-01").state == "missing"
        desk.write("filings", filed("2024-04-30"))
        assert desk.one(REPORT, "E1", 2024, "2024-05-01").state == "filed"


def items(found: Any) -> set[str]:
    return {item.rule.item for item in found.items}


def test_who_owes_what(desk: Desk) -> None:
    desk.write(
        "enterprises",
        PLANT,
        {**PLANT, "enterprise": "E2", "tier": "ten_thousand", "name_zh": "乙", "name_en": "Two"},
        {**PLANT, "enterprise": "E3", "sector": "transport", "name_zh": "丙", "name_en": "Three"},
        {**PLANT, "enterprise": "E4", "tier": "", "name_zh": "丁", "name_en": "Four"},
    )
    assert items(desk.ask("E1", 2022, "2022-01-01")) == {REPORT, "self-assessment"}
    assert items(desk.ask("E2", 2022, "2022-01-01")) == {REPORT}
    assert items(desk.ask("E3", 2022, "2022-01-01")) == {REPORT}
    assert items(desk.ask("E4", 2022, "2022-01-01")) == set()
    assert items(desk.ask("徐汇区", 2024, "2024-01-01")) == {"quarterly-warning"}
    assert "certificates-final" in items(desk.ask("city", 2024, "2024-01-01"))


def test_membership_is_that_of_the_period(desk: Desk) -> None:
    desk.write("enterprises", {**PLANT, "valid_from": "2024-01-01", "valid_to": "2024-12-31"})
    found = [len(desk.ask("E1", year, "2024-01-01").items) for year in (2024, 2025, 2026)]
    assert found == [0, 2, 0]


def test_a_day_without_source_is_marked(desk: Desk) -> None:
    sourced = desk.one("self-assessment", "E1", 2022, "2022-01-01").rule
    later = desk.one("self-assessment", "E1", 2024, "2022-01-01").rule
    assert (sourced.status, sourced.mark) == ("sourced", "A")
    assert (later.status, later.mark) == ("unsourced", "D")
    assert later.note_zh


def test_working_days_after_an_event(desk: Desk) -> None:
    event = {"subject": "city", "event": "barometer_notice", "happened_on": "2021-08-12"}
    desk.write("events", event)
    found = desk.one("two-high-list", "city", 2021, "2021-08-20")
    assert (found.period, found.due) == ("2021-08-12", dt.date(2021, 9, 9))
    late = {"subject": "上海市", "period": "2021-08-12", "filed_on": "2021-09-10"}
    desk.write("filings", {**late, "item": "two-high-list"})
    assert desk.one("two-high-list", "city", 2021, "2021-10-01").state == "late"
    assert "two-high-list" not in items(desk.ask("city", 2021, "2021-08-11"))


def test_an_event_that_did_not_happen_is_told_and_not_listed(desk: Desk) -> None:
    found = desk.ask("E1", 2026, "2025-10-01")
    assert "review-acceptance" not in items(found)
    assert "control.schedule_event" in {f.rule for f in found.findings}
    desk.write("events", {"subject": "E1", "event": "trial_run", "happened_on": "2025-08-31"})
    assert "review-acceptance" not in items(desk.ask("E1", 2026, "2025-12-01"))
    desk.write("events", {"subject": "E1", "event": "trial_run", "happened_on": "2025-09-30"})
    assert desk.one("review-acceptance", "E1", 2026, "2025-12-01").due == dt.date(2026, 3, 30)


def own_pack(folder: Path, area: str, *rules: Any) -> Any:
    folder.mkdir(exist_ok=True)
    (folder / "pack.yaml").write_text(
        f"id: own\nname_zh: 自\nname_en: Own\nextends: china\nkind: city\narea: '{area}'\n", "utf-8"
    )
    if rules:
        (folder / "calendar.yaml").write_text(yaml.safe_dump(list(rules)), "utf-8")
    return load_pack(folder)


def test_a_rule_of_another_place_stays_there(tmp_path: Path, desk: Desk) -> None:
    other = Desk(tmp_path / "other", own_pack(tmp_path / "own", "440100"))
    other.write("enterprises", PLANT)
    found = [i for i in other.ask("E1", 2024, "2024-01-01").items if i.rule.cycle == "quarter"]
    assert [(i.period, i.due.isoformat()) for i in found] == [
        ("2023-Q4", "2024-01-20"),
        ("2024-Q1", "2024-04-15"),
        ("2024-Q2", "2024-07-15"),
        ("2024-Q3", "2024-10-20"),
    ]
    assert all(i.rule.mark == "C" for i in found)
    assert all(i.rule.cycle != "quarter" for i in desk.ask("E1", 2024, "2024-01-01").items)


RULE = {
    "id": "new", "title_zh": "新", "title_en": "New", "who": {"kind": "city"}, "cycle": "year",
    "due": {"rule": "last_day", "months": 2}, "shift": "none", "valid_from": "2030-01-01",
    "mark": "A", "status": "sourced", "source": {"title": "t"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("due", "wanted"),
    [
        ({"rule": "last_day", "months": 2}, "2031-02-28"),
        ({"rule": "last_day", "months": 14}, "2032-02-29"),
        ({"rule": "days_after_period", "n": 10}, "2031-01-10"),
        ({"rule": "working_days_after_period", "n": 1}, "2031-01-02"),
        ({"rule": "fixed", "dates": [{"month": 2, "day": 31, "years": 1}]}, "2031-02-28"),
    ],
)
def test_every_due_rule(tmp_path: Path, due: Any, wanted: str) -> None:
    desk = Desk(tmp_path / "data", own_pack(tmp_path / "own", "310000", RULE | {"due": due}))
    found = desk.one("new", "city", int(wanted[:4]), "2030-01-01", "2030")
    assert found.due.isoformat() == wanted


@pytest.mark.parametrize(
    "change",
    [
        {"shift": "sometimes"},
        {"due": {"rule": "when_ready"}},
        {"due": {"rule": "last_day", "months": -1}},
        {"due": {"rule": "days_after_event", "event": "x", "n": 3}},
        {"due": {"rule": "fixed", "dates": []}},
        {"due": {"rule": "fixed", "dates": [{"month": 13, "day": 1}]}},
        {"cycle": "week"},
        {"who": {"kind": "king"}},
        {"who": {"kind": "city", "colour": "red"}},
        {"mark": "D"},
        {"source": None},
        {"status": "maybe"},
        {"valid_from": "soon"},
    ],
)
def test_a_rule_outside_the_closed_lists_is_refused(tmp_path: Path, change: Any) -> None:
    with pytest.raises(PackError):
        load_calendar(own_pack(tmp_path / "own", "310000", RULE | change))


CHECKS = [HealthCheck.function_scoped_fixture]


@settings(max_examples=40, deadline=None, suppress_health_check=CHECKS)
@given(
    start=st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)),
    day=st.integers(1, 31),
    month=st.integers(1, 12),
    year=st.integers(2010, 2032),
)
def test_a_later_rule_changes_no_earlier_period(
    desk: Desk, start: dt.date, day: int, month: int, year: int
) -> None:
    old = next(rule for rule in desk.rules if rule.item == REPORT)
    dates = [{"month": month, "day": day, "years": 1}]
    new = evolve(old, id="later", due={"rule": "fixed", "dates": dates}, valid_from=start)
    before = desk.ask("E1", year, "2024-01-01").items
    after = desk.ask("E1", year, "2024-01-01", [*desk.rules, new]).items

    def earlier(found: Any) -> Any:
        return [i for i in found if int(i.period[:4]) < start.year and i.rule.item == REPORT]

    assert earlier(before) == earlier(after)


def test_the_schedule_of_a_past_day_does_not_change(desk: Desk) -> None:
    desk.write("filings", filed("2024-04-20"))
    then = desk.ask("E1", 2024, "2024-05-01").to_json()
    later = (filed("2024-05-20"), filed("2024-07-01", "self-assessment"))
    desk.write("filings", filed("2024-04-20"), *later)
    desk.write("extensions", extension(due="2024-06-30", granted_on="2024-05-15"))
    assert desk.ask("E1", 2024, "2024-05-01").to_json() == then
    assert desk.one(REPORT, "E1", 2024, "2024-06-01").state == "filed"


def test_bad_records_are_told_and_left_out(desk: Desk) -> None:
    desk.write("filings", filed("2024-03-01", period="soon"), filed("March"), filed("2024-03-02"))
    found = desk.ask("E1", 2024, "2024-05-01")
    assert "control.record_period" in {f.rule for f in found.findings}
    assert len([f for f in found.findings if f.severity == "error"]) == 2
    assert desk.one(REPORT, "E1", 2024, "2024-05-01").state == "filed"


def test_years_without_a_published_arrangement_are_told(desk: Desk) -> None:
    found = desk.ask("E1", 2060, "2024-05-01")
    assert "control.schedule_holidays" in {f.rule for f in found.findings}


@pytest.mark.parametrize(("subject", "year"), [("nobody", 2024), ("E1", 3000)])
def test_an_unknown_subject_or_year_is_refused(desk: Desk, subject: str, year: int) -> None:
    with pytest.raises(UsageError):
        desk.ask(subject, year, "2024-01-01")


def test_a_folder_that_is_not_there_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_records(tmp_path / "gone", desk.words)
