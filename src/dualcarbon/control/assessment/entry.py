"""Typed fields of a YAML entry; what is wrong becomes a finding that names file, item and key."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from typing import Any

from attrs import define

from dualcarbon.findings import Finding, Place, finding


@define
class Entry:
    """One mapping of a rubric file. Complaints are added to `findings`, and reading goes on."""

    raw: Mapping[str, Any]
    where: str
    file: str
    findings: list[Finding]

    def complain(self, rule: str, key: str = "", **facts: Any) -> None:
        """Add the finding `assessment.<rule>` about a key of this entry."""
        facts.setdefault("found", short(self.raw.get(key)))
        place = Place(self.file or None, column=key or None)
        self.findings.append(
            finding(f"assessment.{rule}", place, where=self.where, key=key, **facts)
        )

    def keys(self, known: Collection[str]) -> None:
        """Say which keys are not known here."""
        from difflib import get_close_matches

        for key in self.raw:
            if key not in known:
                near = get_close_matches(str(key), known, n=1)
                expected = f"{near[0]}?" if near else ", ".join(sorted(known))
                self.complain("key_unknown", str(key), found=str(key), expected=expected)

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text; without a default it is required. A number or date is read as text."""
        value = self.raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, str | int | float | dt.date):
            self.complain("text", key)
            return ""
        return " ".join(str(value).split())

    def choice(self, key: str, options: Collection[str], default: str | None = None) -> str:
        """Give one of the options; without a default it is required."""
        value = self.raw.get(key, default)
        if not isinstance(value, str) or value not in options:
            self.complain("choice", key, expected=", ".join(options))
            return default or next(iter(options))
        return value

    def number(self, key: str, default: float | None = None, low: float | None = 0.0) -> float:
        """Give a finite number, not below `low`; without a default it is required."""
        value = self.raw.get(key, default)
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not math.isfinite(value) or (low is not None and value < low):
            rule = "number_missing" if value is None else "number"
            self.complain(rule, key, expected="" if low is None else f">= {low:g}")
            return default if default is not None else 1.0
        return float(value)

    def date(self, key: str, required: bool = False) -> dt.date | None:
        """Give a date; absent is None."""
        value = self.raw.get(key)
        if type(value) is dt.date or (value is None and not required):
            return value
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError:
            self.complain("date", key)
            return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts; absent is empty."""
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.complain("list", key)
            return ()
        return tuple(value)

    def entries(self, key: str, name: str = "id") -> list[Entry]:
        """Give the mappings of a list, each known by its `name`; absent is empty."""
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.complain("list", key)
            return []
        return [
            Entry(item, f"{self.where} › {key} › {item.get(name, k)}", self.file, self.findings)
            for k, item in enumerate(value, 1)
        ]

    def entry(self, key: str) -> Entry | None:
        """Give a mapping under a key; absent is None."""
        value = self.raw.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.complain("mapping", key)
            return None
        return Entry(value, f"{self.where} › {key}", self.file, self.findings)

    def names(self) -> tuple[str, str, str]:
        """Give code and names; a missing name is the other one, else the code."""
        code = self.text("id")
        zh, en = self.raw.get("name_zh"), self.raw.get("name_en")
        return code, str(zh or en or code), str(en or zh or code)


def short(value: Any) -> str | None:
    """Give a value as it may stand in a message."""
    if value is None:
        return None
    text = (
        f"{type(value).__name__} ({len(value)})" if isinstance(value, dict | list) else str(value)
    )
    return text if len(text) <= 80 else f"{text[:77]}..."
