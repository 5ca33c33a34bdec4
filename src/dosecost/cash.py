"""Cash by month: ``step(state, month) -> state`` over the plan, and what the series says.

Prices are constant, of the scenario's price year. Flows fall at month ends; the balance of a month is its closing.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from dosecost.arithmetic import Number, floor, maximum, minimum, where
from dosecost.costs.labour import all_wages, wage
from dosecost.finance import MONTHS_PER_YEAR, Finance, loan_payments
from dosecost.inputs import Areas
from dosecost.model import Bind, Results, keep
from dosecost.plan import Debt, Plan, Receipt, phase_starts, ready_month
from dosecost.transition import (
    Cohort,
    PlannedChange,
    Variant,
    cash_cost_per_year,
    changes_and_cohorts,
    rent_per_year,
    running,
)

NOTHING = 0.0


class PhaseFlows(NamedTuple):
    """Money a month while a phase runs; what patients and the plant cost only once the plant is ready. ``sales`` is the
    part of the revenue that is list price."""

    research: Number
    administration: Number
    clinical: Number
    plant: Number
    revenue: Number
    sales: Number
    patients_infused: Number


class Programme(NamedTuple):
    """Everything the monthly step reads. ``plants`` holds the phases' flows in the plant at first and after each of the
    ``changes``; ``loans`` the payments of each loan, month after month."""

    plan: Plan
    starts: tuple[Number, ...]
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


class Month(NamedTuple):
    """One month: ``closing = opening + inflow - outflow``, and the parts of each.

    ``received`` is money raised, granted, paid as a subsidy or lent; ``sales`` the part of the revenue that is list
    price; ``change`` what changes of the plant cost beside their capital; ``debt_service`` interest and repayment.
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
    debt_service: Number
    patients_infused: Number


class State(NamedTuple):
    """What one month hands to the next: the balance, the lowest so far, the first month below the floor, and how often
    each group of assets has been renewed."""

    balance: Number
    lowest: Number
    lowest_month: Number
    ran_out: Number
    cash_out_month: Number
    renewals: tuple[Number, ...]


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


def flows_of(plan: Plan, a: Areas, phases: Iterable[Results]) -> tuple[PhaseFlows, ...]:
    """Each phase's money a month in one plant."""
    flows = []
    for phase, run in zip(plan.phases, phases, strict=True):
        collected = run.funnel.collected / MONTHS_PER_YEAR
        earned = revenue_per_year(phase.revenue, a.finance, run, a.losses.out_of_specification_paid) / MONTHS_PER_YEAR
        flows.append(
            PhaseFlows(
                research=phase.research_per_month,
                administration=phase.administration_per_month,
                clinical=phase.clinical_per_patient * collected,
                plant=cash_cost_per_year(run) / MONTHS_PER_YEAR,
                revenue=earned,
                sales=earned if phase.revenue == "price" else NOTHING,
                patients_infused=run.funnel.patients_infused / MONTHS_PER_YEAR,
            )
        )
    return tuple(flows)


def programme(
    plan: Plan,
    a: Areas,
    design: Results,
    standing: Results,
    phases: Sequence[Results],
    variants: Sequence[Variant] = (),
) -> Programme:
    """The plan joined to the cost model: ``design`` at the full rate, ``standing`` without patients, each phase at its
    own rate in the plant of the design, and the same of the plant after each change."""
    ready = ready_month(plan, design.months_to_first_lot)
    new = 1.0 if plan.plant == "new" else 0.0
    order = plan.plant_order_month * new + (1.0 - new)
    bought = maximum(ready, order + 1.0)
    stages = [phase.stage for phase in plan.phases]
    changes, assets, starts = changes_and_cohorts(phase_starts(plan, ready), ready, stages, design, phases, variants)
    return Programme(
        plan=plan,
        starts=tuple(starts),
        plants=(flows_of(plan, a, phases), *(flows_of(plan, variant.areas, variant.phases) for variant in variants)),
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
    )


def in_use(p: Programme, of_plant: Sequence[Any], month: Number) -> Any:
    """What holds for the plant that is in use in a month."""
    value = of_plant[0]
    for change, after in zip(p.changes, of_plant[1:], strict=True) if p.changes else ():
        value = where(month >= change.takeover, after, value)
    return value


def at_month(p: Programme, month: Number) -> PhaseFlows:
    """Flows of the phase that runs in a month, in the plant that is in use then."""
    flows: PhaseFlows = in_use(p, [running(p.starts, phases, month) for phases in p.plants], month)
    return flows


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


def month_flows(p: Programme, month: int, opening: Number, renewed: Number) -> Month:
    """All flows of one month. Revenue arrives ``payment_months`` after the dose; ``renewed`` is spent on old assets."""
    now = at_month(p, month)
    made = where(month >= p.ready, now, now._replace(plant=NOTHING, clinical=NOTHING, patients_infused=NOTHING))
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
    outflow = now.research + now.administration + made.clinical + plant + change + capital + debt_service
    return Month(
        month=month,
        opening=opening,
        inflow=inflow,
        outflow=outflow,
        closing=opening + inflow - outflow,
        received=received,
        revenue=revenue,
        sales=sales,
        research=now.research,
        administration=now.administration,
        clinical=made.clinical,
        plant=plant,
        change=change,
        capital=capital,
        debt_service=debt_service,
        patients_infused=made.patients_infused,
    )


def step(p: Programme, state: State, month: int) -> tuple[State, Month]:
    """One month: the flows, the balance after them, the lowest balance, and the first month below the floor."""
    counts = renewals(p, month)
    flows = month_flows(p, month, state.balance, renewal_cost(p, month, state.renewals, counts))
    below = where(flows.closing < p.plan.floor, 1.0, 0.0)
    first = below * (1.0 - state.ran_out)
    return State(
        balance=flows.closing,
        lowest=minimum(state.lowest, flows.closing),
        lowest_month=where(flows.closing < state.lowest, 1.0 * month, state.lowest_month),
        ran_out=maximum(state.ran_out, below),
        cash_out_month=state.cash_out_month + first * month,
        renewals=counts,
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
    state = State(p.plan.opening_cash, p.plan.opening_cash, 0.0, 0.0, 0.0, renewals(p, 1.0))
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
