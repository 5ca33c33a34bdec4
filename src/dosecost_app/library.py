"""Named scenarios of this browser session: kept, compared, taken up again, forgotten.

They live as long as the session and are seen by nobody else; a file keeps one for longer.
"""

from collections.abc import Mapping

import streamlit as st

from dosecost import scenario
from dosecost.errors import InputError
from dosecost.scenario import NAME_LENGTH, Scenario
from dosecost_app import state

MOST = 12
LIBRARY = "library"


def names() -> list[str]:
    """Names of what is kept, the oldest first."""
    return list(_kept())


def get(name: str) -> Scenario:
    """What is kept under a name."""
    kept = _kept()
    if name not in kept:
        raise InputError(name, "", "no scenario is kept under that name")
    return kept[name]


def checked(name: str) -> str:
    """A name to keep a scenario under, without blanks around it, or one line on what is wrong with it."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise InputError("Name", "", f"needs 1 to {NAME_LENGTH} characters")
    if not name.isprintable():
        raise InputError("Name", "", "has a character that cannot be seen")
    return name


def keep(name: str, replace: bool = False) -> bool:
    """Keep the present scenario, called by this name; one kept under that name gives way only if told to.

    Whether it was kept; if not, the message says why.
    """
    kept = _kept()
    try:
        name = checked(name)
        if name in kept and not replace:
            raise InputError("Name", "", f"“{name}” is kept already; replace it, or take another name")
        if name not in kept and len(kept) >= MOST:
            raise InputError("Keep", "", f"{MOST} scenarios are kept, which is the most; forget one first")
        called = scenario.with_change(state.current(), "name", name, "")
    except InputError as error:
        state.refuse(str(error))
        return False
    st.session_state[LIBRARY] = {**kept, name: called}
    _notice(f"Kept “{name}” for as long as this browser tab is open.")
    return True


def forget(name: str) -> None:
    """Drop what is kept under a name."""
    st.session_state[LIBRARY] = {other: held for other, held in _kept().items() if other != name}
    _notice(f"Forgot “{name}”.")


def take(name: str) -> None:
    """Make a kept scenario the session's; this can be undone."""
    try:
        state.load_text(scenario.dump(get(name)), name)
    except InputError as error:
        state.refuse(str(error))


def _kept() -> Mapping[str, Scenario]:
    kept: Mapping[str, Scenario] = st.session_state.get(LIBRARY, {})
    return kept


def _notice(text: str) -> None:
    st.session_state["message"] = state.Message("notice", text)
