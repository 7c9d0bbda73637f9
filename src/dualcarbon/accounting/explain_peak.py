"""Freeze the peak monitor as an edition and explain its years and judgements from it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import polars as pl
from attrs import asdict

from dualcarbon.accounting.peak import GDP, Monitor, Rules, judge, with_growth
from dualcarbon.editions import Edition, Explanation, Input, Term, write_edition
from dualcarbon.editions.explain import same
from dualcarbon.packs import Pack

COMPUTED = ("growth", "gdp_growth", "elasticity", "decoupling")


def freeze_monitor(made: Monitor, store: Path, pack: Pack, more: Iterable[Input] = ()) -> Edition:
    """Write years and judgements as an edition; rule and correlation stand in its options."""
    rules = {k: v for k, v in asdict(made.rules, recurse=False).items() if k != "entries"}
    return write_edition(
        store,
        room="peak",
        tables={"years": made.years, "judgements": pl.DataFrame(list(made.judgements))},
        inputs=(made.input, *more),
        parameters=(),
        pack=pack,
        options={"rules": rules, "correlation": made.correlation},
    )


def _rules(edition: Edition) -> Rules:
    return Rules(**edition.manifest["options"]["rules"], entries=())


def explain_year(edition: Edition, index: int) -> Explanation:
    """Explain one year: its growth from two values, and the growth of GDP."""
    years = edition.table("years")
    row = years.row(index, named=True)
    again = with_growth(years.drop(*COMPUTED), _rules(edition)).row(index, named=True)
    return Explanation(
        code=f"{edition.id}:years:{index}",
        value=row["growth"],
        unit="%",
        formula_zh="本年 ÷ 上年 － 1；弹性 = 增速 ÷ 地区生产总值增速",
        formula_en="this year / the year before - 1; elasticity = growth / growth of GDP",
        inputs=tuple(_term(one) for one in _near(years, row["series"], row["year"])),
        recomputed=again["growth"],
        equal=all(same(row[name], again[name]) for name in COMPUTED),
        about={"series": row["series"], "year": row["year"], "elasticity": row["elasticity"]},
    )


def _near(years: pl.DataFrame, series: str, year: int) -> list[dict[str, object]]:
    near = years.filter(
        pl.col("series").is_in([series, GDP]) & pl.col("year").is_in([year - 1, year])
    )
    return near.to_dicts()


def _term(row: Mapping[str, object]) -> Term:
    name, unit, place = f"{row['series']} {row['year']}", str(row["unit"]), str(row["place"])
    return Term(name, row["value"], unit, place=place, status=str(row["status"]))


def explain_judgement(edition: Edition, index: int) -> Explanation:
    """Explain one judgement: every year of the series, and the rule applied once more."""
    row = edition.table("judgements").row(index, named=True)
    years = edition.table("years")
    correlation = float(edition.manifest["options"]["correlation"])
    again = judge(years, row["series"], _rules(edition), correlation)
    part = years.filter(pl.col("series") == row["series"])
    return Explanation(
        code=f"{edition.id}:judgements:{index}",
        value=row["years_since"],
        unit="year",
        formula_zh="最近一年 － 最高值所在年；状态按规则判定",
        formula_en="last year - year of the maximum; the state by the rule",
        inputs=tuple(_term(one) for one in part.to_dicts()),
        recomputed=again["years_since"],
        equal=all(same(row[name], again[name]) for name in row),
        about={"series": row["series"], "state": row["state"], "reason": row["reason"]},
    )


PEAK: Mapping[str, Callable[[Edition, int], Explanation]] = {
    "peak/years": explain_year,
    "peak/judgements": explain_judgement,
}
