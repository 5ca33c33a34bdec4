"""How a page asks why a figure is what it is: one small menu by a row of metrics, a chart or a table, or a click on a
row of a long table. What is asked is answered in one dialog (``why``), which the entry file opens last."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from dosecost.scenario import Scenario
from dosecost_app import words

ASKED = "why_asked"


class Question(NamedTuple):
    """Figure to explain by its name, and the scenarios to choose from where it is asked of several, by their label."""

    name: str
    among: Mapping[str, Scenario]


def menu(why: Mapping[str, str], key: str, label: str = "Why?", among: Mapping[str, Scenario] | None = None) -> None:
    """A button that lists figures; the one that is chosen is explained. Nothing where there is none to ask for.

    ``why`` holds the figures' names by what the page calls them.
    """
    if why:
        st.menu_button(
            label,
            list(why),
            format_func=words.plain,
            key=f"{key}_why",
            type="tertiary",
            icon=":material/help:",
            on_click=_choose,
            args=(f"{key}_why", dict(why), dict(among or {})),
        )


def by_row(names: Sequence[str], key: str) -> dict[str, Any]:
    """Arguments of ``st.dataframe`` with which the click on a row asks for the figure of the row."""
    return {"on_select": lambda: _choose_row(key, names), "selection_mode": "single-row"}


def asked() -> Question | None:
    """What this run was asked for, once."""
    found: Question | None = st.session_state.pop(ASKED, None)
    return found


def _choose(widget: str, why: Mapping[str, str], among: Mapping[str, Scenario]) -> None:
    chosen = st.session_state[widget]
    if chosen in why:
        st.session_state[ASKED] = Question(why[chosen], among)


def _choose_row(widget: str, names: Sequence[str]) -> None:
    rows = st.session_state[widget]["selection"]["rows"]
    if rows and rows[0] < len(names):
        st.session_state[ASKED] = Question(names[rows[0]], {})
