"""What the accounting tests share: the pack's tools, the real tables, and small tables by hand."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl
import pytest
from tests.accounting.run_cases import Accounts, Row, pack

from dualcarbon.accounting.account import Tools
from dualcarbon.accounting.balance import Balance, read_balance
from dualcarbon.accounting.facts import open_facts
from dualcarbon.accounting.substances import load_substances
from dualcarbon.packs import load_pack
from dualcarbon.subjects import load_words

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def tools() -> Tools:
    return Tools.of(load_pack("china"))


@pytest.fixture(scope="session")
def ebt(shared: Path) -> Path:
    """Eight provincial balances of 2007, as published."""
    return shared / "data" / "ebt_2007_8provinces_physical.csv"


@pytest.fixture(scope="session")
def real(ebt: Path, tools: Tools) -> Balance:
    return read_balance(ebt, tools.layout, tools.carriers, year=2007)


@pytest.fixture(scope="session")
def ceads(shared: Path) -> pl.DataFrame:
    """The published sectoral CO2 of the same provinces, Mt."""
    return pl.read_csv(
        shared / "data" / "ceads_2007_8provinces_sectoral_co2.csv", comment_prefix="#"
    )


@pytest.fixture
def long(tmp_path: Path) -> Write:
    """Write a long table of an invented province from (row, energy, value) triples."""

    def write(cells: Iterable[tuple[object, str, object]], name: str = "table.csv") -> Path:
        lines = ["province,row,energy,value"]
        lines += [f"Nowhere,{row},{energy},{value}" for row, energy, value in cells]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def factor_file(tmp_path: Path) -> Write:
    def write(*lines: str, name: str = "factors.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(["carrier,rows,value,unit", *lines]) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """Accounts of rows by hand, frozen in a store of their own."""
    return Accounts(tmp_path)


@pytest.fixture
def facts(tmp_path: Path, accounts: Accounts) -> Callable[[Iterable[Row]], Path]:
    """Turn rows into a folder of facts, as `account facts` does."""
    words, substances = load_words(pack("shanghai")), load_substances(pack("shanghai"))

    def make(rows: Iterable[Row]) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="facts-", dir=tmp_path))
        open_facts([accounts.file(rows)], words, substances, folder)
        return folder

    return make
