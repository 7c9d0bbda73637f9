"""Size and tidiness of the files themselves."""

import ast
import re
import statistics
from pathlib import Path

import pytest
from tests.support.project import ROOT, SOURCES, name_of, project_files, python_files

MOST_LINES = 500
MEDIAN_FUNCTION = 10
P90_FUNCTION = 35
CODE = {".py", ".js", ".mjs", ".css", ".html", ".sh", ".md", ""}
LEFT_OVERS = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")
SKIPS = re.compile(r"pytest\.(skip|xfail|importorskip)\(|mark\.(skip|skipif|xfail)|unittest\.skip")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code_files() -> list[Path]:
    return [
        path
        for path in project_files()
        if path.suffix in CODE and path.relative_to(ROOT).parts[0] in SOURCES
    ]


def test_no_file_is_longer_than_it_may_be():
    lengths = {name_of(path): len(text_of(path).splitlines()) for path in code_files()}
    assert not {name: lines for name, lines in lengths.items() if lines > MOST_LINES}


def test_nothing_is_left_to_do_in_code():
    found = [name_of(path) for path in code_files() if LEFT_OVERS.search(text_of(path))]
    assert not found


def test_no_test_is_skipped():
    allowed = {"tests/conftest.py", "tests/house/test_files.py", "tests/house/test_ci.py"}
    found = {name_of(path) for path in python_files("tests") if SKIPS.search(text_of(path))}
    assert found <= allowed


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and docstring."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def function_lines(folder: str) -> list[int]:
    return [
        lines_of(node)
        for path in python_files("src")
        if name_of(path).startswith(f"src/{folder}/") and "/migrations/" not in name_of(path)
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("package", ["dualcarbon", "dualcarbon_web"])
def test_functions_are_short(package):
    lengths = sorted(function_lines(package))
    assert lengths, f"{package} has no function"
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert lengths[int(len(lengths) * 0.9)] <= P90_FUNCTION
