"""Currency and price year, present value and rate of return, by hand."""

import math

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost.finance import internal_rate_of_return, net_present_value, price_basis_factor
from dosecost.inputs import Row, values_in_use
from tests.quantities.builders import check_rows, exactly, stated


def test_euros_of_2018_in_dollars_of_2026() -> None:
    """At 1.12 dollars and 3 % a year over eight years.

    1.03² = 1.0609, 1.03⁴ = 1.12550881, 1.03⁸ = 1.2667700813876161; times 1.12 is 1.41878249115413.
    """
    factor = price_basis_factor("EUR 2018", "USD", 2026, 1.12, 0.03)
    assert factor == exactly(1.12 * 1.2667700813876161)
    assert 1_000 * factor == pytest.approx(1_418.78, abs=0.005)


def test_dollars_of_2026_in_euros_of_2024() -> None:
    # Two years back: over 1.0609, over 1.12.
    assert price_basis_factor("USD 2026", "EUR", 2024, 1.12, 0.03) == exactly(1 / 1.0609 / 1.12)


def test_I_30_one_currency_and_one_year_is_no_conversion() -> None:
    assert price_basis_factor("USD 2026", "USD", 2026, 1.12, 0.03) == 1.0
    assert price_basis_factor("EUR 2026", "EUR", 2026, 1.12, 0.03) == 1.0
    assert price_basis_factor("EUR 2018", "USD", 2026, 1.0, 0.0) == 1.0


@given(
    st.sampled_from(["USD", "EUR"]),
    st.sampled_from(["USD", "EUR"]),
    st.integers(2000, 2060),
    st.integers(2000, 2060),
    st.floats(0.2, 5),
    st.floats(0, 0.5),
)
def test_I_30_there_and_back(a: str, b: str, year_a: int, year_b: int, rate: float, inflation: float) -> None:
    there = price_basis_factor(f"{a} {year_a}", b, year_b, rate, inflation)
    back = price_basis_factor(f"{b} {year_b}", a, year_a, rate, inflation)
    assert there * back == pytest.approx(1.0, rel=1e-12)


def row(name: str, base: float, basis: str) -> Row:
    built: Row = stated(Row, name=name, base=base, price_basis=basis)
    return built


ROWS = {
    "finance.usd_per_eur": row("finance.usd_per_eur", 1.25, "n/a"),
    "finance.cost_inflation": row("finance.cost_inflation", 0.1, "n/a"),
    "monitoring.plate_price": row("monitoring.plate_price", 8.0, "EUR 2024"),
    "monitoring.reading_minutes": row("monitoring.reading_minutes", 6.0, "n/a"),
}


def test_defaults_are_converted_and_the_users_own_numbers_are_not() -> None:
    """8 EUR of 2024 are 8 × 1.25 × 1.1 × 1.1 = 12.10 USD of 2026; the user's 15 are 15."""
    assert values_in_use(ROWS, {}, "USD", 2026)["monitoring.plate_price"] == exactly(12.1)
    assert values_in_use(ROWS, {"monitoring.plate_price": 15.0}, "USD", 2026)["monitoring.plate_price"] == 15.0
    assert values_in_use(ROWS, {}, "USD", 2026)["monitoring.reading_minutes"] == 6.0


def test_the_users_own_exchange_rate_and_inflation_convert_the_defaults() -> None:
    own = {"finance.usd_per_eur": 1.0, "finance.cost_inflation": 0.5}
    assert values_in_use(ROWS, own, "USD", 2026)["monitoring.plate_price"] == exactly(18.0)  # 8 × 1.5 × 1.5


def test_a_draw_stands_in_the_price_basis_of_its_row() -> None:
    drawn = values_in_use(ROWS, {}, "USD", 2026, {"monitoring.plate_price": 10.0})
    assert drawn["monitoring.plate_price"] == exactly(15.125)  # 10 × 1.25 × 1.21


def test_I_64_rows_of_conversion() -> None:
    check_rows(
        lambda rate, inflation: price_basis_factor("EUR 2018", "USD", 2026, rate, inflation),
        rate=[1.0, 1.12, 0.9],
        inflation=[0.0, 0.03, 0.1],
    )


def yearly(*amounts: float) -> list[float]:
    """Monthly flows with these amounts at the ends of the years."""
    return [flow for amount in amounts for flow in [0.0] * 11 + [amount]]


FLOWS = st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=60)


def test_present_value_of_flows_at_year_ends() -> None:
    # At 10 %: 110 after a year is 100, 242 after two is 200, 133.1 after three is 100.
    assert net_present_value(yearly(110.0, 242.0, 133.1), 0.1) == exactly(400.0)
    assert net_present_value(yearly(-110.0, 242.0, 133.1), 0.1) == exactly(200.0)


def test_present_value_of_one_flow_half_a_year_from_now() -> None:
    # At 44 % a year a flow at the end of month 6 is divided by 1.2.
    assert net_present_value([0.0] * 5 + [120.0], 0.44) == exactly(100.0)


@given(FLOWS)
def test_I_25_at_no_discount_the_present_value_is_the_sum(flows: list[float]) -> None:
    assert net_present_value(flows, 0.0) == pytest.approx(math.fsum(flows), rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.floats(0, 1))
def test_I_27_monthly_and_yearly_form_agree_at_year_ends(amounts: list[float], rate: float) -> None:
    by_year = math.fsum(amount / (1 + rate) ** year for year, amount in enumerate(amounts, start=1))
    assert net_present_value(yearly(*amounts), rate) == pytest.approx(by_year, rel=1e-9, abs=1e-6)


@given(FLOWS, st.floats(0, 1))
def test_present_value_agrees_with_numpy_financial(flows: list[float], rate: float) -> None:
    """``npf.npv`` puts its first flow at time 0; ours is the end of month 1, so a 0 goes before."""
    monthly = (1 + rate) ** (1 / 12) - 1
    assert net_present_value(flows, rate) == pytest.approx(float(npf.npv(monthly, [0.0, *flows])), rel=1e-9, abs=1e-6)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(0, 1), st.floats(0, 1))
def test_I_49_a_higher_rate_shrinks_what_is_all_spent(spent: list[float], low: float, more: float) -> None:
    flows = [-amount for amount in spent]
    assert net_present_value(flows, low + more) >= net_present_value(flows, low) - 1e-6


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        (yearly(-1_000.0, 1_150.0), 0.15),
        (yearly(-1_000.0, 0.0, 1_322.5), 0.15),  # 1.15² = 1.3225
        (yearly(-1_000.0, 850.0), -0.15),
        (yearly(-1_000.0, 500.0, 747.5), 0.15),  # 1,000 grow to 1,150; less 500 are 650; these grow to 747.50
        ([-1_000.0, 1_010.0], 1.01**12 - 1),  # one per cent a month
        (yearly(1_000.0, -1_150.0), 0.15),  # borrowing
    ],
)
def test_I_26_rate_of_return(flows: list[float], rate: float) -> None:
    found, reason = internal_rate_of_return(flows)
    assert found == pytest.approx(rate, rel=1e-6)
    assert reason == ""


@pytest.mark.parametrize("per_cent", [-20, 0, 4, 10, 12, 20, 30, 40, 50, 60, 80, 100])
def test_I_26_a_round_rate_of_return_is_found(per_cent: int) -> None:
    """100 spent at the end of year 1, 100 plus the interest back at the end of year 2: one change of sign, one rate."""
    found, reason = internal_rate_of_return(yearly(-100.0, 100.0 + per_cent))
    assert reason == ""
    assert found == pytest.approx(per_cent / 100, rel=1e-6, abs=1e-9)


@given(st.floats(-0.85, 9.0), st.floats(1.0, 1e8), st.integers(1, 90))
def test_I_26_one_investment_and_one_return_have_the_rate_that_joins_them(
    rate: float, spent: float, months: int
) -> None:
    flows = [-spent, *[0.0] * (months - 1), spent * (1 + rate) ** (months / 12)]
    found, reason = internal_rate_of_return(flows)
    assert reason == ""
    assert found == pytest.approx(rate, rel=1e-6, abs=1e-6)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=24), st.lists(st.floats(1, 1e6), min_size=1, max_size=60))
def test_I_26_the_present_value_at_the_rate_is_zero(spent: list[float], earned: list[float]) -> None:
    flows = [*(-amount for amount in spent), *earned]
    found, reason = internal_rate_of_return(flows)
    if found is None:  # beyond -90 % or 1,000 % a year
        low, high = net_present_value(flows, -0.9), net_present_value(flows, 10.0)
        assert low * high > 0, reason
    else:
        assert abs(net_present_value(flows, found)) <= 1e-6 * sum(map(abs, flows))


@pytest.mark.parametrize("flows", [yearly(-100.0, -20.0), yearly(100.0, 20.0), [0.0] * 24])
def test_I_26_no_change_of_sign_no_rate(flows: list[float]) -> None:
    found, reason = internal_rate_of_return(flows)
    assert found is None
    assert "never change sign" in reason


def test_I_26_several_rates_give_none_and_say_so() -> None:
    """−100, 220, −120.75: the present value is zero at 5 % and at 15 % (1.05 + 1.15 = 2.2, 1.05 × 1.15 = 1.2075)."""
    flows = yearly(-100.0, 220.0, -120.75)
    assert net_present_value(flows, 0.05) == pytest.approx(0.0, abs=1e-9)
    assert net_present_value(flows, 0.15) == pytest.approx(0.0, abs=1e-9)
    found, reason = internal_rate_of_return(flows)
    assert found is None
    assert reason == "several rates do"


def test_I_26_two_rates_close_together_are_still_several() -> None:
    """−100, 221, −122.1009: zero at 10.1 % and at 10.9 % (1.101 + 1.109 = 2.21, 1.101 × 1.109 = 1.221009)."""
    flows = yearly(-100.0, 221.0, -122.1009)
    assert net_present_value(flows, 0.101) == pytest.approx(0.0, abs=1e-9)
    assert net_present_value(flows, 0.109) == pytest.approx(0.0, abs=1e-9)
    assert internal_rate_of_return(flows) == (None, "several rates do")


def test_I_26_the_sign_changes_but_no_rate_brings_zero() -> None:
    # −100, 100, −100: the present value is negative at every rate.
    found, reason = internal_rate_of_return(yearly(-100.0, 100.0, -100.0))
    assert found is None
    assert reason == "no rate brings the present value to zero"


def test_I_26_a_change_of_sign_with_one_rate_only() -> None:
    # −100, 130, −1: after the earning a small cost; the larger rate is beyond what is plausible, the smaller negative.
    flows = yearly(-100.0, 130.0, -1.0)
    found, _ = internal_rate_of_return(flows)
    assert found == pytest.approx(0.65 + math.sqrt(0.65**2 - 0.01) - 1, rel=1e-6)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_I_26_the_rate_in_range_is_found_beside_one_that_is_not(sign: float) -> None:
    """Zero at −91 % and at 990 % (0.09 + 10.9 = 10.99, 0.09 × 10.9 = 0.981); the first is not a plausible rate."""
    flows = yearly(sign * -100.0, sign * 1_099.0, sign * -98.1)
    found, reason = internal_rate_of_return(flows)
    assert found == pytest.approx(9.9, rel=1e-9)
    assert reason == ""


def test_I_51_the_rate_does_not_depend_on_the_unit_of_money() -> None:
    flows = yearly(-1_000.0, 500.0, 747.5)
    small, _ = internal_rate_of_return([flow / 1e6 for flow in flows])
    large, _ = internal_rate_of_return([flow * 1e6 for flow in flows])
    assert small == pytest.approx(large, rel=1e-6)


def test_flows_may_be_an_array() -> None:
    flows = np.array(yearly(-110.0, 242.0))
    assert net_present_value(flows, 0.1) == exactly(100.0)
