"""How much of the headline rests on each grade of evidence.

Method: every input is raised by one per cent in turn, all in one array run; the size of the headline's response is the
input's weight. Weights are normalised to add to one and summed by the grade of the row in use. People count as
fractions here, so that a weight does not depend on how near the next whole person is; rooms and devices stay whole.
A value the user typed in counts as the grade ``own``. Decisions (how many patients, sites and knock-outs, what
is installed) are not evidence and carry no weight.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from dosecost.arithmetic import Number
from dosecost.evaluation import areas_of, cost_of, rows_in_use, year_of
from dosecost.inputs import GRADES
from dosecost.scenario import Scenario

BUMP = 0.01
OWN = "own"
TINY = 1e-300
"""Keeps the weights of a headline that nothing moves at zero."""
DECISIONS = (
    "demand.patients_per_year",
    "logistics.clinical_sites",
    "capacity.suites_installed",
    "capacity.devices_installed",
    "process.knock_outs",
)


def input_weights(scenario: Scenario) -> dict[str, float]:
    """Share of the headline's response that belongs to each input; the shares add to one."""
    rows = rows_in_use(scenario)
    names = [name for name in rows if name not in DECISIONS]
    overrides: dict[str, Number] = dict(scenario.inputs)
    given: dict[str, Number] = {}
    for i, name in enumerate(names):
        factors = np.ones(len(names) + 1)
        factors[i] += BUMP
        if name in overrides:
            overrides[name] = overrides[name] * factors
        else:
            given[name] = rows[name].base * factors
    fractional = replace(scenario, choices=replace(scenario.choices, heads="fractional"), inputs=overrides)
    results = year_of(fractional, areas_of(fractional, given=given))
    headline = np.asarray(cost_of(scenario.choices, results).per_patient_infused, dtype=float)
    weights = np.abs(headline[:-1] - headline[-1])
    return dict(zip(names, (weights / max(weights.sum(), TINY)).tolist(), strict=True))


def grade_shares(scenario: Scenario) -> dict[str, float]:
    """Share of the headline by evidence grade A to D, and ``own`` for the user's numbers; adds to one."""
    return shares_by_grade(scenario, input_weights(scenario))


def shares_by_grade(scenario: Scenario, weights: Mapping[str, float]) -> dict[str, float]:
    """The weights of the inputs summed by the grade of the row in use."""
    rows = rows_in_use(scenario)
    shares = dict.fromkeys((*GRADES, OWN), 0.0)
    for name, weight in weights.items():
        shares[OWN if name in scenario.inputs else rows[name].grade] += weight
    return shares
