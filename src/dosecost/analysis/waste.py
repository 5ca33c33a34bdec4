"""Money thrown away: materials that expire or are written off and vector that expires, at several volumes."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dosecost.analysis.curves import Floats
from dosecost.evaluation import areas_of, doses_charged, year_of
from dosecost.ledger import Line, annual_total
from dosecost.scenario import Scenario

EXPIRED = "expired"
WRITTEN_OFF = "written_off"
VECTOR = "vector"
PARTS = (EXPIRED, WRITTEN_OFF, VECTOR)
LOWEST = 2.0
"""Patients a year from which the curves start, or the present number where that is lower."""
FEW = 5.0
"""Patients a year of a unit that is just starting."""
POINTS = 60


class Waste(NamedTuple):
    """Money per patient infused at each number of patients a year: what is thrown away by part, and all that materials
    and vector cost."""

    volumes: Floats
    parts: dict[str, Floats]
    spent: Floats

    @property
    def total(self) -> Floats:
        """All that is thrown away."""
        summed: Floats = np.sum(list(self.parts.values()), axis=0)
        return summed


def part_of(line: Line) -> str:
    """Which part of what is thrown away a line is; '' where it is used."""
    if line.id in ("materials.write_off", "vector.write_off"):
        return WRITTEN_OFF
    if line.id.startswith(("materials.expired.", "vector.expired.")):
        return EXPIRED
    return VECTOR if line.id == "vector.expired" else ""


def volumes_from_few(patients_per_year: float) -> Floats:
    """Patients a year that the curves show, geometric, a starting unit's and the present number among them."""
    grid = np.geomspace(min(LOWEST, patients_per_year), max(100.0, 4.0 * patients_per_year), POINTS)
    return np.unique(np.append(grid, (FEW, patients_per_year)))


def waste(scenario: Scenario) -> Waste:
    """What is thrown away over a range of volumes, from one array run; a fixed plant takes what it can."""
    areas = areas_of(scenario)
    volumes = volumes_from_few(float(areas.demand.patients_per_year))
    demand = replace(areas.demand, patients_per_year=volumes)
    results = year_of(scenario, replace(areas, demand=demand))
    bought = [line for line in results.lines if line.category in ("materials", "vector")]

    def per_patient(lines: list[Line]) -> Floats:
        money = annual_total(lines) / doses_charged(scenario.choices, results)
        return np.array(np.broadcast_to(money, volumes.shape), dtype=float)

    return Waste(
        volumes,
        {part: per_patient([line for line in bought if part_of(line) == part]) for part in PARTS},
        per_patient(bought),
    )
