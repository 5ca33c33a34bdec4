"""Demand that grows: by hand, against the cost model year by year, and what the plant does not let through."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dosecost import trace
from dosecost.evaluation import Evaluation, areas_by_stage, areas_of, at_rate, cash_of, evaluate, recipe_of, year_of
from dosecost.feasibility import check
from dosecost.plan import Plan, stretch_starts, stretches
from dosecost.quantities.demand import Demand, grown
from dosecost.scenario import Scenario, dump, load, parse, with_changes
from tests.quantities.builders import exactly, stated
from tests.test_cash import PLAN, SETUP, TRIAL


def growing(name: str = "founder", **changed: object) -> Scenario:
    """The last phase grows; months of an existing plant, so that phases start as planned."""
    last = load(name).plan.phases[-1].id
    keys = {key.replace("__", "."): value for key, value in changed.items()}
    fixed = {"plan.plant": "existing", "plan.horizon_months": 120, f"plan.phases.{last}.demand": "growing"}
    return with_changes(load(name), fixed | keys, "test")


def test_a_rate_grows_by_its_share_each_year() -> None:
    demand = stated(Demand, growth_per_year=0.5)
    assert [grown(demand, years) for years in range(4)] == exactly([1.0, 1.5, 2.25, 3.375])


def test_a_phase_of_growing_demand_is_its_years() -> None:
    """A horizon of 30 months holds three years at most; the years of a phase follow its own start."""
    plan: Plan = replace(PLAN, horizon_months=30.0, phases=(SETUP, replace(TRIAL, demand="growing"), TRIAL))
    parts = [(part.phase.id, part.year) for part in stretches(plan)]
    assert parts == [("setup", 0), ("trial", 0), ("trial", 1), ("trial", 2), ("trial", 0)]
    assert stretch_starts(plan, [1.0, 7.0, 22.0]) == [1.0, 7.0, 19.0, 31.0, 22.0]


def rate_in(e: Evaluation, month: int) -> float:
    return float(e.cash.months[month - 1].patients_asking) * 12


@pytest.mark.parametrize("name", ["founder", "academic", "investor"])
def test_each_year_is_a_run_of_the_model_at_its_own_rate(name: str) -> None:
    s = growing(name)
    e = evaluate(s)
    start = int(e.cash.milestones[-1].start)
    phase, growth = s.plan.phases[-1], e.areas.demand.growth_per_year
    full = e.areas.demand.patients_per_year
    for year in range((120 - start) // 12 + 1):
        month = e.cash.months[start + 12 * year - 1]
        share = phase.share_of_demand * (1 + growth) ** year
        run = at_rate(areas_of(s, phase.stage), recipe_of(s), s.choices, share, e.results)
        assert month.patients_asking * 12 == exactly(full * share)
        assert month.patients_infused * 12 == exactly(run.funnel.patients_infused)
        assert month.patients_refused * 12 == exactly(run.funnel.not_admitted)
        assert month.clinical == exactly(phase.clinical_per_patient * run.funnel.collected / 12)
    flat = evaluate(with_changes(s, {f"plan.phases.{phase.id}.demand": "flat"}, "test"))
    assert [m.patients_infused for m in e.cash.months[: start + 11]] == [
        m.patients_infused for m in flat.cash.months[: start + 11]
    ]


def test_what_the_ceiling_does_not_let_through_is_not_treated_and_said() -> None:
    s = growing(demand__growth_per_year=0.6)
    e = evaluate(s)
    most = e.results.plant.ceiling / e.results.plant.lots * (e.results.funnel.patients - e.results.funnel.not_admitted)
    for month in e.cash.months:
        asking = month.patients_asking * 12
        assert month.patients_refused * 12 == pytest.approx(max(0.0, asking - most), abs=1e-6 * most)
    first = next(month for month in e.cash.months if month.patients_refused > 1e-6)
    (said,) = [finding for finding in check(e) if finding.about == "plan.demand"]
    assert said.text.startswith(f"The plant is full from month {first.month} on: ")
    assert f"{first.patients_refused * 12:.1f} of {first.patients_asking * 12:.1f} patients a year" in said.text
    assert not [finding for finding in check(evaluate(growing(demand__growth_per_year=0.0))) if "full" in finding.text]


def test_a_growing_plan_buys_the_devices_that_do_not_limit_for_the_ceiling() -> None:
    s = growing(plan__plant="new")
    e = evaluate(s)
    flat = evaluate(with_changes(s, {f"plan.phases.{s.plan.phases[-1].id}.demand": "flat"}, "test"))
    share = e.results.plant.ceiling / e.results.plant.lots
    most = at_rate(e.areas, recipe_of(s), s.choices, share, e.results)
    ready = int(e.cash.ready)
    assert sum(m.capital for m in e.cash.months[: ready - 1]) == exactly(most.invested)
    assert sum(m.capital for m in flat.cash.months[: ready - 1]) == exactly(flat.results.invested)
    assert most.invested >= flat.results.invested
    assert most.plant.devices[e.recipe.limiting_device] == e.results.plant.devices[e.recipe.limiting_device]


def test_no_growth_is_flat() -> None:
    s = growing(demand__growth_per_year=0.0)
    flat = evaluate(with_changes(s, {f"plan.phases.{s.plan.phases[-1].id}.demand": "flat"}, "test"))
    for month, same in zip(evaluate(s).cash.months, flat.cash.months, strict=True):
        assert month.plant == exactly(same.plant)
        assert month.patients_infused == exactly(same.patients_infused)


@pytest.mark.parametrize(
    ("changed", "about", "text"),
    [
        (
            {"plan__phases__phase_2__demand": "flat", "demand__growth_per_year": 0.3},
            "demand.growth_per_year",
            "only in",
        ),
        ({"plan__phases__phase_2__share_of_demand": 0}, "plan.phases.phase_2.demand", "has no patients"),
        ({"plan__horizon_months": 50}, "plan.phases.phase_2.demand", "a year at most"),
    ],
)
def test_growth_for_nothing_is_said(changed: dict[str, object], about: str, text: str) -> None:
    found = [finding for finding in check(evaluate(growing(**changed))) if finding.about == about]
    assert [text in finding.text for finding in found] == [True]


def test_a_file_without_the_choice_is_flat_and_stays_as_it_was() -> None:
    s = growing()
    assert parse(dump(s), "test") == s
    assert "demand" not in load("founder").body()["plan"]["phases"][0]
    back = with_changes(s, {"plan.phases.phase_2.demand": "flat"}, "test")
    assert back.body()["plan"]["phases"] == load("founder").body()["plan"]["phases"]


def test_I_64_draws_of_the_growth_run_together_as_they_run_alone_and_as_traced() -> None:
    s = growing(heads="fractional")
    growth = np.array([0.0, 0.08, 0.18, 0.35, 1.5])

    def closing(given: Any) -> Any:
        values = {"demand.growth_per_year": given}
        a = areas_of(s, given=values)
        return [m.closing for m in cash_of(s, a, year_of(s, a), areas_by_stage(s, a, values)).months]

    together = closing(growth)
    for i, one in enumerate(growth):
        alone = closing(float(one))
        assert [np.broadcast_to(month, 5)[i] for month in together] == pytest.approx(alone, rel=1e-11)
        traced = closing(trace.Traced(float(one), name="demand.growth_per_year"))
        assert [float(trace.value_of(month)) for month in traced] == pytest.approx(alone, rel=1e-11)
    assert "demand.growth_per_year" in trace.inputs_behind(traced[-1])
