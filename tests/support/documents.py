"""Reads what the documentation promises: commands in console blocks, links, headings."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(console|sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\s+#\s*exit (\d+)\b")
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
OURS = re.compile(r"^(?:[A-Z_]+=\S+\s+)*(dualcarbon|make)\b")


@dataclass(frozen=True)
class Command:
    """A command line and the exit code its comment names (`# exit 2`), else 0."""

    text: str
    exit: int


def commands(text: str) -> list[Command]:
    """Commands of dualcarbon and make in the shell blocks, in their order.

    In a `console` block they stand after `$ `, the rest is output; in an `sh` block every line
    is one.
    """
    found = []
    for language, block in BLOCK.findall(text):
        prompt = "$ " if language == "console" else ""
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith(prompt):
                found.append(command_of(line.removeprefix(prompt)))
    return [command for command in found if OURS.match(command.text)]


def command_of(line: str) -> Command:
    code = EXIT.search(line)
    text = re.sub(r"\s+#\s.*$", "", line).strip()
    return Command(text, int(code[1]) if code else 0)


def links(text: str) -> list[str]:
    """Targets of the links that stay inside the project."""
    targets = LINK.findall(FENCE.sub("", text))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(path: Path) -> set[str]:
    """The anchors that a rendered page gives its headings."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    slugs: set[str] = set()
    for heading in HEADING.findall(text):
        slug = base = slug_of(heading)
        number = 0
        while slug in slugs:
            number += 1
            slug = f"{base}-{number}"
        slugs.add(slug)
    return slugs | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def slug_of(heading: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    kept = [c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LNM"]
    return "".join(kept).replace(" ", "-")
