"""The wheel holds everything the package needs at run time, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.support.project import ROOT


def kept_under_src() -> set[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = [name for name in listing.split("\0") if name and (ROOT / name).is_file()]
    return {name.removeprefix("src/") for name in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_packages(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    packaged = {name for name in names if ".dist-info/" not in name}
    assert packaged == kept_under_src()


@pytest.mark.parametrize(
    "part",
    [
        "dualcarbon/py.typed",
        "dualcarbon/data/shanghai/pack.yaml",
        "dualcarbon/messages/",
        "dualcarbon/schemas/",
        "dualcarbon_web/static/vendor/echarts.min.js",
        "/templates/",
        ".dist-info/licenses/LICENSE",
        ".mo",
    ],
)
def test_the_wheel_holds(wheel, part):
    assert any(part in name for name in zipfile.ZipFile(wheel).namelist())


def test_an_unpacked_wheel_knows_its_packs(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    script = (
        "import dualcarbon.packs as packs, sys;"
        "pack = packs.load_pack('shanghai'); print(packs.__file__); print(pack.folder)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(line.startswith(str(tmp_path)) for line in done.stdout.split())
