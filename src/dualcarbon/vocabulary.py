"""A vocabulary: entries by code that are found by code, Chinese name, English name or alias."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar


class Entry(Protocol):
    """What a vocabulary holds: something with a code and names in both languages."""

    @property
    def code(self) -> str:
        """The code, unique in the vocabulary."""

    @property
    def name_zh(self) -> str:
        """The Chinese name."""

    @property
    def name_en(self) -> str:
        """The English name."""


T = TypeVar("T", bound=Entry)


def plain(text: str) -> str:
    """Give the form in which spellings are compared: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class Vocabulary(Mapping[str, T], Generic[T]):
    """Entries by code; `resolve` finds one by any of its spellings."""

    def __init__(self, entries: Iterable[T]) -> None:
        """Keep the entries in their order; a later entry never takes an earlier one's spelling."""
        self._entries = {entry.code: entry for entry in entries}
        self._spellings: dict[str, T] = {}
        for spell in (_codes, _names, _aliases):
            for entry in self._entries.values():
                for text in spell(entry):
                    self._spellings.setdefault(plain(text), entry)

    def __getitem__(self, code: str) -> T:
        """Give the entry of a code; KeyError when there is none."""
        return self._entries[code]

    def __iter__(self) -> Iterator[str]:
        """Go through the codes in order."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._entries)

    def resolve(self, text: str) -> T | None:
        """Give the entry of a code, name or alias; None when nothing matches."""
        return self._spellings.get(plain(text))

    def suggest(self, text: str) -> list[str]:
        """Give up to three nearest spellings, for the text of an error."""
        near = difflib.get_close_matches(plain(text), list(self._spellings), n=3, cutoff=0.5)
        return [f"{self._spellings[key].code} ({self._spellings[key].name_zh})" for key in near]


def _codes(entry: Entry) -> list[str]:
    return [entry.code]


def _names(entry: Entry) -> list[str]:
    return [entry.name_zh, entry.name_en]


def _aliases(entry: Entry) -> list[str]:
    return list(getattr(entry, "aliases", ()))
