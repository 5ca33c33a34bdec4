"""Areas, tenures, running costs, gowns and the contract manufacturer, by hand."""

from typing import Any

import pytest

from dosecost.costs.facility import (
    Facility,
    area,
    contract_assets,
    contract_costs,
    facility_assets,
    facility_costs,
    gown_minutes,
    months_to_first_lot,
)
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line, by_category
from dosecost.quantities.capacity import Plant
from dosecost.quantities.process import Work
from tests.quantities.builders import check_rows, exactly, nothing, stated


def facility(**changed: Any) -> Facility:
    """Rooms of 30 m² with a 10 m² airlock; the gross area is two and a half times the clean one."""
    values: dict[str, Any] = {
        "suite_m2": 30.0,
        "airlock_m2": 10.0,
        "gross_to_clean": 2.5,
        "fit_out_cnc": 2_000.0,
        "fit_out_d": 4_000.0,
        "fit_out_c": 6_000.0,
        "fit_out_b": 8_000.0,
        "fit_out_support": 3_000.0,
        "design_and_qualification": 0.25,
        "life": 10.0,
        "pod_price": 500_000.0,
        "pod_m2": 30.0,
        "rent": 400.0,
        "rent_pass_through": 100.0,
        "room_day_price": 1_500.0,
        "electricity_cnc": 300.0,
        "electricity_d": 600.0,
        "electricity_c": 900.0,
        "electricity_b": 1_500.0,
        "electricity_price": 0.15,
        "requalification": 100.0,
        "cleaning_b": 300.0,
        "cleaning_other": 120.0,
        "maintenance_share": 0.02,
        "insurance_share": 0.005,
        "gown_price_b": 85.0,
        "gown_price_other": 25.0,
        "waste_price": 200.0,
    }
    built: Facility = stated(Facility, **values | changed)
    return built


# Two suites: 80 m² clean, 120 m² of support, 200 m² gross. Three quarters of them are used.
PLANT = nothing(Plant, suites=2.0, suites_used=0.75, lots_per_room=1.0)
WORK = nothing(Work, room_entries=13.0, room_days=12.0)
LOTS = 44.0


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


def whole(lines: list[Line], name: str) -> float:
    """A line's used and idle part together, with the used part at three quarters."""
    costs = annual(lines)
    assert costs[name] == exactly(3 * costs[f"idle.{name}"])
    return costs[name] + costs[f"idle.{name}"]


def costs(tenure: str, grade: str = "B", plant: Plant = PLANT, **changed: float) -> list[Line]:
    areas = facility(**changed)
    rooms = facility_assets(areas, grade, tenure, plant)
    return facility_costs(areas, grade, tenure, plant, WORK, LOTS, rooms)


def test_areas_of_two_suites() -> None:
    found = area(facility(), 2.0)
    assert found == exactly((60.0, 20.0, 120.0))  # 2 × 30 of suites, 2 × 10 of airlocks, 80 × 1.5 of support
    assert (found.clean, found.gross) == exactly((80.0, 200.0))


def test_capital_of_a_building() -> None:
    """80 m² × 8,000 and 120 m² × 3,000, a quarter more for design and qualification: 800,000 and 450,000."""
    assert facility_assets(facility(), "B", "build", PLANT) == [
        Asset("facility.clean_rooms", "facility", exactly(800_000.0), 10.0, 0.75),
        Asset("facility.support", "facility", exactly(450_000.0), 10.0, 0.75),
    ]


@pytest.mark.parametrize(("grade", "amount"), [("CNC", 2e5), ("D", 4e5), ("C", 6e5), ("B", 8e5)])
def test_capital_of_a_tenant_by_grade(grade: str, amount: float) -> None:
    # The clean rooms only: 80 m² × 1.25 = 100 times the price of a square metre.
    (asset,) = facility_assets(facility(), grade, "lease", PLANT)
    assert asset == Asset("facility.clean_rooms", "facility", exactly(amount), 10.0, 0.75)


@pytest.mark.parametrize(
    ("pod_m2", "pods"),
    [(30.0, 3.0), (40.0, 2.0), (80.0, 1.0), (200.0, 1.0), (26.6, 4.0), (80 / 3, 3.0)],
)
def test_I_73_pods_are_whole(pod_m2: float, pods: float) -> None:
    # 80 m² over the area of a pod, rounded up: two and two thirds pods are three, exactly two are two.
    (asset,) = facility_assets(facility(pod_m2=pod_m2), "C", "pod", PLANT)
    assert asset == Asset("facility.pods", "facility", exactly(500_000 * pods), 10.0, 0.75)


def test_a_host_hospital_asks_for_no_capital() -> None:
    assert facility_assets(facility(), "B", "host_hospital", PLANT) == []


def test_running_a_building_in_grade_b() -> None:
    lines = costs("build")
    assert whole(lines, "facility.electricity") == exactly(18_000.0)  # 80 × 1,500 kWh × 0.15
    assert whole(lines, "facility.requalification") == exactly(8_000.0)
    assert whole(lines, "facility.cleaning") == exactly(24_000.0)
    assert whole(lines, "facility.maintenance") == exactly(25_000.0)  # 2 % of 1,250,000
    assert whole(lines, "facility.insurance") == exactly(6_250.0)
    assert annual(lines)["facility.gowns"] == exactly(48_620.0)  # 44 lots × 13 entries × 85
    assert annual(lines)["facility.waste"] == exactly(8_800.0)
    totals = by_category(lines)
    assert totals["facility"] == exactly(118_357.5)  # three quarters of 81,250, and 57,420 by the lot
    assert totals["idle_capacity"] == exactly(20_312.5)
    assert not any("rent" in line.id for line in lines)


def test_running_a_leased_plant_in_grade_c() -> None:
    lines = costs("lease", "C")
    assert whole(lines, "facility.rent") == exactly(100_000.0)  # 200 m² gross × 500
    assert whole(lines, "facility.electricity") == exactly(10_800.0)  # 80 × 900 × 0.15
    assert whole(lines, "facility.cleaning") == exactly(9_600.0)
    assert whole(lines, "facility.maintenance") == exactly(12_000.0)  # 2 % of 600,000
    assert whole(lines, "facility.insurance") == exactly(3_000.0)
    assert annual(lines)["facility.gowns"] == exactly(14_300.0)  # 44 × 13 × 25


def test_pods_rent_the_shell_they_stand_in() -> None:
    lines = costs("pod", "C")
    assert whole(lines, "facility.rent") == exactly(100_000.0)  # 200 m² gross × 500
    assert whole(lines, "facility.maintenance") == exactly(30_000.0)  # 2 % of three pods


def test_a_host_hospital_is_paid_by_the_room_day() -> None:
    lines = costs("host_hospital", "C")
    assert annual(lines) == {
        "facility.room_days": exactly(792_000.0),  # 44 lots × 12 days × 1,500
        "facility.gowns": exactly(14_300.0),
        "facility.waste": exactly(8_800.0),
    }
    shared = costs("host_hospital", "C", PLANT._replace(lots_per_room=4.0))
    assert annual(shared)["facility.room_days"] == exactly(198_000.0)  # four lots share a room


def test_what_is_by_the_lot_and_what_by_the_year() -> None:
    for tenure in ("build", "lease", "pod", "host_hospital"):
        for line in costs(tenure):
            by_lot = any(word in line.id for word in ("gowns", "waste", "room_days"))
            assert line.basis == (PER_LOT if by_lot else PER_YEAR), line.id


def test_contract_manufacturing() -> None:
    areas = facility(contract_lot_price=95_000.0, contract_onboarding_price=4_000_000.0, contract_life=8.0)
    (line,) = contract_costs(areas, 44.0)
    assert (line.annual, line.category, line.basis) == (exactly(4_180_000.0), "facility", PER_LOT)
    assert contract_assets(areas) == [Asset("facility.contract_onboarding", "facility", 4_000_000.0, 8.0, 1.0)]


@pytest.mark.parametrize(
    ("tenure", "months"),
    [("build", 33.0), ("lease", 23.0), ("pod", 18.5), ("host_hospital", 11.0), ("cdmo", 14.0)],
)
def test_months_to_the_first_lot(tenure: str, months: float) -> None:
    # 24, 14, 9.5 and 2 months, each with 6 of qualification and 3 of licence; a contract has its own 14.
    areas = stated(
        Facility,
        build_months=24.0,
        lease_months=14.0,
        pod_months=9.5,
        host_months=2.0,
        qualification_months=6.0,
        licence_months=3.0,
        contract_onboarding_months=14.0,
    )
    assert months_to_first_lot(areas, tenure) == exactly(months)


def test_gowning_minutes_by_grade() -> None:
    areas = stated(Facility, gown_minutes_b=25.0, gown_minutes_other=10.0)
    assert [gown_minutes(areas, grade) for grade in ("B", "C", "D", "CNC")] == [25.0, 10.0, 10.0, 10.0]


@pytest.mark.parametrize("tenure", ["build", "lease", "pod", "host_hospital"])
@pytest.mark.parametrize("grade", ["CNC", "D", "C", "B"])
def test_I_64_rows(tenure: str, grade: str) -> None:
    def of(suites: float, used: float, suite_m2: float, lots: float) -> list[Any]:
        areas = facility(suite_m2=suite_m2)
        plant = PLANT._replace(suites=suites, suites_used=used)
        rooms = facility_assets(areas, grade, tenure, plant)
        return [rooms, facility_costs(areas, grade, tenure, plant, WORK, lots, rooms)]

    check_rows(of, suites=[1.0, 2.0, 5.0], used=[0.2, 0.75, 1.0], suite_m2=[20.0, 30.0, 45.5], lots=[3.0, 44.0, 99.9])
