"""Methods as data: the same flows count in an account and in a standing; faults are named."""

import datetime as dt
from itertools import product
from pathlib import Path

import pytest
from tests.accounting.run_cases import pack

from dualcarbon.accounting.methods import choose_method, load_methods, sign_of
from dualcarbon.carriers import load_carriers
from dualcarbon.control.data import read_data
from dualcarbon.control.energy import Activity
from dualcarbon.control.known import known
from dualcarbon.errors import PackError
from dualcarbon.packs import load_pack
from dualcarbon.words import FLOWS

CONSUMED = {"use": 1, "conversion_in": 1, "conversion_out": -1, "non_energy": 1}
BURNT = {"use": 1, "conversion_in": 1, "conversion_out": -1}
WANTED = {
    ("energy_total", "diesel"): CONSUMED,
    ("energy_total", "electricity"): CONSUMED,
    ("energy_total", "coal_total"): {},
    ("co2_total", "diesel"): BURNT,
    ("co2_total", "wood_wood_waste"): {},
    ("co2_total", "electricity"): {**BURNT, "production": -1},
    ("co2_total", "heat"): {**BURNT, "production": -1},
    ("co2_total", "coal_total"): {},
    ("coal_total", "raw_coal"): {"use": 1, "conversion_in": 1, "non_energy": 1},
    ("coal_total", "diesel"): {},
    ("coal_total", "coal_total"): {},
    ("population", "diesel"): {},
}


@pytest.mark.parametrize(("indicator", "carrier"), WANTED)
def test_which_flows_count_for_an_indicator(indicator: str, carrier: str):
    lines = load_methods(pack())["ipcc2006"].level(indicator)
    entry = load_carriers(pack())[carrier]
    found = {flow: sign_of(lines, entry, flow) for flow in FLOWS}
    assert {k: v for k, v in found.items() if v is not None} == WANTED[indicator, carrier]


def own_pack(folder: Path, text: str) -> Path:
    (folder / "accounting").mkdir(parents=True)
    head = "id: own\nname_zh: 自定\nname_en: Own\nextends: shanghai\nkind: city\narea: '310000'\n"
    (folder / "pack.yaml").write_text(head, encoding="utf-8")
    (folder / "accounting" / "methods.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "{measure: a, gas: A, recipe: co2, flows: {burn: 1}}",
        "{measure: a, gas: A, recipe: co2, flows: {use: 2}}",
        "{measure: a, gas: A, recipe: co2, colour: red}",
        "{gas: A, recipe: co2}",
    ],
)
def test_a_faulty_method_names_the_fault(tmp_path: Path, line: str):
    text = f"- {{id: own, name_zh: a, name_en: a, gwp: AR5, lines: [{line}]}}\n"
    with pytest.raises(PackError) as caught:
        load_methods(load_pack(str(own_pack(tmp_path / "own", text))))
    assert caught.value.findings[0].rule == "accounting.method_entry"


def test_a_recipe_that_no_pack_has_is_named():
    with pytest.raises(PackError) as caught:
        choose_method(pack(), None, ["co2"])
    assert "co2_heat" in str(caught.value.findings[0].found)


def test_a_standing_reads_the_flows_of_the_packs_method(tmp_path: Path):
    """A method in which only what is used counts moves the level of the control room."""
    line = "{measure: t, gas: t, recipe: tce_calorific, flows: {use: 1}}"
    text = (
        "- {id: ipcc2006, name_zh: a, name_en: a, gwp: AR5, "
        f"levels: {{energy_total: {{measures: [t]}}}}, lines: [{line}]}}\n"
    )
    data = tmp_path / "data"
    data.mkdir()
    head = "subject_kind,subject,carrier,flow,period,quantity,unit,vintage,recorded_at,source"
    rows = [
        f"city,city,diesel,{flow},2023-{m:02d},{size},t,final,2023-12-31,report"
        for m in range(1, 13)
        for flow, size in product(["use", "conversion_in", "sale"], [10])
    ]
    (data / "activity.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    levels = {}
    for name, of in {
        "standard": pack(),
        "own": load_pack(str(own_pack(tmp_path / "own", text))),
    }.items():
        facts = known(read_data(data, of), dt.date(2024, 1, 31))
        found = Activity(facts).levels("energy_total", ("city", "310000"))
        levels[name] = found.to_date(2023, 12).value
    assert levels["own"] == pytest.approx(12 * 10 * 1.4571)
    assert levels["standard"] == pytest.approx(2 * 12 * 10 * 1.4571)
