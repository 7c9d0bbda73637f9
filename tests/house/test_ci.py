"""What CI relies on: a skip fails there, and a bare machine is told what to install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.project import ROOT, own_environment

ONE_SKIP = "import pytest\n\ndef test_runs(): pass\n\ndef test_not(): pytest.skip('no reason')\n"
MODULE_SKIP = "import pytest\npytest.skip('whole file', allow_module_level=True)\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run_suite(suite: Path, ci: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:django", *options],
        cwd=suite,
        env=own_environment(CI=ci),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("options", [("-n0",), ("-n1",)], ids=["alone", "with a worker"])
@pytest.mark.parametrize("text", [ONE_SKIP, MODULE_SKIP], ids=["test", "module"])
def test_a_skip_fails_in_ci(suite, text, options):
    (suite / "test_it.py").write_text(text)
    (suite / "test_other.py").write_text("def test_runs(): pass\n")
    assert run_suite(suite, "", *options).returncode == 0
    run = run_suite(suite, "true", *options)
    assert run.returncode == 1, run.stdout
    assert "skipped: not allowed in CI" in run.stdout
    assert "skipped" in run.stdout.splitlines()[-1]


def test_no_skip_passes_in_ci(suite):
    (suite / "test_other.py").write_text("def test_runs(): pass\n")
    assert run_suite(suite, "true").returncode == 0


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of commands with the shell's own tools and nothing else."""
    for name in ("sh", "sed", "awk", "id", "ls", "grep", "mktemp", "cat", "rm"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def needs(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "needs", *arguments],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bare_machine_is_told_the_apt_line(bare):
    run = needs(bare, "python", "")
    assert run.returncode == 1
    assert "apt-get install -y --no-install-recommends python3 python3-venv git" in run.stderr


def test_missing_browser_and_java_are_named(bare):
    run = needs(bare, "test")
    assert run.returncode == 1
    line = next(line for line in run.stderr.splitlines() if "apt-get install" in line)
    assert {"chromium", "openjdk-17-jre-headless", "gettext"} <= set(line.split())


def test_an_old_python_is_refused(bare):
    old = bare / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    run = needs(bare, "python", str(old))
    assert run.returncode == 1
    assert "python3" in run.stderr


def test_this_machine_has_what_the_tests_need():
    run = needs(Path(os.environ["PATH"]), "test")
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["demo"], "dualcarbon demo --out build/demo"),
        (["demo", "SERVE=0"], "dualcarbon demo --no-serve --out build/demo"),
        (["demo", "DEMO=--port 8123"], "dualcarbon demo --out build/demo --port 8123"),
        (["test"], "pytest -n auto"),
    ],
)
def test_make_runs_what_it_says(arguments, wanted):
    done = subprocess.run(
        ["make", "--dry-run", *arguments],
        cwd=ROOT,
        env=own_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert wanted in done.stdout


def test_help_names_every_target():
    done = subprocess.run(
        ["make", "help"],
        cwd=ROOT,
        env=own_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    shown = {line.split()[0] for line in done.stdout.splitlines()}
    wanted = "demo test lint types docs browser lock bench clean help"
    assert set(wanted.split()) <= shown
