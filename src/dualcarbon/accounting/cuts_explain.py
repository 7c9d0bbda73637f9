"""Explain a cell of a cut: the months it adds up, and what each of them adds up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from dualcarbon.accounting.cuts import cell_row
from dualcarbon.accounting.cuts_read import total
from dualcarbon.accounting.register import ALL
from dualcarbon.editions import Edition, Explanation, Term
from dualcarbon.errors import EditionError
from dualcarbon.findings import Place, finding
from dualcarbon.periods import Period

GRAMS = 1_000_000
SHOWN = 40
OWN_ZH, OWN_EN = (
    "所含各期报送量之和（整克相加）",
    "sum of the reported periods in it, in whole grams",
)
FILED_ZH = "各企业报送量之和（属地，整克相加）"
FILED_EN = "sum of what the enterprises report (territory), in whole grams"


class _Cuts:
    """The small tables of an edition of cuts."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.lines = edition.table("lines")
        self.gases = edition.table("gases")
        self.periods = edition.table("periods")["period"].to_list()
        self.amounts = edition.scan("amounts")

    @property
    def sizes(self) -> tuple[int, int]:
        return self.gases.height, len(self.periods)

    def split(self, index: int) -> tuple[int, int, int]:
        rest, period = divmod(index, len(self.periods))
        line, gas = divmod(rest, self.gases.height)
        if line >= self.lines.height:
            last = self.lines.height * self.gases.height * len(self.periods) - 1
            place = Place(self.edition.id)
            raise EditionError(finding("editions.no_row", place, found=index, expected=last))
        return line, gas, period

    def code(self, line: int, gas: int, period: str) -> str:
        row = cell_row(line, gas, self.periods.index(period), self.sizes)
        return f"{self.edition.id}:cells:{row}"

    def series(self, lines: Sequence[int], gas: str) -> pl.DataFrame:
        """Give `line, period, grams` of lines; null grams where a row has no parameter."""
        mine = self.amounts.filter(pl.col("line").is_in(list(lines)))
        return mine.select("line", "period", pl.col(gas).alias("grams")).collect()


def explain_cell(edition: Edition, index: int) -> Explanation:
    """Explain one subject, industry, carrier, gas and period.

    An own line is the sum of its reported periods, each with the rows of the run's cube; a filed
    line that of its enterprises. Computed again from those parts.
    """
    cuts = _Cuts(edition)
    number, gas, place = cuts.split(index)
    line, name = cuts.lines.row(number, named=True), cuts.gases.row(gas, named=True)
    period = Period.parse(cuts.periods[place])
    known = _known(cuts, line)
    series = dict(cuts.series([number], name["gas"]).select("period", "grams").iter_rows())
    series = {text: grams for text, grams in series.items() if grams is not None}
    value = total(series, known, period)
    inside = [text for text in series if period.contains(Period.parse(text))]
    if line["own"]:
        terms, again = _own(cuts, number, gas, inside, known, period)
    else:
        terms, again = _filed(cuts, line, gas, place, value is None)
    return Explanation(
        code=f"{edition.id}:cells:{index}",
        value=_tonnes(value),
        unit=name["unit"],
        formula_zh=OWN_ZH if line["own"] else FILED_ZH,
        formula_en=OWN_EN if line["own"] else FILED_EN,
        inputs=tuple(terms),
        recomputed=_tonnes(again),
        equal=value == again,
        about={
            "cut": {key: line[key] for key in ("subject_kind", "subject", "industry", "carrier")},
            "gas": name["name"],
            "scope": name["scope"],
            "period": str(period),
            "run": edition.manifest["parent"],
            "method": edition.manifest["options"]["method"],
        },
    )


def _known(cuts: _Cuts, line: Mapping[str, Any]) -> list[str]:
    """Give the periods in which the subject of a line reported anything at all."""
    mine = cuts.lines.filter(
        (pl.col("subject_kind") == line["subject_kind"])
        & (pl.col("subject") == line["subject"])
        & (pl.col("own") == line["own"])
    )["line"]
    rows = cuts.amounts.filter(pl.col("line").is_in(mine.to_list())).select("period").unique()
    return sorted(rows.collect()["period"])


def _own(
    cuts: _Cuts, line: int, gas: int, inside: Sequence[str], known: Sequence[str], period: Period
) -> tuple[list[Term], int | None]:
    """Give one term a reported period with the cube's rows beneath, and their sum."""
    name = cuts.gases.row(gas, named=True)
    members = _members(cuts, line)
    sums = _cube(cuts.edition, members["cube"].to_list(), name["measures"])
    terms, parts = [], dict[str, int | None]()
    for text in sorted(inside):
        rows = members.filter(pl.col("period") == text)["cube"].to_list()
        counted = [(row, sums[row]) for row in rows if sums.get(row) is not None]
        beneath = tuple(
            Term(text, _tonnes(grams), name["unit"], code=f"{_run(cuts)}:cube:{row}")
            for row, grams in counted
        )
        parts[text] = sum(grams for _, grams in counted if grams is not None)
        terms.append(Term(text, _tonnes(parts[text]), name["unit"], terms=beneath))
    return terms, total(parts, known, period)


def _members(cuts: _Cuts, line: int) -> pl.DataFrame:
    """Give the rows of the run's cube behind a line, or behind all carriers of its subject."""
    at, lines = cuts.lines.row(line, named=True), [line]
    if at["carrier"] == ALL:
        same = (pl.col("subject_kind") == at["subject_kind"]) & (pl.col("subject") == at["subject"])
        lines = cuts.lines.filter(same & pl.col("own"))["line"].to_list()
    return cuts.edition.table("members").filter(pl.col("line").is_in(lines))


def _run(cuts: _Cuts) -> str:
    return str(cuts.edition.manifest["parent"])


def _cube(edition: Edition, rows: Sequence[int], measures: Sequence[str]) -> dict[int, int | None]:
    """Give the grams of rows of the run's cube, over the measures that it has."""
    from dualcarbon.editions import open_edition

    run = open_edition(edition.folder.parent, str(edition.manifest["parent"]))
    cube = run.scan("cube").with_row_index("cube").filter(pl.col("cube").is_in(list(rows)))
    frame = cube.select("cube", *measures).collect()
    found: dict[int, int | None] = {}
    for row, *grams in frame.iter_rows():
        held = [one for one in grams if one is not None]
        found[row] = sum(held) if held else None
    return found


def _filed(
    cuts: _Cuts, line: Mapping[str, Any], gas: int, place: int, absent: bool
) -> tuple[list[Term], int | None]:
    """Give one term an enterprise, the largest first, and their sum."""
    name, period = cuts.gases.row(gas, named=True), Period.parse(cuts.periods[place])
    mine = _enterprises(cuts, line)
    rows = cuts.series(mine["line"].to_list(), name["gas"])
    inside = [text for text in rows["period"].unique() if period.contains(Period.parse(text))]
    sums = rows.filter(pl.col("period").is_in(inside)).group_by("line").agg(
        pl.when(pl.col("grams").count() > 0).then(pl.col("grams").sum()).alias("grams")
    )  # fmt: skip
    ordered = sums.sort([pl.col("grams").fill_null(0).abs(), "line"], descending=[True, False])
    named = dict(mine.select("line", "subject").iter_rows())
    terms = [
        Term(named[at], _tonnes(grams), name["unit"], code=cuts.code(at, gas, cuts.periods[place]))
        for at, grams in ordered.head(SHOWN).select("line", "grams").iter_rows()
    ]
    rest = ordered.slice(SHOWN)
    if rest.height:
        terms.append(Term(f"+ {rest.height}", _tonnes(_whole(rest["grams"])), name["unit"]))
    return terms, None if absent else _whole(sums["grams"])


def _enterprises(cuts: _Cuts, line: Mapping[str, Any]) -> pl.DataFrame:
    """Give the own lines of the enterprises behind a filed line."""
    wanted = (pl.col("subject_kind") == "enterprise") & (pl.col("carrier") == line["carrier"])
    if line["industry"] != ALL:
        at = pl.col("of_industry") == line["industry"]
        wanted &= at | (pl.col("of_section") == line["industry"])
    if line["subject_kind"] == "area":
        wanted &= pl.col("areas").list.contains(line["subject"])
    return cuts.lines.filter(wanted)


def _whole(grams: pl.Series) -> int:
    return sum(one for one in grams if one is not None)


def _tonnes(grams: int | None) -> float | None:
    return None if grams is None else grams / GRAMS


EXPLAINERS: dict[str, Callable[[Edition, int], Explanation]] = {
    "accounting_cuts/cells": explain_cell
}
