"""Rank stability against the normal law, and what-if on weights by hand."""

from statistics import NormalDist

import pytest
from tests.control.assessment.conftest import pack_rubric, row_of, rubric_of

from dualcarbon.control.assessment.facts import read_facts
from dualcarbon.control.assessment.stability import stability
from dualcarbon.control.assessment.what_if import read_weights, reweighted, what_if
from dualcarbon.errors import UsageError

SCORE = {"id": "s", "form": "proportional", "fact": "s", "max": 100}
RUBRIC = rubric_of([SCORE])
Z = NormalDist().inv_cdf(0.975)


@pytest.fixture
def book(tmp_path):
    def make(rubric, *facts):
        import json

        path = tmp_path / "f.json"
        path.write_text(json.dumps([row_of(rubric, *fact) for fact in facts]), "utf-8")
        read = read_facts(path, rubric)
        assert read.findings == ()
        return read.book

    return make


def spread(value, **more):
    return {"value": value, "unit": "%", **more}


def test_probabilities_follow_the_normal_law(book):
    """A 82 +-5 %, B 80 exactly: P(A first) and P(A good) are both P(z > -2 / (4.1 / 1.96))."""
    two = book(RUBRIC, ("A", "s", spread(82, uncertainty=5)), ("B", "s", 80.0))
    a, b = stability(RUBRIC, two, draws=20000, seed=3)
    wanted = NormalDist(82, 82 * 0.05 / Z)
    first = 1 - wanted.cdf(80)
    assert a.p_rank[0] == pytest.approx(first, abs=0.012)
    assert a.p_grade["good"] == pytest.approx(first, abs=0.012)
    assert (a.p_rank[1], b.p_rank[0]) == (pytest.approx(1 - first, abs=0.012),) * 2
    assert b.p_grade == {"good": 1.0, "pass": 0.0, "fail": 0.0}
    assert a.score_low == pytest.approx(82 * 0.95, abs=0.15)
    assert a.uncertain == ("s",)


def test_low_and_high_are_the_95_percent_range(book):
    one = book(RUBRIC, ("A", "s", spread(70, low=60, high=75)))
    (a,) = stability(RUBRIC, one, draws=20000)
    assert a.score_low == pytest.approx(60, abs=0.4)
    assert a.score_high == pytest.approx(75, abs=0.2)


def test_draws_depend_on_seed_subject_and_fact_only(book):
    facts = [(s, "s", spread(70 + k, uncertainty=8)) for k, s in enumerate("ABC")]
    made = stability(RUBRIC, book(RUBRIC, *facts), 500, 7)
    assert stability(RUBRIC, book(RUBRIC, *facts[::-1]), 500, 7) == made
    assert stability(RUBRIC, book(RUBRIC, *facts), 500, 8) != made
    alone = stability(RUBRIC, book(RUBRIC, facts[1]), 500, 7)[0]
    assert (alone.score_low, alone.p_grade) == (made[1].score_low, made[1].p_grade)


def test_probabilities_add_up(book):
    facts = [(s, "s", spread(70, uncertainty=10)) for s in "ABCD"]
    for one in stability(RUBRIC, book(RUBRIC, *facts), 300):
        assert sum(one.p_rank) == pytest.approx(1)
        assert sum(one.p_grade.values()) == pytest.approx(1)


def test_an_uncertain_part_of_a_ratio_moves_score_and_veto(book):
    rubric = pack_rubric("district-guangdong")
    change = spread(-3.0, uncertainty=20)
    facts = [("A", "annual_change", change), ("A", "annual_target", -3.0)]
    (a,) = stability(rubric, book(rubric, *facts, ("A", "other_measures_score", 60.0)), 4000)
    assert a.p_grade["not_completed"] == pytest.approx(0.5, abs=0.03)


def test_without_a_range_there_is_nothing_to_say(book):
    assert stability(RUBRIC, book(RUBRIC, ("A", "s", 70.0))) == []


def test_an_open_total_has_no_rank(book):
    rubric = rubric_of([SCORE, {**SCORE, "id": "t", "fact": "t"}])
    two = book(rubric, ("A", "s", spread(70, uncertainty=5)), ("B", "s", 60.0), ("B", "t", 60.0))
    a, b = stability(rubric, two, 100)
    assert a.p_rank == ()
    assert b.p_rank == (1.0,)


@pytest.mark.parametrize("draws", [0, -1, 10**6])
def test_draws_have_bounds(book, draws):
    with pytest.raises(UsageError):
        stability(RUBRIC, book(RUBRIC, ("A", "s", spread(70, uncertainty=5))), draws)


TWO = rubric_of(
    [
        {"id": "p", "name_zh": "强度", "form": "proportional", "fact": "p", "max": 60},
        {
            "id": "q",
            "form": "stepped",
            "fact": "q",
            "max": 40,
            "steps": [{"at_least": 90, "points": 40}, {"at_least": 50, "points": 20}],
            "otherwise": 0,
        },
    ]
)


def test_weights_scale_and_say_who_gains_and_loses(book):
    """A: 60 + 20 = 80 -> 30 + 35 = 65; B: 30 + 40 = 70 -> 15 + 70 = 85."""
    facts = [("A", "p", 100.0), ("A", "q", 60.0), ("B", "p", 50.0), ("B", "q", 95.0)]
    found = what_if(TWO, book(TWO, *facts), {"p": 30, "q": 70})
    a, b = found.shifts
    assert (a.score, a.new_score, a.rank, a.new_rank, a.outcome) == (80, 65, 1, 2, "loses")
    assert (b.score, b.new_score, b.rank, b.new_rank, b.outcome) == (70, 85, 2, 1, "gains")
    assert (a.grade, a.new_grade) == ("good", "pass")
    assert found.findings == ()


def test_a_total_that_moves_is_said_and_can_be_kept(book):
    facts = book(TWO, ("A", "p", 100.0), ("A", "q", 60.0))
    found = what_if(TWO, facts, {"p": 80})
    assert (found.new_max, found.shifts[0].new_score) == (120, 100)
    assert [f.rule for f in found.findings] == ["assessment.weights_total"]
    kept = what_if(TWO, facts, {"p": 80}, rescale=True)
    assert (kept.new_max, kept.shifts[0].new_score, kept.findings) == (100, 90, ())


def test_every_form_scales(book):
    for name in ("district-a", "key-unit-huairou", "district-b"):
        rubric = pack_rubric(name)
        double = reweighted(rubric, {i.code: i.max * 2 for i in rubric.items if i.max})
        facts = book(rubric, ("A", "annual_completion", 117.0))
        was, now = what_if(rubric, facts, {}).sheets[0], what_if(double, facts, {}).sheets[0]
        for before, after in zip(was.lines, now.lines, strict=True):
            assert (before.score or 0) * 2 == pytest.approx(after.score or 0)


def test_weights_are_read_by_id_or_name():
    assert read_weights(["强度=30,q = 70"], TWO) == {"p": 30, "q": 70}


@pytest.mark.parametrize("text", ["p", "p=", "p=x", "p=-1", "p=nan", "p=inf", "r=3", "p=1,p=2"])
def test_bad_weights_are_refused(text):
    with pytest.raises(UsageError) as caught:
        read_weights([text], TWO)
    assert "p, q" in caught.value.findings[0].remedy_en


def test_nothing_left_to_rescale():
    with pytest.raises(UsageError):
        reweighted(TWO, {"p": 101}, rescale=True)
