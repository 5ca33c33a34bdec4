"""What the page *Capacity* shows of a promise: how many patients, the waits and losses around it, and the formula."""

from collections.abc import Sequence

import pandas as pd

from dosecost.analysis.ceilings import Ceiling, lots_per_patient
from dosecost.analysis.promised import MOST_REPLICATIONS, Promised, runs_for, seconds
from dosecost.analysis.queueing import Estimate, Simulation
from dosecost.analysis.queueing_design import OPERATORS
from dosecost.analysis.queueing_promise import TOLERANCE
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation
from dosecost_app import capacity_charts, charts, words
from dosecost_app.capacity_charts import NEVER_SHUT, Line
from dosecost_app.capacity_views import inside, is_or_are, one, percent_of_days, percent_of_hours
from dosecost_app.views import View, three

FEW_SECONDS = 5.0
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
    kept, asked = found.promise, words.count(float(e.areas.demand.patients_per_year), "patient")
    limit = f"nine of ten wait at most {limit_in_words(kept.limit)} for a slot"
    fewest = kept.ceiling * TOLERANCE
    if kept.at is None:
        return f"Nothing can be promised: not even at {words.count(fewest, 'patient')} a year would {limit}."
    doses, repeats = kept.at.figures["patients_infused"], f"from {kept.at.runs.replications} repeats"
    if kept.open_ended:
        return (
            f"Up to {words.patients(kept.patients_per_year)}, all that was simulated, {limit}: this limit sets no "
            f"promise. What stops the unit is its ceiling, {words.patients(kept.ceiling)}, where "
            f"{inside(kept.at.binding)} {is_or_are(kept.at.binding)} busy to the last hour, for "
            f"{words.count(doses.mean, 'dose')} a year. The {asked} a year of this scenario {beyond(found)}."
        )
    low = words.doses(kept.low) if kept.low else f"under {words.doses(fewest)}"
    text = (
        f"{words.count(doses.mean, 'dose')} a year can be promised, for "
        f"{words.count(kept.patients_per_year, 'patient')} who ask (95 % interval {low} to {words.doses(kept.high)}, "
        f"{repeats}), if {limit}. "
    )
    if float(e.areas.demand.patients_per_year) > kept.patients_per_year:
        return f"{text}The {asked} a year of this scenario ask for more than that{wait_now(found)}."
    return f"{text}At the {asked} a year of this scenario it is kept{wait_now(found)}."


def beforehand(e: Evaluation) -> str:
    """What the work is and how long it takes, before it is asked for."""
    text = "Simulates the queue for a slot, ten years at a time and many times over, at some forty demands and plants. "
    try:
        takes = seconds(e)
    except InputError:
        return text
    if takes <= FEW_SECONDS:
        return f"{text}It takes a few seconds."
    repeats = runs_for(e).replications
    fewer = f", with {repeats} repeats instead of {MOST_REPLICATIONS}" if repeats < MOST_REPLICATIONS else ""
    return f"{text}For so large a unit it takes about {words.figures(takes, 1)} seconds{fewer}."


def beyond(found: Promised) -> str:
    """Whether the present demand is below the ceiling."""
    return "can be taken" if found.present else "cannot all be taken"


def two_counts(e: Evaluation, known: Sequence[Ceiling]) -> str:
    """Why the unit can be promised for more patients, or fewer, than *What limits* says it can make lots for."""
    return (
        f"What limits counts otherwise: it plans operators for {percent_of_hours(e)} of their productive hours and "
        f"rooms and devices for {percent_of_days(e)} of their operating days, does not ask how long anyone waits, and "
        f"counts people in quality too, which gives {words.patients(known[0].lots / lots_per_patient(e))} at most. "
        "Here operators, rooms and devices work all of their hours and days, and the wait is what stops."
    )


def enough(e: Evaluation, found: Promised) -> str:
    """What would have to be added to promise the present demand; '' where nothing has to."""
    more, kept = found.enlarged, found.promise
    if more is None:
        return ""
    asked, limit = words.patients(float(e.areas.demand.patients_per_year)), limit_in_words(kept.limit)
    if more.at_most < kept.quantile:
        return (
            f"No purchase makes {asked} promisable: with rooms, devices and operators without end only "
            f"{words.percent(more.at_most)} would wait at most {limit}, because nothing starts that would reach into "
            "the yearly shutdown."
        )
    bought = charts.listed([words.count(n, f"more {one(resource)}") for resource, n in more.added.items()])
    if more.kept:
        return (
            f"With {bought} {words.percent(more.share)} of {asked} would wait at most {limit}: so much is enough, "
            "added each time where the load is highest."
        )
    return (
        f"Even with {bought} only {words.percent(more.share)} of {asked} would wait at most {limit}; rooms, devices "
        f"and operators without end would bring {words.percent(more.at_most)}."
    )


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


def waits(e: Evaluation, found: Promised) -> View | None:
    """The wait that half and nine of ten patients do not exceed, by demand."""
    lines = [Line(name, name, made) for name, key in WAITS.items() if (made := points(found.curve, key))]
    if not lines:
        return None
    if made := points(found.never_shut, WAITS["P90"]):
        lines.append(Line(NEVER_SHUT, "P90, no shutdown", made))
    kept = found.promise
    at = (kept.patients_per_year, f"promise {words.doses(kept.patients_per_year)}") if kept.at else None
    limit = (kept.limit, f"limit {limit_in_words(kept.limit)}")
    chart = capacity_charts.waits(lines, "Days of waiting for a slot", limit, at)
    table = _table(lines, "days")
    return View("Wait for a slot, by demand", chart, table, waits_finding(e, found, lines), "waits")


def waits_finding(e: Evaluation, found: Promised, lines: Sequence[Line]) -> str:
    """The wait of one in ten at both ends, what of it the shutdown does, and how full the busiest resource is then."""
    first, last, busy = lines[0].points[0], lines[0].points[-1], found.curve[-1].binding
    text = (
        f"One patient in ten waits longer than {days(first[1])} days at {words.patients(first[0])}, and longer than "
        f"{days(last[1])} at {words.doses(last[0])}, where {inside(busy)} {is_or_are(busy)} loaded to "
        f"{words.percent(max(found.curve[-1].loads.values()))} of all that can be done ({planned(e, busy)})."
    )
    never = points(found.never_shut, WAITS["P90"])
    if never:
        text += (
            f" Without the yearly shutdown of {words.count(found.curve[0].design.shutdown_days, 'day')} it would be "
            f"{days(never[0][1])} and {days(never[-1][1])} days: the rest is the shutdown, not a lack of capacity."
        )
    return f"{text} Bands are 95 % intervals of the simulation."


def planned(e: Evaluation, resource: str) -> str:
    """What *What limits* calls full."""
    what = f"{percent_of_hours(e)} of the hours" if resource == OPERATORS else f"{percent_of_days(e)} of the days"
    return f"What limits calls {what} full"


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
        f"{words.patients(last[0] * last[1] / 100)}."
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
        f"At {words.patients(at)} the main model's formula, which Patients and the cost of a dose use, gives a mean "
        f"wait of {days(wait)} days, the simulation {days(simulated.mean)} ({days(max(simulated.low, 0.0))} to "
        f"{days(simulated.high)})"
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
        f"{words.doses(runs.warm_up_years)} of warm-up, seed {runs.seed}; every patient is followed to the end."
    )
    if runs.replications < MOST_REPLICATIONS:
        text += f" That is fewer times than the usual {MOST_REPLICATIONS}, as the unit is large."
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
