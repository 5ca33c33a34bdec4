"""The answer to "how many patients can be promised a slot in time": the promise, and the waits and losses around it."""

from typing import NamedTuple

from dosecost.analysis.ceilings import as_it_is, lots_per_patient
from dosecost.analysis.queueing import Progress, Simulation, portion
from dosecost.analysis.queueing_design import Runs, design_of
from dosecost.analysis.queueing_promise import Promise, ceiling, curve, promise
from dosecost.arithmetic import SLACK
from dosecost.evaluation import Evaluation

LOADS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
"""Demands of the curve, as shares of the one at which the first resource is fully loaded."""
NEAR = 0.02
"""A demand of the curve that is so near to the present one, as such a share, is left out."""
SEARCHING = 0.65
"""Share of the work that the search of the promise takes."""
PATIENTS, LEAST_REPLICATIONS, MOST_REPLICATIONS = 1_200_000, 20, 200
"""Patients of one simulation that are enough, and the replications that it has."""


class Promised(NamedTuple):
    """The promise, and the simulation at several demands, the present one among them unless nothing settles there
    (``present`` is none then).

    ``formula`` is the main model's mean wait in the same plant at each of those demands, days; none where it gives no
    slot to all.
    """

    promise: Promise
    curve: list[Simulation]
    formula: list[float | None]
    present: Simulation | None


def runs_for(e: Evaluation) -> Runs:
    """Ten years after one of warm-up, with fewer replications the more patients there are."""
    design = design_of(e)
    patients = max(design.patients_per_year, ceiling(design)) * (Runs().years + Runs().warm_up_years)
    return Runs(replications=max(LEAST_REPLICATIONS, min(MOST_REPLICATIONS, int(PATIENTS / patients))))


def promised(e: Evaluation, limit_days: float, runs: Runs | None = None, progress: Progress | None = None) -> Promised:
    """Search the promise and draw the curve. Raises InputError and Stopped as ``promise`` and ``curve`` do."""
    design, runs = design_of(e), runs or runs_for(e)
    kept = promise(design, limit_days, runs=runs, progress=portion(progress, 0.0, SEARCHING))
    most, now = ceiling(design), design.patients_per_year
    apart = {most * load for load in LOADS if abs(load - now / most) > NEAR}
    demands = sorted(apart | ({now} if now < most else set()))
    found = curve(design, demands, runs, progress=portion(progress, SEARCHING, 1.0 - SEARCHING))
    present = found[demands.index(now)] if now < most else None
    return Promised(kept, found, [formula_wait(e, demand) for demand in demands], present)


def formula_wait(e: Evaluation, patients: float) -> float | None:
    """The main model's mean wait for a slot in the present plant; none above its ceiling."""
    if patients * lots_per_patient(e) > e.results.plant.ceiling * (1.0 + SLACK):
        return None
    return float(as_it_is(e, patients).waits.slot)
