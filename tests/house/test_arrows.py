"""The arrows between the rooms are held: a planted import is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.project import ROOT, own_environment


@pytest.fixture
def house(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    only_code = shutil.ignore_patterns("*.yaml", "*.csv", "*.js", "__pycache__", "vendor", "locale")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=only_code)
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=house,
        env=own_environment(PYTHONPATH=str(house / "src")),
        capture_output=True,
        text=True,
        check=False,
    )


def plant(house: Path, module: str, line: str) -> None:
    target = house / "src" / "dualcarbon" / module
    target.parent.mkdir(exist_ok=True)
    (target.parent / "__init__.py").touch()
    with target.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def test_the_house_stands(house):
    run = lint(house)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("errors.py", "import django"),
        ("errors.py", "import dualcarbon_web"),
        ("errors.py", "import dualcarbon.plan.planted"),
        ("accounting/planted_too.py", "import dualcarbon.plan.planted"),
        ("plan/planted_too.py", "import dualcarbon.control.planted"),
        ("control/planted_too.py", "import dualcarbon.cli.planted"),
    ],
)
def test_a_planted_import_is_caught(house, module, line):
    plant(house, "plan/planted.py", "")
    plant(house, "control/planted.py", "")
    plant(house, "cli/planted.py", "")
    assert lint(house).returncode == 0
    plant(house, module, line)
    run = lint(house)
    assert run.returncode == 1, run.stdout
    assert "BROKEN" in run.stdout


def test_a_room_without_a_place_is_caught(house):
    plant(house, "attic/__init__.py", "")
    assert "attic" in lint(house).stdout
