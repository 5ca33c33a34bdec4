"""The cell balance: by hand, against scipy and against simulation, and what can never happen."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dosecost import recipes, scenario
from dosecost.arithmetic import binormal_cdf, log, normal_cdf
from dosecost.evaluation import evaluate
from dosecost.quantities.cells import CellBalance, Cells, balance
from dosecost.quantities.losses import MOST_MISSED
from dosecost.quantities.process import Process
from dosecost.scenario import with_change, with_changes
from dosecost.trace import Traced, inputs_behind
from tests.quantities.builders import check_rows, exactly, stated

FOUNDER = scenario.load("founder")
RECIPE = recipes.load()["manual_open"]
CELLS = Cells(
    cd3_collected=2.0,
    cd3_collected_log_sd=0.5,
    cd3_minimum=1.0,
    selection_recovery=0.5,
    cells_into_culture=0.2,
    fold_expansion=16.0,
    fold_expansion_days=13.0,
    fold_expansion_lag_days=1.0,
    fold_expansion_log_sd=0.3,
    transduced_fraction=0.5,
    transduced_fraction_log_sd=0.4,
    knock_out_efficiency=0.9,
    harvest_recovery=0.8,
    post_thaw_viability=0.75,
    target_dose=0.12,
)
NO_LIMIT = {"cells_into_culture": 100.0, "cd3_minimum": 0.001}
STAGES = ("collected", "selected", "into_culture", "expanded", "transduced", "harvested", "viable")


def lot(days: Any = 7.0, **changed: Any) -> CellBalance:
    """The balance at so many days of culture; nothing else of the process is read."""
    return balance(replace(CELLS, **changed), stated(Process, culture_days=days), RECIPE)


# ---- by hand --------------------------------------------------------------------------------------------------


def test_the_median_lot_by_hand() -> None:
    """2.0 × 0.5 = 1.0 selected, 0.2 of it into culture. Of 7 days 6 grow, half of 13 − 1: √16 = 4-fold, 0.8.

    Half is CAR+: 0.4; 0.8 of it harvested: 0.32; 0.75 viable: 0.24, twice the dose of 0.12. Two spreads of 0.3 and 0.4
    make 0.5: ln(1/2) / 0.5 = −1.3863, and 8.2828 % of a normal lies below. The minimum fills the culture (1 × 0.5 of
    0.2), so the collection adds nothing; ln(1/2) / 0.5 of the collections are below it, 8.2828 % too.
    """
    b = lot()
    expected = (2.0, 1.0, 0.2, 0.8, 0.4, 0.32, 0.24)
    assert tuple(getattr(b, stage) for stage in STAGES) == exactly(expected)
    assert b.target == 0.12
    assert b.missed_dose == pytest.approx(0.082_828, abs=1e-6)
    assert b.below_minimum == pytest.approx(0.082_828, abs=1e-6)


@pytest.mark.parametrize(
    ("days", "fold"),
    [
        (0.5, 1.0),  # a culture within the lag
        (1.0, 1.0),
        (4.0, 2.0),  # 16^(3/12)
        (13.0, 16.0),
        (25.0, 256.0),  # twice as long a growth: squared
    ],
)
def test_growth_follows_the_culture(days: float, fold: float) -> None:
    b = lot(days)
    assert b.expanded / b.into_culture == exactly(fold)
    assert b.viable == exactly(0.2 * fold * 0.3)


def test_a_poor_collection_limits_the_culture() -> None:
    """0.3 × 0.5 = 0.15 of the wanted 0.2; a collection below the minimum is topped up to it."""
    assert lot(cd3_collected=0.3, cd3_minimum=0.1).into_culture == exactly(0.15)
    assert lot(cd3_collected=0.3, cd3_minimum=0.36).into_culture == exactly(0.18)
    assert lot(cells_into_culture=5.0).into_culture == 1.0


def test_no_freezing_no_loss_at_thaw() -> None:
    without = replace(RECIPE, steps=tuple(step for step in RECIPE.steps if step.id != "cryo"))
    b = balance(CELLS, stated(Process, culture_days=7.0), without)
    assert b.viable == b.harvested
    assert b.missed_dose < lot().missed_dose


def test_all_selected_cells_in_culture_make_a_log_normal_product() -> None:
    """1.0 selected × 1.2 viable CAR+ a cell = 1.2; spreads 0.3, 0.4 and 0.5 make √0.5 = 0.7071."""
    for dose, missed in ((1.2, 0.5), (0.6, stats.norm.cdf(math.log(0.5) / math.sqrt(0.5)))):
        assert lot(**NO_LIMIT, target_dose=dose).missed_dose == pytest.approx(missed, abs=1e-9)


# ---- against others -------------------------------------------------------------------------------------------


def test_against_scipy_s_lognormal() -> None:
    full = lot()
    assert full.missed_dose == pytest.approx(stats.lognorm(s=0.5, scale=full.viable).cdf(0.12), rel=1e-12)
    assert full.below_minimum == pytest.approx(stats.lognorm(s=0.5, scale=2.0).cdf(1.0), rel=1e-12)
    limited = lot(**NO_LIMIT)
    assert limited.missed_dose == pytest.approx(stats.lognorm(s=math.sqrt(0.5), scale=1.2).cdf(0.12), rel=1e-9)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        NO_LIMIT | {"target_dose": 0.5},
        {"cells_into_culture": 1.0, "cd3_minimum": 0.001, "target_dose": 0.7},
        {"cells_into_culture": 0.6, "cd3_minimum": 0.8, "target_dose": 0.5},
        {"cells_into_culture": 2.0, "cd3_minimum": 1.5, "target_dose": 1.0},
        {"cells_into_culture": 1.5, "cd3_collected": 0.5, "cd3_collected_log_sd": 1.2, "target_dose": 0.3},
    ],
)
def test_against_simulation(changed: dict[str, float]) -> None:
    """400,000 lots drawn factor by factor; five standard errors of the share."""
    c, n = replace(CELLS, **changed), 400_000
    draw = np.random.default_rng(20_261_124)
    collected = c.cd3_collected * np.exp(c.cd3_collected_log_sd * draw.standard_normal(n))
    selected = np.maximum(collected, c.cd3_minimum) * c.selection_recovery
    fold = 4.0 * np.exp(c.fold_expansion_log_sd * draw.standard_normal(n))
    fraction = c.transduced_fraction * np.exp(c.transduced_fraction_log_sd * draw.standard_normal(n))
    viable = np.minimum(selected, c.cells_into_culture) * fold * fraction * c.harvest_recovery * c.post_thaw_viability
    missed = lot(**changed).missed_dose
    assert 0.001 < missed < 0.999
    assert abs((viable < c.target_dose).mean() - missed) < 5 * math.sqrt(missed * (1 - missed) / n)


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.5, 0.8, 0.95])
def test_two_normal_numbers_against_scipy(correlation: float) -> None:
    together = stats.multivariate_normal(cov=[[1.0, correlation], [correlation, 1.0]])
    for x, y in ((0.0, 0.0), (-1.0, 0.5), (2.0, -2.5), (-3.0, -3.0), (4.0, 1.0)):
        assert binormal_cdf(x, y, correlation) == pytest.approx(together.cdf([x, y]), abs=1e-7)
    quarter = 0.25 + math.asin(correlation) / (2 * math.pi)
    assert binormal_cdf(0.0, 0.0, correlation) == pytest.approx(quarter, abs=1e-12)


def test_the_normal_against_scipy_far_out_too() -> None:
    places = np.array([-30.0, -8.0, -1.0, 0.0, 0.3, 5.0, 40.0])
    assert normal_cdf(places) == pytest.approx(stats.norm.cdf(places), rel=1e-12)
    assert [normal_cdf(float(x)) for x in places] == pytest.approx(list(normal_cdf(places)), rel=1e-14)
    assert log(np.array([1.0, math.e])) == pytest.approx([0.0, 1.0])


def test_the_helpers_record_themselves() -> None:
    x, y = Traced(-0.5, name="x"), Traced(0.25, name="y")
    for traced, value, names in (
        (log(Traced(2.0, name="x")), math.log(2.0), {"x"}),
        (normal_cdf(x), normal_cdf(-0.5), {"x"}),
        (binormal_cdf(x, y, 0.5), binormal_cdf(-0.5, 0.25, 0.5), {"x", "y"}),
    ):
        assert traced.value == value
        assert inputs_behind(traced) == names
    assert normal_cdf(x).operation == "normal_cdf"


def test_I_64_rows() -> None:
    check_rows(
        lot,
        days=[0.5, 2.0, 7.0, 12.0],
        cd3_collected=[2.0, 0.2, 1.0, 4.0],
        cells_into_culture=[0.2, 2.0, 0.5, 0.1],
        fold_expansion_log_sd=[0.2, 0.3, 0.4, 0.5],
    )


# ---- what always holds ----------------------------------------------------------------------------------------

SPREAD = st.floats(0.1, 1.5)
RANDOM = st.fixed_dictionaries(
    {
        "cd3_collected": st.floats(0.01, 20),
        "cd3_collected_log_sd": SPREAD,
        "cd3_minimum": st.floats(0.001, 5),
        "selection_recovery": st.floats(0.01, 1),
        "cells_into_culture": st.floats(0.01, 10),
        "fold_expansion": st.floats(1, 200),
        "fold_expansion_log_sd": SPREAD,
        "transduced_fraction": st.floats(0.01, 1),
        "transduced_fraction_log_sd": SPREAD,
        "target_dose": st.floats(0.001, 10),
    }
)


@given(st.floats(0.5, 30), RANDOM)
def test_a_share_is_a_share_and_cells_only_grow_in_culture(days: float, cells: dict[str, float]) -> None:
    b = lot(days, **cells)
    assert 0.0 <= b.missed_dose <= 1.0
    assert 0.0 <= b.below_minimum <= 1.0
    assert b.viable <= b.harvested <= b.transduced <= b.expanded
    assert b.into_culture <= b.selected <= b.collected
    assert b.into_culture <= b.expanded


@given(st.floats(0.5, 30), RANDOM, st.floats(0.3, 1))
def test_what_is_worse_never_misses_less(days: float, cells: dict[str, float], part: float) -> None:
    missed = lot(days, **cells).missed_dose
    worse = [lot(days * part, **cells)]
    worse += [
        lot(days, **cells | {name: cells[name] * part})
        for name in ("cd3_collected", "cd3_minimum", "cells_into_culture", "transduced_fraction", "selection_recovery")
    ]
    worse += [
        lot(days, **cells | {"fold_expansion": max(1.0, cells["fold_expansion"] * part)}),
        lot(days, **cells, harvest_recovery=CELLS.harvest_recovery * part),
        lot(days, **cells, post_thaw_viability=CELLS.post_thaw_viability * part),
        lot(days, **cells | {"target_dose": cells["target_dose"] / part}),
    ]
    assert all(missed <= other.missed_dose + 1e-6 for other in worse)


# ---- in the scenario ------------------------------------------------------------------------------------------


def test_as_published_the_balance_moves_no_cost() -> None:
    now = evaluate(FOUNDER)
    poor = evaluate(with_changes(FOUNDER, {"cells.cd3_collected": 0.1, "cells.target_dose": 2.0}, "test"))
    assert poor.results.cells.missed_dose > 0.5
    assert poor.cost == now.cost


def test_from_the_cells_the_missed_dose_replaces_the_published_share() -> None:
    counted = with_change(FOUNDER, "starting_material", "cell_balance", "test")
    e, as_published = evaluate(counted), evaluate(FOUNDER)
    funnel, losses, missed = e.results.funnel, e.areas.losses, e.results.cells.missed_dose
    passed = 1.0 - losses.manufacturing_failure * losses.patient_material_share
    released = (1.0 - as_published.results.funnel.lot_failure_rate) / passed * (1.0 - missed)
    assert 1.0 - funnel.lot_failure_rate == exactly(released)
    first = funnel.lots_started - funnel.lots_remade
    assert funnel.failed_patient_material == exactly(first * missed * (2.0 - losses.remake_success))
    other = evaluate(with_change(counted, "losses.manufacturing_failure", 0.5, "test"))
    assert other.cost == e.cost


def test_cells_that_never_reach_the_dose_leave_a_finite_cost() -> None:
    changes = {"starting_material": "cell_balance", "remake": "no", "cells.target_dose": 100.0}
    e = evaluate(with_changes(FOUNDER, changes, "test"))
    assert e.results.cells.missed_dose == pytest.approx(1.0)
    funnel = e.results.funnel
    assert funnel.failed_patient_material == exactly(funnel.lots_started * MOST_MISSED)
    assert math.isfinite(e.cost.per_patient_infused)


def test_a_shorter_culture_misses_more() -> None:
    counted = with_change(FOUNDER, "starting_material", "cell_balance", "test")
    missed = [
        evaluate(with_change(counted, "process.culture_days", days, "test")).results.funnel.lot_failure_rate
        for days in (12.0, 9.0, 7.0, 3.0, 0.5)
    ]
    assert missed == sorted(missed)
    assert missed[0] < missed[-1]
