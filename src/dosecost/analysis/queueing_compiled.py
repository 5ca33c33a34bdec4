"""The queue simulation as compiled code, one patient after the other. Importing this needs numba and takes a moment;
the compiler runs at the first call and keeps its result on disk where it can.

The rules stand in ``docs/model.md``, "Simulation of the queue"; ``queueing_lanes`` has the same in numpy.
"""

import math
from typing import Any

import numba
import numpy as np

from dosecost.analysis import queueing_rules as rules
from dosecost.analysis.queueing_rules import (
    ASKED,
    BEFORE_HORIZON,
    BEFORE_MIDDLE,
    BEFORE_REMAKE,
    BEFORE_START,
    BEFORE_WARM_UP,
    CAUSE,
    DEVICE_END,
    DEVICE_TIME,
    DURATION,
    EARLY,
    FAILED,
    FIRST_CAUSE,
    GAP,
    INFUSED,
    INFUSION_WAIT,
    LEFT,
    LIFE,
    LOTS,
    OFFERED,
    OUTCOME,
    OWNER,
    PATIENTS,
    PLACE_END,
    PLACE_TIME,
    READY,
    RECEIPT,
    REJECTED,
    REMADE,
    REMADE_DURATION,
    REMAKE,
    REMAKE_WAIT,
    SECOND,
    SHIPMENT,
    SHIPPING,
    SLOT_WAIT,
    SOJOURN,
    START,
    STEP,
    TEAM_END,
    TEAM_START,
    TEAM_TIME,
    VEIN_TO_VEIN,
)


def _jit(function: Any) -> Any:
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder to keep the compiled code in
        return numba.njit(nogil=True)(function)


_mixed, _uniform, _exponential = _jit(rules.mixed), _jit(rules.uniform), _jit(rules.exponential)


@_jit
def _draw(key: Any, purpose: int) -> Any:
    return _uniform(_mixed(key + STEP * np.uint64(purpose + 1)))


@_jit
def _waiting(key: Any, purpose: int) -> Any:
    mantissa, exponent = math.frexp(_draw(key, purpose))
    return _exponential(mantissa, exponent)


@_jit
def _varying(key: Any, purpose: int, v: Any) -> Any:
    scale = v.scale
    if v.share < 1.0 and _draw(key, purpose + 1) >= v.share:
        scale = v.other
    return v.base + scale * _waiting(key, purpose)


@_jit
def _take_first(free: Any, until: float) -> None:
    """Replace the earliest time of a heap by a later one."""
    size, at = len(free), 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and free[child + 1] < free[child]:
            child += 1
        if free[child] >= until:
            break
        free[at] = free[child]
        at = child
    free[at] = until


@_jit
def _before(a_day: float, a_who: int, b_day: float, b_who: int) -> bool:
    return a_day < b_day or (a_day == b_day and a_who < b_who)


@_jit
def _push(days: Any, who: Any, size: int, day: float, patient: int) -> None:
    at = size
    while at > 0:
        parent = (at - 1) // 2
        if not _before(day, patient, days[parent], who[parent]):
            break
        days[at], who[at] = days[parent], who[parent]
        at = parent
    days[at], who[at] = day, patient


@_jit
def _pop(days: Any, who: Any, size: int) -> None:
    """Drop the first of ``size`` entries."""
    last = size - 1
    day, patient, at = days[last], who[last], 0
    while True:
        child = 2 * at + 1
        if child >= last:
            break
        if child + 1 < last and _before(days[child + 1], who[child + 1], days[child], who[child]):
            child += 1
        if not _before(days[child], who[child], day, patient):
            break
        days[at], who[at] = days[child], who[child]
        at = child
    days[at], who[at] = day, patient


@_jit
def _inside(start: float, end: float, n: Any) -> Any:
    return max(0.0, min(end, n.horizon) - max(start, n.warm_up))


@_jit
def _replication(
    n: Any, key: Any, waits: Any, counts: Any, sums: Any, patients: Any, lots: Any, asked: Any, left: Any, cause: Any
) -> tuple[int, int, int]:
    """One replication: patients who asked, before the warm-up's end, before the middle; −1 where the arrays are short.

    ``asked``, ``left`` (the day on which a patient's life in the queue would end) and ``cause`` are scratch space.
    """
    free_places, free_devices = np.zeros(n.places), np.zeros(n.devices)
    team_free, last_start = 0.0, 0.0
    room = len(waits)
    again_day, again_who, waiting = np.empty(room), np.empty(room, np.int64), 0
    count, warm, early, made = 0, 0, 0, 0
    next_key = _mixed(key)
    next_ask = n.gap * _varying(next_key, GAP, n.gaps)
    while next_ask < n.horizon or waiting > 0:
        second = waiting > 0 and (next_ask >= n.horizon or again_day[0] < next_ask + n.to_start)
        if second:
            ready, who = again_day[0], again_who[0]
            _pop(again_day, again_who, waiting)
            waiting -= 1
            own = _mixed(key + STEP * np.uint64(who))
        else:
            if count >= room:
                return -1, 0, 0
            who, own, ask = count, next_key, next_ask
            count += 1
            asked[who] = ask
            left[who] = ask + n.mean_life * _waiting(own, LIFE)
            ready = ask + n.to_start
            next_key = _mixed(key + STEP * np.uint64(count))
            next_ask = ask + n.gap * _varying(next_key, GAP, n.gaps)
            if ask < n.middle:
                early += 1
            if ask < n.warm_up:
                warm += 1
            else:
                counts[PATIENTS] += 1
        ask = asked[who]
        counted = ask >= n.warm_up

        factor = _varying(own, REMADE_DURATION if second else DURATION, n.durations)
        factor = min(factor, n.most)
        place_days = max(n.place_days * factor, n.team_days)
        device_days = n.device_days * factor
        start = max(ready, free_places[0], free_devices[0], team_free + n.team_days - place_days, last_start)
        if n.shutdown > 0.0:
            year = math.floor(start / n.period)
            end_of_year = (year + 1.0) * n.period
            if start + max(place_days, device_days) > end_of_year - n.shutdown:
                start = end_of_year
        wait = start - ready

        outcome, day = -1, left[who]
        if second:
            if left[who] < start:
                outcome = BEFORE_REMAKE
        else:
            waits[who] = wait
            if left[who] < start - n.to_start:
                outcome = SLOT_WAIT
            elif left[who] < start:
                outcome = BEFORE_START
            elif _draw(own, RECEIPT) < n.rejection:
                outcome, day = REJECTED, start
        if outcome < 0:
            _take_first(free_places, start + place_days)
            _take_first(free_devices, start + device_days)
            team_start = max(team_free, start)
            team_free = team_start + n.team_days
            last_start = start
            sums[PLACE_TIME] += _inside(start, start + place_days, n)
            sums[DEVICE_TIME] += _inside(start, start + device_days, n)
            sums[TEAM_TIME] += _inside(team_start, team_free, n)
            if len(lots) > 0:
                row = lots[made]
                row[OWNER], row[SECOND], row[READY], row[START] = who, second * 1.0, ready, start
                row[PLACE_END], row[DEVICE_END] = start + place_days, start + device_days
                row[TEAM_START], row[TEAM_END] = team_start, team_free
            made += 1
            if counted:
                counts[LOTS] += 1
                if second:
                    counts[REMADE] += 1
                    sums[REMAKE_WAIT] += wait
            made_by = start + n.process_days * factor
            released = made_by + n.release_days
            if second:
                failed = _draw(own, REMAKE) >= n.remake_success
            else:
                chance = _draw(own, CAUSE)
                found = 0
                while found < len(n.failures) and chance >= n.failures[found]:
                    found += 1
                cause[who] = found
                failed = found < len(n.failures)
            if failed:
                known = made_by if cause[who] < EARLY else released
                if counted:
                    counts[FIRST_CAUSE + cause[who]] += 1
                if n.remake and not second:
                    _push(again_day, again_who, waiting, known + n.to_start, who)
                    waiting += 1
                else:
                    outcome, day = FAILED, known
            else:
                day = released + n.to_infusion
                if _draw(own, SHIPPING) < n.shipment_loss:
                    outcome = SHIPMENT
                elif left[who] < day:
                    outcome, day = INFUSION_WAIT, left[who]
                else:
                    outcome = INFUSED
                    if counted:
                        sums[VEIN_TO_VEIN] += day - (start - n.to_start)
        if outcome >= 0:
            if counted:
                counts[outcome] += 1
            sums[SOJOURN] += day - ask
            if len(patients) > 0:
                record = patients[who]
                record[ASKED], record[OFFERED], record[LEFT], record[OUTCOME] = ask, waits[who], day, outcome
    return count, warm, early


@_jit
def replicate(n: Any, keys: Any, waits: Any, counts: Any, sums: Any, sizes: Any, patients: Any, lots: Any) -> bool:
    """One replication per key into the rows of the result arrays; false where the rows of ``waits`` are too short.

    ``patients`` and ``lots`` record the first replication where they have rows; ``sizes`` counts patients.
    """
    room = waits.shape[1]
    asked, left, cause = np.empty(room), np.empty(room), np.empty(room, np.int64)
    nobody, nothing = patients[:0], lots[:0]
    for row in range(len(keys)):
        who = patients if row == 0 else nobody
        made = lots if row == 0 else nothing
        found = _replication(n, keys[row], waits[row], counts[row], sums[row], who, made, asked, left, cause)
        sizes[row, BEFORE_HORIZON], sizes[row, BEFORE_WARM_UP], sizes[row, BEFORE_MIDDLE] = found
        if found[0] < 0:
            return False
    return True
