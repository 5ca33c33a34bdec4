"""What a lever did and would do: its effect after a change, and below it the result over its whole range."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from itertools import groupby

import streamlit as st

from dosecost import recipes
from dosecost.analysis.response import COST, RUNWAY, Curve, Option
from dosecost.evaluation import Evaluation, recipe_of
from dosecost.finance import CURRENCIES
from dosecost.scenario import Scenario
from dosecost_app import charts, results, sparkline, state, views, words

NUMBERS = {"demand.patients_per_year": "Patients per year", "process.culture_days": "Culture length, days"}
CHOICES = ("platform", "sterility", "conditional_release", "record", "tenure")
GROUPS = ("front_end", "culture", "back_end")
SHOWN = {"Cost": COST, "Runway": RUNWAY, "Off": ""}
RESPONSE = "response"
NUMBER_WIDTH = 92
"""Width in pixels of the number field beside a slider, left free beside its curve."""
GAP = 16
"""Pixels between them."""
INTERIOR = 0.02
"""How far a lowest or longest result inside the range must be from both ends to be named."""

CAPTION = "color: color-mix(in srgb, currentcolor 70%, transparent)"
"""Colour of what stands below a lever, on either theme."""


def draw_choice() -> None:
    """What the drawings below the levers show."""
    st.segmented_control("Show response of", list(SHOWN), key=RESPONSE, default="Cost", required=True, width="stretch")


def below(scenario: Scenario) -> dict[str, str]:
    """What stands below each main lever, as HTML, by input, choice or group of steps; empty where nothing does."""
    parts: dict[str, str] = dict.fromkeys((*NUMBERS, *CHOICES, *GROUPS), "")
    moved = state.moved()
    if moved is not None:
        for lever in parts:
            if all(belongs(key, lever, scenario) for key in moved.keys):
                now, before = results.evaluation(scenario), results.evaluation(moved.before)
                parts[lever] = f"<div><b>{escape(effect(now, before))}</b></div>"
    measure = SHOWN[str(st.session_state.get(RESPONSE, "Cost"))]
    if measure:
        for lever, drawing in drawings(scenario, measure).items():
            parts[lever] += drawing
    return parts


def ahead(scenario: Scenario) -> None:
    """Compute what the drawings below the levers will show, so that it need not be done between two of them."""
    if measure := SHOWN[str(st.session_state.get(RESPONSE, "Cost"))]:
        results.responses(scenario, measure, tuple(NUMBERS), CHOICES, GROUPS)


def drawings(scenario: Scenario, measure: str) -> dict[str, str]:
    """The response of each main lever that has one: a picture and its figures in words."""
    found = results.responses(scenario, measure, tuple(NUMBERS), CHOICES, GROUPS)
    say = telling(scenario, measure)
    parts = {}
    for name, curve in found.curves.items():
        if curve.values[0] < curve.values[-1]:
            picture = sparkline.curve(curve.values.tolist(), curve.results.tolist(), curve.present)
            image = picture.image(curve_finding(NUMBERS[name], curve, say))
            parts[name] = f'<div style="margin-right: {NUMBER_WIDTH + GAP}px">{image}</div>'
            parts[name] += f"<div>{escape(curve_caption(curve, say))}</div>"
    for name, options in found.choices.items():
        parts[name] = strip(words.choice_label(name), options, partial(option_label, name), say)
    for name, options in found.groups.items():
        parts[name] = strip(f"{recipes.GROUPS[name]} steps", options, words.exposure_label, say)
    return parts


def draw_below(html: str) -> None:
    """One element below a lever, or none: each costs the page time."""
    if html:
        st.html(f'<div style="{CAPTION}; font-size: 0.875rem; line-height: 1.35">{html}</div>')


def strip(
    label: str,
    options: Sequence[Option],
    words_for: Callable[[str], str],
    say: Callable[[float | None], str],
) -> str:
    """The strip of a choice, and below it the results from left to right, the present one in bold."""
    at = next((i for i, option in enumerate(options) if option.present), None)
    picture = sparkline.strip([option.result for option in options], at)
    image = picture.image(options_finding(label, options, words_for, say))
    return f"{image}<div>{options_caption(options, words_for, say)}</div>"


def options_caption(
    options: Sequence[Option], words_for: Callable[[str], str], say: Callable[[float | None], str]
) -> str:
    """The results from left to right as HTML: each figure once, the present option in bold."""
    parts = []
    for result, same in groupby(ranked(options), key=lambda option: say(option.result)):
        figure = result.partition(" ")[2] if parts and result[:3] in CURRENCIES else result
        named = [(escape(words_for(option.option)), option.present) for option in same]
        labels = ", ".join(f"<b>{label}</b>" if present else label for label, present in named)
        parts.append(f"{escape(figure)}\N{NO-BREAK SPACE}{labels}")
    return " · ".join(parts)


def belongs(key: str, lever: str, scenario: Scenario) -> bool:
    """Whether a key of the scenario is set by a main lever."""
    if lever not in GROUPS:
        return key == lever
    steps = recipe_of(scenario).steps
    return key in {f"steps.{step.id}" for step in steps if step.group == lever}


def effect(now: Evaluation, before: Evaluation) -> str:
    """What a change moved: ``−USD 8,400 per patient, +3 months``; like is set against like boundary."""
    currency = now.scenario.currency
    was = views.cost_within(before, now.scenario.choices.boundary).per_patient_infused
    moved = now.cost.per_patient_infused - was
    same_cost = abs(moved) <= 1e-9 * abs(was)
    lasts = views.runway_change(now, before)
    if same_cost:
        return f"same cost, {lasts}" if lasts else "same cost, same runway"
    return f"{'−' if moved < 0 else '+'}{words.money(abs(moved), currency)} per patient, {lasts or 'same runway'}"


def telling(scenario: Scenario, measure: str) -> Callable[[float | None], str]:
    """How a result is said; a runway by the first month that closes below the floor."""

    def cost(x: float | None) -> str:
        return words.money(x or 0.0, scenario.currency)

    def runway(x: float | None) -> str:
        at_least = f"at least {words.months(scenario.plan.horizon_months)}"
        return at_least if x is None or sparkline.endless(x) else f"month {x:.0f}"

    return cost if measure == COST else runway


def option_label(name: str, option: str) -> str:
    """An option in few words: up to its first comma or bracket."""
    return charts.brief(words.option_label(name, option)).partition(" (")[0]


def ranked(options: Sequence[Option]) -> list[Option]:
    """Options from left to right: the largest result, or one without end, last."""
    return sorted(options, key=lambda option: float("inf") if option.result is None else option.result)


def turn(curve: Curve) -> int | None:
    """Where the lowest result lies, if it is well inside the range."""
    finite = [i for i in range(len(curve.values)) if not sparkline.endless(curve.results[i])]
    if len(finite) < len(curve.values):
        return None
    at = min(finite, key=lambda i: float(curve.results[i]))
    ends = min(float(curve.results[0]), float(curve.results[-1]))
    return at if ends > float(curve.results[at]) * (1 + INTERIOR) else None


def curve_caption(curve: Curve, say: Callable[[float | None], str]) -> str:
    """The results at both ends of the range, and the lowest where it is between them."""
    at = [i for i in (0, turn(curve), len(curve.values) - 1) if i is not None]
    return " · ".join(f"{say(float(curve.results[i]))} at {words.doses(float(curve.values[i]))}" for i in at)


def curve_finding(label: str, curve: Curve, say: Callable[[float | None], str]) -> str:
    """The curve in a sentence, the present value and its result first."""
    results_, values = curve.results.tolist(), curve.values.tolist()
    at = min(range(len(values)), key=lambda i: abs(values[i] - curve.present))
    what = "runway" if say(None).startswith("at least") else "cost per patient infused"
    text = f"{label}: now {words.exact(curve.present)}, {what} {say(results_[at])}. Over its range {what} goes from "
    lowest = turn(curve)
    text += f"{say(results_[0])} at {words.exact(values[0])} to {say(results_[-1])} at {words.exact(values[-1])}"
    if lowest is not None:
        text += f", lowest {say(results_[lowest])} at {words.exact(values[lowest])}"
    lasting = [value for value, result in zip(values, results_, strict=True) if sparkline.endless(result)]
    if lasting:
        everywhere = len(lasting) == len(values)
        where = "" if everywhere else f" for values between {words.doses(lasting[0])} and {words.doses(lasting[-1])}"
        text += f"; money lasts to the horizon{' over the whole range' if everywhere else where}"
    return f"{text}."


def options_finding(
    label: str, options: Sequence[Option], words_for: Callable[[str], str], say: Callable[[float | None], str]
) -> str:
    """The options and their results in a sentence, the present one first."""
    present = next((option for option in options if option.present), None)
    parts = [f"{words_for(o.option)} {say(o.result)}" for o in ranked(options) if not o.present]
    what = "Runway" if say(None).startswith("at least") else "Cost per patient infused"
    now = f"now {words_for(present.option)}, {say(present.result)}; " if present else "now mixed; "
    return f"{what} by {label.lower()}: {now}{', '.join(parts)}."
