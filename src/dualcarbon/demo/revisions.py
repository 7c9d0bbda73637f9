"""When a figure becomes known and how it is revised; rows that are late, missing or absurd."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from dualcarbon.demo.city import Month

ESTIMATE_DAY, PRELIMINARY_DAY = 18, 24
FINAL_MONTH, FINAL_DAY = 10, 15


def working_day(day: date) -> date:
    """Give the day, or the Friday before where it falls on a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def following(month: Month, day: int = 1) -> date:
    """Give a day of the month after."""
    year, number = month
    return date(year + 1, 1, day) if number == 12 else date(year, number + 1, day)


def published(month: Month, day: int = PRELIMINARY_DAY) -> date:
    """Give the working day in the month after on which a monthly figure is published."""
    return working_day(following(month, day))


def finalised(year: int) -> date:
    """Give the day in the autumn after on which the figures of a year become final."""
    return working_day(date(year + 1, FINAL_MONTH, FINAL_DAY))


def recorded(
    rows: pl.DataFrame, months: tuple[Month, ...], rng: np.random.Generator
) -> pl.DataFrame:
    """Add `vintage` and `recorded_at` to rows of use; a filing covers all carriers of a month.

    Most filings come between the 6th and the 20th of the next month, a few after the 25th.
    """
    filings = rows.select("user", "month").unique(maintain_order=True)
    count = filings.height
    late = rng.random(count) < 0.03
    days = np.where(late, rng.integers(26, 40, count), rng.integers(5, 20, count))
    filings = filings.with_columns(delay=pl.Series(days))
    starts = pl.DataFrame(
        {"month": range(len(months)), "next": [following(month) for month in months]}
    )
    filings = filings.join(starts, on="month", how="left", maintain_order="left")
    filings = filings.select(
        "user", "month", recorded_at=pl.col("next") + pl.duration(days=pl.col("delay"))
    )
    kept = rows.join(filings, on=["user", "month"], how="left", maintain_order="left")
    return kept.with_columns(vintage=pl.lit("preliminary"))


def corrected(rows: pl.DataFrame, rng: np.random.Generator, share: float = 0.012) -> pl.DataFrame:
    """Let some rows be filed wrong by up to a tenth and corrected one to three months on."""
    count = rows.height
    wrong = rng.random(count) < share
    factor = np.where(wrong, rng.uniform(0.9, 1.1, count), 1.0)
    delay = rng.integers(25, 90, count)
    first = rows.with_columns(quantity=(pl.col("quantity") * pl.Series(factor)).round(2))
    again = rows.with_columns(
        recorded_at=pl.col("recorded_at") + pl.duration(days=pl.lit(pl.Series(delay))),
        vintage=pl.lit("final"),
    ).filter(pl.Series(wrong))
    return pl.concat([first, again])


def with_gaps(rows: pl.DataFrame, named: int, users: int, rng: np.random.Generator) -> pl.DataFrame:
    """Leave out one to three months of a few enterprises that are not among the named ones."""
    count = max(2, (users - named) // 60)
    chosen = rng.choice(np.arange(named, users), count, replace=False)
    first, last = rows["month"].min(), rows["month"].max()
    starts = rng.integers(first, last, count)  # type: ignore[arg-type]
    gaps = pl.DataFrame({"user": chosen, "gap": starts, "length": rng.integers(1, 4, count)})
    marked = rows.join(gaps, on="user", how="left", maintain_order="left")
    inside = pl.col("month").is_between(pl.col("gap"), pl.col("gap") + pl.col("length") - 1)
    return marked.filter(~inside.fill_null(False)).drop("gap", "length")


def absurd(rows: pl.DataFrame, named: int, users: int) -> pl.DataFrame:
    """Spoil a few rows as people do: a point, a sign, a unit, a broken cell. Marked nowhere.

    Shape: the same rows; of five enterprises one row each is absurd.
    """
    filed = rows.with_row_index("line").filter(
        pl.col("user").is_between(named, users - 1), pl.col("vintage") == "preliminary"
    )
    electric = filed.filter(pl.col("unit") == "10^4 kWh").sort("quantity", "line")
    count = electric.height
    spots = [0, count // 9, count // 7, 12, count // 5]
    spike, negative, wrong_unit, small_unit, no_number = electric["line"].gather(spots).to_list()
    line = pl.int_range(pl.len())
    return rows.with_columns(
        quantity=pl.when(line == spike)
        .then(pl.col("quantity") * 100)
        .when(line == negative)
        .then(-pl.col("quantity"))
        .when(line == small_unit)
        .then((pl.col("quantity") * 10_000).round(0))
        .when(line == no_number)
        .then(pl.lit(float("nan")))
        .otherwise(pl.col("quantity")),
        unit=pl.when(line == wrong_unit).then(pl.lit("t")).otherwise(pl.col("unit")),
    )
