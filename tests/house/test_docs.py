"""The documentation is true: commands run, links lead somewhere, every command is described."""

import os
import re
import shlex
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.support.documents import Command, anchors, commands, links
from tests.support.project import ROOT, markdown_files, name_of, own_environment

from dualcarbon.cli import main

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
SECONDS = 300
TARGETS_RUN = ("make demo SERVE=0", "make help")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    return own_environment(HOME=str(home), COLUMNS="160")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(text: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", text],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def serves(text: str) -> bool:
    words = shlex.split(text)
    if words[:2] == ["make", "demo"]:
        return "SERVE=0" not in words
    return words[:2] == ["dualcarbon", "demo"] and "--no-serve" not in words


def served_on(text: str, port: int, folder: Path) -> list[str]:
    words = shlex.split(text)
    if words[0] == "make":
        return [*words, f"DEMO=--port {port}", f"BUILD_DIR={folder}/build"]
    return [*words, "--port", str(port)]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def check_served(text: str, folder: Path, env: dict[str, str]) -> None:
    """The site answers, and stops cleanly when it is interrupted."""
    port = free_port()
    log = folder / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            served_on(text, port, folder),
            cwd=ROOT if text.startswith("make ") else folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + SECONDS
        while not answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.5)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)
    assert "Traceback" not in log.read_text()


def made(text: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a target; of one that would run these very tests, hold only that it exists."""
    for_real = text in TARGETS_RUN
    options = f"BUILD_DIR={folder}/build" if for_real else "--dry-run"
    return run(f"{text} {options}", ROOT, env)


def check(command: Command, folder: Path, env: dict[str, str]) -> None:
    text = command.text
    if serves(text):
        check_served(text, folder, env)
        return
    done = (made if text.startswith("make ") else run)(text, folder, env)
    assert done.returncode == command.exit, f"$ {text}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, f"$ {text}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_docs_commands_run(page, tmp_path, newcomer):
    for command in commands(page.read_text(encoding="utf-8")):
        check(command, tmp_path, newcomer)


def test_docs_readme_shows_the_two_commands():
    shown = {command.text for command in commands(PAGES[0].read_text(encoding="utf-8"))}
    assert {"make demo", "make test"} <= shown


@pytest.mark.parametrize("page", markdown_files(), ids=name_of)
def test_docs_links_lead_somewhere(page):
    for link in links(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if child is not None and not child.hidden:
            yield from leaves(child, (*path, name))


def test_docs_describe_every_command():
    folders = ("README.md", "docs/guide/", "docs/reference/")
    pages = [path for path in markdown_files() if name_of(path).startswith(folders)]
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    assert [path for path in leaves(main, ("dualcarbon",)) if path not in text] == []


def test_docs_methods_name_a_test_that_exists():
    pages = sorted((ROOT / "docs" / "methods").glob("*.md"))
    assert pages
    for page in pages:
        if page.name != "README.md":
            named = re.findall(r"tests/[\w/]+\.(?:py|yaml)", page.read_text(encoding="utf-8"))
            assert named, f"{page.name} names no test"
            assert [name for name in named if not (ROOT / name).exists()] == [], page.name
