"""Every page in both languages: it answers, is frugal, says what is invented, and exports whole."""

import csv
import io
import re

import openpyxl
import pytest
from tests.web import city

pytestmark = pytest.mark.web
LANGUAGES = ("zh-hans", "en")
MOST_QUERIES = 15
NAMES = tuple(city.pages(["x"]))
WITHOUT_RESULTS = (
    *("parameters", "parameter", "parameter-long", "parameter-none", "coverage", "help"),
)


@pytest.fixture
def address(editions):
    return lambda language, name: f"/{language}{city.pages(editions)[name]}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_answers_with_few_queries(
    client, address, django_assert_max_num_queries, language, name
):
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get(address(language, name))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.count("<h1") == 1
    assert not re.search(r">\s*(None|nan|False|True)\s*<", text)
    assert not re.search(r"\sstyle=|<style", text)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_RESULTS])
def test_the_mark_stands_in_head_and_body(client, address, name):
    text = client.get(address("en", name)).content.decode()
    assert text.count("SYNTHETIC") >= 2


@pytest.mark.parametrize("path", ["/en/area/310101/", "/en/commitments/99.9/", "/en/explain/x/"])
def test_what_is_not_there_is_404_with_a_way_on(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'href="/en/"' in answer.content.decode()


def test_the_root_leads_to_the_language_of_the_browser(client, db):
    assert client.get("/", headers={"accept-language": "en"}).url == "/en/"
    assert client.get("/", headers={"accept-language": "zh-CN"}).url == "/zh-hans/"


def test_nothing_from_elsewhere_may_run(client, db):
    policy = client.get("/en/help/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def board_csv(client) -> list[dict[str, str]]:
    text = client.get("/en/?format=csv").content.decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith(("#", '"#'))]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def column(rows: list[dict[str, str]], words: str) -> list[str]:
    name = next(key for key in rows[0] if words in key)
    return [row[name] for row in rows]


def test_the_parts_of_the_board_add_up_to_the_city(client, db):
    rows = board_csv(client)
    for words in ("Total energy (equal value) To date", "Contri"):
        whole, *parts = [float(value) for value in column(rows, words)]
        assert sum(parts) == pytest.approx(whole, abs=1e-6), words


def test_gap_is_change_less_target_for_a_rate(client, db):
    rows = board_csv(client)
    target, value = column(rows, "Annual target"), column(rows, "(declared) Year to date")
    for gap, wanted, got in zip(column(rows, "Gap"), target, value, strict=True):
        if gap:
            assert float(gap) == pytest.approx(float(got) - float(wanted), abs=1e-9)


@pytest.mark.parametrize("name", ["board", "wall", "enterprises", "district"])
def test_an_export_carries_mark_user_and_time(client, address, name):
    plain = client.get(address("en", name) + "?format=csv").content.decode("utf-8-sig")
    assert "SYNTHETIC DATA" in plain
    assert re.search(r"visitor \d{4}-\d{2}-\d{2} \d{2}:\d{2}", plain)
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(address("en", name) + "?format=xlsx").content)
    )
    cells = [row[0] for row in book.active.iter_rows(max_row=4, values_only=True)]
    assert "SYNTHETIC DATA" in cells
    rows = book.active.max_row - len([c for c in cells if c]) - 2
    assert rows >= 1


@pytest.mark.parametrize("sort", ["gap", "-gap", "value", "-total", "rank"])
def test_sorting_orders_the_districts_and_keeps_the_city_first(client, db, sort):
    text = client.get(f"/en/?sort={sort}").content.decode()
    names = re.findall(r'<th scope="row" class="fix l">(?:<a[^>]*>)?([^<]+)', text)
    assert names[0] == "Whole city"
    assert "In no district" in names
    key = sort.lstrip("-")
    state = "descending" if sort.startswith("-") else "ascending"
    assert f'aria-sort="{state}"' in text
    assert f"sort={'' if sort.startswith('-') else '-'}{key}" in text


def test_htmx_gets_the_table_alone(client, db):
    headers = {"hx-request": "true", "hx-target": "part-board"}
    text = client.get("/en/?sort=gap", headers=headers).content.decode()
    assert "<table" in text
    assert "<html" not in text


def test_filters_of_the_wall_narrow_it(client, db):
    whole = client.get("/en/commitments/").content.decode().count("/en/commitments/1.")
    only = client.get("/en/commitments/?kind=target&light=2").content.decode()
    assert 0 < only.count("/en/commitments/1.") < whole


def test_a_chart_comes_as_a_file_with_its_mark(client, db):
    answer = client.get("/en/commitments/1.3/?format=svg&chart=this-year")
    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "SYNTHETIC" in text
    assert "var(--" not in text
    assert client.get("/en/commitments/1.3/?format=svg&chart=none").status_code == 404


def test_publishing_again_changes_nothing(db, tmp_path, editions):
    from dualcarbon_web.control.models import Figure, Standing
    from dualcarbon_web.control.services import publish_all

    before = Standing.objects.count(), Figure.objects.count()
    again = publish_all(city.PLAN, list(city.DATES), city.write(tmp_path))
    assert [item.pk for item in again] == editions
    assert (Standing.objects.count(), Figure.objects.count()) == before


def test_what_is_not_released_is_not_shown(client, db, django_user_model):
    from dualcarbon_web.control.models import Edition

    Edition.objects.update(released=False)
    assert "No standing has been published yet" in client.get("/en/").content.decode()
    client.force_login(django_user_model.objects.create_user("reader"))
    assert "Whole city" in client.get("/en/").content.decode()
