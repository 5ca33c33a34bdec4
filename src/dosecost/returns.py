"""What the plan is worth, to the programme and to its owners: value, payback, the price it needs, who pays for what."""

from typing import Any, NamedTuple

from dosecost.arithmetic import Number, defined, total, where
from dosecost.cash import received_in
from dosecost.evaluation import Evaluation
from dosecost.finance import (
    internal_rate_of_return,
    loan_interest,
    net_present_value,
    payback_month,
    rates_of_return,
)

LIST_PRICE = "finance.list_price"
CHARGE_BACK_PRICE = "finance.charge_back_price"
NO_SALES = "no dose is paid for within the plan"
ANY_PRICE = "the programme pays at any price"


class Worth(NamedTuple):
    """Figures of one series of monthly flows: present value, rate of return (or none, and why), every rate that brings
    the present value to zero, and the month from which on the sum of the flows stays positive (or none)."""

    npv: Number
    irr: Any
    irr_reason: Any
    rates: list[Any]
    payback_month: Any


class ViablePrice(NamedTuple):
    """The price at which the programme's present value is zero: of which input, and none with the reason."""

    input: str
    price: Any
    reason: Any


class SourcesAndUses(NamedTuple):
    """Where the plan's money comes from and where it goes, opening to closing; both add up to the same."""

    sources: dict[str, Number]
    uses: dict[str, Number]


def owners_flows(e: Evaluation) -> list[Number]:
    """Net flow of each month to those who own the programme: grants, subsidies and loans in, debt service out, and
    without the equity that they put in."""
    equity = _received(e, "equity")
    return [month.inflow - month.outflow - own for month, own in zip(e.cash.months, equity, strict=True)]


def worth(e: Evaluation, flows: list[Number]) -> Worth:
    """Present value at the scenario's discount rate, rate of return and payback of monthly flows."""
    irr, reason = internal_rate_of_return(flows)
    npv = net_present_value(flows, e.areas.finance.discount_rate)
    return Worth(npv, irr, reason, rates_of_return(flows), payback_month(flows))


def minimum_viable_price(e: Evaluation) -> ViablePrice:
    """The list price at which the programme's present value is zero, all else as it is; without doses sold at a price,
    the charge-back. Royalties follow the list price."""
    finance = e.areas.finance
    sales = [month.sales * (1.0 - finance.royalty) for month in e.cash.months]
    earned, name, present = sales, LIST_PRICE, finance.list_price
    if not any(phase.revenue == "price" for phase in e.scenario.plan.phases):
        earned, name, present = [month.revenue for month in e.cash.months], CHARGE_BACK_PRICE, finance.charge_back_price
    value = net_present_value(earned, finance.discount_rate)
    price = present * (1.0 - e.npv / where(value > 0, value, 1.0))
    found = where(value > 0, where(price > 0, 1.0, 0.0), 0.0)
    reason = where(value > 0, where(price > 0, "", ANY_PRICE), NO_SALES)
    return ViablePrice(name, defined(found > 0, price), reason)


def sources_and_uses(e: Evaluation) -> SourcesAndUses:
    """All money of the plan to its horizon, scenario money."""
    months = e.cash.months
    horizon = len(months)
    interest: Number = 0.0
    lent: Number = 0.0
    for loan in e.scenario.plan.of_kind("debt"):
        due = loan_interest(
            loan.amount, loan.yearly_interest, int(loan.interest_only_months), int(loan.repayment_months)
        )
        interest = interest + total(due[: max(0, horizon - int(loan.month))])
        lent = lent + (loan.amount if loan.month <= horizon else 0.0)
    sales, revenue = total(month.sales for month in months), total(month.revenue for month in months)
    parts = ("research", "administration", "clinical", "plant", "change", "capital", "stock")
    return SourcesAndUses(
        sources={"opening_cash": e.scenario.plan.opening_cash}
        | {kind: total(_received(e, kind)) for kind in ("equity", "grant", "subsidy")}
        | {"debt": lent, "sales": sales, "charge_back": revenue - sales},
        uses={part: total(getattr(month, part) for month in months) for part in parts}
        | {
            "interest": interest,
            "repayment": total(month.debt_service for month in months) - interest,
            "closing_cash": months[-1].closing,
        },
    )


def _received(e: Evaluation, kind: str) -> list[Number]:
    receipts = tuple(receipt for receipt in e.scenario.plan.receipts if receipt.kind == kind)
    return [received_in(receipts, month.month) for month in e.cash.months]
