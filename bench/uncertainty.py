"""Measures the uncertainty of an account: 10,000 draws over 1e6 rows, beside a naive sampler.

The naive sampler draws every row in every draw; it runs on a slice, and its seconds are scaled to
all rows and draws. Both are timed in one run, alternating, and the least of the repeats counts.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
import time
from typing import Any

import numpy as np
import polars as pl

from dualcarbon.accounting.uncertainty import approach2, draw, prepare, stated_frame

ROWS, DRAWS, COMBINATIONS, SUBJECTS = 1_000_000, 10_000, 300, 20
SLICE_ROWS, SLICE_DRAWS = 10_000, 200
REPEATS = 5
LIMIT_SECONDS = 0.5
Z = 1.959963984540054


def account(rows: int) -> pl.DataFrame:
    """Invented rows: lognormal amounts, four ranges, twenty subjects."""
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "key": rng.integers(0, COMBINATIONS, rows),
            "grams": (1e3 * rng.lognormal(10, 1.5, rows)).astype(np.int64),
            "uncertainty": rng.choice([2.0, 5.0, 10.0, 20.0], rows),
            "subject": [f"9901{number:02d}" for number in rng.integers(1, SUBJECTS + 1, rows)],
        }
    )


def coefficients() -> pl.DataFrame:
    """Thirty fuels with a heat value and a carbon content, ten oxidation rates each."""
    parts = [
        [
            {"parameter": f"{name}/bench/1/carrier={of}/2020-01-01", "power": 1}
            for name, of in (("ncv", key // 10), ("carbon_content", key // 10), ("oxidation", key))
        ]
        for key in range(COMBINATIONS)
    ]
    return pl.DataFrame({"key": range(COMBINATIONS), "parts": [json.dumps(p) for p in parts]})


def ranges() -> Any:
    names = ["ncv", "carbon_content", "oxidation"]
    return stated_frame(
        pl.DataFrame({"applies_to": ["parameter"] * 3, "name": names, "percent": [3.0, 5.0, 2.0]})
    )


def by_factor(rows: pl.DataFrame) -> tuple[float, float]:
    """Seconds, and seconds of processor, from rows in memory to the ranges of all subjects."""
    listed, stated = coefficients(), ranges()
    started, busy = time.perf_counter(), time.process_time()
    problem = prepare(rows, amount="grams", by=["subject"], coefficients=listed, stated=stated)
    approach2(draw(problem, DRAWS, seed=1))
    return time.perf_counter() - started, time.process_time() - busy


def by_row(rows: pl.DataFrame) -> float:
    """Seconds of the naive sampler on the slice."""
    keys, grams = rows["key"].to_numpy(), rows["grams"].to_numpy().astype(float)
    sd = rows["uncertainty"].to_numpy() / 100 / Z
    subjects = rows["subject"].cast(pl.Categorical).to_physical().to_numpy()
    started = time.perf_counter()
    rng = np.random.default_rng(1)
    sums = np.zeros((SUBJECTS, len(grams)))
    sums[subjects - subjects.min(), np.arange(len(grams))] = grams
    for _ in range(SLICE_DRAWS // 100):
        factors = np.ones((COMBINATIONS, 100))
        for percent, of in ((3, 10), (5, 10), (2, 1)):
            drawn = rng.normal(1, percent / 100 / Z, (math.ceil(COMBINATIONS / of), 100))
            factors *= drawn[np.arange(COMBINATIONS) // of]
        own = 1 + sd[:, None] * rng.standard_normal((len(grams), 100))
        _ = sums @ (own * factors[keys])
    return time.perf_counter() - started


def measure() -> list[dict[str, Any]]:
    """Give name, value, limit (null = none) and unit of every measured value."""
    rows = account(ROWS)
    small = rows.head(SLICE_ROWS)
    timed = [(*by_factor(rows), by_row(small)) for _ in range(REPEATS)]
    quick, busy, slow = zip(*timed, strict=True)
    scaled = min(slow) * (ROWS / SLICE_ROWS) * (DRAWS / SLICE_DRAWS)
    name = f"{DRAWS:,} draws over {ROWS:,} rows"
    return [
        {"name": name, "value": min(quick), "limit": LIMIT_SECONDS, "unit": "s"},
        {"name": f"{name}, median", "value": float(np.median(quick)), "limit": None, "unit": "s"},
        {"name": f"{name}, processor", "value": min(busy), "limit": None, "unit": "s"},
        {"name": "naive sampler, scaled up", "value": scaled, "limit": None, "unit": "s"},
        {"name": "naive / by factor", "value": scaled / min(quick), "limit": None, "unit": "x"},
    ]


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    cores = os.cpu_count()
    print(f"{cores} cores, Python {platform.python_version()}, numpy {np.__version__}")
    kept = True
    for each in measure():
        limit = "" if each["limit"] is None else f"  (limit {each['limit']:g})"
        print(f"{each['name']:45} {each['value']:12.3f} {each['unit']}{limit}")
        kept = kept and (each["limit"] is None or each["value"] <= each["limit"])
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
