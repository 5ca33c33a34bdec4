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
    feasible), the letters that stand for it, and what is known of it."""

    funding: str
    patients: str
    platform: str
    letters: str
    strategy: str
    cost: str
    runway: str


class Month(NamedTuple):
    """Deciding a switch in a month: what a patient costs over the plan, and whether the money reaches the milestone."""

    month: int
    cost: float
    reached: bool


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
            alt.Tooltip("runway:N", title="Money lasts"),
            alt.Tooltip("patients:N", title="Patients a year"),
            alt.Tooltip("funding:N", title=f"At the opening, {currency} M"),
        ],
    )
    feasible = base.transform_filter(f"datum.platform !== '{NOTHING}'")
    none = base.transform_filter(only_nothing())
    letters = feasible.mark_text(fontSize=11, fontWeight=600, color=themed(GROUND)).encode(y=y, x=x, text="letters:N")
    dashes = none.mark_text(fontSize=11, color=themed(QUIET)).encode(y=y, x=x, text="letters:N")
    return finished(alt.layer(cells, letters, dashes), 470)


def only_nothing() -> str:
    """Cells where no strategy is feasible."""
    return f"datum.platform === '{NOTHING}'"


def months(found: Sequence[Month], never: float, best: Month | None, currency: str) -> Chart:
    """Cost per patient over the plan against the month of the decision, and without a switch."""
    rows = [
        {
            "kind": "month",
            "month": one.month,
            "cost": one.cost,
            "text": short(one.cost),
            "reached": REACHED[one.reached],
        }
        for one in found
    ]
    last = found[-1].month
    rows.append(
        {"kind": "never", "month": last, "cost": never, "text": f"no switch {short(never)}", "reached": REACHED[True]}
    )
    if best is not None:
        label = f"month {best.month}: {short(best.cost)}"
        rows.append(
            {"kind": "best", "month": best.month, "cost": best.cost, "text": label, "reached": REACHED[best.reached]}
        )
    return Chart(pd.DataFrame(rows), months_spec(currency))


def _row(kind: str, month: int, cost: float, said: str, reached: bool) -> dict[str, object]:
    return {"kind": kind, "month": month, "cost": cost, "text": said, "reached": REACHED[reached]}


@cache
def months_spec(currency: str) -> Spec:
    """A line over the months, a rule where the plan stays as it is, a mark at the best month."""
    x = alt.X("month:Q", title="Month of the decision", scale=alt.Scale(zero=False), axis=axis(tickCount=8, grid=False))
    y = alt.Y(
        "cost:Q",
        title=f"{currency} per patient over the plan",
        scale=alt.Scale(zero=False, nice=True),
        axis=axis(tickCount=6),
    )
    base = alt.Chart()
    line = base.transform_filter(only("month")).mark_line(strokeWidth=2.5, color=themed(PLAIN)).encode(x=x, y=y)
    points = (
        base.transform_filter(only("month"))
        .mark_point(filled=True, size=34, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("reached:N", scale=scale(LASTS), legend=None),
            shape=alt.Shape(
                "reached:N",
                scale=SHAPES,
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("month:Q", title="Month", format="d"),
                alt.Tooltip("text:N", title=f"{currency} per patient"),
                alt.Tooltip("reached:N", title="Money reaches the milestone"),
            ],
        )
    )
    never = base.transform_filter(only("never"))
    rule = never.mark_rule(color=themed(INK), strokeDash=[6, 4]).encode(y=y)
    said = never.mark_text(**text(align="right", dy=-9, fontWeight=600)).encode(x=x, y=y, text="text:N")
    best = base.transform_filter(only("best"))
    mark = best.mark_point(filled=True, size=120, shape="diamond", color=themed(INK), opacity=1).encode(x=x, y=y)
    name = best.mark_text(**text(align="left", dx=9, dy=-12, fontWeight=600)).encode(x=x, y=y, text="text:N")
    return finished(alt.layer(rule, line, points, mark, said, name), 360)
