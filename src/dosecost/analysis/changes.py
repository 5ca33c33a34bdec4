"""What differs between two scenarios, key by key."""

from typing import Any, NamedTuple

from dosecost import quotes, step_edits
from dosecost.evaluation import rows_in_use
from dosecost.inputs import values_in_use
from dosecost.scenario import LEFT_OUT, Scenario


class Change(NamedTuple):
    """One key whose value differs: ``before`` in the first scenario, ``after`` in the second."""

    key: str
    label: str
    before: Any
    after: Any
    unit: str


def _flat(plan: Any, prefix: str = "plan") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in plan.items():
        if isinstance(value, list):
            for entry in value:
                entry = (LEFT_OUT if key == "phases" else {}) | entry
                flat |= _flat({k: v for k, v in entry.items() if k != "id"}, f"{prefix}.{key}.{entry['id']}")
        else:
            flat[f"{prefix}.{key}"] = value
    return flat


def changes(first: Scenario, second: Scenario) -> list[Change]:
    """Choices, steps, inputs and plan entries that differ, in that order. An input not overridden counts with its
    default."""
    found: list[Change] = []
    a, b = first.body(), second.body()
    for name, before in a["choices"].items():
        if b["choices"][name] != before:
            found.append(Change(name, name.replace("_", " "), before, b["choices"][name], ""))
    for step in dict.fromkeys([*a["steps"], *b["steps"]]):
        before, after = a["steps"].get(step, "platform"), b["steps"].get(step, "platform")
        if before != after:
            found.append(Change(f"steps.{step}", step.replace("_", " "), before, after, ""))
    if first.step_edits != second.step_edits:
        before_after = first.step_edits.summary(), second.step_edits.summary()
        found.append(Change(step_edits.KEY, "process steps", *before_after, ""))
    if a["inputs"] != b["inputs"]:
        values = [values_in_use(rows_in_use(s), s.inputs, s.currency, s.price_year) for s in (first, second)]
        rows = rows_in_use(second)
        for name in dict.fromkeys([*a["inputs"], *b["inputs"]]):
            if a["inputs"].get(name) != b["inputs"].get(name):
                unit = rows[name].unit_in(second.currency)
                found.append(Change(name, rows[name].label, values[0][name], values[1][name], unit))
    for name in dict.fromkeys([*first.quotes, *second.quotes]):
        before, after = (s.quotes[name].source if name in s.quotes else None for s in (first, second))
        if first.quotes.get(name) != second.quotes.get(name):
            label = rows_in_use(second)[name].label
            found.append(Change(f"{quotes.KEY}.{name}", f"Source of {label}", before, after, ""))
    before_plan, after_plan = _flat(a["plan"]), _flat(b["plan"])
    for key in dict.fromkeys([*before_plan, *after_plan]):
        if before_plan.get(key) != after_plan.get(key):
            label = key.removeprefix("plan.").replace("_", " ").replace(".", ", ")
            found.append(Change(key, label, before_plan.get(key), after_plan.get(key), ""))
    return found
