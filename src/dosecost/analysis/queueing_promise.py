"""How many patients a year can be promised a slot within a limit of days, and the wait and loss against demand.

All demands meet the same patients: the same draws, only closer together.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from dosecost.analysis.queueing import Estimate, Progress, Simulation, portion, simulate, tell, within_name
from dosecost.analysis.queueing_design import WHERE, Design, Runs
from dosecost.errors import InputError

QUANTILE = 0.9
WAIT_LIMIT_DAYS = 14.0
"""Promised wait where the user names none."""
TOLERANCE = 0.002
"""Width at which the search for a demand ends, as a share of the demand at which a load reaches 1."""
SEARCHES = 3
STEPS = 10
"""Halvings that reach the tolerance; an evaluation that two searches share is run once."""


class Promise(NamedTuple):
    """The most patients a year at which ``quantile`` of all patients are offered a slot within ``limit`` days.

    ``low`` and ``high`` are the same with that share at the lower and the upper end of its 95 % interval. At
    ``ceiling`` a year a load reaches 1. ``at`` is the simulation at the promise; without it the limit is not kept at
    the smallest demand looked at either, and the promise is 0.
    """

    limit: float
    quantile: float
    patients_per_year: float
    low: float
    high: float
    ceiling: float
    at: Simulation | None


def at_demand(design: Design, patients_per_year: float) -> Design:
    """The same plant at another rate of patients."""
    return replace(design, patients_per_year=patients_per_year)


def ceiling(design: Design) -> float:
    """Patients a year at which the first resource reaches a load of 1."""
    return design.patients_per_year / max(design.loads.values())


def promise(
    design: Design,
    wait_limit_days: float,
    quantile: float = QUANTILE,
    runs: Runs | None = None,
    compiled: bool | None = None,
    progress: Progress | None = None,
) -> Promise:
    """Search the promise by halving. Raises InputError for a limit or quantile out of range, Stopped as ``simulate``.

    ``compiled``, ``runs`` and ``progress`` as for ``simulate``.
    """
    if not 0 <= wait_limit_days <= 10_000:
        raise InputError(WHERE, "wait_limit", f"{wait_limit_days} is not between 0 and 10,000 days")
    if not 0.01 <= quantile <= 0.99:
        raise InputError(WHERE, "quantile", f"{quantile} is not between 0.01 and 0.99")
    most = ceiling(design)
    name = within_name(wait_limit_days)
    known: dict[float, Simulation] = {}

    def run(demand: float) -> Simulation:
        if demand not in known:
            share = 1.0 / (SEARCHES * STEPS)
            part = portion(progress, len(known) * share, share)
            known[demand] = simulate(at_demand(design, demand), runs, (wait_limit_days,), compiled, part)
        return known[demand]

    def search(end: str) -> float:
        below, above = 0.0, most
        while above - below > TOLERANCE * most:
            middle = (below + above) / 2.0
            kept: Estimate | None = run(middle).figures.get(name)
            if kept is None or getattr(kept, end) >= quantile:
                below = middle
            else:
                above = middle
        return below

    most_kept, low, high = search("mean"), search("low"), search("high")
    tell(progress, 1.0)
    return Promise(wait_limit_days, quantile, most_kept, low, high, most, known.get(most_kept))


def curve(
    design: Design,
    demands: Sequence[float],
    runs: Runs | None = None,
    compiled: bool | None = None,
    progress: Progress | None = None,
) -> list[Simulation]:
    """The simulation at each of the demands, patients a year; an unstable one has no figures."""
    share = 1.0 / max(1, len(demands))
    return [
        simulate(at_demand(design, demand), runs, compiled=compiled, progress=portion(progress, place * share, share))
        for place, demand in enumerate(demands)
    ]
