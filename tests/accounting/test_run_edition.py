"""What a run leaves behind: an edition that explains itself, or nothing at all."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from tests.accounting.run_cases import Account, Accounts, F, Row, row

from dualcarbon.accounting import engines
from dualcarbon.accounting.run_explain import EXPLAINERS
from dualcarbon.editions import explain, open_edition, verify_edition, write_edition
from dualcarbon.errors import InputError, UsageError
from dualcarbon.packs import load_pack


def months(last: int = 4, year: int = 2023) -> list[Row]:
    fuels = [("diesel", "t"), ("raw_coal", "t"), ("electricity", "MWh"), ("firewood", "t")]
    rows = [
        row(carrier, 10 * m + n, unit, period=f"{year}-{m:02d}", subject=who)
        for m in range(1, last + 1)
        for n, (carrier, unit) in enumerate(fuels)
        for who in ("E1", "E2")
    ]
    released = [row("SF6", m, "kg", flow="emission", period=f"{year}-{m:02d}") for m in (1, 2)]
    return rows + released


def everything_explained(made: Account) -> int:
    """Explain every row of every table that has codes; gives how many."""
    count = 0
    for table in ("rows", "cube", "totals", "figures"):
        frame = made.table(table)
        for index in range(frame.height):
            code = f"{made.edition.id}:{table}:{index}"
            found = explain(code, made.edition.folder.parent, EXPLAINERS)
            assert found.equal, code
            assert found.recomputed == found.value, code
            count += 1
    return count


class TestExplain:
    def test_everything_recomputes_equal(self, accounts: Accounts):
        own = accounts.overrides(
            {"name": "ncv", "value": 21, "unit": "GJ/t", "carrier": "raw_coal", "enterprise": "E1"},
            {
                "name": "pollutant_coefficient",
                "value": 2,
                "unit": "kg/t",
                "gas": "SO2",
                "carrier": "raw_coal",
            },
            {"name": "removal_efficiency", "value": 95, "unit": "%", "gas": "SO2"},
            {"name": "operating_rate", "value": "0.97", "unit": "1", "gas": "SO2"},
        )
        made = accounts.of(*months(), overrides=own, gwp="AR6")
        assert everything_explained(made) > 100

    def test_mixed_periods_corrections_and_gaps(self, accounts: Accounts):
        rows = [*months(3), row("diesel", 5, "t", period="2023-Q2"), row("diesel", 4, "m3")]
        rows += [{**rows[0], "quantity": 3, "recorded_at": "2024-02-01"}]
        rows += [row("gasoline", 1, "t", flow="sale"), row("other_energy", 3, "tce")]
        rows += [row("CH4", 3, "kg", flow="emission"), row("heat", 3, "GJ")]
        made = accounts.of(*rows)
        assert everything_explained(made) > 50

    def test_a_row_names_quantity_parameters_place_and_source(self, accounts: Accounts):
        made = accounts.of(row("diesel", 2, "kt"))
        found = explain(f"{made.edition.id}:rows:0", made.edition.folder.parent, EXPLAINERS)
        assert found.value == 6372.6
        quantity = found.inputs[0]
        assert (quantity.value, quantity.unit, quantity.place) == (2, "kt", "activity-1.csv!!F2")
        terms = {one.name: one for one in found.inputs[1:]}
        assert [part.name for part in terms["co2"].terms] == ["ncv", "co2_per_energy"]
        product = F(1)
        for part in terms["co2"].terms:
            product *= F(str(part.value))
        assert product == F("43.0") * 74_100
        assert all(part.source for part in terms["co2"].terms)

    def test_the_edition_alone_is_enough(self, accounts: Accounts, tmp_path: Path):
        made = accounts.of(*months())
        elsewhere = tmp_path / "elsewhere"
        shutil.copytree(made.edition.folder, elsewhere / made.edition.id)
        shutil.rmtree(accounts.store)
        for table in ("rows", "cube", "totals", "figures"):
            assert explain(f"{made.edition.id}:{table}:0", elsewhere, EXPLAINERS).equal

    def test_a_changed_amount_does_not_recompute(self, accounts: Accounts):
        made = accounts.of(*months())
        path = made.edition.paths("rows")[0]
        changed = pl.read_parquet(path).with_columns(co2=pl.col("co2") + 1)
        changed.write_parquet(path)
        found = [
            explain(f"{made.edition.id}:totals:{n}", accounts.store, EXPLAINERS) for n in range(3)
        ]
        assert not all(one.equal for one in found)
        assert [one.rule for one in verify_edition(made.edition)] == ["editions.changed"]

    @pytest.mark.parametrize("name", ["totals.parquet", "rows/00000.parquet", "manifest.json"])
    def test_a_damaged_file_is_noticed(self, accounts: Accounts, name: str):
        made = accounts.of(*months())
        assert verify_edition(made.edition) == []
        path = made.edition.folder / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
        assert [one.rule for one in verify_edition(made.edition)] == ["editions.changed"]


class TestNothingHalfWritten:
    def test_an_engine_that_breaks_in_the_middle(self, accounts: Accounts, monkeypatch):
        whole = engines.DuckDB.compute
        calls: list[int] = []

        def breaks(self, piece, work, rows, cube):
            calls.append(1)
            if len(calls) == 3:
                raise RuntimeError("the disk is full")
            whole(self, piece, work, rows, cube)

        monkeypatch.setattr(engines.DuckDB, "compute", breaks)
        with pytest.raises(RuntimeError):
            accounts.of(*months())
        assert list(accounts.store.iterdir()) == []

    def test_a_broken_table_leaves_nothing(self, accounts: Accounts, monkeypatch):
        def breaks(*_, **__):
            raise OSError("no space left")

        monkeypatch.setattr("dualcarbon.accounting.run.tables_of", breaks)
        with pytest.raises(OSError, match="no space"):
            accounts.of(*months())
        assert list(accounts.store.iterdir()) == []

    def test_input_files_are_left_as_they_were(self, accounts: Accounts, facts):
        folder = facts(months())
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        accounts.files(folder)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


class TestOnto:
    """Computing one month onto an edition gives what computing all of them gives."""

    def tables(self, made: Account) -> dict[str, list[dict[str, object]]]:
        names = ("totals", "figures", "coefficients", "keys", "cube", "rows")
        return {name: made.table(name).to_dicts() for name in names}

    def test_a_further_month(self, accounts: Accounts, tmp_path: Path):
        paths = [
            accounts.file([one for one in months(4) if one["period"] == f"2023-{m:02d}"])
            for m in range(1, 5)
        ]
        old = accounts.files(*paths[:3])
        new = accounts.files(*paths, parent=old.edition)
        full = Accounts(tmp_path / "other")
        full.folder.mkdir()
        whole = full.files(*paths)
        assert (new.run.linked, new.run.computed) == (3, 1)
        assert new.edition.manifest["parent"] == old.edition.id
        assert self.tables(new) == self.tables(whole)
        assert verify_edition(new.edition) == verify_edition(old.edition) == []
        shutil.rmtree(old.edition.folder)
        assert everything_explained(new) > 50

    def test_a_correction_computes_its_month_alone(self, accounts: Accounts, facts):
        rows = [{**one, "recorded_at": "2023-06-01"} for one in months(4)]
        later = {**rows[0], "quantity": 99, "recorded_at": "2023-07-01"}
        old = accounts.files(facts(rows))
        assert old.run.linked == 0
        path = accounts.file([*rows, later])
        new = accounts.files(path, parent=accounts.files(accounts.file(rows)).edition)
        assert new.run.linked == 0  # another file: its rows have other places
        again = accounts.files(path, parent=new.edition)
        assert (again.run.linked, again.run.computed) == (4, 0)

    @pytest.mark.parametrize(
        "changed", [{"gwp": "AR6"}, {"sets": {"ncv": "cesy2008"}}, {"engine": "polars"}]
    )
    def test_what_could_change_a_number_is_computed_again(self, accounts: Accounts, changed):
        path = accounts.file(months())
        old = accounts.files(path)
        new = accounts.files(path, parent=old.edition, **changed)
        assert new.run.linked == 0
        assert new.table("totals").equals(accounts.files(path, **changed).table("totals"))

    def test_a_parameter_of_one_month_moves_that_month_alone(self, accounts: Accounts):
        path = accounts.file(months())
        old = accounts.files(path)
        own = accounts.overrides(
            {
                "name": "ncv",
                "value": 21,
                "unit": "GJ/t",
                "carrier": "raw_coal",
                "valid_from": "2023-03-01",
                "valid_to": "2023-03-31",
            }
        )
        new = accounts.files(path, overrides=own, parent=old.edition)
        assert (new.run.linked, new.run.computed) == (3, 1)
        assert new.grams("CO2", 1, subject="E1") != old.grams("CO2", 1, subject="E1")

    def test_an_edition_of_another_room_is_refused(self, accounts: Accounts):
        frame = pl.DataFrame({"a": [1]})
        other = write_edition(
            accounts.store,
            room="standing",
            tables={"a": frame},
            inputs=[],
            parameters=[],
            pack=load_pack("world"),
            options={},
        )
        with pytest.raises(UsageError) as caught:
            accounts.of(*months(), parent=other)
        assert caught.value.findings[0].rule == "accounting.onto"


def test_the_manifest_says_what_went_in(accounts: Accounts):
    own = accounts.overrides({"name": "ncv", "value": 21, "unit": "GJ/t", "carrier": "raw_coal"})
    made = accounts.of(*months(), overrides=own, period="2023-02", gwp="AR4")
    manifest = json.loads((made.edition.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["options"]["period"] == "2023-02"
    assert manifest["options"]["gwp"] == "AR4"
    assert [one["file"] for one in manifest["inputs"]] == ["activity-2.csv", "overrides-1.csv"]
    assert all(len(one["sha256"]) == 64 for one in manifest["inputs"])
    used = {one["name"] for one in manifest["parameters"]}
    assert {"ncv", "co2_per_energy", "gwp100", "grid_co2", "standard_coal"} <= used
    assert set(manifest["packs"]) == {"shanghai", "china", "world"}
    assert open_edition(accounts.store, made.edition.id).table("totals").height
    assert set(made.table("totals")["period"]) == {"2023-02"}


def test_a_period_takes_what_lies_inside(accounts: Accounts):
    rows = [*months(4), row("diesel", 100, "t", period="2023-03..05", item="b")]
    made = accounts.of(*rows, period="2023-Q1")
    wanted = sum(one["quantity"] for one in months(3) if one["carrier"] == "diesel") * 3_186_300
    diesel = made.table("rows").join(
        made.table("keys").filter(carrier="diesel").select("key"), on="key", how="semi"
    )
    assert diesel["co2"].sum() == wanted
    assert set(made.table("totals")["period"]) == {"2023-Q1"}
    with pytest.raises(InputError) as caught:
        accounts.of(*rows, period="2024")
    assert caught.value.findings[0].rule == "accounting.no_period"
