"""Cost per patient against volume with a plant sized for each, and the volumes at which a suite, a device or a head is
added."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost.analysis.ceilings import WHOLE_PLANT, refuse_contract
from dosecost.evaluation import Evaluation, cost_per_patient
from dosecost.model import compute

Floats = NDArray[np.float64]
SUITE, DEVICE, HEAD = "suite", "device", "head"
MOST_VOLUMES = 600
LEAST_SHARE, LEAST_TOP = 0.2, 20.0


class Steps(NamedTuple):
    """By volume (patients a year, ascending): money per patient infused of the whole plant, and what the model sizes:
    suites, limiting devices, heads."""

    volumes: Floats
    cost: Floats
    counts: dict[str, Floats]


class Mark(NamedTuple):
    """A volume from which there are more of ``kind``: ``number`` of them, ``added`` more than just below."""

    kind: str
    volume: float
    number: float
    added: float


def volumes_to_twice(patients_per_year: float) -> Floats:
    """Whole numbers of patients from a fifth to twice the present ones (some hundreds at most), and the present one."""
    top = max(LEAST_TOP, 2.0 * patients_per_year)
    step = np.ceil(top / MOST_VOLUMES)
    first = max(1.0, np.floor(patients_per_year * LEAST_SHARE / step)) * step
    return np.unique(np.append(np.arange(first, top + step / 2.0, step), patients_per_year))


def steps(e: Evaluation, volumes: Sequence[float] | Floats) -> Steps:
    """The plant sized anew for every volume, in one array run. Raises InputError where lots are made under contract."""
    refuse_contract(e)
    asked = np.asarray(volumes, dtype=float)
    demand = replace(e.areas.demand, patients_per_year=asked)
    choices = replace(e.scenario.choices, sizing="size_for_demand", boundary=WHOLE_PLANT)
    results = compute(replace(e.areas, demand=demand), e.recipe, choices)
    counts = {
        SUITE: results.plant.suites,
        DEVICE: results.plant.devices[e.recipe.limiting_device],
        HEAD: results.heads.total,
    }
    shaped = {kind: np.broadcast_to(np.asarray(count, dtype=float), asked.shape) for kind, count in counts.items()}
    return Steps(asked, np.asarray(cost_per_patient(choices, results), dtype=float), shaped)


def marks(found: Steps, fractional_heads: bool = False) -> list[Mark]:
    """Every volume at which a count rises; fractions of people rise all the time and are not marked."""
    made = []
    for kind, counts in found.counts.items():
        if kind == HEAD and fractional_heads:
            continue
        for place in np.flatnonzero(np.diff(counts) > 0) + 1:
            count = float(counts[place])
            made.append(Mark(kind, float(found.volumes[place]), count, count - float(counts[place - 1])))
    return sorted(made, key=lambda mark: mark.volume)
