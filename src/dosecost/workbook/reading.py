"""A workbook read back as a scenario: the one it was made from, with the numbers that were changed in it."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dosecost import scenario as scenarios
from dosecost import step_edits
from dosecost.errors import InputError
from dosecost.fields import LARGEST
from dosecost.scenario import Scenario, with_change
from dosecost.traced_run import Leaf, traced_run
from dosecost.workbook import unpack
from dosecost.workbook.layout import (
    ABOUT,
    DEFAULT,
    IN_USE,
    INPUT_COLUMNS,
    INPUTS,
    PLAN_COLUMNS,
    PLAN_INPUTS,
    YOURS,
    numbers_of_plan,
)

SECONDS = 10
SAME = 1e-9
"""How near a default must be to be the one that was written: other programs keep 15 digits."""
MOST_SAID = 12
"""Changes that a sentence names."""
SCENARIO = "Scenario file"
"""Label of the cells that hold the scenario which a workbook was made from."""


class Change(NamedTuple):
    """A number that differs from the scenario that the workbook was made from; none for a default that is in use."""

    name: str
    before: float | None
    after: float | None


class Imported(NamedTuple):
    """A workbook's scenario, and what was changed in the workbook."""

    scenario: Scenario
    changes: list[Change]


def read(book: bytes, where: str) -> Imported:
    """The scenario of a workbook. Raises ``InputError`` with one line, and takes nothing of a file that is refused."""
    sheets = _unpacked(book, where, (INPUTS, PLAN_INPUTS, ABOUT))
    before = scenarios.parse(_scenario_text(sheets[ABOUT], where), f"{where}, {ABOUT}")
    run = traced_run(before)
    leaves = run.leaves
    inputs = {name for name, leaf in leaves.items() if leaf.row is not None and name == leaf.input}
    plan = {name: float(leaf.node.value) for name, leaf in leaves.items() if leaf.row is None}
    changes = [
        Change(name, before.inputs.get(name), value)
        for name, value in _column(sheets[INPUTS], f"{where}, {INPUTS}", INPUT_COLUMNS, inputs, set(leaves))
        if value != before.inputs.get(name)
    ]
    _defaults_kept(sheets[INPUTS], f"{where}, {INPUTS}", leaves)
    shaping = {name: value for name, (value, _) in numbers_of_plan(before.plan, "plan").items() if name not in plan}
    known = set(plan) | set(shaping)
    for name, value in _column(sheets[PLAN_INPUTS], f"{where}, {PLAN_INPUTS}", PLAN_COLUMNS, known, known):
        if value is None:
            raise InputError(f"{where}, {PLAN_INPUTS}", name, "is empty; a number of the plan has no default")
        if name in shaping and value != shaping[name]:
            raise InputError(f"{where}, {PLAN_INPUTS}", name, "shapes the formulas; change it in dosecost")
        if name in plan and value != plan[name]:
            changes.append(Change(name, plan[name], value))
    after = before
    for change in changes:
        after = _changed(after, change, where)
    return Imported(after, changes)


def in_words(changes: Sequence[Change]) -> str:
    """What was changed, in one sentence."""
    if not changes:
        return "No number was changed in the workbook."
    said = [f"{change.name} {_said(change.before)} → {_said(change.after)}" for change in changes[:MOST_SAID]]
    more = f", and {len(changes) - MOST_SAID} more" if len(changes) > MOST_SAID else ""
    return f"{len(changes)} changed in the workbook: {', '.join(said)}{more}."


def _said(value: float | None) -> str:
    return "default" if value is None else f"{value:.12g}"


def _changed(scenario: Scenario, change: Change, where: str) -> Scenario:
    head, _, rest = change.name.partition(".")
    if head != "steps":
        return with_change(scenario, change.name, change.after, where)
    body = scenario.step_edits.body()
    step, _, field = rest.rpartition(".")
    for added in body["added"]:
        if added["id"] == step:
            added[field] = change.after
    return with_change(scenario, step_edits.KEY, body, where)


def _column(
    rows: Sequence[Sequence[Any]], where: str, columns: Sequence[str], wanted: set[str], known: set[str]
) -> Iterator[tuple[str, float | None]]:
    """The user's values by name. Every wanted name once, and none that is not known."""
    heads = [i for i, row in enumerate(rows) if tuple(row[: len(columns)]) == tuple(columns)]
    if len(heads) != 1:
        raise InputError(where, "", f"needs one row of headings: {', '.join(columns[:3])} …")
    yours, seen = columns.index("Your value"), set()
    for row in rows[heads[0] + 1 :]:
        name = row[0]
        if name is None:
            continue
        if not isinstance(name, str) or name not in known:
            raise InputError(where, str(name)[:60], "no number of that name in the scenario")
        if name in seen:
            raise InputError(where, name, "stands twice")
        seen.add(name)
        if name in wanted:
            yield name, _number(row[yours], where, name)
    if missing := sorted(wanted - seen):
        raise InputError(where, missing[0], f"is missing, and {len(missing) - 1} more" if missing[1:] else "is missing")


def _number(cell: Any, where: str, name: str) -> float | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if cell == unpack.DATE:
        raise InputError(where, name, "is shown as a date or a time; give the cell a number's format")
    if isinstance(cell, str):
        what = "holds a formula; type its value" if cell.startswith("=") else f"{cell[:40]!r} is not a number"
        raise InputError(where, name, what)
    if isinstance(cell, bool) or not -LARGEST <= cell <= LARGEST:
        raise InputError(where, name, f"{str(cell)[:20]} is not a number that any input takes")
    return float(cell)


def _defaults_kept(rows: Sequence[Sequence[Any]], where: str, leaves: Mapping[str, Leaf]) -> None:
    """Refuse a changed default or a formula that was typed over: neither would be taken, and nothing may be lost."""
    for row in rows:
        leaf = leaves.get(row[0]) if isinstance(row[0], str) else None
        if leaf is None or leaf.row is None:
            continue
        for column, number in (("Low", leaf.row.low), ("Base", leaf.row.base), ("High", leaf.row.high)):
            cell = row[INPUT_COLUMNS.index(column)]
            if isinstance(cell, str) or cell is None or not math.isclose(cell, number, rel_tol=SAME):
                raise InputError(where, row[0], f"{column} is no longer {number:.12g}; type a number under Your value")
        if not str(row[IN_USE]).startswith("=") or not str(row[DEFAULT]).startswith("="):
            raise InputError(where, row[0], "a formula was typed over; type a number under Your value")
        if row[0] != leaf.input and not isinstance(row[YOURS], str):
            raise InputError(where, row[0], f"takes its value from {leaf.input}; type it there")


def _scenario_text(rows: Sequence[Sequence[Any]], where: str) -> str:
    parts = [str(row[1] or "") for row in rows if str(row[0] or "").startswith(SCENARIO)]
    if not parts:
        raise InputError(where, ABOUT, f"does not hold the scenario it was made from ({SCENARIO})")
    return "".join(parts)


def _unpacked(book: bytes, where: str, wanted: Sequence[str]) -> dict[str, list[list[Any]]]:
    """The wanted sheets, read by a process of its own."""
    if len(book) > unpack.MOST_BYTES:
        raise InputError(where, "", f"is larger than {unpack.MOST_BYTES / 1e6:g} MB")
    command = [sys.executable, "-I", str(Path(unpack.__file__)), *wanted]
    try:
        done = subprocess.run(command, input=book, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise InputError(where, "", f"takes longer than {SECONDS} s to read") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {"refused": "cannot be read in the memory that a workbook of dosecost needs"}
    if "refused" in answer:
        raise InputError(where, "", str(answer["refused"]))
    sheets: dict[str, list[list[Any]]] = answer["sheets"]
    return sheets
