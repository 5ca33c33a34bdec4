"""What one lot takes: days, hours, people present, open manipulations and monitored sessions, step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, total
from dosecost.fields import quantity, table
from dosecost.recipes import GENE_TRANSFER, Recipe, Step


@dataclass(frozen=True, slots=True)
class StepInputs:
    """Numbers of one step at the reference culture length, one person's hands-on hours."""

    days: Number = quantity("days", at_least=0.01, at_most=60)
    hands_on_hours: Number = quantity("h/lot", at_most=1_000)
    open_manipulations: Number = quantity("count/lot", at_most=1_000)


@dataclass(frozen=True, slots=True)
class OperationInputs:
    """What an operation beyond the platforms' own costs in cells, and its chance to spoil the lot."""

    cell_recovery: Number = quantity("fraction", at_least=0.001)
    run_failure: Number = quantity("fraction", at_most=0.9)


@dataclass(frozen=True, slots=True)
class Process:
    """Process inputs: culture length, who must be present, and the tables of steps and operations."""

    culture_days: Number = quantity("days", at_least=0.5, at_most=30)
    people_per_open_step: Number = quantity("persons", at_least=1, at_most=6)
    people_per_closed_step: Number = quantity("persons", at_least=1, at_most=6)
    manipulations_per_session: Number = quantity("count/session", at_least=0.5, at_most=100)
    hours_per_room_entry: Number = quantity("h/entry", at_least=0.25, at_most=24)
    documentation_hours: Number = quantity("h/lot", at_most=500)
    kitting_hours: Number = quantity("h/lot", at_most=500)
    knock_outs: Number = quantity("count", at_least=1, at_most=20)
    operations: Mapping[str, OperationInputs] = table(OperationInputs)
    steps: Mapping[str, StepInputs] = table(StepInputs)


class StepWork(NamedTuple):
    """One step of one lot: elapsed days, people present, person-hours, transfers made open or as closed connections,
    monitored sessions."""

    id: str
    label: str
    group: str
    exposure: str
    days: Number
    people: Number
    hours: Number
    open_manipulations: Number
    closed_connections: Number
    sessions: Number
    open_hours: Number
    entries: Number


class Work(NamedTuple):
    """One lot: the steps and their sums. Hours are person-hours; sessions are monitored open sessions."""

    steps: tuple[StepWork, ...]
    culture_scale: Number
    process_days: Number
    room_days: Number
    operator_hours: Number
    open_manipulations: Number
    closed_connections: Number
    open_sessions: Number
    open_hours: Number
    open_session_exits: Number
    room_entries: Number
    closed_by_choice: Number
    days_after_transfer: Number


def culture_scale(recipe: Recipe, process: Process) -> Number:
    """Culture length over the sum of the reference culture steps: stretches the culture days, feeds and media."""
    reference = total([process.steps[step.id].days for step in recipe.steps if step.is_culture])
    return process.culture_days / reference


def days_after_transfer(recipe: Recipe, work: Sequence[StepWork]) -> Number:
    """Days in culture from the beginning of gene transfer on: the time that the new gene has to show."""
    names = [step.id for step in recipe.steps]
    from_here = names.index(GENE_TRANSFER) if GENE_TRANSFER in names else 0
    return total([step.days for step in work[from_here:] if step.group == "culture"])


def operation_failure(recipe: Recipe, process: Process) -> Number:
    """Chance that at least one operation beyond the platform's own spoils the lot."""
    passed: Number = 1.0
    for step in recipe.steps:
        if step.operation:
            passed = passed * (1.0 - process.operations[step.operation].run_failure)
    return 1.0 - passed


def people_present(step: Step, process: Process) -> Number:
    """People in the room at a step: one where the recipe says so, else by the two-person rule for open work."""
    if step.crew == "single":
        return 1.0
    return process.people_per_closed_step if step.exposure == "closed" else process.people_per_open_step


def step_work(step: Step, process: Process, scale: Number) -> StepWork:
    """Days, hours and exposures of one step. Feeds and samples of the expansion follow the culture length."""
    inputs = process.steps[step.id]
    repeats = scale if step.id == "expansion" else 1.0
    hands_on = inputs.hands_on_hours * repeats
    people = people_present(step, process)
    transfers = inputs.open_manipulations * repeats
    manipulations = 0.0 if step.exposure == "closed" else transfers
    return StepWork(
        id=step.id,
        label=step.label,
        group=step.group,
        exposure=step.exposure,
        days=inputs.days * scale if step.is_culture else inputs.days,
        people=people,
        hours=hands_on * people,
        open_manipulations=manipulations,
        closed_connections=transfers - manipulations,
        sessions=manipulations / process.manipulations_per_session,
        open_hours=0.0 if step.exposure == "closed" else hands_on,
        entries=hands_on / process.hours_per_room_entry * people,
    )


def effort(recipe: Recipe, process: Process) -> Work:
    """The work of one lot of a recipe, before any loss. Set-up occupies the room but is not on the product's path."""
    scale = culture_scale(recipe, process)
    steps = tuple(step_work(step, process, scale) for step in recipe.steps)
    return Work(
        steps=steps,
        culture_scale=scale,
        process_days=total([step.days for step in steps if step.group != "room"]),
        room_days=total([step.days for step in steps]),
        operator_hours=total([step.hours for step in steps]),
        open_manipulations=total([step.open_manipulations for step in steps]),
        closed_connections=total([step.closed_connections for step in steps]),
        open_sessions=total([step.sessions for step in steps]),
        open_hours=total([step.open_hours for step in steps]),
        open_session_exits=total([step.sessions * step.people for step in steps]),
        room_entries=total([step.entries for step in steps]),
        closed_by_choice=total([1.0 for step in recipe.steps if step.closed_by_choice]),
        days_after_transfer=days_after_transfer(recipe, steps),
    )
