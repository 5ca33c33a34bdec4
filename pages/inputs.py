"""Inputs: what does the model assume, and on what evidence?"""

import pandas as pd
import streamlit as st

from dosecost import inputs
from dosecost_app import drawing, evidence_views, form, results, state, words

PAGE = 20

st.title("What does the model assume?", anchor=False)
form.draw_message()
form.draw_remarks()
scenario = state.current()
fields = results.fields(scenario)
used = results.inputs_used(scenario)
came_with = state.came_with()

if changes := state.changed():
    st.subheader("Changed since loading", anchor=False)
    table = pd.DataFrame(
        [(c.label, words.value_label(c.key, c.before), words.value_label(c.key, c.after), c.unit) for c in changes],
        columns=["What", "As loaded", "Now", "Unit"],
    )
    drawing.draw_rows("Changed since loading", table, "What differs from the scenario as loaded", "inputs_changed")

st.subheader(f"All {len(fields)} inputs", anchor=False)
st.markdown(
    f"{len(used)} are in use: the figures come from them. The other {len(fields) - len(used)} belong to choices that "
    "this scenario does not make, and move nothing until it does."
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    words_sought = st.text_input("Search inputs", key="search", type="search", persist_state="session", width=320)
    areas = ["all", *inputs.AREAS]
    area = st.selectbox(
        "Area",
        areas,
        format_func=lambda a: "All areas" if a == "all" else words.area_label(a),
        key="area",
        persist_state="session",
        width=200,
    )
    grade = st.selectbox(
        "Evidence",
        ["all", *inputs.GRADES],
        format_func=lambda g: "All grades" if g == "all" else f"Grade {g}",
        key="grade",
        persist_state="session",
        width=130,
    )
    heaviest = st.toggle("What matters most first", key="heaviest", persist_state="session")
    own_only = st.toggle("Only my own numbers", key="own_only", persist_state="session")
    used_only = st.toggle("Only those in use", key="used_only", persist_state="session")

sought = words_sought.lower().split()
found = [
    name
    for name, field in fields.items()
    if (area in ("all", name.partition(".")[0]))
    and (grade in ("all", field.row.grade))
    and (field.own or not own_only)
    and (name in used or not used_only)
    and all(word in form.searched(field) for word in sought)
]
shares = results.input_weights(scenario)
if heaviest:
    found.sort(key=lambda name: -shares.get(name, 0.0))
pages = max(1, -(-len(found) // PAGE))
first = 0
if pages > 1:
    first = st.pagination(pages, key="inputs_page") - 1
shown = found[first * PAGE : (first + 1) * PAGE]
st.caption(f"{len(found)} found" + (f", {first * PAGE + 1} to {first * PAGE + len(shown)} shown" if pages > 1 else ""))

for name in shown:
    field = fields[name]
    note = " ".join(filter(None, (field.row.note, scenario.notes.get(name, ""))))
    with st.container(border=True):
        left, right = st.columns([2, 3])
        with left:
            form.number_field(name, view="page.")
            if name not in used:
                st.badge("Not used in this scenario", icon=":material/link_off:", color="gray")
            if field.own:
                with st.container(horizontal=True, vertical_alignment="center"):
                    came_along = came_with.get(name) == scenario.inputs[name]
                    badge = "Set by the example" if came_along else "My own number"
                    st.badge(badge, icon=":material/edit:", color="orange")
                    st.button(
                        "Take it back",
                        key=f"reset_{name}",
                        on_click=state.change,
                        args=(name, None, field.row.label),
                    )
        with right:
            st.caption(form.about(field))
            if shares.get(name):
                st.caption(
                    words.plain(f"{words.upper(evidence_views.part(shares[name]))} of what moves the cost of a dose.")
                )
            if name in scenario.quotes:
                quote = scenario.quotes[name]
                st.caption(words.plain(f"Your source: {quote.source}, {quote.date}."))
            if note:
                st.caption(words.plain(note))
