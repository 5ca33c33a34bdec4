"""What closing the open steps does: each alone, and one after the other, the one that lowers the cost most first."""

from typing import NamedTuple

from dosecost import ledger
from dosecost.evaluation import areas_of, cost_of, doses_charged, recipe_of, year_of
from dosecost.inputs import Areas
from dosecost.model import Results
from dosecost.recipes import Recipe, Step
from dosecost.scenario import Choices, Scenario, with_change


class State(NamedTuple):
    """The scenario once ``step`` is closed ('' before any is): money per patient infused, by category too (both inside
    the scenario's boundary), room grade, plates, lots and suites.

    ``items`` is the money by what it is spent on."""

    step: str
    cost: float
    categories: dict[str, float]
    grade: str
    plates_per_lot: float
    plates_per_year: float
    lots: float
    suites: float
    items: dict[str, float]


class Closing(NamedTuple):
    """The present scenario, each open step closed alone (the cheapest result first), and all closed in that order.

    ``path`` begins with the present state.
    """

    steps: list[Step]
    present: State
    alone: list[State]
    path: list[State]


def open_steps(recipe: Recipe) -> list[Step]:
    """Steps where product meets the room, if briefly, in the order of the process; a room's own steps stay."""
    return [step for step in recipe.steps if step.exposure != "closed" and step.group != "room"]


def closed(scenario: Scenario, step: str) -> Scenario:
    """The scenario with one step closed."""
    return with_change(scenario, f"steps.{step}", "closed", "")


def closing(scenario: Scenario) -> Closing:
    """What closing does to cost, room grade and plates. Which rows are in use does not hang on exposures."""
    areas = areas_of(scenario)
    steps = open_steps(recipe_of(scenario))
    present = _state(scenario, areas, "")
    alone = [_state(closed(scenario, step.id), areas, step.id) for step in steps]
    alone.sort(key=lambda state: state.cost)
    path, here = [present], scenario
    for state in alone:
        here = closed(here, state.step)
        path.append(_state(here, areas, state.step))
    return Closing(steps, present, alone, path)


def rises(before: State, after: State, least: float) -> dict[str, float]:
    """Categories that cost more after than before, by at least so much money per patient infused, the largest first."""
    moved = {name: amount - before.categories[name] for name, amount in after.categories.items()}
    return {name: more for name, more in sorted(moved.items(), key=lambda item: -item[1]) if more >= least}


def _state(scenario: Scenario, areas: Areas, step: str) -> State:
    results = year_of(scenario, areas)
    cost = cost_of(scenario.choices, results)
    return State(
        step=step,
        cost=float(cost.per_patient_infused),
        categories={name: float(amount) for name, amount in cost.categories.items()},
        grade=results.grade,
        plates_per_lot=float(results.plates.per_lot),
        plates_per_year=float(results.plates.per_year),
        lots=float(results.funnel.lots_started),
        suites=float(results.plant.suites),
        items=by_item(scenario.choices, results),
    )


def by_item(choices: Choices, results: Results) -> dict[str, float]:
    """Money per patient infused inside the boundary by what it is spent on: the used and the idle part of a line are
    one item, and so are the capital charge and the service of a device."""
    counted, patients, items = ledger.inside(choices.boundary), doses_charged(choices, results), dict[str, float]()
    for line in results.lines:
        if line.category in counted:
            name = line.id.removeprefix("idle.").removesuffix(".service").removesuffix(".depreciation")
            items[name] = items.get(name, 0.0) + float(line.annual / patients)
    return items
