"""Which area an enterprise counts for: where it stands, who assesses it, and stated shares.

The two views are never mixed. A row that is split keeps its grams: the parts add up to it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from dualcarbon.accounting.side import MEASURES, Tools
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.tables import Column, Table, read_table

VIEWS = ("located_in", "assessed_by")
Places = Sequence[tuple[str, Fraction]]
Members = dict[str, dict[str, list[tuple[str, Fraction]]]]
SHARES = Table(
    "shares",
    (
        Column("enterprise", aliases=("用能单位代码", "用能单位")),
        Column("view", "choice", choices=VIEWS, required=False, nullable=True),
        Column("area", aliases=("区",)),
        Column("share", "number", aliases=("份额",)),
    ),
    key=("enterprise", "view", "area"),
)


def read_shares(path: Path, tools: Tools) -> tuple[Members, list[Finding]]:
    """Read the shares of enterprises in several areas: view -> subject -> [(area, share)].

    A line without `view` holds for both. Errors: InputError for a share outside (0, 1] or shares of
    one enterprise that add up to more than 1. Less than 1 is a finding: the rest is in no area.
    """
    reading = read_table(path, SHARES)
    faults = [item for item in reading.findings if item.severity == "error"]
    members: Members = {view: {} for view in VIEWS}
    places = {}
    for row in reading.frame.iter_rows(named=True):
        share, place = Fraction(repr(row["share"])), reading.place(row["source_row"], "share")
        area = tools.areas.resolve(row["area"])
        code = area.code if area else row["area"].strip()
        if not 0 < share <= 1:
            faults.append(finding("accounting.share", place, found=row["share"]))
        for view in [row["view"]] if row["view"] else VIEWS:
            members[view].setdefault(row["enterprise"], []).append((code, share))
            places[view, row["enterprise"]] = place
    sums = [
        (view, subject, sum((share for _, share in areas), Fraction(0)))
        for view, subjects in members.items()
        for subject, areas in subjects.items()
    ]
    faults += _share_sums([one for one in sums if one[2] > 1], places)
    if faults:
        raise InputError(*faults)
    return members, _share_sums([one for one in sums if one[2] < 1], places, "warning")


def _share_sums(
    sums: Iterable[tuple[str, str, Fraction]], places: Mapping[Any, Place], severity: Any = None
) -> list[Finding]:
    return [
        finding(
            "accounting.share_sum",
            places[view, subject],
            found=float(total),
            severity=severity,
            subject=subject,
            view=view,
        )
        for view, subject, total in sums
    ]


def allocated(frame: pl.DataFrame, members: Mapping[str, Places]) -> pl.DataFrame:
    """Give the rows of a side with the `area` they count for, once per area of their subject.

    Rows of a subject without area are left out. A share of a row's grams is rounded so that the
    parts of the row, and what is in no area, add up to the row.
    """
    whole = {one: areas[0][0] for one, areas in members.items() if _is_whole(areas)}
    single = frame.filter(pl.col("subject").is_in(list(whole))).with_columns(
        area=pl.col("subject").replace_strict(whole, default=None, return_dtype=pl.String)
    )
    split = [one for one, areas in members.items() if not _is_whole(areas)]
    rows = [
        part
        for row in frame.filter(pl.col("subject").is_in(split)).iter_rows(named=True)
        for part in _parts(row, members[row["subject"]])
    ]
    return pl.concat([single, pl.DataFrame(rows, schema=single.schema)])


def _is_whole(areas: Places) -> bool:
    return len(areas) == 1 and areas[0][1] == 1


def _parts(row: Mapping[str, Any], areas: Places) -> list[dict[str, Any]]:
    shares = [share for _, share in areas]
    rest = 1 - sum(shares, Fraction(0))
    columns = [f"{measure}_g" for measure in MEASURES]
    grams = {column: shared(row[column], [*shares, rest]) for column in columns}
    quantity = row["quantity"]
    return [
        {
            **row,
            "area": area,
            "quantity": None if quantity is None else float(Fraction(repr(quantity)) * share),
            **{column: parts[index] for column, parts in grams.items()},
        }
        for index, (area, share) in enumerate(areas)
    ]


def shared(amount: int | None, shares: Sequence[Fraction]) -> list[int | None]:
    """Split a whole amount by shares that add up to 1, by largest remainder; null stays null."""
    if amount is None:
        return [None] * len(shares)
    exact = [abs(amount) * share for share in shares]
    floors = [int(one) for one in exact]
    order = sorted(range(len(shares)), key=lambda n: (floors[n] - exact[n], n))
    for index in order[: abs(amount) - sum(floors)]:
        floors[index] += 1
    return [one if amount >= 0 else -one for one in floors]
