"""Values of laboratories and suppliers: who goes before whom, and what a slip leads to."""

import pytest
from tests.accounting.run_cases import Accounts, F, G, row

from dualcarbon.errors import InputError, ParameterAmbiguous

COAL = {"carrier": "raw_coal"}


def co2(ncv: str, carbon: str, oxidation: str = "1", tonnes: int = 100) -> int:
    """NCV GJ/t x tC/GJ x oxidised share x 44/12, in whole grams."""
    exact = tonnes * F(ncv) * F(carbon) * F(oxidation) * F(44, 12) * G
    return int(exact + F(1, 2))


def by_default(tonnes: int = 100) -> int:
    return int(tonnes * F("25.8") * 94_600)


def ncv(value: object, **more: object) -> dict[str, object]:
    return {"name": "ncv", "value": value, "unit": "GJ/t", **COAL, **more}


def carbon(value: object, **more: object) -> dict[str, object]:
    return {"name": "carbon_content", "value": value, "unit": "tC/GJ", **COAL, **more}


class TestLevels:
    def test_c7_7_lab_goes_before_supplier_before_default_before_the_pack(self, accounts: Accounts):
        rows = [row("raw_coal", 100, "t", subject=name) for name in ("E1", "E2", "E3", "E4")]
        path = accounts.overrides(
            ncv(20, enterprise="E1"),
            ncv(21, enterprise="E1", level="supplier"),
            ncv(22, enterprise="E1", level="default"),
            ncv(21, enterprise="E2", level="supplier"),
            ncv(22, level="default"),
        )
        made = accounts.of(*rows, overrides=path)
        wanted = [20, 21, 22, 22]
        assert [made.row(n)["co2"] for n in range(4)] == [100 * 94_600 * one for one in wanted]
        assert accounts.of(*rows).row(0)["co2"] == by_default()

    def test_the_level_goes_before_the_keys_and_inside_it_the_keys_decide(self, accounts: Accounts):
        boiler = {"equipment": "B1", "enterprise": "E1"}
        path = accounts.overrides(
            ncv(20), ncv(19, equipment="B1"), ncv(18, **boiler), ncv(30, **boiler, level="supplier")
        )
        rows = [
            row("raw_coal", 100, "t", subject="E1", equipment="B1"),
            row("raw_coal", 100, "t", subject="E2", equipment="B1"),
            row("raw_coal", 100, "t", subject="E2"),
        ]
        made = accounts.of(*rows, overrides=path)
        assert [made.row(n)["co2"] for n in range(3)] == [9_460_000 * one for one in (18, 19, 20)]

    def test_a_measured_carbon_content_is_not_passed_over(self, accounts: Accounts):
        """The pack's default needs no carbon content; a measured one must count all the same."""
        path = accounts.overrides(
            carbon("0.0271", enterprise="E1"),
            ncv("22.5", enterprise="E2"),
            carbon("0.0271", enterprise="E2", level="supplier"),
            {"name": "oxidation", "value": 98, "unit": "%", **COAL, "enterprise": "E2"},
        )
        rows = [row("raw_coal", 100, "t", subject=name) for name in ("E1", "E2", "E3")]
        made = accounts.of(*rows, overrides=path)
        assert made.row(0)["co2"] == co2("25.8", "0.0271")
        assert made.row(1)["co2"] == co2("22.5", "0.0271", "0.98")
        assert made.row(2)["co2"] == by_default()

    def test_the_months_of_a_value_and_what_stands_outside_them(self, accounts: Accounts):
        path = accounts.overrides(
            ncv(20, valid_from="2023-03-01", valid_to="2023-04-30"),
            ncv(21, valid_from="2023-06-01"),
            ncv(22, valid_from="2023-08-01"),
            ncv(24, level="supplier", valid_from="2023-05-01"),
        )
        months = {"2023-02": "25.8", "2023-03": 20, "2023-04": 20, "2023-05": 24, "2023-06": 21}
        months |= {"2023-07": 21, "2023-08": 22, "2024-01": 22}
        rows = [row("raw_coal", 100, "t", period=text) for text in months]
        made = accounts.of(*rows, overrides=path)
        found = [made.row(n)["co2"] for n in range(len(rows))]
        assert found == [int(9_460_000 * F(str(value))) for value in months.values()]

    def test_a_year_over_which_a_measured_value_changes_is_unmatched(self, accounts: Accounts):
        path = accounts.overrides(ncv(20), ncv(21, valid_from="2023-06-01"))
        made = accounts.of(row("raw_coal", 100, "t", period="2023"), overrides=path)
        (total,) = made.totals("CO2", 1)
        assert (total["grams"], total["unmatched"]) == (None, 1)
        assert any("changes within 2023" in one["reason_en"] for one in made.run.unmatched)

    def test_future_rule_does_not_change_earlier_years(self, accounts: Accounts):
        rows = [row("raw_coal", 100, "t", period=f"{year}-12") for year in (2021, 2022, 2023)]
        path = accounts.file(rows)
        before = accounts.files(path)
        after = accounts.files(path, overrides=accounts.overrides(ncv(20, valid_from="2023-01-01")))
        assert [after.row(n)["co2"] for n in range(2)] == [before.row(n)["co2"] for n in range(2)]
        assert after.row(2)["co2"] == 9_460_000 * 20
        assert before.row(2)["co2"] == by_default()

    def test_a_value_of_the_province_stands_for_its_district(self, accounts: Accounts):
        factor = {"name": "grid_co2", "value": "0.42", "unit": "kgCO2/kWh", "level": "supplier"}
        power = row("electricity", 10, "MWh", kind="area", subject="浦东新区")
        path = accounts.overrides({**factor, "area": "上海市"})
        assert accounts.of(power, overrides=path).grams("CO2", 2) == 4_200_000
        path = accounts.overrides({**factor, "area": "浙江省"})
        made = accounts.of(power, overrides=path)
        assert made.grams("CO2", 2) == 5_737_000
        assert "accounting.override_unused" in made.rules("warning")

    def test_sectors_are_read_in_chinese_and_keep_to_themselves(self, accounts: Accounts):
        path = accounts.overrides(ncv(20, carrier="原煤", sector="能源工业"))
        rows = [
            row("原煤", 100, "t", flow="conversion_in"),
            row("原煤", 100, "t"),
        ]
        made = accounts.of(*rows, overrides=path)
        assert [made.row(n)["co2"] for n in range(2)] == [9_460_000 * 20, by_default()]

    def test_the_chosen_level_and_its_source_are_in_the_coefficient(self, accounts: Accounts):
        path = accounts.overrides(ncv(20, source="检测报告 2023-17"))
        made = accounts.of(row("raw_coal", 100, "t"), overrides=path)
        (used,) = [p for p in made.edition.manifest["parameters"] if p["set"] == "lab"]
        assert used["source"]["title"] == "检测报告 2023-17"
        assert made.totals("CO2", 1)[0]["status"] == "sourced"
        path = accounts.overrides(ncv(20, source=""))
        made = accounts.of(row("raw_coal", 100, "t"), overrides=path)
        assert made.totals("CO2", 1)[0]["status"] == "unsourced"


class TestPollutants:
    """Production x coefficient x (1 - efficiency x rate of operation)."""

    def rules(self, **more: object) -> list[dict[str, object]]:
        of = {"carrier": "clinker", "gas": "NOx", "level": "default", **more}
        return [
            {"name": "pollutant_coefficient", "value": "1.584", "unit": "kg/t", **of},
            {"name": "removal_efficiency", "value": 60, "unit": "%", **of},
            {"name": "operating_rate", "value": "0.9", "unit": "1", **of},
        ]

    def test_the_formula(self, accounts: Accounts):
        made = accounts.of(
            row("clinker", 1000, "t", flow="production"),
            row("clinker", 7, "t", flow="sale"),
            overrides=accounts.overrides(*self.rules()),
        )
        assert made.grams("NOx") == int(1000 * F("1584") * (1 - F("0.6") * F("0.9")))
        assert made.totals("CO2e", 1)[0]["rows"] == 1  # of the process, not of NOx

    def test_without_removal_a_zero_is_written(self, accounts: Accounts):
        coefficient, efficiency, rate = self.rules()
        path = accounts.overrides(coefficient, {**efficiency, "value": 0}, rate)
        made = accounts.of(row("clinker", 1000, "t", flow="production"), overrides=path)
        assert made.grams("NOx") == 1_584_000
        path = accounts.overrides(coefficient)
        made = accounts.of(row("clinker", 1000, "t", flow="production"), overrides=path)
        (total,) = made.totals("NOx")
        assert (total["grams"], total["unmatched"]) == (None, 1)

    def test_a_fuel_and_a_product_of_the_users_own(self, accounts: Accounts):
        path = accounts.overrides(
            *self.rules(gas="二氧化硫", carrier="原煤"),
            *self.rules(gas="VOCs", carrier="涂料"),
        )
        made = accounts.of(
            row("raw_coal", 10, "t"),
            row("涂料", 10, "t", flow="production"),
            overrides=path,
        )
        wanted = int(10 * F("1584") * F("0.46"))
        assert made.grams("SO2") == made.grams("VOC") == wanted
        assert made.row(0)["co2"] == by_default(10)

    def test_each_enterprise_has_its_own(self, accounts: Accounts):
        coefficient, efficiency, rate = self.rules()
        path = accounts.overrides(
            coefficient,
            efficiency,
            rate,
            {**efficiency, "value": 90, "enterprise": "E1", "level": "lab"},
        )
        rows = [row("clinker", 1000, "t", flow="production", subject=name) for name in ("E1", "E2")]
        made = accounts.of(*rows, overrides=path)
        held = [F("0.9") * F("0.9"), F("0.6") * F("0.9")]
        assert [made.row(n)["nox"] for n in range(2)] == [int(1_584_000 * (1 - h)) for h in held]

    @pytest.mark.parametrize(("value", "unit"), [(101, "%"), (60, "1"), (1, "kg")])
    def test_a_share_above_one_is_refused(self, accounts: Accounts, value: int, unit: str):
        coefficient, efficiency, rate = self.rules()
        path = accounts.overrides(coefficient, {**efficiency, "value": value, "unit": unit}, rate)
        with pytest.raises(InputError) as caught:
            accounts.of(row("clinker", 1, "t", flow="production"), overrides=path)
        (said,) = caught.value.findings
        assert said.rule == "accounting.override_share"
        assert said.place.cell == "B3"


class TestSlips:
    @pytest.mark.parametrize(
        ("wrong", "rule", "column"),
        [
            ({"value": -1}, "accounting.override_value", "value"),
            ({"name": "ncvv"}, "accounting.override_name", "name"),
            ({"value": "NaN"}, "tables.not_number", "value"),
            ({"value": ""}, "tables.cell_empty", "value"),
            ({"level": "best"}, "tables.not_choice", "level"),
            ({"sector": "shipping"}, "tables.not_in_vocabulary", "sector"),
            ({"unit": "GJ/bag"}, "tables.not_unit", "unit"),
            ({"valid_from": "2023-13-01"}, "tables.not_date", "valid_from"),
            (
                {"valid_from": "2023-05-01", "valid_to": "2023-04-30"},
                "accounting.override_dates",
                "valid_to",
            ),
        ],
    )
    def test_a_faulty_file_is_not_used_at_all(self, accounts, wrong, rule, column):
        path = accounts.overrides(ncv(20), {**ncv(21, enterprise="E1"), **wrong})
        with pytest.raises(InputError) as caught:
            accounts.of(row("raw_coal", 1, "t"), overrides=path)
        said = caught.value.findings[0]
        assert (said.rule, said.place.row, said.place.column) == (rule, 3, column)
        assert list(accounts.store.glob("*")) == []

    def test_one_value_twice_in_two_spellings(self, accounts: Accounts):
        path = accounts.overrides(ncv(20, carrier="raw_coal"), ncv(21, carrier="原煤"))
        with pytest.raises(InputError):
            accounts.of(row("raw_coal", 1, "t"), overrides=path)

    def test_c7_2_two_that_match_equally_well_are_named(self, accounts: Accounts):
        path = accounts.overrides(ncv(20, equipment="B1"), ncv(21, sector="manufacturing"))
        with pytest.raises(ParameterAmbiguous) as caught:
            accounts.of(row("raw_coal", 1, "t", equipment="B1"), overrides=path)
        text = str(caught.value.findings[0].found)
        assert "equipment=B1" in text
        assert "sector=manufacturing" in text

    def test_a_name_that_matches_nothing_is_said(self, accounts: Accounts):
        path = accounts.overrides(ncv(20, enterprise="E-1"), ncv(21, carrier="raw coall"))
        made = accounts.of(row("raw_coal", 100, "t", subject="E1"), overrides=path)
        assert made.row(0)["co2"] == by_default()
        places = [f.place.cell for f in made.findings if f.rule == "accounting.override_unused"]
        assert places == ["B2", "B3"]

    def test_a_value_in_a_unit_that_leads_nowhere_is_unmatched_not_defaulted(self, accounts):
        path = accounts.overrides({"name": "ncv", "value": 20, "unit": "kWh", **COAL})
        made = accounts.of(row("raw_coal", 100, "t"), overrides=path)
        assert made.totals("CO2", 1)[0]["grams"] is None

    def test_a_file_without_rows_says_so_and_changes_nothing(self, accounts: Accounts):
        path = accounts.overrides()
        path.write_text("name,value,unit,level\n", encoding="utf-8")
        made = accounts.of(row("raw_coal", 100, "t"), overrides=path)
        assert made.row(0)["co2"] == by_default()
