"""The user's own process: steps out, in, changed and in another order, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from dosecost import recipes, scenario, step_edits
from dosecost.analysis.bridge import bridge
from dosecost.analysis.changes import changes
from dosecost.errors import InputError
from dosecost.evaluation import evaluate, recipe_of
from dosecost.scenario import Scenario, with_change

FOUNDER = scenario.load("founder")
EDITING: dict[str, Any] = {
    "id": "editing",
    "label": "Gene editing",
    "group": "culture",
    "exposure": "open",
    "crew": "rule",
    "devices": ["centrifuge"],
    "materials": ["buffer"],
    "days": 0.5,
    "hands_on_hours": 3.0,
    "open_manipulations": 4.0,
}


def edited(**edits: Any) -> Scenario:
    """The founder's scenario with edits."""
    return with_change(FOUNDER, step_edits.KEY, edits, "test")


def ids(s: Scenario) -> list[str]:
    """Its steps in order."""
    return [step.id for step in recipe_of(s).steps]


def test_no_edits_leave_the_file_as_it_was() -> None:
    assert step_edits.KEY not in scenario.dump(FOUNDER)
    assert with_change(FOUNDER, step_edits.KEY, {}, "test") == FOUNDER


def test_an_added_step_brings_its_hours_manipulations_and_materials() -> None:
    """By hand: 3 h of two people; 4 more manipulations; 1 / 1.1 of a lot's buffer price more for each lot."""
    wanted = [step.id for step in recipe_of(FOUNDER).steps]
    wanted.insert(wanted.index("activation") + 1, "editing")
    s = edited(added=[EDITING | {"group": "front_end"}], order=wanted)
    assert ids(s) == wanted
    before, after = evaluate(FOUNDER), evaluate(s)
    work, was = after.results.work, before.results.work
    step = next(step for step in work.steps if step.id == "editing")
    people = after.areas.process.people_per_open_step
    assert step.hours == pytest.approx(3.0 * people)
    assert step.open_manipulations == 4.0
    assert work.open_manipulations == was.open_manipulations + 4.0
    line = next(line for line in after.results.lines if line.id == "materials.editing.buffer")
    assert line.annual == pytest.approx(after.results.funnel.lots_started * after.areas.materials.items["buffer"].price)


def test_an_added_culture_step_shares_the_culture_length() -> None:
    """The culture takes the days that the user set, however many steps share them."""
    s = edited(added=[EDITING])
    culture = sum(step.days for step in evaluate(s).results.work.steps if step.group == "culture")
    assert culture == pytest.approx(evaluate(s).areas.process.culture_days)


def test_a_removed_step_takes_its_work_and_materials_along() -> None:
    s = edited(removed=["thaw_wash"])
    before, after = evaluate(FOUNDER), evaluate(s)
    gone = next(step for step in before.results.work.steps if step.id == "thaw_wash")
    assert after.results.work.operator_hours == pytest.approx(before.results.work.operator_hours - gone.hours)
    assert not [line for line in after.results.lines if line.step == "thaw_wash"]


def test_a_changed_step_has_its_crew_devices_and_materials() -> None:
    change = {
        "id": "harvest",
        "crew": "single",
        "devices": ["counterflow_centrifuge"],
        "materials": ["processing_kits"],
    }
    s = edited(changed=[change])
    e = evaluate(s)
    harvest = next(step for step in e.results.work.steps if step.id == "harvest")
    assert harvest.people == 1.0
    assert e.results.plant.devices["counterflow_centrifuge"] >= 1.0
    assert [line.id for line in e.results.lines if line.step == "harvest"] == ["materials.harvest.processing_kits"]


def test_a_kept_item_keeps_its_amount() -> None:
    expansion = next(step for step in recipes.load()["manual_open"].steps if step.id == "expansion")
    items = [entry.item for entry in expansion.materials]
    same = {"id": "expansion", "crew": expansion.crew, "devices": list(expansion.devices), "materials": items}
    assert evaluate(edited(changed=[same])).cost == evaluate(FOUNDER).cost


def test_without_a_selection_nothing_is_lost_there() -> None:
    cells = evaluate(edited(removed=["selection"])).results.cells
    assert cells.selected == cells.collected


@pytest.mark.parametrize("platform", recipes.load())
def test_another_crew_leaves_the_devices_and_materials_of_every_platform(platform: str) -> None:
    crew = with_change(edited(changed=[{"id": "expansion", "crew": "single"}]), "platform", platform, "test")
    as_it_is = recipe_of(with_change(FOUNDER, "platform", platform, "test"))
    assert recipe_of(crew).devices == as_it_is.devices
    assert recipe_of(crew).limiting_device == as_it_is.limiting_device
    assert [(s.devices, s.materials) for s in recipe_of(crew).steps] == [
        (s.devices, s.materials) for s in as_it_is.steps
    ]


def test_order_alone_costs_nothing() -> None:
    s = edited(order=["selection", "thaw_wash"])
    assert ids(s).index("selection") < ids(s).index("thaw_wash")
    assert sorted(ids(s)) == sorted(ids(FOUNDER))
    assert evaluate(s).cost.per_patient_infused == pytest.approx(evaluate(FOUNDER).cost.per_patient_infused, rel=1e-12)


@pytest.mark.parametrize("platform", recipes.load())
def test_edits_hold_on_every_platform(platform: str) -> None:
    s = with_change(edited(added=[EDITING], removed=["selection"]), "platform", platform, "test")
    assert "editing" in ids(s)
    assert "selection" not in ids(s)
    assert evaluate(s).cost.per_patient_infused > 0


def test_a_device_that_no_step_occupies_is_not_bought() -> None:
    without = [
        {"id": name, "crew": "rule", "devices": [], "materials": []} for name in ("thaw_wash", "selection", "harvest")
    ]
    assert "centrifuge" not in evaluate(edited(changed=without)).results.plant.devices


def test_the_limiting_device_follows_the_culture() -> None:
    cultures = [step.id for step in recipes.load()["manual_open"].steps if step.is_culture]
    rocking = [{"id": name, "crew": "rule", "devices": ["rocking_bioreactor"], "materials": []} for name in cultures]
    assert recipe_of(edited(changed=rocking)).limiting_device == "rocking_bioreactor"


def test_edits_are_saved_linked_compared_and_bridged() -> None:
    s = edited(added=[EDITING], removed=["thaw_wash"])
    assert scenario.parse(scenario.dump(s), "test") == s
    (change,) = changes(FOUNDER, s)
    assert (change.key, change.before, change.after) == (
        step_edits.KEY,
        "as the platform has them",
        "1 added, 1 removed",
    )
    (bar,) = bridge(FOUNDER, s)
    moved = evaluate(s).cost.per_patient_infused - evaluate(FOUNDER).cost.per_patient_infused
    assert bar.contribution == pytest.approx(moved)


def test_an_added_step_can_be_closed_and_takes_that_along_when_it_goes() -> None:
    s = with_change(edited(added=[EDITING]), "steps.editing", "closed", "test")
    step = next(step for step in recipe_of(s).steps if step.id == "editing")
    assert (step.exposure, step.closed_by_choice) == ("closed", True)
    assert "editing" not in with_change(s, step_edits.KEY, {}, "test").steps


def broken(**parts: Any) -> dict[str, Any]:
    """The added step with something wrong."""
    return {"added": [EDITING | parts]}


@pytest.mark.parametrize(
    ("edits", "named"),
    [
        (broken(hands_on_hours=-1.0), "step_edits.added.editing.hands_on_hours: -1.0 is out of range"),
        (broken(days=0.0), "step_edits.added.editing.days"),
        (broken(days="two"), "step_edits.added.editing.days: 'two' is not a number"),
        (broken(devices=["teleporter"]), "step_edits.added.editing.devices: 'teleporter' is not one of"),
        (broken(materials=["gold"]), "step_edits.added.editing.materials: 'gold' is not one of"),
        (broken(id="harvest"), "step_edits.harvest: two steps with one name"),
        (broken(id="two words"), "step_edits.added.two words.id"),
        (broken(group="room"), "step_edits.added.editing.group"),
        (broken(exposure="ajar"), "step_edits.added.editing.exposure"),
        (broken(label=" "), "step_edits.added.editing.label"),
        ({"added": [{key: value for key, value in EDITING.items() if key != "crew"}]}, "missing: crew"),
        ({"added": [EDITING, EDITING]}, "step_edits.editing: two steps with one name"),
        ({"removed": ["harvest"]}, "a lot cannot do without harvest"),
        ({"removed": ["magic"]}, "step_edits.removed: 'magic' is no step here"),
        ({"removed": ["fill", "fill"]}, "'fill' is there twice"),
        ({"order": ["magic"]}, "step_edits.order: 'magic' is no step here"),
        ({"changed": [{"id": "harvest"}]}, "step_edits.changed.harvest: changes nothing"),
        (broken(id="release"), "step_edits.added.release.id: 'release' is taken"),
        ({"changed": "all"}, "step_edits.changed: needs a list"),
        ({"moved": []}, "unknown key 'moved'"),
        ([], "step_edits: needs an object"),
    ],
)
def test_nonsense_is_refused_with_the_step_named(edits: Any, named: str) -> None:
    with pytest.raises(InputError, match=r".*") as error:
        with_change(FOUNDER, step_edits.KEY, edits, "test")
    assert named in str(error.value)


@pytest.mark.parametrize("way", [lambda d: [], lambda d: ["incubator"]])
def test_a_process_without_a_culture_device_is_refused(way: Callable[[str], list[str]]) -> None:
    cultures = [step.id for step in recipes.load()["manual_open"].steps if step.is_culture]
    bare = [{"id": name, "crew": "rule", "devices": way(name), "materials": []} for name in cultures]
    if way(""):
        assert recipe_of(edited(changed=bare)).limiting_device == "incubator"
    else:
        with pytest.raises(InputError, match="no culture step has a device"):
            edited(changed=bare)
