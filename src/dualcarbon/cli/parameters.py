"""`dualcarbon parameters`: which value holds, where it comes from, and why the others do not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dualcarbon.cli.output import Answer, common

if TYPE_CHECKING:
    from dualcarbon.packs import Pack
    from dualcarbon.parameters import Candidate, Parameter, Parameters
    from dualcarbon.periods import Month

DEFAULT_PACK = "shanghai"


@click.group()
def parameters() -> None:
    """Show dated, cited values and why one was chosen."""


def _load(packs: tuple[Path, ...], pack: str) -> Parameters:
    from dualcarbon.parameters import load_parameters

    return load_parameters(_pack(packs, pack))


def _pack(packs: tuple[Path, ...], pack: str) -> Pack:
    from dualcarbon.packs import load_pack

    if len(packs) == 1 and (packs[0] / "pack.yaml").is_file() and pack == DEFAULT_PACK:
        return load_pack(packs[0], packs)
    return load_pack(pack, packs)


def _month(text: str) -> Month:
    from dualcarbon.periods import Period

    try:
        day = dt.date.fromisoformat(text)
        return day.year, day.month
    except ValueError:
        return Period.parse(text).first


def _keys(pairs: tuple[str, ...]) -> dict[str, str]:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    keys = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name or not value:
            raise UsageError(finding("parameters.key", found=pair))
        keys[name.strip()] = value.strip()
    return keys


def _purpose(text: str | None) -> str | None:
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding
    from dualcarbon.parameters import PURPOSES

    if text not in (None, *PURPOSES):
        raise UsageError(finding("parameters.purpose", found=text, expected=", ".join(PURPOSES)))
    return text


@parameters.command("show")
@click.argument("name")
@click.option("--on", required=True, help="Month of the activity: 2024-06, 2024-06-15 or 2024.")
@click.option("--key", "pairs", multiple=True, help="k=v, such as carrier=diesel; repeatable.")
@click.option("--set", "chosen", help="Set of parameters; the default is the pack's choice.")
@click.option("--purpose", help="What it is for, such as city_inventory or enterprise_mrv.")
@click.option("--city", "pack", default=DEFAULT_PACK, show_default=True, help="Pack to look in.")
@common("parameters show")
def show(
    name: str,
    on: str,
    pairs: tuple[str, ...],
    chosen: str | None,
    purpose: str | None,
    pack: str,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Show the value of NAME that holds on a date, its source, and the rejected ones with why."""
    loaded, month, keys = _load(packs, pack), _month(on), _keys(pairs)
    purpose = _purpose(purpose)
    candidates = loaded.candidates(name, keys, month, set=chosen, purpose=purpose)
    value = loaded.select(name, keys, month, set=chosen, purpose=purpose)
    rejected = [item for item in candidates if not item.accepted]
    payload = {
        "name": name,
        "on": f"{month[0]}-{month[1]:02d}",
        "keys": keys,
        "parameter": value.to_json(),
        "rejected": [
            {**item.parameter.to_json(), "reason_zh": item.reason_zh, "reason_en": item.reason_en}
            for item in rejected
        ],
    }
    header = ["id", "value", "unit", "status", "mark", "reason"]
    rows = [
        [p.id, p.value, p.unit, p.status, p.mark, c.reason(lang)]
        for c in candidates
        for p in [c.parameter]
    ]
    title = loaded.names[name][lang]
    return Answer(
        "parameters show",
        payload,
        header=header,
        rows=rows,
        show=lambda console, lang: _print(console, lang, title, value, rejected),
    )


SHOWN = 12
WORDS = {
    "zh": {
        "source": "来源",
        "status": "状态",
        "valid": "有效期",
        "id": "标识",
        "purpose": "用途",
        "range": "范围",
        "note": "说明",
        "rejected": "未采用的值",
        "more": "另有 {n} 个，见 --format json",
        "open": "至今",
    },
    "en": {
        "source": "Source",
        "status": "Status",
        "valid": "Valid",
        "id": "Identity",
        "purpose": "Purpose",
        "range": "Range",
        "note": "Note",
        "rejected": "Rejected",
        "more": "{n} more, see --format json",
        "open": "open",
    },
}


def _print(
    console: Any, lang: str, title: str, value: Parameter, rejected: list[Candidate]
) -> None:
    from rich.markup import escape
    from rich.table import Table

    words = WORDS[lang]
    console.print(f"[bold]{escape(title)}[/]  [bold cyan]{value.value:.10g}[/] {value.unit}")
    grid = Table.grid(padding=(0, 2))
    grid.add_row(words["source"], escape(source_line(value)))
    grid.add_row(words["status"], f"{value.status} ({value.mark})")
    grid.add_row(words["valid"], f"{value.valid_from} – {value.valid_to or words['open']}")
    if value.purpose:
        grid.add_row(words["purpose"], value.purpose)
    if value.low is not None or value.high is not None:
        grid.add_row(words["range"], f"{_end(value.low)}–{_end(value.high)} {value.unit}")
    if value.note:
        grid.add_row(words["note"], escape(value.note))
    grid.add_row(words["id"], f"[dim]{escape(value.id)}[/]")
    console.print(grid)
    if rejected:
        console.print(f"\n{words['rejected']}")
        console.print(_rejected(rejected[:SHOWN], lang))
    if len(rejected) > SHOWN:
        console.print(words["more"].format(n=len(rejected) - SHOWN))


def _end(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _rejected(rejected: list[Candidate], lang: str) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    for item in rejected:
        value = item.parameter
        keys = ", ".join(f"{k}={v}" for k, v in value.keys.items())
        table.add_row(
            f"{value.value:.10g}",
            value.unit,
            escape(f"{value.set} {keys}"),
            f"[dim]{escape(item.reason(lang))}[/]",
        )
    return table


def source_line(value: Parameter) -> str:
    """Give the source in one line: title, clause, publisher."""
    parts = (value.source.get(key) for key in ("title", "clause", "table", "page", "publisher"))
    return ", ".join(str(part) for part in parts if part)


@parameters.command("list")
@click.option("--city", "pack", default=DEFAULT_PACK, show_default=True, help="Pack to look in.")
@common("parameters list")
def list_(pack: str, lang: str, packs: tuple[Path, ...]) -> Answer:
    """List the names, their sets, how many values each has, and their statuses."""
    loaded = _load(packs, pack)
    found = []
    for name, values in sorted(loaded.by_name.items()):
        for chosen in dict.fromkeys(value.set for value in values):
            of_set = [value for value in values if value.set == chosen]
            found.append(
                {
                    "name": name,
                    "title": loaded.names[name][lang],
                    "set": chosen,
                    "default": chosen == loaded.default_set(name),
                    "values": len(of_set),
                    "status": ", ".join(sorted({value.status for value in of_set})),
                    "purposes": ", ".join(sorted({v.purpose for v in of_set if v.purpose})),
                }
            )
    header = ["name", "title", "set", "default", "values", "status", "purposes"]
    rows = [[row[column] for column in header] for row in found]
    return Answer("parameters list", {"parameters": found}, header=header, rows=rows)


@parameters.command("check")
@click.option("--city", "pack", default=DEFAULT_PACK, show_default=True, help="Pack to look in.")
@common("parameters check", check=True)
def check(pack: str, lang: str, packs: tuple[Path, ...]) -> Answer:
    """Check every value against the plausible range of its quantity; findings go to stderr."""
    from dualcarbon.parameters.check import check_parameters, load_bounds

    loaded, chain = _load(packs, pack), _pack(packs, pack)
    findings = check_parameters(loaded, load_bounds(chain))
    count = sum(len(values) for values in loaded.by_name.values())
    payload = {"pack": chain.id, "values": count, "implausible": len(findings)}
    return Answer(
        "parameters check", payload, findings, header=list(payload), rows=[list(payload.values())]
    )
