"""The start page: shipped scenarios in the model's figures, and a scenario from five answers."""

from typing import Any

import pytest

from dosecost import scenario
from dosecost.evaluation import evaluate
from dosecost_app import start, state, views, words
from tests.app.running import opened, said, scenario_of, view

FOUNDER = scenario.load("founder")


def answer(at: Any, **answers: Any) -> Any:
    """Fill in the form and send it."""
    widgets = (*at.number_input, *at.selectbox, *at.button_group)
    for question, value in answers.items():
        view(widgets, f"answers_{question}").set_value(value)
    next(button for button in at.button if button.label == "Show me").click()
    return at.run()


def test_the_cards_show_the_model_s_figures() -> None:
    at = opened(page="start")
    assert [metric.value for metric in at.metric] == [
        words.money(evaluate(s).cost.per_patient_infused, s.currency) for s in map(scenario.load, start.KINDS)
    ]
    shown = " ".join(text.value for text in at.markdown).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")
    for s in map(scenario.load, start.KINDS):
        e = evaluate(s)
        assert f"Money lasts {views.runway_text(e)}" in shown
        assert f"{words.doses(s.inputs['demand.patients_per_year'])} patients a year" in shown
        assert e.recipe.label in shown
    assert set(start.KINDS) == set(scenario.shipped())


@pytest.mark.parametrize("name", scenario.shipped())
def test_a_card_opens_its_scenario_on_the_page_of_the_dose_cost(name: str) -> None:
    at = opened(page="start")
    at.button(key=f"open_{name}").click().run()
    assert not at.exception
    assert scenario_of(at) == scenario.load(name)
    assert at.title[0].value == "What does one patient’s dose cost, and why?"


def test_five_answers_build_exactly_that_scenario() -> None:
    at = opened(page="start")
    answer(at, kind="academic", patients=30.0, platform="semi_auto", tenure="host_hospital", cash=4.5)
    assert not at.exception
    made = scenario_of(at)
    changes = {"demand.patients_per_year": 30.0, "platform": "semi_auto", "tenure": "host_hospital"}
    expected = scenario.with_changes(
        scenario.load("academic"),
        changes | {"plan.opening_cash": 4_500_000.0, "name": made.name, "description": made.description},
        "",
    )
    assert made == expected
    assert made.currency == "EUR"
    assert at.title[0].value == "What does one patient’s dose cost, and why?"
    assert at.session_state["loaded"] == made
    assert at.session_state["origin"] == "academic"
    assert f"{made.name} (your answers)" in view(at.selectbox, "w_scenario").options
    next(button for button in at.button if button.label == "Undo").click().run()
    assert scenario_of(at) == FOUNDER


def test_what_is_left_open_stays_as_shipped() -> None:
    assert scenario_of(answer(opened(page="start"), kind="investor")) == scenario.load("investor")
    at = answer(opened(page="start"), cash=0.0)
    made = scenario_of(at)
    assert made.plan.opening_cash == 0
    assert made.choices == FOUNDER.choices
    assert made.inputs == FOUNDER.inputs


@pytest.mark.parametrize(
    ("question", "value", "about"),
    [
        ("patients", 0.0, "Patients a year: "),
        ("patients", -3.0, "Patients a year: "),
        ("patients", 1e9, "Patients a year: "),
        ("cash", -1.0, "Cash now: "),
        ("cash", 1e15, "Cash now: "),
    ],
)
def test_a_bad_number_is_one_line_and_changes_nothing(question: str, value: float, about: str) -> None:
    at = answer(opened(page="start"), **{question: value})
    assert not at.exception
    assert scenario_of(at) == FOUNDER
    assert len(at.error) == 1
    assert said(at).startswith(about)
    assert said(at).endswith(state.KEPT)
    assert "\n" not in said(at)
    assert at.title[0].value == "What would you like to know?"
