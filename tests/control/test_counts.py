"""Counts, caps, milestones and groups of enterprises on data folders."""

from typing import Any

import pytest

ON = "2024-09-30"
PV = "3.6"  # at least 600,000 kW, S-curve
PROJECTS = "5.4"  # 450 adjustment projects
FOREST = "10.4"


def work(
    project: str, month: str, stage: str, quantity: Any = "", unit: str = "", **more: Any
) -> Any:
    return {
        "commitment": PROJECTS,
        "project": project,
        "period": month,
        "stage": stage,
        "quantity": quantity,
        "unit": unit,
        **more,
    }


def test_accepted_projects_are_counted_once(case: Any) -> None:
    rows = [
        work("A", "2024-02", "planned"),
        work("A", "2024-03", "started"),
        work("A", "2024-05", "accepted", 1, "count"),
        work("A", "2024-07", "accepted", 1, "count"),
        work("B", "2024-06", "accepted", 1, "项"),
        work("C", "2024-06", "started", 1, "count"),
    ]
    row = case().write("progress", *rows).one(PROJECTS, ON)
    assert (row["value"], row["unit"], row["declared"]) == (2, "count", None)
    assert row["required"] == pytest.approx(450 * 0.75) or row["required"] > 0
    assert row["gap"] == pytest.approx(row["required"] - 2)
    assert row["needed"] == 448
    assert row["severity"] == 3
    assert "开工3" in row["reason_zh"].replace("个", "")
    assert "验收2" in row["reason_zh"]


def test_later_correction_replaces_the_quantity(case: Any) -> None:
    rows = [work("A", "2024-03", "accepted", 10), work("A", "2024-06", "accepted", 7)]
    folder = case().write("progress", *rows)
    assert folder.one(PROJECTS, ON)["value"] == 7
    assert folder.one(PROJECTS, "2024-05-31")["value"] == 10


def test_serial_count_equals_quantity_after_any_split(case: Any) -> None:
    whole = case().write("progress", work("A", "2024-03", "accepted", 12)).one(PROJECTS, ON)
    parts = [work(f"A{i}", "2024-03", "accepted", q) for i, q in enumerate((5, 4, 2, 1))]
    split = case().write("progress", *parts).one(PROJECTS, ON)
    assert split["value"] == whole["value"] == 12


def test_a_project_of_last_year_does_not_count(case: Any) -> None:
    rows = [work("A", "2023-12", "accepted"), work("B", "2024-01", "accepted")]
    assert case().write("progress", *rows).one(PROJECTS, ON)["value"] == 1


def test_started_only_is_zero_and_measured_and_absent_is_neither(case: Any) -> None:
    row = case().write("progress", work("A", "2024-03", "started")).one(PROJECTS, ON)
    assert (row["value"], row["state"]) == (0, "measured")
    row = (
        case()
        .write("progress", work("A", "2024-03", "started", commitment="2.1"))
        .one(PROJECTS, ON)
    )
    assert (row["value"], row["state"], row["severity"]) == (None, "no_data", None)
    assert "progress.csv" in row["reason_zh"]
    assert PROJECTS in row["reason_en"]


def test_an_empty_quantity_is_not_zero(case: Any) -> None:
    rows = [
        work("A", "2024-03", "accepted", 10, "10^4 kW", commitment=PV),
        work("B", "2024-03", "accepted", "", "kW", commitment=PV),
    ]
    found = case().write("progress", *rows).standings(ON)
    row = next(r for r in found.to_json()["standings"] if r["commitment"] == PV)
    assert row["value"] == 100_000
    assert "control.no_quantity" in [item.rule for item in found.findings]


def test_published_cumulative_quantity_comes_before_projects(case: Any) -> None:
    folder = case().write("progress", work("A", "2024-03", "accepted", 10, "kW", commitment=PV))
    folder.write(
        "statistics",
        {"indicator": "pv_added", "period": "2024-01..06", "value": 45, "unit": "万千瓦"},
    )
    row = folder.one(PV, ON)
    assert row["value"] == row["declared"] == 450_000
    assert row["period"] == "2024-01..06"
    assert row["required"] == pytest.approx(300_000)
    assert row["severity"] == 0
    assert "力争" in row["reason_zh"]


def test_counts_cannot_worsen(case: Any) -> None:
    rows = [
        {"indicator": "pv_added", "period": p, "value": v, "unit": "kW"}
        for p, v in (("2023-01..06", 900_000), ("2024-01..06", 400_000))
    ]
    row = case().write("statistics", *rows).one(PV, ON)
    assert (row["state"], row["severity"]) == ("measured", 0)


def test_done_and_overdue(case: Any) -> None:
    folder = case().write("progress", work("A", "2024-03", "accepted", 450))
    assert folder.one(PROJECTS, ON)["state"] == "done"
    folder.write("progress", work("A", "2024-03", "accepted", 449))
    late = folder.one(PROJECTS, "2025-01-05")
    assert (late["state"], late["required"], late["needed"]) == ("overdue", 450, 1)
    assert folder.one(PROJECTS, "2024-12-31")["state"] == "measured"


def test_a_verified_project_was_accepted(case: Any) -> None:
    rows = [work("A", "2024-03", "verified", 3), work("B", "2024-03", "accepted", 5)]
    row = case().write("progress", *rows).one(PROJECTS, ON)
    assert row["value"] == 8
    assert "核验3" in row["reason_zh"]


@pytest.mark.parametrize(
    ("on", "share"),
    [("2026-03-31", 0.1), ("2026-05-31", 0.1 + 0.2 * 2 / 3), ("2026-06-15", 0.1 + 0.2 * 2 / 3),
     ("2026-06-30", 0.3), ("2026-09-30", 0.7), ("2026-12-31", 1.0)],
)  # fmt: skip
def test_stated_profile(lanting: Any, on: str, share: float) -> None:
    """The month that ends on the day counts; between stated points the line is straight."""
    rows = [work("A", "2026-01", "accepted", 2, "MW", commitment="2.1")]
    row = lanting.write("progress", *rows).one("2.1", on)
    assert (row["value"], row["unit"]) == (2, "MW")
    assert row["required"] == pytest.approx(50 * share)
    assert row["grade"] == "X"


def step(name: str, month: str, stage: str) -> dict[str, str]:
    return {"commitment": "2.2", "project": name, "period": month, "stage": stage}


def test_milestones(lanting: Any) -> None:
    done = [step("a", "2026-05", "accepted"), step("b", "2026-06", "verified")]
    row = lanting.write("progress", *done).one("2.2", "2026-07-31")
    assert (row["state"], row["value"], row["severity"]) == ("done", 2, 0)
    part = [done[0], step("b", "2026-06", "started")]
    row = lanting.write("progress", *part).one("2.2", "2026-07-31")
    assert (row["state"], row["value"], row["needed"], row["severity"]) == ("measured", 1, 1, None)
    row = lanting.one("2.2", "2026-10-01")
    assert (row["state"], row["severity"], row["gap"]) == ("overdue", 3, 1)
    assert lanting.write("progress").one("2.2", "2026-10-01")["state"] == "no_data"


def coal(period: str, value: float, **more: Any) -> dict[str, Any]:
    return {"indicator": "coal_total", "period": period, "value": value, "unit": "10^4 t", **more}


def test_cap_follows_the_season_of_past_years(lanting: Any) -> None:
    rows = [
        coal("2025-01..06", 600, recorded_at="2025-07-20"),
        coal("2025", 1000, recorded_at="2026-01-20"),
        coal("2024-01..06", 500, recorded_at="2025-07-20"),
        coal("2024", 1000, recorded_at="2026-01-20"),
        coal("2026-01..06", 500, recorded_at="2026-07-20"),
    ]
    row = lanting.write("statistics", *rows).one("1.2", "2026-07-31")
    assert row["value"] == row["declared"] == 5_000_000
    assert row["required"] == pytest.approx(9_000_000 * 0.55)
    assert row["gap"] == pytest.approx(50_000)
    assert row["needed"] == 4_000_000
    assert row["severity"] == 1
    assert lanting.one("1.2", "2026-07-19")["state"] == "no_data"


def test_cap_without_past_months_takes_them_as_equal_and_says_so(lanting: Any) -> None:
    row = lanting.write("statistics", coal("2026-01..06", 440)).one("1.2", "2026-07-31")
    assert row["required"] == 4_500_000
    assert (row["severity"], row["state"]) == (0, "measured")
    assert "各月相等" in row["reason_zh"]


def test_a_capped_total_is_not_judged_by_its_rise(lanting: Any) -> None:
    rows = [coal("2025-01..06", 100), coal("2026-01..06", 440)]
    row = lanting.write("statistics", *rows).one("1.2", "2026-07-31")
    assert (row["severity"], row["state"]) == (0, "measured")


def test_a_used_up_cap_is_severe_and_ends_overdue(lanting: Any) -> None:
    row = lanting.write("statistics", coal("2026-01..11", 901)).one("1.2", "2026-12-20")
    assert (row["severity"], row["needed"]) == (3, -10_000)
    row = lanting.write("statistics", coal("2026", 901)).one("1.2", "2027-01-31")
    assert row["state"] == "overdue"
    row = lanting.write("statistics", coal("2026", 899)).one("1.2", "2027-01-31")
    assert (row["state"], row["severity"]) == ("done", 0)


def test_coal_without_a_number_has_no_light(case: Any) -> None:
    row = case().write("statistics", coal("2024-01..06", 1900)).one("1.13", ON)
    assert (row["state"], row["severity"], row["required"]) == ("measured", None, None)
    assert row["value"] == 19_000_000
    assert "控制量" in row["reason_zh"]


def unit(
    code: str, tier: str = "thousand", sector: str = "industry", **more: Any
) -> dict[str, Any]:
    return {"enterprise": code, "name_zh": code, "tier": tier, "sector": sector, **more}


def use(code: str, period: str, value: float, **more: Any) -> dict[str, Any]:
    return {
        "indicator": "energy_total",
        "subject_kind": "enterprise",
        "subject": code,
        "period": period,
        "value": value,
        "unit": "tce",
        **more,
    }


GROUP = "hundred_thousand_industry"


def test_group_total_is_a_sum_over_its_members(case: Any) -> None:
    folder = case().write(
        "enterprises", unit("A", "hundred"), unit("B"), unit("C", "ten_thousand"),
        unit("D", sector="transport"),
    )  # fmt: skip
    folder.write(
        "statistics",
        use("A", "2023-01..06", 1000), use("A", "2024-01..06", 900),
        use("B", "2023-01..06", 200), use("B", "2024-01..06", 240),
        use("C", "2023-01..06", 1), use("C", "2024-01..06", 9999),
        use("D", "2023-01..06", 1), use("D", "2024-01..06", 9999),
    )  # fmt: skip
    row = folder.one("4.5", ON)
    assert (row["subject_kind"], row["subject"]) == ("tier", GROUP)
    assert row["value"] == pytest.approx((1140 / 1200 - 1) * 100)
    assert (row["required"], row["state"], row["grade"]) == (-1, "measured", "A")
    assert "2家" in row["reason_zh"].replace("名单2家中2家", "2家")


@pytest.mark.parametrize(("whole", "grade"), [(20, "A"), (19, "C"), (17, "D")])
def test_missing_members_lower_the_grade(case: Any, whole: int, grade: str) -> None:
    codes = [f"E{i:02d}" for i in range(20)]
    folder = case().write("enterprises", *(unit(code) for code in codes))
    rows = [use(code, "2023-01..06", 100) for code in codes]
    rows += [use(code, "2024-01..06", 97) for code in codes[:whole]]
    row = folder.write("statistics", *rows).one("4.5", ON)
    assert row["value"] == pytest.approx(-3)
    assert row["grade"] == grade
    assert f"{whole}家" in row["reason_zh"]


def test_membership_is_the_list_that_stood_on_the_date(case: Any) -> None:
    folder = case().write(
        "enterprises",
        unit("A"),
        unit("B", valid_to="2024-06-30"),
        unit("C", valid_from="2024-12-01"),
    )
    rows = [use(c, p, v) for c in "ABC" for p, v in (("2023-01..06", 100), ("2024-01..06", 90))]
    rows[1]["value"] = 80
    assert folder.write("statistics", *rows).one("4.5", ON)["value"] == pytest.approx(-20)


def test_without_a_list_the_reason_asks_for_it(case: Any) -> None:
    row = case().one("4.5", ON)
    assert row["state"] == "no_data"
    assert "enterprises.csv" in row["reason_zh"]


def test_each_member_has_a_row_where_the_pack_reads_so(lanting: Any) -> None:
    lanting.write("enterprises", unit("A"), unit("B"))
    lanting.write("statistics", use("A", "2025-01..06", 100), use("A", "2026-01..06", 97))
    rows = lanting.standings("2026-07-31").rows
    rows = rows.filter(rows["commitment"] == "2.3")
    assert rows["subject_kind"].to_list() == ["enterprise"] * 2
    assert rows["subject"].to_list() == ["A", "B"]
    assert rows["value"].to_list() == [pytest.approx(-3), None]
    assert rows["state"].to_list() == ["measured", "no_data"]


def act(
    period: str, carrier: str, quantity: float, amount_unit: str, **more: Any
) -> dict[str, Any]:
    return {
        "period": period, "carrier": carrier, "quantity": quantity, "unit": amount_unit, **more,
    }  # fmt: skip


def test_activity_of_the_city_itself_gives_its_total(case: Any) -> None:
    rows = [
        act("2023-01..06", "原煤", 100, "t"), act("2023-01..06", "diesel", 10, "t"),
        act("2024-01..06", "raw_coal", 90, "t"), act("2024-01..06", "柴油", 10, "t"),
        act("2024-01..06", "raw_coal", 7777, "t", subject_kind="enterprise", subject="A"),
    ]  # fmt: skip
    folder = case().write("activity", *rows)
    folder.write("statistics", {"indicator": "gdp", "period": "2024-01..06", "value": 2})
    row = folder.one("1.3", ON)
    energy = (90 * 0.7143 + 10 * 1.4571) / (100 * 0.7143 + 10 * 1.4571)
    assert row["value"] == pytest.approx((energy / 1.02 - 1) * 100)
    assert row["declared"] is None


def test_conversion_output_is_taken_off(case: Any) -> None:
    rows = [
        act("2023-01..06", "raw_coal", 100, "t"),
        act("2024-01..06", "raw_coal", 100, "t", flow="conversion in"),
        act("2024-01..06", "coke", 10, "t", flow="加工转换产出"),
    ]
    folder = case().write("activity", *rows)
    folder.write("statistics", {"indicator": "gdp", "period": "2024-01..06", "value": 0})
    row = folder.one("1.3", ON)
    assert row["value"] == pytest.approx(-10 * 0.9714 / (100 * 0.7143) * 100)


def test_a_month_of_activity_that_is_missing_is_named(case: Any) -> None:
    rows = [act(f"2023-{m:02d}", "raw_coal", 10, "t") for m in range(1, 7)]
    rows += [act(f"2024-{m:02d}", "raw_coal", 10, "t") for m in (1, 2, 4, 5, 6)]
    folder = case().write("activity", *rows)
    folder.write("statistics", {"indicator": "gdp", "period": "2024-01..06", "value": 0})
    row = folder.one("1.3", ON)
    assert row["value"] is None
    assert "2024年3月" in row["reason_zh"]


def test_activity_without_parameter_is_said_and_never_zero(case: Any) -> None:
    rows = [act(p, "lignite", 10, "t") for p in ("2023-01..06", "2024-01..06")]
    rows += [act(p, "raw_coal", 10, "t") for p in ("2023-01..06", "2024-01..06")]
    folder = case().write("activity", *rows)
    folder.write("statistics", {"indicator": "gdp", "period": "2024-01..06", "value": 0})
    found = folder.standings(ON)
    row = next(r for r in found.to_json()["standings"] if r["commitment"] == "1.3")
    assert row["value"] is None
    assert "参数" in row["reason_zh"]
    assert "control.unmatched" in [item.rule for item in found.findings]


@pytest.mark.parametrize("bad", ["NaN", -3])
def test_a_refused_row_of_activity_makes_its_month_invalid_not_smaller(case: Any, bad: Any) -> None:
    rows = [act(p, "raw_coal", 10, "t") for p in ("2023-01..06", "2024-01..06")]
    rows += [act("2023-01..06", "diesel", 10, "t"), act("2024-01..06", "diesel", bad, "t")]
    folder = case().write("activity", *rows)
    folder.write("statistics", {"indicator": "gdp", "period": "2024-01..06", "value": 0})
    row = folder.one("1.3", ON)
    assert (row["value"], row["state"]) == (None, "invalid")
    assert "activity.csv!!F5" in row["reason_zh"]


def test_odd_units_and_jumps_are_questioned(case: Any) -> None:
    rows = [act(f"2023-{m:02d}", "electricity", 10, "10^4 kWh") for m in range(1, 13)]
    rows += [act("2024-01", "electricity", 1000, "10^4 kWh"), act("2024-02", "electricity", 9, "t")]
    found = case().write("activity", *rows).standings(ON)
    rules = {item.rule: str(item.place) for item in found.findings}
    assert rules["control.activity_jump"] == "activity.csv!!F14"
    assert rules["control.activity_unit"] == "activity.csv!!F15"
