"""Write, open and verify an edition: a folder with a manifest and one Parquet file a table.

The id is the first 16 hex digits of the SHA-256 of the canonical manifest, which holds no clock:
the same inputs, options, parameters, packs and code give the same edition.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
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


@frozen
class Input:
    """A file that went in: its name and the SHA-256 of its bytes."""

    file: str
    sha256: str
    rows: int | None = None


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

    def table(self, name: str) -> pl.DataFrame:
        """Read one table; EditionError when the edition has none of that name."""
        if name not in self.manifest["tables"]:
            raise EditionError(
                finding(
                    "editions.no_table",
                    Place(self.id),
                    found=name,
                    expected=", ".join(self.manifest["tables"]),
                )
            )
        return pl.read_parquet(self.folder / f"{name}.parquet")

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
    tables: Mapping[str, pl.DataFrame],
    inputs: Iterable[Input],
    parameters: Iterable[Parameter],
    pack: Pack,
    options: Mapping[str, Any],
    parent: str | None = None,
) -> Edition:
    """Freeze tables as an edition in `store`; writing the same again gives the same edition.

    Errors: EditionError when the store cannot be written. Nothing half-written is left behind.
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
        manifest["tables"] = {name: _freeze(work, name, frame) for name, frame in tables.items()}
        text = canonical(manifest)
        edition_id = hashlib.sha256(text.encode()).hexdigest()[:16]
        (work / MANIFEST).write_text(text, encoding="utf-8")
        folder = store / edition_id
        if not folder.exists():
            _settle(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
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


def _freeze(work: Path, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    path = work / f"{name}.parquet"
    frame.write_parquet(path)
    return {"rows": frame.height, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def open_edition(store: Path, edition_id: str) -> Edition:
    """Open an edition by id; EditionError when it is not there or its manifest is broken."""
    folder = store / edition_id
    place = Place(edition_id)
    if not ID.match(edition_id) or not (folder / MANIFEST).is_file():
        raise EditionError(finding("editions.unknown", place, found=edition_id, store=str(store)))
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Edition(edition_id, folder, {**manifest, "tables": dict(manifest["tables"])})
    except (ValueError, KeyError, TypeError) as error:
        raise EditionError(finding("editions.broken", place, found=str(error))) from error


def list_editions(store: Path) -> list[Edition]:
    """Give the readable editions of a store, ordered by id; a missing store has none."""
    if not store.is_dir():
        return []
    names = sorted(entry.name for entry in store.iterdir() if ID.match(entry.name))
    return [open_edition(store, name) for name in names]


def verify_edition(edition: Edition) -> list[Finding]:
    """Say whether manifest and tables are still the bytes that were frozen; empty when they are."""
    findings = []
    place = Place(edition.id)
    text = (edition.folder / MANIFEST).read_text(encoding="utf-8")
    actual = hashlib.sha256(text.encode()).hexdigest()[:16]
    if actual != edition.id:
        findings.append(
            finding("editions.changed", place, found=actual, expected=edition.id, what=MANIFEST)
        )
    for name, entry in edition.manifest["tables"].items():
        path = edition.folder / f"{name}.parquet"
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "-"
        if found != entry["sha256"]:
            findings.append(
                finding("editions.changed", place, found=found, expected=entry["sha256"], what=name)
            )
    return findings
