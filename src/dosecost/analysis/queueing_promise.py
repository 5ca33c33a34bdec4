"""How many patients a year can be promised a slot within a limit of days, and the wait and loss against demand.

All demands meet the same patients: the same draws, only closer together.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

from dosecost.analysis.queueing import Estimate, Progress, Simulation, portion, simulate, tell, within_name
from dosecost.analysis.queueing_design import WHERE, Design, Runs
from dosecost.errors import InputError

QUANTILE = 0.9
WAIT_LIMIT_DAYS = 14.0
"""Promised wait where the user names none."""
TOLERANCE = 0.002
"""Width at which the search for a demand ends, as a share of the demand at which a load reaches 1."""
STEPS = 9
"""Halvings that reach the tolerance; an evaluation that two searches share is run once."""
SEARCHES = {"mean": 0.7, "low": 0.15, "high": 0.15}
"""Searches, by the figure that has to keep the quantile, and the part of the work that each takes."""


class Promise(NamedTuple):
    """The most patients a year at which ``quantile`` of all patients are offered a slot within ``limit`` days.

    ``low`` and ``high`` are the same with that share at the lower and the upper end of its 95 % interval: the share is
    below the quantile at no demand looked at up to ``low``, and reaches it at none beyond ``high``. At ``ceiling`` a
    year a load reaches 1. ``at`` is the simulation at the promise; without it the limit is not kept at the smallest
    demand looked at either, and the promise is 0.
    """

    limit: float
    quantile: float
    patients_per_year: float
    low: float
    high: float
    ceiling: float
    at: Simulation | None

    @property
    def open_ended(self) -> bool:
        """Whether the limit is kept at every demand looked at, up to the ceiling: then it sets no promise."""
        return self.patients_per_year >= self.ceiling * (1.0 - 2.0 * TOLERANCE)


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

    def run(demand: float, part: Progress | None) -> Simulation:
        if demand not in known:
            known[demand] = simulate(at_demand(design, demand), runs, (wait_limit_days,), compiled, part)
        return known[demand]

    def kept(found: Simulation, end: str) -> bool:
        share: Estimate | None = found.figures.get(name)
        return share is None or getattr(share, end) >= quantile

    def search(end: str, begin: float) -> float:
        below, above, step = 0.0, most, SEARCHES[end] / STEPS
        for place in range(STEPS):
            middle = (below + above) / 2.0
            found = run(middle, portion(progress, begin + place * step, step))
            below, above = (middle, above) if kept(found, end) else (below, middle)
        return below

    most_kept, low, high = search("mean", 0.0), search("low", 0.7), search("high", 0.85)
    failing = min((demand for demand in known if not kept(known[demand], "low")), default=most)
    low = max((demand for demand in known if demand <= low and demand < failing), default=0.0)
    high = max([high, *(demand for demand in known if kept(known[demand], "high"))])
    tell(progress, 1.0)
    return Promise(wait_limit_days, quantile, most_kept, low, high, most, known.get(most_kept))


def curve(
    design: Design,
    demands: Sequence[float],
    runs: Runs | None = None,
    compiled: bool | None = None,
    progress: Progress | None = None,
) -> list[Simulation]:
    """The simulation at each of the demands, patients a year; an unstable one has no figures. The more patients, the
    larger the part of the work."""
    shares = [demand / sum(demands) for demand in demands]
    return [
        simulate(at_demand(design, demand), runs, compiled=compiled, progress=portion(progress, begin, share))
        for demand, begin, share in zip(demands, [0.0, *accumulate(shares)], shares, strict=False)
    ]
