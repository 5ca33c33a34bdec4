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
        e = evaluate(strategy.compared(FOUNDER, one))
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
    first = strategy_views.first_shown(view, evaluate(FOUNDER))
    assert first[0] == Strategy("manual_open", NEVER)
    assert len(set(first)) == len(first) <= strategy_views.MOST_LINES


def test_the_lines_are_the_map_s_whatever_the_plan_decides_itself() -> None:
    """A loan stays, a switch of the plan's own goes, a fixed plant is sized anew: on the chart as on the map."""
    decided = [
        {"id": "loan", "name": "Loan", "kind": "debt", "month": 26, "amount": 2e7, "yearly_interest": 0.1,
         "interest_only_months": 12, "repayment_months": 36},
        {"id": "go", "name": "Go", "kind": "switch_platform", "month": 40, "platform": "robotic"},
    ]  # fmt: skip
    s = scenario.with_changes(FOUNDER, {"plan.decisions": decided, "sizing": "fixed_plant"}, "test")
    strategies = (Strategy("manual_open", NEVER), Strategy("integrated_closed", 30))
    found = strategy.outlook(s, strategies, [40.0])
    for i, one in enumerate(strategies):
        made = strategy.compared(s, one)
        assert "loan" in {decision.id for decision in made.plan.decisions}
        months = evaluate(made).cash.months
        spent = sum(month.plant + month.change + month.capital for month in months)
        assert spent / sum(month.patients_infused for month in months) == pytest.approx(found.cost[i, 0], rel=1e-9)


@pytest.mark.parametrize("platform", ["robotic", "integrated_closed", "semi_auto"])
def test_no_month_is_named_whose_change_is_not_through_within_the_plan(platform: str) -> None:
    for one in strategy.best_month(FOUNDER, platform):
        assert one.month + one.change_months <= FOUNDER.plan.horizon_months


def test_a_plan_without_patients_has_no_best_strategy() -> None:
    phases = [{**phase, "share_of_demand": 0.0} for phase in FOUNDER.body()["plan"]["phases"]]
    s = scenario.with_change(FOUNDER, "plan.phases", phases, "test")
    for tab in TABS:
        at = opened(s, "strategy", strategy_tabs=tab)
        assert not at.exception
        assert not any("not defined" in markdown.value for markdown in at.markdown)
