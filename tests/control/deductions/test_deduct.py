"""Regimes against numbers worked by hand, and what must hold for any facts."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.control.deductions.conftest import ZERO, Bench, row, year_of

from dualcarbon.control import formulas
from dualcarbon.errors import PackError, UsageError
from dualcarbon.packs import load_pack

TONNE = 1_000_000


def grams(node: Any) -> Any:
    return None if node is None else node.value


def lines(side: Any) -> dict[str, Any]:
    return {line.item.id: grams(line.amount) for line in side.lines}


def two_years(**items: Any) -> list[dict[str, Any]]:
    return [*year_of(2023, 1000, 100), *year_of(2024, 1020, 105, **items)]


def test_ec2024_net_by_hand(bench: Bench) -> None:
    rows = [
        *year_of(2023, 1000, 100, feedstock=100, renewable_power=50),
        *year_of(
            2024,
            1020,
            105,
            feedstock=120,
            renewable_power=80,
            other_non_fossil=7,
            exempt_projects=3,
        ),
    ]
    found = bench.one(rows)
    assert lines(found.now) == {
        "feedstock": 120 * TONNE,
        "non_fossil": 87 * TONNE,
        "exempt_projects": 3 * TONNE,
    }
    assert grams(found.now.net_total) == grams(found.now.net_intensity) == 810 * TONNE
    assert grams(found.before.net_total) == 850 * TONNE
    assert grams(found.changes["intensity_gross"]) == pytest.approx((1020 / 1050 - 1) * 100)
    net = (810 / 105) / (850 / 100) - 1
    assert grams(found.changes["intensity_net"]) == pytest.approx(net * 100)


def test_ec2022_takes_added_renewables_off_the_total_only(bench: Bench) -> None:
    rows = [
        row("renewable_power", 2020, 30),
        *year_of(2023, 1000, 100, renewable_power=50, feedstock=10),
        *year_of(2024, 1020, 105, renewable_power=80, feedstock=20),
    ]
    found = bench.one(rows, "ec2022")
    assert lines(found.now) == {"feedstock": 20 * TONNE, "added_renewable": 50 * TONNE}
    assert grams(found.now.net_total) == 950 * TONNE
    assert grams(found.now.net_intensity) == 1000 * TONNE
    yearly = bench.one(
        [*rows, row("renewable_power", 2022, 45)],
        "ec2022",
        choices={"renewable_base": "previous_year"},
    )
    assert lines(yearly.now)["added_renewable"] == 30 * TONNE
    assert lines(yearly.before)["added_renewable"] == 5 * TONNE


def test_renewables_that_fell_deduct_nothing(bench: Bench) -> None:
    rows = [row("renewable_power", 2020, 300), *two_years()]
    found = bench.one(rows, "ec2022")
    assert lines(found.now)["added_renewable"] == 0
    assert "no increase" in found.now.lines[1].reason.message_en


@pytest.mark.parametrize(("met", "assessed"), [(1, False), (0, True), (None, None)])
def test_ec2021_exempts_the_total(bench: Bench, met: Any, assessed: Any) -> None:
    rows = two_years() if met is None else [*two_years(), row("incentive_met", 2024, met)]
    found = bench.one(rows, "ec2021")
    assert found.total_assessed is assessed
    assert grams(found.now.net_total) == 1020 * TONNE


def test_the_unsourced_item_of_ec2021_is_off_until_chosen(bench: Bench) -> None:
    rows = [
        *two_years(),
        row("above_quota_renewable", 2024, 9),
        row("above_quota_renewable", 2023, 4),
    ]
    assert "above_quota" not in lines(bench.one(rows, "ec2021").now)
    found = bench.one(rows, "ec2021", choices={"above_quota": "deducted"})
    assert lines(found.now)["above_quota"] == 9 * TONNE
    assert found.status == "unsourced"


FIVE = [
    row("energy_total", 2020, 100),
    row("gdp", 2020, 100),
    row("gdp", 2025, 100 * 1.05**5),
    row("intensity_target", 2025, -14),
]


def test_the_cap_is_the_fixture_of_the_domain_page(bench: Bench) -> None:
    many = {"quantity": 50, "certificates": "G1..G9"}
    rows = [*FIVE, *two_years(certificates_in=None), row("certificates_in", 2024, 0) | many]
    found = bench.one(rows)
    parts = found.now.lines[1].parts
    saving, cap = formulas.certificate_cap(100, [5] * 5, -14)
    assert parts["certificate_cap"].value == pytest.approx(cap * TONNE, abs=1)
    assert round(parts["certificate_cap"].value / TONNE, 3) == 8.934
    assert round(saving, 3) == 17.868
    assert lines(found.now)["non_fossil"] == parts["certificate_cap"].value
    assert found.now.lines[1].status == "unsourced"
    fifth = bench.one(rows, choices={"certificate_cap_period": "year"})
    assert lines(fifth.now)["non_fossil"] == pytest.approx(cap * TONNE / 5, abs=1)
    stated = bench.one(
        [*rows, row("required_saving", 2025, 40)], choices={"required_saving": "stated"}
    )
    assert lines(stated.now)["non_fossil"] == 20 * TONNE


def test_power_is_valued_by_the_choice(bench: Bench) -> None:
    rows = two_years(renewable_power=None)
    rows.append(row("renewable_power", 2024, 10_000, unit="kWh"))
    found = bench.one(rows)
    assert lines(found.now)["non_fossil"] == 1_229_000
    equal = bench.one(rows, choices={"power_value": "equal"})
    assert equal.now.lines[1].amount is None
    assert equal.now.net_total is None


@pytest.mark.parametrize("item", sorted(ZERO))
def test_an_absent_input_is_not_zero(bench: Bench, item: str) -> None:
    given = {"feedstock": 20, "renewable_power": 30, item: None}
    found = bench.one(two_years(**given))
    assert found.now.net_total is None
    assert found.now.net_intensity is None
    assert found.changes["intensity_net"] is None
    assert found.changes["intensity_gross"] is not None
    assert grams(found.now.partial) >= 970 * TONNE
    named = [line.reason.found for line in found.missing]
    assert item in named


def test_feedstock_cannot_be_deducted_on_one_side(bench: Bench) -> None:
    rows = [*year_of(2023, 1000, 100, feedstock=None), *year_of(2024, 1020, 105, feedstock=50)]
    found = bench.one(rows, choices={"non_fossil_base": "assessed_year"})
    assert [line.item.id for line in found.before.lines] == ["feedstock", "exempt_projects"]
    assert found.changes["intensity_net"] is None


@pytest.mark.parametrize("level", ["city", "district", "enterprise"])
def test_a_provincial_regime_is_off_below_the_province(bench: Bench, level: str) -> None:
    found = bench.one(two_years(feedstock=100), level=level)
    assert not found.applies
    assert found.now.lines == ()
    assert grams(found.now.net_total) == grams(found.now.gross) == 1020 * TONNE
    assert "no document" in found.reason.message_en


def test_a_cited_document_turns_it_on(bench: Bench, bench_of: Any, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        "id: own\nname_zh: 自\nname_en: Own\nextends: shanghai\nkind: city\narea: '310000'\n",
        "utf-8",
    )
    paper = {
        "id": "d1", "regime": "ec2024", "level": "district", "subjects": ["310104"],
        "valid_from": "2024-01-01", "document": "No. 1", "mark": "A", "status": "sourced",
        "source": {"title": "district rules"},
    }  # fmt: skip
    (folder / "regime_documents.yaml").write_text(yaml.safe_dump([paper]), "utf-8")
    own = bench_of(load_pack(folder))
    for subject, applies in (("徐汇区", True), ("Huangpu", False)):
        rows = [{**entry, "subject": subject} for entry in two_years(feedstock=100)]
        assert own.one(rows, level="district").applies is applies
    early = [{**entry, "subject": "徐汇区", "year": entry["year"] - 2} for entry in two_years()]
    assert not own.one(early, level="district").applies
    paper["document"] = ""
    (folder / "regime_documents.yaml").write_text(yaml.safe_dump([paper]), "utf-8")
    with pytest.raises(PackError):
        own.one(two_years(), level="district")


def test_certificates_count_once_across_subjects(bench: Bench) -> None:
    rows = []
    for subject in ("徐汇区", "黄浦区"):
        own = [*FIVE, *two_years(certificates_in=None)]
        own.append(row("certificates_in", 2024, 10, certificates="GC01..GC10"))
        rows += [{**entry, "subject": subject} for entry in own]
    found = {item.subject: lines(item.now)["non_fossil"] for item in bench.all(rows)}
    assert sorted(found.values()) == [0, 8_933_971]
    assert "control.deduct_twice" in {f.rule for f in bench.facts(rows).findings}


def test_a_certificate_that_came_with_power_does_not_count_again(bench: Bench) -> None:
    rows = [*FIVE, *two_years(certificates_in=None, renewable_power=None)]
    rows.append(row("renewable_power", 2024, 5, certificates="A1..A5"))
    rows.append(row("certificates_in", 2024, 5, certificates="A1..A5"))
    assert lines(bench.one(rows).now)["non_fossil"] == 5 * TONNE


def test_what_is_sold_leaves_the_seller_and_reaches_the_buyer(bench: Bench) -> None:
    seller = two_years(renewable_power=None, certificates_out=None)
    seller.append(row("renewable_power", 2024, 5, certificates="A1..A5"))
    seller.append(row("certificates_out", 2024, 3, certificates="A1..A3"))
    buyer = [*FIVE, *two_years(certificates_in=None)]
    buyer.append(row("certificates_in", 2024, 3, certificates="A1..A3"))
    rows = [{**entry, "subject": "徐汇区"} for entry in seller]
    rows += [{**entry, "subject": "黄浦区"} for entry in buyer]
    found = {item.subject: lines(item.now)["non_fossil"] for item in bench.all(rows)}
    assert found == {"310104": 2 * TONNE, "310101": 3 * TONNE}


def test_more_sold_than_there_is_gives_nothing(bench: Bench) -> None:
    found = bench.one(two_years(certificates_out=4, renewable_power=3))
    assert found.now.lines[1].amount is None
    assert "more certificates were sold" in found.now.lines[1].reason.message_en


@pytest.mark.parametrize(
    "bad",
    [
        {"quantity": -1},
        {"quantity": "NaN"},
        {"quantity": ""},
        {"unit": "m3"},
        {"unit": "barrels"},
    ],
)
def test_a_row_that_cannot_stand_leaves_its_amount_absent(bench: Bench, bad: Any) -> None:
    rows = [*two_years(), row("feedstock", 2024, 5, evidence="second sheet") | bad]
    found = bench.one(rows)
    assert lines(found.now)["feedstock"] is None
    assert found.now.net_total is None


def test_certificates_without_numbers_prove_nothing(bench: Bench) -> None:
    found = bench.one([*FIVE, *two_years(certificates_in=5)])
    assert found.now.lines[1].amount is None


def test_more_deducted_than_there_is_gives_no_net(bench: Bench) -> None:
    found = bench.one(two_years(feedstock=5000))
    assert found.now.net_total is None
    assert "control.deduct_too_much" in {f.rule for f in found.findings}


def test_only_what_was_recorded_by_the_day_is_known(bench: Bench) -> None:
    rows = [
        *two_years(feedstock=None),
        row("feedstock", 2024, 10, recorded_at="2025-01-31"),
        row("feedstock", 2024, 12, recorded_at="2025-04-30"),
    ]
    early = bench.one(rows, on=dt.date(2025, 2, 1))
    assert lines(early.now)["feedstock"] == 10 * TONNE
    assert lines(bench.one(rows, on=dt.date(2025, 5, 1)).now)["feedstock"] == 12 * TONNE
    assert lines(bench.one(rows, on=dt.date(2025, 1, 1)).now)["feedstock"] is None


@pytest.mark.parametrize(
    "options",
    [
        {"choices": {"power_value": "guess"}},
        {"choices": {"nonsense": "x"}},
        {"base": 2024},
        {"subject": "nowhere"},
    ],
)
def test_wrong_usage_is_refused(bench: Bench, options: Any) -> None:
    with pytest.raises(UsageError):
        bench.one(two_years(), **options)


def test_future_rule_does_not_change_earlier_years(
    bench: Bench, bench_of: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "later"
    (folder / "regimes").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "id: later\nname_zh: 后\nname_en: Later\nextends: shanghai\nkind: city\narea: '310000'\n",
        "utf-8",
    )
    known = load_pack("china").folder / "regimes" / "ec2024.yaml"
    future = yaml.safe_load(known.read_text("utf-8"))
    future |= {"id": "ec2031", "valid_from": dt.date(2031, 1, 1)}
    future["items"] = future["items"][:1]
    (folder / "regimes" / "ec2031.yaml").write_text(yaml.safe_dump(future), "utf-8")
    paper = {
        "id": "later", "regime": "ec2031", "level": "province", "subjects": "all",
        "valid_from": "2031-01-01", "document": "No. 9", "mark": "A", "status": "sourced",
        "source": {"title": "later"},
    }  # fmt: skip
    (folder / "regime_documents.yaml").write_text(yaml.safe_dump([paper]), "utf-8")
    rows = two_years(feedstock=20, renewable_power=30)
    later = bench_of(load_pack(folder))
    for regime in ("ec2021", "ec2022", "ec2024"):
        old, new = bench.one(rows, regime), later.one(rows, regime)
        assert (old.now, old.before, old.document) == (new.now, new.before, new.document) or (
            lines(old.now) == lines(new.now)
            and grams(old.now.net_total) == grams(new.now.net_total)
            and {k: grams(v) for k, v in old.changes.items()}
            == {k: grams(v) for k, v in new.changes.items()}
            and old.document == new.document
        )
    assert later.one(rows, "ec2031").document is None


@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"id": "x", "formula": "eval"}]},
        {"applies_to": {"levels": ["planet"]}},
        {"choices": {"power_value": "magic"}},
        {"mark": "D"},
        {"valid_from": "soon"},
    ],
)
def test_a_regime_outside_the_closed_lists_is_refused(
    bench_of: Any, tmp_path: Path, change: Any
) -> None:
    folder = tmp_path / "bad"
    (folder / "regimes").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "id: bad\nname_zh: 坏\nname_en: Bad\nextends: shanghai\nkind: city\narea: '310000'\n",
        "utf-8",
    )
    known = load_pack("china").folder / "regimes" / "ec2024.yaml"
    raw = yaml.safe_load(known.read_text("utf-8")) | change
    (folder / "regimes" / "bad.yaml").write_text(yaml.safe_dump(raw), "utf-8")
    with pytest.raises(PackError):
        bench_of(load_pack(folder)).one(two_years())


AMOUNT = st.one_of(st.none(), st.integers(0, 400))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    now=st.fixed_dictionaries({name: AMOUNT for name in ZERO if name != "certificates_in"}),
    before=st.fixed_dictionaries({name: AMOUNT for name in ZERO if name != "certificates_in"}),
    energy=st.integers(0, 2000),
    regime=st.sampled_from(["ec2021", "ec2022", "ec2024"]),
)
def test_net_is_never_above_gross_and_no_deduction_is_negative(
    bench: Bench, now: Any, before: Any, energy: int, regime: str
) -> None:
    rows = [*FIVE, row("renewable_power", 2020, 100)]
    rows += [*year_of(2023, energy, 100, **before), *year_of(2024, energy, 105, **now)]
    found = bench.one(rows, regime)
    for side in (found.now, found.before):
        assert all(value is None or value >= 0 for value in lines(side).values())
        for net in (side.net_total, side.net_intensity):
            if net is not None:
                assert 0 <= net.value <= side.gross.value
        if regime != "ec2021" and any(line.problem and line.item.total for line in side.lines):
            assert side.net_total is None
