"""Cleanroom: which rooms does the process need, and what does keeping them clean cost?"""

from functools import partial

import streamlit as st

from dosecost_app import charts, form, results, state
from dosecost_app import cleanroom_views as views

TABS = ["Rooms", "Monitoring", "Closing steps", "Whose rooms", "Idle"]

form.draw_message()
scenario = state.current()
now = results.evaluation(scenario)

st.title("Which rooms does it need, and what keeps them clean?", anchor=False)
st.markdown(charts.prose(views.answer(now)))
form.draw_remarks()

rooms, monitoring, closing, tenures, idle = st.tabs(TABS, key="cleanroom_tabs", on_change="rerun")
if rooms.open:
    with rooms:
        if scenario.choices.tenure == "cdmo":
            st.markdown(views.NO_ROOMS)
        else:
            charts.draw_table("Area", views.area_table(now), views.area_finding(now), "area")
        charts.draw(*views.rooms(now))
if monitoring.open:
    with monitoring:
        charts.draw(*views.monitoring(now))
        charts.draw_table("Sampling plan", views.sampling_table(now), views.sampling_finding(now), "sampling")
        st.download_button(
            "Download the sampling plan as CSV",
            partial(views.sampling_csv, now),
            file_name=f"dosecost-sampling-plan-{scenario.digest}.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
if closing.open:
    with closing:
        alone, path = results.closing(scenario)
        charts.draw(*views.closing(now, alone))
        charts.draw_table("All steps closed", views.path_table(now, path), views.path_finding(now, path), "path")
if tenures.open:
    with tenures:
        charts.draw(*views.tenures(results.tenure_comparison(scenario), scenario.choices.tenure))
if idle.open:
    with idle:
        charts.draw(*views.idle(now))
