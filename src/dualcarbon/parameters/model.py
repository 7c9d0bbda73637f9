"""What a parameter is: a dated, cited value with keys. Never "the" factor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

STATUSES = ("sourced", "unsourced", "synthetic")
PURPOSES = ("city_inventory", "enterprise_mrv", "ets", "footprint")
MARKS = ("A", "B", "B*", "C", "D", "M", "J")


@frozen(eq=False)
class Parameter:
    """A value that holds for its keys from `valid_from` until `valid_to` (None: until replaced).

    Identity: name, set, edition, keys, valid_from. `low` and `high` bound a printed range; `value`
    is never a silent choice inside it. `purpose` is what the document issued the value for; None
    where it holds for any.
    """

    name: str
    set: str
    edition: str
    keys: Mapping[str, str]
    valid_from: dt.date
    valid_to: dt.date | None
    value: float
    unit: str
    mark: str
    status: str
    source: Mapping[str, Any]
    low: float | None = None
    high: float | None = None
    note: str | None = None
    purpose: str | None = None
    file: str = field(default="")
    pack: str = field(default="")

    @property
    def id(self) -> str:
        """Give `name/set/edition/k=v,k=v/valid_from`."""
        keys = ",".join(f"{key}={value}" for key, value in sorted(self.keys.items()))
        return f"{self.name}/{self.set}/{self.edition}/{keys}/{self.valid_from}"

    @property
    def series(self) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
        """Give what successive values share: name, set, edition and keys."""
        return self.name, self.set, self.edition, tuple(sorted(self.keys.items()))

    def to_json(self) -> dict[str, Any]:
        """Give the value in the shape of JSON answers; its keys are `value_keys`."""
        return {
            "id": self.id,
            "value": self.value,
            "unit": self.unit,
            "set": self.set,
            "edition": self.edition,
            "value_keys": dict(self.keys),
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "low": self.low,
            "high": self.high,
            "mark": self.mark,
            "status": self.status,
            "purpose": self.purpose,
            "source": dict(self.source),
            "note": self.note,
        }

    def holds(self, day: dt.date) -> bool:
        """Tell whether the value holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@frozen
class Candidate:
    """One value considered in a look-up, and why it was taken or not."""

    parameter: Parameter
    accepted: bool
    reason_zh: str
    reason_en: str

    def reason(self, lang: str) -> str:
        """Give the reason in `zh` or `en`."""
        return self.reason_zh if lang == "zh" else self.reason_en


def worst_status(statuses: Iterable[str]) -> str:
    """Give the worst of several statuses: synthetic, then unsourced, then sourced."""
    return max(statuses, key=STATUSES.index, default="sourced")
