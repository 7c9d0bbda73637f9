"""Every template of the domain page, with points computed by hand."""

import pytest
from tests.control.assessment.conftest import PACK, pack_rubric, scores

from dualcarbon.control.assessment.rubric import list_rubrics

RUBRICS = list(list_rubrics(PACK))


def grades(sheet):
    return sheet.verdict.computed, sheet.verdict.grade


@pytest.mark.parametrize("rubric", RUBRICS, ids=lambda r: r.code)
def test_a_template_is_whole_in_both_languages(rubric):
    named = [rubric, *rubric.items, *rubric.facts.values(), *rubric.grades]
    named += rubric.choices.values()
    assert all(one.name_zh and one.name_en and one.name_zh != one.name_en for one in named)
    assert all(rubric.note)
    assert rubric.max is None or sum(i.max or 0 for i in rubric.items if i.form != "bonus") == 100
    assert all(i.status == "unsourced" for i in rubric.items if i.mark == "D")


@pytest.mark.parametrize("rubric", RUBRICS, ids=lambda r: r.code)
def test_a_template_builds_with_every_option(rubric):
    for choice in rubric.choices.values():
        for option in choice.options:
            assert pack_rubric(rubric.code, **{choice.code: option}).chosen(choice.code) == option


@pytest.mark.parametrize(
    ("annual", "cumulative", "measures", "score", "computed", "grade"),
    [
        (96, 110, 45, 94, "excellent", "fail"),  # 24 + 25 + 45; the annual target was missed
        (100, 100, 40, 90, "excellent", "excellent"),
        (120, 100, 30, 80, "good", "good"),
        (100, 100, 9.5, 59.5, "fail", "fail"),
        (100, 50, 50, 87.5, "good", "fail"),
        (-20, 100, 50, 75, "pass", "fail"),  # it rose: no points, not less than none
    ],
)
def test_province_2014(one, annual, cumulative, measures, score, computed, grade):
    sheet = one(
        pack_rubric("province-carbon-2014"),
        annual_completion=annual,
        cumulative_completion=cumulative,
        measures_score=measures,
    )
    assert sheet.score == score
    assert grades(sheet) == (computed, grade)
    assert bool(sheet.verdict.applied) == (grade != computed or (grade == "fail" and annual < 100))


def test_province_2014_exactly_90_in_both_readings(one):
    facts = {"annual_completion": 100, "cumulative_completion": 100, "measures_score": 40}
    assert one(pack_rubric("province-carbon-2014"), **facts).verdict.grade == "excellent"
    upper = pack_rubric("province-carbon-2014", edges="upper")
    assert one(upper, **facts).verdict.grade == "good"
    facts["measures_score"] = 10  # exactly 60: "< 60 fail" is printed, both readings pass
    assert one(upper, **facts).verdict.grade == "pass"


def test_progress_by_ratio_or_logarithm(one):
    """Qinghai: cumulative fall 4.873 % of 17 %: 28.7 % as a ratio, 26.8 % by logarithms."""
    facts = {"cumulative_change": -4.87259, "cumulative_target": -17}
    ratio = one(pack_rubric("province-carbon-2014"), **facts)
    log = one(pack_rubric("province-carbon-2014", progress="log"), **facts)
    assert scores(ratio)["cumulative"] == pytest.approx(25 * 0.28662, abs=1e-4)
    assert scores(log)["cumulative"] == pytest.approx(25 * 0.2681, abs=1e-3)


def test_province_13th_plan_final_year(one):
    facts = {
        "annual_completion": 110,
        "cumulative_completion": 90,
        "five_year_completion": 95,
        "energy_dual_control": "基本完成",
        "non_fossil_energy_change": 0.4,
        "non_fossil_power_change": 0,
        "other_measures_score": 50,
    }
    interim = one(pack_rubric("province-ghg-13fyp"), **facts)
    assert scores(interim) == {
        "annual": 20,
        "cumulative": 18,
        "dual_control": 2,
        "non_fossil_energy": 1.5,
        "non_fossil_power": 0,
        "other_measures": 50,
    }
    assert (interim.score, *grades(interim)) == (91.5, "excellent", "excellent")
    final = one(pack_rubric("province-ghg-13fyp", year="final"), **facts)
    assert (final.score, *grades(final)) == (91.5, "excellent", "not_completed")


@pytest.mark.parametrize(
    ("result", "points"),
    [("over_fulfilled", 4), ("completed", 3), ("basically", 2), ("not_completed", 0)],
)
def test_energy_dual_control_levels(one, result, points):
    sheet = one(pack_rubric("province-ghg-13fyp"), energy_dual_control=result)
    assert scores(sheet)["dual_control"] == points


@pytest.mark.parametrize(
    ("industry", "started", "full"),
    [(130, 10, 10), (100, 10, 10), (99.9, 9, 10), (90, 9, 9), (85, 8, 9), (0, 0, 0), (-50, 0, 0)],
)
def test_district_a_industrial_ladder(one, industry, started, full):
    for option, points in (("started", started), ("full", full)):
        rubric = pack_rubric("district-a", part_step=option)
        assert scores(one(rubric, industry_completion=industry))["industry"] == points


@pytest.mark.parametrize(
    ("completion", "a", "b"),
    [(100, 0, 0), (109.99, 0, 0), (110, 1, 3), (125, 2, 6), (130, 3, 9), (200, 5, 9), (40, 0, 0)],
)
def test_district_bonuses(one, completion, a, b):
    for name, points in (("district-a", a), ("district-b", b)):
        sheet = one(pack_rubric(name), annual_completion=completion)
        assert scores(sheet)["over"] == points


@pytest.mark.parametrize(
    ("completion", "points"),
    [(100, 40), (95, 36), (90, 36), (89.9, 32), (70, 28), (60, 24), (50, 20), (49.9, 0), (-5, 0)],
)
def test_district_b_steps(one, completion, points):
    sheet = one(pack_rubric("district-b"), annual_completion=completion)
    assert scores(sheet)["energy"] == points
    assert sheet.verdict.grade == ("not_completed" if completion < 100 else None)


def test_district_b_whole_sheet(one):
    yes = dict.fromkeys(("services_share_up", "high_tech_share_up", "project_review_done"), True)
    awarded = {"organisation": 2, "decomposition": 3, "retired_capacity": 8, "funds_projects": 10}
    awarded |= {"technology": 9, "key_firms": 8, "other_measures": 4}
    points = {f"{name}_score": value for name, value in awarded.items()}
    sheet = one(pack_rubric("district-b"), annual_completion=120, **yes, **points)
    assert sheet.score == 40 + 6 + 12 + 44
    assert grades(sheet) == ("over_fulfilled", "over_fulfilled")


def test_district_c_partial_is_a_choice(one):
    facts = {"annual_completion": 80, "other_measures_score": 50}
    none, rate = (
        one(pack_rubric("district-c", main_partial=option), **facts) for option in ("none", "rate")
    )
    assert (none.score, *grades(none)) == (50, "not_completed", "not_completed")
    assert (rate.score, *grades(rate)) == (90, "completed", "not_completed")


@pytest.mark.parametrize(
    ("measures", "grade"),
    [(55, "over_fulfilled"), (54.9, "completed"), (40, "completed"), (39, "basically")],
)
def test_guangdong_grades(one, measures, grade):
    facts = {"annual_change": -3.3, "annual_target": -3, "other_measures_score": measures}
    sheet = one(pack_rubric("district-guangdong"), **facts)
    assert (sheet.score, sheet.verdict.grade) == (40 + measures, grade)


@pytest.mark.parametrize(
    ("annual", "cumulative", "points"),
    [(True, True, 35), (False, True, 20), (True, False, 10), (False, False, 0)],
)
def test_huairou_matrix_and_veto(one, annual, cumulative, points):
    facts = {"annual_completion": annual, "cumulative_completion": cumulative}
    sheet = one(pack_rubric("key-unit-huairou"), **facts)
    assert scores(sheet)["intensity"] == points
    vetoed = one(pack_rubric("key-unit-huairou", annual_missed="veto"), **facts)
    assert vetoed.verdict.grade == (None if annual else "not_completed")


@pytest.mark.parametrize(
    ("used", "points"), [(9000, 15), (10000, 15), (10999, 10), (11000, 5), (12000, 0)]
)
def test_huairou_total_cap(one, used, points):
    given = {"value": used / 1e4, "unit": "万吨标准煤"}
    target = {"value": 10000, "unit": "tce"}
    sheet = one(pack_rubric("key-unit-huairou"), energy_used=given, energy_target=target)
    assert scores(sheet)["total"] == points


def test_other_unit_sheet(one):
    facts = {"total_met": True, "intensity_met": False, "organisation_score": 8}
    facts |= {"responsibility_score": 6, "other_measures_score": 46}
    assert one(pack_rubric("key-unit-sheet"), **facts).score == 80


@pytest.mark.parametrize(
    ("score", "gap", "grade"),
    [
        (60, "lower", "completed"),
        (59, "lower", "not_completed"),
        (59.5, "lower", "not_completed"),
        (59.5, "round", "completed"),
        (59.4, "round", "not_completed"),
        (59.5, "open", None),
    ],
)
def test_shanghai_units_between_59_and_60(one, score, gap, grade):
    sheet = one(pack_rubric("key-unit-shanghai-2021", gap=gap), awarded_score=score)
    assert sheet.verdict.grade == grade


@pytest.mark.parametrize(
    ("rest", "lower", "upper"),
    [(75, "excellent", "good"), (65, "good", "pass"), (45, "pass", "pass"), (44, "fail", "fail")],
)
def test_management_centre(one, rest, lower, upper):
    """Metering 6, collection 6, control 3 and `rest` points of the others: 90, 80, 60, 59."""
    facts = {f"metering_{k}_score": 2 for k in (1, 2, 3)}
    facts |= {f"collection_{k}_score": 2 for k in ("12", "3", "key")}
    facts |= {"control_score": 3, "construction_rest_score": min(rest, 35)}
    facts["operation_score"] = rest - min(rest, 35)
    for edges, grade in (("lower", lower), ("upper", upper)):
        sheet = one(pack_rubric("management-centre", edges=edges), **facts)
        assert (sheet.score, sheet.verdict.grade) == (15 + rest, grade)


CONTROL = ("carbon_total", "carbon_intensity", "coal_total", "oil_total", "non_fossil_share")
SUPPORT = (
    "energy_intensity", "industry_intensity", "construction", "transport", "public_bodies",
    "market_sectors", "forest_stock", "support_8", "support_9",
)  # fmt: skip


@pytest.mark.parametrize(
    ("missed", "more", "computed", "grade", "by"),
    [
        ((), {}, "pass", "pass", []),
        ((), {"official_grade": "优秀"}, "pass", "excellent", []),
        (("coal_total",), {"official_grade": "优秀"}, "fail", "fail", ["control"]),
        (("energy_intensity", "transport"), {}, "pass", "pass", []),
        (("energy_intensity", "transport", "support_9"), {}, "fail", "fail", ["support"]),
        ((), {"fraud": True}, "pass", "fail", ["fraud_veto"]),
        ((), {"fraud": False}, "pass", "pass", []),
    ],
)
def test_national_2026(one, missed, more, computed, grade, by):
    met = {name: name not in missed for name in (*CONTROL, *SUPPORT)}
    sheet = one(pack_rubric("province-comprehensive-2026"), **met, **more)
    assert grades(sheet) == (computed, grade)
    assert [force.item for force in sheet.verdict.applied] == by
    assert (sheet.score, sheet.max) == (None, None)
    assert len(sheet.lines) == 15


def test_national_2026_a_missing_indicator_leaves_the_grade_open(one):
    met = dict.fromkeys((*CONTROL, *SUPPORT[:-1]), True)
    rubric = pack_rubric("province-comprehensive-2026")
    assert one(rubric, **met).verdict.grade == "pass"  # one unknown cannot make three
    two = {**met, "transport": False, "construction": False}
    assert one(rubric, **two).verdict.grade is None
    del met["oil_total"]
    assert one(rubric, **met).verdict.possible == ("pass", "fail")
