"""Strategies on one cash axis: a platform from the start, or the present one and a switch later.

For each strategy one array run covers every rate of patients and every month of the switch. Money raised at the
opening only shifts the balance, so what a strategy needs to reach a milestone is one figure, which a map over funding
compares.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost import cash, recipes
from dosecost.cash import Cash
from dosecost.errors import InputError
from dosecost.evaluation import (
    areas_of,
    equipped,
    runs_of_stretches,
    stages_of,
    variants_of,
    without_patients,
    year_of,
)
from dosecost.finance import MONTHS_PER_YEAR
from dosecost.inputs import Areas
from dosecost.plan import (
    METHOD_CHANGES,
    PROCESS_CHANGES,
    SwitchPlatform,
    phase_starts,
    ready_month,
    starts_after_change,
)
from dosecost.scenario import Scenario, after_changes, with_change

Floats = NDArray[np.float64]
Whole = NDArray[np.int_]
NEVER = 0
"""Month of the switch of a strategy without one."""
SWITCH = "switch_compared"
"""Id of the decision of a switch that is compared."""
NO_STRATEGY = -1
"""Place of the best strategy where none is feasible."""
NOTHING = 1e-12


class Strategy(NamedTuple):
    """A platform from the start; or with a ``month`` the scenario's own one first and ``platform`` decided then."""

    platform: str
    month: int


class Outlook(NamedTuple):
    """Strategies over the plan, one row each; columns are rates of patients a year.

    ``needed`` is the cash at the opening that keeps the balance at or above the floor to the end of the milestone (NaN
    where the plan does not hold its end); ``milestone_month`` that end; ``cost`` the money for plant, changes and
    capital per patient infused over the plan (infinite where there is none); ``lowest`` the lowest balance up to each
    month (strategies × months × rates) had nothing been there at the opening; ``change_price``, ``change_capital`` and
    ``change_months`` what the switch costs, what it buys, and how long it takes; ``capital`` what is bought and renewed
    over the plan.
    """

    strategies: tuple[Strategy, ...]
    patients: Floats
    needed: Floats
    milestone_month: Floats
    cost: Floats
    patients_infused: Floats
    npv: Floats
    lowest: Floats
    change_price: Floats
    change_capital: Floats
    change_months: Floats
    capital: Floats
    floor: float

    def runway(self, funding: Floats) -> Floats:
        """First month below the floor with each amount at the opening, strategies × amounts × rates; NaN: it lasts."""
        lasts = (self.lowest[:, :, None, :] + funding[None, None, :, None] >= self.floor).sum(axis=1)
        return np.where(lasts < self.lowest.shape[1], lasts + 1.0, np.nan)


class StrategyMap(NamedTuple):
    """The best feasible strategy for each amount at the opening (rows) and rate of patients (columns).

    ``best`` is its place in ``outlook.strategies``, ``NO_STRATEGY`` where none reaches the milestone with cash left;
    ``second`` that of the next best, ``margin`` how much more a patient costs with it, as a share (NaN without one).
    """

    outlook: Outlook
    funding: Floats
    best: Whole
    second: Whole
    margin: Floats


class SwitchMonth(NamedTuple):
    """One month to decide a switch: what a patient costs over the plan, and how much more than in the best month.

    The phase ``waiting`` starts ``waits`` months later, because it comes next and the change is not through ('' and 0
    where none waits). ``patients_infused`` and ``capital`` (bought and renewed) are those of the whole plan.
    """

    month: int
    cost: float
    regret: float
    needed: float
    runway: float | None
    npv: float
    change_price: float
    change_capital: float
    change_months: float
    patients_infused: float
    capital: float
    waiting: str
    waits: float


def months_with_a_plant(scenario: Scenario) -> range:
    """Months in which a switch can be decided: from when the plant is ready to the end of the plan."""
    results = year_of(scenario, areas_of(scenario))
    ready = int(ready_month(scenario.plan, results.months_to_first_lot))
    return range(ready, int(scenario.plan.horizon_months) + 1)


def switch_months(scenario: Scenario) -> tuple[int, ...]:
    """Months in which to decide a change: now (the plant is ready), and the first of each phase after that."""
    open_to = months_with_a_plant(scenario)
    starts = {int(start) for start in phase_starts(scenario.plan, float(open_to.start))}
    return tuple(month for month in open_to if month in starts or month == open_to.start)


def strategies_of(scenario: Scenario, months: Sequence[int]) -> tuple[Strategy, ...]:
    """Every platform from the start, and a switch to every other platform in each of the months."""
    platforms = list(recipes.load())
    own = scenario.choices.platform
    later = [Strategy(name, int(month)) for name in platforms if name != own for month in months]
    return (*(Strategy(name, NEVER) for name in platforms), *later)


def in_words(strategy: Strategy) -> str:
    """A strategy's name: its platform, and when it is decided."""
    label = recipes.load()[strategy.platform].label
    return f"{label} from the start" if strategy.month == NEVER else f"{label}, decided in month {strategy.month}"


def compared(scenario: Scenario, strategy: Strategy | None = None) -> Scenario:
    """The scenario that all strategies start from, or that follows one: its plant is sized for the demand, and changes
    of process and methods that the plan decides are left out; its other decisions stay, also those that make the plant
    larger."""
    kept = tuple(d for d in scenario.plan.decisions if d.kind not in (*PROCESS_CHANGES, *METHOD_CHANGES))
    sized = with_change(scenario, "sizing", "size_for_demand", "strategy")
    if strategy is not None and strategy.month == NEVER:
        sized = with_change(sized, "platform", strategy.platform, "strategy")
    elif strategy is not None:
        kept = (*kept, SwitchPlatform(SWITCH, "Switch", "switch_platform", float(strategy.month), strategy.platform))
    return replace(sized, plan=replace(scenario.plan, decisions=kept))


def outlook(
    scenario: Scenario, strategies: Sequence[Strategy], patients: Sequence[float] | Floats, milestone: str = ""
) -> Outlook:
    """All strategies at all rates of patients; the plant is sized for each rate.

    ``milestone`` is a phase whose end counts, the last phase where none is named. Decisions of the plan stay or are
    left out as in ``compared``. Raises ``InputError`` for an unknown milestone.
    """
    phases = [phase.id for phase in scenario.plan.phases]
    if milestone and milestone not in phases:
        raise InputError("strategy", "milestone", f"{milestone!r} is not one of {', '.join(phases)}")
    which = phases.index(milestone) if milestone else len(phases) - 1
    base = compared(scenario)
    kept = base.plan.changes
    rates = np.asarray(patients, dtype=float)
    found: dict[Strategy, list[Floats]] = {}
    for platform in dict.fromkeys(s.platform for s in strategies):
        months = sorted({s.month for s in strategies if s.platform == platform} - {NEVER})
        here = [s for s in strategies if s.platform == platform and s.month == NEVER]
        other = with_change(base, "platform", platform, "strategy")
        for strategy in here:
            money = _run(other, rates, kept)
            found[strategy] = [column[:, 0] for column in _figures(other, money, which, len(rates), 1)]
        for before, group in _in_order(kept, months):
            decided = np.repeat(group, len(rates))
            switch = SwitchPlatform(SWITCH, "Switch", "switch_platform", decided, platform)  # type: ignore[arg-type]
            money = _run(base, np.tile(rates, len(group)), (*kept[:before], switch, *kept[before:]))
            columns = _figures(base, money, which, len(rates), len(group))
            for i, month in enumerate(group):
                found[Strategy(platform, month)] = [column[:, i] for column in columns]
    stacked = [np.stack([found[s][i] for s in strategies]) for i in range(len(found[strategies[0]]))]
    needed, end, cost, infused, npv, price, bought, length, capital, *burn = stacked
    return Outlook(
        strategies=tuple(strategies),
        patients=rates,
        needed=needed,
        milestone_month=end,
        cost=cost,
        patients_infused=infused,
        npv=npv,
        lowest=np.minimum.accumulate(np.stack(burn, axis=1), axis=1),
        change_price=price,
        change_capital=bought,
        change_months=length,
        capital=capital,
        floor=scenario.plan.floor,
    )


def strategy_map(view: Outlook, funding: Sequence[float] | Floats) -> StrategyMap:
    """The strategy with the lowest cost per patient among those that reach the milestone with each amount at the
    opening; of two alike the one named first."""
    amounts = np.asarray(funding, dtype=float)
    reached = amounts[None, :, None] >= view.needed[:, None, :]
    cost = np.where(reached, view.cost[:, None, :], np.inf)
    best = np.where(np.isfinite(cost).any(axis=0), cost.argmin(axis=0), NO_STRATEGY)
    least = cost.min(axis=0)
    others = np.where(np.arange(len(cost))[:, None, None] == best[None], np.inf, cost)
    known = np.isfinite(others).any(axis=0)
    second = np.where(known, others.argmin(axis=0), NO_STRATEGY)
    margin = np.where(known, others.min(axis=0), np.nan) / np.where(known, least, 1.0) - 1.0
    return StrategyMap(view, amounts, best, second, margin)


def best_month(
    scenario: Scenario, platform: str, months: Sequence[int] | None = None, milestone: str = ""
) -> list[SwitchMonth]:
    """Deciding the switch to a platform never (month 0) and in each month with a plant (or in ``months``) from which it
    is through within the plan, at the scenario's own rate: cost of a patient over the plan, and the regret against the
    best of them."""
    if platform == scenario.choices.platform:
        raise InputError("strategy", "platform", f"{platform} is in use already")
    wanted = months_with_a_plant(scenario) if months is None else months
    choices = (Strategy(scenario.choices.platform, NEVER), *(Strategy(platform, month) for month in wanted))
    view = outlook(scenario, choices, [float(areas_of(scenario).demand.patients_per_year)], milestone)
    within = [
        s.month == NEVER or s.month + view.change_months[i, 0] <= scenario.plan.horizon_months
        for i, s in enumerate(choices)
    ]
    least = float(view.cost[within, 0].min())
    runway = view.runway(np.asarray([scenario.plan.opening_cash]))[:, 0, 0]
    starts = first_months(scenario)
    waiting = [_waiting(scenario, starts, s.month, float(view.change_months[i, 0])) for i, s in enumerate(choices)]
    return [
        SwitchMonth(
            month=s.month,
            cost=float(view.cost[i, 0]),
            regret=float(view.cost[i, 0]) - least,
            needed=float(view.needed[i, 0]),
            runway=None if np.isnan(runway[i]) else float(runway[i]),
            npv=float(view.npv[i, 0]),
            change_price=float(view.change_price[i, 0]),
            change_capital=float(view.change_capital[i, 0]),
            change_months=float(view.change_months[i, 0]),
            patients_infused=float(view.patients_infused[i, 0]),
            capital=float(view.capital[i, 0]),
            waiting=waiting[i][0],
            waits=waiting[i][1],
        )
        for i, s in enumerate(choices)
        if within[i]
    ]


def first_months(scenario: Scenario) -> list[float]:
    """First month of each phase without a change of the plant."""
    return [float(start) for start in phase_starts(scenario.plan, float(months_with_a_plant(scenario).start))]


def _waiting(scenario: Scenario, starts: list[float], month: int, length: float) -> tuple[str, float]:
    """The phase that waits for a change decided in ``month`` that takes ``length`` months, and for how long."""
    moved = starts_after_change(starts, month, month + length) if month != NEVER else starts
    for phase, before, after in zip(scenario.plan.phases, starts, moved, strict=True):
        if after > before:
            return phase.id, float(after - before)
    return "", 0.0


def _at_rates(areas: Areas, patients: Floats | float) -> Areas:
    return replace(areas, demand=replace(areas.demand, patients_per_year=patients))


def _run(scenario: Scenario, patients: Floats | float, changes: Sequence[Any]) -> Cash:
    """The plan at each rate, with these changes of the plant one upon the other."""
    by_stage = [
        {stage: _at_rates(areas_of(state, stage), patients) for stage in stages_of(scenario)}
        for state in after_changes(scenario, changes)
    ]
    here = by_stage[0][scenario.choices.stage]
    results = year_of(scenario, here)
    return cash.run(
        cash.programme(
            scenario.plan,
            here,
            equipped(scenario, results, here),
            without_patients(scenario, results, here),
            runs_of_stretches(scenario, results, by_stage[0]),
            variants_of(scenario, changes, by_stage),
        )
    )


def _in_order(kept: Sequence[Any], months: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Months of a switch by how many of the changes that stay in the plan are decided before it, or in its month."""
    found: dict[int, list[int]] = {}
    for month in months:
        found.setdefault(sum(decision.month <= month for decision in kept), []).append(month)
    return list(found.items())


def _figures(scenario: Scenario, money: Cash, which: int, rates: int, months: int) -> list[Floats]:
    """Figures of a run, each rates × months of the switch: those of ``Outlook``, then the balance of every month."""

    def shaped(value: object) -> Floats:
        spread = np.broadcast_to(np.asarray(value, dtype=float), months * rates)
        return spread.reshape(months, rates).T

    plan = scenario.plan
    balance = np.stack([shaped(month.closing) for month in money.months]) - plan.opening_cash
    end = shaped(money.milestones[which].month)
    number = np.asarray([month.month for month in money.months])[:, None, None]
    short = np.where(number <= end, plan.floor - balance, plan.floor).max(axis=0)
    capital = np.asarray(sum(shaped(month.capital) for month in money.months))
    spent = sum(shaped(month.plant) + shaped(month.change) for month in money.months) + capital
    infused = sum(shaped(month.patients_infused) for month in money.months)
    monthly = (1.0 + float(areas_of(scenario).finance.discount_rate)) ** (1.0 / MONTHS_PER_YEAR)
    npv = sum(
        (shaped(month.revenue) - shaped(month.outflow) + month.debt_service) / monthly**month.month
        for month in money.months
    )
    change = next((one for one in money.changes if one.id == SWITCH), None)
    return [
        np.where(end <= plan.horizon_months, np.maximum(short, plan.floor), np.nan),
        end,
        np.where(infused > NOTHING, spent / np.maximum(infused, NOTHING), np.inf),
        np.asarray(infused),
        np.asarray(npv),
        shaped(change.cost.price if change else 0.0),
        shaped(change.capital if change else 0.0),
        shaped(change.takeover - change.month if change else 0.0),
        capital,
        *balance,
    ]
