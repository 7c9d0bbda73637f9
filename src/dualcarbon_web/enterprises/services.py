"""Enterprises and their monthly energy, kept from the facts of an edition."""

from __future__ import annotations

from typing import Any

import polars as pl

from dualcarbon.accounting.engine import account, load_recipes, resolve
from dualcarbon.control.known import Known
from dualcarbon.parameters import load_parameters
from dualcarbon.periods import Period
from dualcarbon_web.enterprises import frames
from dualcarbon_web.enterprises.models import Consumption, Enterprise

SIGNS = {"use": 1, "conversion_in": 1, "conversion_out": -1, "non_energy": 1}
KEYS = ("carrier", "area", "unit", "period")
RECIPE = "tce_calorific"


def publish(edition: Any, known: Known) -> None:
    """Keep the enterprises known on the edition's date and their energy by month."""
    if known.enterprises.height:
        keep_enterprises(known.enterprises, edition.synthetic)
    rows = known.activity
    rows = rows.filter((rows["subject_kind"] == "enterprise") & rows["flow"].is_in(list(SIGNS)))
    if rows.height:
        keep_months(monthly(rows, known))


def keep_enterprises(rows: pl.DataFrame, synthetic: bool) -> None:
    """Add or update enterprises by code."""
    made = [
        Enterprise(synthetic=synthetic, **values) for values in frames.enterprises(rows).values()
    ]
    Enterprise.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[
            "name_zh", "name_en", "industry", "located_in", "assessed_by", "tier", "sector",
            "synthetic",
        ],
    )  # fmt: skip


def monthly(rows: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Energy of each enterprise and month in whole grams of standard coal (calorific value)."""
    pack = known.data.words.pack
    rows = rows.with_columns(area=pl.lit(pack.area))
    resolved = resolve(rows.select(KEYS), load_parameters(pack), load_recipes(pack)[RECIPE])
    done = account(rows, resolved, on=KEYS).filter(pl.col("amount").is_not_null())
    sign = pl.col("flow").replace_strict(SIGNS, return_dtype=pl.Int64)
    signed = done.with_columns(grams=pl.col("amount") * sign)
    return signed.group_by("subject", "period").agg(pl.col("grams").sum())


def keep_months(rows: pl.DataFrame) -> None:
    """Replace the months of every enterprise named by what is known now."""
    ids = dict(Enterprise.objects.values_list("code", "id"))
    made = [
        Consumption(enterprise_id=ids[subject], month=period, grams=grams)
        for subject, period, grams in rows.select("subject", "period", "grams").iter_rows()
        if subject in ids and Period.parse(period).kind == "month"
    ]
    Consumption.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["enterprise", "month"],
        update_fields=["grams"],
        batch_size=2000,
    )
