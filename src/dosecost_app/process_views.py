"""What the process page shows: one lot on a time line, and what its steps ask of rooms and people."""

from functools import cache

import altair as alt
import pandas as pd

from dosecost.analysis.waste import EXPIRED, part_of
from dosecost.evaluation import Evaluation, rows_in_use
from dosecost.ledger import Line
from dosecost_app import charts, views, words
from dosecost_app.charts import Bar, Chart, Spec
from dosecost_app.views import View

HEIGHT = 430
ROOM = 190
"""Pixels kept free right of the bars for their labels."""

ITEMS = {
    "vector.doses": "Vector, bought by the dose",
    "vector.campaigns": "Vector, from own campaigns",
    "vector.expired": "Vector that expires unused",
    "materials.closed_step_sets": "Sets for steps closed by you",
    "materials.connections": "Wafers and sterile connectors",
    "materials.write_off": "Materials written off",
    "vector.write_off": "Payload written off",
}
WRITE_OFFS = ("materials.write_off", "vector.write_off")


def answer(e: Evaluation) -> str:
    """What one lot takes, and which room its worst step asks for, in one sentence."""
    work, steps = e.results.work, [step for step in e.recipe.steps if step.group != "room"]
    opened = [step for step in steps if step.exposure != "closed"]
    text = (
        f"One lot of {len(steps)} steps takes {words.doses(work.process_days)} days and "
        f"{words.doses(hours_at_steps(e))} person-hours at the steps; "
    )
    if not opened:
        return text + f"no step is open to the room, which is grade {e.results.grade}."
    chosen = f"; grade {e.results.grade} was chosen" if e.results.grade != e.recipe.room_grade else ""
    return text + (
        f"{words.doses(work.open_manipulations)} open manipulations in {len(opened)} steps ask for a room of grade "
        f"{e.recipe.room_grade}{chosen}."
    )


def reference_days(e: Evaluation) -> str:
    """Length of the culture that the days and hours of the steps are given for."""
    return words.doses(e.areas.process.culture_days / e.results.work.culture_scale)


def hours_at_steps(e: Evaluation) -> float:
    """Person-hours of one lot at its steps, without the set-up of the room."""
    return sum(float(step.hours) for step in e.results.work.steps if step.group != "room")


def timeline(e: Evaluation) -> View:
    """The steps of one lot, each from its first to its last day."""
    rows, start = [], 0.0
    needed = dict(e.recipe.room)
    devices = {step.id: step.devices for step in e.recipe.steps}
    for step in e.results.work.steps:
        if step.group == "room":
            continue
        end = start + float(step.days)
        rows.append((step, start, end, ", ".join(device.replace("_", " ") for device in devices[step.id])))
        start = end
    frame = pd.DataFrame(
        {
            "label": charts.distinct(step.label for step, *_ in rows),
            "start": [first for _, first, _, _ in rows],
            "end": [last for _, _, last, _ in rows],
            "tone": [step.exposure for step, *_ in rows],
            "exposure": [words.exposure_label(step.exposure) for step, *_ in rows],
            "text": [
                f"{words.doses(step.hours)} person-h, {words.exposure_label(step.exposure).lower()}"
                for step, *_ in rows
            ],
            "short": [f"{words.doses(step.hours)} h" for step, *_ in rows],
            "devices": [used or "none" for *_, used in rows],
            "room": [f"grade {needed[step.exposure]}" for step, *_ in rows],
        }
    )
    table = pd.DataFrame(
        {
            "Step": [step.label for step, *_ in rows],
            "From day": [views.three(first) for _, first, _, _ in rows],
            "To day": [views.three(last) for _, _, last, _ in rows],
            "Product meets the room": [words.exposure_label(step.exposure) for step, *_ in rows],
            "Room it asks for": [f"Grade {needed[step.exposure]}" for step, *_ in rows],
            "People": [views.three(step.people) for step, *_ in rows],
            "Person-hours": [views.three(step.hours) for step, *_ in rows],
            "Open manipulations": [views.three(step.open_manipulations) for step, *_ in rows],
            "Room entries": [views.three(step.entries) for step, *_ in rows],
            "Devices": [used for *_, used in rows],
        }
    )
    return View("One lot on a time line", Chart(frame, timeline_spec()), table, timeline_finding(e), "timeline")


def timeline_finding(e: Evaluation) -> str:
    """The longest step and the one with most hours."""
    steps = [step for step in e.results.work.steps if step.group != "room"]
    longest = max(steps, key=lambda step: float(step.days))
    busiest = max(steps, key=lambda step: float(step.hours))
    work = e.results.work
    return (
        f"{charts.brief(longest.label)} takes {words.doses(longest.days)} of {words.doses(work.process_days)} days; "
        f"most hands are needed for {charts.brief(busiest.label).lower()}, {words.doses(busiest.hours)} of "
        f"{words.doses(hours_at_steps(e))} person-hours."
    )


def asked(e: Evaluation) -> pd.DataFrame:
    """What each step asks of the room, and who is there."""
    needed = dict(e.recipe.room)
    return pd.DataFrame(
        {
            "Step": [step.label for step in e.results.work.steps],
            "Product meets the room": [words.exposure_label(step.exposure) for step in e.results.work.steps],
            "Room it asks for": [f"Grade {needed[step.exposure]}" for step in e.results.work.steps],
            "People": [views.three(step.people) for step in e.results.work.steps],
            "Monitored sessions": [views.three(step.sessions) for step in e.results.work.steps],
            "Room entries, each with gowning": [views.three(step.entries) for step in e.results.work.steps],
            "Closed connections": [views.three(step.closed_connections) for step in e.results.work.steps],
        }
    )


def asked_finding(e: Evaluation) -> str:
    """Which steps set the room's grade, and what that asks for."""
    needed, work = dict(e.recipe.room), e.results.work
    grade = e.results.grade
    if e.scenario.choices.room_grade != "from_steps":
        return f"The room is grade {grade} because you chose it; the steps would ask for grade {e.recipe.room_grade}."
    worst = [step for step in e.recipe.steps if needed[step.exposure] == grade]
    return (
        f"Grade {grade} is what {len(worst)} of {len(e.recipe.steps)} steps ask for; one lot then brings "
        f"{words.doses(work.open_sessions)} monitored sessions and {words.doses(work.room_entries)} entries with "
        "gowning."
    )


def bill_rows(e: Evaluation) -> list[Line]:
    """The lines of materials and vector that cost anything, in the order of the steps."""
    return [line for line in e.results.lines if line.category in ("materials", "vector") and line.annual]


def bill(e: Evaluation) -> View:
    """What one lot consumes, by step and item, with what is thrown away."""
    lots, currency = e.results.funnel.lots_started, e.scenario.currency
    labels = {step.id: charts.brief(step.label) for step in e.recipe.steps}
    lines = bill_rows(e)
    rows = [
        Bar(_item(line), line.annual / lots, tone="open" if part_of(line) else "plain")
        for line in lines
        if part_of(line) != EXPIRED
    ]
    expired = sum(float(line.annual) for line in lines if part_of(line) == EXPIRED)
    if expired:
        rows.append(Bar("Materials that expire", expired / lots, tone="open"))
    table = pd.DataFrame(
        {
            "Step": [labels.get(line.step, "No single step") for line in lines],
            "Item": [_item(line) for line in lines],
            "Amount per lot": [None if line.id in WRITE_OFFS else views.three(line.quantity / lots) for line in lines],
            f"Price ({currency})": [None if line.id in WRITE_OFFS else views.three(line.price) for line in lines],
            f"{currency} per lot": [views.three(line.annual / lots) for line in lines],
            f"{currency} a year": [views.three(line.annual) for line in lines],
        }
    )
    chart = charts.bars(charts.by_size(rows), f"{currency} per lot", 90 + 34 * max(len(rows), 1), charts.short)
    return View("Materials of one lot", chart, table, bill_finding(e), "bill")


def bill_finding(e: Evaluation) -> str:
    """The dearest item, and the money thrown away a year."""
    lots, currency, lines = e.results.funnel.lots_started, e.scenario.currency, bill_rows(e)
    if not lines:
        contract = e.scenario.choices.tenure == "cdmo"
        return "They are in the contract manufacturer's fee." if contract else "They cost nothing at these prices."
    top = max(lines, key=lambda line: float(line.annual))
    total = sum(float(line.annual) for line in lines)
    wasted = sum(float(line.annual) for line in lines if part_of(line))
    text = (
        f"Materials and vector of one lot cost {words.money(total / lots, currency)}, the most for "
        f"{_item(top).lower()} with {words.money(top.annual / lots, currency)}; "
    )
    if not wasted:
        return text + "nothing is thrown away."
    share = words.percent(wasted / total)
    return text + f"{words.money(wasted, currency)} a year, {share}, is thrown away as expired or written off."


def _item(line: Line) -> str:
    name = ITEMS.get(line.id) or views.named(line.id.rpartition(".")[2])
    return f"Expired: {name.lower()}" if part_of(line) == EXPIRED else name


@cache
def timeline_spec() -> Spec:
    """Bars over elapsed days, a mark where a step is too short for a bar, and the hours behind it."""
    y = alt.Y("label:N", sort=None, title=None, axis=charts.names_axis())
    room = f"width < {charts.NARROW} ? width - 50 : width - {ROOM}"
    x = alt.X(
        "start:Q",
        title="day of the lot",
        scale=alt.Scale(zero=True, domainMin=0, range=[0, alt.ExprRef(room)]),
        axis=charts.axis(tickCount=alt.ExprRef("width / 90")),
    )
    colour = alt.Color("tone:N", scale=charts.scale(charts.TONES), legend=None)
    tooltip = [
        alt.Tooltip("label:N", title="Step"),
        alt.Tooltip("start:Q", title="From day", format=".3~g"),
        alt.Tooltip("end:Q", title="To day", format=".3~g"),
        alt.Tooltip("text:N", title="Work"),
        alt.Tooltip("room:N", title="Room it asks for"),
        alt.Tooltip("devices:N", title="Devices"),
    ]
    bars = alt.Chart().mark_bar(height={"band": 0.6}).encode(y=y, x=x, x2="end:Q", color=colour, tooltip=tooltip)
    marks = alt.Chart().mark_tick(thickness=4, bandSize=20, opacity=1).encode(y=y, x=x, color=colour, tooltip=tooltip)
    labels = (
        alt.Chart()
        .mark_text(**charts.text(align="left", dx=8) | {"text": charts.fitting()})
        .encode(y=y, x=alt.X("end:Q", title="day of the lot"))
    )
    return charts.finished(alt.layer(bars, marks, labels), HEIGHT)


def too_short(e: Evaluation, missed_dose: float) -> bool:
    """Whether more lots miss the dose than any cited trial lost."""
    return missed_dose > rows_in_use(e.scenario)["losses.manufacturing_failure"].high
