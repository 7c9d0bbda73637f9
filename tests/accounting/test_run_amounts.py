"""What a row becomes: energy, gases, CO2e, process gas; each number worked out here by hand."""

import pytest
from tests.accounting.run_cases import Accounts, F, G, row

# Read from the printed tables, not from the pack (accounting.md 1.2, 1.4, 1.5; IPCC 2006 Vol. 2).
NCV = {"diesel": F("43.0"), "wood_wood_waste": F("15.6")}  # TJ/Gg
CO2 = {"diesel": F(74100), "wood_wood_waste": F(112000)}  # kg/TJ
CH4_MANUFACTURING = {"diesel": F(3), "wood_wood_waste": F(30)}
N2O_MANUFACTURING = {"diesel": F("0.6"), "wood_wood_waste": F(4)}


def grams(tonnes: F, carrier: str, per_energy: dict[str, F]) -> int:
    """Tonnes of fuel x TJ/Gg x kg/TJ, in whole grams."""
    exact = tonnes / 1000 * NCV[carrier] * per_energy[carrier] * 1000
    return int(exact + F(1, 2))


class TestCombustion:
    def test_a_kilotonne_of_diesel_of_the_guidelines(self, accounts: Accounts):
        made = accounts.of(row("diesel", 1, "kt"))
        assert made.grams("CO2", 1) == 3_186_300_000  # 3,186.3 t
        assert made.grams("CH4", 1) == made.grams("CH4_fossil", 1) == 129_000
        assert made.grams("N2O", 1) == 25_800
        assert made.grams("tce_calorific") == 1457_100_000  # 1.4571 kgce/kg

    @pytest.mark.parametrize(
        ("unit", "tonnes"),
        [("t", F("12.345")), ("10^4 t", F(123450)), ("kg", F("0.012345")), ("万吨", F(123450))],
    )
    def test_units_of_mass(self, accounts: Accounts, unit: str, tonnes: F):
        made = accounts.of(row("diesel", "12.345", unit))
        assert made.grams("CO2", 1) == grams(tonnes, "diesel", CO2)
        assert made.grams("CH4", 1) == grams(tonnes, "diesel", CH4_MANUFACTURING)
        assert made.grams("N2O", 1) == grams(tonnes, "diesel", N2O_MANUFACTURING)

    def test_the_standard_coal_table_in_both_valuations(self, accounts: Accounts):
        """Appendix 4 of the yearbook; electricity at 3.0665 tce/10^4 kWh, Jilin 2015."""
        table = {
            ("raw_coal", "t"): "0.7143",
            ("cleaned_coal", "t"): "0.9",
            ("middlings", "t"): "0.2857",
            ("coke", "t"): "0.9714",
            ("crude_oil", "t"): "1.4286",
            ("gasoline", "t"): "1.4714",
            ("diesel", "t"): "1.4571",
            ("lpg", "t"): "1.7143",
            ("natural_gas", "10^4 m3"): "13.3",
            ("heat", "GJ"): "0.03412",
            ("electricity", "10^4 kWh"): "1.229",
            ("electricity", "MWh"): "0.1229",
            ("electricity", "kWh"): "0.0001229",
            ("other_energy", "tce"): "1",
        }
        rows = [
            row(carrier, 3, unit, item=f"{n}", kind="area", subject="吉林省", period="2015-07")
            for n, (carrier, unit) in enumerate(table)
        ]
        made = accounts.of(*rows, city="china")
        for number, ((carrier, unit), coefficient) in enumerate(table.items()):
            wanted = int(3 * F(coefficient) * G + F(1, 2))
            one = made.row(number)
            assert one["tce_calorific"] == wanted, (carrier, unit)
            equal = F("3.0665") / {"10^4 kWh": 1, "MWh": 10, "kWh": 10**4}.get(unit, 1)
            power = carrier == "electricity"
            assert one["tce_equal"] == (int(3 * equal * G + F(1, 2)) if power else wanted)

    @pytest.mark.parametrize(("unit", "cubic_metres"), [("m3", 1), ("10^4 m3", 10**4)])
    def test_natural_gas_by_volume_and_what_is_left_out_by_mass(self, accounts, unit, cubic_metres):
        """The yearbook's 38,931 kJ/m3 leads from volume to energy, and nothing leads from mass."""
        made = accounts.of(row("natural_gas", 3, unit), row("natural_gas", 1, "t", item="b"))
        energy = 3 * cubic_metres * F(38931) / 10**9  # TJ
        assert made.row(0)["co2"] == int(energy * 56100 * 1000 + F(1, 2))
        assert made.row(1)["co2"] is None
        (total,) = made.totals("CO2", 1)
        assert (total["rows"], total["unmatched"], total["complete"]) == (2, 1, False)
        assert total["grams"] == made.row(0)["co2"]

    def test_a_fuel_in_standard_coal_goes_back_through_its_coefficient(self, accounts: Accounts):
        made = accounts.of(row("diesel", "14.571", "tce"))
        exact = F("14.571") / F("1.4571") * F("43.0") * 74100
        assert made.grams("CO2", 1) == int(exact + F(1, 2))
        assert made.grams("tce_calorific") == 14_571_000

    def test_cn27_counts_gas_by_volume(self, accounts: Accounts):
        sets = {"ncv": "cn27", "carbon_content": "cn27", "oxidation": "cn27"}
        made = accounts.of(row("natural_gas", 2, "10^4 m3"), row("diesel", 2, "t"), sets=sets)
        gas = F("389.31") * F("0.0153") * F("0.99") * F(44, 12) * 2
        oil = F("43.33") * F("0.0202") * F("0.98") * F(44, 12) * 2
        assert made.row(0)["co2"] == int(gas * G + F(1, 2))
        assert made.row(1)["co2"] == int(oil * G + F(1, 2))

    def test_the_precise_molar_ratio_is_honoured(self, accounts: Accounts):
        sets = {"ncv": "cn27", "carbon_content": "cn27", "oxidation": "cn27"}
        plain = accounts.of(row("diesel", 1000, "t"), sets=sets).grams("CO2", 1)
        precise = accounts.of(row("diesel", 1000, "t"), sets={**sets, "molar_ratio": "precise"})
        assert precise.grams("CO2", 1) / plain == pytest.approx(
            float(F("44.01") / F("12.011") / F(44, 12)), rel=1e-9
        )

    def test_living_carbon_stands_beside_the_totals(self, accounts: Accounts):
        made = accounts.of(row("wood_wood_waste", 7, "t"))
        assert made.totals("CO2") == []
        assert made.grams("CO2_biogenic") == grams(F(7), "wood_wood_waste", CO2)
        assert made.totals("CH4_fossil") == []
        methane = grams(F(7), "wood_wood_waste", CH4_MANUFACTURING)
        laughing = F(7) * F("15.6") * 4
        assert made.grams("CH4", 1) == methane
        assert made.grams("CO2e", 1) == int(methane * 28 + laughing * 265 + F(1, 2))

    def test_sectors_have_their_own_methane(self, accounts: Accounts):
        """Tables 2.2-2.5 and 3.2.2: gas 1, 1, 5, 5 and 92 kg CH4/TJ."""
        by_sector = {
            "energy_industries": 1,
            "manufacturing": 1,
            "commercial": 5,
            "residential": 5,
            "transport": 92,
        }
        rows = [row("natural_gas", 10**6, "m3", sector=name) for name in by_sector]
        made = accounts.of(*rows)
        for number, factor in enumerate(by_sector.values()):
            assert made.row(number)["ch4_fossil"] == 38_931 * factor
        assert "accounting.sector_assumed" not in made.rules()

    def test_the_sector_follows_flow_then_industry_then_the_method(self, accounts: Accounts):
        made = accounts.of(
            row("raw_coal", 1, "t", flow="conversion_in", industry="C"),
            row("raw_coal", 1, "t", industry="26"),
            row("raw_coal", 1, "t", industry="H", item="b"),
            row("raw_coal", 1, "t", item="c"),
            row("raw_coal", 1, "t", item="d", sector="residential", industry="C"),
        )
        keys = {one["key"]: one for one in made.table("keys").to_dicts()}
        found = [keys[made.row(n)["key"]] for n in range(5)]
        assert [(one["sector_used"], one["sector_from"]) for one in found] == [
            ("energy_industries", "flow"),
            ("manufacturing", "industry"),
            ("commercial", "industry"),
            ("manufacturing", "assumed"),
            ("residential", "given"),
        ]
        (said,) = [one for one in made.findings if one.rule == "accounting.sector_assumed"]
        assert said.found == 1

    def test_a_vehicle_says_how_its_exhaust_is_controlled(self, accounts: Accounts):
        known = {"": (25, 8.0), "uncontrolled": (33, 3.2), "low_mileage_1995": (3.8, 5.7)}
        rows = [row("gasoline", 1000, "t", sector="transport", equipment=name) for name in known]
        made = accounts.of(*rows)
        for number, (methane, laughing) in enumerate(known.values()):
            one = made.row(number)
            assert one["ch4_fossil"] == int(F("44.3") * F(str(methane)) * 1000)
            assert one["n2o"] == int(F("44.3") * F(str(laughing)) * 1000)


class TestGasesAsGiven:
    def test_gases_released_are_taken_as_they_are(self, accounts: Accounts):
        made = accounts.of(
            row("SF6", "1.5", "kg", flow="emission"),
            row("HFC-134a", "0.25", "t", flow="emission"),
            row("甲烷", 2, "t", flow="排放"),
            row("CH4_fossil", 3, "tCH4", flow="emission"),
            row("CO2", 4, "t", flow="emission"),
        )
        assert made.grams("SF6", 1) == 1500
        assert made.grams("HFC-134a", 1) == 250_000
        assert made.grams("CH4", 1) == 5 * G
        assert made.grams("CH4_fossil", 1) == 3 * G
        assert made.grams("CO2", 1) == 4 * G
        wanted = 1500 * 23500 + 250_000 * 1300 + 5 * G * 28 + 4 * G
        assert made.grams("CO2e", 1) == wanted

    def test_a_gas_in_tonnes_of_co2e_is_refused_with_the_reason(self, accounts: Accounts):
        """C2.2: a tonne of a gas and a tonne of CO2e are two things."""
        made = accounts.of(row("SF6", 1, "tCO2e", flow="emission"), row("diesel", 1, "t"))
        assert made.row(0)["sf6"] is None
        (gap,) = [one for one in made.run.unmatched if one["carrier"] == "SF6"]
        assert "tCO2e" in gap["reason_en"]
        assert "tCO2e" in gap["reason_zh"]
        assert gap["rows"] == 1

    def test_a_pollutant_given_is_no_greenhouse_gas(self, accounts: Accounts):
        made = accounts.of(row("氮氧化物", 5, "kg", flow="emission"))
        assert made.grams("NOx") == 5000
        assert made.totals("CO2e", 1) == []

    def test_a_gas_that_is_not_released_counts_for_nothing(self, accounts: Accounts):
        made = accounts.of(row("SF6", 9, "t", flow="purchase"), row("diesel", 1, "t"))
        assert made.totals("SF6", 1) == []
        assert "accounting.flow_not_counted" in made.rules("info")


class TestProcesses:
    def test_c5_1_a_million_tonnes_of_cement(self, accounts: Accounts):
        """2006 IPCC, Vol. 3: 0.520306 t CO2/t clinker; at 95 % clinker 494,291 t."""
        made = accounts.of(row("水泥熟料", 950_000, "t", flow="production"))
        assert made.grams("CO2", 1) == int(F("0.520306") * 950_000 * G + F(1, 2))
        assert round(made.grams("CO2", 1) / G) == 494_291
        assert made.table("measures").filter(measure="co2_process")["origin"].to_list() == [
            "process"
        ]

    def test_limestone_counts_where_it_is_used_and_says_it_is_unsourced(self, accounts: Accounts):
        made = accounts.of(row("limestone", 100, "t"), row("limestone", 9, "t", flow="purchase"))
        (total,) = made.totals("CO2", 1)
        assert (total["grams"], total["rows"], total["status"]) == (44 * G, 1, "unsourced")
        assert "accounting.unsourced" in made.rules()


class TestElectricity:
    @pytest.mark.parametrize(
        ("period", "factor"),
        [
            ("2021-12", "0.5834"),
            ("2022-01", "0.5849"),
            ("2022-12", "0.5849"),
            ("2023-01", "0.5737"),
            ("2023", "0.5737"),
        ],
    )
    def test_factor_lookup_uses_the_month_of_the_activity(self, accounts, period, factor):
        made = accounts.of(row("electricity", 100, "10^4 kWh", period=period))
        assert made.grams("CO2", 2) == int(F(factor) * 1_000_000 * 1000 + F(1, 2))
        assert made.grams("CO2e", 2) == made.grams("CO2", 2)

    def test_a_month_without_a_factor_is_unmatched_and_never_zero(self, accounts: Accounts):
        made = accounts.of(row("electricity", 1, "MWh", period="2024-03"))
        (total,) = made.totals("CO2", 2)
        assert (total["grams"], total["unmatched"], total["complete"]) == (None, 1, False)
        assert total["status"] is None

    def test_a_district_takes_the_factor_of_its_province(self, accounts: Accounts):
        made = accounts.of(
            row("electricity", 1, "MWh", kind="area", subject="浦东新区"),
            row("electricity", 1, "MWh", area="310115"),
            row("electricity", 1, "MWh", kind="city", subject="上海市"),
        )
        assert [made.row(n)["co2_scope2"] for n in range(3)] == [573_700] * 3

    def test_an_area_decides_and_the_nation_never_stands_in(self, accounts: Accounts):
        made = accounts.of(
            row("electricity", 1, "MWh", kind="area", subject="云南省"),
            row("electricity", 1, "MWh", area="吉林省"),
            row("electricity", 1, "MWh", item="nowhere"),
            row("electricity", 1, "MWh", kind="area", subject="西藏自治区"),
            city="china",
        )
        assert [made.row(n)["co2_scope2"] for n in range(4)] == [133_300, 467_100, None, None]
        assert {one["carrier"] for one in made.run.unmatched} == {"electricity"}

    def test_an_exporter_has_a_negative_net_purchase(self, accounts: Accounts):
        made = accounts.of(
            row("electricity", 10, "MWh"),
            row("electricity", 30, "MWh", flow="production"),
            row("electricity", 25, "MWh", flow="sale"),
            row("electricity", 5, "MWh", flow="purchase"),
        )
        assert made.grams("CO2", 2) == -20 * 573_700
        memo = {
            one.message_en for one in made.findings if one.rule == "accounting.flow_not_counted"
        }
        assert len(memo) == 2  # sale and purchase are on record

    def test_heat_by_the_set_that_is_named(self, accounts: Accounts):
        heat = row("heat", 1000, "GJ", period="2024-05")
        made = accounts.of(heat, sets={"heat_co2": "shanghai_market"})
        assert made.grams("CO2", 2) == 60 * G
        assert accounts.of(heat).totals("CO2", 2)[0]["unmatched"] == 1


def test_conversion_is_netted_and_non_energy_is_not_burnt(accounts: Accounts):
    made = accounts.of(
        row("raw_coal", 100, "t", flow="conversion_in"),
        row("coke", 50, "t", flow="conversion_out"),
        row("lpg", 10, "t", flow="non_energy"),
    )
    standard = F("71.43") - 50 * F("0.9714") + 10 * F("1.7143")
    assert made.grams("tce_calorific") == int(standard * G)
    assert made.row(2)["co2"] is None
    assert made.totals("CO2", 1)[0]["rows"] == 2
    assert made.row(1)["co2"] < 0


@pytest.mark.parametrize("unit", ["m3", "kWh", "tCO2"])
def test_c1_5_a_wrong_dimension_is_unmatched_with_both_units(accounts: Accounts, unit: str):
    made = accounts.of(row("raw_coal", 1, unit))
    (total,) = made.totals("CO2", 1)
    assert (total["grams"], total["unmatched"]) == (None, 1)
    assert made.run.unmatched
    assert all(one["reason_en"] and one["reason_zh"] for one in made.run.unmatched)


def test_a_subtotal_is_never_added_to_its_parts(accounts: Accounts):
    made = accounts.of(row("煤合计", 100, "t"), row("raw_coal", 40, "t"))
    assert made.grams("tce_calorific") == 40 * 714_300
