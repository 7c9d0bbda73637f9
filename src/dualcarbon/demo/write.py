"""Writing the invented city as a folder of files in the public input format."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl

from dualcarbon.demo import revisions
from dualcarbon.demo.activity import Account, build_account, use_rows
from dualcarbon.demo.balance import balance_table
from dualcarbon.demo.city import CITY, City, Month, build_city, read_design
from dualcarbon.demo.enterprises import LEAST, MOST, Users, build_users
from dualcarbon.demo.projects import build_progress
from dualcarbon.demo.series import scenarios_table, series_table
from dualcarbon.demo.statistics import BUREAU, build_statistics
from dualcarbon.errors import UsageError
from dualcarbon.findings import finding

MONTHS = ("2022-01", "2024-12")
WHOLE: tuple[Month, Month] = ((2021, 1), (2024, 12))
MARK = "SYNTHETIC DATA of the invented City of Tingchuan"
FILES = ("activity", "statistics", "progress", "enterprises", "balance", "series", "scenarios")
README = """汀川市示例数据：合成数据 SYNTHETIC，不是任何真实地方、单位或企业的数据。
种子 {seed}，企业 {enterprises} 家，{first} 至 {last}。由 dualcarbon demo 生成，可重复生成。

SYNTHETIC DATA of the invented City of Tingchuan. Nothing in this folder describes a real place,
body or enterprise. Seed {seed}, {enterprises} enterprises, {first} to {last}.
Made by `dualcarbon demo`; the same seed gives the same bytes.

activity.csv     用能单位分月能源消费 / energy use of each unit by month
statistics.csv   统计部门发布的数据及其版本 / published statistics with their vintages
progress.csv     承诺事项的项目与节点进展 / projects and milestones of the commitments
enterprises.csv  用能单位名录 / register of the units
balance.csv      能源平衡表（上年及以前的整年）/ energy balance of the whole years before the last
series.csv       能源、二氧化碳、生产总值逐年总量 / yearly totals of energy, CO2 and output
scenarios.csv    三种情景的逐年增速 / growth a year in three scenarios
"""


def generate(
    out: Path,
    *,
    seed: int = 2024,
    enterprises: int = 600,
    months: tuple[str, str] = MONTHS,
) -> None:
    """Write the data folder of the invented city: csv files and a README.

    Shape: the columns of the data folder (docs/guide); every figure is synthetic.
    Units: energy in the units of the carriers, statistics in 10^4 tce, 10^8 CNY and %.
    Absent: missing filings and late statistics are left out or recorded late, never zero.
    Errors: UsageError for a number of enterprises or months outside the design.
    Source: docs/methods/demo-city.md; the same seed gives the same bytes.
    """
    check_size(seed, enterprises)
    first, last = check_months(months)
    tables = build_tables(seed=seed, enterprises=enterprises, first=first, last=last)
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        _write(out / f"{name}.csv", tables[name].write_csv())
    facts = {"seed": seed, "enterprises": enterprises, "first": months[0], "last": months[1]}
    _write(out / "README.txt", README.format(**facts))


def check_size(seed: int, enterprises: int) -> None:
    """Refuse a seed or a number of enterprises that the city cannot have, with UsageError."""
    if seed < 0:
        raise UsageError(finding("demo.seed", found=seed))
    if not LEAST <= enterprises <= MOST:
        raise UsageError(
            finding("demo.enterprises", found=enterprises, expected=f"{LEAST}..{MOST}")
        )


def check_months(months: tuple[str, str]) -> tuple[Month, Month]:
    """Read first and last month; UsageError when they are not months of the design in order."""
    found = [re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text) for text in months]
    parts = [(int(item[1]), int(item[2])) for item in found if item]
    low, high = WHOLE
    if len(parts) < 2 or not low <= parts[0] <= parts[1] <= high:
        shown = " .. ".join(f"{year}-{month:02d}" for year, month in WHOLE)
        raise UsageError(finding("demo.months", found=" .. ".join(months), expected=shown))
    return parts[0], parts[1]


def is_ours(folder: Path) -> bool:
    """Tell whether a folder holds data that `generate` wrote."""
    readme = folder / "README.txt"
    return readme.is_file() and MARK in readme.read_text(encoding="utf-8", errors="replace")


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def build_tables(
    *, seed: int, enterprises: int, first: Month, last: Month
) -> dict[str, pl.DataFrame]:
    """Build the tables in memory; each part draws from a stream of its own."""
    streams = [np.random.default_rng(item) for item in np.random.SeedSequence(seed).spawn(5)]
    city = build_city(streams[0])
    users = build_users(city, enterprises, streams[1])
    account = build_account(city, users)
    return {
        "activity": activity_table(city, users, account, streams[2], first, last),
        "statistics": build_statistics(city, users, account, streams[3], first, last),
        "progress": build_progress(city, streams[4], first, last),
        "enterprises": register_table(city, users),
        "balance": balance_table(city, users, account, first, last),
        "series": series_table(city, account, first, last),
        "scenarios": scenarios_table(last),
    }


def activity_table(
    city: City,
    users: Users,
    account: Account,
    rng: np.random.Generator,
    first: Month,
    last: Month,
) -> pl.DataFrame:
    """Give what is filed: one row per user, carrier and month, with corrections and slips."""
    named, number = len(read_design("enterprises")["named"]), users.register.height
    rows = use_rows(users, account, first, last)
    rows = revisions.with_gaps(rows, named, number, rng)
    rows = revisions.recorded(rows, account.months, rng)
    rows = revisions.corrected(rows, rng)
    carriers, units = pl.Series(account.carriers), pl.Series(account.units)
    periods = pl.Series([f"{year}-{month:02d}" for year, month in account.months])
    rows = rows.with_columns(unit=units.gather(rows["carrier"]))
    rows = revisions.absurd(rows, named, number)
    filed = rows.select(
        subject_kind=pl.lit("enterprise"),
        subject=user_codes(city, users).gather(rows["user"]),
        carrier=carriers.gather(rows["carrier"]),
        flow=pl.lit("use"),
        period=periods.gather(rows["month"]),
        quantity=pl.col("quantity"),
        unit=pl.col("unit"),
        vintage=pl.col("vintage"),
        recorded_at=pl.col("recorded_at"),
        source=pl.when(pl.col("user") < number)
        .then(pl.lit("SYNTHETIC 企业报送 filing"))
        .otherwise(pl.lit("SYNTHETIC 其他用户合计 other users")),
    )
    totals = total_rows(city, users, account, first, last)
    key = ["subject_kind", "subject", "period", "carrier", "recorded_at"]
    return pl.concat([filed, totals]).sort(key)


def total_rows(
    city: City, users: Users, account: Account, first: Month, last: Month
) -> pl.DataFrame:
    """Give the energy use of every district and of the city by carrier, as the bureau adds it up.

    A district is the sum of its enterprises and its smaller users; the city is the sum of its
    districts and of the users in no district, to the last printed digit.
    """
    used = use_rows(users, account, first, last)
    cents = (pl.col("quantity") * 100).round(0).cast(pl.Int64).sum()
    district = used.filter(pl.col("area") < len(city.areas) - 1)
    areas = district.group_by("area", "carrier", "month").agg(cents)
    areas = areas.with_columns(
        subject_kind=pl.lit("area"), subject=pl.Series(city.areas).gather(areas["area"])
    )
    whole = used.group_by("carrier", "month").agg(cents)
    whole = whole.with_columns(subject_kind=pl.lit("city"), subject=pl.lit(CITY))
    rows = pl.concat([areas.drop("area"), whole])
    days = pl.Series([revisions.published(month) for month in account.months])
    periods = pl.Series([f"{year}-{month:02d}" for year, month in account.months])
    return rows.select(
        "subject_kind",
        "subject",
        carrier=pl.Series(account.carriers).gather(rows["carrier"]),
        flow=pl.lit("use"),
        period=periods.gather(rows["month"]),
        quantity=pl.col("quantity") / 100,
        unit=pl.Series(account.units).gather(rows["carrier"]),
        vintage=pl.lit("preliminary"),
        recorded_at=days.gather(rows["month"]),
        source=pl.lit(BUREAU),
    )


def user_codes(city: City, users: Users) -> pl.Series:
    """Give the code of every user: enterprises, then the smaller users of each area."""
    rest = pl.Series([f"{code}-0000" for code in city.areas])
    return pl.concat([users.register["enterprise"], rest])


def register_table(city: City, users: Users) -> pl.DataFrame:
    """Give the register: enterprises, and one line of smaller users for each area."""
    names = {entry["code"]: entry for entry in read_design("names")["areas"]}
    rest = pl.DataFrame(
        {
            "enterprise": [f"{code}-0000" for code in city.areas],
            "name_zh": [f"{names[code]['zh']}其他用能单位（合计）" for code in city.areas],
            "name_en": [f"Other users in {names[code]['en']} (sum)" for code in city.areas],
        }
    )
    frame = pl.concat([users.register, rest], how="diagonal")
    area = pl.col("enterprise").str.slice(0, 6)
    place = pl.when(area == city.areas[-1]).then(pl.lit(CITY)).otherwise(area)
    return frame.select(
        "enterprise",
        "name_zh",
        "name_en",
        "industry",
        place.alias("located_in"),
        pl.coalesce("assessed_by", place).alias("assessed_by"),
        "tier",
        "sector",
        pl.lit("2021-01-01").alias("valid_from"),
        pl.lit(None, dtype=pl.String).alias("valid_to"),
    )
