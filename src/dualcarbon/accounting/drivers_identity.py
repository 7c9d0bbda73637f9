"""Identities: a level as a product of ratios of levels, each level at its own cut.

Written `effect: level[keys]/level[keys], ...`. `[]` is the total, `[area,industry]` the sums by
area and industry, no bracket the cut at which the data give the level. The same text stands in
packs and on the command line.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from dualcarbon.errors import DualcarbonError, PackError, UsageError
from dualcarbon.findings import Finding, Place, finding
from dualcarbon.packs import Pack
from dualcarbon.vocabulary import Vocabulary

KEY_ALIASES = {
    "area": ("地区", "区域", "区县", "省份"),
    "industry": ("行业", "产业", "部门"),
    "carrier": ("能源品种", "品种", "能源"),
}
RESERVED = frozenset(
    {
        *("period", "level", "value", "unit", "place", "source_row"),
        *("from", "to", "kind", "form", "depth", "factor", "name_zh", "name_en"),
        *("own", "share_of_change", "start", "end"),
    }
)
REF = re.compile(r"^(?P<level>[^\[\]/,:\s]+)\s*(?:\[(?P<keys>[^\[\]/:]*)\])?$")
BETWEEN = re.compile(r",(?![^\[]*\])")
MOST_FACTORS = 30


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value)


@frozen
class Word:
    """A level or an effect that a pack names; other words stand for themselves."""

    code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...] = field(default=(), converter=_texts)


@frozen
class Ref:
    """A level at a cut; `keys` None = the cut of the data."""

    level: str
    keys: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """Give the text that is read back as this."""
        return self.level if self.keys is None else f"{self.level}[{','.join(self.keys)}]"


@frozen
class Factor:
    """One effect: a level, or the ratio of two."""

    effect: str
    name_zh: str
    name_en: str
    above: Ref
    below: Ref | None = None

    @property
    def ratio(self) -> str:
        """Give the text of the ratio."""
        return f"{self.above}/{self.below}" if self.below else str(self.above)

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Give its one or two levels."""
        return (self.above, self.below) if self.below else (self.above,)


@frozen
class Identity:
    """Factors whose product is the target."""

    id: str
    name_zh: str
    name_en: str
    factors: tuple[Factor, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """Give the names of its levels in order."""
        return tuple(dict.fromkeys(ref.level for f in self.factors for ref in f.refs))

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the keys named in brackets; those of the longest bracket first."""
        cuts = [ref.keys for f in self.factors for ref in f.refs if ref.keys]
        return tuple(dict.fromkeys(key for cut in sorted(cuts, key=len)[::-1] for key in cut))

    @property
    def text(self) -> str:
        """Give the text that is read back as these factors."""
        return ", ".join(f"{factor.effect}: {factor.ratio}" for factor in self.factors)


def key_code(text: str) -> str:
    """Give the one name of a key column: 行业 is industry; other names stand for themselves."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return next((code for code, names in KEY_ALIASES.items() if plain in names), plain)


def read_keys(text: str) -> tuple[str, ...]:
    """Read `area,industry`; UsageError for a name that cannot be a key."""
    parts = (part.strip() for part in unicodedata.normalize("NFKC", text).split(","))
    keys = tuple(dict.fromkeys(key_code(part) for part in parts if part))
    if wrong := [key for key in keys if key in RESERVED]:
        raise UsageError(finding("accounting.drivers_key", found=", ".join(wrong)))
    return keys


def load_words(pack: Pack, kind: str) -> Vocabulary[Word]:
    """Load the `levels` or `effects` that packs name."""
    entries = pack.load_list(f"drivers/{kind}.yaml", "code")
    return Vocabulary(
        Word(**{key: value for key, value in entry.items() if not key.startswith("_")})
        for entry in entries
    )


def load_identity(pack: Pack, text: str) -> Identity:
    """Give a named identity of the pack, or read one written out.

    Errors: UsageError for an unknown name or a text that cannot be read; PackError when the
    pack's own entry is wrong.
    """
    named = {entry["id"]: entry for entry in pack.load_list("drivers/identities.yaml", "id")}
    levels, effects = load_words(pack, "levels"), load_words(pack, "effects")
    if text in named:
        return _named(named[text], levels, effects)
    if not re.search(r"[,/:\[，／：［]", text):
        near = difflib.get_close_matches(text, list(named), n=3, cutoff=0.4)
        known = ", ".join(named)
        raise UsageError(
            finding(
                "accounting.drivers_unknown", found=text, known=known, near=", ".join(near) or "-"
            )
        )
    return parse_identity(text, levels, effects)


def _named(
    entry: Mapping[str, Any], levels: Vocabulary[Word], effects: Vocabulary[Word]
) -> Identity:
    try:
        identity = parse_identity(", ".join(entry["factors"]), levels, effects)
        names = [str(entry[key]) for key in ("id", "name_zh", "name_en")]
        return Identity(names[0], names[1], names[2], identity.factors)
    except (DualcarbonError, KeyError, TypeError) as error:
        place = Place(entry["_file"])
        raise PackError(
            finding("accounting.drivers_expression", place, found=entry["id"], why=str(error))
        ) from error


def parse_identity(
    text: str,
    levels: Vocabulary[Word] | None = None,
    effects: Vocabulary[Word] | None = None,
) -> Identity:
    """Read `a, b/a, c/b`, with `effect:` before a factor where it has a name.

    Errors: UsageError naming the part that cannot be read, or that stands twice.
    """
    plain = unicodedata.normalize("NFKC", text)
    parts = [part.strip() for part in BETWEEN.split(plain)]
    if len(parts) > MOST_FACTORS:
        raise _wrong(text[:80], f"> {MOST_FACTORS}")
    factors = tuple(_factor(part, levels, effects) for part in parts)
    for name, times in Counter(factor.effect for factor in factors).items():
        if times > 1:
            raise _wrong(name, f"{times} x {name}")
    identity = Identity("custom", "自定义恒等式", "custom identity", factors)
    named, keys = {*identity.levels}, {*identity.keys}
    if clash := ((named | keys) & RESERVED) | (named & keys):
        raise _wrong(text, ", ".join(sorted(clash)))
    return identity


def _factor(part: str, levels: Vocabulary[Word] | None, effects: Vocabulary[Word] | None) -> Factor:
    label, colon, ratio = part.rpartition(":")
    label, sides = label.strip(), [side.strip() for side in ratio.split("/")]
    if len(sides) > 2 or (colon and not label) or ":" in label:
        raise _wrong(part or "-", part or "-")
    refs = [_ref(side, levels) for side in sides]
    below = refs[1] if len(refs) == 2 else None
    bare = Factor("", "", "", refs[0], below)
    name = label or bare.ratio
    word = effects.resolve(name) if effects is not None else None
    word = word or Word(name, name, name)
    return evolve(bare, effect=word.code, name_zh=word.name_zh, name_en=word.name_en)


def _ref(text: str, levels: Vocabulary[Word] | None) -> Ref:
    match = REF.match(text)
    if match is None:
        raise _wrong(text or "-", text or "-")
    word = levels.resolve(match["level"]) if levels is not None else None
    level = word.code if word else match["level"]
    if match["keys"] is None:
        return Ref(level)
    keys = [key_code(key) for key in match["keys"].split(",")] if match["keys"].strip() else []
    if not all(keys) or len(set(keys)) < len(keys):
        raise _wrong(text, text)
    return Ref(level, tuple(keys))


def _wrong(found: str, why: str) -> UsageError:
    return UsageError(finding("accounting.drivers_expression", found=found, why=why))


@frozen
class Fitted:
    """An identity at the cuts of data: every level with its keys, in the order of `by`."""

    factors: tuple[Factor, ...]
    target: Ref
    by: tuple[str, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Give every level at its cut once, the target included."""
        return tuple(dict.fromkeys(ref for f in self.factors for ref in f.refs))


def fit(
    identity: Identity, own: Mapping[str, Sequence[str]], by: Sequence[str] | None = None
) -> Fitted:
    """Put an identity on data: settle the cut of each level and check that the product telescopes.

    `own`: the keys at which the data give each level. `by`: the keys of the leaves, outermost
    first; None = those in brackets, else those of the target. A key of `by` that no bracket names
    divides every bracketed level: the identity holds within each and the effects are added.
    Errors: UsageError when the product is not one level, or a level is not divided as asked.
    """
    if by is None:
        by = identity.keys or tuple(own[target_of(identity.factors).level])
    factors = tuple(
        evolve(
            factor,
            above=_at(factor.above, identity, own, by),
            below=_at(factor.below, identity, own, by) if factor.below else None,
        )
        for factor in identity.factors
    )
    target = target_of(factors)
    _check_cuts(factors, target, by)
    moving = tuple(factor for factor in factors if factor.above != factor.below)
    still = (
        finding(
            "accounting.drivers_trivial", found=f.ratio, effect_zh=f.name_zh, effect_en=f.name_en
        )
        for f in factors
        if f.above == f.below
    )
    return Fitted(moving, target, tuple(by), tuple(still))


def target_of(factors: Sequence[Factor]) -> Ref:
    """Give the one level that the product of the factors is; UsageError says what it is instead."""
    count: Counter[Ref] = Counter()
    for factor in factors:
        count[factor.above] += 1
        if factor.below:
            count[factor.below] -= 1
    left = {ref: n for ref, n in count.items() if n}
    if list(left.values()) == [1]:
        return next(iter(left))
    above = [str(ref) for ref, n in left.items() for _ in range(n)]
    below = [str(ref) for ref, n in left.items() for _ in range(-n)]
    product = " * ".join(above) or "1"
    product += f" / ({' * '.join(below)})" if below else ""
    raise UsageError(finding("accounting.drivers_not_telescoping", found=product))


def _at(ref: Ref, identity: Identity, own: Mapping[str, Sequence[str]], by: Sequence[str]) -> Ref:
    if ref.keys is None:
        return Ref(ref.level, tuple(key for key in by if key in own[ref.level]))
    wanted = {*ref.keys, *(key for key in by if key not in identity.keys)} & {*by}
    if lacking := [key for key in by if key in wanted and key not in own[ref.level]]:
        raise UsageError(
            finding(
                "accounting.drivers_undivided",
                found=str(ref),
                level=ref.level,
                keys=", ".join(lacking),
                own=", ".join(own[ref.level]) or "-",
            )
        )
    return Ref(ref.level, tuple(key for key in by if key in wanted))


def _check_cuts(factors: Sequence[Factor], target: Ref, by: Sequence[str]) -> None:
    inside = {*(target.keys or ())}
    finer = [ref for f in factors for ref in f.refs if not {*(ref.keys or ())} <= inside]
    missing = [key for key in by if key not in inside]
    if missing or finer:
        raise UsageError(
            finding(
                "accounting.drivers_cut",
                found=str(target),
                target=str(target),
                keys=", ".join(missing) or ", ".join(map(str, finer)),
            )
        )
