"""Why a figure is what it is: its formula, the parts in it, one click deeper each time, and what it leads to."""

import pandas as pd
import streamlit as st

from dosecost.explain import Explanation, Part
from dosecost_app import charts, drawing, results, state, words
from dosecost_app.views import three

KEY = "why"
FIRST = "cost.per_patient_infused"
MOST_BUTTONS = 12
"""Parts that get a button of their own; a longer sum lists the largest."""
HEADLINES = (
    FIRST,
    "cost.per_dose_released",
    "cost.per_lot_started",
    "cost.annual_total",
    "cost.fixed_share",
    "cost.failure_share",
    *(f"cost.categories.{name}" for name in charts.LABELS),
    "funnel.patients_infused",
    "funnel.lots_started",
    "funnel.lot_failure_rate",
    "funnel.vein_to_vein_days",
    "cells.missed_dose",
    "plant.suites",
    "plant.ceiling",
    "plant.slot_wait_days",
    "heads.total",
    "plates.per_year",
    "invested",
    "months_to_first_lot",
)
"""Figures to begin with; every other is reached from them or found by its name."""


def draw() -> None:
    """The figure that is explained, the way to it, its formula and its parts."""
    figures = results.figures(state.current())
    known = [name for name in HEADLINES if name in figures.nodes]
    others = [name for name in figures.names() if name not in known]
    path: list[str] = [
        name for name in st.session_state.get(KEY, [FIRST]) if name in figures.nodes or name in figures.rows
    ]
    path = path or [FIRST]
    st.selectbox(
        "Figure",
        [*known, *others],
        index=None,
        placeholder="Another figure: type a part of its name",
        format_func=in_words,
        key="why_figure",
        on_change=_begin,
    )
    with st.container(horizontal=True):
        for i, name in enumerate(path[:-1]):
            st.button(f"‹ {words.plain(in_words(name))}", key=f"why_back_{i}", on_click=_go, args=(path[: i + 1],))
    why = figures.explain(path[-1])
    row = figures.rows.get(why.name)
    st.subheader(words.plain(in_words(why.name)), anchor=False)
    unit = f" {words.unit_label(row.unit_in(state.current().currency))}" if row else ""
    st.markdown(f"**{words.plain(words.exact(why.value) + unit)}**")
    if row is not None:
        st.markdown(words.plain(f"An input: {row.label}. Evidence grade {row.grade}. Source: {row.source}. {row.note}"))
    if why.formula:
        st.code(f"= {why.formula}", language=None, wrap_lines=True)
        drawing.draw_table("What is in it", parts_table(why), parts_finding(why), "why_parts")
        st.caption("One step deeper:")
        with st.container(horizontal=True):
            for part in by_weight(why)[:MOST_BUTTONS]:
                st.button(
                    words.plain(in_words(part.name)),
                    key=f"why_{part.name}",
                    on_click=_go,
                    args=([*path, part.name],),
                )
    if why.leads_to:
        st.markdown(
            words.plain(f"It leads to {charts.listed([in_words(name) for name in why.leads_to[:MOST_BUTTONS]])}.")
        )


def by_weight(why: Explanation) -> list[Part]:
    """The parts, the largest figures of a long sum first."""
    if len(why.parts) <= MOST_BUTTONS:
        return why.parts
    return sorted(why.parts, key=lambda part: -abs(part.value))


def parts_table(why: Explanation) -> pd.DataFrame:
    """The parts of a formula with their values, and for inputs unit, grade and source."""
    return pd.DataFrame(
        {
            "Part": [in_words(part.name) for part in why.parts],
            "Value": [three(part.value) for part in why.parts],
            "Unit": [part.row.unit if part.row else "" for part in why.parts],
            "Grade": [part.row.grade if part.row else "" for part in why.parts],
            "Source": [part.row.source if part.row else "a figure of the model" for part in why.parts],
            "Name": [part.name for part in why.parts],
        }
    )


def parts_finding(why: Explanation) -> str:
    """How many figures and inputs the formula holds."""
    inputs = sum(part.row is not None for part in why.parts)
    figures = len(why.parts) - inputs
    counted = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((figures, "figure"), (inputs, "input")) if n]
    return f"The formula holds {charts.listed(counted)}." if counted else "The formula holds constants only."


def in_words(name: str) -> str:
    """``funnel.patients_infused`` as ``Patients infused (funnel)``."""
    head, _, last = name.rpartition(".")
    text = last.replace("_", " ")
    return f"{text[:1].upper()}{text[1:]}" + (f" ({head.replace('_', ' ').replace('.', ', ')})" if head else "")


def _begin() -> None:
    chosen = st.session_state["why_figure"]
    if chosen is not None:
        st.session_state[KEY] = [chosen]


def _go(path: list[str]) -> None:
    st.session_state[KEY] = path
    st.session_state["why_figure"] = None
