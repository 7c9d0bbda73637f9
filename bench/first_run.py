"""Measures a newcomer's first run: seconds to the first page, weight of the pages in Chromium.

The limits are part of the measurement: the command exits with 1 when one is broken.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, CDPSession, sync_playwright

START_SECONDS = 20.0
FIRST_BYTES = 450_000
LATER_BYTES = 60_000
GIVE_UP_SECONDS = 120
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
BEGIN, END = "<!-- first-run:begin -->", "<!-- first-run:end -->"


@dataclass(frozen=True)
class Measure:
    """One measured value and the limit it has to keep."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        return self.value <= self.limit

    def row(self) -> str:
        digits = 1 if self.unit == "s" else 0
        mark = "yes" if self.kept else "**no**"
        return f"| {self.name} | {self.value:.{digits}f} {self.unit} | {self.limit:g} | {mark} |"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@contextmanager
def demo(home: Path) -> Iterator[tuple[str, float]]:
    """Start the demo on an empty folder; give its address and the seconds to HTTP 200."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    command = [Path(sys.executable).parent / "dualcarbon", "demo"]
    command += ["--port", str(port), "--out", str(home)]
    log = home.parent / "demo.log"
    started = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        while not answers(address):
            waited = time.monotonic() - started
            if process.poll() is not None or waited > GIVE_UP_SECONDS:
                sys.exit(f"the demo did not answer within {waited:.0f} s:\n{log.read_text()}")
            time.sleep(0.1)
        yield address, time.monotonic() - started
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=30)


def load(context: BrowserContext, address: str) -> tuple[int, list[str]]:
    """Bytes that travel for a page, as encoded on the wire, and the pages it links to."""
    page = context.new_page()
    network: CDPSession = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[int] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    links = page.eval_on_selector_all("a[href]", "all => all.map((a) => a.href)")
    page.close()
    return int(sum(sizes)), links


def sample(address: str, links: list[str], most: int) -> list[str]:
    """One link of each kind: `/district/990101/` and `/district/990102/` are one."""
    kinds: dict[str, str] = {}
    for link in links:
        plain = link.split("#")[0]
        path = plain.removeprefix(address)
        is_page = plain.startswith(address) and not re.search(r"\.\w{2,5}$", path.split("?")[0])
        if is_page and path:
            kinds.setdefault(re.sub(r"[^/?=&]*\d[^/?=&]*", "#", path), plain)
    return list(kinds.values())[:most]


def measure_pages(address: str, most: int) -> list[Measure]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1200, "height": 800})
        first, links = load(context, address)
        later = [(link, load(context, link)[0]) for link in sample(address, links, most)]
        chromium.close()
    measures = [Measure("First overview load", first, FIRST_BYTES, "B")]
    for link, size in later:
        measures.append(Measure(f"Then `/{link.removeprefix(address)}`", size, LATER_BYTES, "B"))
    return measures


def measure(pages: int) -> list[Measure]:
    with tempfile.TemporaryDirectory(prefix="dualcarbon-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        with demo(home) as (address, seconds):
            start = Measure("Demo, empty folder to HTTP 200", seconds, START_SECONDS, "s")
            return [start, *measure_pages(address, pages)]


def report(measures: list[Measure]) -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    head = "| measured | value | limit | kept |\n| --- | ---: | ---: | --- |"
    rows = "\n".join(each.row() for each in measures)
    return f"{machine}; sizes as encoded on the wire, in one browser session.\n\n{head}\n{rows}\n"


def write(path: Path, text: str) -> None:
    """Put the report between its marks, and leave the rest of the page alone."""
    block = f"{BEGIN}\n{text}{END}"
    page = path.read_text(encoding="utf-8") if path.exists() else f"# Benchmarks\n\n{block}\n"
    marked = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    page = marked.sub(lambda _: block, page) if marked.search(page) else f"{page}\n{block}\n"
    path.write_text(page, encoding="utf-8")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", type=Path, help="page to write the table into")
    options.add_argument("--pages", type=int, default=12, help="kinds of later pages at most")
    chosen = options.parse_args()
    measures = measure(chosen.pages)
    print(report(measures))
    if chosen.write:
        write(chosen.write, report(measures))
    return 0 if all(each.kept for each in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
