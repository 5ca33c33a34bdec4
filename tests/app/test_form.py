"""The sidebar's levers, the inputs and the plan: what a person does, and what the scenario says after it."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
import streamlit as st

from dosecost import inputs, recipes, scenario
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost_app import levers, plan_table, results, state, words
from tests.app.running import clean, opened, said, scenario_of, view

FOUNDER = scenario.load("founder")
PATIENTS = "demand.patients_per_year"
SLIDER, NUMBER = f"w_{PATIENTS}", f"w_{PATIENTS}.number"


@pytest.fixture
def session() -> Iterator[None]:
    clean()
    yield
    st.session_state.clear()


def set_choice(at: Any, name: str, value: str) -> Any:
    """Set a choice with whichever widget shows it."""
    main = name in levers.CHOICES
    view((*at.selectbox, *at.button_group), f"w_{name}" if main else f"w_side.{name}").set_value(value)
    return at.run()


def test_every_choice_and_option_has_words() -> None:
    for name in scenario.CHOICE_NAMES:
        assert words.choice_label(name)
        assert len({words.option_label(name, option) for option in scenario.options(name)}) == len(
            scenario.options(name)
        )


def test_the_slider_has_the_name_that_others_rely_on() -> None:
    assert opened(FOUNDER).slider(key=SLIDER).label == "Patients per year"


@pytest.mark.parametrize("name", [n for n in scenario.CHOICE_NAMES if n != "boundary"])
def test_every_choice_can_be_made_and_counts_at_once(name: str) -> None:
    at = opened(FOUNDER, mode="Expert")
    value = next(o for o in scenario.options(name) if o != getattr(FOUNDER.choices, name))
    set_choice(at, name, value)
    assert not at.exception
    assert scenario_of(at) == scenario.with_change(FOUNDER, name, value, "")
    cost = evaluate(scenario_of(at)).cost.per_patient_infused
    assert words.money(float(cost), "USD") in [metric.value for metric in at.metric]


@pytest.mark.parametrize("widget", [SLIDER, NUMBER])
def test_slider_and_number_stay_in_step(widget: str) -> None:
    at = opened(FOUNDER)
    before = [metric.value for metric in at.metric]
    field = view(at.slider, widget) if widget == SLIDER else view(at.number_input, widget)
    field.set_value(60.0).run()
    assert scenario_of(at).inputs[PATIENTS] == 60.0
    assert view(at.slider, SLIDER).value == view(at.number_input, NUMBER).value == 60.0
    assert [metric.value for metric in at.metric] != before


def test_a_number_beyond_the_sliders_range_stretches_it() -> None:
    at = opened(FOUNDER)
    view(at.number_input, NUMBER).set_value(9_999.0).run()
    assert not at.exception
    assert view(at.slider, SLIDER).value == 9_999.0
    assert view(at.slider, SLIDER).max == 10_000.0


@pytest.mark.parametrize("value", [0.0, -5.0, 20_001.0, 1e308, float("inf"), float("nan"), None])
def test_a_number_out_of_range_is_refused_on_the_page(value: float | None) -> None:
    at = opened(FOUNDER)
    view(at.number_input, NUMBER).set_value(value).run()
    assert not at.exception
    assert scenario_of(at) == FOUNDER
    assert "Patients per year" in said(at)
    assert "allowed are 0.1 to 20000" in said(at) or "needs a value" in said(at)
    assert view(at.number_input, NUMBER).value == view(at.slider, SLIDER).value == 40.0


def test_a_platform_with_other_defaults_moves_the_fields_that_show_defaults() -> None:
    at = opened(FOUNDER)
    assert view(at.number_input, "w_process.culture_days.number").value == 10
    set_choice(at, "platform", "integrated_closed")
    assert view(at.number_input, "w_process.culture_days.number").value == 12
    assert view(at.slider, "w_process.culture_days").value == 12


def test_undo_redo_and_reset_move_the_widgets_too() -> None:
    at = opened(FOUNDER)
    view(at.slider, SLIDER).set_value(60.0).run()
    view(at.slider, SLIDER).set_value(70.0).run()
    button = {b.label: b for b in at.button}
    button["Undo"].click().run()
    assert (scenario_of(at).inputs[PATIENTS], view(at.slider, SLIDER).value) == (60.0, 60.0)
    button = {b.label: b for b in at.button}
    button["Redo"].click().run()
    assert (scenario_of(at).inputs[PATIENTS], view(at.number_input, NUMBER).value) == (70.0, 70.0)
    button = {b.label: b for b in at.button}
    button["Reset"].click().run()
    assert scenario_of(at) == FOUNDER
    assert view(at.slider, SLIDER).value == 40.0


@pytest.mark.parametrize("group", ["front_end", "culture", "back_end"])
def test_a_group_of_steps_is_closed_and_given_back_in_one_step(group: str) -> None:
    at = opened(FOUNDER)
    steps = [s.id for s in recipes.load()["manual_open"].steps if s.group == group]
    view(at.button_group, f"w_group.{group}").set_value("closed").run()
    assert scenario_of(at).steps == dict.fromkeys(sorted(steps), "closed")
    view(at.button_group, f"w_group.{group}").set_value("platform").run()
    assert scenario_of(at) == FOUNDER


def test_mixed_steps_leave_the_lever_empty_and_say_so() -> None:
    mixed = scenario.with_change(FOUNDER, "steps.harvest", "closed", "")
    at = opened(mixed)
    lever = view(at.button_group, "w_group.back_end")
    assert lever.value is None
    assert "mixed" in lever.label
    assert scenario_of(at) == mixed
    lever.set_value("open").run()
    assert set(scenario_of(at).steps.values()) == {"open"}
    assert "mixed" not in view(at.button_group, "w_group.back_end").label


def test_a_single_step_can_be_closed() -> None:
    at = opened(FOUNDER, mode="Expert")
    view(at.selectbox, "w_steps.harvest").set_value("closed").run()
    assert scenario_of(at).steps == {"harvest": "closed"}
    assert "mixed" in view(at.button_group, "w_group.back_end").label


def test_another_shipped_scenario_is_shown_in_the_widgets() -> None:
    at = opened(FOUNDER)
    view(at.selectbox, "w_scenario").set_value("academic").run()
    assert scenario_of(at) == scenario.load("academic")
    assert view(at.slider, SLIDER).value == 24.0
    assert view(at.selectbox, "w_platform").value == "integrated_closed"


def test_a_file_is_opened_and_refused_through_the_uploader() -> None:
    at = opened(files=True)
    saved = scenario.load("investor")
    at.file_uploader[0].upload("mine.json", scenario.dump(saved).encode(), "application/json").run()
    assert scenario_of(at) == saved
    assert "Loaded" in said(at)
    assert "(from a file)" in view(at.selectbox, "w_scenario").options[-1]
    at.file_uploader[0].upload("bad.json", b'{"a": NaN}', "application/json").run()
    assert not at.exception
    assert scenario_of(at) == saved
    assert "bad.json" in said(at)


def test_inputs_are_found_changed_marked_listed_and_taken_back() -> None:
    at = opened(FOUNDER, "inputs")
    at.text_input(key="search").set_value("payroll burden").run()
    assert [n.key for n in at.main.number_input] == ["w_page.people.burden"]
    view(at.number_input, "w_page.people.burden").set_value(0.4).run()
    assert scenario_of(at).inputs["people.burden"] == 0.4
    assert at.dataframe[0].value["What"].tolist() == ["Fringe and payroll burden on salary"]
    at.button(key="reset_people.burden").click().run()
    assert scenario_of(at) == FOUNDER
    assert view(at.number_input, "w_page.people.burden").value == 0.35


def test_an_emptied_field_takes_the_number_back() -> None:
    at = opened(FOUNDER, "inputs", own_only=True)
    view(at.number_input, f"w_page.{PATIENTS}").set_value(None).run()
    assert PATIENTS not in scenario_of(at).inputs


def test_only_own_numbers_and_areas_filter_the_list() -> None:
    at = opened(FOUNDER, "inputs")
    at.toggle(key="own_only").set_value(True).run()
    assert {n.key.removeprefix("w_page.") for n in at.main.number_input} == set(FOUNDER.inputs)
    at.selectbox(key="area").set_value("logistics").run()
    assert [n.key for n in at.main.number_input] == ["w_page.logistics.clinical_sites"]


def test_one_input_on_the_page_and_in_the_sidebar_stay_in_step() -> None:
    at = opened(FOUNDER, "inputs", own_only=True)
    view(at.number_input, f"w_page.{PATIENTS}").set_value(55.0).run()
    assert view(at.slider, SLIDER).value == 55.0
    view(at.slider, SLIDER).set_value(65.0).run()
    assert view(at.number_input, f"w_page.{PATIENTS}").value == 65.0


def test_an_academic_unit_sees_its_own_money() -> None:
    fields = results.fields(scenario.load("academic"))
    assert all("USD" not in f.unit for f in fields.values() if f.row.is_money)
    assert fields["facility.rent"].unit == "EUR/m2/yr"
    assert fields["facility.rent"].default == pytest.approx(480 / 1.12)


def test_a_number_of_the_plan_is_changed_and_refused() -> None:
    at = opened(FOUNDER, "plan")
    view(at.number_input, "w_plan.opening_cash").set_value(40e6).run()
    assert scenario_of(at).plan.opening_cash == 40e6
    view(at.number_input, "w_plan.horizon_months").set_value(500.0).run()
    assert scenario_of(at).plan.horizon_months == 84
    assert "Months shown" in said(at)
    view(at.selectbox, "w_plan.plant").set_value("existing").run()
    assert scenario_of(at).plan.plant == "existing"


PHASES = [asdict(phase) for phase in FOUNDER.plan.phases]


def test_an_edit_of_the_table_gives_the_new_rows() -> None:
    edits = {
        "edited_rows": {1: {"months": 20}},
        "deleted_rows": [0],
        "added_rows": [{"name": "Phase 3", "months": 24, "revenue": None}],
    }
    rows = plan_table.edited("phases", PHASES, edits)
    assert [(row["id"], row["name"], row["months"]) for row in rows] == [
        ("phase_1", "Phase 1", 20),
        ("phase_2", "Phase 2", 30),
        ("added_1", "Phase 3", 24),
    ]
    assert rows[2]["revenue"] == "none"
    assert scenario.with_change(FOUNDER, "plan.phases", rows, "").plan.phases[0].months == 20


def test_rows_are_added_until_the_plan_is_full(session: None) -> None:
    rows = plan_table.edited("receipts", [], {"added_rows": [{}] * 24})
    assert len({row["id"] for row in rows}) == 24
    state.change("plan.receipts", rows)
    assert len(state.current().plan.receipts) == 24


@pytest.mark.parametrize(
    "edits",
    [
        {"edited_rows": {7: {"months": 3}}},
        {"edited_rows": {0: {"id": "phase_1"}}},
        {"edited_rows": {0: {"no_such": 1}}},
        {"deleted_rows": [7]},
        {"deleted_rows": [0, 0]},
        {"added_rows": [{"id": "x"}]},
    ],
    ids=repr,
)
def test_an_edit_that_the_table_does_not_offer_is_refused(edits: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        plan_table.edited("phases", PHASES, edits)


@pytest.mark.parametrize(
    ("edits", "place"),
    [
        ({"edited_rows": {1: {"months": 1e308}}}, "Phases, Phase 1, Months: "),
        ({"edited_rows": {1: {"months": 1.5}}}, "Phases, Phase 1, Months: "),
        ({"edited_rows": {0: {"months": "five"}}}, "Phases, Pre-IND, Months: "),
        ({"edited_rows": {0: {"months": None}}}, "Phases, Pre-IND, Months: "),
        ({"edited_rows": {2: {"stage": "later"}}}, "Phases, Phase 2, Stage: "),
        ({"edited_rows": {2: {"name": ""}}}, "Phases, row 3, Name: "),
        ({"edited_rows": {0: {"share_of_demand": -0.1}}}, "Phases, Pre-IND, Rate: "),
        ({"deleted_rows": [0, 1, 2]}, "Phases: "),
        ({"added_rows": [{}] * 22}, "Phases: "),
        ({"edited_rows": {0: {"id": "x"}}}, "Phases: "),
    ],
    ids=repr,
)
def test_a_wrong_edit_changes_nothing_and_names_the_row(session: None, edits: dict[str, Any], place: str) -> None:
    st.session_state["table_phases"] = plan_table.Table(0, PHASES, PHASES)
    st.session_state["edits"] = edits
    plan_table._edit("phases", "edits")
    message = state.message()
    assert message is not None
    assert message.text.startswith(place)
    assert state.current() == FOUNDER
    assert st.session_state["table_phases"].shown != PHASES  # so that the editor starts afresh


def test_a_right_edit_is_held_and_the_editor_goes_on(session: None) -> None:
    st.session_state["table_phases"] = plan_table.Table(0, PHASES, PHASES)
    st.session_state["edits"] = {"edited_rows": {1: {"months": 20}}}
    plan_table._edit("phases", "edits")
    assert state.message() is None
    assert state.current().plan.phases[1].months == 20
    assert st.session_state["table_phases"].shown == [asdict(p) for p in state.current().plan.phases]


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (218_065.7, "USD 218,000"),
        (1_234_567.0, "USD 1.23 M"),
        (999_499.0, "USD 999,000"),
        (999_600.0, "USD 1.00 M"),
        (35e6, "USD 35.0 M"),
        (2.5e9, "USD 2.50 bn"),
        (12.345, "USD 12.3"),
        (0.0, "USD 0"),
        (-4_500.0, "USD −4,500"),
        (9.996, "USD 10.0"),
    ],
)
def test_money_in_words(x: float, text: str) -> None:
    assert words.money(x, "USD") == text


def test_other_words() -> None:
    assert [words.months(x) for x in (1, 18.0, 7.54)] == ["1 month", "18 months", "7.5 months"]
    assert [words.percent(x) for x in (0.234, 0.0234, 0, 1.5)] == ["23 %", "2.3 %", "0 %", "150 %"]
    assert [words.doses(x) for x in (37.24, 40, 1234)] == ["37.2", "40", "1,230"]
    assert [words.exact(x) for x in (0.35, 35e6, 0.00012, 12.5, 0)] == ["0.35", "35,000,000", "0.00012", "12.5", "0"]


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://a.example/b.png)",
        "[x](javascript:alert(1))",
        "<img src=x>",
        "$x$",
        "# head",
        "- a\n- b",
        ":red[x]",
        "`x`",
    ],
)
def test_plain_text_keeps_no_markup(text: str) -> None:
    plain = words.plain(text)
    assert "\n" not in plain
    for i, sign in enumerate(plain):
        if sign in "![](){}<>$#*_`:|~-+.&":
            assert plain[i - 1] == "\\"


def test_plain_text_makes_no_link_and_no_icon() -> None:
    for text in ("http://a.example", "www.a.example", "a@b.example", ":smile:", ":material/home:"):
        assert "\N{WORD JOINER}" in words.plain(text)
    assert words.plain("12:30, 3 : 1") == "12\\:30\\, 3 \\: 1"


def test_labels_of_the_data_need_no_escape() -> None:
    """A widget's accessible name is its label as given, so labels go in unescaped and must hold no Markdown."""
    texts = {text for row in inputs.load().rows for text in (row.label, row.unit)}
    texts |= {step.label for recipe in recipes.load().values() for step in recipe.steps}
    texts |= {recipe.label for recipe in recipes.load().values()} | set(inputs.AREAS)
    markup = re.compile(r"[\\`*_\[\]$~#!&|\n]|<[A-Za-z/!?]|:[\w+-]+[:\[]|^[-+=>] |^\d+[.)] |https?:|www\.")
    assert not [text for text in texts if markup.search(text)]
