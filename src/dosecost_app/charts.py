"""The charts: rows in, a small frame and a constant Vega-Lite specification out, and the sentence that says it.

A specification holds units, colours and layout but no figure of today: it is built once and kept, so a change in
the scenario only swaps the rows of the living chart. Colours follow the background inside the chart, so that the
reader's change of theme needs no new run. Nothing is said by colour alone: labels, dashes and order say it too.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import cycle, pairwise
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from dosecost import recipes
from dosecost.ledger import CATEGORIES
from dosecost_app import palette, words

Spec = dict[str, Any]
Why = Mapping[str, str]
"""Names of the model's figures behind a chart or a table, by what the page calls them."""
Names = Sequence[str]
"""Names of the figures that the rows of a table stand for."""
Colour = tuple[str, str]

INK: Colour = ("#2b3940", "#d3dde1")
QUIET: Colour = ("#6b7a82", "#8a9aa2")
GROUND: Colour = (palette.BACKGROUND_LIGHT, palette.BACKGROUND_DARK)
CATEGORY: dict[str, Colour] = {
    name: (palette.CATEGORY_COLOURS_LIGHT[name], palette.CATEGORY_COLOURS_DARK[name]) for name in CATEGORIES
}
PLATFORM: dict[str, Colour] = {
    name: (colour, palette.PLATFORM_COLOURS_DARK[name]) for name, colour in palette.PLATFORM_COLOURS_LIGHT.items()
}
NEW_PLATFORMS = tuple(name for name in recipes.load() if name not in PLATFORM)
"""Platforms of ``data/platforms`` without a colour of their own: each gets one of the series."""
PLATFORM |= dict(zip(NEW_PLATFORMS, cycle(zip(palette.SERIES_LIGHT, palette.SERIES_DARK, strict=True))))
DASHES = palette.PLATFORM_DASHES | dict(zip(NEW_PLATFORMS, cycle(palette.PLATFORM_DASHES.values())))
PLAIN = CATEGORY["materials"]
ALERT = CATEGORY["apheresis"]
TONES = CATEGORY | {
    "plain": PLAIN,
    "open": CATEGORY["apheresis"],
    "briefly_open": CATEGORY["quality"],
    "closed": CATEGORY["materials"],
}
"""What a bar can mean: a category, nothing in particular, or how a step meets the room."""
PARTS = {
    "research": CATEGORY["vector"],
    "administration": CATEGORY["overhead"],
    "clinical": CATEGORY["labour"],
    "plant": CATEGORY["materials"],
    "capital": CATEGORY["quality"],
    "change": CATEGORY["logistics"],
    "debt_service": CATEGORY["apheresis"],
    "stock": CATEGORY["monitoring"],
}
"""Parts of the monthly outflow, from the bottom of the stack; what is below zero stands below the axis."""
LABELS = {
    "materials": "Materials",
    "vector": "Vector",
    "labour": "Labour",
    "quality": "Quality",
    "facility": "Facility",
    "equipment": "Equipment",
    "monitoring": "Monitoring",
    "logistics": "Logistics",
    "apheresis": "Apheresis",
    "overhead": "Overhead",
    "idle_capacity": "Idle capacity",
}
PART_LABELS = {
    "research": "Research",
    "administration": "Administration",
    "clinical": "Clinical trial",
    "plant": "Running the plant",
    "capital": "Capital",
    "change": "Change of the plant",
    "debt_service": "Debt service",
    "stock": "Change of stock",
}
OCCASIONAL = ("change", "debt_service")
"""Parts that are shown only where there is any."""
UNNAMED = (*OCCASIONAL, "stock")
"""Parts too small for a name in the chart: the legend has them."""
HEADS = "heads (FTE)"
AXIS_LABELS = "datum.value === 0 ? '0' : replace(replace(datum.label, 'G', ' bn'), 'M', ' M')"
STEPS = [digit * 10**power for power in range(8) for digit in (1, 2, 5)]
"""Ticks of a logarithmic axis."""
CELL_STEPS = [digit * 10**power for power in range(3, 14) for digit in (1, 2, 5)]
"""Ticks of a logarithmic axis of cells."""
CELL_KINDS = {"T cells": "circle", "CAR+ cells": "diamond"}
BREAK_IN_FIGURE = re.compile(r"(?<=USD|EUR) (?=[−\d])|(?<=\d) (?=\\%|M\b|bn\b|months?\b)")
"""A space inside a figure of an escaped sentence: between currency and number, or number and unit."""
NARROW = 420
"""Width in pixels below which a chart shows its labels in their short form."""
LABEL_ROOM = 104
"""Pixels kept free right of bars and curves for their labels."""
LOWEST_LOG_GAP = 0.06
"""Least distance of two labels at the ends of curves, as a share of the height."""


class Chart(NamedTuple):
    """Rows and the constant specification that draws them."""

    frame: pd.DataFrame
    spec: Spec


class Bar(NamedTuple):
    """One bar; ``note`` follows its amount, or stands alone where there is no amount."""

    label: str
    amount: float | None
    note: str = ""
    tone: str = "plain"


class Stack(NamedTuple):
    """One stacked bar: a platform and its amounts by category."""

    label: str
    amounts: dict[str, float]
    present: bool


class Curve(NamedTuple):
    """Cost against volume for one platform."""

    platform: str
    label: str
    costs: Sequence[float]
    present: bool


class Crossing(NamedTuple):
    """The volume from which the platform ``label`` is the cheapest."""

    label: str
    volume: float
    cost: float


class Stage(NamedTuple):
    """Cells of one lot after a step; ``kind`` says which cells are counted."""

    label: str
    cells: float
    kind: str


class Phase(NamedTuple):
    """A phase: its first and last month."""

    label: str
    start: float
    end: float


class Receipt(NamedTuple):
    """Money received from a month on, in so many monthly parts."""

    label: str
    month: float
    amount: float
    parts: int


class Decided(NamedTuple):
    """Decisions of one month: their letters and names."""

    mark: str
    label: str
    month: float


class Balance(NamedTuple):
    """Closing balances from month 0 (the opening cash) to the horizon, and what is marked on them."""

    closing: Sequence[float]
    floor: float
    cash_out: int | None
    phases: Sequence[Phase]
    receipts: Sequence[Receipt]
    decided: Sequence[Decided] = ()

    @property
    def lowest(self) -> tuple[int, float]:
        """Month and amount of the lowest balance."""
        month = min(range(len(self.closing)), key=lambda i: self.closing[i])
        return month, self.closing[month]


class Outflow(NamedTuple):
    """One month's money out by part, and its revenue."""

    month: int
    parts: dict[str, float]
    revenue: float


def themed(colour: Colour) -> alt.ExprRef:
    """A colour that follows the chart's background."""
    return alt.ExprRef(f"dark ? '{colour[1]}' : '{colour[0]}'")


def scale(colours: dict[str, Colour]) -> alt.Scale:
    """A colour scale that follows the chart's background."""
    return alt.Scale(domain=list(colours), range=[themed(colour) for colour in colours.values()])


def text(**more: Any) -> dict[str, Any]:
    """Properties of a label drawn in the chart."""
    return {"color": themed(INK), "fontSize": 12, "clip": False} | more


def axis(**more: Any) -> alt.Axis:
    """An axis of numbers, dark enough to read."""
    ink = themed(INK)
    return alt.Axis(format="~s", labelExpr=AXIS_LABELS, labelColor=ink, titleColor=ink, **more)


def names_axis() -> alt.Axis:
    """An axis of names, cut short where the page is narrow."""
    limit = alt.ExprRef(f"containerSize()[0] < {NARROW} ? 112 : 200")
    return alt.Axis(labelLimit=limit, labelPadding=6, labelColor=themed(INK))


def legend(columns: int) -> alt.Legend:
    """A legend below the chart, in two columns where the chart is narrow."""
    narrow = alt.ExprRef(f"width < {NARROW} ? 2 : {columns}")
    return alt.Legend(title=None, orient="bottom", columns=narrow, labelLimit=150, labelColor=themed(INK))


def fitting() -> alt.ExprRef:
    """A label in full, or its short form where the chart is narrow."""
    return alt.ExprRef(f"width < {NARROW} ? datum.short : datum.text")


def only(kind: str) -> str:
    """Filter on the rows of one layer."""
    return f"datum.kind === '{kind}'"


def finished(chart: alt.LayerChart, height: int, **padding: int) -> Spec:
    """The specification as plain data, without rows. A reader of screens gets the chart's ``alt`` and the table."""
    dark = alt.param(name="dark", expr="luminance(background) < 0.5")
    spec = chart.add_params(dark).properties(height=height).to_dict()
    for key in ("$schema", "config", "datasets", "data"):
        spec.pop(key, None)
    for layer in spec["layer"]:
        layer.pop("data", None)
        layer["mark"]["aria"] = False
    spec["padding"] = {"left": 5, "top": 5, "right": 5, "bottom": 5} | padding
    return spec


def short(x: float) -> str:
    """Money at three significant figures where the axis names the currency."""
    return words.money(x, "").strip()


def signed_whole(amount: int) -> str:
    """A difference in whole money with its sign."""
    return f"{amount:+,d}".replace("-", "−")


def brief(label: str) -> str:
    """A label up to its first comma, where room is short."""
    return label.partition(",")[0]


def distinct(labels: Iterable[str]) -> list[str]:
    """Labels up to their first comma, a repeated one numbered: rows of one label would share a band of the chart."""
    return distinct_names(map(brief, labels))


def distinct_names(labels: Iterable[str]) -> list[str]:
    """Labels as they are, a repeated one numbered."""
    found: list[str] = []
    for label in labels:
        free = (f"{label} ({n})" if n else label for n in (0, *range(2, len(found) + 3)))
        found.append(next(name for name in free if name not in found))
    return found


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def prose(sentence: str) -> str:
    """A sentence as Markdown that shows just its characters, no line break between a number and its unit."""
    return BREAK_IN_FIGURE.sub("\N{NO-BREAK SPACE}", words.plain(sentence))


# ---- bars -----------------------------------------------------------------------------------------------------


@cache
def bars_spec(unit: str, height: int) -> Spec:
    """Horizontal bars in the order of the rows, each with its label."""
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis())
    ticks = {"tickCount": alt.ExprRef("width / 90")} | ({"tickMinStep": 1} if unit == HEADS else {})
    x = alt.X(
        "amount:Q",
        title=unit,
        scale=alt.Scale(zero=True, range=[0, alt.ExprRef(f"width - {LABEL_ROOM}")]),
        axis=axis(**ticks),
    )
    bars = (
        alt.Chart()
        .mark_bar(height={"band": 0.72})
        .encode(
            y=y,
            x=x,
            color=alt.Color("tone:N", scale=scale(TONES), legend=None),
            tooltip=[alt.Tooltip("label:N", title="What"), alt.Tooltip("text:N", title=unit)],
        )
    )
    labels = alt.Chart().mark_text(**text(align="left", dx=5)).encode(y=y, x=x, text="text:N")
    return finished(alt.layer(bars, labels), height)


def bars(rows: Sequence[Bar], unit: str, height: int, show: Callable[[float], str] = words.doses) -> Chart:
    """Bars of any one quantity, in the order given."""
    frame = pd.DataFrame(
        {
            "label": distinct(row.label for row in rows),
            "amount": [row.amount or 0.0 for row in rows],
            "text": [
                row.note if row.amount is None else " · ".join(filter(None, (show(row.amount), row.note)))
                for row in rows
            ],
            "tone": [row.tone for row in rows],
        }
    )
    return Chart(frame, bars_spec(unit, height))


def by_size(rows: Iterable[Bar]) -> list[Bar]:
    """The largest first; rows without an amount last."""
    return sorted(rows, key=lambda row: -math.inf if row.amount is None else row.amount, reverse=True)


def category_bars(rows: Sequence[Bar], currency: str) -> Chart:
    """Cost per patient by category, the largest first, what the boundary leaves out last."""
    return bars(by_size(rows), f"{currency} per patient infused", 430, short)


def category_finding(rows: Sequence[Bar], currency: str) -> str:
    """What makes most of the cost of a dose."""
    counted = by_size(row for row in rows if row.amount is not None)
    total = sum(row.amount or 0.0 for row in counted)
    shares = [f"{row.label.lower()} ({words.percent((row.amount or 0.0) / total)})" for row in counted[:3]]
    return (
        f"Of {words.money(total, currency)} per patient infused the largest parts are {listed(shares)}; "
        f"the first alone comes to {words.money(counted[0].amount or 0.0, currency)}."
    )


def step_bars(rows: Sequence[Bar], currency: str) -> Chart:
    """Cost per patient by step, in the order of the process."""
    return bars(rows, f"{currency} per patient infused", 420, short)


def step_finding(rows: Sequence[Bar], elsewhere: float, currency: str) -> str:
    """Which step costs most, and how much of the cost belongs to no single step."""
    in_steps = sum(row.amount or 0.0 for row in rows)
    rest = (
        f"{words.money(elsewhere, currency)} of {words.money(in_steps + elsewhere, currency)} per patient infused "
        f"belongs to no single step (people, rooms, upkeep)"
    )
    if in_steps == 0:
        return f"No cost line belongs to a step: {rest}."
    top = max(rows, key=lambda row: row.amount or 0.0)
    return (
        f"What is bought for single steps comes to {words.money(in_steps, currency)}, the most for "
        f"“{top.label}” at {words.money(top.amount or 0.0, currency)}; {rest}."
    )


# ---- cells ----------------------------------------------------------------------------------------------------


@cache
def cells_spec() -> Spec:
    """Cells after each step on a logarithmic axis, with the target dose as a rule."""
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis())
    x = alt.X(
        "cells:Q",
        title="Cells of the median lot (log scale)",
        scale=alt.Scale(type="log", nice=False, padding=14, range=[0, alt.ExprRef(f"width - {LABEL_ROOM}")]),
        axis=axis(values=CELL_STEPS),
    )
    colours = dict(zip(CELL_KINDS, (CATEGORY["quality"], PLAIN), strict=True))
    base = alt.Chart()
    dose = base.transform_filter(only("dose"))
    rule = dose.mark_rule(color=themed(ALERT), strokeDash=[6, 4], strokeWidth=1.5).encode(x=x)
    rule_text = dose.mark_text(
        **text(align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 6"), fontWeight=600)
    ).encode(x=x, y=alt.value(-9), text="text:N")
    stages = base.transform_filter(only("stage"))
    line = stages.mark_line(color=themed(QUIET), strokeWidth=1.5).encode(x=x, y=y, order="number:Q")
    points = stages.mark_point(filled=True, size=110, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color("counted:N", scale=scale(colours), legend=legend(2)),
        shape=alt.Shape(
            "counted:N", scale=alt.Scale(domain=list(CELL_KINDS), range=list(CELL_KINDS.values())), legend=legend(2)
        ),
        tooltip=[
            alt.Tooltip("label:N", title="Step"),
            alt.Tooltip("counted:N", title="Counted"),
            alt.Tooltip("text:N", title="Cells"),
        ],
    )
    place = text(align="left", dx=10)
    labels = [
        stages.mark_text(**place, **halo).encode(x=x, y=y, text="text:N")
        for halo in ({"stroke": themed(GROUND), "strokeWidth": 4}, {})
    ]
    return finished(alt.layer(rule, line, *labels, points, rule_text), 340, top=22)


def cells(rows: Sequence[Stage], dose: float) -> Chart:
    """Cells of one lot from step to step against the dose that is wanted."""
    found: list[dict[str, Any]] = [
        {"kind": "stage", "label": row.label, "cells": row.cells, "counted": row.kind, "text": short(row.cells)}
        | {"number": number}
        for number, row in enumerate(rows)
    ]
    amounts = [math.log(amount) for amount in (*(row.cells for row in rows), dose)]
    share = (math.log(dose) - min(amounts)) / max(max(amounts) - min(amounts), 1e-9)
    found.append({"kind": "dose", "cells": dose, "text": f"target dose {short(dose)}"} | side(share))
    return Chart(pd.DataFrame(found), cells_spec())


# ---- platforms ------------------------------------------------------------------------------------------------


@cache
def stack_spec(currency: str) -> Spec:
    """Stacked bars by category, the total beside each, a category's name where it fits."""
    y = alt.Y("platform:N", sort=None, title=None, axis=names_axis())
    scale_x = alt.Scale(zero=True, nice=False, range=[0, alt.ExprRef("width - 74")])
    ticks = axis(tickCount=alt.ExprRef("width / 90"))
    x = alt.X("start:Q", title=f"{currency} per patient infused", scale=scale_x, axis=ticks)
    segments = (
        alt.Chart()
        .transform_filter(only("part"))
        .mark_bar(height={"band": 0.7}, stroke=themed(GROUND), strokeWidth=1)
        .encode(
            y=y,
            x=x,
            x2="end:Q",
            color=alt.Color(
                "category:N",
                scale=scale({LABELS[name]: colour for name, colour in CATEGORY.items()}),
                legend=legend(6),
            ),
            tooltip=[
                alt.Tooltip("platform:N", title="Platform"),
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("text:N", title=f"{currency} per patient infused"),
            ],
        )
    )
    fits = alt.ExprRef("(datum.end - datum.start) / datum.top * (width - 74) > 7.2 * length(datum.category) ? 1 : 0")
    names = (
        alt.Chart()
        .transform_filter(only("part"))
        .mark_text(color=themed(GROUND), fontSize=11, fontWeight=600, opacity=fits)
        .encode(y=y, x=alt.X("middle:Q", scale=scale_x, axis=ticks), text="category:N")
    )
    totals = (
        alt.Chart()
        .transform_filter(only("total"))
        .mark_text(**text(align="left", dx=6, fontWeight=600))
        .encode(y=y, x=alt.X("end:Q", scale=scale_x, axis=ticks), text="text:N")
    )
    return finished(alt.layer(segments, names, totals), 430)


def platform_stack(rows: Sequence[Stack], currency: str) -> Chart:
    """Platforms at the same demand, stacked by category."""
    top = max(sum(row.amounts.values()) for row in rows)
    found: list[dict[str, Any]] = []
    for row in rows:
        name = f"{brief(row.label)} (now)" if row.present else brief(row.label)
        at = 0.0
        for category in CATEGORIES:
            amount = row.amounts[category]
            part = {"start": at, "end": at + amount, "middle": at + amount / 2, "top": top}
            label = LABELS[category]
            found.append({"kind": "part", "platform": name, "category": label, "text": short(amount)} | part)
            at += amount
        total = {"start": at, "end": at, "middle": at, "top": top}
        found.append({"kind": "total", "platform": name, "category": None, "text": short(at)} | total)
    return Chart(pd.DataFrame(found), stack_spec(currency))


def stack_finding(rows: Sequence[Stack], patients: float, currency: str) -> str:
    """Which platform costs least at this demand, and how far the present one is from it."""
    totals = {row.label: sum(row.amounts.values()) for row in rows}
    best = min(totals, key=totals.__getitem__)
    present = next(row.label for row in rows if row.present)
    sentence = (
        f"At {words.patients(patients)} “{best}” costs least: {words.money(totals[best], currency)} per patient infused"
    )
    if present == best:
        others = sorted(total for label, total in totals.items() if label != best)
        return f"{sentence}. It is the present platform; the next one costs {more_than(others[0], totals[best])}."
    return (
        f"{sentence}. The present platform, “{present}”, costs {words.money(totals[present], currency)}, "
        f"{more_than(totals[present], totals[best])}."
    )


def more_than(x: float, than: float) -> str:
    """``12 % more``."""
    return f"{words.percent(x / than - 1)} more"


# ---- volume ---------------------------------------------------------------------------------------------------


@cache
def volume_spec(currency: str) -> Spec:
    """Curves on two logarithmic axes with their names at their ends."""
    x = alt.X(
        "volume:Q",
        title="Patients per year (log scale)",
        scale=alt.Scale(type="log", nice=False, range=[0, alt.ExprRef(f"width - {LABEL_ROOM}")]),
        axis=axis(values=STEPS, labelFlush=False),
    )
    y = alt.Y(
        "cost:Q",
        title=f"{currency} per patient infused (log scale)",
        scale=alt.Scale(type="log", nice=False, range=[alt.ExprRef("height - 40"), 20]),
        axis=axis(values=STEPS),
    )
    colour = alt.Color("platform:N", scale=scale(PLATFORM), legend=None)
    dashes = alt.Scale(domain=list(DASHES), range=[list(dash) for dash in DASHES.values()])
    hint = [
        alt.Tooltip("label:N", title="Platform"),
        alt.Tooltip("volume:Q", title="Patients per year", format=",.0f"),
        alt.Tooltip("text:N", title=f"{currency} per patient infused"),
    ]
    base = alt.Chart()
    lines = (
        base.transform_filter(only("curve"))
        .mark_line(interpolate="linear")
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash("platform:N", scale=dashes, legend=None),
            strokeWidth=alt.StrokeWidth("weight:Q", scale=None, legend=None),
        )
    )
    hover = (
        base.transform_filter(only("curve")).mark_point(opacity=0, size=90, filled=True).encode(x=x, y=y, tooltip=hint)
    )
    ends = (
        base.transform_filter(only("end"))
        .mark_text(fontSize=12, fontWeight=600, align="left", dx=8, clip=False)
        .encode(x=x, y=y, text="text:N", color=colour)
    )
    now = (
        base.transform_filter(only("now"))
        .mark_rule(color=themed(QUIET), strokeDash=[4, 4], strokeWidth=1.5)
        .encode(x=x, y=alt.value(0), y2=alt.value(alt.ExprRef("height - 40")))
    )
    now_text = (
        base.transform_filter(only("now"))
        .mark_text(**text(align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 6")))
        .encode(x=x, y=alt.value(8), text="text:N")
    )
    crossing = base.transform_filter(only("crossing"))
    points = crossing.mark_point(color=themed(INK), fill=themed(GROUND), size=90, strokeWidth=2, opacity=1).encode(
        x=x, y=y, tooltip=[alt.Tooltip("text:N", title="Crossover")]
    )
    foot = alt.ExprRef("height - 9 - 16 * datum.row")
    drop = crossing.mark_rule(color=themed(QUIET), strokeWidth=1, strokeDash=[2, 3]).encode(
        x=x, y=y, y2=alt.value(alt.ExprRef("height"))
    )
    point_text = crossing.mark_text(
        **text(align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 5"), y=foot, text=fitting())
    ).encode(x=x)
    return finished(alt.layer(now, drop, lines, hover, ends, now_text, points, point_text), 430)


def apart(values: Sequence[float], gap: float) -> list[float]:
    """The values moved up where needed so that each is at least ``gap`` above the next lower one."""
    moved = list(values)
    order = sorted(range(len(values)), key=lambda i: values[i])
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return moved


def side(share: float) -> dict[str, Any]:
    """Where a label stands at this share of the width, so that it stays inside."""
    return {"side": "left", "shift": 1} if share < 0.5 else {"side": "right", "shift": -1}


def volume_curve(
    curves: Sequence[Curve], volumes: Sequence[float], now: float, crossings: Sequence[Crossing], currency: str
) -> Chart:
    """Cost per patient against volume, with the present volume and the volumes where the cheapest changes."""
    found: list[dict[str, Any]] = []
    logs = [math.log10(cost) for curve in curves for cost in curve.costs]
    ends = apart([math.log10(curve.costs[-1]) for curve in curves], LOWEST_LOG_GAP * max(max(logs) - min(logs), 0.1))
    span = math.log(volumes[-1] / volumes[0])
    for curve, end in zip(curves, ends, strict=True):
        name = {"platform": curve.platform, "label": curve.label}
        for volume, cost in zip(volumes, curve.costs, strict=True):
            point = {"volume": volume, "cost": cost, "text": short(cost), "weight": 3.5 if curve.present else 2.0}
            found.append({"kind": "curve"} | name | point)
        found.append({"kind": "end", "volume": volumes[-1], "cost": 10**end, "text": brief(curve.label)} | name)
    for i, crossing in enumerate(crossings):
        share = math.log(crossing.volume / volumes[0]) / span
        label = f"{brief(crossing.label)} from {words.doses(crossing.volume)} a year"
        point = {
            "volume": crossing.volume,
            "cost": crossing.cost,
            "text": label,
            "short": f"from {words.doses(crossing.volume)}",
            "row": i % 2,
        }
        found.append({"kind": "crossing"} | point | side(share))
    at = math.log(now / volumes[0]) / span
    found.append({"kind": "now", "volume": now, "text": f"now {words.doses(now)} a year"} | side(at))
    return Chart(pd.DataFrame(found), volume_spec(currency))


def volume_finding(
    curves: Sequence[Curve], volumes: Sequence[float], now: float, crossings: Sequence[Crossing], currency: str
) -> str:
    """What the present platform costs at the present volume, and where the cheapest one changes."""
    at = list(volumes).index(now)
    present = next(curve for curve in curves if curve.present)
    sentence = (
        f"At {words.patients(now)} “{present.label}” costs "
        f"{words.money(present.costs[at], currency)} per patient infused, the plant sized for each volume"
    )
    if not crossings:
        best = min(curves, key=lambda curve: curve.costs[at])
        return f"{sentence}; “{best.label}” stays the cheapest at every volume shown."
    changes = [f"“{c.label}” from {words.doses(c.volume)} a year{already(c, curves, volumes)}" for c in crossings]
    return f"{sentence}. The cheapest changes for good with volume: {listed(changes)}."


def already(crossing: Crossing, curves: Sequence[Curve], volumes: Sequence[float]) -> str:
    """Where the platform that takes over for good was the cheapest before, until another room or device was needed."""
    costs = next(curve.costs for curve in curves if curve.label == crossing.label)
    before = [
        volume
        for i, volume in enumerate(volumes)
        if volume < crossing.volume and costs[i] == min(curve.costs[i] for curve in curves)
    ]
    return f" (at times from {words.doses(before[0])} already)" if before else ""


# ---- cash -----------------------------------------------------------------------------------------------------


@cache
def balance_spec(currency: str) -> Spec:
    """The balance by month under bands for the phases, with what matters marked and named."""
    x = alt.X(
        "month:Q",
        title="Month of the plan",
        scale=alt.Scale(nice=False, zero=True),
        axis=axis(tickCount=alt.ExprRef("width / 60"), grid=False),
    )
    y = alt.Y(
        "money:Q",
        title=f"Cash at month end, {currency}",
        scale=alt.Scale(zero=True, nice=True, range=[alt.ExprRef("height - 16"), 50]),
        axis=axis(tickCount=6),
    )
    base = alt.Chart()
    wide = "(datum.until - datum.month) / datum.horizon * width"
    shade = alt.ExprRef("datum.shade")
    bands = base.transform_filter(only("phase")).mark_rect(color=themed(INK), opacity=shade).encode(x=x, x2="until:Q")
    band_names = (
        base.transform_filter(only("phase"))
        .mark_text(
            **text(
                align="left",
                dx=4,
                fontWeight=600,
                text=alt.ExprRef(f"{wide} > 7.4 * length(datum.label) + 10 ? datum.label : datum.text"),
            )
        )
        .encode(x=x, y=alt.value(10))
    )
    balance = base.transform_filter(only("balance"))
    area = balance.mark_area(color=themed(PLAIN), opacity=0.16).encode(x=x, y=y)
    line = balance.mark_line(color=themed(PLAIN), strokeWidth=2.5).encode(x=x, y=y)
    hover = balance.mark_point(opacity=0, size=60, filled=True).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("month:Q", title="Month", format="d"),
            alt.Tooltip("text:N", title=f"Cash at month end, {currency}"),
        ],
    )
    floor = (
        base.transform_filter(only("floor"))
        .mark_rule(color=themed(ALERT), strokeDash=[6, 4], strokeWidth=1.5)
        .encode(y=y)
    )
    floor_text = (
        base.transform_filter(only("floor")).mark_text(**text(align="right", dy=-8)).encode(x=x, y=y, text="text:N")
    )
    receipts = base.transform_filter(only("receipt"))
    raised = receipts.mark_rule(color=themed(QUIET), strokeWidth=1, strokeDash=[2, 3]).encode(
        x=x, y=y, y2=alt.value(36)
    )
    arrows = receipts.mark_point(shape="triangle-up", filled=True, size=80, opacity=1, color=themed(INK)).encode(
        x=x, y=y, tooltip=[alt.Tooltip("label:N", title="Received")]
    )
    raised_text = receipts.mark_text(
        **text(
            align=alt.ExprRef("datum.side"),
            dx=alt.ExprRef("datum.shift * 4"),
            text=alt.ExprRef(
                f"{wide} > 6.8 * length(datum.label) ? datum.label : "
                f"{wide} > 6.8 * length(datum.text) ? datum.text : ''"
            ),
        )
    ).encode(x=x, y=alt.value(29))
    out = base.transform_filter(only("out"))
    out_rule = out.mark_rule(color=themed(ALERT), strokeWidth=2).encode(x=x, y=y, y2=alt.value(50))
    out_point = out.mark_point(color=themed(ALERT), filled=True, size=110, shape="square", opacity=1).encode(x=x, y=y)
    marked = alt.ExprRef("datum.side"), alt.ExprRef("datum.shift * 8")
    out_text = out.mark_text(**text(align=marked[0], dx=marked[1], dy=-12, fontWeight=600, text=fitting())).encode(
        x=x, y=y
    )
    lowest = base.transform_filter(only("lowest"))
    low_point = lowest.mark_point(color=themed(INK), fill=themed(GROUND), size=80, strokeWidth=2, opacity=1).encode(
        x=x, y=y
    )
    low_text = lowest.mark_text(**text(align=marked[0], dx=marked[1], dy=14, text=fitting())).encode(x=x, y=y)
    decided = base.transform_filter(only("decision"))
    diamonds = decided.mark_point(
        shape="diamond", size=110, color=themed(INK), fill=themed(GROUND), strokeWidth=2, opacity=1
    ).encode(x=x, y=y, tooltip=[alt.Tooltip("label:N", title="Decided")])
    letters = text(dy=-14, fontWeight=700)
    letter_halo = decided.mark_text(**letters | {"color": themed(GROUND)}, stroke=themed(GROUND), strokeWidth=4)
    letter = decided.mark_text(**letters)
    layers = (bands, area, line, hover, floor, raised, out_rule, arrows, out_point, low_point, diamonds)
    labels = (
        band_names,
        floor_text,
        raised_text,
        out_text,
        low_text,
        letter_halo.encode(x=x, y=y, text="text:N"),
        letter.encode(x=x, y=y, text="text:N"),
    )
    return finished(alt.layer(*layers, *labels), 420)


def received_label(receipt: Receipt) -> str:
    """A receipt's name and amount."""
    parts = "" if receipt.parts == 1 else f" in {receipt.parts} parts"
    return f"{receipt.label} +{short(receipt.amount)}{parts}"


def receipt_rows(receipts: Iterable[Receipt], horizon: int, money: Sequence[float]) -> list[dict[str, Any]]:
    """Receipts inside the horizon, each with the room its name has."""
    shown = sorted((r for r in receipts if r.month <= horizon), key=lambda receipt: receipt.month)
    following = [*(receipt.month for receipt in shown[1:]), float(horizon)]
    before = [0.0, *(receipt.month for receipt in shown)]
    found = []
    for i, receipt in enumerate(shown):
        late = i == len(shown) - 1 and receipt.month > 0.6 * horizon
        room = (receipt.month - before[i]) / 2 if late else following[i] - receipt.month
        label = {"label": received_label(receipt), "text": f"+{short(receipt.amount)}"}
        where = {"month": receipt.month, "money": money[int(receipt.month)], "until": receipt.month + room}
        found.append({"kind": "receipt", "horizon": horizon} | label | where | side(0.9 if late else 0.1))
    return found


def balance(rows: Balance, currency: str) -> Chart:
    """Closing balance by month, phases along the top, money received, decisions by their letters, the floor, cash-out
    and the lowest point."""
    horizon = len(rows.closing) - 1
    found: list[dict[str, Any]] = [
        {
            "kind": "phase",
            "month": phase.start - 1,
            "until": min(phase.end, horizon),
            "label": phase.label,
            "text": str(i),
            "shade": 0.08 if i % 2 else 0.02,
            "horizon": horizon,
        }
        for i, phase in enumerate(rows.phases, start=1)
        if phase.start <= horizon
    ]
    found += [{"kind": "balance", "month": i, "money": m, "text": short(m)} for i, m in enumerate(rows.closing)]
    named = "" if rows.cash_out else f"floor {short(rows.floor)}"
    found.append({"kind": "floor", "month": horizon, "money": rows.floor, "text": named})
    found += receipt_rows(rows.receipts, horizon, rows.closing)
    found += [
        {"kind": "decision", "month": d.month, "money": rows.closing[int(d.month)], "text": d.mark, "label": d.label}
        for d in rows.decided
        if d.month <= horizon
    ]
    if rows.cash_out:
        when = f"month {rows.cash_out}"
        label = {"text": f"{when}: below the floor of {short(rows.floor)}", "short": when}
        at = {"month": rows.cash_out, "money": rows.floor}
        found.append({"kind": "out"} | at | label | side(rows.cash_out / horizon))
    month, low = rows.lowest
    label = {"text": f"lowest {short(low)}, month {month}", "short": f"lowest {short(low)}"}
    found.append({"kind": "lowest", "month": month, "money": low} | label | side(month / horizon))
    return Chart(pd.DataFrame(found), balance_spec(currency))


def balance_finding(rows: Balance, currency: str) -> str:
    """When the money runs out, and the lowest balance."""
    horizon = len(rows.closing) - 1
    month, low = rows.lowest
    lowest = f"the lowest balance is {words.money(low, currency)}, in month {month}"
    if rows.cash_out is None:
        return f"Cash stays at or above the floor to month {horizon}, the end of the plan; {lowest}."
    return f"Cash falls below the floor of {words.money(rows.floor, currency)} in month {rows.cash_out}; {lowest}."


@cache
def flows_spec(currency: str, parts: tuple[str, ...]) -> Spec:
    """Money out by part, stacked, with revenue as a line and money received along the top."""
    x = alt.X(
        "month:Q",
        title="Month of the plan",
        scale=alt.Scale(nice=False, zero=True),
        axis=axis(tickCount=alt.ExprRef("width / 60"), grid=False),
    )
    y = alt.Y(
        "start:Q",
        title=f"{currency} a month",
        scale=alt.Scale(zero=True, nice=True, range=[alt.ExprRef("height"), 26]),
        axis=axis(tickCount=6),
    )
    base = alt.Chart()
    areas = (
        base.transform_filter(only("part"))
        .mark_area(interpolate="step-before")
        .encode(
            x=x,
            y=y,
            y2="end:Q",
            color=alt.Color(
                "part:N",
                scale=scale({PART_LABELS[name]: PARTS[name] for name in parts}),
                legend=legend(5),
            ),
        )
    )
    hover = (
        base.transform_filter(only("part"))
        .mark_point(opacity=0, size=50, filled=True)
        .encode(
            x=x,
            y=alt.Y("end:Q"),
            tooltip=[
                alt.Tooltip("month:Q", title="Month", format="d"),
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("text:N", title=f"{currency} a month"),
            ],
        )
    )
    tall = "(datum.end - datum.start) / datum.top * (height - 26) > 15"
    long = "datum.months / datum.horizon * width > 7.2 * length(datum.part) + 10"
    names = (
        base.transform_filter(only("name"))
        .mark_text(
            color=themed(GROUND),
            fontSize=11,
            fontWeight=600,
            opacity=alt.ExprRef(f"{tall} && {long} ? 1 : 0"),
        )
        .encode(x=x, y=alt.Y("middle:Q"), text="part:N")
    )
    earned = base.transform_filter(only("revenue"))
    step = {"interpolate": "step-before"}
    revenue = (
        earned.mark_line(color=themed(GROUND), strokeWidth=5, **step).encode(x=x, y=y),
        earned.mark_line(color=themed(INK), strokeWidth=2.5, strokeDash=[6, 3], **step).encode(x=x, y=y),
    )
    earned_name = base.transform_filter(only("revenue_name")).encode(x=x, y=y, text="text:N")
    place = text(align="right", dx=-6, dy=-11, fontWeight=600)
    revenue_name = (
        earned_name.mark_text(**place, stroke=themed(GROUND), strokeWidth=4),
        earned_name.mark_text(**place),
    )
    receipts = base.transform_filter(only("receipt"))

    def fits(name: str) -> str:
        return f"(datum.until - datum.month) / datum.horizon * width > 6.8 * length(datum.{name})"

    arrows = receipts.mark_point(shape="triangle-down", filled=True, size=70, opacity=1, color=themed(INK)).encode(
        x=x, y=alt.value(9), tooltip=[alt.Tooltip("label:N", title="Received")]
    )
    received = receipts.mark_text(
        **text(
            align=alt.ExprRef("datum.side"),
            dx=alt.ExprRef("datum.shift * 9"),
            text=alt.ExprRef(f"{fits('label')} ? datum.label : {fits('text')} ? datum.text : ''"),
        )
    ).encode(x=x, y=alt.value(9))
    return finished(alt.layer(areas, hover, names, *revenue, *revenue_name, arrows, received), 430)


def longest_run(amounts: Sequence[float]) -> tuple[int, int]:
    """First and last index of the run of nearly equal amounts that comes to most."""
    best, most = (0, 0), 0.0
    start, run = 0, 0.0
    for i, amount in enumerate(amounts):
        if abs(amount - amounts[start]) > 0.05 * abs(amounts[start]):
            start, run = i, 0.0
        run += amount
        if run > most:
            most, best = run, (start, i)
    return best


def flows(rows: Sequence[Outflow], receipts: Sequence[Receipt], currency: str) -> Chart:
    """Money out by month and part, revenue against it, money received along the top."""
    horizon = rows[-1].month
    top = max(sum(row.parts.values()) for row in rows)
    found: list[dict[str, Any]] = []
    below = [0.0] * len(rows)
    for part in rows[0].parts:
        label = PART_LABELS[part]
        amounts = [row.parts[part] for row in rows]
        above = [low + max(0.0, amount) for low, amount in zip(below, amounts, strict=True)]
        months = [0, *(row.month for row in rows)]
        for month, low, high, amount in zip(
            months, [below[0], *below], [above[0], *above], [amounts[0], *amounts], strict=True
        ):
            start, end = (low, high) if amount >= 0 else (amount, 0.0)
            band = {"month": month, "start": start, "end": end, "text": short(amount)}
            found.append({"kind": "part", "part": label} | band)
        if part in UNNAMED:
            below = above
            continue
        first, last = longest_run(amounts)
        middle = (first + last) // 2
        place = {"month": (first + last + 1) / 2, "months": last - first + 1, "horizon": horizon, "top": top}
        band = {"start": below[middle], "end": above[middle], "middle": (below[middle] + above[middle]) / 2}
        found.append({"kind": "name", "part": label} | place | band)
        below = above
    if any(row.revenue > 0 for row in rows):
        found += [{"kind": "revenue", "month": row.month, "start": row.revenue} for row in rows]
        last_row = rows[-1]
        label = f"revenue {short(last_row.revenue)}"
        found.append({"kind": "revenue_name", "month": horizon, "start": last_row.revenue, "text": label})
    nothing = [0.0] * (horizon + 1)
    return Chart(
        pd.DataFrame(found + receipt_rows(receipts, horizon, nothing)), flows_spec(currency, tuple(rows[0].parts))
    )


def flows_finding(rows: Sequence[Outflow], currency: str) -> str:
    """Where the money goes, and the heaviest month."""
    totals = {part: sum(row.parts[part] for row in rows) for part in rows[0].parts}
    spent = sum(totals.values())
    top = max(totals, key=totals.__getitem__)
    heaviest = max(rows, key=lambda row: sum(row.parts.values()))
    sentence = (
        f"Over {words.months(len(rows))} {words.money(spent, currency)} goes out; the largest part is "
        f"{PART_LABELS[top].lower()} ({words.percent(totals[top] / spent)}), and the heaviest month is "
        f"month {heaviest.month} with {words.money(sum(heaviest.parts.values()), currency)}."
    )
    revenue = sum(row.revenue for row in rows)
    return sentence + (f" Revenue brings {words.money(revenue, currency)}." if revenue else "")
