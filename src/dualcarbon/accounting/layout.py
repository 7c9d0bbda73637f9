"""The printed layout of an energy balance: its items, their signs and what it says of itself.

All of it is pack data (`balance/*.yaml`): another edition's items or identities are an override.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, TypeVar

from attrs import define, field, frozen

from dualcarbon.errors import DualcarbonError, PackError
from dualcarbon.findings import Place, Severity, finding
from dualcarbon.packs import Pack

Made = TypeVar("Made")
Sign = Literal["positive", "negative", "any"]
WHOLE = re.compile(r"^\d{1,4}(\.0+)?$")
NUMBERING = re.compile(
    r"^([一二三四五六七八九十]+[、.．]|[(（][一二三四五六七八九十\d]+[)）]|\d+[、.．)）]|[ivx]+[.、]|其中[:：]?|[#*])+"
)
SIGNS = re.compile(r"[(（][+＋\-－−—–]+[)）]")
NOISE = re.compile(r"[\s,，、.。;；:：&()（）\[\]/\-－—–·#*]|\band\b")


@frozen
class Item:
    """One item (row) of the table: number, names, expected sign and the block it belongs to."""

    row: int
    id: str
    name_zh: str
    name_en: str
    sign: Sign
    block: str
    outflow: bool = False
    aliases: tuple[str, ...] = ()

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


@frozen
class Identity:
    """One thing the table says of itself; see `balance/identities.yaml` for the fields."""

    id: str
    name_zh: str
    name_en: str
    severity: Severity
    total: int | None = None
    relation: str = "equals"
    terms: Mapping[int, float] = field(factory=dict)
    inputs: Mapping[int, float] = field(factory=dict)

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


@define(slots=False)
class Layout:
    """Items and identities of a balance, and the cells that each account counts."""

    items: Mapping[int, Item]
    identities: tuple[Identity, ...]
    scope: Mapping[str, Mapping[str, Any]]
    units: Mapping[str, str] = field(factory=dict)

    @cached_property
    def _names(self) -> dict[str, int]:
        return {
            plain(name): item.row
            for item in self.items.values()
            for name in (item.id, item.name_zh, item.name_en, *item.aliases)
        }

    def find(self, text: str) -> int | None:
        """Give the row of an item named by number, id, Chinese or English name, or None."""
        text = text.strip()
        if WHOLE.match(text):
            number = int(float(text))
            return number if number in self.items else None
        return self._names.get(plain(text))

    def unit(self, text: str) -> str | None:
        """Give the unit that a printed text means, or None."""
        from dualcarbon.units import canonical

        try:
            return canonical(text.strip())
        except DualcarbonError:
            return self.units.get(_tight(text))

    def named(self, text: str) -> int | None:
        """Give the row of an item by name only: a number is not a name."""
        return None if WHOLE.match(text.strip()) else self.find(text)


def plain(text: str) -> str:
    """Reduce an item's name to what tells it apart: no numbering, signs, spaces or marks."""
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    text = SIGNS.sub("", text)
    short = NOISE.sub("", NUMBERING.sub("", text.lstrip()))
    return short or NOISE.sub("", text)


def _tight(text: str) -> str:
    return re.sub(r"[\s.·]", "", unicodedata.normalize("NFKC", text)).casefold()


def load_layout(pack: Pack) -> Layout:
    """Load the layout of a pack and its parents; PackError for an unknown or missing field."""
    items = [_item(entry) for entry in pack.load_list("balance/rows.yaml", "row")]
    identities = [_identity(entry) for entry in pack.load_list("balance/identities.yaml", "id")]
    scope = pack.load_list("balance/scope.yaml", "id")
    layout = Layout(
        {item.row: item for item in items},
        tuple(identities),
        {entry["id"]: _without(entry, "id") for entry in scope},
        {
            _tight(text): entry["unit"]
            for entry in pack.load_list("balance/printed_units.yaml", "unit")
            for text in entry["texts"]
        },
    )
    _check(layout)
    return layout


def _without(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if k not in names and not k.startswith("_")}


def _item(entry: Mapping[str, Any]) -> Item:
    fields = _without(entry)
    fields["aliases"] = tuple(fields.get("aliases") or ())
    return _made(Item, entry, fields)


def _identity(entry: Mapping[str, Any]) -> Identity:
    return _made(Identity, entry, _without(entry))


def _made(kind: type[Made], entry: Mapping[str, Any], fields: Mapping[str, Any]) -> Made:
    try:
        return kind(**fields)
    except TypeError as error:
        raise _bad(str(entry.get("_file", "balance")), str(error)) from error


def _bad(file: str, found: str) -> PackError:
    return PackError(finding("accounting.layout", Place(file), found=found))


def _check(layout: Layout) -> None:
    if not layout.items:
        raise _bad("balance/rows.yaml", "no rows")
    for identity in layout.identities:
        rows: Iterable[int] = [*identity.terms, *identity.inputs]
        if identity.total is not None:
            rows = [*rows, identity.total]
        if unknown := [row for row in rows if row not in layout.items]:
            raise _bad("balance/identities.yaml", f"{identity.id}: {unknown}")
