"""The form for a quote of the user's own, and the buttons that take quotes back."""

import datetime
from typing import Any

import streamlit as st

from dosecost.errors import InputError
from dosecost.evaluation import rows_in_use
from dosecost_app import results, state, words

TITLE = "Your quote"
INPUT = "w_quote.input"
SAID = "quote_said"
FIRST_TO_SEE_A_DAY = datetime.timezone(datetime.timedelta(hours=14))
"""Where a new day begins first: a date that has come there may be a reader's today."""
FIELDS = {"value": "Value", "low": "Low", "high": "High", "source": "Source", "date": "Date"}


def draw() -> None:
    """Choose an input, say what was quoted, and keep it; one button for each quote to take back."""
    scenario = state.current()
    rows = rows_in_use(scenario)
    for name in scenario.quotes:
        st.button(
            f"Take back: {words.plain(rows[name].label)}",
            key=f"quote_back_{name}",
            on_click=_take_back,
            args=(name,),
        )
    st.subheader("Put in a quote", anchor=False)
    name = st.selectbox("Input", list(rows), format_func=lambda n: _label(n, rows[n].label), key="quote_input")
    field = results.field(scenario, name)
    unit = words.unit_label(field.unit)
    known = scenario.quotes.get(name)
    said = st.session_state.pop(SAID, None)
    with st.form("quote", border=True):
        st.caption(
            words.plain(
                f"In {unit}. Default {words.exact(field.default)}, range {words.exact(field.low)} to "
                f"{words.exact(field.high)}, evidence grade {field.row.grade}."
            )
        )
        low, high = (known.low, known.high) if known else (field.low, field.high)
        with st.container(horizontal=True):
            for key, value in (("value", field.value), ("low", low), ("high", high)):
                st.number_input(FIELDS[key], value=value, format="%.10g", key=_key(name, key))
        st.text_input(FIELDS["source"], value=known.source if known else "", max_chars=200, key=_key(name, "source"))
        st.date_input(
            FIELDS["date"],
            value=datetime.date.fromisoformat(known.date) if known else None,
            format="YYYY-MM-DD",
            key=_key(name, "date"),
        )
        st.form_submit_button("Keep this quote", on_click=_keep, args=(name,))
        if said is not None:
            st.error(words.plain(said))


def _keep(name: str) -> None:
    """Hand the quote to the scenario; why it is refused is said in the form."""
    given: dict[str, Any] = {key: st.session_state[_key(name, key)] for key in FIELDS}
    empty = [FIELDS[key].lower() for key, value in given.items() if value in (None, "")]
    today = datetime.datetime.now(tz=FIRST_TO_SEE_A_DAY).date()
    if empty:
        state.refuse(f"{TITLE}: needs a {' and a '.join(empty)}")
    elif given["date"] > today:
        state.refuse(f"{TITLE}: the date {given['date']} has not come yet; allowed are dates up to {today}")
    else:
        state.change(f"quotes.{name}", given | {"date": given["date"].isoformat()}, _part)
    refused = state.take_message()
    st.session_state[SAID] = refused.text if refused else None


def _part(error: InputError) -> str:
    """Which field of the quote an error is about."""
    key = f"{error.where}.{error.what}".rpartition(".")[2]
    end = error.where.rpartition(".")[2]
    return f"{TITLE}, {FIELDS.get(end, FIELDS.get(key, '')).lower()}".removesuffix(", ")


def _take_back(name: str) -> None:
    for key in FIELDS:
        st.session_state.pop(_key(name, key), None)
    state.change_many({f"quotes.{name}": None, name: None}, TITLE)


def _key(name: str, key: str) -> str:
    return f"quote_{key}_{name}"


def _label(name: str, label: str) -> str:
    return f"{words.area_label(name.partition('.')[0])}: {label}"
