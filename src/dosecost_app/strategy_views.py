"""What the page *Strategy* shows: strategies on one cash axis, the map of the best one, and when to switch.

Pure: results in, rows and sentences out; nothing here draws.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dosecost.analysis.strategy import (
    NEVER,
    NO_STRATEGY,
    Outlook,
    Strategy,
    StrategyMap,
    SwitchMonth,
    in_words,
)
from dosecost.evaluation import Evaluation
from dosecost.recipes import load
from dosecost.scenario import Scenario
from dosecost_app import charts, strategy_charts, views, words
from dosecost_app.strategy_charts import NOTHING, Cell, Month
from dosecost_app.views import View, three

MILLION = 1e6
MOST_LINES = 4
SHORT = "In none of these months does the money of the plan reach the last milestone."


def letters(strategy: Strategy) -> str:
    """What stands for a strategy in a cell: ``I`` for a platform from the start, ``I44`` for one decided later."""
    first = load()[strategy.platform].label[0]
    return first if strategy.month == NEVER else f"{first}{strategy.month}"


def first_shown(view: Outlook, e: Evaluation) -> list[Strategy]:
    """The strategies that the cash chart begins with: the platform as it is, and the cheapest others."""
    own = Strategy(e.scenario.choices.platform, NEVER)
    at = int(np.abs(view.patients - float(e.areas.demand.patients_per_year)).argmin())
    ranked = [view.strategies[i] for i in np.argsort(view.cost[:, at])]
    return [own, *(strategy for strategy in ranked if strategy != own)][: MOST_LINES - 1]


def map_view(found: StrategyMap, e: Evaluation, milestone: str) -> View:
    """The best feasible strategy for each amount at the opening and each rate of patients."""
    outlook, currency = found.outlook, e.scenario.currency
    runway = outlook.runway(found.funding)
    cells, rows = [], []
    for i in range(len(found.funding) - 1, -1, -1):
        row = {f"At the opening ({currency} M)": three(float(found.funding[i]) / MILLION)}
        for j, patients in enumerate(outlook.patients):
            place = int(found.best[i, j])
            rate = words.doses(float(patients))
            fund = words.doses(float(found.funding[i]) / MILLION)
            if place == NO_STRATEGY:
                cells.append(Cell(fund, rate, NOTHING, "–", "nothing is feasible", "", ""))
                row[f"{rate} patients a year"] = "nothing is feasible"
                continue
            strategy = outlook.strategies[place]
            cost = words.money(float(outlook.cost[place, j]), currency)
            lasts = runway[place, i, j]
            length = "to the end of the plan" if np.isnan(lasts) else f"to month {lasts:.0f}"
            cells.append(Cell(fund, rate, strategy.platform, letters(strategy), in_words(strategy), cost, length))
            row[f"{rate} patients a year"] = f"{in_words(strategy)}, {cost} per patient"
        rows.append(row)
    chart = strategy_charts.strategy_map(cells, currency)
    return View("Strategy map", chart, pd.DataFrame(rows), map_finding(found, e, milestone), "strategy_map")


def map_finding(found: StrategyMap, e: Evaluation, milestone: str) -> str:
    """From which amount a strategy is feasible at the present rate, and which ones are best where, by their letters."""
    outlook, currency = found.outlook, e.scenario.currency
    counts = {place: int((found.best == place).sum()) for place in np.unique(found.best).tolist()}
    none = counts.pop(NO_STRATEGY, 0)
    at = int(np.abs(outlook.patients - float(e.areas.demand.patients_per_year)).argmin())
    least = float(np.nanmin(outlook.needed[:, at])) if np.isfinite(outlook.needed[:, at]).any() else None
    rate = words.doses(float(outlook.patients[at]))
    if not np.isfinite(outlook.cost[:, at]).any():
        return "The plan infuses no patient, so no strategy has a cost per patient and none is the best."
    if least is None:
        head = f"At {rate} patients a year no strategy reaches the end of {milestone} within the plan"
    else:
        head = f"At {rate} patients a year {words.money(least, currency)} at the opening reach the end of {milestone}"
    named = [
        f"{letters(outlook.strategies[place])} is {in_words(outlook.strategies[place])}"
        for place in sorted(counts, key=lambda place: -counts[place])
    ]
    tail = f" In {none} of {found.best.size} cells nothing is feasible (–)." if none else ""
    return f"{head}; the cheapest that does is shown: {charts.listed(named)}.{tail}" if named else f"{head}.{tail}"


def months_view(found: Sequence[SwitchMonth], scenario: Scenario, platform: str) -> View:
    """What deciding the switch to a platform in each month costs."""
    currency, opening = scenario.currency, scenario.plan.opening_cash
    never, *later = found
    rows = [Month(one.month, one.cost, bool(one.needed <= opening)) for one in later]
    best = min(rows, key=lambda one: one.cost, default=None)
    table = pd.DataFrame(
        {
            "Decided in month": ["never", *(one.month for one in later)],
            f"Cost over the plan ({currency} per patient)": [three(one.cost) for one in found],
            f"Regret ({currency} per patient)": [three(one.regret) for one in found],
            f"Needed at the opening ({currency} M)": [
                None if np.isnan(one.needed) else three(one.needed / MILLION) for one in found
            ],
            "Money lasts to month": [
                "the end of the plan" if one.runway is None else f"{one.runway:.0f}" for one in found
            ],
            f"Cost of the change ({currency} M)": [three(one.change_price / MILLION) for one in found],
            f"New plant ({currency} M)": [three(one.change_capital / MILLION) for one in found],
            "The change takes (months)": [three(one.change_months) for one in found],
        }
    )
    chart = strategy_charts.months(rows, never.cost, best, currency)
    return View("When to switch", chart, table, months_finding(found, scenario, platform), "switch_month")


def months_finding(found: Sequence[SwitchMonth], scenario: Scenario, platform: str) -> str:
    """The best month, and what the worst and none cost more."""
    currency, label = scenario.currency, load()[platform].label
    never, *later = found
    best = min(later, key=lambda one: one.cost)
    worst = max(later, key=lambda one: one.cost)
    if not np.isfinite(never.cost):
        return "The plan infuses no patient, so no month is the best."
    if never.cost <= best.cost:
        head = (
            f"Not to switch to “{label}” costs least over the plan, {words.money(never.cost, currency)} per patient; "
            f"decided in month {best.month} it would be {words.money(best.regret, currency)} more"
        )
    else:
        head = (
            f"The best month to decide for “{label}” is {best.month}: {words.money(best.cost, currency)} per patient "
            f"over the plan, {words.money(never.cost - best.cost, currency)} less than without"
        )
    worse = f"; in month {worst.month} it costs {words.money(worst.cost - best.cost, currency)} more than in the best"
    return (
        f"{head}{worse}. The change itself takes {words.months(best.change_months)} and "
        f"{words.money(best.change_price, currency)}, beside {words.money(best.change_capital, currency)} of new plant."
        + ("" if any(one.needed <= scenario.plan.opening_cash for one in later) else f" {SHORT}")
    )


def phases_table(found: Sequence[SwitchMonth], e: Evaluation) -> pd.DataFrame:
    """Changing now, or with each later phase: money, months and cost of a patient side by side."""
    currency = e.scenario.currency
    starts = {int(m.start): phase.name for m, phase in zip(e.cash.milestones, e.scenario.plan.phases, strict=True)}
    return pd.DataFrame(
        {
            "Decided": [_when(one.month, starts) for one in found],
            "Month": ["" if one.month == NEVER else str(one.month) for one in found],
            f"The change ({currency} M)": [three(one.change_price / MILLION) for one in found],
            f"New plant ({currency} M)": [three(one.change_capital / MILLION) for one in found],
            "It takes (months)": [three(one.change_months) for one in found],
            f"Cost over the plan ({currency} per patient)": [three(one.cost) for one in found],
            f"Needed at the opening ({currency} M)": [
                None if np.isnan(one.needed) else three(one.needed / MILLION) for one in found
            ],
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


def cash_caption(e: Evaluation) -> str:
    """What the lines of the cash chart hold."""
    return (
        f"Every line opens with {words.money(e.scenario.plan.opening_cash, e.scenario.currency)} and has the plan's "
        "money, loans and other decisions, but not its own changes of process and methods; the plant is sized for the "
        "demand. "
        f"{views.conventions(e)}"
    )
