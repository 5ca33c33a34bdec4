"""How many patients can this unit reliably treat, and what stops it? Ceilings, next purchase, weeks, promise."""

from functools import partial

import streamlit as st

from dosecost.analysis.schedule import LAST_WEEK, WEEKS
from dosecost_app import capacity_views, charts, drawing, form, promise_run, results, state, whys

TABS = ["What limits", "Next purchase", "Weeks", "Promise"]

form.draw_message()
scenario = state.current()
now, loaded = results.evaluation(scenario), results.as_loaded(scenario)

st.title("How many patients can this unit reliably treat, and what stops it?", anchor=False)
if scenario.choices.tenure == "cdmo":
    st.markdown(charts.prose(capacity_views.contract(now)))
    form.draw_remarks()
else:
    known = results.ceilings_of(scenario)
    st.markdown(charts.prose(capacity_views.answer(now, known, promise_run.latest(now))))
    drawing.draw_figures(capacity_views.figures(now, loaded, known))
    form.draw_remarks()
    limits, purchase, weeks, promise = st.tabs(TABS, key="capacity_tabs", on_change="rerun")
    if limits.open:
        with limits:
            drawing.draw(*capacity_views.limits(now, known), why=whys.ceilings(now, known))
            drawing.draw(*capacity_views.use(now, known))
    if purchase.open:
        with purchase:
            bought = results.purchases_of(scenario)
            reach, finding = capacity_views.reach_table(bought, known), capacity_views.reach_finding(bought)
            rows = partial(capacity_views.purchase_rows, now, bought)
            drawing.draw_table("What one more of each can make", reach, finding, "reach", rows)
            finding = capacity_views.next_finding(now, bought, known)
            drawing.draw_table(
                "What one more of each costs", capacity_views.next_table(now, bought), finding, "purchases", rows
            )
            st.caption(
                "Runs of the model with and without one more, everything counted, idle capacity too. “Full” sets the "
                "plant filled with it against the plant filled without: a suite or main device with people and small "
                "devices added as the lots need them, all else alone. At the present demand a purchase can still lower "
                "the cost: fewer patients drop out while they wait."
            )
            drawing.draw(*capacity_views.steps(now, *results.steps_of(scenario)))
    if weeks.open:
        with weeks:
            first = st.slider(
                "First of twelve weeks", 1, LAST_WEEK - WEEKS + 1, 14, key="first_week", persist_state="session"
            )
            made = results.schedule_of(scenario, first)
            drawing.draw(*capacity_views.rooms_held(now, made))
            drawing.draw(*capacity_views.devices_held(now, made))
            st.caption(
                "One year of the simulation behind Promise, with its random arrivals, lengths and failures: not a "
                "plan. A lot takes its device together with its room. ² is a patient’s second attempt."
            )
    if promise.open:
        with promise:
            promise_run.draw(now)
