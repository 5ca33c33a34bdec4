"""What the page *Cleanroom* shows of rooms, the sampling plan, and whose rooms they are.

Pure: evaluations in, rows and sentences out; nothing here draws. What closing steps does stands in ``closing_views``.
"""

from collections.abc import Mapping

import pandas as pd

from dosecost.analysis import rooms as room_costs
from dosecost.analysis import sampling
from dosecost.analysis.rooms import Room
from dosecost.analysis.sampling import IN_OPERATION, ROUTINE, Limit, Plan, Sample
from dosecost.costs.facility import OWN_ROOMS
from dosecost.costs.monitoring import Monitoring, reading_hours
from dosecost.evaluation import Evaluation, doses_charged
from dosecost.scenario import Scenario
from dosecost_app import charts, views, words
from dosecost_app.charts import Bar
from dosecost_app.views import Figure, View, three

ROOMS = {"suites": "Process suites", "airlocks": "Airlocks", "support": "Support space"}
SAMPLES = {
    "active_air": ("Active air samples", "Grade A cabinet"),
    "settle": ("Settle plates", "Grade A cabinet"),
    "contact": ("Contact plates", "Grade A cabinet, end of session"),
    "glove": ("Glove prints", "Personnel"),
    "gown": ("Gown plates", "Personnel leaving grade B"),
    "background": ("Background plates", "Air, settle, contact: grade B around the cabinet"),
    ROUTINE: ("Routine plates", "Air, settle, contact: room"),
}
OCCASIONS = {IN_OPERATION: "In operation", ROUTINE: "Routine"}
ITEMS = {
    "excursions.in_operation": "Excursions, in operation",
    "excursions.routine": "Excursions, routine",
    "lots_lost.in_operation": "Lots lost, in operation",
    "lots_lost.routine": "Lots lost, routine",
    "laboratory": "Plate laboratory",
    "upkeep": "Instruments, service",
    "system.depreciation": "Room monitoring system",
    "portable_counter.depreciation": "Particle counter, portable",
    "air_sampler.depreciation": "Active air samplers",
    "particle_counters.depreciation": "Particle counters, continuous",
}
SHORT_ITEMS = {
    "excursions": "Excursions",
    "lots_lost": "Lots lost to excursions",
    "laboratory": "Plate laboratory",
    "upkeep": "Instrument service",
    "depreciation": "Instrument write-off",
}
PLACES = {
    "system.depreciation": "Own rooms: pressure, climate, particles",
    "portable_counter.depreciation": "Non-viable particles, all rooms",
    "particle_counters.depreciation": "Non-viable particles, grade A",
}
WRITE_OFF = "write-off a year"
LINES = {
    "facility.electricity": "Energy",
    "facility.requalification": "Requalification",
    "facility.cleaning": "Cleaning",
    "facility.maintenance": "Maintenance",
    "facility.insurance": "Insurance",
    "facility.rent": "Rent",
    "facility.gowns": "Gowns",
    "facility.waste": "Waste",
    "facility.room_days": "Room days of the host",
}
MONITORING_LINE = "Monitoring"
PLATE_COLUMNS = {
    "Plates (per open session)": "Per session",
    "Plates (per lot)": "Per lot",
    "Plates (per week)": "Per week",
    "Plates (per year)": "Per year",
}
"""Counts of plates on the page, where there is little room."""
TOGETHER = "Together"
TENURES = {
    "build": "Build",
    "lease": "Lease",
    "pod": "Pod",
    "host_hospital": "Host hospital",
    "cdmo": "CDMO",
}
PAID_BY_USE = {"host_hospital": "paid by the room day", "cdmo": "paid by the lot"}
MOST_NAMED = 3
"""Categories that a sentence names."""


def per_patient(e: Evaluation, annual: float) -> float:
    """Money a year as money per patient infused, under the scenario's failure convention."""
    return float(annual / doses_charged(e.scenario.choices, e.results))


def own_rooms(e: Evaluation) -> bool:
    """Whether the scenario runs its rooms itself."""
    return e.scenario.choices.tenure in OWN_ROOMS


def grade_in_text(grade: str) -> str:
    """A room grade inside a sentence."""
    return "CNC (controlled, not classified)" if grade == "CNC" else f"grade {grade}"


def count(number: float, one: str, many: str = "") -> str:
    """A whole number with its noun: ``1 suite``, ``3 suites``."""
    text = words.doses(number)
    return f"{text} {one if text == '1' else many or f'{one}s'}"


# ---- the answer -----------------------------------------------------------------------------------------------


def why_grade(e: Evaluation) -> str:
    """Which room grade the process needs, and why."""
    exposures = [step.exposure for step in e.recipe.steps if step.group != "room"]
    opened, briefly = exposures.count("open"), exposures.count("briefly_open")
    reasons = [f"{opened} of {len(exposures)} steps open"] if opened else []
    reasons += [f"{briefly} {'' if opened else f'of {len(exposures)} steps '}briefly open"] if briefly else []
    steps = charts.listed(reasons) if reasons else f"all {len(exposures)} steps closed"
    needed = f"With {steps} the process needs {grade_in_text(e.recipe.room_grade)}"
    if e.results.grade != e.recipe.room_grade:
        return f"{needed} (chosen: {grade_in_text(e.results.grade)})"
    return needed


def upkeep(e: Evaluation) -> tuple[float, float]:
    """Money a year to run and monitor rooms, and the part of it that is monitoring."""
    lines = room_costs.running(e)
    return sum(lines.values()), sum(amount for name, amount in lines.items() if name.startswith("monitoring."))


def answer(e: Evaluation) -> str:
    """Which rooms the process needs and what keeping them clean costs, in one sentence."""
    currency = e.scenario.currency
    if e.scenario.choices.tenure == "cdmo":
        return (
            f"{why_grade(e)}; the rooms are the contract manufacturer’s, whose price of "
            f"{words.money(e.areas.facility.contract_lot_price, currency)} a lot holds keeping them clean and the "
            f"{words.doses(e.results.plates.per_year)} monitoring plates a year."
        )
    annual, monitoring = upkeep(e)
    suites = count(e.results.plant.suites, "suite")
    if own_rooms(e):
        area = sum(room.m2 for room in room_costs.rooms(e) if room.grade)
        need = f"{suites} with {words.doses(area)} m² of clean rooms"
    else:
        need = f"{suites} of the host hospital, paid by the room day"
    share = f", {words.percent(monitoring / annual)} of it for monitoring" if annual else ""
    return (
        f"{why_grade(e)}: {need}. Running, cleaning and monitoring them costs {words.money(annual, currency)} a year, "
        f"{words.money(per_patient(e, annual), currency)} per patient infused{share}."
    )


def figures(e: Evaluation, loaded: Evaluation) -> list[Figure]:
    """The headline, what keeping the rooms clean is of it, plates a year and idle capacity."""
    currency, plates, before = e.scenario.currency, e.results.plates, loaded.results.plates
    cost, was = e.cost.per_patient_infused, views.cost_within(loaded, e.scenario.choices.boundary).per_patient_infused
    (annual, _), (annual_before, _) = upkeep(e), upkeep(loaded)
    kept, kept_before = per_patient(e, annual), per_patient(loaded, annual_before)
    change = plates.per_year - before.per_year
    moved = abs(change) > 1e-9 * max(plates.per_year, before.per_year)
    return [
        Figure(
            "Cost per patient infused",
            words.money(cost, currency),
            views.money_change(cost, was, currency),
            False,
            f"Boundary: {e.scenario.choices.boundary.replace('_', ' ')}.",
            "cost.per_patient_infused",
        ),
        Figure(
            "Rooms and monitoring per patient",
            words.money(kept, currency) if annual else "in the lot price",
            views.money_change(kept, kept_before, currency) if annual and annual_before else "",
            False,
            "Running cost, idle rooms too. Excludes writing off and people." if annual else "A contract holds them.",
            "rooms.running_per_patient" if annual else "",
        ),
        Figure(
            "Monitoring plates a year",
            words.doses(plates.per_year),
            f"{'-' if change < 0 else '+'}{words.doses(abs(change))}" if moved else "",
            False,
            f"{words.doses(plates.per_lot)} a lot, and {words.doses(plates.routine_per_year)} a year with the rooms.",
            "plates.per_year",
        ),
        Figure("Suite capacity not used", *idle_words(e), "rooms.suites_idle" if own_rooms(e) else ""),
    ]


def idle_words(e: Evaluation) -> tuple[str, str, bool, str]:
    """Idle share of paid suite capacity as a metric: value, no change, less is better, and its cost."""
    idle = room_costs.idle(e)
    if idle is None:
        return "none paid", "", False, f"Rooms are {PAID_BY_USE[e.scenario.choices.tenure]}."
    cost = words.money(idle.annual, e.scenario.currency)
    return words.percent(idle.share), "", False, f"{cost} a year for rooms and their instruments that stand idle."


# ---- rooms ----------------------------------------------------------------------------------------------------


def room_table(e: Evaluation) -> pd.DataFrame:
    """Area, capital and running cost of each kind of room, and the whole."""
    found, currency = room_costs.rooms(e), e.scenario.currency
    if not found:
        return pd.DataFrame()
    whole = Room(
        "",
        "",
        sum(room.m2 for room in found),
        sum(room.capital for room in found),
        sum(room.running for room in found),
    )
    grades = [words.option_label("room_grade", room.grade) if room.grade else "Not classified" for room in found]
    return pd.DataFrame(
        {
            "Room": [*(ROOMS[room.id] for room in found), TOGETHER],
            "Grade": [*grades, ""],
            "Area (m²)": [three(room.m2) for room in (*found, whole)],
            f"Capital ({currency})": [three(room.capital) for room in (*found, whole)],
            f"Running ({currency} per year)": [three(room.running) for room in (*found, whole)],
            f"Running ({currency} per m² and year)": [
                three(room.running / room.m2) if room.m2 else None for room in (*found, whole)
            ],
        }
    )


def room_finding(e: Evaluation) -> str:
    """How much area, how much of it classified, what it cost to build and what a square metre costs to run."""
    found, currency = room_costs.rooms(e), e.scenario.currency
    if not found:
        use = PAID_BY_USE[e.scenario.choices.tenure]
        return f"No rooms of one’s own: they are {use}, and their area and capital are the owner’s."
    clean = [room for room in found if room.grade]
    m2, whole = sum(room.m2 for room in clean), sum(room.m2 for room in found)
    capital = sum(room.capital for room in found)
    run = sum(room.running for room in clean) / m2
    tenure = e.scenario.choices.tenure
    built = "bought as pods" if tenure == "pod" else "built in"
    return (
        f"{words.doses(m2)} m² of {words.doses(whole)} m² are classified ({grade_in_text(e.results.grade)}); "
        f"{words.money(capital, currency)} is {built}, and a square metre of clean room costs "
        f"{words.money(run, currency)} a year to run, without monitoring, gowns and people. "
        f"{unbuilt(tenure)}The grade A cabinets stand inside the suites."
    )


def unbuilt(tenure: str) -> str:
    """What of the rooms is the landlord's."""
    return "" if tenure == "build" else "The support space is rented. "


def running(e: Evaluation) -> View | None:
    """What the rooms cost a year, by what it is spent on; none where a contract's price holds it."""
    lines, currency = room_costs.running(e), e.scenario.currency
    if not lines:
        return None
    by_label: dict[str, tuple[float, str]] = {}
    for name, amount in lines.items():
        label = LINES.get(name, MONITORING_LINE)
        tone = "monitoring" if label == MONITORING_LINE else "facility"
        by_label[label] = by_label.get(label, (0.0, tone))[0] + amount, tone
    annual = sum(lines.values())
    rows = charts.by_size(
        Bar(label, amount, words.percent(amount / annual) if annual else "", tone)
        for label, (amount, tone) in by_label.items()
    )
    table = pd.DataFrame(
        {
            "What": [row.label for row in rows],
            f"Cost ({currency} per year)": [three(row.amount or 0.0) for row in rows],
            f"Cost ({currency} per patient infused)": [three(per_patient(e, row.amount or 0.0)) for row in rows],
        }
    )
    unit = f"{currency} a year"
    return View("What the rooms cost a year", charts.bars(rows, unit, 360, charts.short), table, finding_of(e), "rooms")


def finding_of(e: Evaluation) -> str:
    """What of the rooms' yearly cost is largest."""
    lines, currency = room_costs.running(e), e.scenario.currency
    annual, monitoring = upkeep(e)
    shares = {LINES[name]: amount for name, amount in lines.items() if name in LINES} | {MONITORING_LINE: monitoring}
    top = sorted(shares, key=shares.__getitem__, reverse=True)[:MOST_NAMED]
    named = charts.listed([f"{name.lower()} ({words.percent(shares[name] / annual)})" for name in top])
    return (
        f"Of {words.money(annual, currency)} a year the largest parts are {named}; capital charges and people are not "
        f"in it."
    )


# ---- sampling -------------------------------------------------------------------------------------------------


def rule(sample: Sample, m: Monitoring) -> str:
    """The rule behind a sample's count, in words."""
    rules = {
        "active_air": f"{words.doses(m.active_air_plates)} a session",
        "settle": f"{words.doses(m.settle_plates)} per {words.doses(m.settle_exposure_hours)} h or session",
        "contact": f"{words.doses(m.contact_plates)} at a session’s end",
        "glove": f"{words.doses(m.glove_plates)} a person and session",
        "gown": f"{words.doses(m.gown_plates)} a person and exit, in B",
        "background": f"{words.doses(m.background_plates)} a session, in B",
        ROUTINE: f"{words.doses(sample.per_session)} a room and week",
    }
    return rules[sample.kind]


def where(sample: Sample, e: Evaluation) -> str:
    """The place a sample is taken at."""
    place = SAMPLES[sample.kind][1]
    return f"{place}, {grade_in_text(e.results.grade)}" if sample.occasion == ROUTINE else place


def plan_rows(e: Evaluation) -> pd.DataFrame:
    """The sampling plan in full precision: samples first, then what belongs to no single sample type."""
    plan, currency, lots = sampling.plan(e), e.scenario.currency, e.results.funnel.lots_started
    rows = [
        {
            "Sample": SAMPLES[s.kind][0],
            "Where": where(s, e),
            "When": OCCASIONS[s.occasion],
            "Rule": rule(s, e.areas.monitoring),
            "Plates (per open session)": s.per_session if s.occasion == IN_OPERATION else 0.0,
            "Plates (per lot)": s.per_lot,
            "Plates (per week)": s.per_week,
            "Plates (per year)": s.per_year,
        }
        | costs(e, s.annual, lots, currency)
        for s in plan.samples
    ]
    nothing = {"Where": "", "When": "", "Rule": ""}
    blank = dict.fromkeys(column for column in rows[0] if column.startswith("Plates"))
    rows += [
        {"Sample": ITEMS[item.id]}
        | nothing
        | {"Where": PLACES.get(item.id, ""), "Rule": item_rule(item.id, item.number)}
        | blank
        | costs(e, item.annual, lots, currency)
        for item in plan.items
    ]
    rows.append(
        {"Sample": "Together"}
        | nothing
        | blank
        | {
            "Plates (per lot)": sum(s.per_lot for s in plan.samples),
            "Plates (per week)": sum(s.per_week for s in plan.samples),
            "Plates (per year)": sum(s.per_year for s in plan.samples),
        }
        | costs(e, plan.annual, lots, currency)
    )
    return pd.DataFrame(rows)


def item_rule(item: str, number: float) -> str:
    """How often a cost of no single sample type comes."""
    if item.startswith("excursions"):
        return f"{words.doses(number)} a year"
    if item.endswith("depreciation"):
        return WRITE_OFF
    return f"{words.doses(number)} lots a year" if item.startswith("lots_lost") else ""


def costs(e: Evaluation, annual: float, lots: float, currency: str) -> dict[str, float]:
    """Money a year, per lot started and per patient infused, as columns of a table."""
    return {
        f"Cost ({currency} per year)": float(annual),
        f"Cost ({currency} per lot)": float(annual / lots),
        f"Cost ({currency} per patient infused)": per_patient(e, annual),
    }


def plan_table(e: Evaluation) -> pd.DataFrame:
    """The samples of the plan at three significant figures, and all of them together; figures first."""
    full = plan_rows(e)
    samples = full[full["When"] != ""]
    numbers = list(samples.select_dtypes("number").columns)
    together = samples[numbers].sum().to_frame().T.assign(Sample="All samples", Rule="", Where="", When="")
    table = pd.concat([samples, together], ignore_index=True)
    for column in numbers:
        table[column] = table[column].map(three)
    return table[["Sample", "Rule", *numbers, "Where", "When"]].rename(columns=PLATE_COLUMNS)


def cost_table(e: Evaluation) -> pd.DataFrame:
    """What monitoring costs, line by line, without what costs nothing, and the whole."""
    full = plan_rows(e)
    numbers = [column for column in full.columns if column.startswith("Cost")]
    for column in numbers:
        full[column] = full[column].map(three)
    return full.loc[(full[numbers[0]] != 0) | (full["Sample"] == TOGETHER), ["Sample", *numbers, "Rule"]]


def plan_finding(e: Evaluation) -> str:
    """How many plates, in how many sessions, and what they find."""
    plan, currency = sampling.plan(e), e.scenario.currency
    per_week = sum(s.per_week for s in plan.samples)
    plates = (
        f"{words.doses(e.results.plates.per_year)} plates a year ({words.doses(per_week)} a week): "
        f"{words.doses(e.results.plates.per_lot)} a lot in {words.figures(e.results.work.open_sessions)} open "
        f"sessions, and {words.doses(e.results.plates.routine_per_year)} routine plates a year with the rooms"
    )
    if e.scenario.choices.tenure == "cdmo":
        return f"{plates}. The contract price holds them; they cost nothing beside it."
    monitoring = f"Monitoring is {words.money(plan.annual, currency)} a year."
    return f"{plates}. {excursion_words(e, plan)} {reading_words(e)}{monitoring}"


def excursion_words(e: Evaluation, plan: Plan) -> str:
    """Excursions a year and what they cost."""
    cost = sum(item.annual for item in plan.items if item.id.startswith(sampling.EXCURSIONS))
    opened, routine = plan.excursions[IN_OPERATION], plan.excursions[ROUTINE]
    return (
        f"{words.doses(opened + routine)} excursions above an action limit a year ({words.doses(opened)} in operation, "
        f"{words.doses(routine)} routine) cost {words.money(cost, e.scenario.currency)}."
    )


def reading_words(e: Evaluation) -> str:
    """Who reads the plates."""
    if e.scenario.choices.plate_reading == "outsourced":
        return ""
    hours = reading_hours(e.areas.monitoring, e.results.plates, True)
    return f"Reading takes {words.doses(hours)} analyst hours a year, which are paid under labour. "


def by_sample(e: Evaluation) -> View | None:
    """Monitoring cost a year by sample type, and what belongs to none; none where a contract's price holds it."""
    plan, currency = sampling.plan(e), e.scenario.currency
    if not plan.items:
        return None
    rows = [Bar(SAMPLES[s.kind][0].partition(":")[0], s.annual, "", "monitoring") for s in plan.samples]
    others: dict[str, float] = {}
    for item in plan.items:
        name = next(label for part, label in SHORT_ITEMS.items() if part in item.id)
        others[name] = others.get(name, 0.0) + item.annual
    rows += [Bar(label, amount, "", "quality") for label, amount in others.items()]
    rows = charts.by_size(row for row in rows if row.amount)
    table = cost_table(e)
    return View(
        "What each kind of sample costs",
        charts.bars(rows, f"{currency} a year", 420, charts.short),
        table,
        by_sample_finding(e, rows, plan),
        "samples",
    )


def by_sample_finding(e: Evaluation, rows: list[Bar], plan: Plan) -> str:
    """Which kind of sample costs most, and what is not a sample."""
    currency = e.scenario.currency
    taken = [row for row in rows if row.tone == "monitoring"]
    samples = sum(sample.annual for sample in plan.samples)
    top = (
        f", the most for “{taken[0].label.lower()}” at {words.money(taken[0].amount or 0.0, currency)}" if taken else ""
    )
    rest = charts.listed([row.label.lower() for row in rows if row.tone != "monitoring"])
    idle = (
        f" Instruments of idle rooms ({words.money(plan.idle, currency)}) stand under idle capacity."
        if plan.idle
        else ""
    )
    return (
        f"Of {words.money(plan.annual, currency)} a year, {words.money(per_patient(e, plan.annual), currency)} per "
        f"patient infused, {words.money(samples, currency)} goes to samples with their reading and naming{top}; the "
        f"rest is {rest}.{idle}"
    )


def limit_table(e: Evaluation) -> pd.DataFrame:
    """Published limits of grade A, of the room's grade, and recovery rates by ISO class."""
    shown = [
        limit for limit in sampling.limits() if limit.room in ("A", e.results.grade) or limit.room.startswith("ISO")
    ]
    return pd.DataFrame(
        {
            "Sample": [limit.sample for limit in shown],
            "Room": [limit.room if limit.room.startswith("ISO") else f"Grade {limit.room}" for limit in shown],
            "Limit": [limit_in_words(limit) for limit in shown],
            "Evidence": [limit.evidence for limit in shown],
            "Source": [limit.source for limit in shown],
        }
    )


def limit_in_words(limit: Limit) -> str:
    """A limit with its unit and what its source adds."""
    text = f"{words.exact(float(limit.limit))} {limit.unit}"
    return f"{text} ({words.inside(limit.note)})" if limit.note else text


def limit_finding(e: Evaluation) -> str:
    """What the limits are for, and the share with growth that the model takes."""
    share = words.percent(e.areas.monitoring.positive_share)
    return (
        f"Published limits for grade A, {grade_in_text(e.results.grade)} and ISO classes, with the grade of "
        f"their evidence. No cost hangs on them: the model takes {share} of all plates to grow something, wherever "
        f"they stood."
    )


# ---- tenures --------------------------------------------------------------------------------------------------


def tenure_label(name: str, scenario: Scenario) -> str:
    """A tenure's name, marked where it is the present one."""
    return f"{TENURES[name]} (now)" if name == scenario.choices.tenure else TENURES[name]


def rooms_a_year(e: Evaluation) -> float:
    """Money a year for rooms and their monitoring, without capital charges and a contract's fee."""
    return sum(room_costs.running(e).values())


def tenure_facts(e: Evaluation, found: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Capital, running cost, cost per patient, months to the first lot and idle rooms, a tenure in each column."""
    currency = e.scenario.currency

    def facts(name: str, other: Evaluation) -> dict[str, str]:
        idle = room_costs.idle(other)
        use = PAID_BY_USE.get(name, "")
        run = "in its fee" if name == "cdmo" else words.money(rooms_a_year(other), currency)
        return {
            "Cost per patient infused": words.money(other.cost.per_patient_infused, currency),
            "Capital of rooms or contract": words.money(room_costs.capital_of_rooms(other), currency),
            "All capital": words.money(other.results.invested, currency),
            "Running and monitoring rooms, a year": run,
            "Months from order to first lot": words.doses(other.results.months_to_first_lot),
            "Runway": views.runway_text(other).replace("at least", "≥"),
            "Suite capacity not used": words.percent(idle.share) if idle else use,
            "Idle rooms, a year": words.money(idle.annual, currency) if idle else use,
        }

    frame = pd.DataFrame({tenure_label(name, e.scenario): facts(name, other) for name, other in found.items()})
    frame.insert(0, "All else as now", frame.index)
    return frame.reset_index(drop=True)


def side_by_side_finding(e: Evaluation, found: Mapping[str, Evaluation]) -> str:
    """From what to what capital and the rooms' running cost go."""
    currency = e.scenario.currency
    capital = [float(other.results.invested) for other in found.values()]
    run = [rooms_a_year(other) for name, other in found.items() if name != "cdmo"]
    return (
        f"All capital goes from {words.money(min(capital), currency)} to {words.money(max(capital), currency)}, "
        f"running and monitoring rooms from {words.money(min(run), currency)} to {words.money(max(run), currency)} "
        f"a year; a contract’s fee holds its rooms. The runway follows from the same plan with each."
    )


def tenures(e: Evaluation, found: Mapping[str, Evaluation]) -> View:
    """Cost per patient infused with every way to come by rooms."""
    currency = e.scenario.currency
    rows = [
        Bar(
            tenure_label(name, e.scenario),
            other.cost.per_patient_infused,
            words.months(three(other.results.months_to_first_lot)),
            "facility",
        )
        for name, other in found.items()
    ]
    return View(
        "Whose rooms: cost and months to the first lot",
        charts.bars(rows, f"{currency} per patient infused, and months to the first lot", 320, charts.short),
        pd.DataFrame(
            {
                "Whose rooms": [row.label for row in rows],
                f"Cost ({currency} per patient infused)": [three(row.amount or 0.0) for row in rows],
                "First lot (months from order)": [three(o.results.months_to_first_lot) for o in found.values()],
            }
        ),
        tenure_finding(e, found),
        "tenures",
    )


def tenure_finding(e: Evaluation, found: Mapping[str, Evaluation]) -> str:
    """Which tenure costs least, which is ready first, which binds least capital."""
    currency = e.scenario.currency
    cost = {name: other.cost.per_patient_infused for name, other in found.items()}
    months = {name: float(other.results.months_to_first_lot) for name, other in found.items()}
    capital = {name: float(other.results.invested) for name, other in found.items()}
    best, soonest, lightest = (min(found, key=figure.__getitem__) for figure in (cost, months, capital))
    return (
        f"“{TENURES[best]}” costs least, {words.money(cost[best], currency)} per patient infused, first lot after "
        f"{words.months(three(months[best]))}; “{TENURES[soonest]}” is ready first, after "
        f"{words.months(three(months[soonest]))}, at {words.money(cost[soonest], currency)}; “{TENURES[lightest]}” "
        f"binds least capital, {words.money(capital[lightest], currency)}."
    )


def idle(e: Evaluation, found: Mapping[str, Evaluation]) -> View:
    """What idle rooms cost a year with every way to come by rooms."""
    currency = e.scenario.currency
    rows = []
    for name, other in found.items():
        label, stands = tenure_label(name, e.scenario), room_costs.idle(other)
        if stands is None:
            rows.append(Bar(label, None, PAID_BY_USE[name]))
        else:
            rows.append(Bar(label, stands.annual, words.percent(stands.share), "idle_capacity"))
    return View(
        "Rooms that stand idle",
        charts.bars(rows, f"{currency} a year, and share not used", 320, charts.short),
        pd.DataFrame(
            {
                "Whose rooms": [row.label for row in rows],
                f"Idle rooms ({currency} per year)": [three(row.amount or 0.0) for row in rows],
                "Suite capacity not used": [row.note for row in rows],
            }
        ),
        idle_finding(e),
        "idle_rooms",
    )


def idle_finding(e: Evaluation) -> str:
    """What share of paid suite capacity stands idle now, and what it costs."""
    stands, currency = room_costs.idle(e), e.scenario.currency
    if stands is None:
        use = PAID_BY_USE[e.scenario.choices.tenure]
        return (
            f"The rooms are {use}: 0 % of paid suite capacity stands idle. Rooms of one’s own are paid when empty too."
        )
    plant = e.results.plant
    return (
        f"{count(plant.suites, 'suite')} could take {words.doses(plant.ceiling_suites)} lots a year at the planned "
        f"utilisation and take {words.doses(plant.lots)}: {words.percent(stands.share)} of what is paid for is not "
        f"used, {words.money(stands.annual, currency)} a year."
    )
