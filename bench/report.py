"""What measurements share: one value with its limit, a table, and writing it between marks."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measure:
    """One measured value and the limit it has to keep (`at_least`: from below)."""

    name: str
    value: float
    limit: float | None
    unit: str
    at_least: bool = False
    digits: int = 2

    @property
    def kept(self) -> bool:
        if self.limit is None:
            return True
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self) -> str:
        sign = ">=" if self.at_least else "<="
        limit = "" if self.limit is None else f"{sign} {self.limit:g}"
        mark = "" if self.limit is None else "yes" if self.kept else "**no**"
        return f"| {self.name} | {self.value:,.{self.digits}f} {self.unit} | {limit} | {mark} |"


def table(measures: Iterable[Measure], versions: Mapping[str, str], note: str) -> str:
    """Give the measurements as a table under the machine and the versions."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    head = "| measured | value | limit | kept |\n| --- | ---: | ---: | --- |"
    rows = "\n".join(each.row() for each in measures)
    return f"{machine}; {packages}. {note}\n\n{head}\n{rows}\n"


def write(path: Path, name: str, text: str) -> None:
    """Put a text between the marks of its name, and leave the rest of the page alone."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    block = f"{begin}\n{text}{end}"
    page = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page = marked.sub(lambda _: block, page) if marked.search(page) else f"{page}\n{block}\n"
    path.write_text(page, encoding="utf-8")
