"""Parse one column of text into its declared kind; every refusal keeps its row and reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from dualcarbon.errors import DualcarbonError
from dualcarbon.tables.model import Column, Vocabularies

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
INTEGER = r"^[+-]?\d+$"
BOOLEANS = {"true": True, "1": True, "yes": True, "是": True} | {
    "false": False,
    "0": False,
    "no": False,
    "否": False,
}
Errors = dict[int, tuple[str, dict[str, Any]]]
Refused = tuple[None, tuple[str, dict[str, Any]]]
Parsed = tuple[object, None] | Refused


def parse_column(
    raw: pl.Series, column: Column, vocabularies: Vocabularies
) -> tuple[pl.Series, Errors]:
    """Give the parsed column and, by row index, the rule and facts of every refusal."""
    if column.dtype in ("number", "integer"):
        parsed, errors = _numeric(raw, column)
    else:
        parsed, errors = _by_value(raw, column, _parser(column, vocabularies))
    if not column.nullable and column.required:
        for index in raw.is_null().arg_true():
            errors[index] = ("tables.cell_empty", {})
    return parsed, errors


def _numeric(raw: pl.Series, column: Column) -> tuple[pl.Series, Errors]:
    if raw.dtype.is_numeric():
        parsed = raw.cast(column.polars, strict=False)
    else:
        text = _normal(raw)
        text = pl.select(
            pl.when(text.str.contains(GROUPED)).then(text.str.replace_all(",", "")).otherwise(text)
        ).to_series()
        shape = INTEGER if column.dtype == "integer" else NUMBER
        good = text.str.contains(shape).fill_null(False)
        parsed = pl.select(pl.when(good).then(text)).to_series().cast(column.polars, strict=False)
    if column.dtype == "number":
        finite = parsed.is_finite().fill_null(False)
        parsed = pl.select(pl.when(finite).then(parsed)).to_series()
    refused = (parsed.is_null() & raw.is_not_null()).arg_true()
    rule = "tables.not_integer" if column.dtype == "integer" else "tables.not_number"
    return parsed.alias(column.name), {index: (rule, {}) for index in refused}


def _normal(raw: pl.Series) -> pl.Series:
    text = raw.cast(pl.String).str.strip_chars()
    return text.str.normalize("NFKC").str.replace_all("\u2212", "-", literal=True)


def _by_value(
    raw: pl.Series, column: Column, parse: Callable[[str], Parsed]
) -> tuple[pl.Series, Errors]:
    text = raw.cast(pl.String).str.strip_chars()
    answers = {value: parse(value) for value in text.unique().drop_nulls()}
    good = {value: answer[0] for value, answer in answers.items() if answer[1] is None}
    bad = {value: answer[1] for value, answer in answers.items() if answer[1] is not None}
    parsed = text.replace_strict(
        list(good), list(good.values()), default=None, return_dtype=column.polars
    )
    errors: Errors = {}
    if bad:
        for index in text.is_in(list(bad)).fill_null(False).arg_true():
            errors[index] = bad[text[index]]
    return parsed.alias(column.name), errors


def _parser(column: Column, vocabularies: Vocabularies) -> Callable[[str], Parsed]:
    if column.vocabulary and column.vocabulary in vocabularies:
        return _vocabulary(column, vocabularies)
    return {
        "period": _period,
        "unit": _unit,
        "date": _date,
        "choice": _choice(column),
        "boolean": _boolean,
    }.get(column.dtype, lambda text: (text, None))


def _vocabulary(column: Column, vocabularies: Vocabularies) -> Callable[[str], Parsed]:
    words = vocabularies[column.vocabulary or ""]

    def parse(text: str) -> Parsed:
        entry = words.resolve(text)
        if entry is not None:
            return entry.code, None
        near = ", ".join(words.suggest(text)) or "-"
        return None, (
            "tables.not_in_vocabulary",
            {"vocabulary": column.vocabulary or "", "near": near},
        )

    return parse


def _period(text: str) -> Parsed:
    from dualcarbon.periods import Period

    try:
        return str(Period.parse(text)), None
    except DualcarbonError as error:
        years = error.findings[0].rule == "periods.years"
        return None, ("tables.two_years" if years else "tables.not_period", {})


def _unit(text: str) -> Parsed:
    from dualcarbon.units import canonical

    try:
        return canonical(text), None
    except DualcarbonError:
        return None, ("tables.not_unit", {})


def _date(text: str) -> Parsed:
    import datetime as dt

    try:
        parts = text.replace("/", "-").replace(".", "-").split(" ")[0].split("T")[0].split("-")
        return dt.date(*(int(part) for part in parts)), None
    except (ValueError, TypeError):
        return None, ("tables.not_date", {})


def _choice(column: Column) -> Callable[[str], Parsed]:
    words = {choice.casefold(): choice for choice in column.choices}

    def parse(text: str) -> Parsed:
        if text.casefold() in words:
            return words[text.casefold()], None
        return None, ("tables.not_choice", {"choices": ", ".join(column.choices)})

    return parse


def _boolean(text: str) -> Parsed:
    if text.casefold() in BOOLEANS:
        return BOOLEANS[text.casefold()], None
    return None, ("tables.not_choice", {"choices": ", ".join(BOOLEANS)})
