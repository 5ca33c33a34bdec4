"""Every input at each of its declared bounds, one at a time: no exception, no infinity, no negative cost."""

import math

import pytest

from dosecost import inputs, recipes
from dosecost.evaluation import evaluate, rows_in_use
from dosecost.quantities.people import ROLES
from dosecost.scenario import load, with_change, with_changes


@pytest.mark.slow
@pytest.mark.parametrize("platform", list(recipes.load()))
@pytest.mark.parametrize(
    ("name", "tenure"), [("founder", "lease"), ("academic", "host_hospital"), ("investor", "cdmo")]
)
def test_I_19_every_input_at_its_bounds(name: str, tenure: str, platform: str) -> None:
    s = with_changes(load(name), {"platform": platform, "tenure": tenure}, "test")
    for key in rows_in_use(s):
        bounds = inputs.bounds_of(key)
        assert bounds is not None
        for value in (bounds.at_least, bounds.at_most):
            e = evaluate(with_change(s, key, value, "test"))
            numbers = [line.annual for line in e.results.lines]
            numbers += [*e.cost[:6], *e.results.funnel, *(month.closing for month in e.cash.months)]
            assert all(math.isfinite(number) for number in numbers), f"{key} = {value}"
            assert all(line.annual >= -1e-6 for line in e.results.lines), f"{key} = {value}"


def test_I_24_all_prices_zero_cost_nothing() -> None:
    s = load("founder")
    free = {name: 0.0 for name, row in rows_in_use(s).items() if row.is_money}
    e = evaluate(with_changes(s, free, "test"))
    assert e.cost.per_patient_infused == 0
    assert e.cost.fixed_share == 0
    assert e.cost.failure_share == pytest.approx(evaluate(s).cost.failure_share)


def test_a_sponsor_without_people_pays_none() -> None:
    s = with_changes(load("founder"), {"tenure": "cdmo"}, "test")
    nobody = {f"people.roles.{role}.sponsor_minimum": 0.0 for role in ROLES}
    idle = ("record_review_hours", "disposition_hours", "deviation_hours", "scheduling_hours")
    e = evaluate(with_changes(s, nobody | {f"people.{name}": 0.0 for name in idle}, "test"))
    assert e.results.heads.total == 0
    assert e.cost.categories["labour"] == 0
