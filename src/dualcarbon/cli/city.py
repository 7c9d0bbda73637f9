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
            table.add_row(plant["plant"], one[f"name_{lang}"], *amounts, *factors)
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
        cells = (row["source"], names[row["source"]], row["area"], weight)
        table.add_row(*cells, _number(row["value"], 3), row["unit"])
    console.print(table)
