"""What `balance account` has for the city side: its options, its answer and its table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from attrs import define, field

if TYPE_CHECKING:
    import polars as pl

    from dualcarbon.accounting.account import Account, Tools
    from dualcarbon.accounting.consumption import Consumption
    from dualcarbon.editions import Input
    from dualcarbon.findings import Finding
    from dualcarbon.parameters import Parameter

CHP_OPTIONS = ("table", "energy", "efficiency", "exergy", "residual", "power_bonus")
WORDS = {
    "zh": {
        "totals": "三个总量",
        "gap": "差额",
        "networks": "电力、热力",
        "production": "生产侧",
        "consumption": "消费侧",
        "net": "净购入",
        "factor": "因子",
        "quantity": "数量",
        "in": "国际燃料舱：全部计入",
        "out": "国际燃料舱：全部不计入",
        "foreign": "国际燃料舱：外轮外机在境内",
        "lifted": "国际燃料舱：交通运输行中的国际航行",
        "not_divided": "原表未划分",
    },
    "en": {
        "totals": "three totals",
        "gap": "gap",
        "networks": "electricity and heat",
        "production": "production basis",
        "consumption": "consumption basis",
        "net": "net purchased",
        "factor": "factor",
        "quantity": "quantity",
        "in": "international bunkers: all in",
        "out": "international bunkers: all out",
        "foreign": "international bunkers: foreigners here",
        "lifted": "international bunkers in the transport row",
        "not_divided": "not divided by the table",
    },
}


def city_options(function: Any) -> Any:
    """Give a command the options of the consumption side."""
    options = [
        click.option(
            "--import-factor",
            help='Factor of electricity brought in: "0.55 kgCO2/kWh; source", a set of the pack, '
            "or a file sender,quantity,unit,value,value_unit,source.",
        ),
        click.option("--import-from", help="Sending area or grid; the default is the country."),
        click.option("--heat-import-factor", help='The same for heat: "0.06 tCO2/GJ; source".'),
        click.option(
            "--losses",
            type=click.Choice(["include", "exclude"]),
            default="include",
            show_default=True,
            help="Losses of power and heat networks in the consumption-based total.",
        ),
        click.option(
            "--green",
            help='Green power bought, deducted: "VALUE UNIT; source" or a file '
            "id,kind,quantity,unit,source; each certificate or delivery once.",
        ),
        click.option(
            "--chp",
            type=click.Choice(CHP_OPTIONS),
            default="table",
            show_default=True,
            help="How the fuel of power and heat is split between them.",
        ),
        click.option(
            "--chp-value",
            "chp_values",
            multiple=True,
            help='What the split needs: "efficiency_power=0.35; source"; repeatable.',
        ),
        click.option(
            "--bunker-share",
            "bunker_shares",
            multiple=True,
            help='Share of a transport fuel for international voyages: "kerosene=0.6; source".',
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@define
class CitySide:
    """The city side of one account, from options to answer; `findings` are complete after it."""

    account: Account
    made: Consumption
    findings: list[Finding] = field(factory=list)

    @classmethod
    def of(cls, account: Account, tools: Tools, options: Mapping[str, Any]) -> CitySide:
        """Compute the city side from a command's options."""
        from dualcarbon.accounting.bunkers import parse_shares
        from dualcarbon.accounting.chp import UNITS
        from dualcarbon.accounting.consumption import Choices, make_consumption
        from dualcarbon.accounting.stated import parse_named

        names = ("import_factor", "import_from", "heat_import_factor", "losses", "green", "chp")
        choices = Choices(
            **{name: options[name] for name in names},
            chp_values=parse_named(options["chp_values"], UNITS, "--chp-value"),
            lifted=parse_shares(options["bunker_shares"], tools.carriers),
        )
        return cls(account, make_consumption(account, tools, choices))

    def frozen(
        self, answer: Mapping[str, Any]
    ) -> tuple[dict[str, pl.DataFrame], dict[str, Any], tuple[Input, ...], tuple[Parameter, ...]]:
        """Give the tables, options, files and parameters of the edition."""
        from dualcarbon.accounting.city import chosen, network_table, totals_table

        tables = {"network": network_table(self.made), "totals": totals_table(self.made, answer)}
        return tables, {"city": chosen(self.made)}, self.made.inputs, self.made.parameters

    def answer(self, answer: Mapping[str, Any], edition: str) -> dict[str, Any]:
        """Give what the answer has more, and collect the findings."""
        from dualcarbon.accounting.city import city_answer

        payload, findings = city_answer(self.account, self.made, answer, edition)
        self.findings = [*self.made.findings, *findings]
        return payload


def _number(value: float | None, digits: int = 0) -> str:
    return "…" if value is None else f"{value:,.{digits}f}"


def _table(*columns: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if index else "left")
    return table


def show_city(console: Any, lang: str, answer: Mapping[str, Any]) -> None:
    """Print the three totals with the causes of their gaps, and power and heat on both bases."""
    words = WORDS[lang]
    table = _table(words["totals"], "t CO2")
    for one in answer["totals"]["amounts"]:
        table.add_row(one[f"name_{lang}"], _number(one["co2_t"]))
    gap = answer["totals"]["gaps"][1]
    names = {one["total"]: one[f"name_{lang}"] for one in answer["totals"]["amounts"]}
    label = f"{words['gap']}: {names[gap['from']]} → {names[gap['to']]}"
    table.add_row(label, _number(gap["gap_t"]))
    for cause in gap["causes"]:
        table.add_row(f"[dim]  {cause[f'name_{lang}']}[/]", f"[dim]{_number(cause['co2_t'])}[/]")
    console.print(table)
    _show_networks(console, lang, answer["networks"])
    _show_bunkers(console, lang, answer["international"])


def _show_networks(console: Any, lang: str, networks: Any) -> None:
    words = WORDS[lang]
    table = _table(words["networks"], words["quantity"], "", "t CO2", words["factor"], "")
    for one in networks:
        for side in ("production", "consumption"):
            name = f"{one[f'carrier_{lang}']}: {words[side]}"
            cells = (one[side]["quantity"], one[side]["co2_t"], one[side]["factor"])
            table.add_row(
                name,
                _number(cells[0], 2),
                one["unit"],
                _number(cells[1]),
                _number(cells[2], 4),
                one["factor_unit"],
            )
        net = one["net_purchased"]
        label = f"{one[f'carrier_{lang}']}: {words['net']}"
        amounts = (_number(net["quantity"], 2), one["unit"], _number(net["co2_t"]))
        table.add_row(label, *amounts, "", "")
    console.print(table)


def _show_bunkers(console: Any, lang: str, bunkers: Mapping[str, Any]) -> None:
    words = WORDS[lang]
    table = _table("", "t CO2")
    table.add_row(words["foreign"], _number(bunkers["foreign_co2_t"]))
    for one in bunkers["lifted"]:
        state = _number(one["co2_t"]) if one["co2_t"] is not None else words["not_divided"]
        table.add_row(f"{words['lifted']}: {one[f'carrier_{lang}']}", state)
    for name in ("in", "out"):
        table.add_row(words[name], _number(bunkers[f"{name}_co2_t"]))
    console.print(table)
