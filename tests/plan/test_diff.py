"""What changed between two notices: empty with itself, reversed when read backwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.plan import Plan, load_plan
from dualcarbon.plan.diff import PlanDiff, diff_plans, likeness

ID = st.sampled_from(["1.1", "1.2", "2.1", "2.2", "2.3"])


def seen(diff: PlanDiff) -> dict[str, Any]:
    changed = {
        (item.before.id, item.after.id): {
            part.field: (part.before, part.after) for part in item.fields
        }
        for item in diff.changed
    }
    added = {item.id for item in diff.added}
    return {"added": added, "dropped": {item.id for item in diff.dropped}, "changed": changed}


def test_a_plan_does_not_differ_from_itself(shanghai: Plan) -> None:
    diff = diff_plans(shanghai, shanghai)
    assert diff.empty
    assert diff.unchanged == len(shanghai.commitments)


def test_a_changed_value_is_one_changed_field(lanting: Plan) -> None:
    other = _with(lanting, "1.1", value=-4.0)
    assert seen(diff_plans(lanting, other)) == {
        "added": set(),
        "dropped": set(),
        "changed": {("1.1", "1.1"): {"value": (-3.6, -4.0)}},
    }


def test_a_duty_that_moved_is_recognised(lanting: Plan) -> None:
    other = _with(lanting, "2.2", id="1.3", section="1", title_en="Inventories of the districts")
    diff = diff_plans(lanting, other)
    assert (diff.added, diff.dropped) == ((), ())
    assert [(item.before.id, item.after.id, item.matched_by) for item in diff.changed] == [
        ("2.2", "1.3", "similarity")
    ]


def test_the_same_id_for_another_duty_is_not_the_same_duty(lanting: Plan) -> None:
    other = _with(
        lanting,
        "2.2",
        title_zh="推广电动公交",
        title_en="Electric buses",
        text_zh="新增公交车全部采用纯电动车型。",
        text_en="New buses run on batteries.",
    )
    diff = diff_plans(lanting, other)
    assert [item.id for item in diff.added] == ["2.2"]
    assert [item.id for item in diff.dropped] == ["2.2"]


def test_the_turn_of_the_year_alone_changes_nothing(lanting: Plan) -> None:
    later = evolve(
        lanting,
        id="lanting-2027",
        year=2027,
        commitments=tuple(
            evolve(
                item,
                period=item.period.shift(1),
                base=item.base.shift(1) if item.base else None,
                deadline=item.deadline.replace(year=2027) if item.deadline else None,
            )
            for item in lanting.commitments
        ),
    )
    assert diff_plans(lanting, later).empty


def test_two_cities_differ_in_what_they_ask(shanghai: Plan, lanting: Plan) -> None:
    diff = diff_plans(shanghai, lanting)
    kept = {(item.before.id, item.after.id) for item in diff.changed}
    assert ("1.4", "1.1") in kept
    assert "2.1" in {item.id for item in diff.added}
    assert len(diff.dropped) + len(kept) + diff.unchanged == len(shanghai.commitments)
    assert len(diff.added) + len(kept) + diff.unchanged == len(lanting.commitments)


@given(
    drop=st.sets(ID, max_size=3),
    moved=st.dictionaries(ID, st.sampled_from(["3.1", "3.2", "3.3"]), max_size=2),
    values=st.dictionaries(ID, st.floats(-9, 9, allow_nan=False), max_size=3),
)
def test_read_backwards_it_is_reversed(
    lanting_plan: Plan, drop: set[str], moved: dict[str, str], values: dict[str, float]
) -> None:
    other = evolve(
        lanting_plan,
        commitments=tuple(
            evolve(
                item,
                id=moved.get(item.id, item.id),
                value=values.get(item.id, item.value),
            )
            for item in lanting_plan.commitments
            if item.id not in drop
        ),
    )
    there, back = seen(diff_plans(lanting_plan, other)), seen(diff_plans(other, lanting_plan))
    assert there["added"] == back["dropped"]
    assert there["dropped"] == back["added"]
    assert there["changed"] == {
        (old, new): {name: (a, b) for name, (b, a) in fields.items()}
        for (new, old), fields in back["changed"].items()
    }


@pytest.fixture(scope="session")
def lanting_plan(root: Path) -> Plan:
    return load_plan("lanting-2026", [root / "tests/fixtures/packs"])


@given(st.sets(st.text(max_size=2)), st.sets(st.text(max_size=2)))
def test_likeness_is_symmetric_and_bounded(one: set[str], other: set[str]) -> None:
    a, b = frozenset(one), frozenset(other)
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, a) == (1 if a else 0)


def _with(plan: Plan, commitment: str, **fields: Any) -> Plan:
    change: Callable[[Any], Any] = lambda item: (  # noqa: E731
        evolve(item, **fields) if item.id == commitment else item
    )
    return evolve(plan, commitments=tuple(map(change, plan.commitments)))
