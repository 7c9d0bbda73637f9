"""`dualcarbon balance`: check an energy balance, and account for its energy and CO2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dualcarbon.cli.city_side import CitySide, city_options, show_city
from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

if TYPE_CHECKING:
    from dualcarbon.accounting.account import Tools
    from dualcarbon.accounting.balance import Balance
    from dualcarbon.accounting.identities import Tolerance

DEFAULT_PACK = "china"
WORDS = {
    "zh": {
        "identity": "恒等式",
        "checked": "已检查",
        "failing": "不成立",
        "carrier": "品种",
        "quantity": "用量",
        "unit": "单位",
        "tce_c": "标准煤 当量值 tce",
        "tce_e": "标准煤 等价值 tce",
        "co2": "CO2 t",
        "status": "出处",
        "total": "合计",
        "partial": "其中已覆盖",
        "final": "终端消费",
        "losses": "损失",
        "transformation": "加工转换净损失",
        "reference": "参考方法（表观消费）",
        "gap": "与分行业之差",
        "bunkers": "国际燃料舱",
        "abroad": "境外加油",
        "include": "合计（含）",
        "exclude": "合计（不含）",
        "equal": "电力等价值",
        "power": "电力、热力及其他（不计燃烧 CO2）",
    },
    "en": {
        "identity": "identity",
        "checked": "checked",
        "failing": "failing",
        "carrier": "carrier",
        "quantity": "quantity",
        "unit": "unit",
        "tce_c": "tce calorific",
        "tce_e": "tce equal value",
        "co2": "t CO2",
        "status": "sources",
        "total": "total",
        "partial": "covered part",
        "final": "final consumption",
        "losses": "losses",
        "transformation": "net transformation loss",
        "reference": "reference approach",
        "gap": "gap to sectoral",
        "bunkers": "international bunkers",
        "abroad": "refuelling abroad",
        "include": "total including",
        "exclude": "total excluding",
        "equal": "equal value of electricity",
        "power": "power, heat and other (no combustion CO2)",
    },
}
STATUS = {
    "zh": {"sourced": "有出处", "unsourced": "无出处", "synthetic": "合成", None: "…"},
    "en": {"sourced": "sourced", "unsourced": "unsourced", "synthetic": "synthetic", None: "…"},
}
METHODS = {
    "zh": {"given": "用户给出", "parameter": "数据包", "derived": "由本表推算", "none": "不能给出"},
    "en": {"given": "given", "parameter": "pack", "derived": "from this table", "none": "absent"},
}


@click.group()
def balance() -> None:
    """Check an energy balance, and account for its energy and CO2."""


def _reading(function: Any) -> Any:
    """Give a command the options that say how a balance file is read."""
    options = [
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--province", help="Province to read; needed when the file has several."),
        click.option("--sheet", help="Sheet of a workbook; the default is every sheet."),
        click.option("--year", type=int, help="Year, where the table does not say it."),
        click.option(
            "--units",
            multiple=True,
            help="Units of the file where not the standard ones: CARRIER=UNIT, or a bare unit for "
            "all (10^4 tce); repeatable.",
        ),
        click.option(
            "--signs",
            type=click.Choice(["printed", "positive-outflow"]),
            default="printed",
            show_default=True,
            help="printed: outflow and exports are negative; positive-outflow: printed positive.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def _tools(packs: tuple[Path, ...]) -> Tools:
    from dualcarbon.accounting.account import Tools
    from dualcarbon.packs import load_pack

    own = len(packs) == 1 and (packs[0] / "pack.yaml").is_file()
    return Tools.of(load_pack(packs[0] if own else DEFAULT_PACK, packs))


def _read(tools: Tools, file: Path, options: Mapping[str, Any]) -> Balance:
    from dualcarbon.accounting.balance import parse_units, read_balance

    return read_balance(
        file,
        tools.layout,
        tools.carriers,
        sheet=options["sheet"],
        province=options["province"],
        year=options["year"],
        units=parse_units(options["units"], tools.carriers),
        signs=options["signs"],
        areas=tools.areas,
    )


@balance.command("check")
@_reading
@click.option(
    "--tolerance",
    default="0.05,0.0001",
    show_default=True,
    help="How far printed figures may miss: ABSOLUTE or ABSOLUTE,RELATIVE.",
)
@common("balance check", check=True)
def check(file: Path, tolerance: str, lang: str, packs: tuple[Path, ...], **options: Any) -> Answer:
    """Check every identity of a balance, cell by cell; nothing is repaired.

    Exit 1 when an identity fails or a cell cannot be read, 2 when the file cannot be read.
    """
    from dualcarbon.accounting.identities import check_identities, identity_findings, summarise

    tools, allowed = _tools(packs), _tolerance(tolerance)
    data = _read(tools, file, options)
    if options["province"]:
        data = data.select(options["province"], options["year"], areas=tools.areas, single=False)
    result = check_identities(data.cells, tools.layout, tools.carriers, allowed, rows=data.rows)
    findings = [*data.findings, *identity_findings(result, tools.layout, tools.carriers)]
    summary = summarise(result, tools.layout)
    failing = result.filter(~result["holds"]).drop("holds").to_dicts()
    payload = {
        "file": file.name,
        "provinces": data.provinces,
        "cells": data.cells.height,
        "tolerance": {"absolute": allowed.absolute, "relative": allowed.relative},
        "identities": summary,
        "failing": failing,
    }
    header = ["identity", "province", "year", "row", "carrier", "found", "expected", "gap", "place"]
    rows = [[row[name] for name in header] for row in failing]
    return Answer(
        "balance check",
        payload,
        findings,
        header=header,
        rows=rows,
        show=lambda console, shown: _show_check(console, shown, summary, data.provinces),
    )


def _tolerance(text: str) -> Tolerance:
    import math

    from dualcarbon.accounting.identities import DEFAULT_TOLERANCE, Tolerance
    from dualcarbon.errors import UsageError
    from dualcarbon.findings import finding

    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or any(not math.isfinite(n) or n < 0 for n in numbers):
        raise UsageError(finding("accounting.tolerance", found=text))
    return Tolerance(*numbers, *([DEFAULT_TOLERANCE.relative] if len(numbers) == 1 else []))


def _show_check(
    console: Any, lang: str, summary: Sequence[Mapping[str, Any]], provinces: Sequence[str]
) -> None:
    words = WORDS[lang]
    console.print("、".join(provinces) if lang == "zh" else ", ".join(provinces), style="bold")
    table = _table(words["identity"], words["checked"], words["failing"])
    for row in summary:
        if not row["checked"]:
            table.add_row(f"[dim]{row[f'name_{lang}']}[/]", "[dim]–[/]", "[dim]–[/]")
            continue
        mark = "[red]" if row["failing"] and row["severity"] == "error" else "[yellow]"
        shown = f"{mark}{row['failing']:,}[/]" if row["failing"] else "0"
        table.add_row(row[f"name_{lang}"], f"{row['checked']:,}", shown)
    console.print(table)


def _table(first: str, *others: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table


@balance.command("account")
@_reading
@click.option(
    "--factors",
    help="A set of the pack (ipcc2006, cn27, ...) or a file carrier,rows,value,unit; the default "
    "is the pack's set.",
)
@click.option(
    "--bunkers",
    type=click.Choice(["include", "exclude"]),
    default="include",
    show_default=True,
    help="Fuel that ships and aircraft took abroad (row 6): in the total or out of it.",
)
@click.option(
    "--equal-value",
    type=float,
    help="Equal value of electricity, kgce/kWh; the default is the pack's series for the place and "
    "year, else this table's thermal coal rate.",
)
@city_options
@store_option
@common("balance account")
def account(
    file: Path,
    factors: str | None,
    bunkers: str,
    equal_value: float | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
    **options: Any,
) -> Answer:
    """Account for the energy and CO2 of one province's balance.

    CO2 = final consumption - non-energy use + fuel for power and heat, times the factors. Standard
    coal in calorific and equal value. The result is frozen as an edition that can be explained.
    """
    from dualcarbon.accounting.account import Options, make_account
    from dualcarbon.accounting.answer import notes, payload
    from dualcarbon.accounting.balance import parse_units
    from dualcarbon.accounting.explain import freeze
    from dualcarbon.editions import default_store

    tools = _tools(packs)
    data = _read(tools, file, options).select(
        options["province"], options["year"], areas=tools.areas
    )
    units = parse_units(options["units"], tools.carriers)
    chosen = Options(factors, bunkers, options["year"], equal_value, units)
    made = make_account(data, tools, chosen)
    city = CitySide.of(made, tools, options)
    edition = freeze(made, store or default_store(), tools.pack, *city.frozen(payload(made)))
    answer = payload(made, edition.id)
    answer |= city.answer(answer, edition.id)
    header = list(answer["rows"][0])
    return Answer(
        "balance account",
        answer,
        [*made.findings, *notes(made), *city.findings],
        edition.id,
        header=header,
        rows=[[_flat(value) for value in row.values()] for row in answer["rows"]],
        show=lambda console, shown: _show_account(console, shown, answer, edition.id),
    )


def _flat(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value


def _number(value: float | None, digits: int = 0) -> str:
    return "…" if value is None else f"{value:,.{digits}f}"


def _show_account(console: Any, lang: str, answer: Mapping[str, Any], edition: str) -> None:
    words = WORDS[lang]
    year = f" {answer['year']}" if answer["year"] else ""
    title = f"[bold]{answer['province']}{year}[/]  {answer['options']['factors']}"
    console.print(f"{title}  [dim]{STATUS[lang][answer['data_status']]}  {edition}[/]")
    columns = ("carrier", "quantity", "unit", "tce_c", "tce_e", "co2", "status")
    table = _table(*(words[name] for name in columns))
    for row in answer["carriers"]:
        _carrier_line(table, row, lang)
    table.add_section()
    for row in answer["not_counted"]:
        cells = [_number(row["tce_calorific"]), _number(row["tce_equal"])]
        table.add_row(f"[dim]{row[f'carrier_{lang}']}[/]", "", "", *cells, "", "")
    table.add_section()
    _total_lines(table, answer["total"], words)
    console.print(table)
    _show_sides(console, lang, answer)


def _carrier_line(table: Any, row: Mapping[str, Any], lang: str) -> None:
    co2 = _number(row["co2_t"])
    if row["co2_t"] is None:
        co2 = f"[red]…[/] ({_number(row['co2_partial_t'])})"
    table.add_row(
        row[f"carrier_{lang}"],
        _number(row["quantity"], 2),
        row["unit"],
        _number(row["tce_calorific"]),
        _number(row["tce_equal"]),
        co2,
        STATUS[lang][row["data_status"]],
    )


def _total_lines(table: Any, total: Mapping[str, Any], words: Mapping[str, str]) -> None:
    cells = [_number(total[name]) for name in ("tce_calorific", "tce_equal", "co2_t")]
    table.add_row(f"[bold]{words['total']}[/]", "", "", *(f"[bold]{text}[/]" for text in cells), "")
    if "…" in cells:
        names = ("tce_calorific_partial", "tce_equal_partial", "co2_partial_t")
        table.add_row(words["partial"], "", "", *(_number(total[name]) for name in names), "")


def _show_sides(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    words = WORDS[lang]
    energy, reference, bunkers = answer["energy"], answer["reference"], answer["bunkers"]
    table = _table("", words["tce_c"], words["tce_e"])
    for block, values in energy.items():
        cells = (values["tce_calorific"], values["tce_equal"])
        table.add_row(words[block], *(_number(value) for value in cells))
    console.print(table)
    side = _table("", words["co2"])
    side.add_row(words["reference"], _number(reference["co2_t"]))
    side.add_row(words["gap"], _number(reference["gap_t"]))
    for cause in reference["gap_causes"]:
        side.add_row(f"[dim]  {cause[f'name_{lang}']}[/]", f"[dim]{_number(cause['co2_t'])}[/]")
    for name in ("abroad", "include", "exclude"):
        label = f"{words['bunkers']}: {words[name]}"
        side.add_row(label, _number(bunkers[f"{name}_co2_t"]))
    console.print(side)
    equal = answer["options"]["equal_value"]
    method = METHODS[lang][equal["method"]]
    text = f"{words['equal']}: {_number(equal['value'], 4)} {equal['unit']} ({method})"
    console.print(text, style="dim")
    show_city(console, lang, answer)
