"""Changes of the plant in the plan: a case by hand to the cent, and what holds for every change."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dosecost import cash
from dosecost.cash import Cash
from dosecost.costs.change import ChangeCost, FilingInputs, Regulatory
from dosecost.costs.facility import Facility
from dosecost.errors import InputError
from dosecost.evaluation import areas_by_stage, areas_of, cash_of, evaluate, rows_in_use, year_of
from dosecost.inputs import Areas
from dosecost.ledger import CAPITAL, PER_LOT, PER_YEAR, Asset, Line
from dosecost.model import Results
from dosecost.plan import Phase, Plan, Receipt, SwitchPlatform, starts_after_change
from dosecost.quantities.losses import Funnel
from dosecost.quantities.people import ROLES, Heads
from dosecost.scenario import Choices, Scenario, dump, load, parse, with_change, with_changes
from dosecost.transition import Variant, kept_and_added
from tests import test_cash
from tests.quantities.builders import exactly, nothing, stated

SWITCH = SwitchPlatform("closed", "Closed platform", "switch_platform", 10.0, "integrated_closed")
SETUP = Phase("setup", "Set-up", 4.0, 0.0, "clinical", 50_000.0, 20_000.0, 0.0, "none")
TRIAL = Phase("trial", "Trial", 12.0, 0.5, "clinical", 30_000.0, 25_000.0, 10_000.0, "charge_back")
GRANT = Receipt("grant", "Grant", "grant", 2.0, 300_000.0, 3.0)
TRANCHE = Receipt("tranche", "Tranche", "equity", 9.0, 500_000.0, 1.0)
PLAN = Plan(24.0, 1_500_000.0, 100_000.0, 3.0, "new", 2.0, (SETUP, TRIAL), (GRANT, TRANCHE), (SWITCH,))
REGULATORY = stated(
    Regulatory,
    comparability_price=60_000.0,
    comparability_months=3.0,
    engineering_runs=2.0,
    validation_lots=0.0,
    parallel_stock_months=1.5,
    transfer_price=24_000.0,
    transfer_months=2.75,
    filings={"process": FilingInputs(12_000.0, 1.0)},
)

# Manual: rooms for 600,000, instruments for 40,000 and counters for 8,000 that last a year; 36,000 of rent.
OLD = stated(
    Results,
    lines=[Line("facility.rent", "facility", "", PER_YEAR, 1.0, 36_000.0)],
    assets=[
        Asset("facility.rooms", "facility", 600_000.0, 10.0),
        Asset("monitoring.instruments", "monitoring", 40_000.0, 1.0),
        Asset("monitoring.counters", "monitoring", 8_000.0, 1.0),
    ],
    invested=648_000.0,
    months_to_first_lot=4.5,
)
STANDING = stated(Results, heads=Heads(dict.fromkeys(ROLES, 0.0) | {"operator": 1.0}, 1.0, {"operator": 0.0}))
IDLE = stated(Results, lines=[], funnel=nothing(Funnel))
OLD_TRIAL = stated(
    Results,
    lines=[
        Line("materials.m", "materials", "", PER_LOT, 24.0, 4_000.0),
        Line("vector.v", "vector", "", PER_LOT, 24.0, 1_000.0),
        Line("labour.people.operator", "labour", "", PER_YEAR, 1.0, 120_000.0),
        Line("facility.rent", "facility", "", PER_YEAR, 1.0, 36_000.0),
    ],
    funnel=nothing(Funnel, collected=24.0, patients_infused=12.0, infused_out_of_specification=2.4),
)
# Closed: the same rooms, a device for 300,000, instruments for 100,000 and no counters; 24 lots cost 480,000 a year in
# cash, 48,000 of it rent.
NEW = stated(
    Results,
    lines=[
        Line("facility.rent", "facility", "", PER_YEAR, 1.0, 48_000.0),
        Line("materials.m", "materials", "", PER_LOT, 24.0, 18_000.0),
        Line("rooms.depreciation", "facility", "", CAPITAL, 1.0, 99_000.0),
    ],
    assets=[
        Asset("facility.rooms", "facility", 600_000.0, 10.0),
        Asset("equipment.device", "equipment", 300_000.0, 5.0),
        Asset("monitoring.instruments", "monitoring", 100_000.0, 1.0),
    ],
    invested=1_000_000.0,
    months_to_first_lot=9.0,
    funnel=nothing(Funnel, lots_started=24.0),
)
NEW_TRIAL = stated(
    Results,
    lines=[Line("materials.m", "materials", "", PER_LOT, 24.0, 8_000.0)],
    funnel=nothing(Funnel, collected=24.0, patients_infused=18.0),
)


def areas(**changed: Any) -> Areas:
    """As in the cash tests; qualification takes two and a half months."""
    return replace(
        test_cash.areas(),
        facility=stated(Facility, qualification_months=2.5),
        regulatory=replace(REGULATORY, **changed),
    )


def run(plan: Plan = PLAN, new: Results = NEW, **changed: Any) -> Cash:
    a = areas(**changed)
    choices = stated(Choices, platform="integrated_closed", tenure="lease")
    variant = Variant(SWITCH, choices, a, {"clinical": a}, new, (IDLE, NEW_TRIAL))
    return cash.run(cash.programme(plan, a, OLD, STANDING, (IDLE, OLD_TRIAL), [variant]))


def column(money: Cash, name: str) -> list[float]:
    return [getattr(month, name) for month in money.months]


def test_twenty_four_months_to_the_cent() -> None:
    """Ordered in month 2, four and a half months of lead: ready in month 7; 648,000 ÷ 5 = 129,600 a month until then,
    3,000 of rent, and from month 5 10,000 for the operator in training.

    The switch is decided in month 10. The rooms stay, so building is the qualification, two and a half months; three of
    comparability are longer, also than the transfer, one of filing follows: in use from month 14. Comparability 60,000,
    transfer 24,000, two engineering runs at 480,000 ÷ 24 = 20,000, filing 12,000, a month and a half of materials and
    vector of 120,000 a year = 15,000: 151,000 in four parts of 37,750, and 1,000 more rent a month. The device for
    300,000 and instruments for 60,000 more in three parts of 120,000.
    The old plant costs 276,000 ÷ 12 = 23,000 a month, the new one 16,000. Doses are paid two months after they are
    given: (12 − 1.2) × 50,000 ÷ 12 = 45,000, from month 14 18 × 50,000 ÷ 12 = 75,000.
    In month 19 the instruments of month 7 are due again; the counters are not in use any more.
    """
    money = run()
    (change,) = money.changes
    assert (change.month, change.takeover, change.lead) == (10.0, 14.0, 3.0)
    assert tuple(change.cost) == exactly((4.0, 60_000.0, 24_000.0, 40_000.0, 0.0, 0.0, 12_000.0, 15_000.0))
    assert (change.capital, change.rent) == exactly((360_000.0, 1_000.0))
    assert column(money, "received") == exactly([0, 1e5, 1e5, 1e5, 0, 0, 0, 0, 5e5] + [0.0] * 15)
    assert column(money, "change") == exactly([0.0] * 9 + [38_750.0] * 4 + [0.0] * 11)
    capital = [0.0] + [129_600.0] * 5 + [0.0] * 3 + [120_000.0] * 3 + [0.0] * 6 + [40_000.0] + [0.0] * 5
    assert column(money, "capital") == exactly(capital)
    assert column(money, "plant") == exactly([0.0] + [3e3] * 3 + [13e3] * 2 + [23e3] * 7 + [16e3] * 11)
    assert column(money, "revenue") == exactly([0.0] * 8 + [45e3] * 7 + [75e3] * 9)
    assert column(money, "closing") == exactly(
        [
            1_430_000.0,  # − 70,000
            1_327_400.0,  # + 100,000 − 202,600
            1_224_800.0,
            1_122_200.0,
            909_600.0,  # − 212,600
            697_000.0,
            599_000.0,  # − 98,000
            501_000.0,
            948_000.0,  # + 545,000 − 98,000
            736_250.0,  # + 45,000 − 98,000 − 38,750 − 120,000
            524_500.0,
            312_750.0,
            221_000.0,  # + 45,000 − 98,000 − 38,750
            175_000.0,  # + 45,000 − 91,000
            129_000.0,
            113_000.0,  # + 75,000 − 91,000
            97_000.0,
            81_000.0,
            25_000.0,  # and 40,000
            9_000.0,
            -7_000.0,
            -23_000.0,
            -39_000.0,
            -55_000.0,
        ]
    )
    assert (money.ran_out, money.cash_out_month, money.funding_gap) == (1.0, 17.0, exactly(155_000.0))


def test_a_transfer_that_takes_longest_delays_the_change() -> None:
    """Five months of transfer while comparability takes three: six with the filing, in use from month 16."""
    (change,) = run(transfer_months=5.0).changes
    assert (change.takeover, change.cost.months, change.lead) == (16.0, 6.0, 3.0)


def test_more_rooms_take_the_lead_time_of_rooms() -> None:
    """A hundred thousand more of rooms: nine months to the first lot and one of filing, in use from month 20."""
    larger = NEW._replace(assets=[NEW.assets[0]._replace(amount=700_000.0), *NEW.assets[1:]])
    (change,) = run(new=larger).changes
    assert (change.takeover, change.lead, change.capital) == (20.0, 9.0, exactly(460_000.0))


def test_the_next_phase_waits_for_a_change_of_the_process_and_those_after_it_move_along() -> None:
    assert starts_after_change([1.0, 7.0, 19.0, 31.0], 10.0, 24.0) == [1.0, 7.0, 24.0, 36.0]
    assert starts_after_change([1.0, 7.0, 19.0, 31.0], 10.0, 14.0) == [1.0, 7.0, 19.0, 31.0]
    assert starts_after_change([1.0, 7.0, 19.0], 19.0, 40.0) == [1.0, 7.0, 19.0]


def test_older_assets_stay_in_use_first() -> None:
    first = {"a": 100.0, "b": 50.0}
    kept, added = kept_and_added([first], [Asset("a", "x", 160.0, 5.0), Asset("c", "x", 7.0, 5.0)], frozenset())
    assert (kept, added) == ({"a": 100.0, "b": 0.0}, {"a": 60.0, "c": 7.0})
    older, newer, added = kept_and_added([kept, added], [Asset("a", "x", 130.0, 5.0)], frozenset())
    assert (older["a"], newer["a"], added["a"]) == (100.0, 30.0, 0.0)
    kept, added = kept_and_added([first], [Asset("a", "x", 160.0, 5.0)], frozenset({"a"}))
    assert (kept["a"], added["a"]) == (0.0, 160.0)


# ---- with the cost model -------------------------------------------------------------------------------------------


def decision(kind: str, month: float, **more: object) -> dict[str, object]:
    return {"id": f"{kind}_{month:g}", "name": kind, "kind": kind, "month": month} | more


def decided(name: str, *decisions: dict[str, object], **changed: object) -> Scenario:
    keys = {key.replace("__", "."): value for key, value in changed.items()}
    return with_changes(load(name), {"plan.plant": "existing"} | keys | {"plan.decisions": list(decisions)}, "test")


def phase_of(money: Cash, month: int) -> str:
    return [m.id for m in money.milestones if m.start <= month][-1]


@pytest.mark.parametrize("month", [1, 14, 40, 70])
@pytest.mark.parametrize("platform", ["semi_auto", "integrated_closed", "robotic"])
def test_before_a_switch_the_old_plan_and_after_it_the_new_platform(month: int, platform: str) -> None:
    """Equal in every month whose phase is the same; phase 2, planned for month 44, waits for the change of month 40."""
    old = evaluate(decided("founder"))
    new = evaluate(decided("founder", platform=platform))
    e = evaluate(decided("founder", decision("switch_platform", month, platform=platform)))
    (change,) = e.cash.changes
    assert e.cash.months[: month - 1] == old.cash.months[: month - 1]
    waited = [m.month for m in e.cash.months if phase_of(e.cash, m.month) != phase_of(old.cash, m.month)]
    assert waited == (list(range(44, int(change.takeover))) if month == 40 else [])
    for m, before, after in zip(e.cash.months, old.cash.months, new.cash.months, strict=True):
        wanted = before if m.month < change.takeover else after
        if m.month not in waited:
            assert m.plant == exactly(wanted.plant)
            assert m.clinical == exactly(wanted.clinical)
            assert m.patients_infused == exactly(wanted.patients_infused)
        assert (m.change > 0) == (month <= m.month < change.takeover)
    paid = sum(m.change for m in e.cash.months)
    within = min(change.takeover, e.scenario.plan.horizon_months + 1) - month
    assert paid == exactly((change.cost.price / (change.takeover - month) + change.rent) * within)


def test_a_late_change_costs_more_and_takes_longer() -> None:
    def change(stage: str) -> Any:
        phases = [{"stage": stage, "id": p["id"]} for p in load("founder").body()["plan"]["phases"]]
        s = decided("founder", decision("switch_platform", 30, platform="integrated_closed"))
        for phase in phases:
            s = with_change(s, f"plan.phases.{phase['id']}.stage", stage, "test")
        return evaluate(s).cash.changes[0]

    early, late = change("clinical"), change("commercial")
    assert late.cost.price > early.cost.price
    assert late.takeover > early.takeover
    assert (early.cost.validation, early.cost.comparability) == (0.0, 600_000.0)
    assert late.cost.validation == exactly(late.cost.engineering)  # three runs, three lots
    assert late.takeover == 30 + 14 + 4


def test_an_analytical_change_is_validated_and_filed_and_nothing_else() -> None:
    e = evaluate(decided("founder", decision("adopt_sterility", 20, sterility="pcr"), decision("go_electronic", 22)))
    test, record = e.cash.changes
    assert test.cost == exactly(ChangeCost(5.0, validation=90_000.0, filing=80_000.0))
    assert record.cost == exactly(ChangeCost(7.0, validation=150_000.0, filing=80_000.0))
    assert (test.capital, test.takeover, record.takeover) == (0.0, 25.0, 29.0)
    after = evaluate(decided("founder", sterility="pcr", record="electronic"))
    assert e.cash.months[40].plant == exactly(after.cash.months[40].plant)
    assert [m.start for m in e.cash.milestones] == [m.start for m in after.cash.milestones]


def test_from_research_grade_to_gmp_instruments_all_are_bought_anew() -> None:
    e = evaluate(decided("founder", decision("gmp_instruments", 20), instruments="research"))
    (change,) = e.cash.changes
    comparability = e.areas.regulatory.comparability_price
    assert change.cost.transfer == 0  # same process, same site
    assert change.capital == exactly(e.results.transition_price - comparability)
    assert change.cost.comparability == comparability
    gmp = evaluate(decided("founder", instruments="gmp"))
    assert e.cash.months[60].plant == exactly(gmp.cash.months[60].plant)


def test_a_contract_manufacturer_is_onboarded_again_for_another_platform() -> None:
    e = evaluate(decided("founder", decision("switch_platform", 20, platform="robotic"), tenure="cdmo"))
    (change,) = e.cash.changes
    assert change.capital == exactly(e.areas.facility.contract_onboarding_price)
    assert change.cost.transfer == 0  # the onboarding holds it
    assert change.cost.months == exactly(
        max(e.areas.facility.contract_onboarding_months, e.areas.regulatory.comparability_months)
        + e.areas.regulatory.filings["process"].months
    )


@pytest.mark.parametrize("name", ["academic", "founder"])
def test_an_early_switch_from_manual_to_closed_costs_what_the_evidence_says(name: str) -> None:
    """The evidence's row platform_switch: 1.5 to 10 million USD for the whole programme of process development,
    comparability, validation and training; in our parts comparability, transfer, engineering runs, filing and the old
    stock, without the new plant itself."""
    s = decided(name, decision("switch_platform", 20, platform="integrated_closed"), platform="manual_open")
    e = evaluate(s)
    (change,) = e.cash.changes
    in_usd = change.cost.price * (e.areas.finance.usd_per_eur if s.currency == "EUR" else 1.0)
    assert 1.5e6 < in_usd < 10e6
    assert change.cost.transfer == exactly(e.areas.regulatory.transfer_price)
    assert change.cost.transfer > change.cost.comparability > change.cost.engineering
    assert e.areas.regulatory.transfer_months > e.areas.regulatory.comparability_months
    assert change.cost.months == exactly(e.areas.regulatory.transfer_months + 1)


def test_changes_take_over_in_the_order_of_their_decisions() -> None:
    test = decision("adopt_sterility", 11, sterility="pcr")
    e = evaluate(decided("founder", test, decision("switch_platform", 10, platform="robotic")))
    assert [change.kind for change in e.cash.changes] == ["switch_platform", "adopt_sterility"]
    assert e.cash.changes[1].takeover >= e.cash.changes[0].takeover


def test_people_hired_are_paid_from_their_month_on() -> None:
    old = evaluate(decided("founder"))
    e = evaluate(decided("founder", decision("hire", 5, role="msat", heads=2)))
    people = e.areas.people
    wages = 2 * people.roles["msat"].salary * people.salary_level * (1 + people.burden) / 12
    more = [m.plant - before.plant for m, before in zip(e.cash.months, old.cash.months, strict=True)]
    assert more == pytest.approx([0.0] * 4 + [wages] * (len(more) - 4), abs=0.01)


def test_a_price_changes_for_doses_from_its_month_on() -> None:
    """Doses of month 20 are the first at nine tenths of the price; they are paid two months later."""
    old = evaluate(decided("investor"))
    e = evaluate(decided("investor", decision("price_change", 20, price_factor=0.9)))
    for m, before in zip(e.cash.months, old.cash.months, strict=True):
        assert m.revenue == exactly(before.revenue * (0.9 if m.month >= 22 else 1.0))


LOAN = decision("debt", 3, amount=1_200_000, yearly_interest=0.12, interest_only_months=2, repayment_months=12)


def test_a_loan_to_the_cent() -> None:
    """Drawn in month 3; 12,000 of interest in months 4 and 5; then twelve level payments of
    1,200,000 × 0.01 ÷ (1 − 1.01⁻¹²) = 106,618.5464."""
    old, e = evaluate(decided("founder")), evaluate(decided("founder", LOAN))
    service = column(e.cash, "debt_service")
    assert service[:17] == pytest.approx([0.0] * 3 + [12_000.0] * 2 + [106_618.55] * 12, abs=0.005)
    assert not any(service[17:])
    lent = [m.received - before.received for m, before in zip(e.cash.months, old.cash.months, strict=True)]
    assert lent == exactly([0.0] * 2 + [1_200_000.0] + [0.0] * (len(lent) - 3))
    assert e.npv == exactly(old.npv)  # the programme is worth the same, however it is paid for


EVERYTHING = (
    decision("switch_platform", 30, platform="integrated_closed"),
    decision("adopt_sterility", 33, sterility="pcr"),
    decision("switch_platform", 55, platform="robotic"),
    decision("hire", 5, role="qa_specialist", heads=1.5),
    decision("price_change", 60, price_factor=1.2),
    LOAN,
)


@pytest.mark.parametrize("name", ["academic", "founder", "investor"])
def test_I_07_I_08_I_33_identities_with_every_kind_of_decision(name: str) -> None:
    s = decided(name, *EVERYTHING, plan__plant="new", plan__horizon_months=72)
    e = evaluate(s)
    balance = s.plan.opening_cash
    for m in e.cash.months:
        parts = (m.research, m.administration, m.clinical, m.plant, m.change, m.capital, m.stock, m.debt_service)
        assert m.opening == balance
        assert m.outflow == exactly(sum(parts))
        assert m.closing == exactly(m.opening + m.received + m.revenue - m.outflow)
        balance = m.closing
    net = sum(m.inflow - m.outflow for m in e.cash.months)
    assert net == pytest.approx(balance - s.plan.opening_cash, abs=0.01)
    longer = evaluate(with_change(s, "plan.horizon_months", 100, "test"))
    assert longer.cash.months[:72] == e.cash.months


def test_I_41_a_loan_later_or_a_change_earlier_never_raises_the_balance() -> None:
    def closing(*decisions: dict[str, object]) -> list[float]:
        return column(evaluate(decided("founder", *decisions)).cash, "closing")

    later = closing(LOAN | {"month": 9, "repayment_months": 1, "interest_only_months": 0, "yearly_interest": 0})
    sooner = closing(LOAN | {"month": 3, "repayment_months": 1, "interest_only_months": 0, "yearly_interest": 0})
    assert all(b <= a + 1e-6 for a, b in zip(sooner[:8], later[:8], strict=True))


def test_I_64_draws_of_what_a_change_takes_run_together_as_they_run_alone() -> None:
    s = decided("founder", *EVERYTHING, plan__plant="new", heads="fractional")
    rows, rng = rows_in_use(s), np.random.default_rng(7)
    names = [name for name in rows if name.startswith(("regulatory.", "facility.lease", "facility.qualification"))]
    draws = {name: rng.uniform(rows[name].low, rows[name].high, 6) for name in names}

    def lowest(given: Any) -> Any:
        a = areas_of(s, given=given)
        return cash_of(s, a, year_of(s, a), areas_by_stage(s, a, given)).lowest

    together = lowest(draws)
    alone = [lowest({name: float(values[i]) for name, values in draws.items()}) for i in range(6)]
    assert together == pytest.approx(alone, rel=1e-12)
    assert len(set(alone)) == 6


# ---- the file ------------------------------------------------------------------------------------------------------


def test_decisions_are_written_and_read_back() -> None:
    s = decided("founder", *EVERYTHING)
    assert parse(dump(s), "test") == s
    assert with_change(s, "plan.decisions", [], "test").digest == decided("founder").digest
    later = with_change(s, "plan.decisions.debt_3.month", 7, "test")
    assert [d.month for d in later.plan.decisions if d.kind == "debt"] == [7.0]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (decision("move", 3), "plan.decisions\\[0\\].kind: 'move' is not one of debt, switch_platform"),
        (decision("hire", 0, role="msat", heads=1), "month: 0 is before the plan opens; allowed are 1 to 120"),
        (decision("hire", 3, role="juggler", heads=1), "role: 'juggler' is not one of operator"),
        (decision("hire", 3, role="msat"), "missing: heads"),
        (decision("switch_platform", 3, platform="steam"), "decisions.switch_platform_3.platform: 'steam' is not one"),
        (decision("adopt_sterility", 3, sterility="smell"), "sterility: 'smell' is not one of compendial"),
        (LOAN | {"yearly_interest": 1.5}, "yearly_interest: 1.5 is out of range; allowed are 0 to 1"),
    ],
)
def test_decisions_that_cannot_be(wrong: dict[str, object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        decided("founder", wrong)
