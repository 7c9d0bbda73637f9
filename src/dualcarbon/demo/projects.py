"""Projects and milestones of the commitments, month by month."""

from __future__ import annotations

import numpy as np
import polars as pl

from dualcarbon.demo.city import City

COLUMNS = (
    "commitment",
    "project",
    "subject",
    "period",
    "stage",
    "quantity",
    "unit",
    "evidence",
)


def build_progress(city: City, rng: np.random.Generator) -> pl.DataFrame:
    """Give progress rows."""
    return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
