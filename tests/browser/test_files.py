"""What a reader takes along from the page: the report as PDF, and a chart's table as CSV."""

import csv
import io
from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_changes
from dosecost.workbook.layout import INPUTS, YOURS
from dosecost_app import report, views
from dosecost_app.report_content import AS_LOADED, Base
from tests.browser.harness import open_page, settled
from tests.browser.test_app import headline, pick
from tests.workbook.recalculation import typed


def text_of(path: Path | io.BytesIO) -> str:
    return "".join(page.extract_text() for page in PdfReader(path).pages)


def test_the_report_of_the_page_is_that_of_the_command_line(page: Page) -> None:
    s = load("founder")
    open_page(page, "/dose_cost")
    pick(page, "Manufacturing platform", "Robotic, many patients in one machine")
    s = with_changes(s, {"platform": "robotic"}, "test")
    headline(page, s)
    page.get_by_text("Save, open, share").click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download report (PDF)").click()
    assert download.value.suggested_filename == report.file_name(s)
    made = report.pdf(s, Base(AS_LOADED, load("founder")))
    assert text_of(Path(download.value.path())) == text_of(io.BytesIO(made))


def test_a_workbook_is_downloaded_changed_and_opened_again(page: Page, tmp_path: Path) -> None:
    open_page(page, "/dose_cost")
    headline(page, load("founder"))
    page.get_by_text("Save, open, share").click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download workbook (Excel)").click()
    assert download.value.suggested_filename.endswith(f"{load('founder').digest}.xlsx")
    book = Path(download.value.path()).read_bytes()
    changed = tmp_path / "changed.xlsx"
    changed.write_bytes(typed(book, INPUTS, YOURS, {"demand.patients_per_year": 60.0}))
    page.locator('input[type="file"]').set_input_files(changed)
    expect(page.get_by_text("1 changed in the workbook")).to_be_visible()
    headline(page, with_changes(load("founder"), {"demand.patients_per_year": 60.0}, "test"))


def test_a_charts_table_is_downloaded_as_it_stands(page: Page) -> None:
    open_page(page, "/dose_cost")
    page.get_by_text("Show as table: cost by category").click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV: cost by category").click()
    assert download.value.suggested_filename == f"dosecost-categories-{load('founder').digest}.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    table = views.categories(evaluate(load("founder"))).table
    first, *rows = csv.reader(io.StringIO(text))
    assert first == list(table.columns)
    assert [row[0] for row in rows] == list(table["Category"])
    assert [float(row[1]) for row in rows] == list(table.iloc[:, 1])
