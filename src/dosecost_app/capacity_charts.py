"""The charts of the page *Capacity*: ceilings, use by volume, cost with its purchases, weeks, and waits.

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
    LABEL_ROOM,
    PLAIN,
    QUIET,
    Chart,
    Colour,
    Spec,
    apart,
    axis,
    finished,
    names_axis,
    only,
    scale,
    short,
    side,
    text,
    themed,
)
from dosecost_app.words import doses

CUT = 3.0
"""A bar longer than so many times the lots asked for is cut, and says how long it is."""
FAINT, STRONG = 0.06, 0.42
"""How strongly an unused and a full cell of the heat map are coloured, so that its figure can be read on both."""
KINDS: dict[str, tuple[str, str]] = {
    "suite": ("Suites", "square"),
    "device": ("Devices", "triangle-up"),
    "head": ("Heads", "M0,-1L0,1"),
}
"""Purchases by kind: the name of their lane below the curve, and their sign."""
DIGITS = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
TICKS = [digit * 10**power for power in range(3, 9) for digit in DIGITS]
"""Ticks of the logarithmic axis of cost, whose range is short."""
HEIGHT, LANE = 440, 20
"""Pixels of the chart of cost, and of a lane of purchases below the curve."""
ATTEMPTS: dict[str, Colour] = {"first attempt": PLAIN, "second attempt": CATEGORY["quality"]}
ROW, FRAME = 22, 155
"""Pixels of a lane in the weeks, and of all that stands around the lanes."""
NEVER_SHUT = "never shut"
LINES: dict[str, tuple[Colour, list[int]]] = {
    "P90": (ALERT, [1, 0]),
    "P50": (PLAIN, [6, 3]),
    NEVER_SHUT: (CATEGORY["quality"], [2, 3]),
    "lost": (ALERT, [1, 0]),
    "simulated": (ALERT, [1, 0]),
    "formula": (PLAIN, [6, 3]),
}
"""What a line can be, its colour and dashes."""


class Limit(NamedTuple):
    """A resource and the lots a year it can take; ``first`` says that it is full before all others."""

    label: str
    lots: float
    first: bool


class Line(NamedTuple):
    """A figure by demand with the ends of its interval; ``name`` as in ``LINES``."""

    name: str
    label: str
    points: Sequence[tuple[float, float, float, float]]


class Block(NamedTuple):
    """A lot in a lane from one day of the window to another."""

    lane: str
    lot: int
    attempt: str
    start: float
    end: float


def counts(**more: Any) -> alt.Axis:
    """An axis of lots or patients, in full."""
    return alt.Axis(format=",~f", labelColor=themed(INK), titleColor=themed(INK), **more)


# ---- ceilings -------------------------------------------------------------------------------------------------


@cache
def limits_spec() -> Spec:
    """Bars with their figures, and a rule at the lots asked for."""
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis())
    x = alt.X(
        "lots:Q",
        title="Lots a year",
        scale=alt.Scale(zero=True, nice=False, range=[0, alt.ExprRef(f"width - {LABEL_ROOM}")]),
        axis=counts(tickCount=alt.ExprRef("width / 90")),
    )
    base = alt.Chart()
    rows = base.transform_filter(only("limit"))
    bars = rows.mark_bar(height={"band": 0.7}).encode(
        y=y,
        x=x,
        color=alt.Color("first:N", scale=scale({"first": ALERT, "later": PLAIN}), legend=None),
        tooltip=[alt.Tooltip("label:N", title="What"), alt.Tooltip("text:N", title="Lots a year")],
    )
    labels = rows.mark_text(**text(align="left", dx=5)).encode(y=y, x=x, text="text:N")
    asked = base.transform_filter(only("asked"))
    rule = asked.mark_rule(color=themed(INK), strokeDash=[6, 4], strokeWidth=2).encode(x=x)
    named = asked.mark_text(**text(align="center", fontWeight=600)).encode(x=x, y=alt.value(-9), text="text:N")
    return finished(alt.layer(bars, rule, labels, named), 340, top=22)


def limits(rows: Sequence[Limit], asked: float) -> Chart:
    """Ceilings in the order given, against the lots asked for."""
    most = CUT * asked
    found: list[dict[str, Any]] = [
        {
            "kind": "limit",
            "label": row.label,
            "lots": min(row.lots, most),
            "first": "first" if row.first else "later",
            "text": doses(row.lots) + (" →" if row.lots > most else "") + (" full first" if row.first else ""),
        }
        for row in rows
    ]
    found.append({"kind": "asked", "label": rows[0].label, "lots": asked, "text": f"asked for {doses(asked)}"})
    return Chart(pd.DataFrame(found), limits_spec())


# ---- use ------------------------------------------------------------------------------------------------------


@cache
def heat_spec() -> Spec:
    """A cell for each resource and volume, the more coloured the more it is used, its figure in it."""
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis())
    x = alt.X(
        "volume:O",
        sort=None,
        title="Patients a year (* now)",
        axis=alt.Axis(labelAngle=0, labelColor=themed(INK), titleColor=themed(INK), orient="top"),
    )
    base = alt.Chart()
    cells = base.mark_rect(stroke=themed(GROUND), strokeWidth=2).encode(
        y=y,
        x=x,
        color=alt.Color("state:N", scale=scale({"room": PLAIN, "too much": ALERT}), legend=None),
        opacity=alt.Opacity("strength:Q", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("label:N", title="What"),
            alt.Tooltip("volume:N", title="Patients a year"),
            alt.Tooltip("text:N", title="Share in use, %"),
        ],
    )
    room, full = "datum.state === 'room'", "datum.state !== 'room'"
    figures = [
        base.transform_filter(which)
        .mark_text(fontSize=12, color=themed(colour), fontWeight=weight)
        .encode(y=y, x=x, text="text:N")
        for which, colour, weight in ((room, INK, 400), (full, GROUND, 700))
    ]
    return finished(alt.layer(cells, *figures), 340)


def heat(uses: dict[str, Sequence[float]], volumes: Sequence[str]) -> Chart:
    """Share in use by resource and volume; above 1 it cannot be done."""
    rows = [
        {
            "label": label,
            "volume": volume,
            "text": f"{100 * used:,.0f}" if not 1 < used < 1.005 else "101",
            "state": "room" if used <= 1 else "too much",
            "strength": FAINT + (STRONG - FAINT) * used if used <= 1 else 1.0,
        }
        for label, shares in uses.items()
        for volume, used in zip(volumes, shares, strict=True)
    ]
    return Chart(pd.DataFrame(rows), heat_spec())


# ---- cost with its purchases ----------------------------------------------------------------------------------


@cache
def steps_spec(currency: str) -> Spec:
    """Cost on a logarithmic axis over the volume; below it a lane of signs for each kind of purchase."""
    x = alt.X(
        "volume:Q",
        title="Patients a year",
        scale=alt.Scale(zero=True, nice=False, range=[0, alt.ExprRef("width - 14")]),
        axis=counts(tickCount=alt.ExprRef("width / 70"), grid=False),
    )
    y = alt.Y(
        "cost:Q",
        title=f"{currency} per patient infused (log scale)",
        scale=alt.Scale(type="log", nice=False, range=[alt.ExprRef(f"height - {LANE * (len(KINDS) + 1)}"), 24]),
        axis=axis(values=TICKS, labelOverlap=True),
    )
    base = alt.Chart()
    cost = base.transform_filter(only("cost"))
    line = cost.mark_line(color=themed(PLAIN), strokeWidth=2.5).encode(x=x, y=y)
    hover = cost.mark_point(opacity=0, size=60, filled=True).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("volume:Q", title="Patients a year", format=",.4~g"),
            alt.Tooltip("text:N", title=f"{currency} per patient infused"),
        ],
    )
    suites = base.transform_filter("datum.purchase === 'suite'")
    rise = suites.mark_rule(color=themed(QUIET), strokeDash=[2, 3], strokeWidth=1).encode(
        x=x, y=y, y2=alt.value(alt.ExprRef("height - 8"))
    )
    lane = alt.ExprRef(f"height - {LANE} * datum.lane + {LANE // 2}")
    signs = (
        base.transform_filter(only("purchase"))
        .mark_point(filled=True, size=60, opacity=1, color=themed(INK), stroke=themed(INK), strokeWidth=1.5, y=lane)
        .encode(
            x=x,
            shape=alt.Shape(
                "purchase:N",
                scale=alt.Scale(domain=list(KINDS), range=[sign for _, sign in KINDS.values()]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("text:N", title="Added"),
                alt.Tooltip("volume:Q", title="From patients a year", format=",.4~g"),
            ],
        )
    )
    lanes = (
        base.transform_filter(only("lane"))
        .mark_text(**text(align="right", dx=-8, y=lane))
        .encode(x=alt.value(0), text="text:N")
    )
    now = base.transform_filter(only("now"))
    rule = now.mark_rule(color=themed(INK), strokeDash=[4, 4], strokeWidth=1.5).encode(
        x=x, y=alt.value(0), y2=alt.value(alt.ExprRef("height"))
    )
    point = now.mark_point(color=themed(INK), fill=themed(GROUND), size=90, strokeWidth=2, opacity=1).encode(x=x, y=y)
    label = now.mark_text(**text(align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 7"))).encode(
        x=x, y=alt.value(6), text="text:N"
    )
    return finished(alt.layer(rise, rule, line, hover, signs, lanes, point, label), HEIGHT)


def steps(
    volumes: Sequence[float],
    costs: Sequence[float],
    marks: Sequence[tuple[str, float, str]],
    now: tuple[float, float],
    currency: str,
) -> Chart:
    """Cost by volume; ``marks`` are purchases: kind, volume and what is added; ``now`` is volume and cost today."""
    places = {kind: len(KINDS) - i for i, kind in enumerate(KINDS)}
    found: list[dict[str, Any]] = [
        {"kind": "cost", "volume": volume, "cost": cost, "text": short(cost)}
        for volume, cost in zip(volumes, costs, strict=True)
    ]
    found += [
        {"kind": "lane", "purchase": kind, "lane": places[kind], "text": label} for kind, (label, _) in KINDS.items()
    ]
    found += [
        {"kind": "purchase", "purchase": kind, "volume": volume, "cost": costs[0], "lane": places[kind], "text": added}
        for kind, volume, added in marks
    ]
    volume, cost = now
    label = {"text": f"now {doses(volume)} a year: {short(cost)}"}
    found.append({"kind": "now", "volume": volume, "cost": cost} | label | side(volume / volumes[-1]))
    return Chart(pd.DataFrame(found), steps_spec(currency))


# ---- weeks ----------------------------------------------------------------------------------------------------


@cache
def weeks_spec(lanes: int) -> Spec:
    """A row for each lane with its lots as blocks, their numbers where they fit, and the shutdown as a band."""
    y = alt.Y(
        "lane:N",
        sort=None,
        title=None,
        axis=alt.Axis(labelLimit=110, labelPadding=6, labelColor=themed(INK), labelFontSize=11, labelOverlap=False),
    )
    x = alt.X(
        "start:Q",
        title="Week of the year",
        scale=alt.Scale(zero=False, nice=False),
        axis=axis(values=list(range(1, 54)), grid=True, labelFlush=False),
    )
    base = alt.Chart()
    closed = base.transform_filter(only("shutdown")).mark_rect(color=themed(QUIET), opacity=0.3).encode(x=x, x2="end:Q")
    closed_name = (
        base.transform_filter(only("shutdown"))
        .mark_text(**text(align="right", fontWeight=600))
        .encode(x="end:Q", y=alt.value(-9), text="text:N")
    )
    lots = base.transform_filter(only("lot"))
    blocks = lots.mark_bar(stroke=themed(GROUND), strokeWidth=1, height=alt.RelativeBandSize(0.82)).encode(
        y=y,
        x=x,
        x2="end:Q",
        color=alt.Color(
            "attempt:N",
            scale=scale(ATTEMPTS),
            legend=alt.Legend(title=None, orient="bottom", labelColor=themed(INK), labelLimit=160),
        ),
        tooltip=[
            alt.Tooltip("lane:N", title="Where"),
            alt.Tooltip("text:N", title="Lot"),
            alt.Tooltip("attempt:N", title="Attempt"),
            alt.Tooltip("held:N", title="Held"),
        ],
    )
    fits = alt.ExprRef("(datum.end - datum.start) / datum.weeks * width > 7.5 * length(datum.text) + 4 ? 1 : 0")
    numbers = lots.mark_text(color=themed(GROUND), fontSize=11, fontWeight=600, opacity=fits).encode(
        y=y, x="middle:Q", text="text:N"
    )
    empty = base.transform_filter(only("lane")).mark_rule(opacity=0).encode(y=y, x=x, x2="end:Q")
    return finished(alt.layer(empty, closed, blocks, numbers, closed_name), ROW * lanes + FRAME, top=22)


def weeks(blocks: Sequence[Block], lanes: Sequence[str], first_week: int, days: float, shut: Sequence[Any]) -> Chart:
    """Lots by lane, cut to the window; days become weeks of the year."""

    def week(day: float) -> float:
        return first_week + min(max(day, 0.0), days) / 7.0

    span = days / 7.0
    found: list[dict[str, Any]] = [
        {"kind": "lane", "lane": lane, "start": float(first_week), "end": first_week + span} for lane in lanes
    ]
    for block in blocks:
        start, end = week(block.start), week(block.end)
        again = "²" if block.attempt == "second attempt" else ""
        found.append(
            {
                "kind": "lot",
                "lane": block.lane,
                "start": start,
                "end": end,
                "middle": (start + end) / 2.0,
                "weeks": span,
                "attempt": block.attempt,
                "text": f"{block.lot}{again}",
                "held": f"{doses(block.end - block.start)} days",
            }
        )
    found += [{"kind": "shutdown", "start": week(a), "end": week(b), "text": "shutdown"} for a, b in shut]
    return Chart(pd.DataFrame(found), weeks_spec(len(lanes)))


# ---- waits ----------------------------------------------------------------------------------------------------


@cache
def waits_spec(unit: str) -> Spec:
    """Lines over the demand with a band for their interval and their names at their ends; a limit and a promise."""
    x = alt.X(
        "volume:Q",
        title="Patients a year who ask for a slot",
        scale=alt.Scale(zero=False, nice=False, padding=6, range=[0, alt.ExprRef(f"width - {LABEL_ROOM}")]),
        axis=counts(tickCount=alt.ExprRef("width / 80"), grid=False),
    )
    y = alt.Y(
        "value:Q",
        title=unit,
        scale=alt.Scale(zero=True, nice=True, range=[alt.ExprRef("height"), 26]),
        axis=axis(tickCount=6),
    )
    base = alt.Chart()
    rows = base.transform_filter(only("line"))
    colour = alt.Color("name:N", scale=scale({name: colour for name, (colour, _) in LINES.items()}), legend=None)
    dashes = alt.Scale(domain=list(LINES), range=[dash for _, dash in LINES.values()])
    band = rows.mark_area(opacity=0.2).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour)
    line = rows.mark_line(strokeWidth=2.5).encode(
        x=x, y=y, color=colour, strokeDash=alt.StrokeDash("name:N", scale=dashes, legend=None)
    )
    points = rows.mark_point(filled=True, size=45, opacity=1).encode(
        x=x,
        y=y,
        color=colour,
        tooltip=[
            alt.Tooltip("label:N", title="What"),
            alt.Tooltip("volume:Q", title="Patients a year", format=",.3~g"),
            alt.Tooltip("text:N", title=unit),
        ],
    )
    ends = (
        base.transform_filter(only("end"))
        .mark_text(fontSize=12, fontWeight=600, align="left", dx=9, clip=False)
        .encode(x=x, y=y, text="label:N", color=colour)
    )
    limit = base.transform_filter(only("limit"))
    rule = limit.mark_rule(color=themed(INK), strokeDash=[6, 4], strokeWidth=1.5).encode(y=y)
    rule_name = limit.mark_text(**text(align="right", dy=10)).encode(
        x=alt.value(alt.ExprRef("width")), y=y, text="label:N"
    )
    at = base.transform_filter(only("at"))
    mark = at.mark_rule(color=themed(INK), strokeWidth=1.5).encode(
        x=x, y=alt.value(18), y2=alt.value(alt.ExprRef("height"))
    )
    mark_name = at.mark_text(
        **text(align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 4"), fontWeight=600)
    ).encode(x=x, y=alt.value(8), text="label:N")
    return finished(alt.layer(band, rule, mark, line, points, ends, rule_name, mark_name), 340)


def waits(
    lines: Sequence[Line],
    unit: str,
    limit: tuple[float, str] | None = None,
    at: tuple[float, str] | None = None,
) -> Chart:
    """Figures by demand; ``limit`` is a level and its name, ``at`` a demand and its name."""
    top = max(high for line in lines for _, _, _, high in line.points)
    ends = apart([line.points[-1][1] for line in lines], 0.06 * max(top, 1e-9))
    found: list[dict[str, Any]] = []
    for line, end in zip(lines, ends, strict=True):
        named = {"name": line.name, "label": line.label}
        found += [
            {"kind": "line", "volume": volume, "value": value, "low": low, "high": high}
            | named
            | {"text": f"{doses(value)} ({doses(low)} to {doses(high)})" if high > low else doses(value)}
            for volume, value, low, high in line.points
        ]
        found.append({"kind": "end", "volume": line.points[-1][0], "value": end} | named)
    volumes = [volume for line in lines for volume, _, _, _ in line.points]
    if limit:
        found.append({"kind": "limit", "value": limit[0], "label": limit[1]})
    if at:
        share = (at[0] - min(volumes)) / max(max(volumes) - min(volumes), 1e-9)
        found.append({"kind": "at", "volume": at[0], "label": at[1]} | side(share))
    return Chart(pd.DataFrame(found), waits_spec(unit))
