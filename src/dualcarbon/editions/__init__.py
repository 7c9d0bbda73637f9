"""Editions: frozen results that verify and explain themselves with nothing else at hand."""

from dualcarbon.editions.as_of import as_of
from dualcarbon.editions.edition import (
    Edition,
    Input,
    Part,
    default_store,
    list_editions,
    open_edition,
    verify_edition,
    write_edition,
)
from dualcarbon.editions.explain import Code, Explainer, Explanation, Term, explain

__all__ = [
    "Code",
    "Edition",
    "Explainer",
    "Explanation",
    "Input",
    "Part",
    "Term",
    "as_of",
    "default_store",
    "explain",
    "list_editions",
    "open_edition",
    "verify_edition",
    "write_edition",
]
