"""Malformed packs, units and periods end in a finding with its place, never in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from dualcarbon.errors import DualcarbonError, InputError, PackError, UnitMismatch
from dualcarbon.packs import load_pack, load_yaml
from dualcarbon.parameters import load_parameters
from dualcarbon.periods import Period
from dualcarbon.units import canonical

HEAD = "name: x\nname_zh: x\nname_en: x\nset: s\nedition: '1'\n"
DEFAULTS = (
    "defaults: {valid_from: 2020-01-01, unit: t, mark: A, status: sourced, source: {title: t}}\n"
)


@pytest.mark.parametrize(
    "text", ["a: 2024-02-30\n", "? [a]\n: b\n", "{a: 1}: b\n", "[" * 9000, "a: \x00\n"]
)
def test_yaml_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(PackError):
        load_yaml(tmp_path / "x.yaml")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + DEFAULTS + "values: [{keys: [a], value: 1}]",
        HEAD + DEFAULTS + "values: [{keys: {a: [1]}, value: 1}]",
        HEAD + DEFAULTS + "values: [{value: 1, valid_from: 2020-01-01 10:00:00}]",
        HEAD + DEFAULTS + "values: [{value: 1, low: abc}]",
        HEAD + DEFAULTS + "values: [{value: 1, low: 2, high: 3}]",
        HEAD + DEFAULTS + f"values: [{{value: {'9' * 400}}}]",
        HEAD + DEFAULTS + "values: [{value: 1, unit: 10^99999999 t}]",
        HEAD + "defaults: [1]\nvalues: [{value: 1}]",
        HEAD.replace("name: x", "name: [x]") + DEFAULTS + "values: [{value: 1}]",
        "[]",
    ],
)
def test_parameter_files_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "parameters").mkdir()
    (tmp_path / "pack.yaml").write_text("id: x\nname_zh: x\nname_en: x\nkind: world\n")
    (tmp_path / "parameters" / "a.yaml").write_text(text)
    with pytest.raises(DualcarbonError) as caught:
        load_parameters(load_pack(tmp_path))
    assert "a.yaml" in str(caught.value.findings[0].place)


def test_a_unit_of_a_billion_digits_is_refused_at_once() -> None:
    with pytest.raises(UnitMismatch):
        canonical("10^999999999 t")


def test_a_month_that_a_spreadsheet_shortened_is_refused() -> None:
    with pytest.raises(InputError):
        Period.parse("2024.1")
    assert str(Period.parse("2024.10")) == "2024-10"
