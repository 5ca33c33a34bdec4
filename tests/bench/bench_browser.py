"""Time from a key press on a slider to the new number and the last chart on the screen.

    make bench-browser          or   python -m tests.bench.bench_browser --changes 32 --json build/bench.json

Runs the dashboard and a floor app (one slider, one metric, the same settings) in turns, in one browser, and
prints both with their ratio: absolute times belong to the machine, the ratio to us. Times end at the change
of the document; painting comes after. Processor time is the server's own, so it holds on a busy machine too.
"""

import argparse
import json
import os
import platform
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.harness import ROOT, AppServer, launch, open_page, settled, watched_page

PAGE = "/dose_cost"
SLIDER = "Patients per year"
HEADLINE = "per patient infused"
CHARTS = '[data-testid="stVegaLiteChart"]'

WARM_UP = 4
TURNS = 2

FLOOR_APP = f"""
import streamlit as st
patients = st.slider({SLIDER!r}, 1, 500, 100)
st.metric("Cost {HEADLINE}", f"{{1e6 / patients:,.2f}}")
"""

# Notes the time of the key press, of the first change of the headline, and of the last change inside a chart.
PROBE = """
([label, charts]) => {
  const probe = window.__probe = {};
  const headline = () => [...document.querySelectorAll('[data-testid="stMetric"]')]
    .find(metric => metric.innerText.includes(label))
    ?.querySelector('[data-testid="stMetricValue"]')?.innerText;
  let before = headline();
  document.addEventListener('keydown', () => {
    before = headline();
    Object.assign(probe, {key: performance.now(), number: null, chart: null});
  }, true);
  new MutationObserver(changes => {
    if (!probe.key) return;
    const now = performance.now();
    if (probe.number === null && headline() !== before) probe.number = now - probe.key;
    for (const {target} of changes) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      if (element?.closest(charts)) probe.chart = now - probe.key;
    }
  }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
  return before ?? null;
}
"""


@dataclass
class Timing:
    """What was measured on one app, in milliseconds a change."""

    number: list[float] = field(default_factory=list)
    charts: list[float] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)
    unseen: int = 0


def measure(page: Page, server: AppServer, changes: int, timing: Timing) -> None:
    """Press arrow keys on the slider, waiting for the page to settle after each, and add to `timing`."""
    open_page(page, PAGE)
    slider = page.get_by_role("slider", name=SLIDER).first
    slider.focus()
    if page.evaluate(PROBE, [HEADLINE, CHARTS]) is None:
        raise SystemExit(f"no metric with {HEADLINE!r} in its label on {page.url}")
    for change in range(WARM_UP + changes):
        used = server.cpu_seconds()
        # Up and down again by turns of eight, so that no end of the range is reached.
        slider.press("ArrowRight" if change // 8 % 2 == 0 else "ArrowLeft")
        settled(page, quiet_ms=350)
        if change < WARM_UP:
            continue
        seen: dict[str, Any] = page.evaluate("window.__probe")
        timing.server_cpu.append((server.cpu_seconds() - used) * 1000)
        if seen["number"] is None:
            timing.unseen += 1
        else:
            timing.number.append(seen["number"])
        if seen["chart"] is not None:
            timing.charts.append(seen["chart"])


def run(browser: Browser, servers: dict[str, AppServer], changes: int) -> dict[str, Timing]:
    """Measure all servers in turns, so that a busy moment of the machine falls on each of them."""
    timings = {name: Timing() for name in servers}
    for _ in range(TURNS):
        for name, server in servers.items():
            with watched_page(browser, server) as (page, watch):
                measure(page, server, changes // TURNS, timings[name])
                if problems := watch.problems():
                    raise SystemExit("\n".join([f"{name}: the page was not clean:", *problems]))
    return timings


def summary(timings: dict[str, Timing]) -> dict[str, Any]:
    """Percentiles of each series and their ratio to the floor's."""
    result: dict[str, Any] = {}
    for name, timing in timings.items():
        row: dict[str, Any] = {"changes": len(timing.server_cpu), "number_not_changed": timing.unseen}
        for series in ("number", "charts"):
            values: list[float] = getattr(timing, series)
            row[series] = {"p50": _at(values, 50), "p95": _at(values, 95)}
        row["server_cpu"] = {"mean": _mean(timing.server_cpu)}  # one reading is good to 10 ms only
        result[name] = row
    floor, app = result["floor"], result["app"]
    result["ratio"] = {
        "number_p50": _ratio(app["number"]["p50"], floor["number"]["p50"]),
        "charts_p50_to_floor_number": _ratio(app["charts"]["p50"], floor["number"]["p50"]),
        "server_cpu_mean": _ratio(app["server_cpu"]["mean"], floor["server_cpu"]["mean"]),
    }
    result["machine"] = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }
    return result


def _at(values: list[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 1) if values else None


def _mean(values: list[float]) -> float | None:
    return round(float(np.mean(values)), 1) if values else None


def _ratio(one: float | None, other: float | None) -> float | None:
    return round(one / other, 2) if one is not None and other else None


def show(result: dict[str, Any]) -> None:
    """Print the table."""
    machine = result["machine"]
    print(f"{machine['system']}, Python {machine['python']}, {machine['cores']} cores, load {machine['load_average']}")
    print("\nmilliseconds, key press to change on the page; server: processor time a change\n")
    print(f"{'':8}{'changes':>8}{'number p50':>12}{'p95':>8}{'charts p50':>12}{'p95':>8}{'server mean':>13}")
    for name in ("floor", "app"):
        row = result[name]
        cells = (row["number"]["p50"], row["number"]["p95"], row["charts"]["p50"], row["charts"]["p95"])
        text = ["–" if cell is None else f"{cell:.0f}" for cell in (*cells, row["server_cpu"]["mean"])]
        print(f"{name:8}{row['changes']:>8}{text[0]:>12}{text[1]:>8}{text[2]:>12}{text[3]:>8}{text[4]:>13}")
        if row["number_not_changed"]:
            print(f"{'':8}{row['number_not_changed']} changes left the headline as it was; not counted")
    ratio = result["ratio"]
    print(f"\nto the floor: number x{ratio['number_p50']}, server x{ratio['server_cpu_mean']}")


def main() -> None:
    """Read the options, run, print, and write the JSON if asked."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--changes", type=int, default=32, help="slider changes an app (32)")
    options.add_argument("--app", type=Path, default=ROOT / "app.py", help="the app to measure (app.py)")
    options.add_argument("--json", type=Path, help="also write the result here")
    chosen = options.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        floor = Path(folder) / "floor.py"
        floor.write_text(FLOOR_APP)
        shutil.copytree(ROOT / ".streamlit", floor.parent / ".streamlit")
        servers = {
            "floor": AppServer(floor, Path(folder) / "floor.log"),
            "app": AppServer(chosen.app.resolve(), Path(folder) / "app.log"),
        }
        try:
            for server in servers.values():
                server.start()
            with sync_playwright() as playwright:
                browser = launch(playwright.chromium)
                result = summary(run(browser, servers, max(chosen.changes, 30)))
                browser.close()
        finally:
            for server in servers.values():
                server.stop()
    show(result)
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
