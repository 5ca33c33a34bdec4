"""Money: price bases, prices received, and the figures of a series of monthly cash flows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy_financial as npf

from dosecost.arithmetic import Number, maximum, tracer, where
from dosecost.fields import quantity

MONTHS_PER_YEAR = 12.0
CURRENCIES = ("USD", "EUR")
RATES = np.arange(-360, 4_001) / 400.0
"""Yearly rates at which the present value is looked at: -90 % to 1,000 % in steps of a quarter per cent."""
BISECTIONS = 60
NOISE = 1e-12
"""Share of the money moved below which a present value counts as zero."""
LOW_RATE = 1e-7
"""Monthly interest below which a level payment is its series."""
MOST_RATES = 4
"""Rates of return that a traced run keeps."""


@dataclass(frozen=True, slots=True)
class Finance:
    """Exchange, inflation, discounting and the prices received for doses."""

    usd_per_eur: Number = quantity("USD/EUR", at_least=0.2, at_most=5)
    cost_inflation: Number = quantity("fraction/yr", at_most=0.5)
    discount_rate: Number = quantity("fraction/yr", at_most=2)
    charge_back_price: Number = quantity("money/dose")
    list_price: Number = quantity("money/dose")
    gross_to_net: Number = quantity("fraction")
    paid_share: Number = quantity("fraction")
    royalty: Number = quantity("fraction")
    payment_months: Number = quantity("months", at_most=24)

    @property
    def net_price(self) -> Number:
        """What a paid dose brings: the list price without what is given back, money."""
        return self.list_price * (1.0 - self.gross_to_net)


def price_basis_factor(basis: str, currency: str, year: int, usd_per_eur: Number, inflation: Number) -> Number:
    """What a price in ``basis`` (``EUR 2018``) is multiplied by to stand in ``currency`` of ``year``.

    The one place where currency and price year are converted: market exchange rate, then cost inflation over the
    years between.
    """
    its_currency, its_year = basis.split()
    in_usd = 1.0 if its_currency == "USD" else usd_per_eur
    wanted = 1.0 if currency == "USD" else usd_per_eur
    return in_usd / wanted * (1.0 + inflation) ** (year - int(its_year))


def level_payment(amount: Number, monthly_rate: Number, months: int) -> Number:
    """The equal payment at month ends that repays a loan with interest (a sheet's ``-PMT(rate, months, amount)``).

    Below ``LOW_RATE`` the first terms of its series, where the closed form would lose digits.
    """
    rate = maximum(monthly_rate, LOW_RATE)
    level = amount * rate / (1.0 - (1.0 + rate) ** -months)
    return where(monthly_rate < LOW_RATE, amount / months * (1.0 + monthly_rate * (months + 1.0) / 2.0), level)


def loan_payments(amount: Number, yearly_interest: Number, interest_only: int, repayment: int) -> tuple[Number, ...]:
    """What is due on a loan at each month end after it is drawn: interest alone, then level payments.

    The interest is nominal, a twelfth of it a month.
    """
    monthly = yearly_interest / MONTHS_PER_YEAR
    return (amount * monthly,) * interest_only + (level_payment(amount, monthly, repayment),) * repayment


def loan_interest(amount: Number, yearly_interest: Number, interest_only: int, repayment: int) -> tuple[Number, ...]:
    """The part of each of ``loan_payments`` that is interest: a twelfth of the rate on what is still owed."""
    monthly, owed = yearly_interest / MONTHS_PER_YEAR, amount
    found = []
    for i, payment in enumerate(loan_payments(amount, yearly_interest, interest_only, repayment)):
        found.append(owed * monthly)
        owed = owed * (1.0 + monthly) - payment if i >= interest_only else owed
    return tuple(found)


def payback_month(flows: Sequence[Number]) -> Any:
    """First month from which on the sum of the flows so far stays at or above zero; none where it does not, or was
    never below."""
    if (call := tracer(*flows)) is not None:
        return call("payback_month", *flows)
    reached, total, below = None, 0.0, False
    for month, flow in enumerate(flows, start=1):
        total += flow
        if total < 0:
            reached, below = None, True
        elif below and reached is None:
            reached = month
    return reached


def net_present_value(flows: Sequence[Number], yearly_rate: Number) -> Number:
    """Present value at the opening of month 1 of flows at month ends, at the monthly rate (1 + yearly)^(1/12) - 1."""
    if (call := tracer(yearly_rate, *flows)) is not None:
        return call("net_present_value", yearly_rate, *flows)
    monthly = (1.0 + yearly_rate) ** (1.0 / MONTHS_PER_YEAR)
    value: Number = 0.0
    for month, flow in enumerate(flows, start=1):
        value = value + flow / monthly**month
    return value


def internal_rate_of_return(flows: Sequence[Number]) -> tuple[Any, Any]:
    """Yearly internal rate of return of monthly flows, and why there is none where there is none.

    Flows that never change sign have no rate; flows that change sign more than once may have several, so one is given
    only where the present value crosses zero once between -90 % and 1,000 % a year, on a grid of a quarter per cent.
    numpy-financial gives the rate where it finds that one; it takes the root nearest zero, so it is checked, and the
    crossing is bisected where it found another or none.
    """
    if (call := tracer(*flows)) is not None:
        return call("rate_of_return", *flows), call("no_rate_because", *flows)
    if len({flow > 0 for flow in flows if flow != 0}) < 2:
        return None, "the flows never change sign"
    found = _crossings(flows)
    if len(found) != 1:
        return None, "several rates do" if found else "no rate brings the present value to zero"
    low, high = found[0]
    rate = float((1.0 + npf.irr(np.asarray([0.0, *flows]))) ** MONTHS_PER_YEAR - 1.0)
    return (rate if low <= rate <= high else _bisected(flows, low, high)), ""


def rates_of_return(flows: Sequence[Number]) -> list[Any]:
    """Every yearly rate between -90 % and 1,000 % at which the present value of monthly flows crosses zero.

    Of traced flows the first ``MOST_RATES``, none where there are fewer.
    """
    if (call := tracer(*flows)) is not None:
        return [call("crossing_rate", float(i), *flows) for i in range(MOST_RATES)]
    return [_bisected(flows, low, high) for low, high in _crossings(flows)]


def _crossings(flows: Sequence[float]) -> list[tuple[float, float]]:
    """Pairs of neighbouring rates of the grid between which the present value changes its sign."""
    months = np.arange(1, len(flows) + 1)
    values = ((1.0 + RATES[:, None]) ** (-months / MONTHS_PER_YEAR) * np.asarray(flows)).sum(axis=1)
    clear = np.abs(values) > NOISE * np.abs(np.asarray(flows)).sum()
    rates, signs = RATES[clear], np.sign(values[clear])
    return [(float(rates[i]), float(rates[i + 1])) for i in np.flatnonzero(signs[1:] != signs[:-1])]


def _bisected(flows: Sequence[float], low: float, high: float) -> float:
    """Where the present value crosses zero between two rates at which its signs differ."""
    rising = net_present_value(flows, high) > 0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if (net_present_value(flows, middle) > 0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2.0
