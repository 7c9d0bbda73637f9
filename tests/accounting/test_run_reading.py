"""Files of activity: encodings, kinds, names, corrections, periods that repeat each other."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounting.run_cases import Accounts, row, write

from dualcarbon.accounting import reading
from dualcarbon.accounting.overlaps import settle
from dualcarbon.errors import InputError
from dualcarbon.periods import Period

DIESEL = 3_186_300  # grams CO2 a tonne
CHINESE = {
    "subject_kind": "对象类别",
    "subject": "对象",
    "carrier": "能源品种",
    "flow": "环节",
    "period": "期间",
    "quantity": "数量",
    "unit": "计量单位",
}


def chinese() -> list[dict[str, object]]:
    one = row("柴油", 10, "吨", flow="消费", kind="区", subject="浦东新区", period="2023年5月")
    two = row("电力", 2, "万千瓦时", flow="消费", kind="全市", subject="上海", period="2023年1-5月")
    return [{CHINESE[name]: value for name, value in line.items()} for line in (one, two)]


def write_chinese(path: Path, encoding: str) -> Path:
    lines = [",".join(CHINESE.values())]
    lines += [",".join(str(value) for value in line.values()) for line in chinese()]
    path.write_text("\n".join(lines), encoding=encoding)
    return path


class TestKinds:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_chinese_headers_and_names_in_every_encoding(self, accounts, tmp_path, encoding):
        made = accounts.files(write_chinese(tmp_path / "活动.csv", encoding))
        (area,) = made.table("totals").filter(gas="CO2", scope=1).to_dicts()
        assert (area["subject_kind"], area["subject"]) == ("area", "310115")
        assert (area["period"], area["grams"]) == ("2023", 10 * DIESEL)
        (city,) = made.table("totals").filter(gas="CO2", scope=2).to_dicts()
        assert (city["subject_kind"], city["subject"]) == ("city", "310000")
        assert city["grams"] == 2 * 5_737_000

    def test_a_workbook_and_parquet_say_the_same(self, accounts: Accounts, tmp_path: Path):
        frame = pl.DataFrame(chinese())
        frame.write_excel(tmp_path / "activity.xlsx")
        frame.write_parquet(tmp_path / "activity.parquet")
        made = [accounts.files(tmp_path / f"activity.{kind}") for kind in ("xlsx", "parquet")]
        totals = [one.table("totals") for one in made]
        assert totals[0].equals(totals[1])
        assert totals[0].filter(gas="CO2", scope=1)["grams"].to_list() == [10 * DIESEL]

    def test_large_parquet_is_read_in_slices(self, accounts: Accounts, tmp_path: Path, monkeypatch):
        rows = [row("diesel", n, "t", item=f"{n}") for n in range(1, 24)]
        rows[17] = {**rows[17], "quantity": None}
        rows[5] = {**rows[5], "subject": "Nowhere", "subject_kind": "area"}
        rows.append(rows[0])
        path = tmp_path / "large.parquet"
        pl.DataFrame(rows).write_parquet(path)
        whole = accounts.files(path)
        monkeypatch.setattr(reading, "SLICE", 5)
        sliced = accounts.files(path)
        assert sliced.edition.id == whole.edition.id
        wanted = (sum(range(1, 24)) - 18 - 6) * DIESEL
        assert sliced.grams("CO2", 1) == wanted
        empty = [one for one in sliced.findings if one.rule == "tables.cell_empty"]
        assert [(one.place.row, one.place.cell) for one in empty] == [(19, "F19")]
        unknown = [one for one in sliced.findings if one.rule == "accounting.subject_unknown"]
        assert [one.place.cell for one in unknown] == ["B7"]

    def test_a_folder_is_all_its_files(self, accounts: Accounts, tmp_path: Path):
        (tmp_path / "data" / "2023").mkdir(parents=True)
        write(tmp_path / "data" / "a.csv", [row("diesel", 1, "t")])
        write(tmp_path / "data" / "2023" / "b.csv", [row("diesel", 2, "t", item="b")])
        made = accounts.files(tmp_path / "data")
        assert made.grams("CO2", 1) == 3 * DIESEL
        assert made.table("files")["name"].sort().to_list() == ["a.csv", "b.csv"]

    def test_a_row_leads_back_to_its_cell(self, accounts: Accounts):
        made = accounts.of(row("diesel", 1, "t"), row("gasoline", 2, "t"))
        files = {one["file"]: one["name"] for one in made.table("files").to_dicts()}
        one = made.row(1)
        assert (files[one["file"]], one["source_row"], one["quantity"]) == ("activity-1.csv", 3, 2)


class TestAttributes:
    def test_an_area_row_is_of_that_area_and_an_industry_row_of_that_industry(self, accounts):
        made = accounts.of(
            row("diesel", 1, "t", kind="area", subject="黄浦区"),
            row("diesel", 1, "t", kind="industry", subject="26"),
            row("diesel", 1, "t", kind="area", subject="黄浦区", area="徐汇区", item="b"),
        )
        keys = {one["key"]: one for one in made.table("keys").to_dicts()}
        found = [keys[made.row(n)["key"]] for n in range(3)]
        assert [one["area"] for one in found] == ["310101", "", "310104"]
        assert [one["industry"] for one in found] == ["", "26", ""]
        assert found[1]["sector_from"] == "industry"

    def test_a_correction_may_move_a_row_to_another_industry(self, accounts: Accounts):
        made = accounts.of(
            row("diesel", 1, "t", industry="26", recorded_at="2023-06-01"),
            row("diesel", 1, "t", industry="H", recorded_at="2023-07-01"),
        )
        assert made.grams("CO2", 1) == DIESEL
        assert made.table("keys").filter(industry="H")["sector_used"].to_list() == ["commercial"]

    def test_meters_are_told_apart_by_item(self, accounts: Accounts):
        made = accounts.of(*(row("diesel", 1, "t", item=f"meter {n}") for n in range(3)))
        assert made.grams("CO2", 1) == 3 * DIESEL


class TestCorrections:
    def rows(self) -> list[dict[str, object]]:
        return [
            row("diesel", 10, "t", recorded_at="2023-06-10", vintage="preliminary"),
            row("diesel", 12, "t", recorded_at="2023-07-10", vintage="preliminary"),
            row("diesel", 11, "t", recorded_at="2023-07-10", vintage="final"),
            row("diesel", 9, "t", recorded_at="2024-01-10", vintage="final"),
            row("diesel", 1, "t", recorded_at="2023-06-10", item="b"),
        ]

    @pytest.mark.parametrize(
        ("on", "tonnes"),
        [
            ("2023-06-10", 11),
            ("2023-07-09", 11),
            ("2023-07-10", 12),
            ("2024-01-09", 12),
            ("2024-01-10", 10),
            (None, 10),
        ],
    )
    def test_c4_1_what_was_recorded_later_is_not_known(self, accounts, on, tonnes):
        day = dt.date.fromisoformat(on) if on else None
        rows = self.rows()
        one = accounts.of(*rows, as_of=day)
        assert one.grams("CO2", 1) == tonnes * DIESEL
        paths = [accounts.file([line]) for line in reversed(rows)]
        several = accounts.files(*paths, as_of=day)
        assert several.grams("CO2", 1) == tonnes * DIESEL

    def test_facts_that_were_made_before_keep_every_version(self, accounts: Accounts, facts):
        parts = facts(self.rows())
        known = {
            day: accounts.files(parts, as_of=dt.date(*day)) for day in [(2023, 6, 30), (2024, 2, 1)]
        }
        assert [one.grams("CO2", 1) for one in known.values()] == [11 * DIESEL, 10 * DIESEL]

    def test_nothing_known_yet_is_an_error(self, accounts: Accounts):
        with pytest.raises(InputError) as caught:
            accounts.of(*self.rows(), as_of=dt.date(2023, 1, 1))
        assert caught.value.findings[0].rule == "accounting.not_known"
        assert list(accounts.store.iterdir()) == []

    def test_contradictions_are_refused_and_repeats_counted_once(self, accounts: Accounts):
        day = {"recorded_at": "2023-06-10"}
        paths = [
            accounts.file([row("diesel", 10, "t", **day), row("gasoline", 5, "t", **day)]),
            accounts.file([row("diesel", 11, "t", **day), row("gasoline", 5, "t", **day)]),
        ]
        made = accounts.files(*paths)
        assert made.totals("CO2", 1)[0]["rows"] == 1
        clash = [one for one in made.findings if one.rule == "accounting.contradiction"]
        assert [one.place.file for one in clash] == [path.name for path in paths]
        (repeat,) = [one for one in made.findings if one.rule == "accounting.repeated"]
        assert repeat.found == 1

    def test_the_same_file_twice_counts_once(self, accounts: Accounts):
        path = accounts.file([row("diesel", 10, "t")])
        assert accounts.files(path, path).grams("CO2", 1) == 10 * DIESEL


class TestPeriods:
    def test_c6_5_finer_rows_stand_where_they_cover_the_coarser(self, accounts: Accounts):
        months = [row("diesel", 1, "t", period=f"2023-{m:02d}") for m in range(1, 7)]
        made = accounts.of(*months, row("diesel", 7, "t", period="2023-01..06"))
        assert made.grams("CO2", 1) == 6 * DIESEL
        (said,) = [one for one in made.findings if one.rule == "accounting.periods_overlap"]
        assert said.found == "2023-01..06"
        made = accounts.of(*months[1:], row("diesel", 7, "t", period="2023-01..06"))
        assert made.grams("CO2", 1) == 7 * DIESEL

    def test_what_overlaps_in_part_is_refused(self, accounts: Accounts):
        made = accounts.of(
            row("diesel", 1, "t", period="2023-01..03"),
            row("diesel", 1, "t", period="2023-03..05"),
            row("diesel", 1, "t", period="2023-07"),
        )
        assert made.grams("CO2", 1) == DIESEL
        assert "accounting.periods_clash" in made.rules("error")

    def test_the_first_quarter_in_two_spellings_is_one(self, accounts: Accounts):
        made = accounts.of(
            row("diesel", 3, "t", period="2023-Q1", recorded_at="2023-04-10"),
            row("diesel", 4, "t", period="2023-01..03", recorded_at="2023-05-10"),
        )
        assert made.grams("CO2", 1) == 4 * DIESEL

    def test_a_repeat_that_was_not_known_yet_does_not_push_out_what_was(self, accounts: Accounts):
        months = [
            row("diesel", 1, "t", period=f"2023-{m:02d}", recorded_at="2023-09-01")
            for m in range(1, 7)
        ]
        half = row("diesel", 7, "t", period="2023-01..06", recorded_at="2023-07-10")
        day = dt.date(2023, 8, 1)
        assert accounts.of(half, *months, as_of=day).grams("CO2", 1) == 7 * DIESEL
        assert accounts.of(half, *months).grams("CO2", 1) == 6 * DIESEL

    def test_figures_hold_all_rows_inside_their_period(self, accounts: Accounts):
        """Diesel by month, electricity by quarter: no month knows its electricity."""
        rows = [row("diesel", m, "t", period=f"2023-{m:02d}") for m in range(1, 5)]
        rows += [row("electricity", 1, "MWh", period="2023-Q1")]
        made = accounts.of(*rows)
        figures = made.table("figures").filter(indicator="co2_total")
        found = dict(figures.select("period", "value").iter_rows())
        quarter = 6 * DIESEL + 573_700
        assert found == {
            "2023-Q1": quarter / 10**6,
            "2023-04": 4 * DIESEL / 10**6,
            "2023": (quarter + 4 * DIESEL) / 10**6,
        }
        scope1 = made.table("figures").filter(indicator="ghg_scope1")
        assert set(scope1["period"]) >= {"2023-01", "2023-02", "2023-03", "2023-04", "2023"}

    @given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=7))
    def test_no_month_counts_twice(self, spans: list[tuple[int, int]]):
        periods = [Period((2023, a), (2023, b)) for a, b in spans if a <= b]
        left, clash = settle(periods)
        kept = set(periods) - set(left) - set(clash)
        months = [month for one in kept for month in one.months]
        assert len(months) == len(set(months))
        if not clash:
            assert set(months) == {month for one in periods for month in one.months}


class TestFactsMadeApart:
    def test_a_correction_beside_facts_is_refused(self, accounts: Accounts, facts):
        parts = facts([row("diesel", 10, "t", recorded_at="2023-06-10")])
        later = accounts.file([row("diesel", 12, "t", recorded_at="2023-07-10")])
        with pytest.raises(InputError) as caught:
            accounts.files(parts, later)
        assert caught.value.findings[0].rule == "accounting.facts_twice"

    def test_a_year_beside_facts_of_its_months_is_refused(self, accounts: Accounts, facts):
        parts = facts([row("diesel", 10, "t", period="2023-05")])
        year = accounts.file([row("diesel", 120, "t", period="2023")])
        with pytest.raises(InputError):
            accounts.files(parts, year)

    def test_other_series_and_months_go_together(self, accounts: Accounts, facts):
        parts = facts([row("diesel", 10, "t")])
        other = accounts.file(
            [row("diesel", 1, "t", item="b"), row("diesel", 2, "t", period="2023-06")]
        )
        assert accounts.files(parts, other).grams("CO2", 1) == 13 * DIESEL
