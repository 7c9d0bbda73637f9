"""Areas and cuts: a tree of areas, and overlapping cuts whose members carry shares.

Cuts are views of the same city: their values are never summed together.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.vocabulary import Vocabulary

LEVELS = ("country", "grid_region", "province", "city", "district", "key_region")


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


def _optional_text(value: object) -> str | None:
    return None if value is None else str(value)


def _tile(value: object) -> tuple[int, int] | None:
    return (int(value[0]), int(value[1])) if isinstance(value, (list, tuple)) else None


@frozen
class Area:
    """An area: GB/T 2260 code, names, level, parent code, and its square in the tile map."""

    code: str = field(converter=str)
    name_zh: str
    name_en: str
    level: str
    parent: str | None = field(default=None, converter=_optional_text)
    tile: tuple[int, int] | None = field(default=None, converter=_tile)
    aliases: tuple[str, ...] = field(default=(), converter=_texts)

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


@frozen
class Cut:
    """A cut: areas with the share of each that belongs to it; a share of None is not known."""

    code: str
    name_zh: str
    name_en: str
    members: tuple[tuple[str, float | None], ...]


@frozen
class Areas:
    """All areas of a pack and its parents, and its cuts by id."""

    vocabulary: Vocabulary[Area]
    cuts: Mapping[str, Cut]

    def children(self, code: str) -> tuple[Area, ...]:
        """Give the areas directly below one, in pack order."""
        return tuple(area for area in self.vocabulary.values() if area.parent == code)

    def resolve(self, text: str) -> Area | None:
        """Find an area by code, name or alias."""
        return self.vocabulary.resolve(text)


def rest_of(city: str) -> str:
    """Give the subject under which stands what lies in no district."""
    return f"{city}-rest"


def load_areas(pack: Pack) -> Areas:
    """Load areas and cuts.

    Errors: PackError for an unknown level, parent or member, or a share outside (0, 1].
    """
    areas = {}
    for entry in pack.load_list("areas.yaml", "code"):
        areas[str(entry["code"])] = _area(entry)
    for code, area in areas.items():
        if area.level not in LEVELS or (area.parent and area.parent not in areas):
            raise _bad("areas.yaml", code, f"{area.level}, {area.parent}")
    cuts = {entry["id"]: _cut(entry, areas) for entry in pack.load_list("cuts.yaml", "id")}
    return Areas(Vocabulary(areas.values()), cuts)


def _area(entry: dict[str, object]) -> Area:
    fields = {key: value for key, value in entry.items() if not key.startswith("_")}
    try:
        return Area(**fields)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise _bad(str(entry["_file"]), str(entry["code"]), str(error)) from error


def _cut(entry: dict[str, object], areas: Mapping[str, Area]) -> Cut:
    members = []
    for item in entry.get("members", []):  # type: ignore[attr-defined]
        code, share = str(item["area"]), item.get("share")
        if code not in areas or (share is not None and not 0 < share <= 1):
            raise _bad(str(entry["_file"]), str(entry["id"]), f"{code}: {share}")
        members.append((code, share))
    return Cut(str(entry["id"]), str(entry["name_zh"]), str(entry["name_en"]), tuple(members))


def _bad(file: str, code: str, found: str) -> PackError:
    return PackError(finding("vocabulary.entry", Place(file), found=found, code=code))
