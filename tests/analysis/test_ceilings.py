"""Ceilings and the next purchase: hand-worked from the definitions, and against the model's own runs."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings

from dosecost import scenario
from dosecost.analysis.ceilings import Ceiling, as_it_is, ceilings, lots_per_patient, one_more, purchases, whole_cost
from dosecost.analysis.purchases import DEVICE, HEAD, SUITE, Mark, Steps, marks, steps, volumes_to_twice
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation, evaluate
from dosecost.ledger import annual_total
from dosecost.scenario import Scenario, load, with_changes
from tests.strategies import scenarios

SHIPPED = scenario.shipped()


@cache
def shipped(name: str) -> Evaluation:
    return evaluate(load(name))


def found(e: Evaluation) -> dict[str, Ceiling]:
    return {one.resource: one for one in ceilings(e)}


def test_ceilings_of_the_founder_worked_by_hand() -> None:
    e = shipped("founder")
    known, plant = found(e), e.results.plant
    days = (365 - 7 * 3) * 0.69  # operating days at the planning utilisation of this platform
    assert known["suites"].lots == pytest.approx(3 * days / 11.86)
    assert known["incubator"].lots == pytest.approx(2 * days / 11.0)
    assert known["centrifuge"].lots == pytest.approx(days / plant.device_days_per_lot["centrifuge"])
    operators = 9 * plant.lots / (e.results.heads.used["operator"] * 9)
    assert known["operator"].lots == pytest.approx(operators)
    assert [one.resource for one in ceilings(e)][:3] == ["operator", "incubator", "qa_specialist"]
    assert {one.resource for one in known.values() if one.decided} == {"suites", "incubator"}


def test_plates_of_the_rooms_are_read_without_any_lot() -> None:
    e = shipped("academic")
    analyst = found(e)["qc_analyst"]
    a, plates = e.areas, e.results.plates
    hours = plates.routine_per_year * a.monitoring.reading_minutes / 60
    heads = hours / (a.people.productive_hours * a.people.working_share) * a.people.cover
    assert analyst.standing == pytest.approx(heads / 2)
    # The hours of a lot fill what is left of two analysts.
    assert analyst.used_at(analyst.lots) == pytest.approx(1.0)
    assert analyst.used_at(0.0) == analyst.standing
    assert analyst.used_at(e.results.plant.lots) == pytest.approx(analyst.used)


@pytest.mark.parametrize("name", SHIPPED)
def test_at_its_ceiling_a_role_is_full_and_a_lot_more_needs_another_head(name: str) -> None:
    """Where the wait does not change: the heads that the model hires around the ceiling of each role."""
    e = evaluate(with_changes(load(name), {"demand.drop_out_per_week": 0.0}, "test"))
    for one in ceilings(e):
        if one.kind == "people" and one.lots < e.results.plant.ceiling * 0.999:
            at = [as_it_is(e, one.lots * share / lots_per_patient(e)) for share in (0.9999, 1.0001)]
            assert [year.heads.by_role[one.resource] for year in at] == [one.number, one.number + 1]


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_nothing_is_used_beyond_itself_and_the_bottleneck_is_the_least(s: Scenario) -> None:
    e = evaluate(s)
    if s.choices.tenure == "cdmo":
        with pytest.raises(InputError, match="under contract"):
            ceilings(e)
        return
    known = ceilings(e)
    assert all(0 <= one.standing <= one.used <= 1 + 1e-9 for one in known)
    assert known[0].lots == min(one.lots for one in known)
    assert known[0].lots <= e.results.plant.ceiling * (1 + 1e-9)
    assert known[0].lots >= e.results.plant.lots * (1 - 1e-9)
    assert known[0].used_at(known[0].lots) == pytest.approx(1.0)
    for bought in purchases(e):
        assert bought.alone.more >= 0
        assert bought.followed.more >= 0
        assert bought.alone.after <= bought.followed.after * (1 + 1e-9)
        assert (bought.per_patient_full is None) == (bought.own.more <= 1e-9 * bought.own.before)
        assert np.isfinite([bought.annual, bought.per_patient]).all()


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("resource", "key"), [("suites", "suites_installed"), ("device", "devices_installed")])
def test_one_more_is_a_run_of_the_model_with_one_more_installed(name: str, resource: str, key: str) -> None:
    e = shipped(name)
    device = e.recipe.limiting_device
    installed = {
        "sizing": "fixed_plant",
        "boundary": "fully_loaded",
        "capacity.suites_installed": e.results.plant.suites,
        "capacity.devices_installed": e.results.plant.devices[device],
    }
    now = evaluate(with_changes(e.scenario, installed, "test"))
    count = installed[f"capacity.{key}"]
    assert isinstance(count, float)
    then = evaluate(with_changes(e.scenario, installed | {f"capacity.{key}": count + 1}, "test"))
    bought = next(one for one in purchases(e) if one.resource == (device if resource == "device" else resource))
    assert bought.annual == pytest.approx(annual_total(then.results.lines) - annual_total(now.results.lines))
    change = then.cost.per_patient_infused - now.cost.per_patient_infused
    assert bought.per_patient == pytest.approx(change)
    assert bought.own == bought.followed
    assert bought.followed.before == pytest.approx(now.results.plant.ceiling)
    assert bought.followed.after == pytest.approx(then.results.plant.ceiling)
    assert bought.alone.before == ceilings(e)[0].lots
    if bought.per_patient_full is not None:
        filled = [
            evaluate(with_changes(plant.scenario, {"demand.patients_per_year": rate}, "test"))
            for plant, rate in ((now, bought.patients_before), (then, bought.patients_full))
        ]
        assert [year.results.plant.lots for year in filled] == pytest.approx(
            [bought.followed.before, bought.followed.after]
        )
        without, with_it = (year.cost.per_patient_infused for year in filled)
        assert bought.per_patient_full == pytest.approx(with_it - without)


def test_one_more_head_is_a_larger_smallest_team() -> None:
    e = shipped("founder")
    bought = next(one for one in purchases(e) if one.resource == "operator")
    team = evaluate(with_changes(e.scenario, {"people.roles.operator.minimum": 10, "boundary": "fully_loaded"}, "t"))
    assert team.results.heads.by_role["operator"] == 10
    assert bought.annual == pytest.approx(annual_total(team.results.lines) - annual_total(e.results.lines))
    # Ten operators could make 47.3 lots, but two incubators make 43.2.
    ten = e.results.plant.lots * 10 / (e.results.heads.used["operator"] * 9)
    assert ten > e.results.plant.ceiling_devices
    assert (bought.own.after, bought.own.then) == (pytest.approx(e.results.plant.ceiling_devices), "incubator")


def test_every_purchase_starts_from_the_same_two_plants() -> None:
    """Founder: operators stop the plant at 42.6 lots, incubators at 2 × 21.6 once people are hired along."""
    e = shipped("founder")
    found_, incubators = {one.resource: one for one in purchases(e)}, e.results.plant.ceiling_devices
    as_now = 9 * e.results.plant.lots / (e.results.heads.used["operator"] * 9)
    assert [one.alone.before for one in found_.values()] == pytest.approx([as_now] * len(found_))
    assert [one.followed.before for one in found_.values()] == pytest.approx([incubators] * len(found_))
    suite, incubator, analyst = found_["suites"], found_["incubator"], found_["qc_analyst"]
    assert (suite.alone.more, suite.alone.then) == (0.0, "operator")
    assert (suite.followed.more, suite.followed.then) == (0.0, "incubator")
    assert (incubator.alone.more, incubator.alone.then) == (0.0, "operator")
    suites = 3 * (365 - 7 * 3) * 0.69 / 11.86
    assert (incubator.followed.after, incubator.followed.then) == (pytest.approx(suites), "suites")
    assert (analyst.alone.more, analyst.followed.more) == (0.0, 0.0)


def test_a_purchase_is_not_credited_with_room_that_is_there() -> None:
    """Robotic: the QA team takes 61.9 lots, 40 patients ask for 40.8. Another specialist is set against the plant that
    makes 61.9, not against the one that makes 40.8."""
    e = evaluate(with_changes(load("founder"), {"platform": "robotic"}, "test"))
    bought = next(one for one in purchases(e) if one.resource == "qa_specialist")
    per, first = lots_per_patient(e), ceilings(e)[0]
    assert first.resource == "qa_specialist"
    assert bought.patients_before == pytest.approx(first.lots / per)
    assert bought.patients_before > 60 > 40
    without = whole_cost(e, as_it_is(e, first.lots / per))
    assert bought.per_patient_full is not None
    with_it = whole_cost(e, one_more(e, first, bought.patients_full))
    assert bought.per_patient_full == pytest.approx(with_it - without)
    assert bought.per_patient_full > with_it - whole_cost(e, as_it_is(e, 40.0)) + 50_000


def test_one_more_of_a_device_that_does_not_limit_is_paid_for() -> None:
    e = shipped("founder")
    more = one_more(e, found(e)["centrifuge"], 40.0)
    assert more.plant.devices["centrifuge"] == 2
    assert annual_total(more.lines) > annual_total(as_it_is(e, 40.0).lines)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_plant_as_it_is_costs_what_it_costs(name: str) -> None:
    e = shipped(name)
    again = as_it_is(e, e.areas.demand.patients_per_year)
    assert annual_total(again.lines) == pytest.approx(annual_total(e.results.lines))
    assert whole_cost(e, again) == pytest.approx(e.cost.boundaries["fully_loaded"])


# ---- steps ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_marks_stand_where_the_models_counts_change(name: str) -> None:
    e = shipped(name)
    volumes = np.arange(5.0, 65.0)
    drawn = steps(e, volumes)
    device = e.recipe.limiting_device
    years = [
        evaluate(with_changes(e.scenario, {"demand.patients_per_year": v, "boundary": "fully_loaded"}, "t"))
        for v in volumes
    ]
    assert drawn.cost == pytest.approx([year.cost.per_patient_infused for year in years])
    counted = {
        SUITE: [year.results.plant.suites for year in years],
        DEVICE: [year.results.plant.devices[device] for year in years],
        HEAD: [year.results.heads.total for year in years],
    }
    wanted = [
        Mark(kind, volumes[i], counts[i], counts[i] - counts[i - 1])
        for kind, counts in counted.items()
        for i in range(1, len(volumes))
        if counts[i] > counts[i - 1]
    ]
    assert sorted(marks(drawn)) == sorted(wanted)


def test_fractions_of_people_are_not_marked() -> None:
    flat = np.array([1.0, 1.0])
    drawn = Steps(np.array([1.0, 2.0]), flat, {SUITE: flat, DEVICE: flat, HEAD: np.array([1.0, 1.5])})
    assert marks(drawn, fractional_heads=True) == []
    assert marks(drawn) == [Mark(HEAD, 2.0, 1.5, 0.5)]


@pytest.mark.parametrize("patients", [0.3, 7.0, 40.5, 500.0, 20_000.0])
def test_volumes_reach_twice_the_present_one_and_hold_it(patients: float) -> None:
    volumes = volumes_to_twice(patients)
    assert patients in volumes
    assert volumes[-1] >= max(20.0, 2 * patients) * 0.99
    assert len(volumes) <= 602


def test_a_contract_has_no_steps() -> None:
    e = evaluate(with_changes(load("founder"), {"tenure": "cdmo"}, "test"))
    with pytest.raises(InputError, match="under contract"):
        steps(e, [1.0])


def test_a_refused_demand_fills_the_installed_plant() -> None:
    """Demand beyond what is installed: the ceiling stays, and one more of the binding resource admits more."""
    fixed = {"sizing": "fixed_plant", "capacity.suites_installed": 1, "capacity.devices_installed": 5}
    e = evaluate(with_changes(load("founder"), fixed, "test"))
    assert e.results.funnel.not_admitted > 0
    suites = found(e)["suites"]
    assert suites.used == pytest.approx(1.0)
    bought = next(one for one in purchases(e) if one.resource == "suites")
    assert bought.own.after == pytest.approx(2 * bought.own.before)
    assert bought.per_patient < 0
