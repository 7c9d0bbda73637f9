"""Where a fact stands: the cell of the file it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dualcarbon.findings import Place


def place_of(file: Mapping[str, Any], row: int, column: str = "quantity") -> Place:
    """Give the place of a cell, from what a part says of the file."""
    letter = file.get("letters", {}).get(column)
    cell = f"{letter}{row}" if letter else None
    return Place(file["name"], file.get("sheet"), cell, row, column)
