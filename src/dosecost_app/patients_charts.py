"""The charts of the page *Patients*: a funnel with its losses one by one, and days stacked by what they are spent on.

As in ``charts``: constant specifications, colours that follow the background, nothing said by colour alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import altair as alt
import pandas as pd

from dosecost_app import words
from dosecost_app.charts import (
    ALERT,
    CATEGORY,
    GROUND,
    INK,
    NARROW,
    PLAIN,
    Chart,
    Colour,
    Spec,
    axis,
    finished,
    fitting,
    legend,
    names_axis,
    only,
    scale,
    text,
    themed,
)

STAGE = "stage"
LOSS = "loss"
JOIN = "join"
KINDS: dict[str, Colour] = {STAGE: PLAIN, LOSS: ALERT, JOIN: CATEGORY["quality"]}
"""What a row of the funnel is: how many reach a stage, who is lost, who joins; its words say it too."""
ROW = 25
"""Height of a row of the funnel in pixels."""
FRAME = 60
"""Pixels of a chart's axis and its title."""
LEAST_LEFT = 0.42
"""Share of the width that the words of a loss need beside its bar; where neither side has it they stand inside."""
STAGE_ROOM = 64
"""Pixels kept free right of the funnel for its numbers."""
PART_COLOURS: dict[str, Colour] = {
    "slot": CATEGORY["idle_capacity"],
    "to_plant": CATEGORY["logistics"],
    "processing": CATEGORY["equipment"],
    "culture": CATEGORY["materials"],
    "testing": CATEGORY["quality"],
    "review": CATEGORY["vector"],
    "to_clinic": CATEGORY["apheresis"],
    "to_infusion": CATEGORY["labour"],
}
PART_LABELS = {
    "slot": "Wait for a slot",
    "to_plant": "To the plant",
    "processing": "Other steps",
    "culture": "Culture",
    "testing": "Release tests",
    "review": "Record review",
    "to_clinic": "To the clinic",
    "to_infusion": "Until infusion",
}
DAYS_ROOM = 190, 92
"""Pixels kept free right of the days for their labels, where the chart is wide and where it is narrow."""


class Flow(NamedTuple):
    """A row of the funnel: its bar from ``start`` to ``end``, a number a year, and its words, long and short."""

    label: str
    kind: str
    start: float
    end: float
    text: str
    short: str


class Days(NamedTuple):
    """One way and its days by part; ``note`` follows the total; ``misses`` says that these are days of no dose."""

    label: str
    days: dict[str, float]
    note: str
    misses: bool


@cache
def funnel_spec(rows: int) -> Spec:
    """Bars of those who reach each stage, between them those who are lost or join, each with its number in words."""
    base = alt.Chart()
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis())
    across = alt.Scale(zero=True, nice=False, range=[0, alt.ExprRef(f"width - {STAGE_ROOM}")])
    ticks = axis(tickCount=alt.ExprRef("width / 90"))
    x = alt.X("start:Q", title="Patients, lots or doses a year", scale=across, axis=ticks)
    bars = base.mark_bar(height={"band": 0.78}).encode(
        y=y,
        x=x,
        x2="end:Q",
        color=alt.Color("kind:N", scale=scale(KINDS), legend=None),
        tooltip=[alt.Tooltip("label:N", title="What"), alt.Tooltip("text:N", title="A year")],
    )
    end = alt.X("at:Q", scale=across, axis=ticks)
    place = {"align": alt.ExprRef("datum.side"), "dx": alt.ExprRef("datum.shift * 6"), "text": fitting()}
    ground, ink = (f"(dark ? '{dark}' : '{light}')" for light, dark in (GROUND, INK))
    place["color"] = alt.ExprRef(f"datum.inside ? {ground} : {ink}")
    numbers = [
        base.transform_filter(shown).mark_text(**text(**place, **weight)).encode(y=y, x=end)
        for shown, weight in ((only(STAGE), {"fontWeight": 600}), (f"datum.kind !== '{STAGE}'", {}))
    ]
    return finished(alt.layer(bars, *numbers), rows * ROW + FRAME)


def funnel(rows: Sequence[Flow]) -> Chart:
    """The funnel, row by row in the order given."""
    top = max(max(row.start, row.end) for row in rows)

    def label(row: Flow) -> dict[str, object]:
        low, high = sorted((row.start, row.end))
        if row.kind == STAGE or (low < LEAST_LEFT * top and high < (1 - LEAST_LEFT) * top):
            return {"at": high, "side": "left", "shift": 1, "inside": False}
        if low < LEAST_LEFT * top:
            return {"at": low, "side": "left", "shift": 1, "inside": True}
        return {"at": low, "side": "right", "shift": -1, "inside": False}

    return Chart(pd.DataFrame([row._asdict() | label(row) for row in rows]), funnel_spec(len(rows)))


@cache
def days_spec(rows: int) -> Spec:
    """Stacked days, a part's name where it fits, the total beside each."""
    room = f"(width < {NARROW} ? {DAYS_ROOM[1]} : {DAYS_ROOM[0]})"
    base = alt.Chart()
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis())
    across = alt.Scale(zero=True, nice=False, range=[0, alt.ExprRef(f"width - {room}")])
    ticks = axis(tickCount=alt.ExprRef("width / 90"))
    x = alt.X("start:Q", title="Days from the request for a slot to the infusion", scale=across, axis=ticks)
    parts = base.transform_filter(only("part"))
    segments = parts.mark_bar(height={"band": 0.7}, stroke=themed(GROUND), strokeWidth=1).encode(
        y=y,
        x=x,
        x2="end:Q",
        color=alt.Color(
            "part:N",
            scale=scale({PART_LABELS[part]: colour for part, colour in PART_COLOURS.items()}),
            legend=legend(4),
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Way"),
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("text:N", title="Days"),
        ],
    )
    fits = alt.ExprRef(f"(datum.end - datum.start) / datum.top * (width - {room}) > 7.2 * length(datum.part) ? 1 : 0")
    names = parts.mark_text(color=themed(GROUND), fontSize=11, fontWeight=600, opacity=fits).encode(
        y=y, x=alt.X("middle:Q", scale=across, axis=ticks), text="part:N"
    )
    totals = (
        base.transform_filter(only("total"))
        .mark_text(**text(align="left", dx=6, fontWeight=600, text=fitting()))
        .encode(y=y, x=alt.X("end:Q", scale=across, axis=ticks))
    )
    return finished(alt.layer(segments, names, totals), rows * 34 + 110)


def days(rows: Sequence[Days]) -> Chart:
    """Each way's days, one after another in the order they pass."""
    top = max(sum(row.days.values()) for row in rows)
    found: list[dict[str, object]] = []
    for row in rows:
        at = 0.0
        for part, name in PART_LABELS.items():
            length = row.days[part]
            place = {"start": at, "end": at + length, "middle": at + length / 2, "top": top}
            found.append({"kind": "part", "label": row.label, "part": name, "text": words.doses(length)} | place)
            at += length
        total = f"{words.doses(at)} days"
        place = {"start": at, "end": at, "middle": at, "top": top}
        found.append({"kind": "total", "label": row.label, "part": "", "text": f"{total}, {row.note}"} | place)
        found[-1]["short"] = f"{words.doses(at)} d, no dose" if row.misses else f"{words.doses(at)} d"
    return Chart(pd.DataFrame(found), days_spec(len(rows)))
