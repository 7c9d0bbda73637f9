"""The activity table of an account, and the columns that facts have once they are read."""

from __future__ import annotations

import polars as pl

from dualcarbon.figures import SUBJECT_KINDS, VINTAGES
from dualcarbon.tables.model import Column, Table
from dualcarbon.words import FLOWS

SECTORS = ("energy_industries", "manufacturing", "commercial", "residential", "transport")
SERIES = ("subject_kind", "subject", "sector", "equipment", "item", "carrier", "flow")

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
        Column("carrier", vocabulary="substance", aliases=("material", "gas", "能源品种", "品种")),
        Column("flow", "choice", vocabulary="flow", choices=tuple(FLOWS), aliases=("流向", "环节")),
        Column("period", "period", aliases=("期间", "时期")),
        Column("quantity", "number", aliases=("数量", "实物量")),
        Column("unit", "unit", aliases=("单位", "计量单位")),
        Column(
            "vintage",
            "choice",
            vocabulary="vintage",
            required=False,
            nullable=True,
            choices=VINTAGES,
            aliases=("数据版本",),
        ),
        Column("recorded_at", "date", required=False, nullable=True, aliases=("登记日期",)),
        Column("source", required=False, nullable=True, aliases=("来源",)),
        Column(
            "area", vocabulary="area", required=False, nullable=True, aliases=("地区", "所在区")
        ),
        Column("industry", vocabulary="industry", required=False, nullable=True, aliases=("行业",)),
        Column(
            "sector",
            "choice",
            vocabulary="sector",
            required=False,
            nullable=True,
            choices=SECTORS,
            aliases=("排放部门",),
        ),
        Column("equipment", required=False, nullable=True, aliases=("设备", "设施")),
        Column("item", required=False, nullable=True, aliases=("meter", "计量点", "明细")),
        Column("source_class", required=False, nullable=True, aliases=("数据来源类",)),
        Column("uncertainty", "number", required=False, nullable=True, aliases=("不确定度",)),
    ),
    key=(*SERIES, "period", "vintage", "recorded_at"),
)

KEY = (
    "subject_kind",
    "area",
    "industry",
    "sector",
    "equipment",
    "carrier",
    "flow",
    "period",
    "unit",
)
"""What a coefficient can depend on; absent is the empty text, so that keys join by equality."""

FACTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "key": pl.Int64,
    **dict.fromkeys(KEY, pl.String),
    "subject": pl.String,
    "item": pl.String,
    "quantity": pl.Float64,
    "vintage": pl.String,
    "recorded_at": pl.Date,
    "version": pl.Int32,
    "source": pl.String,
    "source_class": pl.String,
    "uncertainty": pl.Float64,
    "file": pl.Int64,
    "source_row": pl.Int64,
}
"""A fact: a good activity row in codes. `version` counts the corrections of one series and
period: 1 is the first; of those recorded by a date the last stands."""
