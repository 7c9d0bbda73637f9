"""`dualcarbon plan decompose`: targets, bases, options, editions that explain, exit codes."""

import csv
import io
import json
from importlib.resources import files

import jsonschema
import pytest
from click.testing import CliRunner
from referencing import Registry, Resource

from dualcarbon.cli import main
from dualcarbon.editions import explain, open_edition, verify_edition
from dualcarbon.plan.decompose.frozen import EXPLAINERS

SCHEMAS = {
    name: json.loads(files("dualcarbon").joinpath(f"schemas/{name}.json").read_text("utf-8"))
    for name in ("envelope", "plan-decompose", "plan-budget", "explain")
}
REGISTRY = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
BASE = """subject,energy,gdp,per_head,potential,min,max
黄浦区,120,2900,25,3,-5,-1
浦东新区,3100,16000,27,8,-4,-2
闵行区,900,3000,11,6,,
"""
RULES = ("equal_rate", "grandfathering", "benchmark", "capability", "blend")


def command(*words, code=0, form="json", name="decompose"):
    result = CliRunner().invoke(main, ["plan", name, *map(str, words), "--format", form])
    assert result.exit_code == code, (result.stdout, result.stderr)
    if form != "json":
        return result
    answer = json.loads(result.stdout)
    schema = SCHEMAS[f"plan-{name}"]
    jsonschema.Draft202012Validator(schema, registry=REGISTRY).validate(answer)
    return answer


def share(path, *words, target="1.3", plan="shanghai-2024", **options):
    return command(plan, "--target", target, "--base", path, *words, **options)


def rules_of(answer):
    return [item["rule"].removeprefix("plan.decompose_") for item in answer["findings"]]


@pytest.fixture
def base(tmp_path):
    path = tmp_path / "base.csv"
    path.write_text(BASE, encoding="utf-8")
    return path


def write(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_adds_up_and_keeps_the_bounds(base, rule):
    answer = share(base, "--rule", rule, "--compare", ",".join(RULES))
    check = answer["sum_check"]
    assert check["total"] == check["rows"] + check["residual"]
    assert sum(row["allowed_quanta"] for row in answer["rows"]) == check["rows"]
    assert answer["total"] == pytest.approx(4120 * 1.05 * 0.97)
    assert answer["composition"]["ratio_of_sums"] == -3
    first, second, _ = answer["rows"]
    assert -5 <= first["rate"] <= -1
    assert -4 <= second["rate"] <= -2
    assert set(answer["compare"]) == set(RULES) - {rule}


def test_equal_rate_is_the_rate_of_the_city(base):
    answer = share(base, "--rule", "equal-rate")
    assert [row["rate"] for row in answer["rows"]] == [-3, -3, -3]
    assert [row["subject"] for row in answer["rows"]] == ["黄浦区", "浦东新区", "闵行区"]
    assert [row["subject_code"] for row in answer["rows"]] == ["310101", "310115", "310112"]
    assert answer["choices"]["growth_from"] == "parameter"
    assert answer["residual"] == 0


def test_growth_is_never_guessed(base, tmp_path):
    answer = share(base, target="energy_intensity", code=2)
    assert rules_of(answer) == ["growth"]
    assert share(base, "--growth", "28", target="energy_intensity")["rows"][0]["rate"] < -4
    grown = write(tmp_path, "subject,energy,gdp,growth\nA,100,50,2\nB,100,50,8\n")
    own = share(grown)
    assert own["choices"]["growth_from"] == "file"
    assert own["total"] == pytest.approx(200 * 1.05 * 0.97)
    assert own["rows"][0]["rate"] == own["rows"][1]["rate"] == -3


def test_different_growth_composes_as_a_ratio_of_sums(tmp_path):
    path = write(tmp_path, "subject,energy,gdp,growth\nA,300,50,0\nB,100,50,10\n")
    answer = share(path)
    assert answer["composition"] == {
        "target": -3,
        "ratio_of_sums": -3,
        "mean_of_rates": answer["rows"][0]["rate"],
    }
    assert answer["rows"][0]["rate"] == pytest.approx((420 * 0.97 / 410 - 1) * 100, abs=1e-4)


def test_users_in_no_district_are_a_line_of_their_own(tmp_path):
    path = write(tmp_path, "subject,energy,gdp\nA,100,50\nB,200,50\n全市,400,100\n")
    answer = share(path)
    assert answer["residual"] == pytest.approx(100 * 1.05 * 0.97)
    fixed = share(path, "--residual", "90")
    assert fixed["residual"] == 90
    assert fixed["rows"][0]["rate"] > -3
    over = write(tmp_path, "subject,energy,gdp\nA,100,50\n全市,90,50\n", "over.csv")
    assert rules_of(share(over, code=2)) == ["over"]


def test_bounds_that_only_read_as_declines_are_said(tmp_path):
    path = write(tmp_path, "subject,energy,gdp,min,max\nA,100,50,2,4\nB,200,70,2,5\n")
    answer = share(path, "--rule", "benchmark")
    assert "bounds_decline" in rules_of(answer)
    assert all(-5 <= row["rate"] <= -2 for row in answer["rows"])
    assert "too_low" in rules_of(share(path, "--bounds", "rate", code=2))


def test_remaining_task_keeps_the_floor_and_the_city_the_rest(tmp_path):
    text = """subject,energy,gdp,growth,2021,2022,2023,five_year
310101,100,500,5,-1,-2,-3,-13.5
B,100,300,5,1.51,-2.2,-4.18,-17
Z,90,200,5,-5,-5,-5,-13
city,400,1200,5,,,,
"""
    answer = share(write(tmp_path, text), "--floor", "0.5", target="1.5")
    assert answer["rule"] == "remaining_task"
    assert [row["own_rate"] for row in answer["rows"]] == [-4.1281, -6.5913, -0.5]
    assert answer["rows"][2]["rate"] == -0.5
    assert answer["rows"][2]["at"] == "floor"
    assert answer["residual_parts"]["kept_by_city"] > 0
    assert "early" in rules_of(answer)


def test_rounds_keep_the_sum_and_their_reasons(base, tmp_path):
    text = "round,subject,change,reason,by\n2,浦东新区,5,asks less,B\n1,黄浦区,0.5,late works,A\n"
    proposals = write(tmp_path, text, "rounds.csv")
    plain = share(base, "--rule", "capability")
    answer = share(base, "--rule", "capability", "--rounds", proposals)
    first, second = answer["rounds"]
    assert (first["reason"], first["accepted"]) == ("late works", True)
    assert (second["accepted"], second["before"]) == (False, second["after"])
    assert answer["rows"][0]["rate"] == pytest.approx(plain["rows"][0]["rate"] + 0.5, abs=1e-3)
    assert answer["sum_check"]["exact"]
    unsaid = write(tmp_path, "round,subject,change,reason,by\n1,黄浦区,1,,A\n", "unsaid.csv")
    share(base, "--rounds", unsaid, code=2)


def test_counts_are_whole_and_amounts_exact(tmp_path):
    path = write(tmp_path, "subject,energy,gdp\nA,10,1\nB,10,1\nC,10,1\n")
    answer = share(path, target="5.10")
    assert [row["allowed"] for row in answer["rows"]] == [34, 33, 33]
    assert share(path, target="10.6")["total"] == 31000
    nox = share(path, target="nox_reduction")
    assert (nox["unit"], nox["quantum"], nox["total"]) == ("t", "g", 13000)


def test_basic_and_incentive_target(base):
    answer = share(base, "--incentive", "0.5")
    assert answer["incentive"]["value"] == -3.5
    assert [row["incentive_rate"] for row in answer["rows"]] == [-3.5, -3.5, -3.5]
    assert answer["incentive"]["sum_check"]["exact"]


ENTERPRISES = """subject,assessed_by,energy [tce],output
A1,G-1,1200000,50
A2,G-1,800000,60
B1,310101,600000,30
"""


def test_the_second_cut_shares_within_each_group(tmp_path):
    path = write(tmp_path, ENTERPRISES)
    sums = share(path, "--by", "assessed_by", target="4.5")
    assert [group["allowed"] for group in sums["groups"]] == [1980000, 594000]
    text = "subject,allowed [10^4 tce]\nG-1,190\n310101,58\n"
    totals = write(tmp_path, text, "totals.csv")
    words = ("--by", "assessed_by", "--totals", totals, "--rule", "benchmark")
    within = share(path, *words, target="4.5")
    assert [group["allowed"] for group in within["groups"]] == [1900000, 580000]
    assert within["unit"] == "tce"
    each = share(path, "--reading", "each", "--rule", "benchmark", target="4.5")
    assert [row["rate"] for row in each["rows"]] == [-1, -1, -1]


def test_an_edition_explains_every_amount(base, tmp_path):
    store = tmp_path / "editions"
    rounds = write(tmp_path, "round,subject,change,reason,by\n1,黄浦区,0.5,works,A\n", "rounds.csv")
    words = ("--rule", "blend", "--rounds", rounds, "--editions", store)
    answer = share(base, *words)
    assert not verify_edition(open_edition(store, answer["edition"]))
    for row in answer["rows"]:
        found = explain(row["code"], store, EXPLAINERS)
        assert found.equal
        assert found.value == row["allowed_quanta"]
    assert found.inputs[0].place == "base.csv!!B4"
    assert share(base, *words)["edition"] == answer["edition"]


def test_table_and_csv(base):
    text = share(base, "--lang", "zh", form="table").stdout
    assert "合计相符" in text
    rows = list(csv.DictReader(io.StringIO(share(base, form="csv").stdout)))
    assert rows[0]["rate"] == "-3.0"
    assert "vs_grandfathering" in rows[0]


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("--rule", "fair"), "rule"),
        (("--rule", "blend", "--weights", "equal_rate=0.7"), "weights"),
        (("--factor", "wealth=+"), "factor"),
        (("--factor", "per_head"), "pair"),
        (("--growth", "five"), "pair"),
        (("--residual", "999999"), "no_left"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_way_out(base, words, rule):
    assert rules_of(share(base, *words, code=2)) == [rule]


def test_a_bad_base_names_its_cells(tmp_path):
    bad = "subject,energy,gdp\nA,-1,5\nB,x,5\n"
    answer = share(write(tmp_path, bad), code=2)
    assert [item["place"]["cell"] for item in answer["findings"]] == ["B3"]
    negative = share(write(tmp_path, "subject,energy,gdp\nA,-1,5\nB,1,0\n"), code=2)
    assert rules_of(negative) == ["level", "level"]
    twice = share(write(tmp_path, "subject,energy,gdp\n黄浦区,1,5\n310101,1,5\n"), code=2)
    assert rules_of(twice) == ["twice"]
    lacks = share(write(tmp_path, "subject,energy\nA,1\n"), code=2)
    assert rules_of(lacks) == ["lacks"]
    huge = share(write(tmp_path, "subject,energy,gdp\nA,1e300,5\n"), code=2)
    assert rules_of(huge) == ["level"]
    shrunk = share(write(tmp_path, "subject,energy,gdp,growth\nA,1,5,-100\n"), code=2)
    assert rules_of(shrunk) == ["level"]
    spent = "subject,energy,gdp,2021,2022,2023,five_year\nA,1,5,-100,-1,-1,-14\n"
    assert rules_of(share(write(tmp_path, spent), code=2)) == ["spent"]
    floors = share(write(tmp_path, "subject,energy,gdp,min\nA,1,5,-1\nB,1,5,-2\n"), code=2)
    assert rules_of(floors) == ["too_low"]
    unknown = share(write(tmp_path, "subject,energy,gdp\nA,1,1\n"), target="1.99", code=2)
    assert rules_of(unknown) == ["target"]
    shares = share(write(tmp_path, "subject,energy,gdp\nA,1,1\n"), target="coal_share", code=2)
    assert rules_of(shares) == ["share"]
    assert rules_of(command("shanghai-2024", "--target", "1.3", code=2)) == ["source"]
