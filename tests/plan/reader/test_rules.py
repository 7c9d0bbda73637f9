"""What the words round a number mean: levels, falls, caps, lists, and what is no target."""

import pytest

from dualcarbon.plan.reader import read_notice


def read(text):
    return [(t.value, t.unit, t.comparator, t.direction) for t in read_notice(text).targets]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("能耗下降3%。", [(-3, "%", "=", "down")]),
        ("能耗下降3%以上。", [(-3, "%", "<=", "down")]),
        ("能耗下降不低于3%。", [(-3, "%", "<=", "down")]),
        ("能耗下降3%左右。", [(-3, "%", "~", "down")]),
        ("煤炭消费比重降至46%以下。", [(46, "%", "<=", "level")]),
        ("非化石能源占比提高到25%。", [(25, "%", "=", "level")]),
        ("非化石能源占比提高5个百分点。", [(5, "%", "=", "up")]),
        ("非化石能源占比由20%提高到25%。", [(25, "%", "=", "level")]),
        ("煤炭消费总量控制在2100万吨以内。", [(21e6, "t", "<=", "level")]),
        ("压减煤炭消费10万吨。", [(-100_000, "t", "=", "down")]),
        ("新增光伏装机60万千瓦以上。", [(600_000, "kW", ">=", "up")]),
        ("Energy use will fall by 3%.", [(-3, "%", "=", "down")]),
        ("Energy use will fall by at least 3%.", [(-3, "%", "<=", "down")]),
        ("Energy use will fall to 30 GWh.", [(3e7, "kWh", "=", "level")]),
        ("Waste will be cut by 30 t.", [(-30, "t", "=", "down")]),
        ("Solar capacity will increase by 600 MW.", [(600_000, "kW", "=", "up")]),
        ("The share will rise from 20 % to 25 %.", [(25, "%", "=", "level")]),
        ("Emissions shall be within 2 Mt.", [(2e6, "t", "<=", "level")]),
        ("The fleet is limited to 250 vehicles.", [(250, "count", "<=", "level")]),
        ("Emissions shall be 14.8% lower than in 2020.", [(-14.8, "%", "=", "down")]),
        ("A 60% cut in emissions is sought by 2035.", [(-60, "%", "=", "down")]),
    ],
)
def test_changes_levels_and_caps(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("能耗下降10%-15%。", -10),
        ("绿电占比达到10%~15%。", 10),
        ("The share will reach between 10 and 15 %.", 10),
        ("Renovate 5 to 8 schools.", 5),
        ("能耗总量控制在100-120万吨标准煤以内。", 1_200_000),
    ],
)
def test_a_range_gives_its_binding_end(text, value):
    assert [target.value for target in read_notice(text).targets] == [value]


def test_milestones_keep_the_verb():
    text = "Reduce emissions by 50% by 2030, 75% by 2040 and 95% by 2050."
    assert [target.value for target in read_notice(text).targets] == [-50, -75, -95]
    assert [t.deadline for t in read_notice(text).targets] == ["2030", "2040", "2050"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "化学需氧量、氨氮、氮氧化物排放量分别下降8%、9%和10%。",
            [("化学需氧量", -8), ("氨氮", -9), ("氮氧化物排放量", -10)],
        ),
        (
            "Nitrogen oxides and volatile organic compounds each fall by 2%.",
            [("Nitrogen oxides", -2), ("volatile organic compounds", -2)],
        ),
        ("用水量和用电量均下降2%。", [("用水量", -2), ("用电量", -2)]),
        (
            "The wood ratio, recycling rate and reuse rate reach 30%, 40% and 50% respectively.",
            [("wood ratio", 30), ("recycling rate", 40), ("reuse rate", 50)],
        ),
        ("单位GDP能耗和单位GDP用水量下降3%。", [("单位GDP能耗", -3), ("单位GDP用水量", -3)]),
        ("建设公园和绿地30公顷。", [("公园和绿地", 30)]),
    ],
)
def test_one_target_a_subject(text, expected):
    assert [(t.subject, t.value) for t in read_notice(text).targets] == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("对年综合能耗2000吨标准煤以上的企业开展监察。", "threshold"),
        ("Enterprises consuming more than 2,000 tce shall report.", "threshold"),
        ("New roofs larger than 500 m2 must carry panels.", "threshold"),
        ("截至2023年底，全市累计建成公园120座。", "done"),
        ("By the end of 2023, 46 parks had been built.", "done"),
        ("We have already planted 30,000 trees.", "done"),
        ("Transport accounts for 34 % of emissions.", "fact"),
        ("印发沪发改环资〔2024〕39号文件。", "document"),
        ("实施“千园工程”和“101”行动。", "name"),
        ("See section 12 and page 40 of the annex.", "reference"),
        ("Keep warming below 1.5 °C.", "temperature"),
        ("The grant is up to € 6,000 per household.", "rate_of_support"),
        ("给予每个项目最高500万元补助。", "rate_of_support"),
        ("Emissions shall fall from 40 % to 30 %.", "base_value"),
        ("Install panels equal to the use of 5,000 homes.", "explanation"),
        ("Reports are due within 30 days.", "duration"),
        ("突出五个方面工作。", "structure"),
        ("全市16个区都要落实责任。", "existing"),
        ("建设500千伏变电站。", "rating"),
        ("考核权重为15分。", "score"),
        ("Call 0800 555 123 for help.", "contact"),
        ("Without action emissions would double by 2040.", "done"),
    ],
)
def test_numbers_that_are_no_targets(text, reason):
    draft = read_notice(text)
    assert reason in {item.reason for item in draft.rejected}, draft
    assert len(draft.targets) == (1 if reason == "base_value" else 0)


def test_a_review_section_reports_and_sets_nothing():
    text = (
        "第一部分 2023年工作回顾\n新增光伏12万千瓦。\n\n"
        "第二部分 2024年工作目标\n新增光伏20万千瓦。\n"
    )
    draft = read_notice(text)
    assert [(t.clause, t.value) for t in draft.targets] == [("2.2", 200_000)]
    assert "120" not in str([t.value for t in draft.targets])


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("能耗原则上下降1%。", "in_principle"),
        ("力争新增光伏60万千瓦。", "strive"),
        ("探索建设10个零碳园区。", "explore"),
        ("新增光伏60万千瓦。", "must"),
        ("Strive to add 600 MW of solar.", "strive"),
        ("Reduce energy use by 1% in principle.", "in_principle"),
    ],
)
def test_strength(text, strength):
    assert [target.strength for target in read_notice(text).targets] == [strength]


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("碳排放比2020年下降18%。", "2020"),
        ("能耗较上年下降3%。", "previous year"),
        ("We will cut emissions by 55 % by 2030 compared with 1990.", "1990"),
        ("Emissions will fall by 40% from 2005 levels.", "2005"),
        ("能耗下降3%。", None),
    ],
)
def test_base(text, base):
    assert [target.base for target in read_notice(text).targets] == [base]


def test_a_table_of_indicators():
    text = (
        "| Indicator | Unit | 2020 | Target 2030 |\n| --- | --- | --- | --- |\n"
        "| Solar capacity | MW | 21 | 180 |\n| Fall of emissions | % | 18 | 60 |\n"
        "| Homes with heat pumps | | 900 | 14,000 |\n"
    )
    found = [(t.subject, t.value, t.unit) for t in read_notice(text).targets]
    assert found == [
        ("Solar capacity", 180_000, "kW"),
        ("Fall of emissions", 60, "%"),
        ("Homes with heat pumps", 14_000, "count"),
    ]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("We will cut gas use by a third from 2019 levels.", -100 / 3, "%"),
        ("Burning incidents shall be brought down by half.", -50, "%"),
        ("We will plant a quarter of a million trees.", 250_000, "count"),
        ("The council will plant half a million shrubs.", 500_000, "count"),
        ("The electric share shall rise to just over half.", 50, "%"),
        ("Peak demand should be at least 45 MW lower than the forecast of 910 MW.", -45_000, "kW"),
        ("Waste must drop below 2.5 pounds per person per day.", 2.5, "lb/person/day"),
        ("Electric buses: 900 to be inducted.", 900, "count"),
        ("The ratio of cars to chargers shall be no higher than 3.5.", 3.5, "1"),
        ("2025年公共机构屋顶光伏覆盖率过半。", 50, "%"),
        ("到2027年吨硅铁冶炼综合能耗降到980千克标准煤以内。", 980, "kgce/t"),
    ],
)
def test_ways_of_saying_a_number(text, value, unit):
    found = read_notice(text).targets
    assert [(item.value, item.unit) for item in found] == [(pytest.approx(value), unit)]


@pytest.mark.parametrize(
    "text",
    [
        "Bids over €40,000 shall be decided by the board.",
        "Trips under 3 km should be made on foot.",
        "Towns that exceed the cap by more than 15 percent shall be interviewed.",
        "Plants found 12% above the limit shall be given a year to comply.",
        "Item 9 of the plan shall be closed.",
        "Capacity reached 7.8 GW on 31 March 2024, a rise of 22 per cent in one year.",
        "时间过半，各区应加快进度。",
    ],
)
def test_what_only_defines_or_reports_sets_nothing(text):
    assert read_notice(text).targets == ()


def test_a_fall_named_in_the_subject_holds_for_the_whole_list():
    text = "The reductions of energy use in Aton and Beli shall be at least 3% and 2% respectively."
    assert [(t.value, t.comparator) for t in read_notice(text).targets] == [(-3, "<="), (-2, "<=")]
