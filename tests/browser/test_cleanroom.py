"""The page Cleanroom in a real browser: rooms follow the process, the plan as a file, every tab accessible."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dosecost import ledger
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_changes
from dosecost_app import cleanroom_views, words
from tests.browser import tabs
from tests.browser.conftest import NewPage
from tests.browser.harness import open_page
from tests.browser.tabs import turn_to
from tests.browser.test_app import headline, metric, pick

TABS = {"Rooms": 1, "Sampling plan": 1, "Closing steps": 4, "Whose rooms": 2}
"""Charts on each tab."""


def test_a_quality_head_sees_the_rooms_follow_the_process(page: Page) -> None:
    """The answer, the headline and the plates follow a change of platform and of tenure."""
    s = load("founder")
    open_page(page, "/cleanroom")
    for change in ({}, {"platform": "integrated_closed"}, {"tenure": "host_hospital"}):
        s = with_changes(s, change, "test")
        if "platform" in change:
            pick(page, "Manufacturing platform", "Integrated, closed")
        if "tenure" in change:
            pick(page, "Who owns the clean room", "Rooms of a host hospital")
        headline(page, s)
        e = evaluate(s)
        expect(metric(page, "Monitoring plates")).to_have_text(words.doses(e.results.plates.per_year))
        first = cleanroom_views.answer(e).partition(".")[0].replace(" ", r"\s")
        expect(page.locator('[data-testid="stMain"]').get_by_text(re.compile(first)).first).to_be_visible()


def test_the_sampling_plan_is_downloaded_with_the_ledgers_total(page: Page) -> None:
    open_page(page, "/cleanroom")
    turn_to(page, "Sampling plan")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV: sampling plan").click()
    assert load("founder").digest in download.value.suggested_filename
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    booked = ledger.by_category(evaluate(load("founder")).results.lines)["monitoring"]
    assert sum(float(row["Cost (USD per year)"]) for row in rows[:-1]) == pytest.approx(booked)


def test_every_cleanroom_chart_says_its_finding_and_has_a_table(page: Page) -> None:
    tabs.charts_say_their_finding_and_have_a_table(page, "/cleanroom", TABS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_cleanroom_tab_is_accessible_and_photographed(new_page: NewPage, theme: str) -> None:
    tabs.every_tab_is_accessible_and_photographed(new_page, "/cleanroom", TABS, theme)


def test_no_cleanroom_tab_scrolls_sideways_at_320_pixels(page: Page) -> None:
    tabs.no_tab_scrolls_sideways_at_320_pixels(page, "/cleanroom", TABS)
