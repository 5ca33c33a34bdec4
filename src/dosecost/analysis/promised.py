"""The answer to "how many patients can be promised a slot in time": the promise, and the waits and losses around it."""

from dataclasses import replace
from typing import NamedTuple

from dosecost.analysis.ceilings import as_it_is, lots_per_patient
from dosecost.analysis.queueing import Progress, Simulation, portion
from dosecost.analysis.queueing_design import Runs, design_of
from dosecost.analysis.queueing_enlarged import Enlarged, enlarged
from dosecost.analysis.queueing_promise import Promise, ceiling, curve, promise
from dosecost.arithmetic import SLACK
from dosecost.evaluation import Evaluation

LOADS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
"""Demands of the curve, as shares of the one at which the first resource is fully loaded."""
NEAR = 0.02
"""A demand of the curve that is so near to the present one, as such a share, is left out."""
SEARCHING, DRAWING, OPEN, ENLARGING = 0.3, 0.25, 0.15, 0.3
"""Parts of the work: the search of the promise, the curve, the curve without a shutdown, and what would be enough."""
A_SECOND, SIMULATIONS = 2e6, 30.0
"""Patients that two cores simulate in a second, and simulations of the ceiling's patients in the whole work."""
PATIENTS, LEAST_REPLICATIONS, MOST_REPLICATIONS = 1_200_000, 20, 200
"""Patients of one simulation that are enough, and the replications that it has."""


class Promised(NamedTuple):
    """The promise, and the simulation at several demands: the promise's and the present one among them, that unless
    nothing settles there (``present`` is none then).

    ``formula`` is the main model's mean wait in the same plant at each of those demands, days; none where it gives no
    slot to all. ``never_shut`` is the same plant without a yearly shutdown at some of them, empty where there is none
    anyway. ``enlarged`` is what would be enough for the present demand, none where the promise is.
    """

    promise: Promise
    curve: list[Simulation]
    formula: list[float | None]
    present: Simulation | None
    never_shut: list[Simulation]
    enlarged: Enlarged | None


def runs_for(e: Evaluation) -> Runs:
    """Ten years after one of warm-up, with fewer replications the more patients there are."""
    patients = patients_of(e)
    return Runs(replications=max(LEAST_REPLICATIONS, min(MOST_REPLICATIONS, int(PATIENTS / patients))))


def patients_of(e: Evaluation) -> float:
    """Patients of one replication at the ceiling, or at the present demand where that is more."""
    design = design_of(e)
    return max(design.patients_per_year, ceiling(design)) * (Runs().years + Runs().warm_up_years)


def seconds(e: Evaluation) -> float:
    """How long the work takes on two cores, roughly."""
    return runs_for(e).replications * patients_of(e) * SIMULATIONS / A_SECOND


def promised(e: Evaluation, limit_days: float, runs: Runs | None = None, progress: Progress | None = None) -> Promised:
    """Search the promise and draw the curves. Raises InputError and Stopped as ``promise`` and ``curve`` do."""
    design, runs = design_of(e), runs or runs_for(e)
    kept = promise(design, limit_days, runs=runs, progress=portion(progress, 0.0, SEARCHING))
    most, now = ceiling(design), design.patients_per_year
    wanted = ({now} if now < most else set()) | ({kept.patients_per_year} if kept.at else set())
    apart = {most * load for load in LOADS if all(abs(load - one / most) > NEAR for one in wanted)}
    demands = sorted(apart | wanted)
    found = curve(design, demands, runs, progress=portion(progress, SEARCHING, DRAWING))
    present = found[demands.index(now)] if now < most else None
    never_shut, part = list[Simulation](), portion(progress, SEARCHING + DRAWING, OPEN)
    if design.shutdown_days:
        some = sorted({*demands[::2], demands[-1], *wanted})
        never_shut = curve(replace(design, shutdown_days=0.0), some, runs, progress=part)
    part = portion(progress, 1.0 - ENLARGING, ENLARGING)
    enough = enlarged(e, design, kept, runs, part) if now > kept.patients_per_year else None
    formula = [formula_wait(e, demand) for demand in demands]
    return Promised(kept, found, formula, present, never_shut, enough)


def formula_wait(e: Evaluation, patients: float) -> float | None:
    """The main model's mean wait for a slot in the present plant; none above its ceiling."""
    if patients * lots_per_patient(e) > e.results.plant.ceiling * (1.0 + SLACK):
        return None
    return float(as_it_is(e, patients).waits.slot)
