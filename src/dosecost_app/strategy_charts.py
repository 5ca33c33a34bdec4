"""The charts of the page *Strategy*: the map of the best strategy, and what deciding a switch in each month costs.

As in ``charts``: constant specifications, colours that follow the background, nothing said by colour alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import altair as alt
import pandas as pd

from dosecost_app.charts import (
    ALERT,
    GROUND,
    INK,
    PLAIN,
    PLATFORM,
    QUIET,
    Chart,
    Spec,
    axis,
    finished,
    only,
    scale,
    short,
    text,
    themed,
)

NOTHING = "nothing"
REACHED = {True: "yes", False: "no"}
LASTS = {"yes": PLAIN, "no": ALERT}
SHAPES = alt.Scale(domain=list(LASTS), range=["circle", "triangle-up"])
FILLS = PLATFORM | {NOTHING: GROUND}


class Cell(NamedTuple):
    """One amount at the opening and one rate of patients: the best strategy's platform (``nothing`` where none is
    feasible), the letters that stand for it, what is known of it and of the second best; ``mark`` is ``own`` for the
    plan's own amount and rate."""

    funding: str
    patients: str
    platform: str
    letters: str
    strategy: str
    cost: str
    runway: str
    second: str
    mark: str


class Month(NamedTuple):
    """Deciding a switch in a month: what a patient costs over the plan, whether the money reaches the milestone, and
    which phase waits for it."""

    month: int
    cost: float
    reached: bool
    waits: str = ""


def strategy_map(cells: Sequence[Cell], currency: str) -> Chart:
    """A cell for each amount and rate, the best strategy's letters in it."""
    return Chart(pd.DataFrame([cell._asdict() for cell in cells]), map_spec(currency))


@cache
def map_spec(currency: str) -> Spec:
    """Cells by amount (the most on top) and rate of patients."""
    y = alt.Y(
        "funding:O",
        sort=None,
        title=f"At the opening, {currency} M",
        axis=alt.Axis(labelColor=themed(INK), titleColor=themed(INK), labelPadding=4),
    )
    x = alt.X(
        "patients:O",
        sort=None,
        title="Patients a year",
        axis=alt.Axis(labelAngle=0, labelColor=themed(INK), titleColor=themed(INK)),
    )
    base = alt.Chart()
    cells = base.mark_rect(stroke=themed(QUIET), strokeWidth=0.5).encode(
        y=y,
        x=x,
        color=alt.Color("platform:N", scale=scale(FILLS), legend=None),
        tooltip=[
            alt.Tooltip("strategy:N", title="Best strategy"),
            alt.Tooltip("cost:N", title=f"{currency} per patient over the plan"),
            alt.Tooltip("second:N", title="Second best"),
            alt.Tooltip("runway:N", title="Money lasts"),
            alt.Tooltip("patients:N", title="Patients a year"),
            alt.Tooltip("funding:N", title=f"At the opening, {currency} M"),
        ],
    )
    feasible = base.transform_filter(f"datum.platform !== '{NOTHING}'")
    none = base.transform_filter(only_nothing())
    letters = feasible.mark_text(fontSize=11, fontWeight=600, color=themed(GROUND)).encode(y=y, x=x, text="letters:N")
    dashes = none.mark_text(fontSize=11, color=themed(QUIET)).encode(y=y, x=x, text="letters:N")
    own = base.transform_filter("datum.mark === 'own'")
    around = own.mark_rect(filled=False, stroke=themed(GROUND), strokeWidth=7).encode(y=y, x=x)
    outline = own.mark_rect(filled=False, stroke=themed(INK), strokeWidth=3).encode(y=y, x=x)
    return finished(alt.layer(cells, around, outline, letters, dashes), 490)


def only_nothing() -> str:
    """Cells where no strategy is feasible."""
    return f"datum.platform === '{NOTHING}'"


def months(
    found: Sequence[Month],
    never: float,
    start: float | None,
    best: Month | None,
    phases: Sequence[tuple[int, str]],
    currency: str,
) -> Chart:
    """Cost per patient over the plan against the month of the decision, without a switch, and with the platform from
    the start where that is known; ``phases`` are first months with names."""
    first, last = found[0].month, found[-1].month
    middle = (first + last) / 2
    rows = [
        _row("month", one.month, one.cost, short(one.cost), one.reached) | {"waits": one.waits or "none"}
        for one in found
    ]
    above = start is None or never >= start
    rows.append(_row("never", last, never, f"no switch {short(never)}", True) | _beside(-1, above))
    if start is not None:
        rows.append(_row("start", last, start, f"from the start {short(start)}", True) | _beside(-1, not above))
    if best is not None:
        label = f"month {best.month}: {short(best.cost)}"
        room = {"side": "left" if best.month <= middle else "right", "shift": 1 if best.month <= middle else -1}
        rows.append(_row("best", best.month, best.cost, label, best.reached) | room)
    rows += [_row("phase", month, never, name, True) for month, name in phases]
    return Chart(pd.DataFrame(rows), months_spec(currency))


def _row(kind: str, month: int, cost: float, said: str, reached: bool) -> dict[str, object]:
    return {"kind": kind, "month": month, "cost": cost, "text": said, "reached": REACHED[reached]}


def _beside(shift: int, above: bool) -> dict[str, object]:
    return {"shift": shift, "down": -9 if above else 11}


@cache
def months_spec(currency: str) -> Spec:
    """A line over the months, rules where the plan stays as it is and where the platform is there from the start, a
    mark at the best month, and where each phase begins."""
    x = alt.X("month:Q", title="Month of the decision", scale=alt.Scale(zero=False), axis=axis(tickCount=8, grid=False))
    y = alt.Y(
        "cost:Q",
        title=f"{currency} per patient over the plan",
        scale=alt.Scale(zero=False, nice=True, range=[alt.ExprRef("height"), 26]),
        axis=axis(tickCount=6),
    )
    base = alt.Chart()
    phase = base.transform_filter(only("phase"))
    begins = phase.mark_rule(color=themed(QUIET), strokeDash=[2, 3], strokeWidth=1).encode(x=x)
    phases = phase.mark_text(**text(align="left", dx=4, fontSize=11, color=themed(QUIET))).encode(
        x=x, y=alt.value(8), text="text:N"
    )
    line = base.transform_filter(only("month")).mark_line(strokeWidth=2.5, color=themed(PLAIN)).encode(x=x, y=y)
    points = (
        base.transform_filter(only("month"))
        .mark_point(filled=True, size=alt.ExprRef("datum.reached === 'no' ? 64 : 34"), opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("reached:N", scale=scale(LASTS), legend=None),
            shape=alt.Shape("reached:N", scale=SHAPES, legend=None),
            tooltip=[
                alt.Tooltip("month:Q", title="Month", format="d"),
                alt.Tooltip("text:N", title=f"{currency} per patient"),
                alt.Tooltip("reached:N", title="Money reaches the milestone"),
                alt.Tooltip("waits:N", title="Phase that waits"),
            ],
        )
    )
    never, start = base.transform_filter(only("never")), base.transform_filter(only("start"))
    rule = never.mark_rule(color=themed(INK), strokeDash=[6, 4]).encode(y=y)
    earlier = start.mark_rule(color=themed(INK), strokeDash=[2, 2]).encode(y=y)
    place = text(align="right", dy=alt.ExprRef("datum.down"), fontWeight=600)
    around = {"color": themed(GROUND), "stroke": themed(GROUND), "strokeWidth": 4}
    best = base.transform_filter(only("best"))
    mark = best.mark_point(filled=True, size=120, shape="diamond", color=themed(INK), opacity=1).encode(x=x, y=y)
    beside = text(align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 9"), dy=16, fontWeight=600)
    labels = [
        layer.mark_text(**style).encode(x=x, y=y, text="text:N")
        for layer, style in (
            (never, place | around),
            (never, place),
            (start, place | around),
            (start, place),
            (best, beside | around),
            (best, beside),
        )
    ]
    return finished(alt.layer(begins, rule, earlier, line, points, mark, *labels, phases), 380)
