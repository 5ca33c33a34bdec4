"""The single door between the pages and the model: every result comes from here, kept by the scenario's digest.

A lost entry costs time and nothing else, so nothing may depend on one being kept. Do not change what is returned.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import streamlit as st

from dosecost import feasibility, recipes
from dosecost.analysis import (
    ceilings,
    curves,
    evidence,
    purchases,
    reach,
    response,
    rooms,
    schedule,
    strategy,
    vein_to_vein,
    waste,
)
from dosecost.analysis.alternatives import Alternative
from dosecost.analysis.alternatives import alternatives as alternatives_of
from dosecost.analysis.cases import Case, Replayed, replay
from dosecost.analysis.cases import load as load_cases
from dosecost.analysis.closing import Closing, closing
from dosecost.analysis.queueing_design import design_of
from dosecost.analysis.strategy import NEVER, Strategy
from dosecost.evaluation import Evaluation, evaluate, rows_in_use
from dosecost.explain import Figures
from dosecost.feasibility import Finding
from dosecost.scenario import Scenario
from dosecost_app import state, strategy_axes
from dosecost_app.fields import Field, field_of, fields_of, values_of


class Curves(NamedTuple):
    """Money per patient infused on every platform at each volume, and where the cheapest platform changes."""

    volumes: curves.Floats
    curves: dict[str, curves.Floats]
    crossovers: list[curves.Crossover]


def evaluation(scenario: Scenario) -> Evaluation:
    """The scenario's result."""
    return _evaluation(scenario.digest, scenario)


def findings(scenario: Scenario) -> list[Finding]:
    """Remarks on whether the scenario is possible, errors first."""
    return _findings(scenario.digest, scenario)


def platform_curves(scenario: Scenario) -> Curves:
    """Cost against volume on every platform, around the scenario's own volume."""
    return _platform_curves(scenario.digest, scenario)


def platform_comparison(scenario: Scenario) -> dict[str, Evaluation]:
    """The scenario evaluated on every platform, at the same demand."""
    return _platform_comparison(scenario.digest, scenario)


def tenure_comparison(scenario: Scenario) -> dict[str, Evaluation]:
    """The scenario evaluated in every kind of room."""
    return _tenure_comparison(scenario.digest, scenario)


def closing_of(scenario: Scenario) -> Closing:
    """What closing the open steps does, each alone and one after the other."""
    return _closing(scenario.digest, scenario)


def alternatives(scenario: Scenario) -> list[Alternative]:
    """What other ways to make the lot would do, the present one first."""
    return _alternatives(scenario.digest, scenario)


def ways_of(scenario: Scenario) -> list[vein_to_vein.Way]:
    """How long a patient waits now and with each change that is faster or slower, the present way first."""
    return _ways(scenario.digest, scenario)


def waste_of(scenario: Scenario) -> waste.Waste:
    """What is thrown away at several volumes."""
    return _waste(scenario.digest, scenario)


def grade_shares(scenario: Scenario) -> Mapping[str, float]:
    """Share of the headline's response by grade of evidence, ``own`` for the user's numbers; adds to one."""
    return evidence.shares_by_grade(scenario, input_weights(scenario))


def input_weights(scenario: Scenario) -> Mapping[str, float]:
    """Share of the headline's response that belongs to each input; adds to one."""
    return _input_weights(scenario.digest, scenario)


def input_swings(scenario: Scenario) -> Mapping[str, evidence.Swing]:
    """How far each input moves the headline between the ends of its range."""
    return _input_swings(scenario.digest, scenario)


@st.cache_resource(show_spinner=False)
def cases() -> list[Case]:
    """The published studies."""
    return list(load_cases().values())


@st.cache_resource(show_spinner=False)
def published() -> list[Replayed]:
    """Every printed result of the published studies beside ours."""
    return [one for case in cases() for one in replay(case)]


def figures(scenario: Scenario) -> Figures:
    """Every figure of the scenario with its formula: tens of megabytes, so that few are kept."""
    return _figures(scenario.digest, scenario)


def ceilings_of(scenario: Scenario) -> list[ceilings.Ceiling]:
    """Lots a year that each resource can take, the bottleneck first."""
    return _ceilings(scenario.digest, scenario)


def purchases_of(scenario: Scenario) -> list[ceilings.Purchase]:
    """One more of each resource, in the same order."""
    return _purchases(scenario.digest, scenario)


def steps_of(scenario: Scenario) -> tuple[purchases.Steps, list[purchases.Mark]]:
    """Cost against volume, and what is added on the way."""
    return _steps(scenario.digest, scenario)


def schedule_of(scenario: Scenario, first_week: int) -> schedule.Schedule:
    """Some weeks of suites and devices of a simulated year."""
    return _schedule(scenario.digest, first_week, scenario)


def strategies(scenario: Scenario) -> list[Strategy]:
    """Every platform from the start, and every switch once the plant is ready or with a later phase; where the plant
    exists already, only the present platform from the start."""
    found = strategy.strategies_of(scenario, strategy.switch_months(scenario))
    too_late = scenario.plan.plant != "new"
    return [one for one in found if one.month != NEVER or not too_late or one.platform == scenario.choices.platform]


def followed(scenario: Scenario) -> dict[Strategy, Evaluation]:
    """The scenario following each of the strategies, at its own rate of patients."""
    return {one: evaluation(strategy.compared(scenario, one)) for one in strategies(scenario)}


def outlook(scenario: Scenario, milestone: str) -> strategy.Outlook:
    """All strategies at rates of patients around the scenario's own, its own among them."""
    return _outlook(scenario.digest, milestone, scenario)


def strategy_map(scenario: Scenario, milestone: str) -> strategy.StrategyMap:
    """The best feasible strategy for amounts at the opening up to what the neediest takes."""
    view = outlook(scenario, milestone)
    needed = view.needed[np.isfinite(view.needed)]
    own = scenario.plan.opening_cash
    return strategy.strategy_map(
        view, strategy_axes.amounts(max(float(needed.max()) if needed.size else 0.0, own), own)
    )


def from_the_start(scenario: Scenario) -> dict[str, Evaluation]:
    """The plan with each platform that can be there from the start, the present one first."""
    own = scenario.choices.platform
    found = [one for one in strategies(scenario) if one.month == NEVER]
    ordered = sorted(found, key=lambda one: one.platform != own)
    return {one.platform: evaluation(strategy.compared(scenario, one)) for one in ordered}


def switch_months(scenario: Scenario, platform: str, milestone: str) -> list[strategy.SwitchMonth]:
    """A switch to a platform decided never and in every month with a plant."""
    return _switch_months(scenario.digest, platform, milestone, scenario)


def switches(scenario: Scenario, milestone: str) -> dict[str, list[strategy.SwitchMonth]]:
    """The switch to every other platform, the one whose best month costs least first."""
    others = [name for name in recipes.load() if name != scenario.choices.platform]
    found = {name: switch_months(scenario, name, milestone) for name in others}
    return dict(sorted(found.items(), key=lambda entry: min([one.cost for one in entry[1][1:]], default=np.inf)))


def switch_moments(scenario: Scenario, platform: str, milestone: str) -> list[strategy.SwitchMonth]:
    """A switch decided when the plant is ready and with each later phase."""
    wanted = {NEVER, *strategy.switch_months(scenario)}
    return [one for one in switch_months(scenario, platform, milestone) if one.month in wanted]


def responses(
    scenario: Scenario, measure: str, numbers: tuple[str, ...], choices: tuple[str, ...], groups: tuple[str, ...]
) -> response.Responses:
    """What some levers would do to the cost or the runway, the numbers over their sliders' ranges."""
    also = tuple((name, _as_loaded_value(name)) for name in numbers)
    return _responses(scenario.digest, measure, numbers, choices, groups, also, scenario)


def lever_range(scenario: Scenario, name: str) -> tuple[float, float]:
    """Range of a number's slider: it always holds the value as loaded, so that its ends stay while it moves."""
    return response.lever_range(scenario, name, _as_loaded_value(name))


def as_loaded(scenario: Scenario) -> Evaluation:
    """The result of the scenario as it was loaded, to set the present one against; the present one if unchanged."""
    loaded = state.loaded()
    return evaluation(scenario if loaded == scenario else loaded)


def field(scenario: Scenario, name: str) -> Field:
    """One input of the scenario with its value, default, range and source."""
    return field_of(scenario, rows_in_use(scenario)[name], _values(scenario.digest, scenario))


def fields(scenario: Scenario) -> Mapping[str, Field]:
    """Every input of the scenario with its value, default, range and source."""
    return _fields(scenario.digest, scenario)


def inputs_used(scenario: Scenario) -> frozenset[str]:
    """Names of the inputs that the scenario's figures come from, whatever the user's own numbers are."""
    return _inputs_used(replace(scenario, inputs={}).digest, scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _inputs_used(digest: str, _scenario: Scenario) -> frozenset[str]:
    return reach.inputs_used(_scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _evaluation(digest: str, _scenario: Scenario) -> Evaluation:
    return evaluate(_scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _findings(digest: str, _scenario: Scenario) -> list[Finding]:
    return feasibility.check(evaluation(_scenario))


@st.cache_resource(max_entries=64, show_spinner=False)
def _platform_curves(digest: str, _scenario: Scenario) -> Curves:
    volumes = curves.volumes_around(evaluation(_scenario).areas.demand.patients_per_year)
    by_platform = curves.platform_curves(_scenario, volumes)
    return Curves(volumes, by_platform, curves.crossovers(volumes, by_platform))


@st.cache_resource(max_entries=64, show_spinner=False)
def _platform_comparison(digest: str, _scenario: Scenario) -> dict[str, Evaluation]:
    return {name: evaluation(other) for name, other in curves.platform_scenarios(_scenario).items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def _tenure_comparison(digest: str, _scenario: Scenario) -> dict[str, Evaluation]:
    return {name: evaluation(other) for name, other in rooms.tenure_scenarios(_scenario).items()}


@st.cache_resource(max_entries=64, show_spinner=False)
def _closing(digest: str, _scenario: Scenario) -> Closing:
    return closing(_scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _alternatives(digest: str, _scenario: Scenario) -> list[Alternative]:
    return alternatives_of(_scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _ways(digest: str, _scenario: Scenario) -> list[vein_to_vein.Way]:
    return vein_to_vein.ways(_scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _waste(digest: str, _scenario: Scenario) -> waste.Waste:
    return waste.waste(_scenario)


@st.cache_resource(max_entries=16, show_spinner=False)
def _outlook(digest: str, milestone: str, _scenario: Scenario) -> strategy.Outlook:
    rates = strategy_axes.rates(float(evaluation(_scenario).areas.demand.patients_per_year))
    return strategy.outlook(_scenario, strategies(_scenario), rates, milestone)


@st.cache_resource(max_entries=32, show_spinner=False)
def _switch_months(digest: str, platform: str, milestone: str, _scenario: Scenario) -> list[strategy.SwitchMonth]:
    return strategy.best_month(_scenario, platform, None, milestone)


@st.cache_resource(max_entries=64, show_spinner=False)
def _input_weights(digest: str, _scenario: Scenario) -> Mapping[str, float]:
    return evidence.input_weights(_scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _input_swings(digest: str, _scenario: Scenario) -> Mapping[str, evidence.Swing]:
    return evidence.input_swings(_scenario)


@st.cache_resource(max_entries=4, show_spinner=False)
def _figures(digest: str, _scenario: Scenario) -> Figures:
    return Figures(_scenario)


@st.cache_resource(max_entries=64, show_spinner=False)
def _ceilings(digest: str, _scenario: Scenario) -> list[ceilings.Ceiling]:
    return ceilings.ceilings(evaluation(_scenario))


@st.cache_resource(max_entries=64, show_spinner=False)
def _purchases(digest: str, _scenario: Scenario) -> list[ceilings.Purchase]:
    return ceilings.purchases(evaluation(_scenario))


@st.cache_resource(max_entries=64, show_spinner=False)
def _steps(digest: str, _scenario: Scenario) -> tuple[purchases.Steps, list[purchases.Mark]]:
    e = evaluation(_scenario)
    found = purchases.steps(e, purchases.volumes_to_twice(float(e.areas.demand.patients_per_year)))
    return found, purchases.marks(found, e.scenario.choices.heads == "fractional")


@st.cache_resource(max_entries=64, show_spinner=False)
def _schedule(digest: str, first_week: int, _scenario: Scenario) -> schedule.Schedule:
    return schedule.schedule(design_of(evaluation(_scenario)), first_week)


@st.cache_resource(max_entries=64, show_spinner=False)
def _responses(
    digest: str,
    measure: str,
    numbers: tuple[str, ...],
    choices: tuple[str, ...],
    groups: tuple[str, ...],
    also: tuple[tuple[str, float], ...],
    _scenario: Scenario,
) -> response.Responses:
    return response.responses(_scenario, numbers, choices, groups, measure, dict(also))


@st.cache_resource(max_entries=64, show_spinner=False)
def _fields(digest: str, _scenario: Scenario) -> Mapping[str, Field]:
    return fields_of(_scenario, _values(digest, _scenario))


def _as_loaded_value(name: str) -> float:
    loaded = state.loaded()
    return _values(loaded.digest, loaded)[name]


@st.cache_resource(max_entries=64, show_spinner=False)
def _values(digest: str, _scenario: Scenario) -> Mapping[str, float]:
    return values_of(_scenario)
