"""The pages of the account: parts add up, numbers lead to their explanation, exports are whole."""

import csv
import io
import os
import re
import subprocess
import sys

import openpyxl
import psycopg
import pytest
from tests.web import city

pytestmark = pytest.mark.web
HEAD = "subject_kind,subject,carrier,flow,period,quantity,unit,vintage,recorded_at,source"
PAGES = [name for name in city.pages(["x"]) if name.split("-")[0] in (
    "accounts", "balance", "drivers", "reconciliation", "compare", "peak")]  # fmt: skip


@pytest.fixture
def account(db):
    from dualcarbon_web.accounting.models import Account

    return Account.objects.get()


def rows(client, path: str) -> list[dict[str, str]]:
    text = client.get(path).content.decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith(("#", '"#'))]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def column(found: list[dict[str, str]], words: str) -> list[str]:
    name = next(key for key in found[0] if words in key)
    return [row[name] for row in found]


@pytest.mark.parametrize("by", ["carrier", "section", "division", "area"])
@pytest.mark.parametrize("gas", ["tce_equal", "tce_calorific", "CO2", "CO2e", "CH4", "N2O"])
def test_the_parts_of_every_cut_add_up_to_the_whole_to_the_gram(client, db, by, gas):
    found = rows(client, f"/en/accounts/?by={by}&gas={gas}&format=csv")
    for words in ("This period, whole grams", "To date, whole grams"):
        whole, *parts = [int(text) for text in column(found, words)]
        assert sum(parts) == whole > 0


def test_a_number_leads_to_its_explanation_and_on_to_the_rows(client, db):
    page = client.get("/en/accounts/?by=carrier").content.decode()
    code = re.search(r'class="num" href="(/en/explain/[^"]+)"', page)[1]
    told = client.get(code).content.decode()
    assert "same digits" in told
    deeper = re.search(r'href="(/en/explain/[0-9a-f]{16}:cube:\d+/)"', told)[1]
    assert "same digits" in client.get(deeper).content.decode()


def test_an_industry_is_explained_by_its_enterprises_by_name(client, db):
    page = client.get("/en/accounts/?by=division").content.decode()
    place = page.index("Smelting and pressing of ferrous metals</a>")
    code = re.search(r'href="(/en/explain/[^"]+)"', page[place:])[1]
    told = client.get(code).content.decode()
    assert "Jiagang United Steel" in told
    assert "same digits" in told


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_page_exports_with_its_mark(client, db, name, form):
    path = "/en" + city.pages(["x"])[name]
    body = client.get(f"{path}{'&' if '?' in path else '?'}format={form}").content
    if form == "csv":
        assert "SYNTHETIC DATA" in body.decode("utf-8-sig")
    else:
        book = openpyxl.load_workbook(io.BytesIO(body))
        cells = [row[0] for row in book.active.iter_rows(max_row=4, values_only=True)]
        assert "SYNTHETIC DATA" in cells


def test_everything_of_a_subject_is_there_in_whole_grams(client, account):
    found = rows(client, "/en/accounts/?subject=990104-0001&format=csv&all=1")
    line = account.lines.get(subject="990104-0001", carrier="")
    grams = [g for g in line.amounts["tce_equal"] if g is not None]
    told = [
        int(text)
        for text, gas, carrier in zip(
            column(found, "Whole grams"), column(found, "Gas"), column(found, "Carrier code"),
            strict=True,
        )
        if gas == "tce_equal" and carrier == ""
    ]  # fmt: skip
    assert told == grams


@pytest.mark.parametrize("asked", ["subject=nobody", "gas=XX", "period=1999", "by=moon", "scope=9"])
def test_what_an_account_cannot_answer_falls_back_to_the_widest_view(client, db, asked):
    text = client.get(f"/en/accounts/?{asked}").content.decode()
    assert "Tingchuan" in re.search(r"<h1.*?</h1>", text, re.DOTALL)[0]


def test_htmx_gets_the_part_alone_and_the_table_alone(client, db):
    for target, least in (("part-explorer", "<h1"), ("part-account", "<table")):
        headers = {"hx-request": "true", "hx-target": target}
        text = client.get("/en/accounts/?by=area", headers=headers).content.decode()
        assert least in text
        assert "<html" not in text


def test_rows_without_a_parameter_are_marked_and_listed(client, account):
    assert account.unmatched
    text = client.get("/en/accounts/?by=division").content.decode()
    assert "Reported, but not in any total" in text


def test_the_balance_adds_up(client, db):
    found = rows(client, "/en/accounts/balance/?by=carrier&format=csv")
    by_name = {next(iter(row.values())): row for row in found}
    for name in list(found[0])[1:]:
        cells = {
            key: float(by_name[key][name].replace("—", "0"))
            for key in ("Supply", "Transformation", "Loss", "Final use", "Statistical difference")
        }
        assert cells["Supply"] + cells["Transformation"] == pytest.approx(
            cells["Loss"] + cells["Final use"] + cells["Statistical difference"], abs=1e-5
        )


def test_effects_of_a_district_add_up_to_its_change(client, db):
    for row in rows(client, "/en/accounts/drivers/?what=co2&format=csv"):
        effects = [float(v) for key, v in row.items() if key.startswith("Effects") and v]
        if effects:
            change = next(v for key, v in row.items() if key.startswith("Change"))
            assert sum(effects) == pytest.approx(float(change), abs=1e-9)


def test_the_causes_of_a_gap_add_up_to_it(client, db):
    for row in rows(client, "/en/accounts/reconciliation/?format=csv"):
        if row["gap, g (g)" if "gap, g (g)" in row else "gap, g"]:
            causes = [int(row[f"{cause}, g"]) for cause in ("boundary", "activity", "factor")]
            assert sum(causes) == int(row["gap, g"])


def test_two_editions_differ_by_four_kinds_of_change_to_the_gram(client, db):
    steps = ("data", "parameter", "method", "boundary")
    for row in rows(client, "/en/accounts/editions/?format=csv"):
        moved = sum(int(row[f"{step}, g"]) for step in steps)
        assert int(row["from, g"]) + moved == int(row["to, g"])


def test_another_gwp_set_is_a_change_of_method_and_moves_no_co2(client, db):
    found = rows(client, "/en/accounts/editions/?pair=gwp:AR6&gas=CO2:1&format=csv")
    assert {row["method, g"] for row in found} == {"0"}
    found = rows(client, "/en/accounts/editions/?pair=gwp:AR6&gas=CO2e:1&format=csv")
    assert int(found[0]["method, g"]) != 0
    assert {row["data, g"] for row in found} == {"0"}


def test_the_peak_page_never_says_peaked(client, db):
    for language, word in (("en", r"\bpeaked\b(?! is for)"), ("zh-hans", "已达峰")):
        text = client.get(f"/{language}/accounts/peak/").content.decode()
        assert not re.search(word, text)


def test_pages_without_an_account_say_what_would_be_there(client, db):
    from dualcarbon_web.accounting.models import Account, Analysis

    Analysis.objects.all().delete()
    for page in ("balance", "drivers", "reconciliation", "editions", "peak"):
        answer = client.get(f"/en/accounts/{page}/")
        assert answer.status_code == 200
        assert 'class="empty"' in answer.content.decode()
    Account.objects.all().delete()
    for page in ("", "balance/", "drivers/", "reconciliation/", "editions/", "peak/"):
        text = client.get(f"/en/accounts/{page}").content.decode()
        assert "No account has been published yet" in text


def test_what_is_not_released_is_not_shown(client, account, django_user_model):
    from dualcarbon_web.accounting.models import Account

    code = f"{account.id}:cells:0"
    Account.objects.update(released=False)
    assert "No account has been published yet" in client.get("/en/accounts/").content.decode()
    assert client.get(f"/en/explain/{code}/").status_code == 404
    assert client.get(f"/en/explain/{account.run}:cube:0/").status_code == 404
    client.force_login(django_user_model.objects.create_user("reader"))
    assert "Whole" in client.get("/en/accounts/").content.decode()
    assert client.get(f"/en/explain/{code}/").status_code == 200


def test_an_account_that_cannot_be_made_leaves_the_standings_and_says_why(db, tmp_path):
    from dualcarbon_web.accounting.models import Account
    from dualcarbon_web.control.services import publish_all

    row = "city,990100,raw_coal,use,2024-01,x,t,,,"
    (tmp_path / "activity.csv").write_text(f"{HEAD}\n{row}\n")
    before = Account.objects.count()
    (edition,) = publish_all(city.PLAN, [city.DATES[-1]], tmp_path)
    assert Account.objects.count() == before
    assert edition.findings


def test_analyses_are_made_once(account, tmp_path):
    from dualcarbon_web.accounting.analyses.services import analyse

    kinds = set(account.analyses.values_list("kind", flat=True))
    assert kinds == {"flows", "drivers", "compare", "reconcile", "peak"}
    assert analyse(account, tmp_path) == []


def test_it_publishes_on_postgresql(pg_url, tmp_path):
    lines = [
        "city,990100,raw_coal,use,2024-01,900,t,,,",
        "enterprise,E1,raw_coal,use,2024-01,300,t,,,",
        "enterprise,E1,electricity,use,2024-01,7,t,,,",
    ]
    (tmp_path / "activity.csv").write_text("\n".join([HEAD, *lines]) + "\n")
    own = {key: value for key, value in os.environ.items() if not key.startswith("DUALCARBON_")}
    line = [sys.executable, "-m", "dualcarbon_web", "publish", city.PLAN, "--on", "2024-07-25"]
    line += ["--data", str(tmp_path), "--home", str(tmp_path / "home")]
    done = subprocess.run(
        line, env=own | {"DATABASE_URL": pg_url}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with psycopg.connect(pg_url) as connection:
        told = connection.execute(
            "SELECT amounts->'tce_equal'->>0 FROM accounting_line "
            "WHERE subject_kind = 'city' AND own AND carrier = 'raw_coal'"
        ).fetchone()
    assert told == (str(round(900 * 0.7143 * 1e6)),)
