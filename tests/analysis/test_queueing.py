"""The simulated queue: hand-worked cases, the rules on every path, two forms to the same bits, and shared draws."""

import math
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from dosecost import inputs
from dosecost.analysis import queueing, queueing_audit, queueing_forms, queueing_lanes
from dosecost.analysis import queueing_rules as rules
from dosecost.analysis.queueing import simulate
from dosecost.analysis.queueing_design import Design, Runs, design_of, numbers_of, plain_queue
from dosecost.analysis.queueing_forms import Sample, form, prepare, sample
from dosecost.errors import InputError
from dosecost.evaluation import evaluate, rows_in_use
from dosecost.scenario import Scenario, load, shipped, with_changes
from tests.reference import queue_processes
from tests.strategies import scenarios

COMPILED = [False, True]
FULL = Design(
    patients_per_year=70.0,
    places=4,
    place_days=14.0,
    device="device",
    device_places=3,
    device_days=12.5,
    process_days=13.0,
    team_hours_per_day=24.0,
    team_hours_per_lot=80.0,
    shutdown_days=14.0,
    arrival_variability=1.0,
    occupancy_variability=0.04,
    drop_out_per_week=0.03,
    receipt_rejection=0.02,
    failures=(0.04, 0.03, 0.02, 0.01, 0.03),
    remake=True,
    remake_success=0.5,
    shipment_loss=0.01,
    days_to_start=2.0,
    release_days=8.0,
    days_to_infusion=9.0,
)
DESIGNS = {
    "full": FULL,
    "overloaded": replace(FULL, patients_per_year=200.0),
    "one place": replace(FULL, places=1, device_places=1, patients_per_year=20.0),
    "bursts": replace(FULL, arrival_variability=4.0, occupancy_variability=2.0),
    "regular": replace(FULL, arrival_variability=0.25, occupancy_variability=0.0),
    "no drop-out": replace(FULL, drop_out_per_week=0.0),
    "all drop out": replace(FULL, drop_out_per_week=1.0),
    "no team": replace(FULL, team_hours_per_lot=0.0),
    "slow team": replace(FULL, team_hours_per_lot=400.0),
    "many fail": replace(FULL, failures=(0.5, 0.2, 0.1, 0.1, 0.1), remake_success=0.2),
    "no remake": replace(FULL, remake=False),
    "no shutdown": replace(FULL, shutdown_days=0.0),
    "long shutdown": replace(FULL, shutdown_days=182.0, occupancy_variability=1.0),
    "no device": replace(FULL, device_days=0.0),
}
SHORT = Runs(years=4.0, warm_up_years=1.0, replications=12, seed=5)


def raw(design: Design, runs: Runs, compiled: bool, first: int = 0, last: int = 1) -> Sample:
    return sample(numbers_of(design, runs), runs.seed, first, last, form(compiled), design.arrival_variability)


def days(count: float) -> Runs:
    return Runs(years=count / 365.0, warm_up_years=0.0)


@pytest.mark.parametrize("compiled", COMPILED)
def test_one_server_of_three_days_and_a_patient_every_two(compiled: bool) -> None:
    made = raw(plain_queue(365.0 / 2.0, 1, 3.0, 0.0, 0.0), days(37.0), compiled)
    assert made.sizes[0, rules.BEFORE_HORIZON] == 18  # asking on days 2, 4, … 36
    assert made.patients[:, rules.ASKED] == pytest.approx(np.arange(2.0, 37.0, 2.0))
    assert made.waits[0, :18] == pytest.approx(np.arange(18.0))  # each waits one day more than the one before
    assert made.lots[:, rules.START] == pytest.approx(np.arange(2.0, 54.0, 3.0))
    assert made.sums[0, rules.SOJOURN] == pytest.approx(sum(range(18)) + 18 * 3.0)
    # In the window of 37 days the server works from day 2 on without a break.
    assert made.sums[0, rules.PLACE_TIME] == pytest.approx(35.0)


@pytest.mark.parametrize("compiled", COMPILED)
def test_nothing_runs_over_a_shutdown(compiled: bool) -> None:
    design = replace(plain_queue(3.65, 1, 30.0, 0.0, 0.0), shutdown_days=40.0)
    made = raw(design, days(800.0), compiled)
    # Asking on days 100, 200, …; the years' work ends on days 325, 690 and 1,055.
    assert made.lots[:, rules.START] == pytest.approx([100, 200, 365, 400, 500, 600, 730])
    assert made.waits[0, :7] == pytest.approx([0, 0, 65, 0, 0, 0, 30])


@pytest.mark.parametrize("compiled", COMPILED)
def test_a_lot_starts_when_the_team_can_finish_it_in_time(compiled: bool) -> None:
    design = replace(plain_queue(730.0, 9, 2.0, 0.0, 0.0), team_hours_per_day=8.0, team_hours_per_lot=8.0)
    made = raw(design, Runs(years=0.1, warm_up_years=0.0), compiled)
    # Asking every half day; a lot takes the whole team a day and stays two days. The team is behind from the first
    # lot on, and from the fourth on a lot waits until the work before it can be done one day after its start.
    assert made.lots[:6, rules.START] == pytest.approx([0.5, 1.0, 1.5, 2.5, 3.5, 4.5])
    assert made.lots[:6, rules.TEAM_START] == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    assert made.lots[:6, rules.TEAM_END] == pytest.approx([1.5, 2.5, 3.5, 4.5, 5.5, 6.5])
    assert made.waits[0, :6] == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5])


@pytest.mark.parametrize("compiled", COMPILED)
@pytest.mark.parametrize(("cause", "known"), [(0, 10.0), (2, 10.0), (3, 17.0), (4, 17.0)])
def test_a_failed_lot_is_made_once_more(compiled: bool, cause: int, known: float) -> None:
    failures = tuple(1.0 if place == cause else 0.0 for place in range(5))
    design = replace(
        plain_queue(3.65, 2, 12.0, 0.0, 0.0),
        process_days=10.0,
        failures=failures,
        remake=True,
        days_to_start=4.0,
        release_days=7.0,
        days_to_infusion=9.0,
    )
    made = raw(design, days(150.0), compiled)
    # Asks on day 100, starts on day 104, fails; a second collection takes four days more, and the second lot succeeds.
    again = 104.0 + known + 4.0
    assert made.lots[:, rules.START] == pytest.approx([104.0, again])
    assert made.lots[:, rules.SECOND].tolist() == [0.0, 1.0]
    assert made.patients[0, [rules.LEFT, rules.OUTCOME]] == pytest.approx([again + 26.0, rules.INFUSED])
    assert made.counts[0, rules.FIRST_CAUSE + cause] == 1
    assert made.counts[0, [rules.LOTS, rules.REMADE]].tolist() == [2, 1]
    assert made.sums[0, rules.VEIN_TO_VEIN] == pytest.approx(4.0 + 26.0)
    once = raw(replace(design, remake=False), days(150.0), compiled)
    assert once.patients[0, [rules.LEFT, rules.OUTCOME]] == pytest.approx([104.0 + known, rules.FAILED])
    twice = raw(replace(design, remake_success=0.0), days(150.0), compiled)
    assert twice.counts[0, rules.FIRST_CAUSE + cause] == 2
    assert twice.patients[0, [rules.LEFT, rules.OUTCOME]] == pytest.approx([again + known, rules.FAILED])


@pytest.mark.parametrize("name", DESIGNS)
def test_both_forms_give_the_same_bits(name: str) -> None:
    compiled, numpy = (raw(DESIGNS[name], SHORT, each, 0, 12) for each in (True, False))
    for field, one, other in zip(Sample._fields, compiled, numpy, strict=True):
        assert np.array_equal(one, other), field


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("compiled", COMPILED)
def test_I_82_I_85_I_86_every_path_keeps_the_rules(name: str, compiled: bool) -> None:
    design = DESIGNS[name]
    for replication in range(4):
        made = raw(design, SHORT, compiled, replication, replication + 1)
        queueing_audit.check_books(made.counts)
        sojourn = float(made.sums[0, rules.SOJOURN])
        queueing_audit.audit(numbers_of(design, SHORT), made.patients, made.lots, sojourn)
        area = queueing_audit.area_under(made.patients[:, rules.ASKED], made.patients[:, rules.LEFT])
        assert area == pytest.approx(sojourn, rel=1e-12)
        warm = made.patients[:, rules.ASKED] >= 365.0 * SHORT.warm_up_years
        outcomes = made.patients[warm, rules.OUTCOME].astype(int)
        assert np.bincount(outcomes, minlength=8).tolist() == made.counts[0, :8].tolist()


@pytest.mark.parametrize(
    ("column", "change", "rule"),
    [
        ((0, rules.START), -30.0, "starts before it is ready"),
        ((3, rules.START), -1e-6, "overtakes|ready|more lots"),
        ((5, rules.PLACE_END), 500.0, "more lots than places|shutdown"),
        ((5, rules.TEAM_END), 60.0, "team works twice|team is late"),
    ],
)
def test_the_audit_finds_a_broken_lot(column: tuple[int, int], change: float, rule: str) -> None:
    made = raw(DESIGNS["overloaded"], SHORT, False)
    made.lots[column] += change
    with pytest.raises(queueing_audit.BrokenRule, match=rule):
        queueing_audit.audit(numbers_of(DESIGNS["overloaded"], SHORT), made.patients, made.lots, 1.0)


def test_the_audit_finds_one_more_lot_than_places_and_a_wrong_sum() -> None:
    made, n = raw(DESIGNS["overloaded"], SHORT, False), numbers_of(DESIGNS["overloaded"], SHORT)
    sojourn = float(made.sums[0, rules.SOJOURN])
    with pytest.raises(queueing_audit.BrokenRule, match="more lots than places"):
        queueing_audit.audit(n._replace(places=2), made.patients, made.lots, sojourn)
    with pytest.raises(queueing_audit.BrokenRule, match="more lots than device places"):
        queueing_audit.audit(n._replace(devices=2), made.patients, made.lots, sojourn)
    with pytest.raises(queueing_audit.BrokenRule, match="work in a shutdown"):
        queueing_audit.audit(n._replace(shutdown=40.0), made.patients, made.lots, sojourn)
    with pytest.raises(queueing_audit.BrokenRule, match="Little"):
        queueing_audit.audit(n, made.patients, made.lots, sojourn * 1.001)
    for column, rule in ((rules.INFUSED, "patients"), (rules.LOTS, "lots")):
        counts = made.counts.copy()
        counts[0, column] += 1
        with pytest.raises(queueing_audit.BrokenRule, match=f"{rule} were lost"):
            queueing_audit.check_books(counts)


def test_most_at_one_time() -> None:
    starts, ends = np.array([0.0, 1.0, 2.0, 2.0]), np.array([2.0, 3.0, 4.0, 2.0])
    assert queueing_audit.most_at_one_time(starts, ends) == 2
    assert queueing_audit.most_at_one_time(starts[:0], ends[:0]) == 0
    assert queueing_audit.area_under(starts, ends) == 6.0


@pytest.mark.parametrize(
    "design",
    [
        replace(FULL, drop_out_per_week=0.0),
        replace(FULL, occupancy_variability=0.0),
        replace(FULL, shutdown_days=0.0, team_hours_per_lot=0.0),
        replace(FULL, drop_out_per_week=0.0, patients_per_year=150.0, arrival_variability=3.0),
    ],
    ids=["no drop-out", "equal lots", "no shutdown, no team", "overloaded"],
)
def test_processes_of_simpy_with_the_same_draws_treat_every_patient_alike(design: Design) -> None:
    """Where a long lot cannot be overtaken by a short one behind it: that rule is another in a queue of processes."""
    runs = Runs(years=6.0, warm_up_years=0.0, replications=5, seed=3)
    for replication in range(2):
        made = raw(design, runs, True, replication, replication + 1)
        plant = queue_processes.simulate(design, queue_processes.draws(design, runs, replication))
        starts = {(int(lot[rules.OWNER]), bool(lot[rules.SECOND])): lot[rules.START] for lot in made.lots}
        assert plant.starts == pytest.approx(starts, abs=1e-6)
        assert len(starts) > 200
        told = {who: rules.OUTCOMES[int(patient[rules.OUTCOME])] for who, patient in enumerate(made.patients)}
        named = ("patients_infused", "lost_failed_lot")
        assert plant.outcomes == {who: out if out in named else queue_processes.LOST for who, out in told.items()}


def test_results_do_not_depend_on_threads_or_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = replace(SHORT, replications=30)
    usual = simulate(FULL, runs, (7.0,))
    for compiled in COMPILED:
        for workers, size in ((1, 10_000_000), (4, 1_000)):
            monkeypatch.setattr(queueing, "BLOCK_PATIENTS", size)
            monkeypatch.setattr(queueing, "LANE_PATIENTS", size)
            with ThreadPoolExecutor(workers) as executor:
                other = simulate(FULL, runs, (7.0,), compiled=compiled, executor=executor)
            assert other.figures == usual.figures
    longer = raw(FULL, SHORT, True, 0, 12).waits
    assert np.array_equal(raw(FULL, SHORT, True, 7, 8).waits[0], longer[7])


def test_arrays_that_are_too_short_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = raw(FULL, SHORT, True, 0, 3)
    monkeypatch.setattr(queueing_forms, "ceil", lambda room: int(room / 20))
    for compiled in COMPILED:
        grown = raw(FULL, SHORT, compiled, 0, 3)
        assert np.array_equal(grown.counts, usual.counts)
        assert np.array_equal(grown.lots, usual.lots)


def test_I_81_two_designs_meet_the_same_patients() -> None:
    certain = replace(FULL, drop_out_per_week=0.0)
    one, other = raw(certain, SHORT, True, 0, 12), raw(replace(certain, days_to_infusion=10.0), SHORT, True, 0, 12)
    assert np.array_equal(one.waits, other.waits)
    each = other.sums[:, rules.VEIN_TO_VEIN] - one.sums[:, rules.VEIN_TO_VEIN]
    assert each / one.counts[:, rules.INFUSED] == pytest.approx(1.0, rel=1e-9)
    wider = raw(replace(FULL, places=5, device_places=4), SHORT, True)
    assert np.array_equal(wider.patients[:, rules.ASKED], raw(FULL, SHORT, True).patients[:, rules.ASKED])
    closer = raw(queueing_at(FULL, 140.0), SHORT, True)
    count = len(raw(FULL, SHORT, True).patients)
    assert closer.patients[:count, rules.ASKED] == pytest.approx(raw(FULL, SHORT, True).patients[:, rules.ASKED] / 2)
    seeded = raw(FULL, replace(SHORT, seed=6), True)
    assert not np.array_equal(seeded.waits[0, :50], one.waits[0, :50])


def queueing_at(design: Design, patients: float) -> Design:
    return replace(design, patients_per_year=patients)


def test_I_87_a_load_of_one_has_no_averages() -> None:
    s = simulate(queueing_at(FULL, 200.0), SHORT)
    assert (s.unstable, s.binding, s.figures) == (True, "device", {})
    s = simulate(DESIGNS["slow team"], SHORT)
    assert (s.unstable, s.binding, s.figures) == (True, "operator", {})
    s = simulate(replace(FULL, device_places=1), SHORT)
    assert (s.unstable, s.binding) == (True, "device")
    assert s.loads["device"] > 1 > s.loads["suites"]


def test_loads_are_lots_asked_for_over_lots_possible() -> None:
    design = replace(FULL, occupancy_variability=1.0)
    lots = 70.0 * 0.97 ** (2.0 / 7.0) * 0.98 * 1.13
    assert design.loads["suites"] == pytest.approx(lots * 14.0 / (4 * 351.0))
    assert design.loads["device"] == pytest.approx(lots * 12.5 / (3 * 351.0))
    assert design.loads["operator"] == pytest.approx(lots * 80.0 / (24.0 * 351.0))
    # Lots of equal length: 25 whole ones fit into 351 days, about half a lot less than 351 / 14 on the average length.
    equal = replace(FULL, occupancy_variability=0.0)
    assert equal.loads["suites"] == pytest.approx(lots / (4 * (351.0 / 14.0 - 0.5)))


@pytest.mark.parametrize("place_days", [10.0, 14.0, 25.5])
def test_a_crowded_plant_makes_what_its_load_says_is_possible(place_days: float) -> None:
    design = replace(plain_queue(1_000.0, 3, place_days, 1.0, 0.1), shutdown_days=21.0, occupancy_variability=0.1)
    made = raw(design, Runs(years=10.0, warm_up_years=0.0, replications=20), True)
    starts = made.lots[made.lots[:, rules.START] < 3_650.0]
    possible = 1_000.0 / design.loads["suites"]
    assert len(starts) / 10.0 == pytest.approx(possible, rel=0.02)


def test_without_failures_all_are_infused_who_do_not_drop_out() -> None:
    design = replace(FULL, failures=(0.0,) * 5, receipt_rejection=0.0, shipment_loss=0.0)
    counts = raw(design, SHORT, True, 0, 12).counts
    dropped = counts[:, [rules.SLOT_WAIT, rules.BEFORE_START, rules.INFUSION_WAIT]].sum(axis=1)
    assert (counts[:, rules.INFUSED] == counts[:, rules.PATIENTS] - dropped).all()
    certain = raw(replace(design, drop_out_per_week=0.0), SHORT, True, 0, 12).counts
    assert (certain[:, rules.INFUSED] == certain[:, rules.PATIENTS]).all()


def test_more_patients_never_wait_less() -> None:
    waits = [
        simulate(queueing_at(FULL, demand), Runs(replications=100)).figures["slot_wait_p90"].mean
        for demand in (20.0, 30.0, 40.0, 50.0, 60.0, 70.0)
    ]
    assert waits == sorted(waits)


def test_more_places_and_devices_never_wait_longer() -> None:
    waits = [
        simulate(replace(FULL, places=count, device_places=count, team_hours_per_lot=0.0)).figures["slot_wait_mean"]
        for count in (4, 5, 6, 8)
    ]
    assert [wait.mean for wait in waits] == sorted((wait.mean for wait in waits), reverse=True)


def test_with_room_enough_the_losses_are_those_of_the_funnel() -> None:
    e = evaluate(with_changes(load("founder"), {"remake": "no", "demand.patients_per_year": 400.0}, "test"))
    design = replace(design_of(e), places=500, device_places=500, team_hours_per_lot=0.0, shutdown_days=0.0)
    s = simulate(design, Runs(years=20.0, replications=60))
    funnel = e.results.funnel
    still = funnel.collected / funnel.patients
    assert s.figures["slot_wait_mean"].mean == 0.0
    assert s.figures["lost_slot_wait"].mean == 0.0
    for name in (
        "lost_before_start",
        "rejected_on_receipt",
        "lots_started",
        "failed_patient_material",
        "failed_handling",
        "failed_contamination",
        "failed_specification",
        "lots_failed",
        "doses_released",
        "lost_wait_for_infusion",
        "patients_infused",
    ):
        expected, found = getattr(funnel, name) / still, s.figures[name]
        error = (found.high - found.low) / 2 / 1.96
        assert abs(found.mean - expected) < 3.5 * error + 1e-9, name
    assert s.figures["vein_to_vein_days"].mean == pytest.approx(funnel.vein_to_vein_days, rel=0.002)


@pytest.mark.parametrize("name", shipped())
def test_the_design_of_a_scenario(name: str) -> None:
    e = evaluate(load(name))
    design, plant, device = design_of(e), e.results.plant, e.recipe.limiting_device
    assert sum(design.failures) == pytest.approx(e.results.funnel.lot_failure_rate, rel=1e-12)
    assert design.places == plant.suites * plant.lots_per_room
    assert design.device_places == plant.devices[device] * e.areas.capacity.devices[device].slots
    assert design.operating_days == pytest.approx(plant.operating_days)
    assert design.days_to_start + design.process_days + design.release_days + design.days_to_infusion == pytest.approx(
        e.results.waits.vein_to_vein
    )
    # The load is what the main model uses, before the planning share and without the drop-out while waiting.
    lots = design.patients_per_year * design.lots_per_patient
    assert lots == pytest.approx(plant.lots, rel=1e-9)
    heads = e.results.heads.used["operator"] * plant.lots / e.results.funnel.lots_started
    assert design.loads["operator"] == pytest.approx(heads * e.areas.people.working_share, rel=1e-9)


def test_a_contract_has_no_plant_to_simulate() -> None:
    with pytest.raises(InputError, match="tenure: lots are made under contract"):
        design_of(evaluate(with_changes(load("founder"), {"tenure": "cdmo"}, "test")))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"patients_per_year": 0.0}, "patients_per_year: 0.0 is not above 0"),
        ({"places": 0}, "places: 0 is not above 0"),
        ({"place_days": math.nan}, "place_days: nan is not a number"),
        ({"drop_out_per_week": 1.1}, "drop_out_per_week: 1.1 is above 1"),
        ({"failures": (0.5, 0.6, 0.0, 0.0, 0.0)}, "failures: chances of 1.1 in all are above 1"),
        ({"failures": (-0.5, 0.6, 0.0, 0.0, 0.0)}, "failures"),
        ({"place_days": 200.0, "shutdown_days": 180.0}, "does not fit between two shutdowns"),
    ],
)
def test_what_makes_no_design_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        replace(FULL, **changes)


@pytest.mark.parametrize(
    "changes", [{"years": 0.0}, {"years": math.nan}, {"warm_up_years": -1.0}, {"replications": 4}, {"seed": -1}]
)
def test_runs_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(changes))}: .* is not between"):
        replace(Runs(), **changes)
    with pytest.raises(InputError, match="at most 100,000,000"):
        simulate(queueing_at(plain_queue(20_000.0, 900, 10.0, 1.0, 0.0), 20_000.0), Runs(years=100.0))


def test_a_year_without_anybody_has_no_wait() -> None:
    s = simulate(plain_queue(0.001, 1, 5.0, 1.0, 0.0), Runs(years=1.0, replications=20))
    assert s.figures["patients"].mean == 0.0
    assert not {"slot_wait_mean", "slot_wait_p90", "share_lost_waiting", "vein_to_vein_days"} & set(s.figures)
    assert not s.settled


def test_I_89_the_warm_up_is_noticed() -> None:
    busy = plain_queue(360.0, 1, 1.0, 1.0, 1.0)
    s = simulate(busy, Runs(years=2.0, warm_up_years=2.0, replications=400))
    assert s.warm_up_matters
    cold = simulate(replace(busy, patients_per_year=364.0), Runs(years=2.0, warm_up_years=0.0, replications=400))
    assert not cold.settled
    calm = simulate(plain_queue(100.0, 1, 1.0, 1.0, 1.0), Runs(years=10.0, warm_up_years=1.0, replications=50))
    assert calm.settled
    assert not calm.warm_up_matters


def test_estimates() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, np.nan])
    found = queueing.estimate(values)
    assert found is not None
    half = stats.t.ppf(0.975, 7) * values[:8].std(ddof=1) / 8**0.5
    assert found.replications == 8
    assert found.mean == pytest.approx(3.875)
    assert found.high - found.mean == pytest.approx(half, rel=1e-3)
    assert found.mean - found.low == pytest.approx(half, rel=1e-3)
    assert (found.p10, found.p90) == pytest.approx(tuple(np.quantile(values[:8], (0.1, 0.9))))
    assert queueing.estimate(np.array([1.0, 2.0, 3.0, 4.0, np.nan])) is None
    pooled = queueing.share(np.array([1.0, 0, 3, 1, 0, 2]), np.array([2.0, 0, 4, 2, 1, 3]))
    assert pooled is not None
    assert pooled.mean == pytest.approx(7.0 / 12.0)
    assert (pooled.p10, pooled.replications) == (pytest.approx(0.2), 5)
    assert queueing.share(np.zeros(3), np.zeros(3)) is None


def test_quantiles_are_waits_that_somebody_had() -> None:
    assert queueing._quantiles(np.arange(1.0, 11.0)[::-1]) == [5.0, 9.0]
    assert queueing._quantiles(np.array([4.0])) == [4.0, 4.0]


def test_draws() -> None:
    bits = rules.mixed(np.arange(200_000, dtype=np.uint64) * rules.STEP)
    uniform = rules.uniform(bits)
    assert 0 < uniform.min() < uniform.max() < 1
    assert stats.kstest(uniform, "uniform").pvalue > 0.01
    exact = -np.log(uniform)
    assert np.abs(rules.exponential(*np.frexp(uniform)) / exact - 1).max() < 1e-13
    near = 1.0 - np.array([2.0**-53, 1e-9, 1e-3])
    assert rules.exponential(*np.frexp(near)) == pytest.approx(-np.log(near), rel=1e-12)
    for purpose in (rules.CAUSE, rules.LIFE):  # independent of one another
        other = queueing_lanes.draw(bits, purpose)
        assert abs(np.corrcoef(uniform, other)[0, 1]) < 0.01
    for cv2 in (0.0, 0.04, 0.5, 1.0, 2.0, 10.0):
        drawn = queueing_lanes.varying(bits, rules.DURATION, rules.variable(cv2))
        assert drawn.min() >= 0
        assert drawn.mean() == pytest.approx(1.0, abs=0.03)
        assert drawn.var() == pytest.approx(cv2, rel=0.06, abs=1e-12)


def test_everything_works_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = simulate(FULL, SHORT, compiled=True)
    monkeypatch.setattr(queueing_forms, "_READY", [])
    assert form(None) is queueing_lanes.replicate  # nothing prepared yet
    monkeypatch.setitem(sys.modules, "dosecost.analysis.queueing_compiled", None)
    monkeypatch.delattr(sys.modules["dosecost.analysis"], "queueing_compiled", raising=False)
    assert prepare(wait=True) is False
    assert simulate(FULL, SHORT).figures == usual.figures
    with pytest.raises(InputError, match="needs the package numba"):
        simulate(FULL, SHORT, compiled=True)


def test_a_compiled_form_that_differs_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepare(wait=True)
    monkeypatch.setattr(queueing_forms, "_READY", [])
    monkeypatch.setattr(queueing_lanes.rules, "EARLY", 2)
    assert prepare(wait=True) is False


def test_progress_is_told_and_stops_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing, "LANE_PATIENTS", 1_000)
    told: list[float] = []

    def remember(done: float) -> bool:
        told.append(done)
        return len(told) < 3

    with pytest.raises(queueing.Stopped):
        simulate(FULL, SHORT, compiled=False, progress=remember)
    assert len(told) == 3
    assert told == sorted(told)
    assert queueing.portion(None, 0.0, 1.0) is None


@pytest.mark.parametrize(
    "name", ["founder", *(pytest.param(name, marks=pytest.mark.slow) for name in shipped() if name != "founder")]
)
def test_every_input_at_its_bounds_is_simulated_or_refused_in_words(name: str) -> None:
    assert prepare(wait=True)
    s = load(name)
    refused: set[str] = set()
    own = [key for key in rows_in_use(s) if key.split(".")[0] in ("capacity", "demand", "losses", "people", "process")]
    for key in own:
        bounds = inputs.bounds_of(key)
        assert bounds is not None
        for value in (bounds.at_least, bounds.at_most):
            e = evaluate(with_changes(s, {key: value}, "test"))
            try:
                found = simulate(design_of(e), Runs(2.0, 0.5, 5), (14.0,))
            except InputError as error:
                refused.add(error.why.partition(" of ")[2].partition(" days ")[2])
                continue
            assert found.unstable or found.figures, f"{key} = {value}"
            assert all(math.isfinite(number) for figure in found.figures.values() for number in figure)
    assert all(why.startswith("does not fit between two shutdowns") for why in refused)


@settings(max_examples=20)
@given(scenario=scenarios(tenure="lease"))
def test_random_scenarios_keep_the_rules_in_both_forms(scenario: Scenario) -> None:
    design = design_of(evaluate(scenario))
    runs = Runs(2.0, 0.5, 5)
    assert prepare(wait=True)
    one, other = (simulate(design, runs, (14.0,), compiled=each) for each in COMPILED)
    assert one == other
    ends = [name for name in rules.OUTCOMES if name in one.figures]
    if not one.unstable:
        assert sum(one.figures[end].mean for end in ends) == pytest.approx(one.figures["patients"].mean)
        assert one.figures["slot_wait_p50"].mean <= one.figures["slot_wait_p90"].mean
        for resource in one.loads:
            assert -1e-12 <= one.figures[f"used_{resource}"].mean <= 1 + 1e-9
