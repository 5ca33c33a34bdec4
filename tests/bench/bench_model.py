"""Time the model (`make bench`): one scenario, arrays of draws, and the floor of plain Python, as ratios of one run.

The floor is the same arithmetic without names: the trace of the year's formulas, flattened to a list of operations and
compiled to one straight Python function of floats. What the model adds to it (records, areas, the ledger) is the ratio.
"""

import gc
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from dosecost import arithmetic, inputs, trace
from dosecost.analysis.curves import platform_curves, volumes_around
from dosecost.analysis.evidence import grade_shares
from dosecost.analysis.strategy import outlook, strategies_of, strategy_map
from dosecost.evaluation import areas_by_stage, areas_of, cash_of, cost_of, evaluate, rows_in_use, year_of
from dosecost.scenario import Scenario, load

DRAWS = 100_000
CHUNK = 8_192
REPEATS = 30


def best(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """Shortest wall time of several runs, seconds; the collector rests."""
    gc.collect()
    gc.disable()
    try:
        shortest = float("inf")
        for _ in range(repeats):
            start = time.perf_counter()
            work()
            shortest = min(shortest, time.perf_counter() - start)
        return shortest
    finally:
        gc.enable()


def floor_function(s: Scenario) -> tuple[Callable[[dict[str, float]], list[float]], int]:
    """The bare arithmetic of everything a page reads of one scenario: the year, the dose, every month of the plan."""
    outputs: list[Any] = []
    values = values_of(s)
    areas = trace.traced_areas(values)
    results = year_of(s, areas)
    cost = cost_of(s.choices, results)
    outputs += [line.annual for line in results.lines]
    outputs += [*cost.categories.values(), cost.per_patient_infused, cost.per_lot_started, cost.per_dose_released]
    money = cash_of(s, areas, results, traced_stages(s, areas))
    outputs += [value for month in money.months for value in (month.inflow, month.outflow, month.closing)]
    outputs += [money.lowest, money.cash_out_month]
    names: dict[int, str] = {}
    body: list[str] = []

    def name_of(node: Any) -> str:
        if not isinstance(node, trace.Traced):
            return repr(float(node)) if not isinstance(node, bool) else repr(node)
        if id(node) in names:
            return names[id(node)]
        stack = [node]
        while stack:
            top = stack[-1]
            waiting = [p for p in top.parents if isinstance(p, trace.Traced) and id(p) not in names]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if id(top) in names:
                continue
            names[id(top)] = f"v{len(names)}"
            parts = [names[id(p)] if isinstance(p, trace.Traced) else repr(p) for p in top.parents]
            if top.operation == "input":
                text = f"i[{top.name!r}]"
            elif top.operation in trace.HELPERS:
                text = f"{top.operation}({', '.join(parts)})"
            else:
                text = f"{parts[0]} {top.operation} {parts[1]}"
            body.append(f" {names[id(top)]} = {text}")
        return names[id(node)]

    returned = ", ".join(name_of(output) for output in outputs)
    source = "def f(i):\n" + "\n".join(body) + f"\n return [{returned}]"
    scope: dict[str, Any] = {name: getattr(arithmetic, name) for name in trace.HELPERS}
    exec(compile(source, "floor", "exec"), scope)  # noqa: S102 (our own generated arithmetic)
    return scope["f"], len(body)


def values_of(s: Scenario, stage: str = "") -> dict[str, float]:
    """Every input in scenario money."""
    return inputs.values_in_use(rows_in_use(s, stage), s.inputs, s.currency, s.price_year)


def traced_stages(s: Scenario, areas: Any) -> list[dict[str, Any]]:
    """Traced areas of every stage of the plan."""
    stages = {s.choices.stage: areas}
    for phase in s.plan.phases:
        if phase.stage not in stages:
            stages[phase.stage] = areas_of(s, phase.stage)
    return [stages]


def draws_of(s: Scenario, count: int) -> dict[str, np.ndarray]:
    """Uniform draws between low and high for forty inputs of a scenario."""
    rng = np.random.default_rng(1)
    rows = rows_in_use(s)
    free = [name for name, row in rows.items() if row.low < row.high and name not in s.inputs]
    return {name: rng.uniform(rows[name].low, rows[name].high, count) for name in free[:: len(free) // 40][:40]}


def in_chunks(s: Scenario, draws: dict[str, np.ndarray], plan: bool) -> np.ndarray:
    """The headline of every draw (and its plan), in chunks that bound the memory."""
    count = len(next(iter(draws.values())))
    out = np.empty(count)
    for start in range(0, count, CHUNK):
        part = {name: values[start : start + CHUNK] for name, values in draws.items()}
        areas = areas_of(s, given=part)
        results = year_of(s, areas)
        out[start : start + CHUNK] = cost_of(s.choices, results).per_patient_infused
        if plan:
            cash_of(s, areas, results, areas_by_stage(s, areas, part))
    return out


def main() -> None:
    """Print the table of `docs/performance.md`."""
    s = load("founder")
    areas = areas_of(s)
    floor, operations = floor_function(s)
    values = values_of(s)
    assert floor(values)[-2] == evaluate(s).cash.lowest
    at_floor = best(lambda: floor(values))
    rows: list[tuple[str, float, str]] = [
        (f"floor: {operations:,} bare operations, year and {s.plan.horizon_months:.0f} months", at_floor, "1"),
    ]

    def add(label: str, seconds: float) -> None:
        rows.append((label, seconds, f"{seconds / at_floor:.2f}"))

    add("inputs to typed areas", best(lambda: areas_of(s)))
    add("one year: quantities, ledger, cost of a dose", best(lambda: cost_of(s.choices, year_of(s, areas))))
    for name in ("founder", "academic", "investor"):
        other = load(name)
        months = other.plan.horizon_months
        add(f"evaluate {name}, {months:.0f} months, everything a page needs", best(lambda other=other: evaluate(other)))
    add("evidence shares", best(lambda: grade_shares(s), 5))
    volumes = volumes_around(40)
    add(f"volume curves, four platforms × {len(volumes)} volumes", best(lambda: platform_curves(s, volumes), 5))
    months = range(26, 84, 6)
    rates, funding = np.linspace(5, 500, 50), np.linspace(1e6, 4e8, 50)
    named = strategies_of(s, months)
    add(
        f"strategy map, {len(named)} strategies × 50 amounts × 50 rates",
        best(lambda: strategy_map(outlook(s, named, rates), funding), 5),
    )
    draws = draws_of(s, DRAWS)
    year = best(lambda: in_chunks(s, draws, plan=False), 2)
    whole = best(lambda: in_chunks(s, draws, plan=True), 1)
    print(f"{'work':<68}{'ms':>10}{'of the floor':>14}")
    for label, seconds, ratio in rows:
        print(f"{label:<68}{seconds * 1e3:>10.2f}{ratio:>14}")
    each = at_floor / (whole / DRAWS)
    print(f"{DRAWS:,} draws of 40 inputs, cost only{'':<33}{DRAWS / year / 1e6:>10.2f} M/s")
    rate = f"{DRAWS / whole / 1e6:>10.3f} M/s, {each:.0f} × floor"
    print(f"{DRAWS:,} draws of 40 inputs, with the monthly plan{'':<22}{rate}")


if __name__ == "__main__":
    main()
