"""The session's scenario: changed, refused, taken back, saved, opened and linked."""

import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

import pytest
import streamlit as st
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from dosecost import inputs, plan, recipes, scenario
from dosecost_app import state
from tests.app.running import clean
from tests.hostile import DOCUMENTS, LINKS

FOUNDER = scenario.load("founder")
INPUTS = inputs.load().names()
STEPS = [step.id for step in recipes.load()["manual_open"].steps if step.group != "room"]


@pytest.fixture(autouse=True)
def session() -> Iterator[None]:
    clean()
    yield
    st.session_state.clear()


def file_with(*path: str | int, value: object) -> str:
    """The text of the founder's file with one place changed."""
    body: Any = FOUNDER.body()
    place = body
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return json.dumps(body)


def refused(text: str | bytes, naming: str) -> bool:
    """Whether opening the text gives an error that names the key and leaves the session as it was."""
    before = state.current(), state.loaded(), len(st.session_state["undo"])
    state.load_text(text, "plan.json")
    said = state.message()
    assert said is not None
    assert "\n" not in said.text
    after = state.current(), state.loaded(), len(st.session_state["undo"])
    return said.level == "error" and naming in said.text and after == before


def test_a_session_begins_with_the_founder() -> None:
    assert state.current() == state.loaded() == FOUNDER
    assert state.origin() == "founder"
    assert state.message() is None
    assert not state.can("undo")
    assert not state.can("redo")


def test_starting_again_changes_nothing() -> None:
    state.change("platform", "robotic")
    state.start()
    assert state.current().choices.platform == "robotic"


def test_a_change_is_held_and_listed() -> None:
    state.change("demand.patients_per_year", 60.0)
    assert state.current() == scenario.with_change(FOUNDER, "demand.patients_per_year", 60.0, "")
    assert state.loaded() == FOUNDER
    assert [(c.key, c.before, c.after) for c in state.changed()] == [("demand.patients_per_year", 40.0, 60.0)]


def test_a_refused_change_says_which_field_and_what_is_allowed() -> None:
    state.change("demand.patients_per_year", 99_999.0, "Patients per year")
    said = state.message()
    assert said is not None
    assert said.level == "error"
    assert "Patients per year: 99999.0 is out of range; allowed are 0.1 to 20000" in said.text
    assert state.current() == FOUNDER
    assert not state.can("undo")


def test_a_good_change_clears_the_message() -> None:
    state.change("platform", "unknown")
    state.change("platform", "robotic")
    assert state.message() is None


def test_the_same_value_again_is_no_step() -> None:
    state.change("platform", FOUNDER.choices.platform)
    assert not state.can("undo")


def test_several_changes_are_all_or_none_and_one_step() -> None:
    state.change_many({"steps.harvest": "closed", "steps.fill": "ajar"}, "Back end")
    assert state.current() == FOUNDER
    state.change_many({"steps.harvest": "closed", "steps.fill": "closed"}, "Back end")
    assert state.current().steps == {"harvest": "closed", "fill": "closed"}
    state.undo()
    assert state.current() == FOUNDER


def test_a_text_that_its_file_could_not_hold_is_refused() -> None:
    state.change("name", "evil \u202e name", "Name")
    assert state.current() == FOUNDER
    assert state.message() is not None


CHANGES = some.one_of(
    some.tuples(some.just("demand.patients_per_year"), some.floats(0.1, 20_000)),
    some.tuples(some.just("process.culture_days"), some.floats(2, 30)),
    some.tuples(some.just("platform"), some.sampled_from(list(recipes.load()))),
    some.tuples(some.just("sterility"), some.sampled_from(scenario.options("sterility"))),
    some.tuples(some.sampled_from([f"steps.{s}" for s in STEPS]), some.sampled_from(recipes.STEP_CHOICES)),
    some.tuples(some.just("plan.opening_cash"), some.floats(0, 1e9)),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(CHANGES, max_size=50))
def test_as_many_undos_as_changes_give_the_first_scenario_and_redos_the_last(
    made: list[tuple[str, object]],
) -> None:
    clean()
    digests = [state.current().digest]
    for key, value in made:
        state.change(key, value)
        if state.current().digest != digests[-1]:
            digests.append(state.current().digest)
    for digest in reversed(digests[:-1]):
        state.undo()
        assert state.current().digest == digest
    assert not state.can("undo")
    for digest in digests[1:]:
        state.redo()
        assert state.current().digest == digest
    assert not state.can("redo")


def test_at_least_fifty_steps_can_be_taken_back() -> None:
    for patients in range(1, 61):
        state.change("demand.patients_per_year", float(patients))
    for _ in range(60):
        state.undo()
    assert state.current() == FOUNDER


def test_a_change_after_undo_ends_the_way_forward() -> None:
    state.change("platform", "robotic")
    state.undo()
    state.change("platform", "semi_auto")
    assert not state.can("redo")
    state.redo()
    assert state.current().choices.platform == "semi_auto"


def test_loading_and_reset_can_be_taken_back() -> None:
    state.change("platform", "robotic")
    state.load_shipped("academic")
    assert state.current() == state.loaded() == scenario.load("academic")
    state.undo()
    assert (state.current().choices.platform, state.loaded(), state.origin()) == ("robotic", FOUNDER, "founder")
    state.reset()
    assert state.current() == FOUNDER
    state.undo()
    assert state.current().choices.platform == "robotic"


def test_an_unknown_shipped_scenario_is_refused() -> None:
    state.load_shipped("../../etc/passwd")
    said = state.message()
    assert said is not None
    assert said.level == "error"
    assert state.current() == FOUNDER


@pytest.mark.parametrize("name", scenario.shipped())
def test_a_saved_file_opens_to_the_same_scenario(name: str) -> None:
    saved = scenario.load(name)
    state.load_text(scenario.dump(saved).encode(), f"{name}.json")
    assert state.current() == state.loaded() == saved
    assert state.origin() == ""
    assert state.token() == ""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_file_is_refused(name: str) -> None:
    assert refused(DOCUMENTS[name], "plan.json")


@pytest.mark.parametrize("name", scenario.CHOICE_NAMES)
@pytest.mark.parametrize("value", ["no such option", 1, True, None, ["D"], {"a": 1}], ids=repr)
def test_a_file_with_a_wrong_choice_is_refused(name: str, value: object) -> None:
    assert refused(file_with("choices", name, value=value), name)


@pytest.mark.parametrize("name", INPUTS)
def test_a_file_with_a_wrong_input_is_refused(name: str) -> None:
    bounds = inputs.bounds_of(name)
    assert bounds is not None
    above = min(bounds.at_most * 1.001 + 0.001, 9e14)
    for value in (bounds.at_least - 0.001, above, "5", True, None, [1], {"low": 1}):
        assert refused(file_with("inputs", name, value=value), name)


def test_a_file_with_an_unknown_input_or_step_is_refused() -> None:
    assert refused(file_with("inputs", "demand.patients", value=5), "demand.patients")
    assert refused(file_with("steps", "harvest", value="ajar"), "steps.harvest")
    assert refused(file_with("steps", "cook", value="open"), "steps.cook")


def bad_values(metadata: Any) -> list[object]:
    """Values that a field of the plan may not have."""
    if "options" in metadata:
        return ["no such option", 1, None]
    if "text" in metadata:
        return ["", " ", "x" * 81, 1, None]
    values = [metadata["at_least"] - 1, metadata["at_most"] + 1, "5", True, None, [1]]
    return [*values, metadata["at_least"] + 0.5] if metadata["whole"] else values


@pytest.mark.parametrize("column", [c.name for c in fields(plan.Plan) if "rows" not in c.metadata])
def test_a_file_with_a_wrong_number_of_the_plan_is_refused(column: str) -> None:
    metadata = next(c.metadata for c in fields(plan.Plan) if c.name == column)
    for value in bad_values(metadata):
        assert refused(file_with("plan", column, value=value), column)


@pytest.mark.parametrize(
    ("entries", "column"),
    [(e, c.name) for e, cls in (("phases", plan.Phase), ("receipts", plan.Receipt)) for c in fields(cls)],
)
def test_a_file_with_a_wrong_cell_of_the_plan_is_refused(entries: str, column: str) -> None:
    cls: Any = plan.Phase if entries == "phases" else plan.Receipt
    for value in bad_values(next(c.metadata for c in fields(cls) if c.name == column)):
        assert refused(file_with("plan", entries, 0, column, value=value), column)


@pytest.mark.parametrize("key", scenario.KEYS)
def test_a_file_with_a_wrong_part_is_refused(key: str) -> None:
    assert refused(file_with(key, value=[]), "plan.json")


def start_with_link(token: str, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(st, "query_params", {"s": token})
    st.session_state.clear()
    state.start()


@pytest.mark.parametrize("name", LINKS)
def test_a_hostile_link_gives_one_line_and_the_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start_with_link(LINKS[name], monkeypatch)
    said = state.message()
    assert said is not None
    assert said.level == "error"
    assert "\n" not in said.text
    assert state.current() == state.loaded() == FOUNDER


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"scenario": "founder"},
        {"scenario": "nobody", "changes": {}},
        {"scenario": ["founder"], "changes": {}},
        {"scenario": "founder", "changes": []},
        {"scenario": "founder", "changes": {"platform": "unknown"}},
        {"scenario": "founder", "changes": {"no.such": 1}},
        {"scenario": "founder", "changes": {"demand.patients_per_year": 1e12}},
        {"scenario": "founder", "changes": {"plan.phases": []}},
        {"scenario": "founder", "changes": {"plan.phases": {"a": 1}}},
        {"scenario": "founder", "changes": {}, "data_version": "1999.01"},
        {"scenario": "founder", "changes": {}, "more": 1},
    ],
    ids=repr,
)
def test_a_link_with_wrong_content_never_loads_in_part(
    body: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    start_with_link(state.link.encode(body) if body else state.link.encode({"a": 1}), monkeypatch)
    said = state.message()
    assert said is not None
    assert said.level == "error"
    assert state.current() == FOUNDER


def test_a_link_gives_the_scenario_back(monkeypatch: pytest.MonkeyPatch) -> None:
    state.load_shipped("investor")
    state.change("platform", "semi_auto")
    state.change("steps.harvest", "closed")
    state.change("demand.patients_per_year", None)
    state.change("people.burden", 0.31)
    state.change("plan.floor", 5.0)
    phases = [asdict(phase) for phase in state.current().plan.phases]
    state.change("plan.phases", [*phases[1:], phases[0] | {"id": "again"}])
    made = state.current()
    token = state.token()
    assert 0 < len(token) < 1500
    start_with_link(token, monkeypatch)
    assert state.current() == made
    assert state.loaded() == scenario.load("investor")
    assert state.message() is None


def test_a_widget_keeps_its_key_while_only_the_user_changes_it() -> None:
    assert state.seed("w_x", 1.0) == "w_x"
    st.session_state["w_x"] = 2.0  # the user, whose change is on its way
    assert state.seed("w_x", 1.0) == "w_x"
    assert st.session_state["w_x"] == 2.0


def test_a_widget_gets_a_new_key_when_something_else_changes_the_value() -> None:
    """Else the browser, which has not seen the new value yet, could send the old one as if the user had set it."""
    keys = [state.seed("w_x", value) for value in (1.0, 3.0, 1.0)]
    assert len(set(keys)) == 3
    assert [st.session_state[key] for key in keys] == [1.0, 3.0, 1.0]


def test_no_key_comes_back_after_undo_reset_or_loading() -> None:
    keys = [state.seed("w_x", 1.0)]
    for action in (state.undo, state.reset, lambda: state.load_shipped("academic"), state.undo):
        state.change("platform", "robotic")
        action()
        keys.append(state.seed("w_x", 1.0))
    assert len(set(keys)) == len(keys)


def test_a_widget_with_a_refused_value_shows_the_scenario_again() -> None:
    name = "demand.patients_per_year"
    st.session_state[state.seed(f"w_{name}", 40.0)] = 99_999.0
    state.store(f"w_{name}", name, "Patients per year")
    assert st.session_state[state.seed(f"w_{name}", state.current().inputs[name])] == 40.0


def test_a_callback_without_a_move_changes_nothing() -> None:
    """Streamlit calls back for widgets that a quick next move interrupted while they were drawn."""
    name = "demand.patients_per_year"
    state.seed(f"w_{name}", 40.0)
    state.change(name, 50.0)
    state.store(f"w_{name}", name, "Patients per year")
    assert state.current().inputs[name] == 50.0


def test_what_an_ended_session_left_is_offered_taken_or_dropped() -> None:
    clean()
    changed = scenario.with_change(scenario.load("academic"), "demand.patients_per_year", 33.0, "")
    state.offer(scenario.dump(changed), "academic")
    assert state.offered() is not None
    state.take_offer()
    assert (state.current(), state.loaded(), state.origin()) == (changed, scenario.load("academic"), "academic")
    assert state.offered() is None
    state.undo()
    assert state.current() == scenario.load("founder")
    state.offer(scenario.dump(changed), "")
    state.drop_offer()
    assert state.offered() is None
    first = scenario.dump(scenario.load("founder"))
    for open_another in (lambda: state.load_shipped("founder"), lambda: state.load_text(first, "a file")):
        state.offer(scenario.dump(changed), "")
        assert state.offered() is not None
        open_another()
        assert state.offered() is None, "whoever opens a scenario has passed over the offer"
    assert state.current() == scenario.load("founder")


@pytest.mark.parametrize("text", ["", "{}", "not JSON", scenario.dump(scenario.load("founder"))])
def test_what_is_no_scenario_or_the_present_one_is_not_offered(text: str) -> None:
    clean()
    state.offer(text, "founder")
    assert state.offered() is None
    assert state.message() is None
