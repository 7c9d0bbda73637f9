"""Every number of every standing is explained down to cells and clauses, and recomputed alike."""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dualcarbon.control.explain import EXPLAINERS
from dualcarbon.editions import explain, verify_edition
from dualcarbon.errors import EditionError

ON = "2024-10-31"


def fill(folder: Any) -> Any:
    """A folder in which every yardstick has something to show."""
    area = {"subject_kind": "area", "subject": "黄浦区"}
    folder.write(
        "statistics",
        {"indicator": "energy_intensity", "period": "2024-01..09", "value": -2.4},
        {"indicator": "energy_total", "period": "2024-01..09", "value": 8000, "unit": "10^4 tce"},
        {"indicator": "energy_total", "period": "2023-01..09", "value": 8100, "unit": "10^4 tce"},
        {"indicator": "energy_total", "period": "2023", "value": 110_000_000, "unit": "tce"},
        {"indicator": "gdp", "period": "2024-Q3", "value": 4.7},
        *({"indicator": "energy_intensity", "period": str(y), "value": -2.1, **area}
          for y in (2021, 2022, 2023)),
        {"indicator": "energy_intensity", "period": "2024-01..06", "value": 0.5, **area},
        {"indicator": "pv_added", "period": "2024-01..09", "value": 30, "unit": "万千瓦"},
        {"indicator": "coal_total", "period": "2024-01..06", "value": 2000, "unit": "万吨"},
        *({"indicator": "energy_total", "subject_kind": "enterprise", "subject": "A", "period": p,
           "value": v, "unit": "tce"} for p, v in (("2023-01..06", 10), ("2024-01..06", 9.7))),
    )  # fmt: skip
    folder.write("enterprises", {"enterprise": "A", "tier": "hundred", "sector": "industry"})
    folder.write(
        "progress",
        {"commitment": "5.4", "project": "P1", "period": "2024-03", "stage": "accepted"},
        {"commitment": "2.1", "project": "S1", "period": "2024-03", "stage": "started"},
    )
    folder.write(
        "activity",
        {"carrier": "diesel", "period": "2023-01..06", "quantity": 5, "unit": "10^4 t"},
        {"carrier": "diesel", "period": "2024-01..06", "quantity": 4.9, "unit": "10^4 t"},
        *({"carrier": "electricity", "period": f"{y}-01..06", "quantity": 1.07, "unit": "10^8 kWh",
           "subject_kind": "enterprise", "subject": "A"} for y in (2023, 2024)),
    )  # fmt: skip
    return folder


def leaves(terms: Any) -> Any:
    for term in terms:
        if term["terms"]:
            yield from leaves(term["terms"])
        else:
            yield term


def test_every_standing_recomputes_to_the_same_digits(case: Any, tmp_path: Path) -> None:
    found = fill(case()).standings(ON)
    edition = found.freeze(tmp_path / "store")
    assert verify_edition(edition) == []
    seen = 0
    for row in found.to_json(edition)["standings"]:
        answer = explain(row["code"], tmp_path / "store", EXPLAINERS)
        assert answer.equal, row["commitment"]
        assert answer.value == row["value"]
        assert answer.recomputed == row["value"]
        for name in ("declared", "required", "gap", "needed"):
            shown = answer.about["numbers"].get(name)
            assert (shown["value"] if shown else None) == row[name], (row["commitment"], name)
            if shown:
                assert shown["equal"]
                assert shown["recomputed"] == shown["value"]
        seen += row["value"] is not None
    assert seen >= 7


def test_a_value_goes_down_to_its_cells(case: Any, tmp_path: Path) -> None:
    folder = fill(case())
    found = folder.standings(ON)
    edition = found.freeze(tmp_path / "store")
    row = next(r for r in found.to_json(edition)["standings"] if r["commitment"] == "1.3")
    answer = explain(row["code"], tmp_path / "store", EXPLAINERS).to_json()
    assert answer["inputs"][0]["place"] == "statistics.csv!!F2"
    assert answer["formula"]
    computed = answer["about"]["numbers"]["computed"]
    places = {leaf["place"] for leaf in leaves(computed["inputs"]) if leaf["place"]}
    assert places == {"statistics.csv!!F3", "statistics.csv!!F4", "statistics.csv!!F6"}
    required = answer["about"]["numbers"]["required"]["inputs"][0]
    assert required["place"].startswith("shanghai/notices/2024.yaml!!")


def test_activity_goes_down_to_quantity_and_parameter(case: Any, tmp_path: Path) -> None:
    folder = case("demo-2024")
    folder.write(
        "activity",
        {"carrier": "diesel", "period": "2023-01..06", "quantity": 5, "unit": "10^4 t"},
        {"carrier": "diesel", "period": "2024-01..06", "quantity": 4.9, "unit": "10^4 t"},
        {"carrier": "electricity", "period": "2023-01..06", "quantity": 1.07, "unit": "10^8 kWh"},
        {"carrier": "electricity", "period": "2024-01..06", "quantity": 1.03, "unit": "10^8 kWh"},
    )
    folder.write("statistics", {"indicator": "gdp", "period": "2024-01..06", "value": 4.0})
    found = folder.standings("2024-07-31")
    edition = found.freeze(tmp_path / "store")
    row = next(r for r in found.to_json(edition)["standings"] if r["commitment"] == "1.4")
    answer = explain(row["code"], tmp_path / "store", EXPLAINERS).to_json()
    assert answer["equal"]
    assert answer["value"] is not None
    ends = list(leaves(answer["inputs"]))
    assert any((leaf["parameter"] or "").startswith("co2_per_energy/") for leaf in ends)
    assert any((leaf["parameter"] or "").startswith("grid_co2/") for leaf in ends)
    assert "activity.csv!!F2" in {leaf["place"] for leaf in ends}
    assert edition.manifest["parameters"]


def test_figures_are_explained_too(case: Any, tmp_path: Path) -> None:
    found = fill(case()).standings(ON)
    edition = found.freeze(tmp_path / "store")
    for index, figure in enumerate(edition.table("figures").iter_rows(named=True)):
        answer = explain(f"{edition.id}:figures:{index}", tmp_path / "store", EXPLAINERS)
        assert answer.equal
        assert answer.value == figure["value"]


def test_the_edition_alone_is_enough(case: Any, tmp_path: Path) -> None:
    folder = fill(case())
    edition = folder.standings(ON).freeze(tmp_path / "store")
    shutil.rmtree(folder.folder)
    assert explain(f"{edition.id}:standings:2", tmp_path / "store", EXPLAINERS).equal


def test_a_changed_fact_is_noticed(case: Any, tmp_path: Path) -> None:
    edition = fill(case()).standings(ON).freeze(tmp_path / "store")
    path = edition.folder / "statistics.parquet"
    frame = pl.read_parquet(path)
    frame.with_columns(pl.col("value") + 1).write_parquet(path)
    answer = explain(f"{edition.id}:standings:2", tmp_path / "store", EXPLAINERS)
    assert not answer.equal
    assert answer.recomputed != answer.value
    assert answer.findings


def test_same_facts_same_edition(case: Any, tmp_path: Path) -> None:
    folder = fill(case())
    one = folder.standings(ON).freeze(tmp_path / "a")
    two = folder.standings(ON).freeze(tmp_path / "b")
    assert one.id == two.id


def test_json_keys_are_those_of_the_issue(case: Any, tmp_path: Path) -> None:
    found = fill(case()).standings(ON)
    answer = found.to_json(found.freeze(tmp_path / "store"))
    keys = [
        "commitment",
        "indicator",
        "subject_kind",
        "subject",
        "period",
        "value",
        "declared",
        "unit",
        "required",
        "gap",
        "needed",
        "forecast",
        "levels",
        "severity",
        "state",
        "reason_zh",
        "reason_en",
        "grade",
        "code",
    ]
    assert list(answer) == ["on", "standings"]
    for row in answer["standings"]:
        assert set(row) == set(keys)
        assert row["forecast"] is None
        for level in row["levels"]:
            assert list(level) == ["scheme", "level", "label_zh", "label_en", "severity"]
    assert json.dumps(answer)


@pytest.mark.parametrize("row", ["99999", "x"])
def test_a_code_that_does_not_exist(case: Any, tmp_path: Path, row: str) -> None:
    edition = fill(case()).standings(ON).freeze(tmp_path / "store")
    with pytest.raises(EditionError):
        explain(f"{edition.id}:standings:{row}", tmp_path / "store", EXPLAINERS)
