"""Write, open and verify an edition: a folder with a manifest and Parquet tables.

A small table is one file, `<table>.parquet`; a large one is a folder of parts in order,
`<table>/<part>.parquet`, which an engine wrote and which are never loaded here.
The id is the first 16 hex digits of the SHA-256 of the canonical manifest, which holds no clock:
the same inputs, options, parameters, packs and code give the same edition.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from attrs import asdict, define, frozen

from dualcarbon.errors import EditionError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters import Parameter

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
ID = re.compile(r"^[0-9a-f]{16}$")
TABLE = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
PART = re.compile(r"^[0-9]{5,}\.parquet$")


@frozen
class Input:
    """A file that went in: its name and the SHA-256 of its bytes."""

    file: str
    sha256: str
    rows: int | None = None


@frozen
class Part:
    """A Parquet file that becomes one part of a table.

    `key` is a signature of what the part was computed from, by which a later edition finds it
    again. A part is moved into the edition, or hard-linked where `link` is set and then stays where
    it is. `rows` and `sha256` are counted where they are not given.
    """

    path: Path
    key: str | None = None
    link: bool = False
    rows: int | None = None
    sha256: str | None = None

    @classmethod
    def sealed(cls, path: Path, key: str) -> Part:
        """Give a part that is counted and hashed where it was written, beside other work."""
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        return cls(path, key, rows=rows, sha256=file_hash(path))


Frozen = pl.DataFrame | Sequence[Path | Part]


@define(slots=False)
class Edition:
    """A frozen result: `manifest` says what went in, `table(name)` gives a frame."""

    id: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def room(self) -> str:
        """Give the room that wrote the edition."""
        return str(self.manifest["room"])

    @property
    def written(self) -> dt.datetime:
        """Give when the folder was written (UTC); it is no part of the edition."""
        seconds = (self.folder / MANIFEST).stat().st_mtime
        return dt.datetime.fromtimestamp(seconds, dt.UTC)

    def table(self, name: str) -> pl.DataFrame:
        """Read one table; EditionError when the edition has none of that name."""
        return self.scan(name).collect()

    def scan(self, name: str) -> pl.LazyFrame:
        """Give one table lazily, its parts in order; EditionError when there is none."""
        paths = self.paths(name)
        return pl.scan_parquet(paths) if paths else pl.LazyFrame()

    def row(self, name: str, index: int) -> dict[str, Any]:
        """Read one row of a table without the others; IndexError when there is no such row."""
        return self.row_in(*self.part_of(name, index))

    def part_of(self, name: str, index: int) -> tuple[Part, int]:
        """Give the part that holds a row, and the row's place in it."""
        for part in self.parts_of(name):
            if index < (part.rows or 0):
                return part, index
            index -= part.rows or 0
        raise IndexError(f"{name}: {index}")

    @staticmethod
    def row_in(part: Part, index: int) -> dict[str, Any]:
        """Read one row of one part."""
        return pl.scan_parquet(part.path).slice(index, 1).collect().row(0, named=True)

    def paths(self, name: str) -> list[Path]:
        """Give the files of a table in order; EditionError when the edition has none."""
        return [part.path for part in self.parts(name)]

    def parts(self, name: str) -> list[Part]:
        """Give the parts of a table as a later edition may link them; a small table is one part."""
        return self.parts_of(name)

    def parts_of(self, name: str) -> list[Part]:
        """Give the parts of a table for those who read only some of them."""
        if name not in self.manifest["tables"]:
            held = ", ".join(self.manifest["tables"])
            raise EditionError(
                finding("editions.no_table", Place(self.id), found=name, expected=held)
            )
        return [
            Part(self.folder / file, entry.get("key"), True, entry["rows"], entry["sha256"])
            for file, entry in members(name, self.manifest["tables"][name])
        ]

    @cached_property
    def parameters(self) -> dict[str, Mapping[str, Any]]:
        """Give the parameters used, by id, with value, unit and source."""
        return {entry["id"]: entry for entry in self.manifest["parameters"]}


def default_store() -> Path:
    """Give the folder of editions: $DUALCARBON_EDITIONS, else the user's data folder."""
    if named := os.environ.get("DUALCARBON_EDITIONS"):
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "dualcarbon" / "editions"


def write_edition(
    store: Path,
    *,
    room: str,
    tables: Mapping[str, Frozen],
    inputs: Iterable[Input],
    parameters: Iterable[Parameter],
    pack: Pack,
    options: Mapping[str, Any],
    parent: str | None = None,
    link: bool = False,
) -> Edition:
    """Freeze tables as an edition in `store`; writing the same again gives the same edition.

    A table is a frame, or a sequence of Parquet files that an engine wrote: they are moved, with
    `link` hard-linked. Their names do not enter the id, their order does: it numbers the rows.
    Errors: EditionError when the store cannot be written. Nothing half-written is left behind, and
    files that were to be moved are still there when it fails.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".writing-", dir=store))
    except OSError as error:
        raise EditionError(
            finding("editions.store", Place(str(store)), found=error.strerror)
        ) from error
    try:
        manifest = _manifest(room, inputs, parameters, pack, options, parent)
        manifest["tables"] = {name: _freeze(work, name, rows) for name, rows in tables.items()}
        text = canonical(manifest)
        edition_id = hashlib.sha256(text.encode()).hexdigest()[:16]
        (work / MANIFEST).write_text(text, encoding="utf-8")
        folder = store / edition_id
        if not folder.exists():
            _settle(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if not link:
        _remove(tables.values())
    return Edition(edition_id, folder, json.loads(text))


def _settle(work: Path, folder: Path) -> None:
    try:
        work.rename(folder)
    except OSError:
        if not (folder / MANIFEST).exists():
            raise


def canonical(manifest: Mapping[str, Any]) -> str:
    """Give the one JSON text of a manifest: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
    )


def _manifest(
    room: str,
    inputs: Iterable[Input],
    parameters: Iterable[Parameter],
    pack: Pack,
    options: Mapping[str, Any],
    parent: str | None,
) -> dict[str, Any]:
    from dualcarbon import __version__

    return {
        "schema_version": SCHEMA_VERSION,
        "room": room,
        "parent": parent,
        "code_version": __version__,
        "options": dict(options),
        "inputs": [asdict(item) for item in sorted(inputs, key=lambda item: item.file)],
        "parameters": [
            {"id": p.id, **asdict(p)} for p in sorted(set(parameters), key=lambda p: p.id)
        ],
        "packs": {part.id: part.fingerprint() for part in pack.chain},
    }


def _freeze(work: Path, name: str, table: Frozen) -> dict[str, Any]:
    if not TABLE.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a table")
    if isinstance(table, pl.DataFrame):
        path = work / f"{name}.parquet"
        table.write_parquet(path)
        return {"rows": table.height, "sha256": file_hash(path)}
    (work / name).mkdir()
    parts = [_place(work / name, number, part) for number, part in enumerate(table)]
    return {"rows": sum(part["rows"] for part in parts), "parts": parts}


def _place(folder: Path, number: int, given: Path | Part) -> dict[str, Any]:
    """Put one part into a table's folder and give its entry of the manifest."""
    part = given if isinstance(given, Part) else Part(given)
    path = folder / f"{number:05}.parquet"
    try:
        path.hardlink_to(part.path)
    except OSError:  # another device, or a file system without links
        shutil.copyfile(part.path, path)
    rows = part.rows
    if rows is None:
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    entry = {"file": path.name, "rows": rows, "sha256": part.sha256 or file_hash(path)}
    return entry if part.key is None else {**entry, "key": part.key}


def _remove(tables: Iterable[Frozen]) -> None:
    for table in tables:
        for part in [] if isinstance(table, pl.DataFrame) else table:
            if isinstance(part, Path):
                part.unlink(missing_ok=True)
            elif not part.link:
                part.path.unlink(missing_ok=True)


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file of any size."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def members(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the files of a table relative to the edition, each with its entry of the manifest."""
    if "parts" not in entry:
        yield f"{name}.parquet", entry
        return
    for part in entry["parts"]:
        yield f"{name}/{part['file']}", part


def open_edition(store: Path, edition_id: str) -> Edition:
    """Open an edition by id; EditionError when it is not there or its manifest is broken."""
    folder = store / edition_id
    place = Place(edition_id)
    if not ID.fullmatch(edition_id) or not (folder / MANIFEST).is_file():
        raise EditionError(finding("editions.unknown", place, found=edition_id, store=str(store)))
    try:
        return Edition(edition_id, folder, read_manifest((folder / MANIFEST).read_bytes()))
    except ValueError as error:
        raise EditionError(finding("editions.broken", place, found=str(error))) from error


def read_manifest(content: bytes) -> dict[str, Any]:
    """Read a manifest; ValueError where it is none, or names files that no edition has."""
    try:
        manifest = json.loads(content)
        for name, entry in manifest["tables"].items():
            if not TABLE.fullmatch(name):
                raise ValueError(f"tables: {name!r}")
            for _, part in members(name, entry):
                if part is not entry and not PART.fullmatch(part["file"]):
                    raise ValueError(f"tables: {name}: {part['file']!r}")
                int(part["rows"]), str(part["sha256"])
            int(entry["rows"])
        return {**manifest, "room": str(manifest["room"])}
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def list_editions(store: Path) -> list[Edition]:
    """Give the readable editions of a store, the newest first; a missing store has none."""
    return survey(store)[0]


def survey(store: Path) -> tuple[list[Edition], list[Finding]]:
    """Give the readable editions, the newest first, and a finding for each that is broken."""
    found: list[Edition] = []
    findings: list[Finding] = []
    names = [e.name for e in store.iterdir() if ID.fullmatch(e.name)] if store.is_dir() else []
    for name in sorted(names):
        try:
            found.append(open_edition(store, name))
        except EditionError as error:
            findings += error.findings
    return sorted(found, key=lambda edition: edition.written, reverse=True), findings


def verify_edition(edition: Edition, files: Collection[str] | None = None) -> list[Finding]:
    """Say whether manifest and tables are still the bytes that were frozen; empty when they are.

    `files` limits it to those of a part of an edition, named relative to its folder.
    """
    findings = []
    place = Place(edition.id)
    actual = file_hash(edition.folder / MANIFEST)[:16]
    if actual != edition.id:
        findings.append(
            finding("editions.changed", place, found=actual, expected=edition.id, what=MANIFEST)
        )
    for name, entry in edition.manifest["tables"].items():
        for file, part in members(name, entry):
            if files is not None and file not in files:
                continue
            path = edition.folder / file
            found = file_hash(path) if path.is_file() else "-"
            if found != part["sha256"]:
                wanted = part["sha256"]
                findings.append(
                    finding("editions.changed", place, found=found, expected=wanted, what=file)
                )
    return findings
