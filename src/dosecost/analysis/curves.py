"""Cost against volume, platform by platform, from one array run each, and where two platforms cross."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost import recipes
from dosecost.evaluation import Evaluation, areas_of, cost_of, evaluate, year_of
from dosecost.scenario import Scenario, with_change

Floats = NDArray[np.float64]


class Crossover(NamedTuple):
    """Volume from which one platform costs less per patient infused than another for all larger volumes shown."""

    cheaper_below: str
    cheaper_above: str
    patients_per_year: float
    cost: float


def volumes_around(patients_per_year: float) -> Floats:
    """Volumes a curve shows: about 5 to 10 times the present one, geometric, the present one among them."""
    top = max(100.0, 10.0 * patients_per_year)
    grid = np.unique(np.round(np.geomspace(4.0, top, 60)))
    return np.unique(np.append(grid, patients_per_year))


def volume_curve(scenario: Scenario, volumes: Sequence[float] | Floats) -> Floats:
    """Money per patient infused at each volume, the plant sized anew for every one."""
    areas = areas_of(scenario)
    demand = replace(areas.demand, patients_per_year=np.asarray(volumes, dtype=float))
    resized = with_change(scenario, "sizing", "size_for_demand", "volume curve")
    results = year_of(resized, replace(areas, demand=demand))
    return np.asarray(cost_of(scenario.choices, results).per_patient_infused, dtype=float)


def platform_scenarios(scenario: Scenario) -> dict[str, Scenario]:
    """The same scenario on every platform; the user's own numbers and step choices go along."""
    return {name: with_change(scenario, "platform", name, "comparison") for name in recipes.load()}


def platform_curves(scenario: Scenario, volumes: Sequence[float] | Floats) -> dict[str, Floats]:
    """A volume curve for every platform."""
    return {name: volume_curve(other, volumes) for name, other in platform_scenarios(scenario).items()}


def platform_comparison(scenario: Scenario) -> dict[str, Evaluation]:
    """The scenario evaluated on every platform, at the same demand."""
    return {name: evaluate(other) for name, other in platform_scenarios(scenario).items()}


def crossovers(volumes: Floats, curves: dict[str, Floats]) -> list[Crossover]:
    """Where the cheapest platform changes as the volume grows, between neighbours on the curve.

    Whole suites and people make curves cross several times; the last change to a lasting leader is the one given.
    """
    names = list(curves)
    cheapest = np.argmin(np.vstack([curves[name] for name in names]), axis=0)
    found = []
    for i in range(1, len(volumes)):
        before, after = cheapest[i - 1], cheapest[i]
        if before != after and not (cheapest[i:] == before).any():
            name = names[after]
            found.append(Crossover(names[before], name, float(volumes[i]), float(curves[name][i])))
    return found
