"""Every page in a real browser: both languages, light and dark, wide and 380 px, by keyboard."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web import city

NAMES = tuple(city.pages(["x"]))
LANGUAGES = {"zh": "zh-hans", "en": "en"}
LOOKS = (("light", 1440), ("dark", 380))
FIRST_LOAD, LATER_LOAD = 450_000, 60_000


def run(line: list[str], **options: object) -> subprocess.Popen:
    own = {key: value for key, value in os.environ.items() if not key.startswith("DUALCARBON_")}
    return subprocess.Popen([sys.executable, "-m", "dualcarbon_web", *line], env=own, **options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The address of a small city, published and served in one go as `demo` does, and its log."""
    home, port = tmp_path_factory.mktemp("site"), free_port()
    line = ["demo-site", "--home", str(home), "--plan", city.PLAN, "--port", str(port)]
    line += ["--data", str(city.write(home / "data"))]
    line += [part for day in city.DATES for part in ("--on", day.isoformat())]
    log = home / "log.txt"
    with log.open("w") as out:
        server = run(line, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{port}"
    for _attempt in range(600):
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
                assert json.load(answer)["status"] == "ok"
            break
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
    for _attempt in range(1200):  # the account follows once the site answers
        if "compare as_of" in log.read_text():
            break
        time.sleep(0.1)
    assert "compare as_of" in log.read_text(), log.read_text()
    yield address, log
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture(scope="module")
def site(served) -> str:
    return served[0]


@pytest.fixture(scope="module")
def at(served):
    """`at(lang, name)`: the address of a page."""
    said = served[1].read_text()
    assert re.search(r"^admin  \S{16}", said, re.MULTILINE)
    site, paths = served[0], city.pages(re.findall(r"^\S+  ([0-9a-f]{16})$", said, re.MULTILINE))
    return lambda lang, name: f"{site}/{LANGUAGES[lang]}{paths[name]}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_is_clean_and_accessible(page, visit, at, assert_accessible, screenshot, name, lang):
    for scheme, width in LOOKS:
        opened = visit(page(lang, scheme, width, 900), at(lang, name))
        opened.wait_for_load_state("networkidle")
        wide = opened.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} {lang} {width}: {wide} px wide"
        assert_accessible(opened)
        screenshot(opened, f"{name}-{lang}-{scheme}-{width}")


def test_a_chinese_page_speaks_chinese(page, visit, at):
    opened = visit(page("zh"), at("zh", "board"))
    assert opened.locator("html").get_attribute("lang") == "zh-Hans"
    for place in ("nav", "thead", ".figures", ".legend"):
        words = opened.locator(place).first.inner_text()
        assert re.search(r"[\u4e00-\u9fff]", words), place
        assert not re.search(r"[A-Za-z]{5,}", words), words


def test_sorting_needs_no_new_page_and_tells_its_state(page, visit, at):
    opened = visit(page("en", width=1440), at("en", "board"))
    opened.evaluate("window.kept = true")
    opened.locator("#board th a.sort", has_text="Gap").click()
    opened.wait_for_selector('#board th[aria-sort="ascending"]:has-text("Gap")')
    assert "sort=gap" in opened.url
    assert opened.evaluate("window.kept") is True
    gaps = opened.locator("#board tbody tr:not(.sum):not(.rest) td:nth-child(7)").all_inner_texts()
    known = [float(text.replace("−", "-")) for text in gaps if text != "…"]
    assert known == sorted(known)


def test_sorting_works_without_scripts(page, visit, at):
    opened = visit(page("en", width=1440, java_script_enabled=False), at("en", "board"))
    opened.locator("#board th a.sort", has_text="Gap").click()
    assert "sort=gap" in opened.url
    assert opened.locator("#board th[aria-sort]").count() == 1


def test_filters_of_the_wall(page, visit, at):
    opened = visit(page("en"), at("en", "wall"))
    opened.select_option("select[name=kind]", "target")
    opened.wait_for_url(re.compile("kind=target"))
    assert opened.locator("h1").inner_text().startswith("14 ")


def test_language_and_theme_switch_and_stay(page, visit, at):
    opened = visit(page("en", width=1440), at("en", "commitment-rate"))
    opened.get_by_role("link", name="中文").click()
    opened.wait_for_url(re.compile("/zh-hans/commitments/1.3/"))
    opened.locator("[data-theme-switch]").click()
    assert opened.locator("html").get_attribute("data-theme") == "dark"
    opened.reload()
    assert opened.locator("html").get_attribute("data-theme") == "dark"


def test_a_chart_becomes_interactive(page, visit, at):
    opened = visit(page("en", width=1440), at("en", "commitment-rate"))
    opened.wait_for_selector(".chart.live svg")
    assert opened.locator(".chart.live").count() == 2
    opened.locator(".fig details summary").first.click()
    assert opened.locator(".fig details table").first.is_visible()


def test_the_keyboard_reaches_the_content_first(page, visit, at):
    opened = visit(page("en"), at("en", "board"))
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "main"


def test_the_first_page_and_the_next_are_light(page, at):
    opened = page("en", width=1440)
    sizes: list[int] = []
    opened.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    opened.goto(at("en", "board"))
    opened.wait_for_load_state("networkidle")
    assert sum(sizes) <= FIRST_LOAD
    for name in ("wall", "commitment-rate", "district", "enterprises", "parameters", "help"):
        sizes.clear()
        opened.goto(at("en", name))
        opened.wait_for_load_state("networkidle")
        assert sum(sizes) <= LATER_LOAD, f"{name}: {sum(sizes)}"


def test_a_page_prints_on_landscape_a4(page, visit, at):
    opened = visit(page("en", width=1440), at("en", "board"))
    printed = opened.pdf(prefer_css_page_size=True)
    assert 1 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 4


def test_what_is_missing_says_so(page, visit, site, assert_accessible):
    opened = visit(page("en", allow=("404",)), f"{site}/en/nothing/", status=404)
    assert_accessible(opened)


def test_a_phone_shows_the_board_as_a_list_and_the_table_on_demand(page, visit, at, screenshot):
    opened = visit(page("zh", width=380, height=800), at("zh", "board"))
    assert opened.locator("#part-board .list").is_visible()
    assert not opened.locator("#board").is_visible()
    marks = opened.locator("#part-board .list .nm svg").evaluate_all(
        "all => all.map((mark) => mark.classList[1])"
    )
    assert marks == sorted(marks, key=["s3", "s2", "sx", "sw", "s1", "s0"].index)
    opened.evaluate("window.kept = true")
    opened.locator("#list-rank").click()
    opened.wait_for_selector("#list-rank[aria-current]")
    assert opened.evaluate("window.kept") is True
    assert opened.evaluate("document.activeElement.id") == "list-rank"
    opened.locator("#list-table").click()
    opened.wait_for_selector("#board", state="visible")
    assert not opened.locator("#part-board .list").is_visible()
    screenshot(opened, "board-table-zh-light-380")


def test_a_phone_reaches_every_page_from_the_foot(page, visit, at):
    opened = visit(page("en", width=380, height=800), at("en", "board"))
    foot = opened.locator(".mast nav").bounding_box()
    assert foot
    assert foot["y"] + foot["height"] == 800
    opened.get_by_role("link", name="More", exact=True).click()
    for name in ("Parameters", "Coverage", "Help"):
        assert opened.locator("#more").get_by_role("link", name=name).is_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_large_explanation_opens_branch_by_branch(
    page, visit, at, assert_accessible, screenshot, lang
):
    for scheme, width in LOOKS:
        opened = visit(page(lang, scheme, width, 900), at(lang, "explain-tier"))
        opened.evaluate("window.kept = true")
        closed = opened.locator('.tree [aria-expanded="false"]').first
        name = closed.get_attribute("id")
        closed.focus()
        opened.keyboard.press("Enter")
        opened.wait_for_selector(f'#{name}[aria-expanded="true"]')
        assert opened.evaluate("document.activeElement.id") == name
        assert opened.evaluate("window.kept") is True
        assert opened.locator(f"#{name.removesuffix('-f')} > ul > li").count() > 1
        assert_accessible(opened)
        screenshot(opened, f"explain-open-{lang}-{scheme}-{width}")
        opened.keyboard.press("Enter")
        opened.wait_for_selector(f'#{name}[aria-expanded="false"]')


def test_long_lists_turn_pages_by_keyboard_without_a_new_page(page, visit, at):
    opened = visit(page("en", width=1440), at("en", "parameter-long"))
    opened.evaluate("window.kept = true")
    first = opened.locator("#values tbody th").first.inner_text()
    opened.locator("#values-next").focus()
    opened.keyboard.press("Enter")
    opened.wait_for_selector("#values-back")
    assert "page=2" in opened.url
    assert opened.locator("#values tbody th").first.inner_text() != first
    assert opened.evaluate("document.activeElement.id") == "values-next"
    assert opened.evaluate("window.kept") is True
