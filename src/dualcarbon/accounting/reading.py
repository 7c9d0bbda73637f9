"""Read activity files of any kind into facts: codes, places, versions, and every doubt a finding.

Of the rows of one series and period the last recorded stands (`version`); rows that say the same
month twice in other words (a month and the year to date that contains it) are counted once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from attrs import evolve, frozen

from dualcarbon.accounting.activity import ACTIVITY, FACTS, SECTORS, SERIES
from dualcarbon.accounting.overlaps import one_spelling, without_overlaps
from dualcarbon.accounting.places import place_of
from dualcarbon.editions import Input
from dualcarbon.errors import InputError
from dualcarbon.figures import VINTAGES
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.periods import Period
from dualcarbon.subjects import Words
from dualcarbon.tables import read_table
from dualcarbon.tables.model import SOURCE_ROW, Reading
from dualcarbon.vocabulary import Vocabulary
from dualcarbon.words import LISTS, Word

SLICE = 500_000
SHOWN = 20
SIGNED = ("stock",)
OPTIONAL = ("area", "industry", "sector", "equipment", "item")
SECTOR_WORDS = Vocabulary(
    Word(code, zh, en)
    for code, zh, en in zip(
        SECTORS,
        ("能源工业", "制造业和建筑业", "商业和公共机构", "居民和农林渔", "交通运输"),
        ("energy industries", "manufacturing", "commercial", "residential", "transport"),
        strict=True,
    )
)


@frozen
class Read:
    """Good rows in the columns of FACTS without `key`, what was found, the files by number."""

    frame: pl.DataFrame
    findings: tuple[Finding, ...]
    files: Mapping[int, Mapping[str, Any]]
    inputs: tuple[Input, ...]


def is_parquet(path: Path) -> bool:
    """Tell whether a file is named as Parquet."""
    return path.suffix.lower() == ".parquet"


def read_files(
    paths: Sequence[Path],
    words: Words,
    substances: Vocabulary[Any],
    on: dt.date | None = None,
) -> Read:
    """Read files of activity; with `on`, only rows that were known at the end of that day.

    Shape: one row per good row of all files. Absent: an optional text that is not given is the
    empty text, save that a row of an area or industry is of that area or industry; a quantity that
    is not given is a finding and no row. Errors: InputError for a file that cannot be read or lacks
    a column, or when nothing was known yet.
    """
    vocabularies = _vocabularies(words, substances)
    frames, findings, files, inputs = [], list[Finding](), dict[int, Any](), []
    for path in paths:
        number, parts = 0, list[Reading]()
        for reading in _readings(path, vocabularies):
            number = int(reading.sha256[:15], 16)
            frame, unknown = _subjects(reading.frame, reading, words)
            frames.append(frame.with_columns(pl.lit(number, pl.Int64).alias("file")))
            findings += [*reading.findings, *unknown]
            parts.append(reading)
        files[number] = _about(parts[0])
        rows = sum(one.rows_read for one in parts)
        inputs.append(Input(parts[0].file, parts[0].sha256, rows))
    frame = one_spelling(_completed(pl.concat(frames)))
    for step in (_not_negative, _recorded, partial(_known, on=on), _versions, without_overlaps):
        frame, said = step(frame, files)
        findings += said
    return Read(frame, tuple(findings), files, tuple(inputs))


def _vocabularies(words: Words, substances: Vocabulary[Any]) -> dict[str, Any]:
    own = {"substance": substances, "area": words.areas.vocabulary, "industry": words.industries}
    return {**LISTS, "sector": SECTOR_WORDS, **own}


def _about(reading: Reading) -> dict[str, Any]:
    return {
        "name": reading.file,
        "sheet": reading.sheet,
        "sha256": reading.sha256,
        "letters": dict(reading.letters),
    }


def _readings(path: Path, vocabularies: Mapping[str, Any]) -> Iterator[Reading]:
    """Read a file; a Parquet file in slices of bounded size."""
    if not is_parquet(path):
        yield read_table(path, ACTIVITY, vocabularies=vocabularies)
        return
    try:
        rows = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(finding("tables.parquet", Place(path.name), found=str(error))) from error
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    with tempfile.TemporaryDirectory(prefix="dualcarbon-slice-") as folder:
        piece = Path(folder) / path.name
        for start in range(0, max(rows, 1), SLICE):
            pl.scan_parquet(path).slice(start, SLICE).collect().write_parquet(piece)
            reading = read_table(piece, ACTIVITY, vocabularies=vocabularies)
            frame = reading.frame.with_columns(pl.col(SOURCE_ROW) + start)
            said = tuple(_further(one, reading, start) for one in reading.findings)
            yield evolve(reading, frame=frame, sha256=sha256, findings=said)


def _further(said: Finding, reading: Reading, start: int) -> Finding:
    """Give a finding of a slice the place it has in the whole file."""
    place = said.place
    if not start or place.row is None:
        return said
    return evolve(said, place=reading.place(place.row + start, place.column))


def _subjects(
    frame: pl.DataFrame, reading: Reading, words: Words
) -> tuple[pl.DataFrame, list[Finding]]:
    """Put subjects in codes; a subject the pack does not know is a finding, its rows are left."""
    pairs = frame.select("subject_kind", "subject").unique(maintain_order=True)
    known = [words.subject(*pair) for pair in pairs.iter_rows()]
    codes = pairs.with_columns(
        pl.Series("_kind", [one[0] if one else None for one in known], dtype=pl.String),
        pl.Series("_code", [one[1] if one else None for one in known], dtype=pl.String),
    )
    joined = frame.join(codes, on=["subject_kind", "subject"], how="left", maintain_order="left")
    lost = joined.filter(pl.col("_code").is_null())
    findings = [
        finding(
            "accounting.subject_unknown",
            reading.place(row[SOURCE_ROW], "subject"),
            found=row["subject"],
            kind=row["subject_kind"],
            near=words.near(row["subject_kind"], row["subject"]),
        )
        for row in lost.unique(["subject_kind", "subject"], maintain_order=True)
        .head(SHOWN)
        .iter_rows(named=True)
    ]
    more = lost.select("subject_kind", "subject").n_unique() - len(findings)
    if more > 0:
        findings.append(
            finding("accounting.more", Place(), found=more, of="accounting.subject_unknown")
        )
    good = joined.filter(pl.col("_code").is_not_null())
    renamed = good.drop("subject_kind", "subject").rename(
        {"_kind": "subject_kind", "_code": "subject"}
    )
    return renamed, findings


def _completed(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the columns of facts; absent optional texts become the empty text."""
    own = {
        kind: pl.when(pl.col("subject_kind") == kind).then("subject")
        for kind in ("area", "industry")
    }
    empty = [
        pl.coalesce(name, own.get(name, pl.lit(None)), pl.lit("")).alias(name) for name in OPTIONAL
    ]
    version = pl.lit(1, pl.Int32).alias("version")
    names = [name for name in FACTS if name != "key"]
    return frame.with_columns(*empty, version).select(names)


def _not_negative(
    frame: pl.DataFrame, files: Mapping[int, Any]
) -> tuple[pl.DataFrame, list[Finding]]:
    below = (pl.col("quantity") < 0) & ~pl.col("flow").is_in(SIGNED)
    wrong = frame.filter(below)
    return frame.filter(~below), _said("accounting.negative", wrong, files)


def _said(rule: str, rows: pl.DataFrame, files: Mapping[int, Any], **facts: Any) -> list[Finding]:
    found = []
    for row in rows.head(SHOWN).iter_rows(named=True):
        place = place_of(files[row["file"]], row[SOURCE_ROW])
        what = {name: row[name] for name in ("subject", "carrier", "period")}
        found.append(finding(rule, place, found=f"{row['quantity']} {row['unit']}", **what))
    if rows.height > SHOWN:
        more = rows.height - SHOWN
        found.append(finding("accounting.more", Place(), found=more, of=rule))
    return found


def _recorded(frame: pl.DataFrame, files: Mapping[int, Any]) -> tuple[pl.DataFrame, list[Finding]]:
    """Take a row without a date as known from the end of its period, and say so."""
    ends = {text: Period.parse(text).end for text in frame["period"].unique()}
    undated = frame.filter(pl.col("recorded_at").is_null())
    end = pl.col("period").replace_strict(ends, return_dtype=pl.Date)
    frame = frame.with_columns(pl.coalesce("recorded_at", end))
    if not undated.height:
        return frame, []
    first = undated.row(0, named=True)
    place = place_of(files[first["file"]], first["source_row"], "recorded_at")
    return frame, [finding("accounting.not_recorded", place, found=undated.height)]


def _known(
    frame: pl.DataFrame, files: Mapping[int, Any], on: dt.date | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """Leave what was recorded later than a day: it neither corrects nor repeats what was known."""
    if on is None:
        return frame, []
    known = frame.filter(pl.col("recorded_at") <= on)
    if frame.height and not known.height:
        first = str(frame["recorded_at"].min())
        raise InputError(finding("accounting.not_known", Place(), found=first, expected=str(on)))
    return known, []


def _versions(frame: pl.DataFrame, files: Mapping[int, Any]) -> tuple[pl.DataFrame, list[Finding]]:
    """Number the corrections of each fact by date and vintage; refuse what contradicts itself."""
    key = [*SERIES, "period"]
    if not frame.select(key).is_duplicated().any():
        return frame, []
    rank = pl.col("vintage").replace_strict(
        list(VINTAGES), range(1, len(VINTAGES) + 1), default=0, return_dtype=pl.Int32
    )
    frame = frame.with_columns(rank.alias("_rank"))
    moment = [*key, "recorded_at", "_rank"]
    same = frame.unique([*moment, "quantity", "unit"], keep="first", maintain_order=True)
    clash = pl.struct(moment).is_duplicated()
    wrong = same.filter(clash)
    same = same.filter(~clash)
    order = pl.struct("recorded_at", "_rank").rank("dense").over(key).cast(pl.Int32)
    findings = _said("accounting.contradiction", wrong, files)
    if twice := frame.height - wrong.height - same.height:
        findings.append(finding("accounting.repeated", Place(), found=twice))
    return same.with_columns(order.alias("version")).drop("_rank"), findings
