"""The column grammar of a series: sums only of what is whole, growth only of what is known."""

import pytest

from dualcarbon.accounting.cuts_read import growth, preceding, read_series, rest, total
from dualcarbon.periods import Period

MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
SERIES = {text: 100 + 10 * place for place, text in enumerate(MONTHS)}


def test_a_month_in_the_grammar():
    found = read_series(SERIES, MONTHS, Period.parse("2024-03"))
    assert (found.now, found.to_date) == (240, 220 + 230 + 240)
    assert found.growth == pytest.approx((240 / 120 - 1) * 100)
    assert found.chain == pytest.approx((240 / 230 - 1) * 100)
    assert found.to_date_growth == pytest.approx((690 / 330 - 1) * 100)


def test_c1_3_a_sum_with_a_month_missing_is_absent():
    known = [text for text in MONTHS if text != "2024-02"]
    found = read_series(SERIES, known, Period.parse("2024-03"))
    assert found.now == 240
    assert found.to_date is None
    assert found.chain is None
    assert found.to_date_growth is None


def test_a_carrier_that_was_not_used_in_a_reported_month_adds_nothing():
    series = {"2024-01": 7}
    assert total(series, MONTHS, Period.parse("2024-01..02")) == 7
    assert total(series, MONTHS, Period.parse("2024-02")) == 0


def test_a_null_makes_the_sum_null():
    assert total({"2024-01": None, "2024-02": 5}, MONTHS, Period.parse("2024-01..02")) is None


def test_a_yearly_figure_answers_the_year_and_no_month():
    assert total({"2024": 9}, ["2024"], Period.parse("2024")) == 9
    assert total({"2024": 9}, ["2024"], Period.parse("2024-01")) is None


@pytest.mark.parametrize(
    ("text", "before"),
    [("2024-01", "2023-12"), ("2024-Q1", "2023-Q4"), ("2024", "2023"), ("2024-01..09", None)],
)
def test_what_comes_right_before(text, before):
    found = preceding(Period.parse(text))
    assert (str(found) if found else None) == before


def test_there_is_no_growth_on_zero_or_nothing():
    assert growth(5, 0) is None
    assert growth(5, None) is None
    assert growth(None, 5) is None
    assert growth(0, 5) == -100


def test_the_rest_is_what_no_part_has():
    whole, parts = {"2024-01": 10, "2024-02": None}, [{"2024-01": 4}, {"2024-01": 7}]
    assert rest(whole, parts) == {"2024-01": -1, "2024-02": None}
