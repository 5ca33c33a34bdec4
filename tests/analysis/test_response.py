"""Response curves: every point is the evaluated scenario, the present value is on the curve."""

import math

import numpy as np
import pytest

from dosecost.analysis.response import lever_range, option_responses, present_value, response_curves
from dosecost.contract import runway_months
from dosecost.evaluation import evaluate
from dosecost.scenario import load, shipped, with_change

LEVERS = ("demand.patients_per_year", "process.culture_days", "materials.vector_dose_price")


@pytest.mark.parametrize("name", shipped())
def test_every_point_of_a_curve_is_the_evaluated_scenario(name: str) -> None:
    s = load(name)
    curves = response_curves(s, LEVERS)
    assert set(curves) == set(LEVERS)
    for lever, curve in curves.items():
        for i in (0, 7, 23, len(curve.values) - 1):
            e = evaluate(with_change(s, lever, float(curve.values[i]), "test"))
            assert curve.cost[i] == pytest.approx(e.cost.per_patient_infused, rel=1e-9)
            lasts = runway_months(e)
            assert math.isnan(curve.runway[i]) if lasts is None else curve.runway[i] == lasts


def test_the_present_value_is_on_the_curve_and_inside_the_range() -> None:
    s = load("investor")
    for lever, curve in response_curves(s, LEVERS).items():
        low, high = lever_range(s, lever)
        assert low < curve.present < high
        at = int(np.argmin(np.abs(curve.values - curve.present)))
        assert curve.values[at] == curve.present == present_value(s, lever)
        assert curve.cost[at] == pytest.approx(evaluate(s).cost.per_patient_infused, rel=1e-12)


def test_I_60_each_lever_alone_gives_the_same_curve_as_all_together() -> None:
    s = load("founder")
    together = response_curves(s, LEVERS)
    for lever in LEVERS:
        alone = response_curves(s, (lever,))[lever]
        np.testing.assert_allclose(alone.cost, together[lever].cost, rtol=1e-12)


def test_a_choice_has_a_result_for_each_option() -> None:
    s = load("founder")
    found = {option.option: option for option in option_responses(s, "platform")}
    assert set(found) == {"manual_open", "semi_auto", "integrated_closed", "robotic"}
    e = evaluate(s)
    assert found["manual_open"].cost == e.cost.per_patient_infused
    assert found["manual_open"].runway == runway_months(e)
