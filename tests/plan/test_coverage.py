"""Coverage says what is computed, followed or not, adds up, and names commands that exist."""

import shlex
from collections import Counter

import click
import pytest

from dualcarbon.cli import main
from dualcarbon.plan import Plan, load_plan
from dualcarbon.plan.coverage import coverage, coverage_markdown, coverage_rows


@pytest.fixture(scope="module", params=["shanghai-2024", "demo-2024"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return load_plan(request.param)


def test_every_obligation_has_one_row(plan: Plan) -> None:
    assert [row["id"] for row in coverage_rows(plan)] == [item.id for item in plan.commitments]


def test_totals_equal_their_parts(plan: Plan) -> None:
    answer = coverage(plan)
    rows = answer["obligations"]
    assert answer["totals"]["obligations"] == len(rows)
    for part in ("mechanism", "data"):
        counted = Counter(row[part] for row in rows)
        assert answer["totals"][part] == {name: counted[name] for name in answer["totals"][part]}
        assert sum(answer["totals"][part].values()) == len(rows)
        for name, total in answer["totals"][part].items():
            assert total == sum(section[part][name] for section in answer["sections"])
    assert answer["targets"]["obligations"] == len(plan.targets)


def test_no_real_data_is_claimed_where_the_pack_holds_none(plan: Plan) -> None:
    expected = {"synthetic", "none"} if plan.synthetic else {"none"}
    assert {row["data"] for row in coverage_rows(plan)} == expected


def test_computed_means_an_indicator_and_a_yardstick(plan: Plan) -> None:
    for item in plan.commitments:
        if item.coverage.mechanism == "computed":
            assert item.indicator is not None, item.id
            assert item.yardstick != "milestone", item.id
            assert item.value is not None or item.rule is not None, item.id


def test_what_is_not_followed_names_no_room_and_no_command(plan: Plan) -> None:
    for row in coverage_rows(plan):
        followed = row["mechanism"] != "none"
        assert (row["room"] is not None) is followed, row["id"]
        assert (row["command"] is not None) is followed, row["id"]


def test_every_command_named_exists(plan: Plan) -> None:
    for text in {row["command"] for row in coverage_rows(plan)} - {None}:
        program, *words = shlex.split(text)
        assert program == "dualcarbon"
        _follow(main, words)


def _follow(command: click.Command, words: list[str]) -> None:
    """Walk down the groups; then every option of the text must be one of the command."""
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]
    options = {name for part in command.params for name in part.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_markdown_has_every_section_and_target(plan: Plan) -> None:
    for lang in ("zh", "en"):
        text = coverage_markdown(plan, lang)
        assert all(item.title(lang) in text for item in (*plan.sections, *plan.targets))
        widths = {line.count("|") for line in text.split("\n\n")[0].splitlines()}
        assert len(widths) == 1


def test_full_markdown_has_every_clause(plan: Plan) -> None:
    text = coverage_markdown(plan, "en", full=True)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == len(plan.commitments) + 2 * len(plan.sections)
