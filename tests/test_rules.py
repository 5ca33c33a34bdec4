"""The rules of a process: what each gives by hand, and that every override is said in the right words."""

import pytest
from hypothesis import given

from dosecost import recipes, rules, scenario
from dosecost.evaluation import Evaluation, evaluate, rows_in_use
from dosecost.feasibility import Finding, check
from dosecost.rules import Applied
from dosecost.scenario import Scenario, load, with_changes
from tests.quantities.builders import exactly
from tests.strategies import scenarios

KEYS = set(rows_in_use(load("founder"))) | {rules.GRADE, rules.CREW}
FILL_ALONE = {"step_edits": {"changed": [{"id": "fill", "crew": "single"}]}}


def changed(name: str, **changes: object) -> Evaluation:
    """A shipped scenario with changes; ``__`` stands for a point."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return evaluate(with_changes(load(name), keys, "test"))


def by_id(e: Evaluation) -> dict[str, Applied]:
    return {applied.rule.id: applied for applied in rules.applied(e)}


def said(e: Evaluation) -> list[Finding]:
    """What the feasibility check says of the rules."""
    heads = tuple(f"{rule.label}{mark}: " for rule in rules.RULES for mark in ("", " overridden"))
    return [finding for finding in check(e) if finding.text.startswith(heads)]


def test_the_open_manual_process_by_hand() -> None:
    """Open steps take 68 hands-on hours of two people, the freeze 3 h of 1.3, set-up 14 h of one: 153.9 h, an entry for
    every 3.5 of them, 22 minutes each. 43 manipulations in sessions of 4.8. Nine operators once a year, and a fifth of
    them three times."""
    found = by_id(changed("founder"))
    given = {name: applied.given for name, applied in found.items()}
    assert given["room_grade"].number == 9
    assert given["room_grade"].text.startswith("grade B, because of Apheresis receipt (open), Thaw and wash (open)")
    assert given["room_grade"].text.endswith("and 6 more")
    assert given["segregation"] == (1.0, "1 lot at one time in a room, because 9 steps are open: 3 suites")
    assert given["line_clearance"] == (
        1.0,
        "1 day and 14 person-hours of a room between two lots, 1 day of the incubator",
    )
    assert given["gowning"].number == exactly(153.9 / 3.5)
    assert given["gowning"].text == "44 entries a lot, each 22 minutes of gowning for grade B: 16.1 person-hours a lot"
    assert given["two_persons"].number == 2.0
    assert "2 people at each of 9 open or briefly open steps, 1.3 people at each of 1 closed step" in (
        given["two_persons"].text
    )
    assert given["monitoring"].number == exactly(43 / 4.8)
    assert "8.96 monitored sessions with 294 plates a lot" in given["monitoring"].text
    assert given["closed_connections"].number == 0.0
    assert given["training"].number == exactly(9 * (1 + 0.2 * 3))
    assert "14.4 aseptic qualifications a year for 9 operators" in given["training"].text


def test_one_automated_device_by_hand() -> None:
    """Closed: receipt 1, wash 3, selection 6, activation 3, harvest 5, formulation 3 connections: 21."""
    given = {name: applied.given for name, applied in by_id(changed("academic")).items()}
    assert given["room_grade"].text == "grade C, as every step asks for"
    assert given["segregation"].text == "4 lots at one time in a room, because no step is open (3 briefly): 1 suite"
    assert given["closed_connections"].number == 21.0
    assert given["closed_connections"].text == (
        "21 closed connections a lot, each by a wafer or sterile connector; 1 tube welder and as many sealers"
    )
    assert given["monitoring"].number == exactly((0 + 1 * 12 / 10 + 2) / 4.8)


def test_a_closed_process_needs_connections_and_no_aseptic_qualification() -> None:
    e = changed("founder")
    steps = {f"steps__{step.id}": "closed" for step in e.recipe.steps if step.group != "room"}
    given = {name: applied.given for name, applied in by_id(changed("founder", **steps)).items()}
    assert given["room_grade"].text.startswith("grade C")
    assert given["segregation"].number == 2.0
    assert given["closed_connections"].number == 43.0
    assert "9 sets a lot for the steps closed by choice" in given["closed_connections"].text
    assert given["training"] == (0.0, given["training"].text)
    assert given["training"].text.endswith("no aseptic qualification, because no step is open")


@pytest.mark.parametrize("name", scenario.shipped())
@pytest.mark.parametrize("platform", recipes.load())
def test_without_an_override_nothing_is_said(name: str, platform: str) -> None:
    e = changed(name, platform=platform)
    assert said(e) == []
    found = rules.applied(e)
    assert [applied.rule for applied in found] == list(rules.RULES)
    for applied in found:
        assert applied.overrides == []
        assert applied.unoverridden == applied.given
        assert applied.source
        assert set(applied.stated_by) <= KEYS | set(rows_in_use(e.scenario)) | {rules.EXPOSURES}


OVERRIDES: list[tuple[str, dict[str, object], str, list[str]]] = [
    ("room_grade", {"room_grade": "C"}, "room_grade", ["grade B (EU GMP Annex 1), because of", "yours is grade C"]),
    (
        "segregation",
        {"capacity__lots_per_room_open": 3},
        "capacity.lots_per_room_open",
        ["the rule says 1 lots/room", "yours is 3 (outside the sourced range of 1 to 2)", "mixed up"],
    ),
    (
        "line_clearance",
        {"process__steps__setup__days": 0.5},
        "process.steps.setup.days",
        ["the rule says 1 days", "yours is 0.5", "less time to clear"],
    ),
    (
        "gowning",
        {"process__hours_per_room_entry": 5},
        "process.hours_per_room_entry",
        ["the rule says 3.5 h/entry", "yours is 5", "longer in one gown"],
    ),
    (
        "two_persons",
        {"process__people_per_open_step": 1},
        "process.people_per_open_step",
        ["the rule says 2 persons", "yours is 1", "second person"],
    ),
    ("two_persons", FILL_ALONE, "step_edits", ["people at Fill", "2 persons at open work", "yours is one person"]),
    (
        "monitoring",
        {"process__manipulations_per_session": 7},
        "process.manipulations_per_session",
        ["the rule says 4.8 count/session", "yours is 7", "between two samplings"],
    ),
    (
        "closed_connections",
        {"materials__connection_price": 0, "steps__fill": "closed"},
        "materials.connection_price",
        ["the rule says 8 USD/connection", "yours is 0", "cost nothing"],
    ),
    (
        "training",
        {"quality__aseptic_qualifications_at_start": 1},
        "quality.aseptic_qualifications_at_start",
        ["the rule says 3", "yours is 1", "fewer media fills"],
    ),
]


@pytest.mark.parametrize(("rule", "changes", "about", "parts"), OVERRIDES)
def test_an_override_is_a_warning_in_the_right_words(
    rule: str, changes: dict[str, object], about: str, parts: list[str]
) -> None:
    e = changed("founder", **changes)
    (finding,) = said(e)
    assert (finding.level, finding.about) == ("warning", about)
    assert " overridden: " in finding.text
    assert "\n" not in finding.text
    assert [part for part in parts if part not in finding.text] == []
    applied = by_id(e)[rule]
    assert [override.careful for override in applied.overrides] == [False]
    assert [name for name, other in by_id(e).items() if other.overrides] == [rule]


@pytest.mark.parametrize(
    ("name", "changes", "about"),
    [
        ("academic", {"room_grade": "B"}, "room_grade"),
        ("academic", {"capacity__lots_per_room_closed": 1}, "capacity.lots_per_room_closed"),
        ("founder", {"capacity__device_turnaround_days": 2}, "capacity.device_turnaround_days"),
        ("founder", {"facility__gown_minutes_b": 30}, "facility.gown_minutes_b"),
        ("founder", {"process__people_per_open_step": 2.5}, "process.people_per_open_step"),
        ("academic", {"process__people_per_closed_step": 2}, "process.people_per_closed_step"),
        ("founder", {"monitoring__glove_plates": 8}, "monitoring.glove_plates"),
        ("founder", {"people__training_months": 9}, "people.training_months"),
    ],
)
def test_more_careful_than_the_rule_is_a_note(name: str, changes: dict[str, object], about: str) -> None:
    (finding,) = said(changed(name, **changes))
    assert (finding.level, finding.about) == ("note", about)
    assert "more careful" in finding.text
    assert "overridden" not in finding.text


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("founder", {"room_grade": "B"}),
        ("founder", {"process__people_per_open_step": 2}),
        ("academic", {"facility__gown_minutes_b": 1}),
        ("academic", {"capacity__lots_per_room_open": 9}),
        ("academic", {"monitoring__gown_plates": 0}),
        ("founder", {"materials__connection_price": 0}),
        ("founder", {"quality__aseptic_qualification_price": 2_000}),
        ("founder", {"tenure": "cdmo", "process__people_per_open_step": 1}),
        ("founder", {"tenure": "cdmo"} | FILL_ALONE),
        ("founder", {"tenure": "host_hospital", "monitoring__routine_plates_b": 0}),
    ],
)
def test_the_rule_s_own_value_another_quote_and_what_does_nothing_here_are_no_override(
    name: str, changes: dict[str, object]
) -> None:
    assert said(changed(name, **changes)) == []


def test_what_it_would_give_without_the_override() -> None:
    e = changed("founder", room_grade="C", capacity__lots_per_room_open=2, **FILL_ALONE)
    found = by_id(e)
    assert found["room_grade"].given.text == "grade C, by your choice"
    assert found["room_grade"].unoverridden.text.startswith("grade B, because of")
    assert (found["segregation"].given.number, found["segregation"].unoverridden.number) == (2.0, 1.0)
    assert "one at Fill bags and QC samples" in found["two_persons"].given.text
    assert "2 people at each of 9" in found["two_persons"].unoverridden.text
    assert found["monitoring"].unoverridden == found["monitoring"].given


def test_one_number_is_named_once() -> None:
    """A rule's number outside its range is a rule's remark, not one of the ranges as well."""
    about = [finding.about for finding in check(changed("founder", capacity__lots_per_room_open=9))]
    assert about.count("capacity.lots_per_room_open") == 1


def test_a_step_of_one_s_own_done_by_one_person() -> None:
    step = {"id": "own", "label": "Depletion, by beads", "group": "front_end", "exposure": "open", "crew": "single"}
    numbers = {"days": 0.2, "hands_on_hours": 3.0, "open_manipulations": 2.0, "devices": [], "materials": []}
    (finding,) = said(changed("founder", step_edits={"added": [step | numbers]}))
    assert "people at Depletion: the rule says 2 persons at open work" in finding.text


@given(scenarios())
def test_every_rule_says_something_of_any_scenario(s: Scenario) -> None:
    e = evaluate(s)
    for applied in rules.applied(e):
        assert applied.given.text
        assert applied.given.number >= 0.0
        assert "nan" not in applied.given.text
        if not applied.overrides:
            assert applied.given == applied.unoverridden
    for finding in said(e):
        assert finding.level in ("note", "warning")


def test_the_two_person_rule_quotes_the_row_and_not_the_user_s_own_number() -> None:
    alone = {"step_edits": {"changed": [{"id": "harvest", "crew": "single"}]}, "process.people_per_open_step": 4.0}
    e = evaluate(with_changes(load("founder"), alone, "test"))
    said = [finding.text for finding in check(e) if "one person" in finding.text]
    assert said
    assert all("the rule says 2 persons" in text for text in said)
