"""A certificate is credited once: lots against sets of single numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.control.deductions.certificates import Lot, Taken, count, read_lots, union


def singles(lots: list[Lot]) -> set[tuple[tuple[str, int], int]]:
    return {(lot.series, n) for lot in lots for n in range(lot.first, lot.last + 1)}


LOTS = st.lists(
    st.builds(
        lambda head, low, size: Lot((head, 3), low, low + size),
        st.sampled_from(["GC", "W"]),
        st.integers(0, 60),
        st.integers(0, 15),
    ),
    max_size=6,
)


@given(LOTS)
def test_a_union_holds_the_same_numbers_once(lots):
    joined = union(lots)
    assert singles(joined) == singles(lots)
    assert count(joined) == len(singles(lots))


@given(st.lists(LOTS, max_size=6))
def test_a_number_is_taken_once(claims):
    taken, seen = Taken(), set()
    for lots in claims:
        fresh = taken.take(union(lots))
        assert singles(fresh) == singles(lots) - seen
        assert count(fresh) == len(singles(fresh))
        seen |= singles(lots)


def test_cells_are_read():
    assert count(read_lots("GC001..GC100; gc050，W7 W7")) == 101
    assert read_lots(None) == read_lots(" ; ") == []
    assert read_lots("A-2023-09..A-2023-11")[0].size == 3
    assert count(read_lots("GC000000001..GC999999999")) == 999_999_999


@pytest.mark.parametrize("text", ["GC9..GC1", "A1..B2", "..GC2", "GC1..GC10"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError):
        read_lots(text)
