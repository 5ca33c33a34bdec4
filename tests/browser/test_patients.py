"""The page Patients in a real browser: it follows the scenario, every tab is accessible and fits a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from dosecost.analysis.journey import journey
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_changes
from dosecost_app import words
from tests.browser.conftest import NewPage
from tests.browser.harness import axe_violations, open_page, screenshot, settled
from tests.browser.test_app import metric, pick
from tests.browser.test_cleanroom import turn_to

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
    open_page(page, "/patients")
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
def test_every_tab_of_the_patients_is_accessible_and_photographed(new_page: NewPage, theme: str) -> None:
    for device in ("desktop", "phone"):
        page = new_page(theme=theme, device=device)
        open_page(page, "/patients")
        for tab in TABS:
            turn_to(page, tab)
            screenshot(page, f"patients {tab}", theme, device)
            found = [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")]
            assert found == [], "\n".join(map(str, found))


def test_no_tab_of_the_patients_scrolls_sideways_at_320_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    open_page(page, "/patients")
    main = page.locator('[data-testid="stMain"]')
    for tab in TABS:
        turn_to(page, tab)
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), tab
