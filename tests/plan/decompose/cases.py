"""Random problems of decomposition, and a plain way to build one."""

from fractions import Fraction

from hypothesis import strategies as st

from dualcarbon.plan.decompose.model import Part, Problem
from dualcarbon.plan.decompose.remaining import Task

F = Fraction
SINGLE = ("equal_rate", "grandfathering", "benchmark", "capability", "remaining_task")
BLEND = {"equal_rate": F(1, 2), "benchmark": F(1, 4), "capability": F(1, 4)}


def part(name, base, growth=0, output=1, **facts):
    grown = base * (1 + F(growth) / 100)
    return Part(subject=name, base=base, grown=grown, output=F(output), growth=F(growth), **facts)


def problem(parts, rate=-3, mode="ratio", **facts):
    asked = F(rate) / 100
    total = round(sum((item.grown for item in parts), F(0)) * (1 + asked))
    factors = dict.fromkeys(parts[0].factors, True)
    facts = {"total": total, "factors": factors, "spread": F(1, 2), **facts}
    return Problem(mode=mode, parts=tuple(parts), asked=asked, **facts)


@st.composite
def parts(draw, most=8, bounded=False):
    count = draw(st.integers(1, most))
    found = []
    for index in range(count):
        low = draw(st.integers(-9, -4)) if bounded and draw(st.booleans()) else None
        high = draw(st.integers(-2, 3)) if bounded and draw(st.booleans()) else None
        found.append(
            part(
                f"s{index}",
                draw(st.integers(1, 10**12)),
                draw(st.integers(-30, 120)) / F(10),
                draw(st.integers(1, 10**6)),
                low=None if low is None else F(low),
                high=None if high is None else F(high),
                task=Task(draw(st.integers(-80, 0)) / 10, False),
                factors={
                    "need": float(draw(st.integers(-5, 50))),
                    "room": draw(st.floats(-1e3, 1e3, width=32)),
                },
            )
        )
    return found
