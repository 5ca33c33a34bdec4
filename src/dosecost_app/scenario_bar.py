"""The scenario bar: choose a shipped scenario, go back and forth, take the scenario in or out as a file or link."""

from functools import partial

import streamlit as st

from dosecost import scenario
from dosecost.scenario import Scenario
from dosecost_app import charts, levers, report, report_content, results, state, words, workbook_file
from dosecost_app.report_content import Base

UPLOAD_MB = 2
WIDGET = "w_scenario"
WIDEST = 38
"""Characters of a name that the list shows; a longer one stands below it in full."""


def draw() -> None:
    """The bar, in the sidebar."""
    names = {name: scenario.load(name).name for name in scenario.shipped()}
    origin, loaded = state.origin(), state.loaded()
    if not origin or loaded != scenario.load(origin):
        names[""] = f"{loaded.name} ({'your answers' if origin else 'from a file'})"
        origin = ""
    key = state.seed(WIDGET, origin)
    st.selectbox("Scenario", list(names), format_func=names.__getitem__, key=key, on_change=_choose)
    if len(names[origin]) > WIDEST:
        st.caption(words.plain(names[origin]))
    count = state.count_changed()
    with st.container(horizontal=True, gap="small"):
        st.button("Undo", on_click=state.undo, disabled=not state.can("undo"), width="stretch")
        st.button("Redo", on_click=state.redo, disabled=not state.can("redo"), width="stretch")
        st.button("Reset", on_click=state.reset, disabled=not count, width="stretch")
    if count:
        now = results.evaluation(state.current())
        effect = charts.prose(levers.effect(now, results.as_loaded(state.current())))
        st.caption(f"{count} changed since loading  \nvs as loaded: {effect}")
    else:
        st.caption("As loaded, nothing changed")
    files = st.expander("Save, open, share", key="files", on_change="rerun")
    if files.open:
        with files:
            _files()


def _files() -> None:
    present = state.current()
    st.download_button(
        "Download scenario",
        partial(scenario.dump, present),
        file_name=f"{words.slug(present.name)}-{present.digest}.json",
        mime="application/json",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "Download report (PDF)",
        partial(report.pdf, present, _base(present)),
        file_name=report.file_name(present),
        mime="application/pdf",
        on_click="ignore",
        width="stretch",
        help="Two to four pages for a board or committee. Takes a second or two.",
    )
    st.download_button(
        "Download workbook (Excel)",
        partial(workbook_file.xlsx, present),
        file_name=workbook_file.file_name(present),
        mime=workbook_file.MIME,
        on_click="ignore",
        width="stretch",
        help="Every figure as a live formula, every input a cell to change; opens here again. Takes some seconds.",
    )
    widget = f"upload_{st.session_state.setdefault('uploads', 0)}"
    st.file_uploader(
        "Open a scenario file or workbook",
        type=["json", "xlsx"],
        max_upload_size=UPLOAD_MB,
        key=widget,
        on_change=_open,
        args=(widget,),
    )
    st.text("Link to this scenario")
    token = state.token()
    if token:
        st.code(f"{_address()}?s={token}", language=None, wrap_lines=True)
    else:
        st.caption("A scenario from a file is shared as its file.")


def _address() -> str:
    """The page's address; for the start page that of the first page with figures."""
    address = (st.context.url or "").partition("?")[0]
    return f"{address}dose_cost" if address.count("/") == 3 and address.endswith("/") else address


def _base(present: Scenario) -> Base | None:
    """What the report sets the present scenario against: the one loaded, if anything is changed."""
    loaded = state.loaded()
    return None if loaded == present else Base(report_content.AS_LOADED, loaded)


def _choose() -> None:
    moved, name = state.touched(WIDGET)
    if moved and name:
        state.load_shipped(name)


def _open(widget: str) -> None:
    """Load the file, and give the uploader a new key so that it is empty again."""
    file = st.session_state[widget]
    st.session_state["uploads"] += 1
    if file is not None:
        load = state.load_workbook if file.name.casefold().endswith(".xlsx") else state.load_text
        load(file.getvalue(), file.name)
