"""Explain a code: from a figure down to rows, parameters and cells, and compute it once more."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import asdict, evolve, field, frozen

from dualcarbon.editions.edition import Edition, open_edition, verify_edition
from dualcarbon.errors import EditionError
from dualcarbon.findings import Finding, Place, finding


@frozen
class Code:
    """The address of a figure: edition, table and row (from 0)."""

    edition: str
    table: str
    row: int

    def __str__(self) -> str:
        """Give `<edition>:<table>:<row>`."""
        return f"{self.edition}:{self.table}:{self.row}"

    @classmethod
    def parse(cls, text: str) -> Code:
        """Read a code; EditionError says what a code looks like."""
        parts = text.strip().split(":")
        if len(parts) != 3 or not parts[2].isdigit():
            raise EditionError(finding("editions.code", Place(), found=text))
        return cls(parts[0], parts[1], int(parts[2]))


@frozen
class Term:
    """One input of a figure: its value and where it comes from.

    Exactly one of `place` (file!sheet!cell), `parameter` (id) and `code` (another figure) is
    given for data; all are None for a constant of the method.
    """

    name: str
    value: Any
    unit: str | None = None
    place: str | None = None
    parameter: str | None = None
    code: str | None = None
    source: str | None = None
    status: str | None = None
    terms: tuple[Term, ...] = ()


@frozen
class Explanation:
    """A figure, its formula, its inputs, and whether computing it again gives the same value."""

    code: str
    value: Any
    unit: str | None
    formula_zh: str
    formula_en: str
    inputs: tuple[Term, ...]
    recomputed: Any
    equal: bool
    about: Mapping[str, Any] = field(factory=dict)
    findings: tuple[Finding, ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """Give the answer of `dualcarbon explain`."""
        answer = asdict(self, filter=lambda attribute, _: attribute.name != "findings")
        answer["formula"] = self.formula_zh if lang == "zh" else self.formula_en
        return answer


Explainer = Callable[[Edition, int], Explanation]


def explain(
    code: str,
    store: Path,
    explainers: Mapping[str, Explainer],
    *,
    files: Collection[str] | None = None,
    edition: Edition | None = None,
) -> Explanation:
    """Explain a code from its edition alone.

    A table that is not stored is one that its explainer computes; it refuses rows of its own.
    `files` names the only files there are, where a part of an edition was exported; `edition` is
    the one of the code where it is open already.
    Errors: EditionError when the code, edition, table or row is not known. A damaged edition is
    explained with findings and `equal: false`.
    """
    address = Code.parse(code)
    edition = edition or open_edition(store, address.edition)
    damage = verify_edition(edition, files)
    explainer = explainers.get(f"{edition.room}/{address.table}")
    if explainer is None:
        raise EditionError(
            finding("editions.no_table", Place(edition.id), found=address.table, expected="")
        )
    rows = edition.manifest["tables"].get(address.table, {}).get("rows")
    if rows is not None and address.row >= rows:
        raise EditionError(
            finding("editions.no_row", Place(edition.id), found=address.row, expected=rows - 1)
        )
    try:
        result = explainer(edition, address.row)
    except (pl.exceptions.PolarsError, OSError, LookupError, TypeError, ValueError) as error:
        if not damage and files is None:
            raise
        return _unreadable(code, damage, str(error))
    return evolve(result, equal=result.equal and not damage, findings=tuple(damage))


def _unreadable(code: str, damage: Sequence[Finding], error: str) -> Explanation:
    """Give the explanation of a figure whose edition lacks what it follows from."""
    said = finding("editions.unreadable", Place(Code.parse(code).edition), found=error[:200])
    return Explanation(
        code=code,
        value=None,
        unit=None,
        formula_zh=said.message_zh,
        formula_en=said.message_en,
        inputs=(),
        recomputed=None,
        equal=False,
        findings=(*damage, said),
    )


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are the same digits; absent equals absent only."""
    if left is None or right is None:
        return left is right
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return bool(left == right)
