"""What holds for any scenario: identities, monotone relations, and two paths to one answer (ids of the catalogue)."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dosecost import inputs, ledger, recipes, scenario, trace
from dosecost.evaluation import areas_by_stage, areas_of, cash_of, cost_of, evaluate, rows_in_use, year_of
from dosecost.scenario import Scenario, with_change
from tests.strategies import BASES, STEP_IDS, scenarios

CLOSE = 1e-9
PLATFORMS = list(recipes.load())
SHIPPED = [(name, platform) for name in BASES for platform in PLATFORMS]


def close(a: float, b: float) -> bool:
    """Equal to one part in 10⁹, or to a millionth of a unit."""
    return math.isclose(a, b, rel_tol=CLOSE, abs_tol=1e-6)


def check_identities(s: Scenario) -> None:
    """Everything that must add up in one result."""
    e = evaluate(s)
    cost, funnel = e.cost, e.results.funnel
    assert close(sum(cost.categories.values()), cost.per_patient_infused)
    assert close(sum(cost.steps.values()), cost.per_patient_infused)
    assert close(cost.boundaries[s.choices.boundary], cost.per_patient_infused)
    assert set(cost.categories) == set(ledger.CATEGORIES)
    for month, following in zip(e.cash.months, e.cash.months[1:], strict=False):
        assert following.opening == month.closing
        assert following.stock_opening == month.stock_closing
    for month in e.cash.months:
        assert close(month.closing, month.opening + month.inflow - month.outflow)
        assert close(month.inflow, month.received + month.revenue)
        parts = month.research + month.administration + month.clinical + month.plant + month.capital + month.stock
        assert close(month.outflow, parts)
        assert close(month.stock_closing, month.stock_opening + month.stock_received - month.stock_used)
        assert close(month.stock, month.stock_received - month.stock_used)
        assert month.stock_closing >= 0
        assert month.stock_received >= -1e-9 * month.stock_used
    net = sum(month.inflow - month.outflow for month in e.cash.months)
    assert math.isclose(net, e.cash.months[-1].closing - s.plan.opening_cash, rel_tol=CLOSE, abs_tol=0.01)
    assert close(funnel.patients, funnel.not_admitted + funnel.lost_slot_wait + funnel.collected)
    assert close(funnel.lots_started, funnel.lots_failed + funnel.doses_released)
    by_cause = (
        funnel.failed_patient_material
        + funnel.failed_handling
        + funnel.failed_device
        + funnel.failed_contamination
        + funnel.failed_specification
    )
    assert close(by_cause, funnel.lots_failed)
    assert close(funnel.doses_released, funnel.lost_shipment + funnel.lost_wait_for_infusion + funnel.patients_infused)
    first = funnel.lots_started - funnel.lots_remade
    assert close(funnel.collected, funnel.lost_before_start + funnel.rejected_on_receipt + first)


@pytest.mark.parametrize(("name", "platform"), SHIPPED)
def test_I_01_I_07_I_13_identities_of_shipped_scenarios(name: str, platform: str) -> None:
    check_identities(with_change(BASES[name], "platform", platform, "test"))


@given(scenarios())
def test_I_01_I_07_I_13_identities(s: Scenario) -> None:
    check_identities(s)


@given(scenarios())
def test_I_19_every_output_is_finite(s: Scenario) -> None:
    e = evaluate(s)
    numbers = [line.annual for line in e.results.lines]
    numbers += [*e.cost[:6], *e.results.funnel, *e.results.heads.by_role.values()]
    numbers += [value for month in e.cash.months for value in month[1:]]
    assert all(math.isfinite(number) for number in numbers)
    assert all(line.annual >= -1e-6 for line in e.results.lines)
    assert all(number >= -1e-9 for number in e.results.funnel)


@given(scenarios())
def test_I_18_removing_a_line_lowers_the_total_by_that_line(s: Scenario) -> None:
    lines = evaluate(s).results.lines
    total = ledger.annual_total(lines)
    for i in range(0, len(lines), 17):
        assert close(total - ledger.annual_total(lines[:i] + lines[i + 1 :]), lines[i].annual)


@given(scenarios(failure_convention="stage_wise"), st.data())
def test_I_35_a_higher_price_never_lowers_the_cost(s: Scenario, data: st.DataObject) -> None:
    rows = rows_in_use(s)
    name = data.draw(st.sampled_from([row.name for row in rows.values() if row.is_money]))
    values = inputs.values_in_use(rows, s.inputs, s.currency, s.price_year)
    dearer = with_change(s, name, values[name] * 1.3 + 1, "test")
    assert evaluate(dearer).cost.per_patient_infused >= evaluate(s).cost.per_patient_infused * (1 - CLOSE)


FAILURES = [
    "losses.receipt_rejection",
    "losses.manufacturing_failure",
    "losses.device_failure",
    "losses.handling_per_open_manipulation",
    "losses.out_of_specification",
    "losses.shipment_loss",
]


@given(scenarios(heads="fractional", sizing="fixed_plant", failure_convention="stage_wise"), st.sampled_from(FAILURES))
def test_I_36_a_higher_failure_rate_never_lowers_the_cost_of_a_dose(s: Scenario, name: str) -> None:
    assume(s.choices.remake == "no" or name in ("losses.receipt_rejection", "losses.shipment_loss"))
    rows = rows_in_use(s)
    value = s.inputs.get(name, rows[name].base)
    worse = with_change(s, name, min(0.05 if "open_manip" in name else 0.5, value * 2 + 1e-4), "test")
    before, after = evaluate(s), evaluate(worse)
    assume(after.results.funnel.not_admitted <= 1e-9)
    assert after.cost.per_patient_infused >= before.cost.per_patient_infused * (1 - CLOSE)


@given(scenarios(sizing="size_for_demand"), st.floats(1.01, 4))
def test_I_37_more_patients_never_lower_the_total(s: Scenario, factor: float) -> None:
    more = with_change(s, "demand.patients_per_year", s.inputs["demand.patients_per_year"] * factor, "test")
    before, after = evaluate(s).results, evaluate(more).results
    bought = {line.id: line.annual for line in after.lines}
    for line in before.lines:
        # falls as more of what is paid for is used
        unused = line.id.startswith(("idle.", "materials.expired.", "vector.expired"))
        if line.basis in (ledger.PER_YEAR,) and not unused and f"idle.{line.id}" not in bought:
            assert bought[line.id] >= line.annual * (1 - CLOSE)
    for category in ("vector", "materials"):
        spent = [ledger.by_category(result.lines)[category] for result in (before, after)]
        assert spent[1] >= spent[0] * (1 - CLOSE)
    assert ledger.annual_total(after.lines) >= ledger.annual_total(before.lines) * (1 - CLOSE)


UNITS = st.integers(1, 40)


@given(scenarios(sizing="size_for_demand", tenure="lease"), UNITS, st.sampled_from(["suites", "devices"]))
def test_I_34_I_73_demand_for_exactly_n_rooms_or_devices_buys_n(s: Scenario, n: int, what: str) -> None:
    """The patients whose lots fill n suites, or n limiting devices, reckoned from another size of the plant."""
    e = evaluate(s)
    plant = e.results.plant
    lots_per_patient = plant.lots / e.areas.demand.patients_per_year
    device = e.recipe.limiting_device
    one = plant.lots_per_suite if what == "suites" else plant.ceiling_devices / plant.devices[device]
    patients = n * one / lots_per_patient
    assume(0.1 <= patients <= 20_000)
    full = evaluate(with_change(s, "demand.patients_per_year", patients, "test")).results.plant
    if what == "suites":
        assert full.suites == n
        assert close(full.suites_used, 1.0)
    else:
        assert full.devices[device] == n
        assert close(full.devices_used, 1.0)


@given(scenarios(heads="whole", tenure="lease", sizing="size_for_demand"))
def test_I_73_work_for_exactly_n_operators_hires_n(s: Scenario) -> None:
    """Hours a head are set so that the year's work is that of n operators."""
    none = with_change(s, "people.roles.operator.minimum", 0.0, "test")
    e = evaluate(none)
    heads = e.results.heads
    needed = heads.used["operator"] * heads.by_role["operator"]
    n = math.ceil(needed)
    hours = e.areas.people.productive_hours * needed / n
    assume(hours >= 100)
    full = evaluate(with_change(none, "people.productive_hours", hours, "test")).results.heads
    assert full.by_role["operator"] == n


@given(scenarios(room_grade="from_steps"), st.sampled_from(STEP_IDS))
def test_I_45_closing_a_step_lowers_plates_and_never_raises_the_grade(s: Scenario, step: str) -> None:
    assume(s.choices.tenure != "cdmo")
    opened = with_change(s, f"steps.{step}", "open", "test")
    closed = with_change(s, f"steps.{step}", "closed", "test")
    before, after = evaluate(opened), evaluate(closed)
    assert recipes.GRADES.index(after.results.grade) <= recipes.GRADES.index(before.results.grade)
    assert after.results.plates.per_lot <= before.results.plates.per_lot
    has_manipulations = before.areas.process.steps[step].open_manipulations > 1e-6
    if has_manipulations:
        assert after.results.plates.per_lot < before.results.plates.per_lot


@pytest.mark.parametrize("platform", PLATFORMS)
def test_closing_every_step_in_turn_gives_monotone_plates_and_grade(platform: str) -> None:
    s = with_change(BASES["founder"], "platform", platform, "test")
    plates, grades = [evaluate(s).results.plates.per_lot], [evaluate(s).results.grade]
    for step in STEP_IDS:
        s = with_change(s, f"steps.{step}", "closed", "test")
        result = evaluate(s).results
        plates.append(result.plates.per_lot)
        grades.append(result.grade)
    assert plates == sorted(plates, reverse=True)
    assert plates[-1] == 0
    ranks = [recipes.GRADES.index(grade) for grade in grades]
    assert ranks == sorted(ranks, reverse=True)


@given(scenarios(sizing="size_for_demand"), st.floats(0.3, 2.5))
def test_I_51_money_times_k(s: Scenario, k: float) -> None:
    rows = rows_in_use(s)
    values = inputs.values_in_use(rows, s.inputs, s.currency, s.price_year)
    assume(all(values[name] * k < 1e12 for name in rows))
    own = dict(s.inputs) | {name: values[name] * k for name, row in rows.items() if row.is_money}
    before = cost_of(s.choices, year_of(s, areas_of(s)))
    scaled = replace(s, inputs=own)
    after = cost_of(s.choices, year_of(scaled, areas_of(scaled)))
    assert close(after.per_patient_infused, before.per_patient_infused * k)
    assert close(after.fixed_share, before.fixed_share)


@given(scenarios(), st.integers(0, 2**32 - 1))
def test_I_64_the_scalar_result_is_a_row_of_an_array_run(s: Scenario, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rows_in_use(s)
    free = [name for name, row in rows.items() if name not in s.inputs and row.low < row.high]
    draws = {name: rng.uniform(rows[name].low, rows[name].high, 3) for name in free}
    areas = areas_of(s, given=draws)
    results = year_of(s, areas)
    headline = cost_of(s.choices, results).per_patient_infused
    lowest = cash_of(s, areas, results, areas_by_stage(s, areas, staged(s, draws))).lowest
    for i in range(3):
        one = {name: float(values[i]) for name, values in draws.items()}
        alone = areas_of(s, given=one)
        row = year_of(s, alone)
        assert math.isclose(np.broadcast_to(headline, 3)[i], cost_of(s.choices, row).per_patient_infused, rel_tol=1e-11)
        money = cash_of(s, alone, row, areas_by_stage(s, alone, staged(s, one)))
        assert math.isclose(np.broadcast_to(lowest, 3)[i], money.lowest, rel_tol=1e-9, abs_tol=1e-3)


def staged(s: Scenario, draws: dict[str, object]) -> dict[str, object]:
    """Draws of inputs whose row is the same at every stage."""
    stages = [rows_in_use(s, phase.stage) for phase in s.plan.phases]
    rows = rows_in_use(s)
    return {name: value for name, value in draws.items() if all(other[name] == rows[name] for other in stages)}


@given(scenarios())
@pytest.mark.slow
def test_the_traced_number_gives_the_float_and_never_branches(s: Scenario) -> None:
    rows = rows_in_use(s)
    values = inputs.values_in_use(rows, s.inputs, s.currency, s.price_year)
    areas = trace.traced_areas(values)
    results = year_of(s, areas)
    cost = cost_of(s.choices, results)
    money = cash_of(s, areas, results, areas_by_stage(s, areas))
    e = evaluate(s)
    assert trace.value_of(cost.per_patient_infused) == e.cost.per_patient_infused
    assert trace.value_of(money.lowest) == e.cash.lowest
    assert trace.inputs_behind(cost.per_patient_infused) <= set(rows)


@given(scenarios())
def test_I_58_a_choice_switched_on_and_off_leaves_the_scenario_as_it_was(s: Scenario) -> None:
    other = next(p for p in PLATFORMS if p != s.choices.platform)
    back = with_change(with_change(s, "platform", other, "test"), "platform", s.choices.platform, "test")
    assert back == s
    assert back.digest == s.digest


@given(scenarios())
def test_I_68_save_and_load(s: Scenario) -> None:
    again = scenario.parse(scenario.dump(s), "file")
    assert again == s
    assert again.digest == s.digest
