"""What differs between two scenarios: nothing for equal ones, the same keys both ways."""

from dosecost.analysis.changes import changes
from dosecost.scenario import load, with_change, with_changes


def test_I_59_equal_scenarios_do_not_differ() -> None:
    assert changes(load("founder"), load("founder")) == []


def test_I_59_every_kind_of_change_is_listed_both_ways() -> None:
    before = load("founder")
    after = with_changes(
        before,
        {
            "platform": "robotic",
            "steps.fill": "open",
            "process.culture_days": 7,
            "plan.phases.phase_1.months": 12,
            "plan.opening_cash": 5e6,
        },
        "test",
    )
    there, back = changes(before, after), changes(after, before)
    assert [c.key for c in there] == [
        "platform",
        "steps.fill",
        "process.culture_days",
        "plan.opening_cash",
        "plan.phases.phase_1.months",
    ]
    assert {(c.key, c.before, c.after) for c in there} == {(c.key, c.after, c.before) for c in back}
    culture = there[2]
    assert (culture.label, culture.before, culture.after, culture.unit) == ("Culture to harvest", 10, 7, "days")


def test_a_price_is_listed_in_the_currency_of_the_scenario() -> None:
    before = load("academic")
    (change,) = changes(before, with_changes(before, {"facility.rent": 500}, "test"))
    assert (change.unit, change.after) == ("EUR/m2/yr", 500)


def test_a_demand_that_grows_was_flat_before() -> None:
    base = load("founder")
    (change,) = changes(base, with_change(base, "plan.phases.phase_2.demand", "growing", "test"))
    assert (change.key, change.before, change.after) == ("plan.phases.phase_2.demand", "flat", "growing")
