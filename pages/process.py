"""Process: what happens to one lot, step by step, and what each step asks for?"""

import streamlit as st

from dosecost_app import (
    charts,
    drawing,
    form,
    process_options,
    process_views,
    results,
    rules_views,
    state,
    step_table,
    views,
    waste_views,
    whys,
    words,
)

TABS = ["Time line", "Other ways", "Change the steps", "What the steps ask for", "Rules", "Cells", "Materials"]

form.draw_message()
scenario = state.current()
now = results.evaluation(scenario)

st.title("What happens to one lot, step by step?", anchor=False)
st.markdown(charts.prose(process_views.answer(now)))
form.draw_remarks()

line, ways, steps, asked, rules, cells, materials = st.tabs(TABS, key="process_tabs", on_change="rerun")
if line.open:
    with line:
        drawing.draw(*process_views.timeline(now), why=whys.of_steps(now, "hours", with_room=False))
if ways.open:
    with ways:
        contract, things = scenario.choices.tenure == "cdmo", "materials, tests, cells lost and lots lost"
        process_options.draw()
        drawing.draw(*process_options.options(now, results.alternatives(scenario)))
        st.markdown(charts.prose(process_options.cells_needed(now)))
        st.caption(
            "Steps put in are done as the platform does its own nearest one; they bring their "
            f"{'cells lost and lots lost; what else they take is in the contract fee' if contract else things}. "
            "Change them further under Change the steps."
        )
if steps.open:
    with steps:
        form.lever_choice("platform", view="page.")
        st.caption(
            "Start from a platform, then double-click a cell to change it, add a row at the bottom, mark rows at the "
            "left to take them out. No. sets the order: 4.5 moves a step between the fourth and the fifth. Hours are "
            f"one person's for one lot. Days and hours are those of a culture of {process_views.reference_days(now)} "
            "days; the steps of part Culture, those of your own too, share the culture length."
        )
        st.space("small")  # for the toolbar of the table below
        step_table.draw()
        differing = step_table.differing(scenario)
        st.subheader("What differs from the platform", anchor=False)
        if not differing and not scenario.step_edits.order:
            st.markdown("Nothing: every step is as the platform has it.")
        else:
            if scenario.step_edits.order:
                st.markdown("The steps stand in another order.")
            for step, text in differing.items():
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(words.plain(text))
                    st.button("Reset", key=f"reset_step_{step}", on_click=step_table.reset, args=(step,))
            st.button("Reset the whole process", on_click=step_table.reset_all)
if asked.open:
    with asked:
        table, finding = process_views.asked(now), process_views.asked_finding(now)
        drawing.draw_table("Rooms and people", table, finding, "asked", why=whys.asked(now))
if rules.open:
    with rules:
        form.lever_choice("room_grade", view="page.")
        st.caption(
            "Overrides: the grade here; open, closed and one person at a step under Change the steps; every number "
            "that a rule names under Inputs, by its name."
        )
        drawing.draw_sentences("Rules of the process", rules_views.table(now), rules_views.finding(now), "rules")
if cells.open:
    with cells:
        form.lever_choice("starting_material", view="page.")
        drawing.draw(*views.cells(now), why=whys.cells())
        st.caption(
            "Collection, expansion and transduced fraction differ from lot to lot and are taken as log-normal. The "
            "numbers are under Inputs, Cells."
        )
if materials.open:
    with materials:
        if not now.recipe.payload:
            form.lever_choice("vector_supply", view="page.")
        drawing.draw(*process_views.bill(now), why=whys.materials(now), rows=whys.bill(now))
        drawing.draw(*waste_views.thrown_away(now, results.waste_of(scenario)))
        st.caption(
            "An item's smallest order has to be used up within its shelf life; what is left of it beyond use and "
            "safety stock expires. So does what is left of a vector campaign. A fixed plant takes no more than it can."
        )
        if not now.recipe.payload:
            form.lever_choice("vector_yield", view="page.")
            table, doses = waste_views.vector_table(now), waste_views.vector_finding(now)
            drawing.draw_table("Doses of a vector campaign", table, doses, "vector")
            quoted = results.field(scenario, "materials.vector_doses_per_campaign")
            st.caption(
                "The evidence contradicts itself: the doses of a campaign are judged at "
                f"{words.exact(quoted.low)} to {words.exact(quoted.high)}, and so, each alone, are volume, titre and "
                "recovery, which need not give as many. All are evidence grade D."
            )
