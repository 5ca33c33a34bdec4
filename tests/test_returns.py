"""What the plan is worth: by hand, against numpy-financial and pyxirr, and what must add up."""

from typing import Any

import numpy_financial as npf
import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from dosecost.cash import PhaseFlows
from dosecost.contract import as_data
from dosecost.evaluation import evaluate
from dosecost.finance import (
    internal_rate_of_return,
    level_payment,
    loan_interest,
    loan_payments,
    net_present_value,
    payback_month,
    rates_of_return,
)
from dosecost.returns import minimum_viable_price, owners_flows, sources_and_uses, worth
from dosecost.scenario import Scenario, load, with_change, with_changes
from tests.quantities.builders import exactly

LOAN = {
    "id": "loan",
    "name": "Venture debt",
    "kind": "debt",
    "month": 30,
    "amount": 20_000_000,
    "yearly_interest": 0.11,
    "interest_only_months": 12,
    "repayment_months": 36,
}
GRANT = {"id": "grant", "name": "Grant", "kind": "grant", "month": 3, "amount": 9_000_000, "instalments": 24}
SUBSIDY = {"id": "subsidy", "name": "Hospital", "kind": "subsidy", "month": 5, "amount": 1_200_000, "instalments": 12}


def ten_years(**changed: object) -> Scenario:
    """The investor's plan with a loan, a grant, a plant to be built and a good price."""
    s = load("investor")
    receipts = [*s.body()["plan"]["receipts"], GRANT]
    plan = {"plan.receipts": receipts, "plan.decisions": [LOAN], "plan.plant": "new", "plan.horizon_months": 120}
    return with_changes(s, plan | {"finance.list_price": 900_000.0} | changed, "test")


def test_a_ten_year_plan_agrees_with_pyxirr() -> None:
    e = evaluate(ten_years())
    assert sum(m.capital for m in e.cash.months) > 1e7
    rate = e.areas.finance.discount_rate
    monthly = (1 + rate) ** (1 / 12) - 1
    for flows in (e.flows, owners_flows(e)):
        found = worth(e, flows)
        series = [0.0, *flows]  # ours stand at month ends, theirs start at time 0
        assert found.npv == pytest.approx(pyxirr.npv(monthly, series), rel=1e-9)
        theirs = pyxirr.irr(series)
        assert theirs is not None
        assert found.irr == pytest.approx((1 + theirs) ** 12 - 1, rel=1e-9)
        assert found.rates == pytest.approx([found.irr], rel=1e-9)
        assert net_present_value(flows, float(found.irr or 0)) == pytest.approx(0, abs=1e-6 * sum(map(abs, flows)))
    assert worth(e, owners_flows(e)).irr != worth(e, e.flows).irr


def test_owners_get_what_is_left_beside_their_equity() -> None:
    e = evaluate(ten_years())
    equity = sources_and_uses(e).sources["equity"]
    left = e.cash.months[-1].closing - e.scenario.plan.opening_cash - equity
    assert sum(owners_flows(e)) == pytest.approx(left, abs=0.01)
    lent, granted = 20_000_000.0, 9_000_000.0
    service = sum(m.debt_service for m in e.cash.months)
    assert sum(owners_flows(e)) == pytest.approx(sum(e.flows) + lent + granted - service, abs=0.01)


@pytest.mark.parametrize("changed", [{}, {"finance.list_price": 300_000.0}, {"finance.royalty": 0.0}])
def test_the_viable_price_put_back_is_worth_nothing(changed: dict[str, object]) -> None:
    s = ten_years(**changed)
    found = minimum_viable_price(evaluate(s))
    assert (found.input, found.reason) == ("finance.list_price", "")
    assert found.price is not None
    assert evaluate(with_change(s, found.input, found.price, "test")).npv == pytest.approx(0.0, abs=0.01)
    cent_more = with_change(s, found.input, found.price + 1.0, "test")
    assert evaluate(cent_more).npv > 0


def test_an_academic_unit_needs_a_charge_back() -> None:
    s = load("academic")
    found = minimum_viable_price(evaluate(s))
    assert found.input == "finance.charge_back_price"
    assert found.price is not None
    assert evaluate(with_change(s, found.input, found.price, "test")).npv == pytest.approx(0.0, abs=0.01)


def test_no_price_helps_where_no_dose_is_paid_for() -> None:
    found = minimum_viable_price(evaluate(load("founder")))
    assert (found.price, found.reason) == (None, "no dose is paid for within the plan")


@pytest.mark.parametrize("name", ["academic", "founder", "investor"])
def test_sources_and_uses_add_up_to_the_same(name: str) -> None:
    s = load(name)
    receipts = [*s.body()["plan"]["receipts"], SUBSIDY]
    hire = {"id": "hire", "name": "Hire", "kind": "hire", "month": 4, "role": "msat", "heads": 1}
    switch = {"id": "to", "name": "Switch", "kind": "switch_platform", "month": 40, "platform": "integrated_closed"}
    s = with_changes(s, {"plan.receipts": receipts, "plan.decisions": [LOAN, hire, switch]}, "test")
    found = sources_and_uses(evaluate(s))
    assert sum(found.sources.values()) == pytest.approx(sum(found.uses.values()), abs=0.01)
    assert found.sources["subsidy"] == exactly(1_200_000.0)
    assert found.sources["debt"] == 20_000_000.0
    assert found.uses["change"] > 0
    within = min(36, s.plan.horizon_months - 42)
    part = loan_interest(20e6, 0.11, 12, 36)[: 12 + int(within)]
    assert found.uses["interest"] == exactly(sum(part))


def test_a_loan_is_repaid_to_the_cent() -> None:
    """1,200 at 12 %: 12 of interest for two months, then three payments of 408.03; interest 12, 8.04 and 4.04."""
    payments, interest = loan_payments(1_200.0, 0.12, 2, 3), loan_interest(1_200.0, 0.12, 2, 3)
    assert payments == pytest.approx((12.0, 12.0, 408.0265, 408.0265, 408.0265), abs=5e-5)
    assert interest == pytest.approx((12.0, 12.0, 12.0, 8.0397, 4.0399), abs=5e-5)
    assert sum(payments) - sum(interest) == exactly(1_200.0)
    assert loan_payments(1_200.0, 0.0, 1, 4) == (0.0, 300.0, 300.0, 300.0, 300.0)


@given(st.floats(1, 1e8), st.floats(0, 0.5), st.integers(1, 120))
def test_level_payments_agree_with_numpy_financial(amount: float, yearly: float, months: int) -> None:
    if yearly > 0.001:  # below, numpy-financial loses its digits
        theirs = -npf.pmt(yearly / 12, months, amount)
        assert level_payment(amount, yearly / 12, months) == pytest.approx(theirs, rel=1e-9)
    repaid = sum(loan_payments(amount, yearly, 0, months)) - sum(loan_interest(amount, yearly, 0, months))
    assert repaid == pytest.approx(amount, rel=1e-9)


@pytest.mark.parametrize(
    ("flows", "month"),
    [
        ([-100.0, 40.0, 60.0, 5.0], 3),
        ([-100.0, 40.0, 60.0, -5.0, 5.0], 5),  # below again in month 4
        ([-100.0, 40.0], None),
        ([10.0, 10.0], None),  # never below: nothing to pay back
        ([], None),
    ],
)
def test_payback(flows: list[float], month: int | None) -> None:
    assert payback_month(flows) == month


def test_I_26_all_rates_are_listed() -> None:
    """−100, 220, −120.75 at year ends: zero at 5 % and at 15 %."""
    flows = [flow for amount in (-100.0, 220.0, -120.75) for flow in [0.0] * 11 + [amount]]
    assert internal_rate_of_return(flows) == (None, "several rates do")
    assert rates_of_return(flows) == pytest.approx([0.05, 0.15], abs=1e-9)
    assert rates_of_return([-1.0, -1.0]) == []


def test_the_contract_says_all_of_it() -> None:
    data: dict[str, Any] = as_data(evaluate(ten_years()))["cash"]
    assert data["minimum_viable_price"]["price"] > 0
    assert set(data["owners"]) == {"npv", "irr", "irr_reason", "rates", "payback_month"}
    assert sum(data["sources_and_uses"]["sources"].values()) == pytest.approx(
        sum(data["sources_and_uses"]["uses"].values())
    )
    assert {"change", "debt_service", "sales"} <= set(data["months"][0])
    assert "sales" in PhaseFlows._fields
