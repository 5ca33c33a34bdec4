"""More devices and suites in the plan: a case by hand to the cent with growing demand, and against the cost model."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dosecost import cash, trace
from dosecost.analysis.strategy import NEVER, Strategy, best_month, compared, outlook
from dosecost.cash import Cash
from dosecost.costs.facility import Facility
from dosecost.errors import InputError
from dosecost.evaluation import areas_by_stage, areas_of, at_rate, cash_of, evaluate, recipe_of, year_of
from dosecost.feasibility import check
from dosecost.inputs import Areas
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line
from dosecost.model import Results
from dosecost.plan import AS_SIZED, Build, Buy, GoElectronic, Phase, Plan, SwitchPlatform, extents
from dosecost.quantities.losses import Funnel
from dosecost.scenario import Choices, Scenario, dump, load, parse, with_change, with_changes
from dosecost.transition import Variant
from tests import test_cash
from tests.quantities.builders import exactly, nothing, stated
from tests.test_transition import column, decision

DEVICE = Buy("second", "Second device", "buy", 10.0, 1.0)
MARKET = Phase("market", "Market", 24.0, 1.0, "commercial", 1_000.0, 2_000.0, 100.0, "charge_back", "growing")
PLAN = Plan(24.0, 1_000_000.0, 0.0, 3.0, "existing", 1.0, (MARKET,), (), (DEVICE,))


def year(asking: float, places: float, upkeep: float = 0.0) -> Results:
    """A year of patients of whom so many get a place: 5,000 a lot, 60,000 of wages, and upkeep."""
    given = min(asking, places)
    funnel = nothing(
        Funnel,
        patients=asking,
        not_admitted=asking - given,
        collected=given,
        lots_started=given,
        patients_infused=given,
    )
    lines = [
        Line("materials.m", "materials", "", PER_LOT, given, 5_000.0),
        Line("labour.people.operator", "labour", "", PER_YEAR, 1.0, 60_000.0),
        Line("equipment.device.service", "equipment", "", PER_YEAR, 1.0, upkeep),
    ]
    built: Results = stated(Results, lines=lines, funnel=funnel)
    return built


def plant(devices: float) -> Results:
    """Devices at 200,000 that last a year and a half."""
    assets = [Asset("equipment.device", "equipment", devices * 200_000.0, 1.5)]
    built: Results = stated(
        Results, lines=[], assets=assets, invested=devices * 200_000.0, months_to_first_lot=20.0, funnel=nothing(Funnel)
    )
    return built


def areas() -> Areas:
    """A dose brings 10,000 after two months; a device takes four and a half months to be qualified."""
    a = test_cash.areas(charge_back_price=10_000.0)
    return replace(a, facility=stated(Facility, qualification_months=4.5))


def run(plan: Plan = PLAN) -> Cash:
    a = areas()
    choices = stated(Choices, platform="integrated_closed", tenure="lease")
    after = Variant(
        DEVICE, choices, a, {"commercial": a}, plant(2.0), (year(24.0, 60.0), year(36.0, 60.0, 12_000.0)), ceiling=60.0
    )
    runs = (year(24.0, 30.0), year(36.0, 30.0))
    return cash.run(cash.programme(plan, a, plant(1.0), test_cash.STANDING, runs, [after]))


def test_twenty_four_months_of_growth_and_a_device_to_the_cent() -> None:
    """24 patients a year grow by a half: 36 in the second year, of whom the one device lets 30 through.

    A second one is decided in month 10; qualified after four and a half months it is in use from month 15: 40,000 in
    each of months 10 to 14. The plant costs 15,000 a month at 24 lots a year, 17,500 at 30, and 21,000 at 36 with the
    upkeep of two. Doses are paid two months later: 20,000 a month from month 3, 25,000 from 15, 30,000 from 17.
    In month 19 the first device is due again, the second not before month 33.
    """
    money = run()
    (change,) = money.changes
    assert (change.month, change.takeover, change.lead, change.ceiling) == (10.0, 15.0, 5.0, 60.0)
    assert (change.cost.price, change.capital, change.rent) == (0.0, exactly(200_000.0), 0.0)
    assert column(money, "patients_asking") == exactly([2.0] * 12 + [3.0] * 12)
    assert column(money, "patients_refused") == exactly([0.0] * 12 + [0.5] * 2 + [0.0] * 10)
    assert column(money, "patients_infused") == exactly([2.0] * 12 + [2.5] * 2 + [3.0] * 10)
    assert column(money, "clinical") == exactly([200.0] * 12 + [250.0] * 2 + [300.0] * 10)
    assert column(money, "plant") == exactly([15_000.0] * 12 + [17_500.0] * 2 + [21_000.0] * 10)
    assert column(money, "revenue") == exactly([0.0] * 2 + [20_000.0] * 12 + [25_000.0] * 2 + [30_000.0] * 8)
    assert column(money, "capital") == exactly([0.0] * 9 + [40_000.0] * 5 + [0.0] * 4 + [200_000.0] + [0.0] * 5)
    assert column(money, "change") == [0.0] * 24
    assert column(money, "closing") == exactly(
        [
            981_800.0,  # − 18,200
            963_600.0,
            965_400.0,  # + 20,000 − 18,200
            967_200.0,
            969_000.0,
            970_800.0,
            972_600.0,
            974_400.0,
            976_200.0,
            938_000.0,  # and − 40,000
            899_800.0,
            861_600.0,
            820_850.0,  # + 20,000 − 60,750
            780_100.0,
            780_800.0,  # + 25,000 − 24,300
            781_500.0,
            787_200.0,  # + 30,000 − 24,300
            792_900.0,
            598_600.0,  # and − 200,000
            604_300.0,
            610_000.0,
            615_700.0,
            621_400.0,
            627_100.0,
        ]
    )


def test_what_is_bought_and_built_adds_up_and_another_platform_starts_anew() -> None:
    switch = SwitchPlatform("s", "s", "switch_platform", 5.0, "robotic")
    changes = (
        DEVICE,
        Build("b", "b", "build", 11.0, 2.0),
        GoElectronic("e", "e", "go_electronic", 12.0),
        DEVICE,
        switch,
    )
    found = extents(changes)
    assert [(extent.devices, extent.suites) for extent in found] == [(0, 0), (1, 0), (1, 2), (1, 2), (2, 2), (0, 0)]
    assert found[0] == found[-1] == AS_SIZED


# ---- with the cost model -------------------------------------------------------------------------------------------


def grown(*decisions: dict[str, object], name: str = "investor", **changed: object) -> Scenario:
    """The last phase grows by half a year, in a plant that is there from the first month."""
    last = load(name).plan.phases[-1].id
    keys = {key.replace("__", "."): value for key, value in changed.items()}
    fixed = {"plan.plant": "existing", "plan.horizon_months": 100, "demand.growth_per_year": 0.5}
    return with_changes(
        load(name), fixed | {f"plan.phases.{last}.demand": "growing", "plan.decisions": list(decisions)} | keys, "test"
    )


BUY = decision("buy", 50, devices=9)
BUILD = decision("build", 50, suites=4)


@pytest.mark.parametrize(("more", "which"), [(BUY, "devices"), (BUILD, "suites")])
@pytest.mark.parametrize("tenure", ["build", "lease", "pod", "host_hospital"])
def test_before_it_is_through_the_old_plant_and_after_it_the_larger_one(
    more: dict[str, object], which: str, tenure: str
) -> None:
    s = grown(more, tenure=tenure)
    e, old = evaluate(s), evaluate(grown(tenure=tenure))
    (change,) = e.cash.changes
    facility = e.areas.facility
    rooms = {
        "build": facility.build_months,
        "lease": facility.lease_months,
        "pod": facility.pod_months,
        "host_hospital": facility.host_months,
    }
    lead = facility.qualification_months + (rooms[tenure] if which == "suites" else 0)
    assert change.takeover == 50 + lead
    assert e.cash.months[:49] == old.cash.months[:49]
    installed = e.results.plant.suites, e.results.plant.devices[e.recipe.limiting_device]
    larger = {
        "sizing": "fixed_plant",
        "capacity.suites_installed": installed[0] + (4 if which == "suites" else 0),
        "capacity.devices_installed": installed[1] + (9 if which == "devices" else 0),
    }
    new = evaluate(grown(tenure=tenure, **{key.replace(".", "__"): value for key, value in larger.items()}))
    assert change.ceiling == exactly(new.results.plant.ceiling)
    for month, before, after in zip(e.cash.months, old.cash.months, new.cash.months, strict=True):
        wanted = before if month.month < change.takeover else after
        assert month.patients_refused == exactly(wanted.patients_refused)
        assert month.patients_infused == exactly(wanted.patients_infused)
        royalty = e.areas.finance.royalty * (month.sales - wanted.sales)  # of doses given before the month
        assert month.plant - royalty == exactly(wanted.plant)
        assert month.clinical == exactly(wanted.clinical)


def test_devices_cost_what_the_plant_s_cost_and_are_renewed_after_their_life() -> None:
    """No more suites and no more lots: nine devices at their price and qualification, five months long."""
    e = evaluate(grown(BUY, capacity__lots_per_room_closed=1))
    old = evaluate(grown(capacity__lots_per_room_closed=1))
    a, device = e.areas, e.recipe.limiting_device
    price = 9 * a.capacity.devices[device].price * (1 + a.equipment.qualification_share)
    (change,) = e.cash.changes
    assert change.capital == exactly(price)
    assert change.cost.price == 0
    more = [m.capital - before.capital for m, before in zip(e.cash.months, old.cash.months, strict=True)]
    assert more[49:54] == exactly([price / 5] * 5)
    assert sum(more[:49]) == pytest.approx(0, abs=1e-3)
    assert sum(more[54:]) == pytest.approx(0, abs=1e-3)
    longer = {"plan.horizon_months": 120, "equipment.life": 5}
    again = evaluate(with_changes(e.scenario, longer, "test")).cash.months
    once = evaluate(with_changes(old.scenario, longer, "test")).cash.months
    assert again[54 + 60].capital - once[54 + 60].capital == exactly(price)


def test_a_device_is_found_by_the_patients_who_were_turned_away() -> None:
    old, e = evaluate(grown()), evaluate(grown(BUY, BUILD))
    assert sum(m.patients_refused for m in old.cash.months) > 1
    assert sum(m.patients_refused for m in e.cash.months) < sum(m.patients_refused for m in old.cash.months)
    assert sum(m.patients_infused for m in e.cash.months) > sum(m.patients_infused for m in old.cash.months)


@pytest.mark.parametrize(
    ("decisions", "changed", "level", "text"),
    [
        ((BUY,), {"tenure": "cdmo"}, "error", "lots are made under contract, there are no devices of one's own"),
        ((decision("buy", 50, devices=100),), {"capacity.suites_installed": 1, "capacity.devices_installed": 90,
         "sizing": "fixed_plant"}, "warning", "the suites hold the plant at"),
        ((decision("build", 1, suites=1),), {"plan.plant": "new", "plan.plant_order_month": 4}, "error",
         "before the plant is ordered in month 4: there is nothing to enlarge"),
        ((decision("buy", 3, devices=1),), {"plan.plant": "new"}, "warning", "before the plant is ready"),
        ((decision("buy", 99, devices=1),), {}, "warning", "in use from month 104, after the plan's 100 months"),
        ((decision("buy", 110, devices=1),), {}, "note", "dated in month 110, after the plan's 100 months"),
        ((BUILD, decision("buy", 51, devices=1)), {}, "note", "counts from month"),
        ((BUY, decision("switch_platform", 60, platform="robotic")), {}, "warning", "sizes the plant anew"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said(
    decisions: tuple[dict[str, object], ...], changed: dict[str, object], level: str, text: str
) -> None:
    found = check(evaluate(with_changes(grown(*decisions), changed, "test")))
    assert [finding.level for finding in found if text in finding.text] == [level]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (decision("buy", 3, devices=0), "devices: 0 is out of range; allowed are 1 to 100, whole"),
        (decision("build", 3, suites=1.5), "suites: 1.5 is out of range; allowed are 1 to 100, whole"),
        (decision("build", 3), "missing: suites"),
    ],
)
def test_decisions_that_cannot_be(wrong: dict[str, object], text: str) -> None:
    with pytest.raises(InputError, match=text):
        grown(wrong)


def test_they_are_written_and_read_back() -> None:
    s = grown(BUY, BUILD)
    assert parse(dump(s), "test") == s
    assert with_change(s, "plan.decisions.buy_50.devices", 3, "test").plan.decisions[0].devices == 3.0


def test_strategies_keep_what_the_plan_buys_and_builds() -> None:
    """Decided before the switch it belongs to the plant that goes, after it to the new one: as the scenario alone."""
    s = grown(BUY, BUILD, decision("go_electronic", 30), platform="manual_open")
    assert [d.kind for d in compared(s).plan.decisions] == ["buy", "build"]
    strategies = (
        Strategy("manual_open", NEVER),
        Strategy("robotic", NEVER),
        *(Strategy("robotic", m) for m in (40, 50, 60)),
    )
    rates = [float(areas_of(s).demand.patients_per_year), 30.0]
    view = outlook(s, strategies, rates)
    for i, one in enumerate(strategies):
        for j, rate in enumerate(rates):
            e = evaluate(with_change(compared(s, one), "demand.patients_per_year", rate, "test"))
            spent = sum(m.plant + m.change + m.capital for m in e.cash.months)
            assert view.cost[i, j] == exactly(spent / sum(m.patients_infused for m in e.cash.months))
            assert view.npv[i, j] == pytest.approx(e.npv, rel=1e-9)
    assert [entry.month for entry in best_month(s, "robotic", [40, 50, 60])] == [NEVER, 40, 50, 60]


def test_I_64_draws_run_together_as_they_run_alone_and_as_traced() -> None:
    s = grown(BUY, BUILD, heads="fractional")
    rng = np.random.default_rng(3)
    names = ("facility.qualification_months", "facility.lease_months", "demand.growth_per_year")
    draws = {name: rng.uniform(*span, 5) for name, span in zip(names, ((1, 9), (4, 20), (0, 1)), strict=True)}

    def closing(given: Any) -> Any:
        a = areas_of(s, given=given)
        return [m.closing for m in cash_of(s, a, year_of(s, a), areas_by_stage(s, a, given)).months]

    s = replace(s, inputs={name: value for name, value in s.inputs.items() if name not in names})
    together = closing(draws)
    for i in range(5):
        one = {name: float(values[i]) for name, values in draws.items()}
        alone = closing(one)
        assert [np.broadcast_to(month, 5)[i] for month in together] == pytest.approx(alone, rel=1e-11)
        traced = closing({name: trace.Traced(value, name=name) for name, value in one.items()})
        assert [float(trace.value_of(month)) for month in traced] == pytest.approx(alone, rel=1e-11)
    assert set(names) <= trace.inputs_behind(trace.Traced(None, "all", tuple(traced)))


def test_the_full_rate_in_the_larger_plant_is_the_model_s() -> None:
    e = evaluate(grown(BUY))
    run = at_rate(e.areas, recipe_of(e.scenario), e.scenario.choices, 1.0, e.results)
    assert run.plant.ceiling == exactly(e.results.plant.ceiling)
