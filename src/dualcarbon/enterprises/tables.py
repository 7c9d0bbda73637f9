"""The table of enterprises: who they are, where they stand, which list they are on."""

from __future__ import annotations

from dualcarbon.tables.model import Column, Table

TIERS = ("hundred", "thousand", "ten_thousand")

ENTERPRISES = Table(
    "enterprises",
    (
        Column("enterprise", aliases=("用能单位代码", "用能单位")),
        Column("name_zh", nullable=True, required=False, aliases=("名称", "单位名称")),
        Column("name_en", nullable=True, required=False),
        Column("industry", nullable=True, required=False, aliases=("行业",)),
        Column("located_in", nullable=True, required=False, aliases=("所在区", "属地")),
        Column("assessed_by", nullable=True, required=False, aliases=("考核主体",)),
        Column("tier", nullable=True, required=False, aliases=("名单", "级别")),
        Column("sector", nullable=True, required=False, aliases=("领域",)),
        Column("valid_from", "date", nullable=True, required=False, aliases=("有效期起",)),
        Column("valid_to", "date", nullable=True, required=False, aliases=("有效期止",)),
    ),
    key=("enterprise", "tier", "valid_from"),
)
