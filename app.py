"""The dashboard: page settings, the session's scenario, the page, and the sidebar. Run with ``make run``.

The page comes first, so that a new headline does not wait for the levers; last, and beside all else, the compiler of
the simulation.
"""

import streamlit as st

from dosecost.analysis import queueing_forms
from dosecost_app import form, navigation, printing, state

st.set_page_config(page_title="dosecost", layout="wide", initial_sidebar_state=340)
state.start()
navigation.pages().run()
form.draw_sidebar()
printing.style()
queueing_forms.prepare()
