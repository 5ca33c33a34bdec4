"""What the golden files hold: for every shipped scenario on every platform, the figures people look at."""

from pathlib import Path
from typing import Any

from dosecost import ledger, recipes, scenario
from dosecost.contract import as_data
from dosecost.evaluation import evaluate
from dosecost.scenario import load, with_change

FOLDER = Path(__file__).parent
DIGITS = 12


def rounded(value: Any) -> Any:
    """Numbers to twelve significant digits, so that two machines write the same file."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def result(name: str, platform: str) -> dict[str, Any]:
    """All figures of one scenario on one platform; months in years, ledger as it stands."""
    e = evaluate(with_change(load(name), "platform", platform, "golden"))
    data = as_data(e)
    data["ledger"] = {line.id: line.annual for line in e.results.lines}
    data["cash"]["months"] = {m.month: m.closing for m in e.cash.months[11::12]}
    data["total"] = ledger.annual_total(e.results.lines)
    del data["scenario"]
    golden: dict[str, Any] = rounded(data)
    return golden


def all_results() -> dict[str, dict[str, Any]]:
    """Golden content by file name."""
    return {
        f"{name}-{platform}.json": result(name, platform) for name in scenario.shipped() for platform in recipes.load()
    }
