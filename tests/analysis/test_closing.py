"""Closing steps: the savings are the model's, and no order of closing adds plates or raises the grade."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosecost import recipes, scenario
from dosecost.analysis.closing import each_alone, one_by_one, open_steps
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, with_change
from tests.strategies import scenarios


@pytest.mark.parametrize("name", scenario.shipped())
def test_a_saving_is_the_difference_of_two_evaluations(name: str) -> None:
    s = scenario.load(name)
    before = evaluate(s)
    alone = each_alone(s)
    assert {one.step for one in alone} == {step for step, _ in open_steps(before)}
    assert [one.saving for one in alone] == sorted((one.saving for one in alone), reverse=True)
    for one in alone:
        after = evaluate(with_change(s, f"steps.{one.step}", "closed", ""))
        assert one.cost == after.cost.per_patient_infused
        assert one.saving == pytest.approx(before.cost.per_patient_infused - one.cost)
        assert one.plates == after.results.plates.per_year
        moved = {k: after.cost.categories[k] - before.cost.categories[k] for k in before.cost.categories}
        assert one.risen == pytest.approx(
            {k: v for k, v in moved.items() if v > 1e-9 * before.cost.per_patient_infused}
        )


def test_closing_brings_costs_too() -> None:
    """A closed step needs its sterile set: materials rise by one set a lot, with the write-off on it."""
    s = scenario.load("founder")
    e = evaluate(s)
    receipt = next(one for one in each_alone(s) if one.step == "receipt")
    a, lots = e.areas.materials, evaluate(with_change(s, "steps.receipt", "closed", "")).results.funnel
    assert receipt.risen["materials"] > 0
    per_patient = a.closed_step_set_price * (1 + a.write_off_share) * lots.lots_started / lots.patients_infused
    assert receipt.risen["materials"] == pytest.approx(per_patient, rel=0.05)
    assert receipt.saving < 0


@settings(deadline=None)
@given(scenarios(room_grade="from_steps", tenure="build"), st.randoms(use_true_random=False))
def test_I_45_no_order_of_closing_adds_plates_per_lot_or_raises_the_grade(s: Scenario, shuffled: object) -> None:
    order = [step for step, _ in open_steps(evaluate(s))]
    shuffled.shuffle(order)  # type: ignore[attr-defined]
    grades = [evaluate(s).results.grade, *(one.grade for one in one_by_one(s, order))]
    ranks = [recipes.GRADES.index(grade) for grade in grades]
    assert ranks == sorted(ranks, reverse=True)


def test_the_path_ends_where_everything_is_closed() -> None:
    s = scenario.load("founder")
    order = [one.step for one in each_alone(s)]
    path = one_by_one(s, order)
    closed = scenario.with_changes(s, {f"steps.{step}": "closed" for step in order}, "")
    assert path[-1].cost == pytest.approx(evaluate(closed).cost.per_patient_infused, rel=1e-12)
    total = sum(one.saving for one in path)
    assert total == pytest.approx(evaluate(s).cost.per_patient_infused - path[-1].cost)
    assert [one.plates for one in path] == sorted((one.plates for one in path), reverse=True)


def test_nothing_is_left_to_close() -> None:
    s = with_change(scenario.load("founder"), "platform", "robotic", "")
    closed = scenario.with_changes(s, {f"steps.{step}": "closed" for step, _ in open_steps(evaluate(s))}, "")
    assert each_alone(closed) == []
    assert one_by_one(closed, []) == []
