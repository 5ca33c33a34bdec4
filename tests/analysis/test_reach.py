"""Inputs in use: those that are not move nothing, at any value."""

import pytest

from dosecost import scenario
from dosecost.analysis.reach import inputs_used
from dosecost.contract import as_data
from dosecost.evaluation import evaluate, rows_in_use
from dosecost.inputs import bounds_of
from dosecost.scenario import with_change, with_changes


@pytest.mark.parametrize("name", scenario.shipped())
def test_an_input_not_in_use_moves_no_figure(name: str) -> None:
    s = scenario.load(name)
    unused = sorted(set(rows_in_use(s)) - inputs_used(s) - set(s.inputs))
    assert unused
    extremes = {}
    for i, key in enumerate(unused):
        bounds = bounds_of(key)
        assert bounds is not None
        extremes[key] = bounds.at_most if i % 2 else bounds.at_least
    now, moved = as_data(evaluate(s)), as_data(evaluate(with_changes(s, extremes, "")))
    for part in set(now) - {"scenario", "warnings"}:
        assert moved[part] == now[part]


def test_a_choice_brings_its_inputs_into_use() -> None:
    founder = scenario.load("founder")
    price = "facility.contract_lot_price"
    assert price not in inputs_used(founder)
    assert price in inputs_used(with_change(founder, "tenure", "cdmo", ""))


def test_what_the_user_sets_does_not_change_what_is_in_use() -> None:
    founder = scenario.load("founder")
    assert inputs_used(with_change(founder, "demand.patients_per_year", 90.0, "")) == inputs_used(founder)
