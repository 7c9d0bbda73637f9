"""The tree of an explanation, unfolded as far as a page carries; every branch can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import asdict, define, field
from django.utils.translation import gettext as _

from dualcarbon_web.control.term_words import words_of
from dualcarbon_web.core import words
from dualcarbon_web.core.tables import Column, Row, Table

ROWS = 80  # rows of a tree that a page unfolds by itself
SIDE = 40  # inputs of one number that stand at once

Key = tuple[Any, ...]


@define
class Branch:
    """A number of the tree, the inputs of it that are shown, and how many are not."""

    term: Mapping[str, Any]
    path: str
    above: str = ""  # where the same number stands with its inputs
    first: int = 0
    inside: list[Branch] = field(factory=list)

    @property
    def id(self) -> str:
        return "t-" + self.path.replace(".", "-")

    @property
    def depth(self) -> int:
        return self.path.count(".")

    @property
    def many(self) -> int:
        return len(self.term["terms"])

    @property
    def after(self) -> int:
        """Where the inputs that are not shown begin."""
        return self.first + len(self.inside)

    @property
    def following(self) -> int:
        """How many inputs the next step shows; 0 when none is left or none is shown."""
        return min(SIDE, self.many - self.after) if self.inside else 0

    @property
    def previous(self) -> int:
        return max(self.first - SIDE, 0)

    def child(self, index: int, seen: Mapping[Key, str]) -> Branch:
        """The branch of one input."""
        term, path = self.term["terms"][index], f"{self.path}.{index}"
        leaf = not (term["terms"] or term["place"] or term["parameter"] or term["code"])
        field_of = (term["name"].partition(": ")[0],)  # how the library names another number
        above = seen.get(field_of) or seen.get(_key(term), "")
        return Branch(term, path, above if leaf else "")

    def open(self, seen: Mapping[Key, str], first: int = 0) -> None:
        """Show the inputs from a place on."""
        self.first = min(max(first, 0), max(self.many - 1, 0))
        until = min(self.first + SIDE, self.many)
        self.inside = [self.child(index, seen) for index in range(self.first, until)]


def _key(term: Mapping[str, Any]) -> Key:
    return term["name"], term["value"], term["unit"]


@define
class Tree:
    """The roots of an explanation, and where each number of it is unfolded."""

    roots: list[Branch]
    seen: dict[Key, str]

    @staticmethod
    def of(parts: Sequence[Mapping[str, Any]]) -> Tree:
        """Build the tree of the value and the numbers beside it."""
        roots = [Branch(_root(part), str(index)) for index, part in enumerate(parts)]
        seen: dict[Key, str] = {
            (part["field"],): root.path for part, root in zip(parts, roots, strict=True)
        }
        for path, term in _walk(roots):
            if term["terms"]:
                seen.setdefault(_key(term), path)
        return Tree(roots, seen)

    def unfold(self) -> None:
        """Open level after level, as long as a whole level fits on the page."""
        level, left = self.roots, ROWS
        while level:
            closed = [branch for branch in level if branch.many and not branch.inside]
            wanted = sum(min(branch.many, SIDE) for branch in closed)
            if wanted > left and level is not self.roots:
                return
            for branch in closed:
                branch.open(self.seen)
            left -= wanted
            level = [inner for branch in level for inner in branch.inside]

    def reach(self, path: str, first: int = 0) -> Branch | None:
        """Open the way to a branch, and the branch from an input on; None where it is not."""
        steps = path.split(".")
        if not all(step.isascii() and step.isdigit() for step in steps):
            return None
        numbers = [int(step) for step in steps]
        if numbers[0] >= len(self.roots):
            return None
        branch = self.roots[numbers[0]]
        for index in numbers[1:]:
            if index >= branch.many:
                return None
            branch.open(self.seen, index - index % SIDE)
            branch = branch.inside[index % SIDE]
        branch.open(self.seen, first)
        return branch


def _root(part: Mapping[str, Any]) -> dict[str, Any]:
    terms = [term if isinstance(term, Mapping) else asdict(term) for term in part["terms"]]
    return {**part, "terms": terms}


def _walk(roots: Sequence[Branch]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every number of a tree with its path, in the order in which a person reads it."""
    stack = [(root.path, root.term) for root in reversed(roots)]
    while stack:
        path, term = stack.pop()
        yield path, term
        inner = list(enumerate(term["terms"]))
        stack.extend((f"{path}.{index}", one) for index, one in reversed(inner))


def table(tree: Tree, title: str, marks: Sequence[str]) -> Table:
    """The whole tree as rows for an export: the depth tells what belongs to what."""
    shape = [
        Column("depth", _("Depth"), kind="level", decimals=0),
        Column("path", _("Position")),
        Column("name", _("What")),
        Column("value", _("Value"), kind="level"),
        Column("unit", _("Unit")),
        Column("source", _("From")),
        Column("status", _("Status")),
        Column("place", _("Explain code or place")),
    ]
    rows = [_row(path, term) for path, term in _walk(tree.roots)]
    return Table("explain", title, shape, rows, marks=marks)


def _row(path: str, term: Mapping[str, Any]) -> Row:
    return Row(
        {
            "depth": path.count("."),
            "path": path,
            "name": words_of(term["name"]),
            "value": term["value"],
            "unit": term["unit"],
            "source": term.get("formula") or term.get("source"),
            "status": words.vintage_or_status(term.get("status")),
            "place": term.get("place") or term.get("parameter") or term.get("code"),
        }
    )
