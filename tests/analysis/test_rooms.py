"""Rooms one by one: by hand, and against the ledger for any scenario."""

import pytest
from hypothesis import given

from dosecost import ledger, scenario
from dosecost.analysis import rooms
from dosecost.costs.facility import OWN_ROOMS
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, with_changes
from tests.strategies import scenarios

FOUNDER = scenario.load("founder")
BY_HAND = {
    "sizing": "fixed_plant",
    "capacity.suites_installed": 2.0,
    "facility.suite_m2": 30.0,
    "facility.airlock_m2": 10.0,
    "facility.gross_to_clean": 2.5,
    "facility.fit_out_b": 8_000.0,
    "facility.fit_out_support": 3_000.0,
    "facility.design_and_qualification": 0.25,
    "facility.electricity_b": 1_500.0,
    "facility.electricity_price": 0.1,
    "facility.requalification": 100.0,
    "facility.cleaning_b": 300.0,
    "facility.maintenance_share": 0.02,
    "facility.insurance_share": 0.005,
    "facility.rent": 400.0,
    "facility.rent_pass_through": 100.0,
}
NEAR = 1e-9


def by_hand(tenure: str) -> Scenario:
    """Two suites of 30 m² with 10 m² of airlock in grade B; the whole is two and a half times the clean rooms."""
    return with_changes(FOUNDER, BY_HAND | {"tenure": tenure}, "test")


def test_rooms_of_a_building_by_hand() -> None:
    """Clean rooms: 10,000 a m² built; 150 + 100 + 300 a m² and 2.5 % of 10,000 a year are 800 a m². Support: 3,750 a m²
    built, of which 2.5 % a year."""
    found = {room.id: room for room in rooms.rooms(evaluate(by_hand("build")))}
    assert [(room.id, room.grade, room.m2) for room in found.values()] == [
        ("suites", "B", 60.0),
        ("airlocks", "B", 20.0),
        ("support", "", 120.0),
    ]
    assert found["suites"].capital == pytest.approx(600_000)
    assert found["airlocks"].capital == pytest.approx(200_000)
    assert found["support"].capital == pytest.approx(450_000)
    assert found["suites"].running == pytest.approx(48_000)
    assert found["airlocks"].running == pytest.approx(16_000)
    assert found["support"].running == pytest.approx(11_250)


def test_rooms_of_a_tenant_by_hand() -> None:
    """As built, and 500 a m² of rent; of the support space nothing is built."""
    found = {room.id: room for room in rooms.rooms(evaluate(by_hand("lease")))}
    assert found["suites"].running == pytest.approx(60 * 1_300)
    assert found["airlocks"].running == pytest.approx(20 * 1_300)
    assert (found["support"].capital, found["support"].running) == pytest.approx((0, 120 * 500))


@given(scenarios())
def test_rooms_add_up_to_the_ledger(s: Scenario) -> None:
    e = evaluate(s)
    found = rooms.rooms(e)
    lines = rooms.whole(e.results.lines, "facility.")
    known = {*rooms.BY_CLEAN_AREA, *rooms.BY_WHOLE_AREA, *rooms.BY_CAPITAL, *rooms.WITH_LOTS}
    assert set(lines) <= known
    if s.choices.tenure not in OWN_ROOMS:
        assert found == []
        return
    of_rooms = sum(amount for name, amount in lines.items() if name not in rooms.WITH_LOTS)
    assert sum(room.running for room in found) == pytest.approx(of_rooms, rel=NEAR)
    assert sum(room.capital for room in found) == pytest.approx(rooms.capital_of_rooms(e), rel=NEAR)


@given(scenarios())
def test_running_cost_is_every_line_of_rooms_and_monitoring_but_capital_charges(s: Scenario) -> None:
    e = evaluate(s)
    if s.choices.tenure == "cdmo":
        assert rooms.running(e) == {}
        return
    parts = ("facility.", "monitoring.", "idle.facility.", "idle.monitoring.")
    wanted = [line for line in e.results.lines if line.id.startswith(parts) and line.basis != ledger.CAPITAL]
    assert sum(rooms.running(e).values()) == pytest.approx(ledger.annual_total(wanted), rel=NEAR)


@given(scenarios())
def test_idle_rooms_are_the_idle_part_of_the_ledger_where_rooms_are_paid_by_the_year(s: Scenario) -> None:
    e = evaluate(s)
    found = rooms.idle(e)
    assert (found is None) == (s.choices.tenure not in OWN_ROOMS)
    if found:
        assert found.share == 1 - e.results.plant.suites_used
        lines = [line for line in e.results.lines if line.id.startswith(("idle.facility", "idle.monitoring"))]
        assert found.annual == pytest.approx(ledger.annual_total(lines), rel=NEAR)
        assert found.annual <= ledger.by_category(e.results.lines)["idle_capacity"] * (1 + NEAR)


def test_every_tenure_differs_from_the_scenario_in_nothing_else() -> None:
    found = rooms.tenure_scenarios(FOUNDER)
    assert tuple(found) == scenario.options("tenure")
    assert found["lease"] == FOUNDER
    for name, other in found.items():
        assert other == scenario.with_change(FOUNDER, "tenure", name, "test")
