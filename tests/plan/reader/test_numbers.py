"""Numbers and units: written in many ways, read back to one value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualcarbon.plan.reader import read_notice
from dualcarbon.plan.reader.numbers import find_numbers, parse_numeral, parse_words

ZH_DIGITS = "零一二三四五六七八九"
SMALL = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WIDE = str.maketrans("0123456789.%", "０１２３４５６７８９．％")


def chinese(value: int) -> str:
    """Write a number below 10^8 in Chinese numerals, by the rules of the language."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return chinese(high) + "万" + (gap + chinese(low) if low else "")
    text, pending = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, place)
        if digit:
            text += ("零" if pending and text else "") + ZH_DIGITS[digit] + name
            pending = False
        else:
            pending = True
    return text


def english(value: int) -> str:
    """Write a number below a million in English words."""
    if value >= 1000:
        high, low = divmod(value, 1000)
        return f"{english(high)} thousand" + (f" {english(low)}" if low else "")
    if value >= 100:
        high, low = divmod(value, 100)
        return f"{english(high)} hundred" + (f" and {english(low)}" if low else "")
    if value >= 20:
        high, low = divmod(value, 10)
        return TENS[high - 2] + (f"-{SMALL[low]}" if low else "")
    return SMALL[value]


def only(text: str):
    targets = read_notice(text).targets
    assert len(targets) == 1, (text, targets)
    return targets[0]


@given(st.integers(1, 99_999_999))
def test_chinese_numerals_read_back(value):
    assert parse_numeral(chinese(value)) == value


@given(st.integers(1, 999_999))
def test_english_words_read_back(value):
    assert parse_words(english(value)) == value


@given(st.integers(2, 999), st.sampled_from([("", 1), ("万", 1e4), ("亿", 1e8), ("百万", 1e6)]))
def test_chinese_scales_multiply_out(figures, scale):
    target = only(f"新增发电量{figures}{scale[0]}千瓦时。")
    assert (target.value, target.unit) == (figures * scale[1], "kWh")


@given(
    st.decimals("0.1", "999", places=1),
    st.sampled_from([("", 1), (" thousand", 1e3), (" million", 1e6), (" billion", 1e9)]),
)
def test_english_scales_multiply_out(figures, scale):
    target = only(f"We will generate {figures}{scale[0]} kWh of solar power.")
    assert target.value == pytest.approx(float(figures) * scale[1])
    assert target.unit == "kWh"


@given(st.integers(1000, 9_999_999), st.sampled_from([",", "\u00a0", "\u2009", "\u202f", "'"]))
def test_parted_thousands(value, mark):
    written = f"{value:,}".replace(",", mark)
    target = only(f"Restore {written} ha of peat.")
    assert (target.value, target.unit) == (value, "ha")


@given(st.decimals("0.1", "99.9", places=1))
def test_percent_in_every_spelling(value):
    zh = [
        f"能耗下降{value}%。",
        f"能耗下降{str(value).translate(WIDE)}％。",
        f"能耗下降{value}个百分点。",
    ]
    en = [
        f"Energy use will fall by {value}{word}." for word in ("%", " %", " per cent", " percent")
    ]
    for text in zh + en:
        target = only(text)
        assert (target.value, target.unit) == (-float(value), "%")
        assert target.direction == "down"


@given(st.integers(1, 99))
def test_percent_in_numerals(value):
    target = only(f"能耗下降百分之{chinese(value)}。")
    assert (target.value, target.unit) == (-value, "%")


@given(st.integers(2, 9_999))
def test_counts_with_classifiers(value):
    for number in (str(value), chinese(value)):
        target = only(f"全年新建充电站{number}座。")
        assert (target.value, target.unit) == (value, "count")


@pytest.mark.parametrize(
    ("words", "value", "unit"),
    [
        ("60万千瓦", 600_000, "kW"),
        ("40亿千瓦时", 4e9, "kWh"),
        ("1.5吉瓦", 1_500_000, "kW"),
        ("300兆瓦", 300_000, "kW"),
        ("3.1万亩", 31_000, "mu"),
        ("200万平方米", 2e6, "m2"),
        ("120平方公里", 120, "km2"),
        ("5000万吨标准煤", 5e7, "tce"),
        ("2.4亿元", 2.4e8, "CNY"),
        ("500万度", 5e6, "kWh"),
        ("12万户", 120_000, "count"),
        ("30公顷", 30, "ha"),
        ("15亿立方米", 1.5e9, "m3"),
        ("50万吨/日", 500_000, "t/day"),
        ("两千五百公里", 2500, "km"),
    ],
)
def test_chinese_units(words, value, unit):
    target = only(f"全年新增总规模{words}。")
    assert (target.value, target.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    ("words", "value", "unit"),
    [
        ("1.5 GW of wind", 1_500_000, "kW"),
        ("300MW of wind", 300_000, "kW"),
        ("2.5 TWh of heat", 2.5e9, "kWh"),
        ("4 billion kWh of power", 4e9, "kWh"),
        ("2 million square metres of flats", 2e6, "m2"),
        ("0.3 Mt of CO2 storage", 300_000, "t"),
        ("812 kt CO2 of storage", 812_000, "t"),
        ("12,600 tonnes of CO2e of storage", 12_600, "t"),
        ("€ 250 million of funds", 2.5e8, "EUR"),
        ("€1.9m of funds", 1.9e6, "EUR"),
        ("EUR 1.4 billion of funds", 1.4e9, "EUR"),
        ("80 million yuan of funds", 8e7, "CNY"),
        ("640 000 tonnes of storage", 640_000, "t"),
        ("2,400 public charging points", 2400, "count"),
        ("twenty-five cool schools", 25, "count"),
        ("three hundred buses", 300, "count"),
        ("31,000 mu of forest", 31_000, "mu"),
        ("200,000 tons of standard coal", 200_000, "tce"),
        ("1.2 lakh trees", 120_000, "count"),
    ],
)
def test_english_units(words, value, unit):
    target = only(f"The city will provide {words}.")
    assert (target.value, target.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Water use shall not exceed 150 litres per person per day.", 150, "L/person/day"),
        ("Water use per inhabitant is to fall to 130 litres a day.", 130, "L/person/day"),
        ("Heat demand must stay below 40 kWh per square metre per year.", 40, "kWh/m2"),
        ("Heat demand must not exceed 75 kWh/m²a.", 75, "kWh/m2"),
        ("Emissions shall fall to 3.2 t CO2e per inhabitant.", 3.2, "t/person"),
        ("Energy use shall not exceed 0.32 tce per 10,000 yuan.", 0.32, "tce/10^4 CNY"),
        ("Coal use shall fall to 305 grams of standard coal per kilowatt-hour.", 305, "gce/kWh"),
        ("The plant shall treat 200 tonnes per day.", 200, "t/day"),
        ("The PUE of new data centres shall be below 1.3.", 1.3, "1"),
        ("人均日生活用水量控制在110升以内。", 110, "L/person/day"),
        ("单位面积能耗降至65千瓦时/平方米。", 65, "kWh/m2"),
        ("能耗降至0.32吨标准煤/万元以下。", 0.32, "tce/10^4 CNY"),
        ("PM2.5年均浓度不高于28微克/立方米。", 28, "ug/m3"),
        ("供电煤耗降至300克标准煤/千瓦时以下。", 300, "gce/kWh"),
        ("新建数据中心PUE值不高于1.3。", 1.3, "1"),
        ("优良天数不少于310天。", 310, "day"),
    ],
)
def test_compound_units(text, value, unit):
    target = only(text)
    assert (target.value, target.unit) == (value, unit)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Food waste shall be halved by 2030.", -50),
        ("Two thirds of trips will be on foot by 2030.", 200 / 3),
        ("One third of the fleet will be electric by 2030.", 100 / 3),
        ("Half of the vans will be electric by 2030.", 50),
        ("绿电占比不低于三成。", 30),
        ("绿电占比达到四分之一。", 25),
    ],
)
def test_fractions_are_percent(text, value):
    target = only(text)
    assert (target.value, target.unit) == (pytest.approx(value), "%")


def test_a_number_glued_to_letters_is_still_found():
    assert [item.value for item in find_numbers("PM2.5")] == [2.5]
    assert read_notice("The PM2.5 plan and the A7 road, CO2 and 5G.").targets == ()
