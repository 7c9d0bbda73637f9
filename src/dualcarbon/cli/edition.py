"""`dualcarbon edition`: list, show and verify frozen results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.output import Answer, common


def store_option(function: Any) -> Any:
    """Give a command `--editions DIR`."""
    return click.option(
        "--editions",
        "store",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of editions; the default is $DUALCARBON_EDITIONS or the user's data folder.",
    )(function)


@click.group()
def edition() -> None:
    """List, show and verify frozen results."""


@edition.command("list")
@store_option
@common("edition list")
def list_(store: Path | None, lang: str, packs: tuple[Path, ...]) -> Answer:
    """List the editions of a store."""
    from dualcarbon.editions import default_store, list_editions

    found = [_line(item) for item in list_editions(store or default_store())]
    header = ["id", "room", "options", "inputs", "tables"]
    rows = [[row[name] for name in header] for row in found]
    return Answer("edition list", {"editions": found}, header=header, rows=rows)


def _line(item: Any) -> dict[str, Any]:
    manifest = item.manifest
    return {
        "id": item.id,
        "room": item.room,
        "options": ", ".join(f"{key}={value}" for key, value in manifest["options"].items()),
        "inputs": ", ".join(entry["file"] for entry in manifest["inputs"]),
        "tables": ", ".join(
            f"{name} ({entry['rows']})" for name, entry in manifest["tables"].items()
        ),
    }


@edition.command("show")
@click.argument("edition_id")
@store_option
@common("edition show")
def show(edition_id: str, store: Path | None, lang: str, packs: tuple[Path, ...]) -> Answer:
    """Show what went into an edition: inputs, parameters with sources, packs, tables."""
    from dualcarbon.editions import default_store, open_edition

    item = open_edition(store or default_store(), edition_id)
    manifest = dict(item.manifest)
    rows = [[key, _short(value)] for key, value in manifest.items()]
    return Answer(
        "edition show", {"manifest": manifest}, edition=item.id, header=["key", "value"], rows=rows
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 400 else f"{text[:397]}..."


@edition.command("verify")
@click.argument("edition_id")
@store_option
@common("edition verify", check=True)
def verify(edition_id: str, store: Path | None, lang: str, packs: tuple[Path, ...]) -> Answer:
    """Check that an edition is still the bytes that were frozen; exit 1 when it is not."""
    from dualcarbon.editions import default_store, open_edition, verify_edition

    item = open_edition(store or default_store(), edition_id)
    findings = verify_edition(item)
    payload = {"ok": not findings, "tables": len(item.manifest["tables"])}
    rows = [[item.id, payload["ok"], payload["tables"]]]
    return Answer(
        "edition verify", payload, findings, item.id, header=["edition", "ok", "tables"], rows=rows
    )
