"""Calendar files against an independent parser, and octet by octet."""

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from tests.control.schedule.conftest import PLANT, Desk

from dualcarbon.control.schedule import to_ics
from dualcarbon.control.schedule.ics import _folded, _text


def events(text: str) -> Any:
    return Calendar.from_ical(text.encode()).walk("VEVENT")


def test_it_is_a_valid_calendar(desk: Desk) -> None:
    for lang in ("zh", "en"):
        found = desk.ask("E1", 2024, "2024-03-01")
        text = to_ics(found, lang)
        assert text.endswith("END:VCALENDAR\r\n")
        assert text.replace("\r\n", "").count("\n") == text.replace("\r\n", "").count("\r") == 0
        assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
        calendar = Calendar.from_ical(text.encode())
        assert calendar["VERSION"] == "2.0"
        assert not calendar.errors
        read = calendar.walk("VEVENT")
        assert not any(event.errors for event in read)
        assert [event["DTSTART"].dt for event in read] == [item.due for item in found.items]
        titles = [f"{item.rule.title(lang)} {item.period}" for item in found.items]
        assert [str(event["SUMMARY"]) for event in read] == titles
        assert all(event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(1) for event in read)
        assert "1-5 10^4 CNY" in str(read[0]["DESCRIPTION"])
        assert len(read[0].walk("VALARM")) == 1


def test_identities_are_stable_and_each_its_own(desk: Desk) -> None:
    first = events(to_ics(desk.ask("E1", 2024, "2024-03-01"), "zh"))
    granted = {
        "item": "utilisation-report",
        "period": "2023",
        "due": "2024-05-31",
        "document": "No. 7; a, b",
        "granted_on": "2024-03-10",
    }
    desk.write("extensions", granted)
    text = to_ics(desk.ask("E1", 2024, "2024-03-11"), "en")
    later = events(text)
    assert {str(e["UID"]) for e in first} == {str(e["UID"]) for e in later}
    assert len({str(e["UID"]) for e in first}) == len(first)
    moved = next(e for e in later if e["DTSTART"].dt == dt.date(2024, 5, 31))
    assert int(moved["SEQUENCE"]) == 1
    assert "No. 7; a, b" in str(moved["DESCRIPTION"])
    assert to_ics(desk.ask("E1", 2024, "2024-03-11"), "en") == text
    desk.write("enterprises", {**PLANT, "enterprise": "E9"})
    other = events(to_ics(desk.ask("E9", 2024, "2024-03-01"), "zh"))
    assert not {str(e["UID"]) for e in first} & {str(e["UID"]) for e in other}


def test_an_empty_year_is_a_calendar_too(desk: Desk) -> None:
    assert events(to_ics(desk.ask("E1", 1990, "2024-03-01"), "en")) == []


SIGNS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp"))
HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(SIGNS | st.just("\n")))
def test_any_text_survives_folding_and_escaping(text: str) -> None:
    line = f"DESCRIPTION:{_text(text)}"
    parts = list(_folded(line))
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line
    tail = ("END:VEVENT", "END:VCALENDAR", "")
    body = "\r\n".join([*HEAD, "DTSTAMP:20240101T000000Z", *parts, *tail])
    assert str(events(body)[0]["DESCRIPTION"]) == text
