"""What closing a step would do: to cost, plates and room grade, one step alone, and all of them one after another."""

from typing import NamedTuple

from dosecost.evaluation import Evaluation, evaluate
from dosecost.scenario import Scenario, with_change


class Closed(NamedTuple):
    """A step closed: what it saves (negative: costs more), and the state of the plant with it closed.

    ``saving`` is scenario money per patient infused; ``plates`` are a year's; ``risen`` holds the categories whose
    cost per patient infused is higher than before, with the increase.
    """

    step: str
    label: str
    saving: float
    cost: float
    plates: float
    grade: str
    risen: dict[str, float]


def open_steps(e: Evaluation) -> list[tuple[str, str]]:
    """Id and label of the steps where product meets the room, in order."""
    return [(step.id, step.label) for step in e.recipe.steps if step.exposure != "closed" and step.group != "room"]


def each_alone(scenario: Scenario) -> list[Closed]:
    """Every open step closed alone, the largest saving first."""
    before = evaluate(scenario)
    closed = [
        _closed(before, evaluate(with_change(scenario, f"steps.{step}", "closed", "")), step, label)
        for step, label in open_steps(before)
    ]
    return sorted(closed, key=lambda one: -one.saving)


def one_by_one(scenario: Scenario, order: list[str]) -> list[Closed]:
    """The open steps closed one after another in the order given, each against the state before it."""
    before = evaluate(scenario)
    labels = dict(open_steps(before))
    path = []
    for step in order:
        scenario = with_change(scenario, f"steps.{step}", "closed", "")
        after = evaluate(scenario)
        path.append(_closed(before, after, step, labels[step]))
        before = after
    return path


def _closed(before: Evaluation, after: Evaluation, step: str, label: str) -> Closed:
    was, now = before.cost, after.cost
    slack = 1e-9 * was.per_patient_infused
    moved = {name: now.categories[name] - was.categories[name] for name in now.categories}
    return Closed(
        step=step,
        label=label,
        saving=was.per_patient_infused - now.per_patient_infused,
        cost=now.per_patient_infused,
        plates=after.results.plates.per_year,
        grade=after.results.grade,
        risen={name: amount for name, amount in moved.items() if amount > slack},
    )
