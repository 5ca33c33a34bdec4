"""I-83 and I-84: the simulated mean wait against exact formulas, pooled over long runs."""

import math

import pytest

from dosecost.analysis.queueing import simulate
from dosecost.analysis.queueing_design import Runs, plain_queue

LOADS = (0.5, 0.8, 0.9)
DAYS = 0.1
ARRIVALS = 200_000


def erlang_c(servers: int, load: float) -> float:
    """Chance that an arrival waits, M/M/c."""
    offered = servers * load
    waiting = offered**servers / math.factorial(servers) / (1 - load)
    return waiting / (sum(offered**k / math.factorial(k) for k in range(servers)) + waiting)


def mean_wait(servers: int, load: float, variability: float, replications: int) -> float:
    a_year = 365.0 * load * servers / DAYS
    runs = Runs(ARRIVALS / a_year, 40_000 / a_year, replications)
    s = simulate(plain_queue(a_year, servers, DAYS, 1.0, variability), runs, compiled=True)
    assert s.figures["patients"].mean * runs.years == pytest.approx(ARRIVALS, rel=0.01)
    assert s.figures["used_suites"].mean == pytest.approx(load, rel=0.01)
    return s.figures["slot_wait_mean"].mean


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("servers", [1, 4, pytest.param(16, marks=pytest.mark.slow)])
def test_I_83_exponential_durations(servers: int, load: float) -> None:
    exact = erlang_c(servers, load) * DAYS / (servers * (1 - load))
    # With many servers and a low load few arrivals wait at all, so the mean needs more of them.
    assert mean_wait(servers, load, 1.0, 96 if servers == 16 else 24) == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize("load", LOADS)
def test_I_83_equal_durations_wait_half_as_long(load: float) -> None:
    exact = DAYS * load / (2 * (1 - load))
    assert mean_wait(1, load, 0.0, 24) == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize("variability", [0.25, 4.0])
def test_pollaczek_and_khinchine(variability: float) -> None:
    exact = DAYS * 0.8 / 0.2 * (1 + variability) / 2
    assert mean_wait(1, 0.8, variability, 48) == pytest.approx(exact, rel=0.03)
