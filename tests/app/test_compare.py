"""The page Compare: figures against the base, bridges that add up, what differs, cash together, and what is kept."""

import json
import re
from collections.abc import Iterator
from itertools import permutations

import altair as alt
import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from dosecost import recipes, scenario, step_library
from dosecost.analysis.bridge import bridge
from dosecost.contract import runway_months
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario
from dosecost_app import comparison_charts, comparison_views, library, state, words
from dosecost_app.comparison_views import Side
from tests.app.running import clean, opened, said, scenario_of, view

SHIPPED = {name: scenario.load(name) for name in scenario.shipped()}
PAIRS = list(permutations(SHIPPED, 2))
FOUNDER = SHIPPED["founder"]
CLOSED = scenario.with_changes(FOUNDER, {"platform": "integrated_closed", "sterility": "pcr"}, "")
MANY = {
    "platform": "robotic",
    "sterility": "pcr",
    "tenure": "build",
    "record": "electronic",
    "testing": "in_house",
    "plate_reading": "in_house",
    "remake": "no",
    "starting_material": "cell_balance",
    "heads": "fractional",
    "lane": "international",
    "vector_supply": "campaign",
    "demand.patients_per_year": 77.0,
    "process.culture_days": 11.0,
    "people.burden": 0.4,
    "steps.selection": "closed",
}
OTHERS = [
    CLOSED,
    scenario.with_changes(FOUNDER, MANY, ""),
    scenario.with_change(FOUNDER, "tenure", "cdmo", ""),
    scenario.with_change(FOUNDER, "plan.opening_cash", 9e9, ""),
    scenario.with_change(FOUNDER, "boundary", "manufacture", ""),
    SHIPPED["investor"],
]
HOSTILE = "![x](http://beacon.example/p.png) <b>x</b> $1$ :red[x] [l](http://b.example)"
TABS = ("Bridge", "What differs", "Cash", "Keep")


def test_sources_and_steps_that_differ_are_told() -> None:
    quote = {"value": 0.4, "low": 0.3, "high": 0.5, "source": "Offer 12", "date": "2026-01-02"}
    step = next(iter(step_library.optional_steps()))
    own = {"quotes.people.burden": quote, "step_edits": {"optional": [step]}}
    found = sides(scenario.load("founder"), scenario.with_changes(scenario.load("founder"), own, "test"))
    table = comparison_views.differences(found)
    assert list(table["Part"]) == ["Step", "People", "Source"]
    assert table[found[1].label].iloc[-1] == "Offer 12"
    assert comparison_views.differences_finding(found, table).startswith("1 step, 1 input and 1 source differ between")


def test_what_a_decision_names_is_told_in_words() -> None:
    assert words.value_label("plan.decisions.to.platform", "semi_auto") == words.option_label("platform", "semi_auto")
    assert words.value_label("plan.decisions.test.sterility", "pcr") == "Rapid PCR"
    assert words.value_label("plan.phases.pre_ind.name", "pcr") == "pcr"


def sides(*scenarios: Scenario) -> list[Side]:
    """Scenarios as the page compares them, the base first."""
    return [Side(f"S{i}", evaluate(s)) for i, s in enumerate(scenarios)]


def figures(base: Scenario, other: Scenario) -> dict[str, tuple[str, str, str]]:
    """The table of headline figures: for each the base, the other and the difference."""
    table = comparison_views.headline(sides(base, other))
    return {row[0]: (row[1], row[2], row[3]) for row in table.itertuples(index=False, name=None)}


# ---- figures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_headline_differences_are_the_models(a: str, b: str) -> None:
    base, other = SHIPPED[a], SHIPPED[b]
    one, two = evaluate(base), evaluate(other)
    found = figures(base, other)
    cost = found["Cost per patient infused"]
    assert cost[0] == words.money(one.cost.per_patient_infused, base.currency)
    assert cost[1] == words.money(two.cost.per_patient_infused, other.currency)
    moved = two.cost.per_patient_infused - one.cost.per_patient_infused
    if base.currency == other.currency:
        share = words.percent(abs(moved) / one.cost.per_patient_infused)
        sign = "−" if moved < 0 else "+"
        assert cost[2] == f"{sign}{words.money(abs(moved), '').strip()} ({sign}{share})"
    else:
        assert cost[2] == found["Capital"][2] == "not defined"
    suites = two.results.plant.suites - one.results.plant.suites
    assert found["Suites"][2] == f"{'−' if suites < 0 else '+'}{words.doses(abs(suites))}" or suites == 0
    assert list(found) == [figure.label for figure in comparison_views.FIGURES]


@pytest.mark.parametrize(
    ("cash", "other_cash", "difference"),
    [(3.5e7, 3.5e7, "same"), (3.5e7, 9e9, "or more"), (9e9, 3.5e7, "or more"), (9e9, 8e9, "both last to the end")],
)
def test_the_difference_of_runways_is_open_where_a_plan_ends_first(
    cash: float, other_cash: float, difference: str
) -> None:
    a, b = (scenario.with_change(FOUNDER, "plan.opening_cash", x, "") for x in (cash, other_cash))
    assert difference in figures(a, b)["Runway"][2]


def test_a_runway_that_is_only_known_in_part_is_not_subtracted_the_wrong_way() -> None:
    short = scenario.with_changes(FOUNDER, {"plan.opening_cash": 9e9, "plan.horizon_months": 12.0}, "")
    assert runway_months(evaluate(short)) is None
    assert "not known" in figures(FOUNDER, short)["Runway"][2]
    assert "not known" in figures(short, FOUNDER)["Runway"][2]


def test_a_contract_has_no_suites_to_subtract() -> None:
    contract = scenario.with_change(FOUNDER, "tenure", "cdmo", "")
    assert figures(FOUNDER, contract)["Suites"][1:] == ("none: contract", "not defined")


def test_the_answer_gives_the_difference_and_its_largest_part() -> None:
    found = sides(FOUNDER, CLOSED)
    bars = bridge(FOUNDER, CLOSED)
    text = comparison_views.answer(found, [bars])
    moved = abs(found[1].e.cost.per_patient_infused - found[0].e.cost.per_patient_infused)
    assert words.money(moved, "USD") in text
    assert "Manufacturing platform" in text
    brief = comparison_views.answer(sides(FOUNDER, CLOSED, SHIPPED["academic"], FOUNDER), [bars, [], []])
    assert "which is other money (EUR of 2026)" in brief
    assert brief.endswith("“S3” costs the same.")


def test_different_costs_counted_are_said() -> None:
    other = scenario.with_change(FOUNDER, "boundary", "manufacture", "")
    assert "“S1” manufacture" in comparison_views.headline_notes(sides(FOUNDER, other))
    assert comparison_views.headline_notes(sides(FOUNDER, CLOSED)) == ""


# ---- bridge ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", OTHERS, ids=range(len(OTHERS)))
@pytest.mark.parametrize("turned", [False, True])
def test_a_bridge_adds_up_exactly_in_chart_and_table(other: Scenario, turned: bool) -> None:
    base, other = (other, FOUNDER) if turned else (FOUNDER, other)
    one, two = sides(base, other)
    bars = bridge(base, other)
    start, end = round(one.e.cost.per_patient_infused), round(two.e.cost.per_patient_infused)
    steps = comparison_views.bridge_steps(one, two, bars)
    assert [steps[0].end, steps[-1].end] == [start, end]
    at = start
    for step in steps[1:-1]:
        assert step.start == at
        at = step.end
    assert at == end
    assert len(steps) <= 2 + comparison_views.NAMED + 1
    assert len({step.label for step in steps}) == len(steps)
    table = comparison_views.bridge_table(one, two, bars)
    assert len(table) == len(bars) + 2
    assert table.iloc[1:-1, 1].sum() == end - start
    assert table.iloc[-2, 2] == end
    assert sum(bar.contribution for bar in bars) == pytest.approx(
        two.e.cost.per_patient_infused - one.e.cost.per_patient_infused, abs=1e-6
    )
    for row, bar in zip(table.iloc[1:-1, 1], bars, strict=True):
        assert row == pytest.approx(bar.contribution, abs=1.0)


def test_the_smaller_parts_of_a_bridge_stand_together() -> None:
    one, two = sides(FOUNDER, OTHERS[1])
    steps = comparison_views.bridge_steps(one, two, bridge(FOUNDER, OTHERS[1]))
    assert re.fullmatch(r"\d+ smaller ones", steps[-2].label)


@given(some.lists(some.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_whole_numbers_add_up_to_the_whole_total(amounts: list[float]) -> None:
    total = round(sum(amounts))
    found = comparison_views.whole(amounts, total)
    assert sum(found) == total
    assert all(abs(a - b) <= 1.5 for a, b in zip(amounts, found, strict=True))


def test_different_money_has_no_bridge_and_says_why() -> None:
    one, two = sides(FOUNDER, SHIPPED["academic"])
    assert comparison_views.bridge(one, two, [], "k") is None
    assert "USD of 2026" in comparison_views.bridge_finding(one, two, [])
    assert "EUR of 2026" in comparison_views.bridge_finding(one, two, [])


def test_a_change_that_moves_no_cost_has_no_bridge_and_says_so() -> None:
    richer = scenario.with_change(FOUNDER, "plan.opening_cash", 9e9, "")
    one, two = sides(FOUNDER, richer)
    bars = bridge(FOUNDER, richer)
    assert comparison_views.bridge(one, two, bars, "k") is None
    assert "nothing that differs moves the cost" in comparison_views.bridge_finding(one, two, bars)


# ---- what differs, cash ---------------------------------------------------------------------------------------


def test_what_differs_stands_side_by_side_with_its_default() -> None:
    own = scenario.with_change(FOUNDER, "people.burden", 0.4, "")
    table = comparison_views.differences(sides(FOUNDER, CLOSED, own)).set_index("What")
    assert list(table.loc["Manufacturing platform"][["S0", "S1", "S2"]]) == [
        words.option_label("platform", name) for name in ("manual_open", "integrated_closed", "manual_open")
    ]
    burden = table[table["Part"] == "People"].iloc[0]
    assert burden["S2"] == "0.4"
    assert burden["S0"] == burden["S1"] != "0.4"
    assert len(table) == 3


def test_an_input_that_one_scenario_sets_shows_the_others_own_default() -> None:
    name = next(
        row.name
        for row in scenario.inputs.load().rows
        if scenario.inputs.load().select("manual_open", "commercial", "clinical", "paper", "lentiviral")[row.name].base
        != scenario.inputs.load().select("robotic", "commercial", "clinical", "paper", "lentiviral")[row.name].base
    )
    robotic = scenario.with_change(FOUNDER, "platform", "robotic", "")
    default = comparison_views.values_of(sides(FOUNDER), [name])[0][name]
    own = scenario.with_change(FOUNDER, name, default * 1.01, "")
    table = comparison_views.differences(sides(FOUNDER, robotic, own))
    cells = table[table["Part"] != "Choice"].iloc[0]
    assert cells["S0"] != cells["S1"]
    assert cells["S0"] != cells["S2"]


def test_amounts_in_different_money_carry_their_own_unit() -> None:
    table = comparison_views.differences(sides(FOUNDER, SHIPPED["academic"])).set_index("What")
    assert table.loc["Cash at the start", "S0"].endswith(" USD")
    assert table.loc["Cash at the start", "S1"].endswith(" EUR")
    assert "EUR of 2026 and USD of 2026" in comparison_views.differences_finding(
        sides(FOUNDER, SHIPPED["academic"]), table
    )


def test_nothing_different_is_said() -> None:
    same = sides(FOUNDER, FOUNDER)
    table = comparison_views.differences(same)
    assert len(table) == 0
    assert comparison_views.differences_finding(same, table).startswith("Nothing differs")


def test_cash_is_drawn_in_one_money_and_says_who_is_not_there() -> None:
    all_of_them = sides(FOUNDER, SHIPPED["academic"], SHIPPED["investor"])
    shown = comparison_views.cash(all_of_them)
    assert set(shown.chart.frame["label"].dropna()) == {"S0", "S2"}
    assert "Not on this axis, which is in USD of 2026: “S1” (EUR of 2026" in shown.finding
    assert words.money(all_of_them[0].e.cash.lowest, "USD") in shown.finding
    balances = shown.chart.frame.query("kind == 'balance' and label == 'S0'")["money"]
    assert list(balances) == [FOUNDER.plan.opening_cash, *(m.closing for m in all_of_them[0].e.cash.months)]


@pytest.mark.parametrize("name", ["waterfall", "cash"])
def test_the_specifications_are_constant_valid_and_not_by_colour_alone(name: str) -> None:
    first = drawn(name, FOUNDER, CLOSED)
    other = drawn(name, FOUNDER, scenario.with_change(CLOSED, "demand.patients_per_year", 55.0, ""))
    assert first.spec is other.spec
    alt.LayerChart.from_dict(first.spec)
    text = json.dumps(first.spec, ensure_ascii=False)
    labels = [str(label) for label in first.frame["text"].dropna()]
    assert not [label for label in labels if len(re.findall(r"\d", label)) > 2 and label in text]
    lines = [layer for layer in first.spec["layer"] if layer["mark"]["type"] == "line"]
    assert all("strokeDash" in layer["encoding"] for layer in lines)
    if name == "waterfall":
        assert all(label[0] in "+−" for label in first.frame.query("kind == 'step'")["text"])


def drawn(name: str, base: Scenario, other: Scenario) -> comparison_charts.Chart:
    """One of the two charts for a pair."""
    one, two = sides(base, other)
    if name == "cash":
        return comparison_views.cash([one, two]).chart
    found = comparison_views.bridge(one, two, bridge(base, other), "k")
    assert found is not None
    return found.chart


def test_labels_are_told_apart() -> None:
    assert comparison_views.distinct(["a", "a", "b" * 90, "a"]) == ["a", "a (2)", "b" * 27 + "…", "a (3)"]
    assert comparison_charts.brief(["As loaded", "Present scenario"]) == ["As loaded", "Present"]
    assert comparison_charts.brief(["Closed, 60 patients", "Closed, 80 patients"]) == [
        "Closed, 60 patients",
        "Closed, 80 patients",
    ]


# ---- the library ----------------------------------------------------------------------------------------------


@pytest.fixture
def session() -> Iterator[None]:
    clean()
    yield
    st.session_state.clear()


def message() -> str:
    """What the last action said."""
    found = state.message()
    return found.text if found else ""


@pytest.mark.usefixtures("session")
def test_the_present_scenario_is_kept_under_its_new_name() -> None:
    before = state.current()
    assert library.keep("  closed plan ")
    assert library.names() == ["closed plan"]
    assert library.get("closed plan") == scenario.with_change(before, "name", "closed plan", "")
    assert state.current() is before
    state.change("platform", "robotic")
    assert library.get("closed plan").choices.platform == "manual_open"


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\nb", "a\u202eb", "a\u200bb"])
def test_a_name_that_cannot_be_read_is_refused(name: str) -> None:
    assert not library.keep(name)
    assert library.names() == []
    assert message().startswith("Name: ")


@pytest.mark.usefixtures("session")
def test_a_name_in_use_is_replaced_only_when_told_to() -> None:
    library.keep("a")
    state.change("platform", "robotic")
    assert not library.keep("a")
    assert "kept already" in message()
    assert library.get("a").choices.platform == "manual_open"
    assert library.keep("a", replace=True)
    assert library.get("a").choices.platform == "robotic"
    assert library.names() == ["a"]


@pytest.mark.usefixtures("session")
def test_at_most_twelve_are_kept() -> None:
    for i in range(library.MOST):
        assert library.keep(f"n{i}")
    assert not library.keep("one more")
    assert "12 scenarios are kept" in message()
    assert library.keep("n3", replace=True)
    library.forget("n0")
    assert library.keep("one more")
    assert len(library.names()) == library.MOST


@pytest.mark.usefixtures("session")
def test_taking_a_kept_scenario_can_be_undone() -> None:
    state.change("platform", "robotic")
    library.keep("robots")
    state.load_shipped("academic")
    before = state.current()
    library.take("robots")
    assert state.current() == library.get("robots")
    assert state.current().digest == library.get("robots").digest
    state.undo()
    assert state.current() == before
    library.take("nobody")
    assert "no scenario is kept" in message()
    assert state.current() == before


# ---- the page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.parametrize("tab", TABS)
def test_every_shipped_pair_is_drawn(a: str, b: str, tab: str) -> None:
    wanted = {"base": f"shipped:{a}", "others": [f"shipped:{b}"]}
    at = opened(None, "compare", compared=wanted, compare_tabs=tab)
    assert not at.exception
    assert not at.error
    assert view(at.selectbox, "w_compare.slot0").value == wanted["base"]
    assert view(at.selectbox, "w_compare.slot1").value == wanted["others"][0]
    shown = at.dataframe[0].value
    assert shown.iloc[0, 1] == words.money(evaluate(SHIPPED[a]).cost.per_patient_infused, SHIPPED[a].currency)
    assert shown.iloc[0, 2] == words.money(evaluate(SHIPPED[b]).cost.per_patient_infused, SHIPPED[b].currency)


def test_the_base_is_the_scenario_as_loaded_once_something_is_changed() -> None:
    at = opened(page="compare")
    assert view(at.selectbox, "w_compare.slot0").value == "present"
    assert view(at.selectbox, "w_compare.slot1").value == "shipped:investor"
    view(at.selectbox, "w_platform").set_value("robotic").run()
    assert view(at.selectbox, "w_compare.slot0").value == "loaded"
    assert view(at.selectbox, "w_compare.slot1").value == "present"
    assert scenario_of(at).choices.platform == "robotic"


def test_up_to_three_are_chosen_and_given_up_again() -> None:
    at = opened(page="compare")
    before = scenario_of(at)
    view(at.selectbox, "w_compare.slot2").set_value("shipped:academic").run()
    view(at.selectbox, "w_compare.slot3").set_value("shipped:founder").run()
    assert len(at.dataframe[0].value.columns) == 8
    view(at.selectbox, "w_compare.slot2").set_value("").run()
    assert view(at.selectbox, "w_compare.slot2").value == "shipped:founder"
    assert view(at.selectbox, "w_compare.slot3").value == ""
    view(at.selectbox, "w_compare.slot0").set_value("shipped:investor").run()
    assert view(at.selectbox, "w_compare.slot1").value == "shipped:founder"
    assert not at.exception
    assert scenario_of(at) == before


@pytest.mark.parametrize("tab", TABS)
def test_names_from_others_are_inert(tab: str) -> None:
    name = HOSTILE[: scenario.NAME_LENGTH]
    at = opened(page="compare", compare_tabs="Keep")
    at.text_input(key="keep_name_0").set_value(name).run()
    at.button(key="keep").click().run()
    assert at.session_state["library"][name].name == name
    wanted = {"base": f"kept:{name}", "others": ["shipped:investor", "shipped:academic"]}
    at = opened(None, "compare", library=dict(at.session_state["library"]), compared=wanted, compare_tabs=tab)
    assert not at.exception
    shown = [*at.markdown, *at.caption, *at.error, *at.info, *at.warning, *at.title, *at.subheader]
    assert not [e.value for e in shown if "](" in e.value or "<b>" in e.value or ":red[" in e.value]
    labels = [w.label for w in (*at.selectbox, *at.button, *at.toggle, *at.text_input)]
    assert not [label for label in labels if "](" in label or "<b>" in label]


def test_a_scenario_is_kept_replaced_taken_and_forgotten_on_the_page() -> None:
    at = opened(page="compare", compare_tabs="Keep")
    view(at.selectbox, "w_platform").set_value("robotic").run()
    at.text_input(key="keep_name_0").set_value("robots").run()
    at.button(key="keep").click().run()
    assert "Kept “robots”" in said(at)
    view(at.selectbox, "w_platform").set_value("semi_auto").run()
    at.text_input(key="keep_name_1").set_value("robots").run()
    assert at.button(key="keep").label == "Replace"
    at.text_input(key="keep_name_1").set_value("").run()
    at.button(key="take_0").click().run()
    assert scenario_of(at).name == "robots"
    assert scenario_of(at).choices.platform == "robotic"
    next(b for b in at.button if b.label == "Undo").click().run()
    assert scenario_of(at).choices.platform == "semi_auto"
    at.button(key="forget_0").click().run()
    assert at.session_state["library"] == {}
    assert not at.exception


@pytest.mark.parametrize("platform", recipes.load())
def test_every_platform_has_a_bridge_from_every_other(platform: str) -> None:
    base = scenario.with_change(FOUNDER, "platform", platform, "")
    for other in recipes.load():
        if other != platform:
            two = scenario.with_changes(OTHERS[1], {"platform": other}, "")
            one_side, two_side = sides(base, two)
            steps = comparison_views.bridge_steps(one_side, two_side, bridge(base, two))
            assert steps[-2].end == steps[-1].end
