"""The materials of the page Process in a real browser: what is thrown away is said, shown, and accessible."""

import re

import pytest
from playwright.sync_api import Page, expect

from dosecost.analysis.waste import waste
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_change
from dosecost_app import waste_views
from tests.browser.conftest import NewPage
from tests.browser.harness import axe_violations, open_page, screenshot, settled
from tests.browser.test_app import pick


def open_materials(page: Page) -> Page:
    """The page Process on the tab Materials."""
    open_page(page, "/process")
    page.get_by_role("tab", name="Materials", exact=True).click()
    return settled(page)


def test_vector_of_one_s_own_moves_what_is_thrown_away(page: Page) -> None:
    open_materials(page)
    s = load("founder")
    for change in ({}, {"vector_supply": "campaign"}, {"vector_yield": "from_titre"}):
        for name, value in change.items():
            s = with_change(s, name, value, "test")
        if "vector_supply" in change:
            pick(page, "Vector is bought", "As whole batches (campaign)")
        if "vector_yield" in change:
            pick(page, "Doses of a vector batch", "From volume and titre")
        found = waste_views.finding(evaluate(s), waste(s))
        charts = page.locator('[data-testid="stVegaLiteChart"]:visible')
        expect(charts).to_have_count(2)
        expect(charts.nth(1)).to_have_attribute("aria-label", found)
    for switch in page.get_by_text(re.compile("Show as table: (materials|money)")).all():
        switch.click()
        settled(page)
    expect(charts).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_materials_are_accessible_and_photographed(new_page: NewPage, theme: str) -> None:
    for device in ("desktop", "phone"):
        page = open_materials(new_page(theme=theme, device=device))
        screenshot(page, "process materials", theme, device)
        found = [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")]
        assert found == [], "\n".join(map(str, found))


def test_materials_do_not_scroll_sideways_at_320_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    open_materials(page)
    assert page.locator('[data-testid="stMain"]').evaluate("e => e.scrollWidth <= e.clientWidth + 1")
