"""An account is frozen as an edition, and the edition alone explains every figure again."""

import polars as pl
import pytest

from dualcarbon.accounting.account import Options, make_account
from dualcarbon.accounting.answer import payload
from dualcarbon.accounting.explain import EXPLAINERS, freeze
from dualcarbon.editions import explain, open_edition, verify_edition


@pytest.fixture(scope="module")
def frozen(real, tools, tmp_path_factory):
    store = tmp_path_factory.mktemp("store")
    account = make_account(real.select("Shanghai"), tools, Options(year=2007))
    edition = freeze(account, store, tools.pack)
    return store, account, edition


def test_every_row_is_recomputed_to_the_same_digits(frozen):
    store, account, edition = frozen
    answer = payload(account, edition.id)
    for row in answer["rows"][::7]:
        found = explain(row["code"], store, EXPLAINERS)
        assert found.equal, row
        assert found.value == (row["co2_t"] if "co2" in row["counted"] else row["tce_calorific"])
        assert found.about["co2"] == row["co2_t"]
        assert found.inputs[0].place in row["derived_from"]


def test_a_row_goes_down_to_cell_and_cited_parameters(frozen):
    store, account, edition = frozen
    rows = payload(account, edition.id)["rows"]
    row = next(r for r in rows if (r["row"], r["carrier"]) == (26, "diesel"))
    found = explain(row["code"], store, EXPLAINERS)
    assert found.inputs[0].value == 131.0
    assert found.inputs[0].place.startswith("ebt_2007_8provinces_physical.csv!!E")
    parts = {term.name: term for term in found.inputs[1].terms}
    assert parts["ncv"].value == 43.0
    assert parts["co2_per_energy"].value == 74100
    assert all("IPCC" in term.source for term in parts.values())
    assert found.value == pytest.approx(131.0e4 * 43.0 * 74.1 / 1000, rel=1e-15)


def test_totals_and_carriers_are_sums_of_rows(frozen):
    store, account, edition = frozen
    answer = payload(account, edition.id)
    for code, value in [
        (answer["total"]["code"], answer["total"]["co2_t"]),
        *((c["code"], c["co2_t"]) for c in answer["carriers"]),
    ]:
        found = explain(code, store, EXPLAINERS)
        assert (found.value, found.equal) == (value, True)


def test_the_same_account_is_the_same_edition(frozen, real, tools):
    store, _, edition = frozen
    again = make_account(real.select("Shanghai"), tools, Options(year=2007))
    assert freeze(again, store, tools.pack).id == edition.id
    make_account(real.select("Beijing"), tools, Options("cn27", year=2007))
    after = make_account(real.select("Shanghai"), tools, Options(year=2007))
    assert freeze(after, store, tools.pack).id == edition.id
    assert not any("cn27" in part.id for part in after.parameters)
    other = make_account(real.select("Shanghai"), tools, Options(year=2007, bunkers="exclude"))
    assert freeze(other, store, tools.pack).id != edition.id


def test_a_changed_edition_is_not_equal(frozen, tmp_path):
    _, account, edition = frozen
    copy = tmp_path / edition.id
    copy.mkdir()
    for path in edition.folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    cells = pl.read_parquet(copy / "cells.parquet")
    cells.with_columns(value=pl.col("value") * 2).write_parquet(copy / "cells.parquet")
    assert verify_edition(open_edition(tmp_path, edition.id))
    code = payload(account, edition.id)["rows"][0]["code"]
    assert not explain(code, tmp_path, EXPLAINERS).equal


def test_factors_of_a_file_are_explained_by_their_cell(real, tools, tmp_path, factor_file):
    path = factor_file("diesel,,3.1,tCO2/t", "gasoline,22,3,tCO2/t")
    options = Options(factors=str(path), year=2007)
    account = make_account(real.select("Shanghai"), tools, options)
    edition = freeze(account, tmp_path / "store", tools.pack)
    answer = payload(account, edition.id)
    row = next(r for r in answer["rows"] if (r["row"], r["carrier"]) == (26, "diesel"))
    assert "factors.csv!!C2" in row["derived_from"]
    found = explain(row["code"], tmp_path / "store", EXPLAINERS)
    assert found.equal
    assert found.inputs[1].terms[0].place == "factors.csv!!C2"
    total = explain(answer["total"]["code"], tmp_path / "store", EXPLAINERS)
    assert (total.value, total.recomputed, total.equal) == (None, None, True)
