"""Helpers of the assessment tests: a rubric in a few lines, facts as JSON, the answer of one."""

import json

import pytest
import yaml

from dualcarbon.control.assessment.facts import read_facts
from dualcarbon.control.assessment.rubric import build, find_rubric
from dualcarbon.control.assessment.sheet import assess
from dualcarbon.packs import load_pack

PACK = load_pack("china")
HEAD = {
    "id": "own",
    "name_zh": "自编考核",
    "name_en": "Own sheet",
    "applies_to": "district",
    "valid_from": "2024-01-01",
    "mark": "C",
    "status": "sourced",
    "source": "a notice",
}
GRADES = [
    {"id": "good", "name_zh": "良好", "from": 80},
    {"id": "pass", "name_zh": "合格", "from": 60},
    {"id": "fail", "name_zh": "不合格", "below": 60},
]


def rubric_of(items, facts=(), choices=None, grades=GRADES, **more):
    """A rubric of some items; facts that are not described are percentages."""
    described = {fact["id"]: fact for fact in facts}
    named = [n for item in items for n in item.get("facts", [item.get("fact")])]
    listed = [described.pop(n, {"id": n, "unit": "%"}) for n in dict.fromkeys(named)]
    raw = {**HEAD, "items": items, "facts": [*listed, *described.values()], "grades": grades}
    return build({**raw, **more}, choices or {})


def pack_rubric(name, **choices):
    return find_rubric(PACK, name, None, choices)[0]


@pytest.fixture
def sheets(tmp_path):
    """Sheets by subject of (subject, fact, value) or (subject, fact, {column: cell})."""

    def make(rubric, *facts):
        path = tmp_path / "facts.json"
        rows = [row_of(rubric, *fact) for fact in facts]
        path.write_text(json.dumps({"facts": rows}, ensure_ascii=False), "utf-8")
        read = read_facts(path, rubric)
        assert [f for f in read.findings if f.severity == "error"] == []
        return {sheet.subject: sheet for sheet in assess(rubric, read.book)}

    return make


def row_of(rubric, subject, name, value):
    if isinstance(value, dict):
        return {"subject": subject, "name": name, **value}
    if isinstance(value, bool):
        return {"subject": subject, "name": name, "met": value}
    if isinstance(value, str):
        return {"subject": subject, "name": name, "grade": value}
    unit = rubric.facts[name].unit
    return {"subject": subject, "name": name, "value": value, "unit": unit}


@pytest.fixture
def one(sheets):
    """The sheet of a single subject from `fact=value`."""

    def make(rubric, **facts):
        rows = [("A", name, value) for name, value in facts.items()]
        return sheets(rubric, *(rows or [("A", "nothing", True)]))["A"]

    return make


def scores(sheet):
    return {line.item: line.score for line in sheet.lines}


def write_yaml(path, raw):
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return path
