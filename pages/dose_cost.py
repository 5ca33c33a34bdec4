"""What does one patient's dose cost, and why? The three costs and the runway, then the reasons, tab by tab."""

from functools import partial

import streamlit as st

from dosecost_app import charts, drawing, form, results, state, views, whys

TABS = ["Why", "Platforms", "Volume", "People and plant", "Ledger"]

form.draw_message()
scenario = state.current()
now, loaded = results.evaluation(scenario), results.as_loaded(scenario)

st.title("What does one patient’s dose cost, and why?", anchor=False)
st.markdown(charts.prose(views.cost_answer(now)))
drawing.draw_figures(views.cost_figures(now, loaded))
form.draw_remarks()
form.lever_choice("boundary")
st.caption(charts.prose(views.counted(scenario.choices.boundary)))

why, platforms, volume, plant, ledger = st.tabs(TABS, key="dose_cost_tabs", on_change="rerun")
if why.open:
    with why:
        drawing.draw(*views.categories(now), why=whys.categories(now))
        drawing.draw(*views.steps(now), why=whys.steps(now))
if platforms.open:
    with platforms:
        found = results.platform_comparison(scenario)
        among = whys.platforms(found, scenario.choices.platform)
        drawing.draw(*views.platforms(found, scenario.choices.platform), why=whys.categories(now), among=among)
        facts = views.platform_facts(found)
        drawing.draw_table(
            "Behind the costs",
            facts,
            views.platform_facts_finding(found),
            "platform_facts",
            why=whys.FACTS,
            among=among,
        )
if volume.open:
    with volume:
        drawing.draw(*views.volume(now, *results.platform_curves(scenario)))
if plant.open:
    with plant:
        table, finding = views.plant_table(now), views.plant_finding(now)
        drawing.draw_table("Plant", table, finding, "plant_facts", why=whys.plant(now))
        drawing.draw(*views.heads(now), why=whys.heads(now))
        drawing.draw(*views.hours(now), why=whys.of_steps(now, "hours"))
        drawing.draw(*views.waits(now), why=whys.WAITS)
        drawing.draw(*views.plates(now), why=whys.plates(now))
if ledger.open:
    with ledger:
        table, finding, full = views.ledger_table(now), views.ledger_finding(now), partial(views.ledger_rows, now)
        drawing.draw_table("All cost lines", table, finding, "ledger", full, rows=whys.ledger_lines(now))
