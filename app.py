"""The dashboard: page settings, the session's scenario, the sidebar, and the pages. Run with ``make run``."""

import streamlit as st

from dosecost_app import form, levers, navigation, state

st.set_page_config(page_title="dosecost", layout="wide", initial_sidebar_state=340)
state.start()
page = navigation.pages()
places = form.draw_sidebar()
page.run()
levers.draw(places)
