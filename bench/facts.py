"""Facts of a made-up city for measurements: enterprises x months x carriers x meters, any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from dualcarbon.accounting.activity import FACTS, KEY
from dualcarbon.accounting.facts import FactPart, key_of, write_part

MONTHS = 48
SUBJECTS = 1_000
CARRIERS = (
    ("raw_coal", "t"),
    ("natural_gas", "10^4 m3"),
    ("diesel", "t"),
    ("gasoline", "t"),
    ("fuel_oil", "t"),
    ("lpg", "t"),
    ("electricity", "10^4 kWh"),
    ("heat", "GJ"),
)
FIRST_YEAR = 2020


def periods(months: int = MONTHS) -> list[str]:
    """Give months from January of the first year."""
    return [f"{FIRST_YEAR + n // 12}-{n % 12 + 1:02d}" for n in range(months)]


def write_facts(folder: Path, rows: int, months: int = MONTHS) -> list[FactPart]:
    """Write about so many rows as one part a month; the same rows for the same size."""
    folder.mkdir(parents=True, exist_ok=True)
    meters = max(1, round(rows / (months * SUBJECTS * len(CARRIERS))))
    subjects = min(SUBJECTS, max(1, round(rows / (months * len(CARRIERS) * meters))))
    random = np.random.default_rng(rows)
    return [_part(folder, period, subjects, meters, random) for period in periods(months)]


def _part(
    folder: Path, period: str, subjects: int, meters: int, random: np.random.Generator
) -> FactPart:
    keys = []
    for carrier, unit in CARRIERS:
        texts = dict.fromkeys(KEY, "") | {
            "subject_kind": "enterprise",
            "sector": "manufacturing",
            "carrier": carrier,
            "flow": "use",
            "period": period,
            "unit": unit,
        }
        keys.append({**texts, "key": key_of(texts[name] for name in KEY)})
    names = pl.Series("subject", [f"990101-{n:05d}" for n in range(subjects)])
    items = pl.Series("item", [f"M{n:03d}" for n in range(meters)])
    frame = pl.DataFrame(names).join(pl.DataFrame(items), how="cross")
    frame = frame.join(pl.DataFrame(keys), how="cross")
    count = frame.height
    frame = frame.with_columns(
        pl.Series("quantity", np.round(random.lognormal(3, 1, count), 3)),
        pl.lit(None, pl.String).alias("vintage"),
        pl.lit(f"{period}-25").str.to_date().alias("recorded_at"),
        pl.lit(1, pl.Int32).alias("version"),
        pl.lit(None, pl.String).alias("source"),
        pl.lit(None, pl.String).alias("source_class"),
        pl.lit(None, pl.Float64).alias("uncertainty"),
        pl.lit(1, pl.Int64).alias("file"),
        pl.int_range(2, count + 2, dtype=pl.Int64).alias("source_row"),
    )
    about = {1: {"name": "synthetic.csv", "sheet": None, "sha256": "0" * 64, "letters": {}}}
    return write_part(frame.select(list(FACTS)), folder / f"{period}.parquet", about)
