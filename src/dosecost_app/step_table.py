"""The step table: the process of the present scenario as rows, and an edited table as changes of the scenario."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dosecost import recipes, step_edits, step_library
from dosecost.errors import InputError
from dosecost.evaluation import platform_recipe, recipe_of
from dosecost.recipes import Step
from dosecost.scenario import Scenario
from dosecost_app import drawing, edit_table, results, state, words
from dosecost_app.edit_table import Row, Rows

KEY = "table_steps"
TITLE = "Steps"
NEW: Row = {
    "position": None,
    "label": "New step",
    "exposure": "open",
    "hands_on_hours": 1.0,
    "days": 0.1,
    "open_manipulations": 1.0,
    "devices": [],
    "materials": [],
    "crew": "rule",
    "group": "culture",
}
LABELS = {
    "position": "No.",
    "label": "Step",
    "group": "Part",
    "exposure": "Meets the room",
    "crew": "People present",
    "days": "Days",
    "hands_on_hours": "Hands-on hours",
    "open_manipulations": "Open manipulations",
    "devices": "Devices it occupies",
    "materials": "Materials of the lot",
}
CREWS = {"rule": "By the rule for open work", "single": "One person"}
EXPOSURES = {name: words.exposure_label(name) for name in recipes.EXPOSURES}


def draw() -> None:
    """The table, ready to be edited."""
    scenario = state.current()
    rows = rows_of(scenario)
    table = edit_table.held(KEY, rows)
    widget = edit_table.widget(KEY, table)
    st.data_editor(
        pd.DataFrame(table.given, columns=list(NEW)),
        hide_index=True,
        num_rows="dynamic",
        column_config=_columns(),
        key=widget,
        on_change=_edit,
        args=(widget,),
        height="content",
        alt="The steps of one lot, one row each",
    )
    drawing.offer_file("Steps of one lot", "process_steps", partial(labelled, rows))


def labelled(rows: Rows) -> pd.DataFrame:
    """The rows of the table under the names of its columns."""
    return pd.DataFrame(rows, columns=list(NEW)).rename(columns=LABELS)


def rows_of(scenario: Scenario) -> Rows:
    """One row for each step but the set-up of the room, in order; hours and days at the reference culture length."""
    rows: Rows = []
    added = {step.id: step for step in scenario.step_edits.added}
    for step in recipe_of(scenario).steps:
        if step.group == "room":
            continue
        own = added.get(step.id)
        numbers = (
            {name: getattr(own, name) for name in step_edits.NUMBERS}
            if own
            else {name: results.field(scenario, f"process.steps.{step.id}.{name}").value for name in step_edits.NUMBERS}
        )
        rows.append(
            {
                "id": step.id,
                "position": float(len(rows) + 1),
                "label": step.label,
                "group": step.group,
                "exposure": step.exposure,
                "crew": step.crew,
                **numbers,
                "devices": list(step.devices),
                "materials": [entry.item for entry in step.materials],
            }
        )
    return rows


def changes_for(scenario: Scenario, rows: Rows) -> dict[str, object]:
    """The changes of the scenario that make its process the rows'.

    Raises ``InputError`` that names the row where a row is not the table's.
    """
    own = _own_steps(scenario)
    before = {row["id"]: row for row in rows_of(scenario)}
    rows = [row | {name: row[name] or [] for name in ("devices", "materials")} for row in rows]  # cleared is none
    ordered = sorted(rows, key=lambda row: _position(row, len(rows)))
    names = [row["id"] for row in ordered]
    new: dict[str, object] = {}
    changed, added = [], []
    for row in ordered:
        step = own.get(row["id"])
        if step is None:
            entry = {name: row[name] for name in step_edits.AddedStep.__dataclass_fields__}
            added.append(entry | _own_exposure(scenario, row, before, new))
            continue
        _same_name(row, step)
        as_platform = _as_platform(step)
        change = {name: row[name] for name in as_platform if name == "id" or row[name] != as_platform[name]}
        if len(change) > 1:
            changed.append(change)
        if row["exposure"] != before.get(step.id, row)["exposure"]:
            new[f"steps.{step.id}"] = "platform" if row["exposure"] == step.exposure else row["exposure"]
        for name in step_edits.NUMBERS:
            if row[name] != before.get(step.id, row)[name]:
                new[f"process.steps.{step.id}.{name}"] = row[name]
    gone = [step for step in own.values() if step.group != "room" and step.id not in names]
    removed = [step.id for step in gone if not step.optional]
    optional = [name for name in scenario.step_edits.optional if name in names]
    edits = {"optional": optional, "removed": removed, "changed": changed, "added": added, "order": names}
    return {step_edits.KEY: _needed(edits, own)} | new


def differing(scenario: Scenario) -> dict[str, str]:
    """Steps that differ from the platform's own, with what differs, in words."""
    present = {step.id: step for step in recipe_of(scenario).steps}
    found: dict[str, list[str]] = {}
    for step in _own_steps(scenario).values():
        now = present.get(step.id)
        parts = ["put in"] if step.optional else []
        if now is None:
            parts.append("taken out")
        else:
            if now.exposure != step.exposure:
                parts.append(f"{EXPOSURES[now.exposure].lower()}, not {EXPOSURES[step.exposure].lower()}")
            if _as_platform(now) != _as_platform(step):
                parts.append("other people, devices or materials")
            for name in step_edits.NUMBERS:
                if f"process.steps.{step.id}.{name}" in scenario.inputs:
                    value = scenario.inputs[f"process.steps.{step.id}.{name}"]
                    parts.append(f"{LABELS[name].lower()} {words.exact(value)}")
        if parts:
            found[step.id] = [step.label, *parts]
    for step in scenario.step_edits.added:
        found[step.id] = [step.label, "put in"]
    return {name: f"{parts[0]}: {', '.join(parts[1:])}" for name, parts in found.items()}


def reset(step_id: str) -> None:
    """Take one step back to the platform's own; a step put in goes."""
    scenario = state.current()
    edits = scenario.step_edits.body()
    for part in ("optional", "removed", "order"):
        edits[part] = [name for name in edits.get(part, []) if name != step_id]
    for part in ("changed", "added"):
        edits[part] = [entry for entry in edits.get(part, []) if entry["id"] != step_id]
    new: dict[str, object] = {f"steps.{step_id}": "platform"} if step_id in scenario.steps else {}
    for name in step_edits.NUMBERS:
        if f"process.steps.{step_id}.{name}" in scenario.inputs:
            new[f"process.steps.{step_id}.{name}"] = None
    own = _own_steps(scenario)
    state.change_many(new | {step_edits.KEY: _needed(edits, own)}, TITLE)


def reset_all() -> None:
    """Take the whole process back to the platform's own."""
    scenario = state.current()
    new: dict[str, object] = {f"steps.{step}": "platform" for step in scenario.steps}
    new |= dict.fromkeys((name for name in scenario.inputs if name.startswith("process.steps.")), None)
    state.change_many(new | {step_edits.KEY: {}}, TITLE)


def _own_exposure(scenario: Scenario, row: Row, before: Mapping[str, Row], new: dict[str, object]) -> dict[str, str]:
    """The exposure that an added step has of itself. One that is opened or closed later is so by choice, as with the
    platform's steps, which a closed step's set follows."""
    stored = {step.id: step.exposure for step in scenario.step_edits.added}.get(row["id"])
    if stored is None or row["id"] not in before:
        return {"exposure": row["exposure"]}
    if row["exposure"] != before[row["id"]]["exposure"]:
        if row["exposure"] == "briefly_open":
            stored = "briefly_open"
        new[f"steps.{row['id']}"] = "platform" if row["exposure"] == stored else row["exposure"]
    return {"exposure": stored}


def _own_steps(scenario: Scenario) -> dict[str, Step]:
    """The platform's steps and the optional ones, each before the user's changes of it."""
    edits = scenario.step_edits
    platform = platform_recipe(scenario.choices)
    others = tuple(step for step in edits.changed if step.id not in edits.optional)
    made = step_edits.edited(platform, step_edits.StepEdits(optional=edits.optional, changed=others))
    own = {step.id: step for step in step_library.with_optional(platform, edits.optional).steps}
    return own | {step.id: step for step in made.steps if step.optional}


def _needed(edits: dict[str, Any], own: Mapping[str, Step]) -> dict[str, Any]:
    """The edits without empty parts, and without an order where it is the one that the steps have anyway."""
    natural = [name for name in [*own, *(entry["id"] for entry in edits["added"])] if name in edits["order"]]
    return {key: value for key, value in edits.items() if value and not (key == "order" and value == natural)}


def _edit(widget: str) -> None:
    table: edit_table.Table = st.session_state[KEY]
    try:
        rows = edit_table.after(table.given, st.session_state[widget], NEW)
        new = changes_for(state.current(), rows)
    except InputError as error:
        st.session_state[KEY] = table._replace(shown=[])
        state.refuse(f"{TITLE}{', ' if error.what else ''}{error.what}: {error.why}")
        return
    labels = {row["id"]: str(row["label"]) for row in rows} | {row["id"]: row["label"] for row in table.given}
    before = state.current()
    state.change_many(new, lambda error: _place(error, labels))
    # An editor that shows what the scenario now holds goes on; one started afresh would lose what is being typed.
    st.session_state[KEY] = table._replace(shown=[] if state.current() == before else rows)


def _place(error: InputError, labels: Mapping[str, str]) -> str:
    """Which cell a refusal is about: ``Steps, Harvest, Hands-on hours``."""
    parts = error.what.split(".")
    step = next((labels[part] for part in parts if part in labels), "")
    return ", ".join(filter(None, (TITLE, step, LABELS.get(parts[-1], ""))))


def _position(row: Row, count: int) -> float:
    value = row["position"]
    if value is None:
        return count + 1.0
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError("", str(row["label"]), f"No. is {value!r}, not a number")
    return float(value)


def _same_name(row: Row, step: Step) -> None:
    if row["label"] != step.label or row["group"] != step.group:
        raise InputError(
            "", step.label, "is the platform's own step: its name and part stay; put in a step of your own"
        )
    if row["exposure"] == "briefly_open" != step.exposure:
        raise InputError("", step.label, "can be open, closed, or as the platform has it")


def _as_platform(step: Step) -> dict[str, Any]:
    items = [entry.item for entry in step.materials]
    return {"id": step.id, "crew": step.crew, "devices": list(step.devices), "materials": items}


def _columns() -> dict[str, Any]:
    # Without limits: the editor would cut a number to them and say nothing.
    config = st.column_config
    groups = [group for group in recipes.GROUPS if group != "room"]

    def number(name: str, width: int) -> Any:
        return config.NumberColumn(LABELS[name], format="%.10g", default=NEW[name], required=True, width=width)

    def one_of(name: str, options: Mapping[str, str], width: int) -> Any:
        return config.SelectboxColumn(
            LABELS[name],
            options=list(options),
            format_func=options.__getitem__,
            default=NEW[name],
            required=True,
            width=width,
        )

    def several(name: str, options: tuple[str, ...]) -> Any:
        return config.MultiselectColumn(LABELS[name], options=options, format_func=_thing, default=[], width=260)

    return {
        "position": config.NumberColumn(LABELS["position"], format="%.10g", width=55),
        "label": config.TextColumn(LABELS["label"], default=NEW["label"], required=True, width=190),
        "group": one_of("group", {group: recipes.GROUPS[group] for group in groups}, 90),
        "exposure": one_of("exposure", EXPOSURES, 125),
        "crew": one_of("crew", CREWS, 190),
        "days": number("days", 75),
        "hands_on_hours": number("hands_on_hours", 125),
        "open_manipulations": number("open_manipulations", 150),
        "devices": several("devices", step_edits.devices()),
        "materials": several("materials", step_edits.materials()),
    }


def _thing(name: str) -> str:
    return name.replace("_", " ")
