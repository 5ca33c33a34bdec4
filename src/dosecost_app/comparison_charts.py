"""The charts of the page *Compare*: the bridge from one cost to another, and cash curves together.

As in ``charts``: constant specifications, colours that follow the background, nothing said by colour alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from dosecost_app.charts import (
    ALERT,
    CATEGORY,
    GROUND,
    INK,
    NARROW,
    PLAIN,
    QUIET,
    Chart,
    Colour,
    Spec,
    apart,
    axis,
    finished,
    fitting,
    names_axis,
    only,
    scale,
    short,
    side,
    signed_whole,
    text,
    themed,
)

MOVES: dict[str, Colour] = {"total": INK, "more": ALERT, "less": PLAIN}
"""What a step of a bridge does to the cost; its sign says it too."""
LINES: dict[str, Colour] = {"0": INK, "1": PLAIN, "2": CATEGORY["vector"], "3": CATEGORY["quality"]}
"""The base and up to three others; their dashes and names say it too."""
DASHES = [[1, 0], [6, 3], [2, 2], [9, 2, 2, 2]]
AMOUNT_ROOM = 84
"""Pixels kept free right of a bridge for its amounts."""
LOWEST_GAP = 0.07
"""Least distance of two names at the ends of lines, as a share of the range."""
FEW = 6
"""Steps up to which a bridge is drawn lower."""


SHORT = 11
"""Letters of a name up to which it fits beside a line on a phone."""


class Step(NamedTuple):
    """One step of a bridge, or the total it begins or ends with."""

    label: str
    start: int
    end: int
    total: bool = False


class Line(NamedTuple):
    """One scenario's closing balances from month 0, its floor, and the month below it; ``short`` is its name where the
    chart is narrow, if it has one."""

    slot: int
    label: str
    closing: Sequence[float]
    floor: float
    cash_out: int | None
    short: str = ""


@cache
def waterfall_spec(currency: str, height: int) -> Spec:
    """Bars from step to step between two marked totals; the axis begins where it serves, so totals are no bars."""
    names = names_axis()
    names["labelFlush"] = False
    y = alt.Y("label:N", sort=None, title=None, axis=names)
    x = alt.X(
        "start:Q",
        title=f"{currency} per patient infused",
        scale=alt.Scale(zero=False, nice=True, range=[8, alt.ExprRef(f"width - {AMOUNT_ROOM}")]),
        axis=axis(tickCount=alt.ExprRef("width / 110")),
    )
    base = alt.Chart()
    totals = base.transform_filter(only("total"))
    colour = alt.Color("move:N", scale=scale(MOVES), legend=None)
    lines = totals.mark_rule(color=themed(QUIET), strokeDash=[3, 3], strokeWidth=1).encode(x=x)
    ticks = totals.mark_tick(color=themed(INK), thickness=4, height=26).encode(x=x, y=y)
    bars = (
        base.transform_filter(only("step"))
        .mark_bar(height=20)
        .encode(
            y=y,
            x=x,
            x2="end:Q",
            color=colour,
            tooltip=[
                alt.Tooltip("label:N", title="What"),
                alt.Tooltip("text:N", title=f"{currency} per patient infused"),
            ],
        )
    )
    place = text(align="left", dx=7, fontWeight=alt.ExprRef("datum.kind === 'total' ? 700 : 400"))
    halo = base.mark_text(**place | {"color": themed(GROUND)}, stroke=themed(GROUND), strokeWidth=4)
    amounts = base.mark_text(**place)
    right = alt.X("right:Q")
    return finished(
        alt.layer(
            lines,
            halo.encode(y=y, x=right, text="text:N"),
            bars,
            ticks,
            amounts.encode(y=y, x=right, text="text:N"),
        ),
        height,
    )


def shown(step: Step) -> str:
    """What stands beside a step: its total, or what it adds."""
    return f"{step.end:,d}" if step.total else signed_whole(step.end - step.start)


def waterfall(steps: Sequence[Step], currency: str) -> Chart:
    """From one total to the other, step by step, in whole money."""
    found: list[dict[str, Any]] = []
    for step in steps:
        moved = step.end - step.start
        kind = {"kind": "total", "move": "total"} if step.total else {"kind": "step", "move": _move(moved)}
        start = step.end if step.total else step.start
        where = {"start": start, "end": step.end, "right": max(start, step.end)}
        found.append({"label": step.label, "text": shown(step)} | kind | where)
    return Chart(pd.DataFrame(found), waterfall_spec(currency, 300 if len(steps) <= FEW else 440))


def _move(moved: int) -> str:
    return "more" if moved > 0 else "less"


@cache
def cash_spec(currency: str) -> Spec:
    """Balances by month, one line a scenario with its name at its end, over the floor."""
    x = alt.X(
        "month:Q",
        title="Month of the plan",
        scale=alt.Scale(nice=False, zero=True, range=[0, alt.ExprRef(f"width - (width < {NARROW} ? 84 : 130)")]),
        axis=axis(tickCount=alt.ExprRef("(width - 110) / 60"), grid=False),
    )
    y = alt.Y(
        "money:Q",
        title=f"Cash at month end, {currency}",
        scale=alt.Scale(zero=True, nice=True, range=[alt.ExprRef("height - 16"), 16]),
        axis=axis(tickCount=6),
    )
    base = alt.Chart()
    colour = alt.Color("slot:N", scale=scale(LINES), legend=None)
    dashes = alt.StrokeDash("slot:N", scale=alt.Scale(domain=list(LINES), range=DASHES), legend=None)
    balance = base.transform_filter(only("balance"))
    lines = balance.mark_line(strokeWidth=2.5, interpolate="linear").encode(x=x, y=y, color=colour, strokeDash=dashes)
    hover = balance.mark_point(opacity=0, size=60, filled=True).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("label:N", title="Scenario"),
            alt.Tooltip("month:Q", title="Month", format="d"),
            alt.Tooltip("text:N", title=f"Cash at month end, {currency}"),
        ],
    )
    floor = base.transform_filter(only("floor"))
    floors = floor.mark_rule(color=themed(ALERT), strokeDash=[6, 4], strokeWidth=1.5).encode(x=x, x2="until:Q", y=y)
    floor_end = base.transform_filter(only("floor_end"))
    floor_text = floor_end.mark_text(**text(align="left", dx=7)).encode(x=x, y=y, text="text:N")
    out = base.transform_filter(only("out"))
    points = out.mark_point(filled=True, size=90, shape="square", opacity=1).encode(x=x, y=y, color=colour)
    month = text(
        align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 8"), dy=alt.ExprRef("datum.down"), fontWeight=600
    )
    leader = out.mark_rule(strokeWidth=1, y2Offset=alt.ExprRef("datum.down + 5")).encode(
        x=x, y=y, y2="money:Q", color=colour
    )
    out_halo = out.mark_text(**month | {"color": themed(GROUND)}, stroke=themed(GROUND), strokeWidth=4)
    del month["color"]
    out_text = out.mark_text(**month)
    end = base.transform_filter(only("end"))
    room = alt.ExprRef(f"width < {NARROW} ? 76 : 122")
    name = {
        "text": fitting(),
        "align": "left",
        "dx": 7,
        "fontSize": 12,
        "fontWeight": 600,
        "clip": False,
        "limit": room,
    }
    halo = end.mark_text(**name | {"color": themed(GROUND)}, stroke=themed(GROUND), strokeWidth=4)
    names = end.mark_text(**name)
    return finished(
        alt.layer(
            floors,
            lines,
            hover,
            floor_text,
            leader,
            points,
            out_halo.encode(x=x, y=y, text="text:N"),
            out_text.encode(x=x, y=y, text="text:N", color=colour),
            halo.encode(x=x, y=y),
            names.encode(x=x, y=y, color=colour),
        ),
        430,
    )


def brief(labels: Sequence[str]) -> list[str]:
    """The first word of each long label where these tell them apart, else the labels as they are."""
    first = [label if len(label) <= SHORT else label.split(" ")[0] for label in labels]
    first = [word if len(word) > 2 else label for word, label in zip(first, labels, strict=True)]
    return first if len(set(first)) == len(first) else list(labels)


def cash(lines: Sequence[Line], currency: str) -> Chart:
    """Closing balances of several scenarios, the floor, and the month in which each falls below it."""
    amounts = [x for line in lines for x in (*line.closing, 0.0)]
    gap = LOWEST_GAP * (max(amounts) - min(amounts))
    horizon = max(len(line.closing) for line in lines) - 1
    floors = sorted({line.floor for line in lines})
    ends = apart([*(line.closing[-1] for line in lines), *floors], gap)
    shorts = [line.short or name for line, name in zip(lines, brief([line.label for line in lines]), strict=True)]
    found: list[dict[str, Any]] = []
    for line, end, name in zip(lines, ends, shorts, strict=False):
        who = {"slot": str(line.slot), "label": line.label}
        found += [
            {"kind": "balance", "month": i, "money": m, "text": short(m)} | who for i, m in enumerate(line.closing)
        ]
        found.append(
            {"kind": "end", "month": len(line.closing) - 1, "money": end, "text": line.label, "short": name} | who
        )
    for floor, end in zip(floors, ends[len(lines) :], strict=True):
        found.append({"kind": "floor", "month": 0, "until": horizon, "money": floor})
        found.append({"kind": "floor_end", "month": horizon, "money": end, "text": f"floor {short(floor)}"})
    broke = sorted((line for line in lines if line.cash_out), key=lambda line: line.cash_out or 0)
    told = list(dict.fromkeys(line.cash_out or 0 for line in broke))
    for i, line in enumerate(broke):
        month = line.cash_out or 0
        first = i == 0 or broke[i - 1].cash_out != month
        where = {"text": f"month {month}" if first else "", "down": -13 - 15 * (told.index(month) % 3)}
        who = {"slot": str(line.slot), "label": line.label} | where
        found.append({"kind": "out", "month": month, "money": line.floor} | who | side(month / max(horizon, 1)))
    return Chart(pd.DataFrame(found), cash_spec(currency))
