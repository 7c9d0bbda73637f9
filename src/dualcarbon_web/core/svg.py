"""Draw an ECharts option as SVG on the server, with the browser's own code in an embedded V8."""

from __future__ import annotations

import json
import re
import threading
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parents[1]
ECHARTS = STATIC / "static" / "vendor" / "echarts.min.js"
CHARTS = STATIC / "core" / "static" / "core" / "charts.js"
TOKENS = STATIC / "core" / "static" / "core" / "tokens.css"
TIMERS = "var setTimeout = function () {}, clearTimeout = function () {};"
SHEET = re.compile(r'<style\b.*?</style>\s*| class="zr[^"]*"', re.DOTALL)
STYLE = re.compile(r' style="([^"]*)"')
TOKEN = re.compile(r"var\((--[a-z0-9-]+)\)")
_lock = threading.Lock()


@cache
def _engine() -> Any:
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    for part in (TIMERS, ECHARTS.read_text("utf-8"), CHARTS.read_text("utf-8")):
        engine.eval(part)
    return engine


@lru_cache(maxsize=512)
def _drawn(text: str, width: int, height: int) -> str:
    with _lock:
        drawn = _engine().call("dualcarbonCharts.svg", text, width, height)
    return STYLE.sub(_attributes, SHEET.sub("", str(drawn)))


def _attributes(style: re.Match[str]) -> str:
    """Turn an inline style, which the page's policy forbids, into attributes."""
    pairs = (part.split(":", 1) for part in style[1].split(";") if ":" in part)
    kept = ((name.strip(), value.strip()) for name, value in pairs)
    return "".join(f' {name}="{value}"' for name, value in kept if name != "font-family")


def draw(option: dict[str, Any], width: int, height: int) -> str:
    """Draw an option; its colours stay names of tokens, so that the page's theme colours it."""
    text = json.dumps(option, ensure_ascii=False, sort_keys=True)
    return _drawn(text, width, height)


def standalone(option: dict[str, Any], width: int, height: int, title: str) -> str:
    """Draw an option as a file of its own: light colours, a title, the fonts of the site."""
    drawn = TOKEN.sub(
        lambda token: light()[token[1]].replace('"', "'"), draw(option, width, height)
    )
    head = f'<svg font-family="{light()["--sans"].replace(chr(34), chr(39))}" '
    name = title.replace("&", "&amp;").replace("<", "&lt;")
    ground = f'<title>{name}</title><rect width="100%" height="100%" fill="{light()["--paper"]}"/>'
    return re.sub(r"^<svg ([^>]*)>", lambda tag: f"{head}{tag[1]}>{ground}", drawn, count=1)


@cache
def light() -> dict[str, str]:
    """The tokens of the light theme by name."""
    first = TOKENS.read_text("utf-8").split("@media", 1)[0]
    return {name: value.strip() for name, value in re.findall(r"(--[a-z0-9-]+):\s*([^;]+);", first)}
