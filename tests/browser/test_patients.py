"""The page Patients in a real browser: it follows the scenario, every tab is accessible and fits a phone."""

import pytest
from playwright.sync_api import Page, expect

from dosecost.analysis.journey import journey
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_changes
from dosecost_app import words
from tests.browser import tabs
from tests.browser.conftest import NewPage
from tests.browser.harness import open_page, settled
from tests.browser.test_app import metric, pick

TABS = {"Funnel": 1, "Cost of failure": 2, "Vein to vein": 2}
"""Charts on each tab."""


def test_the_figures_follow_the_platform_and_the_second_attempt(page: Page) -> None:
    s = load("founder")
    open_page(page, "/patients")
    for change in ({}, {"platform": "integrated_closed"}, {"remake": "no"}):
        s = with_changes(s, change, "test")
        if "platform" in change:
            pick(page, "Manufacturing platform", "Integrated, closed")
        if "remake" in change:
            page.locator('[data-testid="stMain"]').get_by_text("No", exact=True).click()
            settled(page)
        e = evaluate(s)
        expect(metric(page, "Patients infused")).to_have_text(words.doses(e.results.funnel.patients_infused))
        expect(metric(page, "Cost of failure")).to_have_text(words.money(journey(e).cost_of_failure, "USD"))


def test_every_chart_of_the_patients_says_its_finding_and_has_a_table(page: Page) -> None:
    tabs.charts_say_their_finding_and_have_a_table(page, "/patients", TABS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_tab_of_the_patients_is_accessible_and_photographed(new_page: NewPage, theme: str) -> None:
    tabs.every_tab_is_accessible_and_photographed(new_page, "/patients", TABS, theme)


def test_no_tab_of_the_patients_scrolls_sideways_at_320_pixels(page: Page) -> None:
    tabs.no_tab_scrolls_sideways_at_320_pixels(page, "/patients", TABS)
