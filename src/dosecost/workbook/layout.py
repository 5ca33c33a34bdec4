"""Where every figure stands: a sheet for each stage, the ledger and the months as tables, a cell for each input."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, NamedTuple

from dosecost.figures import named_figures, outputs
from dosecost.ledger import Line
from dosecost.trace import Traced
from dosecost.traced_run import Leaf, TracedRun
from dosecost.workbook.formulas import Cell, Formulas
from dosecost.workbook.returns import Returns

STAGES = {
    "work": "Process",
    "cells": "Cells",
    "one_patient": "Patients",
    "waits": "Patients",
    "funnel": "Patients",
    "plant": "Plant",
    "plates": "Monitoring",
    "hours": "People",
    "heads": "People",
    "assets": "Plant",
    "invested": "Plant",
    "months_to_first_lot": "Plant",
    "transition_price": "Plant",
    "transition_months": "Plant",
    "cost": "Cost",
    "programme": "Programme",
    "cash": "Cash",
}
"""Sheet of each stage, by the first word of its figures' names."""
LEDGER, MONTHS, OUTPUTS, WORKINGS = "Ledger", "Plan by month", "Outputs", "Workings"
INPUTS, PLAN_INPUTS = "Inputs", "Plan inputs"
SUMMARY, CHECKS, CASES, ABOUT = "Summary", "Checks", "Cases", "About"
OWN = (SUMMARY, INPUTS, PLAN_INPUTS, LEDGER, MONTHS, OUTPUTS, WORKINGS, CHECKS, CASES, ABOUT, "Returns", "Rates")
HEAD = 4
"""First row of a table below its sheet's title."""
VALUE = 2
"""Column of the value on a sheet that lists figures."""
LINE_COLUMNS = ("id", "category", "step", "basis", "quantity", "price", "annual")
INPUT_COLUMNS = (
    "Name",
    "Input",
    "Unit",
    "Low",
    "Base",
    "High",
    "Price basis",
    "Factor",
    "Default",
    "Your value",
    "In use",
    "Unit in use",
    "Grade",
    "Source",
    "Note",
)
FACTOR, DEFAULT, YOURS, IN_USE = (INPUT_COLUMNS.index(name) for name in ("Factor", "Default", "Your value", "In use"))
PLAN_COLUMNS = ("Name", "Number of the plan", "Your value", "Lowest", "Highest", "Kept as it is because")
PLAN_VALUE = PLAN_COLUMNS.index("Your value")
YEARS = ("phases", "after", "without_patients", "as_bought")
"""First words of the names of figures that belong to the years behind the plan."""
OF_A_YEAR = ("plant", "waits", "funnel", "plates", "heads", "invested")
"""Stages of such a year that stand in its column, beside what each cost line comes to."""
LONGEST_SHEET = 31
LONGEST_NAME = 200


class Row(NamedTuple):
    """A figure on a sheet: its name, value and place."""

    name: str
    node: Any
    cell: Cell


class Years(NamedTuple):
    """One plant in each part of the plan: a sheet with a row for each figure and a column for each part, by the
    beginning of its figures' names."""

    sheet: str
    rows: dict[str, int]
    columns: dict[tuple[str, ...], int]


class Layout:
    """The places of all figures of a run and the formula of each."""

    def __init__(self, run: TracedRun) -> None:
        self.run = run
        self.figures = named_figures(run)
        self.outputs = outputs(run)
        self.rows: dict[str, list[Row]] = {}
        self.months: list[Row] = []
        self.workings: list[tuple[Cell, str]] = []
        self.inputs: dict[str, Cell] = {}
        self._names: set[str] = set()
        self._sheets = {name.casefold() for name in (*OWN, *STAGES.values())}
        self.years: dict[tuple[str, ...], Years] = {}
        self._taken: set[tuple[str, int, int]] = set()
        self.returns = Returns()
        self.formulas = Formulas(self._working, self.returns.formula)
        self._place_leaves()
        self._place_figures()
        self.formulas.share(dict(self._all()))
        self._named = {row.cell: row.name for row in [*self.all_rows(), *self.months]}
        for name, node, cell in [*self.all_rows(), *self.months]:
            self._write(name, node, cell)
        self.returns.cells(self.formulas)

    @property
    def lines(self) -> list[Line]:
        """The ledger of the year."""
        return self.run.evaluation.results.lines

    def all_rows(self) -> Iterator[Row]:
        """Every figure that stands in a list or in the ledger."""
        for rows in list(self.rows.values()):
            yield from rows

    def own_name(self, row: Row) -> str:
        """The name under which a figure has its place; its own where it has none."""
        cell = self.formulas.cell_of(row.node)
        return self._named.get(cell, row.name) if cell else row.name

    def output_cells(self) -> dict[str, Cell]:
        """The place of every output, by its path."""
        return {row.name: row.cell for row in self.rows[OUTPUTS]}

    def defined_names(self) -> dict[str, Cell]:
        """Names of cells."""
        placed = (*self.inputs.values(), *(row.cell for row in self.all_rows()))
        return {cell.name: cell for cell in placed if cell.name}

    def _all(self) -> Iterable[tuple[str, Any]]:
        return ((row.name, row.node) for row in [*self.all_rows(), *self.months])

    def _place_leaves(self) -> None:
        rows = [(name, leaf) for name, leaf in self.run.leaves.items() if leaf.row is not None]
        for i, (name, _leaf) in enumerate(rows):
            self.inputs[name] = Cell(INPUTS, HEAD + 1 + i, IN_USE, self._name(name))
        plan = [(name, leaf) for name, leaf in self.run.leaves.items() if leaf.row is None]
        for i, (name, _leaf) in enumerate(plan):
            self.inputs[name] = Cell(PLAN_INPUTS, HEAD + 1 + i, PLAN_VALUE, self._name(name))
        for name, cell in self.inputs.items():
            self.formulas.leaf(name, cell)

    def _place_figures(self) -> None:
        for name, node in self.figures.items():
            head = name.partition(".")[0]
            if name.startswith("cash.months."):
                self._place_month(name, node)
            elif head == "ledger" and name.rpartition(".")[2] in ("quantity", "price", "annual"):
                self._place_line(name, node)
            elif head in STAGES and name not in self.outputs:
                self._add(STAGES[head], name, node, named=head not in ("programme", "cash", "without_patients"))
            elif head in YEARS:
                self._place_year(name, node)
            elif head in ("cost", "cash", "funnel") and not isinstance(node, str):
                self._add(STAGES[head], name, node, named=head != "cash")
        for path, node in self.outputs.items():
            self._add(OUTPUTS, path, node)

    def _place_month(self, name: str, node: Any) -> None:
        _, _, month, field = name.split(".")
        fields = self.run.evaluation.cash.months[0]._fields
        if field in fields and field != "month":
            cell = Cell(MONTHS, HEAD + int(month), fields.index(field))
            self.months.append(Row(name, node, cell))
            self._place(node, cell)

    def _place_line(self, name: str, node: Any) -> None:
        line, _, field = name.removeprefix("ledger.").rpartition(".")
        at = next(i for i, one in enumerate(self.lines) if one.id == line)
        cell = Cell(LEDGER, HEAD + 1 + at, LINE_COLUMNS.index(field))
        self._put(LEDGER, Row(name, node, cell))

    def _add(self, sheet: str, name: str, node: Any, named: bool = False) -> None:
        cell = Cell(sheet, HEAD + 1 + len(self.rows.get(sheet, [])), VALUE, self._name(name) if named else "")
        self._put(sheet, Row(name, node, cell))

    def _put(self, sheet: str, row: Row) -> None:
        """Note a figure on a sheet. No cell may hold two: the workbook would compute the one with the other."""
        place = (row.cell.sheet, row.cell.row, row.cell.column)
        if place in self._taken:
            raise ValueError(f"{row.name}: {row.cell} holds another figure already")
        self._taken.add(place)
        self.rows.setdefault(sheet, []).append(row)
        self._place(row.node, row.cell)

    def _place(self, node: Any, cell: Cell) -> None:
        if isinstance(node, Traced) and not node.name:
            self.formulas.place(node, cell)

    def _write(self, name: str, node: Any, cell: Cell) -> None:
        if not isinstance(node, Traced):
            self.formulas.written[cell] = ("", node)
        elif self.formulas.cell_of(node) == cell:
            self.formulas.write(node, cell, name)
        else:
            self.formulas.alias(node, cell, name)

    def _working(self, name: str) -> Cell:
        cell = Cell(WORKINGS, HEAD + 1 + len(self.workings), VALUE)
        self.workings.append((cell, name))
        return cell

    def _name(self, name: str) -> str:
        """A name for a cell that no other cell has and that no sheet takes for a reference."""
        text = re.sub(r"[^A-Za-z0-9_.]", "_", name.replace("@", "."))[:LONGEST_NAME]
        text = text if re.match(r"[A-Za-z]+[._][A-Za-z]", text) or "." in text else f"figure.{text}"
        found, i = text, 1
        while found.casefold() in self._names:
            i += 1
            found = f"{text}.{i}"
        self._names.add(found.casefold())
        return found

    def _place_year(self, name: str, node: Any) -> None:
        """The place of a figure of a year behind the plan. Those that only lead to others of it have none."""
        plant, part, figure = year_of_figure(name)
        stage = figure.partition(".")[0]
        if stage not in OF_A_YEAR and not (stage == "ledger" and figure.endswith(".annual")):
            return
        if plant not in self.years:
            self.years[plant] = Years(self._sheet(plant_in_words(plant)), {}, {})
        years = self.years[plant]
        row = HEAD + 1 + years.rows.setdefault(figure, len(years.rows))
        cell = Cell(years.sheet, row, VALUE + years.columns.setdefault(part, len(years.columns)))
        self._put(years.sheet, Row(name, node, cell))

    def _sheet(self, words: str) -> str:
        """A name for a sheet that no other has."""
        text = _cut(re.sub(r"[\[\]:*?/\\'\x00-\x1f]", " ", words).strip(), LONGEST_SHEET - 3).strip() or "Year"
        found, i = text, 1
        while found.casefold() in self._sheets:
            i += 1
            found = f"{text} {i}"
        self._sheets.add(found.casefold())
        return found


def leaf_rows(run: TracedRun, inputs: bool) -> list[tuple[str, Leaf]]:
    """Leaves that are inputs, or those that are numbers of the plan and of added steps."""
    return [(name, leaf) for name, leaf in run.leaves.items() if (leaf.row is not None) == inputs]


def numbers_of_plan(part: Any, prefix: str) -> dict[str, tuple[float, Any]]:
    """Every number of a plan with its bounds, by the name of its leaf."""
    found: dict[str, tuple[float, Any]] = {}
    for column in fields(part):
        value, name = getattr(part, column.name), f"{prefix}.{column.name}"
        if "rows" in column.metadata:
            for entry in value:
                found |= numbers_of_plan(entry, f"{name}.{entry.id}")
        elif "at_least" in column.metadata:
            found[name] = value, column.metadata
    return found


def _cut(text: str, most: int) -> str:
    """A text of at most so many UTF-16 units, by which spreadsheets count."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")


AT_FIRST = ("first",)
FULL_RATE = ("full rate",)


def year_of_figure(name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The plant, the part of the plan and the figure that a name of the years behind the plan holds; plant and part as
    the words of the name that say which."""
    parts = name.split(".")
    at = 0
    while parts[at] in ("after", "hubs"):
        at += 2
    plant = tuple(parts[:at]) or AT_FIRST
    if parts[at] == "phases":
        return plant, tuple(parts[at : at + 2]), ".".join(parts[at + 2 :])
    if parts[at] in ("without_patients", "as_bought"):
        return plant, (parts[at],), ".".join(parts[at + 1 :])
    return plant, FULL_RATE, ".".join(parts[at:])


def plant_in_words(plant: tuple[str, ...]) -> str:
    """``After switch``, ``After north hub north``."""
    if plant == AT_FIRST:
        return "Plant at first"
    begins = {"after": "After", "hubs": "hub"}
    return " ".join(f"{begins[kind]} {name}" for kind, name in zip(plant[::2], plant[1::2], strict=True))
