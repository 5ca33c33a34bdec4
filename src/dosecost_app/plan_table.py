"""Tables of the plan that can be edited. The editor's limits are cosmetic, so each edit is checked as a whole."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dosecost import plan, scenario
from dosecost.errors import InputError
from dosecost_app import drawing, edit_table, state, words
from dosecost_app.edit_table import Rows, Table

KINDS: dict[str, Any] = {"phases": plan.Phase, "receipts": plan.Receipt}
TITLES = {"phases": "Phases", "receipts": "Money received", "decisions": "Decisions"}
NEW: dict[str, dict[str, Any]] = {
    "phases": {
        "name": "New phase",
        "months": 12.0,
        "share_of_demand": 0.0,
        "demand": "flat",
        "stage": "clinical",
        "research_per_month": 0.0,
        "administration_per_month": 0.0,
        "clinical_per_patient": 0.0,
        "revenue": "none",
    },
    "receipts": {"name": "New receipt", "kind": "equity", "month": 1.0, "amount": 0.0, "instalments": 1.0},
    "decisions": {
        "name": "New decision",
        "kind": "go_electronic",
        "month": 1.0,
        "platform": None,
        "sterility": None,
        "devices": None,
        "suites": None,
        "share_of_demand": None,
        "role": None,
        "heads": None,
        "price_factor": None,
        "amount": None,
        "yearly_interest": None,
        "interest_only_months": None,
        "repayment_months": None,
    },
}
UNTOLD: dict[str, Any] = {
    "platform": "integrated_closed",
    "sterility": "pcr",
    "amount": 0.0,
    "yearly_interest": 0.1,
    "interest_only_months": 0.0,
    "repayment_months": 36.0,
    "role": "operator",
    "heads": 1.0,
    "price_factor": 1.0,
    "devices": 1.0,
    "suites": 1.0,
    "share_of_demand": 0.5,
}
"""What a decision begins with where its kind asks for something that its row does not say yet."""
PICKED = {"platform": scenario.options("platform"), "sterility": scenario.options("sterility")}
WIDTHS = {
    "phases": {"months": 95, "share_of_demand": 75, "demand": 95, "administration_per_month": 150},
    "receipts": {"month": 130, "instalments": 180},
    "decisions": {
        "name": 150,
        "kind": 165,
        "month": 130,
        "devices": 95,
        "suites": 85,
        "share_of_demand": 150,
        "heads": 85,
    },
}
"""Widths of columns in pixels, where they are not the usual one."""
WIDTH = 110
PLACE = re.compile(r"plan\.(?:phases|receipts|decisions)\[(\d+)\](?:\.(\w+))?")


def draw(entries: str) -> None:
    """The table of ``phases``, ``receipts`` or ``decisions``, ready to be edited."""
    rows = shown(entries, getattr(state.current().plan, entries))
    key = f"table_{entries}"
    table = edit_table.held(key, rows)
    metadata = columns_of(entries)
    widget = edit_table.widget(key, table)
    st.data_editor(
        pd.DataFrame(table.given, columns=list(metadata)),
        hide_index=True,
        num_rows="dynamic",
        column_config={name: _column(entries, name, metadata[name]) for name in metadata},
        key=widget,
        on_change=_edit,
        args=(entries, widget),
        alt=f"{TITLES[entries]} of the plan, one row each",
    )
    drawing.offer_file(TITLES[entries], f"plan_{entries}", partial(labelled, entries, rows))


def labelled(entries: str, rows: Rows) -> pd.DataFrame:
    """The rows of a table under the names of its columns."""
    names = list(columns_of(entries))
    return pd.DataFrame(rows, columns=names).rename(columns=words.plan_label)


def columns_of(entries: str) -> dict[str, Mapping[str, Any]]:
    """Columns of a table and what each takes; decisions have those of all their kinds."""
    kinds = plan.DECISIONS.values() if entries == "decisions" else [KINDS[entries]]
    taken = {column.name: column.metadata for kind in kinds for column in fields(kind)}
    return {name: taken[name] for name in NEW[entries]}


def shown(entries: str, planned: Sequence[Any]) -> Rows:
    """Rows of a table; a decision leaves empty what its kind does not ask for."""
    empty = NEW[entries] if entries == "decisions" else {}
    return [dict.fromkeys(("id", *empty)) | asdict(entry) for entry in planned]


def told(rows: Rows) -> Rows:
    """Decisions from the rows of their table: what each kind asks for, begun with ``UNTOLD`` where it is empty."""
    found = []
    for row in rows:
        kind = plan.DECISIONS.get(row["kind"]) if isinstance(row["kind"], str) else None
        names = [column.name for column in fields(kind)] if kind else list(row)
        found.append({name: UNTOLD.get(name) if row[name] is None else row[name] for name in names})
    return found


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
    planned = told(rows) if entries == "decisions" else rows
    st.session_state[key] = table._replace(shown=rows)
    state.change(f"plan.{entries}", planned, partial(_place, entries, rows))


def _place(entries: str, rows: Rows, error: InputError) -> str:
    """Which cell a refusal is about: ``Phase 1, Months``."""
    title = TITLES[entries]
    found = PLACE.search(error.what)
    if found is None:
        return title
    row = int(found[1])
    name = rows[row]["name"] if row < len(rows) else None
    if not isinstance(name, str) or not name.strip():
        name = f"row {row + 1}"
    return f"{title}, {name}" + (f", {words.plan_label(found[2], entries)}" if found[2] in words.PLAN else "")


def _column(entries: str, name: str, metadata: Mapping[str, Any]) -> Any:
    # Without limits: the editor would cut a number to them and say nothing.
    label, width, default = words.plan_label(name, entries), WIDTHS[entries].get(name, WIDTH), NEW[entries][name]
    common: dict[str, Any] = {"default": default, "required": default is not None, "width": width}
    if name in PICKED:
        options, named = list(PICKED[name]), partial(words.option_label, name)
        return st.column_config.SelectboxColumn(label, options=options, format_func=named, **common)
    if name == "kind" and "text" in metadata:
        return st.column_config.SelectboxColumn(
            label, options=list(plan.DECISIONS), format_func=words.plan_option, **common
        )
    if "options" in metadata:
        return st.column_config.SelectboxColumn(
            label, options=metadata["options"], format_func=words.plan_option, **common
        )
    if "text" in metadata:
        return st.column_config.TextColumn(label, **common)
    money = metadata["at_most"] == plan.MOST_MONEY
    return st.column_config.NumberColumn(label, format="localized" if money else "%.10g", **common)
