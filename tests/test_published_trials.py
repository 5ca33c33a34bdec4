"""Published funnels and times: registration trials replayed to the patient, vein-to-vein medians inside the range.

Counts: Front Immunol 2021;12:718621 Table 2; medians: EHA 2023, PMC10431072 (40-study review, LBCL).
"""

from typing import NamedTuple

import pytest

from dosecost import recipes
from dosecost.analysis.journey import journey
from dosecost.evaluation import Evaluation, evaluate, rows_in_use
from dosecost.scenario import Scenario, load, with_changes


class Trial(NamedTuple):
    """Patients enrolled, lost to manufacturing failure, made but not given, infused; of these out of specification."""

    enrolled: int
    failed: int
    not_given: int
    infused: int
    out_of_specification: int = 0


TRIALS = {
    "JULIET": Trial(165, 12, 38, 115),
    "ELIANA": Trial(92, 7, 10, 75),
    "ZUMA-1": Trial(111, 1, 9, 101),
    "TRANSCEND": Trial(344, 2, 48, 294, 25),
    "ZUMA-2": Trial(74, 3, 3, 68),
    "KarMMa": Trial(140, 1, 11, 128),
}
ONE_LOSS_A_STAGE: dict[str, object] = {
    "tenure": "cdmo",
    "remake": "no",
    "starting_material": "observed",
    "capacity.contract_slot_wait_days": 0.0,
    "logistics.transport_days_fresh": 0.0,
    "logistics.transport_days_frozen": 0.0,
    "losses.receipt_rejection": 0.0,
    "losses.patient_material_share": 1.0,
    "losses.handling_per_open_manipulation": 0.0,
    "losses.device_failure": 0.0,
    "losses.contamination_per_open_manipulation": 0.0,
    "losses.contamination_per_closed_connection": 0.0,
    "losses.out_of_specification_infused": 1.0,
    "losses.shipment_loss": 0.0,
}
"""The trials count two losses: lots that fail, and patients who do not get their dose while it is made and released."""


def replayed(trial: Trial, base: Scenario) -> Evaluation:
    """A scenario with a trial's rates: failures per enrolled, drop-out per week that gives the share not given over the
    scenario's own vein-to-vein time, doses out of specification per dose given."""
    s = with_changes(base, ONE_LOSS_A_STAGE, "test")
    days = float(evaluate(s).results.waits.vein_to_vein)
    made = trial.enrolled - trial.failed
    return evaluate(
        with_changes(
            s,
            {
                "demand.patients_per_year": float(trial.enrolled),
                "losses.manufacturing_failure": trial.failed / trial.enrolled,
                "demand.drop_out_per_week": 1 - (1 - trial.not_given / made) ** (7 / days),
                "losses.out_of_specification": trial.out_of_specification / trial.infused,
            },
            "test",
        )
    )


@pytest.mark.parametrize("base", ["academic", "founder", "investor"])
@pytest.mark.parametrize("name", TRIALS)
def test_a_registration_trial_is_replayed_to_the_patient(name: str, base: str) -> None:
    trial = TRIALS[name]
    assert trial.enrolled == trial.failed + trial.not_given + trial.infused
    e = replayed(trial, load(base))
    losses = {loss.cause: loss for loss in journey(e).losses}
    counts = {
        "failed_patient_material": trial.failed,
        "lost_wait_for_infusion": trial.not_given,
    }
    for cause, loss in losses.items():
        assert loss.patients == pytest.approx(counts.get(cause, 0), abs=1e-9), cause
    assert e.results.funnel.patients_infused == pytest.approx(trial.infused, abs=1e-9)
    assert e.results.funnel.infused_out_of_specification == pytest.approx(trial.out_of_specification, abs=1e-9)


MEDIANS = {"axi-cel": 30.4, "tisa-cel": 48.4, "liso-cel": 35.9}
"""Median days from leukapheresis to infusion, all studies of lymphoma."""


def ends(platform: str) -> tuple[float, float]:
    """Shortest and longest vein-to-vein time of a commercial central plant: every input that is a time at its low or
    its high end, on the choices as shipped."""
    s = with_changes(load("investor"), {"platform": platform}, "test")
    rows = rows_in_use(s)
    timed = [name for name, row in rows.items() if row.unit == "days" and not name.startswith("capacity.")]
    low, high = (
        evaluate(with_changes(s, {name: getattr(rows[name], end) for name in timed}, "test")) for end in ("low", "high")
    )
    return float(low.results.waits.vein_to_vein), float(high.results.waits.vein_to_vein)


@pytest.mark.parametrize("platform", recipes.load())
@pytest.mark.parametrize("product", MEDIANS)
def test_published_vein_to_vein_medians_are_inside_the_range_of_a_central_plant(product: str, platform: str) -> None:
    low, high = ends(platform)
    assert low < MEDIANS[product] < high
