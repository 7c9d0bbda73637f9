"""The pack of the invented city names no real place and gives its districts a whole frame."""

import re

import pytest

from dualcarbon.areas import load_areas
from dualcarbon.packs import built_in, load_pack
from dualcarbon.parameters import load_parameters
from dualcarbon.plan import load_plan

REAL = re.compile(
    r"上海|沪|崇明|宝山|宝武|金山|吴泾|漕泾|杭州|长三角|蒙电|浦东|徐汇|嘉定|松江|奉贤|青浦|闵行"
    r"|Shanghai|Chongming|Baoshan|Baowu|Jinshan|Wujing|Caojing|Hangzhou|Yangtze|Mongolia|Pudong"
    r"|Xuhui|Minhang|Jiading|Songjiang|Fengxian|Qingpu|Huangpu",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def plan():
    return load_plan("demo-2024")


def words(commitment):
    yield from (commitment.title_zh, commitment.title_en, commitment.text_zh, commitment.text_en)
    yield from (commitment.evidence_zh, commitment.evidence_en)
    yield from (name for item in commitment.lead for name in (item.name_zh, item.name_en))
    yield from (name for item in commitment.support for name in (item.name_zh, item.name_en))
    yield from (name for item in commitment.thresholds for name in (item.name_zh, item.name_en))


def test_no_real_place_in_the_commitments(plan):
    found = {
        commitment.id: match.group()
        for commitment in plan.commitments
        for text in words(commitment)
        if (match := REAL.search(text))
    }
    assert found == {}


def test_no_real_place_in_the_head_of_the_notice(plan):
    head = (plan.title_zh, plan.title_en, plan.document, plan.issuer_zh, plan.issuer_en)
    assert not [text for text in head if REAL.search(text)]
    assert [target.subject for target in plan.history] == []


def test_no_real_place_in_the_bodies_or_sections(plan):
    names = [name for body in plan.bodies for name in (body.name_zh, body.name_en)]
    names += [name for part in plan.sections for name in (part.title_zh, part.title_en)]
    assert not [name for name in names if REAL.search(name)]


def test_the_invented_city_has_bodies_of_its_own(plan):
    real = load_plan("shanghai-2024")
    assert all(body.id.startswith("tc-") for body in plan.bodies)
    assert len(plan.bodies) == len(real.bodies)
    names = {name for body in real.bodies for name in (body.name_zh, body.name_en)}
    assert not names & {name for body in plan.bodies for name in (body.name_zh, body.name_en)}
    for mine, theirs in zip(plan.commitments, real.commitments, strict=True):
        assert len(mine.lead) == len(theirs.lead)
        assert len(mine.support) == len(theirs.support)


def test_no_real_place_in_the_generated_files(folder):
    for path in folder.iterdir():
        assert not REAL.search(path.read_text(encoding="utf-8")), path.name


def test_no_real_place_in_the_files_of_the_pack():
    for path in (built_in() / "demo").rglob("*.yaml"):
        text = re.sub(
            r"shanghai-2024|extends: shanghai|replaces: sh-[a-z-]+", "", path.read_text("utf-8")
        )
        assert not REAL.search(text), path.name


def test_commitments_name_districts_of_the_city_only(plan):
    named = {
        code for item in plan.commitments if item.districts != "all" for code in item.districts
    }
    assert named <= {f"9901{number:02d}" for number in range(1, 17)}


def test_the_duties_are_those_of_the_notice_it_follows(plan):
    other = load_plan("shanghai-2024")
    assert [item.id for item in plan.commitments] == [item.id for item in other.commitments]
    for mine, theirs in zip(plan.commitments, other.commitments, strict=True):
        assert (mine.value, mine.unit, mine.indicator) == (
            theirs.value,
            theirs.unit,
            theirs.indicator,
        )


def test_every_district_has_a_synthetic_five_year_target(plan):
    for code in [f"9901{number:02d}" for number in range(1, 17)]:
        for indicator in ("energy_intensity", "co2_intensity"):
            target = plan.five_year.target(indicator, code)
            assert target is not None, code
            assert target.status == "synthetic"
            assert -16 < target.value < -11


def test_the_city_has_sixteen_districts_on_sixteen_tiles(pack):
    districts = load_areas(pack).children("990100")
    assert [area.code for area in districts] == [f"9901{number:02d}" for number in range(1, 17)]
    tiles = {area.tile for area in districts}
    assert len(tiles) == 16
    assert all(0 <= place < 6 for tile in tiles for place in tile)


def test_key_regions_overlap_with_shares_that_fit(pack):
    regions = {k: cut for k, cut in load_areas(pack).cuts.items() if k.startswith("key_region")}
    assert len(regions) == 4
    shares = {}
    for cut in regions.values():
        for area, share in cut.members:
            shares.setdefault(area, []).append(share)
    assert any(len(found) > 1 for found in shares.values())
    assert all(0 < sum(found) <= 1 for found in shares.values())


def test_own_parameters_are_synthetic_and_say_so(pack):
    own = [item for item in load_parameters(pack) if item.pack == "demo"]
    assert own
    assert {item.status for item in own} == {"synthetic"}


def test_the_pack_says_that_it_is_synthetic():
    assert load_pack("demo").synthetic
