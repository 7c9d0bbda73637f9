"""Sides of a reconciliation from a data folder: its city, its districts or its enterprises."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import polars as pl
from attrs import frozen

from dualcarbon.accounting.members import VIEWS, Members
from dualcarbon.accounting.side import FLOWS, Tools, make_side, signed, with_amounts
from dualcarbon.control.data import Data
from dualcarbon.control.reported import known_activity
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period

KINDS = ("city", "area", "enterprise", "industry")


@frozen
class Folder:
    """The activity of a data folder that was known on a date, ready to be cut into sides."""

    data: Data
    activity: pl.DataFrame
    findings: tuple[Finding, ...]


def folder_of(data: Data, on: dt.date, period: Period | None = None) -> Folder:
    """Keep what was known on a date: the last recorded row of every key, refused rows named.

    `period`: findings about rows of other periods are left out; all rows stay, to be judged by.
    """
    activity, _, findings = known_activity(data, on)
    own = [item for item in data.findings if str(item.place.file or "").startswith("activity")]
    outside = _outside(data, period) if period else frozenset[str]()
    said = [item for item in (*own, *findings) if str(item.place) not in outside]
    return Folder(data, activity, tuple(said))


def _outside(data: Data, period: Period) -> frozenset[str]:
    """Give the places of rows that do not touch a period."""
    rows = pl.concat(
        frames["activity"].select("period", "place") for frames in (data.frames, data.refused)
    )
    far = [text for text in rows["period"].unique() if not _touches(Period.parse(text), period)]
    return frozenset(rows.filter(pl.col("period").is_in(far))["place"])


def folder_side(
    folder: Folder, kind: str, tools: Tools, name: str, period: Period | None = None
) -> pl.DataFrame:
    """Give the rows of one kind of subject as a side, priced by the engine.

    Shape: SIDE; `sector` is the enterprise's industry or, without one, its sector. `period` keeps
    the rows that touch it. Flows that no measure counts (purchases, stocks, sales) are left out.
    Errors: InputError when the folder has no row of the kind.
    """
    rows = folder.activity.filter(pl.col("subject_kind") == kind)
    if not rows.height:
        kinds = ", ".join(folder.activity["subject_kind"].unique().sort())
        place = Place(str(folder.data.folder))
        raise InputError(finding("control.side_absent", place, found=kind, expected=kinds or "-"))
    if period is not None:
        texts = [text for text in rows["span"].unique() if _touches(Period.parse(text), period)]
        rows = rows.filter(pl.col("span").is_in(texts))
    rows = rows.filter(pl.col("flow").is_in(FLOWS)).drop("period").rename({"span": "period"})
    rows = rows.join(_sectors(folder.data), on="subject", how="left", maintain_order="left")
    return with_amounts(signed(make_side(rows, name)), tools)


def _touches(one: Period, other: Period) -> bool:
    return one.first <= other.last and other.first <= one.last


def _sectors(data: Data) -> pl.DataFrame:
    register = data.frames["enterprises"]
    return register.select(
        subject="enterprise", sector=pl.coalesce("sector", "industry").cast(pl.String)
    ).unique("subject", keep="last", maintain_order=True)


def folder_members(data: Data, period: Period, stated: Members | None = None) -> Members:
    """Give the area of every enterprise by view: where it is located, who assesses it.

    From `enterprises.csv`, the line valid in the period's last month; `stated` shares of an
    enterprise stand instead of its line. Absent: an enterprise without area is in none.
    """
    register = data.frames["enterprises"].filter(
        (pl.col("valid_from").is_null() | (pl.col("valid_from") <= period.end))
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= period.end))
    )
    members: Members = {view: {} for view in VIEWS}
    for row in register.sort("valid_from", nulls_last=False).iter_rows(named=True):
        for view in VIEWS:
            if row[view]:
                area = data.words.areas.resolve(row[view])
                code = area.code if area else row[view]
                members[view][row["enterprise"]] = [(code, Fraction(1))]
    for view in VIEWS:
        members[view].update((stated or {}).get(view, {}))
    return members
