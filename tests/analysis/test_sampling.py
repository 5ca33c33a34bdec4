"""I-17: the sampling plan by hand, its sums against the ledger, and the published limits."""

import pytest
from hypothesis import given

from dosecost import inputs, ledger, recipes, scenario
from dosecost.analysis import sampling
from dosecost.analysis.sampling import IN_OPERATION, ROUTINE
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, with_changes
from tests.strategies import scenarios

NEAR = 1e-9
RULES = {
    "monitoring.active_air_plates": 2.0,
    "monitoring.settle_plates": 2.0,
    "monitoring.settle_exposure_hours": 4.0,
    "monitoring.contact_plates": 3.0,
    "monitoring.glove_plates": 4.0,
    "monitoring.gown_plates": 5.0,
    "monitoring.background_plates": 6.0,
    "monitoring.routine_plates_b": 20.0,
    "monitoring.routine_sessions_b": 7.0,
    "monitoring.plate_price": 9.0,
    "monitoring.outsourced_reading_price": 25.0,
    "monitoring.positive_share": 0.02,
    "monitoring.identification_price": 150.0,
    "monitoring.excursion_share_open": 0.05,
    "monitoring.excursion_share_routine": 0.01,
    "monitoring.excursion_price": 2_500.0,
    "process.people_per_open_step": 2.0,
    "process.manipulations_per_session": 4.0,
    "process.steps.selection.open_manipulations": 8.0,
    "process.steps.selection.hands_on_hours": 12.0,
    "capacity.shutdown_weeks": 2.142857142857142857,
    "capacity.suites_installed": 3.0,
}


def one_open_step() -> Scenario:
    """Only the selection is open: 8 manipulations are 2 sessions of 12 hours, two people each; 50 weeks of 7 days."""
    closed = {f"steps.{s.id}": "closed" for s in recipes.load()["manual_open"].steps if s.group != "room"}
    changed = closed | {"steps.selection": "open", "sizing": "fixed_plant", "plate_reading": "outsourced"} | RULES
    return with_changes(scenario.load("founder"), changed, "test")


def test_I_17_the_plan_by_hand() -> None:
    """Air 2 × 2. Settle: 12 h at 4 h a plate are 3 exposures of 2, more than the 2 sessions. Contact 2 × 3. Gloves
    2 × 2 × 4. Gowns 2 × 2 × 5. Background 2 × 6. Routine 20 a room and week in 3 rooms."""
    e = evaluate(one_open_step())
    plan, lots = sampling.plan(e), e.results.funnel.lots_started
    assert e.results.plant.operating_days == pytest.approx(350.0)
    per_lot = {"active_air": 4, "settle": 6, "contact": 6, "glove": 16, "gown": 20, "background": 12, "routine": 0}
    assert {s.kind: s.per_lot for s in plan.samples} == pytest.approx(per_lot)
    per_session = {"active_air": 2, "settle": 3, "contact": 3, "glove": 8, "gown": 10, "background": 6, "routine": 20}
    assert {s.kind: s.per_session for s in plan.samples} == pytest.approx(per_session)
    per_year = {kind: count * lots for kind, count in per_lot.items()} | {"routine": 3_000}
    assert {s.kind: s.per_year for s in plan.samples} == pytest.approx(per_year)
    assert {s.kind: s.per_week for s in plan.samples} == pytest.approx({k: n / 50 for k, n in per_year.items()})
    # A plate costs 9, its reading 25, and 2 in 100 are named for 150.
    assert {s.kind: s.annual for s in plan.samples} == pytest.approx({k: n * 37 for k, n in per_year.items()})
    assert (plan.open_sessions, plan.routine_sessions) == pytest.approx((2 * lots, 1_050))
    assert plan.excursions == pytest.approx({IN_OPERATION: 0.1 * lots, ROUTINE: 10.5})
    annual = {item.id: item.annual for item in plan.items}
    assert annual["excursions.in_operation"] == pytest.approx(250 * lots)
    assert annual["excursions.routine"] == pytest.approx(26_250)


@given(scenarios())
def test_I_17_the_plan_is_the_ledger_of_monitoring(s: Scenario) -> None:
    e = evaluate(s)
    plan, lines, plates = sampling.plan(e), e.results.lines, e.results.plates
    assert plan.annual == pytest.approx(ledger.by_category(lines)["monitoring"], rel=NEAR)
    idle = ledger.annual_total(line for line in lines if line.id.startswith("idle.monitoring."))
    assert plan.idle == pytest.approx(idle, rel=NEAR)
    by_id = {line.id: line.annual for line in lines}
    for name in ("plates", "reading", "identification"):
        of_samples = sum(getattr(sample, name) for sample in plan.samples)
        booked = sum(amount for line, amount in by_id.items() if line.startswith(f"monitoring.{name}."))
        assert of_samples == pytest.approx(booked, rel=NEAR), name
    assert sum(sample.per_year for sample in plan.samples) == pytest.approx(plates.per_year, rel=NEAR)
    assert sum(sample.per_lot for sample in plan.samples) == pytest.approx(plates.per_lot, rel=NEAR)
    if s.choices.tenure != "cdmo":
        for occasion, count in plan.excursions.items():
            (line,) = (line for line in lines if line.id == f"monitoring.excursions.{occasion}")
            assert line.quantity == pytest.approx(count, rel=NEAR)


def test_limits_have_a_grade_of_evidence_and_a_source() -> None:
    found = sampling.limits()
    assert {limit.room for limit in found} == {"A", "B", "C", "D", "ISO 5", "ISO 6", "ISO 7", "ISO 8"}
    for limit in found:
        assert limit.evidence in inputs.GRADES
        assert limit.source
        assert limit.unit
        assert float(limit.limit) >= 0


@pytest.mark.parametrize("sample", sorted({limit.sample for limit in sampling.limits()}))
def test_a_cleaner_room_never_has_the_higher_limit(sample: str) -> None:
    rows = [limit for limit in sampling.limits() if limit.sample == sample]
    cleanest_first = sorted(rows, key=lambda limit: limit.room)
    values = [float(limit.limit) for limit in cleanest_first]
    assert values == sorted(values)
