"""The dashboard: page settings, the session's scenario, the sidebar, and the pages. Run with ``make run``."""

import streamlit as st

from dosecost_app import form, state

st.set_page_config(page_title="dosecost", layout="wide", initial_sidebar_state=340)
state.start()
page = st.navigation(
    [
        st.Page("pages/dose_cost.py", title="Dose cost", url_path="dose-cost", default=True),
        st.Page("pages/runway.py", title="Runway", url_path="runway"),
        st.Page("pages/inputs.py", title="Inputs", url_path="inputs"),
        st.Page("pages/plan.py", title="Plan", url_path="plan"),
    ],
    position="top",
)
form.draw_sidebar()
page.run()
