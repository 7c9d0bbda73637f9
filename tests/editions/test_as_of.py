"""as_of against a plain loop, on three engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.editions.as_of import FEW, as_of

DAYS = [dt.date(2024, 1, day) for day in range(1, 7)]
SCHEMA = {
    "id": pl.Int64,
    "subject": pl.String,
    "day": pl.Date,
    "recorded_at": pl.Date,
    "version": pl.Int64,
}
Row = tuple[Any, ...]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from([*DAYS[:2], None]),
        st.sampled_from([*DAYS, None]),
    ),
    max_size=25,
)
KEYS = st.sampled_from([["subject"], ["subject", "day"], ["day"]])


def facts(rows: Sequence[Row]) -> list[Row]:
    """Number the rows; a later record of a key and day has a later version."""
    found = []
    for number, (subject, day, recorded) in enumerate(rows):
        version = 1 if recorded is None else 1 + DAYS.index(recorded) // 2
        found.append((number, subject, day, recorded, version))
    return found


def plain(rows: Sequence[Row], on: dt.date, key: Sequence[str], order: int) -> set[int]:
    """What the docstring says, word for word, in a loop."""
    at = [list(SCHEMA).index(name) for name in key]
    known = [row for row in rows if row[3] is None or row[3] <= on]
    last: dict[Any, Any] = {}
    for row in known:
        place, value = tuple(row[n] for n in at), row[order] or dt.date.min
        last[place] = max(last.get(place, value), value)
    return {
        row[0] for row in known if (row[order] or dt.date.min) == last[tuple(row[n] for n in at)]
    }


def framed(rows: Sequence[Row], versions: bool) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return frame if versions else frame.drop("version")


@given(ROWS, st.sampled_from(DAYS), KEYS, st.booleans())
def test_c4_1_as_of_is_what_a_plain_loop_says(
    given_rows: list[Row], on: dt.date, key: list[str], versions: bool
) -> None:
    rows = facts(given_rows)
    frame = framed(rows, versions)
    wanted = plain(rows, on, key, 4 if versions else 3)
    eager, lazy = as_of(frame, on, key), as_of(frame.lazy(), on, key).collect()
    duck = as_of(duckdb.from_arrow(frame.to_arrow()), on, key).pl()
    for found in (eager, lazy, duck):
        assert found.columns == frame.columns
        assert sorted(found["id"]) == sorted(wanted)


def test_many_corrections_of_one_column_key_are_joined() -> None:
    count = FEW + 5
    first = [(n, f"s{n}", None, DAYS[0], 1) for n in range(count + 3)]
    later = [(n + 10**6, f"s{n}", None, DAYS[1], 2) for n in range(count)]
    frame = framed([*first, *later], versions=True)
    assert sorted(as_of(frame, DAYS[0], ["subject"])["id"]) == [row[0] for row in first]
    after = as_of(frame, DAYS[1], ["subject"])
    assert sorted(after["id"]) == [count, count + 1, count + 2, *(row[0] for row in later)]


def test_a_time_of_the_day_itself_is_known() -> None:
    frame = pl.DataFrame(
        {"k": ["a", "a"], "recorded_at": [dt.datetime(2024, 1, 1, 23), dt.datetime(2024, 1, 2, 1)]}
    )
    assert as_of(frame, dt.date(2024, 1, 1), ["k"])["recorded_at"].dt.day().to_list() == [1]
    assert as_of(frame, dt.date(2024, 1, 2), ["k"])["recorded_at"].dt.day().to_list() == [2]


def test_c4_2_rows_of_one_filing_are_replaced_together() -> None:
    frame = pl.DataFrame(
        {
            "filing": ["f", "f", "f"],
            "item": ["m1", "m2", "m1"],
            "recorded_at": [DAYS[0], DAYS[0], DAYS[2]],
            "version": [1, 1, 2],
        }
    )
    assert as_of(frame, DAYS[1], ["filing"])["item"].to_list() == ["m1", "m2"]
    assert as_of(frame, DAYS[2], ["filing"])["version"].to_list() == [2]
    assert as_of(frame, DAYS[2], ["filing", "item"]).height == 2


@pytest.mark.spark
@pytest.mark.parametrize("key", [["subject"], ["subject", "day"]])
@pytest.mark.parametrize("versions", [True, False])
def test_spark_says_the_same(spark: Any, key: list[str], versions: bool) -> None:
    some = [(s, d, r) for s in ("a", "b", None) for d in (DAYS[0], None) for r in (*DAYS, None)]
    rows = facts([*some[::3], *some[1::4]])
    schema = "id bigint, subject string, day date, recorded_at date, version bigint"
    frame = spark.createDataFrame(rows, schema)
    frame = frame if versions else frame.drop("version")
    for on in (DAYS[0], DAYS[3]):
        found = sorted(row["id"] for row in as_of(frame, on, key).collect())
        assert found == sorted(plain(rows, on, key, 4 if versions else 3))
