"""What can be promised: the search, its interval, its ends, progress and stopping."""

from dataclasses import replace
from typing import Any

import pytest

from dosecost.analysis import queueing_promise
from dosecost.analysis.queueing import Estimate, Stopped, simulate, within_name
from dosecost.analysis.queueing_design import Design, Runs, plain_queue
from dosecost.analysis.queueing_promise import TOLERANCE, at_demand, ceiling, curve, promise
from dosecost.errors import InputError
from tests.analysis.test_queueing import FULL

RUNS = Runs(years=6.0, replications=60)


def test_the_promise_is_kept_and_a_little_more_is_not() -> None:
    kept = promise(FULL, 14.0, runs=RUNS)
    assert kept.at is not None
    assert kept.low <= kept.patients_per_year <= kept.high < kept.ceiling
    assert kept.at.design.patients_per_year == kept.patients_per_year
    name = within_name(14.0)
    assert kept.at.figures[name].mean >= 0.9
    more = at_demand(FULL, kept.patients_per_year + TOLERANCE * kept.ceiling)
    assert simulate(more, RUNS, (14.0,)).figures[name].mean < 0.9
    assert simulate(at_demand(FULL, kept.low), RUNS, (14.0,)).figures[name].low >= 0.9
    assert kept == promise(FULL, 14.0, runs=RUNS, compiled=False)


def test_longer_waits_and_weaker_words_promise_more() -> None:
    limits = [promise(FULL, limit, runs=RUNS).patients_per_year for limit in (5.0, 10.0, 20.0, 40.0)]
    assert limits == sorted(limits)
    words = [promise(FULL, 14.0, quantile, RUNS).patients_per_year for quantile in (0.95, 0.9, 0.8, 0.5)]
    assert words == sorted(words)
    more = promise(replace(FULL, places=5, device_places=4), 14.0, runs=RUNS).patients_per_year
    assert more >= promise(FULL, 14.0, runs=RUNS).patients_per_year


def test_a_queue_of_one_server_can_promise_what_its_formula_says() -> None:
    # M/M/1: the chance to wait more than t is load × exp(−(1 − load) × t ÷ days), here 0.1 at 20 days of 2 days each.
    load = 0.8140
    kept = promise(plain_queue(10.0, 1, 2.0, 1.0, 1.0), 20.0 * 1.1275, runs=Runs(20.0, 2.0, 200))
    assert kept.ceiling == pytest.approx(182.5)
    assert load * 2.718281828 ** (-(1 - load) * 22.55 / 2.0) == pytest.approx(0.1, rel=0.01)
    assert kept.patients_per_year == pytest.approx(load * 182.5, rel=0.02)


def test_a_limit_that_is_never_kept_promises_nothing() -> None:
    shut = replace(FULL, shutdown_days=180.0)
    kept = promise(shut, 0.0, runs=RUNS)
    assert (kept.patients_per_year, kept.at) == (0.0, None)


def test_a_limit_beyond_every_wait_is_open_ended() -> None:
    assert promise(FULL, 365.0, runs=RUNS).open_ended
    assert not promise(FULL, 14.0, runs=RUNS).open_ended


def test_no_demand_looked_at_contradicts_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """The share is noisy, so that a search by halving alone may end above a demand that fails."""
    looked_at: dict[float, Estimate] = {}

    def remember(design: Design, *args: Any, **more: Any) -> Any:
        found = simulate(design, *args, **more)
        looked_at[design.patients_per_year] = found.figures[within_name(14.0)]
        return found

    monkeypatch.setattr(queueing_promise, "simulate", remember)
    kept = promise(FULL, 14.0, runs=Runs(years=2.0, replications=8))
    assert all(share.low >= 0.9 for demand, share in looked_at.items() if demand <= kept.low)
    assert all(share.high < 0.9 for demand, share in looked_at.items() if demand > kept.high)
    assert kept.low <= kept.patients_per_year <= kept.high


def test_the_ceiling_is_where_a_load_reaches_one() -> None:
    most = ceiling(FULL)
    assert max(at_demand(FULL, most).loads.values()) == pytest.approx(1.0)


def test_the_curve_stops_where_no_steady_state_is() -> None:
    most = ceiling(FULL)
    points = curve(FULL, [0.5 * most, 0.9 * most, 1.1 * most], RUNS)
    assert [point.unstable for point in points] == [False, False, True]
    assert points[0].figures["slot_wait_p90"].mean < points[1].figures["slot_wait_p90"].mean
    assert points[0].figures["share_lost_waiting"].mean < points[1].figures["share_lost_waiting"].mean


def test_progress_rises_to_one_and_can_stop() -> None:
    told: list[float] = []

    def remember(done: float) -> bool:
        told.append(done)
        return True

    promise(FULL, 14.0, runs=RUNS, progress=remember)
    assert told == sorted(told)
    assert told[-1] == 1.0
    told.clear()
    curve(FULL, [30.0, 50.0, 500.0], RUNS, progress=remember)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    with pytest.raises(Stopped):
        promise(FULL, 14.0, runs=RUNS, progress=lambda done: done < 0.2)
    with pytest.raises(Stopped):
        curve(FULL, [30.0, 50.0], RUNS, progress=lambda done: done < 0.6)


@pytest.mark.parametrize(("limit", "quantile", "what"), [(-1.0, 0.9, "wait_limit"), (14.0, 1.0, "quantile")])
def test_a_limit_out_of_range_is_refused(limit: float, quantile: float, what: str) -> None:
    with pytest.raises(InputError, match=what):
        promise(FULL, limit, quantile)
