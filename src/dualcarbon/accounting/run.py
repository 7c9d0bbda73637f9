"""The run: facts times parameters by a method, frozen as an edition that explains itself.

Docs: docs/decisions/0003-accounting.md, docs/methods/account.md.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
from attrs import field, frozen

from dualcarbon.accounting.engine import load_recipes
from dualcarbon.accounting.engines import FACT, Engine, Slice, Work, computed, engine_of, slices
from dualcarbon.accounting.facts import Facts, open_facts
from dualcarbon.accounting.keys import Resolved, Resolver
from dualcarbon.accounting.methods import choose_method
from dualcarbon.accounting.overrides import Overrides, read_overrides
from dualcarbon.accounting.run_notes import notes, unmatched_of
from dualcarbon.accounting.run_tables import ROOM, rows_by_key, tables_of
from dualcarbon.accounting.substances import load_gases, load_substances
from dualcarbon.editions import Edition, Part, write_edition
from dualcarbon.errors import InputError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameters, load_parameters
from dualcarbon.periods import Period
from dualcarbon.subjects import load_words

LARGEST = 9.2e18
Progress = Callable[[int, int], None]


@frozen
class RunOptions:
    """What the user chose; everything has a default.

    `period`: only facts inside it count (None: all). `gwp`: another GWP set than the method's.
    `sets`: other parameter sets by parameter name. `as_of`: what was known at the end of that day.
    `parent`: an earlier edition; what did not change is linked from it.
    """

    period: str | None = None
    engine: str = "duckdb"
    spark_master: str | None = None
    gwp: str | None = None
    method: str | None = None
    sets: Mapping[str, str] = field(factory=dict)
    as_of: dt.date | None = None
    overrides: Path | None = None
    parent: Edition | None = None


@frozen
class Run:
    """A finished run: its edition, what was found, how many slices were computed and linked."""

    edition: Edition
    findings: tuple[Finding, ...]
    unmatched: tuple[Mapping[str, Any], ...]
    computed: int
    linked: int


def run(
    activity: Sequence[Path],
    pack: Pack,
    options: RunOptions,
    store: Path,
    progress: Progress | None = None,
) -> Run:
    """Account for files of activity and freeze the result in `store`.

    Errors: InputError for files that cannot be read, when nothing can be counted, or when an
    amount would not fit 64 bits; UsageError for an option that makes no sense. All else is a
    finding beside the result. Nothing half-written is left behind.
    """
    if options.parent is not None and options.parent.room != ROOM:
        found = options.parent.room
        raise UsageError(finding("accounting.onto", Place(options.parent.id), found=found))
    resolver = make_resolver(pack, options)
    engine = engine_of(options.engine, options.spark_master, os.cpu_count() or 1)
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".running-", dir=store) as name:
        folder = Path(name)
        words, substances = resolver.words, resolver.substances
        facts = open_facts(activity, words, substances, folder / "facts", options.as_of)
        resolved = resolver.resolve(keys_of(facts, resolver.overrides, options))
        _check_sizes(facts, resolved)
        work = _work(facts, resolved, resolver.overrides, options)
        pieces = slices(_inside(facts, resolved), engine.slice_rows)
        made = _compute(pieces, work, engine, options, folder, progress)
        counted = rows_by_key([cube for _, cube in made], resolved)
        edition = write_edition(
            store,
            room=ROOM,
            tables=tables_of(facts, resolved, made, resolver, options.period),
            inputs=[*facts.inputs, *resolver.overrides.inputs],
            parameters=resolved.used,
            pack=pack,
            options=_options(resolver, options),
            parent=options.parent.id if options.parent else None,
        )
    linked = sum(rows.link for rows, _ in made)
    unmatched = tuple(unmatched_of(counted, resolved))
    own = notes(facts, resolved, unmatched, resolver)
    said = (*resolver.overrides.findings, *facts.findings, *own)
    return Run(edition, said, unmatched, len(made) - linked, linked)


def make_resolver(pack: Pack, options: RunOptions) -> Resolver:
    """Load what keys are resolved with.

    Errors: UsageError for an unknown method, GWP set, parameter or set; InputError for overrides.
    """
    parameters = load_parameters(pack)
    words, gases = load_words(pack), load_gases(pack)
    known = {"carrier": load_substances(pack), "gas": gases, "area": words.areas.vocabulary}
    overrides = read_overrides(options.overrides, parameters, known)
    recipes = load_recipes(pack)
    method = choose_method(pack, options.method, recipes)
    gwp = options.gwp or method.gwp
    _check_set(parameters, "gwp100", gwp)
    sets = {**method.sets, **options.sets}
    for name, chosen in sets.items():
        _check_set(parameters, name, chosen)
    return Resolver(
        words,
        load_substances(pack, overrides.substances),
        gases,
        parameters,
        recipes,
        method,
        overrides,
        gwp,
        sets,
    )


def _check_set(parameters: Parameters, name: str, chosen: str) -> None:
    sets = sorted({value.set for value in parameters.by_name.get(name, ())})
    if chosen not in sets:
        expected = ", ".join(sets) or "-"
        raise UsageError(
            finding("accounting.parameter_set", found=chosen, expected=expected, name=name)
        )


def keys_of(facts: Facts, overrides: Overrides, options: RunOptions) -> pl.DataFrame:
    """Give the distinct keys inside the period, once more for each enterprise of an override.

    Errors: InputError when no fact lies inside the period.
    """
    keys = facts.keys.drop("rows", "size")
    if options.period is not None:
        wanted = Period.parse(options.period)
        inside = [text for text in keys["period"].unique() if wanted.contains(Period.parse(text))]
        keys = keys.filter(pl.col("period").is_in(inside))
        if not keys.height:
            found = ", ".join(sorted(facts.keys["period"].unique())[:8])
            raise InputError(finding("accounting.no_period", found=found, expected=options.period))
    keys = keys.with_columns(who=pl.lit(""))
    if not overrides.enterprises:
        return keys
    named = [
        pl.scan_parquet(part.path)
        .filter(pl.col("subject").is_in(list(overrides.enterprises)))
        .select("key", pl.col("subject").alias("who"))
        .unique()
        .collect()
        for part in facts.parts
    ]
    own = keys.drop("who").join(pl.concat(named).unique(), on="key", how="inner")
    return pl.concat([keys, own.sort("key", "who")])


def _check_sizes(facts: Facts, resolved: Resolved) -> None:
    """Refuse what could not be added in 64 bits, naming the key with the largest amount."""
    sizes = facts.keys.select("key", "size", "carrier", "unit")
    amounts = (
        resolved.coefficients.join(sizes, on="key")
        .with_columns(total=pl.col("grams").abs() * pl.col("size"))
        .drop_nulls("total")
    )
    if not amounts.height or amounts["total"].sum() < LARGEST:
        return
    row = amounts.sort("total").row(-1, named=True)
    place = Place(column=row["carrier"])
    raise InputError(finding("accounting.too_large", place, found=row["size"], unit=row["unit"]))


def _work(facts: Facts, resolved: Resolved, overrides: Overrides, options: RunOptions) -> Work:
    measures = tuple(measure.id for measure in resolved.measures)
    corrected = [part.path for part in facts.parts if part.max_version > 1]
    last = None
    if corrected:
        later = pl.scan_parquet(corrected).filter(pl.col("version") > 1)
        if options.as_of is not None:
            later = later.filter(pl.col("recorded_at") <= options.as_of)
        found = later.group_by(FACT).agg(last_version=pl.col("version").max())
        last = found.sort(FACT).collect()
    enterprises = tuple(sorted(overrides.enterprises))
    return Work(resolved.wide(), measures, enterprises, options.as_of, last)


def _inside(facts: Facts, resolved: Resolved) -> list[Any]:
    """Give the parts that hold a key which counts, in the order of their names."""
    wanted = resolved.keys.select("key").unique()
    parts = [part for part in facts.parts if part.keys.join(wanted, on="key", how="semi").height]
    return sorted(parts, key=lambda part: (part.path.name, part.sha256))


Made = tuple[Part, Part]


def _compute(
    pieces: Sequence[Slice],
    work: Work,
    engine: Engine,
    options: RunOptions,
    folder: Path,
    progress: Progress | None,
) -> list[Made]:
    """Compute the slices side by side, or link them from the parent; gives rows and cubes."""
    known = dict(_known(options.parent))

    def one(numbered: tuple[int, Slice]) -> Made:
        number, piece = numbered
        signature = work.signature(piece, options.engine)
        if signature in known:
            return known[signature]
        rows, cube = folder / f"rows-{number}.parquet", folder / f"cube-{number}.parquet"
        computed(engine, piece, work, rows, cube)
        return Part.sealed(rows, signature), Part.sealed(cube, signature)

    made: list[Made] = []
    with ThreadPoolExecutor(engine.side_by_side) as pool:
        for result in pool.map(one, enumerate(pieces)):
            made.append(result)
            if progress is not None:
                progress(len(made), len(pieces))
    return made


def _known(parent: Edition | None) -> Iterator[tuple[str, Made]]:
    if parent is None:
        return
    for rows, cube in zip(parent.parts("rows"), parent.parts("cube"), strict=True):
        if rows.key is not None and rows.key == cube.key:
            yield rows.key, (rows, cube)


def _options(resolver: Resolver, options: RunOptions) -> dict[str, Any]:
    return {
        "method": resolver.method.id,
        "gwp": resolver.gwp,
        "sets": dict(resolver.sets),
        "period": options.period,
        "as_of": options.as_of.isoformat() if options.as_of else None,
        "engine": options.engine,
        "pack": resolver.words.pack.id,
    }
