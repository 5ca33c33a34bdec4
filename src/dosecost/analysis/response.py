"""What a lever would do before it is moved: the headline, or the runway, over its whole range.

All number levers share one array run: each lever contributes a stretch of columns in which only it varies. A choice has
one result for each of its options. The runway needs the plan's cash and takes some times as long as the headline.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost import recipes
from dosecost.arithmetic import Number
from dosecost.evaluation import areas_by_stage, areas_of, cash_of, cost_per_patient, recipe_of, rows_in_use, year_of
from dosecost.inputs import Areas, bounds_of, in_scenario_money, values_in_use
from dosecost.scenario import Choices, Scenario, options, with_change, with_changes

Floats = NDArray[np.float64]
POINTS = 41
NO_OTHERS: Mapping[str, float] = MappingProxyType({})
COST = "cost"
RUNWAY = "runway"
"""What can be asked: money per patient infused, or months."""


class Curve(NamedTuple):
    """Cost per patient infused or runway at each value of a lever; a runway is NaN where the money lasts."""

    lever: str
    values: Floats
    results: Floats
    present: float


class Option(NamedTuple):
    """Cost per patient infused or runway (none: the money lasts) at one option; ``present`` is the one in use."""

    option: str
    result: float | None
    present: bool


class Responses(NamedTuple):
    """Curves of number levers, options of choices and of groups of steps."""

    curves: dict[str, Curve]
    choices: dict[str, list[Option]]
    groups: dict[str, list[Option]]


def spanning(low: float, high: float, present: float) -> tuple[float, float]:
    """The range of a lever, on a slider as on a curve: low to high, widened to hold the present value.

    Above high it ends at the next of 1, 2, 5, 10, 20, … so that there is a way up and the end stays where it is while
    the value moves.
    """
    if present <= high or present <= 0:
        return min(low, present), max(high, present)
    power = 10.0 ** math.floor(math.log10(present))
    return low, next(power * factor for factor in (2.0, 5.0, 10.0) if power * factor > present)


def lever_range(scenario: Scenario, name: str, also: float | None = None) -> tuple[float, float]:
    """Range a lever's curve covers, scenario money: that of the lever's slider. It holds the value ``also`` too, if
    there is one, so that an end can stay where it is while the lever moves away from it."""
    rows = rows_in_use(scenario)
    values = values_in_use(rows, scenario.inputs, scenario.currency, scenario.price_year)
    low, high = (
        float(in_scenario_money(rows, values | {name: end}, scenario.currency, scenario.price_year)[name])
        for end in (rows[name].low, rows[name].high)
    )
    ends = [spanning(low, high, float(value)) for value in (values[name], also) if value is not None]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    bounds = bounds_of(name)
    return low, min(high, float(bounds.at_most)) if bounds else high


def present_value(scenario: Scenario, name: str) -> float:
    """Value of an input in use, scenario money."""
    rows = rows_in_use(scenario)
    return float(values_in_use(rows, scenario.inputs, scenario.currency, scenario.price_year)[name])


def response_curves(
    scenario: Scenario,
    levers: Sequence[str],
    measure: str = COST,
    points: int = POINTS,
    also: Mapping[str, float] = NO_OTHERS,
) -> dict[str, Curve]:
    """A curve for each number lever, all from one array run of the year and, for the runway, of the plan.

    ``also`` as for ``lever_range``, by lever.
    """
    present = {name: present_value(scenario, name) for name in levers}
    grids = {}
    for name in levers:
        grid = np.linspace(*lever_range(scenario, name, also.get(name)), points)
        grids[name] = np.unique(np.append(grid, present[name]))
    ends = np.cumsum([len(grid) for grid in grids.values()])
    starts = ends - [len(grid) for grid in grids.values()]
    overrides: dict[str, Number] = dict(scenario.inputs)
    for (name, grid), start, end in zip(grids.items(), starts, ends, strict=True):
        column = np.full(ends[-1], present[name])
        column[start:end] = grid
        overrides[name] = column
    varied = replace(scenario, inputs=overrides)
    results = np.broadcast_to(_result(varied, areas_of(varied), measure), ends[-1])
    return {
        name: Curve(name, grid, results[start:end], present[name])
        for (name, grid), start, end in zip(grids.items(), starts, ends, strict=True)
    }


def option_responses(scenario: Scenario, choice: str, measure: str = COST) -> list[Option]:
    """The result at each option of a choice, everything else as it is."""
    return _choice(scenario, choice, _Runs(measure))


def group_responses(scenario: Scenario, group: str, measure: str = COST) -> list[Option]:
    """The result with all steps of a group as the platform has them, open, or closed; none is present where mixed."""
    return _group(scenario, group, _Runs(measure))


def responses(
    scenario: Scenario,
    numbers: Sequence[str],
    choices: Sequence[str],
    groups: Sequence[str],
    measure: str = COST,
    also: Mapping[str, float] = NO_OTHERS,
) -> Responses:
    """All levers at once; what they have in common is run once. ``also`` as for ``lever_range``, by lever."""
    runs = _Runs(measure)
    return Responses(
        response_curves(scenario, numbers, measure, also=also),
        {choice: _choice(scenario, choice, runs) for choice in choices},
        {group: _group(scenario, group, runs) for group in groups},
    )


class _Runs:
    """Results of scenarios that differ in choices and steps only, each run once."""

    def __init__(self, measure: str) -> None:
        self.measure = measure
        self.areas: dict[tuple[str, ...], Areas] = {}
        self.results: dict[tuple[Choices, tuple[str, ...]], float] = {}

    def option(self, name: str, scenario: Scenario, present: Scenario) -> Option:
        """The result of one alternative."""
        chosen = scenario.choices
        exposures = recipe_of(scenario).steps
        key = chosen, tuple(step.exposure for step in exposures)
        if key not in self.results:
            rows = chosen.platform, chosen.setting, chosen.stage, chosen.record
            if rows not in self.areas:
                self.areas[rows] = areas_of(scenario)
            self.results[key] = float(_result(scenario, self.areas[rows], self.measure))
        result = self.results[key]
        return Option(name, None if np.isnan(result) else result, scenario == present)


def _choice(scenario: Scenario, choice: str, runs: _Runs) -> list[Option]:
    return [runs.option(name, with_change(scenario, choice, name, ""), scenario) for name in options(choice)]


def _group(scenario: Scenario, group: str, runs: _Runs) -> list[Option]:
    steps = [step.id for step in recipe_of(scenario).steps if step.group == group]
    return [
        runs.option(name, with_changes(scenario, {f"steps.{step}": name for step in steps}, ""), scenario)
        for name in recipes.STEP_CHOICES
    ]


def _result(scenario: Scenario, areas: Areas, measure: str) -> Number:
    results = year_of(scenario, areas)
    if measure == COST:
        return cost_per_patient(scenario.choices, results)
    cash = cash_of(scenario, areas, results, areas_by_stage(scenario, areas))
    return np.where(np.asarray(cash.ran_out) > 0, cash.cash_out_month, np.nan)
