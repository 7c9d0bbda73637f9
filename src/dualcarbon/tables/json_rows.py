"""Rows of a JSON file as cells: a list of flat objects, or an object that holds one such list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dualcarbon.errors import InputError
from dualcarbon.findings import Place, finding

Lines = tuple[list[str], list[list[str | None]]]


def json_lines(path: Path, text: str) -> Lines:
    """Give header and rows; numbers keep their digits, true and false are words, null is empty.

    Errors: InputError for text that is not JSON, a key given twice, or rows that are not flat.
    """
    try:
        found = json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise InputError(finding("tables.json", Place(path.name), found=str(error))) from error
    rows = _rows(found)
    if rows is None:
        raise InputError(finding("tables.json_rows", Place(path.name), found=type(found).__name__))
    header = list(dict.fromkeys(key for row in rows for key in row))
    return header, [_line(path, number, row, header) for number, row in enumerate(rows, 1)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"a key stands twice: {', '.join(key for key, _ in pairs)[:80]}")
    return found


def _rows(found: Any) -> list[dict[str, Any]] | None:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else None
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    return None


def _line(path: Path, number: int, row: dict[str, Any], header: list[str]) -> list[str | None]:
    for key, value in row.items():
        if isinstance(value, dict | list):
            place = Place(path.name, row=number, column=key)
            raise InputError(finding("tables.json_rows", place, found=f"{key}: {value}"[:80]))
    return [_text(row.get(key)) for key in header]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() or None
