"""The pages of the dashboard and their addresses."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

BEGUN = "begun_by_app"


def pages() -> StreamlitPage:
    """Name the pages along the top; the one that the address asks for is to be run."""
    st.session_state[BEGUN] = True
    return st.navigation(
        [
            st.Page("pages/dose_cost.py", title="Dose cost", url_path="dose-cost", default=True),
            st.Page("pages/runway.py", title="Runway", url_path="runway"),
            st.Page("pages/inputs.py", title="Inputs", url_path="inputs"),
            st.Page("pages/plan.py", title="Plan", url_path="plan"),
        ],
        position="top",
    )


def through_app() -> None:
    """Make sure that a page stands inside the dashboard.

    Until ``st.navigation`` has been called once in a process, Streamlit runs a file of ``pages/`` by itself when the
    first visitor asks for its address. Such a run names the pages and begins again, this time with ``app.py``.
    """
    if BEGUN not in st.session_state:
        pages()
        st.rerun()
