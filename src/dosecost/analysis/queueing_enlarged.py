"""What has to be added to a plant so that the patients who ask now are offered a slot within the limit."""

from dataclasses import replace
from itertools import count
from math import ceil
from typing import NamedTuple

from dosecost.analysis.queueing import Progress, portion, simulate, tell, within_name
from dosecost.analysis.queueing_design import OPERATORS, SUITES, UNLIMITED, Design, Runs
from dosecost.analysis.queueing_promise import Promise
from dosecost.evaluation import Evaluation

MOST_STEPS = 8
"""Steps after which no more is added."""
STEP = 0.04
"""What the first step adds, as a share of what is there, one at least; each later step adds so much more."""
HALVINGS = 3
"""Simulations for each resource that look whether less of it is enough."""
WITHOUT_END = 10
"""So many times the rooms and devices, and people who never stop a lot, are as good as without end."""


class Enlarged(NamedTuple):
    """What was added, by resource, each time of the one with the highest load, and then taken back as far as it was
    not needed; ``share`` of the patients then keep the limit. ``kept`` says that this is enough.

    ``at_most`` is that share with rooms, devices and people without end; where it is less than the quantile, the
    shutdown alone breaks the limit, and nothing was added.
    """

    added: dict[str, int]
    share: float
    kept: bool
    at_most: float


def enlarged(e: Evaluation, design: Design, kept: Promise, runs: Runs, progress: Progress | None = None) -> Enlarged:
    """Add to the plant of ``design`` until it keeps the limit at its own demand. Raises Stopped as ``simulate``."""
    name, most = within_name(kept.limit), 1 + MOST_STEPS + 3 * HALVINGS
    done = count()

    def share(plant: Design) -> float:
        part = portion(progress, next(done) / most, 1.0 / most)
        found = simulate(plant, runs, (kept.limit,), progress=part).figures.get(name)
        return found.mean if found else 0.0

    endless = replace(
        design,
        places=WITHOUT_END * design.places,
        device_places=WITHOUT_END * design.device_places,
        team_hours_per_lot=UNLIMITED,
    )
    at_most = share(endless)
    there = _there(e, design)
    added, reached = dict.fromkeys((SUITES, design.device, OPERATORS), 0), 0.0
    for step in range(1, MOST_STEPS + 1 if at_most >= kept.quantile else 0):
        loads = _with(e, design, added).loads
        lacking = max(there, key=lambda resource: loads[resource])
        full = there[lacking] + added[lacking]
        added[lacking] += max(1, round(STEP * step * full), ceil(full * (loads[lacking] - 1.0)))
        reached = share(_with(e, design, added))
        if reached >= kept.quantile:
            break
    enough = reached >= kept.quantile
    for resource, most_added in added.items():
        few, many = -1, most_added
        for _ in range(HALVINGS if enough else 0):
            if many - few > 1:
                fewer = added | {resource: (few + many) // 2}
                still = share(_with(e, design, fewer))
                if still >= kept.quantile:
                    added, many, reached = fewer, fewer[resource], still
                else:
                    few = fewer[resource]
    tell(progress, 1.0)
    return Enlarged({name: n for name, n in added.items() if n}, reached, enough, at_most)


def _there(e: Evaluation, design: Design) -> dict[str, float]:
    """How many of each resource that the simulation knows there are."""
    plant = e.results.plant
    heads = float(e.results.heads.by_role[OPERATORS])
    found = {SUITES: float(plant.suites), design.device: float(plant.devices[design.device]), OPERATORS: heads}
    return {resource: number for resource, number in found.items() if number}


def _with(e: Evaluation, design: Design, added: dict[str, int]) -> Design:
    """The design with more of some resources."""
    heads = float(e.results.heads.by_role[OPERATORS])
    slots = float(e.areas.capacity.devices[design.device].slots)
    team = design.team_hours_per_day
    return replace(
        design,
        places=design.places + int(added[SUITES] * float(e.results.plant.lots_per_room)),
        device_places=design.device_places + int(added[design.device] * slots),
        team_hours_per_day=team * (heads + added[OPERATORS]) / heads if heads else team,
    )
