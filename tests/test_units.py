"""Units: spellings, exact factors, dimensions that cannot be mixed, errors that help."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.errors import UnitMismatch
from dualcarbon.units import canonical, compatible, convert, dimension, factor, ratio

MASS = ["mg", "g", "kg", "t", "10^4 t", "kt", "Gg", "Mt", "10^8 t"]
ENERGY = ["J", "kJ", "MJ", "GJ", "TJ", "10^10 kJ", "kWh", "MWh", "10^4 kWh", "10^8 kWh"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("万吨", "10^4 t"),
        ("万吨标准煤", "10^4 tce"),
        ("吨标煤", "tce"),
        ("亿千瓦时", "10^8 kWh"),
        ("百亿千焦", "10^10 kJ"),
        ("亿立方米", "10^8 m3"),
        ("Nm3", "m3"),
        ("m³", "m3"),
        ("亩", "mu"),
        ("公顷", "ha"),
        ("万千瓦", "10^4 kW"),
        ("亿元", "10^8 CNY"),
        ("tCO₂", "tCO2"),
        ("吨标准煤/万元", "tce/10^4 CNY"),
        ("千克标准煤/千瓦时", "kgce/kWh"),
        ("L/person/day", "L/person/day"),
        ("tCO2/10^4 m3", "tCO2/10^4 m3"),
        ("ｋＷｈ", "kWh"),
    ],
)
def test_official_spellings(text: str, wanted: str) -> None:
    assert canonical(text) == wanted
    assert canonical(wanted) == wanted


@pytest.mark.parametrize(
    ("source", "target", "wanted"),
    [
        ("mu", "ha", Fraction(1, 15)),
        ("10^4 mu", "km2", Fraction(20, 3)),
        ("10^8 kWh", "TJ", 360),
        ("10^10 kJ", "GJ", 10_000),
        ("kgCO2/kWh", "tCO2/10^4 kWh", 10),
        ("kgce/m3", "tce/10^4 m3", 10),
        ("TJ/Gg", "kJ/kg", 1000),
        ("kgC/GJ", "tC/TJ", 1),
        ("kgCO2/TJ", "tCO2/GJ", Fraction(1, 10**6)),
        ("GJ/10^4 m3", "MJ/m3", Fraction(1, 10)),
        ("tce/10^4 CNY", "kgce/CNY", Fraction(1, 10)),
        ("%", "1", Fraction(1, 100)),
    ],
)
def test_factors_are_exact(source: str, target: str, wanted: Fraction | int) -> None:
    assert ratio(source, target) == wanted
    assert factor(source, target) == float(wanted)


def test_fifteen_mu_are_a_hectare_to_the_last_digit() -> None:
    assert convert(15, "mu", "ha") == 1.0
    assert convert(0.1, "mu", "mu") == 0.1


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("t", "tCO2"),
        ("tCO2", "tCO2e"),
        ("t", "tce"),
        ("tce", "GJ"),
        ("tC", "tCO2"),
        ("kW", "kWh"),
        ("CNY", "EUR"),
        ("tCO2/t", "tCO2/tce"),
        ("t", "m3"),
    ],
)
def test_what_measures_something_else_is_refused(source: str, target: str) -> None:
    assert not compatible(source, target)
    with pytest.raises(UnitMismatch) as caught:
        factor(source, target)
    found = caught.value.findings[0]
    assert found.rule == "units.mismatch"
    assert found.found == canonical(source)
    assert dimension(source) in found.message_en


def test_an_unknown_unit_names_the_nearest() -> None:
    with pytest.raises(UnitMismatch) as caught:
        canonical("kWhh")
    assert caught.value.findings[0].rule == "units.unknown"
    assert "kWh" in caught.value.findings[0].message_en


@pytest.mark.parametrize("text", ["", " ", "/", "t/", "/t", "t//t", "tt t", "=t", "%%"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(UnitMismatch) as caught:
        canonical(text)
    assert caught.value.findings[0].rule == "units.unknown"


@pytest.mark.parametrize("family", [MASS, ENERGY], ids=["mass", "energy"])
@given(data=st.data(), value=st.integers(-(10**9), 10**9))
def test_there_and_back_is_the_same(family: list[str], data: st.DataObject, value: int) -> None:
    a, b, c = (data.draw(st.sampled_from(family)) for _ in range(3))
    assert ratio(a, b) * ratio(b, a) == 1
    assert ratio(a, b) * ratio(b, c) == ratio(a, c)
    assert convert(convert(value, a, b), b, a) == pytest.approx(value, rel=1e-15)
