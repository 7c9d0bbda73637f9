"""Lists of parameters: pages, search, status, and an export that holds every row."""

import csv
import io
import re

import pytest

pytestmark = [pytest.mark.web, pytest.mark.django_db]
LONG = "/en/parameters/n2o_per_energy/"


def names(text: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?([^<]+)', text)


def test_pages_part_the_list_and_lose_nothing(client):
    seen: list[str] = []
    number = 1
    while True:
        text = client.get(f"{LONG}?page={number}").content.decode()
        seen += names(text)
        if "values-next" not in text:
            break
        number += 1
    export = client.get(f"{LONG}?format=csv&page=2").content.decode("utf-8-sig")
    rows = list(csv.DictReader(line for line in io.StringIO(export) if not line.startswith("#")))
    assert number > 1
    assert seen == [row["For"] for row in rows]
    assert all("carrier=" in row["Keys"] for row in rows)


@pytest.mark.parametrize("page", ["0", "-1", "999999", "x", ""])
def test_a_page_that_is_not_there_gives_the_nearest(client, page):
    answer = client.get(f"{LONG}?page={page}")
    assert answer.status_code == 200
    assert names(answer.content.decode())


def test_search_and_status_narrow_the_list(client):
    found = names(client.get(f"{LONG}?q=crude+energy").content.decode())
    assert found
    assert all("crude" in name.casefold() for name in found)
    coal = "/en/parameters/standard_coal/"
    every = client.get(f"{coal}?format=csv").content.decode()
    unsourced = client.get(f"{coal}?status=unsourced&format=csv").content.decode()
    assert 0 < unsourced.count("unsourced") < every.count("\n")
    assert ",sourced," not in unsourced
    assert "Nothing here matches" in client.get(f"{LONG}?q=zzz").content.decode()


def test_sorting_goes_over_all_pages(client):
    text = client.get(f"{LONG}?sort=-value").content.decode()
    values = [float(value) for value in re.findall(r'<td class="m">([\d.]+)</td>', text)]
    whole = client.get(f"{LONG}?format=csv").content.decode("utf-8-sig")
    rows = csv.DictReader(line for line in io.StringIO(whole) if not line.startswith("#"))
    assert values == sorted(values, reverse=True)
    assert values[0] == max(float(row["Value"]) for row in rows)


def test_htmx_gets_a_page_of_the_table_alone(client):
    headers = {"hx-request": "true", "hx-target": "part-values"}
    text = client.get(f"{LONG}?page=2", headers=headers).content.decode()
    assert "<html" not in text
    assert "rows 51–100 of" in text


def test_keys_stay_in_the_form_and_codes_become_words(client):
    text = client.get("/zh-hans/parameters/grid_co2/?keys=area=310000").content.decode()
    assert 'name="keys" value="area=310000"' in text
    assert "上海" in text
    assert 'name="keys" value=""' in client.get("/zh-hans/parameters/grid_co2/").content.decode()
