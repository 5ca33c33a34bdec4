"""The chart of the page *Evidence* that other pages do not have: ours over printed, with the band of each.

As in ``charts``: constant specifications, colours that follow the background, nothing said by colour alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import altair as alt
import pandas as pd

from dosecost_app.charts import (
    ALERT,
    CATEGORY,
    GROUND,
    INK,
    PLAIN,
    QUIET,
    Chart,
    Colour,
    Spec,
    axis,
    distinct_names,
    finished,
    scale,
    text,
    themed,
)

KINDS: dict[str, Colour] = {"prediction": PLAIN, "roll-up": CATEGORY["vector"], "outside": ALERT}
"""Where ours comes from, and whether it lies outside the band; shape and words say it too."""
SHAPES = ["circle", "square", "diamond"]
ROOM = 90
"""Pixels kept free on the right for labels."""
LOWEST, HIGHEST = 0.0, 2.5
ROW, ABOVE, BELOW = 38, -9, 8
"""Height of a row in pixels, and where in it its name and its mark stand from the middle."""


class Against(NamedTuple):
    """Ours over printed, with the band as shares of what was printed."""

    label: str
    ratio: float
    low: float
    high: float
    kind: str


def against(rows: Sequence[Against]) -> Chart:
    """One row for each result; a band beyond the axis ends at it."""
    frame = pd.DataFrame(
        {
            "label": distinct_names(row.label for row in rows),
            "ratio": [min(max(row.ratio, LOWEST), HIGHEST) for row in rows],
            "low": [min(max(row.low, LOWEST), HIGHEST) for row in rows],
            "high": [min(max(row.high, LOWEST), HIGHEST) for row in rows],
            "one": [1.0 for _ in rows],
            "start": [LOWEST for _ in rows],
            "edge": [min(max(row.ratio, row.high), HIGHEST) for row in rows],
            "kind": [row.kind for row in rows],
            "text": [f"{row.ratio:.2f}" + (" outside" if row.kind == "outside" else "") for row in rows],
        }
    )
    return Chart(frame, against_spec(len(rows)))


@cache
def against_spec(count: int) -> Spec:
    """A row's name, below it a band and a mark; a line where ours is what was printed."""
    y = alt.Y("label:N", sort=None, title=None, axis=None)
    span = alt.Scale(domain=[LOWEST, HIGHEST], range=[0, alt.ExprRef(f"width - {ROOM}")])
    x = alt.X("ratio:Q", title="ours over printed (1 is as printed)", scale=span, axis=axis(tickCount=6))
    base = alt.Chart()
    bands = base.mark_bar(height=12, opacity=0.35, color=themed(QUIET), yOffset=BELOW).encode(
        y=y, x=alt.X("low:Q", scale=span), x2="high:Q"
    )
    one = base.mark_rule(color=themed(INK), strokeDash=[4, 4]).encode(x=alt.X("one:Q", scale=span))
    marks = base.mark_point(filled=True, size=80, opacity=1, yOffset=BELOW).encode(
        y=y,
        x=x,
        color=alt.Color("kind:N", scale=scale(KINDS), legend=None),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=list(KINDS), range=SHAPES), legend=None),
        tooltip=[
            alt.Tooltip("label:N", title="Result"),
            alt.Tooltip("text:N", title="Ours over printed"),
            alt.Tooltip("kind:N", title="Kind"),
        ],
    )
    labels = base.mark_text(**text(align="left", dx=10, dy=BELOW)).encode(
        y=y, x=alt.X("edge:Q", scale=span), text="text:N"
    )
    name = text(align="left", dx=2, dy=ABOVE)
    halo = base.mark_text(**name | {"color": themed(GROUND)}, stroke=themed(GROUND), strokeWidth=4)
    names = base.mark_text(**name)
    start = alt.X("start:Q", scale=span)
    return finished(
        alt.layer(
            bands,
            one,
            marks,
            labels,
            halo.encode(y=y, x=start, text="label:N"),
            names.encode(y=y, x=start, text="label:N"),
        ),
        60 + ROW * count,
    )
