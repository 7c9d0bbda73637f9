"""Projects and steps behind the commitments: planned, started, accepted, verified, by month."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from dualcarbon.demo.city import City, Month, read_design

SCHEMA = {
    "commitment": pl.String,
    "project": pl.String,
    "subject": pl.String,
    "period": pl.String,
    "stage": pl.String,
    "quantity": pl.Float64,
    "unit": pl.String,
    "evidence": pl.String,
}
STAGES = ("planned", "started", "accepted")


def build_progress(city: City, rng: np.random.Generator, first: Month, last: Month) -> pl.DataFrame:
    """Give a row per project and stage reached, in the month it was reached.

    Shape: PROGRESS. The quantity of a project stands on each of its stages; a step has none.
    """
    design = read_design("programmes")
    parts = [_programme(entry, design, rng) for entry in design["counts"]]
    parts += [_steps(design), _district_steps(city, design), _unreadable(design["unreadable"])]
    rows = pl.concat([part.select(list(SCHEMA)) for part in parts])
    low, high = (f"{year}-{month:02d}" for year, month in (first, last))
    inside = pl.col("period").is_between(pl.lit(low), pl.lit(high))
    return rows.filter(inside).sort("commitment", "project", "period", "stage")


def _unreadable(entry: Mapping[str, Any]) -> pl.DataFrame:
    """Give a row whose quantity is not a number, as it comes from a broken spreadsheet."""
    row = {**entry, "quantity": math.nan, "evidence": "SYNTHETIC 示例 example"}
    return pl.DataFrame([row], schema_overrides=SCHEMA)


def _programme(
    entry: Mapping[str, Any], design: Mapping[str, Any], rng: np.random.Generator
) -> pl.DataFrame:
    month, size = _projects(entry, rng)
    number = size.size
    district = _districts(entry, design, number, rng)
    projects = pl.DataFrame(
        {
            "project": [f"{entry['key']}-{index:04d}" for index in range(1, number + 1)],
            "subject": pl.Series(district, dtype=pl.String),
            "quantity": size / entry["step"] if entry["step"] > 1 else size,
            "month": month,
        }
    )
    return _with_stages(projects, entry, design, rng)


def _projects(entry: Mapping[str, Any], rng: np.random.Generator) -> tuple[Any, Any]:
    """Give month of acceptance and size of every project; each month's sum follows the curve.

    Sizes are whole steps and add up to the share of the target of the month, to the step.
    """
    step = max(entry["step"], 1) if entry["step"] >= 1 else entry["step"]
    due = np.round(np.diff(entry["accepted"], prepend=0.0) * entry["target"] / step).astype(int)
    counts = np.maximum(np.round(due * step / entry["size"]).astype(int), (due > 0).astype(int))
    month = np.repeat(np.arange(1, 13), counts)
    if entry["spread"] == 0:
        return month, np.ones(month.size)
    weight = rng.lognormal(0, entry["spread"], month.size)
    share = weight / np.bincount(month, weight, 13)[month]
    size = np.maximum(np.floor(share * due[month - 1]), 1)
    short = due - np.bincount(month, size, 13)[1:]
    firsts = np.unique(month, return_index=True)[1]
    size[firsts] += short[month[firsts] - 1]
    return month, np.round(size * step, 1)


def _districts(
    entry: Mapping[str, Any], design: Mapping[str, Any], number: int, rng: np.random.Generator
) -> Any:
    if entry.get("city"):
        return np.full(number, "city")
    codes = np.array(list(design["districts"]))
    weight = np.array(list(design["districts"].values()), dtype=float)
    return rng.choice(codes, number, p=weight / weight.sum())


def _with_stages(
    projects: pl.DataFrame,
    entry: Mapping[str, Any],
    design: Mapping[str, Any],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Give the stages of accepted projects: planned and started before, some verified after."""
    number, ahead = projects.height, design["ahead"]
    accepted = projects["month"].to_numpy()
    reached = {
        "planned": accepted - rng.integers(ahead["planned"][0], ahead["planned"][1], number),
        "started": accepted - rng.integers(ahead["started"][0], ahead["started"][1], number),
        "accepted": accepted,
        "verified": np.where(
            rng.random(number) < design["verified"], accepted + design["verified_after"], 0
        ),
    }
    frames = [
        projects.with_columns(month=pl.Series(month), stage=pl.lit(stage))
        for stage, month in reached.items()
        if stage in entry.get("stages", reached)
    ]
    rows = pl.concat(frames).filter((pl.col("stage") != "verified") | (pl.col("month") > 0))
    total = design["year"] * 12 + pl.col("month") - 1
    text = pl.format("SYNTHETIC {} {}", pl.col("project"), pl.col("stage"))
    return rows.with_columns(
        commitment=pl.lit(entry["commitment"]),
        period=_period(total),
        unit=pl.lit(entry["unit"]),
        evidence=text,
    )


def _period(months: pl.Expr) -> pl.Expr:
    number = (months % 12 + 1).cast(pl.String).str.zfill(2)
    return pl.format("{}-{}", months // 12, number)


def _steps(design: Mapping[str, Any]) -> pl.DataFrame:
    entries = [
        (entry, STAGES[index], month)
        for entry in design["steps"]
        for index, month in enumerate(entry["months"])
        if month is not None
    ]
    return _step_rows(entries, ["city"] * len(entries), design)


def _district_steps(city: City, design: Mapping[str, Any]) -> pl.DataFrame:
    entries, subjects = [], []
    for entry in design["district_steps"]:
        for code, month in zip(city.areas[:-1], entry["accepted"], strict=True):
            reached = [("planned", 1), ("started", 2)]
            reached += [("accepted", month)] if month is not None else []
            entries += [(entry, stage, number) for stage, number in reached]
            subjects += [code] * len(reached)
    return _step_rows(entries, subjects, design)


def _step_rows(
    entries: Sequence[tuple[Mapping[str, Any], str, int]],
    subjects: Sequence[str],
    design: Mapping[str, Any],
) -> pl.DataFrame:
    names = [f"{entry['zh']} / {entry['en']}" for entry, _, _ in entries]
    projects = [
        name if subject == "city" else f"{name} {subject}"
        for name, subject in zip(names, subjects, strict=True)
    ]
    return pl.DataFrame(
        {
            "commitment": [entry["commitment"] for entry, _, _ in entries],
            "project": projects,
            "subject": list(subjects),
            "period": [f"{design['year']}-{month:02d}" for _, _, month in entries],
            "stage": [stage for _, stage, _ in entries],
            "quantity": pl.Series([None] * len(entries), dtype=pl.Float64),
            "unit": pl.Series([None] * len(entries), dtype=pl.String),
            "evidence": ["SYNTHETIC 示例 example"] * len(entries),
        },
        schema_overrides=SCHEMA,
    )
