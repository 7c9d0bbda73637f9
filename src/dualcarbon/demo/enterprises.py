"""The invented enterprises: who they are, and their energy by month and carrier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from attrs import frozen

from dualcarbon.demo.city import CITY, City, Floats, read_design, season

LEAST, MOST = 40, 1000


@frozen
class Users:
    """All users of energy: the enterprises, then one row per area for its smaller users.

    `register` has a row per enterprise; `area` gives the index of the area of every user; `energy`
    is user x month in 10^4 tce; `mix` is user x carrier, shares of that energy.
    """

    register: pl.DataFrame
    area: np.ndarray[Any, np.dtype[np.int64]]
    energy: Floats
    mix: Floats
    carriers: tuple[str, ...]


def build_users(city: City, number: int, rng: np.random.Generator) -> Users:
    """Make `number` enterprises and the smaller users of every area, adding up to the city."""
    design = read_design("enterprises")
    register = _register(city, design, number, rng)
    area = np.array([city.areas.index(code) for code in register["area"]])
    energy = _raw_energy(city, design, register, rng)
    rest = _rest(city, area, energy)
    owners = np.concatenate([area, np.arange(len(city.areas))])
    balanced = _balanced(city, owners, np.vstack([energy, rest]))
    carriers, mix = _mixes(city, design, register, rng)
    return Users(register.drop("area", "size"), owners, balanced, mix, carriers)


def _register(
    city: City, design: Mapping[str, Any], number: int, rng: np.random.Generator
) -> pl.DataFrame:
    named = design["named"]
    counts = _counts(design["weights"], named, number)
    districts = np.repeat(np.array(list(counts)), list(counts.values()))
    industries = _industries(city, design, districts, rng)
    sizes = _sizes(city, design, districts, rng)
    return pl.concat([_named(named, design), _others(design, districts, industries, sizes, rng)])


def _counts(
    weights: Mapping[str, float], named: Sequence[Mapping[str, Any]], number: int
) -> dict[str, int]:
    """Share out the enterprises that are not named by largest remainder."""
    codes = sorted(weights)
    share = np.array([weights[code] for code in codes], dtype=float)
    exact = share / share.sum() * (number - len(named))
    counts = np.floor(exact).astype(int)
    counts[np.argsort(counts - exact, kind="stable")[: number - len(named) - counts.sum()]] += 1
    return dict(zip(codes, counts.tolist(), strict=True))


def _named(named: Sequence[Mapping[str, Any]], design: Mapping[str, Any]) -> pl.DataFrame:
    rows = [
        {
            "enterprise": entry["id"],
            "name_zh": entry["zh"],
            "name_en": entry["en"],
            "industry": entry["industry"],
            "area": entry["id"][:6],
            "assessed_by": entry.get("assessed_by", entry["id"][:6]),
            "tier": entry.get("tier", "ten_thousand"),
            "sector": design["industries"][entry["industry"]]["sector"],
            "size": float(entry["size"]),
        }
        for entry in named
    ]
    return pl.DataFrame(rows)


def _industries(
    city: City, design: Mapping[str, Any], districts: Any, rng: np.random.Generator
) -> Any:
    codes = np.array(list(design["industries"]))
    profiles = {entry["code"]: entry["profile"] for entry in city.design["districts"]}
    chosen = np.empty(districts.size, dtype=codes.dtype)
    for code in np.unique(districts):
        profile = profiles[str(code)]
        entries = design["industries"].values()
        weight = np.array([entry["weight"].get(profile, 0) for entry in entries], dtype=float)
        here = districts == code
        chosen[here] = rng.choice(codes, here.sum(), p=weight / weight.sum())
    return chosen


def _sizes(
    city: City, design: Mapping[str, Any], districts: Any, rng: np.random.Generator
) -> Floats:
    """Draw log-normal sizes above the smallest; a district's sum stays under its ceiling."""
    spread, least = design["spread"], design["least"]
    drawn = rng.lognormal(np.log(spread["median"]), spread["sigma"], districts.size) - 0.25
    above = np.clip(drawn, 0.02, spread["most"] - least)
    taken = dict.fromkeys(city.areas, 0.0)
    for entry in design["named"]:
        taken[entry["id"][:6]] += entry["size"]
    for index, code in enumerate(city.areas[:-1]):
        here = districts == code
        room = (city.energy[index, -24:-12].sum() - taken[code]) * design["ceiling"]
        room -= here.sum() * least
        above[here] *= min(1.0, max(room, 0.0) / max(above[here].sum(), 1e-9))
    sizes: Floats = least + above
    return sizes


def _others(
    design: Mapping[str, Any], districts: Any, industries: Any, sizes: Floats, rng: Any
) -> pl.DataFrame:
    """Give the enterprises that are not named: a number within the district, a name of parts."""
    names = design["industries"]
    parts = {
        key: {code: entry[key] for code, entry in names.items()} for key in ("zh", "en", "sector")
    }
    word_zh, word_en = _words(design["words"], districts.size, rng)
    order = pl.int_range(1, pl.len() + 1).over("area").cast(pl.String).str.zfill(3)
    industry = pl.col("industry")
    return pl.DataFrame({"area": districts, "industry": industries}).select(
        (pl.col("area") + "-1" + order).alias("enterprise"),
        pl.lit(word_zh).alias("name_zh") + industry.replace_strict(parts["zh"]),
        pl.lit(word_en).alias("name_en") + " " + industry.replace_strict(parts["en"]),
        "industry",
        "area",
        _assessed_by(design, industries, districts, rng),
        pl.lit("ten_thousand").alias("tier"),
        industry.replace_strict(parts["sector"]).alias("sector"),
        pl.Series("size", sizes),
    )


def _words(words: Mapping[str, Any], number: int, rng: Any) -> tuple[pl.Series, pl.Series]:
    """Give invented words in both languages, without repeats as long as there are enough."""
    pairs = [(a, b) for a in words["first"] for b in words["second"]]
    rounds = [rng.permutation(len(pairs)) for _ in range(-(-number // len(pairs)))]
    chosen = pl.Series(np.concatenate(rounds)[:number])
    zh, en = (pl.Series([a[lang] + b[lang] for a, b in pairs]) for lang in (0, 1))
    return zh.gather(chosen), en.gather(chosen)


def _assessed_by(
    design: Mapping[str, Any], industries: Any, districts: Any, rng: np.random.Generator
) -> pl.Series:
    """Give the district, or for some the group of the industry, or the city itself."""
    owner = {code: entry["id"] for entry in design["groups"] for code in entry["industries"]}
    groups = np.array([owner.get(str(code), CITY) for code in industries])
    taken = rng.random(districts.size) < design["group_share"]
    return pl.Series("assessed_by", np.where(taken, groups, districts))


def _raw_energy(
    city: City, design: Mapping[str, Any], register: pl.DataFrame, rng: np.random.Generator
) -> Floats:
    """Give enterprise x month: size, season, growth, shocks and breaks, and monthly noise."""
    seasons = {name: season(name, city.design, city.years) for name in city.design["season"]}
    kinds = [design["industries"][code]["season"] for code in register["industry"]]
    shape = np.vstack([seasons[kind] for kind in kinds])
    path = _growth_paths(city, design, register, rng)
    noise = rng.lognormal(0, design["noise"], shape.shape)
    raw: Floats = register["size"].to_numpy()[:, None] * shape * path * noise
    return raw * _events(city, design, register)


def _growth_paths(
    city: City, design: Mapping[str, Any], register: pl.DataFrame, rng: np.random.Generator
) -> Floats:
    """Give every enterprise's level by month against its mean level in the last year."""
    years = len(city.years)
    base = np.array([design["industries"][code]["growth"] for code in register["industry"]])
    own = design["growth"]
    yearly = base[:, None] / 100 + rng.normal(own["mean"], own["sigma"], (register.height, years))
    for row, entry in enumerate(design["named"]):
        yearly[row] = [entry["growth"].get(year, 0.0) / 100 for year in city.years]
    levels = np.cumprod(1 + yearly, axis=1)
    return np.repeat(levels / levels[:, [-1]], 12, axis=1)


def _events(city: City, design: Mapping[str, Any], register: pl.DataFrame) -> Floats:
    factors = np.ones((register.height, len(city.months)))
    names = [f"{year}-{month:02d}" for year, month in city.months]
    rows = {code: row for row, code in enumerate(register["enterprise"])}
    for event in (*design["shocks"], *design["breaks"]):
        stop = names.index(event["last"]) + 1 if "last" in event else len(names)
        factors[rows[event["enterprise"]], names.index(event["first"]) : stop] *= event["factor"]
    return factors


def _sums(area: Any, values: Floats, areas: int) -> Floats:
    total = np.zeros((areas, values.shape[1]))
    np.add.at(total, area, values)
    return total


def _rest(city: City, area: Any, energy: Floats) -> Floats:
    """Give the smaller users of every area: half what enterprises leave, half a steady share.

    What enterprises leave jumps with their shocks; the mean of both jumps less, and the balance
    that follows spreads the difference over all users of the area.
    """
    shape = (len(city.areas), len(city.years), 12)
    yearly = city.energy.reshape(shape).sum(axis=2)
    left = yearly - _sums(area, energy, len(city.areas)).reshape(shape).sum(axis=2)
    left = np.maximum(left, yearly * 0.03)
    steady = yearly * (left[:, [-1]] / yearly[:, [-1]])
    shares = city.energy.reshape(shape) / yearly[:, :, None]
    rest: Floats = ((left + steady)[:, :, None] / 2 * shares).reshape(city.energy.shape)
    return rest


def _balanced(city: City, owners: Any, energy: Floats) -> Floats:
    """Scale the users of an area month by month so that they add up to the area."""
    factor = city.energy / _sums(owners, energy, len(city.areas))
    balanced: Floats = energy * factor[owners]
    return balanced


def _mixes(
    city: City, design: Mapping[str, Any], register: pl.DataFrame, rng: np.random.Generator
) -> tuple[tuple[str, ...], Floats]:
    profiles = city.design["profiles"]
    entries = [*city.design["districts"], city.design["residual"]]
    listed = [design["industries"][code]["mix"] for code in register["industry"]]
    listed += [profiles[entry["profile"]]["mix"] for entry in entries]
    carriers = tuple(dict.fromkeys(name for mix in listed for name in mix))
    shares = np.array([[mix.get(name, 0.0) for name in carriers] for mix in listed])
    varied = shares * rng.lognormal(0, 0.08, shares.shape)
    return carriers, varied / varied.sum(axis=1, keepdims=True)
