"""The draft: the changed scenario is kept in the browser's tab, and offered again when its session is gone.

A session ends with the server, or with a reload of the page. The browser holds the scenario file's text in the tab's
``sessionStorage``, which no other tab sees and which ends with the tab.
"""

from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

from dosecost import scenario
from dosecost_app import state, words

KEY = "draft"
SCRIPT = """
export default ({data, setTriggerValue}) => {
  const place = "dosecost.draft";
  try {
    const kept = JSON.parse(sessionStorage.getItem(place));
    if (kept && kept.scenario && kept.session !== data.session) setTriggerValue("found", kept);
    sessionStorage.setItem(place, JSON.stringify(data));
  } catch { /* a browser that keeps nothing for a page */ }
}
"""

_keeper = st.components.v2.component("dosecost_draft", js=SCRIPT)


def keep() -> None:
    """Hand the browser what to keep: nothing while the scenario is as it comes with the product."""
    present, origin = state.current(), state.origin()
    changed = not origin or present != scenario.load(origin)
    session = st.session_state.setdefault("session", uuid4().hex)
    held = {"session": session, "origin": origin, "scenario": scenario.dump(present) if changed else ""}
    _keeper(key=KEY, data=held, on_found_change=_found, height="content")


def draw_offer() -> None:
    """The scenario that an ended session left behind, if there is one, to be taken up again or dropped."""
    offer = state.offered()
    if offer is None:
        return
    with st.container(border=True):
        name = words.plain(offer.scenario.name)
        st.markdown(
            f"**The connection was lost or the page was loaded again.** Kept in this tab: {name}, as you changed it."
        )
        with st.container(horizontal=True):
            st.button("Continue with it", on_click=state.take_offer, type="primary")
            st.button("Drop it", on_click=state.drop_offer)


def _found() -> None:
    kept = getattr(st.session_state[KEY], "found", None)
    if isinstance(kept, Mapping):
        state.offer(str(kept.get("scenario", "")), str(kept.get("origin", "")))
