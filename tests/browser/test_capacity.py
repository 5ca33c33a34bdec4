"""The page Capacity in a real browser: a promise is asked for, cancelled, asked for again, and kept."""

import re

import pytest
from playwright.sync_api import Page, expect

from dosecost.analysis.ceilings import ceilings
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_changes
from dosecost_app import words
from tests.browser import tabs
from tests.browser.conftest import NewPage
from tests.browser.harness import open_page, settled
from tests.browser.test_app import SHIPPED, go, headline, metric, pick

TABS = {"What limits": 2, "Next purchase": 1, "Weeks": 2, "Promise": 3}
"""Charts on each tab, the promise worked out."""
ASK = "Work out the promise"


def turn_to(page: Page, tab: str) -> None:
    """Open a tab by its name."""
    page.get_by_role("tab", name=tab, exact=True).click()
    settled(page)


def ask(page: Page) -> None:
    """Have the promise worked out, unless it is there."""
    button = page.get_by_role("button", name=ASK)
    if button.is_visible():
        button.click()
    expect(page.get_by_role("heading", name="What can be promised")).to_be_visible(timeout=60_000)
    settled(page)


def test_a_director_asks_for_the_promise_cancels_and_asks_again(page: Page) -> None:
    """The bar runs, the way out works and leaves nothing, the second time it ends, and is kept."""
    large = with_changes(load("investor"), {"demand.patients_per_year": 5_000.0}, "test")
    open_page(page, "/capacity")
    pick(page, "Scenario", SHIPPED["investor"])
    field = page.get_by_role("spinbutton", name=re.compile("Patients per year")).first
    field.fill("5000")
    field.press("Enter")
    settled(page)
    headline(page, large)
    first = ceilings(evaluate(large))[0]
    expect(metric(page, "Lots a year, as it is now")).to_have_text(words.doses(first.lots))
    turn_to(page, "Promise")
    page.get_by_role("button", name=ASK).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled; nothing was kept.")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.locator('[data-testid="stVegaLiteChart"]')).to_have_count(0)
    ask(page)
    said = page.get_by_text(re.compile("doses a year can be promised")).inner_text()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    go(page, "Runway")
    go(page, "Capacity")
    turn_to(page, "Promise")
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("button", name=ASK)).to_have_count(0)


def test_another_widget_stops_the_work_without_a_half_result(page: Page) -> None:
    open_page(page, "/capacity")
    pick(page, "Scenario", SHIPPED["investor"])
    turn_to(page, "Promise")
    page.get_by_role("button", name=ASK).click()
    pick(page, "Manufacturing platform", "Robotic, many patients in one machine")
    expect(page.get_by_role("button", name=ASK)).to_be_visible(timeout=60_000)
    expect(page.locator('[data-testid="stVegaLiteChart"]')).to_have_count(0)


def test_a_contract_plant_says_why_there_is_nothing(page: Page) -> None:
    open_page(page, "/capacity")
    pick(page, "Who owns the clean room", "Contract manufacturer (CDMO)")
    expect(page.get_by_text(re.compile("made by a contract manufacturer"))).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(0)


def test_the_weeks_follow_their_slider(page: Page) -> None:
    open_page(page, "/capacity")
    turn_to(page, "Weeks")
    slider = page.get_by_role("slider", name="First of twelve weeks")
    slider.focus()
    slider.press("End")
    settled(page)
    expect(page.get_by_text(re.compile("In weeks 41 to 52 .* nothing runs in the shutdown")).first).to_be_visible()


def asked(page: Page, tab: str) -> None:
    """The promise is shown once it was asked for."""
    if tab == "Promise":
        ask(page)


def test_every_capacity_chart_says_its_finding_and_has_a_table(page: Page) -> None:
    tabs.charts_say_their_finding_and_have_a_table(page, "/capacity", TABS, asked)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_capacity_tab_is_accessible_and_photographed(new_page: NewPage, theme: str) -> None:
    tabs.every_tab_is_accessible_and_photographed(new_page, "/capacity", TABS, theme, asked)


def test_no_capacity_tab_scrolls_sideways_at_320_pixels(page: Page) -> None:
    tabs.no_tab_scrolls_sideways_at_320_pixels(page, "/capacity", TABS, asked)
