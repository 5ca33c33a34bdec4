"""One lot of a small recipe, by hand: days, people, hours, open manipulations, sessions, entries."""

from dataclasses import replace

import pytest

from dosecost.quantities.process import OperationInputs, Process, StepInputs, Work, effort, operation_failure
from dosecost.recipes import Recipe, Step
from tests.quantities.builders import check_rows, exactly, recipe

# step        days  hands-on h  manipulations  exposure  people
# receipt      0.5      2            4         open       2
# activation   1        1.5          3         open       2
# expansion    9       12           20         open       2
# fill         0.5      3            5         closed     1.5
# setup        1        4            0         closed     1 (single)
STEPS = [
    Step("receipt", "Receipt", "front_end", "open"),
    Step("activation", "Activation", "culture", "open"),
    Step("expansion", "Expansion", "culture", "open"),
    Step("fill", "Fill", "back_end", "closed"),
    Step("setup", "Set-up", "room", "closed", crew="single"),
]
SMALL = recipe(STEPS)


def process(culture_days: float = 10.0, **changed: float) -> Process:
    values = {
        "culture_days": culture_days,
        "people_per_open_step": 2.0,
        "people_per_closed_step": 1.5,
        "manipulations_per_session": 4.0,
        "hours_per_room_entry": 3.0,
        "documentation_hours": 0.0,
        "kitting_hours": 0.0,
        "knock_outs": 1.0,
    }
    steps = {
        "receipt": StepInputs(0.5, 2.0, 4.0),
        "activation": StepInputs(1.0, 1.5, 3.0),
        "expansion": StepInputs(9.0, 12.0, 20.0),
        "fill": StepInputs(0.5, 3.0, 5.0),
        "setup": StepInputs(1.0, 4.0, 0.0),
    }
    operations = {"electroporation": OperationInputs(0.7, 0.1), "sampling": OperationInputs(0.9, 0.2)}
    return Process(**values | changed, operations=operations, steps=steps)


def lot(culture_days: float = 10.0, small: Recipe = SMALL, **changed: float) -> Work:
    return effort(small, process(culture_days, **changed))


def test_one_lot_at_the_reference_culture() -> None:
    work = lot()
    assert work.culture_scale == exactly(1.0)  # 10 days over 1 + 9
    assert work.process_days == exactly(11.0)  # 0.5 + 1 + 9 + 0.5; set-up is not on the product's path
    assert work.room_days == exactly(12.0)  # and one day of set-up
    assert work.operator_hours == exactly(39.5)  # 2·2 + 1.5·2 + 12·2 + 3·1.5 + 4·1 = 4 + 3 + 24 + 4.5 + 4
    assert work.open_manipulations == exactly(27.0)  # 4 + 3 + 20
    assert work.closed_connections == exactly(5.0)  # those of the closed fill
    assert work.open_sessions == exactly(6.75)  # 27 manipulations, four to a session
    assert work.open_hours == exactly(15.5)  # 2 + 1.5 + 12
    assert work.open_session_exits == exactly(13.5)  # two people leave each session
    # Entries: 4 h, 3 h and 24 h of two people, 4.5 h of 1.5 people and 4 h of one, three hours to an entry.
    assert work.room_entries == exactly(39.5 / 3)
    assert work.closed_by_choice == 0.0


def test_days_from_gene_transfer_on_are_those_of_the_culture_behind_it() -> None:
    """Activation a day, gene transfer one, expansion nine; fill is no culture. In half the eleven days five."""
    transfer = Step("gene_transfer", "Transduction", "culture", "open")
    numbers = process(11.0)
    numbers.steps["gene_transfer"] = StepInputs(1.0, 1.0, 1.0)  # type: ignore[index]
    made = recipe([*STEPS[:2], transfer, *STEPS[2:]])
    assert effort(made, numbers).days_after_transfer == exactly(10.0)
    assert effort(made, replace(numbers, culture_days=5.5)).days_after_transfer == exactly(5.0)
    assert effort(SMALL, numbers).days_after_transfer == exactly(11.0)  # no such step: the whole culture


def test_an_optional_step_has_days_of_its_own() -> None:
    """Half a day before and after the culture is halved; the culture is measured by the other steps."""
    own = Step("sample", "Sample", "culture", "open", optional=True)
    made = recipe([*STEPS[:2], own, *STEPS[2:]])
    for days, scale in ((10.0, 1.0), (5.0, 0.5)):
        numbers = process(days)
        numbers.steps["sample"] = StepInputs(0.5, 1.0, 0.0)  # type: ignore[index]
        work = effort(made, numbers)
        assert work.culture_scale == exactly(scale)
        assert work.steps[2].days == 0.5


def test_operations_fail_independently() -> None:
    """A tenth and a fifth: 1 − 0.9 × 0.8; none without operations."""
    one = Step("edit", "Edit", "culture", "open", operation="electroporation")
    two = Step("sample", "Sample", "culture", "open", operation="sampling")
    assert operation_failure(recipe([*STEPS, one, two]), process()) == exactly(0.28)
    assert operation_failure(SMALL, process()) == 0.0


def test_step_by_step() -> None:
    by_id = {step.id: step for step in lot().steps}
    assert [step.id for step in lot().steps] == ["receipt", "activation", "expansion", "fill", "setup"]
    assert (by_id["expansion"].days, by_id["expansion"].hours, by_id["expansion"].sessions) == (9.0, 24.0, 5.0)
    assert (by_id["fill"].people, by_id["fill"].open_manipulations, by_id["fill"].open_hours) == (1.5, 0.0, 0.0)
    assert (by_id["setup"].people, by_id["setup"].hours) == (1.0, 4.0)


def test_culture_shortened_from_ten_to_five_days() -> None:
    """Both culture steps take half as long; feeds and samples of the expansion halve; activation is done once."""
    work = lot(5.0)
    assert work.culture_scale == exactly(0.5)
    assert work.process_days == exactly(6.0)  # 0.5 + 0.5 + 4.5 + 0.5
    assert work.room_days == exactly(7.0)
    assert work.operator_hours == exactly(27.5)  # expansion 6 h of two people: 4 + 3 + 12 + 4.5 + 4
    assert work.open_manipulations == exactly(17.0)  # 4 + 3 + 10
    assert work.open_sessions == exactly(4.25)
    assert work.open_hours == exactly(9.5)  # 2 + 1.5 + 6
    assert work.open_session_exits == exactly(8.5)
    assert work.room_entries == exactly(27.5 / 3)


def test_culture_stretched_to_twenty_days() -> None:
    work = lot(20.0)
    assert work.process_days == exactly(21.0)  # 0.5 + 2 + 18 + 0.5
    assert work.open_manipulations == exactly(47.0)  # 4 + 3 + 40
    assert work.operator_hours == exactly(63.5)  # expansion 24 h of two people: 4 + 3 + 48 + 4.5 + 4


def test_I_45_the_expansion_closed_by_choice() -> None:
    work = lot(small=SMALL.with_exposures({"expansion": "closed"}))
    assert work.operator_hours == exactly(33.5)  # 12 h of 1.5 people: 4 + 3 + 18 + 4.5 + 4
    assert work.open_manipulations == exactly(7.0)  # 4 + 3
    assert work.closed_connections == exactly(25.0)  # 5 of the fill and 20 of the expansion
    assert work.open_sessions == exactly(1.75)
    assert work.open_hours == exactly(3.5)
    assert work.open_session_exits == exactly(3.5)
    assert work.room_entries == exactly(33.5 / 3)
    assert work.closed_by_choice == 1.0
    assert work.room_days == exactly(12.0)  # time stays


def test_connections_of_a_closed_expansion_follow_the_culture_length() -> None:
    # 5 of the fill and half of the 20 of the expansion; those of a closed activation are made once.
    assert lot(5.0, SMALL.with_exposures({"expansion": "closed"})).closed_connections == exactly(15.0)
    assert lot(5.0, SMALL.with_exposures({"activation": "closed"})).closed_connections == exactly(8.0)


def test_every_step_closed() -> None:
    work = lot(small=SMALL.with_exposures(dict.fromkeys(("receipt", "activation", "expansion"), "closed")))
    assert (work.open_manipulations, work.open_sessions, work.open_hours, work.open_session_exits) == (0, 0, 0, 0)
    assert work.closed_connections == exactly(32.0)  # 4 + 3 + 20 + 5
    assert work.closed_by_choice == 3.0
    assert work.operator_hours == exactly(31.75)  # 18.5 h of 1.5 people are 27.75, and 4 of one


def test_a_closed_step_opened_by_choice() -> None:
    work = lot(small=SMALL.with_exposures({"fill": "open"}))
    assert work.open_manipulations == exactly(32.0)
    assert work.closed_connections == 0.0
    assert work.closed_by_choice == 0.0
    assert work.operator_hours == exactly(41.0)  # 3 h of two people instead of 1.5


def test_closing_what_is_closed_and_touching_the_room_change_nothing() -> None:
    assert lot(small=SMALL.with_exposures({"fill": "closed", "setup": "open"})) == lot()


def test_a_briefly_open_step_is_worked_as_an_open_one() -> None:
    brief = recipe([Step("receipt", "Receipt", "front_end", "briefly_open"), *STEPS[1:]])
    assert lot(small=brief)[1:] == lot()[1:]


def test_closing_a_briefly_open_step_is_a_choice() -> None:
    brief = recipe([Step("receipt", "Receipt", "front_end", "briefly_open"), *STEPS[1:]])
    assert lot(small=brief.with_exposures({"receipt": "closed"})).closed_by_choice == 1.0


@pytest.mark.parametrize(
    ("closed", "grade"),
    [((), "B"), (("receipt", "activation"), "B"), (("receipt", "activation", "expansion"), "C")],
)
def test_the_worst_step_makes_the_grade(closed: tuple[str, ...], grade: str) -> None:
    assert SMALL.with_exposures(dict.fromkeys(closed, "closed")).room_grade == grade


def test_one_person_throughout() -> None:
    work = lot(people_per_open_step=1.0, people_per_closed_step=1.0)
    assert work.operator_hours == exactly(22.5)  # 2 + 1.5 + 12 + 3 + 4
    assert work.open_session_exits == exactly(6.75)


def test_I_64_rows() -> None:
    def of(culture_days: float, people_per_open_step: float, hours_per_room_entry: float) -> tuple[float, ...]:
        work = lot(culture_days, people_per_open_step=people_per_open_step, hours_per_room_entry=hours_per_room_entry)
        return tuple(work[1:])

    check_rows(
        of, culture_days=[5.0, 10.0, 13.7], people_per_open_step=[1.0, 2.0, 2.5], hours_per_room_entry=[2.0, 3.0, 0.7]
    )
