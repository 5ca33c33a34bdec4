"""Strategy: open and manual now, and automate later or not, and how far does the money go?"""

import streamlit as st

from dosecost.analysis.strategy import Strategy, in_words
from dosecost_app import charts, drawing, form, results, state, strategy_views
from dosecost_app.comparison_views import Side

TABS = ["Map", "When to switch", "Cash together"]

form.draw_message()
scenario = state.current()
now = results.evaluation(scenario)
starts = results.from_the_start(scenario)
names = {phase.id: phase.name for phase in scenario.plan.phases}

st.title("Automate now, later, or never, and how far does the money go?", anchor=False)
wanted = st.selectbox(
    "Milestone to reach with cash left",
    ["", *names],
    format_func=lambda name: strategy_views.milestone_label(now, name),
    key="strategy_milestone",
)
milestone = wanted if wanted in names else strategy_views.next_milestone(now)
st.markdown(charts.prose(strategy_views.answer(now, starts, milestone)))
form.draw_remarks()

best, when, cash = st.tabs(TABS, key="strategy_tabs", on_change="rerun")
if best.open:
    with best:
        found = results.strategy_map(scenario, milestone)
        drawing.draw(*strategy_views.map_view(found, now, names[milestone]))
        st.caption(charts.prose(strategy_views.map_caption(now)))
        own = starts[scenario.choices.platform]
        if any(month.patients_infused for month in own.cash.months):
            drawing.draw_table(
                "Cost over the plan and cost of a dose",
                strategy_views.bases(own),
                strategy_views.bases_finding(own),
                "strategy_bases",
            )
if when.open:
    with when:
        switches = results.switches(scenario, milestone)
        chosen = st.selectbox(
            "Switch to",
            ["", *switches],
            format_func=lambda name: strategy_views.target_label(switches, scenario, name),
            key="strategy_platform",
        )
        platform = chosen if chosen in switches else strategy_views.best_target(switches, scenario)
        months = switches[platform]
        if len(months) > 1:
            start = strategy_views.over_the_plan(starts[platform]) if platform in starts else None
            drawing.draw(*strategy_views.months_view(months, scenario, platform, names[milestone], start))
            if why := strategy_views.months_why(months[1:], scenario):
                st.markdown(charts.prose(why))
            st.caption(charts.prose(strategy_views.months_caption(months[1:], scenario, names[milestone])))
            moments = results.switch_moments(scenario, platform, milestone)
            drawing.draw_table(
                "When the plant is ready, or with a later phase",
                strategy_views.phases_table(moments, now),
                strategy_views.phases_finding(moments, now),
                "switch_moments",
            )
        else:
            st.markdown("No plant is ready, or no change through, within the plan: there is no month to decide in.")
if cash.open:
    with cash:
        followed = results.followed(scenario)
        options = {in_words(strategy): strategy for strategy in followed}
        first = strategy_views.first_shown(followed, scenario.choices.platform)
        lines = st.pills(
            f"Strategies, at most {strategy_views.MOST_LINES}",
            list(options),
            selection_mode="multi",
            default=[in_words(strategy) for strategy in first],
            format_func=lambda name: strategy_views.pill(options[name]),
            key="strategy_lines",
        )[: strategy_views.MOST_LINES]
        picked: list[Strategy] = [options[name] for name in lines if name in options]
        if picked:
            sides = [Side(in_words(one), followed[one]) for one in picked]
            drawing.draw(*strategy_views.cash_view(sides, picked))
            st.caption(charts.prose(strategy_views.cash_caption(now)))
        else:
            st.markdown("Choose at least one strategy.")
