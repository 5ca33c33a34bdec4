"""Stock of materials and vector: bought before the first lot of a rate, used up when it falls; by hand to the cent."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dosecost import cash, trace
from dosecost.cash import Cash
from dosecost.contract import as_data
from dosecost.evaluation import areas_by_stage, areas_of, cash_of, evaluate, year_of
from dosecost.ledger import PER_LOT, PER_YEAR, Line
from dosecost.model import Results
from dosecost.plan import Plan
from dosecost.quantities.losses import Funnel
from dosecost.returns import sources_and_uses
from dosecost.scenario import load, with_changes
from tests import test_cash
from tests.quantities.builders import check_rows, exactly, nothing, stated
from tests.test_cash import DESIGN, IDLE, PLAN, SETUP, STANDING, TRIAL, TRIAL_YEAR, column


def year(lots: float) -> Results:
    """Materials for 4,000 and vector for 1,000 a lot, and 120,000 of wages."""
    lines = [
        Line("materials.m", "materials", "", PER_LOT, lots, 4_000.0),
        Line("vector.v", "vector", "", PER_LOT, lots, 1_000.0),
        Line("labour.people.operator", "labour", "", PER_YEAR, 1.0, 120_000.0),
    ]
    built: Results = stated(Results, lines=lines, funnel=nothing(Funnel, collected=lots))
    return built


ONE, TWO, LATE = (replace(TRIAL, id=name, months=months, revenue="none") for name, months in
                  (("one", 3.0), ("two", 2.0), ("late", 12.0)))  # fmt: skip
STEPS: Plan = replace(PLAN, phases=(SETUP, ONE, TWO, LATE), receipts=())
RUNS = (IDLE, year(24.0), year(48.0), year(6.0))


def run(plan: Plan = STEPS, runs: Any = RUNS, months: float = 2.0, vector: float = 3.0) -> Cash:
    a = test_cash.areas(stock_months=months, vector_stock_months=vector)
    return cash.run(cash.programme(plan, a, DESIGN, STANDING, runs))


def test_twelve_months_to_the_cent() -> None:
    """Ready in month 7: two patients a month in months 7 to 9, four in 10 and 11, half a one from month 12 on.

    Month 6 buys two months of materials, 16,000, and three of vector, 6,000. Month 9 buys as much again, before the
    rate doubles: 32,000 of materials and 12,000 of vector lie there. At the end of month 11 4,000 and 1,500 would do;
    what is left of month 11's use is 16,000 and 8,000, so nothing is bought, and month 12 uses 2,000 and 500 of it.
    """
    money = run()
    use = [0.0] * 6 + [10e3] * 3 + [20e3] * 2 + [2.5e3]
    assert column(money, "stock_used") == exactly(use)
    held = [0.0] * 5 + [22e3] * 3 + [44e3] * 2 + [24e3, 21.5e3]
    assert column(money, "stock_closing") == exactly(held)
    assert column(money, "stock_opening") == exactly([0.0, *held[:-1]])
    bought = [0.0] * 5 + [22e3, 10e3, 10e3, 32e3, 20e3, 0.0, 0.0]
    assert column(money, "stock_received") == exactly(bought)
    assert column(money, "stock") == exactly([0.0] * 5 + [22e3, 0.0, 0.0, 22e3, 0.0, -20e3, -2.5e3])
    before = run(months=0.0, vector=0.0)
    paid = [b.closing - m.closing for b, m in zip(before.months, money.months, strict=True)]
    assert paid == exactly(held)
    assert column(money, "plant") == column(before, "plant")


def test_I_09_what_is_paid_is_what_is_used_and_what_comes_to_the_stock() -> None:
    for month in run().months:
        assert month.stock_received == exactly(month.stock_used + month.stock_closing - month.stock_opening)


def test_an_existing_plant_has_its_stock_when_the_plan_opens() -> None:
    plan = replace(STEPS, plant="existing", phases=(ONE, TWO, LATE))
    money = run(plan, RUNS[1:])
    assert money.months[0].stock_opening == exactly(22_000.0)
    assert column(money, "stock")[:3] == exactly([0.0, 0.0, 22_000.0])


def test_a_plant_that_is_ready_at_once_buys_its_stock_in_the_first_month() -> None:
    plan = replace(STEPS, phases=(ONE, TWO, LATE), plant_order_month=1.0)
    a = test_cash.areas(stock_months=2.0, vector_stock_months=3.0)
    design = DESIGN._replace(months_to_first_lot=0.0)
    money = cash.run(cash.programme(plan, a, design, STANDING, RUNS[1:]))
    assert (money.months[0].stock_opening, money.months[0].stock_received) == (0.0, exactly(32_000.0))


@pytest.mark.parametrize("months", [0.0, 0.25, 1.0, 24.0])
def test_I_15_opening_and_received_less_used_is_closing_and_never_below_zero(months: float) -> None:
    money = run(replace(STEPS, horizon_months=60.0), months=months, vector=months)
    opening = 0.0
    for month in money.months:
        assert month.stock_opening == opening
        assert month.stock_closing == exactly(opening + month.stock_received - month.stock_used)
        assert month.stock_closing >= 0
        assert month.stock_received >= 0
        opening = month.stock_closing


def test_more_stock_never_leaves_more_cash() -> None:
    for less, more in ((0.0, 1.0), (1.0, 2.5), (2.5, 24.0)):
        pairs = zip(run(months=less).months, run(months=more).months, strict=True)
        assert all(after.closing <= before.closing + 1e-9 for before, after in pairs)


def test_a_trial_without_materials_has_no_stock() -> None:
    bare = TRIAL_YEAR._replace(lines=[line for line in TRIAL_YEAR.lines if line.category != "materials"])
    money = run(PLAN, (IDLE, bare))
    assert column(money, "stock_closing") == [0.0] * 12


# ---- with the cost model -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["academic", "founder", "investor"])
def test_stock_shows_in_the_months_and_in_the_uses(name: str) -> None:
    e = evaluate(load(name))
    data = as_data(e)
    cover, ready = e.areas.materials, int(e.cash.ready)
    first = e.cash.months[ready - 1]
    held = e.cash.months[ready - 2] if ready > 1 else None
    low = min(cover.stock_months, cover.vector_stock_months)
    high = max(cover.stock_months, cover.vector_stock_months)
    if held is not None:
        assert low * first.stock_used - 1e-6 <= held.stock_closing <= high * first.stock_used + 1e-6
    assert {"stock", "stock_opening", "stock_received", "stock_used", "stock_closing"} <= set(data["cash"]["months"][0])
    flows = sources_and_uses(e)
    assert flows.uses["stock"] == exactly(sum(m.stock for m in e.cash.months))
    assert sum(flows.sources.values()) == exactly(sum(flows.uses.values()))
    assert any(m.stock for m in e.cash.months)


def test_under_contract_only_vector_is_the_sponsor_s_to_hold() -> None:
    s = with_changes(load("founder"), {"tenure": "cdmo"}, "test")
    e = evaluate(s)
    none = evaluate(with_changes(s, {"materials.vector_stock_months": 0}, "test"))
    assert any(m.stock_closing for m in e.cash.months)
    assert not any(m.stock_closing for m in none.cash.months)


def test_I_64_rows() -> None:
    def of(months: float, vector: float) -> list[Any]:
        return [value for month in run(months=months, vector=vector).months for value in month[1:]]

    check_rows(of, months=[0.0, 0.5, 2.0, 24.0], vector=[3.0, 0.0, 1.25, 24.0])


def test_draws_run_together_as_they_run_alone_and_as_traced() -> None:
    s = with_changes(load("founder"), {"heads": "fractional", "vector_supply": "campaign"}, "test")
    names = ("materials.stock_months", "materials.vector_stock_months")
    s = replace(s, inputs={name: value for name, value in s.inputs.items() if name not in names})
    rng = np.random.default_rng(11)
    draws = {name: rng.uniform(0, 8, 4) for name in names}

    def closing(given: Any) -> Any:
        a = areas_of(s, given=given)
        return [m.closing for m in cash_of(s, a, year_of(s, a), areas_by_stage(s, a, given)).months]

    together = closing(draws)
    for i in range(4):
        one = {name: float(values[i]) for name, values in draws.items()}
        alone = closing(one)
        assert [np.broadcast_to(month, 4)[i] for month in together] == pytest.approx(alone, rel=1e-11)
        traced = closing({name: trace.Traced(value, name=name) for name, value in one.items()})
        assert [float(trace.value_of(month)) for month in traced] == pytest.approx(alone, rel=1e-11)
    assert set(names) <= trace.inputs_behind(trace.Traced(None, "all", tuple(traced)))
