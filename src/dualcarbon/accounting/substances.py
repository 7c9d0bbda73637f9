"""What an activity row can speak of: a carrier, a material, or a gas released as given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from dualcarbon.carriers import load_carriers
from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.units import canonical
from dualcarbon.vocabulary import Vocabulary

MATERIAL, GAS = "material", "gas_released"


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


@frozen
class Material:
    """A material that is made or used up; only its `flow` counts."""

    code: str
    name_zh: str
    name_en: str
    unit: str = field(converter=canonical)
    flow: str = "production"
    aliases: tuple[str, ...] = field(default=(), converter=_texts)
    group: str = MATERIAL


@frozen
class Gas:
    """A gas or pollutant: its name in totals, its column, its unit, and where methane is from."""

    code: str
    name_zh: str
    name_en: str
    gas: str
    measure: str
    unit: str = field(converter=canonical)
    origin: str | None = None
    pollutant: bool = False
    aliases: tuple[str, ...] = field(default=(), converter=_texts)
    group: str = GAS


def load_gases(pack: Pack) -> Vocabulary[Gas]:
    """Load the gases of a pack and its parents; PackError for a malformed entry."""
    return Vocabulary(_entries(pack, "gases.yaml", Gas))


def load_substances(pack: Pack, more: Iterable[str] = ()) -> Vocabulary[Any]:
    """Give carriers, materials and gases as one vocabulary; `more` are further materials by name.

    A spelling belongs to the first that has it: carriers, then materials, then gases.
    """
    known: list[Any] = [
        *load_carriers(pack).values(),
        *_entries(pack, "materials.yaml", Material),
        *load_gases(pack).values(),
    ]
    words: Vocabulary[Any] = Vocabulary(known)
    new = [name for name in dict.fromkeys(more) if words.resolve(name) is None]
    if not new:
        return words
    return Vocabulary([*known, *(Material(name, name, name, "t") for name in new)])


def _entries(pack: Pack, file: str, kind: Any) -> list[Any]:
    found = []
    for entry in pack.load_list(file, "code"):
        fields = {key: value for key, value in entry.items() if not key.startswith("_")}
        try:
            found.append(kind(**fields))
        except TypeError as error:
            place = Place(entry["_file"])
            raise PackError(
                finding("vocabulary.entry", place, found=str(error), code=entry["code"])
            ) from error
    return found
