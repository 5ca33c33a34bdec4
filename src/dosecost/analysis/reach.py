"""Which inputs a scenario's figures come from: an input that no figure's formula reaches does nothing here."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

from dosecost import trace
from dosecost.evaluation import areas_of, cash_of, cost_of, rows_in_use, year_of
from dosecost.scenario import Scenario


def inputs_used(scenario: Scenario) -> frozenset[str]:
    """Names of the inputs behind the year's quantities and ledger, the cost of a dose, and the plan's cash.

    From the traced run, so both sides of a condition count: an input not named here moves nothing at any value, as
    long as the choices, the steps and the plan stay.
    """
    scenario = replace(scenario, inputs={})
    stages = dict.fromkeys([scenario.choices.stage, *(phase.stage for phase in scenario.plan.phases)])
    by_stage = {}
    for stage in stages:
        traced = {name: trace.Traced(row.base, name=name) for name, row in rows_in_use(scenario, stage).items()}
        by_stage[stage] = areas_of(scenario, stage, traced)
    areas = by_stage[scenario.choices.stage]
    results, rate = year_of(scenario, areas), areas.finance.discount_rate
    cost, cash = cost_of(scenario.choices, results), cash_of(scenario, areas, results, by_stage)
    return frozenset(trace.inputs_behind(trace.Traced(None, "all", (*_numbers((results, cost, cash)), rate))))


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
