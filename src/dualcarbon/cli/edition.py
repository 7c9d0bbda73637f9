"""`dualcarbon edition`: list, show and verify frozen results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
@click.option("--room", help="Only editions of this kind, such as accounting_run or control.")
@store_option
@common("edition list")
def list_(room: str | None, store: Path | None, lang: str, packs: tuple[Path, ...]) -> Answer:
    """List the editions of a store, the newest first."""
    from dualcarbon.editions import default_store
    from dualcarbon.editions.edition import survey

    editions, findings = survey(store or default_store())
    found = [_line(item) for item in editions if room in (None, item.room)]
    header = ["id", "room", "written", "options", "inputs"]
    rows = [[row[name] for name in header] for row in found]
    return Answer("edition list", {"editions": found}, findings, header=header, rows=rows)


def _line(item: Any) -> dict[str, Any]:
    manifest = item.manifest
    return {
        "id": item.id,
        "room": item.room,
        "written": item.written.strftime("%Y-%m-%d %H:%M:%SZ"),
        "parent": manifest.get("parent"),
        "options": _options(manifest["options"]),
        "inputs": ", ".join(entry["file"] for entry in manifest["inputs"]),
        "tables": ", ".join(
            f"{name} ({entry['rows']})" for name, entry in manifest["tables"].items()
        ),
    }


def _options(options: Mapping[str, Any]) -> str:
    """Give the options that were set, as a person reads them."""
    texts = []
    for name, value in options.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{key}={inner}" for key, inner in value.items())
        if value not in (None, "", []):
            texts.append(f"{name} {value}")
    return "; ".join(texts)


@edition.command("show")
@click.argument("edition_id")
@store_option
@common("edition show")
def show(edition_id: str, store: Path | None, lang: str, packs: tuple[Path, ...]) -> Answer:
    """Show what went into an edition: inputs, parameters with sources, packs, tables."""
    from dualcarbon.editions import default_store, open_edition

    item = open_edition(store or default_store(), edition_id)
    rows = [_parameter(entry) for entry in item.manifest["parameters"]]
    return Answer(
        "edition show",
        {"manifest": dict(item.manifest)},
        edition=item.id,
        header=PARAMETER,
        rows=rows,
        show=_shown(item, rows),
    )


PARAMETER = ("parameter", "value", "unit", "status", "mark", "source")


def _parameter(entry: Mapping[str, Any]) -> list[Any]:
    source = entry["source"]
    cited = ", ".join(str(source[name]) for name in ("title", "clause") if source.get(name))
    names = ("id", "value", "unit", "status", "mark")
    return [*(entry[name] for name in names), cited]


HEADS = {
    "zh": ("选项", "上一版次", "代码版本", "写入时间", "规则包", "输入文件", "表", "参数"),
    "en": ("options", "parent", "code", "written", "packs", "inputs", "tables", "parameters"),
}


def _shown(item: Any, rows: Sequence[Sequence[Any]]) -> Callable[[Any, str], None]:
    def show(console: Any, lang: str) -> None:
        from rich.markup import escape

        line, manifest = _line(item), item.manifest
        heads = HEADS[lang]
        facts = (line["options"], line["parent"], manifest["code_version"], line["written"])
        console.print(f"[bold]{item.id}[/]  {escape(item.room)}")
        for head, value in zip(heads, facts, strict=False):
            console.print(f"  {head}: {escape(str(value or '…'))}")
        console.print(f"  {heads[4]}: {', '.join(manifest['packs'])}")
        inputs = [[e["file"], e["rows"], e["sha256"]] for e in manifest["inputs"]]
        tables = [[n, e["rows"], len(e.get("parts", (0,)))] for n, e in manifest["tables"].items()]
        _print_table(console, heads[5], ("file", "rows", "sha256"), inputs)
        _print_table(console, heads[6], ("table", "rows", "files"), tables)
        _print_table(console, heads[7], PARAMETER, rows)

    return show


def _print_table(
    console: Any, title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    console.print(f"[bold]{title}[/] ({len(rows)})")
    table = Table(box=SIMPLE_HEAD)
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("…" if value is None else escape(str(value)) for value in row))
    if rows:
        console.print(table)


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
