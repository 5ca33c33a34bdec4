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
from tests.browser.conftest import NewPage
from tests.browser.harness import axe_violations, open_page, screenshot, settled
from tests.browser.test_app import headline, metric, pick

TABS = {"Rooms": 1, "Sampling plan": 1, "Closing steps": 4, "Whose rooms": 2}
"""Charts on each tab."""


def turn_to(page: Page, tab: str) -> None:
    """Open a tab by its name."""
    page.get_by_role("tab", name=tab, exact=True).click()
    settled(page)


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
        page.get_by_role("button", name="Download the sampling plan as CSV").click()
    assert load("founder").digest in download.value.suggested_filename
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    booked = ledger.by_category(evaluate(load("founder")).results.lines)["monitoring"]
    assert sum(float(row["Cost (USD per year)"]) for row in rows[:-1]) == pytest.approx(booked)


def test_every_cleanroom_chart_says_its_finding_and_has_a_table(page: Page) -> None:
    open_page(page, "/cleanroom")
    for tab, count in TABS.items():
        turn_to(page, tab)
        drawn = page.locator('[data-testid="stVegaLiteChart"]:visible')
        expect(drawn).to_have_count(count)
        for i in range(count):
            label = drawn.nth(i).locator("[aria-label]").first.get_attribute("aria-label") or ""
            assert re.search(r"\d", label), f"{tab}: chart {i} says {label!r}"
        for switch in page.get_by_text("Show as table").all():
            switch.click()
            settled(page)
        expect(drawn).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_cleanroom_tab_is_accessible_and_photographed(new_page: NewPage, theme: str) -> None:
    for device in ("desktop", "phone"):
        page = new_page(theme=theme, device=device)
        open_page(page, "/cleanroom")
        for tab in TABS:
            turn_to(page, tab)
            screenshot(page, f"cleanroom {tab}", theme, device)
            found = [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")]
            assert found == [], "\n".join(map(str, found))


def test_no_cleanroom_tab_scrolls_sideways_at_320_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    open_page(page, "/cleanroom")
    main = page.locator('[data-testid="stMain"]')
    for tab in TABS:
        turn_to(page, tab)
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), tab
