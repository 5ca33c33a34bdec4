"""Who gets a dose: every stage from slot to infusion, each with its own cause of loss."""

from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, minimum
from dosecost.fields import quantity
from dosecost.quantities.demand import Demand, still_waiting
from dosecost.quantities.process import Work

MOST_MISSED = 0.999
"""However poor the cells, one lot in a thousand passes: the cost of a dose stays finite."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Probabilities of loss, one for each cause."""

    receipt_rejection: Number = quantity("fraction", at_most=0.9)
    manufacturing_failure: Number = quantity("fraction", at_most=0.9)
    patient_material_share: Number = quantity("fraction")
    handling_per_open_manipulation: Number = quantity("fraction", at_most=0.1)
    device_failure: Number = quantity("fraction", at_most=0.9)
    contamination_per_open_manipulation: Number = quantity("fraction", at_most=0.1)
    contamination_per_closed_connection: Number = quantity("fraction", at_most=0.1)
    out_of_specification: Number = quantity("fraction", at_most=0.9)
    out_of_specification_infused: Number = quantity("fraction")
    out_of_specification_paid: Number = quantity("fraction")
    remake_success: Number = quantity("fraction")
    shipment_loss: Number = quantity("fraction", at_most=0.5)


class Waits(NamedTuple):
    """Days a patient waits: for a slot, from apheresis to lot start, from lot start to release, to infusion."""

    slot: Number
    to_start: Number
    to_release: Number
    to_infusion: Number

    @property
    def vein_to_vein(self) -> Number:
        """Days from apheresis to infusion."""
        return self.to_start + self.to_release + self.to_infusion


class Funnel(NamedTuple):
    """One year of patients, lots and doses. Entities are conserved: see ``docs/model.md``, funnel identities."""

    patients: Number
    not_admitted: Number
    lost_slot_wait: Number
    collected: Number
    aphereses: Number
    lost_before_start: Number
    rejected_on_receipt: Number
    lots_started: Number
    lots_remade: Number
    failed_patient_material: Number
    failed_handling: Number
    failed_device: Number
    failed_contamination: Number
    failed_specification: Number
    lots_failed: Number
    doses_released: Number
    released_out_of_specification: Number
    lost_shipment: Number
    lost_wait_for_infusion: Number
    patients_infused: Number
    infused_out_of_specification: Number
    vein_to_vein_days: Number
    lot_failure_rate: Number


def patient_material_failure(losses: Losses, missed_dose: Number, from_cells: bool) -> Number:
    """Chance that a lot fails because of the patient's own cells (growth, viability, dose).

    As published for manufactured lots, or ``from_cells``: the chance that the cell balance misses the target dose.
    """
    if from_cells:
        return minimum(missed_dose, MOST_MISSED)
    return losses.manufacturing_failure * losses.patient_material_share


def handling_failure(losses: Losses, work: Work) -> Number:
    """Chance that at least one open manipulation spoils the lot."""
    return 1.0 - (1.0 - losses.handling_per_open_manipulation) ** work.open_manipulations


def contamination(losses: Losses, work: Work) -> Number:
    """Chance that a lot is contaminated, through its open manipulations and its closed connections."""
    open_work = (1.0 - losses.contamination_per_open_manipulation) ** work.open_manipulations
    connections = (1.0 - losses.contamination_per_closed_connection) ** work.closed_connections
    return 1.0 - open_work * connections


class EarlyLoss(NamedTuple):
    """Chances to lose a lot before harvest by what the platform does not decide: the patient's cells, and devices and
    consumables, those of optional operations among them."""

    material: Number
    device: Number


def device_failure(losses: Losses, operations: Number) -> Number:
    """Chance that a device or consumable spoils the lot: the platform's own, or one of the optional ``operations``."""
    return 1.0 - (1.0 - losses.device_failure) * (1.0 - operations)


def funnel(
    demand: Demand, losses: Losses, work: Work, waits: Waits, admitted: Number, remake: bool, early: EarlyLoss
) -> Funnel:
    """Patients, lots and doses of one year at ``admitted`` patients whom the plant does not refuse.

    Every lot meets the causes in this order: patient material, handling and device before harvest; contamination and
    specification at release. A lost lot may be remade once, with a second collection.
    """
    by_material, by_device = early
    collected = admitted * still_waiting(demand, waits.slot)
    at_start = collected * still_waiting(demand, waits.to_start)
    first_lots = at_start * (1.0 - losses.receipt_rejection)

    by_handling = handling_failure(losses, work)
    alive = (1.0 - by_material) * (1.0 - by_handling)
    harvested = alive * (1.0 - by_device)
    by_contamination = contamination(losses, work)
    sterile = harvested * (1.0 - by_contamination)
    refused = losses.out_of_specification * (1.0 - losses.out_of_specification_infused)
    released = sterile * (1.0 - refused)

    first_lost = first_lots * (1.0 - released)
    remade = first_lost if remake else 0.0 * first_lost
    lots = first_lots + remade
    remade_released = remade * losses.remake_success
    doses = first_lots * released + remade_released
    failed = lots - doses
    first_infused_share = losses.out_of_specification * losses.out_of_specification_infused
    off_specification = first_lots * sterile * first_infused_share

    arrived = doses * (1.0 - losses.shipment_loss)
    product_wait = still_waiting(demand, waits.to_release + waits.to_infusion)
    infused = arrived * product_wait
    again = 1.0 + (1.0 - losses.remake_success if remake else 0.0)
    return Funnel(
        patients=demand.patients_per_year,
        not_admitted=demand.patients_per_year - admitted,
        lost_slot_wait=admitted - collected,
        collected=collected,
        aphereses=(collected + remade) * (1.0 + demand.second_collection_share),
        lost_before_start=collected - at_start,
        rejected_on_receipt=at_start - first_lots,
        lots_started=lots,
        lots_remade=remade,
        failed_patient_material=first_lots * by_material * again,
        failed_handling=first_lots * (1.0 - by_material) * by_handling * again,
        failed_device=first_lots * alive * by_device * again,
        failed_contamination=first_lots * harvested * by_contamination * again,
        failed_specification=first_lots * sterile * refused * again,
        lots_failed=failed,
        doses_released=doses,
        released_out_of_specification=off_specification,
        lost_shipment=doses - arrived,
        lost_wait_for_infusion=arrived - infused,
        patients_infused=infused,
        infused_out_of_specification=off_specification * (1.0 - losses.shipment_loss) * product_wait,
        vein_to_vein_days=waits.vein_to_vein,
        lot_failure_rate=1.0 - released,
    )
