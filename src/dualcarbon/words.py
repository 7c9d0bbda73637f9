"""The closed lists of reported data with the spellings that people use for them."""

from __future__ import annotations

from attrs import frozen

from dualcarbon.vocabulary import Vocabulary


@frozen
class Word:
    """One entry of a closed list: code, names and further spellings."""

    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...] = ()


def _words(*entries: tuple[str, str, str, tuple[str, ...]]) -> Vocabulary[Word]:
    return Vocabulary([Word(*entry) for entry in entries])


FLOWS = _words(
    ("purchase", "购进", "purchase", ("购入", "购进量")),
    ("use", "消费", "use", ("消费量", "consumption", "使用")),
    ("conversion_in", "加工转换投入", "conversion in", ("conversion input", "转换投入")),
    ("conversion_out", "加工转换产出", "conversion out", ("conversion output", "转换产出")),
    ("non_energy", "非能源使用", "non-energy", ("non energy", "用于原材料", "feedstock")),
    ("sale", "外供", "sale", ("sold", "销售", "外销")),
    ("stock", "库存变化", "stock", ("stock change", "库存")),
    ("stock_open", "期初库存", "opening stock", ()),
    ("stock_close", "期末库存", "closing stock", ()),
    ("production", "自产", "production", ("回收", "recovery")),
    ("emission", "排放", "emission", ("逸散", "泄漏", "leak", "release")),
)
STAGES = _words(
    ("planned", "计划", "planned", ("拟建", "立项")),
    ("started", "开工", "started", ("在建", "实施中")),
    ("accepted", "验收", "accepted", ("完成验收", "已验收", "竣工验收")),
    ("verified", "核验", "verified", ("计量核验", "已核验", "metered-verified")),
)
VINTAGES = _words(
    ("estimate", "预计", "estimate", ("快报", "预计数", "估计")),
    ("preliminary", "初步核算", "preliminary", ("初步", "初步核算数")),
    ("final", "最终核实", "final", ("最终", "最终核实数", "年报")),
    ("confirmed", "核定", "confirmed", ("核定数", "考核确认")),
)
ORIGINS = _words(
    ("declared", "发布", "declared", ("公布", "发布值", "published")),
    ("computed", "测算", "computed", ("计算", "测算值")),
)
BASES = _words(
    ("month", "当期", "month", ("当月", "本期")),
    ("cumulative", "累计", "cumulative", ("年累计", "ytd")),
)
SUBJECT_KINDS = _words(
    ("city", "市", "city", ("全市",)),
    ("area", "区", "area", ("区县", "district", "重点区域")),
    ("industry", "行业", "industry", ("sector",)),
    ("enterprise", "用能单位", "enterprise", ("企业", "unit")),
    ("project", "项目", "project", ()),
    ("tier", "名单", "tier", ("分级",)),
)
DEDUCTION_ITEMS = _words(
    ("energy_total", "能源消费总量", "total energy", ("总能耗", "energy")),
    ("gdp", "地区生产总值", "gdp", ("不变价地区生产总值", "GDP")),
    ("feedstock", "原料用能", "feedstock", ("用于原材料",)),
    ("renewable_power", "可再生能源电力", "renewable power", ("可再生电力",)),
    ("nuclear_power", "核电", "nuclear power", ("核能",)),
    ("other_non_fossil", "其他非化石能源", "other non-fossil", ()),
    ("certificates_in", "省外绿证购入", "certificates in", ("绿证购入", "GEC in")),
    ("certificates_out", "绿证售出省外", "certificates out", ("绿证售出", "GEC out")),
    ("exempt_projects", "单列项目能耗", "exempt projects", ("国家重大项目能耗",)),
    ("above_quota_renewable", "超激励权重可再生能源", "renewables above quota", ()),
    ("intensity_target", "能耗强度五年目标", "intensity target", ("强度目标",)),
    ("required_saving", "五年所需节能量", "required saving", ()),
    ("incentive_met", "达到激励目标", "incentive target met", ()),
)
LISTS = {
    "flow": FLOWS,
    "stage": STAGES,
    "vintage": VINTAGES,
    "origin": ORIGINS,
    "basis": BASES,
    "subject_kind": SUBJECT_KINDS,
    "deduction_item": DEDUCTION_ITEMS,
}
