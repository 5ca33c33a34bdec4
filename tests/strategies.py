"""Random scenarios: any choices, any open and closed steps, own numbers inside their sourced ranges."""

from dataclasses import fields

from hypothesis import strategies as st

from dosecost import inputs, recipes, scenario
from dosecost.evaluation import rows_in_use
from dosecost.scenario import Choices, Scenario

BASES = {name: scenario.load(name) for name in scenario.shipped()}
STEP_IDS = [step.id for step in recipes.load()["manual_open"].steps if step.group != "room"]
SELECTORS = ("platform", *inputs.SELECTORS)


@st.composite
def choices(draw: st.DrawFn, **fixed: str) -> dict[str, str]:
    """Any option of every choice, but for the fixed ones."""
    return {f.name: fixed.get(f.name) or draw(st.sampled_from(scenario.options(f.name))) for f in fields(Choices)}


@st.composite
def scenarios(draw: st.DrawFn, **fixed: str) -> Scenario:
    """A shipped scenario with random choices, exposures and up to six own numbers inside low to high."""
    base = BASES[draw(st.sampled_from(sorted(BASES)))]
    changed: dict[str, object] = dict(draw(choices(**fixed)))
    exposures = draw(
        st.dictionaries(st.sampled_from(STEP_IDS), st.sampled_from(recipes.STEP_CHOICES), max_size=4),
    )
    changed |= {f"steps.{step}": exposure for step, exposure in exposures.items()}
    changed["demand.patients_per_year"] = draw(st.floats(1, 1_500))
    built = scenario.with_changes(base, changed, "test")
    rows = rows_in_use(built)
    for name in draw(st.lists(st.sampled_from(sorted(rows)), max_size=6, unique=True)):
        if name != "demand.patients_per_year":
            value = draw(st.floats(rows[name].low, rows[name].high))
            built = scenario.with_change(built, name, value, "test")
    return built
