"""What the queue simulation is given: a plant and its patients, from an evaluated scenario, and how long to run."""

from dataclasses import dataclass, fields
from math import floor, log
from typing import Any

import numpy as np

from dosecost.analysis import queueing_rules as rules
from dosecost.arithmetic import SLACK
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation
from dosecost.model import operator_hours_per_lot
from dosecost.quantities.demand import DAYS_PER_WEEK, DAYS_PER_YEAR

WHERE = "simulation"
SUITES, OPERATORS = "suites", "operator"
UNLIMITED = 0.0
LEAST_REPLICATIONS = 5
"""Fewer give no interval worth the name."""
MARGIN = 1e-9
"""Lots are this share shorter than the operating year at most, so that rounding never makes one too long for it."""


@dataclass(frozen=True, slots=True)
class Design:
    """A plant and its patients as the simulation sees them; days unless the name says otherwise.

    ``places`` for lots in rooms and ``device_places`` in the limiting device are held from the start of a lot, for
    ``place_days`` (receipt to line clearance) and ``device_days`` (turnaround included). ``team_hours_per_day`` is what
    all operators together do on an operating day, ``team_hours_per_lot`` what a lot asks of them (0: no limit).
    ``failures`` are chances per lot by cause, in the order of ``queueing_rules.CAUSES``. Variabilities are squared
    coefficients of variation. Raises InputError where a number makes no design.
    """

    patients_per_year: float
    places: int
    place_days: float
    device: str
    device_places: int
    device_days: float
    process_days: float
    team_hours_per_day: float = 1.0
    team_hours_per_lot: float = UNLIMITED
    shutdown_days: float = 0.0
    arrival_variability: float = 1.0
    occupancy_variability: float = 0.0
    drop_out_per_week: float = 0.0
    receipt_rejection: float = 0.0
    failures: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    remake: bool = False
    remake_success: float = 1.0
    shipment_loss: float = 0.0
    days_to_start: float = 0.0
    release_days: float = 0.0
    days_to_infusion: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else () if isinstance(value, str) else (value,)
            if not all(np.isfinite(number) and number >= 0 for number in numbers):
                raise InputError(WHERE, field.name, f"{value} is not a number of 0 or more")
        for name in ("patients_per_year", "places", "device_places", "place_days", "team_hours_per_day"):
            if getattr(self, name) <= 0:
                raise InputError(WHERE, name, f"{getattr(self, name)} is not above 0")
        for name in ("drop_out_per_week", "receipt_rejection", "remake_success", "shipment_loss"):
            if getattr(self, name) > 1:
                raise InputError(WHERE, name, f"{getattr(self, name)} is above 1")
        if sum(self.failures) > 1 + SLACK:
            raise InputError(WHERE, "failures", f"chances of {sum(self.failures)} in all are above 1")
        longest = max(self.place_days, self.device_days, self.team_days)
        if self.shutdown_days and longest > self.operating_days:
            why = f"a lot of {longest:.1f} days does not fit between two shutdowns, {self.operating_days:.1f} days"
            raise InputError(WHERE, "place_days", why)

    @property
    def operating_days(self) -> float:
        """Days a year on which lots can run."""
        return DAYS_PER_YEAR - self.shutdown_days

    def open_days(self, day: float) -> float:
        """Operating days until ``day``; the shutdown ends every year."""
        years = floor(day / DAYS_PER_YEAR)
        return years * self.operating_days + min(day - years * DAYS_PER_YEAR, self.operating_days)

    @property
    def team_days(self) -> float:
        """Days that all operators together need for one lot."""
        return self.team_hours_per_lot / self.team_hours_per_day

    @property
    def lots_per_patient(self) -> float:
        """Lots that a patient who asks for a slot starts on average where nobody waits."""
        there: float = (1.0 - self.drop_out_per_week) ** (self.days_to_start / DAYS_PER_WEEK)
        return there * (1.0 - self.receipt_rejection) * (1.0 + (sum(self.failures) if self.remake else 0.0))

    @property
    def loads(self) -> dict[str, float]:
        """Lots asked for over lots possible, by resource: 1 or more has no steady state.

        Before a shutdown a place stands idle once no lot fits any more: that costs (1 − variability) ÷ 2 lots a place
        and year, the known shortfall of a renewal process.
        """
        lots = self.patients_per_year * self.lots_per_patient
        lost = max(0.0, 1.0 - self.occupancy_variability) / 2.0 if self.shutdown_days else 0.0

        def load(places: int, days: float) -> float:
            possible = places * max(self.operating_days / days - lost, 1.0) if days else np.inf
            return float(lots / possible)

        return {
            SUITES: load(self.places, max(self.place_days, self.team_days)),
            self.device: load(self.device_places, self.device_days),
            OPERATORS: lots * self.team_days / self.operating_days,
        }


def design_of(e: Evaluation) -> Design:
    """The design of an evaluated scenario, at the rate of patients who ask for a slot.

    Simplified: places that rooms or devices hold are whole numbers (rounded down); the device is taken when the lot
    starts; devices that do not limit, analysts and QA never hold a lot up. Operators give their productive hours, less
    weekend and holiday cover, evenly over the operating days and work off the lots in order; the planning share of
    their time is no limit, as the planning utilisation of rooms is none. Raises InputError where lots are made under
    contract: that plant is not the sponsor's to simulate.
    """
    if e.scenario.choices.tenure == "cdmo":
        raise InputError(e.scenario.name, "tenure", "lots are made under contract: there is no plant to simulate")
    areas, results, device = e.areas, e.results, e.recipe.limiting_device
    plant, waits, funnel, work = results.plant, results.waits, results.funnel, results.work
    by_cause = [float(getattr(funnel, f"failed_{cause}")) for cause in rules.CAUSES]
    scale = funnel.lot_failure_rate / funnel.lots_failed if funnel.lots_failed > 0 else 0.0
    material, handling, machine, dirt, refused = (float(lots * scale) for lots in by_cause)
    hours = results.heads.by_role[OPERATORS] * areas.people.productive_hours / areas.people.cover
    team = float(hours / plant.operating_days)
    return Design(
        patients_per_year=float(areas.demand.patients_per_year),
        places=_whole(plant.suites * plant.lots_per_room),
        place_days=float(work.room_days),
        device=device,
        device_places=_whole(plant.devices[device] * areas.capacity.devices[device].slots),
        device_days=float(plant.device_days_per_lot[device]),
        process_days=float(work.process_days),
        team_hours_per_day=team or 1.0,
        team_hours_per_lot=float(operator_hours_per_lot(areas, work, results.grade)) if team else UNLIMITED,
        shutdown_days=float(areas.capacity.shutdown_weeks * DAYS_PER_WEEK),
        arrival_variability=float(areas.capacity.arrival_variability),
        occupancy_variability=float(areas.capacity.occupancy_variability),
        drop_out_per_week=float(areas.demand.drop_out_per_week),
        receipt_rejection=float(areas.losses.receipt_rejection),
        failures=(material, handling, machine, dirt, refused),
        remake=e.scenario.choices.remake == "yes",
        remake_success=float(areas.losses.remake_success),
        shipment_loss=float(areas.losses.shipment_loss),
        days_to_start=float(waits.to_start),
        release_days=float(waits.to_release - work.process_days),
        days_to_infusion=float(waits.to_infusion),
    )


def plain_queue(
    patients_per_year: float, servers: int, days: float, arrival_variability: float, occupancy_variability: float
) -> Design:
    """A bare queue, for comparison with formulas: nothing but arrivals and servers."""
    return Design(
        patients_per_year=patients_per_year,
        places=servers,
        place_days=days,
        device="none",
        device_places=1,
        device_days=0.0,
        process_days=days,
        arrival_variability=arrival_variability,
        occupancy_variability=occupancy_variability,
    )


@dataclass(frozen=True, slots=True)
class Runs:
    """How long and how often to simulate: years counted, years before them that are not, replications, seed."""

    years: float = 10.0
    warm_up_years: float = 1.0
    replications: int = 200
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what gives no answer, or none in reasonable time."""
        for name, least, most in (
            ("years", 0.1, 1_000.0),
            ("warm_up_years", 0.0, 100.0),
            ("replications", LEAST_REPLICATIONS, 10_000),
            ("seed", 0, 2**63 - 1),
        ):
            if not least <= getattr(self, name) <= most:
                raise InputError(WHERE, name, f"{getattr(self, name)} is not between {least:,g} and {most:,g}")


def numbers_of(design: Design, runs: Runs) -> rules.Numbers:
    """The design and the window as plain numbers."""
    hazard = -log(1.0 - design.drop_out_per_week) / DAYS_PER_WEEK if design.drop_out_per_week < 1 else np.inf
    longest = max(design.place_days, design.device_days)
    cumulative = np.cumsum(design.failures)
    first, second, third, fourth, fifth = (float(chance) for chance in cumulative)
    return rules.Numbers(
        gap=DAYS_PER_YEAR / design.patients_per_year,
        gaps=rules.variable(design.arrival_variability),
        durations=rules.variable(design.occupancy_variability),
        most=design.operating_days * (1.0 - MARGIN) / longest if design.shutdown_days else np.inf,
        places=design.places,
        devices=design.device_places,
        place_days=design.place_days,
        device_days=design.device_days,
        process_days=design.process_days,
        team_days=design.team_days,
        period=DAYS_PER_YEAR,
        shutdown=design.shutdown_days,
        to_start=design.days_to_start,
        release_days=design.release_days,
        to_infusion=design.days_to_infusion,
        mean_life=1.0 / hazard if hazard else np.inf,
        rejection=design.receipt_rejection,
        failures=(first, second, third, fourth, fifth),
        remake=design.remake,
        remake_success=design.remake_success,
        shipment_loss=design.shipment_loss,
        warm_up=runs.warm_up_years * DAYS_PER_YEAR,
        middle=(runs.warm_up_years + (floor(runs.years / 2.0) or runs.years / 2.0)) * DAYS_PER_YEAR,
        horizon=(runs.warm_up_years + runs.years) * DAYS_PER_YEAR,
    )


def _whole(places: Any) -> int:
    return max(1, floor(float(places) + SLACK * max(1.0, float(places))))
