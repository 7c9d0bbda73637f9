"""Taking typed fields out of a notice entry; what is wrong becomes a finding with file and line."""

from __future__ import annotations

import sys
from collections.abc import Collection
from datetime import date
from typing import Any

from dualcarbon.errors import DualcarbonError
from dualcarbon.findings import Finding
from dualcarbon.findings import finding as make
from dualcarbon.periods import Period
from dualcarbon.plan.source import LINES, place


class Fields:
    """The fields of one entry; every complaint is added to `findings` and reading goes on."""

    def __init__(
        self, raw: dict[str, Any], findings: list[Finding], known: Collection[str]
    ) -> None:
        """Take an entry; a key outside `known` is a finding."""
        self.raw = raw
        self.findings = findings
        self.id = str(raw.get("id", "?"))
        for key in raw:
            if key not in known and key != LINES:
                self.complain("key_unknown", key, key=key, known=", ".join(sorted(known)))

    def complain(self, rule: str, key: str = "", /, **facts: Any) -> None:
        """Add the finding `plan.<rule>` at the line of a key."""
        facts.setdefault("found", _short(self.raw.get(key)))
        item = make(f"plan.{rule}", place(self.raw, key), id=self.id, **facts)
        self.findings.append(item)

    def text(self, key: str, *, required: bool = True) -> str:
        """Give a text; a required one may not be absent or blank."""
        value = self.raw.get(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.complain("text_missing", key, key=key)
            return ""
        return " ".join(value.split())

    def name(self, key: str) -> str | None:
        """Give an optional short text."""
        return self.text(key) if self.raw.get(key) is not None else None

    def choice(self, key: str, options: Collection[str], default: str | None = None) -> Any:
        """Give one of the options; absent gives the default."""
        value = self.raw.get(key)
        if value is None:
            return default
        if value not in options:
            self.complain("choice", key, key=key, expected=", ".join(options))
            return default
        return value

    def number(self, key: str) -> float | None:
        """Give a finite number; absent stays None."""
        value = self.raw.get(key)
        if value is None:
            return None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not abs(value) <= sys.float_info.max:
            self.complain("number", key, key=key)
            return None
        return float(value)

    def integer(self, key: str, low: int, high: int) -> int | None:
        """Give an integer within bounds; absent stays None."""
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.complain("integer", key, key=key, expected=f"{low}..{high}")
            return None
        return value

    def period(self, key: str) -> Period | None:
        """Give a period; absent stays None."""
        value = self.raw.get(key)
        if value is None:
            return None
        try:
            return Period.parse(str(value))
        except DualcarbonError:
            self.complain("period", key, key=key)
            return None

    def day(self, key: str) -> date | None:
        """Give a date; absent stays None."""
        value = self.raw.get(key)
        if value is None or (isinstance(value, date) and type(value) is date):
            return value
        self.complain("date", key, key=key)
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts; absent is empty."""
        value = self.raw.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.complain("list", key, key=key)
            return ()
        return tuple(value)

    def mapping(self, key: str) -> dict[str, Any]:
        """Give a mapping; absent is empty."""
        value = self.raw.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.complain("not_a_mapping", key, key=key)
            return {}
        return value

    def mappings(self, key: str) -> list[dict[str, Any]]:
        """Give a list of mappings; absent is empty."""
        value = self.raw.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.complain("not_a_list", key, key=key)
            return []
        return value


def _short(value: Any) -> Any:
    """Give a value as it may stand in a message; a whole structure is only named."""
    if isinstance(value, dict | list):
        return f"{type(value).__name__} ({len(value)})"
    if isinstance(value, str | date):
        text = str(value)
        return text if len(text) <= 80 else f"{text[:77]}..."
    return value
