"""What holds for all tests: how they share two processes, and that on the build server nothing is skipped."""

import os

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling, Scheduling

settings.register_profile("default", deadline=None, max_examples=100)
settings.register_profile("ci", deadline=None, max_examples=300, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


class ByFile(LoadScopeScheduling):
    """Hands a whole file to one worker, and all browser tests to one: they share a browser and an app.

    (The `loadgroup` distribution of pytest-xdist 3.8.0 does not group under pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Use the distribution above whenever there is more than one worker (`-n 2`)."""
    return ByFile(config, log)


class NoSkips:
    """Fails the session when a test was skipped, or left out as an expected failure, and lists which."""

    def __init__(self) -> None:
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.skipped:
            terminalreporter.section("skipped tests are failures here (CI=true)", red=True)
            for nodeid in sorted(set(self.skipped)):
                terminalreporter.line(f"SKIPPED IN CI {nodeid}")


def pytest_configure(config: pytest.Config) -> None:
    """Watch for skips in the process that sums up (not in the workers of xdist)."""
    if os.environ.get("CI") == "true" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(NoSkips(), "no-skips")
