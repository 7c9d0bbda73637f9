"""What must change no digit: engine, order, files, slices, threads, meters; and every cut's sum."""

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.accounting.run_cases import Account, Accounts, F, Row, pack, row

from dualcarbon.accounting import engines
from dualcarbon.accounting.engine import round_grams
from dualcarbon.accounting.run import RunOptions, run
from dualcarbon.errors import UsageError

OWN = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
FUELS = [
    ("diesel", "t", "use"),
    ("raw_coal", "10^4 t", "conversion_in"),
    ("coke", "t", "conversion_out"),
    ("electricity", "MWh", "use"),
    ("electricity", "10^4 kWh", "production"),
    ("wood_wood_waste", "kg", "use"),
    ("SF6", "kg", "emission"),
    ("clinker", "t", "production"),
    ("diesel", "m3", "use"),
    ("gasoline", "t", "sale"),
]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(FUELS),
        st.floats(0, 1e7, allow_nan=False).map(lambda x: round(x, 3)),
        st.integers(1, 4),
        st.sampled_from(["E1", "E2", "E3"]),
    ),
    min_size=1,
    max_size=25,
)


def rows_of(drawn: list[Any]) -> list[Row]:
    return [
        row(carrier, quantity, unit, flow=flow, period=f"2023-{m:02d}", subject=who, item=f"{n}")
        for n, ((carrier, unit, flow), quantity, m, who) in enumerate(drawn)
    ]


def many(count: int, seed: int = 7) -> list[Row]:
    dice = random.Random(seed)
    drawn = [
        (dice.choice(FUELS), round(dice.uniform(0, 1e5), 3), dice.randint(1, 4), f"E{n % 5}")
        for n in range(count)
    ]
    return rows_of(drawn)


TABLES = ("totals", "figures", "coefficients", "keys", "measures")
BY_ROW = ["file", "source_row", "key"]


def numbers(made: Account, *, by: list[str] = BY_ROW) -> dict[str, Any]:
    """Give every number of an account, in an order that does not depend on how it was made."""
    small = {name: made.table(name).drop("measures", strict=False) for name in TABLES}
    found = {name: frame.sort(frame.columns[:5]) for name, frame in small.items()}
    found["cube"] = made.table("cube").sort("subject_kind", "subject", "key")
    found["rows"] = made.table("rows").sort(by)
    return {name: frame.select(sorted(frame.columns)).to_dicts() for name, frame in found.items()}


class TestSums:
    @OWN
    @given(ROWS)
    def test_c5_2_totals_equal_their_parts_on_every_cut(self, tmp_path: Path, drawn):
        made = Accounts(tmp_path).of(*rows_of(drawn))
        rows, cube, keys = made.table("rows"), made.table("cube"), made.table("keys")
        ids = made.table("measures")["measure"].to_list()
        if not ids:  # nothing but flows that count for nothing
            assert made.table("totals").height == rows.height == 0
            return
        whole = rows.select(pl.col(ids).sum()).row(0)
        assert cube.select(pl.col(ids).sum()).row(0) == whole
        joined = rows.join(keys.select("key", "carrier", "period"), on="key")
        for cut in ("subject", "carrier", "period"):
            parts = joined.group_by(cut).agg(pl.col(ids).sum())
            assert parts.select(pl.col(ids).sum()).row(0) == whole
        totals = made.table("totals").filter(pl.col("part_of").is_null())
        assert (totals["grams"].sum() or 0) == sum(whole)
        gaps = {one["gas"]: one["unmatched"] for one in totals.to_dicts() if one["subject"] == "E1"}
        assert all(count >= 0 for count in gaps.values())

    @OWN
    @given(ROWS)
    def test_c5_1_every_row_is_one_product_rounded_once(self, tmp_path: Path, drawn):
        made = Accounts(tmp_path).of(*rows_of(drawn))
        per_unit = {
            (one["key"], one["measure"]): one["grams"]
            for one in made.table("coefficients").iter_rows(named=True)
        }
        for one in made.table("rows").to_dicts():
            for measure in made.table("measures")["measure"]:
                size = per_unit.get((one["key"], measure))
                wanted = None if size is None else round_grams(one["quantity"] * size)
                assert one[measure] == wanted

    @OWN
    @given(st.floats(0.001, 1e6), st.floats(0, 1), st.sampled_from(FUELS[:8]))
    def test_two_meters_for_one_change_a_total_by_a_gram_at_most(self, tmp_path, size, share, fuel):
        carrier, unit, flow = fuel
        parts = [size * share, size - size * share]
        accounts = Accounts(tmp_path)
        one = accounts.of(row(carrier, size, unit, flow=flow)).table("totals")
        two = accounts.of(
            *(row(carrier, part, unit, flow=flow, item=f"{n}") for n, part in enumerate(parts))
        ).table("totals")
        assert one["gas"].to_list() == two["gas"].to_list()
        for a, b in zip(one["grams"], two["grams"], strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                assert abs(F(a) - F(b)) <= 1 + abs(a) * F(1, 2**52)


class TestOrder:
    def test_order_of_rows_and_division_into_files(self, accounts: Accounts):
        rows = many(120)
        shuffled = list(rows)
        random.Random(3).shuffle(shuffled)
        base = numbers(accounts.of(*rows), by=["item"])
        apart = accounts.files(*(accounts.file(rows[n::4]) for n in range(4)))
        for other in (accounts.of(*shuffled), apart):
            found = numbers(other, by=["item"])
            for name in (*TABLES, "cube"):
                assert found[name] == base[name], name
            plain = [
                [{k: v for k, v in one.items() if k not in ("file", "source_row")} for one in made]
                for made in (found["rows"], base["rows"])
            ]
            assert plain[0] == plain[1]

    def test_slices_and_threads(self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch):
        path = accounts.file(many(200))
        base = accounts.files(path)
        monkeypatch.setattr("dualcarbon.accounting.run.os.cpu_count", lambda: 1)
        assert accounts.files(path).edition.id == base.edition.id
        wide = engines.DuckDB(8)
        wide.slice_rows = 7
        monkeypatch.setattr("dualcarbon.accounting.run.engine_of", lambda *_: wide)
        sliced = accounts.files(path)
        assert sliced.run.computed > 20
        assert {k: v for k, v in numbers(sliced).items() if k != "cube"} == {
            k: v for k, v in numbers(base).items() if k != "cube"
        }
        assert accounts.files(path).edition.id == sliced.edition.id

    def test_c4_4_the_same_input_gives_the_same_id(self, accounts: Accounts):
        path = accounts.file(many(3000))
        for engine in ("duckdb", "polars"):
            ids = {accounts.files(path, engine=engine).edition.id for _ in range(3)}
            assert len(ids) == 1, engine
        assert len(list(accounts.store.iterdir())) == 2


class TestEngines:
    @OWN
    @given(ROWS)
    def test_duckdb_and_polars_agree(self, tmp_path: Path, drawn):
        accounts = Accounts(tmp_path)
        path = accounts.file(rows_of(drawn))
        one, other = (accounts.files(path, engine=name) for name in ("duckdb", "polars"))
        assert numbers(one) == numbers(other)

    def test_with_corrections_overrides_and_a_day(self, accounts: Accounts):
        made = self.compare(accounts, ("duckdb", "polars"))
        assert made[0] == made[1]

    def compare(self, accounts: Accounts, names: tuple[str, ...]) -> list[dict[str, Any]]:
        drawn = [one for one in many(120) if str(one["period"]) <= "2023-02"]
        rows = [{**one, "recorded_at": "2023-06-01"} for one in drawn]
        rows += [{**one, "recorded_at": "2023-08-01", "quantity": 5} for one in rows[::7]]
        rows += [{**one, "recorded_at": "2024-08-01", "quantity": 6} for one in rows[::9]]
        path = accounts.file(rows)
        own = accounts.overrides(
            {"name": "ncv", "value": 40, "unit": "GJ/t", "carrier": "diesel", "enterprise": "E1"}
        )
        given = {"overrides": own, "as_of": dt.date(2023, 12, 31), "gwp": "AR6"}
        return [numbers(accounts.files(path, engine=name, **given)) for name in names]


class TestSpark:
    def test_spark_gives_the_same_integers(self, accounts: Accounts, spark):
        made = TestEngines().compare(accounts, ("duckdb", "spark"))
        assert made[0] == made[1]


def test_another_engine_is_refused_by_name(tmp_path: Path):
    path = Accounts(tmp_path).file([row("diesel", 1, "t")])
    with pytest.raises(UsageError):
        run([path], pack(), RunOptions(engine="excel"), tmp_path / "store")
