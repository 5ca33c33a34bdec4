"""Joint feasibility: every rule fires where it should and is silent where it should be."""

import pytest

from dosecost.evaluation import evaluate
from dosecost.feasibility import check
from dosecost.scenario import load, with_change, with_changes


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
            "note: Phase 1 starts in month 37, not 26",
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
