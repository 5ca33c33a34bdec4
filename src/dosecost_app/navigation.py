"""The pages of the dashboard and their addresses."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

BEGUN = "begun_by_app"
CLOSER = """<style>
@media (max-width: 1379px) {
  [data-testid="stTopNav"] { padding-inline: 8px; }
  [data-testid="stTopNav"] .rc-overflow-item > div { margin-inline: 0; }
  [data-testid="stTopNavLink"] { padding-inline: 5px; }
}
</style>"""
"""All twelve names beside the sidebar at 1,280 pixels; as Streamlit spaces them they need 1,380."""


def pages() -> StreamlitPage:
    """Name the pages along the top; the one that the address asks for is to be run.

    A page's address is its file's name: by that name a server knows it before ``st.navigation`` is called once.
    """
    st.session_state[BEGUN] = True
    return st.navigation(
        [
            st.Page("pages/start.py", title="Start", default=True),
            st.Page("pages/dose_cost.py", title="Dose cost", url_path="dose_cost"),
            st.Page("pages/process.py", title="Process", url_path="process"),
            st.Page("pages/cleanroom.py", title="Cleanroom", url_path="cleanroom"),
            st.Page("pages/patients.py", title="Patients", url_path="patients"),
            st.Page("pages/capacity.py", title="Capacity", url_path="capacity"),
            st.Page("pages/runway.py", title="Runway", url_path="runway"),
            st.Page("pages/strategy.py", title="Strategy", url_path="strategy"),
            st.Page("pages/plan.py", title="Plan", url_path="plan"),
            st.Page("pages/compare.py", title="Compare", url_path="compare"),
            st.Page("pages/evidence.py", title="Evidence", url_path="evidence"),
            st.Page("pages/inputs.py", title="Inputs", url_path="inputs"),
        ],
        position="top",
    )


def style() -> None:
    """Let the names stand closer together where the window is narrow, so that none hides behind “3 more”."""
    st.html(CLOSER)


def through_app() -> None:
    """Make sure that a page stands inside the dashboard.

    Until ``st.navigation`` has been called once in a process, Streamlit runs a file of ``pages/`` by itself when the
    first visitor asks for its address. Such a run names the pages and begins again, this time with ``app.py``.
    """
    if BEGUN not in st.session_state:
        pages()
        st.rerun()
