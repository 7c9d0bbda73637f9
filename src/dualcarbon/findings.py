"""Findings: the one way in which the software says that something is wrong, where, and what to do.

The texts are data (`messages/*.yaml`), in Chinese and English; the code supplies facts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

import yaml
from attrs import asdict, frozen

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@frozen
class Place:
    """Where a value stands: file, sheet and cell, or row and column name where no cell exists."""

    file: str | None = None
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        """Give `file!sheet!cell`; the sheet is empty for csv (`activity.csv!!F12`)."""
        cell = self.cell or (str(self.row) if self.row is not None else "")
        if not self.file:
            return cell
        return f"{self.file}!{self.sheet or ''}!{cell}" if cell or self.sheet else self.file

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read `file!sheet!cell` back; a text without `!` is a file."""
        file, _, rest = text.partition("!")
        sheet, _, cell = rest.partition("!")
        return cls(file=file or None, sheet=sheet or None, cell=cell or None)


@frozen
class Finding:
    """One thing that a check says, with its place and the remedy, in both languages."""

    rule: str
    severity: Severity
    place: Place
    found: Any
    expected: Any
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str

    def to_json(self) -> dict[str, Any]:
        """Give the finding in the shape of every JSON answer."""
        return asdict(self)

    def message(self, lang: str) -> str:
        """Give the message in `zh` or `en`."""
        return self.message_zh if lang == "zh" else self.message_en

    def remedy(self, lang: str) -> str:
        """Give the remedy in `zh` or `en`."""
        return self.remedy_zh if lang == "zh" else self.remedy_en


@cache
def rules() -> Mapping[str, Mapping[str, str]]:
    """Give every rule's severity and texts by rule id."""
    found: dict[str, Mapping[str, str]] = {}
    for entry in sorted(files("dualcarbon").joinpath("messages").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".yaml"):
            found.update(yaml.safe_load(entry.read_text(encoding="utf-8")) or {})
    return found


def finding(
    rule: str,
    place: Place | None = None,
    *,
    found: Any = None,
    expected: Any = None,
    severity: Severity | None = None,
    **facts: Any,
) -> Finding:
    """Make the finding of a rule; `facts` fill the placeholders of its texts."""
    entry = rules()[rule]
    values = {"found": found, "expected": expected, **facts}
    texts = {key: entry[key].format(**values) for key in ("zh", "en", "remedy_zh", "remedy_en")}
    return Finding(
        rule=rule,
        severity=severity or entry["severity"],  # type: ignore[arg-type]
        place=place or Place(),
        found=found,
        expected=expected,
        message_zh=texts["zh"],
        message_en=texts["en"],
        remedy_zh=texts["remedy_zh"],
        remedy_en=texts["remedy_en"],
    )


def worst(findings: Iterable[Finding]) -> Severity | None:
    """Give the worst severity present, or None when there is no finding."""
    present = {item.severity for item in findings}
    return next((severity for severity in SEVERITIES if severity in present), None)
