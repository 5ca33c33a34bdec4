"""How much of the headline rests on each grade of evidence, and which input's range leaves it most in doubt.

Two questions, two methods. What does the cost rest on? Every input is raised by one per cent in turn, all in one array
run; the size of the headline's response is the input's weight. Weights are normalised to add to one and summed by the
grade of the row in use. What to find out next? Every input goes from the low to the high end of its own range in turn;
the span of the headline is the input's swing, in money, and does not add up to anything. An input without a range (a
fixed scale factor) has weight and no swing.

People count as fractions here, so that neither depends on how near the next whole person is; rooms and devices stay
whole. A value the user typed in counts as the grade ``own``; its range is that of its quote. Decisions (how many
patients, sites and knock-outs, what is installed) are not evidence and have neither.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


class Swing(NamedTuple):
    """The headline at both ends of an input's range, all else as it is, in scenario money; ``span`` holds the present
    headline too, so an input that does least harm in the middle of its range counts as well."""

    at_low: float
    at_high: float
    span: float


def input_weights(scenario: Scenario) -> dict[str, float]:
    """Share of the headline's response that belongs to each input; the shares add to one."""
    values = _present(scenario)
    raised = {name: np.asarray([value * (1.0 + BUMP)]) for name, value in values.items()}
    headline = _headlines(scenario, values, raised)
    weights = np.abs(headline[:-1] - headline[-1])
    return dict(zip(values, (weights / max(weights.sum(), TINY)).tolist(), strict=True))


def input_swings(scenario: Scenario) -> dict[str, Swing]:
    """How far each input with a range moves the headline between the low and the high end of that range.

    A number of the user's own has the range of its quote, and without a quote none.
    """
    rows, quotes = rows_in_use(scenario), scenario.quotes
    ends: dict[str, NDArray[np.float64]] = {}
    for name in _present(scenario):
        known = quotes.get(name) if name in scenario.inputs else rows[name]
        if known is not None and known.low < known.high:
            ends[name] = np.asarray([known.low, known.high])
    values = {name: value for name, value in _present(scenario).items() if name in ends}
    headline = _headlines(scenario, values, ends)
    found = {}
    for (low, high), name in zip(headline[:-1].reshape(-1, 2).tolist(), values, strict=True):
        three = (low, float(headline[-1]), high)
        found[name] = Swing(low, high, max(three) - min(three))
    return found


def _present(scenario: Scenario) -> dict[str, float]:
    """Value in use of every input but decisions: the user's own, or the row's in the row's price basis."""
    rows = rows_in_use(scenario)
    return {name: scenario.inputs.get(name, rows[name].base) for name in rows if name not in DECISIONS}


def _headlines(
    scenario: Scenario, values: Mapping[str, float], moved: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """The headline with each input at each of its ``moved`` values in turn, and last with all as they are; people are
    fractional."""
    count = sum(len(some) for some in moved.values()) + 1
    overrides: dict[str, Number] = dict(scenario.inputs)
    given: dict[str, Number] = {}
    at = 0
    for name, some in moved.items():
        column = np.full(count, values[name])
        column[at : at + len(some)] = some
        at += len(some)
        (overrides if name in overrides else given)[name] = column
    fractional = replace(scenario, choices=replace(scenario.choices, heads="fractional"), inputs=overrides)
    results = year_of(fractional, areas_of(fractional, given=given))
    headline = np.asarray(cost_of(scenario.choices, results).per_patient_infused, dtype=float)
    return np.broadcast_to(headline, count)


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
