"""What the project is made of, for tests that look at the project itself."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("src", "tests", "bench", "scripts", "frontend", ".ci")
NOT_OURS = ("/vendor/", "package-lock.json")


@cache
def project_files() -> tuple[Path, ...]:
    """Files git keeps or would keep, vendored ones and lock files left out."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = [name for name in listing.split("\0") if name]
    ours = [name for name in names if not any(part in f"/{name}" for part in NOT_OURS)]
    return tuple(ROOT / name for name in ours if (ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    return [
        path
        for path in project_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


def markdown_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".md"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def own_environment(**more: str) -> dict[str, str]:
    """The environment of a newcomer's shell in which this Python's commands come first."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DUALCARBON_", "DJANGO_", "PYTEST_", "COV_", "MAKE", "MFLAGS"))
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"PATH": path, "CI": ""} | more
