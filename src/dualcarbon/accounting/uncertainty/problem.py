"""From account rows to the sums that both approaches need: one cell per group and combination.

A row's amount is `amount x activity error x product of parameter errors`. Rows of one combination
of factors are added first, as integers; what is left of a row alone is the cumulants of its own
activity error. Nothing below this module looks at single rows, but for the few that dominate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from attrs import frozen

from dualcarbon.accounting.uncertainty.distributions import (
    CODES,
    KINDS,
    Marginal,
    cumulants,
    drawn,
    near_normal,
)
from dualcarbon.accounting.uncertainty.noise import MARGINAL, activity_errors
from dualcarbon.accounting.uncertainty.stated import ACTIVITY, INDEPENDENT, Stated
from dualcarbon.accounting.uncertainty.variables import (
    PLAIN,
    Combination,
    Variable,
    Variables,
    times,
)
from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Finding, finding

SUMS = ("half2", "k1", "k2", "k3", "k4")
COUNTS = ("grams", "rows", "unmatched", "unstated")
INTERNAL = "half percent across out weight source all combination silent members base change"
RESERVED = {*COUNTS, *SUMS, *MARGINAL, *INTERNAL.split()}
RARE = 0.001
SHOWN = 20


@frozen(eq=False)
class Problem:
    """What is to be propagated.

    `groups`: a row per group of `by` (and of the year), sorted: the columns, `grams` (int64; null
    when every amount is), `rows`, `unmatched` (rows without amount), `unstated` (rows or parameters
    without a stated uncertainty). `cells`: per group and combination the sum `grams` and, for the
    rows' own errors, `half2` (sum of squared half ranges) and the cumulants `k1`..`k4`.
    `alone`: the rows whose own error is not normal, with `_group` and `combination`, of the groups
    whose own errors together are not near enough to normal.
    """

    by: tuple[str, ...]
    year: str | None
    groups: pl.DataFrame
    cells: pl.DataFrame
    combinations: Sequence[Combination]
    variables: Sequence[Variable]
    alone: pl.DataFrame
    negative: str
    findings: Sequence[Finding]

    @property
    def columns(self) -> list[str]:
        """Give the columns that name a group: `by`, and the year where there is one."""
        return [*self.by, *([self.year] if self.year and self.year not in self.by else [])]


def prepare(
    rows: pl.DataFrame,
    *,
    amount: str,
    by: Sequence[str] = (),
    coefficients: pl.DataFrame | None = None,
    keys: pl.DataFrame | None = None,
    stated: Stated | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    year: str | None = None,
    negative: str = "as_drawn",
    ranges: bool = False,
) -> Problem:
    """Add up account rows for the propagation of their uncertainty.

    Shape: `rows` has `key`, the `amount` in grams (integer, null = unmatched) and optionally
    `source_class`, `uncertainty` (half the 95 % range of the activity, %), `distribution`; group
    columns stand there or in `keys`. `coefficients` has `key` and `parts` (see variables.py).
    A row's own `uncertainty` goes before a statement. Rows of one `source_class` share one error.
    `year`: the column of the year or period; activity errors of two years are independent unless
    the statement says `shared`. `negative`: `as_drawn`, or `truncated` normal errors at zero.
    Absent: what is not stated adds nothing, is counted in `unstated` and said in a finding.
    Errors: UsageError for a column that is not there; InputError for two equally good statements.
    """
    stated = stated or Stated()
    names = [*by, *([year] if year and year not in by else [])]
    if taken := RESERVED.intersection(names):
        raise UsageError(finding("uncertainty.reserved", found=", ".join(sorted(taken))))
    frame = _with_keys(rows, keys, [*names, *stated.columns(ACTIVITY)], names, amount)
    frame = activity_errors(frame, stated)
    variables = Variables(stated, parameters or {}, ranges)
    parts = _parts(coefficients)
    own = _cut_off(frame.filter(pl.col("source_class").is_null()), negative)
    common = frame.filter(pl.col("source_class").is_not_null())
    cells = _own_cells(own, names, amount)
    cells = pl.concat([cells, _shared_cells(common, names, amount)], how="diagonal_relaxed")
    cells, order = _combined(cells, variables, parts, year)
    groups = _groups(cells, names)
    joined = _joined(cells, groups, names)
    made = {"cells": cells, "groups": groups, "joined": joined}
    return Problem(
        by=tuple(by),
        year=year,
        groups=groups,
        cells=joined,
        combinations=order,
        variables=list(variables.found),
        alone=_alone(own, made, names, amount),
        negative=negative,
        findings=[*stated.findings, *_said(cells, variables, negative)],
    )


def _with_keys(
    rows: pl.DataFrame,
    keys: pl.DataFrame | None,
    wanted: Sequence[str],
    needed: Sequence[str],
    amount: str,
) -> pl.DataFrame:
    if keys is not None:
        more = [name for name in dict.fromkeys(wanted) if name not in rows.columns]
        more = [name for name in more if name in keys.columns]
        rows = rows.join(keys.select("key", *more), on="key", how="left") if more else rows
    missing = [name for name in (*needed, amount) if name not in rows.columns]
    if missing:
        known = ", ".join([*rows.columns, *(keys.columns if keys is not None else [])])
        raise UsageError(finding("uncertainty.column", found=", ".join(missing), expected=known))
    if not rows.height:
        raise InputError(finding("uncertainty.no_rows"))
    kept = ("key", "source_class", "uncertainty", "distribution", "across", amount)
    rows = rows.select(n for n in rows.columns if n in kept or n in wanted)
    if "key" not in rows.columns:
        rows = rows.with_columns(key=pl.lit(None, pl.String))
    if "source_class" not in rows.columns:
        rows = rows.with_columns(source_class=pl.lit(None, pl.String))
    return rows


def _parts(coefficients: pl.DataFrame | None) -> dict[Any, str]:
    if coefficients is None:
        return {}
    listed = coefficients.select("key", "parts").iter_rows()
    return {key: parts if isinstance(parts, str) else json.dumps(parts) for key, parts in listed}


def _counts(amount: str) -> list[pl.Expr]:
    value = pl.col(amount)
    silent = pl.col("half").is_null() & value.is_not_null() & (value != 0)
    return [
        value.sum().alias("grams"),
        pl.len().cast(pl.Int64).alias("rows"),
        value.null_count().cast(pl.Int64).alias("unmatched"),
        silent.sum().cast(pl.Int64).alias("unstated"),
    ]


def _own_cells(own: pl.DataFrame, names: Sequence[str], amount: str) -> pl.DataFrame:
    """Add up the rows with an error of their own."""
    size = pl.col(amount).cast(pl.Float64)
    sums = [((size * pl.col("half")) ** 2).sum().alias("half2")]
    if (own["code"] == CODES["normal"]).all():
        sums.append(((size * pl.col("sd")) ** 2).sum().alias("k2"))
    else:
        own = own.with_columns(_cumulant_columns(own, amount))
        sums += [pl.col(f"k{n}").sum() for n in range(1, 5)]
    on = dict.fromkeys((*names, "key"))
    # In a fixed order: sums of floats further up depend on it, and a seed must give its digits.
    return own.lazy().group_by(*on).agg(*_counts(amount), *sums).sort(*on).collect()


def _cut_off(own: pl.DataFrame, negative: str) -> pl.DataFrame:
    if negative == "as_drawn":
        return own
    normal = (pl.col("code") == CODES["normal"]) & (pl.col("sd") > 0)
    cut = pl.when(normal).then(pl.lit(CODES["truncated"], pl.UInt8)).otherwise(pl.col("code"))
    return own.with_columns(code=cut)


def _cumulant_columns(own: pl.DataFrame, amount: str) -> list[pl.Series]:
    """Give the cumulants of every row's own error in grams; null counts as none here."""
    arrays = [own[name].fill_null(0.0).to_numpy() for name in ("sd", "low", "high")]
    grams = own[amount].cast(pl.Float64).fill_null(0.0).to_numpy()
    power, columns = grams, []
    for n, value in enumerate(cumulants(own["code"].to_numpy(), *arrays), start=1):
        columns.append(pl.Series(f"k{n}", power * value))
        power = power * grams
    return columns


def _shared_cells(common: pl.DataFrame, names: Sequence[str], amount: str) -> pl.DataFrame:
    keys = (*names, "key", "source_class", *MARGINAL, "half", "across")
    once = list(dict.fromkeys(keys))
    return common.lazy().group_by(*once).agg(*_counts(amount)).sort(*once).collect()


MADE_BY = ("key", "source_class", *MARGINAL, "half", "across")


def _combined(
    cells: pl.DataFrame, variables: Variables, parts: Mapping[Any, str], year: str | None
) -> tuple[pl.DataFrame, list[Combination]]:
    """Give every cell the number of its combination; count a cell with a silent parameter."""
    on = list(dict.fromkeys((*MADE_BY, *([year] if year else []))))
    distinct = cells.select(on).unique().sort(on, nulls_last=True)
    numbered: dict[Combination, int] = {}
    made, whole = [], []
    for row in distinct.iter_rows(named=True):
        combination, stated = _combination(row, variables, parts, year)
        made.append(numbered.setdefault(combination, len(numbered)))
        whole.append(stated)
    known = distinct.with_columns(
        pl.Series("combination", made, dtype=pl.Int64), pl.Series("whole", whole, dtype=pl.Boolean)
    )
    joined = cells.join(known, on=on, how="left", nulls_equal=True)
    silent = ~pl.col("whole") & (pl.col("grams").fill_null(0) != 0)
    missing = [pl.lit(0.0).alias(name) for name in SUMS if name not in cells.columns]
    filled = joined.with_columns(silent.cast(pl.Int64).alias("silent"), *missing)
    return filled.with_columns(pl.col(*SUMS).fill_null(0.0)), list(numbered)


def _combination(
    row: Mapping[str, Any], variables: Variables, parts: Mapping[Any, str], year: str | None
) -> tuple[Combination, bool]:
    of = str(row[year]) if year else None
    combination, whole = PLAIN, True
    if row["key"] in parts:
        combination, whole = variables.combination(parts[row["key"]], of)
    if row["source_class"] is None or row["half"] is None:
        return combination, whole
    marginal = Marginal(KINDS[row["code"]], row["half"], row["sd"], row["low"], row["high"])
    across = row["across"] or INDEPENDENT
    number = variables.shared(row["source_class"], marginal, of, across)
    return times(combination, number), whole


def _groups(cells: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    one = cells.with_columns(all=pl.lit(0))
    some = pl.col("rows").sum() > pl.col("unmatched").sum()
    groups = one.group_by(*(names or ["all"])).agg(
        pl.when(some).then(pl.col("grams").sum()).alias("grams"),
        pl.col("rows", "unmatched").sum(),
        (pl.col("unstated").sum() + pl.col("silent").sum()).alias("unstated"),
    )
    kept = groups.select(*names, *COUNTS)
    return kept.sort(names, nulls_last=True) if names else kept


def _index(frame: pl.DataFrame, groups: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    if not names:
        return frame.with_columns(_group=pl.lit(0, pl.Int64))
    numbered = groups.select(*names, _group=pl.int_range(pl.len(), dtype=pl.Int64))
    return frame.join(numbered, on=list(names), how="left", nulls_equal=True)


def _joined(cells: pl.DataFrame, groups: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    found = _index(cells, groups, names).group_by("_group", "combination")
    summed = found.agg(pl.col("grams").sum(), *(pl.col(name).sum() for name in SUMS))
    return summed.sort("_group", "combination")


def _alone(
    own: pl.DataFrame, problem: Mapping[str, pl.DataFrame], names: Sequence[str], amount: str
) -> pl.DataFrame:
    """Give the rows that are not normal, of the groups that are not near enough to normal."""
    sums = problem["joined"].group_by("_group").agg(pl.col("k2", "k3", "k4").sum())
    k = [sums[name].to_numpy() for name in ("k2", "k3", "k4")]
    bent = sums.filter(pl.Series(~near_normal(k[0], k[1], k[2], k[0]))).select("_group")
    rows = own.clear() if bent.is_empty() else own
    rows = rows.filter(pl.col("code") != CODES["normal"], pl.col("sd") > 0, pl.col(amount) != 0)
    rows = _index(rows, problem["groups"], names).join(bent, on="_group", how="semi")
    on = list(dict.fromkeys((*names, "key")))
    known = problem["cells"].filter(pl.col("source_class").is_null()).select(*on, "combination")
    found = rows.join(known, on=on, how="left", nulls_equal=True, maintain_order="left")
    size = pl.col(amount).cast(pl.Float64).alias("grams")
    return found.select("_group", "combination", size, *MARGINAL)


def _said(cells: pl.DataFrame, variables: Variables, negative: str) -> list[Finding]:
    """Say what is not stated, what may be drawn below zero, and where the mean is not the value."""
    said = []
    if silent := list(variables.unstated):
        said.append(_listed("uncertainty.parameter_not_stated", silent))
    if rows := int(cells["unstated"].sum()):
        total = int(cells["rows"].sum())
        said.append(finding("uncertainty.activity_not_stated", found=rows, total=total))
    made = [(v.name, drawn(v.marginal, negative)) for v in variables.found]
    if below := [(name, m.negative) for name, m in made if m.negative > RARE]:
        names = [name for name, _ in below]
        worst = f"{100 * max(p for _, p in below):.2g}"
        said.append(_listed("uncertainty.negative", names, probability=worst))
    lines = [s for s in variables.stated.statements if s.applies_to == ACTIVITY]
    even = [*variables.evened, *(str(s.place) for s in lines if s.made_even(None))]
    if even:
        said.append(_listed("uncertainty.made_even", even))
    if moved := [v.name for v in variables.found if _moves(v.marginal)]:
        said.append(_listed("uncertainty.mean_moved", moved))
    return said


def _moves(marginal: Marginal) -> bool:
    return abs(marginal.low + marginal.high) > 1e-9


def _listed(rule: str, names: Sequence[str], **facts: Any) -> Finding:
    shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
    return finding(rule, found=len(names), names=shown, **facts)
