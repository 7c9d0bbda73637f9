"""The grade of the data behind a standing, by the table of the pack; nothing measured has none."""

from __future__ import annotations

from attrs import frozen

from dualcarbon.control.conditions import Condition, all_hold, read_conditions
from dualcarbon.control.draft import Draft
from dualcarbon.control.trace import Node
from dualcarbon.errors import PackError
from dualcarbon.figures import VINTAGES
from dualcarbon.findings import Place, finding
from dualcarbon.packs import Pack, load_yaml

Grading = tuple[tuple[str, tuple[Condition, ...]], ...]


@frozen
class Evidence:
    """The facts that a grade follows from."""

    synthetic: bool
    rows: float
    vintage: int
    sourced: bool
    secondary: bool = False

    def facts(self) -> dict[str, float | None]:
        """Give the facts as the conditions name them."""
        return {
            "synthetic": float(self.synthetic),
            "rows": self.rows,
            "vintage": float(self.vintage),
            "sourced": float(self.sourced),
            "secondary": float(self.secondary),
        }


def load_grading(pack: Pack) -> Grading:
    """Load the nearest grading table; PackError when the pack has none or a line is malformed."""
    path = pack.find("grading.yaml")
    if path is None:
        raise PackError(finding("control.scheme", Place("grading.yaml"), found="grading.yaml"))
    return tuple((e["id"], read_conditions(e["when"], str(path))) for e in load_yaml(path))


def grade(draft: Draft, grading: Grading, *, synthetic: bool) -> str | None:
    """Give the grade A to D or X; None where nothing was measured."""
    if draft.value is None or draft.value.value is None:
        return None
    facts = evidence(draft, synthetic=synthetic).facts()
    return next((name for name, when in grading if all_hold(when, facts)), None)


def evidence(draft: Draft, *, synthetic: bool) -> Evidence:
    """Gather the facts of a draft: its cells, parameters and the clauses that it needs."""
    assert draft.value is not None
    leaves = list(draft.value.leaves())
    cells = [leaf for leaf in leaves if leaf.op in ("cell", "project")]
    clauses = [x for x in draft.required.leaves() if x.op == "clause"] if draft.required else []
    statuses = {leaf.status for leaf in (*leaves, *clauses)}
    named = all(leaf.source for leaf in cells)
    return Evidence(
        synthetic=synthetic or "synthetic" in statuses,
        rows=draft.rows,
        vintage=min((_rank(leaf) for leaf in cells), default=len(VINTAGES)),
        sourced=named and "unsourced" not in statuses,
    )


def _rank(leaf: Node) -> int:
    return VINTAGES.index(leaf.vintage) + 1 if leaf.vintage in VINTAGES else 0
