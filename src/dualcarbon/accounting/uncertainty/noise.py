"""The activity error of every row: its own percent, else the statement that matches it."""

from __future__ import annotations

from typing import Any

import polars as pl

from dualcarbon.accounting.uncertainty.distributions import (
    CODES,
    KINDS,
    TRIANGULAR,
    UNIFORM,
    Z,
)
from dualcarbon.accounting.uncertainty.stated import ACTIVITY, Stated
from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding

MARGINAL = ("code", "sd", "low", "high")
STATED: dict[str, Any] = {
    "s_code": pl.UInt8,
    "s_half": pl.Float64,
    "s_sd": pl.Float64,
    "s_low": pl.Float64,
    "s_high": pl.Float64,
    "s_across": pl.String,
}


def activity_errors(frame: pl.DataFrame, stated: Stated) -> pl.DataFrame:
    """Add the marginal of every row's activity: `code`, `half`, `sd`, `low`, `high`, `across`.

    Absent: a row without own percent and without statement has a null `half` and `sd`.
    Errors: InputError for a percent that is negative or not finite, or an unknown distribution.
    """
    frame = _own(frame)
    if "across" not in frame.columns:
        frame = frame.with_columns(across=pl.lit(None, pl.String))
    if not any(s.applies_to == ACTIVITY for s in stated.statements):
        return frame
    names = [name for name in stated.columns(ACTIVITY) if name in frame.columns]
    facts = frame.select(names).unique(maintain_order=True).to_dicts() if names else [{}]
    found = [{**fact, **_statement(stated, fact)} for fact in facts]
    schema = {**{name: frame.schema[name] for name in names}, **STATED}
    table = pl.DataFrame(found, schema=schema)
    if names:
        frame = frame.join(table, on=names, how="left", nulls_equal=True)
    else:
        frame = frame.join(table, how="cross")
    none = pl.col("half").is_null()
    filled = [
        pl.when(none).then(pl.col(f"s_{name}")).otherwise(pl.col(name)).alias(name)
        for name in ("half", "sd", "low", "high")
    ]
    code = pl.when(none).then(pl.col("s_code").fill_null(0)).otherwise(pl.col("code"))
    return frame.with_columns(*filled, code=code, across=pl.coalesce("across", "s_across"))


def _statement(stated: Stated, fact: dict[str, Any]) -> dict[str, Any]:
    statement = stated.match(ACTIVITY, fact)
    if statement is None:
        return {}
    made = statement.marginal(None)
    return {
        "s_code": CODES[made.kind],
        "s_half": made.half,
        "s_sd": made.sd,
        "s_low": made.low,
        "s_high": made.high,
        "s_across": statement.across_years,
    }


def _own(frame: pl.DataFrame) -> pl.DataFrame:
    if "uncertainty" not in frame.columns:
        none = pl.lit(None, pl.Float64)
        plain = {"half": none, "sd": none, "low": none, "high": none}
        return frame.with_columns(code=pl.lit(0, pl.UInt8), **plain)
    half = pl.col("uncertainty").cast(pl.Float64) / 100
    _check(frame)
    if "distribution" not in frame.columns or frame["distribution"].is_null().all():
        zero = pl.lit(0.0)
        return frame.with_columns(
            half=half, sd=half / Z, low=zero, high=zero, code=pl.lit(0, pl.UInt8)
        )
    code = pl.col("distribution").fill_null("normal").replace_strict(_CODES, return_dtype=pl.UInt8)
    frame = frame.with_columns(half=half, code=code)
    uniform, triangular = (pl.col("code") == CODES[kind] for kind in ("uniform", "triangular"))
    flat, peak = half / UNIFORM, half / TRIANGULAR
    wide = pl.when(uniform).then(flat).when(triangular).then(peak).otherwise(0.0)
    sd = pl.when(uniform).then(flat / 3**0.5).when(triangular).then(peak / 6**0.5)
    return frame.with_columns(sd=sd.otherwise(half / Z), low=-wide, high=wide)


_CODES = {kind: CODES[kind] for kind in KINDS}


def _check(frame: pl.DataFrame) -> None:
    percent = frame["uncertainty"].cast(pl.Float64)
    bad = ~(percent.is_finite() & (percent >= 0)).fill_null(True)
    rule = "uncertainty.row_percent"
    if not bad.any() and "distribution" in frame.columns:
        bad = ~frame["distribution"].is_in(KINDS).fill_null(True)
        rule = "uncertainty.row_distribution"
    if bad.any():
        at = int(bad.arg_true()[0])
        place = Place("rows", row=at)
        raise InputError(finding(rule, place, found=int(bad.sum()), expected=", ".join(KINDS)))
