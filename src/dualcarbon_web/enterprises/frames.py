"""Enterprise rows of the library become rows of the site here."""

from __future__ import annotations

import polars as pl

FIELDS = ("name_zh", "name_en", "industry", "located_in", "assessed_by", "tier", "sector")


def enterprises(rows: pl.DataFrame) -> dict[str, dict[str, str]]:
    """One entry a code; several lists of one enterprise are joined in `tier`."""
    found: dict[str, dict[str, str]] = {}
    for row in rows.iter_rows(named=True):
        code = row["enterprise"]
        values = {"code": code, **{name: row.get(name) or "" for name in FIELDS}}
        if code in found and values["tier"]:
            tiers = dict.fromkeys([*found[code]["tier"].split(", "), values["tier"]])
            values["tier"] = ", ".join(tier for tier in tiers if tier)
        found[code] = values
    return found
