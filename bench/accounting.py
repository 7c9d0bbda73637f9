"""Measures the account engine against hand-written queries and the usual data-frame scripts.

Everything that is compared runs in turn in one process tree: A B A B ...; the ratio of a pair is
taken pair by pair and the median is quoted, because the speed of a shared machine drifts.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
from bench.facts import write_facts
from bench.report import Measure, table, write

from dualcarbon.accounting import engines
from dualcarbon.accounting.facts import Facts
from dualcarbon.accounting.keys import Resolved
from dualcarbon.accounting.run import RunOptions, keys_of, make_resolver, run
from dualcarbon.editions import open_edition
from dualcarbon.packs import load_pack

PACK = "demo"
PACKAGES = ("duckdb", "polars", "narwhals", "pandas", "pint")


def seconds(task: Callable[[], object]) -> float:
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def paired(
    ours: Callable[[], object], theirs: Callable[[], object], pairs: int
) -> tuple[float, float]:
    """Give the median seconds of ours and the median ratio ours / theirs, pair by pair."""
    ours()
    theirs()
    times = [(seconds(ours), seconds(theirs)) for _ in range(pairs)]
    return statistics.median(a for a, _ in times), statistics.median(a / b for a, b in times)


def ours(facts: Path, store: Path, parent: str | None = None) -> str:
    """Run the account as a user does; gives the edition's id."""
    options = RunOptions(parent=open_edition(store, parent) if parent else None)
    return run([facts], load_pack(PACK), options, store).edition.id


def resolved_of(facts: Facts) -> Resolved:
    resolver = make_resolver(load_pack(PACK), RunOptions())
    return resolver.resolve(keys_of(facts, resolver.overrides, RunOptions()))


def by_hand(facts: Path, found: Resolved, out: Path) -> None:
    """Write the same columns with the shortest DuckDB text that does it: rows, then their sums."""
    measures = [measure.id for measure in found.measures]
    out.mkdir(parents=True, exist_ok=True)
    kept = ", ".join(engines.KEPT)
    amounts = ", ".join(f"round(quantity * {name})::BIGINT AS {name}" for name in measures)
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in measures)
    with duckdb.connect() as connection:
        connection.register("keys", found.wide().drop("who").to_arrow())
        connection.register("periods", found.keys.select("key", "period").to_arrow())
        connection.execute(
            f"COPY (SELECT {kept}, {amounts} FROM read_parquet('{facts}/*.parquet') "
            f"JOIN keys USING (key)) TO '{out}/rows.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
        connection.execute(
            f"COPY (SELECT subject_kind, subject, key, count(*) AS rows, {sums} "
            f"FROM '{out}/rows.parquet' GROUP BY ALL) TO '{out}/cube.parquet' (FORMAT parquet)"
        )
        for name, period in (("figures", "period"), ("totals", "period[:4]")):
            connection.execute(
                f"COPY (SELECT subject_kind, subject, {period} AS period, {sums} "
                f"FROM '{out}/cube.parquet' JOIN periods USING (key) GROUP BY ALL) "
                f"TO '{out}/{name}.parquet' (FORMAT parquet)"
            )


def against_hand(folder: Path, rows: int, pairs: int) -> list[Measure]:
    facts = folder / f"facts-{rows}"
    parts = write_facts(facts, rows)
    found = resolved_of(Facts(tuple(parts)))

    def engine() -> None:
        shutil.rmtree(folder / "store", ignore_errors=True)
        ours(facts, folder / "store")

    def hand() -> None:
        shutil.rmtree(folder / "hand", ignore_errors=True)
        by_hand(facts, found, folder / "hand")

    took, ratio = paired(engine, hand, pairs)
    label = f"{sum(part.rows for part in parts):,} rows"
    return [
        Measure(f"{label}: whole run, edition written", took, None, "s"),
        Measure(f"{label}: run / hand-written DuckDB", ratio, 1.5, "x"),
        *one_more_month(folder, facts, pairs),
    ]


def one_more_month(folder: Path, facts: Path, pairs: int) -> list[Measure]:
    """Measure the run that adds the last month to an edition of the others."""
    store, fewer = folder / "store", folder / "fewer"
    fewer.mkdir(exist_ok=True)
    months = sorted(facts.glob("*.parquet"))
    for path in months[:-1]:
        os.link(path, fewer / path.name)
    shares = []
    for _ in range(pairs):
        shutil.rmtree(store, ignore_errors=True)
        parent = ours(fewer, store)
        added = seconds(lambda: ours(facts, store, parent))  # noqa: B023
        shutil.rmtree(store)
        shares.append(added / seconds(lambda: ours(facts, store)))
    shutil.rmtree(fewer)
    share = statistics.median(shares) * 100
    return [Measure(f"one month into {len(months)} / full run", share, 15, "%", digits=1)]


def pandas_by_group(facts: Path, found: Resolved, out: Path) -> None:
    """Write the same columns as scripts do: one Pint product per key on a pandas frame."""
    import pandas as pd
    import pint

    units = pint.UnitRegistry()
    out.mkdir(parents=True, exist_ok=True)
    frame = pd.read_parquet(facts, columns=list(engines.KEPT))
    keys = found.wide().drop("who").to_pandas().set_index("key")
    pieces = []
    for key, group in frame.groupby("key", sort=False):
        piece = group.copy()
        amount = units.Quantity(group["quantity"].to_numpy(), "tonne")
        for name, grams in keys.loc[key].dropna().items():
            factor = units.Quantity(grams, "gram / tonne")
            piece[name] = (amount * factor).to("gram").magnitude.round().astype("int64")
        pieces.append(piece)
    whole = pd.concat(pieces)
    whole.to_parquet(out / "rows.parquet", compression="zstd")
    by = ["subject_kind", "subject", "key"]
    cube = whole.groupby(by, sort=False)[list(keys.columns)].sum(min_count=1)
    cube.to_parquet(out / "cube.parquet", compression="zstd")


def engine_rows(facts: Facts, found: Resolved, folder: Path) -> None:
    """Do the same work as the pandas script with the engine: rows and sums, no edition."""
    work = engines.Work(found.wide(), tuple(measure.id for measure in found.measures))
    engine = engines.DuckDB()
    folder.mkdir(exist_ok=True)
    for number, piece in enumerate(engines.slices(facts.parts)):
        engine.compute(piece, work, folder / f"r{number}.parquet", folder / f"c{number}.parquet")


def against_pandas(folder: Path, rows: int, least: float, pairs: int) -> list[Measure]:
    path = folder / f"facts-{rows}"
    facts = Facts(tuple(write_facts(path, rows)))
    found = resolved_of(facts)
    store, scratch = folder / "pandas-store", folder / "pandas"

    def engine() -> None:
        shutil.rmtree(store, ignore_errors=True)
        ours(path, store)

    _, ratio = paired(engine, lambda: pandas_by_group(path, found, scratch), pairs)
    shutil.rmtree(store)
    shutil.rmtree(scratch)
    name = f"{rows:,} rows: pandas + Pint per group / whole run"
    return [Measure(name, 1 / ratio, least, "x", at_least=True)]


def chains(found: Resolved) -> dict[int, list[list[tuple[float, str, int]]]]:
    """Give, per key, what a script multiplies for each gas: its parameters with their units."""
    values = {value.id: (value.value, value.unit) for value in found.used}
    made: dict[int, list[list[tuple[float, str, int]]]] = {}
    for row in found.coefficients.iter_rows(named=True):
        parts = json.loads(row["parts"])
        if parts and "power" in parts[0]:
            chain = [(*values[part["parameter"]], part["power"]) for part in parts]
            made.setdefault(row["key"], []).append(chain)
    return made


def against_pint_rows(folder: Path, rows: int) -> list[Measure]:
    """Compare with a Pint product per row: quantity times each parameter, then to grams."""
    import pint

    path = folder / f"facts-{rows}"
    facts = Facts(tuple(write_facts(path, rows, months=1)))
    found = resolved_of(facts)
    units = pint.UnitRegistry()
    plain = {
        key: [
            [units.Quantity(value, "kg/kg") ** power for value, _, power in chain] for chain in all_
        ]
        for key, all_ in chains(found).items()
    }
    frame = pl.read_parquet(facts.parts[0].path, columns=["key", "quantity"])

    def by_row() -> int:
        total = 0
        for key, quantity in frame.iter_rows():
            amount = units.Quantity(quantity, "tonne")
            for chain in plain[key]:
                product = amount
                for parameter in chain:
                    product = product * parameter
                total += round(product.to("gram").magnitude)
        return total

    _, ratio = paired(lambda: engine_rows(facts, found, folder / "rows"), by_row, 3)
    name = f"{frame.height:,} rows: Pint per row / engine, rows and sums written"
    return [Measure(name, 1 / ratio, 100, "x", at_least=True, digits=0)]


CHILD = """
import resource, sys, time
from pathlib import Path
from bench.accounting import ours
started = time.perf_counter()
ours(Path(sys.argv[1]), Path(sys.argv[2]))
took = time.perf_counter() - started
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 ** 2)
"""


def in_child(facts: Path, store: Path) -> tuple[float, float]:
    """Run in a process of its own; gives seconds and the peak memory in GB."""
    found = subprocess.run(
        [sys.executable, "-c", CHILD, str(facts), str(store)],
        check=True,
        capture_output=True,
        text=True,
    )
    took, memory = found.stdout.split()[-2:]
    return float(took), float(memory)


def large(folder: Path, small: int, big: int) -> list[Measure]:
    """Measure time and peak memory of a big run against a small one."""
    times = {}
    for rows in (small, big):
        facts = folder / f"large-{rows}"
        count = sum(part.rows for part in write_facts(facts, rows))
        times[rows] = (*in_child(facts, folder / "large-store"), count)
        shutil.rmtree(folder / "large-store")
        shutil.rmtree(facts)
    (short, _, _), (long, memory, count) = times[small], times[big]
    return [
        Measure(f"{count:,} rows: whole run", long, None, "s", digits=0),
        Measure(f"{count:,} rows: peak memory", memory, 1.0, "GB"),
        Measure(f"time({big:.0e}) / time({small:.0e})", long / short, 12, "x", digits=1),
    ]


def versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def measure(chosen: argparse.Namespace) -> list[Measure]:
    with tempfile.TemporaryDirectory(prefix="dualcarbon-bench-", dir=chosen.folder) as name:
        folder = Path(name)
        found = against_pint_rows(folder, 120_000)
        found += against_pandas(folder, 1_000_000, 2, chosen.pairs)
        found += against_hand(folder, chosen.rows, chosen.pairs)
        found += against_pandas(folder, chosen.rows, 4, 1)
        if chosen.large:
            found += large(folder, chosen.rows, chosen.large)
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=lambda text: int(float(text)), default=10_000_000)
    options.add_argument("--large", type=lambda text: int(float(text)), default=100_000_000)
    options.add_argument("--pairs", type=int, default=3)
    options.add_argument("--folder", type=Path, help="where the files may lie (about 8 GB)")
    options.add_argument("--write", type=Path, help="page to write the table into")
    chosen = options.parse_args()
    measures = measure(chosen)
    text = table(measures, versions(), "Ratios are medians of pairs run in turn.")
    print(text)
    if chosen.write:
        write(chosen.write, "accounting", text)
    return 0 if all(each.kept for each in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
