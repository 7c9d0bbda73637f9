"""Who a row speaks of: city, area, industry or enterprise, in the words of a pack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from dualcarbon.areas import Areas, load_areas
from dualcarbon.carriers import Carrier, load_carriers
from dualcarbon.figures import Indicator, load_indicators
from dualcarbon.industries import Industry, load_industries
from dualcarbon.packs import Pack
from dualcarbon.vocabulary import Vocabulary

CITY_WORDS = ("city", "全市", "本市", "市")


@frozen
class Words:
    """The vocabularies of a pack that subjects, indicators and carriers are read with."""

    pack: Pack
    areas: Areas
    industries: Vocabulary[Industry]
    indicators: Mapping[str, Indicator]
    carriers: Vocabulary[Carrier]

    @property
    def city(self) -> str:
        """Give the code of the city: the area of the nearest pack that has one, else its id."""
        named = (p.area for p in self.pack.chain if p.area and p.kind == "city")
        return next(named, self.pack.id)

    def subject(self, kind: str, text: str) -> tuple[str, str] | None:
        """Give kind and code of a subject; None when the pack does not know it."""
        if kind == "city":
            return ("city", self.city) if self._is_city(text) else None
        if kind == "area":
            return self._area(text)
        if kind == "industry":
            found = self.industries.resolve(text)
            return ("industry", found.code) if found else None
        return kind, text.strip()

    def _is_city(self, text: str) -> bool:
        area = self.areas.resolve(text)
        names = (*CITY_WORDS, self.city, *(part.id for part in self.pack.chain[:1]))
        return text.strip().casefold() in names or (area is not None and area.code == self.city)

    def _area(self, text: str) -> tuple[str, str] | None:
        area = self.areas.resolve(text)
        if area is not None:
            return ("city" if area.code == self.city else "area", area.code)
        cut = next(
            (c for c in self.areas.cuts.values() if text in (c.code, c.name_zh, c.name_en)), None
        )
        if cut is not None:
            return "area", cut.code
        return ("city", self.city) if self._is_city(text) else None

    def near(self, kind: str, text: str) -> str:
        """Give the nearest known subjects for the text of a finding."""
        words: Any = self.industries if kind == "industry" else self.areas.vocabulary
        return ", ".join(words.suggest(text)) or "-"


def load_words(pack: Pack) -> Words:
    """Load the vocabularies of a pack."""
    return Words(
        pack,
        load_areas(pack),
        load_industries(pack),
        load_indicators(pack),
        load_carriers(pack),
    )
