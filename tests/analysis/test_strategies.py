"""Strategies: each agrees with the scenario evaluated alone, and the map with a search by hand."""

import json
import time

import numpy as np
import pytest

from dosecost.analysis.strategy import (
    NEVER,
    NO_STRATEGY,
    Strategy,
    best_month,
    months_with_a_plant,
    outlook,
    strategies_of,
    strategy_map,
    switch_months,
)
from dosecost.cli import main
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, load, with_changes
from tests.quantities.builders import exactly

FOUNDER = load("founder")
STRATEGIES = (
    Strategy("manual_open", NEVER),
    Strategy("integrated_closed", NEVER),
    Strategy("integrated_closed", 26),
    Strategy("integrated_closed", 44),
    Strategy("robotic", 44),
)
RATES = (12.0, 40.0, 150.0)


def alone(strategy: Strategy, rate: float, name: str = "founder") -> Scenario:
    switch = {
        "id": "switch",
        "name": "Switch",
        "kind": "switch_platform",
        "month": strategy.month,
        "platform": strategy.platform,
    }
    changed = {"plan.decisions": [switch]} if strategy.month else {"platform": strategy.platform}
    return with_changes(load(name), {"demand.patients_per_year": rate} | changed, "test")


@pytest.mark.parametrize(("name", "milestone"), [("founder", "phase_1"), ("founder", "phase_2")])
def test_each_strategy_agrees_with_the_scenario_alone(name: str, milestone: str) -> None:
    view = outlook(load(name), STRATEGIES, RATES, milestone)
    funding = np.asarray([load(name).plan.opening_cash, 6e7])
    runway = view.runway(funding)
    for i, strategy in enumerate(STRATEGIES):
        for j, rate in enumerate(RATES):
            e = evaluate(alone(strategy, rate, name))
            spent = sum(m.plant + m.change + m.capital for m in e.cash.months)
            infused = sum(m.patients_infused for m in e.cash.months)
            assert view.cost[i, j] == exactly(spent / infused)
            assert view.npv[i, j] == pytest.approx(e.npv, rel=1e-9)
            reached = next(m for m in e.cash.milestones if m.id == milestone)
            assert view.milestone_month[i, j] == reached.month
            if reached.month > e.scenario.plan.horizon_months:
                assert np.isnan(view.needed[i, j])
                continue
            lowest = min(e.scenario.plan.opening_cash, *(m.closing for m in e.cash.months[: int(reached.month)]))
            needed = e.scenario.plan.opening_cash + e.scenario.plan.floor - lowest
            assert view.needed[i, j] == pytest.approx(needed, rel=1e-9)
            for k, cash in enumerate(funding):
                rich = evaluate(with_changes(e.scenario, {"plan.opening_cash": float(cash)}, "test"))
                wanted = rich.cash.cash_out_month if rich.cash.ran_out else np.nan
                assert runway[i, k, j] == pytest.approx(wanted, nan_ok=True)
            if e.cash.changes:
                (change,) = e.cash.changes
                assert view.change_price[i, j] == exactly(change.cost.price)
                assert view.change_capital[i, j] == exactly(change.capital)
                assert view.change_months[i, j] == change.takeover - change.month


def test_the_needed_funding_is_just_enough() -> None:
    view = outlook(FOUNDER, STRATEGIES, [40.0], "phase_1")
    for i, strategy in enumerate(STRATEGIES):
        enough = float(view.needed[i, 0])
        for cash, gap in ((enough, 0.0), (enough - 1_000.0, 1_000.0)):
            e = evaluate(with_changes(alone(strategy, 40.0), {"plan.opening_cash": cash}, "test"))
            reached = next(m for m in e.cash.milestones if m.id == "phase_1")
            assert reached.gap == pytest.approx(gap, abs=0.01)


def test_the_map_is_the_cheapest_that_reaches_the_milestone() -> None:
    view = outlook(FOUNDER, STRATEGIES, RATES, "phase_1")
    funding = np.linspace(2e7, 1.5e8, 27)
    found = strategy_map(view, funding)
    for k, cash in enumerate(funding):
        for j in range(len(RATES)):
            open_to = [i for i in range(len(STRATEGIES)) if cash >= view.needed[i, j]]
            ranked = sorted(open_to, key=lambda i: view.cost[i, j])
            assert found.best[k, j] == (ranked[0] if ranked else NO_STRATEGY)
            assert found.second[k, j] == (ranked[1] if len(ranked) > 1 else NO_STRATEGY)
            if len(ranked) > 1:
                more = view.cost[ranked[1], j] / view.cost[ranked[0], j] - 1
                assert found.margin[k, j] == pytest.approx(more, rel=1e-12)
            else:
                assert np.isnan(found.margin[k, j])
    feasible = found.best != NO_STRATEGY
    assert feasible.any()
    assert not feasible.all()
    assert (feasible[1:] >= feasible[:-1]).all()  # more money never closes a way


def test_the_regret_of_the_best_month_is_zero_and_of_no_other_below() -> None:
    found = best_month(FOUNDER, "integrated_closed")
    assert [entry.month for entry in found] == [
        NEVER,
        *range(26, 74),
    ]  # a change takes eleven months, ten of them the transfer, and the plan has 84
    assert min(entry.regret for entry in found) == 0.0
    by_month = {entry.month: entry for entry in found}
    stay = evaluate(FOUNDER)
    assert by_month[NEVER].npv == pytest.approx(stay.npv, rel=1e-9)
    assert by_month[NEVER].runway == stay.cash.cash_out_month
    early, late = by_month[26], by_month[73]
    assert late.cost > early.cost  # hardly anybody is treated any more once it is in use


def test_the_next_phase_waits_for_a_change_that_is_not_through() -> None:
    """The change takes eleven months (ten of transfer, one of filing) and Phase 2 starts in month 44: decided
    in 33 it is through just then, in 34 one month late, in 43 ten; decided in 44 Phase 2 runs already, and no phase
    comes after it."""
    by_month = {entry.month: entry for entry in best_month(FOUNDER, "integrated_closed")}
    assert {by_month[month].change_months for month in (26, 33, 34, 43, 44)} == {11.0}
    waits = {month: (by_month[month].waiting, by_month[month].waits) for month in (NEVER, 26, 33, 34, 43, 44)}
    assert waits == {
        NEVER: ("", 0.0),
        26: ("", 0.0),
        33: ("", 0.0),
        34: ("phase_2", 1.0),
        43: ("phase_2", 10.0),
        44: ("", 0.0),
    }
    for month in (33, 43):
        e = evaluate(alone(Strategy("integrated_closed", month), 40.0))
        start = next(milestone.start for milestone in e.cash.milestones if milestone.id == "phase_2")
        assert start == 44 + by_month[month].waits
        assert by_month[month].capital == exactly(sum(one.capital for one in e.cash.months))
        assert by_month[month].patients_infused == exactly(sum(one.patients_infused for one in e.cash.months))


def test_months_to_choose_from() -> None:
    assert switch_months(FOUNDER) == (26, 44)
    assert list(months_with_a_plant(FOUNDER))[:1] == [26]
    named = strategies_of(FOUNDER, (26, 44))
    assert len(named) == len(set(named)) == 4 + 3 * 2


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: outlook(FOUNDER, STRATEGIES, [40.0], "phase_9"), "milestone: 'phase_9' is not one of pre_ind"),
        (lambda: best_month(FOUNDER, "manual_open"), "platform: manual_open is in use already"),
    ],
)
def test_what_cannot_be_asked(call: object, text: str) -> None:
    with pytest.raises(InputError, match=text):
        call()  # type: ignore[operator]


def test_the_command_says_what_the_analysis_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["strategy", "founder", "--milestone", "phase_1", "--set", "plan.opening_cash=9e7", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (best,) = [row for row in data["strategies"] if row["best"]]
    assert best["platform"] == "integrated_closed"
    assert data["switch"]["robotic"]["best_month"] == NEVER
    assert main(["strategy", "founder"]) == 0
    assert "nothing is feasible" in capsys.readouterr().out
    assert main(["strategy", "founder", "--milestone", "phase_9"]) == 2
    assert "is not one of" in capsys.readouterr().err


def test_a_map_of_fifty_by_fifty_is_quick() -> None:
    """A second on two free cores; here four times that, since tests share the machine."""
    began = time.perf_counter()
    view = outlook(FOUNDER, strategies_of(FOUNDER, range(26, 84, 6)), np.linspace(5, 500, 50), "phase_2")
    found = strategy_map(view, np.linspace(1e6, 4e8, 50))
    assert found.best.shape == (50, 50)
    assert view.runway(found.funding).shape == (34, 50, 50)
    assert time.perf_counter() - began < 4
