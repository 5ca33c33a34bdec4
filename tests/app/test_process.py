"""The process page: the time line is the model's, and an edited table becomes the scenario or is refused by row."""

from copy import deepcopy
from typing import Any

import pytest
import streamlit as st

from dosecost import inputs, recipes, scenario, step_edits
from dosecost.analysis.alternatives import alternatives
from dosecost.analysis.waste import waste
from dosecost.evaluation import evaluate, recipe_of
from dosecost_app import (
    edit_table,
    process_options,
    process_views,
    rules_views,
    state,
    step_table,
    views,
    waste_views,
    words,
)
from tests.app.running import PAGES, clean, opened, said, view

FOUNDER = scenario.load("founder")
NAMES = inputs.load().names()
TABS = ("Time line", "Other ways", "Change the steps", "What the steps ask for", "Rules", "Cells", "Materials")


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


def test_an_optional_step_is_put_in_and_taken_out_with_one_click() -> None:
    """By the pills, then out again by its row in the table, by its reset and by the pill."""
    put_in = scenario.with_change(FOUNDER, step_edits.KEY, {"optional": ["gene_editing"]}, "test")
    at = opened(FOUNDER, "process", process_tabs="Other ways")
    at.button_group(key="w_page.optional").select("gene_editing").run()
    assert not at.exception
    assert at.session_state["scenario"] == put_in
    assert [number.label for number in at.number_input if "Knock-outs" in number.label]
    at.button_group(key="w_page.optional").unselect("gene_editing").run()
    assert at.session_state["scenario"] == FOUNDER

    state.change(step_edits.KEY, {"optional": ["gene_editing"]})
    assert step_table.differing(state.current()) == {"gene_editing": "Gene editing, electroporation: put in"}
    edit(edited_rows={row("gene_editing"): {"exposure": "closed", "crew": "single", "hands_on_hours": 3.0}})
    s = state.current()
    assert (s.steps["gene_editing"], s.inputs["process.steps.gene_editing.hands_on_hours"]) == ("closed", 3.0)
    assert s.step_edits.changed[0].crew == "single"
    edit(deleted_rows=[row("gene_editing")])
    assert state.current().step_edits == step_edits.NONE
    state.change(step_edits.KEY, {"optional": ["gene_editing"]})
    step_table.reset("gene_editing")
    assert state.current() == FOUNDER


def test_a_culture_length_is_chosen_with_one_click() -> None:
    at = opened(FOUNDER, "process", process_tabs="Other ways")
    culture = at.button_group(key="w_page.culture")
    assert culture.value == "standard"
    culture.set_value("rapid").run()
    assert at.session_state["scenario"].inputs == {**FOUNDER.inputs, "process.culture_days": 2.5}
    view(at.button_group, "w_page.culture").set_value("standard").run()
    assert at.session_state["scenario"] == FOUNDER


@pytest.mark.parametrize("name", scenario.shipped())
def test_a_way_that_misses_the_dose_is_never_said_to_save(name: str) -> None:
    s = scenario.load(name)
    e, found = evaluate(s), alternatives(s)
    view = process_options.options(e, found)
    rapid = view.table[view.table["Change"] == "Culture of less than a day"].iloc[0]
    assert rapid["Lots that miss the dose (% by the cell balance)"] > 90
    assert "“Culture of less than a day” saves" not in view.finding
    frame = view.chart.frame
    bar = frame[frame["label"] == "Culture of less than a day"].iloc[0]
    assert bar["saved"] == 0
    assert "no saving: 97" in bar["text"]
    present = view.table.iloc[0]
    assert present["Lots lost for any cause (%)"] == views.three(100 * e.results.funnel.lot_failure_rate)


def test_where_the_present_process_misses_the_dose_only_what_reaches_it_is_able() -> None:
    s = scenario.with_changes(FOUNDER, {"process.culture_days": 0.75}, "test")
    found = alternatives(s)
    view = process_options.options(evaluate(s), found)
    able = [row for row in view.chart.frame.to_dict("records") if "no saving" not in row["text"]]
    assert [row["label"] for row in able] == ["Culture of 9 to 12 days"]
    assert f"{len(found) - 2} of {len(found) - 1} changes leave too few cells" in view.finding


def test_what_costs_later_is_never_said_to_save_most() -> None:
    s = scenario.load("investor")
    text = process_options.options(evaluate(s), alternatives(s)).finding
    assert "“Research grade instruments” saves most" not in text
    assert "asks for USD 12.2 M later" in text
    contract = alternatives(scenario.with_change(s, "tenure", "cdmo", "test"))
    assert not [other for other in contract if other.part == "instruments"]


def test_cells_needed_put_back_give_the_dose() -> None:
    e = evaluate(FOUNDER)
    balance = e.results.cells
    needed = balance.into_culture * balance.target / balance.viable
    again = evaluate(scenario.with_change(FOUNDER, "cells.cells_into_culture", needed, "test")).results.cells
    assert again.viable == pytest.approx(balance.target)
    assert views.cell_count(needed) in process_options.cells_needed(e)
    rapid = evaluate(scenario.with_change(FOUNDER, "process.culture_days", 0.75, "test"))
    assert "too few" not in process_options.cells_needed(rapid) or rapid.results.cells.selected < needed * 100


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
    at = opened(s, "process", process_tabs="Change the steps")
    assert any("taken out" in m.value for m in at.markdown)
    assert any(b.label == "Reset the whole process" for b in at.button)


def test_what_the_steps_ask_for_names_every_step() -> None:
    for name in recipes.load():
        e = evaluate(scenario.with_change(FOUNDER, "platform", name, ""))
        assert len(process_views.asked(e)) == len(e.recipe.steps)
        assert f"rade {e.results.grade}" in process_views.asked_finding(e)


@pytest.mark.parametrize("patients", [4.0, 40.0])
@pytest.mark.parametrize("supply", scenario.options("vector_supply"))
@pytest.mark.parametrize("name", scenario.shipped())
def test_the_bill_adds_up_to_its_categories_and_says_what_is_thrown_away(
    name: str, supply: str, patients: float
) -> None:
    few = {"vector_supply": supply, "demand.patients_per_year": patients}
    e = evaluate(scenario.with_changes(scenario.load(name), few, ""))
    lines = e.results.lines
    per_lot = sum(line.annual for line in lines if line.category in ("materials", "vector"))
    per_lot /= e.results.funnel.lots_started
    assert process_views.bill(e).chart.frame["amount"].sum() == pytest.approx(per_lot)
    wasted = sum(line.annual for line in lines if "expired" in line.id or line.id == "materials.write_off")
    assert words.money(wasted, e.scenario.currency) in process_views.bill_finding(e)


def test_a_contract_has_no_bill() -> None:
    e = evaluate(scenario.with_changes(FOUNDER, {"tenure": "cdmo"}, ""))
    assert "thrown away" in process_views.bill_finding(e) or "fee" in process_views.bill_finding(e)


@pytest.mark.parametrize("supply", scenario.options("vector_supply"))
@pytest.mark.parametrize("patients", [3.0, 40.0, 500.0])
def test_money_thrown_away_is_the_ledger_s_and_is_said(patients: float, supply: str) -> None:
    s = scenario.with_changes(FOUNDER, {"vector_supply": supply, "demand.patients_per_year": patients}, "")
    e, found = evaluate(s), waste(s)
    shown = waste_views.thrown_away(e, found)
    lines = [line for line in e.results.lines if "expired" in line.id or line.id == "materials.write_off"]
    per_patient = sum(line.annual for line in lines) / e.results.funnel.patients_infused
    assert words.money(per_patient, "USD") in shown.finding
    frame = shown.chart.frame
    parts = frame[(frame["kind"] == "part") & (frame["volume"] == patients)]
    assert (parts["end"] - parts["start"]).sum() == pytest.approx(per_patient)
    assert frame[frame["kind"] == "now"]["volume"].item() == patients
    assert len(shown.table) == len(found.volumes)
    start = words.money(float(found.total[list(found.volumes).index(5.0)]), "USD")
    assert (f"at 5 a year it would be {start}" in shown.finding) == (patients > 5)


def test_what_is_said_where_nothing_is_thrown_away() -> None:
    s = scenario.with_changes(FOUNDER, {"tenure": "cdmo", "vector_supply": "by_dose"}, "")
    assert waste_views.finding(evaluate(s), waste(s)).startswith("Nothing is thrown away at any volume")
    bought_singly = {"materials.minimum_order_lots": 0.1, "materials.write_off_share": 0.0}
    bought_singly |= {name: 0.1 for name in NAMES if name.endswith(".pack_size")}
    s = scenario.with_changes(FOUNDER, bought_singly, "")
    assert waste_views.finding(evaluate(s), waste(s)).startswith("Nothing is thrown away at any volume")


def test_where_expiry_ends_is_said() -> None:
    def of(changes: dict[str, object]) -> str:
        s = scenario.with_changes(FOUNDER, changes, "")
        return waste_views.finding(evaluate(s), waste(s))

    assert "patients a year on nothing expires" in of({})
    assert "Something expires at every volume" in of({"materials.minimum_order_lots": 1_000.0})
    assert "Nothing expires at any volume" in of(
        {"materials.minimum_order_lots": 0.1} | {name: 0.1 for name in NAMES if name.endswith(".pack_size")}
    )


def test_the_doses_of_a_campaign_both_ways() -> None:
    e = evaluate(scenario.with_change(FOUNDER, "vector_supply", "campaign", ""))
    rows = waste_views.vector_table(e).set_index("One vector campaign")["Value"]
    assert (rows["Doses by volume and titre"], rows["Doses as quoted"]) == ("600", "70")
    assert rows["Vector of one dose"] == "900 M TU"
    assert rows["A dose as quoted"] == words.money(1_600_000 / 70, "USD")
    assert "600 doses, as quoted 70: 8.6 times as many. The cost counts them as quoted." in waste_views.vector_finding(
        e
    )
    by_titre = evaluate(scenario.with_change(e.scenario, "vector_yield", "from_titre", ""))
    assert "counts them by volume and titre" in waste_views.vector_finding(by_titre)
    assert "neither moves the cost" in waste_views.vector_finding(evaluate(FOUNDER))


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
