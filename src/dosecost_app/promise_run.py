"""The long work of the page *Capacity*: asked for by a button, seen in a bar, stopped by another, kept by settings.

It runs last, once the page and its sidebar stand. A rerun, whatever the widget, ends a running script at its next
report of progress. A result is put away only once it is whole, so nothing half done can stay. (In a fragment a button
would wait for the end of the work instead of stopping it.)
"""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dosecost.analysis.promised import Promised, promised
from dosecost.analysis.queueing import Stopped
from dosecost.analysis.queueing_promise import WAIT_LIMIT_DAYS
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation
from dosecost_app import charts, drawing, promise_views, results, words

LIMIT, ASKED, ENDED, KEPT = "promise_limit", "promise_asked", "promise_ended", "promises"
LATER = "promise_later"
WORKING = "Simulating the queue"
MOST_KEPT = 20
LONGEST = 365.0

Wanted = tuple[str, float]
"""What a promise hangs on: the scenario's digest and the limit in days."""


def begin() -> None:
    """Forget work of a run that was ended before it came to it."""
    st.session_state[LATER] = None


def finish() -> None:
    """Do the work that the page has laid down, if any."""
    later: Callable[[], None] | None = st.session_state[LATER]
    begin()
    if later:
        later()


def draw(e: Evaluation) -> None:
    """The limit, the button, and the answer once it is there."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        limit = st.number_input(
            "Nine of ten wait at most, days",
            min_value=0.0,
            max_value=LONGEST,
            value=WAIT_LIMIT_DAYS,
            step=1.0,
            format="%.10g",
            key=LIMIT,
            persist_state="session",
            width=240,
        )
        wanted = e.scenario.digest, float(limit)
        found, asked = kept(wanted), st.session_state.get(ASKED) == wanted
        if not found:
            name, call = ("Cancel", cancel) if asked else ("Work out the promise", ask)
            st.button(name, on_click=call, args=(wanted,), key="promise_button")
    if found:
        show(e, found)
    elif asked:
        bar = st.progress(0.0, text=WORKING)
        st.session_state[LATER] = partial(work, e, wanted, bar)
    else:
        st.session_state[ASKED] = None
        ended, why = st.session_state.get(ENDED) or (None, "")
        if ended == wanted:
            st.markdown(words.plain(why))
        st.caption(charts.prose(promise_views.beforehand(e)))


def show(e: Evaluation, found: Promised) -> None:
    """The answer: the promise, waits and losses by demand, the formula beside them."""
    st.subheader("What can be promised", anchor=False)
    st.markdown(charts.prose(promise_views.said(e, found)))
    if more := promise_views.enough(e, found):
        st.markdown(charts.prose(more))
    st.caption(charts.prose(promise_views.two_counts(e, results.ceilings_of(e.scenario))))
    for view in (promise_views.waits(e, found), promise_views.losses(found), promise_views.formula(found)):
        if view:
            drawing.draw(*view)
    st.caption(charts.prose(promise_views.notes(found)))


def ask(wanted: Wanted) -> None:
    """Start the work with the next run."""
    st.session_state[ASKED], st.session_state[ENDED] = wanted, None


def cancel(wanted: Wanted) -> None:
    """Have it no more."""
    end(wanted, "Cancelled; nothing was kept.")


def end(wanted: Wanted, why: str) -> None:
    """Have no more work, and say why there is no answer to these settings."""
    st.session_state[ASKED], st.session_state[ENDED] = None, (wanted, why)


def kept(wanted: Wanted) -> Promised | None:
    """What was worked out before with these settings in this session."""
    found: Promised | None = st.session_state.setdefault(KEPT, {}).get(wanted)
    return found


def latest(e: Evaluation) -> Promised | None:
    """What was worked out of this scenario in this session: at the limit in the field, else the last of all."""
    found: dict[Wanted, Promised] = st.session_state.get(KEPT, {})
    of = [made for (digest, _), made in found.items() if digest == e.scenario.digest]
    limit = float(st.session_state.get(LIMIT) or WAIT_LIMIT_DAYS)
    return found.get((e.scenario.digest, limit)) or (of[-1] if of else None)


def work(e: Evaluation, wanted: Wanted, bar: DeltaGenerator) -> None:
    """Simulate with a bar, put the result away and run the page again, which shows it or says why there is none.

    A page's widgets have to be drawn by the page itself: outside it they would be others, and lose a first click.
    """

    def progress(done: float) -> bool:
        bar.progress(done, text=f"{WORKING}: {done:.0%}")
        return bool(st.session_state.get(ASKED) == wanted)

    try:
        found = promised(e, wanted[1], progress=progress)
    except Stopped:
        return
    except InputError as error:
        end(wanted, f"It cannot be simulated: {error.why}")
    else:
        st.session_state[ASKED] = None
        held = {**st.session_state[KEPT], wanted: found}
        st.session_state[KEPT] = dict(list(held.items())[-MOST_KEPT:])
    st.rerun()
