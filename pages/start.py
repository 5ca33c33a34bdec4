"""What would you like to know? Three shipped scenarios to open, or a scenario of one's own from five answers."""

import streamlit as st

from dosecost_app import form, start, state

form.draw_message()
st.title("What would you like to know?", anchor=False)
st.markdown(
    "What one patient’s dose costs, why, and how long the money lasts: open the plan most like yours, or answer "
    "five questions. Every number can be changed afterwards, and every step taken back."
)

st.subheader("Three shipped plans", anchor=False)
cards = st.grid(min_column_width=230)
opened = False
for name in start.KINDS:
    with cards:
        opened = start.draw_card(start.card(name)) or opened

st.subheader("Or five questions about yours", anchor=False)
st.caption("What is left open stays as in the shipped plan of your kind.")
sent = start.draw_questions()

if (opened or sent) and state.message() is None:
    st.switch_page("pages/dose_cost.py")
