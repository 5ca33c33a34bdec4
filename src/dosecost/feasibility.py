"""Whether a scenario is possible at all: what breaks a rule, what cannot be, what the reader should know."""

import re
from itertools import pairwise
from typing import NamedTuple

from dosecost import recipes, rules
from dosecost.analysis.evidence import DECISIONS
from dosecost.arithmetic import ceil, maximum
from dosecost.evaluation import Evaluation, rows_in_use
from dosecost.finance import MONTHS_PER_YEAR
from dosecost.plan import CAPACITY_CHANGES, SITE_CHANGES, Receipt, extents, phase_starts
from dosecost.scenario import after_changes
from dosecost.step_library import cultures
from dosecost.transition import PlannedChange

PHASE_NUMBER = re.compile(r"\bphase\s*(1|2|3|iii|ii|i)[ab]?\b", re.IGNORECASE)
RANKS = {"1": 1, "I": 1, "2": 2, "II": 2, "3": 3, "III": 3}
PHASE_WORDS = {"pre-ind": 0, "preclinical": 0, "pivotal": 3, "commercial": 4}
"""Where a phase stands in development, by its number or a word of its name."""
NOBODY = 1e-9
"""Share of the patients below which none are turned away."""


class Finding(NamedTuple):
    """One remark: ``error`` cannot be, ``warning`` breaks a rule or leaves a range, ``note`` is good to know."""

    level: str
    about: str
    text: str


def _rules(e: Evaluation) -> list[Finding]:
    """Rules of the process that the user overrode; a value more careful than the rule's is good to know."""
    return [
        Finding("note" if override.careful else "warning", override.key, rules.in_words(rule, override))
        for rule in rules.RULES
        for override in rules.overrides(e, rule)
    ]


def _instruments(e: Evaluation) -> list[Finding]:
    """Research-grade instruments: what the way to GMP ones will take, and that a licensed product needs them."""
    results = e.results
    if not results.transition_price or e.scenario.plan.of_kind("gmp_instruments"):
        return []
    licensed = e.scenario.choices.stage == "commercial"
    rule = "A licensed product is made on qualified GMP instruments (EU GMP Annex 15). " if licensed else ""
    return [
        Finding(
            "warning" if licensed else "note",
            "instruments",
            f"{rule}Going from research-grade to GMP instruments will take {e.scenario.currency} "
            f"{results.transition_price / 1e6:.2f} M and {results.transition_months:.0f} months of comparability; the "
            "plan does not hold it yet.",
        )
    ]


def _step_order(e: Evaluation) -> list[Finding]:
    """Steps of a later part of the process that the user put before one of an earlier part."""
    parts = [group for group in recipes.GROUPS if group != "room"]
    steps = [step for step in e.recipe.steps if step.group != "room"]
    for earlier, later in pairwise(steps):
        if parts.index(later.group) < parts.index(earlier.group):
            return [
                Finding(
                    "warning",
                    "step_order",
                    f"{earlier.label} ({recipes.GROUPS[earlier.group].lower()}) stands before {later.label} "
                    f"({recipes.GROUPS[later.group].lower()}): no lot can be made in this order.",
                )
            ]
    return []


def _editing(e: Evaluation) -> list[Finding]:
    """Own numbers of knock-outs without gene editing do nothing."""
    if "process.knock_outs" not in e.scenario.inputs or any(step.knock_outs for step in e.recipe.steps):
        return []
    return [Finding("note", "process.knock_outs", "Knock-outs count only with the optional step of gene editing.")]


def _cells(e: Evaluation) -> list[Finding]:
    """A cell balance that misses the dose more often than any cited trial failed."""
    missed, failed = e.results.cells.missed_dose, rows_in_use(e.scenario)["losses.manufacturing_failure"]
    if missed <= failed.high:
        return []
    counted = e.scenario.choices.starting_material == "cell_balance"
    cost = "the cost counts them as lost" if counted else "the cost still counts the failure rate of the losses"
    return [
        Finding(
            "note" if counted else "warning",
            "cells",
            f"By the cell balance {missed:.0%} of lots miss the dose, more than the {failed.high:.0%} that the cited "
            f"trials reached; {cost}. A longer culture or more cells put into it would help.",
        )
    ]


def _capacity(e: Evaluation) -> list[Finding]:
    refused = e.results.funnel.not_admitted
    if refused <= 1e-9 * e.results.funnel.patients:
        return []
    plant = e.results.plant
    what = "suites" if plant.ceiling_suites <= plant.ceiling_devices else "devices"
    return [
        Finding(
            "warning",
            "capacity",
            f"{refused:.1f} of {e.results.funnel.patients:g} patients a year get no slot: the installed {what} make at "
            f"most {plant.ceiling:.1f} lots a year.",
        )
    ]


def _lead_times(e: Evaluation) -> list[Finding]:
    """The first phase with patients waits for its plant."""
    planned = 1.0
    for phase, flows in zip(e.scenario.plan.phases, e.cash.milestones, strict=True):
        if phase.share_of_demand > 0:
            if e.cash.ready <= planned:
                return []
            return [
                Finding(
                    "warning",
                    "plan.plant_order_month",
                    f"{phase.name} starts in month {flows.start:.0f}, not {planned:.0f}: the plant is not built when "
                    "its patients should start.",
                )
            ]
        planned += phase.months
    return []


def _order(e: Evaluation) -> list[Finding]:
    """Phases that stand before those they follow from, by what their names say."""
    ranked = [(rank, phase.name) for phase in e.scenario.plan.phases if (rank := _rank(phase.name)) is not None]
    return [
        Finding(
            "warning", "plan.phases", f"{later} comes before {earlier}: by their names not the order of development."
        )
        for (high, later), (low, earlier) in pairwise(ranked)
        if high > low
    ]


def _growth(e: Evaluation) -> list[Finding]:
    """Demand that grows beyond the plant, or that cannot grow."""
    plan = e.scenario.plan
    found = []
    if "demand.growth_per_year" in e.scenario.inputs and not plan.grows:
        found.append(
            Finding(
                "note", "demand.growth_per_year", "Growth counts only in a phase of the plan whose demand is growing."
            )
        )
    ends = [*(m.start for m in e.cash.milestones[1:]), plan.horizon_months + 1]
    for phase, m, end in zip(plan.phases, e.cash.milestones, ends, strict=True):
        about = f"plan.phases.{phase.id}.demand"
        if phase.demand == "flat":
            continue
        if phase.share_of_demand == 0:
            found.append(Finding("warning", about, f"{phase.name} has no patients, so its demand cannot grow."))
        elif end - m.start <= MONTHS_PER_YEAR:
            found.append(
                Finding(
                    "note", about, f"{phase.name} runs for a year at most; its demand would grow from the second on."
                )
            )
    away = [m for m in e.cash.months if m.patients_refused > NOBODY * max(1.0, m.patients_asking)]
    if plan.grows and away:
        first, last = away[0], away[-1]
        at_last = f"{last.patients_refused * MONTHS_PER_YEAR:.1f} of {last.patients_asking * MONTHS_PER_YEAR:.1f}"
        found.append(
            Finding(
                "warning",
                "plan.demand",
                f"The plant is full from month {first.month} on: {first.patients_refused * MONTHS_PER_YEAR:.1f} of "
                f"{first.patients_asking * MONTHS_PER_YEAR:.1f} patients a year get no slot then, "
                f"{at_last} in month {last.month}.",
            )
        )
    return found


def _rank(name: str) -> int | None:
    """Place of a phase in development, as far as its name says one."""
    found = PHASE_NUMBER.search(name)
    if found:
        return RANKS[found[1].upper()]
    words = re.split(r"[^\w-]+", name.lower())
    return next((rank for word, rank in PHASE_WORDS.items() if word in words), None)


def _changes(e: Evaluation) -> list[Finding]:
    """Changes of the plant that change nothing, come before there is a plant, or are not through within the plan."""
    plan, states, extent = e.scenario.plan, after_changes(e.scenario), extents(e.scenario.plan.changes)
    found = []
    for i, change in enumerate(e.cash.changes):
        about = f"plan.decisions.{change.id}"
        if (states[i].choices, extent[i]) == (states[i + 1].choices, extent[i + 1]):
            found.append(
                Finding("error", about, f"{change.name} (month {change.month:.0f}) changes to what is in use already.")
            )
        if change.kind == "switch_platform" and extent[i].more:
            found.append(
                Finding(
                    "warning",
                    about,
                    f"{change.name} sizes the plant anew for the full rate: what was bought or built before month "
                    f"{change.month:.0f} does not add to it.",
                )
            )
        if change.month < e.cash.ready:
            found.append(_before_the_plant(e, change, about))
        if change.takeover > plan.horizon_months:
            found.append(
                Finding(
                    "warning",
                    about,
                    f"{change.name} is in use from month {change.takeover:.0f}, after the plan's "
                    f"{plan.horizon_months:.0f} months.",
                )
            )
        if i and change.month + maximum(1.0, ceil(change.cost.months)) < change.takeover:
            found.append(
                Finding(
                    "note",
                    about,
                    f"{change.name} counts from month {change.takeover:.0f}, together with "
                    f"{e.cash.changes[i - 1].name}, which is decided before it: changes take over in the order "
                    "in which they are decided.",
                )
            )
    return found


def _before_the_plant(e: Evaluation, change: PlannedChange, about: str) -> Finding:
    """A change decided while there is no plant yet."""
    plan = e.scenario.plan
    if change.kind in CAPACITY_CHANGES and plan.plant == "new" and change.month < plan.plant_order_month:
        return Finding(
            "error",
            about,
            f"{change.name} is decided in month {change.month:.0f}, before the plant is ordered in month "
            f"{plan.plant_order_month:.0f}: there is nothing to enlarge.",
        )
    otherwise = (
        "patients come to either site only then."
        if change.kind in SITE_CHANGES
        else "choosing it from the start costs no change."
    )
    return Finding(
        "warning",
        about,
        f"{change.name} is decided in month {change.month:.0f}, before the plant is ready in month {e.cash.ready:.0f}: "
        f"{otherwise}",
    )


def _hubs(e: Evaluation) -> list[Finding]:
    """Second sites without patients, or that leave none to the first one."""
    found = []
    taken = 0.0
    for hub in e.scenario.plan.of_kind(*SITE_CHANGES):
        about = f"plan.decisions.{hub.id}.share_of_demand"
        taken += hub.share_of_demand
        if hub.share_of_demand == 0:
            found.append(
                Finding("error", about, f"{hub.name} takes no patients: its share is 0; more than 0 is needed.")
            )
        elif taken >= 1:
            text = (
                "takes all patients" if taken == hub.share_of_demand else f"brings the share of all hubs to {taken:.0%}"
            )
            found.append(
                Finding(
                    "error", about, f"{hub.name} {text}: nobody is left to the central plant; less than 1 is possible."
                )
            )
    return found


def _enlargements(e: Evaluation) -> list[Finding]:
    """Devices or suites that do not let more patients through."""
    found = []
    before = e.results.plant.ceiling
    plants = after_changes(e.scenario)[1:]
    for change, plant in zip(e.cash.changes, plants, strict=True):
        about = f"plan.decisions.{change.id}"
        if change.kind in CAPACITY_CHANGES:
            what = "devices" if change.kind == "buy" else "suites"
            if plant.choices.tenure == "cdmo":
                text = f"{change.name}: lots are made under contract, there are no {what} of one's own to add."
                found.append(Finding("error", about, text))
            elif change.ceiling <= before * (1.0 + NOBODY):
                other = "suites" if change.kind == "buy" else "limiting devices"
                text = (
                    f"{change.name} lets no more lots through: the {other} hold the plant at {before:.1f} lots a year."
                )
                found.append(Finding("warning", about, text))
        before = change.ceiling
    return found


def _waits(e: Evaluation) -> list[Finding]:
    """A phase that waits until a changed process may be used."""
    planned = phase_starts(e.scenario.plan, e.cash.ready)
    return [
        Finding(
            "note",
            f"plan.phases.{phase.id}",
            f"{phase.name} starts in month {phase.start:.0f}, not {start:.0f}: it waits for the changed process.",
        )
        for phase, start in zip(e.cash.milestones, planned, strict=True)
        if phase.start > start
    ][:1]


def _loans(e: Evaluation) -> list[Finding]:
    """Loans still owed at the end of the plan."""
    horizon = e.scenario.plan.horizon_months
    last = {
        loan: loan.month + loan.interest_only_months + loan.repayment_months for loan in e.scenario.plan.of_kind("debt")
    }
    return [
        Finding(
            "warning",
            f"plan.decisions.{loan.id}",
            f"{loan.name} is repaid in month {month:.0f}, after the plan's {horizon:.0f} months: what is owed then is "
            "not in its figures.",
        )
        for loan, month in last.items()
        if month > horizon
    ]


def _beyond(e: Evaluation) -> list[Finding]:
    """Money and decisions dated after the plan's last month do nothing."""
    horizon = e.scenario.plan.horizon_months
    late = [entry for entry in (*e.scenario.plan.receipts, *e.scenario.plan.decisions) if entry.month > horizon]
    return [
        Finding(
            "note",
            f"plan.{'receipts' if isinstance(entry, Receipt) else 'decisions'}.{entry.id}",
            f"{entry.name} is dated in month {entry.month:.0f}, after the plan's {horizon:.0f} months, and does "
            "nothing.",
        )
        for entry in late
    ]


def _horizon(e: Evaluation) -> list[Finding]:
    late = [m.name for m in e.cash.milestones if m.month > e.scenario.plan.horizon_months]
    if not late:
        return []
    return [
        Finding(
            "warning",
            "plan.horizon_months",
            f"{', '.join(late)} ends after the plan's {e.scenario.plan.horizon_months:.0f} months.",
        )
    ]


def _releases(e: Evaluation) -> list[Finding]:
    found = []
    if e.scenario.choices.conditional_release == "yes" and e.scenario.choices.stage == "commercial":
        found.append(
            Finding(
                "warning",
                "conditional_release",
                "Conditional release before the sterility result is a clinical-stage practice; a licensed product "
                "normally waits.",
            )
        )
    if e.scenario.choices.apheresis == "fresh" and e.scenario.choices.lane == "international":
        found.append(
            Finding(
                "error",
                "apheresis",
                "A fresh collection does not last an international lane; freeze it at the site.",
            )
        )
    return found


def _ranges(e: Evaluation) -> list[Finding]:
    """The user's numbers outside their sourced range, but for decisions and what a rule's remark names already."""
    rows = rows_in_use(e.scenario)
    absent = {name.split(".")[2] for name in rows if name.startswith("process.steps.")}
    absent -= {step.id for step in e.recipe.steps}
    days = float(e.areas.process.culture_days)
    chosen = {"process.culture_days"} if any(length.holds(days) for length in cultures().values()) else set()
    outside = {
        name: value
        for name, value in e.scenario.inputs.items()
        if not (name.startswith("process.steps.") and name.split(".")[2] in absent)
        and name not in (*DECISIONS, *chosen)
        and not rows[name].is_money
        and not rows[name].low <= value <= rows[name].high
    }
    if not outside:
        return []
    said = {override.key for rule in rules.RULES for override in rules.overrides(e, rule)}
    return [
        Finding(
            "note",
            name,
            f"{row.label}: {value:g} lies outside the sourced range of {row.low:g} to {row.high:g} {row.unit}.",
        )
        for name, value in outside.items()
        if name not in said and (row := rows[name])
    ]


def _contract(e: Evaluation) -> list[Finding]:
    if e.scenario.choices.tenure != "cdmo":
        return []
    return [
        Finding(
            "note",
            "tenure",
            "The contract manufacturer's fee is one figure for every platform: compare platforms in rooms of your own.",
        )
    ]


def _culture(e: Evaluation) -> list[Finding]:
    out = e.results.waits.vein_to_vein
    if out > 60:
        return [
            Finding(
                "warning",
                "vein_to_vein",
                f"Vein-to-vein time is {out:.0f} days, longer than any published programme (24 to 54).",
            )
        ]
    return []


def _cash(e: Evaluation) -> list[Finding]:
    if e.cash.ran_out < 1:
        return []
    return [
        Finding(
            "warning",
            "cash",
            f"Cash falls below the floor in month {e.cash.cash_out_month:.0f}; the plan lacks "
            f"{e.scenario.currency} {e.cash.funding_gap / 1e6:.1f} M.",
        )
    ]


RULES = (
    _rules,
    _instruments,
    _editing,
    _step_order,
    _capacity,
    _releases,
    _contract,
    _culture,
    _cells,
    _lead_times,
    _order,
    _growth,
    _changes,
    _hubs,
    _enlargements,
    _waits,
    _loans,
    _beyond,
    _horizon,
    _cash,
    _ranges,
)


def check(e: Evaluation) -> list[Finding]:
    """All findings of a scenario, errors first."""
    found = [finding for rule in RULES for finding in rule(e)]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(found, key=lambda finding: order[finding.level])
