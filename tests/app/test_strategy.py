"""The page Strategy: the map is the analysis cell by cell, the months add up, and every line is a scenario."""

import numpy as np
import pytest

from dosecost import scenario
from dosecost.analysis import strategy
from dosecost.analysis.strategy import NEVER, NO_STRATEGY, Strategy
from dosecost.evaluation import evaluate
from dosecost_app import results, strategy_axes, strategy_views, words
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
            assert str(cell["letters"]).rstrip("≈") == strategy_views.letters(view.strategies[place])
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
    shown = strategy_views.months_view(found, FOUNDER, "integrated_closed", "Phase 2")
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
    first = strategy_views.first_shown(results.followed(FOUNDER), "manual_open")
    assert set(first[1:]) == {view.strategies[i] for i in np.argsort(view.cost[:, 1])[:2]}
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


def test_the_plan_s_own_cell_is_marked_and_close_calls_too(view: strategy.Outlook) -> None:
    e = evaluate(FOUNDER)
    found = strategy.strategy_map(view, [0.0, 35e6, 2e8])
    frame = strategy_views.map_view(found, e, "Phase 2").chart.frame
    (own,) = frame[frame["mark"] == "own"].to_dict("records")
    assert (own["funding"], own["patients"]) == ("35 (plan)", "40")
    feasible = frame[frame["platform"] != "nothing"]
    for row in feasible.to_dict("records"):
        more = float(str(row["second"]).rpartition(", ")[2].partition(" %")[0])
        assert str(row["letters"]).endswith("≈") == (more < 2), row


@pytest.mark.parametrize("name", scenario.shipped())
def test_what_the_head_says_is_what_the_map_compares(name: str) -> None:
    """Cash needed and cost over the plan of a platform from the start, month by month and as the array run has them."""
    s = scenario.load(name)
    starts = results.from_the_start(s)
    rate = float(evaluate(s).areas.demand.patients_per_year)
    for phase in s.plan.phases:
        found = strategy.outlook(s, [Strategy(platform, NEVER) for platform in starts], [rate], phase.id)
        for i, e in enumerate(starts.values()):
            needed = strategy_views.needed(e, phase.id)
            assert (np.nan if needed is None else needed) == pytest.approx(found.needed[i, 0], nan_ok=True)
            assert strategy_views.over_the_plan(e) == pytest.approx(found.cost[i, 0])


def test_the_head_follows_the_milestone_and_what_is_said_to_be_enough_is_enough() -> None:
    e, starts = evaluate(FOUNDER), results.from_the_start(FOUNDER)
    assert strategy_views.next_milestone(e) == "phase_1"
    said = strategy_views.answer(e, starts, "phase_1")
    assert (
        "reach the end of Pre-IND, not of Phase 1. To reach the end of Phase 1 with cash left takes USD 43.7 M" in said
    )
    assert "USD 8.70 M more than the plan has; as the plan is, “Manual, open”, it takes USD 47.4 M" in said
    assert "takes USD 113 M" in strategy_views.answer(e, starts, "phase_2")  # 112.53 M would fall short
    rich = scenario.with_change(FOUNDER, "plan.opening_cash", 2e8, "test")
    assert strategy_views.next_milestone(evaluate(rich)) == "phase_2"
    assert "reach the end of every phase" in strategy_views.answer(
        evaluate(rich), results.from_the_start(rich), "phase_2"
    )


def test_money_is_rounded_up_to_what_is_enough() -> None:
    assert [strategy_views.upwards(x) for x in (43_334_000, 206_000_000, 206_000_001, 0, 1_234)] == [
        43_400_000, 206_000_000, 207_000_000, 0, 1_240]  # fmt: skip


@pytest.mark.parametrize(
    ("most", "own", "wanted"),
    [
        (113e6, 35e6, [0, 10, 20, 30, 35, 40, 50, 60, 70, 80, 90, 100, 110, 120]),
        (206e6, 150e6, [0, 20, 40, 60, 80, 100, 120, 140, 150, 160, 180, 200, 220]),
        (0.0, 5e6, [0, 5]),
    ],
)
def test_amounts_are_round_and_hold_the_plan_s_own(most: float, own: float, wanted: list[float]) -> None:
    assert list(strategy_axes.amounts(most, own) / 1e6) == wanted


def test_any_need_has_a_row_that_covers_it_and_not_too_many() -> None:
    for most in np.geomspace(1e-3, 1e12, 4_001):
        found = strategy_axes.amounts(float(most), 0.0)
        assert found[0] == 0
        assert found[-1] >= most * (1 - 1e-12)
        assert 4 <= len(found) <= strategy_axes.MOST_AMOUNTS


@pytest.mark.parametrize("own", [0.4, 1.0, 5.0, 24.0, 40.0, 41.5, 500.0, 5_000.0])
def test_rates_are_whole_from_one_on_and_hold_the_plan_s_own(own: float) -> None:
    rates = strategy_axes.rates(own)
    assert own in rates
    assert all(rate.is_integer() for rate in rates if rate >= 1 and rate != own)
    assert own / 4 <= rates[0] <= own <= rates[-1] <= own * 4
    assert 8 <= len(rates) <= 16


def test_every_difference_is_against_not_switching() -> None:
    """By hand: the sentence's figures are the chart's, less the dashed line."""
    s = scenario.load("academic")
    found = strategy.best_month(s, "manual_open")
    never, *later = found
    least, most = (pick(one.cost - never.cost for one in later) for pick in (min, max))
    said = strategy_views.months_finding(found, s, "manual_open", "Service")
    assert f"costs {words.money(least, 'EUR')} more, the least" in said
    assert f"in month 12 {words.money(most, 'EUR')} more, the most" in said


def test_a_jump_is_explained_by_the_phase_that_waits() -> None:
    found = strategy.best_month(FOUNDER, "integrated_closed")[1:]
    why = strategy_views.months_why(found, FOUNDER)
    assert "Phase 2 up to 10 months if decided in months 34 to 43" in why
    by_month = {one.month: one for one in found}
    more = by_month[44].patients_infused - by_month[43].patients_infused
    fall = words.money(by_month[43].cost - by_month[44].cost, "USD")
    assert f"from month 43 to 44 it falls by {fall}, as {words.doses(more)} more patients" in why
    investor = scenario.load("investor")
    why = strategy_views.months_why(strategy.best_month(investor, "robotic")[1:], investor)
    assert "From month 44 on it is filed for a licensed product and costs USD 4.75 M, not USD 2.83 M" in why


def test_the_first_target_saves_most_and_never_opens_more_steps_to_cost_more() -> None:
    """The founder begins with what saves most; the closed academic unit is not shown the way back to open work."""
    for name, wanted in (("founder", "integrated_closed"), ("academic", "robotic"), ("investor", "robotic")):
        s = scenario.load(name)
        last = s.plan.phases[-1].id
        assert strategy_views.best_target(results.switches(s, last), s) == wanted
    assert strategy_views.openness(FOUNDER, "manual_open") > strategy_views.openness(FOUNDER, "integrated_closed")


def test_the_cost_over_the_plan_is_led_back_to_the_cost_of_a_dose() -> None:
    for name in scenario.shipped():
        e = next(iter(results.from_the_start(scenario.load(name)).values()))
        rows = strategy_views.bases(e).iloc[:, 1].tolist()
        assert sum(rows[:-1]) == pytest.approx(rows[-1], rel=0.01)
        assert rows[0] == pytest.approx(e.cost.per_patient_infused, rel=0.005)
        assert rows[-1] == pytest.approx(strategy_views.over_the_plan(e), rel=0.005)


def test_a_contract_manufacturer_s_plant_is_not_called_new_plant() -> None:
    s = scenario.with_change(scenario.load("investor"), "tenure", "cdmo", "test")
    found = strategy.best_month(s, "robotic")
    assert "of onboarding at the contract manufacturer" in strategy_views.months_finding(found, s, "robotic", "Launch")
    assert "The plant is the contract manufacturer’s" in strategy_views.map_caption(evaluate(s))


def test_an_existing_plant_leaves_no_other_platform_from_the_start() -> None:
    s = scenario.load("academic")
    assert list(results.from_the_start(s)) == ["integrated_closed"]
    view = results.outlook(s, "service")
    assert [one.platform for one in view.strategies if one.month == NEVER] == ["integrated_closed"]


def test_a_plan_without_patients_has_no_best_strategy() -> None:
    phases = [{**phase, "share_of_demand": 0.0} for phase in FOUNDER.body()["plan"]["phases"]]
    s = scenario.with_change(FOUNDER, "plan.phases", phases, "test")
    for tab in TABS:
        at = opened(s, "strategy", strategy_tabs=tab)
        assert not at.exception
        assert not any("not defined" in markdown.value for markdown in at.markdown)
