"""Load the parameter files of a pack chain; anything missing fails the load with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import evolve

from dualcarbon.errors import DualcarbonError, PackError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack, load_yaml
from dualcarbon.parameters.model import MARKS, PURPOSES, STATUSES, Parameter
from dualcarbon.units import canonical

HEAD = {"name", "name_zh", "name_en", "set", "edition", "values"}
OPTIONAL_HEAD = {"defaults", "description_zh", "description_en"}
VALUE = {"keys", "value", "unit", "valid_from", "mark", "status", "source"}
OPTIONAL_VALUE = {"valid_to", "low", "high", "note", "edition", "purpose"}


def load_files(pack: Pack) -> tuple[list[Parameter], dict[str, dict[str, str]]]:
    """Give all parameters of the chain and the names of each quantity in both languages."""
    found: list[Parameter] = []
    names: dict[str, dict[str, str]] = {}
    for part in reversed(pack.chain):
        for path in sorted((part.folder / "parameters").glob("*.yaml")):
            head = _head(path)
            names[head["name"]] = {"zh": head["name_zh"], "en": head["name_en"]}
            found += _values(head, path, part.id)
    return close_series(found), names


def _head(path: Path) -> dict[str, Any]:
    head = load_yaml(path)
    if not isinstance(head, dict) or not isinstance(head.get("values"), list):
        raise _bad(path, "-", "values")
    missing, unknown = HEAD - set(head), set(head) - HEAD - OPTIONAL_HEAD
    if missing or unknown:
        raise _bad(path, "-", ", ".join(sorted(map(str, missing | unknown))))
    for name in ("name", "name_zh", "name_en"):
        if not isinstance(head[name], str):
            raise _bad(path, "-", f"{name} {head[name]!r}")
    return head


def _values(head: dict[str, Any], path: Path, pack: str) -> Iterator[Parameter]:
    defaults = head.get("defaults") or {}
    if not isinstance(defaults, dict):
        raise _bad(path, "defaults", "not a mapping")
    for number, value in enumerate(head["values"], 1):
        if not isinstance(value, dict):
            raise _bad(path, str(number), "not a mapping")
        entry = {"keys": {}, **defaults, **value}
        yield _parameter(head, entry, path, pack, str(value.get("keys", number)))


def _parameter(
    head: dict[str, Any], entry: dict[str, Any], path: Path, pack: str, where: str
) -> Parameter:
    missing = {name for name in VALUE if entry.get(name) in (None, "")}
    unknown = set(entry) - VALUE - OPTIONAL_VALUE
    if missing or unknown:
        raise _bad(path, where, ", ".join(sorted(map(str, missing | unknown))))
    _check(entry, path, where)
    try:
        unit = canonical(str(entry["unit"]))
    except DualcarbonError as error:
        raise _bad(path, where, str(entry["unit"])) from error
    return Parameter(
        name=head["name"],
        set=str(head["set"]),
        edition=str(entry.get("edition", head["edition"])),
        keys={str(key): str(value) for key, value in entry["keys"].items()},
        valid_from=entry["valid_from"],
        valid_to=entry.get("valid_to"),
        value=float(entry["value"]),
        unit=unit,
        mark=entry["mark"],
        status=entry["status"],
        source=entry["source"],
        low=entry.get("low"),
        high=entry.get("high"),
        note=entry.get("note"),
        purpose=entry.get("purpose"),
        file=path.name,
        pack=pack,
    )


def _check(entry: dict[str, Any], path: Path, where: str) -> None:
    for name in ("value", "low", "high"):
        if name == "value" or entry.get(name) is not None:
            _check_number(name, entry[name], path, where)
    low, high = entry.get("low"), entry.get("high")
    if (low is not None and low > entry["value"]) or (high is not None and high < entry["value"]):
        raise _bad(path, where, f"value {entry['value']} outside low {low}, high {high}")
    if not isinstance(entry["keys"], dict) or any(
        isinstance(item, (dict, list)) for item in entry["keys"].values()
    ):
        raise _bad(path, where, f"keys {entry['keys']!r}")
    dates = [entry["valid_from"], entry.get("valid_to") or entry["valid_from"]]
    if not all(type(day) is dt.date for day in dates) or dates[0] > dates[1]:
        raise _bad(path, where, f"valid_from {dates[0]!r}, valid_to {dates[1]!r}")
    if entry["status"] not in STATUSES or entry["mark"] not in MARKS:
        raise _bad(path, where, f"status {entry['status']!r}, mark {entry['mark']!r}")
    if entry["status"] == "sourced" and entry["mark"] in ("D", "B*"):
        raise _bad(path, where, f"mark {entry['mark']} is never sourced")
    if entry.get("purpose") not in (None, *PURPOSES):
        raise _bad(path, where, f"purpose {entry['purpose']!r}, not {', '.join(PURPOSES)}")
    source = entry["source"]
    if not isinstance(source, dict) or not source.get("title"):
        raise _bad(path, where, "source.title")


def _check_number(name: str, number: Any, path: Path, where: str) -> None:
    sound = isinstance(number, (int, float)) and not isinstance(number, bool)
    if not sound or not abs(number) < 1e300:
        raise _bad(path, where, f"{name} {str(number)[:40]}")


def close_series(parameters: Iterable[Parameter]) -> list[Parameter]:
    """Let a later value of a series close the earlier one the day before it begins.

    Errors: PackError when two values of a series begin on one day.
    """
    series: dict[Any, list[Parameter]] = {}
    for parameter in parameters:
        series.setdefault(parameter.series, []).append(parameter)
    closed = []
    for values in series.values():
        values.sort(key=lambda value: value.valid_from)
        for earlier, later in pairwise(values):
            if earlier.valid_from == later.valid_from:
                raise _bad(Path(later.file), later.id, "the same identity twice")
            end = later.valid_from - dt.timedelta(days=1)
            if earlier.valid_to is None or earlier.valid_to > end:
                earlier = evolve(earlier, valid_to=end)
            closed.append(earlier)
        closed.append(values[-1])
    return closed


def _bad(path: Path, where: str, found: str) -> PackError:
    return PackError(finding("parameters.entry", Place(str(path)), found=found, where=where))
