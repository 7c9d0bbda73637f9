"""Two editions side by side: what went in, and which values of a table differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dualcarbon.editions.edition import Edition
from dualcarbon.editions.explain import same

Change = dict[str, Any]


def what_went_in(a: Edition, b: Edition) -> dict[str, list[Change]]:
    """List the inputs, parameters, packs and options in which two editions differ.

    Shape: `inputs: [{file, change, from, to}]` by SHA-256, `parameters: [{id, change, from, to,
    unit}]` by value, `packs: [{pack, file, change}]`, `options: [{name, from, to}]`, the version of
    the code among them; `change` is added, removed or changed, seen from A.
    """
    return {
        "inputs": list(_inputs(a, b)),
        "parameters": list(_parameters(a, b)),
        "packs": list(_packs(a, b)),
        "options": list(_options(a, b)),
    }


def _changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted({*a, *b}):
        if name not in a:
            yield name, "added"
        elif name not in b:
            yield name, "removed"
        elif a[name] != b[name]:
            yield name, "changed"


def _inputs(a: Edition, b: Edition) -> Iterator[Change]:
    old, new = ({entry["file"]: entry["sha256"] for entry in e.manifest["inputs"]} for e in (a, b))
    for file, change in _changes(old, new):
        yield {"file": file, "change": change, "from": old.get(file), "to": new.get(file)}


def _parameters(a: Edition, b: Edition) -> Iterator[Change]:
    old, new = ({name: (p["value"], p["unit"]) for name, p in e.parameters.items()} for e in (a, b))
    for name, change in _changes(old, new):
        before, after = old.get(name), new.get(name)
        yield {
            "id": name,
            "change": change,
            "from": before[0] if before else None,
            "to": after[0] if after else None,
            "unit": (after or before or (None, None))[1],
        }


def _packs(a: Edition, b: Edition) -> Iterator[Change]:
    old, new = (
        {
            f"{pack}\n{file}": digest
            for pack, files in e.manifest["packs"].items()
            for file, digest in files.items()
        }
        for e in (a, b)
    )
    for name, change in _changes(old, new):
        pack, file = name.split("\n", 1)
        yield {"pack": pack, "file": file, "change": change}


def _options(a: Edition, b: Edition) -> Iterator[Change]:
    old, new = (
        {**e.manifest["options"], "code_version": e.manifest["code_version"]} for e in (a, b)
    )
    for name, _ in _changes(old, new):
        yield {"name": name, "from": old.get(name), "to": new.get(name)}


def changed_values(
    a: pl.DataFrame, b: pl.DataFrame, key: Sequence[str], columns: Sequence[str] | None = None
) -> list[Change]:
    """List the rows whose values differ between two tables.

    Shape: `{key columns, change: added|removed|changed, fields: {column: {from, to}}}` in the order
    of A, then what B adds. `columns` are those to compare: all but the key when None. A key without
    columns compares row by row. Absent equals absent only.
    """
    old, new = (_by_key(frame, key) for frame in (a, b))
    shared = set(a.columns) & set(b.columns)
    names = [c for c in columns or a.columns if c in shared and c not in key]
    found = []
    for place in dict.fromkeys([*old, *new]):
        before, after = old.get(place), new.get(place)
        head = dict(zip(key, place, strict=False))
        if before is None or after is None:
            found.append({**head, "change": "added" if before is None else "removed", "fields": {}})
            continue
        fields = {
            name: {"from": before[name], "to": after[name]}
            for name in names
            if not same(before[name], after[name])
        }
        if fields:
            found.append({**head, "change": "changed", "fields": fields})
    return found


def _by_key(frame: pl.DataFrame, key: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    times: dict[tuple[Any, ...], int] = {}
    for row in frame.iter_rows(named=True):
        place = tuple(row[name] for name in key)
        times[place] = times.get(place, -1) + 1
        rows[(*place, times[place])] = row
    return rows
