"""Joint feasibility: every rule fires where it should and is silent where it should be."""

import pytest

from dosecost import feasibility
from dosecost.evaluation import evaluate
from dosecost.feasibility import check
from dosecost.scenario import load, with_change, with_changes

SWITCH = {"id": "to", "name": "Switch", "kind": "switch_platform", "month": 40, "platform": "integrated_closed"}
GRANT = {"id": "late", "name": "Late grant", "kind": "grant", "amount": 1e6, "instalments": 1}
PHASES = load("founder").body()["plan"]["phases"]
DEBT = {
    "id": "loan",
    "name": "Venture debt",
    "kind": "debt",
    "month": 40,
    "amount": 1e6,
    "yearly_interest": 0.1,
    "interest_only_months": 12,
    "repayment_months": 36,
}


def findings(name: str, **changes: object) -> dict[str, str]:
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return {f.about: f"{f.level}: {f.text}" for f in check(evaluate(with_changes(load(name), keys, "test")))}


@pytest.mark.parametrize(
    ("name", "changes", "about", "text"),
    [
        ("founder", {"room_grade": "C"}, "room_grade", "warning: Room grade overridden"),
        (
            "founder",
            {"step_edits": {"changed": [{"id": "fill", "crew": "single", "devices": [], "materials": ["cryobags"]}]}},
            "step_edits",
            "warning: Two-person rule overridden",
        ),
        ("founder", {"process__culture_days": 7}, "cells", "warning: By the cell balance 28% of lots miss the dose"),
        ("founder", {"sizing": "fixed_plant"}, "capacity", "get no slot: the installed suites make at most"),
        ("investor", {"conditional_release": "yes"}, "conditional_release", "warning: Conditional release"),
        ("founder", {"apheresis": "fresh", "lane": "international"}, "apheresis", "error: A fresh collection"),
        ("founder", {"quality__record_review_days": 60}, "vein_to_vein", "longer than any published programme"),
        (
            "founder",
            {"plan__plant_order_month": 12},
            "plan.plant_order_month",
            "warning: Phase 1 starts in month 37, not 26: the plant is not built when its patients should start",
        ),
        (
            "founder",
            {"plan__decisions": [SWITCH | {"platform": "manual_open"}]},
            "plan.decisions.to",
            "error: Switch (month 40) changes to what is in use already",
        ),
        (
            "founder",
            {"plan__decisions": [SWITCH | {"month": 20}]},
            "plan.decisions.to",
            "warning: Switch is decided in month 20, before the plant is ready in month 26",
        ),
        (
            "founder",
            {"plan__decisions": [SWITCH | {"month": 80}]},
            "plan.decisions.to",
            "warning: Switch is in use from month 91, after the plan's 84 months",
        ),
        (
            "founder",
            {"plan__decisions": [SWITCH]},
            "plan.phases.phase_2",
            "note: Phase 2 starts in month 51, not 44: it waits for the changed process",
        ),
        (
            "founder",
            {"plan__decisions": [DEBT]},
            "plan.decisions.loan",
            "warning: Venture debt is repaid in month 88, after the plan's 84 months",
        ),
        (
            "founder",
            {"plan__receipts": [{**GRANT, "month": 90}]},
            "plan.receipts.late",
            "note: Late grant is dated in month 90, after the plan's 84 months",
        ),
        (
            "founder",
            {"plan__phases": [*PHASES[:1], *PHASES[:0:-1]]},
            "plan.phases",
            "warning: Phase 2 comes before Phase 1",
        ),
        ("founder", {"plan__horizon_months": 36}, "plan.horizon_months", "ends after the plan's 36 months"),
        ("founder", {"tenure": "cdmo"}, "tenure", "note: The contract manufacturer's fee is one figure"),
        ("founder", {}, "cash", "warning: Cash falls below the floor in month"),
        ("founder", {"process__culture_days": 29}, "process.culture_days", "lies outside the sourced range of 7 to 14"),
    ],
)
def test_a_rule_fires(name: str, changes: dict[str, object], about: str, text: str) -> None:
    assert text in findings(name, **changes)[about]


def test_rules_are_silent_where_nothing_is_wrong() -> None:
    quiet = findings("founder", plan__opening_cash=1e9)
    assert quiet == {}
    assert "room_grade" not in findings("founder", room_grade="B")
    assert "capacity" not in findings("academic")


def test_errors_come_first() -> None:
    s = with_changes(load("founder"), {"apheresis": "fresh", "lane": "international"}, "test")
    assert next(iter(check(evaluate(s)))).level == "error"


def test_a_missed_dose_is_said_whether_or_not_the_cost_counts_it() -> None:
    rapid = with_change(load("founder"), "process.culture_days", 2.0, "test")
    for s, level in ((rapid, "warning"), (with_change(rapid, "starting_material", "cell_balance", "test"), "note")):
        found = [finding for finding in check(evaluate(s)) if finding.about == "cells"]
        assert [finding.level for finding in found] == [level]
    assert not [finding for finding in check(evaluate(load("founder"))) if finding.about == "cells"]


def test_phases_are_ordered_by_what_their_names_say() -> None:
    names = {"Phase II trial": 2, "phase 1/2": 1, "Pivotal": 3, "Pre-IND": 0, "Commercial": 4, "Set-up": None}
    assert {name: feasibility._rank(name) for name in names} == names


def test_a_planned_change_to_gmp_instruments_is_not_said_twice() -> None:
    planned = [{"id": "gmp", "name": "GMP", "kind": "gmp_instruments", "month": 40}]
    assert "instruments" in findings("founder", instruments="research")
    assert "instruments" not in findings("founder", instruments="research", plan__decisions=planned)
