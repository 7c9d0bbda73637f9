"""Who an enterprise is, beside its facts: industry and areas from the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from dualcarbon.areas import Areas
from dualcarbon.subjects import Words

ALL = ""  # of industries or carriers: not divided
UNKNOWN = "-"  # an enterprise of which the register names no industry


def with_register(facts: pl.DataFrame, register: pl.DataFrame, words: Words) -> pl.DataFrame:
    """Add industry, area, sector and all areas above to facts of enterprises.

    Shape: `facts` has `subject_kind, subject` and may have `industry, area, sector`: what a fact
    says of itself goes before the register. `register` has the columns of `enterprises`. Other
    subjects keep what they have. Industries and areas are codes of the pack where it knows them,
    else as written. `areas` (list) are the area and those above it, nearest first.
    Absent: an enterprise that the register does not know has null in all of them.
    """
    for name in ("industry", "area", "sector"):
        if name not in facts.columns:
            facts = facts.with_columns(pl.lit(None, pl.String).alias(name))
    known = _latest(register)
    joined = facts.join(known, on=["subject_kind", "subject"], how="left")
    names = [
        pl.coalesce(_said(name), f"{name}_registered").alias(name)
        for name in ("industry", "area", "sector")
    ]
    joined = joined.with_columns(names).drop(
        f"{n}_registered" for n in ("industry", "area", "sector")
    )
    joined = _coded(_coded(joined, "industry", words.industries), "area", words.areas)
    above = {code: _above(code, words.areas) for code in joined["area"].drop_nulls().unique()}
    lists = pl.col("area").replace_strict(above, default=None, return_dtype=pl.List(pl.String))
    return joined.with_columns(areas=lists)


def _said(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String)
    return pl.when(text != "").then(text)


def _coded(frame: pl.DataFrame, name: str, known: Any) -> pl.DataFrame:
    """Put codes in the place of names that the pack knows."""
    found = {text: known.resolve(text) for text in frame[name].drop_nulls().unique()}
    codes = {text: item.code for text, item in found.items() if item is not None}
    return frame.with_columns(pl.col(name).replace(codes))


def _latest(register: pl.DataFrame) -> pl.DataFrame:
    """Give one row an enterprise: the latest that the register holds."""
    columns = {"industry": "industry", "located_in": "area", "sector": "sector"}
    wanted = register.select(
        pl.lit("enterprise").alias("subject_kind"),
        pl.col("enterprise").alias("subject"),
        *(pl.col(name).cast(pl.String).alias(f"{to}_registered") for name, to in columns.items()),
        pl.col("valid_from"),
    )
    latest = wanted.sort("valid_from", nulls_last=False, maintain_order=True)
    return latest.unique("subject", keep="last", maintain_order=True).drop("valid_from")


def _above(code: str, areas: Areas) -> list[str]:
    """Give an area and those above it; a code that the pack does not know stands alone."""
    tree: Mapping[str, str | None] = {area.code: area.parent for area in areas.vocabulary.values()}
    found, here = list[str](), str(code) or None
    while here is not None and here not in found:
        found.append(here)
        here = tree.get(here)
    return found
