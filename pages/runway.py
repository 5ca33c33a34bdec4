"""How many months does the money last? Two runways, the balance month by month, and what moved them."""

from functools import partial

import streamlit as st

from dosecost_app import charts, drawing, form, results, state, views

TABS = ["Balance", "Money in and out", "What changed", "Months"]

form.draw_message()
scenario = state.current()
now, loaded = results.evaluation(scenario), results.as_loaded(scenario)

st.title("How many months does the money last?", anchor=False)
st.markdown(charts.prose(views.runway_answer(now)))
drawing.draw_figures(views.cash_figures(now, loaded))
form.draw_remarks()
st.caption(charts.prose(views.conventions(now)))

balance, flows, changed, months = st.tabs(TABS, key="runway_tabs", on_change="rerun")
if balance.open:
    with balance:
        drawing.draw(*views.balance(now))
        drawing.draw_table("Phases", views.milestones(now), views.milestones_finding(now), "milestones")
        if scenario.plan.decisions:
            drawing.draw_table("Decisions", views.decisions(now), views.decisions_finding(now), "decisions")
if flows.open:
    with flows:
        drawing.draw(*views.flows(now))
        st.caption(charts.prose(views.value_line(now)))
if changed.open:
    with changed:
        found = state.changed()
        finding = views.change_finding(found, now, loaded)
        drawing.draw_table("What changed against the scenario as loaded", views.change_table(found), finding, "changes")
if months.open:
    with months:
        table, full = views.months(now), partial(views.month_rows, now)
        drawing.draw_table("Every month", table, views.conventions(now), "months", full)
