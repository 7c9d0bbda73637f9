"""Facts: activity in codes, as month-partitioned Parquet parts that every engine reads.

A part carries the mark `dualcarbon.facts` in its footer, with the keys it holds and the files its
rows come from, so that opening it reads the footer alone. What is not marked is read through
`tables`, with a finding for every bad cell, and written as parts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from attrs import define, frozen

from dualcarbon.accounting.activity import FACTS, KEY, SERIES
from dualcarbon.accounting.overlaps import one_spelling, without_overlaps
from dualcarbon.accounting.places import place_of
from dualcarbon.accounting.reading import Read, is_parquet, read_files
from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period
from dualcarbon.subjects import Words
from dualcarbon.vocabulary import Vocabulary

MARK, VERSION = "dualcarbon.facts", "1"
ROWS_PER_GROUP = 122_880
SUFFIXES = (".parquet", ".csv", ".tsv", ".xlsx")
KEYS: dict[str, pl.DataType | type[pl.DataType]] = {
    "key": pl.Int64,
    **dict.fromkeys(KEY, pl.String),
    "rows": pl.Int64,
    "size": pl.Float64,
}


@define(slots=False)
class FactPart:
    """One Parquet file of facts.

    `keys`: the distinct keys with how many `rows` they have and the sum of their quantities
    without sign (`size`). `files`: the input files by their number in the column `file`.
    """

    path: Path
    rows: int
    keys: pl.DataFrame
    max_version: int
    files: Mapping[int, Mapping[str, Any]]

    @cached_property
    def sha256(self) -> str:
        """Give the SHA-256 of the part's bytes."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


@frozen
class Facts:
    """The facts of an account: parts, what was found while reading, and the files that went in."""

    parts: tuple[FactPart, ...]
    findings: tuple[Finding, ...] = ()
    inputs: tuple[Input, ...] = ()

    @cached_property
    def keys(self) -> pl.DataFrame:
        """Give the distinct keys of all parts, with rows and size."""
        frames = [part.keys for part in self.parts] or [pl.DataFrame(schema=KEYS)]
        return pl.concat(frames).group_by("key", *KEY, maintain_order=True).sum()

    @property
    def rows(self) -> int:
        """Count the rows of all parts."""
        return sum(part.rows for part in self.parts)

    def place(self, file: int, row: int, column: str = "quantity") -> Place:
        """Give the place of a fact's cell in the file it was read from."""
        for part in self.parts:
            if file in part.files:
                return place_of(part.files[file], row, column)
        return Place(row=row)


def open_facts(
    paths: Sequence[Path],
    words: Words,
    substances: Vocabulary[Any],
    folder: Path,
    on: dt.date | None = None,
) -> Facts:
    """Give the facts of files and folders; what is not facts yet is written below `folder`.

    `on`: of what is not facts yet, only rows known at the end of that day are read. Errors:
    InputError when there is no file, one cannot be read, no good row is left, or facts that were
    made apart speak of the same thing twice. A bad row is a finding and left out.
    """
    files = list(dict.fromkeys(_files(paths)))
    marked = [path for path in files if is_facts(path)]
    raw = [path for path in files if path not in marked]
    parts = [_of_pack(open_part(path), substances) for path in marked]
    findings: tuple[Finding, ...] = ()
    inputs = [_input(part) for part in parts]
    if raw:
        read = read_files(raw, words, substances, on)
        parts += write_parts(read, folder)
        findings, inputs = read.findings, [*inputs, *read.inputs]
    if not any(part.rows for part in parts):
        place = Place(files[0].name)
        raise InputError(finding("accounting.no_facts", place), *findings)
    if marked:
        _check_apart(parts)
    return Facts(tuple(parts), findings, tuple(inputs))


def _of_pack(part: FactPart, substances: Vocabulary[Any]) -> FactPart:
    """Refuse facts that were made with a pack whose carriers this one does not have."""
    foreign = [code for code in part.keys["carrier"].unique().sort() if code not in substances]
    if foreign:
        found = ", ".join(foreign[:5])
        raise InputError(finding("accounting.facts_foreign", Place(part.path.name), found=found))
    return part


def _check_apart(parts: Sequence[FactPart]) -> None:
    """Refuse parts that say the same of one series twice: nothing tells which of them stands.

    Only parts whose months meet are read; facts of one reading never do that to each other.
    """
    spans = [{Period.parse(text) for text in part.keys["period"].unique()} for part in parts]
    months = Counter(m for one in spans for m in {m for p in one for m in p.months})
    meeting = [
        part
        for part, own in zip(parts, spans, strict=True)
        if any(months[month] > 1 for period in own for month in period.months)
    ]
    if not meeting:
        return
    columns = [*SERIES, "period", "version", "file", "source_row"]
    scan = pl.scan_parquet([part.path for part in meeting])
    rows = one_spelling(scan.select(columns).collect())
    twice = rows.filter(pl.struct(*SERIES, "period", "version").is_duplicated())
    files = {number: about for part in meeting for number, about in part.files.items()}
    _, overlaps = without_overlaps(rows, files)
    if twice.height or overlaps:
        row = twice.row(0, named=True) if twice.height else None
        place = place_of(files[row["file"]], row["source_row"]) if row else overlaps[0].place
        names = ", ".join(part.path.name for part in meeting[:5])
        raise InputError(finding("accounting.facts_twice", place, found=names))


def _input(part: FactPart) -> Input:
    return Input(part.path.name, part.sha256, part.rows)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = [one for one in sorted(path.rglob("*")) if one.suffix in SUFFIXES]
            if not found:
                raise InputError(finding("accounting.empty_folder", Place(str(path))))
            yield from found
        elif not path.exists():
            raise InputError(finding("tables.no_file", Place(path.name), found=str(path)))
        else:
            yield path


def is_facts(path: Path) -> bool:
    """Tell whether a file carries the mark of facts."""
    if not is_parquet(path):
        return False
    try:
        return pl.read_parquet_metadata(path).get(MARK) == VERSION
    except (pl.exceptions.PolarsError, OSError):
        return False


def open_part(path: Path) -> FactPart:
    """Open a part by its footer; InputError when the footer does not fit the columns."""
    footer = pl.read_parquet_metadata(path)
    try:
        keys = pl.DataFrame(json.loads(footer["dualcarbon.keys"]), schema=KEYS, orient="row")
        files = {int(k): v for k, v in json.loads(footer["dualcarbon.files"]).items()}
        version = int(footer["dualcarbon.max_version"])
    except (KeyError, ValueError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise InputError(
            finding("accounting.facts_footer", Place(path.name), found=str(error))
        ) from error
    schema = pl.read_parquet_schema(path)
    held = pl.scan_parquet(path).select(pl.len()).collect().item()
    if held != keys["rows"].sum():
        found = f"{held} / {keys['rows'].sum()}"
        raise InputError(finding("accounting.facts_footer", Place(path.name), found=found))
    wrong = [name for name, kind in FACTS.items() if schema.get(name) != kind]
    false = [row[0] for row in keys.select("key", *KEY).iter_rows() if key_of(row[1:]) != row[0]]
    if wrong or false:
        found = ", ".join(str(one) for one in [*wrong, *false][:5])
        raise InputError(finding("accounting.facts_footer", Place(path.name), found=found))
    return FactPart(path, int(keys["rows"].sum()), keys, version, files)


def key_of(values: Iterable[str]) -> int:
    """Give the number of a key: 63 bits of the hash of its texts, the same everywhere."""
    text = "\x1f".join(values).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


def with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the column `key` to rows that have the columns of KEY."""
    distinct = frame.select(KEY).unique(maintain_order=True)
    numbers = [key_of(row) for row in distinct.iter_rows()]
    if len(set(numbers)) < len(numbers):
        raise InputError(finding("accounting.key_collision", Place()))
    keys = distinct.with_columns(pl.Series("key", numbers, dtype=pl.Int64))
    return frame.join(keys, on=list(KEY), how="left", maintain_order="left")


def write_parts(read: Read, folder: Path) -> list[FactPart]:
    """Write facts as one part a period; gives the parts in order of their periods."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = with_keys(read.frame).select(list(FACTS))
    written = []
    for (period,), rows in sorted(frame.group_by("period", maintain_order=True)):
        path = folder / f"{str(period).replace('..', '_')}.parquet"
        written.append(write_part(rows, path, read.files))
    return written


def write_part(rows: pl.DataFrame, path: Path, files: Mapping[int, Mapping[str, Any]]) -> FactPart:
    """Write one part with its footer; `rows` has the columns FACTS."""
    size = pl.col("quantity").abs().sum().alias("size")
    keys = rows.group_by("key", *KEY, maintain_order=True).agg(pl.len().alias("rows"), size)
    keys = keys.cast({"rows": pl.Int64}).select(list(KEYS)).sort("key")
    used = {number: files[number] for number in sorted(rows["file"].unique())}
    version = int(rows["version"].max() or 1)  # type: ignore[arg-type]
    rows.write_parquet(
        path,
        row_group_size=ROWS_PER_GROUP,
        metadata={
            MARK: VERSION,
            "dualcarbon.keys": json.dumps(keys.rows(), ensure_ascii=False),
            "dualcarbon.files": json.dumps(used, ensure_ascii=False),
            "dualcarbon.max_version": str(version),
        },
    )
    return FactPart(path, rows.height, keys, version, used)
