"""The JSON of ``dosecost evaluate``, ``capacity`` and ``strategy``: stable names, plain numbers, null for nothing."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from dosecost import quotes, recipes
from dosecost.analysis import queueing_rules
from dosecost.analysis.cases import Replayed
from dosecost.analysis.evidence import grade_shares
from dosecost.analysis.journey import journey
from dosecost.analysis.queueing import Simulation
from dosecost.analysis.queueing_promise import Promise
from dosecost.analysis.strategy import (
    best_month,
    in_words,
    outlook,
    strategies_of,
    strategy_map,
    switch_months,
)
from dosecost.arithmetic import Number, defined, maximum, where
from dosecost.cash import Month
from dosecost.evaluation import Evaluation, areas_of
from dosecost.feasibility import check
from dosecost.quantities.capacity import Plant
from dosecost.returns import minimum_viable_price, owners_flows, sources_and_uses, worth
from dosecost.scenario import DATA_VERSION, Scenario
from dosecost.transition import PlannedChange

CELL_SHARES = ("below_minimum", "missed_dose")


def runway_months(e: Evaluation) -> Any:
    """First month whose closing balance is below the floor; none where the money lasts to the plan's horizon."""
    return _whole(defined(e.cash.ran_out > 0, e.cash.cash_out_month))


def flat_burn_runway_months(e: Evaluation) -> Any:
    """Opening cash above the floor over the mean burn of the first months; none where nothing is burnt."""
    above = maximum(0.0, e.scenario.plan.opening_cash - e.scenario.plan.floor)
    burnt = where(e.cash.flat_burn > 0, e.cash.flat_burn, 1.0)
    return defined(e.cash.flat_burn > 0, above / burnt)


def bottleneck(e: Evaluation) -> Any:
    """The resource with the lowest ceiling: suites or the limiting device; the contract where lots are bought."""
    if e.scenario.choices.tenure == "cdmo":
        return "contract slots"
    plant = e.results.plant
    return where(plant.ceiling_suites <= plant.ceiling_devices, "suites", e.recipe.limiting_device)


def _whole(months: Any) -> Any:
    """A count of months as a whole number; a traced one, or none, as it is."""
    return int(months) if isinstance(months, float) else months


def _utilisation(e: Evaluation, plant: Plant) -> dict[str, Number]:
    if e.scenario.choices.tenure == "cdmo":
        return {}
    return {"suites": plant.suites_used, e.recipe.limiting_device: plant.devices_used} | e.results.heads.used


def _month(month: Month) -> dict[str, Any]:
    row = month._asdict()
    return {"month": row.pop("month"), "in": row.pop("inflow"), "out": row.pop("outflow")} | row


def _change(change: PlannedChange) -> dict[str, Any]:
    return change._asdict() | {"cost": change.cost._asdict() | {"price": change.cost.price}}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _scenario(e: Evaluation) -> dict[str, str]:
    return {"name": e.scenario.name, "digest": e.scenario.digest, "data_version": DATA_VERSION}


def _simulated(s: Simulation) -> dict[str, Any]:
    return {
        "patients_per_year": s.design.patients_per_year,
        "loads": s.loads,
        "binding": s.binding,
        "unstable": s.unstable,
        "figures": None if s.unstable else {name: figure._asdict() for name, figure in s.figures.items()},
    }


def capacity_data(e: Evaluation, simulation: Simulation, promise: Promise) -> dict[str, Any]:
    """A simulated queue as plain data for JSON: amounts a year, waits in days, each with its interval and spread."""
    kept = promise._asdict()
    data = {
        "scenario": _scenario(e),
        "runs": asdict(simulation.runs),
        "design": asdict(simulation.design)
        | {"failures": dict(zip(queueing_rules.CAUSES, simulation.design.failures, strict=True))},
        **_simulated(simulation),
        "warm_up_matters": None if simulation.unstable else simulation.warm_up_matters,
        "settled": None if simulation.unstable else simulation.settled,
        "analytic_slot_wait_days": e.results.waits.slot,
        "promise": kept | {"at": _simulated(promise.at) if promise.at else None},
    }
    finite: dict[str, Any] = _finite(data)
    return finite


def strategy_data(s: Scenario, milestone: str = "") -> dict[str, Any]:
    """Strategies at the scenario's own funding and rate as plain data for JSON: money to reach the milestone, runway,
    cost of a patient over the plan, and for every other platform the months to switch with their regret."""
    strategies = strategies_of(s, switch_months(s))
    rate, funding = float(areas_of(s).demand.patients_per_year), s.plan.opening_cash
    view = outlook(s, strategies, [rate], milestone)
    chosen = int(strategy_map(view, [funding]).best[0, 0])
    runway = view.runway(np.asarray([funding]))[:, 0, 0]
    months = {
        platform: best_month(s, platform, None, milestone)
        for platform in recipes.load()
        if platform != s.choices.platform
    }
    last = milestone or s.plan.phases[-1].id
    data = {
        "scenario": {"name": s.name, "digest": s.digest, "data_version": DATA_VERSION},
        "currency": s.currency,
        "milestone": next(phase.name for phase in s.plan.phases if phase.id == last),
        "funding": funding,
        "patients_per_year": rate,
        "strategies": [
            {
                "name": in_words(strategy),
                "platform": strategy.platform,
                "switch_month": strategy.month,
                "cost_per_patient": float(view.cost[i, 0]),
                "needed": float(view.needed[i, 0]),
                "runway_months": float(runway[i]),
                "npv": float(view.npv[i, 0]),
                "change_price": float(view.change_price[i, 0]),
                "change_capital": float(view.change_capital[i, 0]),
                "change_months": float(view.change_months[i, 0]),
                "best": i == chosen,
            }
            for i, strategy in enumerate(strategies)
        ],
        "switch": {
            platform: {
                "best_month": min(found, key=lambda entry: entry.cost).month,
                "worst_regret": max(entry.regret for entry in found),
                "months": [entry._asdict() for entry in found],
            }
            for platform, found in months.items()
        },
    }
    finite: dict[str, Any] = _finite(data)
    return finite


def by_formula(e: Evaluation) -> dict[str, Any]:
    """Every figure of one evaluation that its formulas give, in scenario money; of a traced one, traced."""
    cost, results, plant, funnel = e.cost, e.results, e.results.plant, e.results.funnel
    contract = e.scenario.choices.tenure == "cdmo"
    programme, owners = worth(e, e.flows), worth(e, owners_flows(e))
    return {
        "cost": {
            "per_lot_started": cost.per_lot_started,
            "per_dose_released": cost.per_dose_released,
            "per_patient_infused": cost.per_patient_infused,
            "annual_total": cost.annual_total,
            "fixed_share": cost.fixed_share,
            "failure_share": cost.failure_share,
            "failure_per_patient_infused": journey(e).cost_of_failure,
            "boundaries": cost.boundaries,
        },
        "categories": cost.categories,
        "steps": cost.steps,
        "ledger": [
            {
                "id": line.id,
                "category": line.category,
                "step": line.step,
                "basis": line.basis,
                "quantity": line.quantity,
                "price": line.price,
                "annual": line.annual,
            }
            for line in results.lines
        ],
        "funnel": funnel._asdict() | {"slot_wait_days": results.waits.slot},
        "process": {
            "process_days": results.work.process_days,
            "operator_hours_per_lot": results.work.operator_hours,
            "open_manipulations_per_lot": results.work.open_manipulations,
            "open_sessions_per_lot": results.work.open_sessions,
        },
        "cells": {
            name if name in CELL_SHARES else f"{name}_1e9": value for name, value in results.cells._asdict().items()
        },
        "capacity": {
            "ceiling_lots_per_year": None if contract else plant.ceiling,
            "bottleneck": bottleneck(e),
            "utilisation": _utilisation(e, plant),
            "suites": plant.suites,
            "devices": plant.devices,
            "room_grade": results.grade,
            "capital": results.invested,
            "months_to_first_lot": results.months_to_first_lot,
            "transition_price": results.transition_price,
            "transition_months": results.transition_months,
        },
        "people": {"heads": results.heads.by_role, "total": results.heads.total},
        "monitoring": {
            "plates_per_lot": results.plates.per_lot,
            "plates_per_lot_by_type": results.plates.per_lot_by_type,
            "plates_per_year": results.plates.per_year,
        },
        "cash": {
            "runway_months": runway_months(e),
            "flat_burn_runway_months": flat_burn_runway_months(e),
            "cash_out_month": runway_months(e),
            "lowest_balance": e.cash.lowest,
            "lowest_month": e.cash.lowest_month,
            "funding_gap": e.cash.funding_gap,
            **programme._asdict(),
            "owners": owners._asdict(),
            "minimum_viable_price": minimum_viable_price(e)._asdict(),
            "sources_and_uses": sources_and_uses(e)._asdict(),
            "changes": [_change(change) for change in e.cash.changes],
            "milestones": [milestone._asdict() for milestone in e.cash.milestones],
            "months": [_month(month) for month in e.cash.months],
        },
    }


BESIDE_FORMULAS = {
    "scenario": "names the scenario",
    "currency": "names the scenario's money",
    "price_year": "names the scenario's money",
    "boundary": "a choice of the scenario",
    "quotes": "the user's own quotes, as text",
    "cost.evidence": "attribution over many runs of the whole model, each input at its low and its high",
    "warnings": "rules and whole runs of the model with one thing changed, told in words",
}
"""What ``as_data`` holds beside the figures that are formulas, and why none of it is one."""


def as_data(e: Evaluation) -> dict[str, Any]:
    """One evaluation as plain data for JSON, money in the scenario's currency and price year."""
    figures = by_formula(e)
    data = {
        "scenario": _scenario(e),
        "currency": e.scenario.currency,
        "price_year": e.scenario.price_year,
        "boundary": e.scenario.choices.boundary,
        **figures,
        "cost": figures["cost"] | {"evidence": grade_shares(e.scenario)},
        "quotes": quotes.body(e.scenario.quotes),
        "warnings": [finding._asdict() for finding in check(e)],
    }
    finite: dict[str, Any] = _finite(data)
    return finite


def flat(part: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of nested data with its path; an entry of a list goes by its id or month, else by its place."""
    if isinstance(part, Mapping):
        pairs = list(part.items())
    elif isinstance(part, (list, tuple)):
        pairs = [(_place(entry, i), entry) for i, entry in enumerate(part)]
    else:
        yield prefix, part
        return
    for key, inner in pairs:
        yield from flat(inner, f"{prefix}.{key}" if prefix else str(key))


def _place(entry: Any, i: int) -> str:
    names = entry if isinstance(entry, Mapping) else {}
    return str(names.get("id", names.get("month", i)))


def cases_data(one: Replayed) -> dict[str, Any]:
    """One printed result of a published study beside ours, as plain data for JSON."""
    result, case = one.result, one.case
    return {
        "case": case.id,
        "citation": case.citation,
        "kind": one.kind,
        "label": result.label,
        "unit": result.unit,
        "evidence": result.evidence,
        "printed": result.printed,
        "ours": one.ours,
        "difference": one.difference,
        "low": one.low,
        "high": one.high,
        "within": one.within,
        "reason": result.reason,
        "because": result.because,
    }
