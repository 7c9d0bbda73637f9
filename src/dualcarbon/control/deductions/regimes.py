"""Deduction regimes: dated rules of a pack, their named choices, and what turns one on.

A regime speaks of provinces. For a city, district or enterprise it is off unless a document that
the pack cites turns it on. A later regime or document changes nothing computed for earlier years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from dualcarbon.errors import PackError, UsageError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack, load_yaml
from dualcarbon.words import DEDUCTION_ITEMS

LEVELS = ("province", "city", "district", "enterprise")
FORMULAS = ("amount", "non_fossil", "increase", "total_exempt")
BASES = ("both_years", "assessed_year")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "power_value": ("calorific", "equal"),
    "non_fossil_base": BASES,
    "required_saving": ("formula", "stated"),
    "certificate_cap_period": ("five_year", "year"),
    "renewable_base": ("plan_base", "previous_year"),
    "above_quota": ("counted", "deducted"),
}


@frozen
class Item:
    """One thing that a regime deducts: its formula, the facts it takes, what it leaves.

    `base`: the years in which it is deducted, or the name of the choice that says so. `when`: the
    choice and option without which it is not deducted at all.
    """

    id: str
    formula: str
    of: tuple[str, ...]
    name_zh: str
    name_en: str
    total: bool
    intensity: bool
    base: str
    mark: str
    status: str
    source: Mapping[str, Any]
    cap: Mapping[str, Any] | None = None
    when: tuple[str, str] | None = None

    def in_base(self, choices: Mapping[str, str]) -> bool:
        """Tell whether it is deducted in the base year too."""
        return choices.get(self.base, self.base) == "both_years"


@frozen
class Regime:
    """A deduction regime with its validity, source, items and the default of each choice."""

    id: str
    name_zh: str
    name_en: str
    valid_from: dt.date
    valid_to: dt.date | None
    mark: str
    status: str
    source: Mapping[str, Any]
    levels: tuple[str, ...]
    plan: tuple[int, int]
    choices: Mapping[str, str]
    items: tuple[Item, ...]
    raw: Mapping[str, Any]

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en

    def chosen(self, choices: Mapping[str, str] | None = None) -> dict[str, str]:
        """Give every choice of the regime, the caller's where it makes one.

        Errors: UsageError for an option that does not exist, or a choice that no regime has. A
        choice of another regime is left out.
        """
        for name, option in (choices or {}).items():
            if option not in CHOICES.get(name, ()):
                known = "; ".join(f"{n}={'|'.join(o)}" for n, o in CHOICES.items())
                said = finding("control.regime_choice", found=f"{name}={option}", expected=known)
                raise UsageError(said)
        own = {k: v for k, v in (choices or {}).items() if k in self.choices}
        return {**self.choices, **own}

    def in_force(self, year: int) -> bool:
        """Tell whether it held at the end of a year."""
        end = dt.date(year, 12, 31)
        return self.valid_from <= end and (self.valid_to is None or end <= self.valid_to)


@frozen
class Document:
    """A cited document that turns a regime on for subjects of a level."""

    id: str
    regime: str
    level: str
    subjects: tuple[str, ...] | None
    valid_from: dt.date
    valid_to: dt.date | None
    document: str
    mark: str
    status: str
    source: Mapping[str, Any]

    def covers(self, level: str, subject: str, day: dt.date) -> bool:
        """Tell whether it speaks of a subject on a day."""
        return (
            self.level == level
            and (self.subjects is None or subject in self.subjects)
            and self.valid_from <= day
            and (self.valid_to is None or day <= self.valid_to)
        )


def load_regimes(pack: Pack) -> dict[str, Regime]:
    """Load the regimes of a pack and its parents by id, in the order of their dates.

    Errors: PackError for a regime that is not whole or has a formula outside the closed list.
    """
    found = {}
    for path in pack.files("regimes/*.yaml"):
        regime = regime_of(load_yaml(path), str(path))
        found[regime.id] = regime
    return dict(sorted(found.items(), key=lambda pair: (pair[1].valid_from, pair[0])))


def load_regime(pack: Pack, name: str) -> Regime:
    """Give one regime; UsageError names those there are."""
    regimes = load_regimes(pack)
    if name not in regimes:
        raise UsageError(finding("control.regime", found=name, expected=", ".join(regimes) or "-"))
    return regimes[name]


def regime_of(raw: Any, file: str) -> Regime:
    """Make a regime of its data; PackError says what is wrong with it."""
    try:
        items = tuple(_item(entry, raw) for entry in raw["items"])
        regime = Regime(
            id=str(raw["id"]),
            name_zh=raw["name_zh"],
            name_en=raw["name_en"],
            valid_from=day(raw["valid_from"]),
            valid_to=day(raw["valid_to"]) if raw.get("valid_to") else None,
            mark=raw["mark"],
            status=_status(raw),
            source=raw["source"],
            levels=tuple(raw["applies_to"]["levels"]),
            plan=(int(raw["plan"]["base"]), int(raw["plan"]["last"])),
            choices={str(k): str(v) for k, v in raw["choices"].items()},
            items=items,
            raw=raw,
        )
        _check(regime)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PackError(finding("control.regime_file", Place(file), found=str(error))) from error
    return regime


def _item(entry: Mapping[str, Any], raw: Mapping[str, Any]) -> Item:
    base, when = entry["base"], entry.get("when")
    return Item(
        id=entry["id"],
        formula=entry["formula"],
        of=tuple(entry["of"]),
        name_zh=entry["name_zh"],
        name_en=entry["name_en"],
        total=bool(entry["total"]),
        intensity=bool(entry["intensity"]),
        base=base["choice"] if isinstance(base, Mapping) else base,
        mark=entry["mark"],
        status=_status(entry),
        source=entry.get("source", raw["source"]),
        cap=entry.get("cap"),
        when=(when["choice"], when["option"]) if when else None,
    )


def _status(entry: Mapping[str, Any]) -> str:
    if entry["mark"] == "D" and entry["status"] == "sourced":
        raise ValueError("mark D may not be sourced")
    return str(entry["status"])


def _check(regime: Regime) -> None:
    """Hold a regime to the closed lists."""
    named = {name for item in regime.items for name in (item.base, *(item.when or ())[:1])}
    wrong = [
        *(level for level in regime.levels if level not in LEVELS),
        *(item.formula for item in regime.items if item.formula not in FORMULAS),
        *(fact for item in regime.items for fact in item.of if fact not in DEDUCTION_ITEMS),
        *(f"{n}={o}" for n, o in regime.choices.items() if o not in CHOICES.get(n, ())),
        *(named - set(BASES) - set(regime.choices)),
    ]
    if wrong:
        raise ValueError(", ".join(map(str, wrong)))


def day(value: Any) -> dt.date:
    """Give a day of YAML; ValueError when it is none."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def documents(pack: Pack) -> list[Document]:
    """Load the documents of a pack and its parents that turn a regime on.

    Errors: PackError for one without document or source, or of an unknown level.
    """
    return [_document(entry) for entry in pack.load_list("regime_documents.yaml", "id")]


def _document(entry: Mapping[str, Any]) -> Document:
    try:
        subjects = entry["subjects"]
        if entry["level"] not in LEVELS or not entry["document"] or not entry["source"]:
            raise ValueError(f"{entry['id']}: level, document, source")
        return Document(
            id=str(entry["id"]),
            regime=entry["regime"],
            level=entry["level"],
            subjects=None if subjects == "all" else tuple(map(str, subjects)),
            valid_from=day(entry["valid_from"]),
            valid_to=day(entry["valid_to"]) if entry.get("valid_to") else None,
            document=str(entry["document"]),
            mark=entry["mark"],
            status=_status(entry),
            source=entry["source"],
        )
    except (KeyError, TypeError, ValueError) as error:
        place = Place(str(entry["_file"]))
        raise PackError(finding("control.regime_file", place, found=str(error))) from error


def turned_on(
    found: list[Document], level: str, subject: str, year: int, regime: str | None = None
) -> Document | None:
    """Give the document that turns a regime on for a subject in a year; the latest wins."""
    end = dt.date(year, 12, 31)
    hits = [
        item for item in found if item.covers(level, subject, end) and regime in (None, item.regime)
    ]
    return max(hits, key=lambda item: item.valid_from, default=None)
