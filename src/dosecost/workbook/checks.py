"""Identities that a workbook checks itself: what it adds up, how far that may be off."""

from typing import Any, NamedTuple

from dosecost.ledger import inside
from dosecost.scenario import Scenario
from dosecost.workbook.formulas import Cell, literal, span
from dosecost.workbook.layout import HEAD, LEDGER, LINE_COLUMNS, MONTHS, OUTPUTS, VALUE, Layout

RELATIVE = 1e-9
CENT = 0.01


class Check(NamedTuple):
    """An identity: in words, how far it is off, and how far it may be, each as a formula without its ``=``."""

    label: str
    formula: str
    allowed: str
    allowed_value: float


def checks(layout: Layout, scenario: Scenario) -> list[Check]:
    """All identities of a workbook."""
    at = layout.output_cells()
    head = at["cost.per_patient_infused"]
    value = _value(layout, head)

    def adds_up(label: str, paths: list[str], whole: Cell) -> Check:
        parts = "+".join(str(at[path]) for path in paths) or "0"
        return Check(label, f"ABS({parts}-{whole})", f"{literal(RELATIVE)}*ABS({whole})", RELATIVE * abs(value))

    categories = [f"categories.{name}" for name in inside(scenario.choices.boundary)]
    steps = [path for path in at if path.startswith("steps.")]
    months = len(layout.run.evaluation.cash.months)
    column = {name: i for i, name in enumerate(layout.run.evaluation.cash.months[0]._fields)}

    def month(name: str, first: int, last: int) -> str:
        return span(Cell(MONTHS, HEAD + first, column[name]), Cell(MONTHS, HEAD + last, column[name]))

    opening, inflow, outflow, closing = (month(n, 1, months) for n in ("opening", "inflow", "outflow", "closing"))
    sources = [path for path in at if path.startswith("cash.sources_and_uses.sources.")]
    uses = [path for path in at if path.startswith("cash.sources_and_uses.uses.")]
    balance = "+".join(str(at[path]) for path in sources) + "-(" + "+".join(str(at[path]) for path in uses) + ")"
    counted = [f'"{name}"' for name in inside(scenario.choices.boundary)]
    lines = len(layout.lines)
    of_lines, annual = (
        span(Cell(LEDGER, HEAD + 1, LINE_COLUMNS.index(name)), Cell(LEDGER, HEAD + lines, LINE_COLUMNS.index(name)))
        for name in ("category", "annual")
    )
    ledger = "+".join(f"SUMIF({of_lines},{name},{annual})" for name in counted)
    total = at["cost.annual_total"]
    everything = span(Cell(OUTPUTS, HEAD + 1, VALUE), Cell(OUTPUTS, HEAD + len(at), VALUE))
    year = literal(RELATIVE)
    return [
        adds_up("Categories add up to the cost per patient infused", categories, head),
        adds_up("Steps and what belongs to none add up to the cost per patient infused", steps, head),
        Check(
            "The ledger inside the boundary adds up to the cost of the year",
            f"ABS({ledger}-{total})",
            f"{year}*ABS({total})",
            RELATIVE * abs(_value(layout, total)),
        ),
        Check(
            "Cash: closing = opening + inflow - outflow, every month",
            f"SUMPRODUCT(ABS({opening}+{inflow}-{outflow}-{closing}))",
            literal(CENT),
            CENT,
        ),
        Check(
            "Cash: each month opens with the balance that the one before closed with",
            f"SUMPRODUCT(ABS({month('opening', 2, months)}-{month('closing', 1, months - 1)}))",
            literal(CENT),
            CENT,
        ),
        Check("Sources of money = uses of money", f"ABS({balance})", literal(CENT), CENT),
        Check("No output is an error", f"SUMPRODUCT(ISERROR({everything})*1)", "0", 0.0),
    ]


def _value(layout: Layout, cell: Cell) -> Any:
    return layout.formulas.written[cell][1]
