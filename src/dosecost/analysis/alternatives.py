"""What other ways to make the lot would do: optional steps in or out, another culture length, gene transfer or grade of
instruments, each alone."""

from collections.abc import Iterator
from typing import NamedTuple

from dosecost import step_edits, step_library
from dosecost.evaluation import areas_of, cost_per_patient, year_of
from dosecost.scenario import Scenario, hypothetical, options, with_changes

CULTURE = "process.culture_days"


class Alternative(NamedTuple):
    """The scenario with one part made another way (``part`` and ``name`` are empty for the present one).

    ``cost`` is money per patient infused inside the scenario's boundary, ``later`` money for what the change will ask
    for and the cost does not hold; the rest days, and shares of lots.
    """

    part: str
    name: str
    cost: float
    vein_to_vein_days: float
    missed_dose: float
    lot_failure: float
    later: float


def alternatives(scenario: Scenario) -> list[Alternative]:
    """The present scenario, then every other way of each part."""
    return [_made(scenario, "", "", {}), *(_made(scenario, *other) for other in _others(scenario))]


def _others(scenario: Scenario) -> Iterator[tuple[str, str, dict[str, object]]]:
    chosen = scenario.step_edits.optional
    for name in step_library.optional_steps():
        wanted = tuple(other for other in (*chosen, name) if other != name or name not in chosen)
        edits = step_edits.choose(scenario.step_edits, wanted)
        yield "without" if name in chosen else "with", name, {step_edits.KEY: edits.body()}
    days = areas_of(scenario).process.culture_days
    for culture in step_library.cultures().values():
        if not culture.holds(days):
            yield "culture", culture.id, {CULTURE: culture.days}
    own_plant = scenario.choices.tenure != "cdmo"
    for part in ("delivery", "instruments") if own_plant else ("delivery",):
        for name in options(part):
            if name != getattr(scenario.choices, part):
                yield part, name, {part: name}


def _made(scenario: Scenario, part: str, name: str, changes: dict[str, object]) -> Alternative:
    other = with_changes(hypothetical(scenario), changes, "")
    results = year_of(other, areas_of(other))
    return Alternative(
        part=part,
        name=name,
        cost=float(cost_per_patient(other.choices, results)),
        vein_to_vein_days=float(results.funnel.vein_to_vein_days),
        missed_dose=float(results.cells.missed_dose),
        lot_failure=float(results.funnel.lot_failure_rate),
        later=float(results.transition_price),
    )
