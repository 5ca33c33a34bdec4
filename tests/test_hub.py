"""A second site in the plan: a case by hand to the cent, and the sum of two plants of the cost model."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dosecost import cash, trace
from dosecost.analysis.strategy import NEVER, Strategy, compared, outlook
from dosecost.cash import Cash
from dosecost.costs.labour import all_wages
from dosecost.errors import InputError
from dosecost.evaluation import (
    Evaluation,
    areas_by_stage,
    areas_of,
    at_rate,
    cash_of,
    evaluate,
    recipe_of,
    without_patients,
    year_of,
)
from dosecost.feasibility import check
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line
from dosecost.model import Results
from dosecost.plan import Extent, OpenHub, Phase, Plan, SwitchPlatform, extents, share_left
from dosecost.quantities.losses import Funnel
from dosecost.scenario import Choices, Scenario, dump, load, parse, with_change, with_changes
from dosecost.transition import Hub, Variant, cash_cost_per_year
from tests import test_cash, test_transition
from tests.quantities.builders import exactly, nothing, stated
from tests.test_transition import column, decision

EAST = OpenHub("east", "East", "open_hub", 4.0, 0.4)
CARE = Phase("care", "Care", 24.0, 1.0, "clinical", 1_000.0, 2_000.0, 100.0, "charge_back")
PLAN = Plan(24.0, 1_000_000.0, 0.0, 3.0, "existing", 1.0, (CARE,), (), (EAST,))


def year(lots: float, wages: float, rent: float) -> Results:
    """A year of so many lots at 5,000, wages and rent."""
    funnel = nothing(Funnel, patients=lots, collected=lots, lots_started=lots, patients_infused=lots)
    lines = [
        Line("materials.m", "materials", "", PER_LOT, lots, 5_000.0),
        Line("labour.people.operator", "labour", "", PER_YEAR, 1.0, wages),
        Line("facility.rent", "facility", "", PER_YEAR, 1.0, rent),
    ]
    built: Results = stated(Results, lines=lines, funnel=funnel)
    return built


def site(year: Results, *assets: Asset, lead: float) -> Results:
    return year._replace(assets=list(assets), invested=sum(a.amount for a in assets), months_to_first_lot=lead)


# Central: 24 lots for 120,000 + 120,000 + 36,000; with 14.4 of them 72,000 + 90,000 + 36,000.
CENTRAL = site(year(24.0, 120_000.0, 36_000.0), Asset("rooms", "facility", 600_000.0, 10.0), lead=9.0)
# The hub: 9.6 lots for 48,000 + 84,000 + 12,000; rooms for 90,000. Its clinics and methods are there already.
SMALL = site(
    year(9.6, 84_000.0, 12_000.0),
    Asset("rooms", "facility", 90_000.0, 10.0),
    Asset("logistics.sites", "logistics", 50_000.0, 3.0),
    Asset("quality.validation", "quality", 70_000.0, 5.0),
    lead=9.0,
)


def run(plan: Plan = PLAN, testing: str = "outsourced", **changed: Any) -> Cash:
    a = test_transition.areas(**changed)
    choices = stated(Choices, platform="manual_open", tenure="lease", testing=testing)
    after = Variant(
        EAST,
        choices,
        a,
        {"clinical": a},
        CENTRAL,
        (year(14.4, 90_000.0, 36_000.0),),
        full=CENTRAL,
        hubs=(Hub("east", SMALL, (year(9.6, 84_000.0, 12_000.0),)),),
        team=7_000.0,
        ceiling=40.0,
    )
    return cash.run(cash.programme(plan, a, CENTRAL, test_cash.STANDING, (CENTRAL,), [after]))


def test_twenty_four_months_to_the_cent() -> None:
    """Decided in month 4. Three months of comparability, longer than the transfer, and one of filing are over before
    the nine months to the first lot: in use from month 13. Comparability 60,000, transfer 24,000, two engineering runs
    at (120,000 + 120,000 + 36,000) ÷ 24 = 11,500, two months of its team's training 14,000, filing 12,000: 133,000 in
    nine parts, with 1,000 of rent. Rooms for 90,000 in nine parts of 10,000.

    The central plant costs 23,000 a month; then 198,000 ÷ 12 = 16,500 and the hub 144,000 ÷ 12 = 12,000.
    """
    money = run()
    (change,) = money.changes
    assert (change.month, change.takeover, change.lead, change.ceiling) == (4.0, 13.0, 9.0, 40.0)
    assert tuple(change.cost) == exactly((9.0, 60_000.0, 24_000.0, 23_000.0, 0.0, 14_000.0, 12_000.0, 0.0))
    assert (change.capital, change.rent) == exactly((90_000.0, 1_000.0))
    assert column(money, "change") == exactly([0.0] * 3 + [133_000.0 / 9 + 1_000.0] * 9 + [0.0] * 12)
    assert column(money, "capital") == exactly([0.0] * 3 + [10_000.0] * 9 + [0.0] * 12)
    assert column(money, "plant") == exactly([23_000.0] * 12 + [28_500.0] * 12)
    assert column(money, "clinical") == exactly([200.0] * 24)
    assert column(money, "revenue") == exactly([0.0] * 2 + [100_000.0] * 22)
    assert column(money, "research") == [1_000.0] * 24
    assert money.months[-1].closing == exactly(
        1_000_000 + 22 * 100_000 - 24 * 3_200 - 12 * 23_000 - 12 * 28_500 - 133_000 - 9_000 - 90_000
    )


def test_a_laboratory_of_its_own_shows_its_methods_too() -> None:
    (change,) = run(testing="in_house").changes
    assert change.capital == exactly(160_000.0)


def test_comparability_and_filing_may_take_longer_than_the_site() -> None:
    (change,) = run(comparability_months=14.0).changes
    assert (change.cost.months, change.takeover, change.lead) == (15.0, 19.0, 9.0)


def test_what_hubs_take_is_left_out_when_another_platform_is_sized() -> None:
    west = replace(EAST, id="west", share_of_demand=0.25)
    switch = SwitchPlatform("s", "s", "switch_platform", 9.0, "robotic")
    found = extents((EAST, switch, west))
    assert found[2:] == [Extent((), (EAST,), (EAST,)), Extent((), (EAST, west), (EAST,))]
    assert share_left(found[-1].hubs) == exactly(0.35)
    assert share_left((EAST, west, replace(west, share_of_demand=0.9))) == 0.0
    assert share_left(()) == 1.0


# ---- with the cost model -------------------------------------------------------------------------------------------


def split(*decisions: dict[str, object], name: str = "founder", **changed: object) -> Scenario:
    keys = {key.replace("__", "."): value for key, value in changed.items()}
    fixed = {"plan.plant": "existing", "plan.horizon_months": 84, "plan.decisions": list(decisions)}
    return with_changes(load(name), fixed | keys, "test")


def hub(month: int, share: float, name: str = "hub") -> dict[str, object]:
    return decision("open_hub", month, share_of_demand=share) | {"id": name, "name": name}


def sites(e: Evaluation, s: Scenario, share: float, month: int) -> list[Results]:
    """Both plants in a month: the central one with the rest of the patients, and one sized for the share."""
    phase = [p for p, m in zip(s.plan.phases, e.cash.milestones, strict=True) if m.start <= month][-1]
    areas, own = areas_of(s, phase.stage), areas_of(s)
    rate = own.demand.patients_per_year
    small = year_of(
        with_change(s, "sizing", "size_for_demand", ""),
        replace(own, demand=replace(own.demand, patients_per_year=rate * share)),
    )
    recipe = recipe_of(s)
    return [
        at_rate(areas, recipe, s.choices, phase.share_of_demand * (1 - share), e.results),
        at_rate(areas, recipe, s.choices, phase.share_of_demand * share, small),
    ]


@pytest.mark.parametrize("name", ["founder", "academic", "investor"])
@pytest.mark.parametrize("tenure", ["lease", "host_hospital", "cdmo"])
def test_before_it_the_one_plant_and_after_it_the_sum_of_both(name: str, tenure: str) -> None:
    s = split(hub(20, 0.3), name=name, tenure=tenure)
    e, old = evaluate(s), evaluate(split(name=name, tenure=tenure))
    (change,) = e.cash.changes
    assert e.cash.months[:19] == old.cash.months[:19]
    assert [m.start for m in e.cash.milestones] == [m.start for m in old.cash.milestones]
    for month, before in zip(e.cash.months, old.cash.months, strict=True):
        assert month.patients_asking == exactly(before.patients_asking)
        assert (month.change > 0) == (20 <= month.month < change.takeover)
        if month.month < change.takeover:
            assert month.plant == exactly(before.plant)
            assert month.patients_infused == exactly(before.patients_infused)
    royalty = e.areas.finance.royalty
    for month in (e.cash.months[int(change.takeover) - 1], e.cash.months[-1]):
        both = sites(e, s, 0.3, month.month)
        assert month.plant - royalty * month.sales == exactly(sum(cash_cost_per_year(run) for run in both) / 12)
        assert month.patients_infused == exactly(sum(run.funnel.patients_infused for run in both) / 12)
        assert month.research == old.cash.months[month.month - 1].research
    spent = sum(m.change for m in e.cash.months)
    assert spent == exactly(change.cost.price + change.rent * (change.takeover - 20))


def test_what_a_hub_takes() -> None:
    s = split(hub(20, 0.3), testing="outsourced")
    e = evaluate(s)
    (change,) = e.cash.changes
    a, small = e.areas, sites(e, s, 0.3, 20)[1]
    r = a.regulatory
    per_lot = cash_cost_per_year(e.results) / e.results.funnel.lots_started
    team = all_wages(a.people, without_patients(s, small, a).heads) / 12
    months = min(a.people.training_months, e.results.months_to_first_lot)
    assert change.cost.comparability == r.comparability_price
    assert change.cost.transfer == r.transfer_price
    assert change.cost.engineering == exactly(r.engineering_runs * per_lot)
    assert change.cost.training == exactly(months * team)
    assert change.cost.stock == 0
    longest = max(r.comparability_months, r.transfer_months) + r.filings["process"].months
    assert change.cost.months == max(longest, e.results.months_to_first_lot)
    bought = sum(asset.amount for asset in small.assets if asset.category != "logistics")
    validation = sum(asset.amount for asset in small.assets if asset.id == "quality.validation")
    assert change.capital <= bought - validation + 1
    assert change.ceiling > e.results.plant.ceiling


def test_a_hub_in_the_rooms_of_a_hospital_takes_what_the_evidence_says() -> None:
    """Rows hub_qual, 0.6 to 5 million USD without equipment, with transfer, training, media fills and comparability,
    and hub_months, 6 to 20 months to the first patient."""
    e = evaluate(split(hub(20, 0.3), tenure="host_hospital"))
    (change,) = e.cash.changes
    assert 0.6e6 < change.cost.price < 5e6
    assert 6 <= change.cost.months <= 20


def test_a_switch_after_a_hub_is_made_on_both_sites() -> None:
    switch = decision("switch_platform", 60, platform="integrated_closed")
    one = evaluate(split(switch)).cash.changes[0]
    e = evaluate(split(hub(20, 0.3), switch))
    two = e.cash.changes[1]
    assert two.cost.comparability == one.cost.comparability
    assert two.cost.transfer == exactly(2 * one.cost.transfer)
    assert two.cost.engineering == exactly(2 * one.cost.engineering)
    assert two.capital > one.capital


def test_a_contract_manufacturer_charges_the_transfer_with_its_onboarding() -> None:
    (change,) = evaluate(split(hub(20, 0.3), tenure="cdmo")).cash.changes
    a = areas_of(split(tenure="cdmo"))
    assert change.cost.transfer == 0
    assert change.capital == exactly(a.facility.contract_onboarding_price)


@pytest.mark.parametrize(
    ("decisions", "changed", "level", "text"),
    [
        ((hub(20, 0),), {}, "error", "takes no patients: its share is 0"),
        ((hub(20, 1),), {}, "error", "takes all patients: nobody is left to the central plant"),
        ((hub(20, 0.6), hub(30, 0.7, "west")), {}, "error", "west brings the share of all hubs to 130%"),
        ((hub(80, 0.5),), {}, "warning", "after the plan's 84 months"),
        ((hub(3, 0.5),), {"plan.plant": "new"}, "warning", "patients come to either site only then"),
    ],
)
def test_what_cannot_work_is_said(
    decisions: tuple[dict[str, object], ...], changed: dict[str, object], level: str, text: str
) -> None:
    e = evaluate(with_changes(split(*decisions), changed, "test"))
    assert [finding.level for finding in check(e) if text in finding.text] == [level]
    assert np.isfinite([m.closing for m in e.cash.months]).all()


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_out_of_bounds(share: float) -> None:
    with pytest.raises(InputError, match=r"share_of_demand: .* is out of range; allowed are 0 to 1"):
        split(hub(20, share))


def test_it_is_written_and_read_back() -> None:
    s = split(hub(20, 0.3))
    assert parse(dump(s), "test") == s
    assert with_change(s, "plan.decisions.hub.share_of_demand", 0.4, "test").plan.decisions[0].share_of_demand == 0.4


def test_strategies_count_the_hub() -> None:
    s = split(hub(30, 0.3))
    strategies = (
        Strategy("manual_open", NEVER),
        Strategy("robotic", NEVER),
        Strategy("robotic", 20),
        Strategy("robotic", 40),
    )
    rates = [12.0, 40.0]
    view = outlook(s, strategies, rates)
    for i, one in enumerate(strategies):
        for j, rate in enumerate(rates):
            e = evaluate(with_change(compared(s, one), "demand.patients_per_year", rate, "test"))
            assert "open_hub" in [change.kind for change in e.cash.changes]
            spent = sum(m.plant + m.change + m.capital for m in e.cash.months)
            assert view.cost[i, j] == exactly(spent / sum(m.patients_infused for m in e.cash.months))
            assert view.change_price[i, j] == exactly(
                sum(change.cost.price for change in e.cash.changes if change.kind == "switch_platform")
            )


def test_I_64_draws_run_together_as_they_run_alone_and_as_traced() -> None:
    s = split(
        hub(20, 0.3),
        decision("switch_platform", 40, platform="robotic"),
        heads="fractional",
        plan__phases__phase_2__demand="growing",
    )
    rng = np.random.default_rng(5)
    spans = {
        "regulatory.transfer_months": (1, 30),
        "regulatory.transfer_price": (1e5, 4e6),
        "facility.lease_months": (1, 20),
        "people.training_months": (0, 30),
        "demand.growth_per_year": (0, 1),
    }
    s = replace(s, inputs={name: value for name, value in s.inputs.items() if name not in spans})
    draws = {name: rng.uniform(*span, 4) for name, span in spans.items()}

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
    assert set(spans) <= trace.inputs_behind(trace.Traced(None, "all", tuple(traced)))
