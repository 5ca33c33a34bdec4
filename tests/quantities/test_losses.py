"""The funnel by hand: every cause, the remake, and the entities that are never lost on the way."""

import pytest

from dosecost.quantities.demand import Demand
from dosecost.quantities.losses import (
    EarlyLoss,
    Funnel,
    Losses,
    Waits,
    device_failure,
    funnel,
    patient_material_failure,
)
from dosecost.quantities.process import Work
from tests.quantities.builders import check_rows, exactly, nothing, stated

NO_LOSS = dict.fromkeys(Losses.__dataclass_fields__, 0.0)
CAUSES = (
    "failed_patient_material",
    "failed_handling",
    "failed_device",
    "failed_contamination",
    "failed_specification",
)


def year(
    admitted: float = 100.0,
    patients: float = 100.0,
    remake: bool = False,
    drop_out: float = 0.0,
    second: float = 0.0,
    waits: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    manipulations: float = 0.0,
    connections: float = 0.0,
    missed: float | None = None,
    operations: float = 0.0,
    **rates: float,
) -> Funnel:
    """A year with the stated rates of loss, all others 0."""
    demand = stated(Demand, patients_per_year=patients, drop_out_per_week=drop_out, second_collection_share=second)
    work = nothing(Work, open_manipulations=manipulations, closed_connections=connections)
    losses = Losses(**NO_LOSS | rates)
    by_material = patient_material_failure(losses, missed, missed is not None)
    early = EarlyLoss(by_material, device_failure(losses, operations))
    return funnel(demand, losses, work, Waits(*waits), admitted, remake, early)


def test_an_optional_operation_loses_lots_as_a_device_does() -> None:
    """100 lots, a tenth lost at the device; of the 90, a fifth by the operation: 28 in all, 72 doses."""
    f = year(device_failure=0.1, operations=0.2)
    assert (f.failed_device, f.doses_released) == (exactly(28.0), exactly(72.0))
    conserved(f)


def conserved(f: Funnel) -> None:
    """Everybody and everything that goes in comes out somewhere."""
    first = f.lots_started - f.lots_remade
    assert f.patients == exactly(f.not_admitted + f.lost_slot_wait + f.collected)
    assert f.collected == exactly(f.lost_before_start + f.rejected_on_receipt + first)
    assert f.lots_started == exactly(f.lots_failed + f.doses_released)
    assert f.lots_failed == exactly(sum(getattr(f, cause) for cause in CAUSES))
    assert f.doses_released == exactly(f.lost_shipment + f.lost_wait_for_infusion + f.patients_infused)


EVERYTHING = {
    "admitted": 100.0,
    "patients": 120.0,
    "drop_out": 0.1,
    "second": 0.05,
    "waits": (14.0, 7.0, 14.0, 7.0),
    "manipulations": 2.0,
    "connections": 1.0,
    "receipt_rejection": 0.1,
    "manufacturing_failure": 0.2,
    "patient_material_share": 0.5,
    "handling_per_open_manipulation": 0.1,
    "device_failure": 0.05,
    "contamination_per_open_manipulation": 0.01,
    "contamination_per_closed_connection": 0.02,
    "out_of_specification": 0.2,
    "out_of_specification_infused": 0.75,
    "shipment_loss": 0.02,
}


def test_I_13_I_14_every_cause_without_remake() -> None:
    """120 ask, 100 are admitted; 81 still wait after two weeks, 72.9 at lot start, 65.61 are accepted.

    Of those lots 0.9 pass the patient's material (0.2 × 0.5 fail), 0.81 the two manipulations, 0.95 the device,
    0.99 · 0.99 · 0.98 = 0.960498 are clean, 0.95 pass the specification (0.2 × a quarter not infused).
    """
    f = year(**EVERYTHING)
    assert f.not_admitted == exactly(20.0)
    assert f.lost_slot_wait == exactly(19.0)
    assert f.collected == exactly(81.0)
    assert f.aphereses == exactly(85.05)  # 81 × 1.05
    assert f.lost_before_start == exactly(8.1)
    assert f.rejected_on_receipt == exactly(7.29)
    assert f.lots_started == exactly(65.61)
    assert f.lots_remade == 0.0
    assert f.failed_patient_material == exactly(6.561)  # a tenth; 59.049 left
    assert f.failed_handling == exactly(11.21931)  # 19 in 100 of 59.049; 47.82969 left
    assert f.failed_device == exactly(2.3914845)  # a twentieth of 47.82969; 45.4382055 left
    assert f.failed_contamination == exactly(1.794899993661)  # 0.039502 of 45.4382055; 43.643305506339 left
    assert f.failed_specification == exactly(2.18216527531695)  # a twentieth of 43.643305506339
    assert f.doses_released == exactly(41.46114023102205)
    assert f.lot_failure_rate == exactly(1 - 41.46114023102205 / 65.61)
    assert f.released_out_of_specification == exactly(6.54649582595085)  # 43.643305506339 × 0.2 × 0.75
    assert f.lost_shipment == exactly(0.829222804620441)  # one in fifty
    # 40.631917426401609 arrive; 0.9 · 0.9 · 0.9 = 0.729 of them still wait after the three weeks from lot start.
    assert f.patients_infused == exactly(29.620667803846773)
    assert f.infused_out_of_specification == exactly(6.54649582595085 * 0.98 * 0.729)
    assert f.vein_to_vein_days == exactly(28.0)  # 7 + 14 + 7; the slot wait comes before the apheresis
    conserved(f)


def test_I_13_I_14_every_cause_with_remake() -> None:
    """The 24.14885976897795 lots lost above are remade; 0.4 of the remade lots succeed, 0.6 fail by the same causes."""
    f = year(**EVERYTHING, remake=True, remake_success=0.4)
    assert f.lots_remade == exactly(24.14885976897795)
    assert f.lots_started == exactly(89.75885976897795)  # 65.61 + 24.14885976897795
    assert f.aphereses == exactly(110.4063027574268475)  # (81 + 24.14885976897795) × 1.05
    assert f.doses_released == exactly(51.12068413861323)  # 41.46114023102205 + 9.65954390759118
    assert f.lots_failed == exactly(38.63817563036472)  # 24.14885976897795 × 1.6
    assert f.failed_patient_material == exactly(10.4976)  # 6.561 × 1.6
    assert f.failed_handling == exactly(17.950896)
    assert f.failed_device == exactly(3.8263752)
    assert f.failed_contamination == exactly(2.8718399898576)
    assert f.failed_specification == exactly(3.49146444050712)
    assert f.released_out_of_specification == exactly(6.54649582595085)  # first lots only
    assert f.lot_failure_rate == exactly(1 - 41.46114023102205 / 65.61)  # of a first lot
    assert f.patients_infused == exactly(51.12068413861323 * 0.98 * 0.729)
    conserved(f)


@pytest.mark.parametrize(
    ("cause", "rates"),
    [
        ("failed_patient_material", {"manufacturing_failure": 0.4, "patient_material_share": 0.5}),
        ("failed_handling", {"handling_per_open_manipulation": 0.2, "manipulations": 1.0}),
        ("failed_device", {"device_failure": 0.2}),
        ("failed_contamination", {"contamination_per_open_manipulation": 0.2, "manipulations": 1.0}),
        ("failed_contamination", {"contamination_per_closed_connection": 0.2, "connections": 1.0}),
        ("failed_specification", {"out_of_specification": 0.8, "out_of_specification_infused": 0.75}),
    ],
)
@pytest.mark.parametrize("remake", [False, True])
def test_one_cause_alone(cause: str, rates: dict[str, float], remake: bool) -> None:
    """Of 100 lots 20 fail. Remade, 20 more start and half of them succeed: 120 started, 30 failed, 90 doses."""
    f = year(remake=remake, remake_success=0.5, **rates)
    started, failed, doses = (120.0, 30.0, 90.0) if remake else (100.0, 20.0, 80.0)
    assert f.lots_started == exactly(started)
    assert f.lots_failed == exactly(failed)
    assert f.doses_released == exactly(doses)
    assert f.lot_failure_rate == exactly(0.2)
    for other in CAUSES:
        assert getattr(f, other) == exactly(failed if other == cause else 0.0), other
    assert f.aphereses == exactly(started)  # one for each patient and one more for each remake
    conserved(f)


def test_many_manipulations_spoil_more_lots_but_not_in_proportion() -> None:
    # 1 − 0.9³ = 0.271 of 100 lots, not 30.
    assert year(handling_per_open_manipulation=0.1, manipulations=3.0).failed_handling == exactly(27.1)


def test_the_process_share_of_failures_is_not_the_patients_material() -> None:
    # Of a failure rate of 0.1 only 0.7 comes from patient material; the rest is what handling and devices stand for.
    f = year(manufacturing_failure=0.1, patient_material_share=0.7)
    assert f.lots_failed == exactly(7.0)


@pytest.mark.parametrize("remake", [False, True])
def test_I_21_nothing_lost(remake: bool) -> None:
    f = year(remake=remake, remake_success=0.5, manipulations=30.0, connections=12.0)
    assert f.lots_started == exactly(100.0)
    assert f.doses_released == exactly(100.0)
    assert f.patients_infused == exactly(100.0)
    assert f.aphereses == exactly(100.0)
    assert f.lots_failed == exactly(0.0)
    conserved(f)


def test_one_lot() -> None:
    f = year(admitted=1.0, patients=1.0)
    assert (f.lots_started, f.doses_released, f.patients_infused) == (1.0, 1.0, 1.0)


def test_nobody_admitted() -> None:
    f = year(admitted=0.0, patients=50.0, device_failure=0.2, remake=True, remake_success=0.5)
    assert f.not_admitted == 50.0
    assert (f.lots_started, f.doses_released, f.lots_failed) == (0.0, 0.0, 0.0)
    assert f.lot_failure_rate == exactly(0.2)


def test_out_of_specification_lots_all_infused() -> None:
    f = year(out_of_specification=0.3, out_of_specification_infused=1.0, shipment_loss=0.1)
    assert f.doses_released == exactly(100.0)
    assert f.released_out_of_specification == exactly(30.0)
    assert f.infused_out_of_specification == exactly(27.0)
    assert f.failed_specification == exactly(0.0)


def test_drop_out_after_lot_start_is_counted_after_release() -> None:
    # Two weeks from lot start to release and one to infusion: all 100 lots are made and released, 72.9 are infused.
    f = year(drop_out=0.1, waits=(0.0, 0.0, 14.0, 7.0))
    assert f.lots_started == exactly(100.0)
    assert f.doses_released == exactly(100.0)
    assert f.lost_wait_for_infusion == exactly(27.1)
    assert f.patients_infused == exactly(72.9)


def test_every_remade_lot_succeeds() -> None:
    f = year(device_failure=0.25, remake=True, remake_success=1.0)
    assert f.lots_started == exactly(125.0)
    assert f.doses_released == exactly(100.0)
    assert f.lots_failed == exactly(25.0)
    conserved(f)


def test_no_remade_lot_succeeds() -> None:
    f = year(device_failure=0.25, remake=True, remake_success=0.0)
    assert f.lots_started == exactly(125.0)
    assert f.doses_released == exactly(75.0)
    assert f.failed_device == exactly(50.0)
    conserved(f)


@pytest.mark.parametrize("remake", [False, True])
def test_I_64_rows(remake: bool) -> None:
    def of(admitted: float, device: float, drop_out: float, release: float, manipulations: float) -> Funnel:
        return year(
            admitted=admitted,
            drop_out=drop_out,
            waits=(3.0, 1.0, release, 2.0),
            manipulations=manipulations,
            device_failure=device,
            handling_per_open_manipulation=0.01,
            contamination_per_open_manipulation=0.001,
            out_of_specification=0.1,
            remake=remake,
            remake_success=0.5,
        )

    check_rows(
        of,
        admitted=[10.0, 0.0, 99.5],
        device=[0.0, 0.3, 0.01],
        drop_out=[0.05, 0.0, 0.02],
        release=[20.0, 14.0, 9.5],
        manipulations=[0.0, 43.0, 7.5],
    )
