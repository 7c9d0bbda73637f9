"""Loading a plan: inheritance, files, and every way in which a notice can contradict itself."""

import contextlib
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.errors import DualcarbonError, PackError
from dualcarbon.packs import load_pack
from dualcarbon.plan import Plan, list_plans, load_plan
from dualcarbon.plan.build import COMMITMENT_KEYS
from dualcarbon.plan.load import NOTICE_KEYS

Edit = Callable[..., Path]


def rules(call: Callable[[], Any]) -> list[str]:
    with pytest.raises(PackError) as caught:
        call()
    for item in caught.value.findings:
        assert item.message_zh
        assert item.remedy_zh
        assert item.remedy_en
    return [item.rule for item in caught.value.findings]


def test_a_second_city_is_data_alone(lanting: Plan) -> None:
    assert [item.id for item in lanting.commitments] == ["1.1", "1.2", "2.1", "2.2", "2.3"]
    assert lanting.synthetic
    assert lanting.commitment("2.1").indicator == "heat_pumps_added"
    assert lanting.commitment("2.1").peak_action == 1
    assert lanting.commitment("2.2").districts == ("980101", "980102", "980103")
    assert lanting.commitment("1.1").coverage.command == (
        "dualcarbon standing lanting-2026 --on DATE --data DIR"
    )


def test_the_reading_of_a_tier_is_a_named_choice_of_the_pack(lanting: Plan, shanghai: Plan) -> None:
    assert lanting.commitment("2.3").scope.reading == "each"
    assert shanghai.commitment("4.5").scope.reading == "sum"


def test_a_pack_without_a_notice_follows_its_parent(packs: Path, tmp_path: Path) -> None:
    (tmp_path / "delta").mkdir()
    (tmp_path / "delta/pack.yaml").write_text(
        "id: delta\nname_zh: 洲\nname_en: Delta\nkind: city\nextends: lanting\n", "utf-8"
    )
    plan = load_plan("delta-2026", [tmp_path, packs])
    assert (plan.id, plan.pack, len(plan.commitments)) == ("delta-2026", "delta", 5)
    assert list_plans(load_pack("delta", [tmp_path, packs])) == ("delta-2026",)


CHILD = """
id: delta-2026
extends: lanting-2026
year: 2026
drop: ["2.2"]
sections: [{id: "3", title_zh: 新增, title_en: New}]
commitments:
- {id: "1.1", value: -4, coverage: {data: none}}
- id: "3.1"
  section: "3"
  title_zh: 新任务
  title_en: A new task
  text_zh: 完成新任务。
  text_en: Do the new task.
  evidence_zh: 文件
  evidence_en: Document
"""


def test_a_notice_overrides_another_by_id(packs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "delta"
    (folder / "notices").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "id: delta\nname_zh: 洲\nname_en: Delta\nkind: city\nextends: lanting\n", "utf-8"
    )
    (folder / "notices/2026.yaml").write_text(CHILD, "utf-8")
    plan = load_plan("delta-2026", [tmp_path, packs])
    assert [item.id for item in plan.commitments] == ["1.1", "1.2", "2.1", "2.3", "3.1"]
    changed = plan.commitment("1.1")
    assert (changed.value, changed.title_en) == (-4.0, "Carbon intensity down 3.6 %")
    assert (changed.coverage.mechanism, changed.coverage.data) == ("computed", "none")
    assert changed.file.endswith("delta/notices/2026.yaml")
    assert plan.commitment("1.2").file.endswith("lanting/notices/2026.yaml")
    assert plan.commitment("3.1").lead == ()
    assert len(plan.files) == 2


def _child(folder: Path, bodies: str) -> Path:
    (folder / "delta/notices").mkdir(parents=True)
    (folder / "delta/pack.yaml").write_text(
        "id: delta\nname_zh: 洲\nname_en: Delta\nkind: city\nextends: lanting\n", "utf-8"
    )
    text = f"id: delta-2026\nextends: lanting-2026\nyear: 2026\nbodies:\n{bodies}\n"
    (folder / "delta/notices/2026.yaml").write_text(text, "utf-8")
    return folder


def test_a_body_stands_in_the_place_of_another(packs: Path, tmp_path: Path, lanting: Plan) -> None:
    old = lanting.bodies[0].id
    search = _child(tmp_path, f"- {{id: mine, replaces: {old}, name_zh: 甲局, name_en: Mine}}")
    plan = load_plan("delta-2026", [search, packs])
    assert [body.id for body in plan.bodies] == ["mine", *(b.id for b in lanting.bodies[1:])]
    for mine, theirs in zip(plan.commitments, lanting.commitments, strict=True):
        for name in ("lead", "support"):
            wanted = ["mine" if b.id == old else b.id for b in getattr(theirs, name)]
            assert [body.id for body in getattr(mine, name)] == wanted
    assert any(body.name_en == "Mine" for item in plan.commitments for body in item.lead)


@pytest.mark.parametrize("found", ["nobody", "3", "[x]", "{a: 1}", "null"])
def test_only_a_body_of_the_notice_below_is_replaced(
    packs: Path, tmp_path: Path, found: str
) -> None:
    bodies = f"- {{id: mine, replaces: {found}, name_zh: 甲局, name_en: Mine}}"
    search = _child(tmp_path, bodies)
    assert rules(lambda: load_plan("delta-2026", [search, packs])) == ["plan.replaces"]


def test_a_body_is_replaced_once(packs: Path, tmp_path: Path, lanting: Plan) -> None:
    line = f"- {{id: %s, replaces: {lanting.bodies[0].id}, name_zh: 甲局, name_en: Mine}}"
    search = _child(tmp_path, f"{line % 'a'}\n{line % 'b'}")
    assert rules(lambda: load_plan("delta-2026", [search, packs])) == ["plan.replaces"]


def test_a_first_notice_has_nobody_to_replace(edited: Edit) -> None:
    body = {"id": "mine", "replaces": "x", "name_zh": "甲局", "name_en": "Mine"}
    folder = edited(bodies=[body])
    assert "plan.key_unknown" in rules(lambda: load_plan("lanting-2026", [folder]))


def test_a_notice_that_extends_itself_is_refused(edited: Edit) -> None:
    folder = edited(extends="lanting-2026")
    assert rules(lambda: load_plan("lanting-2026", [folder])) == ["plan.extends_loop"]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("1.1", {"indicator": "energy_intensty"}, "plan.indicator_unknown"),
    ("1.2", {"unit": "kWh"}, "plan.unit_mismatch"),
    ("1.2", {"unit": "%"}, "plan.unit_mismatch"),
    ("1.2", {"unit": "bushel"}, "plan.unit_mismatch"),
    ("2.2", {"districts": ["980199"]}, "plan.area_unknown"),
    ("1.1", {"id": "1.2"}, "plan.duplicate_id"),
    ("1.1", {"value": 3.6}, "plan.direction_sign"),
    ("1.1", {"direction": "up"}, "plan.direction_sign"),
    ("1.1", {"comparator": ">="}, "plan.comparator_direction"),
    ("2.1", {"comparator": "<"}, "plan.comparator_direction"),
    ("1.1", {"period": "2026-13"}, "plan.period"),
    ("1.1", {"base": "last year"}, "plan.period"),
    ("1.1", {"base": "2026"}, "plan.base_late"),
    ("2.2", {"deadline": "soon"}, "plan.date"),
    ("2.2", {"deadline": dt.date(2025, 9, 30)}, "plan.deadline_early"),
    ("1.1", {"value": None}, "plan.target_incomplete"),
    ("1.1", {"yardstick": "milestone"}, "plan.target_incomplete"),
    ("2.2", {"value": 3}, "plan.value_without_target"),
    ("1.1", {"value": float("nan")}, "plan.number"),
    ("1.1", {"value": "3 %"}, "plan.number"),
    ("1.1", {"value": True}, "plan.number"),
    ("1.1", {"value": -(10**400)}, "plan.number"),
    ("1.1", {"kind": "goal"}, "plan.choice"),
    ("1.1", {"strength": "should"}, "plan.choice"),
    ("1.1", {"titel": "x"}, "plan.key_unknown"),
    ("1.1", {"text_en": " "}, "plan.text_missing"),
    ("1.1", {"evidence_zh": None}, "plan.text_missing"),
    ("1.1", {"lead": ["nobody"]}, "plan.body_unknown"),
    ("1.1", {"section": "9"}, "plan.section_unknown"),
    ("1.1", {"section": "2"}, "plan.id_section"),
    ("1.1", {"peak_action": 11}, "plan.integer"),
    ("1.1", {"scope": "city"}, "plan.not_a_mapping"),
    ("2.3", {"scope": {"subject_kind": "enterprise", "tier": ["million"]}}, "plan.choice"),
    ("2.1", {"profile": {"2026-03": 0.5, "2026-06": 0.2}}, "plan.profile"),
    ("2.2", {"rule": {"name": "remaining_task", "over_years": 2}}, "plan.rule_indicator"),
    (
        "2.1",
        {"thresholds": [{"name_zh": "线", "name_en": "line", "value": 1, "unit": "furlong"}]},
        "plan.unit_unknown",
    ),
]


@pytest.mark.parametrize(("item", "change", "rule"), WRONG, ids=lambda part: str(part)[:40])
def test_a_contradiction_is_found_with_file_and_line(
    edited: Edit, item: str, change: dict[str, Any], rule: str
) -> None:
    folder = edited({item: change})
    with pytest.raises(PackError) as caught:
        load_plan("lanting-2026", [folder])
    match = next(found for found in caught.value.findings if found.rule == rule)
    assert match.place.file == str(folder / "lanting/notices/2026.yaml")
    lines = (folder / "lanting/notices/2026.yaml").read_text("utf-8").splitlines()
    assert match.place.row is not None
    line = lines[match.place.row - 1]
    column = match.place.column or "id"
    assert f"{column}:" in line or line.startswith("- id:")


def test_all_findings_of_a_notice_come_together(edited: Edit) -> None:
    folder = edited({"1.1": {"value": 3.6, "indicator": "x"}, "2.1": {"unit": "t"}})
    found = rules(lambda: load_plan("lanting-2026", [folder]))
    assert {"plan.indicator_unknown", "plan.direction_sign", "plan.unit_mismatch"} <= set(found)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"id: [", "plan.yaml"),
        (b"- a\n- b\n", "plan.yaml"),
        (b"", "plan.yaml"),
        (b"id: x\nid: y\n", "plan.key_twice"),
        (b"\xb0\xa1\xb0\xa1: x\n", "plan.file_unreadable"),
        (b"id: x-2026\ncommitments: 5\n", "plan.not_a_list"),
        (b"id: x-2026\ncommitments: []\ndefaults: 3\n", "plan.not_a_mapping"),
        (b"a: &a [*a]\n", "plan.yaml"),
        (b"!!python/object:os.system {}\n", "plan.yaml"),
    ],
)
def test_a_bad_file_is_an_error_not_a_traceback(tmp_path: Path, text: bytes, rule: str) -> None:
    path = tmp_path / "notice.yaml"
    path.write_bytes(text)
    assert rule in rules(lambda: load_plan(str(path)))


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        ("shanghai", "plan.bad_id"),
        ("shanghai-24", "plan.bad_id"),
        ("shanghai-1999", "plan.not_found"),
        ("atlantis-2024", "packs.unknown"),
        ("no/such/file.yaml", "plan.file_unreadable"),
    ],
)
def test_an_unknown_plan_names_the_way_out(plan: str, rule: str) -> None:
    assert rules(lambda: load_plan(plan)) == [rule]


def test_a_notice_must_call_itself_by_its_place(edited: Edit) -> None:
    folder = edited(id="lanting-2025")
    assert rules(lambda: load_plan("lanting-2026", [folder])) == ["plan.id"]


def test_what_is_marked_d_is_never_sourced(edited: Edit) -> None:
    target = {"indicator": "co2_intensity", "value": -17, "unit": "%", "base": 2025, "mark": "D"}
    stated = target | {"status": "sourced", "source": {"title": "x"}}
    folder = edited(five_year={"base": 2025, "first": 2026, "last": 2030, "targets": [stated]})
    assert rules(lambda: load_plan("lanting-2026", [folder])) == ["plan.mark_d_sourced"]


def test_a_sourced_target_names_its_source(edited: Edit) -> None:
    stated = {"indicator": "gdp", "value": 1, "unit": "10^8 CNY", "mark": "A", "status": "sourced"}
    folder = edited(history=[stated])
    assert rules(lambda: load_plan("lanting-2026", [folder])) == ["plan.source_missing"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from(
        sorted((NOTICE_KEYS - {"commitments"}) | {f"item {key}" for key in COMMITMENT_KEYS})
    ),
)
def test_no_value_anywhere_gives_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, value: Any, key: str
) -> None:
    packs = Path(__file__).resolve().parents[1] / "fixtures/packs"
    notice = yaml.safe_load((packs / "lanting/notices/2026.yaml").read_text("utf-8"))
    path = tmp_path_factory.mktemp("notice") / "notice.yaml"
    target = notice["commitments"][4] if key.startswith("item ") else notice
    target[key.removeprefix("item ")] = value
    path.write_text(yaml.safe_dump(notice, allow_unicode=True), "utf-8")
    with contextlib.suppress(DualcarbonError):
        load_plan(str(path), [packs])


def test_a_notice_lists_what_its_pack_holds_data_for(edited: Edit) -> None:
    plan = load_plan("lanting-2026", [edited(data={"synthetic": ["2.2"]})])
    assert plan.commitment("2.2").coverage.data == "synthetic"
    assert rules(lambda: load_plan("lanting-2026", [edited(data={"real": ["9.9"]})])) == [
        "plan.data_unknown"
    ]
