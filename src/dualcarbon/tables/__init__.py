"""Tables: a frame's shape is declared once; files become such frames or findings, never guesses."""

from dualcarbon.tables.cells import read_cells
from dualcarbon.tables.model import Column, Reading, Table, Vocabularies
from dualcarbon.tables.read import read_table

__all__ = ["Column", "Reading", "Table", "Vocabularies", "read_cells", "read_table"]
