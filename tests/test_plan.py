"""The plan by hand: when the plant is ready, when each phase starts, what a plan file may say."""

from typing import Any

import pytest

from dosecost.errors import InputError
from dosecost.plan import Phase, Plan, Receipt, phase_starts, read, ready_month
from tests.quantities.builders import check_rows, stated


def phase(name: str, months: float, share: float) -> Phase:
    built: Phase = stated(Phase, id=name, name=name, months=months, share_of_demand=share)
    return built


def plan(*phases: Phase, plant: str = "new", order: float = 3.0) -> Plan:
    built: Plan = stated(Plan, plant=plant, plant_order_month=order, phases=phases)
    return built


@pytest.mark.parametrize(
    ("plant", "order", "lead", "ready"),
    [
        ("new", 1.0, 12.0, 13.0),  # ordered in month 1, twelve months to build
        ("new", 3.0, 12.0, 15.0),
        ("new", 3.0, 10.5, 14.0),  # half months are rounded up
        ("new", 3.0, 0.0, 3.0),
        ("new", 1.0, 0.1 * 3 * 10, 4.0),  # three months by an awkward route
        ("existing", 3.0, 12.0, 1.0),
    ],
)
def test_I_73_the_plant_is_ready(plant: str, order: float, lead: float, ready: float) -> None:
    assert ready_month(plan(plant=plant, order=order), lead) == ready


PRE, ONE, TWO, MARKET = phase("pre", 6, 0), phase("one", 12, 0.4), phase("two", 24, 1), phase("market", 60, 1)


def test_phases_follow_one_another_and_the_first_with_patients_waits_for_the_plant() -> None:
    # Pre-IND plans six months, but the plant is ready in month 15; then a year and two years.
    assert phase_starts(plan(PRE, ONE, TWO, MARKET), 15.0) == [1.0, 15.0, 27.0, 51.0]


def test_a_plant_that_is_ready_early_delays_nothing() -> None:
    assert phase_starts(plan(PRE, ONE, TWO), 5.0) == [1.0, 7.0, 19.0]
    assert phase_starts(plan(PRE, ONE, TWO), 7.0) == [1.0, 7.0, 19.0]
    assert phase_starts(plan(PRE, ONE, TWO), 8.0) == [1.0, 8.0, 20.0]


def test_a_later_pause_does_not_wait_again() -> None:
    pause = phase("pause", 3, 0)
    assert phase_starts(plan(PRE, pause, ONE, pause, TWO), 15.0) == [1.0, 7.0, 15.0, 27.0, 30.0]


def test_patients_from_the_first_phase_on() -> None:
    assert phase_starts(plan(ONE, TWO), 9.0) == [9.0, 21.0]
    assert phase_starts(plan(ONE, TWO), 1.0) == [1.0, 13.0]


def test_a_programme_without_patients() -> None:
    assert phase_starts(plan(PRE, PRE), 40.0) == [1.0, 7.0]


def test_I_64_rows() -> None:
    def of(lead: float) -> list[Any]:
        ready = ready_month(plan(order=3.0), lead)
        return [ready, *phase_starts(plan(PRE, ONE, TWO), ready)[1:]]

    check_rows(of, lead=[0.0, 2.2, 12.0, 30.5])


FILE: dict[str, Any] = {
    "horizon_months": 24,
    "opening_cash": 1_000_000,
    "floor": 100_000,
    "flat_burn_months": 3,
    "plant": "new",
    "plant_order_month": 2,
    "phases": [
        {
            "id": "one",
            "name": "Phase 1",
            "months": 12,
            "share_of_demand": 0.5,
            "stage": "clinical",
            "research_per_month": 30_000,
            "administration_per_month": 25_000,
            "clinical_per_patient": 10_000,
            "revenue": "none",
        }
    ],
    "receipts": [
        {"id": "grant", "name": "Grant", "kind": "grant", "month": 2, "amount": 300_000, "instalments": 3},
    ],
}


def test_a_plan_is_read_as_it_is_written() -> None:
    built = read("file", FILE)
    assert (built.horizon_months, built.opening_cash, built.plant) == (24.0, 1_000_000.0, "new")
    assert built.phases[0] == Phase("one", "Phase 1", 12.0, 0.5, "clinical", 30_000.0, 25_000.0, 10_000.0, "none")
    assert built.receipts == (Receipt("grant", "Grant", "grant", 2.0, 300_000.0, 3.0),)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("horizon_months", 11),
        ("horizon_months", 121),
        ("horizon_months", 24.5),
        ("opening_cash", -1),
        ("opening_cash", "1000"),
        ("opening_cash", True),
        ("opening_cash", float("nan")),
        ("plant", "rented"),
        ("plant_order_month", 0),
        ("phases", []),
        ("phases", {}),
        ("phases", FILE["phases"] * 2),
        ("receipts", FILE["receipts"] * 2),
        ("receipts", [FILE["receipts"][0] | {"instalments": 0}]),
        ("phases", [FILE["phases"][0] | {"share_of_demand": 1.1}]),
        ("phases", [FILE["phases"][0] | {"name": " "}]),
        ("phases", [FILE["phases"][0] | {"colour": "red"}]),
    ],
)
def test_a_plan_that_cannot_be(key: str, value: object) -> None:
    with pytest.raises(InputError, match=key):
        read("file", FILE | {key: value})


def test_a_plan_at_its_bounds() -> None:
    first = FILE["phases"][0]
    phases = [first | {"id": f"phase {i}", "name": "x" * 80, "share_of_demand": i % 2} for i in range(24)]
    built = read("file", FILE | {"horizon_months": 120, "opening_cash": 0, "plant_order_month": 1, "phases": phases})
    assert (built.horizon_months, built.opening_cash, len(built.phases)) == (120.0, 0.0, 24)
    for wrong in ([*phases, first], [first | {"name": "x" * 81}]):
        with pytest.raises(InputError, match="phases"):
            read("file", FILE | {"phases": wrong})


def test_a_plan_that_is_not_complete() -> None:
    with pytest.raises(InputError, match="missing: floor"):
        read("file", {key: value for key, value in FILE.items() if key != "floor"})
