"""What a session holds: one checked scenario, the scenario as loaded, and the way back.

Widgets are views of the scenario. A widget is given the scenario's value by ``seed`` and hands its own back by
``store``; pages read ``current()`` and never a widget.

A value is never written under the key of a widget that is on the page: the browser may send the old value once
more before it has seen the new one, which would look like a change by the user. The widget gets a new key instead.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import streamlit as st

from dosecost import link, quotes, scenario, step_edits
from dosecost.analysis.changes import Change, changes
from dosecost.errors import InputError
from dosecost.scenario import Scenario
from dosecost.workbook import reading

DEFAULT = "founder"
MOST_STEPS = 100
WIDGET = "w_"
AFRESH = object()
KEPT = "Nothing was changed."
GENERIC_MONEY = " money"
"""How the unit of a price begins where no currency is known."""

Label = str | Callable[[InputError], str]
"""Name of a field in a message, or a function that finds it from the error."""


class Message(NamedTuple):
    """What the page has to say about the last action: ``error`` or ``notice``, in plain text."""

    level: str
    text: str


class Held(NamedTuple):
    """A point to come back to. ``origin`` is the shipped scenario it was loaded from, '' for a file."""

    scenario: Scenario
    loaded: Scenario
    origin: str


class Moved(NamedTuple):
    """The last change: the keys it set, and the scenario before it."""

    keys: tuple[str, ...]
    before: Scenario


def start() -> None:
    """Begin a session: the default scenario, or the one of the link in the address."""
    if "scenario" in st.session_state:
        return
    first = scenario.load(DEFAULT)
    _hold(Held(first, first, DEFAULT))
    st.session_state["message"] = None
    st.session_state["undo"] = []
    st.session_state["redo"] = []
    st.session_state["shown"] = {}
    st.session_state["moved"] = None
    st.session_state["offer"] = None
    given = st.query_params.get("s", "")
    if given:
        try:
            _hold(_from_link(given))
        except InputError as error:
            _say("error", f"{error}. The default scenario is shown.")


def current() -> Scenario:
    """The scenario as it stands."""
    start()
    held: Scenario = st.session_state["scenario"]
    return held


def loaded() -> Scenario:
    """The scenario as it was loaded, before any change."""
    start()
    held: Scenario = st.session_state["loaded"]
    return held


def origin() -> str:
    """Name of the shipped scenario that was loaded; '' when it came from a file."""
    start()
    return str(st.session_state["origin"])


def came_with() -> Mapping[str, float]:
    """Numbers set by the shipped scenario that was loaded, none for one from a file."""
    return scenario.load(origin()).inputs if origin() else {}


def message() -> Message | None:
    """What the last action has to say, if anything."""
    found: Message | None = st.session_state.get("message")
    return found


def moved() -> Moved | None:
    """The last change, unless it was a step back or forth, a reset or another scenario."""
    found: Moved | None = st.session_state.get("moved")
    return found


def changed() -> list[Change]:
    """What differs from the scenario as loaded."""
    return changes(loaded(), current())


def change(key: str, value: object, label: Label = "") -> None:
    """Change one key of the scenario; a refused value leaves it as it was and says why.

    ``label`` names the field in that message.
    """
    change_many({key: value}, label or key)


def change_many(new: Mapping[str, object], label: Label) -> None:
    """Change several keys in one step, all or none."""
    try:
        changed_scenario = _checked(scenario.with_changes(current(), new, ""))
    except InputError as error:
        _refuse_value(error, label)
        return
    st.session_state["message"] = None
    if changed_scenario != current():
        _go(_held()._replace(scenario=changed_scenario), tuple(new))


def count_changed() -> int:
    """How many parts differ from the scenario as loaded; a number and its source are one."""
    return len({found.key.removeprefix(f"{quotes.KEY}.") for found in changed()})


def take_message() -> Message | None:
    """What the last action has to say, for a form that says it itself; the page's head says it no longer."""
    found = message()
    st.session_state["message"] = None
    return found


def refuse(why: str) -> None:
    """Say that something was not done, and why."""
    _say("error", f"{why}. {KEPT}")


def load_shipped(name: str) -> None:
    """Take a scenario that comes with the product."""
    try:
        _load(scenario.load(name) if name in scenario.shipped() else _refuse(name), name)
    except InputError as error:
        refuse(str(error))


def load_changed(name: str, new: Mapping[str, object], label: Label) -> None:
    """Take a scenario that comes with the product with several keys changed, all or none."""
    try:
        _load(_checked(scenario.with_changes(scenario.load(name), new, "")), name)
    except InputError as error:
        _refuse_value(error, label)


def load_text(text: str | bytes, name: str) -> None:
    """Take the scenario in the text of an uploaded file called ``name``."""
    try:
        if isinstance(text, bytes):
            text = _decoded(text, name)
        _load(scenario.parse(text, name), "")
        was_edited = scenario.edited(text, name)
    except InputError as error:
        refuse(str(error))
        return
    by_hand = " The file was edited since it was saved." if was_edited else ""
    _say("notice", f"Loaded {current().name}.{by_hand}")


def load_workbook(book: bytes, name: str) -> None:
    """Take the scenario of an uploaded workbook called ``name``, with the numbers that were changed in it."""
    try:
        found = reading.read(book, name)
    except InputError as error:
        refuse(str(error))
        return
    _load(found.scenario, "")
    _say("notice", f"Loaded {current().name}. {reading.in_words(found.changes)}")


def reset() -> None:
    """Go back to the scenario as loaded; this can be undone."""
    st.session_state["message"] = None
    if current() != loaded():
        _go(_held()._replace(scenario=loaded()))
    _drop_widgets()


def offered() -> Held | None:
    """What an ended session left behind, until it is taken or dropped."""
    found: Held | None = st.session_state.get("offer")
    return found


def offer(text: str, name: str) -> None:
    """Offer the scenario in the text of a file, loaded from the shipped scenario ``name`` or, with '', from a file.

    A text that is no scenario is not offered: nobody asked for it.
    """
    try:
        kept = scenario.parse(text, "draft")
        first = scenario.load(name) if name in scenario.shipped() else kept
        if kept != current():
            st.session_state["offer"] = Held(kept, first, name if name in scenario.shipped() else "")
    except InputError:
        return


def take_offer() -> None:
    """Go on with what was offered."""
    held = offered()
    st.session_state["offer"] = None
    if held is not None:
        st.session_state["message"] = None
        _go(held)
        _drop_widgets()


def drop_offer() -> None:
    """Offer it no longer."""
    st.session_state["offer"] = None


def undo() -> None:
    """Take the last change back."""
    _step("undo", "redo")


def redo() -> None:
    """Make the change again that was taken back."""
    _step("redo", "undo")


def can(direction: str) -> bool:
    """Whether there is a step to ``undo`` or ``redo``."""
    start()
    return bool(st.session_state[direction])


def token() -> str:
    """A link's token for the present scenario; '' where only its file can hold it."""
    name = origin()
    if not name:
        return ""
    body = {
        "scenario": name,
        "changes": _differences(scenario.load(name), current()),
        "data_version": scenario.DATA_VERSION,
    }
    try:
        made = link.encode(body)
        return made if _from_link(made).scenario == current() else ""
    except InputError:
        return ""


def seed(widget: str, value: object, ends: tuple[float, float] | None = None) -> str:
    """The key for a widget that shows this value; a new one whenever anything but the widget changed the value, or the
    ``ends`` of its range moved: Streamlit would then take it for another widget, at its lowest value."""
    shown, ranges = st.session_state["shown"], st.session_state.setdefault("ranges", {})
    version, last = shown.get(widget, (0, value))
    if last != value or ranges.get(widget, ends) != ends:
        version += 1
    shown[widget], ranges[widget] = (version, value), ends
    key = f"{widget}.{version}" if version else widget
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def store(widget: str, scenario_key: str, label: str, may_be_empty: bool = False) -> None:
    """Callback of a widget: its value becomes the scenario's, if the scenario allows it.

    An empty number field that may be empty takes the user's number back, so that the default shows.
    """
    moved, value = touched(widget)
    if not moved:
        return
    if value is None and not may_be_empty:
        refuse(f"{label}: needs a value")
    else:
        change(scenario_key, value, label)


def touched(widget: str) -> tuple[bool, Any]:
    """Whether the user moved a widget, and its value; it is drawn afresh if the scenario says otherwise.

    Streamlit also calls back for a widget that was being drawn when the user moved another one; such a widget
    still holds what it was given.
    """
    shown = st.session_state["shown"]
    if widget not in shown:  # left over from a page that is gone
        return False, None
    version, last = shown[widget]
    value = st.session_state[f"{widget}.{version}" if version else widget]
    shown[widget] = version, value
    return value != last, value


def _held() -> Held:
    return Held(current(), loaded(), origin())


def _hold(held: Held) -> None:
    st.session_state["scenario"], st.session_state["loaded"], st.session_state["origin"] = held


def _go(held: Held, keys: tuple[str, ...] = ()) -> None:
    before = _held()
    _hold(held)
    st.session_state["moved"] = Moved(keys, before.scenario) if keys else None
    st.session_state["undo"] = [*st.session_state["undo"], before][-MOST_STEPS:]
    st.session_state["redo"] = []


def _step(taken: str, given: str) -> None:
    if not can(taken):
        return
    st.session_state["message"] = st.session_state["moved"] = None
    before = _held()
    *rest, held = st.session_state[taken]
    _hold(held)
    st.session_state[taken] = rest
    st.session_state[given] = [*st.session_state[given], before][-MOST_STEPS:]
    _drop_widgets()


def _load(new: Scenario, name: str) -> None:
    """Hold another scenario; whoever opens one has passed over what an ended session left."""
    st.session_state["message"] = st.session_state["moved"] = st.session_state["offer"] = None
    held = Held(new, new, name)
    if held != _held():
        _go(held)
    _drop_widgets()


def _drop_widgets() -> None:
    """Draw all widgets afresh, those too that hold something the scenario never took."""
    for key in [key for key in st.session_state if str(key).startswith(WIDGET)]:
        del st.session_state[key]
    shown = st.session_state["shown"]
    st.session_state["shown"] = {widget: (version, AFRESH) for widget, (version, _) in shown.items()}


def _say(level: str, text: str) -> None:
    st.session_state["message"] = Message(level, text)


def _refuse_value(error: InputError, label: Label) -> None:
    why = error.why.replace(GENERIC_MONEY, f" {current().currency}")
    refuse(f"{label if isinstance(label, str) else label(error)}: {why}")


def _refuse(name: str) -> Scenario:
    raise InputError(name, "", f"no shipped scenario of that name; shipped are {', '.join(scenario.shipped())}")


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError(name, "", "not JSON: the file is not UTF-8 text") from None


def _checked(new: Scenario) -> Scenario:
    """The scenario as its own file would give it back, so that whatever is held can be saved and read."""
    return scenario.parse(scenario.dump(new), "")


def _differences(first: Scenario, second: Scenario) -> dict[str, object]:
    """The changes that make the second scenario of the first; ``None`` takes a number of the user's back."""
    a, b = first.body(), second.body()
    new: dict[str, object] = {key: b[key] for key in ("name", "description") if a[key] != b[key]}
    new |= {key: value for key, value in b["choices"].items() if value != a["choices"][key]}
    gone = {key: [] for key in a["plan"]}
    new |= {f"plan.{key}": value for key, value in (gone | b["plan"]).items() if value != a["plan"].get(key)}
    if first.step_edits != second.step_edits:
        new[step_edits.KEY] = second.step_edits.body()
    for part, prefix, absent in (("steps", "steps.", "platform"), ("inputs", "", None)):
        for key in sorted({**a[part], **b[part]}):
            if a[part].get(key) != b[part].get(key):
                new[prefix + key] = b[part].get(key, absent)
    for name in sorted({**first.quotes, **second.quotes}):
        if first.quotes.get(name) != second.quotes.get(name):
            new[f"{quotes.KEY}.{name}"] = b.get(quotes.KEY, {}).get(name)
    return new


def _from_link(given: str) -> Held:
    body = link.decode(given)
    name, new = body.get("scenario"), body.get("changes")
    if set(body) - {"scenario", "changes", "data_version"} or not isinstance(new, dict):
        raise InputError("link", "", link.DAMAGED)
    if body.get("data_version", scenario.DATA_VERSION) != scenario.DATA_VERSION:
        raise InputError("link", "", f"was made with other data than {scenario.DATA_VERSION}, the data read here")
    if name not in scenario.shipped():
        raise InputError("link", "scenario", f"{name!r} is not one of {', '.join(scenario.shipped())}")
    first = scenario.load(str(name))
    return Held(_checked(scenario.with_changes(first, new, "link")), first, str(name))
