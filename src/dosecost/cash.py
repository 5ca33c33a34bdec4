"""Cash by month: ``step(state, month) -> state`` over the plan, and what the series says.

Prices are constant, of the scenario's price year. Flows fall at month ends; the balance of a month is its closing.
"""

from collections.abc import Iterable
from typing import NamedTuple

from dosecost.arithmetic import Number, floor, maximum, minimum, where
from dosecost.costs.labour import all_wages
from dosecost.finance import MONTHS_PER_YEAR, Finance
from dosecost.inputs import Areas
from dosecost.ledger import CAPITAL, annual_total
from dosecost.model import Results
from dosecost.plan import Plan, Receipt, phase_starts, ready_month

NOTHING = 0.0


class PhaseFlows(NamedTuple):
    """Money a month while a phase runs; what patients and the plant cost only once the plant is ready."""

    start: Number
    research: Number
    administration: Number
    clinical: Number
    plant: Number
    revenue: Number
    royalty: Number
    patients_infused: Number


class Programme(NamedTuple):
    """Everything the monthly step reads."""

    plan: Plan
    phases: tuple[PhaseFlows, ...]
    ready: Number
    order: Number
    bought: Number
    build: Number
    rent_before: Number
    wages_before: Number
    hire: Number
    assets: tuple[tuple[Number, Number], ...]
    payment_months: Number


class Month(NamedTuple):
    """One month: ``closing = opening + inflow - outflow``, and the parts of each."""

    month: int
    opening: Number
    inflow: Number
    outflow: Number
    closing: Number
    received: Number
    revenue: Number
    research: Number
    administration: Number
    clinical: Number
    plant: Number
    capital: Number
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


def revenue_per_year(kind: str, finance: Finance, results: Results, paid_share: Number) -> Number:
    """Money a year from the doses infused: a charge-back, or the list price after gross-to-net, of the paid ones.

    Doses infused out of specification are paid in the share ``paid_share``.
    """
    if kind == "none":
        return 0.0
    off = results.funnel.infused_out_of_specification
    paid = results.funnel.patients_infused - off * (1.0 - paid_share)
    if kind == "charge_back":
        return paid * finance.charge_back_price
    return paid * finance.list_price * (1.0 - finance.gross_to_net)


def cash_cost_per_year(results: Results) -> Number:
    """Money a year for the plant: every ledger line but capital charges."""
    return annual_total(line for line in results.lines if line.basis != CAPITAL)


def rent_per_year(results: Results) -> Number:
    """Money a year for rent, due from the order of the plant."""
    return annual_total(line for line in results.lines if line.id.endswith("facility.rent"))


def replacement_groups(results: Results) -> tuple[tuple[Number, Number], ...]:
    """Amount and life of the assets, by category: each category is renewed when its life is over."""
    amounts: dict[str, Number] = {}
    lives: dict[str, Number] = {}
    for asset in results.assets:
        amounts[asset.category] = amounts.get(asset.category, 0.0) + asset.amount
        lives[asset.category] = asset.life
    return tuple((amounts[category], lives[category]) for category in amounts)


def programme(plan: Plan, a: Areas, design: Results, standing: Results, phases: Iterable[Results]) -> Programme:
    """The plan joined to the cost model: ``design`` at the full rate, ``standing`` without patients, and each phase
    at its own rate in the plant of the design."""
    ready = ready_month(plan, design.months_to_first_lot)
    new = 1.0 if plan.plant == "new" else 0.0
    order = plan.plant_order_month * new + (1.0 - new)
    bought = maximum(ready, order + 1.0)
    flows = []
    for phase, start, run in zip(plan.phases, phase_starts(plan, ready), phases, strict=True):
        collected = run.funnel.collected / MONTHS_PER_YEAR
        earned = revenue_per_year(phase.revenue, a.finance, run, a.losses.out_of_specification_paid) / MONTHS_PER_YEAR
        flows.append(
            PhaseFlows(
                start=start,
                research=phase.research_per_month,
                administration=phase.administration_per_month,
                clinical=phase.clinical_per_patient * collected,
                plant=cash_cost_per_year(run) / MONTHS_PER_YEAR,
                revenue=earned,
                royalty=earned * a.finance.royalty if phase.revenue == "price" else NOTHING,
                patients_infused=run.funnel.patients_infused / MONTHS_PER_YEAR,
            )
        )
    return Programme(
        plan=plan,
        phases=tuple(flows),
        ready=ready,
        order=order,
        bought=bought,
        build=design.invested / (bought - order) * new,
        rent_before=rent_per_year(design) / MONTHS_PER_YEAR * new,
        wages_before=all_wages(a.people, standing.heads) / MONTHS_PER_YEAR * new,
        hire=ready - a.people.training_months,
        assets=replacement_groups(design),
        payment_months=floor(a.finance.payment_months),
    )


def at_month(p: Programme, month: Number) -> PhaseFlows:
    """Flows of the phase that runs in a month. The last phase goes on to the horizon."""
    running = p.phases[0]
    for phase in p.phases[1:]:
        running = where(month >= phase.start, phase, running)
    return running


def received_in(receipts: tuple[Receipt, ...], month: int) -> Number:
    """Equity and grants received in a month; instalments are equal and monthly."""
    amount: Number = 0.0
    for receipt in receipts:
        if receipt.month <= month < receipt.month + receipt.instalments:
            amount = amount + receipt.amount / receipt.instalments
    return amount


def renewals(p: Programme, month: Number) -> tuple[Number, ...]:
    """How often each group of assets has been renewed by a month, once for each life since the plant was ready."""
    since = maximum(0.0, month - p.ready)
    return tuple(floor(since / (life * MONTHS_PER_YEAR)) for _, life in p.assets)


def renewal_cost(p: Programme, before: tuple[Number, ...], after: tuple[Number, ...]) -> Number:
    """Money for the assets renewed between two counts of renewals."""
    amount: Number = 0.0
    for (price, _), old, new in zip(p.assets, before, after, strict=True):
        amount = amount + price * (new - old)
    return amount


def month_flows(p: Programme, month: int, opening: Number, renewed: Number) -> Month:
    """All flows of one month. Revenue arrives ``payment_months`` after the dose; ``renewed`` is spent on old assets."""
    now = at_month(p, month)
    made = where(month >= p.ready, now, now._replace(plant=NOTHING, clinical=NOTHING, patients_infused=NOTHING))
    paid_for = month - p.payment_months
    earlier = at_month(p, paid_for)
    earned = where(paid_for >= p.ready, where(paid_for >= 1.0, 1.0, 0.0), 0.0)
    revenue = earned * earlier.revenue
    building = where(month >= p.order, where(month < p.ready, 1.0, 0.0), 0.0)
    buying = where(month >= p.order, where(month < p.bought, 1.0, 0.0), 0.0)
    hired = where(month >= p.hire, where(month < p.ready, 1.0, 0.0), 0.0)
    capital = buying * p.build + renewed
    plant = made.plant + building * p.rent_before + hired * p.wages_before + earned * earlier.royalty
    received = received_in(p.plan.receipts, month)
    inflow = received + revenue
    outflow = now.research + now.administration + made.clinical + plant + capital
    return Month(
        month=month,
        opening=opening,
        inflow=inflow,
        outflow=outflow,
        closing=opening + inflow - outflow,
        received=received,
        revenue=revenue,
        research=now.research,
        administration=now.administration,
        clinical=made.clinical,
        plant=plant,
        capital=capital,
        patients_infused=made.patients_infused,
    )


def step(p: Programme, state: State, month: int) -> tuple[State, Month]:
    """One month: the flows, the balance after them, the lowest balance, and the first month below the floor."""
    counts = renewals(p, month)
    flows = month_flows(p, month, state.balance, renewal_cost(p, state.renewals, counts))
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


def gap_until(opening: Number, months: list[Month], last: Number, floor_balance: Number) -> Number:
    """Money missing to stay above the floor from the opening to the end of month ``last``."""
    gap = maximum(NOTHING, floor_balance - opening)
    for month in months:
        gap = where(last >= month.month, maximum(gap, floor_balance - month.closing), gap)
    return gap


def flat_burn_per_month(months: list[Month]) -> Number:
    """Mean net outflow a month without money raised and without capital, over the months given."""
    net: Number = 0.0
    for month in months:
        net = net + month.outflow - month.capital - month.revenue
    return net / len(months)


def run(p: Programme) -> Cash:
    """The plan from month 1 to its horizon."""
    state = State(p.plan.opening_cash, p.plan.opening_cash, 0.0, 0.0, 0.0, renewals(p, 1.0))
    months: list[Month] = []
    for month in range(1, int(p.plan.horizon_months) + 1):
        state, flows = step(p, state, month)
        months.append(flows)
    milestones = [
        Milestone(
            phase.id,
            phase.name,
            flows.start,
            flows.start + phase.months - 1.0,
            gap_until(p.plan.opening_cash, months, flows.start + phase.months - 1.0, p.plan.floor),
        )
        for phase, flows in zip(p.plan.phases, p.phases, strict=True)
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
    )
