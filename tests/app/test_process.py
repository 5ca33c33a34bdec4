"""The process page: the time line is the model's, and an edited table becomes the scenario or is refused by row."""

from copy import deepcopy
from typing import Any

import pytest
import streamlit as st

from dosecost import recipes, scenario, step_edits
from dosecost.evaluation import evaluate, recipe_of
from dosecost_app import edit_table, process_views, rules_views, state, step_table, words
from tests.app.running import PAGES, clean, opened, said

FOUNDER = scenario.load("founder")
TABS = ("Time line", "Change the steps", "What the steps ask for", "Rules", "Cells", "Materials")


@pytest.fixture(autouse=True)
def session() -> Any:
    clean()
    yield
    st.session_state.clear()


def edit(**edits: Any) -> None:
    """What the editor sends."""
    rows = step_table.rows_of(state.current())
    st.session_state[step_table.KEY] = edit_table.Table(0, rows, rows)
    st.session_state["edits"] = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | edits
    step_table._edit("edits")


def row(name: str) -> int:
    """Where a step stands in the table."""
    return next(i for i, entry in enumerate(step_table.rows_of(state.current())) if entry["id"] == name)


@pytest.mark.parametrize("name", scenario.shipped())
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_every_scenario(name: str, tab: str) -> None:
    at = opened(scenario.load(name), "process", process_tabs=tab)
    assert not at.exception
    assert "days and" in at.markdown[0].value


@pytest.mark.parametrize("name", scenario.shipped())
def test_the_time_line_is_the_lot(name: str) -> None:
    e = evaluate(scenario.load(name))
    frame = process_views.timeline(e).chart.frame
    assert frame["end"].iloc[-1] == pytest.approx(e.results.work.process_days)
    assert list(frame["start"].iloc[1:]) == list(frame["end"].iloc[:-1])
    table = process_views.timeline(e).table
    assert table["Person-hours"].sum() == pytest.approx(
        sum(s.hours for s in e.results.work.steps if s.group != "room"), rel=0.01
    )


@pytest.mark.parametrize("name", scenario.shipped())
def test_the_table_as_it_is_changes_nothing(name: str) -> None:
    s = scenario.load(name)
    state.load_shipped(name)
    new = step_table.changes_for(s, step_table.rows_of(s))
    assert scenario.with_changes(s, new, "test") == s
    assert set(step_table.differing(s)) <= {step.id for step in recipe_of(s).steps}


def test_a_closed_step_of_one_s_own_stays_closed_by_choice() -> None:
    edit(added_rows=[{"label": "Wash", "group": "front_end"}])
    state.change("steps.added_1", "closed", "Wash")
    s = state.current()
    assert scenario.with_changes(s, step_table.changes_for(s, step_table.rows_of(s)), "test") == s
    edit(edited_rows={row("added_1"): {"exposure": "open"}})
    assert state.current().steps == {}
    edit(edited_rows={row("added_1"): {"exposure": "closed"}})
    assert state.current() == s


def test_a_hostile_step_is_nowhere_markdown() -> None:
    edit(added_rows=[{"label": "![x](http://beacon.example/p.png)"}])
    for page in PAGES:
        at = opened(state.current(), page, mode="Expert")
        assert not at.exception
        labels = [w.label for w in (*at.selectbox, *at.slider, *at.number_input, *at.button, *at.button_group)]
        assert not [label for label in labels if "](" in label]


def test_a_step_is_put_in_and_taken_out_again() -> None:
    edit(added_rows=[{"label": "In-process potency", "position": 6.5, "hands_on_hours": 2.0, "group": "culture"}])
    names = [step.label for step in recipe_of(state.current()).steps]
    assert names[6] == "In-process potency"
    assert state.message() is None
    assert step_table.differing(state.current()) == {"added_1": "In-process potency: put in"}
    step_table.reset("added_1")
    assert state.current() == FOUNDER


def test_a_step_is_taken_out_and_put_back() -> None:
    edit(deleted_rows=[row("thaw_wash")])
    assert state.current().step_edits.removed == ("thaw_wash",)
    assert step_table.differing(state.current()) == {"thaw_wash": "Thaw and wash: taken out"}
    step_table.reset("thaw_wash")
    assert state.current() == FOUNDER


def test_exposure_hours_people_devices_and_order_go_where_they_belong() -> None:
    edit(edited_rows={row("harvest"): {"exposure": "closed", "hands_on_hours": 5.5, "crew": "single", "position": 4.5}})
    s = state.current()
    assert s.steps["harvest"] == "closed"
    assert s.inputs["process.steps.harvest.hands_on_hours"] == 5.5
    assert s.step_edits.changed[0].crew == "single"
    assert [step.id for step in recipe_of(s).steps][4] == "harvest"
    told = step_table.differing(s)["harvest"]
    assert (
        told == "Harvest, wash, concentrate: closed, not open, other people, devices or materials, hands-on hours 5.5"
    )
    step_table.reset_all()
    assert state.current() == FOUNDER


def test_back_to_the_platform_s_exposure_is_no_change() -> None:
    edit(edited_rows={row("harvest"): {"exposure": "closed"}})
    edit(edited_rows={row("harvest"): {"exposure": "open"}})
    assert state.current() == FOUNDER


@pytest.mark.parametrize(
    ("edits", "named"),
    [
        ({"edited_rows": {3: {"hands_on_hours": -1}}}, "Steps, Activation, Hands-on hours"),
        ({"edited_rows": {3: {"days": 0}}}, "Steps, Activation, Days"),
        ({"edited_rows": {3: {"devices": ["teleporter"]}}}, "Steps, Activation, Devices it occupies"),
        ({"edited_rows": {3: {"label": "Other"}}}, "Steps, Activation: is the platform's own step"),
        ({"edited_rows": {3: {"exposure": "briefly_open"}}}, "Steps, Activation: can be open, closed"),
        ({"edited_rows": {3: {"position": "first"}}}, "Steps, Activation: No. is 'first'"),
        ({"edited_rows": {99: {"days": 1}}}, "Steps: an edit outside the table"),
        ({"edited_rows": {3: {"secret": 1}}}, "Steps: an edit outside the table"),
        ({"deleted_rows": [6]}, "a lot cannot do without harvest"),
        ({"added_rows": [{"label": "Wait", "days": -2}]}, "Steps, Wait, Days"),
        ({"added_rows": [{"label": " "}]}, "needs a text of 1 to 60"),
        ({"added_rows": [{"label": "Odd", "materials": ["gold"]}]}, "Steps, Odd, Materials of the lot"),
    ],
)
def test_nonsense_is_refused_with_the_row_named_and_nothing_changes(edits: dict[str, Any], named: str) -> None:
    edit(**deepcopy(edits))
    said_now = state.message()
    assert said_now is not None
    assert named in said_now.text
    assert "Nothing was changed" in said_now.text
    assert state.current() == FOUNDER


def test_a_step_of_one_s_own_stays_with_every_platform() -> None:
    edit(added_rows=[{"label": "Depletion", "group": "front_end"}])
    state.change("platform", "robotic", "Platform")
    assert [step.label for step in recipe_of(state.current()).steps][-2] == "Depletion"
    at = opened(state.current(), "process", process_tabs=TABS[1])
    assert not at.exception
    assert said(at) == ""


def test_what_differs_is_listed_on_the_page() -> None:
    s = scenario.with_change(FOUNDER, step_edits.KEY, {"removed": ["fill"]}, "")
    at = opened(s, "process", process_tabs=TABS[1])
    assert any("taken out" in m.value for m in at.markdown)
    assert any(b.label == "Reset the whole process" for b in at.button)


def test_what_the_steps_ask_for_names_every_step() -> None:
    for name in recipes.load():
        e = evaluate(scenario.with_change(FOUNDER, "platform", name, ""))
        assert len(process_views.asked(e)) == len(e.recipe.steps)
        assert f"rade {e.results.grade}" in process_views.asked_finding(e)


@pytest.mark.parametrize("supply", scenario.options("vector_supply"))
@pytest.mark.parametrize("name", scenario.shipped())
def test_the_bill_adds_up_to_its_categories_and_says_what_is_thrown_away(name: str, supply: str) -> None:
    e = evaluate(scenario.with_change(scenario.load(name), "vector_supply", supply, ""))
    lines = e.results.lines
    per_lot = sum(line.annual for line in lines if line.category in ("materials", "vector"))
    per_lot /= e.results.funnel.lots_started
    assert process_views.bill(e).chart.frame["amount"].sum() == pytest.approx(per_lot)
    wasted = sum(line.annual for line in lines if line.id in ("vector.expired", "materials.write_off"))
    assert words.money(wasted, e.scenario.currency) in process_views.bill_finding(e)


def test_a_contract_has_no_bill() -> None:
    e = evaluate(scenario.with_changes(FOUNDER, {"tenure": "cdmo"}, ""))
    assert "thrown away" in process_views.bill_finding(e) or "fee" in process_views.bill_finding(e)


def test_the_rules_are_a_table_with_reason_source_and_what_sets_them() -> None:
    e = evaluate(FOUNDER)
    table = rules_views.table(e).set_index("Rule")
    assert rules_views.finding(e) == "All 8 rules are as they are."
    assert len(table) == 8
    assert set(table["Yours"]) == {rules_views.BY_THE_RULE}
    assert table.map(len).min().min() > 0
    assert "EU GMP Annex 1" in table.loc["Room grade", "Source (grade of its evidence)"]
    assert table.loc["Room grade", "Set by"] == "Clean room grade (choice); Meets the room (step table)"
    assert table.loc["Training", "It gives here"].startswith("6 months to an independent operator")


def test_an_overridden_rule_is_marked_and_counted() -> None:
    changes = {"room_grade": "C", "capacity.lots_per_room_open": 2, "process.hours_per_room_entry": 2}
    e = evaluate(scenario.with_changes(FOUNDER, changes, ""))
    assert rules_views.finding(e) == (
        "You overrode 2 of 8 rules: room grade and segregation; 1 you keep more carefully than the rule: gowning."
    )
    table = rules_views.table(e).set_index("Rule")
    assert table.loc["Room grade", "Yours"].startswith(
        "Overridden: grade C. By the rule: grade B, because of Apheresis receipt (open)"
    )
    assert table.loc["Gowning", "Yours"].startswith("More careful: hands-on hours per entry")
    careful = evaluate(scenario.with_change(FOUNDER, "process.hours_per_room_entry", 2, ""))
    assert rules_views.finding(careful) == (
        "None of the 8 rules is overridden; 1 you keep more carefully than the rule: gowning."
    )


def test_an_override_is_among_the_remarks_of_the_page() -> None:
    s = scenario.with_change(FOUNDER, "process.people_per_open_step", 1, "")
    at = opened(s, "process", process_tabs="Rules")
    assert any("Two\\-person rule overridden" in m.value for m in at.markdown)
    assert any("You overrode 1 of 8 rules" in m.value.replace("\N{NO-BREAK SPACE}", " ") for m in at.markdown)
    assert len(at.dataframe) == 1
