"""The README claims what coverage says, and nothing beyond it."""

from pathlib import Path

from dualcarbon.plan import load_plan
from dualcarbon.plan.coverage import coverage_markdown

BEGIN, END = "<!-- coverage:begin -->", "<!-- coverage:end -->"
HEADING = "# The notice of Shanghai for 2024, clause by clause"


def test_the_readme_prints_the_coverage_of_the_notice(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert BEGIN in text
    table = text.split(BEGIN)[1].split(END)[0].strip()
    assert table == coverage_markdown(load_plan("shanghai-2024")).strip()


def test_the_page_of_the_notice_is_the_generated_one(root: Path) -> None:
    text = (root / "docs/notice/shanghai-2024.md").read_text(encoding="utf-8")
    generated = coverage_markdown(load_plan("shanghai-2024"), full=True)
    assert text.startswith(HEADING)
    assert text.endswith(generated)
