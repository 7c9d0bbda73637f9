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
    ],
)
def test_official_spellings_have_one_text(text: str, wanted: str) -> None:
    assert str(Period.parse(text)) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "24", "2024-13", "2024-00", "2024-Q5", "2024-06..03", "June", "2024-06-15", "2024年0月"],
)
def test_what_is_no_period_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Period.parse(text)
    found = caught.value.findings[0]
    assert (found.rule, found.found) == ("periods.bad", text)
    assert "2024-01..06" in found.remedy_en
    assert "2024-01..06" in found.remedy_zh


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
