"""Rubrics as YAML: what is wrong is said with its place; versions are dated; bands are whole."""

import datetime as dt
import shutil

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.control.assessment.conftest import GRADES, HEAD, PACK, rubric_of, write_yaml

from dualcarbon.control.assessment.bands import complete, gaps, overlaps, read_band
from dualcarbon.control.assessment.rubric import build, find_rubric, load_rubric
from dualcarbon.errors import PackError, UsageError
from dualcarbon.packs import load_pack

FACTS = [
    {"id": "x", "unit": "%"},
    {"id": "late", "unit": "count", "better": "lower"},
    {"id": "level", "levels": [{"id": "high"}, {"id": "low"}]},
]
GOOD = {"id": "i", "form": "all_or_nothing", "fact": "x", "max": 10}
STEP = {"id": "i", "form": "stepped", "fact": "x", "max": 10}
BANDS = [{"at_least": 90, "points": 10}, {"at_least": 50, "points": 5}]
MISSING = "number_missing"
CELL = {"x": True, "late": True, "points": 10}


def rules(item=GOOD, facts=FACTS, grades=GRADES, **more):
    raw = {**HEAD, "facts": facts, "items": [item], "grades": grades, **more}
    try:
        build(raw, {}, "own.yaml")
    except PackError as error:
        found = error.findings
    else:
        found = ()
    assert all(said.place.file == "own.yaml" for said in found)
    return {said.rule.partition(".")[2] for said in found}


def test_it_works():
    assert rules() == set()
    assert rules({**STEP, "steps": BANDS, "otherwise": 0}) == set()


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ({**GOOD, "form": "expression"}, "form_unknown"),
        ({**GOOD, "form": None}, "form_unknown"),
        ({k: v for k, v in GOOD.items() if k != "max"}, "number_missing"),
        ({**GOOD, "max": -1}, "number"),
        ({**GOOD, "max": float("inf")}, "number"),
        ({**GOOD, "max": "ten"}, "number"),
        ({**GOOD, "points": 3}, "key_unknown"),
        ({**GOOD, "fact": "y"}, "fact_undeclared"),
        ({**GOOD, "mark": "D", "status": "sourced"}, "unsourced"),
        ({**GOOD, "mark": "E"}, "choice"),
        ({**GOOD, "reading": {"nothing": "x"}}, "reading"),
        ({**GOOD, "veto": {"forces": "terrible"}}, "grade_unknown"),
        ({**GOOD, "veto": {"forces": "fail", "fact": "y"}}, "fact_undeclared"),
        ({**GOOD, "veto": {"forces": "fail", "when": "maybe"}}, "choice"),
        ({**STEP, "steps": []}, "steps_or_ladder"),
        (STEP, "steps_or_ladder"),
        ({**STEP, "steps": BANDS}, "gap"),
        ({**STEP, "steps": [*BANDS, BANDS[0]], "otherwise": 0}, "overlap"),
        (
            {
                **STEP,
                "steps": [
                    {"from": 0, "to": 60, "points": 1},
                    {"from": 50, "to": 100, "points": 9},
                ],
                "otherwise": 0,
            },
            "overlap",
        ),
        ({**STEP, "steps": [{**BANDS[0], "points": 11}], "otherwise": 0}, "over_max"),
        ({**STEP, "steps": [BANDS[0], {**BANDS[1], "points": 10.5}], "otherwise": 0}, "over_max"),
        ({**STEP, "steps": BANDS, "otherwise": 7}, "not_monotone"),
        ({**STEP, "fact": "late", "steps": BANDS, "otherwise": 0}, "not_monotone"),
        ({**STEP, "steps": [{"points": 1}], "otherwise": 0}, "step"),
        ({**STEP, "steps": [{"at_least": 5, "is": "high", "points": 1}]}, "step"),
        ({**STEP, "steps": [{"at_least": 9, "at_most": 3, "points": 1}]}, "bound"),
        ({**STEP, "steps": [{"at_least": 9, "above": 3, "points": 1}]}, "bound"),
        ({**STEP, "steps": [{"at_least": "9", "points": 1}]}, "bound"),
        ({**STEP, "fact": "level", "steps": [{"is": "high", "points": 9}]}, "levels"),
        (
            {
                **STEP,
                "fact": "level",
                "steps": [{"is": "high", "points": 1}, {"is": "low", "points": 2}],
            },
            "not_monotone",
        ),
        ({**STEP, "ladder": {"start": 100, "per": 0, "lose": 1}}, "number"),
        ({**STEP, "ladder": {"start": 100, "per": 10}}, "number_missing"),
        ({"id": "i", "form": "proportional", "fact": "late", "max": 5, "full": 3}, "direction"),
        ({"id": "i", "form": "proportional", "fact": "late", "max": 5}, "number_missing"),
        (
            {"id": "i", "form": "bonus", "fact": "x", "over": 1, "per": 1, "each": 1},
            "number_missing",
        ),
        ({"id": "i", "form": "matrix", "facts": ["x", "late"], "max": 9, "cells": [CELL]}, "cells"),
        ({"id": "i", "form": "matrix", "facts": ["x"], "max": 9, "cells": [{"points": 1}]}, "cell"),
        ({"id": "i", "form": "count", "facts": ["x"], "fail_at": 2, "forces": "fail"}, "number"),
        ({"id": "i", "form": "count", "facts": ["x"]}, "number_missing"),
        ({"id": "i", "form": "veto", "fact": "x"}, "text"),
    ],
)
def test_a_wrong_item_is_said(item, rule):
    assert rule in rules(item)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"applies_to": "galaxy"}, "choice"),
        ({"valid_from": "soon"}, "date"),
        ({"valid_from": None}, "date"),
        ({"valid_to": dt.date(2020, 1, 1)}, "date"),
        ({"source": ""}, "text"),
        ({"total": 100}, "total"),
        ({"itmes": []}, "key_unknown"),
        ({"items": []}, "no_items"),
        ({"items": {"a": 1}}, "list"),
        ({"items": [GOOD, GOOD]}, "twice"),
        ({"facts": [*FACTS, FACTS[0]]}, "twice"),
        ({"facts": [{"id": "x", "unit": "furlong"}]}, "unit"),
        ({"facts": [{"id": "x", "met_when": {"at_least": 1, "at_most": 2}}]}, "direction"),
        ({"facts": [{"id": "x", "better": "higher", "met_when": {"at_most": 2}}]}, "direction"),
        ({"facts": [{"id": "x", "ratio": {"of": "y", "to": 3}}]}, "fact_undeclared"),
        ({"facts": [{"id": "x", "ratio": {"of": "x", "to": 3}}]}, "fact_undeclared"),
        ({"facts": [{"id": "x", "ratio": 3}]}, "mapping"),
        ({"grades": GRADES[::-1]}, "grade_order"),
        ({"grades": [*GRADES, {"id": "awful", "at_most": 70}]}, "overlap"),
        ({"shares": [{"grade": "fail", "at_most": 10}]}, "grade_unknown"),
        ({"decision": "y"}, "fact_undeclared"),
        ({"base_grade": "y"}, "grade_unknown"),
        ({"choices": [{"id": "c", "options": ["a"], "default": "b"}]}, "choice"),
        ({"items": [{"id": "v", "form": "veto", "fact": "x", "forces": "fail"}]}, "base_grade"),
    ],
)
def test_a_wrong_rubric_is_said(more, rule):
    assert rule in rules(**{"item": GOOD, **more})


def test_a_ratio_of_two_dimensions_is_refused():
    facts = [{"id": "x", "unit": "%", "ratio": {"of": "a", "to": "b"}}]
    facts += [{"id": "a", "unit": "t"}, {"id": "b", "unit": "tce"}]
    assert rules(facts=facts) == {"unit"}


def test_the_place_and_the_remedy_are_named():
    with pytest.raises(PackError) as caught:
        build({**HEAD, "facts": FACTS, "items": [{**GOOD, "maax": 1}]}, {}, "own.yaml")
    said = caught.value.findings[0]
    assert "items › i" in said.message_en
    assert said.place.column == "maax"
    assert "max?" in said.remedy_en


@pytest.mark.parametrize("text", ["- 1", "a: [", "a: 1\na: 2", "", "&a [*a]", "{}"])
def test_yaml_that_is_no_rubric_is_refused(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(PackError):
        load_rubric(path)


def test_an_expression_is_text_and_never_run():
    assert "number" in rules({**GOOD, "max": "__import__('os').getcwd()"})


def test_unknown_choices_name_what_there_is():
    with pytest.raises(UsageError) as caught:
        rubric_of([GOOD], FACTS, {"edges": "middle"})
    assert "edges=lower|upper" in caught.value.findings[0].remedy_en


@pytest.fixture
def pack(tmp_path):
    """A pack of one's own over that of the country, and a way to add rubrics."""
    folder = tmp_path / "town"
    (folder / "rubrics").mkdir(parents=True)
    raw = {"id": "town", "name_zh": "某市", "name_en": "Town", "extends": "china", "kind": "city"}
    write_yaml(folder / "pack.yaml", raw)

    def add(name, **more):
        rubric = {**HEAD, "facts": FACTS, "items": [GOOD], "grades": GRADES, **more}
        write_yaml(folder / "rubrics" / f"{name}.yaml", rubric)
        return load_pack(folder)

    return add


def test_a_future_rubric_changes_nothing_earlier(pack):
    before = find_rubric(pack("one"), "own", dt.date(2024, 6, 1))[0]
    later = pack("two", valid_from="2031-01-01", items=[{**GOOD, "max": 99}])
    for day in (None, dt.date(2024, 6, 1), dt.date(2030, 12, 31)):
        assert find_rubric(later, "own", day)[0].raw == before.raw
    assert find_rubric(later, "own", dt.date(2031, 1, 1))[0].max == 99


def test_a_day_out_of_force_is_said(pack):
    made = pack("one", valid_to="2024-12-31")
    assert find_rubric(made, "自编考核", dt.date(2024, 12, 31))[1] == []
    for day in (dt.date(2025, 1, 1), dt.date(2023, 12, 31)):
        assert [f.rule for f in find_rubric(made, "own", day)[1]] == ["assessment.not_in_force"]


def test_an_unknown_rubric_names_the_nearest():
    with pytest.raises(UsageError) as caught:
        find_rubric(PACK, "distrct-a")
    assert "district-a" in caught.value.findings[0].remedy_en


def test_a_pack_rubric_copied_to_a_folder_runs(tmp_path):
    source = next(p for p in PACK.files("rubrics/*.yaml") if p.stem == "district-b")
    copy = shutil.copy(source, tmp_path / "mine.yaml")
    assert load_rubric(copy).raw == yaml.safe_load(source.read_text("utf-8"))


NUMBERS = st.lists(st.integers(-20, 20), min_size=1, max_size=5, unique=True)


@given(NUMBERS, st.sampled_from(["at_least", "above", "from"]), st.integers(-50, 50))
def test_bands_of_lower_bounds_hold_every_number_once(lows, kind, doubled):
    bands = complete([read_band({kind: low}) for low in lows])
    assert overlaps(bands) == []
    assert gaps(bands) == [0]
    value = doubled / 2
    for edges in ("lower", "upper"):
        held = [low for low, band in zip(lows, bands, strict=True) if band.holds(value, edges)]
        open_at = kind == "above" or (kind == "from" and edges == "upper")
        under = [low for low in lows if (low < value if open_at else low <= value)]
        lowest = kind == "from" and value == min(lows)
        assert held == ([max(under)] if under else [min(lows)] if lowest else [])


@pytest.mark.parametrize(
    ("value", "lower", "upper"), [(0, 0, 0), (59.9, 0, 0), (60, 1, 0), (80, 2, 1), (100, 2, 2)]
)
def test_touching_bands(value, lower, upper):
    bands = complete([read_band({"from": a, "to": b}) for a, b in ((0, 60), (60, 80), (80, 100))])
    for edges, wanted in (("lower", lower), ("upper", upper)):
        assert [k for k, band in enumerate(bands) if band.holds(value, edges)] == [wanted]
