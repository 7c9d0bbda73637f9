"""`dualcarbon edition`: the commands on frozen results, joined."""

from __future__ import annotations

from dualcarbon.cli.edition import edition as group
from dualcarbon.cli.edition_compare import compare
from dualcarbon.cli.edition_export import export

edition = group
edition.add_command(compare)
edition.add_command(export)
