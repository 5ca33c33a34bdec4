"""The workbook beside the scenario's file: offered, and opened again with what was changed in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import pytest

from dosecost.scenario import load, with_changes
from dosecost.workbook.layout import INPUTS, YOURS
from dosecost.workbook.sheets import workbook
from dosecost_app import state
from tests.app.running import clean, opened
from tests.workbook.recalculation import typed

FOUNDER = load("founder")


@pytest.fixture(autouse=True)
def session() -> Iterator[None]:
    clean()
    yield
    clean()


@cache
def changed() -> bytes:
    return typed(
        workbook(FOUNDER, datetime(2026, 11, 24, tzinfo=UTC)), INPUTS, YOURS, {"demand.patients_per_year": 55.0}
    )


def test_a_workbook_is_offered_where_files_are() -> None:
    at = opened(FOUNDER, files=True)
    assert "Download workbook (Excel)" in [button.proto.label for button in at.get("download_button")]


def test_opening_a_workbook_takes_its_scenario_and_says_what_was_changed_in_it() -> None:
    state.load_workbook(changed(), "plan.xlsx")
    assert state.current() == with_changes(FOUNDER, {"demand.patients_per_year": 55.0}, "test")
    said = state.message()
    assert said is not None
    assert said.level == "notice"
    assert "1 changed in the workbook: demand.patients_per_year 40 → 55." in said.text
    state.undo()
    assert state.current() == FOUNDER


def test_a_workbook_that_is_refused_changes_nothing() -> None:
    state.change("platform", "robotic")
    before = state.current()
    state.load_workbook(b"PK no workbook", "plan.xlsx")
    said = state.message()
    assert said is not None
    assert said.level == "error"
    assert "plan.xlsx: is no .xlsx workbook" in said.text
    assert state.current() == before
