"""What the two main pages show of an evaluation: figures, charts with their tables and findings, and files.

Pure: an evaluation in, rows and sentences out. Pages place them; nothing here draws.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from string import ascii_uppercase
from typing import Any, NamedTuple

import pandas as pd

from dosecost import ledger
from dosecost.analysis.changes import Change
from dosecost.analysis.curves import Crossover, Floats
from dosecost.analysis.journey import journey
from dosecost.contract import bottleneck, flat_burn_runway_months, runway_months
from dosecost.evaluation import Cost, Evaluation, cost_of
from dosecost.plan import Decision
from dosecost.quantities.cells import FREEZE
from dosecost.quantities.losses import patient_material_failure
from dosecost.returns import minimum_viable_price, worth
from dosecost_app import charts, words
from dosecost_app.charts import Bar, Chart

MONTHS_PER_YEAR = 12
BILLION = 1e9
CELL_STAGES = {
    "collected": ("Collected", "T cells"),
    "selected": ("Selected", "T cells"),
    "into_culture": ("Put into culture", "T cells"),
    "treated": ("Left before the expansion", "T cells"),
    "expanded": ("Expanded", "T cells"),
    "transduced": ("of them CAR+", "CAR+ cells"),
    "edited": ("with every knock-out", "CAR+ cells"),
    "enriched": ("Left by steps after it", "CAR+ cells"),
    "harvested": ("Harvested, washed", "CAR+ cells"),
    "viable": ("Viable after thaw", "CAR+ cells"),
}
"""Stages of the cell balance: what they are called, and which cells are counted."""
WITH_OPTIONAL_STEPS = ("treated", "edited", "enriched")
"""Stages that are shown only where an optional step or electroporation changes them."""
FEWEST_SHOWN = 1e-4
MOST_CELLS, FEWEST_CELLS = 1e3, 1e-6
"""Billions of cells beyond which a number is not spelled out."""
NO_STEP = "No single step"
MANY = 10.0
"""Times from which a change is told in times, not in percent."""
RELEASE = {"release": "Release testing"}
CONVENTIONS = {
    "stage_wise": "Each loss is charged at the stage where it happens.",
    "times_one_plus_f": "Published shortcut: cost per lot × (1 + failure rate); drop-out is not counted.",
    "divided_by_one_minus_f": "Published shortcut: cost per lot ÷ (1 − failure rate); drop-out is not counted.",
}
BASES = {
    ledger.PER_LOT: "per lot",
    ledger.PER_DOSE: "per dose",
    ledger.PER_PATIENT: "per patient",
    ledger.PER_YEAR: "fixed, per year",
    ledger.CAPITAL: "capital charge",
}


class Figure(NamedTuple):
    """A metric: value, change against the scenario as loaded ('' for none), what it leaves out, and the name of the
    model's figure ('' where it is none)."""

    label: str
    value: str
    delta: str
    more_is_better: bool
    note: str
    why: str = ""


class View(NamedTuple):
    """A chart with its heading, the same numbers as a table, and the finding; fits ``drawing.draw``."""

    title: str
    chart: Chart
    table: pd.DataFrame
    finding: str
    key: str


def three(x: float) -> float:
    """A number at three significant figures, for tables."""
    return float(f"{x:.3g}")


def days(x: float) -> str:
    """A count of days; a wait of minutes is not spelled out."""
    return "under 0.1" if 0 < x < 0.1 else words.doses(x)


def named(name: str) -> str:
    """A name of the model as people read it."""
    text = name.replace("_", " ")
    for short in ("qc", "qa", "msat"):
        text = " ".join(short.upper() if word == short else word for word in text.split(" "))
    return text[:1].upper() + text[1:]


def money_change(now: float, before: float, currency: str) -> str:
    """Change of an amount with its sign, '' where nothing moved; in percent, or in times from ten times on."""
    if abs(now - before) <= 1e-9 * max(abs(now), abs(before)):
        return ""
    share = f" ({relative(now, before)})" if before > 0 else ""
    return f"{'−' if now < before else '+'}{words.money(abs(now - before), currency)}{share}"


def relative(now: float, before: float) -> str:
    """One amount against another: ``+12 %``, ``−3.4 %``, ``63 times``."""
    if now >= MANY * before:
        return f"{words.figures(now / before, 2)} times"
    return f"{'+' if now > before else ''}{words.percent(now / before - 1)}"


# ---- dose cost ------------------------------------------------------------------------------------------------


def counted(boundary: str) -> str:
    """What a boundary counts and what it leaves out, in words."""
    inside = ledger.inside(boundary)
    outside = [charts.LABELS[name].lower() for name in ledger.CATEGORIES if name not in inside]
    counts = charts.listed([charts.LABELS[name].lower() for name in ledger.CATEGORIES if name in inside])
    left_out = f"Left out: {charts.listed(outside)}." if outside else "Nothing of the ledger is left out."
    return f"Counted: {counts}. {left_out} Research, administration and trial costs stand in the plan (Runway)."


def cost_answer(e: Evaluation) -> str:
    """What one patient's dose costs and why, in one sentence."""
    cost, choices = e.cost, e.scenario.choices
    top = max(cost.categories, key=cost.categories.__getitem__)
    lost = "failed lots and patients who drop out" if choices.failure_convention == "stage_wise" else "failed lots"
    boundary = choices.boundary.replace("_", " ")
    return (
        f"One patient infused costs {words.money(cost.per_patient_infused, e.scenario.currency)} (boundary: "
        f"{boundary}): the largest part is {charts.LABELS[top].lower()} with "
        f"{words.percent(cost.categories[top] / cost.per_patient_infused)}, {words.percent(cost.fixed_share)} is "
        f"fixed whatever the number of lots, and {words.percent(cost.failure_share)} "
        f"({words.money(failure_amount(e), e.scenario.currency)}) goes to {lost}, {variable_failure(e)}."
    )


def failure_amount(e: Evaluation) -> float:
    """Money per patient infused that failed lots and drop-out add to the cost of a lot, fixed cost too."""
    return float(e.cost.per_patient_infused - e.cost.per_lot_started)


def variable_failure(e: Evaluation) -> str:
    """How that money differs from the cost of failure of the page *Patients*."""
    variable = words.money(journey(e).cost_of_failure, e.scenario.currency)
    if e.scenario.choices.failure_convention != "stage_wise":
        return f"by a published shortcut; what was bought in vain, drop-out included, is {variable} (Patients)"
    return f"people, rooms and devices behind them included; what was bought for them alone is {variable} (Patients)"


def cost_within(e: Evaluation, boundary: str) -> Cost:
    """What a scenario costs inside another boundary: only like is set against like."""
    return cost_of(replace(e.scenario.choices, boundary=boundary), e.results)


def cost_figures(e: Evaluation, loaded: Evaluation) -> list[Figure]:
    """The headline and the runway, then the two other costs, each with what it leaves out."""
    currency, now, before = e.scenario.currency, e.cost, cost_within(loaded, e.scenario.choices.boundary)
    funnel, convention = e.results.funnel, e.scenario.choices.failure_convention

    def figure(label: str, name: str, note: str) -> Figure:
        amount, was = getattr(now, name), getattr(before, name)
        change = money_change(amount, was, currency)
        return Figure(label, words.money(amount, currency), change, False, note, f"cost.{name}")

    return [
        figure(
            "Cost per patient infused",
            "per_patient_infused",
            f"{words.doses(funnel.patients_infused)} of {words.patients(funnel.patients)} are infused. "
            f"{CONVENTIONS[convention]}",
        ),
        runway_figure(e, loaded),
        figure(
            "Cost per dose released",
            "per_dose_released",
            f"{words.count(funnel.doses_released, 'dose')} a year. Excludes drop-out and loss after release.",
        ),
        figure(
            "Cost per lot started",
            "per_lot_started",
            f"{words.count(funnel.lots_started, 'lot')} a year. Excludes failed lots and drop-out.",
        ),
    ]


def category_rows(e: Evaluation) -> list[Bar]:
    """Every category with its cost per patient infused, the largest first, those outside the boundary without one."""
    inside, total = ledger.inside(e.scenario.choices.boundary), e.cost.per_patient_infused
    return charts.by_size(
        Bar(charts.LABELS[name], amount, words.percent(amount / total), name)
        if name in inside
        else Bar(charts.LABELS[name], None, "left out", name)
        for name, amount in e.cost.categories.items()
    )


def categories(e: Evaluation) -> View:
    """Cost per patient infused by category."""
    rows, currency = category_rows(e), e.scenario.currency
    total = e.cost.per_patient_infused
    table = pd.DataFrame(
        {
            "Category": [row.label for row in rows],
            f"Cost per patient infused ({currency})": [None if r.amount is None else three(r.amount) for r in rows],
            "Share (%)": [None if r.amount is None else round(100 * r.amount / total, 1) for r in rows],
            "Counted": ["no" if r.amount is None else "yes" for r in rows],
        }
    )
    finding = charts.category_finding(rows, currency)
    return View("Cost by category", charts.category_bars(rows, currency), table, finding, "categories")


def step_rows(e: Evaluation) -> list[Bar]:
    """What is bought for each step, per patient infused, in the order of the process."""
    labels = {step.id: step.label for step in e.recipe.steps} | RELEASE
    known = [*labels, *(step for step in e.cost.steps if step and step not in labels)]
    return [Bar(labels.get(step, named(step)), e.cost.steps.get(step, 0.0)) for step in known]


def steps(e: Evaluation) -> View:
    """Cost per patient infused by process step."""
    rows, currency, elsewhere = step_rows(e), e.scenario.currency, e.cost.steps.get("", 0.0)
    table = pd.DataFrame(
        {
            "Step": [*(row.label for row in rows), NO_STEP],
            f"Cost per patient infused ({currency})": [*(three(row.amount or 0) for row in rows), three(elsewhere)],
        }
    )
    finding = charts.step_finding(rows, elsewhere, currency)
    return View("Bought for single steps", charts.step_bars(rows, currency), table, finding, "steps")


def platforms(comparison: Mapping[str, Evaluation], present: str) -> View:
    """All platforms at the same demand."""
    one = comparison[present]
    currency, patients = one.scenario.currency, one.results.funnel.patients
    rows = [charts.Stack(e.recipe.label, dict(e.cost.categories), name == present) for name, e in comparison.items()]
    table = pd.DataFrame(
        [
            {
                "Platform": e.recipe.label,
                f"Cost per patient infused ({currency})": three(e.cost.per_patient_infused),
                f"Capital ({currency})": three(e.results.invested),
                "Runway": runway_text(e),
                "Suites": e.results.plant.suites,
                "Room grade": e.results.grade,
                "Heads": three(e.results.heads.total),
                "Patients infused (per year)": three(e.results.funnel.patients_infused),
                "Vein to vein (days)": three(e.results.waits.vein_to_vein),
            }
            | {f"{charts.LABELS[name]} ({currency})": three(amount) for name, amount in e.cost.categories.items()}
            for e in comparison.values()
        ]
    )
    finding = charts.stack_finding(rows, patients, currency)
    return View("Platforms at the same demand", charts.platform_stack(rows, currency), table, finding, "platforms")


def platform_facts(comparison: Mapping[str, Evaluation]) -> pd.DataFrame:
    """Plant, people and money behind the cost of each platform, a platform in each column."""

    def facts(e: Evaluation) -> dict[str, str]:
        currency, r = e.scenario.currency, e.results
        contract = e.scenario.choices.tenure == "cdmo"
        own = "none: contract" if contract else words.doses(r.plant.suites)
        device = e.recipe.limiting_device
        return {
            "Cost per patient infused": words.money(e.cost.per_patient_infused, currency),
            "Capital": words.money(r.invested, currency),
            "Runway": runway_text(e).replace("at least", "≥"),
            "Suites": own,
            "Room grade": grade_text(r.grade),
            "Main device": "none: contract" if contract else named(device),
            "Units of it": "none: contract" if contract else words.doses(r.plant.devices[device]),
            "What limits the lots": limit_of(e),
            "People (FTE)": words.doses(r.heads.total),
            "Patients infused a year": words.doses(r.funnel.patients_infused),
            "Vein to vein, days": days(r.waits.vein_to_vein),
        }

    columns = {charts.brief(e.recipe.label): facts(e) for e in comparison.values()}
    frame = pd.DataFrame(columns)
    frame.insert(0, "At the same demand", frame.index)
    return frame.reset_index(drop=True)


def platform_facts_finding(comparison: Mapping[str, Evaluation]) -> str:
    """How far the platforms differ in capital and people."""
    currency = next(iter(comparison.values())).scenario.currency
    capital = {charts.brief(e.recipe.label): words.money(e.results.invested, currency) for e in by_capital(comparison)}
    people = {charts.brief(e.recipe.label): words.doses(e.results.heads.total) for e in by_heads(comparison)}
    return f"Capital {spread(capital)}; people needed: {spread(people).removeprefix('is ')}."


def by_capital(comparison: Mapping[str, Evaluation]) -> list[Evaluation]:
    """The evaluations, the least capital first."""
    return sorted(comparison.values(), key=lambda e: e.results.invested)


def by_heads(comparison: Mapping[str, Evaluation]) -> list[Evaluation]:
    """The evaluations, the fewest people first."""
    return sorted(comparison.values(), key=lambda e: e.results.heads.total)


def spread(figures: Mapping[str, str]) -> str:
    """From which lowest to which highest figure, of figures in rising order."""
    pairs = list(figures.items())
    (low, first), (high, last) = pairs[0], pairs[-1]
    return f"is {first} on every platform" if first == last else f"from {first} ({low}) to {last} ({high})"


def grade_text(grade: str) -> str:
    """A room grade in words."""
    return "CNC (controlled, not classified)" if grade == "CNC" else f"Grade {grade}"


def volume(e: Evaluation, volumes: Floats, curves: Mapping[str, Floats], crossovers: Sequence[Crossover]) -> View:
    """Cost per patient infused against patients per year on every platform."""
    now, currency, present = e.results.funnel.patients, e.scenario.currency, e.scenario.choices.platform
    labels = {name: words.option_label("platform", name) for name in curves}
    rows = [
        charts.Curve(name, labels[name], [float(x) for x in costs], name == present) for name, costs in curves.items()
    ]
    marks = [charts.Crossing(labels[c.cheaper_above], c.patients_per_year, c.cost) for c in crossovers]
    at = [float(v) for v in volumes]
    table = pd.DataFrame(
        {"Patients per year": at}
        | {f"{row.label} ({currency} per patient infused)": [three(cost) for cost in row.costs] for row in rows}
    )
    chart = charts.volume_curve(rows, at, now, marks, currency)
    finding = charts.volume_finding(rows, at, now, marks, currency)
    return View("Cost against volume", chart, table, finding, "volume")


# ---- people and plant -----------------------------------------------------------------------------------------


def limit_of(e: Evaluation) -> str:
    """What limits the number of lots, in words."""
    name = bottleneck(e)
    return "contract slots" if name == "contract slots" else named(name).lower()


def plant_table(e: Evaluation) -> pd.DataFrame:
    """The plant in quantities."""
    plant, plates, waits = e.results.plant, e.results.plates, e.results.waits
    contract = e.scenario.choices.tenure == "cdmo"
    rows: list[tuple[str, str]] = []
    if contract:
        rows.append(("Suites and devices", "none: contract lots"))
    else:
        rows += [
            ("Room grade", grade_text(e.results.grade)),
            ("Suites", words.doses(plant.suites)),
            ("Suites in use", words.percent(plant.suites_used)),
            (f"{named(e.recipe.limiting_device)} in use", words.percent(plant.devices_used)),
            ("Most lots a year", words.doses(plant.ceiling)),
            ("What limits them", limit_of(e)),
        ]
        rows += [(f"{named(name)}, units", words.doses(count)) for name, count in plant.devices.items() if count]
    rows += [
        ("Lots a year", words.doses(e.results.funnel.lots_started)),
        ("Vein to vein, days", days(waits.vein_to_vein)),
        ("Wait for a slot before that, days", days(waits.slot)),
        ("Monitoring plates per lot", words.doses(plates.per_lot)),
        ("Monitoring plates a year", words.doses(plates.per_year)),
        ("of these routine, with no lot running", words.doses(plates.routine_per_year)),
        ("Months from order to first lot", words.doses(e.results.months_to_first_lot)),
    ]
    return pd.DataFrame(rows, columns=["Quantity", "Value"])


def plant_finding(e: Evaluation) -> str:
    """What the plant can make, what stops it, and how full it is."""
    plant, lots = e.results.plant, e.results.funnel.lots_started
    if e.scenario.choices.tenure == "cdmo":
        return f"{words.count(lots, 'lot')} a year are made under contract; there is no plant of one’s own to fill."
    return (
        f"The plant makes {words.count(lots, 'lot')} a year and at most {words.doses(plant.ceiling)}; the first "
        f"limit is: {limit_of(e)}. The suites are {words.percent(plant.suites_used)} full, the devices "
        f"({named(e.recipe.limiting_device).lower()}) {words.percent(plant.devices_used)}."
    )


def heads(e: Evaluation) -> View:
    """People by role."""
    people = e.results.heads
    used = people.used
    roles = [(role, count) for role, count in people.by_role.items() if count > 0]
    rows = [
        Bar(named(role), count, f"{words.percent(used[role])} used" if role in used else "") for role, count in roles
    ]
    table = pd.DataFrame(
        {
            "Role": [named(role) for role, _ in roles],
            "Heads (FTE)": [three(count) for _, count in roles],
            "Paid time used (%)": [three(100 * used[role]) if role in used else None for role, _ in roles],
        }
    )
    return View("People", charts.bars(rows, charts.HEADS, 360), table, heads_finding(rows, people.total), "heads")


def heads_finding(rows: Sequence[Bar], total: float) -> str:
    """How many people, and the largest groups."""
    if not rows:
        return "No people of its own."
    top = sorted(rows, key=lambda row: row.amount or 0.0, reverse=True)[:3]
    groups = charts.listed([f"{row.label} ({words.doses(row.amount or 0)})" for row in top])
    return f"{words.doses(total)} people are needed; the largest groups are {groups}."


def hours(e: Evaluation) -> View:
    """Person-hours of one lot by step, open and closed apart."""
    work = e.results.work
    rows = [Bar(s.label, s.hours, s.exposure.replace("_", " "), s.exposure) for s in work.steps if s.hours > 0]
    table = pd.DataFrame(
        {
            "Step": [s.label for s in work.steps],
            "Person-hours per lot": [three(s.hours) for s in work.steps],
            "Elapsed time (days)": [three(s.days) for s in work.steps],
            "Exposure": [s.exposure.replace("_", " ") for s in work.steps],
            "Open manipulations per lot": [three(s.open_manipulations) for s in work.steps],
        }
    )
    return View(
        "Hands-on time of one lot", charts.bars(rows, "person-hours per lot", 400), table, hours_finding(e), "hours"
    )


def hours_finding(e: Evaluation) -> str:
    """How long one lot takes hands and room, and how much of it is open."""
    work = e.results.work
    exposed = sum(step.hours for step in work.steps if step.exposure != "closed")
    return (
        f"One lot takes {words.figures(work.operator_hours)} person-hours at the steps, "
        f"{words.figures(exposed)} of them where product is open to the room, and "
        f"{words.figures(work.room_days)} days in the room."
    )


def waits(e: Evaluation) -> View:
    """Days a patient waits, stage by stage."""
    w = e.results.waits
    stages = [
        ("Before apheresis", w.slot),
        ("To lot start", w.to_start),
        ("To release", w.to_release),
        ("To infusion", w.to_infusion),
    ]
    rows = [Bar(label, amount) for label, amount in stages]
    table = pd.DataFrame({"Stage": [label for label, _ in stages], "Days": [three(amount) for _, amount in stages]})
    finding = (
        f"From apheresis to infusion a patient waits {days(w.vein_to_vein)} days (vein to vein), "
        f"{days(w.to_release)} of them from lot start to release; the wait for a slot before that is "
        f"{days(w.slot)} days."
    )
    return View("What the patient waits", charts.bars(rows, "days", 300, days), table, finding, "waits")


def cells(e: Evaluation) -> View:
    """Cells of the median lot from collection to thaw, against the target dose."""
    balance = e.results.cells
    stages = list(CELL_STAGES)
    shown = [
        name
        for name, before in zip(stages, [stages[0], *stages], strict=False)
        if name not in WITH_OPTIONAL_STEPS or getattr(balance, name) != getattr(balance, before)
    ]
    labels = CELL_STAGES | ({} if after_thaw(e) else {"viable": ("Viable, not frozen", "CAR+ cells")})
    rows = [charts.Stage(labels[n][0], getattr(balance, n) * BILLION, labels[n][1]) for n in shown]
    kept = [None, *(three(after.cells / before.cells) for before, after in pairwise(rows))]
    table = pd.DataFrame(
        {
            "Step": [*(row.label for row in rows), "Target dose"],
            "Cells (billion, median lot)": [three(x) for x in (*(r.cells / BILLION for r in rows), balance.target)],
            "Against the step before (ratio)": [*kept, None],
            "Counted": [*(row.kind for row in rows), "CAR+ cells"],
        }
    )
    chart = charts.cells(rows, balance.target * BILLION)
    return View("Cells of one lot", chart, table, cells_finding(e), "cells")


def cells_finding(e: Evaluation) -> str:
    """What the median lot holds against the target dose, how many lots miss it, and what the cost counts."""
    balance, losses = e.results.cells, e.areas.losses
    published = patient_material_failure(losses, balance.missed_dose, from_cells=False)
    own = {"losses.manufacturing_failure", "losses.patient_material_share"} & set(e.scenario.inputs)
    counted = {
        "cell_balance": "the cost counts these lots as lost",
        "observed": f"the cost counts {'your own' if own else 'the published'} {share_of_lots(published)} instead",
    }[e.scenario.choices.starting_material]
    return (
        f"The median lot has {cell_count(balance.viable)} viable CAR+ cells{after_thaw(e)}, "
        f"{words.figures(balance.viable / balance.target)} times the target dose; "
        f"{share_of_lots(balance.missed_dose)} of lots miss it, and {counted}."
    )


def after_thaw(e: Evaluation) -> str:
    """Where the cells of a frozen product are counted; '' for one that is not frozen."""
    return " after thaw" if any(step.id == FREEZE for step in e.recipe.steps) else ""


def cell_count(billion: float) -> str:
    """A number of cells, given in billions: ``554 million``, ``1.20 billion``."""
    if not MOST_CELLS >= billion >= FEWEST_CELLS:
        return "more than a thousand billion" if billion > MOST_CELLS else "fewer than a thousand"
    if billion >= 0.9995:
        return f"{words.figures(billion)} billion"
    return f"{words.figures(1_000 * billion)} million" if billion >= 1e-3 else f"{words.doses(1e6 * billion)} thousand"


def share_of_lots(x: float) -> str:
    """A share of lots at three significant figures; a tiny one is not spelled out."""
    return f"under {100 * FEWEST_SHOWN:g} %" if 0 < x < FEWEST_SHOWN else f"{words.figures(100 * x)} %"


def plates(e: Evaluation) -> View:
    """Monitoring plates of one lot by type."""
    found = e.results.plates
    rows = [Bar(named(kind), count) for kind, count in found.per_lot_by_type.items()]
    table = pd.DataFrame(
        {
            "Type": [row.label for row in rows],
            "Plates per lot": [three(row.amount or 0.0) for row in rows],
        }
    )
    finding = (
        f"One lot takes {words.doses(found.per_lot)} monitoring plates; with routine sampling of the rooms it is "
        f"{words.doses(found.per_year)} plates a year."
    )
    return View("Monitoring plates of one lot", charts.bars(rows, "plates per lot", 300), table, finding, "plates")


# ---- runway ---------------------------------------------------------------------------------------------------


def runway_text(e: Evaluation) -> str:
    """How long the money lasts, after "lasts": into the first month that closes below the floor."""
    months = runway_months(e)
    horizon = words.months(e.scenario.plan.horizon_months)
    return f"at least {horizon}" if months is None else f"into month {months}"


def runway_change(e: Evaluation, loaded: Evaluation) -> str:
    """Change of the runway, '' where nothing moved."""
    now, before = runway_months(e), runway_months(loaded)
    if now == before:
        return ""
    lasts, lasted = (
        m if m is not None else int(x.scenario.plan.horizon_months) for m, x in ((now, e), (before, loaded))
    )
    open_ended = " or more" if None in (now, before) else ""
    return f"{'−' if lasts < lasted else '+'}{words.months(abs(lasts - lasted))}{open_ended}"


def runway_figure(e: Evaluation, loaded: Evaluation) -> Figure:
    """The month in which cash falls below the floor."""
    months, plan = runway_months(e), e.scenario.plan
    floor = words.money(plan.floor, e.scenario.currency)
    if months is None:
        note = f"Every month of the plan closes at or above the floor of {floor}."
    else:
        note = f"Month {months} is the first to close below the floor of {floor}; {closing_above(months)}."
    text = runway_text(e)
    return Figure("Runway", text[:1].upper() + text[1:], runway_change(e, loaded), True, note, "cash.runway_months")


def runway_answer(e: Evaluation) -> str:
    """How long the money lasts, in one sentence."""
    months, currency = runway_months(e), e.scenario.currency
    if months is None:
        return (
            f"The money lasts at least {words.months(e.scenario.plan.horizon_months)}, to the end of the plan; its "
            f"lowest balance is {words.money(e.cash.lowest, currency)} in month {e.cash.lowest_month:.0f}. "
            f"{first_patient(e)}"
        )
    missed = next((m.name for m in e.cash.milestones if m.gap > 0), None)
    before = f", before the end of “{missed}”" if missed else ""
    return (
        f"The money lasts {runway_text(e)}, the first to close below the floor{before}; {closing_above(months)}. To "
        f"the end of the plan {words.money(e.cash.funding_gap, currency)} is missing. {first_patient(e)}"
    )


def closing_above(months: int) -> str:
    """How many months close at or above the floor before the first that does not."""
    if months == 1:
        return "no month closes at or above it"
    return f"{words.months(months - 1)} before it {'closes' if months == 2 else 'close'} at or above it"


def first_patient(e: Evaluation) -> str:
    """When the first patients are treated: a runway that is long because nothing has begun is no good news."""
    treated = next((month.month for month in e.cash.months if month.patients_infused > 0), None)
    return f"The first patients are treated in month {treated}." if treated else "No patient is treated in this plan."


def flat_burn_figure(e: Evaluation) -> Figure:
    """The runway at the burn of the first months."""
    plan, lasts = e.scenario.plan, flat_burn_runway_months(e)
    burn = words.money(e.cash.flat_burn, e.scenario.currency)
    note = (
        f"Opening cash above the floor ÷ mean net outflow of the first {words.months(plan.flat_burn_months)} "
        f"({burn} a month), without money raised and without capital spending."
    )
    why = "cash.flat_burn_runway_months"
    if lasts is None:
        nothing = f"Nothing is burnt in the first months. {note}"
        return Figure("Runway at flat burn", "not defined", "", True, nothing, why)
    value = words.months(float(words.figures(lasts).replace(",", "")))
    return Figure("Runway at flat burn", value, "", True, note, why)


def cash_figures(e: Evaluation, loaded: Evaluation) -> list[Figure]:
    """Two runways, the lowest balance and the funding gap."""
    currency, cash, was = e.scenario.currency, e.cash, loaded.cash
    return [
        runway_figure(e, loaded),
        flat_burn_figure(e),
        Figure(
            "Lowest balance",
            words.money(cash.lowest, currency),
            money_change(cash.lowest, was.lowest, currency),
            True,
            "Before the first month." if cash.lowest_month == 0 else f"At the end of month {cash.lowest_month:.0f}.",
            "cash.lowest",
        ),
        Figure(
            "Funding gap",
            words.money(cash.funding_gap, currency),
            money_change(cash.funding_gap, was.funding_gap, currency),
            False,
            "Missing to stay at or above the floor in every month of the plan.",
            "cash.funding_gap",
        ),
    ]


def value_line(e: Evaluation) -> str:
    """Net present value and internal rate of return, or why there is none."""
    of = worth(e, e.flows)
    rate, currency = words.percent(e.areas.finance.discount_rate), e.scenario.currency
    found = words.undefined(of.irr_reason) if of.irr is None else f"{words.percent(of.irr)} a year"
    if len(of.rates) > 1:
        found += f" ({', '.join(map(words.percent, of.rates))} a year)"
    back = f"paid back in month {of.payback_month}" if of.payback_month else "not paid back within the plan"
    needed = minimum_viable_price(e)
    price = needed.reason if needed.price is None else f"{words.money(needed.price, currency)} a dose"
    return (
        f"Without money raised or lent: net present value at {rate} a year {words.money(of.npv, currency)}; "
        f"internal rate of return {found}; {back}; price at which the value is zero: {price}."
    )


def conventions(e: Evaluation) -> str:
    """The conventions behind every figure of the plan."""
    return (
        f"Constant prices of {e.scenario.price_year}. All flows fall at month ends; a month’s balance is its closing "
        f"one, and it equals the opening one plus money in less money out. No tax."
    )


def lettered(e: Evaluation) -> list[tuple[str, Decision]]:
    """Decisions of the plan in the order of their months, each with the letter that marks it on the chart."""
    return list(zip(ascii_uppercase, sorted(e.scenario.plan.decisions, key=lambda entry: entry.month), strict=False))


def decided(e: Evaluation) -> list[charts.Decided]:
    """Decisions month by month, those of one month under one mark."""
    return [
        charts.Decided(", ".join(letter for letter, _ in found), charts.listed([d.name for _, d in found]), month)
        for month, group in groupby(lettered(e), key=lambda entry: entry[1].month)
        if (found := list(group))
    ]


DECISION_COLUMNS = [
    "Mark",
    "Decision",
    "Kind",
    "Month",
    "In use from month",
    "Cost of the change",
    "Lots a year possible then",
]


def decisions(e: Evaluation) -> pd.DataFrame:
    """Dated decisions of the plan, from when those that change the plant are in use and what they cost."""
    currency, changes = e.scenario.currency, {change.id: change for change in e.cash.changes}
    rows = []
    for letter, decision in lettered(e):
        change = changes.get(decision.id)
        rows.append(
            (
                letter,
                decision.name,
                words.plan_option(decision.kind),
                int(decision.month),
                f"{change.takeover:.0f}" if change else "at once",
                words.money(change.cost.price + change.capital, currency) if change else "",
                words.doses(float(change.ceiling)) if change and change.ceiling else "",
            )
        )
    return pd.DataFrame(rows, columns=DECISION_COLUMNS)


def decisions_finding(e: Evaluation) -> str:
    """How many decisions are dated, and the last of them."""
    found = lettered(e)
    if not found:
        return "No decision is dated in this plan."
    letter, last = found[-1]
    count = "One decision is" if len(found) == 1 else f"{len(found)} decisions are"
    which = "it is" if len(found) == 1 else "the last is"
    return f"{count} dated; {which} “{last.name}” ({letter}) in month {last.month:.0f}."


CHANGE_PARTS = {
    "comparability": "Comparability",
    "transfer": "Transfer",
    "engineering": "Engineering runs",
    "validation": "Validation",
    "training": "Training",
    "filing": "Filing",
    "stock": "Old stock",
}
"""Parts of what a change costs, beside the plant that it buys."""


def change_parts(e: Evaluation) -> pd.DataFrame:
    """What each change of the plant takes: months, and thousands of money by part (those that any change has)."""
    changes = e.cash.changes
    used = [part for part in CHANGE_PARTS if any(getattr(change.cost, part) for change in changes)]

    def thousands(amounts: Iterable[Any]) -> list[int]:
        return [round(float(amount) / 1000) for amount in amounts]

    return pd.DataFrame(
        {"Change": [change.name for change in changes]}
        | {"Months": [three(float(change.takeover - change.month)) for change in changes]}
        | {CHANGE_PARTS[part]: thousands(getattr(change.cost, part) for change in changes) for part in used}
        | {
            "New plant": thousands(change.capital for change in changes),
            "Rent until then": thousands(change.rent * (change.takeover - change.month) for change in changes),
        }
    )


def change_parts_finding(e: Evaluation) -> str:
    """The dearest change, its largest part, and how long it takes."""
    currency = e.scenario.currency
    dearest = max(e.cash.changes, key=lambda change: change.cost.price + change.capital)
    parts = {label: float(getattr(dearest.cost, part)) for part, label in CHANGE_PARTS.items()}
    parts["The new plant"] = float(dearest.capital)
    largest = max(parts, key=parts.__getitem__)
    return (
        f"{dearest.name} takes {words.months(float(dearest.takeover - dearest.month))} and "
        f"{words.money(float(dearest.cost.price + dearest.capital), currency)}, the largest part "
        f"{words.inside(largest)} with {words.money(parts[largest], currency)}."
    )


def receipts(e: Evaluation) -> list[charts.Receipt]:
    """Money raised, granted, paid as a subsidy or lent."""
    loans = [charts.Receipt(loan.name, loan.month, loan.amount, 1) for loan in e.scenario.plan.of_kind("debt")]
    return [charts.Receipt(r.name, r.month, r.amount, int(r.instalments)) for r in e.scenario.plan.receipts] + loans


def parts_out(e: Evaluation) -> list[str]:
    """Parts of the money out that are shown: the usual ones, and the others where there is any of them."""
    there = [part for part in charts.OCCASIONAL if any(getattr(m, part) for m in e.cash.months)]
    return [part for part in charts.PARTS if part not in charts.OCCASIONAL or part in there]


def balance_rows(e: Evaluation) -> charts.Balance:
    """Closing balances with the phases and what is received."""
    plan = e.scenario.plan
    phases = [charts.Phase(m.name, m.start, m.month) for m in e.cash.milestones]
    if phases[-1].end < plan.horizon_months:
        phases.append(charts.Phase("after", phases[-1].end + 1, plan.horizon_months))
    return charts.Balance(
        closing=[plan.opening_cash, *(month.closing for month in e.cash.months)],
        floor=plan.floor,
        cash_out=runway_months(e),
        phases=phases,
        receipts=receipts(e),
        decided=decided(e),
    )


def balance(e: Evaluation) -> View:
    """Cash at the end of every month."""
    rows, currency = balance_rows(e), e.scenario.currency
    table = months(e)[["Month", "Phase", f"Closing ({currency} thousand)", f"Received ({currency} thousand)"]]
    finding = charts.balance_finding(rows, currency)
    return View("Cash by month", charts.balance(rows, currency), table, finding, "balance")


def outflow_rows(e: Evaluation) -> list[charts.Outflow]:
    """Each month's money out by part, and its revenue."""
    parts = parts_out(e)
    return [charts.Outflow(m.month, {part: getattr(m, part) for part in parts}, m.revenue) for m in e.cash.months]


def flows(e: Evaluation) -> View:
    """Money out and in by month."""
    rows, currency = outflow_rows(e), e.scenario.currency
    labels = [charts.PART_LABELS[part] for part in parts_out(e)]
    columns = [f"{label} ({currency} thousand)" for label in (*labels, "Revenue", "Received")]
    table = months(e)[["Month", "Phase", *columns]]
    finding = charts.flows_finding(rows, currency)
    return View("Money out, month by month", charts.flows(rows, receipts(e), currency), table, finding, "flows")


def phase_of(e: Evaluation, month: int) -> str:
    """Name of the phase that runs in a month."""
    running = [m.name for m in e.cash.milestones if m.start <= month]
    return running[-1] if running else e.cash.milestones[0].name


def months(e: Evaluation) -> pd.DataFrame:
    """Every month in thousands: opening, money in and out by part, closing."""
    currency = e.scenario.currency
    parts = {
        "Opening": "opening",
        "Received": "received",
        "Revenue": "revenue",
        **{charts.PART_LABELS[part]: part for part in parts_out(e)},
        "Money out": "outflow",
        "Closing": "closing",
        "Stock held": "stock_closing",
    }
    return pd.DataFrame(
        {
            "Month": [m.month for m in e.cash.months],
            "Phase": [phase_of(e, m.month) for m in e.cash.months],
        }
        | {
            f"{label} ({currency} thousand)": [round(getattr(m, part) / 1000) for m in e.cash.months]
            for label, part in parts.items()
        }
    )


def milestones(e: Evaluation) -> pd.DataFrame:
    """Every phase: when it runs, and what is missing to reach its end."""
    horizon, currency = e.scenario.plan.horizon_months, e.scenario.currency

    def reached(month: float, gap: float) -> str:
        if gap > 0:
            return "no"
        return "yes" if month <= horizon else f"not known: ends after month {horizon:.0f}"

    return pd.DataFrame(
        {
            "No.": range(1, len(e.cash.milestones) + 1),
            "Phase": [m.name for m in e.cash.milestones],
            "First month": [int(m.start) for m in e.cash.milestones],
            "Last month": [int(m.month) for m in e.cash.milestones],
            f"Missing to its end ({currency})": [three(m.gap) for m in e.cash.milestones],
            "Reached": [reached(m.month, m.gap) for m in e.cash.milestones],
        }
    )


def milestones_finding(e: Evaluation) -> str:
    """Which phase the money does not reach the end of, and what is missing for it."""
    short = next((m for m in e.cash.milestones if m.gap > 0), None)
    if short is None:
        last = e.cash.milestones[-1]
        return (
            f"The money lasts to the end of every phase inside the plan; the last one ends in month {last.month:.0f}."
        )
    return (
        f"“{short.name}” is the first phase whose end, month {short.month:.0f}, the money does not reach: "
        f"{words.money(short.gap, e.scenario.currency)} is missing."
    )


def change_table(found: Iterable[Change]) -> pd.DataFrame:
    """What differs from the scenario as loaded."""
    return pd.DataFrame(
        [
            {
                "What": words.CHOICES.get(change.key, change.label),
                "As loaded": words.value_label(change.key, change.before),
                "Now": words.value_label(change.key, change.after),
                "Unit": words.unit_label(change.unit),
            }
            for change in found
        ],
        columns=["What", "As loaded", "Now", "Unit"],
    )


def change_finding(found: Sequence[Change], e: Evaluation, loaded: Evaluation) -> str:
    """What all changes together do to the headline and the runway."""
    if not found:
        return "Nothing is changed since the scenario was loaded."
    currency = e.scenario.currency
    boundary = e.scenario.choices.boundary
    now, before = e.cost.per_patient_infused, cost_within(loaded, boundary).per_patient_infused
    moved = [change for change in found if change.key != "boundary"]
    if not moved:
        return (
            f"Only the costs counted are changed, to: {words.option_label('boundary', boundary)}. {counted(boundary)}"
        )
    count = "One change moves" if len(moved) == 1 else f"{len(moved)} changes together move"
    return (
        f"{count} the cost per patient infused from {words.money(before, currency)} to "
        f"{words.money(now, currency)} ({relative(now, before)}), both inside the boundary "
        f"“{boundary.replace('_', ' ')}”. The money lasts {runway_text(e)}; as loaded it lasts {runway_text(loaded)}."
    )


# ---- ledger and months ----------------------------------------------------------------------------------------


def ledger_rows(e: Evaluation) -> pd.DataFrame:
    """Every cost line of the year, the largest first, in full precision."""
    currency, inside = e.scenario.currency, ledger.inside(e.scenario.choices.boundary)
    labels = {step.id: step.label for step in e.recipe.steps} | RELEASE | {"": NO_STEP}
    lines = sorted(e.results.lines, key=lambda line: line.annual, reverse=True)
    return pd.DataFrame(
        {
            "Line": [line.id for line in lines],
            f"Annual ({currency})": [float(line.annual) for line in lines],
            "Category": [charts.LABELS[line.category] for line in lines],
            "Step": [labels.get(line.step, named(line.step)) for line in lines],
            "Basis": [BASES[line.basis] for line in lines],
            "Quantity (per year)": [float(line.quantity) for line in lines],
            f"Price ({currency} per unit)": [float(line.price) for line in lines],
            "Inside the boundary": ["yes" if line.category in inside else "no" for line in lines],
        }
    )


def ledger_table(e: Evaluation) -> pd.DataFrame:
    """The ledger at three significant figures, the amount first so that a narrow page shows it."""
    full = ledger_rows(e)
    for column in full.select_dtypes("number").columns:
        full[column] = full[column].map(three)
    amount = full.columns[1]
    return full[[amount, *full.columns.drop(amount)]]


def ledger_finding(e: Evaluation) -> str:
    """How many lines, what they add up to, and the largest."""
    largest = max(e.results.lines, key=lambda line: line.annual)
    currency = e.scenario.currency
    return (
        f"{len(e.results.lines)} lines come to {words.money(ledger.annual_total(e.results.lines), currency)} a year, "
        f"{words.money(e.cost.annual_total, currency)} of it inside the boundary; the largest line is {largest.id} "
        f"with {words.money(largest.annual, currency)}."
    )


def month_rows(e: Evaluation) -> pd.DataFrame:
    """Every month in full precision."""
    frame = pd.DataFrame([month._asdict() for month in e.cash.months])
    frame.insert(1, "phase", [phase_of(e, m.month) for m in e.cash.months])
    return frame.rename(
        columns={c: f"{c} ({e.scenario.currency})" for c in frame.columns[2:] if c != "patients_infused"}
    )
