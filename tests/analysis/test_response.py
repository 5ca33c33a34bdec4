"""Response curves: every point is the evaluated scenario, the present value is on the curve."""

import math

import numpy as np
import pytest

from dosecost import inputs, recipes
from dosecost.analysis.response import (
    COST,
    RUNWAY,
    group_responses,
    lever_range,
    option_responses,
    present_value,
    response_curves,
)
from dosecost.contract import runway_months
from dosecost.evaluation import evaluate
from dosecost.scenario import load, shipped, with_change, with_changes

LEVERS = ("demand.patients_per_year", "process.culture_days", "materials.vector_dose_price")


@pytest.mark.parametrize("name", shipped())
def test_every_point_of_a_curve_is_the_evaluated_scenario(name: str) -> None:
    s = load(name)
    costs, runways = response_curves(s, LEVERS), response_curves(s, LEVERS, RUNWAY)
    assert set(costs) == set(runways) == set(LEVERS)
    for lever, curve in costs.items():
        months = runways[lever].results
        for i in (0, 7, 23, len(curve.values) - 1):
            e = evaluate(with_change(s, lever, float(curve.values[i]), "test"))
            assert curve.results[i] == pytest.approx(e.cost.per_patient_infused, rel=1e-9)
            lasts = runway_months(e)
            assert math.isnan(months[i]) if lasts is None else months[i] == lasts


def test_the_present_value_is_on_the_curve_and_inside_the_range() -> None:
    s = load("investor")
    for lever, curve in response_curves(s, LEVERS).items():
        low, high = lever_range(s, lever)
        assert low < curve.present < high
        at = int(np.argmin(np.abs(curve.values - curve.present)))
        assert curve.values[at] == curve.present == present_value(s, lever)
        assert curve.results[at] == pytest.approx(evaluate(s).cost.per_patient_infused, rel=1e-12)


def test_I_60_each_lever_alone_gives_the_same_curve_as_all_together() -> None:
    s = load("founder")
    together = response_curves(s, LEVERS)
    for lever in LEVERS:
        alone = response_curves(s, (lever,))[lever]
        np.testing.assert_allclose(alone.results, together[lever].results, rtol=1e-12)


def test_a_choice_has_a_result_for_each_option() -> None:
    s = load("founder")
    found = {option.option: option for option in option_responses(s, "platform")}
    lasts = {option.option: option.result for option in option_responses(s, "platform", RUNWAY)}
    assert set(found) == {"manual_open", "semi_auto", "integrated_closed", "robotic"}
    e = evaluate(s)
    assert found["manual_open"].result == e.cost.per_patient_infused
    assert lasts["manual_open"] == runway_months(e)
    assert [option.option for option in found.values() if option.present] == ["manual_open"]


def test_a_runway_that_has_no_end_is_none() -> None:
    assert {option.result for option in option_responses(load("investor"), "record", RUNWAY)} == {None}


def test_a_group_of_steps_has_a_result_for_each_exposure() -> None:
    s = load("founder")
    steps = [step.id for step in recipes.load()["manual_open"].steps if step.group == "back_end"]
    for exposure, result, present in group_responses(s, "back_end", COST):
        other = with_changes(s, {f"steps.{step}": exposure for step in steps}, "test")
        assert result == evaluate(other).cost.per_patient_infused
        assert present == (exposure == "platform")
    mixed = with_change(s, f"steps.{steps[0]}", "closed", "test")
    assert not any(option.present for option in group_responses(mixed, "back_end"))


def test_the_range_is_the_row_s_own_and_holds_the_present_value() -> None:
    s = load("founder")
    rows = {row.name: row for row in inputs.load().rows}
    row = rows["demand.patients_per_year"]
    assert lever_range(s, row.name) == (row.low, row.high)
    assert lever_range(with_change(s, row.name, 400.0, "test"), row.name) == (row.low, 500.0)
    assert lever_range(with_change(s, row.name, 500.0, "test"), row.name) == (row.low, 1_000.0)
    assert lever_range(with_change(s, row.name, 20_000.0, "test"), row.name) == (row.low, 20_000.0)
    assert lever_range(with_change(s, row.name, 2.0, "test"), row.name) == (2.0, row.high)
    assert lever_range(s, row.name, 500.0) == (row.low, 1_000.0)
    assert lever_range(with_change(s, row.name, 499.0, "test"), row.name, 2.0) == (2.0, 500.0)
