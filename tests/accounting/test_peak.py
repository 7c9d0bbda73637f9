"""The peak monitor: never on one year, surer with correlation, gaps shown, scenarios by hand."""

import csv
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualcarbon.accounting.explain import EXPLAINERS
from dualcarbon.accounting.explain_peak import freeze_monitor
from dualcarbon.accounting.peak import (
    chance,
    decoupling,
    load_rules,
    monitor,
    surely_below,
)
from dualcarbon.accounting.scenarios import parse_targets, path_to, project, read_scenarios
from dualcarbon.editions import explain
from dualcarbon.errors import InputError, PackError, UsageError
from dualcarbon.packs import load_pack

PACK = load_pack("china")
RULES = load_rules(PACK)


@pytest.fixture
def watch(tmp_path):
    def make(values, uncertainty="5", gdp=None, correlation=0.0, first=2010):
        lines = ["series,year,value,unit,uncertainty,source"]
        for name, numbers, error in (("co2", values, uncertainty), ("gdp", gdp or [], "")):
            unit = "MtCO2" if name == "co2" else "10^8 CNY"
            for year, value in enumerate(numbers, first):
                if value is not None:
                    lines.append(f"{name},{year},{value},{unit},{error},x")
        path = tmp_path / "series.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return monitor(path, PACK, correlation)

    return make


def judged(made):
    return made.judgements[0]


def rules_of(made):
    return {item.rule for item in made.findings}


def test_it_works(watch):
    """Six years, each a third below the maximum, 5 % uncertainty: the rule is met."""
    one = judged(watch([100, 150, 100, 99, 98, 97, 96, 95]))
    assert (one["maximum_year"], one["years_since"], one["state"]) == (2011, 6, "behind")
    assert one["from_maximum"] == pytest.approx(100 * (95 / 150 - 1))
    assert one["probability_behind"] == 1.0
    assert one["probability_rule"] == 1.0


@pytest.mark.parametrize("below", [1, 2, 3, 4])
def test_never_behind_before_the_years_of_the_rule(watch, below):
    one = judged(watch([100, 150] + [50] * below, uncertainty="0"))
    assert (one["state"], one["reason"]) == ("below", "years")


def test_a_fall_within_the_uncertainty_is_no_fall(watch):
    made = judged(watch([100, 101, 100, 100, 100, 100, 100, 100], uncertainty="10"))
    assert (made["state"], made["reason"]) == ("below", "confidence")
    assert made["probability_behind"] < 0.95


def test_years_that_share_their_factors_are_surer(watch):
    values = [100, 110, 104, 103, 102, 101, 100]
    apart, together = (judged(watch(values, "8", correlation=rho)) for rho in (0.0, 0.95))
    assert apart["state"] == "below"
    assert together["state"] == "behind"
    assert together["probability_behind"] > apart["probability_behind"]


def test_without_uncertainty_nothing_is_called_behind(watch):
    made = watch([100, 150, 100, 99, 98, 97, 96, 95], uncertainty="")
    one = judged(made)
    assert (one["state"], one["probability_behind"]) == ("below", None)
    assert "accounting.peak_uncertainty" in rules_of(made)


def test_a_missing_year_is_a_finding_and_stops_the_judgement(watch):
    made = watch([100, 150, 100, None, 98, 97, 96, 95, 94])
    assert (judged(made)["state"], judged(made)["reason"]) == ("below", "gap")
    assert {"accounting.years_missing", "accounting.peak_gap"} <= rules_of(made)
    growth = dict(zip(made.years["year"], made.years["growth"], strict=True))
    assert growth[2014] is None
    assert growth[2015] == pytest.approx(100 * (97 / 98 - 1))


def test_of_equal_maxima_the_latest_counts(watch):
    assert judged(watch([150, 100, 150, 90]))["maximum_year"] == 2012


def test_a_single_year_is_not_judged(watch):
    assert judged(watch([100]))["state"] == "unknown"


def test_shanghai_1997_to_2009_is_rising(shared, tmp_path):
    path = shared / "data" / "ceads_shanghai_1997_2009_sectoral_co2.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    out = ["series,year,value,unit,uncertainty,source"]
    for row in csv.DictReader(lines):
        if row["sector"] == "Total Consumption" and row["fuel"] == "Scope 1 Total":
            out.append(f"co2,{row['year']},{row['MtCO2']},MtCO2,5,CEADs")
    (tmp_path / "s.csv").write_text("\n".join(out) + "\n")
    one = judged(monitor(tmp_path / "s.csv", PACK))
    assert (one["first_year"], one["last_year"], one["maximum_year"]) == (1997, 2009, 2009)
    assert one["state"] == "rising"
    assert one["probability_rule"] < 0.01


def test_growth_elasticity_and_decoupling(watch):
    made = watch([100, 105, 105, 94.5], gdp=[200, 220, 231, 219.45])
    rows = {r["year"]: r for r in made.years.filter(made.years["series"] == "co2").to_dicts()}
    assert rows[2010]["growth"] is None
    assert rows[2011]["elasticity"] == pytest.approx(0.5)
    assert rows[2011]["decoupling"] == "weak_decoupling"
    assert rows[2012]["elasticity"] == 0
    assert rows[2013]["decoupling"] == "recessive_decoupling"


@pytest.mark.parametrize(
    ("growth", "gdp", "state"),
    [
        (-1, 5, "strong_decoupling"), (1, 5, "weak_decoupling"), (5, 5, "expansive_coupling"),
        (9, 5, "expansive_negative"), (1, -5, "strong_negative"), (-1, -5, "weak_negative"),
        (-5, -5, "recessive_coupling"), (-9, -5, "recessive_decoupling"), (1, 0, None),
    ],
)  # fmt: skip
def test_the_eight_states(growth, gdp, state):
    assert decoupling(growth, gdp, RULES) == state


def test_the_drawn_probability_is_that_of_two_normals():
    values, sigma = [100.0, 98.0], [2.0, 2.0]
    for rho in (0.0, 0.5):
        exact = surely_below(98, 100, 2, 2, rho)
        drawn = chance(values, sigma, [2020, 2021], RULES, rho)[0]
        spread = 2 * math.sqrt(2 * (1 - rho))
        assert exact == pytest.approx(0.5 * (1 + math.erf(2 / spread / math.sqrt(2))))
        assert drawn == pytest.approx(exact, abs=0.015)


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.floats(1, 1e6), min_size=2, max_size=12),
    rho=st.floats(0, 1),
    error=st.floats(0, 50),
)
def test_probabilities_and_state_agree(values, rho, error):
    sigma = [v * error / 196 for v in values]
    numbers = list(range(2000, 2000 + len(values)))
    behind, rule = chance(values, sigma, numbers, RULES, rho)
    assert 0 <= rule <= behind <= 1


def test_bad_values_are_findings(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "series,year,value,unit,uncertainty\nco2,2019,5,MtCO2,5\nco2,2020,0,MtCO2,5\n"
        "co2,2021,x,MtCO2,5\nco2,2022,5,t,5\nco2,2023,5,MtCO2,500\nco2,2024,4000000,tCO2,5\n"
    )
    made = monitor(path, PACK)
    assert made.years["year"].to_list() == [2019, 2024]
    assert made.years["value"].to_list() == [5, 4]
    assert {
        "accounting.series_value", "accounting.series_unit", "tables.not_number",
        "accounting.years_missing",
    } <= rules_of(made)  # fmt: skip
    path.write_text("series,year,value,unit\nco2,2019,-5,MtCO2\n")
    with pytest.raises(InputError):
        monitor(path, PACK)
    with pytest.raises(UsageError):
        monitor(path, PACK, 1.5)


SCENARIOS = """scenario,from,to,rate
base,2013,2014,10
base,2015,2016,-5
fast,2013,2016,-1
high,2013,2016,1
"""


def test_scenarios_have_their_peak_year(watch, tmp_path):
    made = watch([100, 110, 100])
    path = tmp_path / "scenarios.csv"
    path.write_text(SCENARIOS)
    found, findings = project(made, read_scenarios(path)[0])
    years = {one["scenario"]: (one["peak_year"], one["reported"]) for one in found}
    assert years == {"base": (2014, False), "fast": (2011, True), "high": (2011, True)}
    assert found[0]["peak_value"] == pytest.approx(121)
    assert found[0]["values"][-1]["value"] == pytest.approx(121 * 0.95**2)
    assert not findings
    path.write_text("scenario,from,to,rate\nup,2013,2030,2\n")
    open_ = project(made, read_scenarios(path)[0])[0][0]
    assert (open_["peak_year"], open_["horizon"]) == (None, 2030)


def test_scenarios_as_yaml_and_with_faults(watch, tmp_path):
    made = watch([100, 110, 100])
    path = tmp_path / "s.yaml"
    path.write_text("- {scenario: a, from: 2013, to: 2020, rate: -1}\n")
    assert project(made, read_scenarios(path)[0])[0][0]["peak_year"] == 2011
    twice = (
        "- {scenario: a, from: 2013, to: 2015, rate: 1}\n"
        "- {scenario: a, from: 2015, to: 2016, rate: 1}\n"
    )
    for steps in (
        "- {scenario: a, from: 2014, to: 2020, rate: -1}\n",
        twice,
        "- {scenario: a, from: 2001, to: 2002, rate: 1}\n",
    ):
        path.write_text(steps)
        found, findings = project(made, read_scenarios(path)[0])
        assert not found
        assert {item.rule for item in findings} == {"accounting.scenario_years"}
    path.write_text("- {scenario: a, series: gold, from: 2013, to: 2014, rate: 1}\n")
    assert project(made, read_scenarios(path)[0])[1][0].rule == "accounting.scenario_series"
    for text in (
        "a: 1\n",
        "- 5\n",
        "- {scenario: a}\n",
        "[",
        "- {scenario: a, from: 9, to: 8, rate: 1}\n",
    ):
        path.write_text(text)
        with pytest.raises(InputError):
            read_scenarios(path)


def test_the_path_to_a_target(watch):
    made = watch([100, 110, 100])
    paths, _ = path_to(made, 2022, parse_targets(["co2=80000000 tCO2"]))
    assert paths[0]["years_left"] == 10
    assert paths[0]["needed_change"] == pytest.approx(100 * (0.8**0.1 - 1))
    assert path_to(made, 2022, {})[0][0]["needed_change"] is None
    assert path_to(made, 2012, {})[1][0].rule == "accounting.target_past"
    for wrong in (["co2=5 t"], ["gold=5 MtCO2"], ["co2=-5 MtCO2"]):
        with pytest.raises(UsageError):
            path_to(made, 2022, parse_targets(wrong))
    for wrong in (["co2"], ["co2=5"], ["co2=5 parsecs"], ["=5 t"]):
        with pytest.raises(UsageError):
            parse_targets(wrong)


def test_every_year_and_judgement_explains_to_the_same_digits(watch, tmp_path):
    made = watch([100, 150, 100, None, 98, 97], gdp=[200, 210, 220, 230, 240, 250])
    edition = freeze_monitor(made, tmp_path / "store", PACK)
    codes = [f"years:{n}" for n in range(made.years.height)] + ["judgements:0"]
    for code in codes:
        assert explain(f"{edition.id}:{code}", tmp_path / "store", EXPLAINERS).equal


def test_rules_are_dated_choices_of_the_pack(tmp_path):
    marks = {entry["id"]: entry["mark"] for entry in RULES.entries}
    assert marks == {"behind": "J", "decoupling": "B", "draws": "J"}
    assert RULES.years == 5
    folder = tmp_path / "odd"
    (folder / "accounting").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "{id: odd, name_zh: 甲, name_en: Odd, extends: china, kind: city}\n"
    )
    (folder / "accounting" / "peak.yaml").write_text("- {id: behind, years: 1}\n")
    with pytest.raises(PackError):
        load_rules(load_pack(folder))
