"""The sidebar and its parts: fields that show the scenario and hand every change to ``state``."""

import math
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import streamlit as st

from dosecost import plan, recipes, scenario
from dosecost.evaluation import recipe_of
from dosecost_app import charts, draft, evidence_views, levers, navigation, results, scenario_bar, state, words
from dosecost_app.fields import Field

SHORT = 3
FEW, MOST_COUNTED = 3, 200
"""Whole numbers whose range is so wide are counted one by one."""
COUNTED = {"error": "impossibility", "warning": "warning", "note": "note"}
SERIOUS = ("cells", "step_order")
"""What a remark is about that is shown at once: lots that give no dose have no cost of a dose."""


def expert() -> bool:
    """Whether the reader asked for every choice and source."""
    return bool(st.session_state.get("mode") == "Expert")


def draw_message() -> None:
    """What the last action said; first thing on a page."""
    navigation.through_app()
    said = state.message()
    if said is not None:
        show = st.error if said.level == "error" else st.info
        show(words.plain(said.text))
    draft.draw_offer()


def draw_remarks() -> None:
    """What the cost rests on, and what speaks against the scenario; on the main pages below the figures.

    All that takes time is computed before the first element: meanwhile the browser shows the figures above.
    """
    present = state.current()
    shares, found = results.grade_shares(present), results.findings(present)
    levers.ahead(present)
    st.caption(words.plain(evidence_views.line(shares)))
    if not found:
        return
    counts = {level: sum(finding.level == level for finding in found) for level in words.LEVELS}
    count = charts.listed([f"{n} {COUNTED[level]}{'' if n == 1 else 's'}" for level, n in counts.items() if n])
    serious = any(finding.level == "error" or finding.about in SERIOUS for finding in found)
    with st.expander(f"Is this possible? {count}", key=f"remarks_{serious}", expanded=serious):
        st.markdown("\n\n".join(f"**{words.LEVELS[finding.level]}.** {words.plain(finding.text)}" for finding in found))


def lever_choice(name: str, view: str = "") -> None:
    """A choice of the scenario: few short options side by side, more as a list.

    ``view`` tells two places apart that show one choice at the same time.
    """
    chosen = getattr(state.current().choices, name)
    label = words.choice_label(name)
    _options(f"w_{view}{name}", name, label, scenario.options(name), chosen, partial(words.option_label, name))


def lever_number(name: str, label: str = "", view: str = "") -> None:
    """An input as a slider with a number field beside it. The field takes what lies beyond the slider's range.

    ``view`` as for a choice.
    """
    field = results.field(state.current(), name)
    label = label or field.row.label
    slider, number = f"w_{view}{name}", f"w_{view}{name}.number"
    low, high = results.lever_range(state.current(), name)
    field_label = f"{label}, {words.unit_label(field.unit)}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if low < high:
            st.slider(
                label,
                low,
                high,
                step=step_of(field),
                format="%.6g",
                key=state.seed(slider, field.value, (low, high)),
                help=about(field),
                on_change=state.store,
                args=(slider, name, label),
            )
            _number(number, name, field_label, field, collapsed=True, width=levers.NUMBER_WIDTH)
        else:
            _number(number, name, field_label, field)
    if expert():
        st.caption(about(field))


def number_field(name: str, view: str) -> None:
    """An input as a number field alone, for a page that shows its range and source itself."""
    field = results.field(state.current(), name)
    label = f"{field.row.label}, {words.unit_label(field.unit)}"
    _number_input(f"w_{view}{name}", name, label, field.value, step_of(field))


def group_exposure(group: str) -> None:
    """One lever for all steps of a group: as the platform has them, open or closed. Mixed steps leave it empty."""
    present = state.current()
    recipe = recipe_of(present)
    steps = [step for step in recipe.steps if step.group == group]
    set_to = {present.steps.get(step.id, "platform") for step in steps}
    label = f"{recipes.GROUPS[group]} steps"
    widget = f"w_group.{group}"
    mixed = len(set_to) > 1
    st.segmented_control(
        f"{label}: {'mixed, ' if mixed else ''}{_exposures(steps)}",
        recipes.STEP_CHOICES,
        format_func=words.exposure_label,
        key=state.seed(widget, None if mixed else min(set_to)),
        on_change=_store_group,
        args=(widget, [step.id for step in steps], label),
        width="stretch",
    )


def lever_step(step: recipes.Step) -> None:
    """The exposure of one step."""
    chosen = state.current().steps.get(step.id, "platform")
    key = f"steps.{step.id}"
    shown = words.plain(step.label)
    _options(f"w_{key}", key, step.label, recipes.STEP_CHOICES, chosen, words.exposure_label, as_list=True, shown=shown)


def plan_field(name: str) -> None:
    """A number or choice of the plan that stands outside its tables."""
    present = state.current()
    column = next(column for column in fields(plan.Plan) if column.name == name)
    key, widget, value = f"plan.{name}", f"w_plan.{name}", getattr(present.plan, name)
    label = words.plan_label(name)
    money = column.metadata.get("at_most") == plan.MOST_MONEY
    with st.container(width=240, gap="xsmall"):
        st.text(f"{label}: {words.money(value, present.currency)}" if money else label)
        if "options" in column.metadata:
            options = column.metadata["options"]
            _options(widget, key, label, options, value, words.plan_option, as_list=True, collapsed=True)
        else:
            step = 100_000.0 if money else 1.0
            _number_input(widget, key, f"{label}, {present.currency}" if money else label, value, step, collapsed=True)


def draw_sidebar() -> None:
    """The scenario, how much to show, and the levers that are always at hand, each with what it did and would do."""
    first, *other_numbers = levers.NUMBERS
    platform, *other_choices = levers.CHOICES
    with st.sidebar:
        scenario_bar.draw()
        st.segmented_control("Show", ["Simple", "Expert"], key="mode", default="Simple", required=True, width="stretch")
        levers.draw_choice()
        below = levers.below(state.current())
        lever_number(first, levers.NUMBERS[first])
        levers.draw_below(below[first])
        lever_choice(platform)
        levers.draw_below(below[platform])
        for group in levers.GROUPS:
            group_exposure(group)
            levers.draw_below(below[group])
        for name in other_numbers:
            lever_number(name, levers.NUMBERS[name])
            levers.draw_below(below[name])
        for name in other_choices:
            lever_choice(name)
            levers.draw_below(below[name])
        if expert():
            _all_choices()
        draft.keep()


def about(field: Field) -> str:
    """Default, range, grade and source of an input in one line of Markdown."""
    unit = words.unit_label(field.unit)
    text = f"Default {words.exact(field.default)} {unit}, range {words.exact(field.low)} to {words.exact(field.high)}. "
    basis = f"Price of {field.row.price_basis}. " if field.row.is_money else ""
    return words.plain(f"{text}{basis}Evidence grade {field.row.grade}. Source: {field.row.source}.")


def searched(field: Field) -> str:
    """The text that a search for an input looks through."""
    row, area = field.row, words.area_label(field.row.name.partition(".")[0])
    price = "price cost" if row.is_money else ""
    return f"{row.name} {row.label} {area} {words.unit_label(field.unit)} {price} {row.note} {row.source}".lower()


def step_of(field: Field) -> float:
    """A round step of about a fiftieth of the input's range; 1 for counts of up to 200."""
    span = field.high - field.low or abs(field.default) or 1.0
    whole = all(part.is_integer() for part in (field.row.low, field.row.base, field.row.high))
    if whole and not field.row.is_money and FEW <= span <= MOST_COUNTED:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / 50))
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= span / 50)


def _number(widget: str, name: str, label: str, field: Field, collapsed: bool = False, width: Any = "stretch") -> None:
    about_it = None if collapsed else about(field)
    _number_input(widget, name, label, field.value, step_of(field), about_it, collapsed, width)


def _number_input(
    widget: str,
    key: str,
    label: str,
    value: float,
    step: float,
    about_it: str | None = None,
    collapsed: bool = False,
    width: Any = "stretch",
) -> None:
    """A number field without limits of its own: the scenario decides and says why.

    With a label it can be cleared, which takes the user's number back; without one it keeps its value.
    """
    st.number_input(
        label,
        value=None,
        step=step,
        format="%.10g",
        required=collapsed,
        key=state.seed(widget, value),
        help=about_it,
        label_visibility="collapsed" if collapsed else "visible",
        on_change=state.store,
        args=(widget, key, label, not collapsed),
        width=width,
    )


def _options(
    widget: str,
    key: str,
    label: str,
    options: tuple[str, ...],
    chosen: str,
    words_for: Callable[[str], str],
    as_list: bool = False,
    collapsed: bool = False,
    shown: str = "",
) -> None:
    """Few short options side by side, others as a list; ``shown`` is a user's label as safe Markdown."""
    common: dict[str, Any] = {
        "format_func": words_for,
        "key": state.seed(widget, chosen),
        "on_change": state.store,
        "args": (widget, key, label),
        "width": "stretch",
        "label_visibility": "collapsed" if collapsed else "visible",
    }
    brief = len(options) <= SHORT and sum(len(words_for(option)) for option in options) <= 24
    if brief and not as_list:
        st.segmented_control(shown or label, options, required=True, **common)
    else:
        st.selectbox(shown or label, options, **common)


def _store_group(widget: str, steps: list[str], label: str) -> None:
    moved, value = state.touched(widget)
    if moved and value is not None:
        state.change_many({f"steps.{step}": value for step in steps}, label)


def _exposures(steps: list[recipes.Step]) -> str:
    """How product meets the room in some steps: ``3 open, 1 closed``."""
    counts = {name: sum(step.exposure == name for step in steps) for name in recipes.EXPOSURES}
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)


def _all_choices() -> None:
    st.subheader("All other choices", anchor=False)
    for name in scenario.CHOICE_NAMES:
        if name not in levers.CHOICES:
            lever_choice(name, view="side.")
    with st.expander("Exposure step by step", key="steps"):
        for step in recipe_of(state.current()).steps:
            if step.group != "room":
                lever_step(step)
