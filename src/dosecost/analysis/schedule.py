"""Which suite and which device holds which lot, day by day: one path of the simulated queue, laid into lanes."""

from math import floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost.analysis import queueing_rules as rules
from dosecost.analysis.queueing_design import WHERE, Design, Runs, numbers_of
from dosecost.analysis.queueing_forms import form, sample
from dosecost.arithmetic import SLACK
from dosecost.errors import InputError
from dosecost.quantities.demand import DAYS_PER_WEEK, DAYS_PER_YEAR

Floats = NDArray[np.float64]
WEEKS = 12
LAST_WEEK = 52
WARM_UP_YEARS = 1.0


class Hold(NamedTuple):
    """A lot in a lane (counted from 0), from ``start`` to ``end``, days after the window's first; they may lie outside
    it. ``again`` says that it is a second attempt."""

    lane: int
    lot: int
    again: bool
    start: float
    end: float


class Schedule(NamedTuple):
    """The window and what is held in it: places for lots in suites, and places in the limiting device.

    ``shutdowns`` are days after the window's first, cut to it.
    """

    first_week: int
    days: float
    places: int
    device_places: int
    rooms: list[Hold]
    devices: list[Hold]
    shutdowns: list[tuple[float, float]]


def schedule(design: Design, first_week: int = 14, weeks: int = WEEKS, seed: int = 1) -> Schedule:
    """Weeks of the year after one of warm-up, of the first replication of a simulation with that seed.

    Lots are given the free lane with the lowest number, in the order in which they start. Raises InputError where the
    weeks do not lie inside the year.
    """
    if not 1 <= first_week <= LAST_WEEK - weeks + 1 or weeks < 1:
        raise InputError(WHERE, "first_week", f"{first_week} is not between 1 and {LAST_WEEK - weeks + 1}")
    numbers = numbers_of(design, Runs(years=1.0, warm_up_years=WARM_UP_YEARS))
    made = sample(numbers, seed, 0, 1, form(None), design.arrival_variability)
    begin = WARM_UP_YEARS * DAYS_PER_YEAR + (first_week - 1) * DAYS_PER_WEEK
    days = weeks * DAYS_PER_WEEK
    starts, lots = made.lots[:, rules.START], made.lots

    def held(column: int, lanes: int) -> list[Hold]:
        ends = lots[:, column]
        rows = zip(lanes_of(starts, ends, lanes), range(len(lots)), lots[:, rules.SECOND], starts, ends, strict=True)
        return [
            Hold(lane, lot + 1, bool(again), float(start - begin), float(end - begin))
            for lane, lot, again, start, end in rows
            if end > start and end > begin and start < begin + days
        ]

    return Schedule(
        first_week=first_week,
        days=days,
        places=design.places,
        device_places=design.device_places,
        rooms=held(rules.PLACE_END, design.places),
        devices=held(rules.DEVICE_END, design.device_places),
        shutdowns=_shutdowns(design, begin, days),
    )


def lanes_of(starts: Floats, ends: Floats, lanes: int) -> list[int]:
    """The lane of each interval, given in the order of their starts: the lowest one that is free by then.

    The caller knows that never more than ``lanes`` overlap; where rounding says otherwise, the one that is free first.
    """
    free = np.full(min(lanes, max(1, len(starts))), -np.inf)
    found = []
    for start, end in zip(starts, ends, strict=True):
        ready = np.flatnonzero(free <= start * (1.0 + SLACK))
        lane = int(ready[0]) if len(ready) else int(free.argmin())
        free[lane] = end
        found.append(lane)
    return found


def _shutdowns(design: Design, begin: float, days: float) -> list[tuple[float, float]]:
    if not design.shutdown_days:
        return []
    end = (floor(begin / DAYS_PER_YEAR) + 1) * DAYS_PER_YEAR - begin
    start = end - design.shutdown_days
    return [(max(start, 0.0), min(end, days))] if start < days else []
