"""One scenario in, one result out: cost of a dose, the plant, the people, and the months the money lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from dosecost import cash, inputs, ledger, recipes, step_edits, step_library
from dosecost.arithmetic import Number, maximum, total
from dosecost.costs.labour import all_wages
from dosecost.finance import MONTHS_PER_YEAR, internal_rate_of_return, net_present_value
from dosecost.inputs import Areas, Row
from dosecost.model import Bind, Results, compute, keep
from dosecost.plan import AS_SIZED, Extent, OpenHub, Stretch, extents, share_left, stretches
from dosecost.quantities.demand import grown
from dosecost.recipes import Recipe
from dosecost.scenario import Choices, Scenario, after_changes
from dosecost.step_edits import StepEdits
from dosecost.transition import Hub, Variant

FULL_RATE = 1.0
NO_LOTS = 0.0
NO_COST = 1e-12
"""Money (or lots) a year: keeps a share of a year without any at zero."""
NO_PATIENTS = 0.0


class Cost(NamedTuple):
    """What a dose costs inside the chosen boundary, in scenario money.

    ``categories`` and ``steps`` are money per patient infused and each adds up to the headline; ``boundaries`` holds
    the headline at each boundary.
    """

    per_lot_started: Number
    per_dose_released: Number
    per_patient_infused: Number
    annual_total: Number
    fixed_share: Number
    failure_share: Number
    categories: dict[str, Number]
    steps: dict[str, Number]
    boundaries: dict[str, Number]


class Evaluation(NamedTuple):
    """A scenario's result."""

    scenario: Scenario
    recipe: Recipe
    areas: Areas
    results: Results
    cost: Cost
    cash: cash.Cash

    @property
    def flows(self) -> list[Number]:
        """Net cash flow of each month without money raised and debt service: what the programme itself earns and
        spends."""
        return [month.revenue - month.outflow + month.debt_service for month in self.cash.months]

    @property
    def npv(self) -> Number:
        """Net present value of the programme at the yearly discount rate, scenario money."""
        return net_present_value(self.flows, self.areas.finance.discount_rate)

    @property
    def irr(self) -> tuple[Any, Any]:
        """Internal rate of return a year, or none and the reason."""
        return internal_rate_of_return(self.flows)


class PlanRuns(NamedTuple):
    """The years behind a plan: the plant as it is bought, without patients, in each stretch of the plan, and after each
    change."""

    bought: Results
    standing: Results
    stretches: list[Results]
    variants: list[Variant]


def rows_in_use(scenario: Scenario, stage: str = "") -> Mapping[str, Row]:
    """The row in use for every input, given the scenario's choices (or another stage of development)."""
    chosen = scenario.choices
    return inputs.load().select(chosen.platform, chosen.setting, stage or chosen.stage, chosen.record, chosen.delivery)


def areas_of(scenario: Scenario, stage: str = "", given: Mapping[str, Number] | None = None) -> Areas:
    """All inputs of a scenario as typed areas; ``given`` lays draws over the defaults, in the rows' price bases."""
    rows = rows_in_use(scenario, stage)
    values = inputs.values_in_use(rows, scenario.inputs, scenario.currency, scenario.price_year, given)
    areas = inputs.assemble(values)
    if not scenario.step_edits.added:
        return areas
    steps = {**areas.process.steps, **step_edits.inputs_of(scenario.step_edits)}
    return replace(areas, process=replace(areas.process, steps=steps))


def recipe_of(scenario: Scenario) -> Recipe:
    """The recipe of a scenario's platform with its gene transfer, the optional steps, the user's own steps, and those
    that the user opened or closed."""
    return _recipe_of(platform_recipe(scenario.choices), scenario.step_edits, tuple(scenario.steps.items()))


def platform_recipe(choices: Choices) -> Recipe:
    """The platform's own recipe, with the gene transfer as chosen."""
    return step_library.delivered(recipes.load()[choices.platform], choices.delivery)


@lru_cache(maxsize=1_024)
def _recipe_of(recipe: Recipe, edits: StepEdits, exposures: tuple[tuple[str, str], ...]) -> Recipe:
    return step_edits.edited(recipe, edits).with_exposures(dict(exposures))


def doses_charged(choices: Choices, results: Results) -> Number:
    """Doses that the year's cost is divided by, under the failure convention.

    Stage-wise: patients infused. The two published shortcuts divide by lots started and gross up by the lot failure
    rate f, as x (1 + f) or as / (1 - f).
    """
    funnel = results.funnel
    if choices.failure_convention == "times_one_plus_f":
        return funnel.lots_started / (1.0 + funnel.lot_failure_rate)
    if choices.failure_convention == "divided_by_one_minus_f":
        return funnel.lots_started * (1.0 - funnel.lot_failure_rate)
    return funnel.patients_infused


def cost_per_patient(choices: Choices, results: Results) -> Number:
    """The headline alone: a year's cost inside the chosen boundary by the doses that it is divided by."""
    counted = ledger.inside(choices.boundary)
    everything = ledger.by_category(results.lines)
    return total(amount for name, amount in everything.items() if name in counted) / doses_charged(choices, results)


def cost_of(choices: Choices, results: Results) -> Cost:
    """The headline figures of a year's ledger inside the chosen boundary."""
    counted = ledger.inside(choices.boundary)
    lines = [line for line in results.lines if line.category in counted]
    divisor = doses_charged(choices, results)
    everything = ledger.by_category(results.lines)
    categories = {name: amount if name in counted else 0.0 for name, amount in everything.items()}
    annual = total(categories.values())
    fixed = ledger.annual_total(line for line in lines if line.basis in ledger.FIXED_BASES)
    per_patient = annual / divisor
    per_lot = annual / results.funnel.lots_started
    return Cost(
        per_lot_started=per_lot,
        per_dose_released=annual / results.funnel.doses_released,
        per_patient_infused=per_patient,
        annual_total=annual,
        fixed_share=fixed / maximum(annual, NO_COST),
        failure_share=1.0 - divisor / results.funnel.lots_started,
        categories={name: amount / divisor for name, amount in categories.items()},
        steps={name: amount / divisor for name, amount in ledger.by_step(lines).items()},
        boundaries={
            name: total(everything[category] for category in ledger.inside(name)) / divisor
            for name in ledger.BOUNDARIES
        },
    )


def year_of(scenario: Scenario, areas: Areas, bind: Bind = keep) -> Results:
    """The year at the full rate of a scenario's demand."""
    return compute(areas, recipe_of(scenario), scenario.choices, bind)


def rate_of(areas: Areas, part: Stretch) -> Number:
    """Share of the full rate that patients come at in a stretch of the plan."""
    share: Number = part.phase.share_of_demand
    return share * grown(areas.demand, part.year) if part.year else share


def at_rate(areas: Areas, recipe: Recipe, choices: Choices, share: Number, plant: Results) -> Results:
    """A year at a share of the demand, in the rooms and with the limiting devices of ``plant``."""
    return in_plant(areas, recipe, choices, share, plant, AS_SIZED)


def in_plant(areas: Areas, recipe: Recipe, choices: Choices, share: Number, plant: Results, more: Extent) -> Results:
    """As ``at_rate``, with what is bought and built beyond ``plant``."""
    here = _at_share(areas, share)
    if choices.tenure == "cdmo":
        return compute(here, recipe, choices)
    installed = replace(
        areas.capacity,
        suites_installed=plant.plant.suites + more.suites,
        devices_installed=plant.plant.devices[recipe.limiting_device] + more.devices,
    )
    fixed = replace(choices, sizing="fixed_plant")
    return compute(replace(here, capacity=installed), recipe, fixed)


def _at_share(areas: Areas, share: Number) -> Areas:
    """The inputs at a share of the demand."""
    return replace(areas, demand=replace(areas.demand, patients_per_year=areas.demand.patients_per_year * share))


def runs_of_stretches(
    scenario: Scenario,
    plant: Results,
    by_stage: Mapping[str, Areas],
    of_patients: Number | None = None,
    full_rate: bool = False,
) -> list[Results]:
    """A plant in each stretch of the plan, at its share of the full rate: a year of the cost model each. A site beside
    others takes its part ``of_patients``; ``plant`` is itself such a year where it is one of the ``full_rate``."""
    recipe = recipe_of(scenario)
    runs: dict[tuple[str, float, int], Results] = {(scenario.choices.stage, FULL_RATE, 0): plant} if full_rate else {}
    found = []
    for part in stretches(scenario.plan):
        stage = part.phase.stage
        key = stage, part.phase.share_of_demand, part.year
        if key not in runs:
            rate = rate_of(by_stage[stage], part)
            share = rate if of_patients is None else rate * of_patients
            runs[key] = at_rate(by_stage[stage], recipe, scenario.choices, share, plant)
        found.append(runs[key])
    return found


def without_patients(scenario: Scenario, plant: Results, areas: Areas) -> Results:
    """A plant's year without any patient: its minimum team."""
    return at_rate(areas, recipe_of(scenario), scenario.choices, NO_PATIENTS, plant)


def equipped(scenario: Scenario, plant: Results, areas: Areas) -> Results:
    """The plant as it is bought: where demand grows, devices that do not limit are bought for all that the rooms and
    the limiting devices can make, not for the full rate."""
    if not scenario.plan.grows or scenario.choices.tenure == "cdmo":
        return plant
    admitted = (plant.funnel.patients - plant.funnel.not_admitted) / areas.demand.patients_per_year
    share = admitted * plant.plant.ceiling / maximum(plant.plant.lots, NO_COST)
    most = at_rate(areas, recipe_of(scenario), scenario.choices, share, plant)
    return plant._replace(assets=most.assets, invested=most.invested)


Hubs = dict[tuple[str, Choices], Hub]
"""Second sites that were computed already, by their decision and the choices they run under."""


def variant_of(
    decision: Any, state: Scenario, extent: Extent, by_stage: Mapping[str, Areas], known: Hubs | None = None
) -> Variant:
    """The plant after a change: ``state`` is the scenario with it, ``extent`` its size, ``by_stage`` its areas."""
    known = {} if known is None else known
    own, recipe = by_stage[state.choices.stage], recipe_of(state)
    full = design = year_of(state, own)
    if extent.already:
        design = compute(_at_share(own, share_left(extent.already)), recipe, state.choices)
    if extent.more:
        design = in_plant(own, recipe, state.choices, share_left(extent.already), design, extent)
    for hub in extent.hubs:
        if (hub.id, state.choices) not in known:
            known[hub.id, state.choices] = hub_of(state, hub, by_stage)
    hubs = [known[hub.id, state.choices] for hub in extent.hubs]
    opened = [hub.design for hub in hubs if hub.id == decision.id]
    return Variant(
        decision=decision,
        choices=state.choices,
        areas=own,
        by_stage=by_stage,
        design=equipped(state, design, own),
        runs=runs_of_stretches(state, design, by_stage, share_left(extent.hubs) if hubs else None),
        full=full,
        hubs=hubs,
        team=total(all_wages(own.people, without_patients(state, site, own).heads) for site in opened)
        / MONTHS_PER_YEAR,
        ceiling=NO_LOTS
        if state.choices.tenure == "cdmo"
        else total(site.plant.ceiling for site in (design, *(hub.design for hub in hubs))),
    )


def hub_of(scenario: Scenario, hub: OpenHub, by_stage: Mapping[str, Areas]) -> Hub:
    """A second site of the scenario's design, sized for its share of the full rate and run at that of each stretch."""
    own = by_stage[scenario.choices.stage]
    sized = replace(scenario.choices, sizing="size_for_demand")
    design = compute(_at_share(own, hub.share_of_demand), recipe_of(scenario), sized)
    runs = runs_of_stretches(scenario, design, by_stage, hub.share_of_demand)
    return Hub(hub.id, equipped(scenario, design, own), runs)


def variants_of(scenario: Scenario, changes: Sequence[Any], by_stage: Sequence[Mapping[str, Areas]]) -> list[Variant]:
    """The plant after each of the changes, one upon the other; ``by_stage`` as in ``areas_by_stage``."""
    states = after_changes(scenario, changes)[1:]
    each = zip(changes, states, extents(changes)[1:], by_stage[1:], strict=True)
    hubs: Hubs = {}
    return [variant_of(*one, hubs) for one in each]


def plan_runs(scenario: Scenario, areas: Areas, results: Results, by_stage: Sequence[Mapping[str, Areas]]) -> PlanRuns:
    """The years behind the plan of a plant of the full rate. ``by_stage`` holds the areas of each plant
    (``areas_by_stage``)."""
    return PlanRuns(
        bought=equipped(scenario, results, areas),
        standing=without_patients(scenario, results, by_stage[0][scenario.choices.stage]),
        stretches=runs_of_stretches(scenario, results, by_stage[0], full_rate=True),
        variants=variants_of(scenario, scenario.plan.changes, by_stage),
    )


def cash_of(scenario: Scenario, areas: Areas, results: Results, by_stage: Sequence[Mapping[str, Areas]]) -> cash.Cash:
    """The plan's cash: the plant of the full rate, run stretch by stretch at its share of it, changed as the plan
    decides. ``by_stage`` holds the areas of each plant (``areas_by_stage``)."""
    return cash.run(cash.programme(scenario.plan, areas, *plan_runs(scenario, areas, results, by_stage)))


def stages_of(scenario: Scenario) -> list[str]:
    """Stages of development that a plan needs inputs of: the scenario's own, then those of its phases."""
    return list(dict.fromkeys([scenario.choices.stage, *(phase.stage for phase in scenario.plan.phases)]))


def areas_by_stage(
    scenario: Scenario, areas: Areas, given: Mapping[str, Number] | None = None
) -> list[dict[str, Areas]]:
    """Areas for every stage that the plan's phases name, of the plant at first and after each change."""
    first, *others = after_changes(scenario)
    known = {stage: areas_of(first, stage, given) for stage in stages_of(scenario)[1:]}
    return [{first.choices.stage: areas} | known] + [
        {stage: areas_of(state, stage, given) for stage in stages_of(scenario)} for state in others
    ]


def evaluate(scenario: Scenario) -> Evaluation:
    """Everything a page needs of one scenario: the year at the full rate, what a dose costs, and the plan's cash."""
    areas = areas_of(scenario)
    results = year_of(scenario, areas)
    money = cash_of(scenario, areas, results, areas_by_stage(scenario, areas))
    return Evaluation(
        scenario=scenario,
        recipe=recipe_of(scenario),
        areas=areas,
        results=results,
        cost=cost_of(scenario.choices, results),
        cash=money,
    )
