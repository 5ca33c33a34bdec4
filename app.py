"""The dashboard: page settings, the session's scenario, the page, and the sidebar. Run with ``make run``.

The page comes first, so that a new headline does not wait for the levers. The compiler of the simulation starts beside
all else once the page stands, and work that takes long comes last.
"""

import streamlit as st

from dosecost.analysis import queueing_forms
from dosecost_app import form, navigation, printing, promise_run, state, why

st.set_page_config(page_title="dosecost", layout="wide", initial_sidebar_state=340)
state.start()
promise_run.begin()
navigation.pages().run()
why.answer_asked()
form.draw_sidebar()
printing.style()
navigation.style()
queueing_forms.prepare()
promise_run.finish()
