"""Tables of the plan that can be edited. The editor's limits are cosmetic, so each edit is checked as a whole."""

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dosecost import plan
from dosecost.errors import InputError
from dosecost_app import edit_table, state, words
from dosecost_app.edit_table import Rows, Table

KINDS: dict[str, Any] = {"phases": plan.Phase, "receipts": plan.Receipt}
TITLES = {"phases": "Phases", "receipts": "Money received"}
NEW: dict[str, dict[str, Any]] = {
    "phases": {
        "name": "New phase",
        "months": 12.0,
        "share_of_demand": 0.0,
        "stage": "clinical",
        "research_per_month": 0.0,
        "administration_per_month": 0.0,
        "clinical_per_patient": 0.0,
        "revenue": "none",
    },
    "receipts": {"name": "New receipt", "kind": "equity", "month": 1.0, "amount": 0.0, "instalments": 1.0},
}
WIDTHS = {"months": 95, "share_of_demand": 75, "administration_per_month": 150, "month": 130, "instalments": 180}
PLACE = re.compile(r"plan\.(?:phases|receipts)\[(\d+)\](?:\.(\w+))?")


def draw(entries: str) -> None:
    """The table of ``phases`` or ``receipts``, ready to be edited."""
    rows: Rows = [asdict(entry) for entry in getattr(state.current().plan, entries)]
    key = f"table_{entries}"
    table = edit_table.held(key, rows)
    columns = [column for column in fields(KINDS[entries]) if column.name != "id"]
    widget = edit_table.widget(key, table)
    st.data_editor(
        pd.DataFrame(table.given, columns=[column.name for column in columns]),
        hide_index=True,
        num_rows="dynamic",
        column_config={c.name: _column(c.name, c.metadata, NEW[entries][c.name]) for c in columns},
        key=widget,
        on_change=_edit,
        args=(entries, widget),
        alt=f"{TITLES[entries]} of the plan, one row each",
    )


def edited(entries: str, rows: Rows, edits: Mapping[str, Any]) -> Rows:
    """The rows after the editor's edits; what the editor cannot have sent honestly is refused."""
    return edit_table.after(rows, edits, NEW[entries])


def _edit(entries: str, widget: str) -> None:
    key = f"table_{entries}"
    table: Table = st.session_state[key]
    try:
        rows = edited(entries, table.given, st.session_state[widget])
    except InputError as error:
        st.session_state[key] = table._replace(shown=[])
        state.refuse(f"{TITLES[entries]}: {error.why}")
        return
    st.session_state[key] = table._replace(shown=rows)
    state.change(f"plan.{entries}", rows, partial(_place, TITLES[entries], rows))


def _place(title: str, rows: Rows, error: InputError) -> str:
    """Which cell a refusal is about: ``Phase 1, Months``."""
    found = PLACE.search(error.what)
    if found is None:
        return title
    row = int(found[1])
    name = rows[row]["name"] if row < len(rows) else None
    if not isinstance(name, str) or not name.strip():
        name = f"row {row + 1}"
    return f"{title}, {name}" + (f", {words.plan_label(found[2])}" if found[2] in words.PLAN else "")


def _column(name: str, metadata: Mapping[str, Any], default: object) -> Any:
    # Without limits: the editor would cut a number to them and say nothing.
    label, width = words.plan_label(name), WIDTHS.get(name, 110)
    common: dict[str, Any] = {"default": default, "required": True, "width": width}
    if "options" in metadata:
        return st.column_config.SelectboxColumn(
            label, options=metadata["options"], format_func=words.plan_option, **common
        )
    if "text" in metadata:
        return st.column_config.TextColumn(label, **common)
    money = metadata["at_most"] == plan.MOST_MONEY
    return st.column_config.NumberColumn(label, format="localized" if money else "%.10g", **common)
