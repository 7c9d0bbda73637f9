"""The waterfall: every step is a recomputation, every row adds up to the gram."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.editions.runs import Line, factors, run

from dualcarbon.accounting.compare import AMOUNTS, STEPS, waterfall
from dualcarbon.accounting.engine import round_grams
from dualcarbon.editions import Edition, Part

BASE: list[Line] = [
    ("E1", "m1", "coal", 1000.0),
    ("E1", "m2", "coal", 10.5),
    ("E1", "m1", "gas", 7.3),
    ("E2", "m1", "coal", 33.333),
]
FACTORS = factors({"coal": 2.44, "gas": 1.6})
LINES = st.lists(
    st.tuples(
        st.sampled_from(["E1", "E2", "E3"]),
        st.sampled_from(["m1", "m2"]),
        st.sampled_from(["coal", "gas", "wood"]),
        st.floats(-1e6, 1e6, allow_nan=False),
    ),
    max_size=8,
)
VALUES = st.floats(0.001, 50, allow_nan=False)
FACTOR_SETS = st.builds(
    lambda coal, gas, wood, ch4, gwp: factors(
        {k: v for k, v in {"coal": coal, "gas": gas, "wood": wood}.items() if v}, ch4, gwp
    ),
    VALUES,
    st.none() | VALUES,
    st.none() | VALUES,
    VALUES,
    st.sampled_from([21.0, 28.0, 29.8]),
)
MEASURES = st.sampled_from([("co2",), ("co2", "ch4"), ("co2", "ch4", "co2e_scope1")])


def moves(a: Edition, b: Edition, gas: str = "CO2", **where: str) -> dict[str, int]:
    frame = waterfall(a, b).filter(pl.col("gas") == gas, **where)
    return {name: int(frame[name].sum()) for name in STEPS if frame[name].sum()}


def total(edition: Edition, measure: str) -> int:
    rows = edition.table("rows")
    return int(rows[measure].sum()) if measure in rows.columns else 0


@settings(max_examples=40)
@given(LINES, LINES, FACTOR_SETS, FACTOR_SETS, MEASURES, st.sampled_from(["t", "kg"]))
def test_c5_2_every_row_of_every_cut_adds_up(
    before: list[Line],
    after: list[Line],
    old: list,
    new: list,
    measures: Sequence[str],
    unit: str,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        a = run(Path(name), [*BASE, *before], old, parts=2)
        b = run(Path(name), [*after, *BASE], new, measures=measures, unit=unit)
        for by in ((), ("subject",), ("carrier", "period")):
            frame = waterfall(a, b, by)
            steps = pl.sum_horizontal("from", *STEPS)
            assert frame.filter(steps != pl.col("to")).is_empty()
            for gas, measure in (("CO2", "co2"), ("CH4", "ch4"), ("CO2e", "co2e_scope1")):
                own = frame.filter(pl.col("gas") == gas)
                assert (own["from"].sum(), own["to"].sum()) == (
                    total(a, measure),
                    total(b, measure),
                )


def test_a_quantity_moves_data_alone(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS)
    b = run(tmp_path, [("E1", "m1", "coal", 1100.0), *BASE[1:]], FACTORS)
    assert moves(a, b) == {"data": 244_000_000}
    assert moves(a, b, "CO2e") == {"data": 244_000_000 + 100 * 2000 * 28}


def test_a_line_more_of_a_known_key_is_data(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS)
    b = run(tmp_path, [*BASE, ("E1", "m3", "coal", 2.0), ("E1", "m2", "coal", 1.0)], FACTORS)
    assert moves(a, b) == {"data": 3 * 2_440_000}
    assert moves(b, a) == {"data": -3 * 2_440_000}


def test_a_subject_or_a_fuel_in_one_edition_only_is_boundary(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS)
    b = run(tmp_path, [*BASE, ("E3", "m1", "coal", 2.0), ("E2", "m1", "gas", 1.0)], FACTORS)
    assert moves(a, b) == {"boundary": 2 * 2_440_000 + 1_600_000}
    assert moves(b, a) == {"boundary": -(2 * 2_440_000 + 1_600_000)}


def test_a_factor_moves_parameter_alone_and_by_recomputation(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS)
    b = run(tmp_path, BASE, factors({"coal": 2.4400007, "gas": 1.6}))
    coal = [line[3] for line in BASE if line[2] == "coal"]
    by_hand = sum(round_grams(q * 2440000.7) - round_grams(q * 2440000.0) for q in coal)
    assert moves(a, b) == {"parameter": by_hand}


def test_a_value_found_is_parameter_and_is_counted_as_unmatched_before(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, factors({"coal": 2.44}))
    b = run(tmp_path, BASE, FACTORS)
    assert moves(a, b) == {"parameter": round_grams(7.3 * 1.6e6)}
    row = waterfall(a, b).filter(pl.col("subject") == "E1", pl.col("gas") == "CO2").to_dicts()[0]
    assert (row["unmatched_from"], row["unmatched_to"]) == (1, 0)


def test_another_gwp_set_is_method_and_leaves_the_gases_alone(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS)
    b = run(tmp_path, BASE, factors({"coal": 2.44, "gas": 1.6}, gwp=29.8))
    assert moves(a, b) == {}
    assert set(moves(a, b, "CO2e")) == {"method"}


def test_gwp_and_factor_together_are_told_apart(tmp_path: Path) -> None:
    a = run(tmp_path, [("E1", "m1", "coal", 1000.0)], factors({"coal": 2.0}, 1.0, 28.0))
    b = run(tmp_path, [("E1", "m1", "coal", 1000.0)], factors({"coal": 3.0}, 2.0, 30.0))
    parameter = 1000 * (1_000_000 + 1_000 * 28)
    assert moves(a, b, "CO2e") == {"parameter": parameter, "method": 1000 * 2_000 * 2}


def test_a_sign_and_a_measure_of_one_edition_only_are_method(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS, measures=("co2",))
    turned = run(tmp_path, BASE, FACTORS, measures=("co2",), sign=-1)
    assert moves(a, turned) == {"method": -2 * total(a, "co2")}
    more = run(tmp_path, BASE, FACTORS, measures=("co2", "ch4"))
    assert moves(a, more, "CH4") == {"method": total(more, "ch4")}
    assert moves(more, a, "CH4") == {"method": -total(more, "ch4")}


def test_a_unit_of_the_same_kind_is_converted_not_called_boundary(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS)
    b = run(tmp_path, [(*line[:3], line[3] * 1000) for line in BASE], FACTORS, unit="kg")
    assert moves(a, b) == {}
    corrected = [("E1", "m1", "coal", 999_000.0)]
    corrected += [(*line[:3], line[3] * 1000) for line in BASE[1:]]
    assert moves(a, run(tmp_path, corrected, FACTORS, unit="kg")) == {"data": -2_440_000}


def test_linked_parts_are_added_without_being_matched(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS, parts=2)
    kept: list[Part] = a.parts("rows")[:1]
    late = [("E1", "m1", "gas", 8.3), ("E2", "m1", "coal", 33.333)]
    held = run(tmp_path, [*BASE[:2], *late], FACTORS, parts=2)
    b = run(tmp_path, late, FACTORS, linked=kept)
    cube = held.table("cube")
    frame = waterfall(a, held)
    assert waterfall(a, b).select("subject", "gas", *AMOUNTS[:6]).rows() == (
        frame.select("subject", "gas", *AMOUNTS[:6]).rows()
    )
    assert moves(a, b) == {"data": 1_600_000}
    assert int(cube["co2"].sum()) == frame.filter(pl.col("gas") == "CO2")["to"].sum()


def test_rows_matched_in_pieces_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = run(tmp_path, BASE, FACTORS)
    b = run(tmp_path, [*BASE[1:], ("E3", "m1", "gas", 4.0)], factors({"coal": 2.5}))
    whole = waterfall(a, b)
    monkeypatch.setattr("dualcarbon.accounting.compare.PIECE", 1)
    assert waterfall(a, b).equals(whole)


def test_an_edition_against_itself_moves_nothing(tmp_path: Path) -> None:
    a = run(tmp_path, BASE, FACTORS)
    frame = waterfall(a, a, ("carrier",))
    assert frame.select(pl.sum_horizontal(pl.col(STEPS).abs()).sum()).item() == 0
    assert Counter(frame["gas"]) == {"CO2": 2, "CH4": 2, "CO2e": 2}


@pytest.mark.parametrize("by", [("area",), ("subject", "period", "flow")])
def test_every_cut_is_allowed(tmp_path: Path, by: tuple[str, ...]) -> None:
    a, b = run(tmp_path, BASE, FACTORS), run(tmp_path, BASE[1:], FACTORS)
    assert set(by) <= set(waterfall(a, b, by).columns)
