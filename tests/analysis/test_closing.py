"""I-45: closing steps alone and one after another: the same as evaluating the changed scenario, and never more plates
a lot or a higher grade."""

import pytest
from hypothesis import given

from dosecost import recipes, scenario
from dosecost.analysis.closing import Closing, State, closing, open_steps, rises
from dosecost.evaluation import evaluate
from dosecost.recipes import GRADES
from dosecost.scenario import Scenario, with_change, with_changes
from tests.strategies import scenarios

SHIPPED = {name: scenario.load(name) for name in scenario.shipped()}
ON_PLATFORMS = [(name, platform) for name in SHIPPED for platform in recipes.load()]
TURNED_ROUND = ("monitoring.routine_plates_", "capacity.lots_per_room_")
"""Inputs whose ranges allow a cleaner room fewer routine plates, or a closed room fewer lots, than the other."""


def same(state: State, s: Scenario) -> None:
    """The state is what evaluating the scenario gives."""
    e = evaluate(s)
    assert state.cost == e.cost.per_patient_infused
    assert state.categories == e.cost.categories
    assert sum(state.items.values()) == pytest.approx(state.cost, rel=1e-9)
    assert (state.grade, state.suites) == (e.results.grade, e.results.plant.suites)
    assert (state.plates_per_lot, state.plates_per_year) == (e.results.plates.per_lot, e.results.plates.per_year)
    assert state.lots == e.results.funnel.lots_started


@pytest.mark.parametrize(("name", "platform"), ON_PLATFORMS)
def test_every_state_is_the_evaluation_of_the_changed_scenario(name: str, platform: str) -> None:
    s = with_change(SHIPPED[name], "platform", platform, "test")
    found = closing(s)
    same(found.present, s)
    assert found.path[0] == found.present
    assert sorted(state.step for state in found.alone) == sorted(step.id for step in found.steps)
    assert [state.cost for state in found.alone] == sorted(state.cost for state in found.alone)
    assert [state.step for state in found.path[1:]] == [state.step for state in found.alone]
    here = s
    for alone, state in zip(found.alone, found.path[1:], strict=True):
        same(alone, with_change(s, f"steps.{alone.step}", "closed", "test"))
        here = with_change(here, f"steps.{state.step}", "closed", "test")
        same(state, here)


def check_monotone(s: Scenario, found: Closing) -> None:
    """Never more plates a lot nor a higher grade; more plates a year only where more lots are made."""
    for was, now in [
        *((found.present, state) for state in found.alone),
        *zip(found.path, found.path[1:], strict=False),
    ]:
        assert GRADES.index(now.grade) <= GRADES.index(was.grade)
        assert now.plates_per_lot <= was.plates_per_lot * (1 + 1e-12)
        if not any(name.startswith(TURNED_ROUND) for name in s.inputs):
            assert now.plates_per_year <= was.plates_per_year * (1 + 1e-9) or now.lots > was.lots


@given(scenarios())
def test_I_45_closing_never_raises_plates_or_grade(s: Scenario) -> None:
    found = closing(s)
    check_monotone(s, found)
    if found.steps:
        assert found.path[-1].plates_per_lot == 0


@pytest.mark.parametrize(("name", "platform"), ON_PLATFORMS)
def test_I_45_plates_of_a_year_never_rise_on_the_way(name: str, platform: str) -> None:
    s = with_change(SHIPPED[name], "platform", platform, "test")
    plates = [state.plates_per_year for state in closing(s).path]
    assert plates == sorted(plates, reverse=True)


def more_lots_in_a_closed_room() -> Scenario:
    """A fixed suite, one open step beside the briefly open ones: once it is closed the suite takes four lots at a
    time."""
    changed = {"platform": "integrated_closed", "sizing": "fixed_plant", "room_grade": "C", "steps.receipt": "open"}
    large = {"demand.patients_per_year": 400.0, "capacity.devices_installed": 500.0}
    return with_changes(SHIPPED["founder"], changed | large, "test")


def test_more_plates_a_year_come_only_with_more_lots() -> None:
    s = more_lots_in_a_closed_room()
    found = closing(s)
    check_monotone(s, found)
    after = next(state for state in found.alone if state.step == "receipt")
    assert after.plates_per_year > found.present.plates_per_year
    assert after.lots > found.present.lots
    assert after.plates_per_lot < found.present.plates_per_lot


def test_a_closed_recipe_has_nothing_to_close() -> None:
    s = with_change(SHIPPED["founder"], "platform", "robotic", "test")
    found = closing(s)
    assert (found.steps, found.alone) == ([], [])
    assert found.path == [found.present]


def test_steps_briefly_open_count_and_those_of_the_room_do_not() -> None:
    steps = {step.id: step.exposure for step in open_steps(recipes.load()["integrated_closed"])}
    assert steps == {"gene_transfer": "briefly_open", "expansion": "briefly_open", "fill": "briefly_open"}


def test_what_rises_is_named_from_the_largest() -> None:
    was = State("", 10.0, {"materials": 1.0, "labour": 5.0, "vector": 2.0, "quality": 2.0}, "B", 0, 0, 0, 0, {})
    now = was._replace(categories={"materials": 4.0, "labour": 1.0, "vector": 7.0, "quality": 2.5})
    assert rises(was, now, 1.0) == {"vector": 5.0, "materials": 3.0}
    assert list(rises(was, now, 0.1)) == ["vector", "materials", "quality"]
    assert rises(was, was, 1.0) == {}
