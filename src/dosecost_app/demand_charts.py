"""The chart of patients year by year: those given a slot and those turned away.

As in ``charts``: a constant specification, colours that follow the background, nothing said by colour alone.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import altair as alt
import pandas as pd

from dosecost_app import words
from dosecost_app.charts import (
    ALERT,
    GROUND,
    INK,
    PLAIN,
    Chart,
    Spec,
    axis,
    finished,
    legend,
    only,
    scale,
    text,
    themed,
)

GIVEN = "given a slot"
TURNED_AWAY = "turned away"
FILLS = {GIVEN: PLAIN, TURNED_AWAY: ALERT}
HEIGHT = 280


class Year(NamedTuple):
    """A year of the plan: its number, its months, and patients who ask for a slot, get none, and are infused."""

    number: int
    months: str
    asking: float
    refused: float
    infused: float


def patients(years: Sequence[Year]) -> Chart:
    """A bar for each year: who gets a slot, and on top who is turned away."""
    most = max(year.asking for year in years)
    rows: list[dict[str, object]] = []
    for year in years:
        given = year.asking - year.refused
        parts = ((GIVEN, 0.0, given, given), (TURNED_AWAY, given, year.asking, year.refused))
        for what, start, end, amount in parts:
            row = {"year": year.number, "what": what, "start": start, "end": end, "text": words.doses(amount)}
            rows.append({"kind": "part", "months": year.months} | row)
        if year.asking > 0:
            rows.append({"kind": "total", "year": year.number, "end": year.asking, "text": words.doses(year.asking)})
        if year.refused > most / 12:
            place = {"end": given + year.refused / 2, "text": f"−{words.doses(year.refused)}"}
            rows.append({"kind": "refused", "year": year.number} | place)
    return Chart(pd.DataFrame(rows), patients_spec())


@cache
def patients_spec() -> Spec:
    """Stacked bars by year of the plan."""
    ink = themed(INK)
    x = alt.X("year:O", title="Year of the plan", axis=alt.Axis(labelAngle=0, labelColor=ink, titleColor=ink))
    y = alt.Y("end:Q", title="Patients a year", scale=alt.Scale(zero=True, nice=True), axis=axis(tickCount=5))
    base = alt.Chart()
    bars = (
        base.transform_filter(only("part"))
        .mark_bar(width={"band": 0.7})
        .encode(
            x=x,
            y=alt.Y("start:Q", title="Patients a year", axis=axis(tickCount=5)),
            y2="end:Q",
            color=alt.Color("what:N", scale=scale(FILLS), legend=legend(2)),
            tooltip=[
                alt.Tooltip("year:O", title="Year of the plan"),
                alt.Tooltip("months:N", title="Months"),
                alt.Tooltip("what:N", title="Patients"),
                alt.Tooltip("text:N", title="In the year"),
            ],
        )
    )
    totals = (
        base.transform_filter(only("total")).mark_text(**text(dy=-9, fontWeight=600)).encode(x=x, y=y, text="text:N")
    )
    refused = (
        base.transform_filter(only("refused"))
        .mark_text(color=themed(GROUND), fontSize=11, fontWeight=600)
        .encode(x=x, y=y, text="text:N")
    )
    return finished(alt.layer(bars, totals, refused), HEIGHT)
