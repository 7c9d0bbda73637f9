"""Periods: one canonical text, official spellings, months that are neither lost nor doubled."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.errors import InputError
from dualcarbon.periods import Period

YEARS = st.integers(1950, 2150)
MONTHS = st.integers(1, 12)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    year, a, b = draw(YEARS), draw(MONTHS), draw(MONTHS)
    return Period((year, min(a, b)), (year, max(a, b)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024", "2024"),
        ("2024年", "2024"),
        ("2024-Q2", "2024-Q2"),
        ("2024Q2", "2024-Q2"),
        ("2024年二季度", "2024-Q2"),
        ("2024年第2季度", "2024-Q2"),
        ("2024-06", "2024-06"),
        ("2024年6月", "2024-06"),
        ("202406", "2024-06"),
        ("２０２４年６月", "2024-06"),
        ("2024-01..06", "2024-01..06"),
        ("2024年1-6月", "2024-01..06"),
        ("2024年1—6月", "2024-01..06"),
        ("2024年上半年", "2024-01..06"),
        ("2024年前三季度", "2024-01..09"),
        ("2024年1-2月", "2024-01..02"),
        ("2024-01..12", "2024"),
        ("2024H1", "2024-01..06"),
        ("2024-H1", "2024-01..06"),
        ("2024 h2", "2024-07..12"),
        ("H1 2024", "2024-01..06"),
        ("2H2024", "2024-07..12"),
        ("2024年下半年", "2024-07..12"),
        ("2024年上半年累计", "2024-01..06"),
        ("first half of 2024", "2024-01..06"),
        ("the Second Half of 2024", "2024-07..12"),
        ("First three quarters of 2024", "2024-01..09"),
        ("first quarter of 2024", "2024-Q1"),
        ("2024 4th quarter", "2024-Q4"),
        ("Q3 2024", "2024-Q3"),
        ("June 2024", "2024-06"),
        ("Sept. 2024", "2024-09"),
        ("January–June 2024", "2024-01..06"),
        ("January to October 2024", "2024-01..10"),
        ("2024年六月", "2024-06"),
        ("2024-01..2024-06", "2024-01..06"),
        ("2024年1月至2024年6月", "2024-01..06"),
        ("2024Q1-Q3", "2024-01..09"),
        ("2024年一季度至三季度", "2024-01..09"),
    ],
)
def test_official_spellings_have_one_text(text: str, wanted: str) -> None:
    assert str(Period.parse(text)) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "24", "2024-13", "2024-00", "2024-Q5", "2024-06..03", "June", "2024-06-15", "2024年0月",
     "2024-01-06", "2024/01/06", "20240106", "2024-H3", "H1", "first half", "first half of 24",
     "2024.1", "2024-Q3..Q1", "2025-2024", "十四五", "2024 to", "to 2024", "half of 2024",
     "2024-01..06..09", "1" * 4000, "2024-" * 2000, "2024至" * 500],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Period.parse(text)
    found = caught.value.findings[0]
    assert (found.rule, found.found) == ("periods.bad", text)
    assert "2024-01..06" in found.remedy_en
    assert "2024-01..06" in found.remedy_zh


@pytest.mark.parametrize(
    "text",
    ["2023-11..2024-02", "2023年11月至2024年2月", "2023年11月-2024年2月", "2021-2025",
     "2021—2025年", "2021..2025", "2021-25", "2020 to 2025", "November 2023 to February 2024",
     "2023Q4-2024Q1", "2023H2..2024H1"],
)  # fmt: skip
def test_what_runs_over_years_is_to_be_split(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Period.parse(text)
    found = caught.value.findings[0]
    assert (found.rule, found.found) == ("periods.years", text)
    assert "by year" in found.remedy_en
    assert "按年" in found.remedy_zh


@given(periods())
def test_the_words_for_people_are_read_back(period: Period) -> None:
    assert Period.parse(period.label("en")) == period
    assert Period.parse(period.label("zh")) == period


@given(periods())
def test_the_text_is_read_back(period: Period) -> None:
    assert Period.parse(str(period)) == period
    assert str(Period.parse(str(period))) == str(period)


@given(periods())
def test_days_and_months_agree(period: Period) -> None:
    assert (period.start.year, period.start.month) == period.months[0] == period.first
    assert (period.end.year, period.end.month) == period.months[-1] == period.last
    assert (period.end + dt.timedelta(days=1)).day == 1
    assert len(set(period.months)) == len(period.months)


@given(periods(), st.integers(-30, 30))
def test_a_shift_keeps_the_months_and_is_undone(period: Period, years: int) -> None:
    moved = period.shift(years)
    assert [m for _, m in moved.months] == [m for _, m in period.months]
    assert moved.shift(-years) == period
    assert moved.kind == period.kind


@given(periods(), periods())
def test_containing_means_having_every_month(one: Period, other: Period) -> None:
    assert one.contains(other) == (set(other.months) <= set(one.months))


def test_year_to_date_and_the_combined_first_months() -> None:
    both = Period.parse("2024年1-2月")
    assert (both.kind, both.basis) == ("ytd", "cumulative")
    assert both.months == ((2024, 1), (2024, 2))
    assert Period.parse("2024-06").to_date() == Period.parse("2024-01..06")
    assert Period.parse("2024-06").basis == "month"


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2024", "2024年", "2024"),
        ("2024-06", "2024年6月", "June 2024"),
        ("2024-01..06", "2024年1—6月", "January–June 2024"),
    ],
)
def test_words_for_people(text: str, zh: str, en: str) -> None:
    period = Period.parse(text)
    assert (period.label("zh"), period.label("en")) == (zh, en)
