"""Non-fossil share in both valuations, renewable weights, certificates used once."""

import pytest

from dualcarbon.accounting.explain import EXPLAINERS
from dualcarbon.accounting.explain_share import freeze_mix
from dualcarbon.accounting.share import energy_mix, load_classes
from dualcarbon.editions import explain
from dualcarbon.errors import InputError, UsageError
from dualcarbon.packs import load_pack
from dualcarbon.parameters import load_parameters

HEAD = "period,class,quantity,unit,proof,id,source\n"
LINES = """2024,fossil,8000,10^4 tce,,,yearbook
2024,hydro,400,10^8 kWh,physical,,grid
2024,nuclear,200,10^8 kWh,,,grid
2024,wind,50,10^8 kWh,physical,W1,grid
2024,solar,30,10^8 kWh,physical,S1,grid
2024,wind,10,10^8 kWh,certificate,C9,register
2024,solar,5,10^8 kWh,sold,S1,register
2024,electricity_consumption,1900,10^8 kWh,,,yearbook
"""


@pytest.fixture
def mixed(tmp_path):
    pack = load_pack("china")
    parameters = load_parameters(pack)

    def make(lines=LINES, equal="0.30 kgce/kWh; x", area=None):
        path = tmp_path / "mix.csv"
        path.write_text(HEAD + lines, encoding="utf-8")
        return energy_mix(path, pack, parameters, area, equal)

    return make


def percent(mix, period="2024"):
    rows = mix.shares.filter(mix.shares["period"] == period)
    return dict(zip(rows["measure"], rows["percent"], strict=True))


def rules(mix):
    return {item.rule for item in mix.findings}


def test_it_works(mixed):
    """680 x 10^8 kWh: 835.72 x 10^4 tce at 0.1229, 2,040 at 0.30, beside 8,000 of fossil energy."""
    shares = percent(mixed())
    assert shares["nonfossil_calorific"] == pytest.approx(100 * 835.72 / 8835.72)
    assert shares["nonfossil_equal"] == pytest.approx(100 * 2040 / 10040)
    assert shares["weight_total"] == pytest.approx(100 * (480 + 10 - 5) / 1900)
    assert shares["weight_non_hydro"] == pytest.approx(100 * (80 + 10 - 5) / 1900)


def test_the_two_valuations_are_named_and_never_mixed(mixed):
    without = percent(mixed(equal=None))
    assert without["nonfossil_equal"] is None
    assert without["nonfossil_calorific"] is not None
    assert "accounting.share_absent" in rules(mixed(equal=None))
    with pytest.raises(UsageError):
        mixed(equal="3.0 kgce/kWh")


def test_the_pack_has_the_equal_value_of_some_years(mixed):
    lines = "2014,fossil,90,10^4 tce,,,x\n2014,wind,10,10^8 kWh,,,x\n"
    shares = percent(mixed(lines, equal=None, area="220000"), "2014")
    coal = 10 * 3.0864
    assert shares["nonfossil_equal"] == pytest.approx(100 * coal / (90 + coal))


def test_physical_and_certificate_of_one_id_count_once(mixed):
    twice = mixed(LINES + "2024,solar,30,10^8 kWh,certificate, s1 ,register\n")
    assert percent(twice) == percent(mixed())
    assert "accounting.green_twice" in rules(twice)
    bare = mixed(LINES + "2024,solar,30,10^8 kWh,certificate,,register\n")
    assert percent(bare) == percent(mixed())
    assert "accounting.certificate_id" in rules(bare)
    nuclear = mixed(LINES + "2024,nuclear,30,10^8 kWh,certificate,N1,register\n")
    assert percent(nuclear) == percent(mixed())
    assert "accounting.not_renewable" in rules(nuclear)


def test_a_certificate_is_no_primary_energy(mixed):
    more = mixed(LINES + "2024,wind,99,10^8 kWh,certificate,C10,register\n")
    assert percent(more)["nonfossil_equal"] == percent(mixed())["nonfossil_equal"]
    assert percent(more)["weight_total"] > percent(mixed())["weight_total"]


def test_a_declared_total_is_the_denominator_of_its_valuation_only(mixed):
    mix = mixed(LINES + "2024,total_equal,12000,10^4 tce,,,yearbook\n")
    assert percent(mix)["nonfossil_equal"] == pytest.approx(100 * 2040 / 12000)
    assert percent(mix)["nonfossil_calorific"] == percent(mixed())["nonfossil_calorific"]
    basis = dict(zip(mix.shares["measure"], mix.shares["basis"], strict=True))
    assert (basis["nonfossil_equal"], basis["nonfossil_calorific"]) == ("declared", "sum")


def test_c1_1_without_consumption_a_weight_is_absent(mixed):
    lines = "".join(line for line in LINES.splitlines(True) if "consumption" not in line)
    assert percent(mixed(lines))["weight_total"] is None


def test_power_sent_out_is_negative(mixed):
    less = mixed(LINES + "2024,hydro,-100,10^8 kWh,,,grid\n")
    assert percent(less)["weight_total"] == pytest.approx(100 * 385 / 1900)
    assert percent(less)["nonfossil_calorific"] < percent(mixed())["nonfossil_calorific"]


def test_an_impossible_share_is_said(mixed):
    mix = mixed(LINES.replace("consumption,1900", "consumption,19"))
    assert "accounting.share_range" in rules(mix)


def test_without_source_the_result_is_unsourced(mixed):
    assert set(mixed().shares["status"]) == {"sourced"}
    mix = mixed(LINES.replace(",,,yearbook", ",,,"))
    assert set(mix.shares["status"]) == {"unsourced"}
    unsourced = dict(
        zip(*(mixed(equal="0.3").shares[name] for name in ("measure", "status")), strict=True)
    )
    assert unsourced["nonfossil_equal"] == "unsourced"
    assert unsourced["weight_total"] == "sourced"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("2024,steam,1,10^4 tce,,,x\n", "accounting.unknown_class"),
        ("2024,wind,1,10^4 tce,,,x\n", "accounting.class_unit"),
        ("2024,fossil,1,10^8 kWh,,,x\n", "accounting.class_unit"),
    ],
)
def test_what_cannot_be_read_is_refused(mixed, line, rule):
    with pytest.raises(InputError) as refused:
        mixed(LINES + line)
    assert refused.value.findings[0].rule == rule


def test_a_bad_line_is_left_out_and_said(mixed):
    mix = mixed(LINES + "2024,fossil,-5,10^4 tce,,,x\n2024,fossil,NaN,10^4 tce,,,x\n")
    assert percent(mix) == percent(mixed())
    assert {"accounting.negative", "tables.not_number"} <= rules(mix)


def test_every_share_explains_to_the_same_digits(mixed, tmp_path):
    mix = mixed(equal=None)
    edition = freeze_mix(mix, tmp_path / "store", load_pack("china"))
    for index in range(mix.shares.height):
        assert explain(f"{edition.id}:shares:{index}", tmp_path / "store", EXPLAINERS).equal


def test_classes_are_pack_data():
    classes = load_classes(load_pack("china"))
    assert classes["nuclear"].nonfossil
    assert not classes["nuclear"].renewable
    assert all(one.nonfossil for one in classes.values() if one.renewable)
