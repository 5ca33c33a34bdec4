"""The plan's pages with dated decisions: what changes the plant, loans, and the remarks about them."""

from collections.abc import Iterator

import pytest
import streamlit as st

from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, load, with_change, with_changes
from dosecost_app import charts, demand_views, edit_table, plan_table, state, views
from tests.app.running import clean, opened

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


@pytest.fixture
def session() -> Iterator[None]:
    clean()
    yield
    st.session_state.clear()


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


def test_an_edit_of_the_table_gives_decisions_of_their_kinds(session: None) -> None:
    empty: edit_table.Rows = []
    st.session_state["table_decisions"] = plan_table.Table(0, empty, empty)
    added = [{"name": "Closed", "kind": "switch_platform", "month": 44}, {"kind": "hire", "month": 3, "heads": 2}]
    st.session_state["edits"] = {"added_rows": added}
    plan_table._edit("decisions", "edits")
    assert state.message() is None
    switch, hire = state.current().plan.decisions
    assert (switch.kind, switch.platform, switch.month) == ("switch_platform", "integrated_closed", 44.0)
    assert (hire.role, hire.heads) == ("operator", 2.0)
    rows = plan_table.shown("decisions", state.current().plan.decisions)
    assert rows[0]["amount"] is None
    assert plan_table.told(rows) == state.current().body()["plan"]["decisions"]
    other = plan_table.edited("decisions", rows, {"edited_rows": {0: {"kind": "debt"}}, "deleted_rows": [1]})
    (loan,) = plan_table.told(other)
    assert (loan["repayment_months"], "platform" in loan) == (36.0, False)


ENLARGED = [
    {"id": "more", "name": "Two devices", "kind": "buy", "month": 50, "devices": 2},
    {"id": "rooms", "name": "A suite", "kind": "build", "month": 50, "suites": 1},
    {"id": "east", "name": "East", "kind": "open_hub", "month": 40, "share_of_demand": 0.3},
]


def enlarged() -> Scenario:
    return with_changes(load("founder"), {"plan.decisions": ENLARGED, "plan.phases.phase_2.demand": "growing"}, "test")


def test_growth_and_what_serves_it_are_drawn_and_come_with_a_link() -> None:
    s = enlarged()
    at = opened(s, "plan")
    assert not at.exception
    assert "patients ask for a slot in year" in " ".join(m.value for m in at.markdown)
    assert state._differences(load("founder"), s)["plan.decisions"] == s.body()["plan"]["decisions"]
    rows = plan_table.shown("decisions", s.plan.decisions)
    assert plan_table.told(rows) == s.body()["plan"]["decisions"]
    phases = plan_table.shown("phases", s.plan.phases)
    assert [row["demand"] for row in phases] == ["flat", "flat", "growing"]
    for page, tabs in (("strategy", {"strategy_tabs": "Map"}), ("runway", {"runway_tabs": "Months"})):
        assert not opened(s, page, **tabs).exception


def test_years_add_up_to_the_months() -> None:
    e = evaluate(enlarged())
    years = demand_views.years(e)
    assert [year.number for year in years] == list(range(1, 8))
    assert sum(year.asking for year in years) == pytest.approx(sum(m.patients_asking for m in e.cash.months))
    table = demand_views.patients(e).table
    assert list(table["Ask for a slot"]) == [views.three(year.asking) for year in years]
    full = demand_views.full_from(e)
    refused = [m.month for m in e.cash.months if m.patients_refused > 1e-6]
    assert (full.month if full else None) == (refused[0] if refused else None)


def test_the_parts_of_a_change_add_up_to_its_cost() -> None:
    e = evaluate(enlarged())
    table = views.change_parts(e)
    for i, change in enumerate(e.cash.changes):
        shown = table.loc[i].drop(["Change", "Months", "Rent until then"]).sum()
        assert shown == pytest.approx(float(change.cost.price + change.capital) / 1000, abs=4)
        assert table["Rent until then"][i] == pytest.approx(
            float(change.rent * (change.takeover - change.month)) / 1000, abs=0.5
        )
    assert "Transfer" in table.columns
    assert "Old stock" not in table.columns
    assert views.change_parts_finding(e).startswith("East takes")


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"kind": "move"}, "Decisions, Odd, Kind: "),
        ({"kind": "hire", "heads": -1}, "Decisions, Odd, Heads: "),
        ({"kind": "open_hub", "share_of_demand": 2}, "Decisions, Odd, Share of patients: "),
        ({"kind": "buy", "devices": 0}, "Decisions, Odd, Devices: "),
        ({"kind": "debt", "month": 0.5}, "Decisions, Odd, From month: "),
    ],
)
def test_a_wrong_decision_changes_nothing(session: None, cells: dict[str, object], place: str) -> None:
    before = state.current()
    st.session_state["table_decisions"] = plan_table.Table(0, [], [])
    st.session_state["edits"] = {"added_rows": [{"name": "Odd", "month": 3} | cells]}
    plan_table._edit("decisions", "edits")
    message = state.message()
    assert message is not None
    assert message.text.startswith(place)
    assert state.current() == before


def test_decisions_come_and_go_with_a_link() -> None:
    first, second = load("founder"), decided()
    there, back = state._differences(first, second), state._differences(second, first)
    assert there == {"plan.decisions": second.body()["plan"]["decisions"]}
    assert back == {"plan.decisions": []}
