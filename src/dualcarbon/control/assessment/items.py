"""The items of a rubric: each scoring form has its own keys, and refuses those of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dualcarbon.control.assessment.bands import BOUNDS, read_band
from dualcarbon.control.assessment.entry import Entry
from dualcarbon.control.assessment.model import (
    FORMS,
    MARKS,
    STATUSES,
    Fact,
    Item,
    Ladder,
    Step,
    Veto,
)

SHARED = (
    "id", "name_zh", "name_en", "form", "reading", "veto", "mark", "status", "source",
)  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {
    "all_or_nothing": ("fact", "max"),
    "proportional": ("fact", "max", "full", "zero"),
    "stepped": ("fact", "max", "steps", "otherwise", "ladder"),
    "bonus": ("fact", "over", "per", "each", "cap"),
    "matrix": ("facts", "max", "cells"),
    "count": ("facts", "each", "fail_at", "forces"),
    "veto": ("fact", "when", "forces", "absent"),
}
Facts = Mapping[str, Fact]


def read_item(entry: Entry, facts: Facts, mark: str, status: str) -> Item:
    """Read one item; mark and status are those of the rubric where it has none of its own."""
    form = entry.raw.get("form")
    if form not in FORMS:
        entry.complain("form_unknown", "form", expected=", ".join(FORMS))
        return Item(*entry.names(), form="veto", facts=(), max=None)
    entry.keys((*SHARED, *KEYS[form]))
    named = entry.texts("facts") if "facts" in KEYS[form] else (entry.text("fact"),)
    for name in named:
        if name not in facts:
            entry.complain("fact_undeclared", "fact", found=name, expected=", ".join(facts) or "-")
    own = _READERS[form](entry, [facts[name] for name in named if name in facts])
    mark = entry.choice("mark", MARKS, mark)
    return Item(
        *entry.names(),
        form=form,
        facts=named,
        veto=own.pop("veto", None) or _veto(entry, named),
        mark=mark,
        status=entry.choice("status", STATUSES, "unsourced" if mark == "D" else status),
        source=entry.text("source", ""),
        **own,
    )


def _veto(entry: Entry, named: tuple[str, ...]) -> Veto | None:
    own = entry.entry("veto")
    if own is None:
        return None
    own.keys(("fact", "when", "forces", "absent"))
    return _read_veto(own, own.text("fact", named[0] if named else ""))


def _read_veto(entry: Entry, fact: str) -> Veto:
    when = entry.choice("when", ("missed", "met"), "missed")
    absent = entry.choice("absent", ("unknown", "clear"), "unknown")
    return Veto(fact, when, entry.text("forces"), absent)


def _points(entry: Entry, _: Any) -> dict[str, Any]:
    return {"max": entry.number("max")}


def _proportional(entry: Entry, facts: list[Fact]) -> dict[str, Any]:
    percent = bool(facts) and facts[0].unit == "%"
    full = entry.number("full", 100.0 if percent else None, None)
    return {"max": entry.number("max"), "full": full, "zero": entry.number("zero", 0.0, None)}


def _stepped(entry: Entry, facts: list[Fact]) -> dict[str, Any]:
    ladder = entry.entry("ladder")
    if (ladder is None) == ("steps" not in entry.raw):
        entry.complain("steps_or_ladder", "steps")
    if ladder is not None:
        ladder.keys(("start", "per", "lose"))
        rung = Ladder(
            ladder.number("start", low=None), _above(ladder, "per"), ladder.number("lose")
        )
        return {"max": entry.number("max"), "ladder": rung}
    return {
        "max": entry.number("max"),
        "steps": tuple(_step(e) for e in entry.entries("steps")),
        "otherwise": entry.number("otherwise") if "otherwise" in entry.raw else None,
    }


def _step(entry: Entry) -> Step:
    entry.keys((*BOUNDS, "is", "points"))
    band = None
    try:
        band = read_band(entry.raw)
    except ValueError as error:
        entry.complain("bound", found=str(error))
    if (band is None) == ("is" not in entry.raw):
        entry.complain("step", "is", expected=", ".join(BOUNDS))
    level = entry.text("is") if "is" in entry.raw else None
    return Step(entry.number("points"), band, level)


def _above(entry: Entry, key: str) -> float:
    value = entry.number(key)
    if value <= 0:
        entry.complain("number", key, expected="> 0")
        return 1.0
    return value


def _bonus(entry: Entry, facts: list[Fact]) -> dict[str, Any]:
    return {
        "max": entry.number("cap"),
        "over": entry.number("over", low=None),
        "per": _above(entry, "per"),
        "each": entry.number("each"),
    }


def _matrix(entry: Entry, facts: list[Fact]) -> dict[str, Any]:
    names = [fact.code for fact in facts]
    cells: dict[tuple[bool, ...], float] = {}
    for cell in entry.entries("cells"):
        cell.keys((*names, "points"))
        given = [cell.raw.get(name) for name in names]
        if not all(isinstance(value, bool) for value in given) or tuple(given) in cells:
            cell.complain("cell", found=str(given), expected=", ".join(names))
            continue
        cells[tuple(bool(value) for value in given)] = cell.number("points")
    if len(cells) != 2 ** len(names) or not names:
        entry.complain("cells", "cells", found=len(cells), expected=2 ** len(names))
    return {"max": entry.number("max"), "cells": cells}


def _count(entry: Entry, facts: list[Fact]) -> dict[str, Any]:
    each = entry.number("each") if "each" in entry.raw else None
    fail_at = entry.number("fail_at", low=1.0) if "fail_at" in entry.raw else None
    if fail_at is not None and (fail_at != int(fail_at) or fail_at > len(facts)):
        entry.complain("number", "fail_at", expected=f"1..{len(facts)}")
    if each is None and fail_at is None:
        entry.complain("number_missing", "each", expected=">= 0")
    return {
        "max": None if each is None else each * len(facts),
        "each": each or 0.0,
        "fail_at": None if fail_at is None else int(fail_at),
        "forces": entry.text("forces") if fail_at is not None else None,
    }


def _veto_item(entry: Entry, facts: list[Fact]) -> dict[str, Any]:
    entry.text("forces")
    return {"max": None, "veto": _read_veto(entry, facts[0].code if facts else "")}


_READERS: Mapping[str, Callable[[Entry, list[Fact]], dict[str, Any]]] = {
    "all_or_nothing": _points,
    "proportional": _proportional,
    "stepped": _stepped,
    "bonus": _bonus,
    "matrix": _matrix,
    "count": _count,
    "veto": _veto_item,
}
