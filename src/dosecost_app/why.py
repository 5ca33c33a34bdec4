"""Why a figure is what it is: what it means, its formula, the parts in it, one click deeper each time, and where it
leads to. The same explanation fills the dialog that every page opens and the tab of the page *Evidence*."""

from typing import Any

import pandas as pd
import streamlit as st

from dosecost.explain import OWN, Explanation, Figures, Part
from dosecost_app import ask, charts, drawing, results, state, words

FIRST = "cost.per_patient_infused"
DIALOG, PAGE = "why_dialog", "why_page"
WIDTH = 720
"""Width of the dialog in pixels."""
MOST_BUTTONS = 8
"""Parts, or figures that it leads to, that get a button of their own; where there are more, a list has them all."""
MOST_STEPS_BACK = 4
LONG_FORMULA = 700
"""Characters from which a formula scrolls."""
FORMULA_HEIGHT = 180
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
    "cash.runway_months",
    "cash.lowest",
    "cash.funding_gap",
    "cash.npv",
    "cash.irr",
    "cash.minimum_viable_price.price",
)
"""Figures to begin with; every other is reached from them or found by its name."""


def answer_asked() -> None:
    """Open the dialog where a page has just been asked why."""
    question = ask.asked()
    if question is not None:
        st.session_state[DIALOG] = [question.name]
        _dialog(question)


@st.dialog("Why this figure?", width=WIDTH, position="right")
def _dialog(question: ask.Question) -> None:
    scenario = state.current()
    if question.among:
        names = list(question.among)
        chosen = st.pills("Of", names, default=names[0], required=True, format_func=words.plain, key="why_among")
        scenario = question.among[chosen or names[0]]
    _draw(results.figures(scenario), DIALOG, question.name)


def draw() -> None:
    """The figure that is explained on the page, and the search for another."""
    figures = results.figures(state.current())
    known = [name for name in HEADLINES if name in figures]
    others = [name for name in figures.main_names() if name not in known]
    st.selectbox(
        "Figure",
        [*known, *others],
        index=None,
        placeholder="Another figure: type a part of its name",
        format_func=lambda name: titled(figures, name),
        key="why_figure",
        on_change=_begin,
    )
    _draw(figures, PAGE, FIRST)


def _draw(figures: Figures, kept: str, first: str) -> None:
    """One figure with the way to it, its parts and what it leads to; ``kept`` is where the way is kept."""
    path: list[str] = [name for name in st.session_state.get(kept, [first]) if name in figures] or [first]
    if path[-1] not in figures:
        st.markdown("This scenario has no such figure: its choices leave it out.")
        return
    if len(path) > 1:
        with st.container(horizontal=True, gap="small"):
            for i, name in list(enumerate(path[:-1]))[-MOST_STEPS_BACK:]:
                _button(f"‹ {titled(figures, name)}", f"{kept}_back_{i}", kept, path[: i + 1])
    why = figures.explain(path[-1])
    heading = st.header if kept == DIALOG else st.subheader
    heading(words.plain(titled(figures, why.name)), anchor=False)
    st.markdown(f"**{words.plain(shown(why.part))}**  \n{words.plain(said(why))}")
    if why.formula:
        st.markdown(words.plain(f"In words: {why.in_words}."))
        st.code(
            f"= {why.formula}",
            language=None,
            wrap_lines=True,
            height=FORMULA_HEIGHT if len(why.formula) > LONG_FORMULA else "content",
        )
    if why.parts:
        drawing.draw_rows(
            f"Parts of {titled(figures, why.name)}", parts_table(why), parts_finding(why), f"{kept}_parts"
        )
        _steps(figures, "One step deeper", [part.name for part in why.parts], kept, path)
    if why.leads_to:
        _steps(figures, "It leads to", why.leads_to, kept, path)


def _steps(figures: Figures, label: str, names: list[str], kept: str, path: list[str]) -> None:
    """Ways on from a figure: a button each, or a list where they are many."""
    if len(names) > MOST_BUTTONS:
        key = f"{kept}_{label}_{path[-1]}"
        st.selectbox(
            f"{label}: {len(names)} figures",
            names,
            index=None,
            placeholder="Choose one, or type a part of its name",
            format_func=lambda name: titled(figures, name),
            key=key,
            on_change=_follow,
            args=(key, kept, path),
        )
        return
    st.caption(f"{label}:")
    with st.container(horizontal=True, gap="small"):
        for name in names:
            _button(titled(figures, name), f"{kept}_to_{name}", kept, [*path, name])


def _button(label: str, key: str, kept: str, path: list[str]) -> None:
    st.button(words.plain(label), key=key, on_click=_go, args=(kept, path))


def titled(figures: Figures, name: str) -> str:
    """What a figure is called, as a heading."""
    label = figures.in_words(name)
    return label[:1].upper() + label[1:]


def shown(part: Part) -> str:
    """The value of a figure with its unit."""
    if part.value is None:
        return "none"
    if isinstance(part.value, str):
        return part.value or "(empty)"
    unit = words.unit_label(part.unit)
    return f"{words.exact(float(part.value))} {'' if unit == 'text' else unit}".strip()


def said(why: Explanation) -> str:
    """What a figure means; of an input, how well it is known and by whom."""
    evidence = {"": "", OWN: f" Source: {why.part.source}."}
    grade = why.part.grade
    known = evidence.get(grade, f" Evidence grade {grade}. Source: {why.part.source}.")
    return f"{why.meaning}{known} {why.note}".strip()


def parts_table(why: Explanation) -> pd.DataFrame:
    """The parts of a formula with their values, and for inputs grade and source."""
    return pd.DataFrame(
        {
            "Part": [part.label[:1].upper() + part.label[1:] for part in why.parts],
            "Value": [_cell(part.value) for part in why.parts],
            "Unit": [words.unit_label(part.unit) for part in why.parts],
            "Grade": [part.grade for part in why.parts],
            "Source": [part.source or "a figure of the model" for part in why.parts],
            "Name": [part.name for part in why.parts],
        }
    )


def _cell(value: Any) -> str:
    return "none" if value is None else value if isinstance(value, str) else words.exact(float(value))


def parts_finding(why: Explanation) -> str:
    """How many figures and inputs the formula holds."""
    inputs = sum(bool(part.grade) for part in why.parts)
    figures = len(why.parts) - inputs
    counted = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((figures, "figure"), (inputs, "input")) if n]
    return f"The formula holds {charts.listed(counted)}."


def _begin() -> None:
    chosen = st.session_state["why_figure"]
    if chosen is not None:
        st.session_state[PAGE] = [chosen]


def _follow(key: str, kept: str, path: list[str]) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        _go(kept, [*path, chosen])


def _go(kept: str, path: list[str]) -> None:
    """A figure that is already on the way is gone back to, so that the way holds each once."""
    last = path[-1]
    st.session_state[kept] = path[: path.index(last) + 1]
    if kept == PAGE:
        st.session_state["why_figure"] = None
