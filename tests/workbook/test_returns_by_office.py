"""LibreOffice's own NPV, IRR and PMT on a sheet of the raw flows of a ten-year plan with loan, grant and plant."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from dosecost.evaluation import evaluate
from dosecost.finance import level_payment
from dosecost.returns import owners_flows, worth
from tests.test_returns import LOAN, ten_years
from tests.workbook.recalculation import poisoned, recalculated

RELATIVE = 1e-9

pytestmark = pytest.mark.slow


def raw(columns: dict[str, list[float]], formulas: list[str]) -> bytes:
    """A sheet of numbers alone, and formulas of LibreOffice's own on them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Raw")
    for column, (name, values) in enumerate(columns.items()):
        sheet.write_string(0, column, name)
        sheet.write_column(1, column, values)
    for i, formula in enumerate(formulas):
        sheet.write_formula(i, len(columns) + 1, formula)
    book.close()
    return out.getvalue()


def test_a_ten_year_plan_agrees_with_the_functions_of_an_office_program(tmp_path: Path) -> None:
    e = evaluate(ten_years())
    months, rate = len(e.cash.months), e.areas.finance.discount_rate
    assert months == 120
    series = {"programme": e.flows, "owners": owners_flows(e)}
    formulas = [
        *(f"=NPV((1+{rate!r})^(1/12)-1,{column}2:{column}{months + 1})" for column in "AB"),
        *(f"=(1+IRR({column}2:{column}{months + 1},0.01))^12-1" for column in "AB"),
        f"=-PMT({LOAN['yearly_interest']}/12,{LOAN['repayment_months']},{LOAN['amount']})",
    ]
    sheet = recalculated({"raw": poisoned(raw(series, formulas))}, tmp_path / "office")["raw"]["Raw"]
    found = [row[-1] for row in sheet.iter_rows(max_row=len(formulas), values_only=True)]
    for theirs, ours in zip(found, [worth(e, flows).npv for flows in series.values()], strict=False):
        assert theirs == pytest.approx(ours, rel=RELATIVE)
    for theirs, ours in zip(found[2:], [worth(e, flows).irr for flows in series.values()], strict=False):
        assert theirs == pytest.approx(ours, rel=RELATIVE)
    service = [month.debt_service for month in e.cash.months]
    level = level_payment(20_000_000.0, 0.11 / 12, 36)
    assert found[4] == pytest.approx(level, rel=RELATIVE)
    assert max(service) == pytest.approx(level, rel=RELATIVE)
