"""What the page *Capacity* shows of a promise: how many patients, the waits and losses around it, and the formula."""

from collections.abc import Sequence

import pandas as pd

from dosecost.analysis.promised import Promised
from dosecost.analysis.queueing import Estimate, Simulation
from dosecost.evaluation import Evaluation
from dosecost_app import capacity_charts, words
from dosecost_app.capacity_charts import Line
from dosecost_app.capacity_views import inside, is_or_are
from dosecost_app.views import View, three

LOSS = "share_lost_waiting"
MEAN = "slot_wait_mean"
WAITS = {"P90": "slot_wait_p90", "P50": "slot_wait_p50"}


def limit_in_words(days_at_most: float) -> str:
    """``1 day``, ``14 days``."""
    return "1 day" if days_at_most == 1 else f"{words.doses(days_at_most)} days"


def days(x: float) -> str:
    """A wait: whole days from a hundred on, else tenths."""
    return "under 0.1" if 0 < x < 0.05 else f"{x:,.0f}" if x >= 99.95 else f"{x:.1f}".removesuffix(".0")


def said(e: Evaluation, found: Promised) -> str:
    """How many patients and doses can be promised, against what is asked for."""
    kept, asked = found.promise, float(e.areas.demand.patients_per_year)
    limit = f"nine of ten wait at most {limit_in_words(kept.limit)} for a slot"
    if kept.at is None:
        return f"Nothing can be promised: not even with a few patients a year would {limit}."
    doses = kept.at.figures["patients_infused"]
    text = (
        f"{words.doses(doses.mean)} doses a year can be promised, for {words.doses(kept.patients_per_year)} patients "
        f"who ask ({words.doses(kept.low)} to {words.doses(kept.high)}), if {limit}. "
    )
    if asked > kept.patients_per_year:
        return f"{text}The {words.doses(asked)} of this scenario are more than that{wait_now(found)}."
    return f"{text}The {words.doses(asked)} of this scenario keep it{wait_now(found)}."


def wait_now(found: Promised) -> str:
    """The P90 wait at the present demand."""
    if found.present is None:
        return f", and more than the unit can ever do: {words.doses(found.promise.ceiling)} fill it to the last hour"
    wait = found.present.figures.get(WAITS["P90"])
    return f": one in ten waits longer than {days(wait.mean)} days" if wait else ""


def points(curve: Sequence[Simulation], name: str, factor: float = 1.0) -> list[tuple[float, float, float, float]]:
    """Demand, figure and the ends of its interval, where the figure exists."""
    found = []
    for s in curve:
        figure: Estimate | None = s.figures.get(name)
        if figure:
            ends = (max(0.0, figure.low) * factor, figure.high * factor)
            found.append((s.design.patients_per_year, figure.mean * factor, *ends))
    return found


def waits(found: Promised) -> View | None:
    """The wait that half and nine of ten patients do not exceed, by demand."""
    lines = [Line(name, name, made) for name, key in WAITS.items() if (made := points(found.curve, key))]
    if not lines:
        return None
    kept = found.promise
    at = (kept.patients_per_year, f"promise {words.doses(kept.patients_per_year)}") if kept.at else None
    limit = (kept.limit, f"limit {limit_in_words(kept.limit)}")
    chart = capacity_charts.waits(lines, "Days of waiting for a slot", limit, at)
    table = _table(lines, "days")
    first, last = lines[0].points[0], lines[0].points[-1]
    finding = (
        f"One patient in ten waits longer than {days(first[1])} days at {words.doses(first[0])} patients a year, and "
        f"longer than {days(last[1])} at {words.doses(last[0])}, where {inside(found.curve[-1].binding)} "
        f"{is_or_are(found.curve[-1].binding)} loaded to "
        f"{words.percent(max(found.curve[-1].loads.values()))}. Bands are 95 % intervals of the simulation."
    )
    return View("Wait for a slot, by demand", chart, table, finding, "waits")


def losses(found: Promised) -> View | None:
    """Patients who drop out while they wait for the slot, by demand."""
    made = points(found.curve, LOSS, 100.0)
    if not made:
        return None
    lines = [Line("lost", "lost", made)]
    kept = found.promise
    at = (kept.patients_per_year, f"promise {words.doses(kept.patients_per_year)}") if kept.at else None
    chart = capacity_charts.waits(lines, "Lost while waiting, % of patients", None, at)
    first, last = made[0], made[-1]
    finding = (
        f"Of the patients who ask, {words.percent(first[1] / 100)} drop out before their slot at "
        f"{words.doses(first[0])} a year and {words.percent(last[1] / 100)} at {words.doses(last[0])}: "
        f"{words.doses(last[0] * last[1] / 100)} patients a year."
    )
    return View("Patients lost while waiting, by demand", chart, _table(lines, "% of patients"), finding, "wait_losses")


def formula(found: Promised) -> View | None:
    """Mean wait of the simulation beside that of the main model's formula."""
    simulated = points(found.curve, MEAN)
    known = [
        (s.design.patients_per_year, wait, wait, wait)
        for s, wait in zip(found.curve, found.formula, strict=True)
        if wait is not None
    ]
    if not simulated or not known:
        return None
    lines = [Line("simulated", "simulated", simulated), Line("formula", "formula", known)]
    chart = capacity_charts.waits(lines, "Mean days of waiting for a slot")
    finding = formula_finding(found)
    return View("Simulated wait and formula", chart, _table(lines, "days"), finding, "formula")


def formula_finding(found: Promised) -> str:
    """Both means at the present demand (or the largest with both), and why they differ."""
    now = found.present.design.patients_per_year if found.present else None
    pairs = {
        s.design.patients_per_year: (s.figures[MEAN], wait)
        for s, wait in zip(found.curve, found.formula, strict=True)
        if wait is not None and MEAN in s.figures
    }
    if not pairs:
        return "The formula gives no slot to all at any demand shown."
    at = now if now in pairs else max(pairs)
    simulated, wait = pairs[at]
    text = (
        f"At {words.doses(at)} patients a year the main model's formula gives a mean wait of {days(wait)} days, the "
        f"simulation {days(simulated.mean)} ({days(max(simulated.low, 0.0))} to {days(simulated.high)})"
    )
    if simulated.mean >= wait:
        why = (
            "the simulation is longer because no lot starts that would reach into the yearly shutdown, and room, "
            "device and team have to be free at one time; the formula spreads the shutdown over the year and looks "
            "only at the busier of rooms and devices"
        )
    else:
        why = (
            "the simulation is shorter because patients who drop out leave their place to the next, while the formula "
            "lets all of them wait"
        )
    return f"{text}: {why}."


def notes(found: Promised) -> str:
    """How it was simulated, and whether the runs were long enough."""
    runs = (found.promise.at or found.curve[0]).runs
    text = (
        f"Simulated: {runs.replications:,} times {words.doses(runs.years)} years after "
        f"{words.doses(runs.warm_up_years)} of warm-up, seed {runs.seed}; every patient is followed to the end. Rooms, "
        "devices and operators are used up to what they can do; the planning share is no limit here."
    )
    if any(not s.settled for s in found.curve if s.figures):
        text += " At the highest demands the wait still drifts within the years counted: read them as at least so long."
    return text


def _table(lines: Sequence[Line], unit: str) -> pd.DataFrame:
    volumes = sorted({point[0] for line in lines for point in line.points})
    columns: dict[str, list[float | None]] = {"Patients (a year)": [three(volume) for volume in volumes]}
    for line in lines:
        known = {point[0]: point for point in line.points}
        columns[f"{line.label} ({unit})"] = [three(known[v][1]) if v in known else None for v in volumes]
        if any(point[3] > point[2] for point in line.points):
            columns[f"{line.label}, low ({unit})"] = [three(known[v][2]) if v in known else None for v in volumes]
            columns[f"{line.label}, high ({unit})"] = [three(known[v][3]) if v in known else None for v in volumes]
    return pd.DataFrame(columns)
