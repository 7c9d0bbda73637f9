"""Figures: the one table in which every room ends, and the register of indicators.

A figure is a value of an indicator for a subject and a period. Absent values are null and carry no
status of zero; the unit belongs to the row. Indicators are pack data (`indicators.yaml`).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from attrs import frozen

from dualcarbon.errors import PackError
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack
from dualcarbon.tables.model import Column, Table

SubjectKind = Literal["city", "area", "industry", "enterprise", "project", "tier"]
SUBJECT_KINDS: tuple[str, ...] = get_args(SubjectKind)
VINTAGES = ("estimate", "preliminary", "final", "confirmed")
ORIGINS = ("declared", "computed")
BASES = ("month", "cumulative")
STATUSES = ("sourced", "unsourced", "synthetic")
KINDS = ("sum", "ratio", "change", "count", "milestone")

FIGURES = Table(
    "figures",
    (
        Column("indicator"),
        Column("subject_kind", "choice", choices=SUBJECT_KINDS),
        Column("subject"),
        Column("period", "period"),
        Column("basis", "choice", choices=BASES),
        Column("value", "number", nullable=True),
        Column("unit", "unit"),
        Column("vintage", "choice", choices=VINTAGES, nullable=True),
        Column("origin", "choice", choices=ORIGINS),
        Column("status", "choice", choices=STATUSES),
        Column("recorded_at", "date", nullable=True),
        Column("edition"),
        Column("row", "integer"),
    ),
    key=("indicator", "subject_kind", "subject", "period", "basis", "unit", "origin", "edition"),
)


@frozen
class Indicator:
    """What a figure measures: its unit, direction and kind; a ratio names its two sums.

    A derived indicator names its `formula` and the ratio that it is derived `of`.
    """

    id: str
    name_zh: str
    name_en: str
    unit: str
    better: str
    kind: str
    numerator: str | None = None
    denominator: str | None = None
    display_unit: str | None = None
    decimals: int = 2
    cadence: str | None = None
    source_body: str | None = None
    formula: str | None = None
    of: str | None = None
    definition_zh: str = ""
    definition_en: str = ""

    @property
    def code(self) -> str:
        """Give the id under the name that every vocabulary uses."""
        return self.id

    def name(self, lang: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.name_zh if lang == "zh" else self.name_en


def load_indicators(pack: Pack) -> dict[str, Indicator]:
    """Load the indicators of a pack and its parents by id.

    Errors: PackError for an unknown or missing field, a kind or `better` outside the lists, or a
    ratio whose numerator or denominator is not an indicator, or a formula of what is no ratio.
    """
    entries = pack.load_list("indicators.yaml", "id")
    indicators = {entry["id"]: _indicator(entry) for entry in entries}
    for entry in entries:
        for part in ("numerator", "denominator"):
            if entry.get(part) and entry[part] not in indicators:
                raise _bad(entry, f"{part}: {entry[part]}")
        ratio = indicators.get(entry.get("of") or "")
        if bool(entry.get("formula")) != bool(ratio and ratio.kind == "ratio"):
            raise _bad(entry, f"formula: {entry.get('formula')}, of: {entry.get('of')}")
    return indicators


def _indicator(entry: dict[str, Any]) -> Indicator:
    fields = {key: value for key, value in entry.items() if not key.startswith("_")}
    if fields.get("kind") not in KINDS or fields.get("better") not in ("lower", "higher"):
        raise _bad(entry, f"kind {fields.get('kind')}, better {fields.get('better')}")
    if fields["kind"] == "ratio" and not (fields.get("numerator") and fields.get("denominator")):
        raise _bad(entry, "ratio")
    try:
        return Indicator(**fields)
    except TypeError as error:
        raise _bad(entry, str(error)) from error


def _bad(entry: dict[str, Any], found: str) -> PackError:
    place = Place(str(entry.get("_file", "indicators.yaml")))
    return PackError(finding("figures.indicator", place, found=found, id=entry.get("id", "?")))
