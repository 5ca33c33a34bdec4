"""Compare in a real browser: a change, its bridge, a scenario kept and taken again; accessible and narrow enough."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, load, with_changes
from dosecost_app import words
from tests.browser.conftest import NewPage
from tests.browser.harness import axe_violations, open_page, screenshot, settled
from tests.browser.test_app import go, headline, pick

NAME = "Closed *and* <b>automated</b>"


def cost(s: Scenario) -> str:
    """The headline in words."""
    return words.money(evaluate(s).cost.per_patient_infused, s.currency)


def cell(page: Page, row: int, column: int) -> Locator:
    """A cell of the table of headline figures, as a reader of screens finds it; the heads are row 1."""
    table = page.locator('[data-testid="stDataFrame"]').first
    return table.locator(f'[role="row"][aria-rowindex="{row}"] [aria-colindex="{column}"]')


def open_tab(page: Page, name: str) -> None:
    """Open one of the tabs."""
    page.get_by_role("tab", name=name).click()
    settled(page)


def drawn(page: Page) -> None:
    """The visible charts have drawings and say a figure."""
    charts = page.locator('[data-testid="stVegaLiteChart"]:visible')
    expect(charts.first.locator("svg")).to_be_visible()
    label = charts.first.locator("[aria-label]").first.get_attribute("aria-label") or ""
    assert re.search(r"\d", label)
    assert page.get_by_text("Show as table").count() >= charts.count()


def test_a_change_is_explained_kept_and_taken_again(page: Page) -> None:
    base = load("founder")
    other = with_changes(base, {"platform": "integrated_closed"}, "test")
    open_page(page, "/runway")
    pick(page, "Manufacturing platform", "Integrated, closed")
    go(page, "Compare")
    answer = page.get_by_text("per patient infused").first
    expect(answer).to_contain_text(cost(base).replace(" ", "\u00a0", 1))
    expect(answer).to_contain_text(cost(other).replace(" ", "\u00a0", 1))
    expect(cell(page, 2, 2)).to_have_text(cost(base))
    expect(cell(page, 2, 3)).to_have_text(cost(other))
    drawn(page)
    open_tab(page, "What differs")
    expect(page.get_by_text("1 choice differs")).to_be_visible()
    open_tab(page, "Cash")
    drawn(page)
    open_tab(page, "Keep")
    page.get_by_role("textbox", name="Name to keep it under").fill(NAME)
    page.get_by_role("textbox", name="Name to keep it under").press("Enter")
    settled(page)
    page.get_by_role("button", name="Keep", exact=True).click()
    settled(page)
    expect(page.get_by_text(NAME, exact=True)).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    settled(page)
    go(page, "Dose cost")
    headline(page, base)
    go(page, "Compare")
    open_tab(page, "Keep")
    page.get_by_role("button", name="Load", exact=True).click()
    settled(page)
    go(page, "Dose cost")
    headline(page, other)
    page.get_by_role("button", name="Undo").click()
    settled(page)
    headline(page, base)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_T_064_four_scenarios_are_accessible_in_every_tab(new_page: NewPage, theme: str) -> None:
    page = new_page(theme=theme)
    open_page(page, "/compare")
    pick(page, "and with", "Academic unit")
    pick(page, "and also with", "Founder")
    for tab in ("Bridge", "What differs", "Cash", "Keep"):
        open_tab(page, tab)
        screenshot(page, f"compare-{tab}", theme, "desktop")
        found = [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")]
        assert found == [], "\n".join(map(str, found))


def test_T_068_no_tab_scrolls_sideways_at_320_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    open_page(page, "/compare")
    for tab in ("Bridge", "What differs", "Cash", "Keep"):
        open_tab(page, tab)
        assert page.locator('[data-testid="stMain"]').evaluate("e => e.scrollWidth <= e.clientWidth + 1"), tab
