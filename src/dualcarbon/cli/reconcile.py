"""`dualcarbon reconcile`: hold the levels of a city against each other; detect implied factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

if TYPE_CHECKING:
    import polars as pl

    from dualcarbon.accounting.implied import Implied
    from dualcarbon.accounting.level import Level
    from dualcarbon.accounting.reconcile import Reconciliation
    from dualcarbon.accounting.side import Tools
    from dualcarbon.findings import Finding

DEFAULT_PACK = "china"
SHOWN = 40
WORDS = {
    "zh": {
        "carrier": "品种",
        "upper": "上级",
        "lower": "下级",
        "unit": "单位",
        "gap": "差额",
        "boundary": "边界",
        "activity": "活动量",
        "factor": "因子",
        "explained": "已登记",
        "net": "净差",
        "absolute": "绝对值合计",
        "subject": "对象",
        "located_in": "属地",
        "assessed_by": "考核",
        "all": "整体",
        "kind": "类别",
        "flags": "处数",
        "rows": "行",
        "judged": "有隐含因子",
        "incomplete": "不完整",
    },
    "en": {
        "carrier": "carrier",
        "upper": "upper",
        "lower": "lower",
        "unit": "unit",
        "gap": "gap",
        "boundary": "boundary",
        "activity": "activity",
        "factor": "factor",
        "explained": "registered",
        "net": "net",
        "absolute": "absolute",
        "subject": "subject",
        "located_in": "located in",
        "assessed_by": "assessed by",
        "all": "as a whole",
        "kind": "kind",
        "flags": "flags",
        "rows": "rows",
        "judged": "with an implied factor",
        "incomplete": "incomplete",
    },
}
MEASURES = {"co2": "t CO2", "tce": "tce"}


class _Reconcile(click.Group):
    """Takes what is no command of its own as the reconciliation itself."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = args[:1] and args[0] in self.commands
        return super().parse_args(ctx, args if own else ["levels", *args])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in super().list_commands(ctx) if name != "levels"]


@click.group(cls=_Reconcile)
def reconcile() -> None:
    """Hold the levels of a city against each other; detect implied factors."""


def _tools(packs: Sequence[Path], valuation: str) -> Tools:
    from dualcarbon.accounting.side import Tools
    from dualcarbon.packs import list_packs, load_pack

    own = [pack for pack in packs if (pack / "pack.yaml").is_file() or str(pack) in list_packs()]
    name = str(own[0]) if len(own) == 1 else DEFAULT_PACK
    return Tools.of(load_pack(name, tuple(packs)), valuation)


@reconcile.command("levels")
@click.option("--upper", required=True, help="The upper side: see SRC below.")
@click.option("--lower", multiple=True, required=True, help="The side below; repeat for a chain.")
@click.option("--period", "period_text", required=True, help="Year, quarter, month or span.")
@click.option("--boundary", type=click.Path(path_type=Path), help="What a side does not cover.")
@click.option("--register", type=click.Path(path_type=Path), help="Known, signed differences.")
@click.option("--shares", type=click.Path(path_type=Path), help="Enterprises in several areas.")
@click.option("--province", help="Province of a balance file that has several.")
@click.option(
    "--valuation",
    type=click.Choice(["calorific", "equal"]),
    default="calorific",
    show_default=True,
    help="Standard coal of electricity, the same on every side.",
)
@click.option("--as-of", "as_of", help="Only what was recorded by this date (data folders).")
@store_option
@common("reconcile")
def levels(
    upper: str, lower: tuple[str, ...], lang: str, packs: tuple[Path, ...], **options: Any
) -> Answer:
    """Split the gap of two or more sides into boundary, activity and factor, carrier by carrier.

    SRC is FOLDER:city, FOLDER:area or FOLDER:enterprise (a data folder), an energy balance, a side
    file (subject, item, carrier, period, quantity, unit), or an edition ID[:KIND] of an account
    run; NAME=SRC names it. `dualcarbon reconcile implied FILE` looks at implied factors alone.
    """
    from dualcarbon.accounting.boundary import pack_boundary, read_boundary, read_register
    from dualcarbon.accounting.levels import HEADER, flat, payload
    from dualcarbon.accounting.reconcile import chain
    from dualcarbon.cli.sides import SideReader
    from dualcarbon.periods import Period

    tools = _tools(packs, options["valuation"])
    reader = SideReader(tools, Period.parse(options["period_text"]), options)
    sides = [reader.side(text) for text in (upper, *lower)]
    stated = read_boundary(options["boundary"], tools) if options["boundary"] else []
    register = read_register(options["register"], tools) if options["register"] else []
    result = chain(
        sides,
        period=reader.period,
        boundary=[*stated, *pack_boundary(tools)],
        carriers=tools.carriers,
        members=reader.members(options["shares"]),
        register=register,
    )
    answer = {
        **payload(result, tools.carriers),
        "valuation": tools.valuation,
        "sides": [{"name": name, "rows": side.height} for name, side in reader.named.items()],
    }
    return Answer(
        "reconcile",
        answer,
        [*reader.findings, *result.findings, *reader.patterns()],
        header=HEADER,
        rows=flat(result),
        show=lambda console, shown: _show(console, shown, result, tools),
    )


def _tonnes(grams: int | None, digits: int = 0) -> str:
    if grams is None:
        return "…"
    shown = f"{grams / 1e6:+,.{digits}f}"
    return "0" if shown in ("+0", "-0") else shown


def _table(*names: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(names):
        table.add_column(name, justify="right" if index else "left")
    return table


def _show(console: Any, lang: str, result: Reconciliation, tools: Tools) -> None:
    words = WORDS[lang]
    for level in result.levels:
        if level.by is None:
            _show_level(console, lang, level, tools)
    parts = [level for level in result.levels if level.by]
    if not parts:
        return
    table = _table(words["subject"], "", "", words["net"], words["absolute"], *_causes(words))
    for level in parts[: 2 * SHOWN]:
        area = tools.areas.resolve(level.subject or "")
        name = area.name(lang) if area else level.subject
        view = words.get(level.by or "", "")
        sums = [level.net(), level.absolute(), *(level.net(one) for one in CAUSES)]
        table.add_row(name, view, MEASURES[level.measure], *(_tonnes(one) for one in sums))
    console.print(table)


CAUSES = ("boundary", "activity", "factor")


def _causes(words: Mapping[str, str]) -> list[str]:
    return [words[cause] for cause in CAUSES]


def _show_level(console: Any, lang: str, level: Level, tools: Tools) -> None:
    words = WORDS[lang]
    mark = "" if level.complete else f"  [red]{words['incomplete']}[/]"
    console.print(f"[bold]{level.upper} − {level.lower}[/]  {MEASURES[level.measure]}{mark}")
    names = [words[key] for key in ("carrier", "upper", "lower", "unit", "gap")]
    table = _table(*names, *_causes(words), words["explained"])
    for line in level.lines:
        carrier = tools.carriers.get(line.carrier)
        quantities = (line.quantity_upper, line.quantity_lower)
        table.add_row(
            carrier.name(lang) if carrier else line.carrier,
            *("…" if one is None else f"{one:,.4f}" for one in quantities),
            line.unit,
            _tonnes(line.gap_g),
            *(_tonnes(line.cause(cause)) for cause in CAUSES),
            _tonnes(line.explained_g) if line.explained else "",
        )
    table.add_section()
    for key in ("net", "absolute"):
        sums = [getattr(level, key)(cause) for cause in ("gap", *CAUSES)]
        table.add_row(f"[bold]{words[key]}[/]", "", "", "", *(_tonnes(one) for one in sums), "")
    console.print(table)
    for name, grams in _named(level, lang).items():
        console.print(f"  [dim]{words['boundary']}: {name} {_tonnes(grams)}[/]")


def _named(level: Level, lang: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in level.lines:
        for part in line.boundary:
            name = part.name_zh if lang == "zh" else part.name_en
            found[name] = found.get(name, 0) + (part.g or 0)
    return found


@reconcile.command("implied")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--province", help="Province of a balance file that has several.")
@common("reconcile implied")
def implied(file: Path, province: str | None, lang: str, packs: tuple[Path, ...]) -> Answer:
    """Detect implied factors and numbers that measurement does not make.

    FILE has `quantity`, and as far as there are any `carrier, unit, emission, emission_unit,
    subject, item, sector, flow, period`; or it is an energy balance.
    """
    from dualcarbon.accounting.implied import detect

    tools = _tools(packs, "calorific")
    frame, findings = _implied_rows(file, province, tools)
    result = detect(frame, tools)
    flags = _flags(result, frame)
    answer = {
        "file": file.name,
        "rows": result.rows,
        "judged": result.judged,
        "counts": result.counts(),
        "flags": flags,
    }
    return Answer(
        "reconcile implied",
        answer,
        [*findings, *result.findings],
        header=["kind", "place", "carrier", "found", "expected", "places"],
        rows=[[*list(flag.values())[:5], "; ".join(flag["places"])] for flag in flags],
        show=lambda console, shown: _show_implied(console, shown, answer),
    )


def _implied_rows(
    file: Path, province: str | None, tools: Tools
) -> tuple[pl.DataFrame, list[Finding]]:
    from dualcarbon.accounting.balance import read_balance
    from dualcarbon.accounting.implied import implied_frame, read_implied
    from dualcarbon.accounting.side import balance_side
    from dualcarbon.errors import InputError
    from dualcarbon.periods import Period

    try:
        return read_implied(file)[:2]
    except InputError as error:
        if not file.is_file():
            raise
        try:
            table = read_balance(file, tools.layout, tools.carriers, areas=tools.areas)
        except InputError:
            raise error from None
    names = [province] if province else table.provinces
    year = next((y for y in table.cells["year"] if y is not None), 2000)
    sides = [
        balance_side(table.select(name, areas=tools.areas), tools, "", Period.parse(str(year)))
        for name in names
    ]
    import polars as pl

    return pl.concat(implied_frame(frame) for frame, _ in sides), list(table.findings)


def _flags(result: Implied, frame: pl.DataFrame) -> list[dict[str, Any]]:
    places = [place or str(n + 1) for n, place in enumerate(frame["place"])]
    carriers = frame["carrier"]
    return [
        {
            "kind": flag.kind,
            "place": places[flag.row],
            "carrier": carriers[flag.row],
            "found": flag.found,
            "expected": flag.expected,
            "places": [places[row] for row in flag.rows],
            "like": flag.facts.get("like"),
        }
        for flag in result.flags
    ]


def _show_implied(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    words = WORDS[lang]
    console.print(
        f"[bold]{answer['file']}[/]  {answer['rows']:,} {words['rows']},"
        f" {answer['judged']:,} {words['judged']}"
    )
    table = _table(words["kind"], words["flags"])
    for kind, number in answer["counts"].items():
        table.add_row(kind, f"[yellow]{number:,}[/]" if number else "0")
    console.print(table)
