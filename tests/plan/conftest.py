"""What the tests of the plan room share: plans, the invented city, a way to edit notices."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dualcarbon.plan import Plan, load_plan


@pytest.fixture(scope="session")
def packs(root: Path) -> Path:
    """The folder of the invented packs."""
    return root / "tests/fixtures/packs"


@pytest.fixture(scope="session")
def shanghai() -> Plan:
    return load_plan("shanghai-2024")


@pytest.fixture(scope="session")
def lanting(packs: Path) -> Plan:
    return load_plan("lanting-2026", [packs])


@pytest.fixture
def edited(packs: Path, tmp_path: Path) -> Callable[..., Path]:
    """Give a function that copies the invented city with some fields of commitments changed."""

    def edit(changes: dict[str, dict[str, Any]] | None = None, **top: Any) -> Path:
        folder = tmp_path / "lanting"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(packs / "lanting", folder)
        path = folder / "notices/2026.yaml"
        notice = yaml.safe_load(path.read_text(encoding="utf-8")) | top
        for item in notice["commitments"]:
            item |= (changes or {}).get(item["id"], {})
        path.write_text(yaml.safe_dump(notice, allow_unicode=True, sort_keys=False), "utf-8")
        return tmp_path

    return edit
