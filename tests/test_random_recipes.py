"""Invariants over random processes: steps in, out and changed, on any platform."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost import recipes, rules, scenario, step_edits, step_library
from dosecost.evaluation import evaluate, recipe_of
from dosecost.scenario import Scenario, with_change
from tests.strategies import scenarios

OWN = recipes.load()["manual_open"].steps
OPTIONAL = [step.id for step in OWN if not step.required and step.group != "room"]
GROUPS = [group for group in recipes.GROUPS if group != "room"]
devices = st.lists(st.sampled_from(step_edits.devices()), max_size=2, unique=True)
materials = st.lists(st.sampled_from(step_edits.materials()), max_size=3, unique=True)


@st.composite
def added(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A step of one's own."""
    return {
        "id": name,
        "label": f"Step {name}",
        "group": draw(st.sampled_from(GROUPS)),
        "exposure": draw(st.sampled_from(recipes.EXPOSURES)),
        "crew": draw(st.sampled_from(recipes.CREWS)),
        "devices": draw(devices),
        "materials": draw(materials),
        "days": draw(st.floats(0.01, 3)),
        "hands_on_hours": draw(st.floats(0, 10)),
        "open_manipulations": draw(st.floats(0, 8)),
    }


@st.composite
def processes(draw: st.DrawFn) -> Scenario:
    """A random scenario in rooms of its own with a random process."""
    s = draw(scenarios(tenure="lease", room_grade="from_steps", sizing="size_for_demand"))
    removed = draw(st.lists(st.sampled_from(OPTIONAL), max_size=3, unique=True))
    changed = [
        {
            "id": name,
            "crew": draw(st.sampled_from(recipes.CREWS)),
            "devices": draw(devices),
            "materials": draw(materials),
        }
        for name in draw(st.lists(st.sampled_from(["harvest", "fill"]), max_size=2, unique=True))
        if name not in removed
    ]
    extra = [draw(added(f"own_{i}")) for i in range(draw(st.integers(0, 3)))]
    library = draw(st.lists(st.sampled_from(sorted(step_library.optional_steps())), max_size=3, unique=True))
    edits = {"optional": library, "removed": removed, "changed": changed, "added": extra}
    return with_change(s, step_edits.KEY, edits, "test")


@given(processes())
def test_I_45_closing_all_steps_one_by_one_never_adds_plates_or_raises_the_grade(s: Scenario) -> None:
    before = evaluate(s)
    steps = [step.id for step in recipe_of(s).steps if step.exposure != "closed" and step.group != "room"]
    for step in steps:
        s = with_change(s, f"steps.{step}", "closed", "test")
        after = evaluate(s)
        assert after.results.plates.per_lot <= before.results.plates.per_lot * (1 + 1e-12)
        assert recipes.GRADES.index(after.results.grade) <= recipes.GRADES.index(before.results.grade)
        assert after.results.work.open_manipulations <= before.results.work.open_manipulations
        assert after.results.work.closed_connections >= before.results.work.closed_connections
        assert rules.overrides(after, rules.RULES[0]) == []
        before = after
    assert before.results.work.open_manipulations == 0.0
    assert not before.results.any_open
    lines = {line.id: line for line in before.results.lines}
    assert lines["quality.aseptic_qualification"].annual == 0.0
    assert lines["materials.closed_step_sets"].quantity == pytest.approx(
        before.results.funnel.lots_started * before.results.work.closed_by_choice
    )


@given(processes(), st.floats(1.05, 3))
def test_I_43_a_longer_step_never_makes_a_suite_or_a_device_faster(s: Scenario, factor: float) -> None:
    step = next(step for step in recipe_of(s).steps if step.id == "harvest")
    name = f"process.steps.{step.id}.days"
    before = evaluate(s)
    longer = with_change(s, name, min(60.0, before.areas.process.steps[step.id].days * factor), "test")
    after = evaluate(longer)
    assert after.results.plant.lots_per_suite <= before.results.plant.lots_per_suite * (1 + 1e-12)
    assert after.results.work.room_days >= before.results.work.room_days


@given(processes())
def test_the_ledger_and_the_lot_add_up_for_any_process(s: Scenario) -> None:
    e = evaluate(s)
    assert sum(e.cost.categories.values()) == pytest.approx(e.cost.per_patient_infused, rel=1e-9)
    assert sum(e.cost.steps.values()) == pytest.approx(e.cost.per_patient_infused, rel=1e-9)
    assert sum(step.hours for step in e.results.work.steps) == pytest.approx(e.results.work.operator_hours, rel=1e-12)
    ids = {step.id for step in e.recipe.steps} | {"", "release"}
    assert {line.step for line in e.results.lines} <= ids
    assert scenario.parse(scenario.dump(s), "test") == s


@given(processes())
def test_one_more_step_never_takes_less_work_or_fewer_materials(s: Scenario) -> None:
    """More to do is never less to pay for; in front of the culture, so that nothing else shifts."""
    step = {
        "id": "one_more",
        "label": "One more",
        "group": "front_end",
        "exposure": "open",
        "crew": "rule",
        "devices": [],
        "materials": ["buffer"],
        "days": 0.2,
        "hands_on_hours": 2.0,
        "open_manipulations": 1.0,
    }
    edits = s.step_edits.body()
    edits["added"] = [*edits.get("added", []), step]
    before, after = evaluate(s), evaluate(with_change(s, step_edits.KEY, edits, "test"))
    assert after.results.work.operator_hours > before.results.work.operator_hours
    assert after.results.work.open_manipulations == pytest.approx(before.results.work.open_manipulations + 1.0)
    assert after.results.plates.per_lot >= before.results.plates.per_lot
