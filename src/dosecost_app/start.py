"""The start page's parts: the shipped scenarios in figures, and a scenario of one's own from five answers."""

from typing import NamedTuple

import streamlit as st

from dosecost import scenario
from dosecost.errors import InputError
from dosecost_app import charts, results, state, views, words

KINDS = {
    "founder": "A company in trials",
    "academic": "An academic unit",
    "investor": "A company before approval",
}
"""Who asks, by the shipped scenario that fits best."""
MILLION = 1_000_000
PATIENTS = "demand.patients_per_year"
CASH = "plan.opening_cash"
LABELS = {PATIENTS: "Patients a year", CASH: "Cash now"}
FORM = "answers_"


class Card(NamedTuple):
    """A shipped scenario in its headline figures, in words."""

    name: str
    title: str
    description: str
    cost: str
    facts: tuple[str, ...]


def card(name: str) -> Card:
    """The figures of a shipped scenario, by the model."""
    e = results.evaluation(scenario.load(name))
    facts = (
        f"Money lasts {views.runway_text(e)}",
        words.patients(float(e.areas.demand.patients_per_year)),
        e.recipe.label,
    )
    cost = words.money(e.cost.per_patient_infused, e.scenario.currency)
    return Card(name, e.scenario.name, e.scenario.description, cost, facts)


def currencies() -> str:
    """The currency of each base, in words: ``USD (an academic unit: EUR)``."""
    by_name = {name: scenario.load(name).currency for name in KINDS}
    common = max(by_name.values(), key=list(by_name.values()).count)
    others = [f"{KINDS[name].lower()}: {money}" for name, money in by_name.items() if money != common]
    return f"{common} ({', '.join(others)})" if others else common


def changes(
    kind: str, patients: float | None, platform: str | None, tenure: str | None, millions: float | None
) -> dict[str, object]:
    """The answers as changes of the base; what was left open stays as it is there."""
    found: dict[str, object] = {
        PATIENTS: patients,
        "platform": platform,
        "tenure": tenure,
        CASH: None if millions is None else round(millions * MILLION, 2),
    }
    found = {key: value for key, value in found.items() if value is not None}
    base = scenario.load(kind)
    told = {"name": f"{KINDS[kind]}: from five answers", "description": f"Five answers, the rest as in “{base.name}”."}
    return told | found if found else found


def label(error: InputError) -> str:
    """The question that an error is about."""
    return LABELS.get(error.what, "An answer")


def take() -> None:
    """Callback of the form: load the scenario of the answers, or say what is wrong with them."""
    kind, *answers = (
        st.session_state[f"{FORM}{question}"] for question in ("kind", "patients", "platform", "tenure", "cash")
    )
    state.load_changed(kind, changes(kind, *answers), label)


def draw_card(one: Card) -> bool:
    """A shipped scenario as a card; whether it was opened."""
    with st.container(border=True, height="stretch"):
        st.subheader(words.plain(one.title), anchor=False)
        st.metric("Cost per patient infused", one.cost)
        st.markdown("  \n".join(charts.prose(fact) for fact in one.facts))
        st.caption(words.plain(one.description))
        with st.container(height="stretch", vertical_alignment="bottom"):
            return st.button(
                f"Open {one.title.partition(':')[0].lower()}",
                key=f"open_{one.name}",
                on_click=state.load_shipped,
                args=(one.name,),
                width="stretch",
            )


def draw_questions() -> bool:
    """The five questions; whether they were sent."""
    with st.form("answers"):
        st.segmented_control(
            "Who are you?", list(KINDS), format_func=KINDS.__getitem__, default="founder", required=True,
            key=f"{FORM}kind",
        )  # fmt: skip
        grid = st.grid(min_column_width=260)
        with grid:
            st.number_input(
                "How many patients a year?", value=None, step=1.0, format="%.10g", key=f"{FORM}patients",
                placeholder="As in the shipped plan",
            )  # fmt: skip
            draw_options("How do you make it today?", "platform")
            draw_options("Whose clean room is it?", "tenure")
            st.number_input(
                f"How much cash now? Millions, {currencies()}", value=None, step=1.0, format="%.10g",
                key=f"{FORM}cash", placeholder="As in the shipped plan",
            )  # fmt: skip
        return st.form_submit_button("Show me", type="primary", on_click=take)


def draw_options(question: str, choice: str) -> None:
    """A question with the options of a choice."""
    st.selectbox(
        question,
        scenario.options(choice),
        index=None,
        format_func=lambda option: words.option_label(choice, option),
        key=f"{FORM}{choice}",
        placeholder="As in the shipped plan",
    )
