"""A real Chromium: pages that fail the test on any error, axe-core, pictures."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "build" / "screenshots"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Watch:
    """Collects whatever goes wrong on a page; `allowed` are parts of texts that may."""

    def __init__(self, page: Page, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        self.errors: list[str] = []
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.note(f"script error: {error}"))
        page.on("requestfailed", self.on_failed)
        page.on("request", self.on_request)

    def note(self, text: str) -> None:
        if not any(part in text for part in self.allowed):
            self.errors.append(text)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.note(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def on_failed(self, request: Request) -> None:
        # A page that is left, or a download, aborts its own requests; that is no fault.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.note(f"request failed: {request.url} {request.failure}")

    def on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.hostname not in {
            "127.0.0.1",
            "localhost",
        }:
            self.note(f"leaves the site: {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in the test's thread, where Django would refuse its ORM.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    executable = shutil.which("chromium")
    assert executable, "chromium is missing: run `make test`, or scripts/needs test"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`page(lang="zh", scheme="light", width=1200, height=800, allow=())` opens a fresh page.

    Options of Playwright's context may follow. The test fails on any console error or warning,
    script error, failed request, or request to another machine, unless its text holds a part
    named in `allow`.
    """
    contexts, watches = [], []

    def open_page(
        lang: str = "zh",
        scheme: str = "light",
        width: int = 1200,
        height: int = 800,
        allow: tuple[str, ...] = (),
        **options: object,
    ) -> Page:
        context = browser.new_context(
            locale=LOCALES[lang],
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        opened = context.new_page()
        opened.set_default_timeout(15_000)
        watches.append(Watch(opened, allow))
        return opened

    yield open_page
    for context in contexts:
        context.close()
    errors = [error for watch in watches for error in watch.errors]
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="session")
def visit() -> Callable[..., Page]:
    """`visit(page, url, status=200)`: go, hold the status, wait for scripts and fonts."""

    def go(page: Page, url: str, status: int = 200) -> Page:
        response = page.goto(url)
        assert response is not None
        assert response.status == status, f"{url}: {response.status}"
        if page.locator("body[data-ready]").count():
            page.wait_for_selector('body[data-ready="1"]')
        page.evaluate("document.fonts.ready.then(() => true)")
        return page

    return go


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[..., None]:
    """`assert_accessible(page, exclude=())` runs axe-core; `exclude` are CSS selectors."""
    script = (HERE / "vendor" / "axe.min.js").read_text(encoding="utf-8")

    def check(page: Page, exclude: tuple[str, ...] = ()) -> None:
        if not page.evaluate("() => typeof window.axe === 'object'"):
            page.evaluate(script)
        found = page.evaluate(
            "([exclude, tags]) => axe.run({exclude: exclude.map((s) => [s])},"
            " {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
            [list(exclude), RULES],
        )
        lines = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}\n    {node['html']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert not lines, f"{page.url}\n" + "\n".join(lines)

    return check


@pytest.fixture(scope="session")
def screenshot() -> Callable[..., Path]:
    """`screenshot(page, name)` saves build/screenshots/<name>.png and gives its path."""

    def save(page: Page, name: str, full_page: bool = True) -> Path:
        path = PICTURES / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=full_page, animations="disabled")
        return path

    return save
