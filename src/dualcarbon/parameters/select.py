"""Find the parameter of a name, keys and month: the most specific match, or an error with why."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import frozen

from dualcarbon.errors import ParameterAmbiguous, ParameterChanges, ParameterNotFound
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.parameters.load import load_files
from dualcarbon.parameters.model import Candidate, Parameter
from dualcarbon.periods import Month, Period

Keys = tuple[str, ...]
Values = list[Parameter]


@frozen(eq=False)
class Parameters:
    """All parameters of a pack chain, indexed by name; immutable."""

    by_name: Mapping[str, tuple[Parameter, ...]]
    names: Mapping[str, Mapping[str, str]]
    defaults: Mapping[str, str]

    def __iter__(self) -> Iterator[Parameter]:
        """Go through all values."""
        return (value for values in self.by_name.values() for value in values)

    def default_set(self, name: str) -> str | None:
        """Give the set a name is looked up in: the pack's choice, else the only one, else None."""
        if name in self.defaults:
            return self.defaults[name]
        sets = {value.set for value in self.by_name.get(name, ())}
        return sets.pop() if len(sets) == 1 else None

    @cached_property
    def _index(self) -> Mapping[tuple[str, str], Mapping[tuple[str, ...], Mapping[Keys, Values]]]:
        """Values by name and set, then by the names of their keys, then by the keys' values."""
        found: dict[Any, Any] = {}
        for value in self:
            names = tuple(sorted(value.keys))
            shapes = found.setdefault((value.name, value.set), {}).setdefault(names, {})
            shapes.setdefault(tuple(value.keys[key] for key in names), []).append(value)
        return found

    def _matching(
        self, name: str, chosen: str | None, keys: Mapping[str, str]
    ) -> Iterator[Parameter]:
        for names, values in self._index.get((name, chosen or ""), {}).items():
            yield from values.get(tuple(keys.get(key, "") for key in names), ())

    def select(
        self,
        name: str,
        keys: Mapping[str, str],
        month: Month,
        *,
        set: str | None = None,
        purpose: str | None = None,
    ) -> Parameter:
        """Give the one value that holds for these keys in this month.

        Of the named set, else the pack's default set, else the only set; every key of the value
        must equal the request's; most keys wins. With a purpose, a value that was issued for
        another one does not fit. Source: docs/convention.md, rules C6.3, C7.1-C7.3, C7.6.
        Errors: ParameterNotFound with the nearest rejected value; ParameterAmbiguous naming both.
        """
        chosen = set or self.default_set(name)
        day = dt.date(*month, 1)
        fits = [
            value
            for value in self._matching(name, chosen, keys)
            if value.holds(day) and _serves(value, purpose)
        ]
        if not fits:
            raise self._not_found(name, keys, month, chosen, purpose)
        most = max(len(value.keys) for value in fits)
        best = [value for value in fits if len(value.keys) == most]
        if len(best) > 1:
            found = "; ".join(value.id for value in best)
            raise ParameterAmbiguous(
                finding("parameters.ambiguous", Place(), found=found, what=_what(name, keys, month))
            )
        return best[0]

    def select_period(
        self,
        name: str,
        keys: Mapping[str, str],
        period: Period,
        *,
        set: str | None = None,
        purpose: str | None = None,
    ) -> Parameter:
        """Give the one value that holds in every month of a period.

        Errors: ParameterChanges when the value changes within the period (use months then).
        """
        values = [
            self.select(name, keys, month, set=set, purpose=purpose) for month in period.months
        ]
        if any(value is not values[0] for value in values):
            found = "; ".join(dict.fromkeys(value.id for value in values))
            raise ParameterChanges(
                finding("parameters.changes", Place(), found=found, period=str(period), name=name)
            )
        return values[0]

    def candidates(
        self,
        name: str,
        keys: Mapping[str, str],
        month: Month,
        *,
        set: str | None = None,
        purpose: str | None = None,
    ) -> list[Candidate]:
        """Give every value of the name, accepted first, with the reason for each."""
        if name not in self.by_name:
            raise self._unknown(name)
        chosen = set or self.default_set(name)
        day = dt.date(*month, 1)
        values = self.by_name[name]
        reasons = [(value, _rejected(value, keys, day, chosen, purpose)) for value in values]
        most = max((len(v.keys) for v, reason in reasons if reason is None), default=0)
        found = [_candidate(value, reason, most) for value, reason in reasons]
        found.sort(
            key=lambda item: (not item.accepted, _distance(item.parameter, keys, day, chosen))
        )
        return found

    def _not_found(
        self,
        name: str,
        keys: Mapping[str, str],
        month: Month,
        chosen: str | None,
        purpose: str | None,
    ) -> ParameterNotFound:
        if name not in self.by_name:
            return self._unknown(name)
        rejected = self.candidates(name, keys, month, set=chosen, purpose=purpose)[:3]
        zh = "；".join(f"{item.parameter.id}：{item.reason_zh}" for item in rejected)
        en = "; ".join(f"{item.parameter.id}: {item.reason_en}" for item in rejected)
        what = _what(name, keys, month)
        return ParameterNotFound(
            finding("parameters.not_found", Place(), found=what, near_zh=zh, near_en=en)
        )

    def _unknown(self, name: str) -> ParameterNotFound:
        near = difflib.get_close_matches(name, list(self.by_name), n=3, cutoff=0.4)
        known = ", ".join(near or sorted(self.by_name))
        return ParameterNotFound(
            finding("parameters.unknown_name", Place(), found=name, expected=known)
        )


def load_parameters(pack: Pack) -> Parameters:
    """Load all parameters of a pack and its parents.

    Errors: PackError naming file and entry when a unit, date, source, mark or status is missing.
    """
    values, names = load_files(pack)
    by_name: dict[str, list[Parameter]] = {}
    for value in values:
        by_name.setdefault(value.name, []).append(value)
    defaults: dict[str, str] = {}
    for part in reversed(pack.chain):
        defaults.update(part.sets)
    return Parameters({name: tuple(group) for name, group in by_name.items()}, names, defaults)


def _what(name: str, keys: Mapping[str, str], month: Month) -> str:
    inside = ", ".join(f"{key}={value}" for key, value in keys.items())
    return f"{name} ({inside}) {month[0]}-{month[1]:02d}"


Reason = tuple[str, str]


def _serves(value: Parameter, purpose: str | None) -> bool:
    """Tell whether a value may be used for a purpose; one issued for none may for any."""
    return purpose is None or value.purpose in (None, purpose)


def _rejected(
    value: Parameter,
    keys: Mapping[str, str],
    day: dt.date,
    chosen: str | None,
    purpose: str | None,
) -> Reason | None:
    if chosen is None:
        return "未指定参数集，且有多套可选", "no set was named and several exist"
    if value.set != chosen:
        return (
            f"属于参数集 {value.set}，不是 {chosen}",
            f"belongs to the set {value.set}, not {chosen}",
        )
    for key, wanted in value.keys.items():
        if key not in keys:
            return f"需要给出 {key}（{wanted}）", f"needs {key} ({wanted}), which was not given"
        if keys[key] != wanted:
            return f"{key} 为 {wanted}，不是 {keys[key]}", f"is for {key} {wanted}, not {keys[key]}"
    if not _serves(value, purpose):
        return (
            f"用途为 {value.purpose}，不是 {purpose}",
            f"was issued for {value.purpose}, not {purpose}",
        )
    if day < value.valid_from:
        return f"自 {value.valid_from} 起才有效", f"is valid only from {value.valid_from}"
    if value.valid_to and day > value.valid_to:
        return f"只到 {value.valid_to} 有效", f"was valid until {value.valid_to}"
    return None


def _candidate(value: Parameter, reason: Reason | None, most: int) -> Candidate:
    if reason is not None:
        return Candidate(value, False, *reason)
    if len(value.keys) < most:
        return Candidate(value, False, "有更具体的匹配", "a more specific value matches")
    return Candidate(value, True, "最具体的匹配", "the most specific match")


def _distance(
    value: Parameter, keys: Mapping[str, str], day: dt.date, chosen: str | None
) -> tuple[int, int, int]:
    wrong = sum(keys.get(key) != wanted for key, wanted in value.keys.items())
    end = value.valid_to or day
    days = max((value.valid_from - day).days, (day - end).days, 0)
    return wrong, value.set != chosen, days


def distinct(values: Iterable[Parameter]) -> list[Parameter]:
    """Give the values without repeats, ordered by id."""
    return list({value.id: value for value in sorted(values, key=lambda v: v.id)}.values())
