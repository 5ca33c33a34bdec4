"""What stands in a workbook: every output, formulas that are our own, cells that may be changed, plain text else."""

import io
import re
import zipfile
from datetime import UTC, datetime
from functools import cache

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from dosecost import scenario
from dosecost.contract import by_formula, flat
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, with_changes
from dosecost.trace import Traced
from dosecost.traced_run import traced_run
from dosecost.workbook.layout import ABOUT, HEAD, INPUTS, OUTPUTS, PLAN_INPUTS, VALUE, YOURS, Layout
from dosecost.workbook.sheets import workbook
from tests.test_traced_run import PLAN

DATE = datetime(2026, 11, 24, tzinfo=UTC)
LONGEST_FORMULA = 8_192
TRIGGERS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    '=HYPERLINK("http://x.test")',
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "{=1+1}",
    "=cmd|' /C'!A0",
)


@cache
def book_of(name: str) -> bytes:
    return workbook(with_changes(scenario.load(name), PLAN if name == "founder" else {}, "test"), DATE)


def opened(book: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(book))


@pytest.mark.parametrize("name", scenario.shipped())
def test_I_91_every_output_is_in_the_workbook_as_a_live_formula(name: str) -> None:
    s = scenario.load(name)
    layout = Layout(traced_run(s))
    places = layout.output_cells()
    for path, _ in flat(by_formula(evaluate(s))):
        formula, _ = layout.formulas.written[places[path]]
        assert formula.startswith("=") or not isinstance(layout.outputs[path], Traced), path
    assert max(len(formula) for formula, _ in layout.formulas.written.values()) < LONGEST_FORMULA


def test_an_output_without_a_place_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(traced_run(scenario.load("founder")))
    monkeypatch.setattr(layout, "rows", {**layout.rows, OUTPUTS: layout.rows[OUTPUTS][:-1]})
    left = set(layout.outputs) - set(layout.output_cells())
    assert left == {layout.rows[OUTPUTS][-1].name} or len(left) == 1


def test_names_of_cells_are_names_and_each_leads_to_one_cell() -> None:
    layout = Layout(traced_run(scenario.load("investor")))
    names = layout.defined_names()
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name)
        assert not re.fullmatch(r"[A-Za-z]{1,3}\d+", name)
        assert len(name) < 255
    assert {"demand.patients_per_year", "cost.per_patient_infused", "plant.suites"} <= set(names)


@pytest.mark.slow
def test_only_the_users_cells_are_unlocked_and_each_says_what_is_allowed() -> None:
    book = opened(book_of("founder"))
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        free = {cell.column for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
        assert free <= {YOURS + 1} if sheet.title == INPUTS else free <= {VALUE + 1}, sheet.title
        assert not free or sheet.title in (INPUTS, PLAN_INPUTS)
    assert len(book[INPUTS].data_validations.dataValidation) > 400
    assert len(book[PLAN_INPUTS].data_validations.dataValidation) > 10


@pytest.mark.slow
def test_charts_are_native_and_described() -> None:
    archive = zipfile.ZipFile(io.BytesIO(book_of("founder")))
    assert sum(name.startswith("xl/charts/chart") for name in archive.namelist()) == 2
    drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert drawing.count("descr=") == 2


def injected() -> Scenario:
    """A scenario in which every text of the user begins like a formula."""
    s = scenario.load("investor")
    body = s.body()
    texts = [trigger.strip() for trigger in TRIGGERS]
    body["name"], body["description"] = texts[0], texts[5]
    names = ["demand.patients_per_year", "monitoring.plate_price", "people.attrition", "losses.remake_success"]
    body["notes"] = dict(zip(names, texts[1:], strict=False))
    body["inputs"] |= {"monitoring.plate_price": 5.0}
    body["quotes"] = {"monitoring.plate_price": {"low": 4, "high": 6, "source": texts[8], "date": "2026-05-01"}}
    for phase, text in zip(body["plan"]["phases"], texts, strict=False):
        phase |= {"id": text, "name": text}
    return scenario.from_data(body, "test")


@pytest.mark.slow
def test_S_24_no_text_of_the_user_becomes_a_formula() -> None:
    s = injected()
    layout = Layout(traced_run(s))
    book = opened(workbook(s, DATE))
    formulas = {
        (sheet.title, cell.row - 1, cell.column - 1)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    ours = {(cell.sheet, cell.row, cell.column) for cell, (text, _) in layout.formulas.written.items() if text}
    assert {sheet for sheet, _, _ in formulas - ours} == {INPUTS, "Checks", "Summary"}
    texts = {cell.value for row in book[ABOUT].iter_rows(min_col=2, max_col=2) for cell in row}
    assert {trigger.strip() for trigger in (*TRIGGERS[:5], TRIGGERS[5])} <= texts
    for name, at in book.defined_names.items():
        assert re.fullmatch(r"[A-Za-z0-9_.]+", name)
        assert at.value.startswith("'")


@pytest.mark.slow
def test_the_same_scenario_and_date_give_the_same_file() -> None:
    s = scenario.load("academic")
    first, second = (zipfile.ZipFile(io.BytesIO(workbook(s, DATE))) for _ in range(2))
    for name in first.namelist():
        assert first.read(name) == second.read(name), name


@pytest.mark.slow
def test_what_is_no_formula_says_so_and_the_about_sheet_holds_the_scenario() -> None:
    book = opened(book_of("founder"))
    about = {row[0]: row[1] for row in book[ABOUT].iter_rows(values_only=True) if row[0]}
    assert about["Made on"] == "2026-11-24"
    assert "a value: many runs of the whole model" in about["At export: share of evidence grade D"]
    assert any(str(key).startswith("Scenario file") for key in about)
    heads = [cell.value for cell in book[OUTPUTS][HEAD + 1]]
    assert heads[:4] == ["Path", "Figure", "Value", "At export"]
