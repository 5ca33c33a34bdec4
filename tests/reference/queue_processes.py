"""The queue simulation written a second time, from docs/model.md, as processes of SimPy: one process per patient.

It takes the same draws, so that results can be compared patient by patient, not only on average. Slow and plain.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import simpy

from dosecost.analysis import queueing_lanes, queueing_rules
from dosecost.analysis.queueing_design import Design, Runs, numbers_of
from dosecost.analysis.queueing_forms import keys_of

LOST = "lost"
CAUSES_SEEN_EARLY = 3


class Draws(NamedTuple):
    """What happens to each patient, in order: days of asking and leaving, factors of durations, fates."""

    asks: list[float]
    leaves: list[float]
    factors: list[float]
    factors_remade: list[float]
    rejected: list[bool]
    causes: list[int]
    remake_fails: list[bool]
    lost_on_the_way: list[bool]


def draws(design: Design, runs: Runs, replication: int) -> Draws:
    """The draws of one replication."""
    n = numbers_of(design, runs)
    raw = queueing_lanes.draw
    count = int(3 * n.horizon / n.gap + 100)
    key = keys_of(runs.seed, replication, replication + 1)
    own = queueing_rules.mixed(key + queueing_rules.STEP * np.arange(count, dtype=np.uint64))
    asks = np.cumsum(n.gap * queueing_lanes.varying(own, queueing_rules.GAP, n.gaps))
    own, asks = own[asks < n.horizon], asks[asks < n.horizon]
    assert len(asks) < count

    def factors(purpose: int) -> list[float]:
        return np.minimum(queueing_lanes.varying(own, purpose, n.durations), n.most).tolist()

    return Draws(
        asks=asks.tolist(),
        leaves=(asks + n.mean_life * queueing_lanes.waiting(own, queueing_rules.LIFE)).tolist(),
        factors=factors(queueing_rules.DURATION),
        factors_remade=factors(queueing_rules.REMADE_DURATION),
        rejected=(raw(own, queueing_rules.RECEIPT) < n.rejection).tolist(),
        causes=[int((u >= np.array(n.failures)).sum()) for u in raw(own, queueing_rules.CAUSE)],
        remake_fails=(raw(own, queueing_rules.REMAKE) >= n.remake_success).tolist(),
        lost_on_the_way=(raw(own, queueing_rules.SHIPPING) < n.shipment_loss).tolist(),
    )


class Plant:
    """Resources, and what became of each patient: the days of the starts of lots, and the outcome."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.env = simpy.Environment()
        self.head_of_queue = simpy.Resource(self.env, 1)
        self.places = simpy.Resource(self.env, design.places)
        self.devices = simpy.Resource(self.env, design.device_places)
        self.team_free = 0.0
        self.starts: dict[tuple[int, bool], float] = {}
        self.outcomes: dict[int, str] = {}
        self.days: dict[int, float] = {}

    def until(self, day: float) -> Any:
        return self.env.timeout(max(0.0, day - self.env.now))

    def hold(self, resource: simpy.Resource, request: Any, day: float) -> Iterator[Any]:
        yield self.until(day)
        resource.release(request)

    def lot(self, who: int, d: Draws, second: bool) -> Iterator[Any]:
        """Wait at the head of the queue for everything a lot needs; yields, and returns the factor or none if gone."""
        design, env = self.design, self.env
        factor = (d.factors_remade if second else d.factors)[who]
        place_days = max(design.place_days * factor, design.team_days)
        device_days = design.device_days * factor
        gone = env.timeout(d.leaves[who] - env.now) if np.isfinite(d.leaves[who]) else env.event()
        turn = self.head_of_queue.request()
        place = device = None
        try:
            for resource in (None, self.places, self.devices):
                request = turn if resource is None else resource.request()
                place, device = (
                    (request if resource is self.places else place),
                    (request if resource is self.devices else device),
                )
                yield request | gone
                if not request.triggered or gone.processed:
                    request.cancel()
                    return None
            yield self.until(self.team_free + design.team_days - place_days) | gone
            if design.shutdown_days:
                year_end = (env.now // 365.0 + 1) * 365.0
                if env.now + max(place_days, device_days) > year_end - design.shutdown_days:
                    yield self.until(year_end) | gone
            if gone.processed or (not second and d.rejected[who]):
                return None
            self.starts[who, second] = env.now
            self.team_free = max(self.team_free, env.now) + design.team_days
            env.process(self.hold(self.places, place, env.now + place_days))
            env.process(self.hold(self.devices, device, env.now + device_days))
            place = device = None
            return factor
        finally:
            self.head_of_queue.release(turn)
            if place is not None:
                self.places.release(place)
            if device is not None:
                self.devices.release(device)

    def patient(self, who: int, d: Draws) -> Iterator[Any]:
        """From asking to the end of one patient's way."""
        design, env = self.design, self.env
        yield self.until(d.asks[who])
        outcome, second = LOST, False
        while True:
            yield self.until(env.now + design.days_to_start)
            if d.leaves[who] < env.now:
                break
            factor = yield from self.lot(who, d, second)
            if factor is None:
                break
            yield self.until(env.now + design.process_days * factor)
            fails = d.remake_fails[who] if second else d.causes[who] < len(design.failures)
            if not fails or d.causes[who] >= CAUSES_SEEN_EARLY:
                yield self.until(env.now + design.release_days)
            if not fails:
                yield self.until(env.now + design.days_to_infusion)
                infused = not d.lost_on_the_way[who] and d.leaves[who] >= env.now
                outcome = "patients_infused" if infused else LOST
                break
            if second or not design.remake:
                outcome = "lost_failed_lot"
                break
            second = True
        self.outcomes[who] = outcome
        self.days[who] = env.now


def simulate(design: Design, d: Draws) -> Plant:
    """Run one replication until nobody is left in it."""
    plant = Plant(design)
    for who in range(len(d.asks)):
        plant.env.process(plant.patient(who, d))
    plant.env.run()
    return plant
