"""A table that can be edited: the rows it was given, those it shows, and the rows after the editor's edits.

The editor's own limits are cosmetic, so nothing here trusts what it sends.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from dosecost.errors import InputError

OUTSIDE = "an edit outside the table"

Row = dict[str, Any]
Rows = list[Row]


class Table(NamedTuple):
    """An editor: its version (a new one starts it afresh), the rows it was given, and those it shows."""

    version: int
    given: Rows
    shown: Rows


def held(key: str, rows: Rows) -> Table:
    """The editor kept under ``key``; started afresh when the rows are other than those it shows."""
    table: Table = st.session_state.get(key) or Table(0, rows, rows)
    if table.shown != rows:
        table = Table(table.version + 1, rows, rows)
    st.session_state[key] = table
    return table


def widget(key: str, table: Table) -> str:
    """Key of the editor's widget."""
    return f"w_{key}.{table.version}"


def after(rows: Rows, edits: Mapping[str, Any], new: Row) -> Rows:
    """The rows after the editor's edits; ``new`` has the columns and a new row's values.

    Raises ``InputError`` for what the editor cannot have sent honestly.
    """
    changed = dict(enumerate(map(dict, rows)))
    for row, cells in edits.get("edited_rows", {}).items():
        if row not in changed or not set(cells) <= set(new):
            raise InputError("", "", OUTSIDE)
        changed[row].update(cells)
    for row in edits.get("deleted_rows", []):
        if row not in changed:
            raise InputError("", "", OUTSIDE)
        del changed[row]
    result = list(changed.values())
    for cells in edits.get("added_rows", []):
        if not set(cells) - {"_index"} <= set(new):
            raise InputError("", "", OUTSIDE)
        given = {name: value for name, value in cells.items() if name in new and value is not None}
        result.append({"id": next_id(result)} | new | given)
    return result


def next_id(rows: Rows) -> str:
    """A name that no row has: ``added_1``, ``added_2``, …"""
    taken = {row["id"] for row in rows}
    return next(name for i in range(1, len(rows) + 2) if (name := f"added_{i}") not in taken)
