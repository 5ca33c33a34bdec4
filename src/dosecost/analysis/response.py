"""What a lever would do before it is moved: the headline and the runway over its whole range.

All number levers share one array run: each lever contributes a stretch of columns in which only it varies. A choice has
one result for each of its options.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost.arithmetic import Number
from dosecost.evaluation import areas_by_stage, areas_of, cash_of, cost_of, evaluate, rows_in_use, year_of
from dosecost.inputs import bounds_of, values_in_use
from dosecost.scenario import Scenario, options, with_change

Floats = NDArray[np.float64]
POINTS = 41
WIDEST = 3.0


class Curve(NamedTuple):
    """Cost per patient infused and runway at each value of a lever; the runway is NaN where the money lasts."""

    lever: str
    values: Floats
    cost: Floats
    runway: Floats
    present: float


class Option(NamedTuple):
    """Cost per patient infused and runway (none: the money lasts) at one option of a choice."""

    choice: str
    option: str
    cost: float
    runway: float | None


def lever_range(scenario: Scenario, name: str) -> tuple[float, float]:
    """Range a lever's curve covers: low to high of its row, widened to hold the present value with room around it."""
    row = rows_in_use(scenario)[name]
    bounds = bounds_of(name)
    assert bounds is not None
    present = present_value(scenario, name)
    low, high = (row.low, row.high) if not row.is_money else (present / WIDEST, present * WIDEST)
    if not low < present < high:
        low, high = min(low, present / WIDEST), max(high, present * WIDEST)
    return max(low, bounds.at_least), min(high, bounds.at_most)


def present_value(scenario: Scenario, name: str) -> float:
    """Value of an input in use, scenario money."""
    rows = rows_in_use(scenario)
    return float(values_in_use(rows, scenario.inputs, scenario.currency, scenario.price_year)[name])


def response_curves(scenario: Scenario, levers: Sequence[str], points: int = POINTS) -> dict[str, Curve]:
    """A curve for each number lever, all from one array run of the year and the plan."""
    grids = {}
    for name in levers:
        grid = np.linspace(*lever_range(scenario, name), points)
        grids[name] = np.unique(np.append(grid, present_value(scenario, name)))
    ends = np.cumsum([len(grid) for grid in grids.values()])
    starts = ends - [len(grid) for grid in grids.values()]
    overrides: dict[str, Number] = dict(scenario.inputs)
    for (name, grid), start, end in zip(grids.items(), starts, ends, strict=True):
        column = np.full(ends[-1], present_value(scenario, name))
        column[start:end] = grid
        overrides[name] = column
    cost, ran_out, month = _run(scenario, overrides)
    runway = np.where(np.broadcast_to(ran_out, ends[-1]) > 0, np.broadcast_to(month, ends[-1]), np.nan)
    return {
        name: Curve(
            name, grid, np.broadcast_to(cost, ends[-1])[start:end], runway[start:end], present_value(scenario, name)
        )
        for (name, grid), start, end in zip(grids.items(), starts, ends, strict=True)
    }


def _run(scenario: Scenario, overrides: dict[str, Number]) -> tuple[Number, Number, Number]:
    varied = replace(scenario, inputs=overrides)
    areas = areas_of(varied)
    results = year_of(varied, areas)
    cash = cash_of(varied, areas, results, areas_by_stage(varied, areas))
    return cost_of(scenario.choices, results).per_patient_infused, cash.ran_out, cash.cash_out_month


def option_responses(scenario: Scenario, choice: str) -> list[Option]:
    """The result at each option of a choice, everything else as it is."""
    found = []
    for option in options(choice):
        e = evaluate(with_change(scenario, choice, option, "response"))
        month = float(e.cash.cash_out_month) if e.cash.ran_out else None
        found.append(Option(choice, option, float(e.cost.per_patient_infused), month))
    return found
