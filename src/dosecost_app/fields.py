"""One input as people read it: value, default and range in scenario money, with the row it comes from."""

from collections.abc import Mapping
from typing import NamedTuple

from dosecost.evaluation import rows_in_use
from dosecost.finance import price_basis_factor
from dosecost.inputs import Bounds, Row, bounds_of, values_in_use
from dosecost.scenario import Scenario


class Field(NamedTuple):
    """One input as a form shows it, in scenario money; ``own`` says that the value is the user's."""

    row: Row
    bounds: Bounds
    unit: str
    value: float
    low: float
    default: float
    high: float
    own: bool


def values_of(scenario: Scenario) -> Mapping[str, float]:
    """The value in use of every input."""
    return values_in_use(rows_in_use(scenario), scenario.inputs, scenario.currency, scenario.price_year)


def fields_of(scenario: Scenario, values: Mapping[str, float]) -> dict[str, Field]:
    """Every input of the scenario, given the ``values`` in use."""
    return {name: field_of(scenario, row, values) for name, row in rows_in_use(scenario).items()}


def field_of(scenario: Scenario, row: Row, values: Mapping[str, float]) -> Field:
    """One input of the scenario, given the ``values`` in use."""
    factor = 1.0
    if row.is_money:
        factor = price_basis_factor(
            row.price_basis,
            scenario.currency,
            scenario.price_year,
            values["finance.usd_per_eur"],
            values["finance.cost_inflation"],
        )
    bounds = bounds_of(row.name)
    assert bounds is not None
    low, default, high = (part * factor for part in (row.low, row.base, row.high))
    return Field(
        row, bounds, row.unit_in(scenario.currency), values[row.name], low, default, high, row.name in scenario.inputs
    )
