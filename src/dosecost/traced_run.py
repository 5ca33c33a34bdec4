"""One evaluation in which every number remembers its formula, down to the inputs and the numbers of the plan.

What explains a figure and what writes the workbook both read this run, so neither can differ from the model.
"""

from dataclasses import fields, replace
from typing import Any, NamedTuple

from dosecost import cash, inputs
from dosecost.evaluation import Evaluation, PlanRuns, cost_of, plan_runs, recipe_of, rows_in_use, stages_of, year_of
from dosecost.inputs import Areas, Row, values_in_use
from dosecost.scenario import Scenario, after_changes
from dosecost.step_edits import inputs_of
from dosecost.trace import Traced


class Leaf(NamedTuple):
    """A number that a run starts from: an input's value in use (scenario money) with its row, or a number of the plan
    or of a step that the user added, without one.

    ``input`` is the name under which the user's own value is kept; rows of other stages or platforms share it.
    """

    node: Traced
    input: str
    row: Row | None


class TracedRun(NamedTuple):
    """A traced evaluation, the years and the programme behind its cash, every stage and all leaves by name, and the
    state of the cash after each month."""

    evaluation: Evaluation
    years: PlanRuns
    programme: cash.Programme
    stages: dict[str, Any]
    leaves: dict[str, Leaf]
    so_far: dict[str, cash.State]


def traced_run(scenario: Scenario) -> TracedRun:
    """Evaluate a scenario with every input and every number of its plan traced.

    Numbers that shape the calculation (the horizon, the dates of decisions) and all choices stay as they are.
    """
    leaves = _Leaves(scenario)
    own = replace(scenario, plan=leaves.of_plan(scenario.plan, "plan"))
    stages: dict[str, Any] = {}
    so_far: dict[str, cash.State] = {}

    def keep(name: str, value: Any) -> Any:
        stages[name] = value
        return value

    def keep_state(month: str, state: cash.State) -> cash.State:
        so_far[month] = state
        return state

    by_stage = [{stage: leaves.areas(state, stage) for stage in stages_of(own)} for state in after_changes(own)]
    areas = by_stage[0][own.choices.stage]
    results = year_of(own, areas, keep)
    years = plan_runs(own, areas, results, by_stage)
    programme = cash.programme(own.plan, areas, *years)
    evaluation = Evaluation(
        scenario=own,
        recipe=recipe_of(own),
        areas=areas,
        results=results,
        cost=cost_of(own.choices, results),
        cash=cash.run(programme, keep_state),
    )
    return TracedRun(evaluation, years, programme, stages, leaves.by_name, so_far)


class _Leaves:
    """Makes each leaf once, by its row."""

    def __init__(self, scenario: Scenario) -> None:
        self.by_name: dict[str, Leaf] = {}
        self._main = rows_in_use(scenario)

    def leaf(self, name: str, value: Any, key: str, row: Row | None = None) -> Traced:
        """The traced number of a name, made at its first call."""
        if name not in self.by_name:
            self.by_name[name] = Leaf(Traced(value, name=name), key, row)
        return self.by_name[name].node

    def areas(self, scenario: Scenario, stage: str) -> Areas:
        """The areas of a scenario at a stage, every input a leaf, and those of added steps."""
        rows = rows_in_use(scenario, stage)
        values = values_in_use(rows, scenario.inputs, scenario.currency, scenario.price_year)
        areas = inputs.assemble({name: self.leaf(self._id(row), values[name], name, row) for name, row in rows.items()})
        added = {
            step: self._record(numbers, f"steps.{step}") for step, numbers in inputs_of(scenario.step_edits).items()
        }
        return replace(areas, process=replace(areas.process, steps={**areas.process.steps, **added}))

    def of_plan(self, record: Any, prefix: str) -> Any:
        """A plan or a part of it with its numbers traced, but those that shape the calculation."""
        values: dict[str, Any] = {}
        for column in fields(record):
            value, name = getattr(record, column.name), f"{prefix}.{column.name}"
            if "rows" in column.metadata:
                values[column.name] = tuple(self.of_plan(entry, f"{name}.{entry.id}") for entry in value)
            elif "at_least" in column.metadata and not column.metadata["shapes"]:
                values[column.name] = self.leaf(name, value, name)
        return replace(record, **values)

    def _record(self, record: Any, prefix: str) -> Any:
        names = [column.name for column in fields(record)]
        return replace(
            record, **{name: self.leaf(f"{prefix}.{name}", getattr(record, name), f"{prefix}.{name}") for name in names}
        )

    def _id(self, row: Row) -> str:
        """The input's name; of a row that another stage or platform uses, with what it holds for."""
        if self._main.get(row.name) == row:
            return row.name
        held = [row.platform, *(value for _, value in row.when)]
        return f"{row.name}@{'_'.join(held)}"
