"""The dashboard in a real browser: what a founder, a director and an investor do, and what must never happen."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dosecost import scenario
from dosecost.contract import runway_months
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, load, with_changes
from dosecost_app import levers, words
from tests.browser.conftest import NewPage
from tests.browser.harness import ROOT, AppServer, axe_violations, open_page, screenshot, settled, watched_page
from tests.browser.tabs import tab_to

PAGES = {
    "start": "/",
    "dose-cost": "/dose_cost",
    "process": "/process",
    "cleanroom": "/cleanroom",
    "patients": "/patients",
    "capacity": "/capacity",
    "runway": "/runway",
    "strategy": "/strategy",
    "compare": "/compare",
    "inputs": "/inputs",
    "plan": "/plan",
}
SHIPPED = {name: load(name).name for name in scenario.shipped()}


def metric(page: Page, label: str) -> Locator:
    """The value of the metric whose label contains a text."""
    box = page.locator('[data-testid="stMetric"]').filter(has_text=label).first
    return box.locator('[data-testid="stMetricValue"]')


def headline(page: Page, s: Scenario) -> None:
    """The page shows the cost per patient infused that the model gives for the scenario."""
    shown = words.money(evaluate(s).cost.per_patient_infused, s.currency)
    expect(metric(page, "per patient infused")).to_have_text(shown)


def runway(page: Page, s: Scenario) -> None:
    """The page shows the runway that the model gives for the scenario."""
    lasts = runway_months(evaluate(s))
    text = f"into month {lasts}" if lasts else f"at least {words.months(s.plan.horizon_months)}"
    expect(metric(page, "Runway")).to_have_text(re.compile(re.escape(text), re.IGNORECASE))


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option of a list by its label."""
    box = page.get_by_role("combobox", name=label).first
    box.click()
    wanted = page.get_by_role("option", name=option, exact=True)
    if not wanted.is_visible():
        box.press("ArrowDown")
    wanted.click()
    settled(page)


def press(page: Page, label: str, option: str) -> None:
    """Choose one of a few options side by side."""
    group = page.get_by_role("radiogroup", name=re.compile(label)).or_(
        page.get_by_role("group", name=re.compile(label))
    )
    group.first.get_by_text(option, exact=True).click()
    settled(page)


def go(page: Page, name: str) -> None:
    """Follow the navigation to a page; what does not fit beside the others is behind its last entry."""
    link = page.get_by_role("link", name=name, exact=True)
    if link.count() == 0:
        page.get_by_text(re.compile(r"^\d+ more$")).click()
        link = page.get_by_role("menuitem", name=name, exact=True)
    link.click()
    settled(page)


def test_the_founder_closes_and_automates(page: Page) -> None:
    """Cost and runway move together, from one change each, and both pages agree."""
    s = load("founder")
    open_page(page, "/dose_cost")
    headline(page, s)
    runway(page, s)
    s = with_changes(s, {"platform": "integrated_closed"}, "test")
    pick(page, "Manufacturing platform", "Integrated, closed")
    headline(page, s)
    runway(page, s)
    s = with_changes(s, {"sterility": "pcr"}, "test")
    pick(page, "Sterility test", "Rapid PCR")
    headline(page, s)
    go(page, "Runway")
    runway(page, s)
    go(page, "Dose cost")
    headline(page, s)
    page.get_by_role("button", name="Undo").click()
    settled(page)
    headline(page, with_changes(s, {"sterility": "compendial"}, "test"))
    page.get_by_role("button", name="Reset").click()
    settled(page)
    headline(page, load("founder"))


def test_the_director_asks_what_more_patients_cost(page: Page) -> None:
    s = load("academic")
    open_page(page, "/dose_cost")
    pick(page, "Scenario", SHIPPED["academic"])
    headline(page, s)
    field = page.get_by_role("spinbutton", name=re.compile("Patients per year")).first
    field.fill("40")
    field.press("Enter")
    settled(page)
    s = with_changes(s, {"demand.patients_per_year": 40}, "test")
    headline(page, s)
    press(page, "Batch record", "Electronic")
    headline(page, with_changes(s, {"record": "electronic"}, "test"))
    page.get_by_role("tab", name="Volume").click()
    settled(page)
    expect(page.locator('[data-testid="stVegaLiteChart"] svg').first).to_be_visible()
    page.get_by_role("tab", name="Ledger").click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("CSV")).first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "quality.media_fills" in text


def test_five_answers_lead_to_a_dose_cost_and_back(page: Page) -> None:
    """From the start page to one's own figures, and by Undo to those of before."""
    open_page(page)
    expect(page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    for name in SHIPPED:
        s = load(name)
        shown = words.money(evaluate(s).cost.per_patient_infused, s.currency)
        expect(page.locator('[data-testid="stMetricValue"]', has_text=shown)).to_have_count(1)
    press(page, "Who are you", "An academic unit")
    answers = page.locator('[data-testid="stForm"]')
    answers.get_by_role("spinbutton", name="How many patients a year?").fill("30")
    answers.get_by_role("spinbutton", name=re.compile("How much cash")).fill("4")
    pick(page, "How do you make it today?", "Semi-automated, modular")
    pick(page, "Whose clean room is it?", "Rooms of a host hospital")
    page.get_by_role("button", name="Show me").click()
    expect(page).to_have_url(re.compile("/dose_cost$"))
    settled(page)
    new = {"demand.patients_per_year": 30, "plan.opening_cash": 4_000_000, "platform": "semi_auto"}
    s = with_changes(load("academic"), new | {"tenure": "host_hospital"}, "test")
    headline(page, s)
    runway(page, s)
    page.get_by_role("button", name="Undo").click()
    settled(page)
    headline(page, load("founder"))
    go(page, "Start")
    page.get_by_role("button", name="Open investor").click()
    expect(page).to_have_url(re.compile("/dose_cost$"))
    settled(page)
    headline(page, load("investor"))


def test_a_lever_says_what_it_moved_and_shows_its_range(page: Page) -> None:
    """Every main lever has its drawing, no higher than 40 pixels; the one that was moved says its effect."""
    open_page(page, "/dose_cost")
    drawings = page.locator('[data-testid="stSidebar"] img')
    expect(drawings).to_have_count(len(levers.NUMBERS) + len(levers.CHOICES) + len(levers.GROUPS))
    for i in range(9):
        size = drawings.nth(i).bounding_box()
        assert size
        assert 0 < size["height"] <= 40
        assert size["width"] > 100
        assert re.search(r"USD [\d,]+", drawings.nth(i).get_attribute("alt") or "")
    pick(page, "Manufacturing platform", "Integrated, closed")
    now, before = (
        evaluate(with_changes(load("founder"), {"platform": "integrated_closed"}, "test")),
        evaluate(load("founder")),
    )
    lower = before.cost.per_patient_infused - now.cost.per_patient_infused
    effect = f"−{words.money(lower, 'USD')} per patient"
    side = page.locator('[data-testid="stSidebar"]')
    expect(side.locator("b").filter(has_text=effect)).to_have_count(1)
    press(page, "Show response of", "Runway")
    assert "Runway by batch record" in " ".join(filter(None, (d.get_attribute("alt") for d in drawings.all())))
    press(page, "Show response of", "Off")
    expect(drawings).to_have_count(0)


@pytest.mark.parametrize(("width", "rows"), [(1600, 1), (1280, 2), (390, 4)])
def test_the_four_figures_stand_in_one_row_or_two_or_four_and_are_never_cut(page: Page, width: int, rows: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, "/")
    page.get_by_role("button", name="Open investor").click()
    expect(page).to_have_url(re.compile("/dose_cost$"))
    settled(page)
    values = page.locator('[data-testid="stMain"] [data-testid="stMetricValue"]')
    expect(values).to_have_count(4)
    assert len({round(box["y"]) for value in values.all() if (box := value.bounding_box())}) == rows
    cut = "e => [e, ...e.querySelectorAll('*')].some(part => part.scrollWidth > part.clientWidth + 1)"
    assert [value.inner_text() for value in values.all() if value.evaluate(cut)] == []


def test_the_investor_saves_shares_and_opens_again(page: Page, new_page: NewPage, tmp_path: Path) -> None:
    s = load("investor")
    open_page(page, "/dose_cost")
    pick(page, "Scenario", SHIPPED["investor"])
    pick(page, "Manufacturing platform", "Robotic, many patients in one machine")
    s = with_changes(s, {"platform": "robotic"}, "test")
    headline(page, s)
    page.get_by_text("Save, open, share").click()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download scenario").click()
    assert s.digest in download.value.suggested_filename
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert load(str(saved)) == s
    token = page.locator("code").filter(has_text="?s=").first.inner_text().partition("?s=")[2].strip()
    other = new_page()
    open_page(other, f"/runway?s={token}")
    runway(other, s)
    go(other, "Dose cost")
    headline(other, s)
    third = new_page()
    open_page(third, "/dose_cost")
    third.get_by_text("Save, open, share").click()
    third.locator('input[type="file"]').set_input_files(saved)
    settled(third)
    headline(third, s)


def test_bad_files_and_links_are_one_line_and_change_nothing(page: Page, new_page: NewPage, tmp_path: Path) -> None:
    half = tmp_path / "half.json"
    half.write_text('{"format": "dosecost-scenario", "format_version": 1, "name": "![x](http://evil.example/x)"}')
    open_page(page, "/dose_cost")
    page.get_by_text("Save, open, share").click()
    page.locator('input[type="file"]').set_input_files(half)
    settled(page)
    expect(page.get_by_role("alert").first).to_contain_text("only part of a scenario")
    headline(page, load("founder"))
    other = new_page()
    open_page(other, "/dose_cost?s=1broken")
    expect(other.get_by_role("alert").first).to_contain_text("link")
    headline(other, load("founder"))


def test_T_067_thirty_fast_key_presses_on_a_slider_are_not_lost(page: Page) -> None:
    open_page(page, "/dose_cost")
    slider = page.get_by_role("slider", name="Patients per year").first
    slider.focus()
    before = float(slider.input_value())
    slider.press("ArrowRight")
    settled(page)
    step = float(slider.input_value()) - before
    assert step > 0
    for _ in range(29):
        page.keyboard.press("ArrowRight")
    settled(page)
    after = float(page.get_by_role("slider", name="Patients per year").first.input_value())
    assert after == pytest.approx(before + 30 * step)
    headline(page, with_changes(load("founder"), {"demand.patients_per_year": after}, "test"))


def test_T_048_two_sessions_do_not_see_each_other(new_page: NewPage) -> None:
    one, two = new_page(), new_page()
    open_page(one, "/dose_cost")
    open_page(two, "/dose_cost")
    pick(one, "Manufacturing platform", "Robotic, many patients in one machine")
    pick(two, "Scenario", SHIPPED["academic"])
    headline(one, with_changes(load("founder"), {"platform": "robotic"}, "test"))
    headline(two, load("academic"))
    pick(two, "Manufacturing platform", "Manual, open")
    headline(two, with_changes(load("academic"), {"platform": "manual_open"}, "test"))
    headline(one, with_changes(load("founder"), {"platform": "robotic"}, "test"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(PAGES))
def test_T_064_accessible_and_photographed(new_page: NewPage, name: str, theme: str) -> None:
    """axe A and AA, and a screenshot of the whole page on desktop and phone for people to look at."""
    for device in ("desktop", "phone"):
        page = new_page(theme=theme, device=device)
        open_page(page, PAGES[name])
        screenshot(page, name, theme, device)
        found = [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")]
        assert found == [], "\n".join(map(str, found))


@pytest.mark.parametrize("path", sorted(PAGES.values()))
def test_T_068_no_sideways_scroll_at_320_pixels(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    open_page(page, path)
    main = page.locator('[data-testid="stMain"]')
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


@pytest.mark.parametrize("path", sorted(PAGES.values()))
def test_T_068_no_sideways_scroll_at_four_times_the_size(page: Page, path: str) -> None:
    """A window of 1280 x 1024 zoomed to 400 % has 320 x 256 pixels of the page's own."""
    page.set_viewport_size({"width": 320, "height": 256})
    open_page(page, path)
    main = page.locator('[data-testid="stMain"]')
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    title = page.get_by_role("heading", level=1)
    title.scroll_into_view_if_needed()
    assert title.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


@pytest.mark.parametrize("path", ["/dose_cost", "/runway", "/compare"])
def test_a_printed_page_is_whole_and_without_the_sidebar(page: Page, path: str) -> None:
    open_page(page, path)
    page.emulate_media(media="print")
    settled(page)
    assert not page.locator('[data-testid="stSidebar"]').is_visible()
    hidden = """() => [...document.querySelectorAll('[data-testid="stMain"], [data-testid="stAppViewContainer"], body')]
      .filter(e => e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY !== 'visible')
      .map(e => e.dataset.testid ?? e.tagName)"""
    assert page.evaluate(hidden) == []


def test_T_067_the_main_path_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    """Open a scenario, change an input, read the result, save the file: no mouse."""
    open_page(page, "/")
    tab_to(page, page.get_by_role("button", name="Open investor"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/dose_cost$"))
    settled(page)
    headline(page, load("investor"))
    page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)")
    slider = page.get_by_role("slider", name="Patients per year").first
    tab_to(page, slider)
    page.keyboard.press("ArrowLeft")
    settled(page)
    patients = float(slider.input_value())
    assert patients < 500
    changed = with_changes(load("investor"), {"demand.patients_per_year": patients}, "test")
    headline(page, changed)
    page.evaluate("document.activeElement?.blur()")
    files = page.locator('[data-testid="stSidebar"] summary').filter(has_text="Save, open, share")
    tab_to(page, files)
    page.keyboard.press("Enter")
    settled(page)
    download = page.get_by_role("button", name="Download scenario")
    tab_to(page, download)
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    file = tmp_path / "saved.json"
    saved.value.save_as(file)
    assert scenario.load(str(file)) == changed


def test_T_065_every_chart_says_its_finding_and_has_a_table(page: Page) -> None:
    open_page(page, "/dose_cost")
    for tab in ("Why", "Platforms", "Volume"):
        page.get_by_role("tab", name=tab).click()
        settled(page)
        charts = page.locator('[data-testid="stVegaLiteChart"]:visible')
        count = charts.count()
        assert count >= 1
        assert page.get_by_text("Show as table").count() >= count
        for i in range(count):
            label = charts.nth(i).locator("[aria-label]").first.get_attribute("aria-label") or ""
            assert re.search(r"\d", label), f"{tab}: chart {i} says {label!r}"


def test_a_page_is_whole_when_it_is_the_first_thing_asked_of_a_server(browser: Browser, tmp_path: Path) -> None:
    server = AppServer(ROOT / "app.py", tmp_path / "server.log").start()
    try:
        with watched_page(browser, server) as (page, watch):
            open_page(page, "/runway")
            expect(page.get_by_role("heading", name="How many months does the money last?")).to_be_visible()
            expect(page.get_by_role("combobox", name="Manufacturing platform")).to_be_visible()
            runway(page, load("founder"))
            assert watch.problems() == []
    finally:
        server.stop()


def test_a_step_is_changed_in_the_table_by_hand(page: Page) -> None:
    """Type new hours into the cell of one step: the scenario, the list of what differs and the headline follow."""
    open_page(page, "/process")
    page.get_by_role("tab", name="Change the steps").click()
    settled(page)
    grid = page.locator('[data-testid="stDataFrame"]').first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box
    page.mouse.click(box["x"] + 460, box["y"] + 35 * 2 + 17)
    settled(page, quiet_ms=400)
    page.keyboard.type("9")
    settled(page, quiet_ms=400)
    page.keyboard.press("Enter")
    settled(page)
    expect(page.get_by_text(re.compile("Thaw and wash: hands.on hours 9"))).to_be_visible()
    changed = with_changes(load("founder"), {"process.steps.thaw_wash.hands_on_hours": 9.0}, "test")
    go(page, "Dose cost")
    headline(page, changed)
    go(page, "Process")
    page.get_by_role("tab", name="Change the steps").click()
    settled(page)
    page.get_by_role("button", name="Reset the whole process").click()
    settled(page)
    expect(page.get_by_text("every step is as the platform has it")).to_be_visible()


OTHER_TABS = {
    "/process": ("Other ways", "Change the steps", "What the steps ask for", "Rules", "Cells", "Materials"),
    "/evidence": ("Published studies", "What the cost rests on", "Your quotes", "Limits"),
    "/strategy": ("When to switch", "Cash together"),
    "/cleanroom": ("Sampling plan", "Closing steps", "Whose rooms", "Idle"),
    "/capacity": ("Next purchase", "Weeks", "Promise"),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", OTHER_TABS)
def test_T_064_every_tab_is_accessible(new_page: NewPage, path: str, theme: str) -> None:
    page = new_page(theme=theme)
    open_page(page, path)
    for tab in OTHER_TABS[path]:
        page.get_by_role("tab", name=tab).click()
        settled(page)
        found = [violation for violation in axe_violations(page) if violation.impact in ("serious", "critical")]
        assert found == [], "\n".join(map(str, found))


def test_T_069_a_lost_session_is_offered_again(browser: Browser, tmp_path: Path) -> None:
    """The server ends and comes back under an open page: the page says so, and the changed scenario is offered."""
    server = AppServer(ROOT / "app.py", tmp_path / "server.log").start()
    closed = with_changes(load("founder"), {"platform": "integrated_closed"}, "test")
    try:
        with watched_page(browser, server) as (page, _):
            open_page(page, "/dose_cost")
            assert page.get_by_text("Kept in this tab").count() == 0
            pick(page, "Manufacturing platform", "Integrated, closed")
            headline(page, closed)
            server.stop()
            expect(page.get_by_text(re.compile("connect", re.IGNORECASE)).first).to_be_visible()
            server.start()
            expect(page.get_by_role("combobox", name="Manufacturing platform")).to_be_enabled(timeout=60_000)
            pick(page, "Who owns the clean room", "Prefabricated pod")
            expect(page.get_by_role("button", name="Continue with it")).to_be_visible()
            headline(page, load("founder"))
            page.get_by_role("button", name="Continue with it").click()
            settled(page)
            headline(page, closed)
            expect(page.get_by_text("1 changed since loading")).to_be_visible()
            page.reload()
            expect(page.get_by_role("button", name="Drop it")).to_be_visible()
            page.get_by_role("button", name="Drop it").click()
            settled(page)
            headline(page, load("founder"))
            assert page.get_by_text("Kept in this tab").count() == 0
    finally:
        server.stop()


def test_no_page_hides_behind_a_menu_at_1280_pixels(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    open_page(page, "/dose_cost")
    for name in ("Start", "Plan", "Compare", "Evidence", "Inputs"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_in_viewport()
    expect(page.get_by_text(re.compile(r"^\d+ more$"))).to_be_hidden()
