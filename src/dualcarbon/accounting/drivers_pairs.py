"""Which changes published figures let us explain: pairs of periods, a city and its areas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import polars as pl
from attrs import frozen

from dualcarbon.accounting.drivers_identity import Identity, load_identity, load_words
from dualcarbon.accounting.drivers_levels import Levels, settle
from dualcarbon.accounting.drivers_links import Drivers, Options, decompose
from dualcarbon.errors import DualcarbonError
from dualcarbon.packs import Pack
from dualcarbon.periods import Period

Pair = tuple[str, str]
WHOLE = {"energy": ("kaya_energy", "gdp_energy"), "co2": ("kaya_co2", "gdp_co2")}
PARTS = {"energy": "area_energy", "co2": "area_co2"}
FACTS = ("period", "area", "level", "value", "unit", "place")


@frozen(eq=False)
class Change:
    """One explained change of energy or CO2.

    `whole`: the city by the fullest identity that its figures allow. `parts`: its areas, or None
    where no two have figures. `left_out`: areas without a figure at one end; what they and users
    in no area moved is the change of the whole less that of the parts.
    """

    target: str
    first: str
    last: str
    whole: Drivers
    parts: Drivers | None
    left_out: tuple[str, ...]


def changes(facts: pl.DataFrame, pack: Pack) -> Iterator[Change]:
    """Explain every change that published figures allow.

    Shape: `facts` has FACTS: levels `population`, `gdp` (constant prices), `energy`, `co2`; `area`
    null for the city. Pairs: one year to the next, the first to the last, and the latest year to
    date against the year before. Absent: a pair without the figures of the city is left out.
    """
    city = facts.filter(pl.col("area").is_null())
    for target in WHOLE:
        known = city.filter(pl.col("level") == target)["period"].unique()
        for first, last in pairs(known.to_list()):
            whole = _whole(city, target, (first, last), pack)
            if whole is not None:
                parts, left_out = _parts(facts, target, (first, last), pack)
                yield Change(target, first, last, whole, parts, left_out)


def pairs(periods: Sequence[str]) -> list[Pair]:
    """Give the pairs of periods to compare, the latest first."""
    known = sorted({Period.parse(text) for text in periods})
    years = [one for one in known if one.kind == "year"]
    spans = [one for one in known if one.kind in ("ytd", "quarter") and one.first[1] == 1]
    found = [(one.shift(-1), one) for one in spans[-1:] if one.shift(-1) in known]
    found += list(pairwise(years))[::-1]
    found += [(years[0], years[-1])] if len(years) > 2 else []
    return [(str(a), str(b)) for a, b in found]


def _whole(city: pl.DataFrame, target: str, pair: Pair, pack: Pack) -> Drivers | None:
    """Decompose the city by the first identity for which every level is there at both ends."""
    for name in WHOLE[target]:
        identity = load_identity(pack, name)
        mine = _ends(city, identity, pair)
        if mine.select("level", "period").unique().height == 2 * len(identity.levels):
            made = _decomposed(_levels(mine.drop("area"), (), identity), identity, pair, pack)
            if made is not None:
                return made
    return None


def _parts(
    facts: pl.DataFrame, target: str, pair: Pair, pack: Pack
) -> tuple[Drivers | None, tuple[str, ...]]:
    """Decompose the areas that have every level at both ends; name the others."""
    identity = load_identity(pack, PARTS[target])
    areas = _ends(facts.filter(pl.col("area").is_not_null()), identity, pair)
    good = areas.filter(pl.col("value") > 0)
    counts = good.select("area", "level", "period").unique().group_by("area").len()
    whole = counts.filter(pl.col("len") == 2 * len(identity.levels))["area"].to_list()
    left = sorted(set(facts["area"].drop_nulls()) - set(whole))
    if len(whole) < 2:
        return None, tuple(left)
    kept = good.filter(pl.col("area").is_in(whole))
    return _decomposed(_levels(kept, ("area",), identity), identity, pair, pack), tuple(left)


def _ends(facts: pl.DataFrame, identity: Identity, pair: Pair) -> pl.DataFrame:
    at_ends = pl.col("period").is_in(pair) & pl.col("level").is_in(identity.levels)
    return facts.filter(at_ends & pl.col("value").is_not_null()).select(FACTS)


def _levels(facts: pl.DataFrame, keys: tuple[str, ...], identity: Identity) -> Levels:
    return settle(facts, keys, identity)


def _decomposed(levels: Levels, identity: Identity, pair: Pair, pack: Pack) -> Drivers | None:
    options = Options(first=pair[0], last=pair[1])
    try:
        return decompose(levels, identity, options, load_words(pack, "levels"))
    except DualcarbonError:
        return None
