"""Which inputs a scenario's figures come from: an input that no figure's formula reaches does nothing here."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from dosecost import trace
from dosecost.evaluation import areas_of, cash_of, cost_of, rows_in_use, stages_of, year_of
from dosecost.inputs import Areas
from dosecost.scenario import Scenario, after_changes


def inputs_used(scenario: Scenario) -> frozenset[str]:
    """Names of the inputs behind the year's quantities and ledger, the cost of a dose, and the plan's cash.

    From the traced run, so both sides of a condition count: an input not named here moves nothing at any value, as
    long as the choices, the steps and the plan stay.
    """
    scenario = replace(scenario, inputs={})
    by_stage = [{stage: _traced(plant, stage) for stage in stages_of(scenario)} for plant in after_changes(scenario)]
    areas = by_stage[0][scenario.choices.stage]
    results, rate = year_of(scenario, areas), areas.finance.discount_rate
    cost, cash = cost_of(scenario.choices, results), cash_of(scenario, areas, results, by_stage)
    return frozenset(trace.inputs_behind(trace.Traced(None, "all", (*_numbers((results, cost, cash)), rate))))


def _traced(scenario: Scenario, stage: str) -> Areas:
    rows = rows_in_use(scenario, stage)
    return areas_of(scenario, stage, {name: trace.Traced(row.base, name=name) for name, row in rows.items()})


def _numbers(part: object) -> Iterator[object]:
    """Every number in nested tuples, lists, records and tables."""
    if isinstance(part, dict):
        part = tuple(part.values())
    elif is_dataclass(part):
        part = tuple(getattr(part, column.name) for column in fields(part))
    if isinstance(part, (tuple, list)):
        for inner in part:
            yield from _numbers(inner)
    else:
        yield part
