"""The notice of Shanghai 2024 as data, held against its text and its known figures."""

import re
from pathlib import Path

import pytest

from dualcarbon.plan import Plan
from dualcarbon.plan.words import target_words

# Section, value, unit: read from the notice by hand.
TARGETS = {
    ("1", "energy_intensity", -3.0, "%"),
    ("1", "co2_intensity", -3.0, "%"),
    ("3", "non_fossil_purchased", 4e9, "kWh"),
    ("3", "pv_added", 600_000.0, "kW"),
    ("4", "tier_energy_total", -1.0, "%"),
    ("4", "tier_energy_intensity", -1.0, "%"),
    ("5", "adjustment_projects", 450.0, "count"),
    ("5", "energy_audits", 100.0, "count"),
    ("6", "ultra_low_energy_area", 2_000_000.0, "m2"),
    ("6", "retrofit_area", 1_000_000.0, "m2"),
    ("10", "parks_added", 120.0, "count"),
    ("10", "green_space_added", 1000.0, "ha"),
    ("10", "forest_added", 31_000.0, "mu"),
    ("10", "forest_tended", 30_000.0, "mu"),
}
# A word of each obligation as the notice has it, and the section it stands in.
DUTIES = {
    "1": "certificates|non-fossil|nitrogen oxides|volatile|oxygen demand|ammonia|coal|total energy",
    "2": "ten actions|platform|account|assessment|units that use|inventory|footprint|supply chain",
    "3": "coal|inner mongolia|green power|new-energy|competitive|jinshan|green electricity",
    "4": "district governments|key energy-using units|reports|every sector",
    "5": "wujing|caojing|hangzhou bay|storage|hydrogen|remanufacturing|digital|2,000 tce|101",
    "6": "scale|existing|communities|institutions|malls|schools|cells|hotels",
    "7": "rail|waterways|bus|cycling|vehicles|electric|shipping|airlines|ships|photovoltaics|shore"
    "|charging",
    "8": "household waste|handed in|concrete|building products|sites|lists of recycling",
    "9": "roadmap|frontier|technical problems|institutes|laborator|centres",
    "10": "belt|thousand parks|forests",
    "11": "ecology day|saving energy|low carbon|environment day|plastic|packaging|food|expo",
    "12": "chongming|industry on the island|ecosystem product|fine-grained|baoshan|pilot",
    "13": "approved|offset|try out|market|delta|coal-fired|fertiliser|pesticide|manure|straw|grade"
    "|monitoring",
    "14": "leak|smart|china iii|furnaces|print|sewage|sludge|household waste|infrastructure",
    "15": "water-saving|cleaner-production|local standards|straw|sorting|buildings|peak|sewers"
    "|less water|coal-fired|power prices|office",
    "16": "every month|every quarter|year's end|allot|catalogue|hold back|statistics|survey|data",
}


def test_the_fourteen_targets_and_nothing_else(shanghai: Plan) -> None:
    found = {(item.section, item.indicator, item.value, item.unit) for item in shanghai.targets}
    assert found == TARGETS
    assert len(shanghai.targets) == 14
    assert all(item.value is None for item in shanghai.commitments if item.kind != "target")


def test_all_sixteen_sections_with_some_ninety_duties_or_more(shanghai: Plan) -> None:
    assert [item.id for item in shanghai.sections] == [str(n) for n in range(1, 17)]
    assert all(shanghai.in_section(item.id) for item in shanghai.sections)
    assert len(shanghai.commitments) - 14 >= 90


@pytest.mark.parametrize("section", DUTIES)
def test_every_obligation_of_the_text_has_a_clause(shanghai: Plan, section: str) -> None:
    text = " ".join(item.text_en for item in shanghai.in_section(section)).lower()
    assert [word for word in DUTIES[section].split("|") if word not in text] == []


def test_strengths_follow_the_wording(shanghai: Plan) -> None:
    strengths = {item.id: item.strength for item in shanghai.commitments}
    weak = {key: value for key, value in strengths.items() if value != "must"}
    assert weak == {
        "1.7": "strive",
        "3.6": "strive",
        "4.5": "in_principle",
        "4.6": "in_principle",
        "9.2": "explore",
        "15.12": "explore",
    }


def test_thresholds_are_kept_apart_from_targets(shanghai: Plan) -> None:
    lines = {item.id: item.thresholds for item in shanghai.commitments if item.thresholds}
    assert {key: [(t.value, t.unit) for t in value] for key, value in lines.items()} == {
        "5.8": [(2000.0, "tce")],
        "6.4": [(15.0, "%")],
    }
    assert not any(item.value in (2000.0, 15.0) for item in shanghai.targets)


def test_districts_take_what_remains_over_the_last_two_years(shanghai: Plan) -> None:
    ruled = {item.indicator: item for item in shanghai.commitments if item.rule}
    assert set(ruled) == {"energy_intensity", "co2_intensity"}
    for item in ruled.values():
        assert item.rule is not None
        assert (item.rule.name, item.rule.over_years, item.rule.floor) == ("remaining_task", 2, 0)
        assert item.scope.cuts == ("districts", "industries", "key_regions")
        assert item.districts == "all"
    assert shanghai.five_year is not None
    target = shanghai.five_year.target("energy_intensity")
    assert target is not None
    assert (target.value, target.mark, target.status) == (-14.0, "A", "sourced")


def test_the_five_year_plan_prints_no_carbon_number(shanghai: Plan) -> None:
    assert shanghai.five_year is not None
    target = shanghai.five_year.target("co2_intensity")
    assert target is not None
    assert target.value is None
    assert target.note_zh
    assert target.note_en


def test_every_lead_is_marked_as_inferred(shanghai: Plan) -> None:
    assert {item.lead_status for item in shanghai.commitments} == {"unsourced"}
    bodies = [
        body
        for item in shanghai.commitments
        for body in (item.to_json()["lead"] + item.to_json()["support"])
    ]
    assert bodies
    assert all(body["status"] == "unsourced" for body in bodies)


def test_both_languages_are_complete(shanghai: Plan) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for item in shanghai.commitments:
        for text in (item.title_zh, item.text_zh, item.evidence_zh):
            assert chinese.search(text), item.id
        for text in (item.title_en, item.text_en, item.evidence_en):
            assert text, item.id
            assert not chinese.search(text), item.id


def test_no_sentence_of_the_notice_is_copied(shanghai: Plan, shared: Path) -> None:
    words = _words((shared / "notice-shanghai-2024.txt").read_text(encoding="utf-8"))
    theirs = {tuple(words[place : place + 8]) for place in range(len(words) - 7)}
    for item in shanghai.commitments:
        for text in (item.text_en, item.title_en, item.evidence_en):
            ours = _words(text)
            runs = {tuple(ours[place : place + 8]) for place in range(len(ours) - 7)}
            assert not runs & theirs, item.id


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9%]+", text.lower())


@pytest.mark.parametrize(
    ("indicator", "zh", "en"),
    [
        ("energy_intensity", "下降 3.0 %以上", "fall at least 3.0 %"),
        ("non_fossil_purchased", "40.00 亿千瓦时以上", "at least 4,000,000,000 kWh"),
        ("pv_added", "60.00 万千瓦以上", "at least 600,000 kW"),
        ("forest_added", "3.10 万亩以上", "at least 31,000 mu"),
        ("adjustment_projects", "450 个以上", "at least 450"),
    ],
)
def test_targets_are_said_in_the_units_officials_use(
    shanghai: Plan, indicator: str, zh: str, en: str
) -> None:
    item = next(item for item in shanghai.targets if item.indicator == indicator)
    assert (target_words(item, shanghai, "zh"), target_words(item, shanghai, "en")) == (zh, en)
