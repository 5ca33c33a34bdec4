"""Why a figure is what it is, asked from every page: the menus, the dialog, the way deeper and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dosecost import recipes, scenario
from dosecost.analysis.ceilings import ceilings
from dosecost.analysis.evidence import input_weights
from dosecost.evaluation import Evaluation, evaluate, rows_in_use
from dosecost.explain import Figures
from dosecost.scenario import Scenario, with_changes
from dosecost_app import ask, capacity_views, cleanroom_views, evidence_views, patients_views, results, views, whys
from tests.app.running import opened
from tests.test_traced_run import PLAN

FOUNDER = scenario.load("founder")
MOST_MORE = 3
"""Elements that a closed why may add to a page."""
SCENARIOS: dict[str, Scenario] = {
    f"{name}-{platform}": with_changes(scenario.load(name), {"platform": platform}, "test")
    for name in scenario.shipped()
    for platform in recipes.load()
} | {
    "contract": with_changes(FOUNDER, {"tenure": "cdmo"}, "test"),
    "host": with_changes(FOUNDER, {"tenure": "host_hospital", "remake": "no"}, "test"),
    "manufacture only": with_changes(FOUNDER, {"boundary": "manufacture"}, "test"),
    "decisions": with_changes(scenario.load("investor"), PLAN, "test"),
}


def asked_for(e: Evaluation) -> Iterator[tuple[str, str]]:
    """Every figure that some menu, metric or row of a table offers."""
    own = e.scenario.choices.tenure != "cdmo"
    known = ceilings(e) if own else []
    menus: list[Any] = [
        *(
            one(e)
            for one in (whys.categories, whys.steps, whys.plant, whys.heads, whys.plates, whys.asked, whys.failure)
        ),
        *(
            one(e)
            for one in (whys.points, whys.running, whys.samples, whys.idle, whys.materials, whys.milestones, whys.flows)
        ),
        *(whys.of_steps(e, figure) for figure in ("hours", "entries")),
        *(whys.WAITS, whys.SECOND, whys.RETURNS, whys.cells(), whys.funnel(), whys.spent(), whys.changes(e)),
        whys.ceilings(e, known),
        whys.FACTS if own else {},
    ]
    for menu in menus:
        yield from menu.items()
    rows = [whys.ledger_lines(e), whys.bill(e), whys.months(e, "closing"), whys.months(e, "outflow")]
    yield from ((name, name) for names in rows for name in names)
    figures = [*views.cost_figures(e, e), *views.cash_figures(e, e), *patients_views.figures(e, e)]
    figures += cleanroom_views.figures(e, e) + (capacity_views.figures(e, e, known) if own else [])
    yield from ((figure.label, figure.why) for figure in figures if figure.why)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_figure_that_is_offered_is_explained(name: str) -> None:
    figures, e = Figures(SCENARIOS[name]), evaluate(SCENARIOS[name])
    offered = list(asked_for(e))
    assert len(offered) > 300
    assert {label: name for label, name in offered if name not in figures} == {}


def test_what_a_metric_shows_is_the_figure_that_explains_it() -> None:
    e, figures = evaluate(FOUNDER), Figures(FOUNDER)
    assert views.words.percent(figures.explain("journey.lots_lost").value) == patients_views.figures(e, e)[1].value
    kept = cleanroom_views.figures(e, e)
    currency = FOUNDER.currency
    assert views.words.money(figures.explain(kept[1].why).value, currency) == kept[1].value
    assert views.words.percent(figures.explain(kept[3].why).value) == kept[3].value
    asked = capacity_views.figures(e, e, ceilings(e))[2]
    assert views.words.doses(figures.explain(asked.why).value) == asked.value


def menu(at: AppTest, key: str) -> Any:
    return next(one for one in at.menu_button if one.key == key)


def said(at: AppTest) -> str:
    return " ".join(one.value for one in [*at.header, *at.subheader, *at.markdown]).replace("\\", "")


def test_the_headline_opens_the_dialog() -> None:
    at = opened(FOUNDER)
    menu(at, "figures_why").click("Cost per patient infused").run()
    assert not at.exception
    assert "[cost.annual_total] ÷ [funnel.patients_infused]" in at.code[0].value
    assert "In words: cost a year divided by patients infused." in said(at)


def open_dialog(name: str, among: dict[str, str]) -> None:
    """The dialog alone: under AppTest a click inside it runs the whole script, not the dialog only."""
    from dosecost.scenario import with_changes
    from dosecost_app import ask, state, why

    state.start()
    scenarios = {
        label: with_changes(state.current(), {"platform": platform}, "test") for label, platform in among.items()
    }
    why._dialog(ask.Question(name, scenarios))


def test_two_steps_down_to_an_input_and_back() -> None:
    at = AppTest.from_function(open_dialog, args=("cost.per_patient_infused", {}), default_timeout=60).run()
    at.button(key="why_dialog_to_funnel.patients_infused").click().run()
    at.button(key="why_dialog_to_losses.shipment_loss").click().run()
    assert not at.exception
    assert not at.code
    assert "An input:" in said(at)
    assert "Evidence grade" in said(at)
    assert "Source:" in said(at)
    at.button(key="why_dialog_back_0").click().run()
    assert "[cost.annual_total]" in at.code[0].value


def test_of_several_scenarios_one_is_chosen() -> None:
    among = {"Manual": "manual_open", "Closed": "integrated_closed"}
    at = AppTest.from_function(open_dialog, args=("invested", among), default_timeout=60).run()
    assert shown("manual_open") in said(at)
    at.button_group(key="why_among").select("Closed").run()
    assert not at.exception
    assert shown("integrated_closed") in said(at)


def shown(platform: str) -> str:
    figures = Figures(with_changes(FOUNDER, {"platform": platform}, "test"))
    return views.words.exact(figures.explain("invested").value)


@pytest.mark.parametrize(
    ("page", "tabs", "key"),
    [
        ("dose_cost", {"dose_cost_tabs": "Why"}, "categories_why"),
        ("dose_cost", {"dose_cost_tabs": "Why"}, "steps_why"),
        ("dose_cost", {"dose_cost_tabs": "Platforms"}, "platform_facts_why"),
        ("dose_cost", {"dose_cost_tabs": "People and plant"}, "heads_why"),
        ("patients", {"patients_tabs": "Funnel"}, "funnel_why"),
        ("patients", {"patients_tabs": "Cost of failure"}, "failure_why"),
        ("cleanroom", {"cleanroom_tabs": "Sampling plan"}, "sampling_plan_why"),
        ("cleanroom", {"cleanroom_tabs": "Whose rooms"}, "side_by_side_why"),
        ("capacity", {"capacity_tabs": "What limits"}, "limits_why"),
        ("process", {"process_tabs": "Cells"}, "cells_why"),
        ("runway", {}, "figures_why"),
        ("runway", {"runway_tabs": "Money in and out"}, "returns_why"),
        ("compare", {}, "compare_why"),
        ("plan", {}, "plan_phases_why"),
        ("evidence", {"evidence_tabs": "What the cost rests on"}, "heaviest_why"),
    ],
)
def test_the_menus_of_the_pages_open_the_dialog(page: str, tabs: dict[str, str], key: str) -> None:
    at = opened(FOUNDER, page, **tabs)
    assert not at.header
    one = menu(at, key)
    one.click_index(0).run()
    assert not at.exception
    assert len(at.header) == 1


@pytest.mark.parametrize("page", ["dose_cost", "process", "cleanroom", "patients", "capacity", "runway", "plan"])
def test_a_page_explains_nothing_until_it_is_asked(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Figures:
        raise AssertionError("a page that is not asked why traces the model")

    monkeypatch.setattr(results, "figures", never)
    at = opened(FOUNDER, page)
    assert not at.exception
    assert 0 < len(at.menu_button) <= MOST_MORE


def test_a_question_about_a_figure_that_is_not_there_says_so() -> None:
    at = opened(FOUNDER, why_asked=ask.Question("plant.nothing", {}))
    assert not at.exception
    assert "no such figure" in said(at)


def test_the_heaviest_inputs_are_offered_by_their_names() -> None:
    rows = rows_in_use(FOUNDER)
    offered = whys.heaviest(evidence_views.weights(rows, input_weights(FOUNDER), FOUNDER.inputs))
    assert len(offered) == evidence_views.MOST
    assert {name: rows[name].label for name in offered.values()} == {name: label for label, name in offered.items()}
