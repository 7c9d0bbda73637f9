"""Reading notice files: YAML that remembers its lines, and what one notice takes from another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding

LINES = "_lines"
MAX_BYTES = 5_000_000
MERGED = ("sections", "bodies", "commitments")


class _Loader(yaml.SafeLoader):
    """A safe loader whose mappings know the line of every key."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    values: dict[Any, Any] = {}
    lines: dict[Any, tuple[str, int]] = {"": (loader.name, node.start_mark.line + 1)}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem=f"key {key!r}", problem_mark=key_node.start_mark)
        if key in values:
            place = Place(loader.name, row=line, column=key)
            raise PackError(finding("plan.key_twice", place, found=key, first=lines[key][1]))
        lines[key] = (loader.name, line)
        values[key] = loader.construct_object(value_node, deep=True)
    values[LINES] = lines
    return values


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a notice file; every mapping in it carries `_lines` (key -> file, line).

    Errors: PackError with file and line for text that is not UTF-8 or not YAML, a key given twice,
    or a file whose top is not a mapping.
    """
    place = Place(str(path))
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise PackError(finding("plan.file_large", place, found=len(data), expected=MAX_BYTES))
        loader = _Loader(data.decode("utf-8-sig"))
        loader.name = str(path)
        found = loader.get_single_data()
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise PackError(finding("plan.file_unreadable", place, found=str(error))) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        problem = getattr(error, "problem", None) or str(error)
        where = Place(str(path), row=line)
        raise PackError(finding("plan.yaml", where, found=problem)) from error
    if not isinstance(found, dict):
        raise PackError(finding("plan.yaml", place, found=type(found).__name__))
    return found


def place(entry: dict[str, Any], key: str = "") -> Place:
    """Give the file and line of an entry, or of one of its keys."""
    lines = entry.get(LINES, {})
    file, line = lines.get(key) or lines.get("") or (None, None)
    return Place(file, row=line, column=key or None)


def entries(raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Give the list of mappings under a key; PackError when it is anything else."""
    found = raw.get(key) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise PackError(finding("plan.not_a_list", place(raw, key), key=key))
    return found


def with_defaults(raw: dict[str, Any]) -> dict[str, Any]:
    """Spread the notice's `defaults` over its new commitments; a mapping is merged by key."""
    defaults = raw.get("defaults") or {}
    if not isinstance(defaults, dict):
        raise PackError(finding("plan.not_a_mapping", place(raw, "defaults"), key="defaults"))
    given = {key: value for key, value in defaults.items() if key != LINES}
    listed = [_over(given, item) for item in entries(raw, "commitments")]
    return {**raw, "commitments": listed}


def _over(below: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """Lay an entry over another; `coverage` alone is laid over key by key."""
    merged = {**below, **item}
    if isinstance(below.get("coverage"), dict) and isinstance(item.get("coverage"), dict):
        merged["coverage"] = {**below["coverage"], **item["coverage"]}
    return merged


def merge(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """Lay a notice over the one it extends: sections, bodies and commitments by id, the rest whole.

    An entry of the child overrides the fields that it names; `drop` lists ids of commitments that
    do not hold; a body that `replaces` one of the parent leads and supports in its place. A new
    entry of the child takes the child's defaults. `five_year` and `history` of the child stand for
    themselves: targets of one place never become those of another.
    """
    parent, child = _replaced(parent, child)
    merged = {**parent, **child, LINES: {**parent[LINES], **child[LINES]}}
    known = {item.get("id") for item in parent["commitments"]}
    filled = {item.get("id"): item for item in with_defaults(child)["commitments"]}
    for key in MERGED:
        added = entries(child, key)
        if key == "commitments":
            added = [item if item.get("id") in known else filled[item.get("id")] for item in added]
        merged[key] = by_id(entries(parent, key), added)
    dropped = _dropped(child, known)
    kept = [item for item in merged["commitments"] if item.get("id") not in dropped]
    return {**merged, "commitments": kept}


def _replaced(
    parent: dict[str, Any], child: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put the child's bodies in the place of those that they replace; nothing else changes."""
    old = {str(item.get("id")): item for item in entries(parent, "bodies")}
    new: dict[str, dict[str, Any]] = {}
    for item in entries(child, "bodies"):
        if "replaces" in item:
            name = str(item["replaces"])
            if name not in old or name in new:
                listed = ", ".join(set(old) - set(new))
                spot = place(item, "replaces")
                raise PackError(finding("plan.replaces", spot, found=name, expected=listed))
            new[name] = {key: value for key, value in item.items() if key != "replaces"}
    mine = [item for item in entries(child, "bodies") if "replaces" not in item]
    bodies = [new.get(name, item) for name, item in old.items()]
    ids = {name: item.get("id") for name, item in new.items()}
    duties = [_led_by(item, ids) for item in entries(parent, "commitments")]
    return {**parent, "bodies": bodies, "commitments": duties}, {**child, "bodies": mine}


def _led_by(commitment: dict[str, Any], ids: Mapping[str, Any]) -> dict[str, Any]:
    """Name the new bodies in `lead` and `support`."""
    lists = {key: commitment[key] for key in ("lead", "support") if key in commitment}
    named: dict[str, Any] = {
        key: [ids.get(name, name) if isinstance(name, str) else name for name in value]
        for key, value in lists.items()
        if isinstance(value, list)
    }
    return {**commitment, **named}


def _dropped(child: dict[str, Any], known: Collection[Any]) -> list[Any]:
    dropped = child.get("drop") or []
    if not isinstance(dropped, list) or any(item not in known for item in dropped):
        raise PackError(finding("plan.drop", place(child, "drop"), found=dropped))
    return dropped


def by_id(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge two lists of entries by id, in order of first appearance."""
    merged: dict[Any, dict[str, Any]] = {}
    for item in [*old, *new]:
        before = merged.get(item.get("id"), {})
        lines = {**before.get(LINES, {}), **item.get(LINES, {})}
        merged[item.get("id")] = {**_over(before, item), LINES: lines}
    return list(merged.values())
