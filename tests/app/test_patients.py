"""The page Patients: the funnel, the cost of failure and the wait say what the model computed."""

import re
from functools import cache

import altair as alt
import pytest
from hypothesis import given, settings

from dosecost import scenario
from dosecost.analysis.journey import CAUSES, POINTS, journey
from dosecost.analysis.vein_to_vein import PARTS, TOGETHER, ways
from dosecost.evaluation import Evaluation, evaluate
from dosecost.scenario import Scenario, with_changes
from dosecost_app import patients_charts, patients_views, views, words
from dosecost_app.patients_charts import LOSS, STAGE, Flow
from dosecost_app.views import View
from tests.analysis.test_journey import NOTHING_LOST
from tests.app.running import opened
from tests.strategies import scenarios

SHIPPED = {name: scenario.load(name) for name in scenario.shipped()}
TABS = {"Funnel": 1, "Cost of failure": 2, "Vein to vein": 2}
"""Charts on each tab."""
CHANGES: dict[str, dict[str, object]] = {
    "as shipped": {},
    "contract": {"tenure": "cdmo", "boundary": "quality_and_release"},
    "host": {"tenure": "host_hospital", "remake": "no"},
    "slow": {"sterility": "compendial", "conditional_release": "no", "mycoplasma": "culture", "record": "paper"},
    "full": {"sizing": "fixed_plant", "demand.patients_per_year": 1_500.0, "vector_supply": "campaign"},
    "few cells": {"starting_material": "cell_balance", "process.culture_days": 2.5},
    "nothing lost": NOTHING_LOST,
    "narrow": {"boundary": "manufacture", "platform": "robotic"},
}
CASES = [(name, change) for name in SHIPPED for change in CHANGES]


@cache
def case(name: str, change: str) -> Evaluation:
    """A shipped scenario with one set of changes, evaluated."""
    return evaluate(with_changes(SHIPPED[name], CHANGES[change], "test"))


def every_view(e: Evaluation) -> list[View]:
    """All charts of the page."""
    found = ways(e.scenario)
    made = [patients_views.funnel(e), patients_views.failure(e), patients_views.spent(e)]
    made += [patients_views.waits(e, found), patients_views.dropped(e, found)]
    return [view for view in made if view]


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_tab_draws_as_chart_and_as_table(name: str, tab: str) -> None:
    at = opened(SHIPPED[name], "patients", patients_tabs=tab)
    assert not at.exception
    drawn = at.get("vega_lite_chart")
    assert len(drawn) == TABS[tab]
    assert all(re.search(r"\d", chart.proto.alt) for chart in drawn)
    tables = len(at.dataframe)
    for toggle in [toggle for toggle in at.toggle if toggle.label.startswith("Show as table")]:
        toggle.set_value(True)
    at.run()
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 0
    assert len(at.dataframe) == tables + TABS[tab]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws_whatever_is_lost(tab: str, change: str) -> None:
    at = opened(case("founder", change).scenario, "patients", patients_tabs=tab)
    assert not at.exception
    nothing = change == "nothing lost" and tab == "Cost of failure"
    assert any("No lot or patient is lost" in line.value for line in at.markdown) == nothing


@pytest.mark.parametrize(("name", "change"), CASES)
def test_sentences_and_tables_have_figures_and_units(name: str, change: str) -> None:
    e = case(name, change)
    found = ways(e.scenario)
    sentences = [view.finding for view in every_view(e)]
    sentences += [patients_views.answer(e), patients_views.second_finding(e), patients_views.points_finding(e)]
    sentences += [figure.value + figure.note for figure in patients_views.figures(e, case(name, "as shipped"))]
    for sentence in sentences:
        assert re.search(r"\d", sentence)
        assert not re.search(r"\bnan\b|\binf\b|None|not defined|\d{7}|USD −", sentence), sentence
    for view in every_view(e):
        numbers = view.table.select_dtypes("number").columns
        assert not [column for column in numbers if "(" not in column], view.key
        assert 0 < len(view.chart.frame) < 120
    for way in found:
        assert patients_views.way_label(way)


@settings(max_examples=50)
@given(scenarios())
def test_the_page_says_something_of_any_scenario(s: Scenario) -> None:
    e = evaluate(s)
    assert all(view.finding for view in every_view(e))
    assert patients_views.answer(e)


@pytest.mark.parametrize(("name", "change"), CASES)
def test_the_bars_of_the_funnel_follow_one_another(name: str, change: str) -> None:
    rows = patients_views.flows(journey(case(name, change)))
    assert [row.label for row in rows if row.kind == STAGE] == list(patients_views.STAGES.values())
    assert len({row.label for row in rows}) == len(rows)
    at = rows[0].end
    for row in rows:
        if row.kind == STAGE:
            assert row.end == pytest.approx(at, abs=0.002)  # causes too rare to be drawn
            at = row.end
        else:
            assert (row.end if row.kind == LOSS else row.start) == pytest.approx(at, abs=0.002)
            at = row.start if row.kind == LOSS else row.end


@pytest.mark.parametrize(("name", "change"), CASES)
def test_bars_of_the_cost_of_failure_add_up_to_it(name: str, change: str) -> None:
    e = case(name, change)
    view = patients_views.failure(e)
    cost = journey(e).cost_of_failure
    assert (view is None) == (cost == 0)
    if view:
        assert view.chart.frame["amount"].sum() == pytest.approx(cost)
        assert words.money(cost, e.scenario.currency) in view.finding
    figures = {figure.label: figure.value for figure in patients_views.figures(e, e)}
    assert figures["Cost of failure"] == words.money(cost, e.scenario.currency)
    assert figures["Patients infused a year"] == words.doses(e.results.funnel.patients_infused)


def test_the_sentence_of_what_a_loss_costs_is_that_of_its_bars() -> None:
    for name in SHIPPED:
        e = case(name, "as shipped")
        view = patients_views.spent(e)
        bars = dict(zip(view.chart.frame["label"], view.chart.frame["amount"], strict=True))
        said = re.search(r"released (\S+ [\d,.]+(?: M)?), and .* infused or not, (\S+ [\d,.]+(?: M)?)\.", view.finding)
        assert said is not None
        assert list(said.groups()) == [
            words.money(bars[stage], e.scenario.currency) for stage in ("Released", "Infused")
        ]


def test_both_costs_of_failure_stand_on_both_pages() -> None:
    e = case("founder", "as shipped")
    variable, whole = journey(e).cost_of_failure, e.cost.per_patient_infused - e.cost.per_lot_started
    assert whole > 3 * variable
    both = [words.money(amount, "USD") for amount in (variable, whole)]
    figure = next(one for one in patients_views.figures(e, e) if one.label == "Cost of failure")
    assert all(amount in figure.value + figure.note for amount in both)
    assert all(amount in views.cost_answer(e) for amount in both)


def test_the_change_that_saves_most_names_the_one_that_saves_more_and_makes_no_dose() -> None:
    e = case("founder", "as shipped")
    found = ways(e.scenario)
    view = patients_views.waits(e, found)
    assert "saves most and still makes the dose is fresh apheresis: 2.82 days" in view.finding
    assert "Rapid culture would save 7.93 days, but 89.6 % of its lots would miss the dose" in view.finding
    totals = view.chart.frame[view.chart.frame["kind"] == "total"].set_index("label")
    assert "no dose" in totals.loc["Rapid culture", "short"]
    assert "no dose" not in totals.loc["Fresh apheresis", "short"]


def test_the_wait_for_a_slot_says_where_it_comes_from() -> None:
    for change, source in (("as shipped", "by formula"), ("contract", "contract slot, an input")):
        e = case("founder", change)
        figure = next(one for one in patients_views.figures(e, e) if one.label == "Vein to vein")
        assert source in figure.note
        assert source in patients_views.waits_note(e, ways(e.scenario))


def test_lots_asked_for_are_named_where_they_are_more_than_are_started() -> None:
    e = case("founder", "as shipped")
    figure = next(one for one in patients_views.figures(e, e) if one.label == "Lots lost")
    assert "of 40.7 lots" in figure.note
    assert "Capacity plans for 41.4" in figure.note


def test_a_change_moves_the_figures_the_right_way() -> None:
    now, before = case("academic", "slow"), case("academic", "as shipped")
    deltas = {figure.label: figure.delta for figure in patients_views.figures(now, before)}
    assert deltas["Vein to vein"].startswith("+")
    assert deltas["Patients infused a year"].startswith("−")
    assert {figure.delta for figure in patients_views.figures(now, now)} == {""}


def test_a_culture_too_short_for_the_dose_is_no_advice() -> None:
    e = case("founder", "slow")
    found = ways(e.scenario)
    view = patients_views.waits(e, found)
    assert "would miss the dose" in view.finding
    assert "rapid" not in patients_views.dropped_finding(e, found)
    totals = view.chart.frame[view.chart.frame["kind"] == "total"]
    rapid = totals[totals["label"] == "Rapid culture"].iloc[0]
    assert "miss dose" in rapid["text"]
    assert totals.iloc[0]["label"] == "As it is"
    assert any(way.part == TOGETHER for way in found)


def test_the_stack_of_days_adds_up_to_the_total() -> None:
    e = case("academic", "slow")
    frame = patients_views.waits(e, ways(e.scenario)).chart.frame
    for label, rows in frame.groupby("label"):
        parts = rows[rows["kind"] == "part"]
        lengths = parts["end"] - parts["start"]
        assert lengths.sum() == pytest.approx(rows[rows["kind"] == "total"]["end"].iloc[0]), label


def test_words_of_a_loss_stand_where_there_is_room() -> None:
    rows = [
        Flow("all", STAGE, 0.0, 100.0, "100", "100"),
        Flow("late", LOSS, 90.0, 100.0, "10 lost", "10"),
        Flow("early", LOSS, 10.0, 30.0, "20 lost", "20"),
        Flow("most", LOSS, 10.0, 90.0, "80 lost", "80"),
    ]
    frame = patients_charts.funnel(rows).frame
    assert list(frame["at"]) == [100.0, 90.0, 30.0, 10.0]
    assert list(frame["side"]) == ["left", "right", "left", "left"]
    assert list(frame["inside"]) == [False, False, False, True]


def test_specifications_are_valid_constant_and_named() -> None:
    for spec in (patients_charts.funnel_spec(12), patients_charts.days_spec(6)):
        alt.LayerChart.from_dict(spec)
    assert patients_charts.days_spec(6) is patients_charts.days_spec(6)
    causes = {cause for stage in CAUSES.values() for cause in stage}
    assert set(patients_views.CAUSES) == set(patients_views.IN_FULL) == causes
    assert set(patients_views.POINTS) == set(POINTS)
    assert tuple(patients_charts.PART_LABELS) == tuple(patients_charts.PART_COLOURS) == PARTS
