"""Patients: who gets a dose, and when?"""

import streamlit as st

from dosecost_app import charts, drawing, form, patients_views, results, state, whys

TABS = ["Funnel", "Cost of failure", "Vein to vein"]

form.draw_message()
scenario = state.current()
now, loaded = results.evaluation(scenario), results.as_loaded(scenario)

st.title("Who gets a dose, and when?", anchor=False)
st.markdown(charts.prose(patients_views.answer(now)))
drawing.draw_figures(patients_views.figures(now, loaded))
form.draw_remarks()

funnel, failure, waits = st.tabs(TABS, key="patients_tabs", on_change="rerun")
if funnel.open:
    with funnel:
        drawing.draw(*patients_views.funnel(now), why=whys.funnel())
        again = patients_views.second_attempts(now)
        finding = patients_views.second_finding(now)
        drawing.draw_table(
            "Second attempts and doses out of specification", again, finding, "second_attempts", why=whys.SECOND
        )
        form.lever_choice("remake", view="page.")
if failure.open:
    with failure:
        if by_cause := patients_views.failure(now):
            drawing.draw(*by_cause, why=whys.failure(now))
        else:
            st.markdown("No lot or patient is lost once money was spent on them, among the costs counted.")
        st.caption(
            "Counted is what was bought for a patient, lot or dose by the time it was lost, inside the costs counted. "
            "People, rooms, devices and vector of own campaigns are paid whether a lot fails or not."
        )
        drawing.draw(*patients_views.spent(now), why=whys.spent())
        table, finding = patients_views.points(now), patients_views.points_finding(now)
        drawing.draw_table("What counts as spent when", table, finding, "points", why=whys.points(now))
if waits.open:
    with waits:
        found = results.ways_of(scenario)
        drawing.draw(*patients_views.waits(now, found), why=whys.WAITS)
        st.caption(charts.prose(patients_views.waits_note(now, found)))
        drawing.draw(*patients_views.dropped(now, found))
