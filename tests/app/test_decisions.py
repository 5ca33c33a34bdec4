"""The plan's pages with dated decisions: what changes the plant, loans, and the remarks about them."""

import pytest

from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, load, with_change
from dosecost_app import charts, state, views
from tests.app.running import opened

DECISIONS = [
    {"id": "to", "name": "Closed", "kind": "switch_platform", "month": 44, "platform": "integrated_closed"},
    {
        "id": "loan",
        "name": "Venture debt",
        "kind": "debt",
        "month": 30,
        "amount": 5_000_000,
        "yearly_interest": 0.11,
        "interest_only_months": 6,
        "repayment_months": 24,
    },
]


def decided() -> Scenario:
    return with_change(load("founder"), "plan.decisions", DECISIONS, "test")


@pytest.mark.parametrize(("page", "tabs"), [("plan", {}), ("runway", {"runway_tabs": "Money in and out"})])
def test_a_page_draws_the_decisions(page: str, tabs: dict[str, str]) -> None:
    at = opened(decided(), page, **tabs)
    assert not at.exception
    said = " ".join(m.value for m in at.markdown)
    assert "Warning" in said  # the remarks are there


def test_the_table_says_when_a_change_is_in_use_and_what_it_costs() -> None:
    e = evaluate(decided())
    table = views.decisions(e)
    (change,) = e.cash.changes
    assert list(table["Decision"]) == ["Venture debt", "Closed"]
    assert list(table["In use from month"]) == ["at once", f"{change.takeover:.0f}"]
    assert table["Cost of the change"][0] == ""


def test_occasional_parts_are_shown_only_where_there_are_any() -> None:
    assert not set(charts.OCCASIONAL) & set(views.parts_out(evaluate(load("founder"))))
    shown = views.flows(evaluate(decided()))
    assert any(column.startswith("Debt service") for column in shown.table.columns)
    assert any(column.startswith("Change of the plant") for column in shown.table.columns)
    assert [r.label for r in views.receipts(evaluate(decided()))] == ["State grant", "Venture debt"]


def test_decisions_come_and_go_with_a_link() -> None:
    first, second = load("founder"), decided()
    there, back = state._differences(first, second), state._differences(second, first)
    assert there == {"plan.decisions": second.body()["plan"]["decisions"]}
    assert back == {"plan.decisions": []}
