"""Why do these scenarios differ? Two to four scenarios: figures, the bridge between costs, differences, cash."""

from functools import partial

import streamlit as st

from dosecost import scenario
from dosecost_app import ask, charts, comparison, comparison_views, drawing, form, library, results, whys, words

TABS = ["Bridge", "What differs", "Cash", "Keep"]

form.draw_message()

st.title("Why do these scenarios differ?", anchor=False)
answer = st.container()
sides = comparison.pick()
base, *others = sides
bridges = [comparison.bars(base, other) for other in others]
answer.markdown(charts.prose(comparison_views.answer(sides, bridges)))
st.dataframe(
    comparison_views.headline(sides),
    hide_index=True,
    height="content",
    column_config={"Figure": st.column_config.TextColumn(pinned=True)}
    | {comparison_views.difference_column(other): st.column_config.TextColumn("Difference") for other in others},
    key="compare_headline",
    alt=comparison_views.answer(sides, bridges),
)
drawing.offer_file("Headline figures", "compare_headline", partial(comparison_views.headline, sides))
ask.menu(whys.FACTS, "compare", among={side.label: side.e.scenario for side in sides})
if notes := comparison_views.headline_notes(sides):
    st.caption(charts.prose(notes))
form.draw_remarks()

bridge, differs, cash, keep = st.tabs(TABS, key="compare_tabs", on_change="rerun")
if bridge.open:
    with bridge:
        for i, (other, bars) in enumerate(zip(others, bridges, strict=True)):
            view = comparison_views.bridge(base, other, bars, f"bridge_{i}")
            if view:
                drawing.draw(*view)
            else:
                st.subheader(comparison_views.bridge_title(base, other), anchor=False)
                st.markdown(charts.prose(comparison_views.bridge_finding(base, other, bars)))
if differs.open:
    with differs:
        table = comparison_views.differences(sides)
        drawing.draw_table("What differs", table, comparison_views.differences_finding(sides, table), "differences")
if cash.open:
    with cash:
        drawing.draw(*comparison_views.cash(sides))
if keep.open:
    with keep:
        comparison.draw_keeping()
        for i, name in enumerate(library.names()):
            kept = library.get(name)
            with st.container(border=True):
                st.markdown(f"**{words.plain(name)}**")
                st.caption(charts.prose(comparison_views.kept_line(results.evaluation(kept))))
                with st.container(horizontal=True):
                    st.button("Load", key=f"take_{i}", on_click=library.take, args=(name,))
                    st.button("Forget", key=f"forget_{i}", on_click=library.forget, args=(name,))
                    st.download_button(
                        "Download",
                        partial(scenario.dump, kept),
                        file_name=f"dosecost-scenario-{kept.digest}.json",
                        mime="application/json",
                        key=f"download_{kept.digest}_{i}",
                        on_click="ignore",
                    )
