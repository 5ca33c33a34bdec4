"""How many months does the money last? Two runways, the balance month by month, and what moved them."""

from functools import partial

import streamlit as st

from dosecost_app import ask, charts, form, results, state, views, whys

TABS = ["Balance", "Money in and out", "What changed", "Months"]

form.draw_message()
scenario = state.current()
now, loaded = results.evaluation(scenario), results.as_loaded(scenario)

st.title("How many months does the money last?", anchor=False)
st.markdown(charts.prose(views.runway_answer(now)))
charts.draw_figures(views.cash_figures(now, loaded))
form.draw_remarks()
st.caption(charts.prose(views.conventions(now)))

balance, flows, changed, months = st.tabs(TABS, key="runway_tabs", on_change="rerun")
if balance.open:
    with balance:
        charts.draw(*views.balance(now), rows=whys.months(now, "closing"))
        table, finding = views.milestones(now), views.milestones_finding(now)
        charts.draw_table("Phases", table, finding, "milestones", why=whys.milestones(now))
if flows.open:
    with flows:
        charts.draw(*views.flows(now), why=whys.flows(now), rows=whys.months(now, "outflow"))
        st.caption(charts.prose(views.value_line(now)))
        ask.menu(whys.RETURNS, "returns", "Why these returns?")
if changed.open:
    with changed:
        found = state.changed()
        finding = views.change_finding(found, now, loaded)
        charts.draw_table("What changed against the scenario as loaded", views.change_table(found), finding, "changes")
if months.open:
    with months:
        charts.draw_table(
            "Every month", views.months(now), views.conventions(now), "months", rows=whys.months(now, "closing")
        )
        charts.draw_file("the months", "months", scenario.digest, partial(views.months_csv, now))
