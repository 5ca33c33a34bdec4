"""The cell balance: by hand, against scipy and against simulation, and what can never happen."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dosecost import recipes, scenario
from dosecost.arithmetic import share_below
from dosecost.evaluation import evaluate
from dosecost.quantities.cells import Balance, Cells, balance
from dosecost.scenario import with_change
from dosecost.trace import Traced, inputs_behind

FOUNDER = evaluate(scenario.load("founder"))
RECIPE = recipes.load()["manual_open"]
CELLS = Cells(
    cd3_collected=2.0,
    cd3_collected_log_sd=0.5,
    cd3_minimum=1.0,
    selection_recovery=0.5,
    cells_into_culture=0.2,
    fold_expansion=16.0,
    fold_expansion_days=12.0,
    fold_expansion_log_sd=0.3,
    transduced_fraction=0.5,
    transduced_fraction_log_sd=0.4,
    harvest_recovery=0.8,
    post_thaw_viability=0.75,
    target_dose=0.12,
)


def lot(days: float = 6.0, **changed: float) -> Balance:
    """The balance at so many days of culture."""
    return balance(replace(CELLS, **changed), replace(FOUNDER.areas.process, culture_days=days), RECIPE)


def test_by_hand() -> None:
    """2.0 x 0.5 = 1.0 selected, 0.2 in culture; 6 of 12 days give 16^0.5 = 4: 0.8; 0.4 CAR+; 0.32; 0.24 viable."""
    b = lot()
    assert (b.selected, b.into_culture) == (1.0, 0.2)
    assert b.expanded == pytest.approx(0.8)
    assert b.transduced == pytest.approx(0.4)
    assert b.harvested == pytest.approx(0.32)
    assert b.viable == pytest.approx(0.24)
    # ln(0.12 / 0.24) / 0.5 = -1.3863 and ln(1 / 2) / 0.5 = -1.3863: 8.283 % of a normal lies below
    assert b.short_of_dose == pytest.approx(0.082_83, abs=5e-6)
    assert b.below_minimum == pytest.approx(0.082_83, abs=5e-6)
    assert b.missed_dose == pytest.approx(0.082_83 + 0.917_17 * 0.082_83, abs=1e-5)


def test_the_culture_takes_no_more_than_was_selected() -> None:
    assert lot(cells_into_culture=5.0).into_culture == 1.0


def test_no_freezing_no_loss_at_thaw() -> None:
    without = replace(RECIPE, steps=tuple(step for step in RECIPE.steps if step.id != "cryo"))
    b = balance(CELLS, FOUNDER.areas.process, without)
    assert b.viable == b.harvested


def test_against_scipy_s_normal_and_lognormal() -> None:
    b = lot()
    spread = math.hypot(0.3, 0.4)
    assert b.short_of_dose == pytest.approx(stats.lognorm(s=spread, scale=b.viable).cdf(0.12), rel=1e-12)
    assert b.below_minimum == pytest.approx(stats.norm.cdf(math.log(1.0 / 2.0) / 0.5), rel=1e-12)


def test_against_simulation() -> None:
    """400,000 lots drawn factor by factor; four standard errors of a share of 16 % are 0.23 points."""
    draw = np.random.default_rng(20_261_124)
    n = 400_000
    collected = 2.0 * np.exp(0.5 * draw.standard_normal(n))
    fold = 4.0 * np.exp(0.3 * draw.standard_normal(n))
    fraction = 0.5 * np.exp(0.4 * draw.standard_normal(n))
    viable = 0.2 * fold * fraction * 0.8 * 0.75
    missed = (collected < 1.0) | (viable < 0.12)
    b = lot()
    assert abs(missed.mean() - b.missed_dose) < 4 * math.sqrt(b.missed_dose * (1 - b.missed_dose) / n)


@given(
    st.floats(0.5, 30),
    st.floats(0.01, 50),
    st.floats(0.01, 1),
    st.floats(1, 200),
    st.floats(0.01, 1),
    st.floats(0.01, 10),
)
def test_what_always_holds(
    days: float, collected: float, recovery: float, fold: float, car: float, dose: float
) -> None:
    given_cells = {
        "cd3_collected": collected,
        "selection_recovery": recovery,
        "fold_expansion": fold,
        "transduced_fraction": car,
        "target_dose": dose,
    }
    b = lot(days, **given_cells)
    assert b.selected <= b.collected
    assert b.into_culture <= b.selected
    assert b.into_culture <= b.expanded * (1 + 1e-12)
    assert b.viable <= b.harvested <= b.transduced <= b.expanded
    assert 0.0 <= b.short_of_dose <= b.missed_dose <= 1.0
    assert b.below_minimum <= b.missed_dose
    worse = [
        lot(days * 0.9, **given_cells),
        lot(days, **given_cells | {"cd3_collected": collected * 0.9}),
        lot(days, **given_cells | {"transduced_fraction": car * 0.9}),
        lot(days, **given_cells | {"target_dose": dose * 1.1}),
    ]
    assert all(b.missed_dose <= other.missed_dose + 1e-12 for other in worse)


def test_a_helper_for_floats_arrays_and_traced_numbers() -> None:
    expected = stats.lognorm(s=0.5, scale=2.0).cdf([0.5, 2.0, 8.0])
    assert share_below(np.array([0.5, 2.0, 8.0]), 2.0, 0.5) == pytest.approx(expected)
    assert share_below(2.0, 2.0, 0.5) == 0.5
    assert type(share_below(0.5, 2.0, 0.5)) is float
    traced = share_below(Traced(0.5, name="limit"), Traced(2.0, name="median"), 0.5)
    assert traced.value == pytest.approx(expected[0])
    assert traced.operation == "share_below"
    assert inputs_behind(traced) == {"limit", "median"}


def test_a_shorter_culture_misses_more_and_costs_less() -> None:
    short = evaluate(with_change(scenario.load("founder"), "process.culture_days", 7.0, "test"))
    assert short.results.cells.missed_dose > FOUNDER.results.cells.missed_dose
    assert short.cost.per_patient_infused < FOUNDER.cost.per_patient_infused
