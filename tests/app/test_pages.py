"""Every page with every shipped scenario on every platform: it draws, and drawing alters nothing."""

import ast
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from dosecost import inputs, recipes, scenario
from dosecost.scenario import Scenario
from tests.app.running import FOLDER, PAGES, ROOT, opened, said, scenario_of, view

PATIENTS = "demand.patients_per_year"
STEPS = [step.id for step in recipes.load()["robotic"].steps if step.group != "room"]
OURS = [*(ROOT / "src" / "dosecost_app").glob("*.py"), *(ROOT / FOLDER).glob("*.py"), ROOT / "app.py"]


def on_platform(name: str, platform: str) -> Scenario:
    return scenario.with_change(scenario.load(name), "platform", platform, "")


@pytest.mark.parametrize("platform", recipes.load())
@pytest.mark.parametrize("name", scenario.shipped())
@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_and_alters_nothing(page: str, name: str, platform: str) -> None:
    given_scenario = on_platform(name, platform)
    for mode in ("Simple", "Expert"):
        at = opened(given_scenario, page, mode=mode)
        assert not at.exception
        assert not at.error
        assert len(at.title) == 1
        assert scenario_of(at).digest == given_scenario.digest
        assert scenario_of(at) == given_scenario


EXTREMES = {
    "demand.patients_per_year": 9_999.0,
    "capacity.devices_installed": 9_999.0,
    "process.culture_days": 29.5,
    "people.burden": 0.123456,
    "facility.rent": 1_234_567.890123,
}


@pytest.mark.parametrize("page", PAGES)
def test_values_outside_the_sliders_and_with_many_digits_stay(page: str) -> None:
    odd = scenario.with_changes(scenario.load("founder"), EXTREMES, "")
    at = opened(odd, page, own_only=True)
    assert not at.exception
    at.run()
    assert scenario_of(at).digest == odd.digest


def within(name: str) -> some.SearchStrategy[float]:
    """Values of an input from its row's low to its high, and a little beyond where its bounds allow."""
    bounds = inputs.bounds_of(name)
    assert bounds is not None
    row = next(row for row in inputs.load().rows if row.name == name)
    return some.floats(max(bounds.at_least, row.low / 2), min(bounds.at_most, row.high * 2))


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(some.data())
def test_any_scenario_is_drawn_as_it_is(data: some.DataObject) -> None:
    names = data.draw(some.lists(some.sampled_from(inputs.load().names()), max_size=12, unique=True))
    made = scenario.load(data.draw(some.sampled_from(scenario.shipped())))
    for name in names:
        made = scenario.with_change(made, name, data.draw(within(name)), "")
    for name in scenario.CHOICE_NAMES:
        made = scenario.with_change(made, name, data.draw(some.sampled_from(scenario.options(name))), "")
    for step in STEPS:
        made = scenario.with_change(made, f"steps.{step}", data.draw(some.sampled_from(recipes.STEP_CHOICES)), "")
    for page in PAGES:
        at = opened(made, page, mode="Expert", own_only=True)
        assert not at.exception
        assert scenario_of(at).digest == made.digest


def test_a_change_goes_along_to_the_other_pages() -> None:
    at = opened()
    view(at.slider, f"w_{PATIENTS}").set_value(60.0).run()
    changed = scenario_of(at)
    for page in (*PAGES[1:], PAGES[0]):
        at.switch_page(f"{FOLDER}/{page}.py").run()
        assert not at.exception
        assert scenario_of(at) == changed
        assert view(at.slider, f"w_{PATIENTS}").value == 60.0


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_last_refusal_once(page: str) -> None:
    at = opened(page=page)
    view(at.number_input, f"w_{PATIENTS}.number").set_value(-1.0).run()
    assert len(at.error) == 1
    assert "Patients per year" in said(at)


@pytest.mark.parametrize("page", PAGES[1:])
def test_every_page_with_figures_says_what_speaks_against_the_scenario(page: str) -> None:
    impossible = scenario.with_changes(scenario.load("founder"), {"apheresis": "fresh", "lane": "international"}, "")
    at = opened(impossible, page)
    remarks = next(e for e in at.expander if e.label.startswith("Is this possible?"))
    assert any("Cannot be" in line.value for line in remarks.markdown)


MARKUP = ("levers.py", "printing.py", "navigation.py")
HOSTILE = "![x](http://beacon.example/p.png) <b>x</b> $1$ :red[x] [l](http://beacon.example)"


@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_name_is_nowhere_markdown(page: str) -> None:
    text = scenario.dump(scenario.load("founder"))
    named = scenario.load("founder")
    named = scenario.with_change(named, "description", HOSTILE, "")
    named = scenario.with_change(named, "name", HOSTILE[:80], "")
    named = scenario.with_change(named, "plan.phases.phase_1.name", HOSTILE[:80], "")
    assert text != scenario.dump(named)
    at = opened(named, page)
    assert not at.exception
    shown = [*at.markdown, *at.caption, *at.error, *at.info, *at.warning, *at.title, *at.subheader]
    assert not [e.value for e in shown if "](" in e.value or "<b>" in e.value or ":red[" in e.value]
    labels = [w.label for w in (*at.selectbox, *at.slider, *at.number_input, *at.button, *at.expander, *at.metric)]
    assert not [label for label in labels if "](" in label]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_the_source_holds_no_markup_and_no_state_of_its_own(path: Path) -> None:
    """No HTML into the page but the escaped drawings below the levers and two constant styles, and nothing that two
    sessions would share and could change."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not (isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html")
        assert not (isinstance(node, ast.Attribute) and node.attr == "html" and path.name not in MARKUP)
        assert not isinstance(node, ast.Global)


def test_only_the_app_imports_streamlit() -> None:
    for path in (ROOT / "src" / "dosecost").rglob("*.py"):
        assert "streamlit" not in path.read_text(encoding="utf-8"), path
