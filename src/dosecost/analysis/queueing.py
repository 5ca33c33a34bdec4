"""The queue for a slot, simulated: random patients, lots of varying length, failures, remakes, drop-out, shutdown.

It replaces the planning utilisation of the main model: rooms, devices and people are used up to what they can do, and
the wait is what comes of it. The rules stand in ``docs/model.md``, "Simulation of the queue". Two forms run them to the
same bits: numpy (``queueing_lanes``), and compiled (``queueing_compiled``) once ``queueing_forms.prepare`` has it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost.analysis import queueing_lanes
from dosecost.analysis import queueing_rules as rules
from dosecost.analysis.queueing_audit import audit, check_books
from dosecost.analysis.queueing_design import LEAST_REPLICATIONS, OPERATORS, SUITES, WHERE, Design, Runs, numbers_of
from dosecost.analysis.queueing_forms import Sample, form, sample
from dosecost.arithmetic import SLACK
from dosecost.errors import InputError

Floats = NDArray[np.float64]
QUANTILES = {"slot_wait_p50": 0.5, "slot_wait_p90": 0.9}
NORMAL_975 = 1.959963984540054
"""Of a standard normal number, 97.5 % lie below it."""
MOST_COMPILED, MOST_IN_NUMPY = 100_000_000, 10_000_000
"""Patients of one simulation that end in some ten seconds."""
LANE_PATIENTS, BLOCK_PATIENTS = 1_500_000, 250_000
"""Patients at one time in numpy, which is quick with many replications side by side, and compiled."""


class Estimate(NamedTuple):
    """A figure over replications: mean, its 95 % interval, and what one replication in ten falls below or exceeds.

    ``replications`` counts those in which the figure exists.
    """

    mean: float
    low: float
    high: float
    p10: float
    p90: float
    replications: int


class Simulation(NamedTuple):
    """Figures by name, amounts a year and waits in days; none where a load is 1 or more (``unstable``).

    ``slot_wait_*`` is the wait for the slot that each patient was offered, also of those who dropped out before.
    ``warm_up_matters``: counting the warm-up would move the mean wait out of its interval. ``settled``: in the later
    half of the counted years patients wait as long as in the earlier, within the interval; if not, the runs are short.
    """

    design: Design
    runs: Runs
    loads: dict[str, float]
    binding: str
    unstable: bool
    figures: dict[str, Estimate]
    warm_up_matters: bool
    settled: bool


class Stopped(Exception):  # noqa: N818
    """The caller's progress function asked to stop."""


Progress = Callable[[float], bool]
"""Told the share done, 0 to 1; false stops the work with ``Stopped``."""


def within_name(limit_days: float) -> str:
    """Name, among the figures, of the share of patients whose wait for the slot they were offered keeps the limit."""
    return f"share_within_{limit_days:g}_days"


def simulate(
    design: Design,
    runs: Runs | None = None,
    limits: tuple[float, ...] = (),
    compiled: bool | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Simulation:
    """Run the replications of one design. Each of ``limits``, days, gives a figure of its own (``within_name``).

    ``compiled`` asks for one form (none: compiled where it is ready); the numbers are the same. Replications run on
    ``executor`` (of threads), or on a thread for each core. Raises InputError where the work would be out of reach,
    Stopped where ``progress`` says so.
    """
    runs = runs or Runs()
    loads = design.loads
    binding = max(loads, key=lambda name: loads[name])
    if loads[binding] >= 1.0:
        tell(progress, 1.0)
        return Simulation(design, runs, loads, binding, True, {}, False, False)
    parts = list(_parts(design, runs, limits, form(compiled), progress, executor))
    by_name = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    with_warm_up, drift = estimate(by_name.pop("slot_wait_with_warm_up")), estimate(by_name.pop("slot_wait_drift"))
    whole = by_name["patients"]
    estimates = {
        name: share(values, whole) if name.startswith("share_") else estimate(values)
        for name, values in by_name.items()
    }
    figures = {name: found for name, found in estimates.items() if found is not None}
    mean = figures.get("slot_wait_mean")
    if mean is None or with_warm_up is None or drift is None:
        return Simulation(design, runs, loads, binding, False, figures, False, False)
    matters = not mean.low <= with_warm_up.mean <= mean.high
    settled = drift.low <= 0 <= drift.high or abs(drift.mean) <= mean.high - mean.mean
    return Simulation(design, runs, loads, binding, False, figures, matters, settled)


def estimate(values: Floats) -> Estimate | None:
    """Mean, interval and spread over replications; none where fewer than ``LEAST_REPLICATIONS`` have the figure.

    The interval is Student's, by the first terms of its expansion around the normal (0.2 % short at five values).
    """
    known = values[np.isfinite(values)]
    count = len(known)
    if count < LEAST_REPLICATIONS:
        return None
    z, free = NORMAL_975, count - 1
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    t += (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3)
    mean = float(known.mean())
    half = t * float(known.std(ddof=1)) / count**0.5
    low, high = (float(value) for value in np.quantile(known, (0.1, 0.9)))
    return Estimate(mean, mean - half, mean + half, low, high, count)


def share(part: Floats, whole: Floats) -> Estimate | None:
    """Share of all patients of all replications, with the interval of a ratio of means; none where nobody came."""
    if not whole.any():
        return None
    pooled = part.sum() / whole.sum()
    found = estimate(pooled + (part - pooled * whole) / whole.mean())
    by_replication = estimate(part[whole > 0] / whole[whole > 0])
    if found is None or by_replication is None:
        return None
    return by_replication._replace(mean=found.mean, low=max(0.0, found.low), high=min(1.0, found.high))


def portion(progress: Progress | None, begin: float, share: float) -> Progress | None:
    """Progress of a piece of work that takes ``share`` of the whole from ``begin`` on."""
    return None if progress is None else lambda done: progress(min(1.0, begin + share * done))


def tell(progress: Progress | None, done: float) -> None:
    """Report the share done. Raises Stopped where the answer is to stop."""
    if progress and not progress(done):
        raise Stopped


def _parts(
    design: Design,
    runs: Runs,
    limits: tuple[float, ...],
    replicate: Any,
    progress: Progress | None,
    executor: Executor | None,
) -> Iterator[Mapping[str, Floats]]:
    """Figures of all replications, a block at a time and in order."""
    expected = design.patients_per_year * (runs.years + runs.warm_up_years)
    in_numpy = replicate is queueing_lanes.replicate
    most = MOST_IN_NUMPY if in_numpy else MOST_COMPILED
    if expected * runs.replications > most:
        why = f"{expected * runs.replications:,.0f} patients; at most {most:,}: fewer years or replications"
        raise InputError(WHERE, "replications", why)
    numbers = numbers_of(design, runs)
    cores = 1 if in_numpy else os.cpu_count() or 1
    block = ceil((LANE_PATIENTS if in_numpy else BLOCK_PATIENTS) / max(expected, 1.0))
    block = min(block, ceil(runs.replications / cores))
    starts = range(0, runs.replications, block)

    def figures(first: int) -> Mapping[str, Floats]:
        last = min(first + block, runs.replications)
        made = sample(numbers, runs.seed, first, last, replicate, design.arrival_variability, record=first == 0)
        check_books(made.counts)
        if first == 0:
            audit(numbers, made.patients, made.lots, float(made.sums[0, rules.SOJOURN]))
        return _figures(design, runs, made, limits)

    own = ThreadPoolExecutor(cores) if executor is None else None
    waiting = [(own or executor).submit(figures, first) for first in starts]  # type: ignore[union-attr]
    try:
        for done, future in enumerate(waiting, 1):
            yield future.result()
            tell(progress, done / len(waiting))
    finally:
        for future in waiting:
            future.cancel()
        if own:
            own.shutdown()


def _figures(design: Design, runs: Runs, made: Sample, limits: tuple[float, ...]) -> dict[str, Floats]:
    """Figures by replication; those named share_* are still amounts a year."""
    yearly = made.counts / runs.years
    found = {name: yearly[:, column] for column, name in enumerate(rules.OUTCOMES)}
    found |= {
        "patients": yearly[:, rules.PATIENTS],
        "lots_started": yearly[:, rules.LOTS],
        "lots_remade": yearly[:, rules.REMADE],
    }
    found |= {f"failed_{cause}": yearly[:, rules.FIRST_CAUSE + place] for place, cause in enumerate(rules.CAUSES)}
    found["lots_failed"] = yearly[:, rules.FIRST_CAUSE :].sum(axis=1)
    found["doses_released"] = found["lots_started"] - found["lots_failed"]

    rows = [row[:asked] for row, asked in zip(made.waits, made.sizes[:, rules.BEFORE_HORIZON], strict=True)]
    waits = [row[first:] for row, first in zip(rows, made.sizes[:, rules.BEFORE_WARM_UP], strict=True)]
    middle = made.sizes[:, rules.BEFORE_MIDDLE] - made.sizes[:, rules.BEFORE_WARM_UP]
    halves = [(row[:place], row[place:]) for row, place in zip(waits, middle, strict=True)]
    found["slot_wait_mean"] = np.array([_mean(row) for row in waits])
    found["slot_wait_with_warm_up"] = np.array([_mean(row) for row in rows])
    found["slot_wait_drift"] = np.array([_mean(late) - _mean(early) for early, late in halves])
    found |= dict(zip(QUANTILES, np.array([_quantiles(row) for row in waits]).T, strict=True))
    found |= {within_name(limit): np.array([(row <= limit).sum() for row in waits]) / runs.years for limit in limits}
    found["share_lost_waiting"] = found["lost_slot_wait"]
    with np.errstate(invalid="ignore", divide="ignore"):
        found["vein_to_vein_days"] = made.sums[:, rules.VEIN_TO_VEIN] / made.counts[:, rules.INFUSED]
        found["remake_wait_mean"] = made.sums[:, rules.REMAKE_WAIT] / made.counts[:, rules.REMADE]

    window = numbers_of(design, runs)
    days = design.open_days(window.horizon) - design.open_days(window.warm_up)
    found[f"used_{SUITES}"] = made.sums[:, rules.PLACE_TIME] / (design.places * days)
    found[f"used_{design.device}"] = made.sums[:, rules.DEVICE_TIME] / (design.device_places * days)
    found[f"used_{OPERATORS}"] = made.sums[:, rules.TEAM_TIME] / days
    return found


def _mean(waits: Floats) -> float:
    return float(waits.sum()) / len(waits) if len(waits) else np.nan


def _quantiles(waits: Floats) -> list[float]:
    """The smallest of the waits that each of the ``QUANTILES`` of them does not exceed."""
    if not len(waits):
        return [np.nan] * len(QUANTILES)
    places = [max(0, ceil(quantile * len(waits) - SLACK) - 1) for quantile in QUANTILES.values()]
    return [float(value) for value in np.partition(waits, places)[places]]
