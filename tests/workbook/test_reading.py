"""A workbook read back: only the numbers that may be changed, all or nothing, and nothing of a hostile file."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from dosecost import scenario
from dosecost.errors import InputError
from dosecost.scenario import Scenario, with_changes
from dosecost.workbook import reading, unpack
from dosecost.workbook.layout import ABOUT, HEAD, INPUT_COLUMNS, INPUTS, PLAN_INPUTS, PLAN_VALUE, YOURS
from dosecost.workbook.sheets import workbook
from tests.test_traced_run import PLAN
from tests.workbook.recalculation import typed


@cache
def made() -> tuple[Scenario, bytes]:
    s = with_changes(scenario.load("founder"), PLAN | {"monitoring.plate_price": 7.5}, "test")
    return s, workbook(s, datetime(2026, 11, 24, tzinfo=UTC))


def edited(change: Callable[[Worksheet, dict[str, int]], None], sheet: str = INPUTS) -> bytes:
    """The workbook with a sheet changed; rows are found by the name in the first column."""
    book = openpyxl.load_workbook(io.BytesIO(made()[1]))
    at = {str(book[sheet].cell(row, 1).value): row for row in range(HEAD + 2, book[sheet].max_row + 1)}
    change(book[sheet], at)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(name: str, value: object, sheet: str = INPUTS) -> bytes:
    column = (YOURS if sheet == INPUTS else PLAN_VALUE) + 1

    def change(ws: Worksheet, at: dict[str, int]) -> None:
        ws.cell(at[name], column).value = value

    return edited(change, sheet)


@pytest.mark.slow
def test_an_untouched_workbook_gives_the_scenario_back() -> None:
    s, book = made()
    found = reading.read(book, "book.xlsx")
    assert found.scenario == s
    assert found.changes == []
    assert "No number was changed" in reading.in_words(found.changes)


@pytest.mark.slow
def test_changed_numbers_are_taken_and_listed() -> None:
    s, _ = made()
    found = reading.read(put("demand.patients_per_year", 33), "book.xlsx")
    assert found.scenario == with_changes(s, {"demand.patients_per_year": 33}, "test")
    assert reading.in_words(found.changes) == ("1 changed in the workbook: demand.patients_per_year 40 → 33.")
    back = reading.read(put("monitoring.plate_price", None), "book.xlsx")
    assert back.changes == [reading.Change("monitoring.plate_price", 7.5, None)]
    assert "monitoring.plate_price" not in back.scenario.inputs
    cash = reading.read(put("plan.opening_cash", 5e6, PLAN_INPUTS), "book.xlsx")
    assert cash.scenario == with_changes(s, {"plan.opening_cash": 5e6}, "test")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "sheet", "why"),
    [
        ("demand.patients_per_year", -1, INPUTS, "out of range; allowed are"),
        ("demand.patients_per_year", "forty", INPUTS, "'forty' is not a number"),
        ("demand.patients_per_year", "=20*2", INPUTS, "holds a formula; type its value"),
        ("demand.patients_per_year", True, INPUTS, "is not a number"),
        ("plan.opening_cash", None, PLAN_INPUTS, "is empty"),
        ("plan.opening_cash", -5, PLAN_INPUTS, "allowed are"),
        ("plan.horizon_months", 24, PLAN_INPUTS, "shapes the formulas; change it in dosecost"),
        ("demand.patients_per_year", date(2026, 5, 1), INPUTS, "is shown as a date or a time"),
        ("cells.fold_expansion@integrated_closed", 5.0, INPUTS, "takes its value from cells.fold_expansion"),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(name: str, value: object, sheet: str, why: str) -> None:
    with pytest.raises(InputError) as refused:
        reading.read(put(name, value, sheet), "book.xlsx")
    assert name in str(refused.value)
    assert why in str(refused.value)


@pytest.mark.slow
def test_a_number_beyond_all_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="is not a number that any input takes"):
        reading.read(typed(made()[1], INPUTS, YOURS, {"demand.patients_per_year": 10**400}), "book.xlsx")


@pytest.mark.slow
@pytest.mark.parametrize(("column", "why"), [("Base", "Base is no longer"), ("In use", "a formula was typed over")])
def test_a_number_where_none_is_taken_is_refused(column: str, why: str) -> None:
    def change(ws: Worksheet, at: dict[str, int]) -> None:
        ws.cell(at["demand.patients_per_year"], INPUT_COLUMNS.index(column) + 1).value = 26

    with pytest.raises(InputError, match=why):
        reading.read(edited(change), "book.xlsx")


@pytest.mark.slow
def test_rows_that_are_missing_twice_or_unknown_are_refused() -> None:
    def gone(ws: Worksheet, at: dict[str, int]) -> None:
        ws.delete_rows(at["demand.patients_per_year"])

    def twice(ws: Worksheet, at: dict[str, int]) -> None:
        ws.cell(at["people.attrition"], 1).value = "demand.patients_per_year"

    def unknown(ws: Worksheet, at: dict[str, int]) -> None:
        ws.cell(ws.max_row + 1, 1).value = "demand.nothing"

    for change, why in ((gone, "is missing"), (twice, "stands twice"), (unknown, "no number of that name")):
        with pytest.raises(InputError, match=why):
            reading.read(edited(change), "book.xlsx")


@pytest.mark.slow
def test_a_scenario_changed_on_the_about_sheet_is_checked_like_any_file() -> None:
    def other(ws: Worksheet, at: dict[str, int]) -> None:
        row = next(row for name, row in at.items() if name.startswith(reading.SCENARIO))
        ws.cell(row, 2).value = ws.cell(row, 2).value.replace('"manual_open"', '"unheard_of"')

    with pytest.raises(InputError, match="unheard_of"):
        reading.read(edited(other, ABOUT), "book.xlsx")


def archive(parts: dict[str, bytes], level: int = 9) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    old = zipfile.ZipFile(io.BytesIO(made()[1]))
    return archive({part: old.read(part) for part in old.namelist()} | {name: content})


ENTITIES = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><workbook>&b;</workbook>"
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is no .xlsx workbook"),
    "text": (lambda: b"a,b,c\n1,2,3\n", "is no .xlsx workbook"),
    "old_or_encrypted": (lambda: unpack.OLD_OR_ENCRYPTED + b"\x00" * 600, "encrypted"),
    "cut_off": (lambda: made()[1][:4_000], "is no .xlsx workbook"),
    "too_large": (lambda: b"PK" + b"\x00" * unpack.MOST_BYTES, "larger than 2 MB"),
    "another_archive": (lambda: archive({"readme.txt": b"hello"}), "is no .xlsx workbook"),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"\x00"), "macros"),
    "links": (lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "links to other files"),
    "embedded": (lambda: with_part("xl/embeddings/oleObject1.bin", b"\x00"), "embedded"),
    "many_parts": (lambda: archive({"xl/workbook.xml": b"<x/>"} | {f"p{i}": b"" for i in range(250)}), "more than 200"),
    "bomb": (lambda: with_part("xl/media/image1.bin", b"\x00" * 30_000_000), "inflates"),
    "entities": (lambda: with_part("xl/workbook.xml", ENTITIES), "cannot be read"),
    "no_sheets": (lambda: archive({"xl/workbook.xml": b"<workbook/>"}), "cannot be read"),
    "nonsense": (lambda: with_part("xl/workbook.xml", b"<<<<"), "cannot be read"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_T_046_a_hostile_workbook_is_refused_with_one_line(name: str) -> None:
    make, why = HOSTILE[name]
    with pytest.raises(InputError) as refused:
        reading.read(make(), "book.xlsx")
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0.001)
    with pytest.raises(InputError, match="takes longer"):
        reading.read(made()[1], "book.xlsx")
