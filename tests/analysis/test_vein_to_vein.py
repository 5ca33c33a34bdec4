"""What a patient waits for: the parts add up, and each way is the evaluated scenario with that one change."""

import pytest
from hypothesis import given, settings

from dosecost import recipes, scenario
from dosecost.analysis.vein_to_vein import PARTS, PRESENT, RAPID, TOGETHER, Way, days_by_part, ways
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, with_changes
from tests.strategies import scenarios

SHIPPED = {name: scenario.load(name) for name in scenario.shipped()}
SLOW = {
    "sterility": "compendial",
    "conditional_release": "no",
    "mycoplasma": "culture",
    "record": "paper",
    "apheresis": "frozen",
}
CHANGES = {
    ("culture", RAPID): {"process.culture_days": 2.5},
    ("sterility", "pcr"): {"sterility": "pcr"},
    ("sterility", "cytometry"): {"sterility": "cytometry"},
    ("conditional_release", "yes"): {"conditional_release": "yes"},
    ("mycoplasma", "pcr"): {"mycoplasma": "pcr"},
    ("record", "electronic"): {"record": "electronic"},
    ("apheresis", "fresh"): {"apheresis": "fresh"},
}
ALL = {"sterility": "pcr", "mycoplasma": "pcr", "record": "electronic", "apheresis": "fresh"}


def by_name(found: list[Way]) -> dict[tuple[str, str], Way]:
    """The ways by what is changed."""
    return {(way.part, way.name): way for way in found}


@pytest.mark.parametrize("platform", recipes.load())
@pytest.mark.parametrize("name", SHIPPED)
def test_every_way_alone_is_the_scenario_so_changed(name: str, platform: str) -> None:
    s = with_changes(SHIPPED[name], SLOW | {"platform": platform}, "test")
    found = by_name(ways(s))
    expected = {(PRESENT, PRESENT): {}} | CHANGES | {(TOGETHER, PRESENT): ALL}
    expected[TOGETHER, RAPID] = ALL | {"process.culture_days": 2.5}
    assert set(found) == set(expected)
    for key, changes in expected.items():
        e = evaluate(with_changes(s, changes, "test"))
        way, funnel = found[key], e.results.funnel
        assert way.days == pytest.approx(days_by_part(e.areas, e.results))
        assert way.vein_to_vein == pytest.approx(funnel.vein_to_vein_days)
        assert way.total == pytest.approx(funnel.vein_to_vein_days + e.results.waits.slot)
        assert way.infused == pytest.approx(funnel.patients_infused)
        assert way.cost == pytest.approx(e.cost.per_patient_infused)
        assert way.missed_dose == pytest.approx(e.results.cells.missed_dose)
        waiting = funnel.lost_slot_wait + funnel.lost_before_start + funnel.lost_wait_for_infusion
        assert way.lost_waiting == pytest.approx(waiting / (funnel.patients - funnel.not_admitted))
        with_slot = (funnel.lost_before_start + funnel.lost_wait_for_infusion) / funnel.collected
        assert way.lost_with_slot == pytest.approx(with_slot)


def test_the_parts_of_a_slow_way_by_hand() -> None:
    s = with_changes(SHIPPED["founder"], SLOW | {"platform": "manual_open"}, "test")
    days = ways(s)[0].days
    assert tuple(days) == PARTS
    steps = 0.05 + 0.1 + 0.2 + 0.2 + 0.08 + 0.08 + 0.15  # receipt, thaw, selection, harvest, formulate, fill, freeze
    expected = {"to_plant": 4.0, "processing": steps, "culture": 10.0, "testing": 28.0, "review": 3.0}
    expected |= {"to_clinic": 2.0, "to_infusion": 7.0}
    assert {part: days[part] for part in expected} == pytest.approx(expected)


def test_who_drops_out_is_a_share_of_those_on_the_list_and_of_those_with_a_slot() -> None:
    """Founder: 0.667 of 40 leave before the slot, 0.565 and 3.42 of the other 39.3 between collection and infusion."""
    present = ways(SHIPPED["founder"])[0]
    assert present.lost_for_slot == pytest.approx(0.667 / 40, rel=1e-3)
    assert present.lost_waiting == pytest.approx((0.667 + 0.565 + 3.42) / 40, rel=2e-3)
    assert present.lost_with_slot == pytest.approx((0.565 + 3.42) / 39.333, rel=2e-3)


def test_what_is_so_already_is_no_way() -> None:
    fast = ALL | {"process.culture_days": 2.5, "conditional_release": "yes"}
    found = ways(with_changes(SHIPPED["founder"], fast, "test"))
    assert [(way.part, way.name) for way in found] == [(PRESENT, PRESENT), ("apheresis", "frozen")]


@settings(max_examples=40)
@given(scenarios())
def test_less_waiting_never_loses_more_patients_to_it(s: Scenario) -> None:
    present, *others = ways(s)
    for way in (present, *others):
        assert all(days >= -1e-9 for days in way.days.values())
        assert 0 <= way.lost_waiting < 1
    for way in others:
        if (way.part, way.name) in (("record", "electronic"), ("conditional_release", "yes")):
            assert way.vein_to_vein <= present.vein_to_vein + 1e-9
            assert way.infused >= present.infused - 1e-9
