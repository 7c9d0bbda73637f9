"""Working days against published arrangements, and what a shift may never do."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.control.schedule import workdays
from dualcarbon.control.schedule.workdays import SHIFTS, Workdays
from dualcarbon.errors import PackError
from dualcarbon.packs import load_pack

CHINA = Workdays("CN")
DAYS = st.dates(dt.date(2008, 1, 1), dt.date(2030, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2024-02-04", True),  # Sunday, made up for Spring Festival
        ("2024-02-18", True),
        ("2024-02-12", False),
        ("2024-03-31", False),
        ("2024-04-07", True),
        ("2024-10-01", False),
        ("2024-10-12", True),
        ("2025-01-26", True),
        ("2025-02-08", True),
        ("2025-10-08", False),
        ("2023-06-25", True),
        ("2021-02-07", True),
    ],
)
def test_made_up_weekends_are_worked(day: str, worked: bool) -> None:
    assert CHINA.is_working(dt.date.fromisoformat(day)) is worked


def test_the_arrangements_of_the_years_in_use_are_known() -> None:
    assert all(CHINA.published(year) for year in range(2008, 2027))
    assert not CHINA.published(2060)
    assert not Workdays().published(2024)


def test_the_order_of_questions_does_not_matter() -> None:
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(0, 2200, 3)]
    workdays._country.cache_clear()
    workdays._year.cache_clear()
    backward = [CHINA.is_working(day) for day in reversed(days)]
    workdays._country.cache_clear()
    workdays._year.cache_clear()
    assert [CHINA.is_working(day) for day in days] == backward[::-1]


@given(DAYS, st.sampled_from(SHIFTS))
def test_a_shift_never_lands_on_a_holiday(day: dt.date, rule: str) -> None:
    moved = CHINA.shift(day, rule)
    if rule == "none" or CHINA.is_working(day):
        assert moved == day
        return
    assert CHINA.is_working(moved)
    assert (moved > day) is (rule == "next_working_day")
    between = [min(day, moved) + dt.timedelta(days=n) for n in range(1, abs((moved - day).days))]
    assert not any(CHINA.is_working(other) for other in between)


@given(DAYS, st.integers(1, 60))
def test_the_nth_working_day_is_the_nth(day: dt.date, n: int) -> None:
    found = CHINA.nth(day, n)
    span = [day + dt.timedelta(days=k) for k in range(1, (found - day).days + 1)]
    assert sum(map(CHINA.is_working, span)) == n
    assert CHINA.is_working(found)


def test_the_pack_says_whose_days() -> None:
    assert Workdays.of(load_pack("shanghai")).country == "CN"
    assert Workdays.of(load_pack("world")).country is None
    assert not Workdays().is_working(dt.date(2024, 2, 4))


@pytest.mark.parametrize("code", ["ZZ", "nowhere"])
def test_a_country_that_is_not_known_is_refused(code: str, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(
        f"id: own\nname_zh: 自\nname_en: Own\nkind: city\nchoices: {{holidays: {code}}}\n", "utf-8"
    )
    with pytest.raises(PackError):
        Workdays.of(load_pack(tmp_path))
