"""Why a figure is what it is, in a real browser: from the headline down to an input, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.harness import Device, Theme, axe_violations, open_page, screenshot, settled
from tests.browser.tabs import tab_to


def ask(page: Page, button: str, figure: str) -> Locator:
    """Ask why by a page's menu."""
    page.get_by_role("button", name=button).first.click()
    page.get_by_role("menuitem", name=figure, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("In words:")).to_be_visible()
    settled(page)
    return dialog


@pytest.mark.parametrize(("theme", "device"), [("light", "desktop"), ("dark", "phone")])
def test_from_the_headline_two_steps_down_to_an_input(new_page: NewPage, theme: Theme, device: Device) -> None:
    page = open_page(new_page(theme, device), "/dose_cost")
    dialog = ask(page, "Why these figures?", "Cost per patient infused")
    expect(dialog.get_by_text("[cost.annual_total] ÷ [funnel.patients_infused]")).to_be_visible()
    dialog.get_by_role("button", name="Patients infused", exact=True).click()
    expect(dialog.get_by_role("heading", name="Patients infused")).to_be_visible()
    settled(page)
    dialog.get_by_role("button", name="Loss of product in transit").click()
    expect(dialog.get_by_text("Evidence grade D. Source: engineering judgement.")).to_be_visible()
    settled(page)
    screenshot(page, "why", theme, device)
    assert [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")] == []
    dialog.get_by_role("button", name="‹ Cost per patient infused").click()
    expect(dialog.get_by_role("heading", name="Cost per patient infused")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    settled(page)


def test_by_keyboard_alone(page: Page) -> None:
    open_page(page, "/runway")
    page.get_by_role("button", name="Why these figures?").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_focused()
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("menuitem", name="Runway at flat burn")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Flat-burn runway")).to_be_visible()
    settled(page)
    deeper = dialog.get_by_role("button", name="Flat burn", exact=True)
    tab_to(page, deeper)
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Mean net outflow of the first months", exact=False)).to_be_visible()
    settled(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_marked_row_of_the_ledger_is_explained(page: Page) -> None:
    open_page(page, "/dose_cost")
    page.get_by_role("tab", name="Ledger").click()
    settled(page)
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + 53)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("quantity times price", exact=False)).to_be_visible()
    settled(page)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
