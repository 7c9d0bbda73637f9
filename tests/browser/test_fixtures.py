"""The fixtures themselves: a guard that never fires guards nothing."""

import http.server
import threading
from collections.abc import Iterator

import pytest

BODY = "<main><h1>标题</h1><p>Text</p></main>"
PAGE = (
    '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>页面</title>'
    '<link rel="icon" href="data:,"></head><body>{body}</body></html>'
)
PAGES = {
    "/good": PAGE.format(body=BODY),
    "/script": PAGE.format(body=BODY + "<script>nothing.here()</script>"),
    "/console": PAGE.format(body=BODY + "<script>console.error('broken')</script>"),
    "/missing": PAGE.format(body=BODY + '<img alt="x" src="/nowhere.png">'),
    "/elsewhere": PAGE.format(body=BODY + '<img alt="x" src="http://cdn.invalid/x.png">'),
    "/unlabelled": PAGE.format(body=BODY.replace("</main>", "<input></main>")),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = PAGES.get(self.path)
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'self' data: 'unsafe-inline' *")
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_good_page_passes(page, visit, site, assert_accessible, screenshot):
    opened = visit(page(lang="en", scheme="dark", width=380), f"{site}/good")
    assert_accessible(opened)
    assert screenshot(opened, "fixtures/good").stat().st_size > 1000


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/script", "script error"),
        ("/console", "console error: broken"),
        ("/missing", "nowhere.png"),
        ("/elsewhere", "leaves the site: http://cdn.invalid/x.png"),
    ],
)
def test_what_goes_wrong_is_seen(browser, visit, site, path, text):
    from tests.browser.conftest import Watch

    opened = browser.new_page()
    watch = Watch(opened, ())
    visit(opened, site + path)
    opened.wait_for_timeout(200)
    opened.close()
    assert text in "\n".join(watch.errors)


def test_axe_sees_an_unlabelled_field(page, visit, site, assert_accessible):
    opened = visit(page(), f"{site}/unlabelled")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(opened)
