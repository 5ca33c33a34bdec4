"""Who gets a dose, and who does not: the stages from referral to infusion, every loss with its cause, and the money
that what is lost had already cost.

Money is variable cost only (lines per patient, per lot and per dose) inside a boundary: what fixed people, rooms and
devices spend on a lot that fails is paid whether it fails or not.
"""

from collections.abc import Mapping
from typing import NamedTuple

from dosecost import ledger
from dosecost.arithmetic import Number, total, where
from dosecost.costs.quality import tested_lots
from dosecost.evaluation import Evaluation
from dosecost.ledger import Line
from dosecost.quantities.losses import Funnel

PATIENT = "patient"
COLLECTION = "collection"
LOT = "lot"
TEST = "test"
INVESTIGATION = "investigation"
CONTAMINATION = "contamination"
DOSE = "dose"
POINTS = (PATIENT, COLLECTION, LOT, TEST, INVESTIGATION, CONTAMINATION, DOSE)
"""Points of the way at which money is spent, each for one patient, collection, lot, tested lot, event or dose."""

BY_BASIS = {ledger.PER_PATIENT: PATIENT, ledger.PER_LOT: LOT, ledger.PER_DOSE: DOSE}
COLLECTION_LINES = ("apheresis.collections", "apheresis.freezing", "logistics.collections_in")
TEST_LINES = "quality.tests."
IN_PROCESS = "quality.tests.in_process"
OTHERS = {
    "quality.retains": TEST,
    "quality.investigations": INVESTIGATION,
    "quality.contaminations": CONTAMINATION,
}
TRIPS = "logistics.excursions"
"""Books the excursions of both trips: of the collection in, and of the dose out."""

CAUSES = {
    "apheresis": ("not_admitted", "lost_slot_wait"),
    "acceptance": ("lost_before_start", "rejected_on_receipt"),
    "harvest": ("failed_patient_material", "failed_handling", "failed_device"),
    "release": ("failed_contamination", "failed_specification"),
    "infusion": ("lost_shipment", "lost_wait_for_infusion"),
}
"""Causes of loss on the way to each stage, by their names in the funnel."""
STARTED = (COLLECTION, LOT)
RELEASED = (*STARTED, TEST)
SPENT: dict[str, tuple[str, ...]] = {
    "lost_before_start": (COLLECTION,),
    "rejected_on_receipt": (COLLECTION,),
    "failed_patient_material": STARTED,
    "failed_handling": STARTED,
    "failed_device": STARTED,
    "failed_contamination": (*RELEASED, INVESTIGATION, CONTAMINATION),
    "failed_specification": (*RELEASED, INVESTIGATION),
    "lost_shipment": (*RELEASED, DOSE),
    "lost_wait_for_infusion": (*RELEASED, DOSE),
}
"""What one that is lost to a cause had cost by then, beside what was spent once on the patient."""
COURSE = (PATIENT, *RELEASED, DOSE)
"""What the course of a patient who is infused costs."""


class Loss(NamedTuple):
    """A cause of loss: ``number`` patients, lots or doses a year, ``again`` of them lots that are made once more, and
    ``sunk`` money a year that they had cost."""

    cause: str
    number: Number
    again: Number
    sunk: Number

    @property
    def patients(self) -> Number:
        """Patients a year who get no further."""
        return self.number - self.again

    @property
    def each(self) -> Number:
        """Money that one of them had cost; 0 where there is none."""
        return per(self.sunk, self.number)


class Stage(NamedTuple):
    """How many a year reach a stage, of how many second attempts that join here, and who is lost on the way to it.

    ``spent`` is the variable money that one who reaches the stage has cost by then.
    """

    id: str
    reached: Number
    joined: Number
    losses: tuple[Loss, ...]
    spent: Number


class OutOfSpecification(NamedTuple):
    """Doses a year out of specification: released all the same, infused, and paid for."""

    released: Number
    infused: Number
    paid: Number


class Journey(NamedTuple):
    """One year of patients from referral to infusion. Money is a year's variable cost inside the boundary.

    ``prices`` is the money spent at each point on one patient, collection, lot, tested lot, event or dose.
    """

    stages: tuple[Stage, ...]
    out_of_specification: OutOfSpecification
    prices: dict[str, Number]
    variable: Number
    successful: Number

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Every cause of loss, in the order of the way."""
        return tuple(loss for stage in self.stages for loss in stage.losses)

    @property
    def referred(self) -> Number:
        """Patients a year who ask for a slot."""
        return self.stages[0].reached

    @property
    def infused(self) -> Number:
        """Patients a year who are infused."""
        return self.stages[-1].reached

    @property
    def sunk(self) -> Number:
        """Money a year that all lost lots and patients had cost."""
        return total(loss.sunk for loss in self.losses)

    @property
    def cost_of_failure(self) -> Number:
        """Money of all lost lots and patients per patient infused."""
        return self.sunk / self.infused


def per(part: Number, whole: Number) -> Number:
    """The part of each; 0 where there is none."""
    return where(whole > 0, part / where(whole > 0, whole, 1.0), 0.0)


def point_of(line: Line) -> str:
    """The point of the way at which a line's money is spent; '' for fixed cost. Excursions of trips belong to two."""
    if line.basis not in BY_BASIS:
        return ""
    if line.id in COLLECTION_LINES:
        return COLLECTION
    if line.id.startswith(TEST_LINES) and line.id != IN_PROCESS:
        return TEST
    return OTHERS.get(line.id, BY_BASIS[line.basis])


def spent_by_point(lines: list[Line], funnel: Funnel) -> dict[str, Number]:
    """Variable money a year by the point at which it is spent."""
    spent = dict.fromkeys(POINTS, 0.0)
    inbound = per(funnel.aphereses, funnel.aphereses + funnel.doses_released)
    for line in lines:
        annual, point = line.annual, point_of(line)
        if line.id == TRIPS:
            spent[COLLECTION] += annual * inbound
            spent[DOSE] += annual * (1 - inbound)
        elif point:
            spent[point] += annual
    return spent


def units_by_point(funnel: Funnel) -> dict[str, Number]:
    """How many a year come to each point: patients collected, collections for a lot, lots, and so on."""
    investigated = funnel.failed_contamination + funnel.failed_specification + funnel.released_out_of_specification
    return {
        PATIENT: funnel.collected,
        COLLECTION: funnel.collected + funnel.lots_remade,
        LOT: funnel.lots_started,
        TEST: tested_lots(funnel),
        INVESTIGATION: investigated,
        CONTAMINATION: funnel.failed_contamination,
        DOSE: funnel.doses_released,
    }


def journey(e: Evaluation, boundary: str = "") -> Journey:
    """The stages, losses and sunk money of an evaluated year, inside its own boundary or another."""
    funnel = e.results.funnel
    counted = ledger.inside(boundary or e.scenario.choices.boundary)
    spent = spent_by_point([line for line in e.results.lines if line.category in counted], funnel)
    prices = {point: per(spent[point], units) for point, units in units_by_point(funnel).items()}
    failed = total(getattr(funnel, cause) for stage in ("harvest", "release") for cause in CAUSES[stage])
    remade = per(funnel.lots_remade, failed)
    off = per(funnel.released_out_of_specification, funnel.doses_released)

    def loss(stage: str, cause: str) -> Loss:
        count = getattr(funnel, cause)
        again = count * remade if stage in ("harvest", "release") else 0.0
        sunk = total(prices[point] for point in SPENT.get(cause, ())) * count
        if cause in SPENT:
            sunk += prices[PATIENT] * (count - again)
        if stage == "infusion":
            sunk += prices[INVESTIGATION] * count * off
        return Loss(cause, count, again, sunk)

    reached = _reached(funnel)
    by_then = _spent_by_stage(prices, off)
    stages = tuple(
        Stage(
            id=stage,
            reached=number,
            joined=funnel.lots_remade if stage == "start" else 0.0,
            losses=tuple(loss(stage, cause) for cause in CAUSES.get(stage, ())),
            spent=by_then[stage],
        )
        for stage, number in reached.items()
    )
    infused_off = funnel.infused_out_of_specification
    course = total(prices[point] for point in COURSE)
    return Journey(
        stages=stages,
        out_of_specification=OutOfSpecification(
            released=funnel.released_out_of_specification,
            infused=infused_off,
            paid=infused_off * e.areas.losses.out_of_specification_paid,
        ),
        prices=prices,
        variable=total(spent.values()),
        successful=course * funnel.patients_infused + prices[INVESTIGATION] * infused_off,
    )


def _reached(funnel: Funnel) -> dict[str, Number]:
    """Patients, lots or doses a year at each stage."""
    return {
        "referral": funnel.patients,
        "apheresis": funnel.collected,
        "acceptance": funnel.lots_started - funnel.lots_remade,
        "start": funnel.lots_started,
        "harvest": tested_lots(funnel),
        "release": funnel.doses_released,
        "infusion": funnel.patients_infused,
    }


def _spent_by_stage(prices: Mapping[str, Number], off: Number) -> dict[str, Number]:
    """Variable money that a course has cost when it reaches each stage, each in full once it has begun; ``off`` is the
    share of the doses released that are out of specification, and were investigated."""
    collected = prices[PATIENT] + prices[COLLECTION]
    started = collected + prices[LOT]
    released = started + prices[TEST] + prices[INVESTIGATION] * off
    return {
        "referral": 0.0,
        "apheresis": collected,
        "acceptance": collected,
        "start": started,
        "harvest": started,
        "release": released,
        "infusion": released + prices[DOSE],
    }
