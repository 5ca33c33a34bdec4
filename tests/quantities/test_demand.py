"""Who still waits, by hand."""

import numpy as np

from dosecost.quantities.demand import DAYS_PER_WEEK, DAYS_PER_YEAR, Demand, still_waiting
from tests.quantities.builders import check_rows, exactly, stated


def waiting(drop_out: float, days: float) -> float:
    result: float = still_waiting(stated(Demand, drop_out_per_week=drop_out), days)
    return result


def test_a_tenth_leaves_each_week() -> None:
    # 100 patients: 90 after one week, 81 after two, 72.9 after three.
    assert 100 * waiting(0.1, 7.0) == exactly(90.0)
    assert 100 * waiting(0.1, 14.0) == exactly(81.0)
    assert 100 * waiting(0.1, 21.0) == exactly(72.9)


def test_half_a_week_twice_is_a_week() -> None:
    # Half of a week in which 19 of 100 leave keeps 90 of 100: 0.9 × 0.9 = 0.81.
    assert waiting(0.19, 3.5) == exactly(0.9)


def test_nobody_leaves_without_a_wait_or_without_drop_out() -> None:
    assert waiting(0.1, 0.0) == 1.0
    assert waiting(0.0, 60.0) == 1.0


def test_I_64_rows() -> None:
    check_rows(waiting, drop_out=[0.0, 0.02, 0.5], days=[10.0, 0.0, 31.5])


def test_calendar() -> None:
    assert np.array([DAYS_PER_WEEK, DAYS_PER_YEAR]).tolist() == [7.0, 365.0]
