"""The warning schemes: edges as printed, both readings, and that worse is never judged better."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.control.schemes import default_scheme, facts_of, load_schemes
from dualcarbon.errors import UsageError
from dualcarbon.packs import load_pack

SCHEMES = load_schemes(load_pack("china"))


def judge(scheme: str, value: float, required: float) -> tuple[int, int] | None:
    level = SCHEMES[scheme].judge(facts_of(value, required, value - required))
    return None if level is None else (level.level, level.severity)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.4, (1, 3)), (0.0, (1, 3)), (-0.01, (2, 2)), (-2.99, (2, 2)), (-3.0, (3, 0)), (-4, (3, 0))],
)
def test_barometer_2021(value: float, expected: tuple[int, int]) -> None:
    assert judge("barometer-2021h1", value, -3.0) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-3.0, (3, 0)), (-2.9, (2, 1)), (-2.7, (2, 1)), (-2.69, (1, 3)), (1.0, (1, 3))],
)
def test_barometer_2020_ten_percent_itself_is_within(
    value: float, expected: tuple[int, int]
) -> None:
    assert judge("barometer-2020", value, -3.0) == expected


@pytest.mark.parametrize(
    ("value", "grade"), [(-3, 0), (-2.7, 1), (-2.69, 2), (-1.51, 2), (-1.5, 3), (-1, 3), (2, 3)]
)
def test_completion_grade_three_from_half_down(value: float, grade: int) -> None:
    assert judge("completion-2010", value, -3.0) == (grade, grade)


def test_completion_is_undefined_for_a_target_of_zero() -> None:
    assert judge("completion-2010", -1.0, 0.0) is None


def test_barometer_2020_with_nothing_required() -> None:
    assert judge("barometer-2020", -0.1, 0.0) == (3, 0)
    assert judge("barometer-2020", 0.1, 0.0) == (1, 3)


def test_national_lists_of_2021() -> None:
    """Jiangsu rose, Zhejiang fell too little, Shanghai and Hubei met it; totals are apart."""
    assert judge("barometer-2021h1", 1.2, -3.0) == (1, 3)
    assert judge("barometer-2021h1", -1.0, -3.0) == (2, 2)
    assert judge("barometer-2021h1", -5.0, -3.0) == (3, 0)


@given(st.floats(-12, 12), st.floats(0, 5), st.sampled_from(sorted(SCHEMES)))
def test_a_worse_value_never_improves_a_severity(value: float, worse: float, name: str) -> None:
    if not SCHEMES[name].applies("rate", "down"):
        return
    good, bad = judge(name, value, -3.0), judge(name, value + worse, -3.0)
    assert good is not None
    assert bad is not None
    assert bad[1] >= good[1]


@given(st.floats(0, 200), st.floats(0, 50))
def test_less_delivered_never_improves_a_severity(value: float, less: float) -> None:
    def severity(done: float) -> int:
        facts = facts_of(done, 100.0, 100.0 - done)
        level = SCHEMES["progress-count"].judge(facts)
        assert level is not None
        return level.severity

    assert severity(value - less) >= severity(value)


def test_every_scheme_names_its_source() -> None:
    for scheme in SCHEMES.values():
        assert scheme.source["title"]
        assert scheme.status == "sourced" or scheme.mark == "J"


def test_defaults_and_choice() -> None:
    rate = default_scheme(SCHEMES, None, "rate", "down")
    assert rate is not None
    assert rate.id == "barometer-2021h1"
    chosen = default_scheme(SCHEMES, "completion-2010", "rate", "down")
    assert chosen is not None
    assert chosen.id == "completion-2010"
    count = default_scheme(SCHEMES, "completion-2010", "count", "up")
    assert count is not None
    assert count.id == "progress-count"
    with pytest.raises(UsageError, match="nonsense"):
        default_scheme(SCHEMES, "nonsense", "rate", "down")
