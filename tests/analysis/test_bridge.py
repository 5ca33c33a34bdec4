"""The bridge between two scenarios adds up exactly, whatever differs, and turns round."""

import math

import pytest
from hypothesis import given, settings

from dosecost.analysis.bridge import bridge, cost_per_patient
from dosecost.errors import InputError
from dosecost.scenario import Scenario, load, with_changes
from tests.strategies import scenarios


def test_I_59_a_scenario_does_not_differ_from_itself() -> None:
    assert bridge(load("founder"), load("founder")) == []


def test_I_06_the_bars_add_up_and_turn_round() -> None:
    a, b = load("founder"), load("investor")
    there, back = bridge(a, b), bridge(b, a)
    assert sum(bar.contribution for bar in there) == pytest.approx(cost_per_patient(b) - cost_per_patient(a), rel=1e-9)
    turned = {bar.key: -bar.contribution for bar in back}
    assert {bar.key: pytest.approx(bar.contribution, abs=1e-6) for bar in there} == turned
    assert [abs(bar.contribution) for bar in there] == sorted((abs(bar.contribution) for bar in there), reverse=True)


def test_one_key_contributes_the_whole_difference() -> None:
    a = load("founder")
    b = with_changes(a, {"platform": "integrated_closed", "plan.opening_cash": 1e6}, "test")
    bars = {bar.key: bar.contribution for bar in bridge(a, b)}
    assert bars["platform"] == pytest.approx(cost_per_patient(b) - cost_per_patient(a), rel=1e-12)
    assert bars["plan"] == 0


@given(scenarios(), scenarios())
@settings(max_examples=25)
def test_I_06_any_two_scenarios(a: Scenario, b: Scenario) -> None:
    if (a.currency, a.price_year) != (b.currency, b.price_year):
        with pytest.raises(InputError, match="cannot be subtracted"):
            bridge(a, b)
        return
    total = sum(bar.contribution for bar in bridge(a, b))
    size = max(cost_per_patient(a), cost_per_patient(b))
    assert math.isclose(total, cost_per_patient(b) - cost_per_patient(a), rel_tol=1e-9, abs_tol=1e-9 * size)
