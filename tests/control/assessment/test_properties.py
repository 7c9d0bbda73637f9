"""What holds for every rubric: scores within their max, worse never gains, order is nothing."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.control.assessment.conftest import PACK, rubric_of

from dualcarbon.control.assessment.facts import Given
from dualcarbon.control.assessment.rubric import list_rubrics
from dualcarbon.control.assessment.score import points
from dualcarbon.control.assessment.sheet import assess
from dualcarbon.control.assessment.view import View

RUBRICS = list(list_rubrics(PACK))
NUMBERS = st.one_of(
    st.floats(-1e4, 1e4),
    st.integers(-30, 260).map(float),
    st.sampled_from([0.0, 50.0, 59.0, 59.5, 60.0, 80.0, 90.0, 95.0, 100.0, 110.0, 120.0]),
)


def given_fact(name, value=None, met=None, level=None, subject="A"):
    return Given(subject, name, value, met, level, level, None, None, "%", None, "f.csv!!A1", 0)


@st.composite
def pages(draw, rubric):
    """Facts of one subject: any of them missing, a number, met or not, or a level."""
    page = {}
    for fact in rubric.facts.values():
        kind = draw(st.sampled_from(["number", "number", "met", "absent"]))
        if fact.levels and kind != "absent":
            level = draw(st.sampled_from([level.code for level in fact.levels]))
            page[fact.code] = given_fact(fact.code, level=level)
        elif kind == "number":
            page[fact.code] = given_fact(fact.code, draw(NUMBERS))
        elif kind == "met":
            page[fact.code] = given_fact(fact.code, met=draw(st.booleans()))
    return page


@pytest.mark.parametrize("rubric", RUBRICS, ids=lambda r: r.code)
@settings(max_examples=40)
@given(data=st.data())
def test_scores_are_within_their_max_and_sums_are_exact(rubric, data):
    sheet = assess(rubric, {"A": data.draw(pages(rubric))})[0]
    for line in sheet.lines:
        if line.max is not None:
            assert 0 <= line.low <= line.high <= line.max
            assert line.score is None or line.low == line.score == line.high
        assert line.reason_zh
        assert line.reason_en
    if sheet.max is not None:
        assert 0 <= sheet.low <= sheet.high <= sheet.max
        assert (sheet.score is None) == any(
            line.score is None for line in sheet.lines if line.max is not None
        )
    if sheet.score is not None:
        total = math.fsum(line.score for line in sheet.lines if line.score is not None)
        assert sheet.score == pytest.approx(total, abs=1e-9)


def worse(fact, given_one, data):
    """Give the same fact made worse, in the sense of its rubric."""
    if given_one.level is not None:
        codes = [level.code for level in fact.levels]
        place = data.draw(st.integers(codes.index(given_one.level), len(codes) - 1))
        return given_fact(fact.code, level=codes[place])
    if given_one.met is not None:
        bad = fact.better == "lower" and fact.met_when is None
        return given_fact(fact.code, met=(given_one.met and not bad) or bad)
    step = data.draw(st.floats(0, 300))
    return given_fact(fact.code, given_one.value + (step if fact.better == "lower" else -step))


def place(rubric, code):
    return math.inf if code is None else rubric.place_of(code)


@pytest.mark.parametrize("rubric", RUBRICS, ids=lambda r: r.code)
@settings(max_examples=60)
@given(data=st.data())
def test_a_worse_value_never_improves_score_or_grade(rubric, data):
    page = data.draw(pages(rubric))
    # numerator and denominator of a ratio are not better or worse by themselves
    parts = {p for f in rubric.facts.values() if f.ratio for p in (f.ratio.of, f.ratio.to)}
    names = [name for name in page if name not in parts and name != rubric.decision]
    assume(names)
    name = data.draw(st.sampled_from(names))
    made = {**page, name: worse(rubric.facts[name], page[name], data)}
    before, after = (assess(rubric, {"A": one})[0] for one in (page, made))
    if rubric.max is not None:
        assert after.low <= before.low
        assert after.high <= before.high
    if before.verdict.computed and after.verdict.computed:
        assert place(rubric, after.verdict.computed) >= place(rubric, before.verdict.computed)
    if before.verdict.grade and after.verdict.grade:
        assert place(rubric, after.verdict.grade) >= place(rubric, before.verdict.grade)


@pytest.mark.parametrize("rubric", RUBRICS, ids=lambda r: r.code)
@settings(max_examples=20)
@given(data=st.data())
def test_the_order_of_facts_and_subjects_does_not_matter(rubric, data):
    book = {name: data.draw(pages(rubric)) for name in "ABC"}
    names = data.draw(st.permutations("ABC"))
    other = {n: dict(data.draw(st.permutations(list(book[n].items())))) for n in names}
    assert assess(rubric, book) == assess(rubric, other)


@st.composite
def ladders_of_steps(draw):
    """A stepped item with falling points, as someone might print it."""
    count = draw(st.integers(1, 5))
    bounds = draw(st.lists(st.integers(0, 120), min_size=count, max_size=count, unique=True))
    paid = draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))
    kind = draw(st.sampled_from(["at_least", "above", "from"]))
    pairs = zip(sorted(bounds, reverse=True), sorted(paid, reverse=True), strict=True)
    steps = [{kind: bound, "points": one} for bound, one in pairs]
    item = {"id": "i", "form": "stepped", "fact": "x", "max": 40, "steps": steps, "otherwise": 0}
    return item, kind, bounds


@given(ladders_of_steps(), st.floats(-10, 130), st.sampled_from(["lower", "upper"]))
def test_steps_pay_as_one_would_read_them(made, value, edges):
    item, kind, _ = made
    rubric = rubric_of([item], choices={"edges": edges} if kind == "from" else {})
    value = round(value, 3)
    lowest = min(step[kind] for step in item["steps"])
    wanted = 0
    for step in sorted(item["steps"], key=lambda s: s[kind]):
        own_edge = kind == "at_least" or (kind == "from" and edges == "lower")
        if value > step[kind] or (
            (own_edge or (kind == "from" and step[kind] == lowest)) and (value == step[kind])
        ):
            wanted = step["points"]
    page = {"x": given_fact("x", value)}
    assert points(rubric.items[0], View(rubric, page)).score == wanted
