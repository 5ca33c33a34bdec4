"""Plan: which phases, which money, and when?"""

import pandas as pd
import streamlit as st

from dosecost_app import ask, demand_views, drawing, form, plan_table, results, state, views, whys, words

st.title("Which phases, which money, and when?", anchor=False)
form.draw_message()
form.draw_remarks()
scenario = state.current()
found = results.evaluation(scenario)
cash = found.cash

st.subheader("Phases", anchor=False)
growth = words.percent(float(found.areas.demand.growth_per_year))
st.caption(
    "One after another; the first phase with patients waits for the plant. Rate is the share of the full rate of "
    "patients; with growing demand it is that of the phase’s first year and rises by "
    f"{growth} a year (Inputs, Demand). Research and administration are {scenario.currency} a month, trial cost is "
    f"{scenario.currency} a patient. Double-click a cell to change it, add a row at the bottom, mark rows at the left "
    "to remove them."
)
st.space("small")  # for the toolbar of the table below
plan_table.draw("phases")
st.space("small")
ends = pd.DataFrame(
    [
        (m.name, m.start, m.month, words.money(m.gap, scenario.currency) if m.gap > 0 else "none")
        for m in cash.milestones
    ],
    columns=["Phase", "First month", "Last month", "Money missing to finish it"],
)
about = "First and last month of each phase, and the money missing to finish it"
drawing.draw_rows("Ends of the phases", ends, about, "plan_ends")
ask.menu(whys.milestones(found), "plan_phases")
drawing.draw(*demand_views.patients(found))

st.subheader("Money received", anchor=False)
st.caption(f"Equity, grants and subsidies in {scenario.currency}, in equal monthly instalments from the given month.")
st.space("small")
plan_table.draw("receipts")

st.subheader("Decisions", anchor=False)
st.caption(
    "A change of the plant is decided in its month and in use once it is shown, validated and filed. Until then the "
    "old plant works on; the next phase waits for a change of the process. Devices and suites come to those that are "
    "there, and let more patients through once they are qualified; a second site takes its share of the patients. "
    f"Loans in {scenario.currency}. Each kind uses the columns it needs."
)
st.space("small")
plan_table.draw("decisions")
if scenario.plan.decisions:
    st.space("small")
    about = "Dated decisions of the plan, and what changes cost"
    drawing.draw_rows("Decisions and changes", views.decisions(found), about, "plan_changes")
    ask.menu(whys.changes(found), "plan_changes")
if cash.changes:
    drawing.draw_table(
        f"What changes of the plant take, {scenario.currency} thousand",
        views.change_parts(found),
        views.change_parts_finding(found),
        "change_parts",
    )

st.subheader("Start, plant and horizon", anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom"):
    for name in ("opening_cash", "floor", "plant", "plant_order_month", "horizon_months", "flat_burn_months"):
        form.plan_field(name)
st.caption(f"The plant is ready in month {cash.ready:.0f}. Money in constant prices of {scenario.price_year}.")

notes = {key: note for key, note in scenario.notes.items() if key.startswith("plan.")}
if notes:
    st.subheader("Notes", anchor=False)
    for key, note in notes.items():
        st.markdown(f"- **{words.plain(words.plan_key(key))}.** {words.plain(note)}")
