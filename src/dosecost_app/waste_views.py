"""What the process page shows of money thrown away, and of the doses that a vector campaign gives."""

import math
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dosecost.analysis.waste import EXPIRED, FEW, VECTOR, WRITTEN_OFF, Waste
from dosecost.costs.materials import CELLS_PER_BILLION, doses_by_titre, vector_doses_per_lot, vector_per_dose
from dosecost.evaluation import Evaluation
from dosecost_app import charts, views, words
from dosecost_app.charts import Chart, Spec
from dosecost_app.views import View

PARTS = {
    EXPIRED: ("Expired materials", charts.CATEGORY["materials"]),
    WRITTEN_OFF: ("Safety stock", charts.CATEGORY["quality"]),
    VECTOR: ("Expired vector", charts.CATEGORY["vector"]),
}
"""Parts of what is thrown away from the bottom of the stack: their names and colours."""
LEAST = 0.5
"""Money per patient infused below which nothing is thrown away."""


def thrown_away(e: Evaluation, found: Waste) -> View:
    """Money thrown away per patient infused against patients a year."""
    currency, now = e.scenario.currency, float(e.results.funnel.patients)
    table = pd.DataFrame(
        {"Patients per year": [views.three(volume) for volume in found.volumes]}
        | {
            f"{label} ({currency} per patient infused)": [views.three(float(x)) for x in found.parts[part]]
            for part, (label, _) in PARTS.items()
        }
        | {
            f"Thrown away ({currency} per patient infused)": [views.three(float(x)) for x in found.total],
            "Share of materials and vector (%)": [round(100 * float(x), 1) for x in shares(found)],
        }
    )
    return View("Money thrown away", chart(found, now, currency), table, finding(e, found), "waste")


def shares(found: Waste) -> Any:
    """Share of what is paid for materials and vector that is thrown away, 0 where nothing is paid."""
    return found.total / np.maximum(found.spent, 1e-9)


def finding(e: Evaluation, found: Waste) -> str:
    """What is thrown away at the present volume, the most of it, and how that changes with the volume."""
    currency, now = e.scenario.currency, float(e.results.funnel.patients)
    at, total = list(found.volumes).index(now), found.total
    if float(total.max()) < LEAST:
        return "Nothing is thrown away at any volume shown: neither materials nor vector are bought ahead."
    text = f"At {words.patients(now)} "
    if float(total[at]) < LEAST:
        text += "nothing is thrown away"
    else:
        most = max(PARTS, key=lambda part: float(found.parts[part][at]))
        text += (
            f"{words.money(float(total[at]), currency)} per patient infused is thrown away, "
            f"{words.percent(float(shares(found)[at]))} of what materials and vector cost, the largest part "
            f"{PARTS[most][0].lower()}"
        )
    if now > FEW:
        few = float(total[list(found.volumes).index(FEW)])
        text += f"; at {words.doses(FEW)} a year it would be {words.money(few, currency)}"
    return f"{text}. {from_where(found)}"


def from_where(found: Waste) -> str:
    """From which volume on nothing expires."""
    expiring = np.flatnonzero(found.parts[EXPIRED] + found.parts[VECTOR] > LEAST)
    if not len(expiring):
        return "Nothing expires at any volume shown."
    if expiring[-1] == len(found.volumes) - 1:
        return "Something expires at every volume shown."
    return f"From about {words.figures(float(found.volumes[expiring[-1] + 1]), 2)} patients a year on nothing expires."


def chart(found: Waste, now: float, currency: str) -> Chart:
    """The parts, stacked, with the present volume."""
    rows: list[dict[str, Any]] = []
    below = np.zeros(len(found.volumes))
    for part, (label, _) in PARTS.items():
        above = below + found.parts[part]
        rows += [
            {
                "kind": "part",
                "part": label,
                "volume": volume,
                "start": low,
                "end": high,
                "text": charts.short(high - low),
            }
            for volume, low, high in zip(found.volumes.tolist(), below.tolist(), above.tolist(), strict=True)
        ]
        below = above
    span = math.log(found.volumes[-1] / found.volumes[0])
    place = charts.side(math.log(now / found.volumes[0]) / span)
    rows.append({"kind": "now", "volume": now, "text": f"now {words.doses(now)} a year"} | place)
    return Chart(pd.DataFrame(rows), spec(currency))


@cache
def spec(currency: str) -> Spec:
    """Stacked areas over the volume on a logarithmic axis."""
    x = alt.X(
        "volume:Q",
        title="Patients per year (log scale)",
        scale=alt.Scale(type="log", nice=False),
        axis=charts.axis(values=charts.STEPS, labelFlush=False),
    )
    y = alt.Y(
        "start:Q",
        title=f"{currency} per patient infused",
        scale=alt.Scale(zero=True, nice=True, range=[alt.ExprRef("height"), 24]),
        axis=charts.axis(tickCount=6),
    )
    base = alt.Chart()
    parts = base.transform_filter(charts.only("part"))
    colour = alt.Color("part:N", scale=charts.scale(dict(PARTS.values())), legend=charts.legend(3))
    areas = parts.mark_area(stroke=charts.themed(charts.GROUND), strokeWidth=1).encode(
        x=x, y=y, y2="end:Q", color=colour
    )
    hover = parts.mark_point(opacity=0, size=60, filled=True).encode(
        x=x,
        y=alt.Y("end:Q"),
        tooltip=[
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("volume:Q", title="Patients per year", format=",.3~g"),
            alt.Tooltip("text:N", title=f"{currency} per patient infused"),
        ],
    )
    present = base.transform_filter(charts.only("now"))
    rule = present.mark_rule(color=charts.themed(charts.INK), strokeDash=[4, 4], strokeWidth=1.5).encode(
        x=x, y=alt.value(16), y2=alt.value(alt.ExprRef("height"))
    )
    label = present.mark_text(**charts.text(align=alt.ExprRef("datum.side"), dx=alt.ExprRef("datum.shift * 6"))).encode(
        x=x, y=alt.value(8), text="text:N"
    )
    return charts.finished(alt.layer(areas, hover, rule, label), 340)


def vector_table(e: Evaluation) -> pd.DataFrame:
    """From the volume of a campaign to its doses, beside the doses as quoted."""
    materials, currency = e.areas.materials, e.scenario.currency
    by_titre, quoted = doses_by_titre(materials), materials.vector_doses_per_campaign
    price = materials.vector_campaign_price
    rows = {
        "Volume": f"{words.doses(materials.vector_volume)} L",
        "Crude titre": f"{charts.short(materials.vector_titre)} TU/mL",
        "Recovered in purification": words.percent(materials.vector_recovery),
        "Taken by release tests and retains": words.percent(materials.vector_testing_share),
        "Cells that a dose serves": f"{charts.short(materials.vector_dose_cells * CELLS_PER_BILLION)}",
        "Multiplicity of infection": f"{words.doses(materials.multiplicity_of_infection)} TU per cell",
        "Overage": words.percent(materials.vector_overage),
        "Vector of one dose": f"{charts.short(vector_per_dose(materials))} TU",
        "Doses of one lot": words.doses(vector_doses_per_lot(materials, e.areas.cells)),
        "Doses by volume and titre": words.doses(by_titre),
        "Doses as quoted": words.doses(quoted),
        "Price of a campaign": words.money(price, currency),
        "A dose by volume and titre": words.money(price / by_titre, currency),
        "A dose as quoted": words.money(price / quoted, currency),
    }
    return pd.DataFrame({"One vector campaign": list(rows), "Value": list(rows.values())})


def vector_finding(e: Evaluation) -> str:
    """How far the two counts of doses are apart, and which one the cost uses."""
    materials, choices = e.areas.materials, e.scenario.choices
    by_titre = doses_by_titre(materials)
    quoted = materials.vector_doses_per_campaign
    text = (
        f"By volume and titre a campaign gives {words.doses(by_titre)} doses, as quoted {words.doses(quoted)}: "
        f"{words.figures(by_titre / quoted, 2)} times as many. "
    )
    if choices.vector_supply == "by_dose":
        return text + "Vector is bought by the dose here, so neither moves the cost."
    used = "by volume and titre" if choices.vector_yield == "from_titre" else "as quoted"
    return text + f"The cost counts them {used}."
