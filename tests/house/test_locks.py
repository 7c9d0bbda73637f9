"""The locks: small for the library, of one mind, with hashes and without addresses."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from tests.support.project import ROOT

LOCKS = ("library", "web", "dev")
MOST_LIBRARY_PACKAGES = 25
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)
ADDRESS = re.compile(r"https?:|git\+|//[a-z0-9.-]+\.[a-z]{2,}/", re.IGNORECASE)


def lock_text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")


def pins(name: str) -> set[tuple[str, str]]:
    return set(PINNED.findall(lock_text(name)))


def normal(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_the_library_alone_stays_small():
    names = {name for name, _ in pins("library")}
    assert len(names) <= MOST_LIBRARY_PACKAGES, sorted(names)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name):
    blocks = re.split(r"\n(?=[a-z0-9])", lock_text(name))
    pinned = [block for block in blocks if PINNED.match(block)]
    assert len(pinned) == len(PINNED.findall(lock_text(name)))
    assert [block for block in pinned if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", ["library", "web"])
def test_a_smaller_lock_agrees_with_the_full_one(name):
    assert pins(name) <= pins("dev")


def test_the_locks_hold_every_direct_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    groups = project["dependency-groups"]
    library = project["project"]["dependencies"]
    web = library + extras["web"] + groups["build"]
    dev = web + [text for extra in extras.values() for text in extra]
    dev += [text for text in groups["dev"] if isinstance(text, str)]
    for name, wanted in zip(LOCKS, (library, web, dev), strict=True):
        locked = {package for package, _ in pins(name)}
        assert {normal(text) for text in wanted} <= locked, f"{name}.lock: run `make lock`"


@pytest.mark.parametrize(
    "path",
    [
        *(f"requirements/{name}.lock" for name in LOCKS),
        "frontend/package.json",
        "frontend/package-lock.json",
        "src/dualcarbon_web/static/vendor/MANIFEST.yaml",
        "tests/browser/vendor/MANIFEST.yaml",
    ],
)
def test_no_address_is_recorded(path):
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    # npm copies a package's own "funding" link, which nothing is fetched from.
    kept = [line for line in lines if '"url"' not in line and '"funding"' not in line]
    assert [line for line in kept if ADDRESS.search(line)] == []


def test_npm_versions_are_exact():
    package = json.loads(Path(ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))
    versions = package["devDependencies"].values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
