"""Environmental monitoring: plates from the rooms and the work, their reading, positives, excursions, instruments.

Sample types and occasions follow EU GMP Annex 1 and USP <1116>; an open session is one block of open work in a
grade A cabinet, monitored from set-up to exit.
"""

from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, maximum, total
from dosecost.fields import quantity
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line, capital
from dosecost.quantities.demand import DAYS_PER_WEEK
from dosecost.quantities.process import Work

MINUTES_PER_HOUR = 60.0
MONTHS_PER_YEAR = 12.0


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Sampling plan and prices."""

    active_air_plates: Number = quantity("plates/session", at_most=100)
    settle_plates: Number = quantity("plates/session", at_most=100)
    settle_exposure_hours: Number = quantity("h/plate", at_least=0.5, at_most=24)
    contact_plates: Number = quantity("plates/session", at_most=100)
    glove_plates: Number = quantity("plates/person", at_most=100)
    gown_plates: Number = quantity("plates/person", at_most=100)
    background_plates: Number = quantity("plates/session", at_most=200)
    routine_plates_cnc: Number = quantity("plates/week", at_most=1_000)
    routine_plates_d: Number = quantity("plates/week", at_most=1_000)
    routine_plates_c: Number = quantity("plates/week", at_most=1_000)
    routine_plates_b: Number = quantity("plates/week", at_most=1_000)
    routine_sessions_cnc: Number = quantity("sessions/week", at_most=100)
    routine_sessions_d: Number = quantity("sessions/week", at_most=100)
    routine_sessions_c: Number = quantity("sessions/week", at_most=100)
    routine_sessions_b: Number = quantity("sessions/week", at_most=100)
    plate_price: Number = quantity("money/plate")
    reading_minutes: Number = quantity("min/plate", at_most=240)
    outsourced_reading_price: Number = quantity("money/plate")
    positive_share: Number = quantity("fraction")
    identification_price: Number = quantity("money/isolate")
    laboratory_price: Number = quantity("money/month")
    excursion_share_open: Number = quantity("fraction")
    excursion_share_routine: Number = quantity("fraction")
    excursion_price: Number = quantity("money/event")
    lots_lost_per_excursion: Number = quantity("lots/event", at_most=1)
    system_price: Number = quantity("money/room")
    particle_counter_price: Number = quantity("money/unit")
    portable_counter_price: Number = quantity("money/unit")
    air_sampler_price: Number = quantity("money/unit")
    instrument_life: Number = quantity("yr", at_least=1, at_most=40)
    upkeep_share: Number = quantity("fraction/yr", at_most=1)


class Plates(NamedTuple):
    """Plates: by type for one lot, routine for one year, and all of a year."""

    per_lot_by_type: dict[str, Number]
    per_lot: Number
    routine_per_year: Number
    per_year: Number
    open_sessions: Number
    routine_sessions: Number


def session_plates(monitoring: Monitoring, work: Work, grade: str) -> dict[str, Number]:
    """Plates of one lot's open sessions, by sample type.

    Settle plates are changed after ``settle_exposure_hours``; glove prints are taken of each person in a session;
    gown plates at each exit from grade B; the room around the cabinet is sampled with each session in grade B.
    """
    sessions = work.open_sessions
    in_grade_b = 1.0 if grade == "B" else 0.0
    exposures = maximum(sessions, work.open_hours / monitoring.settle_exposure_hours)
    return {
        "active_air": sessions * monitoring.active_air_plates,
        "settle": exposures * monitoring.settle_plates,
        "contact": sessions * monitoring.contact_plates,
        "glove": work.open_session_exits * monitoring.glove_plates,
        "gown": work.open_session_exits * monitoring.gown_plates * in_grade_b,
        "background": sessions * monitoring.background_plates * in_grade_b,
    }


def routine_per_week(monitoring: Monitoring, what: str, grade: str) -> Number:
    """Routine ``plates`` or ``sessions`` of one room and week at a grade."""
    count: Number = getattr(monitoring, f"routine_{what}_{grade.lower()}")
    return count


def plate_count(
    monitoring: Monitoring, work: Work, grade: str, own_suites: Number, operating_days: Number, lots: Number
) -> Plates:
    """Plates of a year: in operation with the lots, routine with the rooms in the weeks the plant runs.

    Routine monitoring is that of rooms the unit runs itself; a host's or contractor's is in its price.
    """
    by_type = session_plates(monitoring, work, grade)
    per_lot = total(by_type.values())
    weeks = operating_days / DAYS_PER_WEEK
    routine = routine_per_week(monitoring, "plates", grade) * own_suites * weeks
    return Plates(
        per_lot_by_type=by_type,
        per_lot=per_lot,
        routine_per_year=routine,
        per_year=per_lot * lots + routine,
        open_sessions=work.open_sessions * lots,
        routine_sessions=routine_per_week(monitoring, "sessions", grade) * own_suites * weeks,
    )


def reading_hours(monitoring: Monitoring, plates: Plates, in_house: bool) -> Number:
    """Analyst hours a year to expose, incubate and read plates in house; none where reading is bought."""
    return plates.per_year * monitoring.reading_minutes / MINUTES_PER_HOUR if in_house else 0.0


class Occasion(NamedTuple):
    """Plates and excursions of a year that come with the lots, or with the rooms."""

    name: str
    basis: str
    plates: Number
    excursions: Number


def occasions(monitoring: Monitoring, plates: Plates, lots: Number) -> tuple[Occasion, Occasion]:
    """What monitoring finds a year: in operation, with the open sessions of the lots, and routine, with the rooms."""
    return (
        Occasion(
            "in_operation", PER_LOT, plates.per_lot * lots, plates.open_sessions * monitoring.excursion_share_open
        ),
        Occasion(
            "routine",
            PER_YEAR,
            plates.routine_per_year,
            plates.routine_sessions * monitoring.excursion_share_routine,
        ),
    )


def occasion_costs(monitoring: Monitoring, occasion: Occasion, in_house: bool, lot_price: Number) -> list[Line]:
    """Identification of positives, excursions and the lots lost to them, and reading where it is bought."""
    name, basis = occasion.name, occasion.basis
    positives = occasion.plates * monitoring.positive_share
    lost = occasion.excursions * monitoring.lots_lost_per_excursion
    lines = [
        Line(f"monitoring.identification.{name}", "monitoring", "", basis, positives, monitoring.identification_price),
        Line(f"monitoring.excursions.{name}", "monitoring", "", basis, occasion.excursions, monitoring.excursion_price),
        Line(f"monitoring.lots_lost.{name}", "monitoring", "", basis, lost, lot_price),
    ]
    if not in_house:
        reading = monitoring.outsourced_reading_price
        lines.append(Line(f"monitoring.reading.{name}", "monitoring", "", basis, occasion.plates, reading))
    return lines


def monitoring_costs(
    monitoring: Monitoring, plates: Plates, lots: Number, in_house: bool, lot_price: Number
) -> list[Line]:
    """Plates by sample type, then what they find and what reading them costs, and the laboratory that reads in house.

    ``lot_price`` is the materials and vector of one lot, lost with a lot that an excursion costs.
    """
    lines = [
        Line(f"monitoring.plates.{kind}", "monitoring", "", PER_LOT, per_lot * lots, monitoring.plate_price)
        for kind, per_lot in plates.per_lot_by_type.items()
    ]
    lines.append(
        Line("monitoring.plates.routine", "monitoring", "", PER_YEAR, plates.routine_per_year, monitoring.plate_price)
    )
    for occasion in occasions(monitoring, plates, lots):
        lines += occasion_costs(monitoring, occasion, in_house, lot_price)
    if in_house:
        lines.append(
            Line("monitoring.laboratory", "monitoring", "", PER_YEAR, MONTHS_PER_YEAR, monitoring.laboratory_price)
        )
    return lines


def monitoring_assets(
    monitoring: Monitoring, suites: Number, own_suites: Number, any_open: bool, used: Number
) -> list[Asset]:
    """The monitoring system of the unit's own rooms, counters and samplers; a continuous counter in each room with
    open work."""
    life = monitoring.instrument_life
    assets = [
        Asset("monitoring.system", "monitoring", own_suites * monitoring.system_price, life, used),
        Asset("monitoring.portable_counter", "monitoring", monitoring.portable_counter_price, life),
        Asset("monitoring.air_sampler", "monitoring", suites * monitoring.air_sampler_price, life, used),
    ]
    if any_open:
        counters = suites * monitoring.particle_counter_price
        assets.append(Asset("monitoring.particle_counters", "monitoring", counters, life, used))
    return assets


def upkeep(monitoring: Monitoring, assets: list[Asset]) -> list[Line]:
    """Calibration and service of the instruments, a share of their price a year."""
    return [Line("monitoring.upkeep", "monitoring", "", PER_YEAR, capital(assets), monitoring.upkeep_share)]
