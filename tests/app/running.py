"""The app under AppTest: opened on a page with a given scenario."""

import re
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from dosecost.scenario import Scenario
from dosecost_app import state

ROOT = Path(__file__).parents[2]
ENTRY = str(ROOT / "app.py")
FOLDER = "pages"
PAGES = (
    "start",
    "dose_cost",
    "process",
    "cleanroom",
    "patients",
    "capacity",
    "runway",
    "strategy",
    "compare",
    "evidence",
    "inputs",
    "plan",
)


def clean() -> None:
    """Forget the session of code that runs outside a page, and begin a new one."""
    st.session_state.clear()
    state.start()


def opened(scenario: Scenario | None = None, page: str = "dose_cost", **session: Any) -> AppTest:
    """The app on a page, as a session finds it that holds this scenario."""
    at = AppTest.from_file(ENTRY, default_timeout=60)
    if scenario is not None:
        held = {"scenario": scenario, "loaded": scenario, "origin": "", "message": None}
        for key, value in (held | {"undo": [], "redo": [], "shown": {}}).items():
            at.session_state[key] = value
    for key, value in session.items():
        at.session_state[key] = value
    if page != PAGES[0]:
        at.switch_page(f"{FOLDER}/{page}.py")
    return at.run()


def scenario_of(at: AppTest) -> Scenario:
    """The scenario that the session holds."""
    held: Scenario = at.session_state["scenario"]
    return held


def said(at: AppTest) -> str:
    """What the message area says, without the Markdown escapes."""
    return " ".join(box.value for box in [*at.error, *at.info]).replace("\\", "")


def view(widgets: Any, name: str) -> Any:
    """The widget of a name, whatever the version in its key."""
    return next(w for w in widgets if re.fullmatch(re.escape(name) + r"(\.\d+)?", w.key or ""))
