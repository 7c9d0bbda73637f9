"""The notice the project started from: its fourteen quantified targets, and nothing else."""

from pathlib import Path

import pytest

from dualcarbon.plan.reader import NoticeDraft, read_notice_file

FOURTEEN = [
    ("1.3", -3, "%", "="),
    ("1.3", -3, "%", "="),
    ("3.3", 4_000_000_000, "kWh", "="),
    ("3.4", 600_000, "kW", ">"),
    ("4.3", -1, "%", "<"),
    ("4.3", -1, "%", "<"),
    ("5.3", 450, "count", "="),
    ("5.6", 100, "count", "="),
    ("6.2", 2_000_000, "m2", ">="),
    ("6.3", 1_000_000, "m2", ">="),
    ("10.2", 120, "count", "="),
    ("10.2", 1000, "ha", "="),
    ("10.3", 31_000, "mu", "="),
    ("10.3", 30_000, "mu", "="),
]


@pytest.fixture(scope="module")
def draft(shared: Path) -> NoticeDraft:
    return read_notice_file(shared / "notice-shanghai-2024.txt")


def test_exactly_the_fourteen(draft: NoticeDraft) -> None:
    assert [(t.clause, t.value, t.unit, t.comparator) for t in draft.targets] == FOURTEEN


def test_two_indicators_share_one_number(draft: NoticeDraft) -> None:
    energy, carbon = draft.targets[:2]
    assert "energy consumption per unit of GDP" in energy.subject
    assert "carbon dioxide emissions per unit of GDP" in carbon.subject
    assert (energy.start, energy.end) == (carbon.start, carbon.end)


def test_strengths_and_directions(draft: NoticeDraft) -> None:
    assert [t.strength for t in draft.targets[3:6]] == ["strive", "in_principle", "in_principle"]
    assert [t.direction for t in draft.targets[:6]] == [
        "down",
        "down",
        "level",
        "up",
        "down",
        "down",
    ]


def test_the_year_comes_from_the_document_number(draft: NoticeDraft) -> None:
    assert draft.year == 2024
    assert draft.language == "en"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("2,000 tons of standard coal", "threshold"),
        ("15%", "threshold"),
        ("1,000 parks", "name"),
        ("101", "name"),
        ("39", "document"),
    ],
)
def test_what_is_no_target_is_said_with_the_reason(
    draft: NoticeDraft, words: str, reason: str
) -> None:
    assert (words, reason) in {(item.text, item.reason) for item in draft.rejected}


def test_all_sixteen_sections_have_clauses(draft: NoticeDraft) -> None:
    sections = {clause.id.split(".")[0] for clause in draft.clauses}
    assert sections == {str(number) for number in range(17)}
