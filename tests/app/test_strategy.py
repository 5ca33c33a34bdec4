"""The page Strategy: the map is the analysis cell by cell, the months add up, and every line is a scenario."""

import numpy as np
import pytest

from dosecost import scenario
from dosecost.analysis import strategy
from dosecost.analysis.strategy import NEVER, NO_STRATEGY, Strategy
from dosecost.evaluation import evaluate
from dosecost_app import strategy_views
from tests.app.running import opened

FOUNDER = scenario.load("founder")
TABS = ("Map", "When to switch", "Cash together")


@pytest.fixture(scope="module")
def view() -> strategy.Outlook:
    found = strategy.strategies_of(FOUNDER, strategy.switch_months(FOUNDER))
    return strategy.outlook(FOUNDER, found, [10.0, 40.0, 120.0])


@pytest.mark.parametrize("name", scenario.shipped())
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_every_scenario(name: str, tab: str) -> None:
    at = opened(scenario.load(name), "strategy", strategy_tabs=tab)
    assert not at.exception


def test_the_map_shows_the_best_strategy_of_every_cell(view: strategy.Outlook) -> None:
    e = evaluate(FOUNDER)
    found = strategy.strategy_map(view, np.linspace(0, 2e8, 5))
    shown = strategy_views.map_view(found, e, "Phase 2")
    frame = shown.chart.frame
    assert len(frame) == found.best.size
    top = frame.iloc[: len(view.patients)]
    for j, place in enumerate(found.best[-1]):
        cell = top.iloc[j]
        if place == NO_STRATEGY:
            assert cell["letters"] == "–"
        else:
            assert cell["strategy"] == strategy.in_words(view.strategies[place])
            assert cell["letters"] == strategy_views.letters(view.strategies[place])
    nothing = int((found.best == NO_STRATEGY).sum())
    assert (frame["platform"] == "nothing").sum() == nothing
    assert f"In {nothing} of {found.best.size} cells nothing is feasible" in shown.finding


def test_more_money_never_makes_a_feasible_cell_infeasible(view: strategy.Outlook) -> None:
    found = strategy.strategy_map(view, np.linspace(0, 3e8, 12))
    feasible = found.best != NO_STRATEGY
    assert (np.diff(feasible.astype(int), axis=0) >= 0).all()


def test_every_strategy_is_a_scenario(view: strategy.Outlook) -> None:
    """The cost over the plan of the scenario on the cash chart is that of the map, at the scenario's own rate."""
    for i, one in enumerate(view.strategies):
        e = evaluate(strategy_views.as_scenario(FOUNDER, one))
        spent = sum(month.plant + month.change + month.capital for month in e.cash.months)
        infused = sum(month.patients_infused for month in e.cash.months)
        assert spent / infused == pytest.approx(view.cost[i, 1], rel=1e-9), strategy.in_words(one)


def test_the_months_name_the_best_and_the_regret() -> None:
    found = strategy.best_month(FOUNDER, "integrated_closed")
    shown = strategy_views.months_view(found, FOUNDER, "integrated_closed")
    best = min(found, key=lambda one: one.cost)
    assert best.regret == 0
    assert f"{best.month}" in shown.finding
    assert len(shown.table) == len(found)
    frame = shown.chart.frame
    assert set(frame["reached"]) <= {"yes", "no"}
    assert (frame["kind"] == "month").sum() == len(found) - 1
    moments = [one for one in found if one.month in (NEVER, *strategy.switch_months(FOUNDER))]
    table = strategy_views.phases_table(moments, evaluate(FOUNDER))
    assert list(table["Decided"]) == ["never", "with Phase 1", "with Phase 2"]


def test_the_cash_chart_begins_with_the_platform_as_it_is(view: strategy.Outlook) -> None:
    first = strategy_views.first_shown(view, FOUNDER)
    assert first[0] == Strategy("manual_open", NEVER)
    assert len(set(first)) == len(first) <= strategy_views.MOST_LINES
