"""Every text of a finding exists in Chinese and English and speaks of the same facts."""

import re
import string
from pathlib import Path

import pytest
import yaml
from tests.support.project import ROOT, python_files

FILES = sorted((ROOT / "src" / "dualcarbon" / "messages").glob("*.yaml"))
KEYS = {"severity", "zh", "en", "remedy_zh", "remedy_en"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CALL = re.compile(r"\bfinding\(\s*\"([a-z_]+\.[a-z0-9_]+)\"")


def load(path: Path) -> dict[str, dict[str, str]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules() -> dict[str, dict[str, str]]:
    return {rule: texts for path in FILES for rule, texts in load(path).items()}


def placeholders(text: str) -> set[str]:
    """The facts of a text; `{near_zh}` and `{near_en}` are one fact in two languages."""
    fields = (field for _, field, _, _ in string.Formatter().parse(text) if field is not None)
    return {re.sub(r"_(zh|en)$", "", field) for field in fields}


def test_there_are_messages():
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages_are_whole_in_both_languages(path):
    for rule, texts in load(path).items():
        assert set(texts) == KEYS, rule
        assert texts["severity"] in {"error", "warning", "info"}, rule
        assert all(str(text).strip() for text in texts.values()), rule
        assert placeholders(texts["zh"]) == placeholders(texts["en"]), rule
        assert placeholders(texts["remedy_zh"]) == placeholders(texts["remedy_en"]), rule
        assert CHINESE.search(texts["zh"]), rule
        assert CHINESE.search(texts["remedy_zh"]), rule
        assert not CHINESE.search(texts["en"] + texts["remedy_en"]), rule


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages_belong_to_their_room(path):
    assert [rule for rule in load(path) if rule.partition(".")[0] != path.stem] == []


def test_messages_of_one_name_exist_once():
    names = [rule for path in FILES for rule in load(path)]
    assert len(names) == len(set(names))


def test_messages_that_the_code_asks_for_exist():
    texts = (path.read_text(encoding="utf-8") for path in python_files("src"))
    asked = {rule for text in texts for rule in CALL.findall(text)}
    assert asked - set(rules()) == set()


def is_used(rule: str, text: str) -> bool:
    """The code names the rule, its last part, or builds it: `f"room.kind_{word}"`."""
    short = rule.partition(".")[2]
    beginnings = (rule[: place + 1] for place, letter in enumerate(rule) if letter == "_")
    built = any(f"{beginning}{{" in text for beginning in beginnings)
    return rule in text or f'"{short}"' in text or built


def test_messages_are_all_used():
    files = python_files("src")
    files += (ROOT / "src" / "dualcarbon" / "data").rglob("*.yaml")
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [rule for rule in rules() if not is_used(rule, text)] == []
