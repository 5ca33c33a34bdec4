"""Which figures of the model stand behind a chart or a table of a page: their names by what the page calls them."""

from collections.abc import Iterable, Mapping

from dosecost import ledger
from dosecost.analysis import rooms as room_costs
from dosecost.analysis.ceilings import Ceiling
from dosecost.analysis.journey import journey
from dosecost.evaluation import Evaluation
from dosecost.returns import sources_and_uses
from dosecost.scenario import Scenario
from dosecost_app import (
    capacity_views,
    charts,
    cleanroom_views,
    evidence_views,
    patients_views,
    process_views,
    views,
    words,
)
from dosecost_app.charts import Why
from dosecost_app.evidence_views import Weight

LINES_SHOWN = 24
"""Lines of the ledger that a menu offers."""
RETURNS = {
    "Net present value": "cash.npv",
    "Internal rate of return": "cash.irr",
    "Why there is no rate of return": "cash.irr_reason",
    "Month of payback": "cash.payback_month",
    "Minimum viable price": "cash.minimum_viable_price.price",
    "Why there is no such price": "cash.minimum_viable_price.reason",
    "Owners’ net present value": "cash.owners.npv",
    "Owners’ rate of return": "cash.owners.irr",
    "Owners’ month of payback": "cash.owners.payback_month",
}
WAITS = {
    "Before apheresis": "waits.slot",
    "To lot start": "waits.to_start",
    "To release": "waits.to_release",
    "To infusion": "waits.to_infusion",
    "Vein to vein": "funnel.vein_to_vein_days",
}
FACTS = {
    "Cost per patient infused": "cost.per_patient_infused",
    "Cost per dose released": "cost.per_dose_released",
    "Cost per lot started": "cost.per_lot_started",
    "Capital": "invested",
    "Runway": "cash.runway_months",
    "Lowest balance": "cash.lowest",
    "Funding gap": "cash.funding_gap",
    "Suites": "plant.suites",
    "Room grade": "capacity.room_grade",
    "What limits the lots": "capacity.bottleneck",
    "People (FTE)": "heads.total",
    "Patients infused a year": "funnel.patients_infused",
    "Vein to vein, days": "funnel.vein_to_vein_days",
}
"""Figures that stand side by side for platforms, kinds of rooms and scenarios."""


TENURE_FACTS = {
    "Cost per patient infused": "cost.per_patient_infused",
    "All capital": "invested",
    "Running and monitoring rooms, per patient": "rooms.running_per_patient",
    "Months from order to first lot": "months_to_first_lot",
    "Runway": "cash.runway_months",
    "Suite capacity not used": "rooms.suites_idle",
}


def of_each(found: Mapping[str, Evaluation], labels: Mapping[str, str], present: str) -> dict[str, Scenario]:
    """Scenarios that stand side by side by their label, the present one first."""
    order = [present, *(name for name in found if name != present)]
    return {labels[name]: found[name].scenario for name in order}


def platforms(found: Mapping[str, Evaluation], present: str) -> dict[str, Scenario]:
    """The scenario on each platform, the present one first."""
    return of_each(found, {name: words.option_label("platform", name) for name in found}, present)


def tenures(found: Mapping[str, Evaluation], present: str) -> dict[str, Scenario]:
    """The scenario in each kind of rooms, the present one first."""
    return of_each(found, {name: words.option_label("tenure", name) for name in found}, present)


def categories(e: Evaluation) -> Why:
    """Cost per patient infused by category inside the boundary."""
    inside = ledger.inside(e.scenario.choices.boundary)
    return {charts.LABELS[name]: f"cost.categories.{name}" for name in inside}


def steps(e: Evaluation) -> Why:
    """Cost per patient infused by step, and what belongs to no single one."""
    labels = {step.id: step.label for step in e.recipe.steps} | views.RELEASE | {"": views.NO_STEP}
    return {labels.get(step, views.named(step)): f"cost.steps.{step}" for step in e.cost.steps}


def plant(e: Evaluation) -> Why:
    """The plant in quantities."""
    own = {
        "Suites": "plant.suites",
        "Suites in use": "plant.suites_used",
        "Main device in use": "plant.devices_used",
        "Most lots a year": "plant.ceiling",
        "What limits them": "capacity.bottleneck",
    } | {
        f"{views.named(name)}, units": f"plant.devices.{name}"
        for name, count in e.results.plant.devices.items()
        if count
    }
    return ({} if e.scenario.choices.tenure == "cdmo" else own) | {
        "Lots a year": "funnel.lots_started",
        "Vein to vein": "funnel.vein_to_vein_days",
        "Wait for a slot": "plant.slot_wait_days",
        "Monitoring plates per lot": "plates.per_lot",
        "Monitoring plates a year": "plates.per_year",
        "Routine plates": "plates.routine_per_year",
        "Months from order to first lot": "months_to_first_lot",
    }


def heads(e: Evaluation) -> Why:
    """People by role, and the time that the work fills."""
    people = e.results.heads
    count = {role: views.named(role) for role, number in people.by_role.items() if number > 0}
    return {label: f"heads.by_role.{role}" for role, label in count.items()} | {
        f"{label}, time used": f"heads.used.{role}" for role, label in count.items() if role in people.used
    }


def of_steps(e: Evaluation, figure: str, with_room: bool = True) -> Why:
    """One figure of every step of a lot: ``hours``, ``days``, ``entries``, ``sessions``."""
    found = (step for step in e.results.work.steps if with_room or step.group != "room")
    return {step.label: f"work.steps.{step.id}.{figure}" for step in found}


def asked(e: Evaluation) -> Why:
    """What all steps together ask of rooms and people, and the entries of each step."""
    whole = {"Open sessions of a lot": "work.open_sessions", "Room entries of a lot": "work.room_entries"}
    return whole | {f"{label}: room entries": name for label, name in of_steps(e, "entries").items()}


def materials(e: Evaluation) -> Why:
    """Materials and vector a year, and the dearest lines."""
    found = sorted(process_views.bill_rows(e), key=lambda line: -line.annual)
    return {"Materials a year": "cost.annual.materials", "Vector a year": "cost.annual.vector"} | {
        f"{views.named(line.id.replace('.', ', '))}, a year": f"ledger.{line.id}.annual" for line in found[:LINES_SHOWN]
    }


def heaviest(found: Iterable[Weight]) -> Why:
    """The inputs that move the cost of a dose most."""
    return {weight.row.label: weight.row.name for weight in list(found)[: evidence_views.MOST]}


def plates(e: Evaluation) -> Why:
    """Monitoring plates of one lot by type, and of a year."""
    kinds = {views.named(kind): f"plates.per_lot_by_type.{kind}" for kind in e.results.plates.per_lot_by_type}
    return kinds | {
        "All plates of a lot": "plates.per_lot",
        "Routine plates a year": "plates.routine_per_year",
        "All plates of a year": "plates.per_year",
    }


def ledger_lines(e: Evaluation) -> list[str]:
    """Money a year of every line, in the order of the table."""
    return [f"ledger.{name}.annual" for name in views.ledger_rows(e)["Line"]]


def bill(e: Evaluation) -> list[str]:
    """Money a year of the lines of materials and vector, in the order of the table."""
    return [f"ledger.{line.id}.annual" for line in process_views.bill_rows(e)]


def cells() -> Why:
    """Cells of the median lot by stage, the target dose, and lots that miss it."""
    return {label: f"cells.{name}" for name, (label, _) in views.CELL_STAGES.items()} | {
        "Target dose": "cells.target",
        "Lots that miss the dose": "cells.missed_dose",
    }


def funnel() -> Why:
    """Who reaches each stage, and who is lost to each cause."""
    return {label: f"journey.stages.{stage}.reached" for stage, label in patients_views.STAGES.items()} | {
        f"Lost: {label}": f"funnel.{cause}" for cause, label in patients_views.IN_FULL.items()
    }


SECOND = {
    "Failed first lots, made again": "funnel.lots_remade",
    "Doses released out of specification": "funnel.released_out_of_specification",
    "Doses infused out of specification": "funnel.infused_out_of_specification",
    "Of those infused, paid for": "journey.out_of_specification.paid",
}


def failure(e: Evaluation) -> Why:
    """What the loss to each cause had cost per patient infused, and all together."""
    paid = [loss.cause for loss in journey(e).losses if loss.sunk > 0]
    return {
        views.named(patients_views.IN_FULL[cause]): f"journey.losses.{cause}.per_patient_infused" for cause in paid
    } | {"Together": "cost.failure_per_patient_infused"}


def spent() -> Why:
    """What a course has cost when it reaches each stage."""
    return {label: f"journey.stages.{stage}.spent" for stage, label in patients_views.STAGES.items()}


def points(e: Evaluation) -> Why:
    """What is spent at each point on one."""
    prices = journey(e).prices
    return {patients_views.POINTS[point][0]: f"journey.prices.{point}" for point, price in prices.items() if price > 0}


def running(e: Evaluation) -> Why:
    """What the rooms cost a year, line by line."""
    return {
        cleanroom_views.LINES.get(name, views.named(name.replace(".", ", "))): f"rooms.running.{name}"
        for name in room_costs.running(e)
    }


def samples(e: Evaluation) -> Why:
    """Lines of the ledger behind the sampling plan: plates, reading, identification, excursions, instruments."""
    return {
        views.named(line.id.removeprefix("monitoring.").replace(".", ", ")): f"ledger.{line.id}.annual"
        for line in e.results.lines
        if line.id.startswith("monitoring.")
    }


def idle(e: Evaluation) -> Why:
    """Idle capacity, and its lines, the largest first."""
    found = [line for line in e.results.lines if line.category == "idle_capacity" and line.annual > 0]
    found.sort(key=lambda line: -line.annual)
    return {"All idle capacity, per patient": "cost.categories.idle_capacity"} | {
        f"{views.named(line.id.removeprefix('idle.').replace('.', ', '))}, a year": f"ledger.{line.id}.annual"
        for line in found[:LINES_SHOWN]
    }


def ceilings(e: Evaluation, known: Iterable[Ceiling]) -> Why:
    """Lots a year that suites and the main device can take, and how much of them and of people's time is used."""
    found: dict[str, str] = {}
    for one in known:
        label = capacity_views.label(one.resource)
        if one.decided:
            kind = "devices" if one.resource == e.recipe.limiting_device else "suites"
            found |= {f"{label}: lots a year": f"plant.ceiling_{kind}", f"{label}: in use": f"plant.{kind}_used"}
        elif one.resource in e.results.heads.used:
            found[f"{label}: time used"] = f"heads.used.{one.resource}"
        else:
            found[f"{label}: units"] = f"plant.devices.{one.resource}"
    return found


def flows(e: Evaluation) -> Why:
    """Where the plan's money comes from and where it goes, opening to closing."""
    found = sources_and_uses(e)
    sides = (("sources", found.sources), ("uses", found.uses))
    return {
        f"{views.named(name)}, all months": f"cash.sources_and_uses.{side}.{name}"
        for side, parts in sides
        for name, amount in parts.items()
        if amount
    }


def milestones(e: Evaluation) -> Why:
    """First and last month of each phase, and what is missing to finish it."""
    return {
        f"{milestone.name}: {label}": f"cash.milestones.{milestone.id}.{figure}"
        for milestone in e.cash.milestones
        for label, figure in (("first month", "start"), ("last month", "month"), ("money missing", "gap"))
    }


def changes(e: Evaluation) -> Why:
    """When each change of the plant is in use, and what it costs."""
    return {
        f"{change.name}: {label}": f"cash.changes.{change.id}.{figure}"
        for change in e.cash.changes
        for label, figure in (("in use from", "takeover"), ("one-off cost", "cost.price"), ("capital", "capital"))
    }


def months(e: Evaluation, figure: str) -> list[str]:
    """One figure of every month."""
    return [f"cash.months.{month.month}.{figure}" for month in e.cash.months]
