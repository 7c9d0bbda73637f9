"""Large explanations: the first levels at once, every branch within reach, nothing lost."""

import csv
import io
import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dualcarbon_web.control.tree import ROWS, SIDE, Tree

pytestmark = pytest.mark.web


def term(name="x", value=1.0, terms=(), **more):
    empty = dict.fromkeys(("unit", "place", "parameter", "code", "source", "status"))
    return {**empty, "name": name, "value": value, "terms": list(terms), **more}


def part(field, terms):
    return {"field": field, **term(field, 0.0, terms)}


SHAPES = st.recursive(
    st.builds(term), lambda inner: st.builds(lambda terms: term(terms=terms), st.lists(inner))
)


def size(terms) -> int:
    return sum(1 + size(one["terms"]) for one in terms)


def shown(branch) -> int:
    return sum(1 + shown(inner) for inner in branch.inside)


@given(st.lists(SHAPES, max_size=5))
@settings(deadline=None)
def test_every_input_is_reached_by_its_path(terms):
    found = 0
    waiting = [str(index) for index in range(1)]
    while waiting:
        path = waiting.pop()
        tree = Tree.of([part("value", terms)])
        first = 0
        while (branch := tree.reach(path, first)) and branch.inside:
            found += len(branch.inside)
            waiting += [inner.path for inner in branch.inside if inner.many]
            first = branch.after
            if not branch.following:
                break
    assert found == size(terms)


@pytest.mark.parametrize(("many", "opened"), [(3, True), (ROWS + 1, False)])
def test_a_level_is_opened_whole_or_not_at_all(many, opened):
    below = [term(f"b{index}", index, [term(f"c{index}")]) for index in range(many)]
    tree = Tree.of([part("value", [term("a", 1, below[:SIDE]), term("b", 2, below[SIDE:])])])
    tree.unfold()
    inner = tree.roots[0].inside
    assert all(bool(branch.inside) is opened for branch in inner if branch.many)
    assert shown(tree.roots[0]) <= ROWS + 2


def test_what_stands_above_is_named_and_not_called_a_constant():
    sums = term("sum", 3.0, [term("part", 3.0, place="a.csv!!B2")])
    roots = Tree.of(
        [part("value", [sums]), part("gap", [term("value: sum", 3.0), term("sum", 3.0)])]
    )
    roots.unfold()
    field, again = roots.roots[1].inside
    assert (field.above, again.above) == ("0", "0.0")
    assert roots.roots[0].inside[0].above == ""


@pytest.mark.parametrize("path", ["9", "0.99999", "x", "0.-1", "0..1", "٣", "0." * 400 + "0"])
def test_a_path_that_is_not_there_is_404(client, big, path):
    assert client.get(f"{big}?at={path}").status_code == 404


@pytest.fixture
def big(editions) -> str:
    """The largest explanation of the latest edition."""
    from dualcarbon_web.control.models import Standing

    row = Standing.objects.get(edition=editions[-1], commitment="4.5", subject_kind="tier")
    return f"/en/explain/{row.code}/"


def rows(text: str) -> list[str]:
    return re.findall(r'<li class="d\d+" id="(t-[\d-]+)"', text)


def test_a_large_explanation_starts_small_and_a_branch_comes_alone(client, big):
    text = client.get(big).content.decode()
    assert len(rows(text)) <= ROWS + 40
    address = next(
        unescape(found) for found in re.findall(r'aria-expanded="false" hx-get="([^"]+)"', text)
    )
    path = address.partition("at=")[2]
    alone = client.get(address, headers={"hx-request": "true"}).content.decode()
    name = f"t-{path.replace('.', '-')}"
    assert rows(alone)[0] == name
    assert all(row.startswith(name) for row in rows(alone))
    assert "<html" not in alone
    closed = client.get(f"{address}&fold=1", headers={"hx-request": "true"}).content.decode()
    assert rows(closed) == [name]
    whole = client.get(address).content.decode()
    assert set(rows(alone)) <= set(rows(whole))
    assert "<html" in whole


def test_inputs_beyond_the_first_follow_when_asked(client, editions):
    from dualcarbon_web.control.models import Standing

    code = Standing.objects.get(edition=editions[-1], commitment="5.4").code
    first = client.get(f"/en/explain/{code}/").content.decode()
    assert f"the next {SIDE} of" in first
    headers = {"hx-request": "true"}
    address = f"/en/explain/{code}/?at=0&from={SIDE}"
    following = client.get(address, headers=headers).content.decode()
    assert rows(following)[0] == f"t-0-{SIDE}"
    assert "t-0-0" not in rows(following)
    assert "the inputs before" in client.get(address).content.decode()


def test_the_export_of_an_explanation_is_whole(client, big):
    text = client.get(f"{big}?format=csv").content.decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith(("#", '"#'))]
    found = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert len(found) > 10 * ROWS
    assert len({row["Position"] for row in found}) == len(found)
    places = [row["Explain code or place"] for row in found]
    assert sum("activity.csv!!" in place for place in places) > ROWS
    assert "SYNTHETIC DATA" in text
