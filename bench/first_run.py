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
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, CDPSession, TimeoutError, sync_playwright

START_SECONDS = 20.0
FIRST_BYTES = 450_000
LATER_BYTES = 60_000
GIVE_UP_SECONDS = 120
PAGE_SECONDS = 30
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


@dataclass
class Traffic:
    """What travels for one page: bytes as encoded on the wire, and requests still open."""

    size: int = 0
    open: dict[str, str] = field(default_factory=dict)

    def watch(self, network: CDPSession) -> None:
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._sent)
        network.on("Network.loadingFinished", self._finished)
        network.on("Network.loadingFailed", lambda event: self.open.pop(event["requestId"], None))

    def _sent(self, event: dict[str, Any]) -> None:
        self.open[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.open.pop(event["requestId"], None)
        self.size += int(event["encodedDataLength"])


def load(context: BrowserContext, address: str) -> tuple[int, list[str]]:
    """Bytes that travel for a page, and the pages it links to; a page that hangs is named."""
    page, traffic = context.new_page(), Traffic()
    traffic.watch(context.new_cdp_session(page))
    try:
        page.goto(address, wait_until="networkidle", timeout=PAGE_SECONDS * 1000)
    except TimeoutError:
        waiting = ", ".join(traffic.open.values()) or "nothing: its scripts never rest"
        sys.exit(f"{address} does not come to rest in {PAGE_SECONDS} s; it waits for {waiting}")
    links = page.eval_on_selector_all("a[href]:not([download])", "all => all.map((a) => a.href)")
    page.close()
    return traffic.size, links


def kind(address: str, link: str) -> str:
    """What a link leads to: `area/990101/?sort=gap` and `area/990102/?sort=-gap` are one kind.

    Both languages are one. Empty for a file, another site, the overview itself, and a page that
    asks for several things at once: each of them is measured alone.
    """
    parts, query = urlsplit(link), parse_qs(urlsplit(link).query)
    _language, _, path = parts.path.removeprefix("/").partition("/")
    is_file = "format" in query or re.search(r"\.\w{2,5}$", parts.path)
    if not link.startswith(address) or is_file or len(query) > 1 or not (path or query):
        return ""
    room, _, rest = path.partition("/")
    page = f"{room}/*/" if rest else f"{room}/" if room else ""
    return page + "".join(f"?{key}" for key in query)


def spread(links: list[str]) -> list[str]:
    """The first, the middle and the last of some links."""
    return list(dict.fromkeys((links[0], links[len(links) // 2], links[-1])))


def crawl(context: BrowserContext, address: str, links: list[str]) -> dict[str, int]:
    """The heaviest of a few pages of each kind that can be reached from the overview."""
    heaviest: dict[str, int] = {}
    waiting = deque([links])
    while waiting:
        of_kind: dict[str, list[str]] = {}
        for link in waiting.popleft():
            of_kind.setdefault(kind(address, link), []).append(link.split("#")[0])
        for name in of_kind.keys() - heaviest.keys() - {""}:
            loaded = [load(context, link) for link in spread(of_kind[name])]
            heaviest[name] = max(size for size, _links in loaded)
            waiting.extend(found for _size, found in loaded)
    return heaviest


def measure_pages(address: str) -> list[Measure]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1200, "height": 800})
        first, links = load(context, address)
        later = crawl(context, address, links)
        chromium.close()
    measures = [Measure("First overview load", first, FIRST_BYTES, "B")]
    for name, size in sorted(later.items()):
        measures.append(Measure(f"Then `/{name}`", size, LATER_BYTES, "B"))
    return measures


def measure() -> list[Measure]:
    with tempfile.TemporaryDirectory(prefix="dualcarbon-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        with demo(home) as (address, seconds):
            start = Measure("Demo, empty folder to HTTP 200", seconds, START_SECONDS, "s")
            return [start, *measure_pages(address)]


def report(measures: list[Measure]) -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    head = "| measured | value | limit | kept |\n| --- | ---: | ---: | --- |"
    rows = "\n".join(each.row() for each in measures)
    about = f"{machine}; sizes as encoded on the wire, the heaviest of three pages of a kind."
    return f"{about}\n\n{head}\n{rows}\n"


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
    chosen = options.parse_args()
    measures = measure()
    print(report(measures))
    if chosen.write:
        write(chosen.write, report(measures))
    return 0 if all(each.kept for each in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
