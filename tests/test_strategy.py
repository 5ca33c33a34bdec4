"""The finding that the product exists for: what is cheap at first, and what does not scale."""

import itertools

import pytest

from dosecost import recipes
from dosecost.analysis.curves import crossovers, platform_curves, volumes_around
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_changes


def cash_need(name: str, platform: str, patients: float, tenure: str) -> float:
    """Deepest fall of cash below its opening when the plant is new, money received included."""
    s = with_changes(
        load(name),
        {"platform": platform, "demand.patients_per_year": patients, "tenure": tenure, "plan.plant": "new"},
        "test",
    )
    return s.plan.opening_cash - evaluate(s).cash.lowest


@pytest.mark.parametrize(
    ("name", "tenure"), [("academic", "build"), ("academic", "lease"), ("founder", "host_hospital")]
)
def test_at_five_patients_a_year_manual_open_needs_least_cash(name: str, tenure: str) -> None:
    need = {platform: cash_need(name, platform, 5, tenure) for platform in recipes.load()}
    assert min(need, key=lambda platform: need[platform]) == "manual_open"


def test_a_start_up_that_fits_out_its_own_grade_b_rooms_pays_more_than_for_a_closed_device() -> None:
    """The exception the sourced prices make: grade B costs 19,000 USD/m2 against 12,500 for C, more than the device."""
    need = {platform: cash_need("founder", platform, 5, "lease") for platform in recipes.load()}
    assert need["integrated_closed"] < need["manual_open"] < need["semi_auto"] < need["robotic"]
    assert need["manual_open"] < need["integrated_closed"] * 1.01


@pytest.mark.parametrize("name", ["academic", "founder", "investor"])
def test_at_two_hundred_patients_a_year_manual_open_costs_most(name: str) -> None:
    costs = {
        platform: evaluate(
            with_changes(load(name), {"platform": platform, "demand.patients_per_year": 200}, "test")
        ).cost.per_patient_infused
        for platform in recipes.load()
    }
    assert max(costs, key=lambda platform: costs[platform]) == "manual_open"


@pytest.mark.parametrize("name", ["academic", "founder", "investor"])
def test_the_cheapest_platform_changes_with_volume(name: str) -> None:
    s = load(name)
    volumes = volumes_around(s.inputs["demand.patients_per_year"])
    curves = platform_curves(s, volumes)
    found = crossovers(volumes, curves)
    assert [c.cheaper_above for c in found] == ["integrated_closed", "robotic"]
    for c in found:
        at = list(volumes).index(c.patients_per_year)
        assert curves[c.cheaper_above][at] == c.cost == min(curve[at] for curve in curves.values())
        assert curves[c.cheaper_below][at - 1] < curves[c.cheaper_above][at - 1]


def test_a_curve_passes_through_the_headline() -> None:
    s = load("founder")
    volumes = volumes_around(40)
    curve = platform_curves(s, volumes)["manual_open"]
    assert curve[list(volumes).index(40)] == pytest.approx(evaluate(s).cost.per_patient_infused, rel=1e-12)


def test_false_law_more_volume_may_cost_more_per_dose() -> None:
    """One more patient may need one more suite: the page explains the step, nobody asserts a falling curve."""
    s = load("founder")
    volumes = [float(n) for n in range(10, 60)]
    curve = platform_curves(s, volumes)["manual_open"]
    assert any(after > before for before, after in itertools.pairwise(curve))


def test_a_curve_sizes_the_plant_anew_even_for_a_fixed_one() -> None:
    s = with_changes(load("founder"), {"sizing": "fixed_plant"}, "test")
    volumes = volumes_around(40)
    fixed, sized = platform_curves(s, volumes), platform_curves(load("founder"), volumes)
    assert list(fixed["manual_open"]) == list(sized["manual_open"])
