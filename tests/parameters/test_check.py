"""Plausibility: slips of the pen are caught, shipped values pass, bounds themselves are checked."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dualcarbon.errors import PackError
from dualcarbon.packs import load_pack
from dualcarbon.parameters import load_parameters
from dualcarbon.parameters.check import Bound, check_parameters, check_value, load_bounds

DIESEL = {"carrier": "diesel"}


@pytest.fixture(scope="module")
def bounds() -> list[Bound]:
    return load_bounds(load_pack("demo"))


def test_a_lost_digit_is_caught(bounds: list[Bound]) -> None:
    [slip] = check_value("fuel_co2", DIESEL, 0.718, "kgCO2/L", bounds)
    assert (slip.rule, slip.severity) == ("parameters.implausible", "warning")
    assert (slip.found, slip.expected) == ("0.718 kgCO2/L", "2.4–2.9 kgCO2/L")
    assert check_value("fuel_co2", DIESEL, 2.718, "kgCO2/L", bounds) == []


@pytest.mark.parametrize(
    ("name", "keys", "value", "unit"),
    [
        ("standard_coal", {"carrier": "raw_coal"}, 714.3, "kgce/kg"),
        ("standard_coal", {"carrier": "natural_gas"}, 13.3, "kgce/m3"),
        ("standard_coal", {"carrier": "electricity"}, 0.3086, "kgce/kWh"),
        ("oxidation", {"carrier": "coke"}, 93, "1"),
        ("grid_co2", {"area": "310000"}, 5.849, "kgCO2/kWh"),
        ("ncv", DIESEL, 42652, "GJ/t"),
        ("gwp100", {"gas": "CH4"}, 280, "tCO2e/tCH4"),
    ],
)
def test_slips_of_unit_and_multiple(
    bounds: list[Bound], name: str, keys: dict[str, str], value: float, unit: str
) -> None:
    assert check_value(name, keys, value, unit, bounds)


def test_any_unit_of_the_same_dimension_is_compared(bounds: list[Bound]) -> None:
    assert check_value("grid_co2", {}, 5.849, "tCO2/10^4 kWh", bounds) == []
    assert check_value("oxidation", {"carrier": "coke"}, 93, "%", bounds) == []
    assert check_value("fuel_co2", DIESEL, 0.718, "tCO2/10^4 m3", bounds) == []


@pytest.mark.parametrize("pack", ["world", "china", "shanghai", "demo"])
def test_what_is_shipped_is_plausible(pack: str) -> None:
    loaded = load_pack(pack)
    assert check_parameters(load_parameters(loaded), load_bounds(loaded)) == []


def test_the_finding_names_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "lan"
    (folder / "parameters").mkdir(parents=True)
    head = {"id": "lan", "name_zh": "兰", "name_en": "Lan", "kind": "city", "extends": "china"}
    (folder / "pack.yaml").write_text(yaml.safe_dump(head))
    (folder / "parameters" / "own.yaml").write_text(
        "name: fuel_co2\nname_zh: 因子\nname_en: factor\nset: own\nedition: '2024'\nvalues:\n"
        "- {keys: {carrier: diesel}, value: 0.718, unit: kgCO2/L, valid_from: 2024-01-01, mark: B,"
        " status: sourced, source: {title: a slip}}\n"
    )
    pack = load_pack(folder)
    [found] = check_parameters(load_parameters(pack), load_bounds(pack))
    assert str(found.place) == "lan/parameters/own.yaml"


@pytest.mark.parametrize(
    "change", [{"low": 3}, {"unit": "furlong"}, {"low": "x"}, {"keys": [1]}, {"colour": 1}]
)
def test_a_bad_bound_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    entry = {"id": "b", "name": "n", "keys": {}, "unit": "t", "low": 1, "high": 2}
    entry |= {"basis_zh": "理由", "basis_en": "why", **change}
    (tmp_path / "pack.yaml").write_text(
        yaml.safe_dump({"id": "lan", "name_zh": "兰", "name_en": "Lan", "kind": "world"})
    )
    (tmp_path / "plausibility.yaml").write_text(yaml.safe_dump([entry]))
    with pytest.raises(PackError) as caught:
        load_bounds(load_pack(tmp_path))
    assert caught.value.findings[0].rule == "parameters.bound"
