"""Time the workbook (`make bench`): to write it, to read it back, and for LibreOffice to open and recalculate it."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from dosecost.scenario import Scenario, load, shipped, with_changes
from dosecost.traced_run import traced_run
from dosecost.workbook.reading import read
from dosecost.workbook.sheets import workbook
from tests.test_traced_run import PLAN, growing
from tests.workbook.recalculation import poisoned, recalculated

DAY = datetime(2026, 11, 24, tzinfo=UTC)


def row(name: str, s: Scenario) -> str:
    """One scenario's times in seconds and its size."""
    start = time.perf_counter()
    traced_run(s)
    traced = time.perf_counter()
    book = workbook(s, DAY)
    written = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        recalculated({name: poisoned(book)}, Path(folder) / "office")
        opened = time.perf_counter()
    read(book, name)
    done = time.perf_counter()
    times = (traced - start, written - traced, opened - written, done - opened)
    return f"{name:<24}" + "".join(f"{seconds:>10.1f}" for seconds in times) + f"{len(book) / 1e6:>10.2f}"


def main() -> None:
    """Print the table of `docs/performance.md`."""
    print(f"{'scenario':<24}{'traced':>10}{'written':>10}{'opened':>10}{'read':>10}{'MB':>10}")
    for name in shipped():
        print(row(name, load(name)))
    founder = load("founder")
    print(row("founder-plan", with_changes(founder, PLAN | growing(founder), "bench")))


if __name__ == "__main__":
    main()
