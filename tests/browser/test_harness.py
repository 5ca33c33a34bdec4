"""The harness must see what it promises to see, or every green browser test means nothing."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.harness import (
    ROOT,
    AppServer,
    Device,
    Theme,
    Watch,
    axe_violations,
    open_page,
    screenshot,
    settled,
    watched_page,
)

Visit = Callable[[str], str]

TOY = """
import streamlit as st
st.set_page_config(page_title="Toy")
st.title("Toy")
count = st.slider("Count", 1, 100, 20)
st.metric("Double", count * 2)
st.caption("A small note")
match st.query_params.get("mode"):
    case "exception":
        raise ValueError("planted")
    case "passing-exception":
        box = st.empty()
        box.exception(ValueError("planted"))
        import time; time.sleep(0.5)
        box.write("gone again")
    case "external":
        st.image("http://planted.invalid/beacon.png", alt="A beacon")
    case "chart":
        bar = {"mark": "bar", "encoding": {"y": {"field": "y", "type": "quantitative"}}}
        st.vega_lite_chart([{"y": count}], bar, key="bar", alt="One bar")
    case "empty-chart":
        st.vega_lite_chart([{"y": count}], {"hconcat": [{}]}, key="bar", alt="Nothing")
    case "pale":
        st.html("<p style='color:#bbb;background:#fff'>too pale to read</p>")
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A small app with the shipped settings that misbehaves when the address asks for it."""
    folder = tmp_path_factory.mktemp("toy")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    (folder / "app.py").write_text(TOY)
    server = AppServer(folder / "app.py", folder / "server.log").start()
    yield server
    server.stop()


@pytest.fixture
def visit(browser: Browser, toy: AppServer) -> Visit:
    """Opens a toy page in one of its modes and hands back what the watch saw."""

    def go(mode: str) -> str:
        with watched_page(browser, toy) as (page, watch):
            open_page(page, f"/?mode={mode}")
            return "\n".join(watch.problems())

    return go


def test_a_clean_page_has_no_problems(visit: Visit) -> None:
    assert visit("clean") == ""


def test_an_exception_is_seen_on_the_page_and_in_the_log(visit: Visit) -> None:
    problems = visit("exception")
    assert "stException" in problems
    assert "traceback in the server log" in problems
    assert "planted" in problems


def test_what_the_page_shows_of_an_exception_tells_nothing(browser: Browser, toy: AppServer) -> None:
    """S-32: neither path nor code nor message."""
    with watched_page(browser, toy) as (page, _):
        open_page(page, "/?mode=exception")
        shown = page.locator('[data-testid="stException"]').inner_text()
        assert "planted" not in shown
        assert "app.py" not in shown
        assert "Traceback" not in shown


def test_an_exception_that_goes_away_is_seen(visit: Visit) -> None:
    assert "stException" in visit("passing-exception")


def test_a_request_to_another_host_is_seen(visit: Visit) -> None:
    assert "request left this machine: http://planted.invalid/beacon.png" in visit("external")


def test_a_script_error_and_a_console_error_are_seen(browser: Browser, toy: AppServer) -> None:
    with watched_page(browser, toy) as (page, watch):
        open_page(page)
        page.evaluate("setTimeout(() => { throw new Error('planted') }); console.error('also planted')")
        page.wait_for_timeout(200)
        problems = "\n".join(watch.problems())
    assert "page error" in problems
    assert "console error: also planted" in problems


def test_a_traceback_of_an_earlier_page_is_not_held_against_the_next(browser: Browser, toy: AppServer) -> None:
    with watched_page(browser, toy) as (page, _):
        open_page(page, "/?mode=exception")
        assert Watch(page, toy).problems() == []


def test_settled_means_the_new_number_is_there(browser: Browser, toy: AppServer) -> None:
    with watched_page(browser, toy) as (page, watch):
        open_page(page)
        slider = page.get_by_role("slider", name="Count")
        value = page.locator('[data-testid="stMetricValue"]')
        for step in range(1, 6):
            slider.press("ArrowRight")
            settled(page)
            assert value.inner_text() == str((20 + step) * 2)
        assert watch.problems() == []


def test_settled_means_the_chart_is_drawn(browser: Browser, toy: AppServer) -> None:
    for _ in range(3):
        with watched_page(browser, toy) as (page, watch):
            open_page(page, "/?mode=chart")
            assert page.locator('[data-testid="stVegaLiteChart"] svg .mark-rect path').count() == 1
            assert watch.problems() == []


def test_a_chart_that_draws_nothing_does_not_settle(browser: Browser, toy: AppServer) -> None:
    with watched_page(browser, toy) as (page, _):
        page.goto("/?mode=empty-chart")
        with pytest.raises(AssertionError, match="1 charts without a drawing"):
            settled(page, timeout_ms=6_000)


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize(("theme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(16, 24, 29)")])
def test_theme_and_device(browser: Browser, toy: AppServer, theme: Theme, device: Device, background: str) -> None:
    with watched_page(browser, toy, theme, device) as (page, watch):
        open_page(page)
        expect(page.locator('[data-testid="stApp"]')).to_have_css("background-color", background)
        picture: Path = screenshot(page, "Harness toy", theme, device)
        assert picture.name == f"harness-toy-{theme}-{device}.png"
        assert picture.stat().st_size > 5_000
        assert watch.problems() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_passes_a_plain_page(browser: Browser, toy: AppServer, theme: Theme) -> None:
    with watched_page(browser, toy, theme) as (page, _):
        open_page(page)
        assert [str(v) for v in axe_violations(page) if v.impact in ("serious", "critical")] == []


def test_axe_sees_pale_text(browser: Browser, toy: AppServer) -> None:
    with watched_page(browser, toy) as (page, _):
        open_page(page, "/?mode=pale")
        assert "color-contrast" in {v.rule for v in axe_violations(page)}
