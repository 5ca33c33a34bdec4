"""Other ways to make the lot: optional steps, culture length, gene transfer, instruments; and what each would do."""

import pandas as pd
import streamlit as st

from dosecost import step_edits, step_library
from dosecost.analysis.alternatives import CULTURE, Alternative
from dosecost.evaluation import Evaluation
from dosecost_app import charts, cleanroom_charts, form, results, state, views, words
from dosecost_app.cleanroom_charts import Effect
from dosecost_app.process_views import too_short
from dosecost_app.views import View, three

TITLE = "Optional steps"
KNOCK_OUTS = "process.knock_outs"


def draw() -> None:
    """The choices, one click each."""
    scenario = state.current()
    library = step_library.optional_steps()
    chosen = list(scenario.step_edits.optional)
    widget = "w_page.optional"
    st.pills(
        TITLE,
        list(library),
        selection_mode="multi",
        format_func=lambda name: library[name].label,
        key=state.seed(widget, chosen),
        help=" ".join(f"{step.label}: {step.summary}" for step in library.values()),
        on_change=_store_optional,
        args=(widget,),
    )
    if any(library[name].knock_outs for name in chosen):
        form.number_field(KNOCK_OUTS, "page.")
    days = results.field(scenario, CULTURE).value
    lengths = step_library.cultures()
    widget = "w_page.culture"
    st.segmented_control(
        f"Culture: {words.doses(days)} days to harvest",
        list(lengths),
        format_func=lambda name: lengths[name].label,
        key=state.seed(widget, next((name for name, length in lengths.items() if length.holds(days)), None)),
        on_change=_store_culture,
        args=(widget,),
    )
    form.lever_choice("delivery", view="page.")
    form.lever_choice("instruments", view="page.")


def _store_optional(widget: str) -> None:
    moved, wanted = state.touched(widget)
    if moved:
        edits = step_edits.choose(state.current().step_edits, tuple(wanted))
        state.change(step_edits.KEY, edits.body(), TITLE)


def _store_culture(widget: str) -> None:
    moved, name = state.touched(widget)
    if moved and name is not None:
        length, field = step_library.cultures()[name], results.field(state.current(), CULTURE)
        state.change(CULTURE, None if length.holds(field.default) else length.days, "Culture")


def label(other: Alternative) -> str:
    """What a change is called: ``With gene editing, electroporation``."""
    if other.part in ("with", "without"):
        return f"{other.part.capitalize()} {words.inside(step_library.optional_steps()[other.name].label)}"
    if other.part == "culture":
        return f"Culture of {words.inside(step_library.cultures()[other.name].label)}"
    option = words.option_label(other.part, other.name)
    return f"{option} instruments" if other.part == "instruments" else option


def options(e: Evaluation, found: list[Alternative]) -> View:
    """What each change alone would do to the cost of a dose, and to the days and the lots: ranked, those that reach the
    dose first. The cost of one that does not is no cost of a dose."""
    currency = e.scenario.currency
    present, *others = found
    others = sorted(others, key=lambda other: (too_short(e, other.missed_dose), other.cost))
    rows = [
        Effect(
            label(other),
            present.cost - other.cost,
            f"{cleanroom_charts.in_words(present.cost - other.cost)}; no saving: "
            f"{views.share_of_lots(other.missed_dose)} miss the dose"
            if too_short(e, other.missed_dose)
            else "",
            f", {charts.short(other.later)} later" if other.later > present.later else "",
        )
        for other in others
    ]
    table = pd.DataFrame(
        {
            "Change": ["As it is", *(row.label for row in rows)],
            f"Cost then ({currency} per patient infused)": [three(o.cost) for o in (present, *others)],
            f"Saved ({currency} per patient infused)": [None, *(three(row.saved) for row in rows)],
            f"To pay later ({currency})": [three(o.later) for o in (present, *others)],
            "Vein to vein (days)": [three(o.vein_to_vein_days) for o in (present, *others)],
            "Lots that miss the dose (% by the cell balance)": [three(100 * o.missed_dose) for o in (present, *others)],
            "Lots lost for any cause (%)": [three(100 * o.lot_failure) for o in (present, *others)],
        }
    )
    chart = cleanroom_charts.savings(rows, currency)
    return View("What each change alone would do", chart, table, finding(e, present, others), "options")


def finding(e: Evaluation, present: Alternative, others: list[Alternative]) -> str:
    """Of the changes that reach the dose the one that saves most and the one that costs most; which do not reach it."""
    currency = e.scenario.currency
    able = [other for other in others if not too_short(e, other.missed_dose) and other.later <= present.later]
    short = [other for other in others if too_short(e, other.missed_dose)]
    parts = []
    if able and cleanroom_charts.effect(present.cost - able[0].cost) == "less":
        saved = words.money(present.cost - able[0].cost, currency)
        parts.append(f"“{label(able[0])}” saves most: {saved} per patient infused")
    else:
        parts.append("None of the changes that reach the dose saves money")
    if able and cleanroom_charts.effect(present.cost - able[-1].cost) == "more":
        more = words.money(able[-1].cost - present.cost, currency)
        parts.append(f"“{label(able[-1])}” costs most: {more} more")
    text = "; ".join(parts) + "."
    for other in others:
        if other.later > present.later and other.cost < present.cost:
            text += (
                f" “{label(other)}” saves {words.money(present.cost - other.cost, currency)} now and asks for "
                f"{words.money(other.later, currency)} later."
            )
    if not short:
        return text
    worst = max(short, key=lambda other: other.missed_dose)
    return (
        f"{text} {len(short)} of {len(others)} changes leave too few cells for the dose and are no way to save: with "
        f"“{label(worst)}” {views.share_of_lots(worst.missed_dose)} of lots would miss it, against "
        f"{views.share_of_lots(present.missed_dose)} now."
    )


def cells_needed(e: Evaluation) -> str:
    """How many cells the median lot must put into culture to reach the dose, and the vector that takes."""
    balance = e.results.cells
    put_in, needed = balance.into_culture, balance.into_culture * balance.target / balance.viable
    days = words.doses(e.areas.process.culture_days)
    text = (
        f"With {days} days of culture the median lot reaches the dose from {views.cell_count(needed)} cells put into "
        f"culture; {views.cell_count(put_in)} are put in"
    )
    if needed > balance.selected:
        return f"{text}, and the median collection gives {views.cell_count(balance.selected)}: too few."
    if e.recipe.payload:
        return f"{text}."
    doses = needed / e.areas.materials.vector_dose_cells
    return f"{text}. As many as needed would take {words.figures(doses)} doses of vector a lot."
