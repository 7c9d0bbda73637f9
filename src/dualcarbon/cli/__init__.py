"""The command line: thin commands over the library; heavy imports happen inside them."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

import click

from dualcarbon import __version__

COMMANDS = {
    "plan": "dualcarbon.cli.plan:plan",
    "parameters": "dualcarbon.cli.parameters:parameters",
    "balance": "dualcarbon.cli.balance:balance",
    "account": "dualcarbon.cli.account:account",
    "drivers": "dualcarbon.cli.drivers:drivers",
    "city": "dualcarbon.cli.city:city",
    "uncertainty": "dualcarbon.cli.uncertainty:uncertainty",
    "standing": "dualcarbon.cli.standing:standing",
    "deduct": "dualcarbon.cli.deduct:deduct",
    "schedule": "dualcarbon.cli.schedule:schedule",
    "assess": "dualcarbon.cli.assess:assess",
    "reconcile": "dualcarbon.cli.reconcile:reconcile",
    "explain": "dualcarbon.cli.explain:explain",
    "edition": "dualcarbon.cli.editions:edition",
    "demo": "dualcarbon.cli.demo:demo",
}


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give built-in commands in the order of the work, then those of other packages."""
        return [*COMMANDS, *sorted(_extra())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name in COMMANDS:
            module, name = COMMANDS[cmd_name].split(":")
            command: click.Command = getattr(import_module(module), name)
            return command
        entry = _extra().get(cmd_name)
        extra: click.Command | None = entry.load() if entry else None
        return extra


def _extra() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group="dualcarbon.commands")}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dualcarbon")
def main() -> None:
    """From a city's yearly dual-carbon notice to explained accounts and standings.

    Results go to stdout, messages to stderr. Exit 0 = ran, 1 = check or verify found errors,
    2 = bad input or usage.
    """
