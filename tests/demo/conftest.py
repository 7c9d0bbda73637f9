"""One generated folder for all tests of the demo city."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from dualcarbon.demo import generate
from dualcarbon.packs import Pack, load_pack

NAMES = ("subject", "period", "commitment", "price_base", "industry", "located_in", "assessed_by")
TEXT = dict.fromkeys(NAMES, pl.String)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "data"
    generate(out)
    return out


@pytest.fixture(scope="session")
def tables(folder: Path) -> Mapping[str, pl.DataFrame]:
    return {
        path.stem: pl.read_csv(path, schema_overrides=TEXT, infer_schema_length=None)
        for path in folder.glob("*.csv")
    }


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("demo")
