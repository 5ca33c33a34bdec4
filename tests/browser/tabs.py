"""What every page of tabs is asked for: findings and tables with its charts, no barrier, no sideways scroll."""

import re
from collections.abc import Callable, Iterable, Mapping

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.harness import axe_violations, open_page, screenshot, settled

Ready = Callable[[Page, str], None]


def at_once(page: Page, tab: str) -> None:
    """Nothing has to be asked for before a tab shows what it has."""


def turn_to(page: Page, tab: str) -> None:
    """Open a tab by its name."""
    page.get_by_role("tab", name=tab, exact=True).click()
    settled(page)


def charts_say_their_finding_and_have_a_table(
    page: Page, path: str, tabs: Mapping[str, int], ready: Ready = at_once
) -> None:
    """So many charts on each tab, each with a number in what a screen reader says, and each as a table instead."""
    open_page(page, path)
    for tab, count in tabs.items():
        turn_to(page, tab)
        ready(page, tab)
        drawn = page.locator('[data-testid="stVegaLiteChart"]:visible')
        expect(drawn).to_have_count(count)
        for i in range(count):
            label = drawn.nth(i).locator("[aria-label]").first.get_attribute("aria-label") or ""
            assert re.search(r"\d", label), f"{tab}: chart {i} says {label!r}"
        for switch in page.get_by_text("Show as table").all():
            switch.click()
            settled(page)
        expect(drawn).to_have_count(0)


def every_tab_is_accessible_and_photographed(
    new_page: NewPage, path: str, tabs: Iterable[str], theme: str, ready: Ready = at_once
) -> None:
    """On desktop and phone, after a picture of each tab."""
    for device in ("desktop", "phone"):
        page = new_page(theme=theme, device=device)
        open_page(page, path)
        for tab in tabs:
            turn_to(page, tab)
            ready(page, tab)
            screenshot(page, f"{path.strip('/')} {tab}", theme, device)
            found = [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")]
            assert found == [], "\n".join(map(str, found))


def no_tab_scrolls_sideways_at_320_pixels(page: Page, path: str, tabs: Iterable[str], ready: Ready = at_once) -> None:
    """The main part of the page is no wider than the window."""
    page.set_viewport_size({"width": 320, "height": 800})
    open_page(page, path)
    main = page.locator('[data-testid="stMain"]')
    for tab in tabs:
        turn_to(page, tab)
        ready(page, tab)
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), tab


def tab_to(page: Page, target: Locator, most: int = 80) -> None:
    """Press Tab until the focus is on the target, seen by its outline or border, and never stuck."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement || e.contains(document.activeElement)"):
            return
    raise AssertionError(f"not reached by {most} presses of Tab: {target}")
