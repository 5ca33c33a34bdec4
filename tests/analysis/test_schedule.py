"""The weeks of suites and devices: every lot of the path once, and no lane twice at one time."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dosecost.analysis.promised import formula_wait, promised, runs_for
from dosecost.analysis.queueing import Stopped
from dosecost.analysis.queueing_design import Design, Runs, design_of, plain_queue
from dosecost.analysis.schedule import WEEKS, Hold, Schedule, lanes_of, schedule
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost.scenario import load, shipped, with_changes
from tests.analysis.test_queueing import DESIGNS

FEW = Runs(years=3.0, replications=10)


def checked(made: Schedule) -> None:
    """Nothing is booked twice, nothing outside the window, nothing in a shutdown."""
    for holds, lanes in ((made.rooms, made.places), (made.devices, made.device_places)):
        assert all(0 <= hold.lane < lanes for hold in holds)
        assert all(hold.end > 0 and hold.start < made.days for hold in holds)
        for lane in {hold.lane for hold in holds}:
            own = sorted((hold for hold in holds if hold.lane == lane), key=lambda hold: hold.start)
            assert all(one.end <= following.start + 1e-6 for one, following in pairwise(own))
        for begin, end in made.shutdowns:
            assert all(hold.end <= begin + 1e-6 or hold.start >= end - 1e-6 for hold in holds)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("week", [1, 14, 41])
def test_no_lane_is_booked_twice(name: str, week: int) -> None:
    checked(schedule(DESIGNS[name], week))


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_plants_are_laid_into_their_lanes(name: str) -> None:
    design = design_of(evaluate(load(name)))
    made = schedule(design)
    checked(made)
    assert made.days == 7 * WEEKS
    assert (made.places, made.device_places) == (design.places, design.device_places)
    rooms = {(hold.lot, hold.start) for hold in made.rooms}
    assert {hold.lot for hold in made.rooms} - {hold.lot for hold in made.devices} <= {lot for lot, _ in rooms}


def test_a_regular_queue_by_hand() -> None:
    """A lot of 3 days every 2 days in two places: they take turns. A patient asks on days 2, 4, 6 and so on."""
    made = schedule(plain_queue(365.0 / 2.0, 2, 3.0, 0.0, 0.0), first_week=1, weeks=1)
    # Day 365 is the window's first: lots start on days 366, 368 (1, 3, 5 of the window), the one of 364 ends on 367.
    assert [(round(h.start), round(h.end)) for h in made.rooms] == [(-1, 2), (1, 4), (3, 6), (5, 8)]
    lanes = [h.lane for h in made.rooms]
    assert lanes in ([0, 1, 0, 1], [1, 0, 1, 0])
    assert made.devices == []  # the device of a bare queue holds nothing


def test_the_shutdown_is_cut_to_the_window() -> None:
    design = DESIGNS["full"]  # two weeks at the end of the year, its last day is of week 53
    assert schedule(design, 41).shutdowns == [(pytest.approx(71.0), pytest.approx(84.0))]
    assert schedule(design, 14).shutdowns == []
    assert schedule(DESIGNS["no shutdown"], 41).shutdowns == []


@pytest.mark.parametrize("week", [0, 42, -3])
def test_weeks_outside_the_year_are_refused(week: int) -> None:
    with pytest.raises(InputError, match="between 1 and 41"):
        schedule(DESIGNS["full"], week)


@given(some.lists(some.tuples(some.floats(0, 100), some.floats(0.1, 20)), max_size=40))
def test_lanes_are_as_many_as_overlap(rows: list[tuple[float, float]]) -> None:
    rows = sorted(rows)
    starts, ends = np.array([a for a, _ in rows]), np.array([a + b for a, b in rows])
    most = max((int(((starts <= a) & (ends > a)).sum()) for a in starts), default=1)
    lanes = lanes_of(starts, ends, most)
    holds = [Hold(lane, 0, False, a, b) for lane, a, b in zip(lanes, starts, ends, strict=True)]
    checked(Schedule(1, 200.0, most, most, holds, [], []))


# ---- promised -------------------------------------------------------------------------------------------------


def test_the_promise_comes_with_its_curve_and_the_formula() -> None:
    e = evaluate(load("founder"))
    steps: list[float] = []
    made = promised(e, 14.0, FEW, lambda done: steps.append(done) is None)
    assert steps == sorted(steps)
    assert steps[-1] == pytest.approx(1.0)
    assert made.present is not None
    assert made.present.design.patients_per_year == 40.0
    demands = [s.design.patients_per_year for s in made.curve]
    assert demands == sorted(demands)
    assert max(demands) < made.promise.ceiling
    assert len(made.formula) == len(made.curve)
    assert made.formula[demands.index(40.0)] == pytest.approx(e.results.waits.slot)
    ceiling = e.results.plant.ceiling / (e.results.plant.lots / 40.0)
    assert [wait is None for wait in made.formula] == [demand > ceiling for demand in demands]


def test_where_nothing_settles_there_is_no_present_point() -> None:
    fixed = {"sizing": "fixed_plant", "capacity.suites_installed": 1, "capacity.devices_installed": 1}
    made = promised(evaluate(with_changes(load("founder"), fixed, "test")), 14.0, FEW)
    assert made.present is None
    assert made.promise.ceiling < 40.0
    assert formula_wait(evaluate(load("founder")), 5.0) is not None


def test_a_stopped_search_gives_nothing() -> None:
    with pytest.raises(Stopped):
        promised(evaluate(load("founder")), 14.0, FEW, lambda done: done < 0.3)


@settings(max_examples=20)
@given(some.floats(0.1, 20_000))
def test_replications_fit_the_patients(patients: float) -> None:
    e = evaluate(with_changes(load("founder"), {"demand.patients_per_year": round(patients, 3)}, "test"))
    runs = runs_for(e)
    assert 20 <= runs.replications <= 200
    design: Design = design_of(e)
    if runs.replications > 20:
        assert design.patients_per_year * 11 * runs.replications <= 1_300_000
