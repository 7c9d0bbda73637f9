"""CO2e by the GWP set that is named, against the contexts of openscm-units."""

import pytest
from openscm_units import unit_registry
from tests.accounting.run_cases import Accounts, F, G, row

from dualcarbon.errors import UsageError

CONTEXTS = {
    "SAR": "SARGWP100",
    "AR4": "AR4GWP100",
    "AR5": "AR5GWP100",
    "AR6": "AR6GWP100",
}
GASES = {
    "CH4": "CH4",
    "N2O": "N2O",
    "SF6": "SF6",
    "HFC-23": "HFC23",
    "HFC-134a": "HFC134a",
    "HFC-125": "HFC125",
    "CF4": "CF4",
    "C2F6": "C2F6",
    "NF3": "NF3",
}


def oracle(gas: str, named: str) -> F:
    with unit_registry.context(CONTEXTS[named]):
        value = unit_registry.Quantity(1, GASES[gas]).to("CO2").magnitude
    return F(str(round(float(value), 6)))


@pytest.mark.parametrize("named", CONTEXTS)
def test_every_gas_is_worth_what_the_set_says(accounts: Accounts, named: str):
    gases = [gas for gas in GASES if (gas, named) != ("NF3", "SAR")]
    made = accounts.of(*(row(gas, 10, "kg", flow="emission") for gas in gases), gwp=named)
    found = {gas: made.row(n)["co2e_scope1"] for n, gas in enumerate(gases)}
    assert found == {gas: int(oracle(gas, named) * 10_000 + F(1, 2)) for gas in gases}
    assert made.edition.manifest["options"]["gwp"] == named


def test_a_gas_that_the_set_lacks_is_unmatched_in_co2e_alone(accounts: Accounts):
    made = accounts.of(row("NF3", 1, "t", flow="emission"), gwp="SAR")
    assert made.grams("NF3", 1) == G
    (total,) = made.totals("CO2e", 1)
    assert (total["grams"], total["unmatched"], total["complete"]) == (None, 1, False)


def test_ar6_divides_methane_by_its_origin_and_says_what_is_unsourced(accounts: Accounts):
    rows = [
        row("diesel", 1, "kt"),
        row("wood_wood_waste", 1, "kt"),
        row("CH4", 1, "t", flow="emission"),
    ]
    made = accounts.of(*rows, gwp="AR6")
    fossil, living = F("129"), F("468")  # kg, by hand: 43.0 x 3 and 15.6 x 30
    assert made.grams("CH4_fossil", 1) == 129_000
    assert made.grams("CH4", 1) == 129_000 + 468_000 + G
    wanted = [
        F(3_186_300) * 1000 + fossil * 1000 * F("29.8") + F("25800") * 273,
        living * 1000 * F("27.9") + F("62400") * 273,
        F("27.9") * G,
    ]
    assert [made.row(n)["co2e_scope1"] for n in range(3)] == [int(one + F(1, 2)) for one in wanted]
    assert (
        made.totals("CO2e", 1)[0]["status"] == "unsourced"
    )  # 29.8 is not in a source that was read
    assert accounts.of(rows[0], gwp="AR5").totals("CO2e", 1)[0]["status"] == "sourced"


def test_gwp_choice_changes_result_and_old_edition_stays(accounts: Accounts):
    rows = [row("diesel", 1, "kt"), row("SF6", 1, "kg", flow="emission")]
    path = accounts.file(rows)
    old = accounts.files(path)
    before = old.edition.table("totals").to_dicts()
    new = accounts.files(path, gwp="SAR")
    assert new.edition.id != old.edition.id
    assert old.grams("CO2e", 1) == 3_186_300_000 + 129_000 * 28 + 25_800 * 265 + 23_500_000
    assert new.grams("CO2e", 1) == 3_186_300_000 + 129_000 * 21 + 25_800 * 310 + 23_900_000
    for gas in ("CO2", "CH4", "N2O", "SF6"):
        assert new.grams(gas, 1) == old.grams(gas, 1)
    assert old.edition.table("totals").to_dicts() == before
    again = accounts.files(path)
    assert again.edition.id == old.edition.id


def test_an_unknown_set_names_those_there_are(accounts: Accounts):
    with pytest.raises(UsageError) as caught:
        accounts.of(row("diesel", 1, "t"), gwp="AR7")
    (said,) = caught.value.findings
    assert said.rule == "accounting.parameter_set"
    assert "AR6" in said.expected
