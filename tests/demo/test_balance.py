"""The invented city's balance, yearly series and scenarios: consistent with its activity."""

import polars as pl
import pytest

from dualcarbon.accounting.account import Tools
from dualcarbon.accounting.balance import read_balance
from dualcarbon.accounting.flows import make_flows
from dualcarbon.accounting.identities import check_identities
from dualcarbon.accounting.peak import monitor
from dualcarbon.accounting.scenarios import project, read_scenarios
from dualcarbon.demo import generate


@pytest.fixture(scope="module", params=[2024, 7])
def made(request, tmp_path_factory, pack):
    folder = tmp_path_factory.mktemp("balance")
    generate(folder, seed=request.param, enterprises=60)
    return folder, Tools.of(pack)


def test_every_identity_holds_to_the_last_digit(made):
    folder, tools = made
    table = read_balance(folder / "balance.csv", tools.layout, tools.carriers, areas=tools.areas)
    assert not table.findings
    for year in (2022, 2023):
        cells = table.select(None, year).cells
        result = check_identities(cells, tools.layout, tools.carriers)
        assert result.height > 50
        assert result.filter(pl.col("gap").abs() > 1e-9).height == 0


def test_final_use_and_heat_input_are_what_the_city_reports(made):
    folder, _ = made
    activity = pl.read_csv(folder / "activity.csv", infer_schema_length=None)
    used = activity.filter(
        (pl.col("subject_kind") == "city")
        & (pl.col("carrier") == "electricity")
        & pl.col("period").str.starts_with("2023")
    )["quantity"].sum()
    balance = pl.read_csv(folder / "balance.csv").filter(
        (pl.col("year") == 2023) & (pl.col("energy") == "electricity")
    )
    rows = dict(balance.select("row", "value").iter_rows())
    assert rows[21] + rows[20] == pytest.approx(used / 1e4, abs=0.1)


def test_its_flows_close(made):
    folder, tools = made
    table = read_balance(folder / "balance.csv", tools.layout, tools.carriers, areas=tools.areas)
    flows = make_flows(table.select(None, 2023), tools.pack, tools.layout, tools.carriers)
    assert not flows.merged
    assert not flows.unmatched


def test_the_monitor_reads_series_and_three_scenarios(made):
    folder, tools = made
    watched = monitor(folder / "series.csv", tools.pack)
    assert {one["series"] for one in watched.judgements} == {"energy", "co2"}
    assert all(one["state"] != "behind" for one in watched.judgements)
    steps, _, _ = read_scenarios(folder / "scenarios.csv")
    found, wrong = project(watched, steps)
    assert len(found) == 6
    assert not wrong


def test_a_city_without_a_whole_year_before_has_none(tmp_path):
    generate(tmp_path, enterprises=60, months=("2024-01", "2024-12"))
    assert pl.read_csv(tmp_path / "balance.csv").height == 0
    assert pl.read_csv(tmp_path / "series.csv").height == 0
