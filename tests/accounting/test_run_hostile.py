"""Bad and hostile input: exit 2 with finding and place, and nothing is written."""

import json
from pathlib import Path

import polars as pl
import pytest
from tests.accounting.run_cases import COLUMNS, Accounts, pack, row, write

from dualcarbon.accounting import facts as facts_module
from dualcarbon.accounting.facts import is_facts, open_facts, open_part
from dualcarbon.accounting.run import RunOptions, run
from dualcarbon.accounting.substances import load_substances
from dualcarbon.errors import DualcarbonError, InputError, PackError, UsageError
from dualcarbon.packs import load_pack
from dualcarbon.subjects import load_words

UNKNOWN = "accounting.subject_unknown"


def refused(accounts: Accounts, *paths: Path, kind: type[DualcarbonError] = InputError, **options):
    """Give the findings of a run that must fail and leave nothing."""
    with pytest.raises(kind) as caught:
        accounts.files(*paths, **options)
    assert list(accounts.store.glob("*")) == []
    assert all(one.message_en and one.message_zh for one in caught.value.findings)
    return caught.value.findings


class TestFiles:
    @pytest.mark.parametrize("column", COLUMNS)
    def test_a_missing_column_is_named(self, accounts: Accounts, tmp_path: Path, column: str):
        lines = [{name: value for name, value in row("diesel", 1, "t").items() if name != column}]
        path = tmp_path / "activity.csv"
        pl.DataFrame(lines).write_csv(path)
        (said,) = refused(accounts, path)
        assert (said.rule, said.place.column) == ("tables.column_missing", column)

    @pytest.mark.parametrize(
        ("name", "content", "rule"),
        [
            ("empty.csv", b"", "tables.empty"),
            ("blank.csv", b"\n \n", "tables.empty"),
            ("noise.csv", bytes(range(256)) * 4, "tables.not_text"),
            ("noise.xlsx", b"PK\x03\x04 but no workbook", "tables.xlsx"),
            ("noise.parquet", b"PAR1 and nothing more", "tables.parquet"),
            ("empty.parquet", b"", "tables.parquet"),
            ("activity.docx", b"anything", "tables.kind"),
        ],
    )
    def test_what_is_no_table(self, accounts: Accounts, tmp_path: Path, name, content, rule):
        path = tmp_path / name
        path.write_bytes(content)
        assert refused(accounts, path)[0].rule == rule

    def test_a_header_without_rows_a_missing_file_and_an_empty_folder(self, accounts, tmp_path):
        assert refused(accounts, write(tmp_path / "a.csv", []))[0].rule == "accounting.no_facts"
        assert refused(accounts, tmp_path / "nowhere.csv")[0].rule == "tables.no_file"
        (tmp_path / "empty").mkdir()
        assert refused(accounts, tmp_path / "empty")[0].rule == "accounting.empty_folder"

    def test_a_column_of_parquet_that_is_no_number(self, accounts: Accounts, tmp_path: Path):
        path = tmp_path / "activity.parquet"
        frame = pl.DataFrame([row("diesel", 1, "t")]).with_columns(quantity=pl.lit(True))
        frame.write_parquet(path)
        assert refused(accounts, path)


class TestCells:
    @pytest.mark.parametrize(
        ("wrong", "rule", "column"),
        [
            ({"quantity": "NaN"}, "tables.not_number", "quantity"),
            ({"quantity": "inf"}, "tables.not_number", "quantity"),
            ({"quantity": "1e999"}, "tables.not_number", "quantity"),
            ({"quantity": "-"}, "tables.not_number", "quantity"),
            ({"quantity": ""}, "tables.cell_empty", "quantity"),
            ({"quantity": -5}, "accounting.negative", "quantity"),
            ({"carrier": "phlogiston"}, "tables.not_in_vocabulary", "carrier"),
            ({"flow": "burnt"}, "tables.not_in_vocabulary", "flow"),
            ({"unit": "bag"}, "tables.not_unit", "unit"),
            ({"period": "May"}, "tables.not_period", "period"),
            ({"period": "2023-13"}, "tables.not_period", "period"),
            (
                {"subject_kind": "area", "subject": "Mordor"},
                "accounting.subject_unknown",
                "subject",
            ),
            (
                {"subject_kind": "city", "subject": "北京市"},
                "accounting.subject_unknown",
                "subject",
            ),
            ({"sector": "aviation"}, "tables.not_in_vocabulary", "sector"),
            ({"area": "Mordor"}, "tables.not_in_vocabulary", "area"),
            ({"recorded_at": "yesterday"}, "tables.not_date", "recorded_at"),
        ],
    )
    def test_c1_2_a_bad_cell_is_named_and_its_row_left_out(self, accounts, wrong, rule, column):
        rows = [row("diesel", 1, "t"), {**row("diesel", 7, "t", item="b"), **wrong}]
        made = accounts.of(*rows)
        assert made.grams("CO2", 1) == 3_186_300
        (said,) = [one for one in made.findings if one.rule == rule]
        assert (said.severity, said.place.file) == ("error", "activity-1.csv")
        assert (said.place.row, said.place.column) == (3, column)
        assert said.place.cell

    def test_stock_may_fall(self, accounts: Accounts):
        made = accounts.of(row("diesel", -5, "t", flow="stock"), row("diesel", 1, "t"))
        assert "accounting.negative" not in made.rules()

    def test_parquet_with_nan_and_inf(self, accounts: Accounts, tmp_path: Path):
        sizes = [1.0, float("nan"), float("inf"), float("-inf"), None]
        rows = [row("diesel", size, "t", item=f"{n}") for n, size in enumerate(sizes)]
        path = tmp_path / "activity.parquet"
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(path)
        made = accounts.files(path)
        assert made.grams("CO2", 1) == 3_186_300
        places = [one.place.row for one in made.findings if one.rule == "tables.not_number"]
        assert places == [3, 4, 5]

    def test_many_unknown_subjects_are_counted(self, accounts: Accounts):
        rows = [row("diesel", 1, "t", kind="area", subject=f"X{n}") for n in range(50)]
        made = accounts.of(*rows, row("diesel", 1, "t"))
        assert made.rules().count("accounting.subject_unknown") == 20
        (more,) = [one for one in made.findings if one.rule == "accounting.more"]
        assert more.found == 30

    def test_texts_that_try_something(self, accounts: Accounts):
        texts = ["'; DROP TABLE facts; --", '=cmd|"/c calc"!A1', "../../etc/passwd", "a\x1fb", "🏭"]
        made = accounts.of(*(row("diesel", 1, "t", subject=text, equipment=text) for text in texts))
        assert made.table("totals").filter(gas="CO2", scope=1)["grams"].to_list() == [3_186_300] * 5
        assert set(made.table("rows")["subject"]) == set(texts)


class TestSizes:
    def test_what_does_not_fit_64_bits_is_refused_with_its_carrier(self, accounts: Accounts):
        for size in ("1e300", "3e12"):
            (said,) = refused(accounts, accounts.file([row("diesel", size, "t")]))
            assert (said.rule, said.place.column) == ("accounting.too_large", "diesel")

    def test_neither_does_a_sum_of_parts_that_fit(self, accounts: Accounts):
        rows = [
            row("diesel", "2e11", "t", subject=f"E{n}", period=f"2023-{n:02d}")
            for n in range(1, 13)
        ]
        assert refused(accounts, accounts.file(rows))[0].rule == "accounting.too_large"

    def test_what_is_large_and_fits_is_exact(self, accounts: Accounts):
        made = accounts.of(row("diesel", "1e11", "t"))
        assert made.grams("CO2", 1) == 3_186_300 * 10**11

    def test_a_size_that_counts_for_nothing_is_left_in_peace(self, accounts: Accounts):
        made = accounts.of(row("diesel", "1e300", "t", flow="sale"), row("diesel", 1, "t"))
        assert made.grams("CO2", 1) == 3_186_300


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "kind", "rule"),
        [
            ({"method": "guess"}, UsageError, "accounting.method"),
            ({"gwp": "AR9"}, UsageError, "accounting.parameter_set"),
            ({"sets": {"ncv": "none"}}, UsageError, "accounting.parameter_set"),
            ({"sets": {"nonsense": "cn27"}}, UsageError, "accounting.parameter_set"),
            ({"engine": "abacus"}, UsageError, "accounting.engine"),
            ({"period": "2031"}, InputError, "accounting.no_period"),
            ({"period": "soon"}, InputError, "periods.bad"),
        ],
    )
    def test_nonsense_is_refused(self, accounts: Accounts, options, kind, rule):
        path = accounts.file([row("diesel", 1, "t")])
        assert refused(accounts, path, kind=kind, **options)[0].rule == rule

    def test_a_pack_without_recipes_says_what_it_lacks(self, tmp_path: Path):
        folder = tmp_path / "packs" / "elsewhere"
        folder.mkdir(parents=True)
        text = "id: elsewhere\nname_zh: 别处\nname_en: Elsewhere\nextends: world\nkind: city\n"
        (folder / "pack.yaml").write_text(text, encoding="utf-8")
        alone = load_pack(str(folder))
        path = write(tmp_path / "a.csv", [row("diesel", 1, "t")])
        with pytest.raises(PackError) as caught:
            run([path], alone, RunOptions(), tmp_path / "store")
        (said,) = caught.value.findings
        assert said.rule == "accounting.no_recipe"
        assert "co2_electricity" in said.found
        assert not (tmp_path / "store").exists()


class TestFalseFacts:
    @pytest.fixture
    def part(self, facts) -> Path:
        (path,) = facts([row("diesel", 1, "t"), row("gasoline", 2, "t")]).iterdir()
        return path

    def rewrite(self, path: Path, frame: pl.DataFrame | None = None, **changes: str) -> Path:
        metadata = {**pl.read_parquet_metadata(path), **changes}
        (frame if frame is not None else pl.read_parquet(path)).write_parquet(
            path, metadata={k: v for k, v in metadata.items() if k.startswith("dualcarbon")}
        )
        return path

    def test_a_sound_part_is_used_where_it_lies(self, accounts: Accounts, part: Path):
        assert is_facts(part)
        assert accounts.files(part).totals("CO2", 1)[0]["rows"] == 2

    def test_a_mark_without_the_rest(self, accounts: Accounts, tmp_path: Path):
        path = tmp_path / "false.parquet"
        pl.DataFrame([row("diesel", 1, "t")]).write_parquet(
            path, metadata={"dualcarbon.facts": "1"}
        )
        (said,) = refused(accounts, path)
        assert (said.rule, said.place.file) == ("accounting.facts_footer", "false.parquet")

    @pytest.mark.parametrize(
        "keys",
        ["[]", "{}", "null", "[[1]]", "not json", '[[1,"a","b","c","d","e","f","g","h","i",2,3]]'],
    )
    def test_keys_that_do_not_fit(self, accounts: Accounts, part: Path, keys: str):
        assert refused(accounts, self.rewrite(part, **{"dualcarbon.keys": keys}))

    @pytest.mark.parametrize(
        ("name", "value"), [("dualcarbon.files", "[]"), ("dualcarbon.max_version", "many")]
    )
    def test_other_marks_that_do_not_fit(self, accounts, part, name, value):
        assert refused(accounts, self.rewrite(part, **{name: value}))

    def test_keys_of_a_carrier_that_is_none(self, accounts: Accounts, part: Path):
        keys = json.loads(pl.read_parquet_metadata(part)["dualcarbon.keys"])
        for key in keys:
            key[6] = "phlogiston"
            key[0] = facts_module.key_of(key[1:10])
        path = self.rewrite(part, **{"dualcarbon.keys": json.dumps(keys)})
        assert refused(accounts, path)[0].rule == "accounting.facts_foreign"

    def test_columns_that_are_missing_or_of_another_kind(self, accounts: Accounts, part: Path):
        frame = pl.read_parquet(part)
        assert refused(accounts, self.rewrite(part, frame.drop("item")))
        assert refused(accounts, self.rewrite(part, frame.cast({"quantity": pl.String})))

    def test_quantities_that_are_no_numbers(self, accounts: Accounts, part: Path):
        frame = pl.read_parquet(part).with_columns(quantity=pl.lit(float("nan")))
        for engine in ("duckdb", "polars"):
            said = refused(accounts, self.rewrite(part, frame), engine=engine)
            assert (said[0].rule, said[0].place.file) == ("accounting.engine_failed", part.name)

    def test_more_rows_than_the_mark_says(self, accounts: Accounts, part: Path):
        frame = pl.read_parquet(part)
        assert refused(accounts, self.rewrite(part, pl.concat([frame, frame])))

    def test_opening_reads_the_footer_alone(self, part: Path):
        opened = open_part(part)
        assert (opened.rows, opened.keys.height, opened.max_version) == (2, 2, 1)


def test_facts_of_a_bad_file_leave_no_folder(tmp_path: Path):
    path = tmp_path / "empty.csv"
    path.write_text("")
    words, substances = load_words(pack()), load_substances(pack())
    with pytest.raises(InputError):
        open_facts([path], words, substances, tmp_path / "out")
    assert not (tmp_path / "out").exists()
