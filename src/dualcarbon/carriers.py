"""Energy carriers and materials as pack data: code, names, group, official unit, subtotals."""

from __future__ import annotations

from attrs import field, frozen

from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.units import canonical
from dualcarbon.vocabulary import Vocabulary


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


@frozen
class Carrier:
    """A carrier. `unit` is the unit of official tables; `subtotal_of` lists what it adds up.

    `parent` names the carrier whose parameters stand in where a set has none of its own; only
    packs say so, with a reason in the parameter file.
    """

    code: str
    name_zh: str
    name_en: str
    group: str
    unit: str = field(converter=canonical)
    fossil: bool = False
    combustion: bool = False
    subtotal_of: tuple[str, ...] = field(default=(), converter=_texts)
    aliases: tuple[str, ...] = field(default=(), converter=_texts)
    parent: str | None = None

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


def load_carriers(pack: Pack) -> Vocabulary[Carrier]:
    """Load the carriers of a pack and its parents; PackError for a malformed entry."""
    carriers = []
    for entry in pack.load_list("carriers.yaml", "code"):
        fields = {key: value for key, value in entry.items() if not key.startswith("_")}
        try:
            carriers.append(Carrier(**fields))
        except TypeError as error:
            place = Place(entry["_file"])
            raise PackError(
                finding("vocabulary.entry", place, found=str(error), code=entry["code"])
            ) from error
    return Vocabulary(carriers)
