"""What the browser tests stand on: a running app, a watched page, and a way to know that it has settled.

Nothing here knows the product; test_harness.py proves it on a throwaway app.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Error, Page, Request

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"

Theme = Literal["light", "dark"]
Device = Literal["desktop", "phone"]

DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name but this machine's resolves, so a stray request is seen and goes nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WCAG_A_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# On a page's own address Streamlit first looks for its server below that address, then at the root.
FIND_BASE_PATH = re.compile(r"/[a-z_-]+/_stcore/(health|host-config)$")
TRACEBACK = "Traceback (most recent call last)"

# Runs in each document before anything else: remembers when the page last changed, and reports every
# exception box that Streamlit shows, even one that is gone again when the test ends.
WATCH_SCRIPT = """
window.__lastChange = performance.now();
window.__emptyCharts = () => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
  .filter(chart => chart.getClientRects().length > 0 && chart.querySelector('svg, canvas') === null).length;
new MutationObserver(changes => {
  window.__lastChange = performance.now();
  for (const change of changes) for (const node of change.addedNodes) {
    if (node.nodeType !== 1) continue;
    const box = node.matches('[data-testid="stException"]')
      ? node : node.querySelector('[data-testid="stException"]');
    if (box) console.error('stException: ' + box.innerText.slice(0, 500));
  }
}).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""
SETTLED_SCRIPT = """
quiet => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app !== null
    && app.getAttribute('data-test-script-state') === 'notRunning'
    && app.getAttribute('data-test-connection-state') === 'CONNECTED'
    && document.querySelector('[data-testid="stAppSkeleton"], [data-testid="stSkeleton"]') === null
    && window.__emptyCharts() === 0
    && performance.now() - window.__lastChange > quiet;
}
"""


def chromium_path() -> str:
    """The system's Chromium; a clear error where there is none (the tests never skip for that)."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise RuntimeError("Chromium is not installed; run: make system")


def launch(chromium: BrowserType) -> Browser:
    """Start the system's Chromium without a window."""
    return chromium.launch(executable_path=chromium_path(), headless=True, args=CHROMIUM_FLAGS)


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class AppServer:
    """A Streamlit server of one script, with the settings of the `.streamlit` folder beside that script."""

    script: Path
    log: Path
    url: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, within: float = 60) -> "AppServer":
        """Start on a free port, or again where it ran before, and wait until the server says that it is healthy."""
        if not self.script.is_file():
            raise RuntimeError(f"there is no {self.script} to start")
        self.url = self.url or f"http://127.0.0.1:{free_port()}"
        port = self.url.rpartition(":")[2]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        own = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
        command = [sys.executable, "-m", "streamlit", "run", self.script.name]
        options = ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command + options,
                cwd=self.script.parent,
                env=own | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + within
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.script.name} did not start:\n{self.log_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def healthy(self) -> bool:
        """Whether the server answers its health check."""
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def log_text(self) -> str:
        """All that the server has printed."""
        return self.log.read_text(errors="replace")

    def cpu_seconds(self) -> float:
        """Processor time the server has used so far (Linux)."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the server: politely, then by force."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Watch:
    """Collects what must not happen while a page is open."""

    def __init__(self, page: Page, server: AppServer) -> None:
        self.server = server
        self._log_start = len(server.log_text())
        self._seen: list[str] = []
        page.on("pageerror", lambda error: self._seen.append(f"page error: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("websocket", lambda socket: self._address(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        looking_for_base = FIND_BASE_PATH.search(message.location.get("url", ""))
        if message.type == "error" and not looking_for_base:
            self._seen.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        self._address(request.url)

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
            self._seen.append(f"request left this machine: {url}")

    def problems(self) -> list[str]:
        """Everything seen so far, oldest first; empty is good."""
        log = self.server.log_text()[self._log_start :]
        found = [f"traceback in the server log:\n{log[log.index(TRACEBACK) :][:3000]}"] if TRACEBACK in log else []
        return self._seen + found


@contextmanager
def watched_page(
    browser: Browser, server: AppServer, theme: Theme = "light", device: Device = "desktop"
) -> Iterator[tuple[Page, Watch]]:
    """A fresh page (own cookies and session) with relative addresses on `server`, and its watch."""
    context = browser.new_context(
        base_url=server.url, color_scheme=theme, reduced_motion="reduce", locale="en-GB", **DEVICES[device]
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.add_init_script(WATCH_SCRIPT)
    try:
        yield page, Watch(page, server)
    finally:
        context.close()


def settled(page: Page, quiet_ms: int = 150, timeout_ms: int = 30_000) -> Page:
    """Wait until the script has run, the charts are drawn, and the page has not changed for `quiet_ms`.

    A chart that draws nothing, as a malformed specification does without a word, never settles.
    """
    try:
        page.wait_for_function(SETTLED_SCRIPT, arg=quiet_ms, timeout=timeout_ms)
    except Error as error:
        app = page.locator('[data-testid="stApp"]')
        state = app.first.evaluate("e => JSON.stringify({...e.dataset})") if app.count() else "no stApp"
        empty = page.evaluate("window.__emptyCharts()")
        raise AssertionError(
            f"{page.url} did not settle in {timeout_ms} ms: {state}, {empty} charts without a drawing"
        ) from error
    return page


def open_page(page: Page, path: str = "/") -> Page:
    """Go to a path of the app and wait until it has settled."""
    page.goto(path)
    return settled(page)


def screenshot(page: Page, name: str, theme: Theme, device: Device) -> Path:
    """Save the whole page, the part below the fold too, as build/screenshots/<name>-<theme>-<device>.png."""
    target = BUILD / "screenshots" / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}-{theme}-{device}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    size = DEVICES[device]["viewport"]
    # Streamlit scrolls inside the page, so the window is made as high as its content.
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"]')?.scrollHeight ?? 0")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(int(height), 12_000))})
    settled(page)
    page.screenshot(path=target)
    page.set_viewport_size(size)
    settled(page)
    return target


@dataclass(frozen=True)
class Violation:
    """One accessibility rule that the page breaks, and where."""

    rule: str
    impact: str
    text: str
    where: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.impact} {self.rule}: {self.text} at {'; '.join(self.where)}"


def axe_violations(page: Page, tags: list[str] | None = None) -> list[Violation]:
    """The WCAG A and AA rules that axe-core finds broken on the page as it stands."""
    page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
    found = page.evaluate(
        """async tags => (await axe.run(document, {
            runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], preload: false,
        })).violations""",
        tags or WCAG_A_AA,
    )
    return [
        Violation(
            rule=rule["id"],
            impact=rule["impact"] or "minor",
            text=rule["help"],
            where=tuple(" ".join(map(str, node["target"])) for node in rule["nodes"]),
        )
        for rule in found
    ]
