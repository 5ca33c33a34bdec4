"""S-24 and I-70: files of tables run no formula, and read back they are the table."""

import csv
import io
from functools import partial

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dosecost import scenario
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_changes
from dosecost_app import cleanroom_views, plan_table, step_table, views
from dosecost_app.csv_file import FORMULA_STARTS, csv_file, csv_of, safe_cell
from tests.app.running import PAGES, opened

PAYLOADS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    " =1",
    "\N{NO-BREAK SPACE}=1",
    "\N{ZERO WIDTH SPACE}=1",
    "\N{ZERO WIDTH NO-BREAK SPACE}@x",
    "\N{RIGHT-TO-LEFT OVERRIDE}=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\t",
    '=HYPERLINK("http://x.example","y")',
    "=cmd|'/C calc'!A0",
)
TABS = {
    "dose_cost": {"dose_cost_tabs": "Ledger"},
    "process": {"process_tabs": "Change the steps"},
    "cleanroom": {"cleanroom_tabs": "Sampling plan"},
    "runway": {"runway_tabs": "Months"},
}


def read(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", PAYLOADS)
def test_S_24_text_that_begins_like_a_formula_is_told_as_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    name, cell = read(csv_file(pd.DataFrame({text: [text]})))
    assert name == cell == [f"'{text}"]


@given(st.text(max_size=8))
def test_S_24_no_cell_begins_like_a_formula(text: str) -> None:
    shown = str(safe_cell(text))
    assert not shown.lstrip().startswith(FORMULA_STARTS)
    assert shown in (text, f"'{text}")


@pytest.mark.parametrize("value", ["plain = text", "a-b", "", "−5 months", "'quoted", -1.5, 7, None, True])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) is value


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_I_70_numbers_read_back_as_they_were(numbers: list[float]) -> None:
    _, *rows = read(csv_file(pd.DataFrame({"x": numbers})))
    assert [float(row[0]) for row in rows] == numbers


def test_what_is_missing_is_an_empty_cell() -> None:
    file = csv_file(pd.DataFrame({"label": ["a", None], "number": [None, -5.0]}))
    assert read(file) == [["label", "number"], ["a", ""], ["", "-5.0"]]


@pytest.mark.parametrize("name", scenario.shipped())
def test_I_70_the_files_in_full_precision_are_their_tables(name: str) -> None:
    e = evaluate(load(name))
    for make in (views.ledger_rows, views.month_rows, cleanroom_views.plan_rows):
        full = make(e)
        back = pd.read_csv(io.BytesIO(csv_of(partial(make, e))))
        assert list(back.columns) == list(full.columns)
        for column in full.select_dtypes("number").columns:
            assert list(back[column]) == pytest.approx(list(full[column]), rel=1e-12, abs=0, nan_ok=True)


@pytest.mark.parametrize("payload", PAYLOADS[:4])
def test_S_24_names_of_the_users_plan_run_no_formula(payload: str) -> None:
    own = with_changes(load("founder"), {"plan.phases.pre_ind.name": payload}, "test")
    rows = plan_table.shown("phases", own.plan.phases)
    _, first, *_ = read(csv_file(plan_table.labelled("phases", rows)))
    assert first[0] == f"'{payload}"
    assert float(first[1]) == 25


def test_the_steps_are_taken_along_under_the_names_of_their_columns() -> None:
    frame = step_table.labelled(step_table.rows_of(load("founder")))
    assert {"No.", "Step", "Hands-on hours"} <= set(frame.columns)
    assert len(frame) == len(step_table.rows_of(load("founder")))


def files(at: AppTest) -> dict[str, str]:
    """Names of the buttons that give a file, and under which key each stands."""
    assert not at.exception
    return {button.proto.label: button.proto.id for button in at.get("download_button")}


@pytest.mark.parametrize("page", PAGES)
def test_a_table_is_offered_as_a_file(page: str) -> None:
    at = opened(load("founder"), page, **TABS.get(page, {}))
    offered = [label for label in files(at) if label.startswith("Download as CSV: ")]
    editors = [t for t in at.get("arrow_data_frame") if t.proto.editing_mode]
    assert len(offered) == len(at.dataframe) + len(editors)


def test_a_chart_offers_its_file_with_its_table_only() -> None:
    label = "Download as CSV: cost by category"
    assert label not in files(opened(load("founder"), "dose_cost"))
    assert label in files(opened(load("founder"), "dose_cost", categories_as_table=True))
