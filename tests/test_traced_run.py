"""A traced run gives the figures of the plain one, and every output of it is a formula or a constant of the design."""

import math

import pytest

from dosecost import recipes, scenario
from dosecost.contract import BESIDE_FORMULAS, as_data, by_formula, flat
from dosecost.evaluation import evaluate
from dosecost.figures import named_figures, outputs
from dosecost.scenario import Scenario, with_changes
from dosecost.trace import Traced, inputs_behind, value_of
from dosecost.traced_run import traced_run

COUNTS = {0.0, 1.0, 12.0}
"""Quantities of the ledger that no input sets: once a year, or each month of it."""
PLAN = {
    "plan.decisions": [
        {"id": "loan", "name": "Loan", "kind": "debt", "month": 20, "amount": 2e6, "yearly_interest": 0.09}
        | {"interest_only_months": 6, "repayment_months": 24},
        {"id": "rapid", "name": "Rapid sterility", "kind": "adopt_sterility", "month": 10, "sterility": "cytometry"},
        {"id": "switch", "name": "Closed", "kind": "switch_platform", "month": 15, "platform": "integrated_closed"},
        {"id": "head", "name": "Analyst", "kind": "hire", "month": 6, "role": "qc_analyst", "heads": 1},
        {"id": "price", "name": "Price", "kind": "price_change", "month": 30, "price_factor": 0.9},
    ]
}


def scenarios() -> list[Scenario]:
    shipped = [scenario.load(name) for name in scenario.shipped()]
    found = [with_changes(s, {"platform": p}, "test") for s in shipped for p in recipes.load()]
    return [*found, *(with_changes(s, PLAN | {"platform": "manual_open"}, "test") for s in shipped)]


@pytest.mark.parametrize("s", scenarios(), ids=lambda s: f"{s.name}-{s.choices.platform}-{len(s.plan.decisions)}")
def test_a_traced_run_gives_every_output_of_the_plain_one(s: Scenario) -> None:
    traced, plain = outputs(traced_run(s)), dict(flat(by_formula(evaluate(s))))
    for path, value in plain.items():
        node = traced[path]
        found = value_of(node)
        if isinstance(value, float):
            assert math.isclose(found, value, rel_tol=1e-11, abs_tol=1e-6), path
            dated = path.startswith("cash.changes") and path.endswith(".month")
            assert isinstance(node, Traced) or dated or value in COUNTS, f"{path} is no formula"
        else:
            assert found == value, path
    beyond = {path for path in traced if path not in plain}
    assert all(".rates." in path and value_of(traced[path]) is None for path in beyond)


def test_all_else_in_the_result_is_named_with_the_reason() -> None:
    e = evaluate(scenario.load("founder"))
    formulas, everything = dict(flat(by_formula(e))), dict(flat(as_data(e)))
    beside = {path for path in everything if path not in formulas}
    named = {path for path in beside for name in BESIDE_FORMULAS if path == name or path.startswith(f"{name}.")}
    assert beside == named
    assert set(formulas) <= set(everything)


def test_the_balance_of_a_month_goes_back_to_inputs_and_to_the_plan() -> None:
    run = traced_run(scenario.load("founder"))
    last = run.evaluation.cash.months[-1]
    behind = inputs_behind(last.closing)
    assert {"plan.opening_cash", "demand.patients_per_year", "people.roles.operator.salary"} <= behind
    assert behind <= set(run.leaves)


def test_an_input_of_another_stage_is_a_leaf_of_its_own_under_the_same_input() -> None:
    leaves = traced_run(scenario.load("investor")).leaves
    twice = [leaf for leaf in leaves.values() if leaf.input == "regulatory.comparability_price"]
    assert {leaf.node.value for leaf in twice if leaf.row is not None} == {600_000.0, 2_500_000.0}


def test_every_figure_has_one_name_of_its_own() -> None:
    run = traced_run(with_changes(scenario.load("investor"), PLAN, "test"))
    figures = named_figures(run)
    assert {"cost.per_patient_infused", "ledger.overhead.site.annual", "cash.months.7.closing"} <= set(figures)
    assert "after.switch.plant.suites" in figures
    assert set(outputs(run)) <= set(figures)
