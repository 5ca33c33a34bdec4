"""What the page *Strategy* shows: strategies on one cash axis, the map of the best one, and when to switch.

Pure: results in, rows and sentences out; nothing here draws.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise

import numpy as np
import pandas as pd

from dosecost.analysis.strategy import (
    NEVER,
    NO_STRATEGY,
    Outlook,
    Strategy,
    StrategyMap,
    SwitchMonth,
    first_months,
    in_words,
)
from dosecost.evaluation import Evaluation, recipe_of
from dosecost.ledger import CAPITAL, annual_total
from dosecost.recipes import load
from dosecost.scenario import Scenario, with_change
from dosecost_app import charts, comparison_charts, comparison_views, strategy_charts, views, words
from dosecost_app.comparison_views import Side
from dosecost_app.strategy_charts import NOTHING, Cell, Month
from dosecost_app.views import View, three

MILLION = 1e6
MOST_LINES = 4
CLOSE = 0.02
"""A second best that costs less than so much more is close."""
JUMP, MOST_JUMPS = 0.015, 4
"""From one month to the next, what of the cost of a patient is called a jump, and how many are explained."""
TINY = 1e-9
ROUGHLY = 1e-12
ROOM_FOR = {"cdmo": "of onboarding at the contract manufacturer"}
"""What a change buys where the plant is not the programme's own."""


def letters(strategy: Strategy) -> str:
    """What stands for a strategy in a cell: ``I`` for a platform from the start, ``I44`` for one decided later."""
    first = load()[strategy.platform].label[0]
    return first if strategy.month == NEVER else f"{first}{strategy.month}"


def briefly(strategy: Strategy) -> str:
    """A strategy's name beside its line: ``Integrated`` from the start, ``Integrated 44`` decided in month 44."""
    first = charts.brief(load()[strategy.platform].label)
    return first if strategy.month == NEVER else f"{first} {strategy.month}"


def upwards(amount: float) -> float:
    """Money rounded up to three figures, so that what is said to be enough is enough."""
    if amount <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(amount)) - 2)
    return math.ceil(amount / step * (1 - ROUGHLY)) * step


def patients_a_year(rate: float) -> str:
    """A rate in words: ``1 patient a year``."""
    said = words.doses(rate)
    return f"{said} patient{'' if said == '1' else 's'} a year"


# ---- the answer -----------------------------------------------------------------------------------------------


def needed(e: Evaluation, milestone: str) -> float | None:
    """Money at the opening that keeps every balance to the end of a phase at or above the floor; none where the plan
    does not hold its end."""
    plan = e.scenario.plan
    end = next(found.month for found in e.cash.milestones if found.id == milestone)
    if end > plan.horizon_months:
        return None
    lowest = min(float(month.closing) for month in e.cash.months if month.month <= end)
    return plan.floor + max(0.0, plan.opening_cash - lowest)


def over_the_plan(e: Evaluation) -> float:
    """Money for plant, changes and capital over all months, per patient infused; infinite without patients."""
    infused = sum(month.patients_infused for month in e.cash.months)
    spent = sum(month.plant + month.change + month.capital for month in e.cash.months)
    return float(spent / infused) if infused > TINY else math.inf


def next_milestone(e: Evaluation) -> str:
    """The first phase whose end the present money does not reach, or the last one whose end the plan holds."""
    within = [one for one in e.cash.milestones if one.month <= e.scenario.plan.horizon_months]
    short = [one for one in within if one.gap > 0]
    return str((short or within[-1:] or e.cash.milestones[-1:])[0].id)


def milestone_label(e: Evaluation, milestone: str) -> str:
    """A choice of the milestone; the empty one follows the plan."""
    names = {phase.id: phase.name for phase in e.scenario.plan.phases}
    if milestone:
        return f"End of {names[milestone]}"
    chosen = next_milestone(e)
    reached = next(one for one in e.cash.milestones if one.id == chosen).gap <= 0
    why = "The last, as the money reaches all" if reached else "The next that the money does not reach"
    return f"{why}: end of {names[chosen]}"


def answer(e: Evaluation, starts: Mapping[str, Evaluation], milestone: str) -> str:
    """How far the plan's own money goes, what reaching the milestone takes, and which platform costs least over the
    plan: those chosen at the start, the present one first in ``starts``."""
    plan, currency = e.scenario.plan, e.scenario.currency
    name = next(phase.name for phase in plan.phases if phase.id == milestone)
    own = e.scenario.choices.platform
    label = {platform: load()[platform].label for platform in starts}
    amounts = {platform: needed(other, milestone) for platform, other in starts.items()}
    costs = {platform: over_the_plan(other) for platform, other in starts.items()}
    least = min(costs, key=lambda platform: costs[platform])
    if not math.isfinite(costs[least]):
        return "The plan infuses no patient, so no strategy has a cost per patient and none is the best."
    known = {platform: amount for platform, amount in amounts.items() if amount is not None}
    first = f"The plan’s {words.money(plan.opening_cash, currency)} at the opening {_reach(e)}."
    as_is = f"as the plan is, “{label[own]}”, it takes {_amount(amounts[own], currency)}"
    if not known:
        second = f" No platform from the start brings the end of {name} into the plan’s months."
    else:
        cheap = min(known, key=lambda platform: known[platform])
        more = upwards(known[cheap]) - plan.opening_cash
        extra = f", {words.money(more, currency)} more than the plan has" if more > TINY else ""
        how = "as the plan is" if cheap == own else f"with “{label[cheap]}” from the start"
        second = (
            f" To reach the end of {name} with cash left takes {_amount(known[cheap], currency)} at the opening {how}"
            f"{extra}" + ("." if cheap == own else f"; {as_is}.")
        )
    if len(starts) == 1:
        third = (
            f" The plant exists, so what is left to decide is a switch; as it is a patient costs "
            f"{words.money(costs[own], currency)} over the plan."
        )
    elif least == own:
        third = f" Over the plan a patient costs least as it is, {words.money(costs[own], currency)}."
    else:
        third = (
            f" Over the plan a patient costs least with “{label[least]}” from the start, "
            f"{words.money(costs[least], currency)}, {words.percent(1 - costs[least] / costs[own])} less than as it is "
            f"({words.money(costs[own], currency)})."
        )
    return first + second + third


def _reach(e: Evaluation) -> str:
    horizon = e.scenario.plan.horizon_months
    reached = [one for one in e.cash.milestones if one.gap <= 0 and one.month <= horizon]
    missed = [one for one in e.cash.milestones if one not in reached]
    if not missed:
        return "reach the end of every phase"
    if not reached:
        return f"do not reach the end of {missed[0].name}"
    return f"reach the end of {reached[-1].name}, not of {missed[0].name}"


def _amount(amount: float | None, currency: str) -> str:
    return "more months than the plan has" if amount is None else words.money(upwards(amount), currency)


# ---- the map --------------------------------------------------------------------------------------------------


def _own_rate(view: Outlook, e: Evaluation) -> int:
    return int(np.abs(view.patients - float(e.areas.demand.patients_per_year)).argmin())


def map_view(found: StrategyMap, e: Evaluation, milestone: str) -> View:
    """The best feasible strategy for each amount at the opening and each rate of patients."""
    outlook, currency = found.outlook, e.scenario.currency
    runway = outlook.runway(found.funding)
    own = int(np.abs(found.funding - e.scenario.plan.opening_cash).argmin()), _own_rate(outlook, e)
    cells, rows = [], []
    for i in range(len(found.funding) - 1, -1, -1):
        amount = words.doses(float(found.funding[i]) / MILLION)
        fund = f"{amount} (plan)" if i == own[0] else amount
        for j, patients in enumerate(outlook.patients):
            place, second = int(found.best[i, j]), int(found.second[i, j])
            rate = words.doses(float(patients))
            mark = "own" if (i, j) == own else ""
            row: dict[str, object] = {
                f"Opening ({currency} M)": three(float(found.funding[i]) / MILLION),
                "Patients a year": three(float(patients)),
            }
            if place == NO_STRATEGY:
                cells.append(Cell(fund, rate, NOTHING, "–", "nothing is feasible", "", "", "", mark))
                rows.append(row | {"Best": "nothing is feasible"})
                continue
            strategy = outlook.strategies[place]
            cost = float(outlook.cost[place, j])
            lasts = runway[place, i, j]
            length = "to the end of the plan" if np.isnan(lasts) else f"to month {lasts:.0f}"
            behind, close = "no other is feasible", ""
            row |= {"Best": briefly(strategy), f"Cost ({currency})": three(cost)}
            if second != NO_STRATEGY:
                margin = float(found.margin[i, j])
                behind = f"{in_words(outlook.strategies[second])}, {words.percent(margin)} more"
                close = "≈" if margin < CLOSE else ""
                row |= {"Second best": briefly(outlook.strategies[second]), "More (%)": three(100 * margin)}
            said = f"{letters(strategy)}{close}"
            name, money = in_words(strategy), words.money(cost, currency)
            cells.append(Cell(fund, rate, strategy.platform, said, name, money, length, behind, mark))
            rows.append(row | {"Money lasts": length})
    chart = strategy_charts.strategy_map(cells, currency)
    return View("Strategy map", chart, pd.DataFrame(rows), map_finding(found, e, milestone), "strategy_map")


def map_finding(found: StrategyMap, e: Evaluation, milestone: str) -> str:
    """What the plan's own cell holds, from which amount on a strategy is feasible there, and what the letters mean."""
    outlook, currency = found.outlook, e.scenario.currency
    counts = {place: int((found.best == place).sum()) for place in np.unique(found.best).tolist()}
    none = counts.pop(NO_STRATEGY, 0)
    at, own = _own_rate(outlook, e), e.scenario.plan.opening_cash
    rate = patients_a_year(float(outlook.patients[at]))
    if not np.isfinite(outlook.cost[:, at]).any():
        return "The plan infuses no patient, so no strategy has a cost per patient and none is the best."
    place = int(found.best[int(np.abs(found.funding - own).argmin()), at])
    head = f"Outlined is the plan’s own cell, {words.money(own, currency)} at the opening and {rate}: "
    if place != NO_STRATEGY:
        named = in_words(outlook.strategies[place])
        head += f"to reach the end of {milestone} “{named}” costs least, {_cost(outlook, place, at, currency)}"
    elif np.isfinite(outlook.needed[:, at]).any():
        least = upwards(float(np.nanmin(outlook.needed[:, at])))
        head += f"nothing reaches the end of {milestone} there; it takes {words.money(least, currency)} at that rate"
    else:
        head += f"no strategy reaches the end of {milestone} within the plan"
    named_letters = [
        f"{letters(outlook.strategies[place])} is {in_words(outlook.strategies[place])}"
        for place in sorted(counts, key=lambda place: -counts[place])
    ]
    meaning = f" {charts.listed(named_letters)}." if named_letters else ""
    tail = f" In {none} of {found.best.size} cells nothing is feasible (–)." if none else ""
    return f"{head}.{meaning}{tail}"


def _cost(outlook: Outlook, place: int, at: int, currency: str) -> str:
    return f"{words.money(float(outlook.cost[place, at]), currency)} per patient over the plan"


def map_caption(e: Evaluation) -> str:
    """How the map is to be read, and what its cost holds."""
    gap = e.cash.funding_gap
    other = (
        f" It is not the funding gap of Runway, {words.money(float(gap), e.scenario.currency)}: that comes on top of "
        "the plan’s money, for the plan as it is, to its last month."
        if gap > 0
        else ""
    )
    return (
        "A cell shows the strategy with the lowest cost per patient over the plan among those whose money lasts to the "
        "end of the milestone. Letters are the platform’s first; a number is the month in which a switch is decided; ≈ "
        f"marks a close call, where the second best costs less than {100 * CLOSE:.0f} % more. Money at the opening "
        "takes the place of the plan’s own; what the plan receives later, and its decisions but changes of process and "
        f"methods, stay: also devices, suites and sites that it adds.{other} {_whose_plant(e)}"
    )


def _whose_plant(e: Evaluation) -> str:
    if e.scenario.choices.tenure == "cdmo":
        return (
            "The plant is the contract manufacturer’s and makes what the demand needs; the programme pays its fee and, "
            "for each platform anew, its onboarding. The fee is one figure for every platform."
        )
    return "The plant is sized for the demand."


def bases(e: Evaluation) -> pd.DataFrame:
    """From the cost per patient infused in a year at the full rate to the cost per patient over the plan, in whole
    scenario money; ``e`` follows the compared plan with the present platform."""
    rows = _bases(e)
    return pd.DataFrame(
        {
            "What": [name for name, _ in rows],
            f"{e.scenario.currency} per patient infused": [three(amount) for _, amount in rows],
        }
    )


def _bases(e: Evaluation) -> list[tuple[str, float]]:
    infused = e.results.funnel.patients_infused
    charges = float(annual_total(line for line in e.results.lines if line.basis == CAPITAL) / infused)
    cash = float(annual_total(line for line in e.results.lines if line.basis != CAPITAL) / infused)
    headline = float(e.cost.per_patient_infused)
    months = e.cash.months
    patients = sum(month.patients_infused for month in months)
    plant, change, capital = (
        float(sum(getattr(month, part) for month in months) / patients) for part in ("plant", "change", "capital")
    )
    other = cash + charges - headline
    rows = [("Cost of a dose, in a year at the full rate", headline)]
    if abs(other) > TINY * headline:
        rows.append(("Costs that its boundary leaves out, and lost lots charged by shares", other))
    rows += [
        ("Less capital charges of that year", -charges),
        ("What is bought and renewed within the plan, in full", capital),
        ("Months before the first dose and below the full rate", plant - cash),
    ]
    if change:
        rows.append(("Changes of the plant", change))
    return [*rows, ("Cost over the plan", headline + other - charges + capital + (plant - cash) + change)]


def bases_finding(e: Evaluation) -> str:
    """Why the cost over the plan is not the cost of a dose."""
    rows, currency = dict(_bases(e)), e.scenario.currency
    first, last = next(iter(rows.values())), rows["Cost over the plan"]
    bought = rows["What is bought and renewed within the plan, in full"]
    idle = rows["Months before the first dose and below the full rate"]
    charges = -rows["Less capital charges of that year"]
    paid = (
        f"what is bought is paid in full, {words.money(bought, currency)} instead of {words.money(charges, currency)} "
        "of yearly charges"
        if bought
        else f"nothing is bought within it, so {words.money(charges, currency)} of yearly charges fall away"
    )
    return (
        f"As the plan is, a patient costs {words.money(first, currency)} in a year at the full rate and "
        f"{words.money(last, currency)} over the plan: {paid}, and months before the first dose or below the full rate "
        f"{'add' if idle >= 0 else 'take off'} {words.money(abs(idle), currency)}. So the cheapest platform can be "
        "another here than at Dose cost."
    )


# ---- when to switch -------------------------------------------------------------------------------------------


def openness(scenario: Scenario, platform: str) -> tuple[int, int]:
    """Open and briefly open steps of the scenario on a platform."""
    steps = recipe_of(with_change(scenario, "platform", platform, "strategy")).steps
    return sum(s.exposure == "open" for s in steps), sum(s.exposure == "briefly_open" for s in steps)


def best_target(found: Mapping[str, Sequence[SwitchMonth]], scenario: Scenario) -> str:
    """The platform whose switch costs least over the plan; one with more open work than now only where it costs less
    than not to switch, or where there is no other. ``found`` holds the cheapest first."""
    own = openness(scenario, scenario.choices.platform)
    for platform, (never, *later) in found.items():
        saves = bool(later) and min(one.cost for one in later) < never.cost
        if saves or (later and openness(scenario, platform) <= own):
            return platform
    return next(iter(found))


def target_label(found: Mapping[str, Sequence[SwitchMonth]], scenario: Scenario, platform: str) -> str:
    """A choice of the target with what its best month saves; the empty one follows the figures."""
    name = platform or best_target(found, scenario)
    never, *later = found[name]
    label = load()[name].label
    if later and math.isfinite(never.cost):
        saved = never.cost - min(one.cost for one in later)
        word = "saves" if saved >= 0 else "costs"
        more = "" if saved >= 0 else " more"
        label += f", {word} {words.money(abs(saved), scenario.currency)}{more}"
    if platform:
        return label
    return f"{'The best' if name == next(iter(found)) else 'The best without more open work'}: {label}"


def months_view(
    found: Sequence[SwitchMonth], scenario: Scenario, platform: str, milestone: str, start: float | None = None
) -> View:
    """What deciding the switch to a platform in each month costs; ``start`` is the cost with it from the start."""
    currency, opening = scenario.currency, scenario.plan.opening_cash
    never, *later = found
    rows = [Month(one.month, one.cost, bool(one.needed <= opening), waiting_text(one, scenario)) for one in later]
    best = min(rows, key=lambda one: one.cost, default=None)
    table = pd.DataFrame(
        {
            "Decided": ["never", *(str(one.month) for one in later)],
            f"Cost ({currency})": [three(one.cost) for one in found],
            "Over no switch": [three(one.cost - never.cost) for one in found],
            "Change (M)": [three(one.change_price / MILLION) for one in found],
            "Bought (M)": [three(one.change_capital / MILLION) for one in found],
            "Takes (mo.)": [three(one.change_months) for one in found],
            "Delay (mo.)": [three(one.waits) for one in found],
            "Needed (M)": [_needed_text(one) for one in found],
            "Lasts to": ["end" if one.runway is None else f"{one.runway:.0f}" for one in found],
        }
    )
    phases = [
        (int(first), phase.name)
        for first, phase in zip(first_months(scenario), scenario.plan.phases, strict=True)
        if later and later[0].month <= first <= later[-1].month
    ]
    chart = strategy_charts.months(rows, never.cost, start, best, phases, currency)
    finding = months_finding(found, scenario, platform, milestone, start)
    return View("When to switch", chart, table, finding, "switch_month")


def _needed_text(one: SwitchMonth) -> str:
    """Money at the opening in millions, or that the milestone comes after the plan."""
    return "after the plan" if np.isnan(one.needed) else words.figures(one.needed / MILLION)


def waiting_text(one: SwitchMonth, scenario: Scenario) -> str:
    """Which phase waits for a change and how long; '' where none does."""
    if not one.waits:
        return ""
    name = next(phase.name for phase in scenario.plan.phases if phase.id == one.waiting)
    return f"{name} by {words.months(one.waits)}"


def months_finding(
    found: Sequence[SwitchMonth], scenario: Scenario, platform: str, milestone: str, start: float | None = None
) -> str:
    """The best and the worst month against not switching, what the change takes, and what makes the months differ."""
    currency, label = scenario.currency, load()[platform].label
    never, *later = found
    if not np.isfinite(never.cost):
        return "The plan infuses no patient, so no month is the best."
    best, worst = min(later, key=lambda one: one.cost), max(later, key=lambda one: one.cost)

    def against(one: SwitchMonth) -> str:
        more = one.cost - never.cost
        return f"{words.money(abs(more), currency)} {'more' if more >= 0 else 'less'}"

    if never.cost <= best.cost:
        head = (
            f"Not to switch to “{label}” costs least over the plan, {words.money(never.cost, currency)} per patient. "
            f"Against that, a decision in month {best.month} costs {against(best)}, the least, and one in month "
            f"{worst.month} {against(worst)}, the most"
        )
    else:
        head = (
            f"The best month to decide for “{label}” is {best.month}: {words.money(best.cost, currency)} per patient "
            f"over the plan, {against(best)} than without a switch ({words.money(never.cost, currency)}); the worst is "
            f"{worst.month}, {against(worst)} than without"
        )
    if start is not None:
        head += f". From the start “{label}” costs {words.money(start, currency)}"
    bought = ROOM_FOR.get(scenario.choices.tenure, "of new plant")
    parts = [
        f"{head}. The change itself takes {words.months(best.change_months)} and "
        f"{words.money(best.change_price, currency)}, beside {words.money(best.change_capital, currency)} {bought}.",
    ]
    if not any(one.needed <= scenario.plan.opening_cash for one in later):
        parts.append(f"In none of these months does the money of the plan reach the end of {milestone}.")
    return " ".join(parts)


def months_why(later: Sequence[SwitchMonth], scenario: Scenario) -> str:
    """What makes the months differ: the phases that wait, the stage of development, and the jumps."""
    found = [
        *waits_finding(later, scenario),
        *stages_finding(later, scenario),
        *jumps_finding(later, scenario),
    ]
    return " ".join(found)


def waits_finding(later: Sequence[SwitchMonth], scenario: Scenario) -> list[str]:
    """Which phases wait for a change that is decided shortly before them."""
    told = []
    for phase, group in groupby(later, key=lambda one: one.waiting):
        months = list(group)
        if not phase:
            continue
        name = next(one.name for one in scenario.plan.phases if one.id == phase)
        when = (
            f"in month {months[0].month}" if len(months) == 1 else f"in months {months[0].month} to {months[-1].month}"
        )
        most = max(months, key=lambda one: one.waits)
        told.append(f"{name} up to {words.months(most.waits)} if decided {when}")
    if not told:
        return []
    return [f"The next phase waits until the change is through: {charts.listed(told)}."]


def stages_finding(later: Sequence[SwitchMonth], scenario: Scenario) -> list[str]:
    """From which month on the change is filed at another stage of development, and what that does to its price."""
    stage = {one.month: _stage(scenario, one.month) for one in later}
    told = []
    for before, after in pairwise(later):
        if stage[before.month] != stage[after.month]:
            what = words.inside(words.option_label("stage", stage[after.month]))
            amounts = [words.money(one.change_price, scenario.currency) for one in (after, before)]
            told.append(
                f"From month {after.month} on it is filed for a {what} and costs {amounts[0]}, not {amounts[1]}."
            )
    return told


def _stage(scenario: Scenario, month: int) -> str:
    running = scenario.plan.phases[0]
    for first, phase in zip(first_months(scenario), scenario.plan.phases, strict=True):
        running = phase if month >= first else running
    return running.stage


def jumps_finding(later: Sequence[SwitchMonth], scenario: Scenario) -> list[str]:
    """Why the cost of a patient jumps from one month to the next: the part that moves it most, largest jumps first."""
    steps = [(before, after) for before, after in pairwise(later) if abs(after.cost - before.cost) > JUMP * before.cost]
    told = [
        f"from month {before.month} to {after.month} it {'rises' if after.cost >= before.cost else 'falls'} by "
        f"{words.money(abs(after.cost - before.cost), scenario.currency)}, as {_reason(before, after, scenario)}"
        for before, after in sorted(steps, key=lambda step: -abs(step[1].cost - step[0].cost))[:MOST_JUMPS]
    ]
    return [f"Jumps of the cost: {'; '.join(told)}."] if told else []


def _reason(before: SwitchMonth, after: SwitchMonth, scenario: Scenario) -> str:
    """The largest part of a jump: other patients, what is bought and renewed, the price of the change, or the rest."""
    patients = after.patients_infused
    parts = {
        "patients": before.cost * (before.patients_infused / patients - 1.0),
        "capital": (after.capital - before.capital) / patients,
        "change": (after.change_price - before.change_price) / patients,
    }
    parts["plant"] = after.cost - before.cost - sum(parts.values())
    largest = max(parts, key=lambda part: abs(parts[part]))
    if largest == "patients":
        more = after.patients_infused - before.patients_infused
        who = waiting_text(before if more > 0 else after, scenario).partition(" by ")[0]
        why = f" because {who} {'no longer waits' if more > 0 else 'waits'}" if who else ""
        return f"{words.doses(abs(more))} {'more' if more > 0 else 'fewer'} patients are treated within the plan{why}"
    if largest == "capital":
        money = words.money(abs(after.capital - before.capital), scenario.currency)
        return f"{money} {'more' if after.capital > before.capital else 'less'} is bought and renewed within the plan"
    if largest == "change":
        return f"the change itself costs {'more' if parts['change'] > 0 else 'less'}"
    return f"running the plant costs {'more' if parts['plant'] > 0 else 'less'}"


def months_caption(later: Sequence[SwitchMonth], scenario: Scenario, milestone: str) -> str:
    """Why months are missing at both ends, and what the marks mean."""
    before = (
        f"The first month is {later[0].month}, when the plant is ready: before that there is nothing to switch from, "
        "and the choice is another platform from the start. "
        if scenario.plan.plant == "new"
        else ""
    )
    return (
        f"{before}Months from which the change would not be through within the plan are left out. Triangles mark "
        f"months whose plan does not reach the end of {milestone} with cash left. In the tables cost is per patient "
        f"over the plan, M is million {scenario.currency}, delay is how long the next phase waits, and money lasts to "
        "the first month below the floor, or to the end of the plan. What a change takes is under Inputs, Changes and "
        "filings."
    )


def phases_table(found: Sequence[SwitchMonth], e: Evaluation) -> pd.DataFrame:
    """Changing once the plant is ready, or with each later phase: money, months and cost of a patient side by side."""
    currency = e.scenario.currency
    starts = {
        int(first): phase.name for first, phase in zip(first_months(e.scenario), e.scenario.plan.phases, strict=True)
    }
    return pd.DataFrame(
        {
            "Decided": [_when(one.month, starts) for one in found],
            "Month": ["" if one.month == NEVER else str(one.month) for one in found],
            f"Cost ({currency})": [three(one.cost) for one in found],
            "Change (M)": [three(one.change_price / MILLION) for one in found],
            "Bought (M)": [three(one.change_capital / MILLION) for one in found],
            "Takes (mo.)": [three(one.change_months) for one in found],
            "Needed (M)": [_needed_text(one) for one in found],
        }
    )


def phases_finding(found: Sequence[SwitchMonth], e: Evaluation) -> str:
    """How much dearer the change becomes from the first to the last of the moments."""
    later = [one for one in found if one.month != NEVER]
    first, last = later[0], later[-1]
    currency = e.scenario.currency
    if len(later) == 1:
        return f"Decided in month {first.month} the change costs {words.money(first.change_price, currency)}."
    length = words.months(last.change_months)
    length += " too" if last.change_months == first.change_months else f", not {words.months(first.change_months)}"
    verb = "more" if last.change_price >= first.change_price else "less"
    return (
        f"Decided in month {last.month} instead of {first.month} the change itself costs "
        f"{words.money(abs(last.change_price - first.change_price), currency)} {verb}; it takes {length}."
    )


def _when(month: int, starts: dict[int, str]) -> str:
    if month == NEVER:
        return "never"
    return f"with {starts[month]}" if month in starts else "when the plant is ready"


# ---- cash together --------------------------------------------------------------------------------------------


def first_shown(followed: Mapping[Strategy, Evaluation], own: str) -> list[Strategy]:
    """The strategies that the cash chart begins with: the platform as it is, and the cheapest others."""
    present = Strategy(own, NEVER)
    ranked = sorted(followed, key=lambda strategy: over_the_plan(followed[strategy]))
    return [present, *(strategy for strategy in ranked if strategy != present)][: MOST_LINES - 1]


def pill(strategy: Strategy) -> str:
    """A strategy's name where room is short: its platform up to the first comma, and when it is decided."""
    when = "from the start" if strategy.month == NEVER else f"decided in month {strategy.month}"
    return f"{charts.brief(load()[strategy.platform].label)}, {when}"


def cash_view(sides: Sequence[Side], picked: Sequence[Strategy]) -> View:
    """Cash at month end of some strategies; on the chart each line has its short name."""
    view = comparison_views.cash(sides)
    lines = [
        line._replace(label=briefly(strategy), short=letters(strategy))
        for line, strategy in zip(comparison_views.cash_lines(sides), picked, strict=True)
    ]
    return view._replace(chart=comparison_charts.cash(lines, sides[0].e.scenario.currency))


def cash_caption(e: Evaluation) -> str:
    """What the lines of the cash chart hold."""
    return (
        "A line’s number is the month in which the switch is decided; without one the platform is there from the "
        "start; on a narrow screen the platform is its first letter. "
        f"Every line opens with {words.money(e.scenario.plan.opening_cash, e.scenario.currency)} and has the plan’s "
        f"money, loans and other decisions, but not its own changes of process and methods. {_whose_plant(e)} "
        f"{views.conventions(e)}"
    )
