"""The site keeps to its shape: thin views, one door to the library, both languages complete."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.project import ROOT, name_of, own_environment, project_files, python_files

SITE = ROOT / "src" / "dualcarbon_web"
MOST_VIEW_LINES = 30
ROOMS = ("accounting", "control", "enterprises", "plan", "works", "demo", "cli")
DOORS = {"services.py", "frames.py"}  # the only files of a site room that call a library room
LANGUAGES = ("zh_Hans", "en")


def django(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments, "--settings=dualcarbon_web.core.settings"],
        cwd=ROOT,
        env=own_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def site_files(*names: str) -> list[Path]:
    found = [path for path in python_files("src") if path.is_relative_to(SITE)]
    return [path for path in found if not names or path.name in names]


def imported(tree: ast.AST) -> set[str]:
    """Modules imported while the program runs; what only types need does not count."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_models_and_migrations_agree():
    done = django("makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr


def test_django_finds_nothing_wrong():
    done = django("check", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


def test_views_are_short():
    paths = site_files("views.py")
    assert paths
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MOST_VIEW_LINES
    ]
    assert long == []


def test_only_services_call_the_library():
    rooms = tuple(f"dualcarbon.{room}" for room in ROOMS)
    calls = {
        name_of(path)
        for path in site_files()
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name.startswith(rooms) and path.name not in DOORS
    }
    assert calls == set()


def test_no_page_carries_style_or_script_of_its_own():
    inline = re.compile(
        r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\b(src=|type=\"application/json\"))"
    )
    pages = [
        path for path in project_files() if path.is_relative_to(SITE) and path.suffix == ".html"
    ]
    assert pages
    found = [name_of(path) for path in pages if inline.search(path.read_text(encoding="utf-8"))]
    assert found == []


def catalogs() -> list[Path]:
    return [SITE / "locale" / language / "LC_MESSAGES" / "django.po" for language in LANGUAGES]


@pytest.mark.parametrize("catalog", catalogs(), ids=lambda path: path.parts[-3])
def test_every_text_is_translated(catalog):
    done = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "-o", "/dev/null", catalog],
        env=own_environment(LC_ALL="C.UTF-8", LANGUAGE="C"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if catalog.parts[-3] != "en":  # English texts are their own keys
        assert "fuzzy" not in done.stderr, done.stderr
        assert "untranslated" not in done.stderr, done.stderr


@pytest.mark.parametrize("catalog", catalogs(), ids=lambda path: path.parts[-3])
def test_the_compiled_catalog_is_the_written_one(catalog, tmp_path):
    fresh = tmp_path / "fresh.mo"
    subprocess.run(["msgfmt", "-o", fresh, catalog], check=True)
    told = [
        subprocess.run(["msgunfmt", file], capture_output=True, text=True, check=True).stdout
        for file in (fresh, catalog.with_suffix(".mo"))
    ]
    assert told[0] == told[1], f"{catalog}: compile it again"


def ids(catalog: Path) -> set[str]:
    text = subprocess.run(
        ["msgattrib", "--no-obsolete", "--no-wrap", "--no-location", catalog],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(re.findall(r"^(?:msgctxt .*\n)?msgid .*$", text, re.MULTILINE))


def test_makemessages_finds_nothing_new(tmp_path):
    copy = tmp_path / "dualcarbon_web"
    shutil.copytree(SITE, copy, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    languages = [f"--locale={language}" for language in LANGUAGES]
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--no-location", *languages],
        cwd=copy,
        env=own_environment(),
        capture_output=True,
        check=True,
    )
    for catalog in catalogs():
        found = ids(copy / catalog.relative_to(SITE))
        assert found == ids(catalog), f"{catalog.parts[-3]}: run makemessages"
