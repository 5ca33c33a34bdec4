"""What the cleanroom page shows: rooms, the sampling plan, closing steps, whose rooms, and what stands idle."""

from collections.abc import Mapping, Sequence

import pandas as pd

from dosecost import recipes
from dosecost.analysis.closing import Closed
from dosecost.costs import facility
from dosecost.evaluation import Evaluation
from dosecost.ledger import by_category
from dosecost.quantities.demand import DAYS_PER_WEEK
from dosecost_app import charts, views, words
from dosecost_app.charts import Bar
from dosecost_app.views import View

SAMPLES = {
    "active_air": ("Active air sample", "A", "In operation"),
    "settle": ("Settle plate", "A", "In operation"),
    "contact": ("Contact plate, surface", "A", "In operation"),
    "glove": ("Glove print", "A", "Personnel"),
    "gown": ("Gown plate at exit", "B", "Personnel"),
    "background": ("Background: air, settle, contact", "B", "In operation"),
}
"""Sample types of EU GMP Annex 1 and USP <1116>, the grade they watch, and the occasion."""
COSTS = {
    "plates": "Plates",
    "reading": "Reading, bought",
    "laboratory": "Reading laboratory",
    "identification": "Identification of isolates",
    "excursions": "Excursions",
    "lots_lost": "Lots lost to excursions",
    "upkeep": "Calibration and service",
    "depreciation": "Instruments, capital charge",
}
IDLE = {
    "labour.people": "Operators and support staff",
    "quality.people": "Quality staff",
    "facility": "Rooms",
    "equipment": "Devices",
    "monitoring": "Monitoring system",
    "quality": "Quality laboratory",
    "logistics": "Sites and lanes",
}
NO_ROOMS = "There are no rooms of one's own: the contract manufacturer's fee holds them."


def answer(e: Evaluation) -> str:
    """Which rooms the process needs and what keeping them clean costs, in one sentence."""
    cost, currency = e.cost, e.scenario.currency
    if e.scenario.choices.tenure == "cdmo":
        return NO_ROOMS
    rooms, plates = facility.area(e.areas.facility, e.results.plant.suites), e.results.plates
    suites = e.results.plant.suites
    count = "1 room" if suites == 1 else f"{words.doses(suites)} rooms"
    return (
        f"{count} of grade {e.results.grade}, {words.doses(rooms.clean)} m² of "
        f"clean room in {words.doses(rooms.gross)} m² in all; {words.doses(plates.per_year)} plates a year watch them. "
        f"Rooms cost {words.money(cost.categories['facility'], currency)} and monitoring "
        f"{words.money(cost.categories['monitoring'], currency)} per patient infused."
    )


# ---- rooms ----------------------------------------------------------------------------------------------------


def rooms(e: Evaluation) -> View:
    """Floor area by room and grade, what fitting it out costs, and the running cost by line."""
    currency, lines = e.scenario.currency, _facility_lines(e)
    rows = charts.by_size(Bar(_named(name), amount) for name, amount in lines.items())
    table = pd.DataFrame(
        {"What": [row.label for row in rows], f"{currency} a year": [views.three(row.amount or 0.0) for row in rows]}
    )
    return View(
        "What the rooms cost a year",
        charts.bars(rows, f"{currency} a year", 400, charts.short),
        table,
        rooms_finding(e),
        "rooms",
    )


def rooms_finding(e: Evaluation) -> str:
    """The largest line of the rooms, used and idle together."""
    lines, currency = _facility_lines(e), e.scenario.currency
    if not lines:
        return "Nothing is spent on rooms."
    top, total = max(lines, key=lines.__getitem__), sum(lines.values())
    return (
        f"The rooms cost {words.money(total, currency)} a year, used and idle together, the most for "
        f"{_named(top).lower()} with {words.money(lines[top], currency)}."
    )


def area_table(e: Evaluation) -> pd.DataFrame:
    """Floor area by kind of room."""
    a, suites, grade = e.areas.facility, e.results.plant.suites, e.results.grade
    whole = facility.area(a, suites)
    rows = [
        ("Processing rooms", grade, suites, suites * a.suite_m2),
        ("Airlocks and gowning", grade, suites, suites * a.airlock_m2),
        ("Support, unclassified", "none", "", whole.support),
        ("All", "", "", whole.gross),
    ]
    return pd.DataFrame(
        [(kind, at, str(words.doses(count)) if count else "", views.three(m2)) for kind, at, count, m2 in rows],
        columns=["Room", "Grade (EU GMP Annex 1)", "Rooms", "Area (m²)"],
    )


def area_finding(e: Evaluation) -> str:
    """The area, and why that grade."""
    whole = facility.area(e.areas.facility, e.results.plant.suites)
    grade, chosen = e.results.grade, e.scenario.choices.room_grade != "from_steps"
    why = "you chose it" if chosen else "the most exposed step asks for it"
    return f"{words.doses(whole.clean)} of {words.doses(whole.gross)} m² are clean rooms, grade {grade} because {why}."


# ---- monitoring -----------------------------------------------------------------------------------------------


def sampling_rows(e: Evaluation) -> list[dict[str, object]]:
    """The sampling plan: every sample type with its grade, occasion, counts and the cost of its plates, which a
    contract manufacturer's fee holds."""
    plates, lots = e.results.plates, e.results.funnel.lots_started
    price = 0.0 if e.scenario.choices.tenure == "cdmo" else e.areas.monitoring.plate_price
    weeks = e.results.plant.operating_days / DAYS_PER_WEEK
    infused, currency = e.results.funnel.patients_infused, e.scenario.currency

    def row(sample: str, grade: str, occasion: str, session: float, lot: float, year: float) -> dict[str, object]:
        return {
            "Sample": sample,
            "Grade watched": grade,
            "Occasion": occasion,
            "Plates per session": session,
            "Plates per lot": lot,
            "Plates per week": year / weeks,
            "Plates per year": year,
            f"Plates, {currency} a year": year * price,
            f"Plates, {currency} per lot": year * price / lots,
            f"Plates, {currency} per patient infused": year * price / infused,
        }

    sessions = e.results.work.open_sessions
    found = [
        row(*SAMPLES[kind], count / sessions if sessions else 0.0, count, count * lots)
        for kind, count in plates.per_lot_by_type.items()
    ]
    routine, visits = plates.routine_per_year, plates.routine_sessions
    found.append(
        row(
            "Air, settle and contact plates of the room",
            e.results.grade,
            "Routine",
            routine / visits if visits else 0.0,
            routine / lots,
            routine,
        )
    )
    return found


def sampling_table(e: Evaluation) -> pd.DataFrame:
    """The sampling plan at three significant figures."""
    return pd.DataFrame(
        [
            {key: views.three(value) if isinstance(value, float) else value for key, value in row.items()}
            for row in sampling_rows(e)
        ]
    )


def sampling_finding(e: Evaluation) -> str:
    """How many plates, sessions and excursions a year."""
    plates, a = e.results.plates, e.areas.monitoring
    excursions = plates.open_sessions * a.excursion_share_open + plates.routine_sessions * a.excursion_share_routine
    return (
        f"{words.doses(plates.per_year)} plates a year, {words.doses(plates.per_lot)} with each lot and "
        f"{words.doses(plates.routine_per_year)} routine; {words.doses(plates.open_sessions)} monitored sessions and "
        f"{words.doses(plates.routine_sessions)} routine ones lead to {words.doses(excursions)} excursions."
    )


def sampling_csv(e: Evaluation) -> bytes:
    """The sampling plan as a file."""
    return views.csv_file(pd.DataFrame(sampling_rows(e)))


def monitoring(e: Evaluation) -> View:
    """Cost of monitoring by what it is spent on, per patient infused."""
    currency, infused, lots = e.scenario.currency, e.results.funnel.patients_infused, e.results.funnel.lots_started
    amounts = dict.fromkeys(COSTS, 0.0)
    for line in e.results.lines:
        if line.category == "monitoring":
            part = "depreciation" if line.id.endswith(".depreciation") else line.id.split(".")[1]
            amounts[part] += float(line.annual)
    rows = charts.by_size(Bar(COSTS[part], amount / infused) for part, amount in amounts.items() if amount)
    table = pd.DataFrame(
        {
            "What": [row.label for row in rows],
            f"{currency} per patient infused": [views.three(row.amount or 0.0) for row in rows],
            f"{currency} per lot": [views.three((row.amount or 0.0) * infused / lots) for row in rows],
            f"{currency} a year": [views.three((row.amount or 0.0) * infused) for row in rows],
        }
    )
    total = sum(amounts.values())
    finding = "Nothing is spent on monitoring: it is in the contract manufacturer's fee."
    if rows:
        share = words.percent((rows[0].amount or 0.0) * infused / total)
        finding = (
            f"Monitoring costs {words.money(total, currency)} a year, {words.money(total / infused, currency)} per "
            f"patient infused; the most goes into {rows[0].label.lower()}, {share}."
        )
    return View(
        "What monitoring costs",
        charts.bars(rows, f"{currency} per patient infused", 330, charts.short),
        table,
        finding,
        "monitoring",
    )


# ---- closing steps --------------------------------------------------------------------------------------------


def closing(e: Evaluation, alone: Sequence[Closed]) -> View:
    """What closing each open step alone would save, the largest first."""
    currency = e.scenario.currency
    rows = [Bar(one.label, one.saving, _closed_note(e, one), "closed" if one.saving > 0 else "open") for one in alone]
    table = pd.DataFrame(
        {
            "Step closed alone": [one.label for one in alone],
            f"Saving ({currency} per patient infused)": [views.three(one.saving) for one in alone],
            "Plates a year then": [views.three(one.plates) for one in alone],
            "Room grade then": [one.grade for one in alone],
            "Costs more": [_risen(one, currency) for one in alone],
        }
    )
    chart = charts.bars(rows, f"{currency} saved per patient infused", 380, _signed)
    return View("What closing one step saves", chart, table, closing_finding(e, alone), "closing")


def closing_finding(e: Evaluation, alone: Sequence[Closed]) -> str:
    """The best step to close, and what it costs more."""
    if not alone:
        return "No step is open: nothing is left to close."
    best, currency = alone[0], e.scenario.currency
    worse = [one for one in alone if one.saving < 0]
    text = (
        f"Closing {charts.brief(best.label).lower()} alone saves {words.money(best.saving, currency)} per patient"
        " infused"
        if best.saving > 0
        else f"No step saves anything when closed alone; {charts.brief(best.label).lower()} costs least, "
        f"{words.money(-best.saving, currency)} per patient infused"
    )
    if best.saving > 0 and worse:
        verb = "costs" if len(worse) == 1 else "cost"
        text += f"; {len(worse)} of {len(alone)} steps {verb} more closed than open"
    if best.saving > 0 and best.risen:
        text += f"; what rises is {_risen(best, currency)}"
    return f"{text}."


def path_table(e: Evaluation, path: Sequence[Closed]) -> pd.DataFrame:
    """Closing all steps one after another."""
    currency = e.scenario.currency
    return pd.DataFrame(
        {
            "Closed, one after another": [one.label for one in path],
            f"Cost then ({currency} per patient infused)": [views.three(one.cost) for one in path],
            f"Saved by it ({currency})": [views.three(one.saving) for one in path],
            "Plates a year then": [views.three(one.plates) for one in path],
            "Room grade then": [one.grade for one in path],
            "Costs more": [_risen(one, currency) for one in path],
        }
    )


def path_finding(e: Evaluation, path: Sequence[Closed]) -> str:
    """From where to where, and when the grade falls."""
    if not path:
        return "No step is open: nothing is left to close."
    currency, grade, falls = e.scenario.currency, e.results.grade, []
    for one in path:
        if recipes.GRADES.index(one.grade) < recipes.GRADES.index(grade):
            falls.append(f"to {one.grade} with {charts.brief(one.label).lower()}")
        grade = one.grade
    when = f"the room grade falls {charts.listed(falls)}" if falls else "the room grade stays"
    return (
        f"All {len(path)} closed, a patient costs {words.money(path[-1].cost, currency)} instead of "
        f"{words.money(e.cost.per_patient_infused, currency)} and plates fall from "
        f"{words.doses(e.results.plates.per_year)} to {words.doses(path[-1].plates)} a year; {when}."
    )


# ---- whose rooms ----------------------------------------------------------------------------------------------


def tenures(comparison: Mapping[str, Evaluation], present: str) -> View:
    """The scenario in every kind of room, and the months until its first lot."""
    currency = comparison[present].scenario.currency
    rows = [
        Bar(
            words.option_label("tenure", name),
            e.cost.per_patient_infused,
            f"{words.doses(e.results.months_to_first_lot)} mo to first lot",
            "closed" if name == present else "plain",
        )
        for name, e in comparison.items()
    ]
    table = pd.DataFrame(
        [
            {
                "Whose rooms": words.option_label("tenure", name) + (" (now)" if name == present else ""),
                f"Cost per patient infused ({currency})": views.three(e.cost.per_patient_infused),
                f"Capital before the first lot ({currency})": views.three(e.results.invested),
                f"Rooms, {currency} a year": views.three(by_category(e.results.lines)["facility"]),
                f"Idle, {currency} a year": views.three(by_category(e.results.lines)["idle_capacity"]),
                "Months to first lot": views.three(e.results.months_to_first_lot),
                "Runway": views.runway_text(e),
            }
            for name, e in comparison.items()
        ]
    )
    return View(
        "Whose rooms",
        charts.bars(rows, f"{currency} per patient infused", 280, charts.short),
        table,
        tenures_finding(comparison, present),
        "tenures",
    )


def tenures_finding(comparison: Mapping[str, Evaluation], present: str) -> str:
    """The cheapest and the fastest against the present one."""
    currency = comparison[present].scenario.currency
    cheapest = min(comparison, key=lambda name: comparison[name].cost.per_patient_infused)
    fastest = min(comparison, key=lambda name: comparison[name].results.months_to_first_lot)

    def cost(name: str) -> str:
        return words.money(comparison[name].cost.per_patient_infused, currency)

    def months(name: str) -> str:
        return words.months(comparison[name].results.months_to_first_lot)

    def label(name: str) -> str:
        return f"“{words.option_label('tenure', name)}”"

    return (
        f"Now {label(present)}: {cost(present)} per patient infused and {months(present)} to the first lot. Cheapest "
        f"is {label(cheapest)} with {cost(cheapest)}, fastest {label(fastest)} with {months(fastest)}."
    )


def idle(e: Evaluation) -> View:
    """What stands idle, per patient infused."""
    currency, infused = e.scenario.currency, e.results.funnel.patients_infused
    amounts: dict[str, float] = {}
    for line in e.results.lines:
        if line.category == "idle_capacity":
            part = next(name for name in IDLE if line.id.startswith(f"idle.{name}"))
            amounts[part] = amounts.get(part, 0.0) + float(line.annual)
    rows = charts.by_size(Bar(IDLE[part], amount / infused) for part, amount in amounts.items() if amount > 0)
    table = pd.DataFrame(
        {
            "What stands idle": [row.label for row in rows],
            f"{currency} per patient infused": [views.three(row.amount or 0.0) for row in rows],
            f"{currency} a year": [views.three((row.amount or 0.0) * infused) for row in rows],
        }
    )
    return View(
        "Idle capacity",
        charts.bars(rows, f"{currency} per patient infused", 300, charts.short),
        table,
        idle_finding(e),
        "idle",
    )


def idle_finding(e: Evaluation) -> str:
    """The share of rooms and devices in use, and what the rest costs."""
    plant, currency = e.results.plant, e.scenario.currency
    total = by_category(e.results.lines)["idle_capacity"]
    infused = e.results.funnel.patients_infused
    cost = words.money(total / infused, currency)
    if e.scenario.choices.tenure == "cdmo":
        return (
            "The contract manufacturer carries idle rooms and devices; idle people of one's own cost "
            f"{cost} per patient infused."
        )
    return (
        f"The lots use {words.percent(plant.suites_used)} of what the rooms can take and "
        f"{words.percent(plant.devices_used)} of the devices; what is paid and not used, people too, is {cost} per "
        "patient infused."
    )


def _facility_lines(e: Evaluation) -> dict[str, float]:
    """Money a year by line of the rooms, its idle part included."""
    amounts: dict[str, float] = {}
    for line in e.results.lines:
        name = line.id.removeprefix("idle.")
        if name.startswith("facility."):
            name = name.removeprefix("facility.")
            amounts[name] = amounts.get(name, 0.0) + float(line.annual)
    return {name: amount for name, amount in amounts.items() if amount}


def _named(name: str) -> str:
    if name.endswith(".depreciation"):
        return f"{views.named(name.removesuffix('.depreciation'))}: capital charge"
    return views.named(name)


def _closed_note(e: Evaluation, one: Closed) -> str:
    return f"grade {one.grade}" if one.grade != e.results.grade else ""


def _risen(one: Closed, currency: str) -> str:
    parts = sorted(one.risen.items(), key=lambda part: -part[1])
    return (
        ", ".join(f"{charts.LABELS[name].lower()} +{words.money(amount, currency)}" for name, amount in parts)
        or "nothing"
    )


def _signed(x: float) -> str:
    return f"{'−' if x < 0 else ''}{charts.short(abs(x))}"
