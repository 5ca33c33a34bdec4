"""Fixtures of the browser tests: one Chromium, one app, and a page that fails when something went wrong."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.harness import ROOT, AppServer, Device, Theme, Watch, launch, watched_page

NewPage = Callable[..., Page]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark everything in this folder as a browser test."""
    item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, started once."""
    with sync_playwright() as playwright:
        chromium = launch(playwright.chromium)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The dashboard, running on a free loopback port with the shipped settings."""
    server = AppServer(ROOT / "app.py", tmp_path_factory.mktemp("app") / "server.log").start()
    yield server
    server.stop()


@pytest.fixture
def new_page(browser: Browser, app: AppServer) -> Iterator[NewPage]:
    """Makes watched pages of the dashboard, `new_page(theme="dark", device="phone")`.

    After the test it fails on a page error, a console error, a request that left this machine, an exception
    box, or a traceback in the server's log.
    """
    watches: list[Watch] = []
    with ExitStack() as stack:

        def make(theme: Theme = "light", device: Device = "desktop") -> Page:
            page, watch = stack.enter_context(watched_page(browser, app, theme, device))
            watches.append(watch)
            return page

        yield make
        problems = list(dict.fromkeys(problem for watch in watches for problem in watch.problems()))
    assert not problems, "\n".join(["the page was not clean:", *problems])


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One watched page of the dashboard: light theme, desktop."""
    return new_page()
