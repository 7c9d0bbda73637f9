"""`dualcarbon city`: split heat and power, allocate central sources, non-fossil share, peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from dualcarbon.cli.edition import store_option
from dualcarbon.cli.output import Answer, common

DEFAULT_PACK = "china"
PATH = click.Path(path_type=Path)


@click.group()
def city() -> None:
    """A city's account beyond the balance: heat and power, allocation, non-fossil share, peak."""


def _pack(packs: tuple[Path, ...], name: str | None = None) -> Any:
    from dualcarbon.packs import load_pack

    if name is not None:
        return load_pack(name, packs)
    own = len(packs) == 1 and (packs[0] / "pack.yaml").is_file()
    return load_pack(packs[0] if own else DEFAULT_PACK, packs)


def _number(value: float | None, digits: int = 0) -> str:
    return "…" if value is None else f"{value:,.{digits}f}"


def _text(value: Any) -> str:
    from rich.markup import escape

    return escape(str(value))


def _table(columns: Sequence[str]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if index > 1 else "left")
    return table


CHP_WORDS = {
    "zh": ("电厂", "口径", "电 tCO2", "热 tCO2", "电 kg/kWh", "热 t/GJ"),
    "en": ("plant", "option", "power tCO2", "heat tCO2", "power kg/kWh", "heat t/GJ"),
}


@city.command("chp")
@click.argument("file", type=PATH)
@click.option(
    "--value",
    "values",
    multiple=True,
    help='What an option needs: "efficiency_power=0.35; source", "supply_temperature=110", '
    '"ambient_temperature=10", "heat_factor=0.06", "power_factor=0.55"; repeatable.',
)
@common("city chp")
def chp(file: Path, values: tuple[str, ...], lang: str, packs: tuple[Path, ...]) -> Answer:
    """Compare every way to split the CO2 of combined heat and power, on the same plants.

    FILE has `plant,co2,co2_unit,power,power_unit,heat,heat_unit`. Power and heat add up to the
    total to the gram. An option whose values are not given is shown with the reason.
    """
    from dualcarbon.accounting.chp import UNITS
    from dualcarbon.accounting.plants import compare_plants
    from dualcarbon.accounting.stated import parse_named
    from dualcarbon.parameters import load_parameters

    given = parse_named(values, UNITS, "--value")
    plants, findings = compare_plants(file, given, load_parameters(_pack(packs)))
    names = ("power_co2_t", "heat_co2_t", "power_factor", "heat_factor")
    rows = [
        [plant["plant"], one["option"], *(one[name] for name in names)]
        for plant in plants
        for one in plant["options"]
    ]
    return Answer(
        "city chp",
        {"file": file.name, "plants": plants},
        findings,
        header=["plant", "option", *names],
        rows=rows,
        show=lambda console, shown: _show_chp(console, shown, plants),
    )


def _show_chp(console: Any, lang: str, plants: Sequence[Mapping[str, Any]]) -> None:
    table = _table(CHP_WORDS[lang])
    for plant in plants:
        for one in plant["options"]:
            amounts = [_number(one[name]) for name in ("power_co2_t", "heat_co2_t")]
            factors = [_number(one[name], 5) for name in ("power_factor", "heat_factor")]
            table.add_row(_text(plant["plant"]), one[f"name_{lang}"], *amounts, *factors)
    console.print(table)


SHARE_COLUMNS = {
    "zh": ("排放源", "规则", "区", "权重", "排放量", "单位"),
    "en": ("source", "rule", "area", "weight", "amount", "unit"),
}


@city.command("allocate")
@click.argument("file", type=PATH)
@click.option("--weights", type=PATH, help="Weights of the districts: weight,area,value.")
@click.option("--own", type=PATH, help="Sources in the districts' own accounts: area,source,value.")
@click.option(
    "--rule",
    "rules",
    multiple=True,
    help="CATEGORY=RULE for sources that name none, such as power=consumption; repeatable.",
)
@click.option("--city", "name", help="Pack of the city, such as shanghai: its districts.")
@store_option
@common("city allocate")
def allocate(
    file: Path,
    weights: Path | None,
    own: Path | None,
    rules: tuple[str, ...],
    name: str | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Give central sources to districts by named rules, each source once.

    FILE has `source,category,area,value,unit,rule`. A source that stands twice, here or in a
    district's own account, is refused with both places.
    """
    from dualcarbon.accounting.allocate import allocate as allocated
    from dualcarbon.accounting.allocate import allocation_answer
    from dualcarbon.accounting.explain_allocation import freeze_allocation
    from dualcarbon.areas import load_areas
    from dualcarbon.editions import default_store

    pack = _pack(packs, name)
    made = allocated(file, weights, own, pack, load_areas(pack), rules)
    edition = freeze_allocation(made, store or default_store(), pack)
    answer = allocation_answer(made, edition.id)
    header = ("source", "category", "rule", "area", "weight", "value", "unit", "code")
    return Answer(
        "city allocate",
        answer,
        made.findings,
        edition.id,
        header=header,
        rows=[[row[name] for name in header] for row in answer["shares"]],
        show=lambda console, shown: _show_shares(console, shown, answer),
    )


def _show_shares(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    names = {one["source"]: one[f"rule_{lang}"] for one in answer["sources"]}
    table = _table(SHARE_COLUMNS[lang])
    for row in answer["shares"]:
        weight = "" if row["weight"] is None else f"{row['weight']:g}"
        cells = (_text(row["source"]), names[row["source"]], _text(row["area"]), weight)
        table.add_row(*cells, _number(row["value"], 3), row["unit"])
    console.print(table)


MIX_COLUMNS = {
    "zh": ("时期", "指标", "%", "分子", "分母", "单位"),
    "en": ("period", "measure", "%", "numerator", "denominator", "unit"),
}


@city.command("share")
@click.argument("file", type=PATH)
@click.option("--area", help="Area whose equal value of electricity the pack may hold.")
@click.option("--equal-value", help='Equal value of electricity: "0.3045 kgce/kWh; source".')
@store_option
@common("city share")
def share(
    file: Path,
    area: str | None,
    equal_value: str | None,
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Give the non-fossil share in both valuations and the renewable consumption weights.

    FILE has `period,class,quantity,unit,proof,id,source`. Physical power and a certificate of one
    id count once.
    """
    from dualcarbon.accounting.explain_share import freeze_mix
    from dualcarbon.accounting.share import energy_mix, share_answer
    from dualcarbon.areas import load_areas
    from dualcarbon.editions import default_store
    from dualcarbon.parameters import load_parameters

    pack = _pack(packs)
    entry = load_areas(pack).resolve(area) if area else None
    code = entry.code if entry else area
    mix = energy_mix(file, pack, load_parameters(pack), code, equal_value)
    edition = freeze_mix(mix, store or default_store(), pack)
    answer = share_answer(mix, edition.id)
    header = ("period", "measure", "percent", "numerator", "denominator", "unit", "status", "code")
    return Answer(
        "city share",
        {"file": file.name, **answer},
        mix.findings,
        edition.id,
        header=header,
        rows=[[row[name] for name in header] for row in answer["shares"]],
        show=lambda console, shown: _show_mix(console, shown, answer),
    )


def _show_mix(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    table = _table(MIX_COLUMNS[lang])
    for row in answer["shares"]:
        big = "10^4 tce" if row["unit"] == "gce" else "10^8 kWh"
        size = 10**10 if row["unit"] == "gce" else 10**11
        sums = [None if row[n] is None else row[n] / size for n in ("numerator", "denominator")]
        name = row[f"name_{lang}"]
        table.add_row(row["period"], name, _number(row["percent"], 2), *_pair(sums), big)
    console.print(table)


def _pair(values: Sequence[float | None]) -> tuple[str, ...]:
    return tuple(_number(value, 2) for value in values)


PEAK_WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "columns": ("序列", "最高年", "距今年数", "较最高值 %", "最高值已过概率", "状态"),
        "years": ("序列", "年份", "数值", "增速 %", "弹性", "脱钩状态"),
        "scenarios": ("情景", "序列", "峰值年", "峰值", "单位"),
        "none": "期内未出现",
        "path": ("序列", "目标年", "剩余年数", "所需年均变化 %"),
    },
    "en": {
        "columns": (
            "series",
            "maximum",
            "years since",
            "from maximum %",
            "probability behind",
            "state",
        ),
        "years": ("series", "year", "value", "growth %", "elasticity", "decoupling"),
        "scenarios": ("scenario", "series", "peak year", "peak value", "unit"),
        "none": "not within its years",
        "path": ("series", "target year", "years left", "needed change % a year"),
    },
}


@city.command("peak")
@click.argument("file", type=PATH)
@click.option(
    "--correlation",
    type=float,
    default=0.0,
    show_default=True,
    help="Of the errors of two years: 0 independent, 1 one common factor.",
)
@click.option("--scenarios", type=PATH, help="scenario,series,from,to,rate (csv, xlsx, yaml).")
@click.option("--target-year", type=int, help="Year of the target.")
@click.option("--target", "targets", multiple=True, help='"SERIES=VALUE UNIT"; repeatable.')
@store_option
@common("city peak")
def peak(
    file: Path,
    correlation: float,
    scenarios: Path | None,
    target_year: int | None,
    targets: tuple[str, ...],
    store: Path | None,
    lang: str,
    packs: tuple[Path, ...],
) -> Answer:
    """Watch yearly series: growth, elasticity, years since the maximum and how sure it is.

    FILE has `series,year,value,unit,uncertainty,source`; `gdp` is GDP at constant prices. No series
    is called past its maximum on one year: the rule stands in the answer.
    """
    from dualcarbon.accounting.explain_peak import freeze_monitor
    from dualcarbon.accounting.peak import monitor
    from dualcarbon.accounting.scenarios import (
        parse_targets,
        path_to,
        peak_answer,
        project,
        read_scenarios,
    )
    from dualcarbon.editions import default_store

    pack = _pack(packs)
    made = monitor(file, pack, correlation)
    steps = read_scenarios(scenarios) if scenarios is not None else None
    projected, more = project(made, steps[0] if steps else [])
    paths, late = path_to(made, target_year, parse_targets(targets))
    inputs = (steps[2],) if steps else ()
    edition = freeze_monitor(made, store or default_store(), pack, inputs)
    answer = peak_answer(made, projected, paths, edition.id)
    header = ("series", "year", "value", "unit", "growth", "gdp_growth", "elasticity", "decoupling")
    return Answer(
        "city peak",
        {"file": file.name, **answer},
        [*made.findings, *(steps[1] if steps else ()), *more, *late],
        edition.id,
        header=header,
        rows=[[row[name] for name in header] for row in answer["years"]],
        show=lambda console, shown: _show_peak(console, shown, answer),
    )


def _show_peak(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    words = PEAK_WORDS[lang]
    table = _table(words["columns"])
    for one in answer["series"]:
        chance = one["probability_behind"]
        cells = (_text(one["series"]), str(one["maximum_year"]), str(one["years_since"]))
        shown = (_number(one["from_maximum"], 1), _number(chance, 3), one[f"state_{lang}"])
        table.add_row(*cells, *shown)
    console.print(table)
    _show_years(console, lang, answer["years"])
    _show_ahead(console, lang, answer)


def _show_years(console: Any, lang: str, years: Sequence[Mapping[str, Any]]) -> None:
    table = _table(PEAK_WORDS[lang]["years"])
    for row in years:
        numbers = (_number(row["growth"], 2), _number(row["elasticity"], 2))
        state = row[f"decoupling_{lang}"] or ""
        table.add_row(
            _text(row["series"]), str(row["year"]), f"{row['value']:,.6g}", *numbers, state
        )
    console.print(table)


def _show_ahead(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    words = PEAK_WORDS[lang]
    if answer["path"]:
        table = _table(words["path"])
        for one in answer["path"]:
            left = (str(one["target_year"]), str(one["years_left"]))
            table.add_row(_text(one["series"]), *left, _number(one["needed_change"], 2))
        console.print(table)
    if answer["scenarios"]:
        table = _table(words["scenarios"])
        for one in answer["scenarios"]:
            year = str(one["peak_year"]) if one["peak_year"] else str(words["none"])
            value = _number(one["peak_value"], 3)
            names = (_text(one["scenario"]), _text(one["series"]))
            table.add_row(*names, year, value, one["unit"])
        console.print(table)
