"""Why two scenarios differ: the headline's way from A to B, key by key, adding up exactly.

The keys that differ are changed one after another from A to B, and one after another back from B to A; a key's
contribution is the mean of the two moves it makes. The contributions add up to the difference, and the bridge from B
to A is the same with the signs turned.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from dosecost import step_edits
from dosecost.analysis.changes import changes
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, hypothetical

Figure = Callable[[Scenario], float]


class Bar(NamedTuple):
    """What one changed key contributes, in scenario money per patient infused."""

    key: str
    label: str
    contribution: float


def cost_per_patient(scenario: Scenario) -> float:
    """The headline of a scenario."""
    return float(evaluate(scenario).cost.per_patient_infused)


def taking(base: Scenario, other: Scenario, key: str) -> Scenario:
    """``base`` with one key as ``other`` has it; the plan goes as a whole."""
    head, _, rest = key.partition(".")
    if head == "plan":
        return replace(base, plan=other.plan)
    if key == step_edits.KEY:
        return replace(base, step_edits=other.step_edits)
    if head == "steps":
        steps = {step: exposure for step, exposure in base.steps.items() if step != rest}
        if rest in other.steps:
            steps[rest] = other.steps[rest]
        return replace(base, steps=dict(sorted(steps.items())))
    if key in other.inputs or key in base.inputs:
        own = {name: value for name, value in base.inputs.items() if name != key}
        if key in other.inputs:
            own[key] = other.inputs[key]
        return replace(base, inputs=dict(sorted(own.items())))
    return replace(base, choices=replace(base.choices, **{key: getattr(other.choices, key)}))


def bridge(a: Scenario, b: Scenario, figure: Figure = cost_per_patient) -> list[Bar]:
    """Contributions of every key that differs, largest first; they add up to ``figure(b) - figure(a)``.

    Raises ``InputError`` where the two do not stand in one currency and price year. Quotes move no figure.
    """
    a, b = hypothetical(a), hypothetical(b)
    if (a.currency, a.price_year) != (b.currency, b.price_year):
        raise InputError(
            "bridge",
            "currency",
            f"{a.currency} {a.price_year} and {b.currency} {b.price_year} cannot be subtracted",
        )
    labels: dict[str, str] = {}
    for change in changes(a, b):
        key = "plan" if change.key.startswith("plan.") else change.key
        labels.setdefault(key, "plan" if key == "plan" else change.label)
    moved = dict.fromkeys(labels, 0.0)
    for start, end, sign in ((a, b, 1.0), (b, a, -1.0)):
        here, value = start, figure(start)
        for key in labels:
            here = taking(here, end, key)
            after = figure(here)
            moved[key] += sign * (after - value) / 2.0
            value = after
    bars = [Bar(key, labels[key], amount) for key, amount in moved.items()]
    return sorted(bars, key=lambda bar: -abs(bar.contribution))
