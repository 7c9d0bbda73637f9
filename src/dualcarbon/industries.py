"""Industries of GB/T 4754-2017: sections (A to T) and divisions (01 to 97) as pack data."""

from __future__ import annotations

from attrs import field, frozen

from dualcarbon.packs import Pack
from dualcarbon.vocabulary import Vocabulary


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


@frozen
class Industry:
    """A section (one letter) or a division (two digits, with its section as parent)."""

    code: str = field(converter=str)
    name_zh: str
    name_en: str
    parent: str | None = None
    aliases: tuple[str, ...] = field(default=(), converter=_texts)

    @property
    def level(self) -> str:
        """Give `section` or `division`."""
        return "division" if self.parent else "section"

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


def load_industries(pack: Pack) -> Vocabulary[Industry]:
    """Load sections and divisions."""
    return Vocabulary(
        Industry(**{key: value for key, value in entry.items() if not key.startswith("_")})
        for entry in pack.load_list("industries.yaml", "code")
    )
