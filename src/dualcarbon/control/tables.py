"""The tables of a data folder, and the table of standings."""

from __future__ import annotations

from dualcarbon.control.deductions.facts import DEDUCTIONS
from dualcarbon.enterprises.tables import ENTERPRISES
from dualcarbon.figures import BASES, ORIGINS, SUBJECT_KINDS, VINTAGES
from dualcarbon.tables.model import Column, Table
from dualcarbon.words import FLOWS, STAGES

ACTIVITY = Table(
    "activity",
    (
        Column(
            "subject_kind",
            "choice",
            vocabulary="subject_kind",
            choices=SUBJECT_KINDS,
            aliases=("对象类别",),
        ),
        Column("subject", aliases=("对象",)),
        Column("carrier", vocabulary="carrier", aliases=("能源品种", "品种")),
        Column("flow", "choice", vocabulary="flow", choices=tuple(FLOWS), aliases=("流向",)),
        Column("period", "period", aliases=("期间", "时期")),
        Column("quantity", "number", aliases=("数量",)),
        Column("unit", "unit", aliases=("单位", "计量单位")),
        Column(
            "vintage",
            "choice",
            vocabulary="vintage",
            nullable=True,
            choices=VINTAGES,
            aliases=("数据版本",),
        ),
        Column("recorded_at", "date", nullable=True, aliases=("登记日期",)),
        Column("source", nullable=True, aliases=("来源",)),
    ),
    key=("subject_kind", "subject", "carrier", "flow", "period", "vintage", "recorded_at"),
)

STATISTICS = Table(
    "statistics",
    (
        Column("indicator", vocabulary="indicator", aliases=("指标",)),
        Column(
            "subject_kind",
            "choice",
            vocabulary="subject_kind",
            choices=SUBJECT_KINDS,
            aliases=("对象类别",),
        ),
        Column("subject", aliases=("对象",)),
        Column("period", "period", aliases=("期间", "时期")),
        Column("basis", "choice", vocabulary="basis", choices=BASES, aliases=("口径",)),
        Column("value", "number", aliases=("数值",)),
        Column("unit", "unit", aliases=("单位", "计量单位")),
        Column("price_base", nullable=True, aliases=("价格基期",)),
        Column("origin", "choice", vocabulary="origin", choices=ORIGINS, aliases=("来历",)),
        Column(
            "vintage",
            "choice",
            vocabulary="vintage",
            nullable=True,
            choices=VINTAGES,
            aliases=("数据版本",),
        ),
        Column("recorded_at", "date", nullable=True, aliases=("登记日期",)),
        Column("source", nullable=True, aliases=("来源",)),
    ),
    key=(
        "indicator",
        "subject_kind",
        "subject",
        "period",
        "basis",
        "unit",
        "price_base",
        "origin",
        "vintage",
        "recorded_at",
    ),
)

PROGRESS = Table(
    "progress",
    (
        Column("commitment", aliases=("任务", "承诺")),
        Column("project", aliases=("项目",)),
        Column("subject", nullable=True, aliases=("对象",)),
        Column("period", "period", aliases=("期间", "时期")),
        Column("stage", "choice", vocabulary="stage", choices=tuple(STAGES), aliases=("阶段",)),
        Column("quantity", "number", nullable=True, aliases=("数量",)),
        Column("unit", "unit", nullable=True, aliases=("单位", "计量单位")),
        Column("evidence", nullable=True, aliases=("依据", "佐证材料")),
        Column("recorded_at", "date", nullable=True, required=False, aliases=("登记日期",)),
    ),
    key=("commitment", "project", "period", "stage", "recorded_at"),
)

FILES = {
    "activity": ACTIVITY,
    "statistics": STATISTICS,
    "progress": PROGRESS,
    "enterprises": ENTERPRISES,
    "deductions": DEDUCTIONS,
}
REQUIRED_SUBJECTS = ("activity", "statistics")

STANDINGS = Table(
    "standings",
    (
        Column("commitment"),
        Column("indicator", nullable=True),
        Column("subject_kind", "choice", choices=SUBJECT_KINDS),
        Column("subject"),
        Column("period", "period"),
        Column("value", "number", nullable=True),
        Column("declared", "number", nullable=True),
        Column("unit", nullable=True),
        Column("required", "number", nullable=True),
        Column("gap", "number", nullable=True),
        Column("needed", "number", nullable=True),
        Column("forecast", "number", nullable=True),
        Column("levels"),
        Column("severity", "integer", nullable=True),
        Column(
            "state",
            "choice",
            choices=("measured", "no_data", "invalid", "done", "overdue", "watch"),
        ),
        Column("reason_zh"),
        Column("reason_en"),
        Column("grade", nullable=True),
    ),
    key=("commitment", "subject_kind", "subject"),
)
