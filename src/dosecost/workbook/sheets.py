"""Writes the sheets: live formulas with the value that they have in the model, inputs that may be changed, charts."""

import io
import math
from collections.abc import Sequence
from typing import Any, Protocol

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from dosecost.analysis.evidence import grade_shares
from dosecost.analysis.queueing import simulate
from dosecost.analysis.queueing_design import Runs, design_of
from dosecost.evaluation import Evaluation, evaluate
from dosecost.feasibility import check
from dosecost.fields import plain
from dosecost.finance import price_basis_factor
from dosecost.inputs import NO_PRICE, Bounds, bounds_of
from dosecost.ledger import CATEGORIES, inside
from dosecost.meanings import meaning_of, unit_in
from dosecost.scenario import DATA_VERSION, Scenario, dump
from dosecost.trace import Traced
from dosecost.traced_run import TracedRun, traced_run
from dosecost.workbook.checks import Check, checks
from dosecost.workbook.formulas import NOTHING, Cell, absolute, literal
from dosecost.workbook.layout import (
    ABOUT,
    CASES,
    CHECKS,
    DEFAULT,
    FACTOR,
    HEAD,
    IN_USE,
    INPUT_COLUMNS,
    INPUTS,
    LEDGER,
    LINE_COLUMNS,
    MONTHS,
    OUTPUTS,
    PLAN_COLUMNS,
    PLAN_INPUTS,
    PLAN_VALUE,
    SUMMARY,
    VALUE,
    WORKINGS,
    YOURS,
    Layout,
    Row,
    leaf_rows,
    numbers_of_plan,
)
from dosecost.workbook.reading import SCENARIO
from dosecost.workbook.returns import FIRST, FLOWS, GRID, sheet_titles
from dosecost.workbook.styles import MILLIONS, SHARE, TEAL, Styles
from dosecost.workbook.unpack import MOST_BYTES

WIDE, NARROW = 44, 14
TEXT_WIDTH = 60
DAY = "%Y-%m-%d"
A4 = 9
REPLICATIONS = 20
MOST_PATIENTS = 4_000.0
LEAST_YEARS = 0.5
"""Simulated for the waits that stand on the about sheet: runs, patients of a run at most, years of it at least."""
MOST_IN_CELL = 15_000
"""Characters of a text in one cell: each may be two of the units of which a cell holds 32,767."""
SHAPES = "shapes the calculation: change it in dosecost and export again"
HEADLINES = (
    ("cost.per_patient_infused", "Cost per patient infused"),
    ("cost.per_dose_released", "Cost per dose released"),
    ("cost.per_lot_started", "Cost per lot started"),
    ("cost.annual_total", "Cost of the year inside the boundary"),
    ("cost.failure_per_patient_infused", "Cost of failure per patient infused, part of the cost"),
    ("funnel.patients", "Patients who ask for a slot a year"),
    ("funnel.patients_infused", "Patients infused a year"),
    ("funnel.vein_to_vein_days", "Vein-to-vein time, days"),
    ("capacity.suites", "Suites"),
    ("capacity.ceiling_lots_per_year", "Ceiling, lots a year"),
    ("capacity.bottleneck", "Bottleneck"),
    ("people.total", "People"),
    ("capacity.capital", "Capital of the plant"),
    ("cash.runway_months", "Runway: first month below the floor ('none': not within the plan)"),
    ("cash.flat_burn_runway_months", "Runway at flat burn, months"),
    ("cash.lowest_balance", "Lowest balance"),
    ("cash.funding_gap", "Funding gap"),
    ("cash.npv", "Net present value of the programme"),
    ("cash.irr", "Internal rate of return a year"),
    ("cash.minimum_viable_price.price", "Minimum viable price"),
    ("cash.minimum_viable_price.reason", "Why there is none"),
)
"""Outputs of the summary and their words."""
CONVENTIONS = (
    "Money is in the scenario's currency and constant prices of its price year; a default in another currency or year "
    "is converted once, by the factor beside it: market exchange rate, then cost inflation.",
    "Flows fall at month ends. Net present value is taken at the opening of month 1, at the monthly rate "
    "(1 + yearly rate)^(1/12) - 1. Revenue arrives the payment months after the dose. Interest is a twelfth of the "
    "nominal yearly rate on what is owed.",
    "The year is one at the full rate of demand. Capital is written off straight-line in the cost of a dose, and paid "
    "when it is bought in the plan.",
    "A cell that says 'none' is a figure that does not exist for these numbers: no month below the floor, no rate of "
    "return.",
    "Choices and the dates of decisions are those of the scenario at export; numbers may be changed here.",
)


TOO_LARGE = (
    f"This workbook is larger than {MOST_BYTES / 1e6:g} MB, since the plan has many years and plants, and dosecost "
    "does not read it back. Keep the scenario's own file beside it."
)


class Day(Protocol):
    """A moment (a ``datetime``); the model reads no clock, so it is given one."""

    def strftime(self, form: str, /) -> str:
        """The date as text."""


class Writer:
    """One workbook in the making."""

    def __init__(self, scenario: Scenario, run: TracedRun, made_on: Day, readable: bool = True) -> None:
        self.scenario, self.run, self.made_on, self.readable = scenario, run, made_on, readable
        self.layout = Layout(run)
        self._bytes = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self._bytes,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        self.styles = Styles(self.book)
        self.sheets: dict[str, Worksheet] = {}
        self._shares: set[Cell] = set()

    def write(self) -> bytes:
        """The finished file."""
        for name in self._order():
            self._sheet(name)
        self._inputs()
        self._plan_inputs()
        for name in self.layout.rows:
            if name not in (LEDGER, OUTPUTS, *self._of_years()):
                self._figures(name, self.layout.rows[name])
        self._years()
        self._ledger()
        self._months()
        self._outputs()
        self._returns()
        self._workings()
        found = checks(self.layout, self.scenario)
        self._checks(found)
        self._cases()
        self._about()
        self._summary(found)
        for name, cell in sorted(self.layout.defined_names().items()):
            self.book.define_name(name, f"='{cell.sheet}'!{absolute(cell.row, cell.column)}")
        self.book.set_properties(
            {
                "title": self.scenario.name,
                "comments": f"dosecost {self.scenario.digest}",
                "created": self.made_on,
            }
        )
        self.book.close()
        return self._bytes.getvalue()

    def _order(self) -> list[str]:
        stages = [name for name in self.layout.rows if name not in (LEDGER, OUTPUTS)]
        returns = [FLOWS, GRID] if self.layout.returns.series else []
        first = [SUMMARY, INPUTS, PLAN_INPUTS]
        return [*first, *stages, LEDGER, MONTHS, *returns, OUTPUTS, CHECKS, CASES, WORKINGS, ABOUT]

    def _sheet(self, name: str) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_row(0, 22)
        self.sheets[name] = sheet

    def _heading(self, name: str, about: str, columns: Sequence[str], widths: Sequence[int]) -> Worksheet:
        sheet = self.sheets[name]
        sheet.write_string(0, 0, name, self.styles.title)
        sheet.write_string(1, 0, about, self.styles.plain)
        for i, (column, width) in enumerate(zip(columns, widths, strict=True)):
            sheet.write_string(HEAD, i, column, self.styles.head)
            sheet.set_column(i, i, width)
        if columns:
            sheet.freeze_panes(HEAD + 1, 0)
        return sheet

    def _cell(self, cell: Cell) -> None:
        formula, value = self.layout.formulas.written[cell]
        self._put(self.sheets[cell.sheet], cell.row, cell.column, formula, value)

    def _put(
        self, sheet: Worksheet, row: int, column: int, formula: str, value: Any, bold: bool = False, form: str = ""
    ) -> None:
        """A formula with the value that it has, or a constant."""
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{sheet.name}: {formula} is {value}")
        shown = NOTHING if value is None else value
        style = self.styles.number(shown, bold, form)
        if formula:
            sheet.write_formula(row, column, formula, style, shown)
        elif isinstance(shown, str):
            sheet.write_string(row, column, shown, self.styles.plain)
        else:
            sheet.write_number(row, column, shown, style)

    def _inputs(self) -> None:
        widths = [40, 44, 14, 12, 12, 12, 11, 9, 12, 14, 14, 14, 7, TEXT_WIDTH, TEXT_WIDTH]
        about = "Type a number into a coloured cell to use it in place of the default; clear it to go back."
        sheet = self._heading(INPUTS, about, INPUT_COLUMNS, widths)
        values = {name: leaf.node for name, leaf in self.run.leaves.items()}
        mine = {leaf.input: self.layout.inputs[name] for name, leaf in leaf_rows(self.run, True) if name == leaf.input}
        exchange, inflation = values["finance.usd_per_eur"], values["finance.cost_inflation"]
        for name, leaf in leaf_rows(self.run, True):
            row, at = leaf.row, self.layout.inputs[name].row
            assert row is not None
            unit = row.unit_in(self.scenario.currency)
            texts = {0: name, 1: row.label, 2: row.unit, 6: row.price_basis, 11: unit, 12: row.grade, 13: row.source}
            for column, text in (texts | {14: row.note}).items():
                sheet.write_string(at, column, text, self.styles.plain)
            for column, number in enumerate((row.low, row.base, row.high), start=3):
                self._put(sheet, at, column, "", number)
            factor: Any = 1.0
            if row.price_basis != NO_PRICE:
                factor = price_basis_factor(
                    row.price_basis, self.scenario.currency, self.scenario.price_year, exchange, inflation
                )
            text, _ = self.layout.formulas.inside(factor)
            factor_value = factor.value if isinstance(factor, Traced) else factor
            self._put(sheet, at, FACTOR, f"={text}", factor_value)
            default = f"={absolute(at, 4)}*{absolute(at, FACTOR)}"
            self._put(sheet, at, DEFAULT, default, row.base * factor_value)
            yours = absolute(mine[leaf.input].row if leaf.input in mine else at, YOURS)
            in_use = f"=IF(ISBLANK({yours}),{absolute(at, DEFAULT)},{yours})"
            self._put(sheet, at, IN_USE, in_use, leaf.node.value, bold=True)
            if name == leaf.input:
                self._yours(sheet, at, YOURS, self.scenario.inputs.get(name), bounds_of(name))
            else:
                sheet.write_string(at, YOURS, f"as {leaf.input}", self.styles.quiet)
        sheet.autofilter(HEAD, 0, HEAD + len(self.run.leaves), len(INPUT_COLUMNS) - 1)
        sheet.freeze_panes(HEAD + 1, 2)

    def _yours(self, sheet: Worksheet, row: int, column: int, value: float | None, bounds: Any) -> None:
        if value is None:
            sheet.write_blank(row, column, None, self.styles.yours)
        else:
            sheet.write_number(row, column, value, self.styles.yours)
        sheet.data_validation(
            row,
            column,
            row,
            column,
            {
                "validate": "decimal",
                "criteria": "between",
                "minimum": bounds.at_least,
                "maximum": bounds.at_most,
                "error_title": "Out of range",
                "error_message": f"Allowed are {bounds.at_least:g} to {bounds.at_most:g}.",
            },
        )

    def _plan_inputs(self) -> None:
        about = "Numbers of the plan and of steps that you added. Coloured cells may be changed."
        sheet = self._heading(PLAN_INPUTS, about, PLAN_COLUMNS, [50, 44, 16, 12, 12, TEXT_WIDTH])
        known = numbers_of_plan(self.scenario.plan, "plan")
        row = HEAD
        for name, _leaf in leaf_rows(self.run, False):
            row = self.layout.inputs[name].row
            value, bounds = known.get(name, (self.run.leaves[name].node.value, None))
            sheet.write_string(row, 0, name, self.styles.plain)
            sheet.write_string(row, 1, words(name), self.styles.text)
            if bounds is None:
                sheet.write_number(row, PLAN_VALUE, value, self.styles.yours)
                continue
            self._yours(sheet, row, PLAN_VALUE, value, Bounds("", bounds["at_least"], bounds["at_most"]))
            self._put(sheet, row, PLAN_VALUE + 1, "", bounds["at_least"])
            self._put(sheet, row, PLAN_VALUE + 2, "", bounds["at_most"])
        for name, (value, bounds) in known.items():
            if bounds["shapes"]:
                row += 1
                sheet.write_string(row, 0, name, self.styles.plain)
                sheet.write_string(row, 1, words(name), self.styles.text)
                self._put(sheet, row, PLAN_VALUE, "", value)
                sheet.write_string(row, PLAN_VALUE + 3, SHAPES, self.styles.quiet)

    def _figures(self, name: str, rows: Sequence[Row]) -> None:
        columns = ("Name", "Figure", "Value", "Unit", "Meaning")
        sheet = self._heading(name, "Figures of the model, in its order.", columns, [WIDE, WIDE, 18, 16, 90])
        for row in rows:
            sheet.write_string(row.cell.row, 0, row.name, self.styles.plain)
            self._cell(row.cell)
            self._meaning(sheet, row, VALUE + 1)

    def _meaning(self, sheet: Worksheet, row: Row, column: int) -> None:
        """What a figure is called, beside its unit and what it means; under another name as under its own."""
        found = meaning_of(row.name) or meaning_of(self.layout.own_name(row))
        sheet.write_string(row.cell.row, 1, found.label if found else words(row.name), self.styles.plain)
        if found:
            unit = "" if found.unit == "text" else unit_in(found.unit, self.scenario.currency)
            sheet.write_string(row.cell.row, column, unit, self.styles.plain)
            sheet.write_string(row.cell.row, column + 1, found.text, self.styles.plain)

    def _of_years(self) -> list[str]:
        return [years.sheet for years in self.layout.years.values()]

    def _years(self) -> None:
        about = "One year of the cost model in each part of the plan, at its own rate, in this plant."
        for years in self.layout.years.values():
            heads = ["Name", "Figure", *(words(part[-1]) for part in years.columns)]
            sheet = self._heading(years.sheet, about, heads, [WIDE, WIDE, *[16] * len(years.columns)])
            for figure, row in years.rows.items():
                sheet.write_string(HEAD + 1 + row, 0, figure, self.styles.plain)
                found = meaning_of(figure)
                sheet.write_string(HEAD + 1 + row, 1, found.label if found else words(figure), self.styles.plain)
            for one in self.layout.rows[years.sheet]:
                self._cell(one.cell)
            sheet.freeze_panes(HEAD + 1, VALUE)

    def _ledger(self) -> None:
        about = f"Every cost line of the year: quantity x price, {self.scenario.currency}."
        sheet = self._heading(LEDGER, about, [c.capitalize() for c in LINE_COLUMNS], [44, 16, 16, 14, 16, 16, 18])
        for i, line in enumerate(self.layout.lines):
            for column, text in enumerate((line.id, line.category, line.step, line.basis)):
                sheet.write_string(HEAD + 1 + i, column, text, self.styles.plain)
        for row in self.layout.rows[LEDGER]:
            self._cell(row.cell)
        sheet.autofilter(HEAD, 0, HEAD + len(self.layout.lines), len(LINE_COLUMNS) - 1)

    def _months(self) -> None:
        fields = self.run.evaluation.cash.months[0]._fields
        about = f"Closing = opening + inflow - outflow, {self.scenario.currency}, month ends."
        heads = [field.replace("_", " ").capitalize() for field in fields]
        sheet = self._heading(MONTHS, about, heads, [8] + [15] * (len(fields) - 1))
        for month in self.run.evaluation.cash.months:
            sheet.write_number(HEAD + month.month, 0, month.month, self.styles.plain)
        for row in self.layout.months:
            self._cell(row.cell)
        sheet.freeze_panes(HEAD + 1, 1)

    def _outputs(self) -> None:
        about = "Every figure of 'dosecost evaluate --json' by its path, beside its value at export."
        columns = ("Path", "Figure", "Value", "At export", "Unit", "Meaning")
        sheet = self._heading(OUTPUTS, about, columns, [60, WIDE, 20, 20, 16, 90])
        for row in self.layout.rows[OUTPUTS]:
            sheet.write_string(row.cell.row, 0, row.name, self.styles.plain)
            self._meaning(sheet, row, VALUE + 2)
            self._cell(row.cell)
            _, value = self.layout.formulas.written[row.cell]
            self._put(sheet, row.cell.row, VALUE + 1, "", value)

    def _returns(self) -> None:
        returns = self.layout.returns
        if not returns.series:
            return
        titles = sheet_titles()
        self.sheets[FLOWS].write_string(0, 0, FLOWS, self.styles.title)
        self.sheets[FLOWS].write_string(1, 0, titles[FLOWS], self.styles.plain)
        self.sheets[GRID].write_string(2, 0, "Rate", self.styles.plain)
        sheet = self.sheets[FLOWS]
        sheet.set_column(0, 2 * len(returns.series), 16)
        sheet.write_string(FIRST - 1, 0, "Month", self.styles.head)
        for i in range(returns.months()):
            sheet.write_number(FIRST + i, 0, i + 1, self.styles.plain)
        for series in returns.series.values():
            sheet.write_string(FIRST - 2, series.column, f"Flows behind {series.title}", self.styles.quiet)
            sheet.write_string(FIRST - 1, series.column, "Flow", self.styles.head)
            sheet.write_string(FIRST - 1, series.column + 1, "Running sum", self.styles.head)
        for cell in self.layout.formulas.written:
            if cell.sheet in (FLOWS, GRID):
                self._cell(cell)

    def _workings(self) -> None:
        about = "Parts that several figures share, or that would make one formula long."
        sheet = self._heading(WORKINGS, about, ("First needed for", "Figure", "Value"), [WIDE, WIDE, 18])
        for cell, name in self.layout.workings:
            sheet.write_string(cell.row, 0, name, self.styles.plain)
            sheet.write_string(cell.row, 1, words(name), self.styles.text)
            self._cell(cell)

    def _checks(self, found: Sequence[Check]) -> None:
        about = "Identities that hold whatever the inputs."
        sheet = self._heading(CHECKS, about, ("Check", "Off by", "Allowed", "Passed"), [80, 16, 16, 10])
        for i, one in enumerate(found):
            row = HEAD + 1 + i
            sheet.write_string(row, 0, one.label, self.styles.text)
            self._put(sheet, row, 1, f"={one.formula}", 0.0)
            self._put(sheet, row, 2, f"={one.allowed}", one.allowed_value)
            self._put(sheet, row, 3, f"=IF({absolute(row, 1)}<={absolute(row, 2)},1,0)", 1.0)

    def _cases(self) -> None:
        """Published studies replayed; values, since each is a run of its own."""
        from dosecost.analysis.cases import load, replay

        columns = ("Study", "Result", "Unit", "Printed", "Ours", "Kind", "Inside its band")
        about = "Published studies replayed by the model: values of this data version, not formulas."
        sheet = self._heading(CASES, about, columns, [50, 60, 18, 14, 14, 14, 14])
        row = HEAD
        for case in load().values():
            for one in replay(case):
                row += 1
                texts = {0: case.citation, 1: one.result.label, 2: one.result.unit, 5: one.kind}
                for column, text in (texts | {6: "yes" if one.within else "no"}).items():
                    sheet.write_string(row, column, text, self.styles.text)
                self._put(sheet, row, 3, "", one.result.printed)
                self._put(sheet, row, 4, "", one.ours)

    def _about(self) -> None:
        sheet = self.sheets[ABOUT]
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 110)
        s = self.scenario
        e = evaluate(s)
        lines: list[tuple[str, str]] = [
            ("Scenario", s.name),
            ("Description", s.description),
            ("Digest", s.digest),
            ("Data version", DATA_VERSION),
            ("Made on", self.made_on.strftime(DAY)),
            ("Money", f"{s.currency} of {s.price_year}, constant prices"),
            ("For", "Planning. Not for batch release, and not a GMP record."),
            *([] if self.readable else [("Going back", TOO_LARGE)]),
            *(("Convention", text) for text in CONVENTIONS),
            *((f"Choice: {words(name)}", str(option)) for name, option in plain(s.choices).items()),
            *((f"Step {step}", exposure) for step, exposure in s.steps.items()),
            *((f"Note on {name}", note) for name, note in s.notes.items()),
            *((f"Quote for {name}", f"{q.source}, {q.date}, {q.low:g} to {q.high:g}") for name, q in s.quotes.items()),
            *(
                (f"At export: share of evidence grade {grade}", f"{share:.1%} (a value: many runs of the whole model)")
                for grade, share in grade_shares(s).items()
            ),
            *self._simulated(e),
            *(("At export: remark", f"{finding.about}: {finding.text}") for finding in check(e)),
            *self._file(),
        ]
        sheet.write_string(0, 0, ABOUT, self.styles.title)
        for i, (label, text) in enumerate(lines):
            sheet.write_string(HEAD - 2 + i, 0, label, self.styles.text)
            sheet.write_string(HEAD - 2 + i, 1, text, self.styles.text)

    @staticmethod
    def _simulated(e: Evaluation) -> list[tuple[str, str]]:
        """The wait for a slot as the queue simulation has it, which no formula gives."""
        if e.scenario.choices.tenure == "cdmo":
            return []
        design = design_of(e)
        years = max(LEAST_YEARS, min(Runs().years, MOST_PATIENTS / design.patients_per_year))
        warm_up = min(years, Runs().warm_up_years)
        found = simulate(design, Runs(years=years, warm_up_years=warm_up, replications=REPLICATIONS))
        label = "At export: simulated wait for a slot"
        if found.unstable:
            return [(label, f"grows without end: {found.binding} cannot do the work (a value: simulation)")]
        mean, late = found.figures["slot_wait_mean"], found.figures["slot_wait_p90"]
        text = (
            f"{mean.mean:.1f} days on average ({mean.low:.1f} to {mean.high:.1f}), one patient in ten over "
            f"{late.mean:.1f} days; the formula has {float(e.results.waits.slot):.1f} (a value: {REPLICATIONS} "
            f"simulated runs of {years:.3g} years with random arrivals)"
        )
        return [(label, text)]

    def _file(self) -> list[tuple[str, str]]:
        """The scenario's file in parts that a cell can hold, so that the workbook can be read back."""
        text = dump(self.scenario)
        parts = [text[i : i + MOST_IN_CELL] for i in range(0, len(text), MOST_IN_CELL)]
        return [(f"{SCENARIO} {i} of {len(parts)}", part) for i, part in enumerate(parts, start=1)]

    def _summary(self, found: Sequence[Check]) -> None:
        sheet = self.sheets[SUMMARY]
        sheet.set_column(0, 0, 60)
        sheet.set_column(1, 2, 18)
        s, boundary = self.scenario, self.scenario.choices.boundary
        counted = inside(boundary)
        excluded = [words(name) for name in CATEGORIES if name not in counted]
        sheet.write_string(0, 0, s.name, self.styles.title)
        money = f"{s.currency} of {s.price_year}. Scenario {s.digest}, data {DATA_VERSION}."
        bounds = f"Boundary: {words(boundary)}. Not in it: {', '.join(excluded) or 'nothing'}."
        sheet.write_string(1, 0, money, self.styles.plain)
        sheet.write_string(2, 0, bounds, self.styles.plain)
        passed = f"SUM('{CHECKS}'!{absolute(HEAD + 1, 3)}:{absolute(HEAD + len(found), 3)})"
        text = f"{len(found)} checks, all passed"
        master = f'=IF({passed}={len(found)},{literal(text)},{len(found)}-{passed}&" of {len(found)} checks FAILED")'
        sheet.write_formula(3, 0, master, self.styles.strong, text)
        for column, head in enumerate(("Figure", "Now", "At export")):
            sheet.write_string(HEAD + 1, column, head, self.styles.head)
        places = self.layout.output_cells()
        self._shares = {places["cash.irr"]}
        row = HEAD + 1
        for path, label in HEADLINES:
            if path in places:
                row = self._line(sheet, row + 1, label, places[path])
        row += 2
        first = row + 1
        sheet.write_string(row, 0, "Per patient infused, by category", self.styles.head)
        for name in counted:
            row = self._line(sheet, row + 1, words(name), places[f"categories.{name}"])
        self._charts(sheet, first, row)

    def _line(self, sheet: Worksheet, row: int, label: str, cell: Cell) -> int:
        _, value = self.layout.formulas.written[cell]
        sheet.write_string(row, 0, label, self.styles.text)
        form = SHARE if cell in self._shares else ""
        self._put(sheet, row, 1, f"={cell}", value, bold=True, form=form)
        self._put(sheet, row, 2, f"='{OUTPUTS}'!{absolute(cell.row, VALUE + 1)}", value, form=form)
        return row

    def _charts(self, sheet: Worksheet, first: int, last: int) -> None:
        currency = self.scenario.currency
        bars = self.book.add_chart({"type": "bar"})
        bars.add_series(
            {
                "name": "per patient infused",
                "categories": [SUMMARY, first, 0, last, 0],
                "values": [SUMMARY, first, 1, last, 1],
                "fill": {"color": TEAL},
                "gap": 40,
            }
        )
        bars.set_title({"name": "Where the cost of a patient goes", "name_font": {"size": 12}})
        bars.set_x_axis({"name": f"{currency} per patient infused", "num_format": "#,##0"})
        bars.set_y_axis({"reverse": True, "crossing": "max"})
        bars.set_legend({"none": True})
        bars.set_size({"width": 620, "height": 340})
        sheet.insert_chart(HEAD, 4, bars, {"description": "Cost per patient infused by category, live"})
        fields = self.run.evaluation.cash.months[0]._fields
        months = len(self.run.evaluation.cash.months)
        line = self.book.add_chart({"type": "line"})
        line.add_series(
            {
                "name": "balance",
                "categories": [MONTHS, HEAD + 1, 0, HEAD + months, 0],
                "values": [MONTHS, HEAD + 1, fields.index("closing"), HEAD + months, fields.index("closing")],
                "line": {"color": TEAL, "width": 2},
            }
        )
        line.set_title({"name": "Cash at month ends", "name_font": {"size": 12}})
        line.set_x_axis({"name": "month", "interval_unit": 12, "label_position": "low"})
        line.set_y_axis({"name": currency, "num_format": MILLIONS})
        line.set_legend({"none": True})
        line.set_size({"width": 620, "height": 340})
        sheet.insert_chart(HEAD + 18, 4, line, {"description": "Closing balance of each month, live"})


def words(name: str) -> str:
    """``funnel.patients_infused`` as ``Patients infused (funnel)``."""
    head, _, last = name.rpartition(".")
    text = last.replace("_", " ")
    return f"{text[:1].upper()}{text[1:]}" + (f" ({head.replace('_', ' ').replace('.', ', ')})" if head else "")


def workbook(scenario: Scenario, made_on: Day) -> bytes:
    """The scenario as an Excel workbook of live formulas, with the model's values in it, as of a day.

    The same scenario and day give the same bytes.
    """
    run = traced_run(scenario)
    book = Writer(scenario, run, made_on).write()
    return book if len(book) <= MOST_BYTES else Writer(scenario, run, made_on, readable=False).write()
