"""Every rule of docs/convention.md has a test named after it, and no test names another rule."""

import re

from tests.support.project import ROOT, python_files

RULE = re.compile(r"\bC(\d+)\.(\d+)\b")
TEST = re.compile(r"^\s*def test_c(\d+)_(\d+)(?=_|\()", re.MULTILINE)


def rules() -> set[tuple[str, str]]:
    return set(RULE.findall((ROOT / "docs" / "convention.md").read_text(encoding="utf-8")))


def covered() -> set[tuple[str, str]]:
    texts = (path.read_text(encoding="utf-8") for path in python_files("tests"))
    return {rule for text in texts for rule in TEST.findall(text)}


def test_convention_rules_are_tested():
    assert rules(), "docs/convention.md numbers no rule"
    assert rules() - covered() == set()


def test_convention_knows_the_rules_that_tests_name():
    assert covered() - rules() == set()
