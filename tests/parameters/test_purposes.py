"""What a value was issued for: it narrows a look-up, and one account keeps to one purpose."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from tests.parameters.test_select import load, quantity

from dualcarbon.cli import main
from dualcarbon.errors import PackError, ParameterNotFound
from dualcarbon.packs import load_pack
from dualcarbon.parameters import PURPOSES, Parameters, load_parameters
from dualcarbon.parameters.check import check_purposes

POWER = {"area": "310000", "basis": "average"}
JUNE = (2022, 6)


@pytest.fixture(scope="module")
def shanghai() -> Parameters:
    return load_parameters(load_pack("shanghai"))


def test_the_purposes_of_the_kilowatt_hour_of_shanghai(shanghai: Parameters) -> None:
    market = shanghai.select("grid_co2", POWER, JUNE, set="shanghai_market")
    average = shanghai.select("grid_co2", POWER, JUNE)
    assert (market.value, market.purpose) == (4.2, "enterprise_mrv")
    assert (average.value, average.purpose) == (0.5849, "city_inventory")
    nation = shanghai.select("grid_co2", {**POWER, "area": "100000"}, JUNE)
    assert (nation.value, nation.purpose) == (0.5366, None)


def test_every_provincial_average_is_for_a_city_and_nothing_else_is(shanghai: Parameters) -> None:
    for value in shanghai.by_name["grid_co2"]:
        area, basis = value.keys["area"], value.keys["basis"]
        provincial = area.isdigit() and area != "100000" and value.set == "mee_nbs"
        assert (value.purpose == "city_inventory") == (provincial and basis == "average"), value.id


def test_a_value_of_another_purpose_is_rejected_with_the_reason(shanghai: Parameters) -> None:
    options = {"set": "shanghai_market", "purpose": "city_inventory"}
    with pytest.raises(ParameterNotFound, match="enterprise_mrv"):
        shanghai.select("grid_co2", POWER, JUNE, **options)
    found = shanghai.candidates("grid_co2", POWER, JUNE, **options)
    reasons = {c.parameter.id: (c.reason_en, c.reason_zh) for c in found if not c.accepted}
    en, zh = reasons["grid_co2/shanghai_market/2022/area=310000,basis=average/2022-01-01"]
    assert en == "was issued for enterprise_mrv, not city_inventory"
    assert "用途" in zh


@pytest.mark.parametrize("purpose", [None, *PURPOSES])
def test_a_value_without_a_purpose_serves_any(tmp_path: Path, purpose: str | None) -> None:
    loaded = load(tmp_path, quantity({"value": 1}))
    assert loaded.select("x", {}, JUNE, purpose=purpose).value == 1


def test_the_purpose_narrows_before_the_keys_decide(tmp_path: Path) -> None:
    special = {"value": 2, "keys": {"carrier": "coal"}, "purpose": "ets"}
    loaded = load(tmp_path, quantity({"value": 1, "purpose": "footprint"}, special))
    keys = {"carrier": "coal"}
    assert loaded.select("x", keys, JUNE).value == 2
    assert loaded.select("x", keys, JUNE, purpose="footprint").value == 1


@pytest.mark.parametrize("wrong", ["", "mrv", 1, ["ets"], {"ets": 1}])
def test_a_purpose_that_is_none_fails_the_load(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(PackError, match="purpose"):
        load(tmp_path, quantity({"value": 1, "purpose": wrong}))


def test_one_account_keeps_to_one_purpose(shanghai: Parameters) -> None:
    market = shanghai.select("grid_co2", POWER, JUNE, set="shanghai_market")
    heat = shanghai.select("heat_co2", {"area": "310000"}, JUNE, set="shanghai_market")
    average = shanghai.select("grid_co2", POWER, JUNE)
    coal = shanghai.select("co2_per_energy", {"carrier": "raw_coal"}, JUNE)
    assert check_purposes([]) == check_purposes([market, heat, coal]) == []
    (said,) = check_purposes([market, coal, average, heat])
    assert (said.rule, said.severity) == ("parameters.purposes", "error")
    for value in (market, average):
        assert value.id in said.message_en
        assert value.id in said.message_zh
    assert coal.id not in said.message_en


def test_the_command_takes_a_purpose() -> None:
    asked = ["parameters", "show", "grid_co2", "--on", "2022-06", "--key", "area=310000"]
    asked += ["--key", "basis=average", "--format", "json"]
    good = CliRunner().invoke(main, [*asked, "--purpose", "city_inventory"])
    assert good.exit_code == 0
    assert yaml.safe_load(good.stdout)["parameter"]["purpose"] == "city_inventory"
    for purpose in ("enterprise_mrv", "nonsense"):
        bad = CliRunner().invoke(main, [*asked, "--purpose", purpose])
        assert bad.exit_code == 2
        assert yaml.safe_load(bad.stdout)["findings"][0]["remedy_en"]
    listed = CliRunner().invoke(main, ["parameters", "list", "--format", "json"])
    rows = yaml.safe_load(listed.stdout)["parameters"]
    sets = {(row["name"], row["set"]): row["purposes"] for row in rows}
    assert sets["grid_co2", "shanghai_market"] == "enterprise_mrv"
    assert sets["grid_co2", "mee_nbs"] == "city_inventory, ets"


@pytest.mark.parametrize(("coal", "wanted"), [("city_inventory", 0), ("ets", 1)])
def test_an_account_says_that_purposes_are_mixed(tmp_path: Path, coal: str, wanted: int) -> None:
    table = tmp_path / "table.csv"
    table.write_text("province,row,energy,value\nNowhere,26,diesel,1\nNowhere,26,raw_coal,1\n")
    pack = _mixed(tmp_path / "mixed", {"raw_coal": coal})
    asked = ["balance", "account", str(table), "--format", "json", "--pack", str(pack)]
    answer = CliRunner().invoke(main, [*asked, "--editions", str(tmp_path / "editions")])
    assert answer.exit_code == 0, answer.output
    found = yaml.safe_load(answer.stdout)
    assert found["total"]["co2_t"] > 0
    said = [item for item in found["findings"] if item["rule"] == "parameters.purposes"]
    assert len(said) == wanted


def _mixed(pack: Path, purposes: dict[str, str]) -> Path:
    """A pack whose own set of fuel factors is that of the guidelines, with purposes."""
    (pack / "parameters").mkdir(parents=True)
    head = "{id: mixed, name_zh: 混, name_en: M, extends: china, kind: country, area: '100000'"
    (pack / "pack.yaml").write_text(head + ", sets: {co2_per_energy: mine, ncv: mine}}")
    for name in ("co2_per_energy", "ncv"):
        source = load_pack("china").folder / f"parameters/{name}_ipcc2006.yaml"
        text = yaml.safe_load(source.read_text(encoding="utf-8")) | {"set": "mine"}
        for value in text["values"]:
            value["purpose"] = purposes.get(value["keys"]["carrier"], "city_inventory")
        (pack / f"parameters/{name}.yaml").write_text(yaml.safe_dump(text, allow_unicode=True))
    return pack
