"""The rate yardstick on data folders: values, gaps, what is needed, worsening, vintages."""

from itertools import product
from typing import Any

import pytest

SEPTEMBER = "2024-01..09"
ON = "2024-10-31"


def rate(value: float, period: str = SEPTEMBER, **more: Any) -> dict[str, Any]:
    return {"indicator": "energy_intensity", "period": period, "value": value, **more}


def level(indicator: str, period: str, value: float, unit: str, **more: Any) -> dict[str, Any]:
    return {"indicator": indicator, "period": period, "value": value, "unit": unit, **more}


def test_equal_quarters_of_the_user_page(case: Any) -> None:
    """G +5 %, target 3 %, Q1-Q3 decline 2.4 %: gap 0.6 points, not green, Q4 needs 4.8 %."""
    row = case().write("statistics", rate(-2.4)).one("1.3", ON)
    assert (row["value"], row["declared"], row["required"]) == (-2.4, -2.4, -3)
    assert row["gap"] == pytest.approx(0.6)
    assert row["needed"] == pytest.approx(-4.8)
    assert row["severity"] > 0
    assert (row["state"], row["grade"], row["unit"], row["forecast"]) == (
        "measured",
        "A",
        "%",
        None,
    )
    assert "4.8" in row["reason_zh"]
    assert "下降2.40 %" in row["reason_zh"]
    assert "0.60个百分点" in row["reason_zh"]
    assert "0.60 percentage points" in row["reason_en"]


def test_needed_is_exact_where_last_years_quarters_are_known(case: Any) -> None:
    rows = [
        level("energy_total", "2023-01..09", 70, "10^4 tce"),
        level("energy_total", "2023", 100, "10^4 tce"),
        rate(-2.4),
    ]
    row = case().write("statistics", *rows).one("1.3", ON)
    assert row["needed"] == pytest.approx((0.97 - 0.7 * 0.976) / 0.3 * 100 - 100)
    assert "各月相等" not in row["reason_zh"]


@pytest.mark.parametrize("month", [2, 3, 5, 6, 8, 9, 11])
def test_required_is_the_full_annual_rate_at_any_date(case: Any, month: int) -> None:
    period = f"2024-01..{month:02d}"
    row = (
        case()
        .write("statistics", rate(-2.4, period))
        .one("1.3", ON if month < 10 else "2024-12-31")
    )
    assert row["required"] == -3
    assert row["gap"] == pytest.approx(0.6)


def test_gap_sign_positive_is_behind(case: Any) -> None:
    assert case().write("statistics", rate(-4)).one("1.3", ON)["gap"] == pytest.approx(-1)
    assert case().write("statistics", rate(1)).one("1.3", ON)["gap"] == pytest.approx(4)


def test_all_barometers_stand_side_by_side(case: Any) -> None:
    folder = case().write("statistics", rate(-2.7))
    row = folder.one("1.3", ON)
    assert folder.level(row, "barometer-2021h1") == 2
    assert folder.level(row, "barometer-2020") == 2
    assert folder.level(row, "completion-2010") == 1
    assert row["severity"] == 2
    assert folder.one("1.3", ON, scheme="barometer-2020")["severity"] == 1
    assert folder.one("1.3", ON, scheme="completion-2010")["severity"] == 1


@pytest.mark.parametrize(
    ("month", "state", "word"),
    [(3, "measured", "季末"), (6, "measured", "季末"), (8, "watch", "关注")],
)
def test_worsening_indicator_is_red_not_silent(
    case: Any, month: int, state: str, word: str
) -> None:
    """A rise is severe under the barometer; off a quarter end it is also marked as watched."""
    folder = case().write("statistics", rate(0.4, f"2024-01..{month:02d}"))
    row = folder.one("1.3", ON)
    assert (row["state"], row["severity"]) == (state, 3)
    assert word in row["reason_zh"]


def test_growth_rates_compose_to_the_intensity(case: Any) -> None:
    rows = [level("energy_total", SEPTEMBER, 2.0, "%"), level("gdp", SEPTEMBER, 5.0, "%")]
    row = case().write("statistics", *rows).one("1.3", ON)
    assert row["declared"] is None
    assert row["value"] == pytest.approx((1.02 / 1.05 - 1) * 100)
    assert "尚无主管部门发布值" in row["reason_zh"]


def test_declared_drives_and_computed_stands_beside(case: Any) -> None:
    rows = [
        rate(-2.4),
        level("energy_total", SEPTEMBER, 2.0, "%"),
        level("gdp", SEPTEMBER, 5.0, "%"),
    ]
    found = case().write("statistics", *rows).standings(ON)
    row = next(r for r in found.to_json()["standings"] if r["commitment"] == "1.3")
    assert row["value"] == row["declared"] == -2.4
    assert "测算值下降2.86 %" in row["reason_zh"]
    assert "相差0.46个百分点" in row["reason_zh"]
    figures = found.figures.filter(found.figures["indicator"] == "energy_intensity")
    assert sorted(figures["origin"]) == ["computed", "declared"]


def test_published_rate_is_not_recomputed_from_levels(case: Any) -> None:
    rows = [
        level("energy_total", SEPTEMBER, 1.0, "%"),
        level("gdp", SEPTEMBER, 5.0, "%"),
        level("gdp", SEPTEMBER, 300, "10^8 CNY", price_base="2020"),
        level("gdp", "2023-01..09", 200, "10^8 CNY", price_base="2020"),
    ]
    row = case().write("statistics", *rows).one("1.3", ON)
    assert row["value"] == pytest.approx((1.01 / 1.05 - 1) * 100)


LEVELS = (
    level("energy_total", SEPTEMBER, 8000, "10^4 tce"),
    level("energy_total", "2023-01..09", 80_000_000, "tce"),
    level("gdp", SEPTEMBER, 3150, "10^8 CNY", price_base="2020"),
    level("gdp", "2023-Q3", 3000, "10^8 CNY", price_base="2020"),
)


def test_ratio_is_a_ratio_of_sums_with_units_converted(case: Any) -> None:
    row = case().write("statistics", *LEVELS).one("1.3", ON)
    assert row["value"] == pytest.approx((1 / 1.05 - 1) * 100)


def test_two_price_bases_cannot_be_compared(case: Any) -> None:
    other = {**LEVELS[3], "price_base": "2015"}
    row = case().write("statistics", *LEVELS[:3], other).one("1.3", ON)
    assert (row["state"], row["value"], row["severity"]) == ("invalid", None, None)
    assert "2015" in row["reason_zh"]
    assert "price bases" in row["reason_en"]


def test_a_second_price_base_does_not_disturb_the_first(case: Any) -> None:
    more = [{**LEVELS[2], "price_base": "2015", "value": 9}]
    row = case().write("statistics", *LEVELS, *more).one("1.3", ON)
    assert row["value"] == pytest.approx((1 / 1.05 - 1) * 100)


def test_current_prices_give_no_intensity(case: Any) -> None:
    rows = [{**row, "price_base": "current"} if "price_base" in row else row for row in LEVELS]
    assert case().write("statistics", *rows).one("1.3", ON)["state"] == "invalid"


def monthly(year: int, months: Any, value: float) -> list[dict[str, Any]]:
    return [
        level("energy_total", text, value, "10^4 tce", basis="month")
        for text in (f"{year}-{m:02d}" if isinstance(m, int) else f"{year}-{m}" for m in months)
    ]


GROWTH = level("gdp", "2024-01..06", 4.0, "%")


def test_combined_january_february_counts_for_both(case: Any) -> None:
    rows = [
        *monthly(2024, ["01..02"], 20),
        *monthly(2024, range(3, 7), 10),
        *monthly(2023, range(1, 7), 10),
    ]
    row = case().write("statistics", GROWTH, *rows).one("1.3", ON)
    assert row["period"] == "2024-01..06"
    assert row["value"] == pytest.approx((1 / 1.04 - 1) * 100)


def test_a_missing_month_is_named_and_not_guessed(case: Any) -> None:
    rows = [*monthly(2024, [1, 2, 3, 5, 6], 10), *monthly(2023, range(1, 7), 10)]
    row = case().write("statistics", GROWTH, *rows).one("1.3", ON)
    assert row["value"] is None
    assert row["severity"] is None
    assert row["state"] == "no_data"
    assert "2024年4月" in row["reason_zh"]
    assert "April 2024" in row["reason_en"]


def test_a_missing_month_of_last_year_is_named(case: Any) -> None:
    rows = [*monthly(2024, range(1, 7), 10), *monthly(2023, [1, 2, 3, 4, 6], 10)]
    row = case().write("statistics", GROWTH, *rows).one("1.3", ON)
    assert row["value"] is None
    assert "2023年5月" in row["reason_zh"]


def test_a_declared_value_stands_beside_a_hole(case: Any) -> None:
    rows = [*monthly(2024, [1, 2, 3, 5, 6], 10), *monthly(2023, range(1, 7), 10)]
    row = case().write("statistics", GROWTH, rate(-2, "2024-01..06"), *rows).one("1.3", ON)
    assert row["value"] == -2
    assert "4月" in row["reason_zh"]


def test_quarters_add_up_and_cumulative_spellings_agree(case: Any) -> None:
    values = [level("energy_total", f"2023-Q{q}", 30, "10^4 tce", basis="month") for q in (1, 2, 3)]
    for text in ("2024-01..09", "2024-09", "2024-Q3", "2024年1-9月"):
        now = level("energy_total", text, 88.2, "10^4 tce")
        rows = [*values, now, level("gdp", SEPTEMBER, 0, "%")]
        row = case().write("statistics", *rows).one("1.3", ON)
        assert row["value"] == pytest.approx(-2), text
        assert row["period"] == SEPTEMBER


def test_slower_gdp_holds_the_period_back_without_a_complaint(case: Any) -> None:
    rows = [*monthly(2024, range(1, 9), 10), *monthly(2023, range(1, 13), 10)]
    row = case().write("statistics", GROWTH, *rows).one("1.3", ON)
    assert row["period"] == "2024-01..06"
    assert row["value"] == pytest.approx((1 / 1.04 - 1) * 100)


def test_a_later_vintage_does_not_change_an_earlier_date(case: Any) -> None:
    early = rate(-2.4, recorded_at="2024-10-20", vintage="preliminary")
    late = rate(-3.1, recorded_at="2025-02-01", vintage="final")
    folder = case()
    before = folder.write("statistics", early).one("1.3", ON)
    folder.write("statistics", early, late)
    assert folder.one("1.3", ON) == before
    after = folder.one("1.3", "2025-03-01")
    assert after["value"] == -3.1
    assert after["grade"] == "A"
    assert before["grade"] == "B"


@pytest.mark.parametrize("order", [1, -1])
def test_vintage_breaks_a_tie_of_the_day(case: Any, order: int) -> None:
    rows = [rate(-1, vintage="estimate"), rate(-2, vintage="confirmed"), rate(-3, vintage="final")]
    assert case().write("statistics", *rows[::order]).one("1.3", ON)["value"] == -2


def test_the_last_record_stands_whatever_its_vintage(case: Any) -> None:
    rows = [
        rate(-1, vintage="final", recorded_at="2024-10-01"),
        rate(-2, vintage="preliminary", recorded_at="2024-10-15"),
    ]
    row = case().write("statistics", *rows).one("1.3", ON)
    assert (row["value"], row["grade"]) == (-2, "B")


def test_without_recorded_at_a_row_is_known_from_the_end_of_its_period(case: Any) -> None:
    folder = case().write("statistics", rate(-2, recorded_at=""))
    assert folder.one("1.3", "2024-09-29")["state"] == "no_data"
    assert folder.one("1.3", "2024-09-30")["value"] == -2
    rules = [item.rule for item in folder.standings(ON).findings]
    assert "control.not_recorded" in rules


def test_whole_year_is_done_or_overdue(case: Any) -> None:
    done = case().write("statistics", rate(-3.2, "2024")).one("1.3", "2025-02-01")
    assert (done["state"], done["severity"], done["needed"]) == ("done", 0, None)
    missed = case().write("statistics", rate(-2.9, "2024")).one("1.3", "2025-02-01")
    assert (missed["state"], missed["severity"]) == ("overdue", 2)


GRADES = [
    ({"vintage": "final"}, "A"),
    ({"vintage": "confirmed"}, "A"),
    ({"vintage": "preliminary"}, "B"),
    ({"vintage": "estimate"}, "C"),
    ({"vintage": ""}, "C"),
    ({"source": ""}, "C"),
]


@pytest.mark.parametrize(("fields", "grade"), GRADES)
def test_grades(case: Any, fields: dict[str, str], grade: str) -> None:
    assert case().write("statistics", rate(-3, **fields)).one("1.3", ON)["grade"] == grade


def test_the_gross_basis_is_said(case: Any) -> None:
    row = case().write("statistics", rate(-3)).one("1.3", ON)
    assert "未扣减原料用能和非化石能源" in row["reason_zh"]
    assert "Nothing is deducted" in row["reason_en"]


def test_no_number_follows_for_a_co2_intensity_without_data(case: Any) -> None:
    row = case().write("statistics", rate(-3)).one("1.4", ON)
    assert (row["state"], row["value"], row["gap"], row["severity"]) == (
        "no_data",
        None,
        None,
        None,
    )
    assert row["required"] == -3
    assert "statistics.csv" in row["reason_zh"]
    assert row["grade"] is None


HUANGPU = {"subject_kind": "area", "subject": "黄浦区"}


def history(*changes: float) -> list[dict[str, Any]]:
    return [rate(value, str(2021 + i), **HUANGPU) for i, value in enumerate(changes)]


def test_district_target_is_the_remaining_task_over_two_years(case: Any) -> None:
    rows = [*history(-2, -2.5, -3), rate(-1, **HUANGPU)]
    row = case().write("statistics", *rows).one("1.5", ON, "310101")
    left = 0.865 / (0.98 * 0.975 * 0.97)
    assert row["required"] == pytest.approx((left**0.5 - 1) * 100)
    assert row["gap"] == pytest.approx(-1 - row["required"])


def test_a_district_that_finished_early_keeps_the_floor(case: Any) -> None:
    rows = [*history(-6, -6, -6), rate(-1, **HUANGPU)]
    row = case().write("statistics", *rows).one("1.5", ON, "310101")
    assert row["required"] == 0
    assert "提前完成" in row["reason_zh"]
    assert row["severity"] == 0


def test_a_missing_year_of_history_is_not_interpolated(case: Any) -> None:
    rows = [*history(-2, -2.5, -3)[::2], rate(-1, **HUANGPU)]
    row = case().write("statistics", *rows).one("1.5", ON, "310101")
    assert (row["required"], row["gap"], row["severity"]) == (None, None, None)
    assert row["value"] == -1
    assert "2022年" in row["reason_zh"]


def test_a_district_without_target_has_no_light(case: Any) -> None:
    other = {"subject_kind": "area", "subject": "长宁区"}
    rows = [rate(-1, str(year), **other) for year in (2021, 2022, 2023)]
    row = case().write("statistics", *rows, rate(-1, **other)).one("1.5", ON, "310105")
    assert row["value"] == -1
    assert row["required"] is None
    assert row["severity"] is None
    assert "five_year" in row["reason_zh"]


def test_every_district_has_a_row(case: Any) -> None:
    rows = case().write("statistics", rate(-1)).standings(ON).rows
    assert rows.filter(rows["commitment"] == "1.5").height == 16


def test_one_row_a_commitment_and_subject(case: Any) -> None:
    found = case().standings(ON)
    keys = found.rows.select("commitment", "subject_kind", "subject")
    assert not keys.is_duplicated().any()
    assert set(found.rows["commitment"]) == {c.id for c in found.plan.commitments}
    assert set(found.rows["state"]) == {"no_data"}
    assert found.rows["value"].null_count() == found.rows.height


@pytest.mark.parametrize(("value", "worse"), list(product((-4, -3, -2.5, -0.5), (0.1, 1, 3))))
def test_a_worse_value_never_improves_the_light(case: Any, value: float, worse: float) -> None:
    good = case().write("statistics", rate(value)).one("1.3", ON)
    bad = case().write("statistics", rate(value + worse)).one("1.3", ON)
    assert bad["severity"] >= good["severity"]
    assert bad["gap"] > good["gap"]


def test_totals_and_intensities_are_judged_apart(case: Any) -> None:
    """A rise of the total leaves the light of the intensity alone."""
    rows = [rate(-3.5), level("energy_total", SEPTEMBER, 4.0, "%")]
    row = case().write("statistics", *rows).one("1.3", ON)
    assert row["severity"] == 0


def test_a_broken_declared_cell_leaves_the_computed_value(case: Any) -> None:
    rows = [rate("NaN"), level("energy_total", SEPTEMBER, 2, "%"), level("gdp", SEPTEMBER, 5, "%")]  # type: ignore[arg-type]
    row = case().write("statistics", *rows).one("1.3", ON)
    assert row["value"] == pytest.approx((1.02 / 1.05 - 1) * 100)
    assert row["declared"] is None
    assert "statistics.csv!!F2" in row["reason_zh"]
