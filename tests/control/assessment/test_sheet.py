"""Sheets: what is missing stays open, units convert, vetoes and shares stand beside the sum."""

import json

import pytest
from tests.control.assessment.conftest import GRADES, pack_rubric, rubric_of, scores

from dualcarbon.control.assessment.facts import read_facts
from dualcarbon.control.assessment.notes import notes
from dualcarbon.control.assessment.sheet import assess

RATE = {"id": "rate", "form": "proportional", "fact": "done", "max": 40}
STEPS = {
    "id": "coal",
    "form": "stepped",
    "fact": "coal",
    "max": 20,
    "steps": [{"at_most": 100, "points": 20}, {"below": 110, "points": 10}],
    "otherwise": 4,
}
YES = {"id": "leader", "form": "all_or_nothing", "fact": "leader", "max": 40}
COAL = {"id": "coal", "unit": "10^4 t", "better": "lower"}
OFFICE = {"id": "leader", "name_zh": "领导小组", "name_en": "leading group"}


@pytest.fixture
def own():
    return rubric_of([RATE, STEPS, YES], [COAL, OFFICE])


def test_it_works(one, own):
    sheet = one(own, done=90, coal={"value": 1_050_000, "unit": "t"}, leader=True)
    assert scores(sheet) == {"rate": 36, "coal": 10, "leader": 40}
    assert (sheet.score, sheet.verdict.grade, sheet.max) == (86, "good", 100)
    assert "90 %" in sheet.lines[0].reason_en
    assert "105万吨" in sheet.lines[1].reason_zh
    assert "领导小组" in sheet.lines[2].reason_zh


def test_a_missing_fact_is_never_zero(one, own):
    sheet = one(own, done=100, leader=True)
    coal = sheet.lines[1]
    assert (coal.score, coal.low, coal.high, coal.state) == (None, 4, 20, "missing")
    assert (sheet.score, sheet.partial, sheet.low, sheet.high) == (None, 80, 84, 100)
    assert sheet.verdict.computed == "good"  # whatever the missing line gives
    assert sheet.rank is None
    open_still = one(own, done=50, leader=True)
    assert open_still.verdict.computed is None
    assert open_still.verdict.possible == ("good", "pass")


def test_a_matrix_with_one_fact_narrows_the_range(one):
    sheet = one(pack_rubric("key-unit-huairou"), cumulative_completion=100)
    assert (sheet.lines[0].low, sheet.lines[0].high) == (20, 35)


def test_a_ratio_without_target_says_what_is_missing(one):
    rubric = pack_rubric("district-guangdong")
    line = one(rubric, annual_change=-2).lines[0]
    assert "Target for energy per unit of GDP" in line.reason_en
    assert line.score is None
    zero = one(rubric, annual_change=-2, annual_target=0).lines[0]
    assert zero.score is None
    assert "zero" in zero.reason_en


def read(tmp_path, rubric, rows):
    path = tmp_path / "facts.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows), "utf-8")
    return read_facts(path, rubric)


def fact(name="done", **more):
    return {"subject": "A", "name": name, "value": 90, "unit": "%", **more}


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (fact("dnoe"), "assessment.fact_unknown"),
        (fact(unit="t"), "assessment.unit_wrong"),
        (fact(unit=None), "assessment.unit_absent"),
        (fact(unit="furlong"), "tables.not_unit"),
        (fact(value="many"), "tables.not_number"),
        (fact(low=95, high=99), "assessment.range"),
        (fact(low=80), "assessment.range"),
        (fact(uncertainty=-5), "assessment.range"),
        (fact(met="perhaps"), "tables.not_choice"),
        (fact(subject=None), "tables.cell_empty"),
    ],
)
def test_a_bad_fact_is_a_finding_and_leaves_its_line_open(tmp_path, own, row, rule):
    facts = read(tmp_path, own, [row, {"subject": "A", "name": "leader", "met": True}])
    assert [item.rule for item in facts.findings] == [rule]
    assert facts.findings[0].place.row == 1
    sheet = assess(own, facts.book)[0]
    assert scores(sheet) == {"rate": None, "coal": None, "leader": 40}


def test_an_unknown_name_gets_a_suggestion(tmp_path, own):
    said = read(tmp_path, own, [fact("leading grop")]).findings[0]
    assert "leader" in said.remedy_en


def test_names_in_both_languages_are_one_fact(tmp_path, own):
    rows = [
        {"subject": "A", "name": "领导小组", "met": True},
        {"subject": "A", "name": "Leading Group", "met": False},
    ]
    facts = read(tmp_path, own, rows)
    assert [item.rule for item in facts.findings] == ["assessment.fact_twice"]
    assert facts.book["A"] == {}


@pytest.mark.parametrize("text", ["{", '{"facts": 3}', "[1]", '[{"subject": {"a": 1}}]', "[]"])
def test_json_that_is_no_table_is_refused(tmp_path, own, text):
    from dualcarbon.errors import InputError

    with pytest.raises(InputError):
        read(tmp_path, own, text)


def test_a_declaration_against_its_number_is_said(tmp_path):
    rubric = pack_rubric("province-carbon-2014")
    row = {"subject": "A", "name": "annual_completion", "value": 96, "unit": "%", "met": True}
    facts = read(tmp_path, rubric, [row])
    sheets = assess(rubric, facts.book)
    assert "assessment.contradiction" in {n.rule for n in notes(rubric, facts.book, sheets)}
    assert sheets[0].verdict.applied == ()  # what the competent body declared counts
    assert sheets[0].lines[0].score == 24


def test_points_beyond_the_line_and_opposite_signs_are_said(tmp_path):
    rubric = pack_rubric("district-guangdong")
    rows = [
        {"subject": "A", "name": "other_measures_score", "value": 61},
        {"subject": "A", "name": "annual_change", "value": 3, "unit": "%"},
        {"subject": "A", "name": "annual_target", "value": -3, "unit": "%"},
    ]
    facts = read(tmp_path, rubric, rows)
    said = {n.rule for n in notes(rubric, facts.book, assess(rubric, facts.book))}
    assert {"assessment.beyond", "assessment.opposite_signs"} <= said


def test_a_veto_that_cannot_be_judged_leaves_the_grade_open(one):
    rubric = rubric_of(
        [{**YES, "max": 100}, {"id": "v", "form": "veto", "fact": "target", "forces": "fail"}],
        [OFFICE, {"id": "target"}],
    )
    sheet = one(rubric, leader=True)
    assert (sheet.score, sheet.verdict.computed, sheet.verdict.grade) == (100, "good", None)
    assert [force.item for force in sheet.verdict.unknown] == ["v"]
    assert one(rubric, leader=True, target=False).verdict.grade == "fail"
    assert one(rubric, leader=True, target=True).verdict.grade == "good"


def test_a_veto_never_lifts_a_grade(one):
    rubric = rubric_of(
        [{**YES, "max": 100, "veto": {"when": "missed", "forces": "pass"}}], [OFFICE]
    )
    assert one(rubric, leader=False).verdict.grade == "fail"


def shared(**choices):
    return rubric_of(
        [{"id": "s", "form": "proportional", "fact": "s", "max": 100}],
        choices=choices,
        shares=[{"grade": "good", "at_most": 40}],
    )


def test_a_limited_grade_goes_by_score(sheets):
    """Five subjects, 40 %: two seats; the third of 80 or more gets the next grade."""
    values = {"a": 95, "b": 90, "c": 85, "d": 70, "e": 50}
    made = sheets(shared(), *((name, "s", value) for name, value in values.items()))
    assert [made[n].verdict.grade for n in "abcde"] == ["good", "good", "pass", "pass", "fail"]
    assert made["c"].verdict.computed == "good"
    assert made["c"].verdict.applied[0].kind == "share"


def test_a_tie_for_the_last_seat_is_a_choice(sheets):
    rows = [(name, "s", 90) for name in "abc"] + [("d", "s", 0), ("e", "s", 0)]
    for ties, grade in (("drop", "pass"), ("keep", "good")):
        made = sheets(shared(ties=ties), *rows)
        assert {made[name].verdict.grade for name in "abc"} == {grade}


def test_ranks_share_the_better_place(sheets, own):
    rows = [(s, n, v) for s, n, v in (("a", "leader", True), ("b", "leader", True))]
    rows += [("c", "leader", False)]
    rows += [(s, "coal", 90) for s in "abc"] + [(s, "done", 100) for s in "abc"]
    assert {s: sheet.rank for s, sheet in sheets(own, *rows).items()} == {"a": 1, "b": 1, "c": 3}


def test_a_sheet_without_grades_has_none(one):
    sheet = one(rubric_of([YES], [OFFICE], grades=[]), leader=True)
    assert (sheet.score, sheet.verdict.computed, sheet.verdict.grade) == (40, None, None)


def test_count_with_points(one):
    item = {"id": "n", "form": "count", "facts": ["p", "q", "r"], "each": 10, "fail_at": 2}
    rubric = rubric_of([{**item, "forces": "fail"}], [{"id": n} for n in "pqr"], grades=GRADES)
    sheet = one(rubric, p=True, q=False)
    assert (sheet.score, sheet.low, sheet.high, sheet.max) == (None, 10, 20, 30)
    assert [line.item for line in sheet.lines] == ["n.p", "n.q", "n.r"]
    assert one(rubric, p=True, q=False, r=False).verdict.applied[0].missed == 2


def test_no_usable_row_is_refused_with_the_reasons(tmp_path, own):
    from dualcarbon.errors import InputError

    with pytest.raises(InputError) as caught:
        read(tmp_path, own, [fact(value="many")])
    rules = [item.rule for item in caught.value.findings]
    assert rules == ["assessment.no_subjects", "tables.not_number"]
