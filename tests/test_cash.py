"""The plan in money, to the cent: a plant ordered and opened, hiring, a grant, a tranche, payment terms, renewals."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost import cash
from dosecost.cash import Cash, Month, Programme
from dosecost.contract import flat_burn_runway_months, runway_months
from dosecost.costs.materials import Materials
from dosecost.finance import Finance
from dosecost.inputs import Areas
from dosecost.ledger import CAPITAL, PER_LOT, PER_YEAR, Asset, Line
from dosecost.model import Results
from dosecost.plan import Phase, Plan, Receipt
from dosecost.quantities.losses import Funnel, Losses
from dosecost.quantities.people import ROLES, Heads, People, RoleInputs
from tests.quantities.builders import check_rows, exactly, nothing, stated

SETUP = Phase("setup", "Set-up", 4.0, 0.0, "clinical", 50_000.0, 20_000.0, 0.0, "none")
TRIAL = Phase("trial", "Trial", 12.0, 0.5, "clinical", 30_000.0, 25_000.0, 10_000.0, "charge_back")
GRANT = Receipt("grant", "Grant", "grant", 2.0, 300_000.0, 3.0)
TRANCHE = Receipt("tranche", "Tranche", "equity", 9.0, 500_000.0, 1.0)
PLAN = Plan(12.0, 1_000_000.0, 100_000.0, 3.0, "new", 2.0, (SETUP, TRIAL), (GRANT, TRANCHE))


def areas(**changed: Any) -> Areas:
    """A dose is charged 50,000, or listed at 400,000 of which a quarter is lost; a tenth of revenue is royalty; payment
    after two months and a bit, hiring two months ahead; half of the doses out of specification are paid."""
    values = {
        "charge_back_price": 50_000.0,
        "list_price": 400_000.0,
        "gross_to_net": 0.25,
        "paid_share": 1.0,
        "royalty": 0.1,
        "payment_months": 2.9,
        "training_months": 2.0,
        "stock_months": 0.0,
        "vector_stock_months": 0.0,
    }
    values |= changed
    training = values.pop("training_months")
    held = {name: values.pop(name) for name in ("stock_months", "vector_stock_months")}
    roles = {role: RoleInputs(80_000.0 if role == "operator" else 0.0, 0.0, 0.0) for role in ROLES}
    built: Areas = stated(
        Areas,
        finance=stated(Finance, **values),
        people=stated(People, salary_level=1.0, burden=0.5, training_months=training, roles=roles),
        losses=stated(Losses, out_of_specification_paid=0.5),
        materials=stated(Materials, **held),
    )
    return built


# The plant of the full rate: 600,000 of rooms for ten years and 40,000 of instruments for one; a year's rent is
# 24,000 for the used and 12,000 for the idle part; ready four and a half months after the order.
DESIGN = stated(
    Results,
    lines=[
        Line("facility.rent", "facility", "", PER_YEAR, 1.0, 24_000.0),
        Line("idle.facility.rent", "idle_capacity", "", PER_YEAR, 1.0, 12_000.0),
    ],
    assets=[Asset("rooms", "facility", 600_000.0, 10.0), Asset("instruments", "monitoring", 40_000.0, 1.0)],
    invested=640_000.0,
    months_to_first_lot=4.5,
)
# Without patients the team is one operator: 80,000 × 1.5 a year.
STANDING = stated(Results, heads=Heads(dict.fromkeys(ROLES, 0.0) | {"operator": 1.0}, 1.0, {"operator": 0.0}))
IDLE = stated(Results, lines=[], funnel=nothing(Funnel))
# The trial's year: 24 patients collected, 12 infused, 2.4 of them out of specification; 276,000 in cash and a capital
# charge of 99,000 that is not.
TRIAL_YEAR = stated(
    Results,
    lines=[
        Line("materials.m", "materials", "", PER_LOT, 24.0, 5_000.0),
        Line("labour.people.operator", "labour", "", PER_YEAR, 1.0, 120_000.0),
        Line("facility.rent", "facility", "", PER_YEAR, 1.0, 30_000.0),
        Line("idle.facility.rent", "idle_capacity", "", PER_YEAR, 1.0, 6_000.0),
        Line("rooms.depreciation", "facility", "", CAPITAL, 1.0, 99_000.0),
    ],
    funnel=nothing(Funnel, collected=24.0, patients_infused=12.0, infused_out_of_specification=2.4),
)


def programme(plan: Plan = PLAN, design: Results = DESIGN, phases: Any = (IDLE, TRIAL_YEAR), **given: Any) -> Programme:
    return cash.programme(plan, areas(**given), design, STANDING, phases)


def run(plan: Plan = PLAN, design: Results = DESIGN, phases: Any = (IDLE, TRIAL_YEAR), **given: Any) -> Cash:
    return cash.run(programme(plan, design, phases, **given))


def column(money: Cash, name: str) -> list[float]:
    return [getattr(month, name) for month in money.months]


def test_twelve_months_to_the_cent() -> None:
    """Ordered in month 2, four and a half months of lead: ready in month 7.

    Month 1: research 50,000 and administration 20,000.
    Months 2 to 6: and 640,000 ÷ 5 = 128,000 of capital, 3,000 of rent; the grant in months 2, 3 and 4.
    Months 5 and 6: and 120,000 ÷ 12 = 10,000 for the operator in training. Set-up, planned to month 4, goes on.
    From month 7: research 30,000, administration 25,000, two patients a month 20,000, the plant 276,000 ÷ 12 = 23,000.
    From month 9: the doses of month 7 are paid: (12 − 1.2) × 50,000 ÷ 12 = 45,000; a royalty is due on prices only.
    Month 9: the tranche.
    """
    months = run().months
    assert column(run(), "month") == list(range(1, 13))
    assert [month.received for month in months] == exactly([0, 1e5, 1e5, 1e5, 0, 0, 0, 0, 5e5, 0, 0, 0])
    assert [month.revenue for month in months] == exactly([0.0] * 8 + [45_000.0] * 4)
    assert [month.research for month in months] == exactly([50_000.0] * 6 + [30_000.0] * 6)
    assert [month.administration for month in months] == exactly([20_000.0] * 6 + [25_000.0] * 6)
    assert [month.clinical for month in months] == exactly([0.0] * 6 + [20_000.0] * 6)
    assert [month.capital for month in months] == exactly([0.0] + [128_000.0] * 5 + [0.0] * 6)
    assert [month.plant for month in months] == exactly([0.0] + [3_000.0] * 3 + [13_000.0] * 2 + [23_000.0] * 6)
    assert [month.closing for month in months] == exactly(
        [
            930_000.0,  # − 70,000
            829_000.0,  # + 100,000 − 201,000
            728_000.0,
            627_000.0,
            416_000.0,  # − 211,000
            205_000.0,
            107_000.0,  # − 98,000
            9_000.0,
            456_000.0,  # + 545,000 − 98,000
            403_000.0,  # + 45,000 − 98,000
            350_000.0,
            297_000.0,
        ]
    )
    assert [month.patients_infused for month in months] == exactly([0.0] * 6 + [1.0] * 6)


def test_I_07_I_08_every_month_closes_and_the_flows_sum_to_the_change() -> None:
    months = run().months
    assert months[0].opening == 1_000_000.0
    for month, following in pairwise(months):
        assert following.opening == month.closing
    for month in months:
        assert month.closing == exactly(month.opening + month.inflow - month.outflow)
        assert month.inflow == exactly(month.received + month.revenue)
        parts = month.research + month.administration + month.clinical + month.plant + month.capital
        assert month.outflow == exactly(parts)
    assert sum(month.inflow - month.outflow for month in months) == exactly(-703_000.0)


def test_I_32_the_month_of_the_floor_and_what_is_missing() -> None:
    money = run()
    assert (money.ran_out, money.cash_out_month) == (1.0, 8.0)
    assert (money.lowest, money.lowest_month) == (exactly(9_000.0), 8.0)
    assert money.funding_gap == exactly(91_000.0)
    assert money.ready == 7.0


def report(money: Cash, plan: Plan = PLAN) -> Any:
    """As much of an evaluation as the two runways read."""
    return SimpleNamespace(cash=money, scenario=SimpleNamespace(plan=plan))


def test_I_32_two_runways() -> None:
    # The first three months burn 70,000, 73,000 and 73,000 beside capital and the grant: 72,000 on average.
    money = run()
    assert money.flat_burn == exactly(72_000.0)
    assert runway_months(report(money)) == 8
    assert flat_burn_runway_months(report(money)) == exactly(12.5)  # 900,000 above the floor


def test_I_32_the_runway_is_not_the_horizon_where_the_money_lasts() -> None:
    rich = replace(PLAN, opening_cash=1_091_000.0)
    money = run(rich)
    assert money.lowest == exactly(100_000.0)  # the floor itself is enough
    assert (money.ran_out, money.funding_gap) == (0.0, 0.0)
    assert runway_months(report(money, rich)) is None


def test_a_cent_below_the_floor_is_below() -> None:
    money = run(replace(PLAN, opening_cash=1_090_999.99))
    assert (money.ran_out, money.cash_out_month) == (1.0, 8.0)
    assert money.funding_gap == pytest.approx(0.01, abs=1e-6)


def test_the_first_month_below_the_floor_counts_not_the_last() -> None:
    # With 150,000 less month 6 closes with 55,000; the tranche lifts the balance above the floor again in month 9.
    money = run(replace(PLAN, opening_cash=850_000.0))
    assert money.cash_out_month == 6.0
    assert money.months[8].closing == exactly(306_000.0)


def test_the_lowest_balance_may_be_the_opening_one() -> None:
    quiet = replace(SETUP, research_per_month=0.0, administration_per_month=0.0)
    earning = replace(TRIAL, research_per_month=0.0, administration_per_month=0.0, clinical_per_patient=0.0)
    plan = replace(PLAN, plant="existing", phases=(quiet, earning), receipts=(replace(GRANT, month=1.0),))
    money = run(plan, stated(Results, lines=[], assets=[], invested=0.0, months_to_first_lot=0.0), (IDLE, IDLE))
    assert (money.lowest, money.lowest_month) == (1_000_000.0, 0.0)


def test_of_two_equal_lowest_balances_the_first_counts() -> None:
    # From month 9 on the trial is free of charge and of revenue: months 8 to 12 all close with 9,000.
    paused = replace(
        TRIAL,
        id="paused",
        research_per_month=0.0,
        administration_per_month=0.0,
        clinical_per_patient=0.0,
        revenue="none",
    )
    plan = replace(PLAN, phases=(SETUP, replace(TRIAL, months=2.0, revenue="none"), paused), receipts=(GRANT,))
    money = run(plan, phases=(IDLE, TRIAL_YEAR, IDLE))
    assert column(money, "closing")[7:] == exactly([9_000.0] * 5)
    assert money.lowest_month == 8.0


def test_opening_below_the_floor() -> None:
    plan = replace(PLAN, opening_cash=50_000.0)
    money = run(plan)
    assert money.cash_out_month == 1.0
    assert flat_burn_runway_months(report(money, plan)) == 0.0


def test_nothing_burnt_has_no_flat_burn_runway() -> None:
    free = replace(SETUP, research_per_month=0.0, administration_per_month=0.0)
    plan = replace(PLAN, phases=(free, TRIAL), plant_order_month=6.0)
    money = run(plan)
    assert money.flat_burn == 0.0
    assert flat_burn_runway_months(report(money, plan)) is None


def test_revenue_lowers_the_flat_burn_and_receipts_do_not() -> None:
    """An existing plant that doses from month 1 and is paid at once: 55,000 + 20,000 + 23,000 − 45,000 a month."""
    plan = replace(PLAN, plant="existing", phases=(TRIAL,), receipts=(replace(GRANT, month=1.0),))
    money = run(plan, phases=(TRIAL_YEAR,), payment_months=0.0)
    assert column(money, "revenue") == exactly([45_000.0] * 12)
    assert money.flat_burn == exactly(53_000.0)


def test_doses_of_month_one_are_paid_after_the_payment_terms() -> None:
    plan = replace(PLAN, plant="existing", phases=(TRIAL,))
    money = run(plan, phases=(TRIAL_YEAR,), payment_months=3.0)
    assert column(money, "revenue") == exactly([0.0] * 3 + [45_000.0] * 9)


def test_milestones_end_with_the_planned_months_of_their_phase() -> None:
    setup, trial = run().milestones
    assert (setup.id, setup.start, setup.month, setup.gap) == ("setup", 1.0, 4.0, 0.0)
    assert (trial.id, trial.start, trial.month) == ("trial", 7.0, 18.0)
    assert trial.gap == exactly(91_000.0)


def test_a_milestone_reached_before_the_shortfall() -> None:
    # A trial of one month ends in month 7, before the floor is crossed in month 8.
    plan = replace(PLAN, phases=(SETUP, replace(TRIAL, months=1.0)))
    assert run(plan).milestones[1].gap == 0.0


def test_a_shortfall_at_the_opening_is_missing_at_every_milestone() -> None:
    # 50,000 below the floor when month 1 opens; the tranche of month 1 lifts it far above.
    plan = replace(PLAN, opening_cash=50_000.0, receipts=(replace(TRANCHE, month=1.0, amount=5_000_000.0),))
    assert [milestone.gap for milestone in run(plan).milestones] == exactly([50_000.0, 50_000.0])
    assert run(plan).funding_gap == exactly(50_000.0)


def test_a_shortfall_in_the_last_month_of_a_phase_counts() -> None:
    plan = replace(PLAN, phases=(SETUP, replace(TRIAL, months=2.0)))
    assert run(plan).milestones[1].month == 8.0
    assert run(plan).milestones[1].gap == exactly(91_000.0)


def test_the_last_phase_goes_on_to_the_horizon() -> None:
    plan = replace(PLAN, phases=(SETUP, replace(TRIAL, months=1.0)))
    assert column(run(plan), "closing") == column(run(), "closing")


def test_I_33_a_longer_horizon_changes_no_earlier_month() -> None:
    assert run(replace(PLAN, horizon_months=60.0)).months[:12] == run().months


@given(st.floats(0, 1e7))
def test_I_40_more_opening_cash(more: float) -> None:
    money, richer = run(), run(replace(PLAN, opening_cash=1_000_000.0 + more))
    assert richer.lowest == pytest.approx(9_000 + more, abs=0.01)
    assert not richer.ran_out or richer.cash_out_month >= money.cash_out_month


@pytest.mark.parametrize("late", [1.0, 2.0, 5.0])
def test_I_41_a_late_inflow_never_raises_the_balance(late: float) -> None:
    later = replace(PLAN, receipts=(replace(GRANT, month=2.0 + late), TRANCHE))
    for before, after in zip(column(run(), "closing"), column(run(later), "closing"), strict=True):
        assert after <= before + 1e-6


@pytest.mark.parametrize("terms", [0.0, 1.0, 2.0, 3.0, 4.0, 12.0])
def test_I_41_payment_terms(terms: float) -> None:
    """Revenue starts so many months after month 7."""
    money = run(replace(PLAN, horizon_months=24.0), payment_months=terms)
    first = int(7 + terms)
    assert column(money, "revenue") == exactly([0.0] * (first - 1) + [45_000.0] * (25 - first))


def test_I_29_no_payment_terms_pay_in_the_month() -> None:
    assert column(run(payment_months=0.0), "revenue") == exactly([0.0] * 6 + [45_000.0] * 6)


@given(st.floats(0, 1e6))
def test_I_42_more_burn_never_lasts_longer(more: float) -> None:
    phases = tuple(replace(phase, research_per_month=phase.research_per_month + more) for phase in PLAN.phases)
    money = run(replace(PLAN, phases=phases))
    assert money.ran_out == 1.0
    assert money.cash_out_month <= 8.0
    assert money.lowest <= 9_000.0 + 1e-6


def test_list_price_after_gross_to_net() -> None:
    # (12 − 1.2) × 400,000 × 0.75 ÷ 12 = 270,000 a month, 27,000 of it royalty.
    money = run(replace(PLAN, phases=(SETUP, replace(TRIAL, revenue="price"))))
    assert money.months[8].revenue == exactly(270_000.0)
    assert money.months[7].plant == exactly(23_000.0)
    assert money.months[8].plant == exactly(50_000.0)


def test_payers_take_a_share_of_the_doses_sold_and_all_that_are_charged_back() -> None:
    sold = run(replace(PLAN, phases=(SETUP, replace(TRIAL, revenue="price"))), paid_share=0.9)
    assert sold.months[8].revenue == exactly(243_000.0)
    assert run(paid_share=0.9).months[8].revenue == exactly(45_000.0)


def test_a_royalty_follows_the_phase_that_earned_the_price() -> None:
    """Sold at a price in months 7 to 9, charged back from month 10 on; both paid two months later."""
    sold, charged = replace(TRIAL, months=3.0, revenue="price"), replace(TRIAL, id="charged")
    money = run(replace(PLAN, phases=(SETUP, sold, charged)), phases=(IDLE, TRIAL_YEAR, TRIAL_YEAR))
    assert column(money, "revenue") == exactly([0.0] * 8 + [270e3] * 3 + [45e3])
    assert column(money, "plant")[6:] == exactly([23e3] * 2 + [50e3] * 3 + [23e3])


def test_a_trial_that_waits_for_its_plant_pays_its_research_and_nothing_else() -> None:
    """The trial is the first phase: before month 7 no patients, and of its costs research and administration only."""
    plan = replace(PLAN, phases=(TRIAL,), receipts=())
    money = run(plan, phases=(TRIAL_YEAR,), training_months=0.0)
    assert column(money, "research") == exactly([30_000.0] * 12)
    assert column(money, "administration") == exactly([25_000.0] * 12)
    assert column(money, "clinical") == exactly([0.0] * 6 + [20_000.0] * 6)
    assert column(money, "plant") == exactly([0.0] + [3_000.0] * 5 + [23_000.0] * 6)
    assert column(money, "patients_infused") == exactly([0.0] * 6 + [1.0] * 6)
    assert column(money, "revenue") == exactly([0.0] * 8 + [45_000.0] * 4)


def test_no_revenue() -> None:
    money = run(replace(PLAN, phases=(SETUP, replace(TRIAL, revenue="none"))))
    assert sum(column(money, "revenue")) == 0.0
    assert money.months[11].plant == exactly(23_000.0)


def test_revenue_in_arrears_is_that_of_the_phase_in_which_the_dose_was_given() -> None:
    """A paid phase of three months (7 to 9) and an unpaid one after it: doses of month 9 are paid in month 11."""
    plan = replace(PLAN, phases=(SETUP, replace(TRIAL, months=3.0), replace(TRIAL, id="free", revenue="none")))
    money = run(plan, phases=(IDLE, TRIAL_YEAR, TRIAL_YEAR))
    assert column(money, "revenue") == exactly([0.0] * 8 + [45_000.0] * 3 + [0.0])


def test_hiring_a_month_and_a_half_ahead_pays_one_month() -> None:
    # Ready in month 7: hired from 5.5 on, so month 6 is paid and month 5 is not.
    assert column(run(training_months=1.5), "plant")[:7] == exactly([0, 3e3, 3e3, 3e3, 3e3, 13e3, 23e3])
    assert column(run(training_months=0.0), "plant")[5] == exactly(3_000.0)


def test_training_longer_than_the_time_there_is_starts_in_month_one() -> None:
    assert column(run(training_months=36.0), "plant")[:7] == exactly([1e4, 13e3, 13e3, 13e3, 13e3, 13e3, 23e3])


def test_an_existing_plant_runs_from_month_one() -> None:
    """No capital, no early rent, no early wages: the plant's part of the running phase from the first month.

    The trial starts after the four months of set-up, in month 5; its doses are paid from month 7.
    """
    plan = replace(PLAN, plant="existing")
    standing_year = IDLE._replace(lines=[Line("labour.people.operator", "labour", "", PER_YEAR, 1.0, 120_000.0)])
    money = run(plan, phases=(standing_year, TRIAL_YEAR))
    assert money.ready == 1.0
    assert sum(column(money, "capital")) == 0.0
    assert column(money, "plant") == exactly([1e4] * 4 + [23e3] * 8)
    assert column(money, "revenue") == exactly([0.0] * 6 + [45e3] * 6)


def test_instruments_are_renewed_each_year_after_the_plant_is_ready() -> None:
    # Ready in month 7, a life of one year: bought again in months 19, 31 and 43; the rooms of ten years not in four.
    money = run(replace(PLAN, horizon_months=48.0))
    renewed = {month.month: month.capital for month in money.months if month.month > 6 and month.capital}
    assert renewed == {19: exactly(40_000.0), 31: exactly(40_000.0), 43: exactly(40_000.0)}


def test_rooms_are_renewed_after_ten_years() -> None:
    # Existing since month 1: instruments in months 13, 25 … 109; in month none of the 120 the rooms (121).
    plan = replace(PLAN, plant="existing", horizon_months=120.0)
    months = [month.month for month in run(plan).months if month.capital]
    assert months == [13, 25, 37, 49, 61, 73, 85, 97, 109]


def test_I_11_rooms_and_instruments_renewed_in_one_month() -> None:
    # A life of two and a half years is thirty months: ready in 7, renewed in 37, 67 and 97 with what else is due.
    assets = [Asset("rooms", "facility", 600_000.0, 2.5), Asset("instruments", "monitoring", 40_000.0, 5.0)]
    money = run(replace(PLAN, horizon_months=100.0), DESIGN._replace(assets=assets))
    renewed = {month.month: month.capital for month in money.months if month.month > 6 and month.capital}
    assert renewed == {37: exactly(600_000.0), 67: exactly(640_000.0), 97: exactly(600_000.0)}


def test_assets_of_one_category_are_renewed_together() -> None:
    assets = [Asset("a", "monitoring", 40_000.0, 1.0), Asset("b", "monitoring", 2_000.0, 1.0)]
    money = run(replace(PLAN, horizon_months=19.0), DESIGN._replace(assets=assets))
    assert money.months[18].capital == exactly(42_000.0)


@pytest.mark.parametrize("lead", [0.4, 1.0, 2.5, 4.5, 10.0])
def test_I_11_what_the_plant_costs_is_paid_before_it_is_ready(lead: float) -> None:
    money = run(design=DESIGN._replace(months_to_first_lot=lead))
    assert sum(column(money, "capital")) == exactly(640_000.0)


def test_I_11_a_plant_ready_at_once_is_paid_for_too() -> None:
    """A host hospital with no lead time: rooms are there, but devices and instruments are bought all the same."""
    money = run(design=DESIGN._replace(months_to_first_lot=0.0))
    assert money.ready == 2.0
    assert sum(column(money, "capital")) == exactly(640_000.0)


def test_instalments_of_a_grant() -> None:
    # 100 in three parts: no cent is lost, none outside its months.
    parts = [cash.received_in((replace(GRANT, amount=100.0, month=4.0),), month) for month in range(1, 13)]
    assert parts == exactly([0.0] * 3 + [100 / 3] * 3 + [0.0] * 6)
    assert sum(parts) == exactly(100.0)


def test_nothing_is_received_beyond_the_horizon() -> None:
    late = replace(PLAN, receipts=(replace(TRANCHE, month=13.0), replace(GRANT, month=12.0)))
    assert column(run(late), "received") == exactly([0.0] * 11 + [100_000.0])


def test_I_57_a_year_later_the_same_series() -> None:
    """Everything planned a year later, after a year of nothing: the flows shift and nothing else."""
    quiet = Phase("quiet", "Quiet", 12.0, 0.0, "clinical", 0.0, 0.0, 0.0, "none")
    later = replace(
        PLAN,
        horizon_months=24.0,
        plant_order_month=14.0,
        phases=(quiet, SETUP, TRIAL),
        receipts=(replace(GRANT, month=14.0), replace(TRANCHE, month=21.0)),
    )
    shifted = run(later, phases=(IDLE, IDLE, TRIAL_YEAR))
    assert column(shifted, "closing") == exactly([1_000_000.0] * 12 + column(run(), "closing"))


def test_I_51_all_money_times_a_thousand() -> None:
    def dearer(year: Results) -> Results:
        return year._replace(lines=[line._replace(price=line.price * 1e3) for line in year.lines])

    def larger(entry: Any, *names: str) -> Any:
        return replace(entry, **{name: getattr(entry, name) * 1e3 for name in names})

    phases = tuple(
        larger(phase, "research_per_month", "administration_per_month", "clinical_per_patient") for phase in PLAN.phases
    )
    receipts = tuple(larger(receipt, "amount") for receipt in PLAN.receipts)
    plan = replace(larger(PLAN, "opening_cash", "floor"), phases=phases, receipts=receipts)
    assets = [asset._replace(amount=asset.amount * 1e3) for asset in DESIGN.assets]
    design = dearer(DESIGN)._replace(assets=assets, invested=640_000_000.0)
    salaries = {role: RoleInputs(80_000_000.0 if role == "operator" else 0.0, 0.0, 0.0) for role in ROLES}
    a = areas(charge_back_price=50_000_000.0)
    a = replace(a, people=replace(a.people, roles=salaries))
    money = cash.run(cash.programme(plan, a, design, STANDING, (IDLE, dearer(TRIAL_YEAR))))
    assert column(money, "closing") == exactly([1e3 * closing for closing in column(run(), "closing")])
    assert money.cash_out_month == 8.0
    assert money.funding_gap == exactly(91_000_000.0)


def test_I_64_rows() -> None:
    """Draws of lead time, payment terms, training, asset life and opening rent run together as they run alone."""

    def of(lead: float, terms: float, training: float, life: float, rent: float) -> list[Any]:
        design = DESIGN._replace(
            months_to_first_lot=lead,
            lines=[Line("facility.rent", "facility", "", PER_YEAR, 1.0, rent)],
            assets=[Asset("rooms", "facility", 600_000.0, life)],
        )
        money = run(replace(PLAN, horizon_months=30.0), design, payment_months=terms, training_months=training)
        return [
            *money[1:-1],
            *(month[2:] for month in money.months),
            *((milestone.month, milestone.gap) for milestone in money.milestones),
        ]

    check_rows(
        of,
        lead=[4.5, 0.5, 11.0, 25.0],
        terms=[2.9, 0.0, 6.0, 1.0],
        training=[2.0, 0.0, 3.5, 36.0],
        life=[1.0, 1.25, 10.0, 1.5],
        rent=[36_000.0, 0.0, 12_000.0, 99.0],
    )


def test_a_month_says_what_it_is() -> None:
    assert Month._fields[:5] == ("month", "opening", "inflow", "outflow", "closing")
    assert np.isfinite([value for month in run().months for value in month]).all()
