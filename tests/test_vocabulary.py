"""Carriers, areas, cuts and industries: complete, found by every usual name, checked on load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dualcarbon.areas import load_areas
from dualcarbon.carriers import load_carriers
from dualcarbon.errors import PackError
from dualcarbon.industries import load_industries
from dualcarbon.packs import Pack, list_packs, load_pack


def make(root: Path, name: str, head: dict[str, Any], **files: Any) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    base = {"id": name, "name_zh": name, "name_en": name, "kind": "city"}
    for file, content in {"pack": {**base, **head}, **files}.items():
        (folder / f"{file}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    return folder


@pytest.fixture(scope="module")
def shanghai() -> Pack:
    return load_pack("shanghai")


def test_every_column_of_a_published_balance_is_a_carrier(shanghai: Pack, shared: Path) -> None:
    carriers = load_carriers(shanghai)
    lines = (shared / "data/ebt_2007_8provinces_physical.csv").read_text().splitlines()
    names = {line.rsplit(",", 2)[1] for line in lines if line and line[0] not in "#p"}
    assert len(names) == 22
    assert [name for name in names if carriers.resolve(name) is None] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("其它洗煤", "other_washed_coal"),
        ("Cleaned Coal", "cleaned_coal"),
        ("液化石油气", "lpg"),
        ("ＬＰＧ", "lpg"),
        ("Diesel Oil", "diesel"),
        ("diesel", "diesel"),
        ("热力", "heat"),
    ],
)
def test_carriers_by_any_name(shanghai: Pack, text: str, code: str) -> None:
    found = load_carriers(shanghai).resolve(text)
    assert found is not None
    assert found.code == code


def test_subtotals_name_carriers_that_exist(shanghai: Pack) -> None:
    carriers = load_carriers(shanghai)
    for carrier in carriers.values():
        assert set(carrier.subtotal_of) <= set(carriers)


def test_a_near_name_is_suggested(shanghai: Pack) -> None:
    assert any("diesel" in near for near in load_carriers(shanghai).suggest("deisel"))


def test_shanxi_is_not_shaanxi_and_the_city_has_sixteen_districts(shanghai: Pack) -> None:
    areas = load_areas(shanghai)
    codes = {name: areas.resolve(name) for name in ("山西", "陕西", "Shanxi", "Shaanxi")}
    assert [area.code for area in codes.values() if area] == ["140000", "610000"] * 2
    districts = areas.children("310000")
    assert len(districts) == 16
    assert len({area.tile for area in districts}) == 16


def test_gb_t_4754_has_20_sections_and_97_divisions(shanghai: Pack) -> None:
    industries = load_industries(shanghai)
    levels = [industry.level for industry in industries.values()]
    assert (levels.count("section"), levels.count("division")) == (20, 97)
    assert {i.parent for i in industries.values() if i.parent} == set("ABCDEFGHIJKLMNOPQRST")


def test_cuts_overlap_and_carry_shares(tmp_path: Path) -> None:
    areas = [
        {"code": code, "name_zh": code, "name_en": code, "level": "district"} for code in ("1", "2")
    ]
    cuts = [
        {"id": "bay", "name_zh": "湾", "name_en": "Bay", "members": [{"area": "1", "share": 0.4}]},
        {"id": "hub", "name_zh": "枢", "name_en": "Hub", "members": [{"area": "1"}, {"area": "2"}]},
    ]
    loaded = load_areas(load_pack(make(tmp_path, "lan", {}, areas=areas, cuts=cuts)))
    assert loaded.cuts["bay"].members == (("1", 0.4),)
    assert loaded.cuts["hub"].members == (("1", None), ("2", None))


@pytest.mark.parametrize("share", [0, 1.2, -0.1])
def test_a_share_outside_its_range_is_refused(tmp_path: Path, share: float) -> None:
    areas = [{"code": "1", "name_zh": "一", "name_en": "One", "level": "district"}]
    cuts = [{"id": "b", "name_zh": "b", "name_en": "b", "members": [{"area": "1", "share": share}]}]
    with pytest.raises(PackError):
        load_areas(load_pack(make(tmp_path, "lan", {}, areas=areas, cuts=cuts)))


def test_the_child_adds_and_overrides_by_code(tmp_path: Path) -> None:
    base = [{"code": "x", "name_zh": "旧", "name_en": "old", "level": "district"}]
    child = [{"code": "x", "name_zh": "新"}, {**base[0], "code": "y"}]
    make(tmp_path, "base", {}, areas=base)
    make(tmp_path, "child", {"extends": "base"}, areas=child)
    areas = load_areas(load_pack("child", (tmp_path,))).vocabulary
    assert [(area.code, area.name_zh, area.name_en) for area in areas.values()] == [
        ("x", "新", "old"),
        ("y", "旧", "old"),
    ]


def test_search_order_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "first", "lan", {"name_zh": "甲"})
    make(tmp_path / "second", "lan", {"name_zh": "乙"})
    monkeypatch.setenv("DUALCARBON_PACKS", str(tmp_path / "second"))
    assert load_pack("lan").name_zh == "乙"
    assert load_pack("lan", (tmp_path / "first",)).name_zh == "甲"
    assert {"lan", "shanghai", "china", "world"} <= set(list_packs())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("id: lan\nid: lan\n", "packs.yaml"),
        ("id: [\n", "packs.yaml"),
        ("- 1\n", "packs.not_mapping"),
        ("id: lan\nkind: city\nname_zh: a\n", "packs.fields"),
        ("id: lan\nkind: city\nname_zh: a\nname_en: a\ncode: run()\n", "packs.fields"),
        ("id: lan\nkind: moon\nname_zh: a\nname_en: a\n", "packs.kind"),
        ("id: lan\nkind: city\nname_zh: a\nname_en: a\nextends: nowhere\n", "packs.unknown"),
        ("id: lan\nkind: city\nname_zh: a\nname_en: a\nextends: lan\n", "packs.circle"),
        ("!!python/object/apply:os.system ['true']\n", "packs.yaml"),
    ],
)
def test_a_bad_pack_says_what_and_where(tmp_path: Path, text: str, rule: str) -> None:
    (tmp_path / "lan").mkdir()
    (tmp_path / "lan" / "pack.yaml").write_text(text)
    with pytest.raises(PackError) as caught:
        load_pack("lan", (tmp_path,))
    assert caught.value.findings[0].rule == rule
