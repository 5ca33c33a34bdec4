"""What stands idle adds up to its category in the ledger."""

import pytest

from dosecost import ledger, scenario
from dosecost.evaluation import evaluate
from dosecost_app import idle_views, words


@pytest.mark.parametrize("tenure", scenario.options("tenure"))
@pytest.mark.parametrize("name", scenario.shipped())
def test_the_bars_add_up_and_the_finding_says_the_sum(name: str, tenure: str) -> None:
    e = evaluate(scenario.with_change(scenario.load(name), "tenure", tenure, ""))
    per_patient = ledger.by_category(e.results.lines)["idle_capacity"] / e.results.funnel.patients_infused
    shown = idle_views.by_kind(e)
    assert shown.chart.frame["amount"].sum() == pytest.approx(per_patient)
    assert words.money(per_patient, e.scenario.currency) in shown.finding
