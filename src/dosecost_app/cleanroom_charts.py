"""The charts of the page *Cleanroom* that other pages do not have: bars to both sides of no change.

As in ``charts``: constant specifications, colours that follow the background, nothing said by colour alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import altair as alt
import pandas as pd

from dosecost_app.charts import (
    ALERT,
    INK,
    LABEL_ROOM,
    PLAIN,
    Chart,
    Colour,
    Spec,
    axis,
    distinct,
    finished,
    names_axis,
    scale,
    short,
    text,
    themed,
)

EFFECTS: dict[str, Colour] = {"less": PLAIN, "more": ALERT, "same": INK}
"""What a change does to the cost; the words beside its bar say it too."""
NOTHING = 0.5
"""Money per patient infused below which a change is called none."""


class Effect(NamedTuple):
    """What one change does to the cost per patient infused: ``saved`` money, below 0 where it costs more; ``instead``
    says why it is no saving, and takes the bar's place, ``also`` follows its words."""

    label: str
    saved: float
    instead: str = ""
    also: str = ""


def effect(saved: float) -> str:
    """Whether the cost becomes less, more or stays the same."""
    if abs(saved) < NOTHING:
        return "same"
    return "less" if saved > 0 else "more"


def in_words(saved: float) -> str:
    """``1,200 less``, ``300 more`` or ``no change``."""
    kind = effect(saved)
    return "no change" if kind == "same" else f"{short(abs(saved))} {kind}"


@cache
def savings_spec(currency: str, height: int = 360) -> Spec:
    """Bars to the right of zero for what is saved, to the left for what is lost, each with its amount in words."""
    y = alt.Y("label:N", sort=None, title=None, axis=names_axis())
    x = alt.X(
        "saved:Q",
        title=f"{currency} saved per patient infused (left of 0: costs more)",
        scale=alt.Scale(zero=True, range=[8, alt.ExprRef(f"width - {LABEL_ROOM}")]),
        axis=axis(tickCount=alt.ExprRef("width / 110")),
    )
    base = alt.Chart()
    bars = base.mark_bar(height=20).encode(
        y=y,
        x=x,
        color=alt.Color("effect:N", scale=scale(EFFECTS), legend=None),
        tooltip=[
            alt.Tooltip("label:N", title="What"),
            alt.Tooltip("text:N", title=f"{currency} per patient infused"),
        ],
    )
    zero = base.mark_rule(color=themed(INK), strokeWidth=1).encode(x=alt.X("zero:Q"))
    labels = base.mark_text(**text(align="left", dx=6)).encode(y=y, x=alt.X("right:Q"), text="text:N")
    return finished(alt.layer(bars, zero, labels), height)


def savings(rows: Sequence[Effect], currency: str, height: int = 360) -> Chart:
    """What each change alone saves, in the order given."""
    frame = pd.DataFrame(
        {
            "label": distinct(row.label for row in rows),
            "saved": [0.0 if row.instead else row.saved for row in rows],
            "right": [0.0 if row.instead else max(row.saved, 0.0) for row in rows],
            "zero": [0.0 for _ in rows],
            "effect": [effect(row.saved) for row in rows],
            "text": [row.instead or in_words(row.saved) + row.also for row in rows],
        }
    )
    return Chart(frame, savings_spec(currency, height))
