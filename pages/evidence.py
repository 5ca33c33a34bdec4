"""Evidence: where does every number come from, and what do published studies say?"""

import streamlit as st

from dosecost.evaluation import rows_in_use
from dosecost_app import charts, drawing, evidence_views, form, quote_form, results, state, why, whys

TABS = ["Why this number", "Published studies", "What the cost rests on", "Your quotes", "Limits"]

form.draw_message()
scenario = state.current()
now = results.evaluation(scenario)
by_grade = results.grade_shares(scenario)

st.title("Where does every number come from?", anchor=False)
st.markdown(charts.prose(evidence_views.coverage_finding(by_grade)))
form.draw_remarks()

why_tab, studies, weights, quotes, limits = st.tabs(TABS, key="evidence_tabs", on_change="rerun")
if why_tab.open:
    with why_tab:
        why.draw()
if studies.open:
    with studies:
        found, known = results.published(), results.cases()
        drawing.draw(*evidence_views.against_print(found))
        st.caption(
            "A roll-up (square) takes a study's own figures through our ledger and must agree. A prediction (circle; "
            "diamond where outside its band) takes our inputs into the study's setting and is never tuned. They are "
            "the same whatever your scenario."
        )
        table, finding = evidence_views.studies(known), evidence_views.studies_finding(known)
        drawing.draw_sentences("The studies", table, finding, "studies")
if weights.open:
    with weights:
        drawing.draw(*evidence_views.coverage(now, by_grade))
        rows = rows_in_use(scenario)
        heavy = evidence_views.weights(rows, results.input_weights(scenario), scenario.inputs)
        fields = results.fields(scenario)
        drawing.draw(*evidence_views.heaviest(heavy, fields), why=whys.heaviest(heavy))
        st.caption(
            "What the cost rests on: every input is raised by one per cent in turn; the size of the change of the cost "
            "of a dose, over that of all inputs, is its share. The shares add to 100 %. Decisions such as patients a "
            "year carry none."
        )
        swings = results.input_swings(scenario)
        doubts = evidence_views.doubts(rows, swings, scenario.inputs)
        find_out = evidence_views.find_out(doubts, swings, fields, scenario.currency)
        if find_out is not None:
            drawing.draw(*find_out)
            st.caption(
                "What to find out next: every input goes from the low to the high end of its own range in turn, all "
                "else as it is. That is another question than the shares above, so the order differs; these amounts "
                "do not add up. Shown are grades C and D; the table has all. A number of your own has its "
                "quote’s range, and without a quote none."
            )
if quotes.open:
    with quotes:
        drawing.draw_table(
            "Your quotes",
            evidence_views.quote_table(now, rows_in_use(scenario)),
            evidence_views.quote_finding(now, state.came_with()),
            "quotes",
        )
        quote_form.draw()
if limits.open:
    with limits:
        for heading, text in evidence_views.LIMITS:
            st.subheader(heading, anchor=False)
            st.markdown(text)
