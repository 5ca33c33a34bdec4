"""What the page *Patients* shows: who gets a dose, what each loss had cost, and what a patient waits for.

Pure: evaluations in, rows and sentences out; nothing here draws.
"""

from collections.abc import Sequence

import pandas as pd

from dosecost.analysis.journey import (
    COLLECTION,
    CONTAMINATION,
    DOSE,
    INVESTIGATION,
    LOT,
    PATIENT,
    TEST,
    Journey,
    Loss,
    journey,
    per,
    units_by_point,
)
from dosecost.analysis.vein_to_vein import TOGETHER, Way
from dosecost.evaluation import Evaluation
from dosecost_app import charts, patients_charts, process_views, views, words
from dosecost_app.charts import Bar
from dosecost_app.patients_charts import JOIN, LOSS, STAGE, Days, Flow
from dosecost_app.views import Figure, View, three

STAGES = {
    "referral": "Referred",
    "apheresis": "Collected",
    "acceptance": "Accepted",
    "start": "Lots started",
    "harvest": "Harvested",
    "release": "Released",
    "infusion": "Infused",
}
CAUSES = {
    "not_admitted": "No slot",
    "lost_slot_wait": "Left before slot",
    "lost_before_start": "Left before start",
    "rejected_on_receipt": "Cells rejected",
    "failed_patient_material": "Patient’s cells",
    "failed_handling": "Handling",
    "failed_device": "Device",
    "failed_contamination": "Contamination",
    "failed_specification": "Out of spec",
    "lost_shipment": "Shipment",
    "lost_wait_for_infusion": "Left before dose",
}
"""Causes of loss where room is short."""
IN_FULL = {
    "not_admitted": "a full plant",
    "lost_slot_wait": "drop-out while waiting for a slot",
    "lost_before_start": "drop-out between collection and lot start",
    "rejected_on_receipt": "starting material rejected on receipt",
    "failed_patient_material": "the patient’s cells (growth, viability, missed dose)",
    "failed_handling": "handling",
    "failed_device": "a device or consumable",
    "failed_contamination": "contamination",
    "failed_specification": "a result out of specification",
    "lost_shipment": "shipment of the dose",
    "lost_wait_for_infusion": "drop-out while the dose is made and released",
}
AGAIN = "Second attempts"
POINTS = {
    PATIENT: ("Patient collected", "Line placement, identity, labels"),
    COLLECTION: ("Collection", "Apheresis, freezing, transport in"),
    LOT: ("Lot started", "Materials, vector, plates, gowns"),
    TEST: ("Lot tested", "Release tests and retains"),
    INVESTIGATION: ("Result investigated", "Investigation"),
    CONTAMINATION: ("Contaminated lot", "Event in the rooms"),
    DOSE: ("Dose released", "Transport out, storage"),
}
"""Points at which money is spent: the one it is spent on, and what for."""
LOTS = {"host_hospital": "Materials, vector, room days", "cdmo": "Contract lot, vector"}
"""What a lot is charged by tenure, where that is not materials and what its work takes."""
WAYS = {
    ("", ""): "As it is",
    ("culture", "rapid"): "Rapid culture",
    ("sterility", "pcr"): "Sterility by PCR",
    ("sterility", "cytometry"): "Sterility by cytometry",
    ("conditional_release", "yes"): "Conditional release",
    ("mycoplasma", "pcr"): "Mycoplasma by PCR",
    ("record", "electronic"): "Electronic record",
    ("apheresis", "fresh"): "Fresh apheresis",
    ("apheresis", "frozen"): "Frozen apheresis",
    (TOGETHER, ""): "All but the culture",
    (TOGETHER, "rapid"): "All + rapid culture",
}
CONTRACT_WAIT = "the wait for a contract slot, an input"
BY_FORMULA = "a mean by formula that spreads the yearly shutdown evenly; simulated it is another (Capacity, Promise)"
"""What the wait for a slot on this page is."""
ON_THE_LIST = "% of patients on the list for a slot"
NAMED = 3
"""Causes that a sentence names."""
FEWEST_MORE = 0.005
"""Patients a year that are called more."""
NO_DAYS = 0.05
"""Days that are called none."""
LEAST_SHOWN = 0.0005
"""Patients, lots or doses a year from which a cause is drawn."""


def change(now: float, before: float, unit: str = "") -> str:
    """Change of a count with its sign, '' where nothing moved."""
    if abs(now - before) <= 1e-9 * max(abs(now), abs(before)):
        return ""
    return f"{'−' if now < before else '+'}{words.doses(abs(now - before))}{unit}"


def lot_losses(e: Evaluation) -> float:
    """Share of lots started that fail."""
    return per(float(e.results.funnel.lots_failed), float(e.results.funnel.lots_started))


def by_patients(found: Journey) -> list[Loss]:
    """Causes of loss, those that end the way of most patients first."""
    return sorted((loss for loss in found.losses if loss.patients > LEAST_SHOWN), key=lambda loss: -loss.patients)


def answer(e: Evaluation) -> str:
    """Who gets a dose and when, in one sentence."""
    found, waits = journey(e), e.results.waits
    asked = (
        "with no wait for a slot before that by the model’s formula"
        if waits.slot < NO_DAYS and e.scenario.choices.tenure != "cdmo"
        else f"{words.doses(waits.slot + waits.vein_to_vein)} after they ask for a slot"
    )
    return (
        f"{words.doses(found.infused)} of {words.patients(found.referred)} "
        f"({words.percent(found.infused / found.referred)}) get a dose, {words.doses(waits.vein_to_vein)} days after "
        f"their cells are collected, {asked}."
    )


def figures(e: Evaluation, loaded: Evaluation) -> list[Figure]:
    """Patients infused, lots lost, the cost of failure, vein-to-vein time."""
    currency, boundary = e.scenario.currency, e.scenario.choices.boundary
    now, before = journey(e), journey(loaded, boundary)
    funnel, waits = e.results.funnel, e.results.waits
    lost, lost_before = 100 * lot_losses(e), 100 * lot_losses(loaded)
    return [
        Figure(
            "Patients infused a year",
            words.doses(now.infused),
            change(now.infused, before.infused),
            True,
            f"Of {words.doses(now.referred)} who ask for a slot ({words.percent(now.infused / now.referred)}).",
            "funnel.patients_infused",
        ),
        Figure(
            "Lots lost",
            words.percent(lost / 100),
            change(lost, lost_before, " points"),
            False,
            f"{words.doses(funnel.lots_failed)} of {words.doses(funnel.lots_started)} lots; "
            f"{words.doses(funnel.lots_remade)} of the lots are second attempts.{not_started(e)}",
            "journey.lots_lost",
        ),
        Figure(
            "Cost of failure",
            words.money(now.cost_of_failure, currency),
            views.money_change(now.cost_of_failure, before.cost_of_failure, currency),
            False,
            f"Per patient infused: what lost lots and patients had cost in variable money. {whole_failure(e)}",
            "cost.failure_per_patient_infused",
        ),
        Figure(
            "Vein to vein",
            f"{words.doses(waits.vein_to_vein)} days",
            change(float(waits.vein_to_vein), float(loaded.results.waits.vein_to_vein), " days"),
            False,
            f"Collection to infusion. Before that {views.days(float(waits.slot))} days for a slot, as the funnel "
            f"counts: {what_wait(e)}.",
            "funnel.vein_to_vein_days",
        ),
    ]


def not_started(e: Evaluation) -> str:
    """Why fewer lots are started than the page *Capacity* says are asked for; '' where as many are."""
    funnel = e.results.funnel
    if e.scenario.choices.tenure == "cdmo" or funnel.lost_slot_wait <= LEAST_SHOWN:
        return ""
    asked = words.doses(float(e.results.plant.lots))
    if asked == words.doses(funnel.lots_started):
        return ""
    return f" Capacity plans for {asked}, before anyone drops out in the wait for a slot."


def what_wait(e: Evaluation) -> str:
    """Where the wait for a slot comes from."""
    return CONTRACT_WAIT if e.scenario.choices.tenure == "cdmo" else BY_FORMULA


def whole_failure(e: Evaluation) -> str:
    """The other cost of failure, that of the page *Dose cost*, and how it differs."""
    amount = words.money(views.failure_amount(e), e.scenario.currency)
    share_ = words.percent(e.cost.failure_share)
    if e.scenario.choices.failure_convention != "stage_wise":
        return f"Dose cost charges failed lots alone, by a shortcut: {amount} ({share_})."
    return f"With the people, rooms and devices behind them it is {amount} ({share_} of the cost, as at Dose cost)."


# ---- funnel ---------------------------------------------------------------------------------------------------


def lost_words(loss: Loss) -> tuple[str, str]:
    """How many are lost and how many of them are made again; how many are lost."""
    text = f"{words.doses(loss.number)} lost"
    return (f"{text}, {words.doses(loss.again)} made again" if loss.again > LEAST_SHOWN else text), text


def flows(found: Journey) -> list[Flow]:
    """The funnel row by row: losses on the way to a stage, then those who reach it."""
    rows: list[Flow] = []
    at = found.referred
    for stage in found.stages:
        for loss in stage.losses:
            if loss.number > LEAST_SHOWN:
                rows.append(Flow(CAUSES[loss.cause], LOSS, at - loss.number, at, *lost_words(loss)))
            at -= loss.number
        if stage.joined > LEAST_SHOWN:
            joined = words.doses(stage.joined)
            rows.append(Flow(AGAIN, JOIN, at, at + stage.joined, f"{joined} join", f"{joined} join"))
        reached = words.doses(stage.reached)
        rows.append(Flow(STAGES[stage.id], STAGE, 0.0, stage.reached, reached, reached))
        at = stage.reached
    return rows


def funnel(e: Evaluation) -> View:
    """Who reaches each stage, and who is lost on the way by which cause."""
    found = journey(e)
    rows: list[tuple[str, float, float, float]] = []
    for stage in found.stages:
        rows += [(f"Lost: {IN_FULL[loss.cause]}", -loss.number, loss.again, loss.patients) for loss in stage.losses]
        if stage.id == "start":
            rows.append((AGAIN, stage.joined, 0.0, 0.0))
        rows.append((STAGES[stage.id], stage.reached, 0.0, 0.0))
    table = pd.DataFrame(
        {
            "Stage or cause": [label for label, *_ in rows],
            "Number (per year)": [three(number) for _, number, _, _ in rows],
            "Made again (lots per year)": [three(again) or None for *_, again, _ in rows],
            "Get no dose (patients per year)": [three(lost) or None for *_, lost in rows],
        }
    )
    chart = patients_charts.funnel(flows(found))
    return View("From referral to infusion", chart, table, funnel_finding(found), "funnel")


def funnel_finding(found: Journey) -> str:
    """How many get no dose, and the causes that cost most patients theirs."""
    missing = found.referred - found.infused
    named = [f"{IN_FULL[loss.cause]} ({words.doses(loss.patients)})" for loss in by_patients(found)[:NAMED]]
    text = f"{words.doses(missing)} of {words.patients(found.referred)} get no dose"
    return f"{text}; most are lost to {charts.listed(named)}." if named else f"{text}."


def second_attempts(e: Evaluation) -> pd.DataFrame:
    """Lots made again, and doses out of specification."""
    funnel, off = e.results.funnel, journey(e).out_of_specification
    again = float(funnel.lots_remade)
    rows = {
        "Failed first lots, made again": again,
        "of these released": again * float(e.areas.losses.remake_success),
        "Doses released out of specification": off.released,
        "of these infused": off.infused,
        "of those infused, paid for": off.paid,
        "of those infused, not paid for": off.infused - off.paid,
    }
    return pd.DataFrame(
        {"Lots and doses": list(rows), "Number (per year)": [three(number) for number in rows.values()]}
    )


def second_finding(e: Evaluation) -> str:
    """What second attempts save, and how many infused doses nobody pays for."""
    funnel, off = e.results.funnel, journey(e).out_of_specification
    again = float(funnel.lots_remade)
    saved = again * float(e.areas.losses.remake_success)
    text = (
        f"{words.count(again, 'failed lot')} a year {is_or_are(again)} made once more, and {words.doses(saved)} of "
        "these succeed"
        if e.scenario.choices.remake == "yes"
        else "A failed lot is not made again"
    )
    if off.infused == 0:
        return f"{text}. 0 patients a year get a dose out of specification."
    unpaid = off.infused - off.paid
    paid = "none of them" if off.paid == 0 else "all of them" if unpaid == 0 else f"{words.doses(off.paid)} of them"
    get = "gets" if words.doses(off.infused) == "1" else "get"
    return f"{text}. {words.patients(off.infused)} {get} a dose out of specification; {paid} paid for."


def is_or_are(x: float) -> str:
    """The verb of so many."""
    return "is" if words.doses(x) == "1" else "are"


# ---- cost of failure ------------------------------------------------------------------------------------------


def failure(e: Evaluation) -> View | None:
    """What lots and patients lost to each cause had cost, per patient infused; none where no loss cost anything."""
    found, currency = journey(e), e.scenario.currency
    paid = sorted((loss for loss in found.losses if loss.sunk > 0), key=lambda loss: -loss.sunk)
    if not paid:
        return None
    rows = [Bar(CAUSES[loss.cause], loss.sunk / found.infused, "", "open") for loss in paid]
    table = pd.DataFrame(
        {
            "Lost to": [CAUSES[loss.cause] for loss in paid],
            f"Cost of failure ({currency}/patient)": [three(loss.sunk / found.infused) for loss in paid],
            "Lost (per year)": [three(loss.number) for loss in paid],
            f"Each had cost ({currency})": [three(loss.each) for loss in paid],
            f"Together ({currency}/yr)": [three(loss.sunk) for loss in paid],
        }
    )
    chart = charts.bars(rows, f"{currency} per patient infused", 320, charts.short)
    return View("Cost of failure by cause", chart, table, failure_finding(e, found, paid), "failure")


def failure_finding(e: Evaluation, found: Journey, paid: Sequence[Loss]) -> str:
    """The cost of failure, its share of the variable cost, and its largest part."""
    currency, top = e.scenario.currency, paid[0]
    return (
        f"Lost lots and patients had cost {words.money(found.cost_of_failure, currency)} per patient infused, "
        f"{words.percent(per(found.sunk, found.variable))} of the variable cost; most is {IN_FULL[top.cause]}, "
        f"{words.doses(top.number)} a year at {words.money(top.each, currency)} each."
    )


def spent(e: Evaluation) -> View:
    """The variable money that one course has cost when it reaches each stage."""
    found, currency = journey(e), e.scenario.currency
    stages = [stage for stage in found.stages if stage.id not in ("referral", "acceptance", "harvest")]
    rows = [Bar(STAGES[stage.id], stage.spent) for stage in stages]
    table = pd.DataFrame(
        {
            "Stage": [row.label for row in rows],
            f"Spent by then ({currency} for one course)": [three(row.amount or 0.0) for row in rows],
        }
    )
    unit = f"{currency} spent on one course by then"
    return View(
        "What a loss costs, by stage", charts.bars(rows, unit, 190, charts.short), table, spent_finding(e), "spent"
    )


def spent_finding(e: Evaluation) -> str:
    """How the loss of one patient grows along the way, from the rows of the chart."""
    found, currency = journey(e), e.scenario.currency
    by_stage = {stage.id: words.money(stage.spent, currency) for stage in found.stages}
    text = (
        f"A patient lost after collection had cost {by_stage['apheresis']}, one whose lot was started "
        f"{by_stage['start']}, one whose dose was released {by_stage['release']}, and one whose dose was stored and "
        f"sent out too, infused or not, {by_stage['infusion']}."
    )
    off = found.out_of_specification.released
    if off <= LEAST_SHOWN or not found.prices[INVESTIGATION]:
        return text
    return f"{text} The last two hold the investigation of {words.doses(off)} doses a year out of specification."


def points(e: Evaluation) -> pd.DataFrame:
    """Which money counts as spent at which point."""
    found, currency, units = journey(e), e.scenario.currency, units_by_point(e.results.funnel)
    shown = [point for point in POINTS if found.prices[point] > 0]
    lot = LOTS.get(e.scenario.choices.tenure, POINTS[LOT][1])
    return pd.DataFrame(
        {
            "Spent on a": [POINTS[point][0] for point in shown],
            f"Each ({currency})": [three(found.prices[point]) for point in shown],
            "Number (per year)": [three(units[point]) for point in shown],
            f"Together ({currency} per year)": [three(found.prices[point] * units[point]) for point in shown],
            "What for": [POINTS[point][1] if point != LOT else lot for point in shown],
        }
    )


def points_finding(e: Evaluation) -> str:
    """The variable cost of a year, parted in what reached a patient and what did not."""
    found, currency = journey(e), e.scenario.currency
    return (
        f"Of {words.money(found.variable, currency)} a year that follows patients, lots and doses, "
        f"{words.money(found.successful, currency)} went into doses infused and "
        f"{words.money(found.sunk, currency)} into those that were lost."
    )


# ---- vein to vein ---------------------------------------------------------------------------------------------


def way_label(way: Way) -> str:
    """What a way is called on the page."""
    return WAYS[way.part, way.name]


def in_text(way: Way) -> str:
    """What a way is called inside a sentence."""
    if (way.part, way.name) == (TOGETHER, ""):
        return "all changes but the culture"
    label = way_label(way)
    return words.inside(label)


def in_order(found: Sequence[Way]) -> list[Way]:
    """The present way, then the others, the quickest last."""
    present, *others = found
    return [present, *sorted(others, key=lambda way: -way.total)]


def misses(e: Evaluation, way: Way) -> bool:
    """Whether a way leaves too few cells for the dose, and fewer than now, so that its days are those of no dose."""
    fewer = way.missed_dose > float(e.results.cells.missed_dose)
    return bool(way.part) and fewer and process_views.too_short(e, way.missed_dose)


def waits(e: Evaluation, found: Sequence[Way]) -> View:
    """The days of one patient by what they are spent on, now and made faster."""
    order, currency = in_order(found), e.scenario.currency

    def note(way: Way) -> str:
        if misses(e, way):
            return f"{views.share_of_lots(way.missed_dose)} miss dose"
        return f"{words.doses(way.infused)} infused"

    chart = patients_charts.days([Days(way_label(way), way.days, note(way), misses(e, way)) for way in order])
    table = pd.DataFrame(
        {"Way": [way_label(way) for way in order]}
        | {
            f"{label} (days)": [three(way.days[part]) for way in order]
            for part, label in patients_charts.PART_LABELS.items()
        }
        | {
            "Vein to vein (days)": [three(way.vein_to_vein) for way in order],
            f"Drop out while waiting ({ON_THE_LIST})": [three(100 * way.lost_waiting) for way in order],
            "Infused (patients per year)": [three(way.infused) for way in order],
            f"Cost ({currency} per patient infused)": [three(way.cost) for way in order],
            "Lots that miss the dose (% by the cell balance)": [three(100 * way.missed_dose) for way in order],
        }
    )
    return View("What a patient waits for", chart, table, waits_finding(e, found), "waits")


def waits_finding(e: Evaluation, found: Sequence[Way]) -> str:
    """The longest part of the wait, and the single change that shortens it most and still reaches the dose."""
    present, *others = found
    longest = max(present.days, key=present.days.__getitem__)
    text = (
        f"Of {words.doses(present.vein_to_vein)} days vein to vein and {views.days(present.days['slot'])} days for a "
        f"slot, the longest part is {patients_charts.PART_LABELS[longest].lower()} "
        f"({words.doses(present.days[longest])} days)"
    )
    able = [
        way for way in others if way.part != TOGETHER and not misses(e, way) and way.total < present.total - NO_DAYS
    ]
    if able:
        best = min(able, key=lambda way: way.total)
        dose = " and still makes the dose" if any(misses(e, way) for way in others) else ""
        saved = words.doses(present.total - best.total)
        text += f"; the change that alone saves most{dose} is {in_text(best)}: {saved} days"
    short = next((way for way in others if misses(e, way)), None)
    if not short:
        return f"{text}."
    return (
        f"{text}. {way_label(short)} would save {words.doses(present.total - short.total)} days, but "
        f"{views.share_of_lots(short.missed_dose)} of its lots would miss the dose: it needs more cells to start with."
    )


def waits_note(e: Evaluation, found: Sequence[Way]) -> str:
    """How to read the ways, and why a faster test may save nothing."""
    present, *others = found
    text = (
        "Each way is one change alone; the last are all faster ones together. The wait for a room and a device is the "
        f"wait for a slot, which is given once both are free: {what_wait(e)}. Rapid culture is two to three days."
    )
    idle = [way for way in others if way.name == "pcr" and abs(way.total - present.total) < NO_DAYS]
    return f"{text} A faster test saves no day where another one takes as long." if idle else text


def share(way: Way) -> str:
    """Patients who drop out while they wait, in percent of those on the list."""
    return f"{words.doses(100 * way.lost_waiting)} %"


def dropped(e: Evaluation, found: Sequence[Way]) -> View:
    """Whom the wait costs the dose, now and made faster."""
    order = in_order(found)
    rows = [Bar(way_label(way), 100 * way.lost_waiting, "", "open") for way in order]
    table = pd.DataFrame(
        {
            "Way": [way_label(way) for way in order],
            "Request to infusion (days)": [three(way.total) for way in order],
            f"Drop out while waiting ({ON_THE_LIST})": [three(100 * way.lost_waiting) for way in order],
            "of these before the slot (% of the same)": [three(100 * way.lost_for_slot) for way in order],
            "Infused (patients per year)": [three(way.infused) for way in order],
        }
    )
    chart = charts.bars(rows, "% of patients on the list who drop out", 40 + 34 * len(rows))
    return View("Whom the wait costs the dose", chart, table, dropped_finding(e, found), "dropped")


def dropped_finding(e: Evaluation, found: Sequence[Way]) -> str:
    """How many drop out while they wait, and what the quickest way that reaches the dose would change."""
    present, *others = found
    funnel = e.results.funnel
    listed = float(funnel.patients - funnel.not_admitted)
    before = listed * present.lost_for_slot
    who = "who ask for a slot" if funnel.not_admitted <= LEAST_SHOWN else "whom the plant does not refuse a slot"
    text = (
        f"{share(present)} of the {words.count(listed, 'patient')} a year {who} drop out while they wait, at "
        f"{words.percent(float(e.areas.demand.drop_out_per_week))} a week: "
        f"{words.doses(before) if before > LEAST_SHOWN else 'none'} before they have one, and then "
        f"{words.doses(100 * present.lost_with_slot)} % of the others"
    )
    able = [way for way in others if not misses(e, way) and way.infused > present.infused + FEWEST_MORE]
    if not able:
        return f"{text}; none of these changes infuses more patients."
    best = max(able, key=lambda way: way.infused)
    return (
        f"{text}; {in_text(best)} would make it {share(best)} and infuse "
        f"{words.count(best.infused - present.infused, 'more patient')} a year."
    )
