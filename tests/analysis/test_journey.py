"""Who gets a dose: everybody is accounted for at every stage, and every dollar reached a patient or was lost."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given

from dosecost import ledger, recipes, scenario
from dosecost.analysis.journey import (
    BY_BASIS,
    CAUSES,
    COLLECTION,
    CONTAMINATION,
    DOSE,
    INVESTIGATION,
    LOT,
    PATIENT,
    SPENT,
    TEST,
    journey,
    point_of,
)
from dosecost.evaluation import Evaluation, evaluate
from dosecost.ledger import Line
from dosecost.quantities.losses import Funnel
from dosecost.scenario import Scenario, with_changes
from tests.strategies import scenarios
from tests.test_random_recipes import processes

SHIPPED = {name: scenario.load(name) for name in scenario.shipped()}
LINES = (
    ("apheresis.collections", ledger.PER_PATIENT, 11.0, 100.0),
    ("logistics.collections_in", ledger.PER_PATIENT, 11.0, 30.0),
    ("logistics.labels", ledger.PER_PATIENT, 10.0, 5.0),
    ("materials.kit", ledger.PER_LOT, 10.0, 1_000.0),
    ("quality.tests.in_process", ledger.PER_LOT, 10.0, 40.0),
    ("quality.tests.identity", ledger.PER_LOT, 8.0, 200.0),
    ("quality.retains", ledger.PER_LOT, 8.0, 10.0),
    ("quality.investigations", ledger.PER_LOT, 2.5, 500.0),
    ("quality.contaminations", ledger.PER_LOT, 0.5, 6_000.0),
    ("logistics.doses_out", ledger.PER_DOSE, 7.0, 70.0),
    ("labour.people.operator", ledger.PER_YEAR, 1.0, 1e6),
    ("facility.rooms", ledger.CAPITAL, 1.0, 1e6),
)


def by_hand() -> Evaluation:
    """A year in round numbers: 14 ask for a slot, 10 are collected, 8 first lots and 2 second ones are started, 3 fail,
    7 doses are released, 5.6 patients infused."""
    e = evaluate(SHIPPED["founder"])
    funnel = Funnel(
        patients=14.0,
        not_admitted=3.0,
        lost_slot_wait=1.0,
        collected=10.0,
        aphereses=12.0,
        lost_before_start=1.0,
        rejected_on_receipt=1.0,
        lots_started=10.0,
        lots_remade=2.0,
        failed_patient_material=1.0,
        failed_handling=0.5,
        failed_device=0.5,
        failed_contamination=0.5,
        failed_specification=0.5,
        lots_failed=3.0,
        doses_released=7.0,
        released_out_of_specification=1.5,
        lost_shipment=0.7,
        lost_wait_for_infusion=0.7,
        patients_infused=5.6,
        infused_out_of_specification=1.2,
        vein_to_vein_days=30.0,
        lot_failure_rate=0.25,
    )
    lines = [Line(name, name.partition(".")[0], "", basis, number, price) for name, basis, number, price in LINES]
    areas = replace(e.areas, losses=replace(e.areas.losses, out_of_specification_paid=0.25))
    return e._replace(areas=areas, results=e.results._replace(funnel=funnel, lines=lines))


def test_money_that_a_loss_had_cost_by_hand() -> None:
    found = journey(by_hand())
    # 12 collections (10 patients and 2 second attempts), 10 lots, 8 tested, 7 doses
    collection, patient, lot, test, dose = 1_430 / 12, 50 / 10, 10_400 / 10, 1_680 / 8, 490 / 7
    investigation, contamination = 1_250 / 2.5, 3_000 / 0.5
    expected = {
        PATIENT: patient,
        COLLECTION: collection,
        LOT: lot,
        TEST: test,
        INVESTIGATION: investigation,
        CONTAMINATION: contamination,
        DOSE: dose,
    }
    assert found.prices == pytest.approx(expected)
    losses = {loss.cause: loss for loss in found.losses}
    assert (losses["not_admitted"].sunk, losses["lost_slot_wait"].sunk) == (0.0, 0.0)
    assert losses["lost_before_start"].sunk == pytest.approx(patient + collection)
    assert losses["rejected_on_receipt"].each == pytest.approx(patient + collection)
    # of 3 failed lots 2 are made again: two of three patients go on, and what was spent on them once goes with them
    assert losses["failed_patient_material"].again == pytest.approx(2 / 3)
    assert losses["failed_patient_material"].patients == pytest.approx(1 / 3)
    assert losses["failed_patient_material"].sunk == pytest.approx(collection + lot + patient / 3)
    assert losses["failed_contamination"].each == pytest.approx(
        collection + lot + test + investigation + contamination + patient / 3
    )
    assert losses["failed_specification"].each == pytest.approx(collection + lot + test + investigation + patient / 3)
    # 1.5 of 7 doses were released out of specification, after an investigation
    lost_dose = patient + collection + lot + test + dose + investigation * 1.5 / 7
    assert losses["lost_shipment"].each == pytest.approx(lost_dose)
    assert losses["lost_wait_for_infusion"].sunk == pytest.approx(0.7 * lost_dose)
    assert found.variable == pytest.approx(50 + 1_430 + 10_400 + 1_680 + 1_250 + 3_000 + 490)
    assert found.successful == pytest.approx(5.6 * lost_dose)
    assert found.sunk == pytest.approx(found.variable - found.successful)
    assert found.cost_of_failure == pytest.approx(found.sunk / 5.6)
    assert [stage.spent for stage in found.stages] == pytest.approx(
        [
            0.0,
            patient + collection,
            patient + collection,
            patient + collection + lot,
            patient + collection + lot,
            patient + collection + lot + test + investigation * 1.5 / 7,
            lost_dose,
        ]
    )
    # whoever is infused has cost what one who is lost just before has
    assert found.stages[-1].spent * 5.6 == pytest.approx(found.successful)
    assert found.out_of_specification == pytest.approx((1.5, 1.2, 0.3))


def test_excursions_of_trips_belong_to_collections_and_doses_by_their_number() -> None:
    e = by_hand()
    more = Line("logistics.excursions", "logistics", "", ledger.PER_LOT, 19.0, 1.0)  # 12 trips in, 7 out
    found = journey(e._replace(results=e.results._replace(lines=[*e.results.lines, more])))
    assert found.prices[COLLECTION] == pytest.approx((1_430 + 12) / 12)
    assert found.prices[DOSE] == pytest.approx((490 + 7) / 7)


def test_only_money_that_follows_patients_lots_and_doses_is_sunk() -> None:
    assert point_of(Line("x", "labour", "", ledger.PER_YEAR, 1.0, 1.0)) == ""
    assert point_of(Line("x", "facility", "", ledger.CAPITAL, 1.0, 1.0)) == ""
    assert point_of(Line("quality.tests.in_process", "quality", "expansion", ledger.PER_LOT, 1.0, 1.0)) == LOT
    assert {point_of(Line("x", "materials", "", basis, 1.0, 1.0)) for basis in BY_BASIS} == {PATIENT, LOT, DOSE}


def check(e: Evaluation, boundary: str = "") -> None:
    """Nobody is lost from the count, and no money."""
    found = journey(e, boundary)
    at = found.referred
    for stage in found.stages:
        at += stage.joined - sum(loss.number for loss in stage.losses)
        assert math.isclose(at, stage.reached, rel_tol=1e-9, abs_tol=1e-9), stage.id
        at = stage.reached
        assert all(loss.number >= -1e-9 and loss.patients >= -1e-9 for loss in stage.losses)
    lost = sum(loss.patients for loss in found.losses)
    assert math.isclose(found.referred, found.infused + lost, rel_tol=1e-9, abs_tol=1e-9)
    remade = float(e.results.funnel.lots_remade)
    assert math.isclose(sum(loss.again for loss in found.losses), remade, rel_tol=1e-9, abs_tol=1e-9)
    off = found.out_of_specification
    assert off.released >= off.infused >= off.paid >= 0
    counted = ledger.inside(boundary or e.scenario.choices.boundary)
    lines = [line for line in e.results.lines if line.category in counted and line.basis not in ledger.FIXED_BASES]
    booked = float(ledger.annual_total(lines))
    assert math.isclose(booked, found.variable, rel_tol=1e-9, abs_tol=1e-6)
    assert math.isclose(found.variable, found.successful + found.sunk, rel_tol=1e-9, abs_tol=1e-6)
    spent = [stage.spent for stage in found.stages]
    assert spent == sorted(spent)


@pytest.mark.parametrize("platform", recipes.load())
@pytest.mark.parametrize("tenure", scenario.options("tenure"))
@pytest.mark.parametrize("name", SHIPPED)
def test_I_86_everybody_and_all_money_is_accounted_for(name: str, tenure: str, platform: str) -> None:
    e = evaluate(with_changes(SHIPPED[name], {"tenure": tenure, "platform": platform}, "test"))
    for boundary in ledger.BOUNDARIES:
        check(e, boundary)


@given(scenarios())
def test_I_86_everybody_and_all_money_is_accounted_for_whatever_the_scenario(s: Scenario) -> None:
    check(evaluate(s))


@given(processes())
def test_I_86_everybody_and_all_money_is_accounted_for_whatever_the_process(s: Scenario) -> None:
    check(evaluate(s))


NOTHING_LOST = {
    "demand.drop_out_per_week": 0.0,
    "losses.receipt_rejection": 0.0,
    "losses.manufacturing_failure": 0.0,
    "losses.handling_per_open_manipulation": 0.0,
    "losses.device_failure": 0.0,
    "losses.contamination_per_open_manipulation": 0.0,
    "losses.contamination_per_closed_connection": 0.0,
    "losses.out_of_specification": 0.0,
    "losses.shipment_loss": 0.0,
    "starting_material": "observed",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_where_nothing_is_lost_failure_costs_nothing(name: str) -> None:
    found = journey(evaluate(with_changes(SHIPPED[name], NOTHING_LOST, "test")))
    assert found.cost_of_failure == 0.0
    assert found.infused == found.referred


@given(scenarios(remake="no"))
def test_without_second_attempts_every_failed_lot_is_a_lost_patient(s: Scenario) -> None:
    found = journey(evaluate(s))
    assert all(loss.again == 0.0 for loss in found.losses)
    assert all(stage.joined == 0.0 for stage in found.stages)


@given(scenarios(boundary="fully_loaded", sizing="size_for_demand"))
def test_more_lost_in_transit_costs_more_failure(s: Scenario) -> None:
    before, after = (
        journey(evaluate(with_changes(s, {"losses.shipment_loss": lost}, "test"))) for lost in (0.001, 0.1)
    )
    assume(before.variable > 0)
    assert after.cost_of_failure > before.cost_of_failure


def test_every_cause_of_the_funnel_has_a_stage_and_a_price() -> None:
    causes = [cause for stage in CAUSES.values() for cause in stage]
    named = {name for name in Funnel._fields if name.startswith(("failed_", "lost_", "not_", "rejected_"))}
    assert set(causes) == named
    assert set(SPENT) == named - {"not_admitted", "lost_slot_wait"}
