"""Cash by month: ``step(state, month) -> state`` over the plan, and what the series says.

Prices are constant, of the scenario's price year. Flows fall at month ends; the balance of a month is its closing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dosecost.arithmetic import Number, floor, maximum, minimum, total, where
from dosecost.costs.labour import all_wages, wage
from dosecost.finance import MONTHS_PER_YEAR, Finance, loan_payments
from dosecost.inputs import Areas
from dosecost.model import Bind, Results, keep
from dosecost.plan import Debt, Plan, Receipt, phase_starts, ready_month, stretch_starts, stretches
from dosecost.transition import (
    Cohort,
    PlannedChange,
    Variant,
    cash_cost_per_year,
    changes_and_cohorts,
    rent_per_year,
    running,
    sites_of,
    used_per_year,
)

NOTHING = 0.0
ONCE_READY = ("clinical", "plant", "materials", "vector", "patients_asking", "patients_refused", "patients_infused")
"""Flows that there are only once the plant is ready."""


class PhaseFlows(NamedTuple):
    """Money a month while a phase (or a year of growing demand) runs; what patients and the plant cost only once the
    plant is ready. ``sales`` is the part of the revenue that is list price; ``materials`` and ``vector`` are what the
    plant uses of them, inside ``plant``; ``patients_refused`` those whom the plant's ceiling does not let through, out
    of ``patients_asking``."""

    research: Number
    administration: Number
    clinical: Number
    plant: Number
    materials: Number
    vector: Number
    revenue: Number
    sales: Number
    patients_asking: Number
    patients_refused: Number
    patients_infused: Number


class Stock(NamedTuple):
    """Stock at a month's end, money; or the months of use that are held of each."""

    materials: Number
    vector: Number


class Programme(NamedTuple):
    """Everything the monthly step reads. ``plants`` holds the flows of each stretch in the plant at first and after
    each of the ``changes``; ``starts`` the first month of each phase, ``begins`` of each stretch; ``loans`` the
    payments of each loan, month after month; ``cover`` the months of use held in stock, ``stocked`` is 1 where the
    plant opens with them."""

    plan: Plan
    starts: tuple[Number, ...]
    begins: tuple[Number, ...]
    plants: tuple[tuple[PhaseFlows, ...], ...]
    changes: tuple[PlannedChange, ...]
    ready: Number
    order: Number
    bought: Number
    build: Number
    rent_before: Number
    wages_before: Number
    hire: Number
    hired: tuple[tuple[Number, Number], ...]
    assets: tuple[Cohort, ...]
    payment_months: Number
    royalty: Number
    prices: tuple[tuple[float, float], ...]
    loans: tuple[tuple[Debt, tuple[Number, ...]], ...]
    cover: Stock
    stocked: Number


class Month(NamedTuple):
    """One month: ``closing = opening + inflow - outflow``, and the parts of each.

    ``received`` is money raised, granted, paid as a subsidy or lent; ``sales`` the part of the revenue that is list
    price; ``change`` what changes of the plant cost beside their capital; ``stock`` what is paid for materials and
    vector beyond those used, which are in ``plant`` (below zero where stock is used up); ``debt_service`` interest and
    repayment. ``stock_closing = stock_opening + stock_received - stock_used``.
    """

    month: int
    opening: Number
    inflow: Number
    outflow: Number
    closing: Number
    received: Number
    revenue: Number
    sales: Number
    research: Number
    administration: Number
    clinical: Number
    plant: Number
    change: Number
    capital: Number
    stock: Number
    debt_service: Number
    stock_opening: Number
    stock_received: Number
    stock_used: Number
    stock_closing: Number
    patients_asking: Number
    patients_refused: Number
    patients_infused: Number


class State(NamedTuple):
    """What one month hands to the next: the balance, the lowest so far, the first month below the floor, how often each
    group of assets has been renewed, the stock, and the flows of the next month."""

    balance: Number
    lowest: Number
    lowest_month: Number
    ran_out: Number
    cash_out_month: Number
    renewals: tuple[Number, ...]
    stock: Stock
    made: PhaseFlows


def revenue_per_year(kind: str, finance: Finance, results: Results, off_paid: Number) -> Number:
    """Money a year from the doses infused: a charge-back, or the list price after gross-to-net, of the paid ones.

    Doses infused out of specification are paid in the share ``off_paid``; of those sold at a price, payers pay for
    ``finance.paid_share``.
    """
    if kind == "none":
        return 0.0
    off = results.funnel.infused_out_of_specification
    paid = results.funnel.patients_infused - off * (1.0 - off_paid)
    if kind == "charge_back":
        return paid * finance.charge_back_price
    return paid * finance.paid_share * finance.list_price * (1.0 - finance.gross_to_net)


def flows_of(plan: Plan, a: Areas, sites: Sequence[Sequence[Results]]) -> tuple[PhaseFlows, ...]:
    """Money a month in each stretch of the plan, on all sites together."""
    flows = []
    for part, *years in zip(stretches(plan), *sites, strict=True):
        phase = part.phase
        collected = total(run.funnel.collected for run in years) / MONTHS_PER_YEAR
        off_paid = a.losses.out_of_specification_paid
        earned = total(revenue_per_year(phase.revenue, a.finance, run, off_paid) for run in years) / MONTHS_PER_YEAR
        flows.append(
            PhaseFlows(
                research=phase.research_per_month,
                administration=phase.administration_per_month,
                clinical=phase.clinical_per_patient * collected,
                plant=total(cash_cost_per_year(run) for run in years) / MONTHS_PER_YEAR,
                materials=total(used_per_year(run, "materials") for run in years) / MONTHS_PER_YEAR,
                vector=total(used_per_year(run, "vector") for run in years) / MONTHS_PER_YEAR,
                revenue=earned,
                sales=earned if phase.revenue == "price" else NOTHING,
                patients_asking=total(run.funnel.patients for run in years) / MONTHS_PER_YEAR,
                patients_refused=total(run.funnel.not_admitted for run in years) / MONTHS_PER_YEAR,
                patients_infused=total(run.funnel.patients_infused for run in years) / MONTHS_PER_YEAR,
            )
        )
    return tuple(flows)


def programme(
    plan: Plan,
    a: Areas,
    design: Results,
    standing: Results,
    runs: Sequence[Results],
    variants: Sequence[Variant] = (),
) -> Programme:
    """The plan joined to the cost model: ``design`` at the full rate, ``standing`` without patients, each stretch of
    the plan at its own rate in the plant of the design, and the same of the plant after each change."""
    ready = ready_month(plan, design.months_to_first_lot)
    new = 1.0 if plan.plant == "new" else 0.0
    order = plan.plant_order_month * new + (1.0 - new)
    bought = maximum(ready, order + 1.0)
    changes, assets, starts = changes_and_cohorts(plan, phase_starts(plan, ready), ready, design, runs, variants)
    return Programme(
        plan=plan,
        starts=tuple(starts),
        begins=tuple(stretch_starts(plan, starts)),
        plants=(flows_of(plan, a, [runs]), *(flows_of(plan, variant.areas, sites_of(variant)) for variant in variants)),
        changes=tuple(changes),
        ready=ready,
        order=order,
        bought=bought,
        build=design.invested / (bought - order) * new,
        rent_before=rent_per_year(design) / MONTHS_PER_YEAR * new,
        wages_before=all_wages(a.people, standing.heads) / MONTHS_PER_YEAR * new,
        hire=ready - a.people.training_months,
        hired=tuple((d.month, d.heads * wage(a.people, d.role) / MONTHS_PER_YEAR) for d in plan.of_kind("hire")),
        assets=tuple(assets),
        payment_months=floor(a.finance.payment_months),
        royalty=a.finance.royalty,
        prices=tuple((d.month, d.price_factor) for d in plan.of_kind("price_change")),
        loans=tuple(
            (d, loan_payments(d.amount, d.yearly_interest, int(d.interest_only_months), int(d.repayment_months)))
            for d in plan.of_kind("debt")
        ),
        cover=Stock(a.materials.stock_months, a.materials.vector_stock_months),
        stocked=1.0 - new,
    )


def in_use(p: Programme, of_plant: Sequence[Any], month: Number) -> Any:
    """What holds for the plant that is in use in a month."""
    value = of_plant[0]
    for change, after in zip(p.changes, of_plant[1:], strict=True) if p.changes else ():
        value = where(month >= change.takeover, after, value)
    return value


def at_month(p: Programme, month: Number) -> PhaseFlows:
    """Flows of the stretch that runs in a month, in the plant that is in use then."""
    flows: PhaseFlows = in_use(p, [running(p.begins, stretch, month) for stretch in p.plants], month)
    return flows


def made_in(p: Programme, month: Number) -> PhaseFlows:
    """Flows of a month: what patients and the plant cost only once it is ready."""
    now = at_month(p, month)
    flows: PhaseFlows = where(month >= p.ready, now, now._replace(**dict.fromkeys(ONCE_READY, NOTHING)))
    return flows


def restocked(p: Programme, opening: Stock, made: PhaseFlows, following: PhaseFlows) -> Stock:
    """Stock at a month's end: what covers the next month's rate, or what is left where that is more."""
    return Stock(
        materials=maximum(p.cover.materials * following.materials, opening.materials - made.materials),
        vector=maximum(p.cover.vector * following.vector, opening.vector - made.vector),
    )


def received_in(receipts: tuple[Receipt, ...], month: int) -> Number:
    """Equity, grants and subsidies received in a month; instalments are equal and monthly."""
    amount: Number = 0.0
    for receipt in receipts:
        instalment = where(month < receipt.month + receipt.instalments, receipt.amount / receipt.instalments, NOTHING)
        amount = amount + where(month >= receipt.month, instalment, NOTHING)
    return amount


def price_factor(p: Programme, month: Number) -> Number:
    """The price of a dose infused in a month, as a multiple of the price without any change."""
    factor: Number = 1.0
    for since, changed in p.prices:
        factor = where(month >= since, changed, factor)
    return factor


def debt_in(p: Programme, month: int) -> tuple[Number, Number]:
    """Loans drawn in a month, and the interest and repayment due, from the month after a loan is drawn."""
    lent: Number = NOTHING
    due: Number = NOTHING
    for loan, payments in p.loans:
        after = month - int(loan.month)
        lent = lent + (loan.amount if after == 0 else NOTHING)
        due = due + (payments[after - 1] if 0 < after <= len(payments) else NOTHING)
    return lent, due


def change_in(p: Programme, month: int) -> tuple[Number, Number]:
    """Money for changes of the plant under way in a month, and for what they buy."""
    one_off: Number = NOTHING
    capital: Number = NOTHING
    for change in p.changes:
        monthly = change.cost.price / (change.takeover - change.month) + change.rent
        bought = change.capital / change.lead
        begun = where(month >= change.month, 1.0, NOTHING)
        one_off = one_off + begun * where(month < change.takeover, monthly, NOTHING)
        capital = capital + begun * where(month < change.month + change.lead, bought, NOTHING)
    return one_off, capital


def renewals(p: Programme, month: Number) -> tuple[Number, ...]:
    """How often each group of assets has been renewed by a month, once for each life since it was bought."""
    return tuple(floor(maximum(0.0, month - cohort.start) / (cohort.life * MONTHS_PER_YEAR)) for cohort in p.assets)


def renewal_cost(p: Programme, month: Number, before: tuple[Number, ...], after: tuple[Number, ...]) -> Number:
    """Money for the assets still in use in a month that are renewed between two counts of renewals."""
    amount: Number = 0.0
    for cohort, old, new in zip(p.assets, before, after, strict=True):
        amount = amount + in_use(p, cohort.kept, month) * (new - old)
    return amount


def month_flows(p: Programme, month: int, state: State, stock: Stock, renewed: Number) -> Month:
    """All flows of one month, at whose end there is ``stock``. Revenue arrives ``payment_months`` after the dose;
    ``renewed`` is spent on old assets."""
    opening, made = state.balance, state.made
    paid_for = month - p.payment_months
    earlier = at_month(p, paid_for)
    earned = where(paid_for >= p.ready, where(paid_for >= 1.0, 1.0, 0.0), 0.0)
    earned = earned * price_factor(p, paid_for)
    revenue, sales = earned * earlier.revenue, earned * earlier.sales
    building = where(month >= p.order, where(month < p.ready, 1.0, 0.0), 0.0)
    buying = where(month >= p.order, where(month < p.bought, 1.0, 0.0), 0.0)
    hired = where(month >= p.hire, where(month < p.ready, 1.0, 0.0), 0.0)
    change, additions = change_in(p, month)
    capital = buying * p.build + renewed + additions
    plant = made.plant + building * p.rent_before + hired * p.wages_before + p.royalty * sales
    for since, wages in p.hired:
        plant = plant + (wages if month >= since else NOTHING)
    lent, debt_service = debt_in(p, month)
    received = received_in(p.plan.receipts, month) + lent
    inflow = received + revenue
    held, kept = total(state.stock), total(stock)
    used = made.materials + made.vector
    bought = kept - held
    outflow = made.research + made.administration + made.clinical + plant + change + capital + bought + debt_service
    return Month(
        month=month,
        opening=opening,
        inflow=inflow,
        outflow=outflow,
        closing=opening + inflow - outflow,
        received=received,
        revenue=revenue,
        sales=sales,
        research=made.research,
        administration=made.administration,
        clinical=made.clinical,
        plant=plant,
        change=change,
        capital=capital,
        stock=bought,
        debt_service=debt_service,
        stock_opening=held,
        stock_received=used + bought,
        stock_used=used,
        stock_closing=kept,
        patients_asking=made.patients_asking,
        patients_refused=made.patients_refused,
        patients_infused=made.patients_infused,
    )


def step(p: Programme, state: State, month: int) -> tuple[State, Month]:
    """One month: the flows, the balance after them, the lowest balance, and the first month below the floor."""
    counts = renewals(p, month)
    following = made_in(p, month + 1)
    stock = restocked(p, state.stock, state.made, following)
    flows = month_flows(p, month, state, stock, renewal_cost(p, month, state.renewals, counts))
    below = where(flows.closing < p.plan.floor, 1.0, 0.0)
    first = below * (1.0 - state.ran_out)
    return State(
        balance=flows.closing,
        lowest=minimum(state.lowest, flows.closing),
        lowest_month=where(flows.closing < state.lowest, 1.0 * month, state.lowest_month),
        ran_out=maximum(state.ran_out, below),
        cash_out_month=state.cash_out_month + first * month,
        renewals=counts,
        stock=stock,
        made=following,
    ), flows


class Milestone(NamedTuple):
    """The end of a phase: its month, and what is missing to reach it above the floor (0: reached)."""

    id: str
    name: str
    start: Number
    month: Number
    gap: Number


class Cash(NamedTuple):
    """The plan in money. ``ran_out`` is 1 where cash falls below the floor; else ``cash_out_month`` means nothing."""

    months: list[Month]
    ran_out: Number
    cash_out_month: Number
    lowest: Number
    lowest_month: Number
    funding_gap: Number
    flat_burn: Number
    ready: Number
    milestones: list[Milestone]
    changes: list[PlannedChange]


def gap_until(opening: Number, months: list[Month], last: Number, floor_balance: Number) -> Number:
    """Money missing to stay above the floor from the opening to the end of month ``last``."""
    gap = maximum(NOTHING, floor_balance - opening)
    for month in months:
        gap = maximum(gap, where(last >= month.month, floor_balance - month.closing, NOTHING))
    return gap


def flat_burn_per_month(months: list[Month]) -> Number:
    """Mean net outflow a month without money raised and without capital, over the months given."""
    net: Number = 0.0
    for month in months:
        net = net + month.outflow - month.capital - month.revenue
    return net / len(months)


def run(p: Programme, bind: Bind = keep) -> Cash:
    """The plan from month 1 to its horizon; ``bind`` sees the state after each month."""
    first = made_in(p, 1)
    stock = Stock(p.stocked * p.cover.materials * first.materials, p.stocked * p.cover.vector * first.vector)
    state = State(
        balance=p.plan.opening_cash,
        lowest=p.plan.opening_cash,
        lowest_month=0.0,
        ran_out=0.0,
        cash_out_month=0.0,
        renewals=renewals(p, 1.0),
        stock=stock,
        made=first,
    )
    months: list[Month] = []
    for month in range(1, int(p.plan.horizon_months) + 1):
        state, flows = step(p, state, month)
        bind(str(month), state)
        months.append(flows)
    milestones = [
        Milestone(
            phase.id,
            phase.name,
            start,
            start + phase.months - 1.0,
            gap_until(p.plan.opening_cash, months, start + phase.months - 1.0, p.plan.floor),
        )
        for phase, start in zip(p.plan.phases, p.starts, strict=True)
    ]
    return Cash(
        months=months,
        ran_out=state.ran_out,
        cash_out_month=state.cash_out_month,
        lowest=state.lowest,
        lowest_month=state.lowest_month,
        funding_gap=maximum(0.0, p.plan.floor - state.lowest),
        flat_burn=flat_burn_per_month(months[: int(p.plan.flat_burn_months)]),
        ready=p.ready,
        milestones=milestones,
        changes=list(p.changes),
    )
