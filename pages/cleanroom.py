"""Which rooms does this process need, and what does keeping them clean cost? Rooms, plates, closing, whose rooms."""

from functools import partial

import streamlit as st

from dosecost_app import charts, cleanroom_views, closing_views, drawing, form, idle_views, results, state, whys

TABS = ["Rooms", "Sampling plan", "Closing steps", "Whose rooms", "Idle"]

form.draw_message()
scenario = state.current()
now, loaded = results.evaluation(scenario), results.as_loaded(scenario)

st.title("Which rooms does this process need, and what does keeping them clean cost?", anchor=False)
st.markdown(charts.prose(cleanroom_views.answer(now)))
drawing.draw_figures(cleanroom_views.figures(now, loaded))
form.draw_remarks()

rooms, plan, closing, tenures, idle = st.tabs(TABS, key="cleanroom_tabs", on_change="rerun")
if rooms.open:
    with rooms:
        drawing.draw_table("Rooms", cleanroom_views.room_table(now), cleanroom_views.room_finding(now), "room_list")
        if spent := cleanroom_views.running(now):
            drawing.draw(*spent, why=whys.running(now))
if plan.open:
    with plan:
        table, finding = cleanroom_views.plan_table(now), cleanroom_views.plan_finding(now)
        full = partial(cleanroom_views.plan_rows, now)
        drawing.draw_table("Sampling plan", table, finding, "sampling_plan", full, why=whys.plates(now))
        if by_sample := cleanroom_views.by_sample(now):
            drawing.draw(*by_sample, why=whys.samples(now))
        limits = cleanroom_views.limit_table(now)
        drawing.draw_table("Limits the plates are read against", limits, cleanroom_views.limit_finding(now), "limits")
if closing.open:
    with closing:
        found = results.closing_of(scenario)
        for made in (view(now, found) for view in closing_views.ALL):
            if made:
                drawing.draw(*made)
        if not found.steps:
            st.markdown(charts.prose(closing_views.nothing_open()))
if tenures.open:
    with tenures:
        compared = results.tenure_comparison(scenario)
        among = whys.tenures(compared, scenario.choices.tenure)
        drawing.draw(*cleanroom_views.tenures(now, compared), why=whys.TENURE_FACTS, among=among)
        table = cleanroom_views.tenure_facts(now, compared)
        finding = cleanroom_views.side_by_side_finding(now, compared)
        drawing.draw_table("Side by side", table, finding, "side_by_side", why=whys.TENURE_FACTS, among=among)
        drawing.draw(*cleanroom_views.idle(now, compared))
if idle.open:
    with idle:
        drawing.draw(*idle_views.by_kind(now), why=whys.idle(now))
