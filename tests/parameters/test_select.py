"""Selection: month, keys, sets, editions; and a load that refuses what is not complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.errors import PackError, ParameterAmbiguous, ParameterNotFound
from dualcarbon.packs import load_pack
from dualcarbon.parameters import Parameters, load_parameters, worst_status
from dualcarbon.periods import Period

SOURCE = {"title": "Notice of a test", "publisher": "Nobody"}
GOOD = {"value": 1.0, "unit": "t", "mark": "B", "status": "sourced", "source": SOURCE}
GOOD |= {"valid_from": "2020-01-01"}


def write(folder: Path, *files: dict[str, Any], **head: Any) -> Path:
    (folder / "parameters").mkdir(parents=True, exist_ok=True)
    pack = {"id": "lan", "name_zh": "兰", "name_en": "Lan", "kind": "world", **head}
    (folder / "pack.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True))
    for number, content in enumerate(files):
        text = yaml.safe_dump(content, allow_unicode=True)
        for day in ("2020-01-01", "2022-07-01", "2022-12-31"):
            text = text.replace(f"'{day}'", day)
        (folder / "parameters" / f"{number}.yaml").write_text(text)
    return folder


def quantity(*values: dict[str, Any], set: str = "one", edition: str = "1") -> dict[str, Any]:
    entries = [{**GOOD, **value} for value in values]
    return {
        "name": "x",
        "name_zh": "甲",
        "name_en": "X",
        "set": set,
        "edition": edition,
        "values": entries,
    }


def load(folder: Path, *files: dict[str, Any], **head: Any) -> Parameters:
    return load_parameters(load_pack(write(folder, *files, **head)))


def test_the_most_specific_match_wins(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        quantity(
            {"value": 1},
            {"value": 2, "keys": {"carrier": "coal"}},
            {"value": 3, "keys": {"carrier": "coal", "sector": "power"}},
        ),
    )
    asked = [{}, {"carrier": "coal"}, {"carrier": "coal", "sector": "power", "plant": "p1"}]
    assert [loaded.select("x", keys, (2024, 1)).value for keys in asked] == [1, 2, 3]
    assert loaded.select("x", {"carrier": "oil"}, (2024, 1)).value == 1


def test_two_equally_specific_values_are_an_error_that_names_both(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, quantity({"keys": {"carrier": "coal"}}, {"keys": {"sector": "power"}, "value": 2})
    )
    with pytest.raises(ParameterAmbiguous) as caught:
        loaded.select("x", {"carrier": "coal", "sector": "power"}, (2024, 1))
    assert "carrier=coal" in str(caught.value)
    assert "sector=power" in str(caught.value)


def test_the_month_of_the_activity_decides(tmp_path: Path) -> None:
    loaded = load(tmp_path, quantity({"value": 1}, {"value": 2, "valid_from": "2022-07-01"}))
    assert loaded.select("x", {}, (2022, 6)).value == 1
    assert loaded.select("x", {}, (2022, 7)).value == 2
    with pytest.raises(ParameterNotFound) as caught:
        loaded.select("x", {}, (2019, 12))
    assert "2020-01-01" in caught.value.findings[0].message_en


def test_a_year_in_which_the_value_changes_has_no_single_value(tmp_path: Path) -> None:
    loaded = load(tmp_path, quantity({"value": 1}, {"value": 2, "valid_from": "2022-07-01"}))
    assert loaded.select_period("x", {}, Period.parse("2021")).value == 1
    with pytest.raises(ParameterAmbiguous) as caught:
        loaded.select_period("x", {}, Period.parse("2022"))
    assert "2022-07-01" in caught.value.findings[0].message_en


def test_sets_are_kept_apart(tmp_path: Path) -> None:
    files = (quantity({"value": 1}), quantity({"value": 2}, set="two"))
    undecided = load(tmp_path / "a", *files)
    with pytest.raises(ParameterNotFound):
        undecided.select("x", {}, (2024, 1))
    decided = load(tmp_path / "b", *files, sets={"x": "two"})
    assert decided.select("x", {}, (2024, 1)).value == 2
    assert decided.select("x", {}, (2024, 1), set="one").value == 1


def test_two_editions_of_a_set_that_overlap_are_ambiguous(tmp_path: Path) -> None:
    loaded = load(tmp_path, quantity({"value": 1}), quantity({"value": 2}, edition="2"))
    with pytest.raises(ParameterAmbiguous):
        loaded.select("x", {}, (2024, 1))


def test_rejected_candidates_say_why_in_both_languages(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        quantity({"value": 1, "valid_to": "2022-12-31"}, {"value": 2, "keys": {"carrier": "coal"}}),
        quantity({"value": 3}, set="two"),
        sets={"x": "one"},
    )
    why = {c.parameter.value: c for c in loaded.candidates("x", {}, (2024, 1))}
    assert not any(candidate.accepted for candidate in why.values())
    assert "2022-12-31" in why[1].reason_en
    assert "carrier" in why[2].reason_en
    assert "two" in why[3].reason_zh


def test_an_unknown_name_suggests_one(tmp_path: Path) -> None:
    with pytest.raises(ParameterNotFound) as caught:
        load_parameters(load_pack("shanghai")).select("standard_cola", {}, (2024, 1))
    assert "standard_coal" in caught.value.findings[0].message_en


@pytest.mark.parametrize("field", ["value", "unit", "valid_from", "mark", "status", "source"])
def test_a_value_without_one_of_its_fields_fails_the_load(tmp_path: Path, field: str) -> None:
    content = quantity({})
    del content["values"][0][field]
    with pytest.raises(PackError) as caught:
        load(tmp_path, content)
    assert field in caught.value.findings[0].message_en
    assert "0.yaml" in str(caught.value.findings[0].place)


@pytest.mark.parametrize(
    "change",
    [
        {"mark": "D"},
        {"mark": "B*"},
        {"status": "certain"},
        {"unit": "furlong"},
        {"value": "much"},
        {"value": float("nan")},
        {"value": True},
        {"source": {"publisher": "no title"}},
        {"valid_to": "1999-01-01"},
        {"colour": "red"},
    ],
)
def test_a_value_that_breaks_a_rule_fails_the_load(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(PackError) as caught:
        load(tmp_path, quantity(change))
    assert caught.value.findings[0].rule == "parameters.entry"


@given(st.lists(st.sampled_from(["sourced", "unsourced", "synthetic"])))
def test_the_worst_status_is_never_better_than_a_part(statuses: list[str]) -> None:
    order = ["sourced", "unsourced", "synthetic"]
    worst = worst_status(statuses)
    assert all(order.index(worst) >= order.index(status) for status in statuses)
    assert worst in statuses or not statuses
