"""Strategy: open and manual now, and automate later or not, and how far does the money go?"""

import streamlit as st

from dosecost import recipes
from dosecost.analysis.strategy import Strategy, compared, in_words
from dosecost_app import charts, comparison_views, drawing, form, results, state, strategy_views, words
from dosecost_app.comparison_views import Side

TABS = ["Map", "When to switch", "Cash together"]

form.draw_message()
scenario = state.current()
now = results.evaluation(scenario)

st.title("Automate now, later, or never, and how far does the money go?", anchor=False)
milestones = {phase.id: phase.name for phase in scenario.plan.phases}
last = list(milestones)[-1]
view, whole = results.outlook(scenario, last), results.strategy_map(scenario, last)
st.markdown(charts.prose(strategy_views.map_finding(whole, now, milestones[last])))
form.draw_remarks()

best, when, cash = st.tabs(TABS, key="strategy_tabs", on_change="rerun")
if best.open:
    with best:
        wanted = st.selectbox(
            "Milestone to reach with cash left",
            list(milestones),
            index=len(milestones) - 1,
            format_func=lambda name: f"End of {milestones[name]}",
            key="strategy_milestone",
        )
        found = results.strategy_map(scenario, wanted)
        drawing.draw(*strategy_views.map_view(found, now, milestones[wanted]))
        st.caption(
            "A cell shows the strategy with the lowest cost per patient over the plan among those whose money lasts to "
            "the end of the milestone. Letters are the platform's first; a number is the month in which a switch is "
            "decided. Money at the opening takes the place of the plan's own; what the plan receives later, and its "
            "decisions but changes of process and methods, stay: also devices, suites and sites that it adds. The "
            "plant is sized for the demand."
        )
if when.open:
    with when:
        others = [name for name in recipes.load() if name != scenario.choices.platform]
        platform = st.selectbox(
            "Switch to",
            others,
            format_func=lambda name: words.option_label("platform", name),
            key="strategy_platform",
        )
        months = results.switch_months(scenario, platform)
        if len(months) > 1:
            drawing.draw(*strategy_views.months_view(months, scenario, platform))
            moments = results.switch_moments(scenario, platform)
            drawing.draw_table(
                "Now, or with a later phase",
                strategy_views.phases_table(moments, now),
                strategy_views.phases_finding(moments, now),
                "switch_moments",
            )
            st.caption(
                "Triangles mark months whose plan does not reach the last milestone with cash left. Months from which "
                "the change would not be through within the plan are left out. What a change takes is under Inputs, "
                "Regulatory."
            )
        else:
            st.markdown("No plant is ready, or no change through, within the plan: there is no month to decide in.")
if cash.open:
    with cash:
        options = {in_words(strategy): strategy for strategy in view.strategies}
        first = [in_words(strategy) for strategy in strategy_views.first_shown(view, now)]
        chosen = st.pills(
            f"Strategies, at most {strategy_views.MOST_LINES}",
            list(options),
            selection_mode="multi",
            default=first,
            key="strategy_lines",
        )[: strategy_views.MOST_LINES]
        picked: list[Strategy] = [options[name] for name in chosen if name in options]
        if picked:
            sides = [
                Side(name, results.evaluation(compared(scenario, strategy)))
                for name, strategy in zip(chosen, picked, strict=True)
            ]
            drawing.draw(*comparison_views.cash(sides))
            st.caption(charts.prose(strategy_views.cash_caption(now)))
        else:
            st.markdown("Choose at least one strategy.")
