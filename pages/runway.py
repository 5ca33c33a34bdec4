"""How many months does the money last? Two runways, the balance month by month, and what moved them."""

from functools import partial

import streamlit as st

from dosecost_app import ask, charts, drawing, form, results, state, views, whys

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
        drawing.draw(*views.balance(now), rows=whys.months(now, "closing"))
        table, finding = views.milestones(now), views.milestones_finding(now)
        drawing.draw_table("Phases", table, finding, "milestones", why=whys.milestones(now))
        if scenario.plan.decisions:
            drawing.draw_table("Decisions", views.decisions(now), views.decisions_finding(now), "decisions")
if flows.open:
    with flows:
        drawing.draw(*views.flows(now), why=whys.flows(now), rows=whys.months(now, "outflow"))
        st.caption(charts.prose(views.value_line(now)))
        ask.menu(whys.RETURNS, "returns", "Why these returns?")
if changed.open:
    with changed:
        found = state.changed()
        finding = views.change_finding(found, now, loaded)
        drawing.draw_table("What changed against the scenario as loaded", views.change_table(found), finding, "changes")
if months.open:
    with months:
        table, full = views.months(now), partial(views.month_rows, now)
        drawing.draw_table(
            "Every month", table, views.conventions(now), "months", full, rows=whys.months(now, "closing")
        )
