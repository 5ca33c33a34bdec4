"""Which scenarios are set side by side, and the bridges between them, kept by the two digests."""

from typing import NamedTuple

import streamlit as st

from dosecost import scenario
from dosecost.analysis.bridge import Bar, bridge
from dosecost.scenario import Scenario
from dosecost_app import comparison_views, library, results, state
from dosecost_app.comparison_views import Side

MOST = 3
PRESENT, LOADED = "present", "loaded"
CHOSEN = "compared"
KEPT = "kept_count"
WIDGET = "w_compare"
LABELS = ("Base", "Compared with", "and with", "and also with")


class Offer(NamedTuple):
    """A scenario that can be chosen: in full for the list, short for tables and charts."""

    title: str
    label: str
    scenario: Scenario


def offers() -> dict[str, Offer]:
    """All that can be compared: the present scenario, the one loaded, the kept and the shipped ones."""
    found = {PRESENT: Offer("Present scenario", "Present scenario", state.current())}
    if state.current() != state.loaded():
        found[LOADED] = Offer("Scenario as loaded", "As loaded", state.loaded())
    for name in library.names():
        found[f"kept:{name}"] = Offer(f"{name} (kept)", name, library.get(name))
    for name in scenario.shipped():
        shipped = scenario.load(name)
        label = shipped.name.partition(":")[0]
        found[f"shipped:{name}"] = Offer(label, label, shipped)
    return found


def chosen(found: dict[str, Offer]) -> tuple[str, list[str]]:
    """The base and what is set against it: as the reader chose, or else what says most now."""
    wanted = st.session_state.get(CHOSEN, {})
    base = wanted.get("base", "")
    if base not in found:
        base = LOADED if LOADED in found else PRESENT
    others = [name for name in wanted.get("others", []) if name in found and name != base]
    return base, others[:MOST] or [_other(found, base)]


def pick() -> list[Side]:
    """Lists to choose the base and one to three others from; these with their results."""
    found = offers()
    base, others = chosen(found)
    titles = {"": "none", **{name: offer.title for name, offer in found.items()}}
    slots = [base, *others, *([""] if len(others) < MOST else [])]
    for slot, (column, name) in enumerate(zip(st.columns(len(slots)), slots, strict=True)):
        free = [other for other in found if other == name or slot == 0 or other not in (base, *others)]
        with column:
            st.selectbox(
                LABELS[slot],
                free if slot <= 1 else ["", *free],
                format_func=titles.__getitem__,
                key=state.seed(f"{WIDGET}.slot{slot}", name),
                on_change=_choose,
                args=(slot, base, others),
            )
    labels = comparison_views.distinct([found[name].label for name in (base, *others)])
    return [
        Side(label, results.evaluation(found[name].scenario))
        for label, name in zip(labels, (base, *others), strict=True)
    ]


def bars(base: Side, other: Side) -> list[Bar]:
    """What each difference contributes to the cost per patient; nothing where the two cannot be subtracted."""
    if comparison_views.apart(base, other):
        return []
    a, b = base.e.scenario, other.e.scenario
    return _bars(a.digest, b.digest, a, b)


def draw_keeping() -> None:
    """A name for the present scenario, and the button that keeps it; a name in use is said before it is replaced."""
    st.subheader("Keep the present scenario", anchor=False)
    st.caption(
        f"Up to {library.MOST} are kept, for as long as this browser tab is open; download what must last longer."
    )
    widget = f"keep_name_{st.session_state.setdefault(KEPT, 0)}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name to keep it under", key=widget, max_chars=scenario.NAME_LENGTH, width=320)
        used = name.strip() in library.names()
        st.button("Replace" if used else "Keep", key="keep", on_click=_keep, args=(widget, used))
    if used:
        st.caption("A scenario of that name is kept already; it would be replaced.")


@st.cache_resource(max_entries=64, show_spinner=False)
def _bars(a_digest: str, b_digest: str, _a: Scenario, _b: Scenario) -> list[Bar]:
    return bridge(_a, _b)


def _choose(slot: int, base: str, others: list[str]) -> None:
    moved, value = state.touched(f"{WIDGET}.slot{slot}")
    if not moved:
        return
    st.session_state["message"] = None
    if slot == 0:
        st.session_state[CHOSEN] = {"base": value, "others": [name for name in others if name != value]}
    else:
        slots = [*others[: slot - 1], value, *others[slot:]]
        st.session_state[CHOSEN] = {"base": base, "others": [name for name in slots if name]}


def _keep(widget: str, replace: bool) -> None:
    """Keep under the name typed, and give the field a new key so that it is empty again."""
    if library.keep(st.session_state[widget], replace):
        st.session_state[KEPT] += 1


def _other(found: dict[str, Offer], base: str) -> str:
    """What the base is set against unasked: the present scenario, or a shipped one that is not the same."""
    against = found[base].scenario

    def fits(name: str) -> tuple[bool, bool, bool]:
        offered = found[name].scenario
        money = (offered.currency, offered.price_year) == (against.currency, against.price_year)
        return offered != against, name == PRESENT, money

    return max((name for name in found if name != base), key=fits)
