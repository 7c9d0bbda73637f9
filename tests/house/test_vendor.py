"""Vendored files are what their manifest says, licensed, small, and run without a browser."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest
import yaml
from py_mini_racer import MiniRacer
from tests.support.project import ROOT

SHIPPED = ROOT / "src" / "dualcarbon_web" / "static" / "vendor"
FOLDERS = (SHIPPED, ROOT / "tests" / "browser" / "vendor")
MOST_BYTES = {"echarts.min.js": 250_000, "htmx.min.js": 20_000}


def manifest(folder: Path) -> list[dict[str, object]]:
    return yaml.safe_load((folder / "MANIFEST.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_the_manifest_is_true_and_complete(folder):
    entries = manifest(folder)
    files = {entry["file"]: entry for entry in entries if "file" in entry}
    there = {path.name for path in folder.glob("*.*")}
    assert {name for name in there if not name.endswith(".gz")} == {*files, "MANIFEST.yaml"}
    for name, entry in files.items():
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        assert len(content) == entry["bytes"], name
    licences = {file for entry in entries for file in entry["licence_files"]}
    texts = {f"LICENSES/{path.name}" for path in (folder / "LICENSES").iterdir()}
    assert licences == texts


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_the_versions_are_the_locked_ones(folder):
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    for entry in manifest(folder):
        locked = lock["packages"][f"node_modules/{entry['name']}"]["version"]
        assert entry["version"] == locked, f"{entry['name']}: run `make vendor`"


@pytest.mark.parametrize("name", MOST_BYTES)
def test_the_packed_twin_is_the_same_and_a_page_can_afford_it(name):
    packed = (SHIPPED / f"{name}.gz").read_bytes()
    assert gzip.decompress(packed) == (SHIPPED / name).read_bytes()
    assert len(packed) <= MOST_BYTES[name]


AXES = {"xAxis": {"type": "category", "data": ["1-2月", "3月"]}, "yAxis": {}}
CHARTS = {
    "bar": AXES | {"series": [{"type": "bar", "data": [3, None]}]},
    "line": AXES
    | {
        "legend": {},
        "tooltip": {"renderMode": "richText"},
        "series": [
            {
                "type": "line",
                "name": "实际",
                "data": [3, 5],
                "markLine": {"data": [{"yAxis": 4}]},
                "markArea": {"data": [[{"yAxis": 0}, {"yAxis": 2}]]},
            }
        ],
    },
    "pie": {"series": [{"type": "pie", "data": [{"name": "煤", "value": 1}]}]},
    "scatter": AXES | {"dataset": {"source": [[0, 2]]}, "series": [{"type": "scatter"}]},
    "heatmap": {
        "xAxis": {"type": "category", "data": ["一区"]},
        "yAxis": {"type": "category", "data": ["1月"]},
        "visualMap": {"type": "piecewise", "min": 0, "max": 3},
        "series": [{"type": "heatmap", "data": [[0, 0, 2]]}],
    },
    "sankey": {
        "series": [
            {
                "type": "sankey",
                "data": [{"name": "煤"}, {"name": "电"}],
                "links": [{"source": "煤", "target": "电", "value": 3}],
            }
        ]
    },
}
SCRIPT = """
function draw(option) {
  const chart = echarts.init(null, null, {renderer: 'svg', ssr: true, width: 400, height: 200});
  chart.setOption(JSON.parse(option));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
"""


@pytest.fixture(scope="module")
def engine() -> MiniRacer:
    racer = MiniRacer()
    racer.eval("setTimeout = () => 0; clearTimeout = () => {};")
    racer.eval((SHIPPED / "echarts.min.js").read_text(encoding="utf-8"))
    racer.eval(SCRIPT)
    return racer


@pytest.mark.parametrize("kind", CHARTS)
def test_the_bundle_draws_without_a_browser(engine, kind):
    option = {"animation": False, "aria": {"enabled": True}} | CHARTS[kind]
    svg = engine.call("draw", json.dumps(option))
    assert svg.startswith("<svg")
    assert "<path" in svg
