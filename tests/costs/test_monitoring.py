"""Plates by type, day and grade, excursions, reading and instruments, by hand."""

from dataclasses import replace
from typing import Any

import pytest

from dosecost.costs.monitoring import (
    Monitoring,
    Plates,
    monitoring_assets,
    monitoring_costs,
    occasions,
    plate_count,
    reading_hours,
    session_plates,
    upkeep,
)
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line
from dosecost.quantities.process import Process, StepInputs, Work, effort
from dosecost.recipes import Recipe, Step
from tests.quantities.builders import check_rows, exactly, nothing, recipe, stated

KINDS = ("active_air", "settle", "contact", "glove", "gown", "background")


def monitoring(**changed: Any) -> Monitoring:
    values: dict[str, Any] = {
        "active_air_plates": 2.0,
        "settle_plates": 2.0,
        "settle_exposure_hours": 4.0,
        "contact_plates": 3.0,
        "glove_plates": 4.0,
        "gown_plates": 5.0,
        "background_plates": 6.0,
        "routine_plates_cnc": 4.0,
        "routine_plates_d": 8.0,
        "routine_plates_c": 12.0,
        "routine_plates_b": 20.0,
        "routine_sessions_cnc": 5.0,
        "routine_sessions_d": 5.0,
        "routine_sessions_c": 5.0,
        "routine_sessions_b": 5.0,
        "plate_price": 9.0,
        "reading_minutes": 6.0,
        "outsourced_reading_price": 25.0,
        "positive_share": 0.02,
        "identification_price": 150.0,
        "laboratory_price": 2_000.0,
        "excursion_share_open": 0.05,
        "excursion_share_routine": 0.01,
        "excursion_price": 2_500.0,
        "lots_lost_per_excursion": 0.1,
    }
    built: Monitoring = stated(Monitoring, **values | changed)
    return built


# Six open sessions of two people, 30 hours of open work in all.
WORK = nothing(Work, open_sessions=6.0, open_hours=30.0, open_session_exits=12.0)
IN_B = {"active_air": 12.0, "settle": 15.0, "contact": 18.0, "glove": 48.0, "gown": 60.0, "background": 36.0}
IN_C = IN_B | {"gown": 0.0, "background": 0.0}


def year(grade: str, work: Work = WORK, lots: float = 40.0, suites: float = 2.0, **changed: float) -> Plates:
    """350 operating days are 50 weeks."""
    return plate_count(monitoring(**changed), work, grade, suites, 350.0, lots)


def test_I_17_plates_of_one_lot_in_grade_b() -> None:
    """Air 6 × 2. Settle: 30 h at 4 h a plate are 7.5 exposures of 2 plates, more than the 6 sessions. Contact 6 × 3.
    Gloves 12 × 4. Gowns 12 × 5. Background 6 × 6. Together 189."""
    assert session_plates(monitoring(), WORK, "B") == {kind: exactly(count) for kind, count in IN_B.items()}
    assert year("B").per_lot == exactly(189.0)


@pytest.mark.parametrize("grade", ["C", "D", "CNC"])
def test_I_17_plates_of_one_lot_outside_grade_b(grade: str) -> None:
    assert session_plates(monitoring(), WORK, grade) == {kind: exactly(count) for kind, count in IN_C.items()}
    assert year(grade).per_lot == exactly(93.0)


@pytest.mark.parametrize(
    ("hours", "plates"),
    [
        (12.0, 12.0),  # three exposures: at least one plate pair for each of the six sessions
        (24.0, 12.0),  # exactly six
        (26.0, 13.0),  # six and a half
        (48.0, 24.0),
    ],
)
def test_I_17_settle_plates_follow_the_hours_of_exposure(hours: float, plates: float) -> None:
    work = WORK._replace(open_hours=hours)
    assert session_plates(monitoring(), work, "B")["settle"] == exactly(plates)


def small(exposure: str) -> tuple[Recipe, Work]:
    """A recipe of one step worked open or closed by two people: 8 manipulations, 4 to a session, in 10 hours."""
    steps = [Step("expansion", "Expansion", "culture", "open"), Step("setup", "Set-up", "room", "closed", "single")]
    built = recipe(steps).with_exposures({"expansion": exposure})
    process = stated(
        Process,
        culture_days=9.0,
        people_per_open_step=2.0,
        people_per_closed_step=1.0,
        manipulations_per_session=4.0,
        hours_per_room_entry=2.0,
        steps={"expansion": StepInputs(9.0, 10.0, 8.0), "setup": StepInputs(1.0, 2.0, 0.0)},
    )
    return built, effort(built, process)


def test_I_17_I_45_plates_with_and_without_the_open_step() -> None:
    """Open, in grade B: two sessions, 10 h are 2.5 exposures, four exits: 4 + 5 + 6 + 16 + 20 + 12 = 63 plates.
    Closed, in grade C: none."""
    built, work = small("open")
    assert built.room_grade == "B"
    assert session_plates(monitoring(), work, "B") == {
        "active_air": exactly(4.0),
        "settle": exactly(5.0),
        "contact": exactly(6.0),
        "glove": exactly(16.0),
        "gown": exactly(20.0),
        "background": exactly(12.0),
    }
    built, work = small("closed")
    assert built.room_grade == "C"
    assert session_plates(monitoring(), work, "C") == dict.fromkeys(KINDS, 0.0)
    assert year("C", work).per_year == exactly(1_200.0)  # the routine of grade C stays


@pytest.mark.parametrize(
    ("grade", "routine", "per_year"),
    [
        ("B", 2_000.0, 9_560.0),  # 20 × 2 rooms × 50 weeks, and 40 lots of 189
        ("C", 1_200.0, 4_920.0),  # 12 × 2 × 50, and 40 lots of 93
        ("D", 800.0, 4_520.0),
        ("CNC", 400.0, 4_120.0),
    ],
)
def test_I_17_plates_of_a_year(grade: str, routine: float, per_year: float) -> None:
    plates = year(grade)
    assert plates.routine_per_year == exactly(routine)
    assert plates.per_year == exactly(per_year)
    assert plates.open_sessions == exactly(240.0)
    assert plates.routine_sessions == exactly(500.0)  # 5 × 2 × 50


def test_an_idle_plant_takes_its_routine_plates() -> None:
    assert year("B", lots=0.0).per_year == exactly(2_000.0)


def test_a_shorter_year_takes_fewer_routine_plates() -> None:
    # 364 − 21 = 343 operating days are 49 weeks.
    assert plate_count(monitoring(), WORK, "B", 2.0, 343.0, 0.0).per_year == exactly(1_960.0)


def test_excursions_of_open_and_of_routine_sessions() -> None:
    in_operation, routine = occasions(monitoring(), year("B"), 40.0)
    assert (in_operation.excursions, routine.excursions) == (exactly(12.0), exactly(5.0))  # 240 × 0.05, 500 × 0.01
    assert (in_operation.plates, routine.plates) == (exactly(7_560.0), exactly(2_000.0))  # 40 lots of 189


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


def test_a_year_in_grade_b_read_in_house() -> None:
    costs = annual(monitoring_costs(monitoring(), year("B"), 40.0, True, 24_000.0))
    assert costs == {
        "monitoring.plates.active_air": exactly(4_320.0),  # 12 × 40 × 9
        "monitoring.plates.settle": exactly(5_400.0),
        "monitoring.plates.contact": exactly(6_480.0),
        "monitoring.plates.glove": exactly(17_280.0),
        "monitoring.plates.gown": exactly(21_600.0),
        "monitoring.plates.background": exactly(12_960.0),
        "monitoring.plates.routine": exactly(18_000.0),  # 2,000 × 9
        "monitoring.identification.in_operation": exactly(22_680.0),  # 7,560 × 0.02 × 150
        "monitoring.identification.routine": exactly(6_000.0),  # 2,000 × 0.02 × 150
        "monitoring.excursions.in_operation": exactly(30_000.0),  # 12 × 2,500
        "monitoring.excursions.routine": exactly(12_500.0),  # 5 × 2,500
        "monitoring.lots_lost.in_operation": exactly(28_800.0),  # 1.2 lots of 24,000
        "monitoring.lots_lost.routine": exactly(12_000.0),  # half a lot
        "monitoring.laboratory": exactly(24_000.0),  # twelve months of 2,000
    }
    assert sum(costs[name] for name in costs if ".plates." in name) == exactly(86_040.0)  # 9,560 × 9


def test_a_year_in_grade_b_read_outside() -> None:
    costs = annual(monitoring_costs(monitoring(), year("B"), 40.0, False, 24_000.0))
    assert costs["monitoring.reading.in_operation"] == exactly(189_000.0)  # 7,560 × 25
    assert costs["monitoring.reading.routine"] == exactly(50_000.0)  # 2,000 × 25
    assert "monitoring.laboratory" not in costs


def test_reading_hours_of_analysts() -> None:
    assert reading_hours(monitoring(), year("B"), True) == exactly(956.0)  # 9,560 plates of six minutes
    assert reading_hours(monitoring(), year("B"), False) == 0.0


def test_routine_laboratory_and_upkeep_are_by_the_year() -> None:
    lines = [
        *monitoring_costs(monitoring(), year("B"), 40.0, True, 0.0),
        *upkeep(stated(Monitoring, upkeep_share=0.1), []),
    ]
    by_year = {line.id for line in lines if line.basis == PER_YEAR}
    assert by_year == {
        "monitoring.plates.routine",
        "monitoring.identification.routine",
        "monitoring.excursions.routine",
        "monitoring.lots_lost.routine",
        "monitoring.laboratory",
        "monitoring.upkeep",
    }
    assert {line.basis for line in lines} == {PER_YEAR, PER_LOT}


def instruments(any_open: bool, own_suites: float = 2.0) -> list[Asset]:
    areas = stated(
        Monitoring,
        system_price=60_000.0,
        particle_counter_price=40_000.0,
        portable_counter_price=12_000.0,
        air_sampler_price=15_000.0,
        instrument_life=8.0,
    )
    return monitoring_assets(areas, 2.0, own_suites, any_open, 0.75)


def test_instruments_of_two_rooms() -> None:
    closed = {asset.id: (asset.amount, asset.life, asset.used) for asset in instruments(False)}
    assert closed == {
        "monitoring.system": (exactly(120_000.0), 8.0, 0.75),
        "monitoring.air_sampler": (exactly(30_000.0), 8.0, 0.75),
        "monitoring.portable_counter": (exactly(12_000.0), 8.0, 1.0),
    }
    opened = {asset.id: (asset.amount, asset.life, asset.used) for asset in instruments(True)}
    assert opened == closed | {"monitoring.particle_counters": (exactly(80_000.0), 8.0, 0.75)}


def test_rooms_of_a_host_have_its_monitoring_system() -> None:
    amounts = {asset.id: asset.amount for asset in instruments(True, own_suites=0.0)}
    assert amounts == {
        "monitoring.system": 0.0,
        "monitoring.air_sampler": exactly(30_000.0),
        "monitoring.portable_counter": exactly(12_000.0),
        "monitoring.particle_counters": exactly(80_000.0),
    }


def test_rooms_of_a_host_have_its_routine_plates() -> None:
    plates = year("B", suites=0.0)
    assert plates.per_year == exactly(7_560.0)  # 40 lots of 189
    assert plates.routine_sessions == 0.0


def test_upkeep_is_a_share_of_the_price() -> None:
    (line,) = upkeep(stated(Monitoring, upkeep_share=0.1), instruments(True))
    assert line.annual == exactly(24_200.0)  # a tenth of 242,000


@pytest.mark.parametrize("grade", ["B", "C"])
@pytest.mark.parametrize("in_house", [False, True])
def test_I_64_rows(grade: str, in_house: bool) -> None:
    def of(lots: float, hours: float, settle: float, share: float) -> list[Any]:
        areas = replace(monitoring(), settle_exposure_hours=settle, excursion_share_open=share)
        plates = plate_count(areas, WORK._replace(open_hours=hours), grade, 2.0, 350.0, lots)
        return [
            plates,
            occasions(areas, plates, lots),
            reading_hours(areas, plates, in_house),
            monitoring_costs(areas, plates, lots, in_house, 24_000.0),
        ]

    check_rows(of, lots=[0.0, 40.0, 77.7], hours=[30.0, 3.0, 26.0], settle=[4.0, 4.0, 2.0], share=[0.0, 0.05, 0.2])
