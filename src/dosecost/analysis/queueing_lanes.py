"""The queue simulation in numpy: all replications side by side, each taking its own next event.

The rules, draws and order of additions are those of ``queueing_compiled``, so the numbers agree bit for bit; it serves
where numba is missing or not yet ready.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dosecost.analysis import queueing_rules as rules
from dosecost.analysis.queueing_rules import Numbers, Variable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bits = NDArray[np.uint64]
NOBODY = np.iinfo(np.int64).max


def draw(keys: Bits, purpose: int) -> Any:
    """A uniform number for each patient key."""
    return rules.uniform(rules.mixed(keys + np.uint64(int(rules.STEP) * (purpose + 1) % 2**64)))


def waiting(keys: Bits, purpose: int) -> Any:
    """An exponential number of mean 1 for each patient key."""
    return rules.exponential(*np.frexp(draw(keys, purpose)))


def varying(keys: Bits, purpose: int, v: Variable) -> Any:
    """A number of mean 1 with the given variability for each patient key."""
    scale = v.scale if v.share == 1.0 else np.where(draw(keys, purpose + 1) >= v.share, v.other, v.scale)
    return v.base + scale * waiting(keys, purpose)


def _inside(start: Any, end: Any, n: Numbers) -> Any:
    return np.maximum(0.0, np.minimum(end, n.horizon) - np.maximum(start, n.warm_up))


class _Again:
    """Second collections by lane: the day each is ready, and the patient."""

    def __init__(self, lanes: int) -> None:
        self.days = np.full((lanes, 4), np.inf)
        self.who = np.full((lanes, 4), NOBODY)

    def first(self) -> tuple[Any, Any]:
        """The earliest day by lane, and its column: of equal days that of the earlier patient."""
        earliest = self.days.min(axis=1)
        return earliest, np.where(self.days == earliest[:, None], self.who, NOBODY).argmin(axis=1)

    def add(self, lanes: Any, days: Any, who: Any) -> None:
        """One more in each of the lanes."""
        if not np.isinf(self.days[lanes]).any(axis=1).all():
            self.days = np.hstack([self.days, np.full_like(self.days, np.inf)])
            self.who = np.hstack([self.who, np.full_like(self.who, NOBODY)])
        column = np.isinf(self.days[lanes]).argmax(axis=1)
        self.days[lanes, column], self.who[lanes, column] = days, who

    def keep(self, lanes: Any) -> None:
        """Forget the other lanes."""
        self.days, self.who = self.days[lanes], self.who[lanes]


def replicate(
    n: Numbers,
    keys: Bits,
    waits: Floats,
    counts: Integers,
    sums: Floats,
    sizes: Integers,
    patients: Floats,
    lots: Floats,
) -> bool:
    """As ``queueing_compiled.replicate``."""
    room = waits.shape[1]
    own = rules.mixed(keys[:, None] + rules.STEP * np.arange(room + 1, dtype=np.uint64))
    asks = np.cumsum(n.gap * varying(own, rules.GAP, n.gaps), axis=1)
    asks[asks >= n.horizon] = np.inf
    asked = np.isfinite(asks).sum(axis=1)
    if asked.max() > room:
        return False
    sizes[:, rules.BEFORE_HORIZON] = asked
    sizes[:, rules.BEFORE_WARM_UP] = (asks < n.warm_up).sum(axis=1)
    sizes[:, rules.BEFORE_MIDDLE] = (asks < n.middle).sum(axis=1)
    counts[:, rules.PATIENTS] = asked - sizes[:, rules.BEFORE_WARM_UP]
    own = own[:, : asked.max() + 1]
    left = asks[:, : own.shape[1]] + n.mean_life * waiting(own, rules.LIFE)
    factors = np.minimum(varying(own, rules.DURATION, n.durations), n.most)
    second_factors = np.minimum(varying(own, rules.REMADE_DURATION, n.durations), n.most)
    refused = draw(own, rules.RECEIPT) < n.rejection
    causes = np.searchsorted(np.array(n.failures), draw(own, rules.CAUSE), side="right").astype(np.int8)
    failed_again = draw(own, rules.REMAKE) >= n.remake_success
    shipping_lost = draw(own, rules.SHIPPING) < n.shipment_loss

    lane = np.arange(len(keys))
    following = np.zeros(len(keys), np.int64)
    free_places, free_devices = np.zeros((len(keys), n.places)), np.zeros((len(keys), n.devices))
    team_free, last_start = np.zeros(len(keys)), np.zeros(len(keys))
    again, made = _Again(len(keys)), 0
    while True:
        ask = asks[lane, following]
        earliest, column = again.first()
        second = earliest < ask + n.to_start
        active = second | np.isfinite(ask)
        if not active.all():
            lane, following, second = lane[active], following[active], second[active]
            free_places, free_devices = free_places[active], free_devices[active]
            team_free, last_start = team_free[active], last_start[active]
            ask, earliest, column = ask[active], earliest[active], column[active]
            again.keep(active)
            if not len(lane):
                return True
        at = np.arange(len(lane))
        first = ~second
        who = np.where(second, again.who[at, column], following)
        ready = np.where(second, earliest, ask + n.to_start)
        again.days[at[second], column[second]] = np.inf
        again.who[at[second], column[second]] = NOBODY
        following += first
        ask = asks[lane, who]
        leave = left[lane, who]
        counted = ask >= n.warm_up

        factor = np.where(second, second_factors[lane, who], factors[lane, who])
        place_days = np.maximum(n.place_days * factor, n.team_days)
        device_days = n.device_days * factor
        place, device = free_places.argmin(axis=1), free_devices.argmin(axis=1)
        start = np.maximum(np.maximum(ready, free_places[at, place]), free_devices[at, device])
        start = np.maximum(np.maximum(start, team_free + n.team_days - place_days), last_start)
        if n.shutdown > 0.0:
            end_of_year = (np.floor(start / n.period) + 1.0) * n.period
            fits = start + np.maximum(place_days, device_days) <= end_of_year - n.shutdown
            start = np.where(fits, start, end_of_year)
        wait = start - ready
        waits[lane[first], who[first]] = wait[first]

        outcome = np.where(refused[lane, who], rules.REJECTED, -1)
        outcome = np.where(leave < start, rules.BEFORE_START, outcome)
        outcome = np.where(leave < start - n.to_start, rules.SLOT_WAIT, outcome)
        outcome = np.where(second, np.where(leave < start, rules.BEFORE_REMAKE, -1), outcome)
        day = np.where(outcome == rules.REJECTED, start, leave)

        runs = outcome < 0
        free_places[at[runs], place[runs]] = (start + place_days)[runs]
        free_devices[at[runs], device[runs]] = (start + device_days)[runs]
        team_start = np.maximum(team_free, start)
        sums[lane, rules.PLACE_TIME] += runs * _inside(start, start + place_days, n)
        sums[lane, rules.DEVICE_TIME] += runs * _inside(start, start + device_days, n)
        sums[lane, rules.TEAM_TIME] += runs * _inside(team_start, team_start + n.team_days, n)
        team_free = np.where(runs, team_start + n.team_days, team_free)
        last_start = np.where(runs, start, last_start)
        if len(lots) and lane[0] == 0 and runs[0]:
            ends = start[0] + place_days[0], start[0] + device_days[0]
            lots[made] = (who[0], second[0], ready[0], start[0], *ends, team_start[0], team_free[0])
            made += 1
        counts[lane, rules.LOTS] += runs & counted
        counts[lane, rules.REMADE] += runs & counted & second
        sums[lane, rules.REMAKE_WAIT] += np.where(runs & counted & second, wait, 0.0)

        made_by = start + n.process_days * factor
        released = made_by + n.release_days
        cause = causes[lane, who]
        failed = runs & np.where(second, failed_again[lane, who], cause < len(rules.CAUSES))
        known = np.where(cause < rules.EARLY, made_by, released)
        failing = np.flatnonzero(failed & counted)
        counts[lane[failing], rules.FIRST_CAUSE + cause[failing]] += 1
        remade = failed & first & n.remake
        if remade.any():
            again.add(np.flatnonzero(remade), (known + n.to_start)[remade], who[remade])
        delivered = runs & ~failed
        arrival = released + n.to_infusion
        end = np.where(leave < arrival, rules.INFUSION_WAIT, rules.INFUSED)
        end = np.where(shipping_lost[lane, who], rules.SHIPMENT, end)
        outcome = np.where(delivered, end, np.where(failed & ~remade, rules.FAILED, outcome))
        day = np.where(runs, np.where(failed, known, arrival), day)
        day = np.where(outcome == rules.INFUSION_WAIT, leave, day)
        infused = (outcome == rules.INFUSED) & counted
        sums[lane, rules.VEIN_TO_VEIN] += np.where(infused, day - (start - n.to_start), 0.0)

        over = outcome >= 0
        gone = over & counted
        counts[lane[gone], outcome[gone]] += 1
        sums[lane, rules.SOJOURN] += np.where(over, day - ask, 0.0)
        if len(patients) and lane[0] == 0 and over[0]:
            patients[who[0]] = (ask[0], waits[0, who[0]], day[0], outcome[0])
