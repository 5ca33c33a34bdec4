"""The page Evidence: published studies, weights that add up, quotes kept and refused by field."""

import datetime
from typing import Any

import pytest

from dosecost import scenario
from dosecost.analysis import cases
from dosecost.analysis.evidence import grade_shares, input_swings, input_weights
from dosecost.evaluation import evaluate, rows_in_use
from dosecost_app import evidence_views, results, words
from tests.app.running import opened, said

FOUNDER = scenario.load("founder")
NAME = "materials.vector_dose_price"
TABS = ("Why this number", "Published studies", "What the cost rests on", "Your quotes", "Limits")
TODAY = datetime.datetime.now(tz=datetime.UTC).date()
QUOTED = TODAY - datetime.timedelta(days=30)
FOUND = [one for case in cases.load().values() for one in cases.replay(case)]


@pytest.mark.parametrize("name", scenario.shipped())
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_every_scenario(name: str, tab: str) -> None:
    at = opened(scenario.load(name), "evidence", evidence_tabs=tab)
    assert not at.exception


def test_why_goes_down_to_an_input_and_back() -> None:
    at = opened(FOUNDER, "evidence", evidence_tabs="Why this number")
    assert "[cost.annual_total] ÷ [funnel.patients_infused]" in at.code[0].value
    at.button(key="why_page_to_funnel.patients_infused").click().run()
    assert "[losses.shipment_loss]" in at.code[0].value
    at.button(key="why_page_to_losses.shipment_loss").click().run()
    assert not at.exception
    assert not at.code
    assert any("An input" in markdown.value for markdown in at.markdown)
    at.button(key="why_page_back_0").click().run()
    assert "[cost.annual_total]" in at.code[0].value
    at.selectbox(key="why_figure").select("heads.total").run()
    assert not at.exception
    assert any(subheader.value == "People" for subheader in at.subheader)


def test_the_studies_are_all_in_the_table_and_the_outsiders_are_named() -> None:
    view = evidence_views.against_print(FOUND)
    assert len(view.table) == len(FOUND)
    outside = view.table[view.table["Verdict"] == "outside its band"]
    assert (outside["If outside, why"].str.len() > 0).all()
    assert all(f"{label}”" in view.finding for label in outside["Result"])
    frame = view.chart.frame
    assert (frame["kind"] == "outside").sum() == len(outside)
    assert frame["label"].is_unique
    assert (frame["low"] <= frame["high"]).all()


@pytest.mark.parametrize("name", scenario.shipped())
def test_the_shares_add_up_and_the_heaviest_come_first(name: str) -> None:
    s = scenario.load(name)
    shares = input_weights(s)
    by_grade = grade_shares(s)
    assert sum(by_grade.values()) == pytest.approx(1)
    heavy = evidence_views.weights(rows_in_use(s), shares, s.inputs)
    assert [weight.share for weight in heavy] == sorted((weight.share for weight in heavy), reverse=True)
    assert sum(weight.share for weight in heavy) == pytest.approx(1)
    assert f"the most “{heavy[0].row.label}”" in evidence_views.heaviest(heavy, results.fields(s)).finding
    view = evidence_views.coverage(evaluate(s), by_grade)
    assert view.table["Share of the cost's response (%)"].sum() == pytest.approx(100, abs=0.6)
    assert f"make {words.percent(by_grade['C'] + by_grade['D'])} of the response" in view.finding
    for grade in "ABCD":
        assert f"({grade})" in evidence_views.coverage_finding(by_grade)
        assert words.percent(by_grade[grade]) in evidence_views.coverage_finding(by_grade)


@pytest.mark.parametrize("name", scenario.shipped())
def test_what_to_find_out_is_ranked_by_what_the_range_moves(name: str) -> None:
    s = scenario.load(name)
    fields, swings = results.fields(s), input_swings(s)
    rows = rows_in_use(s)
    view = evidence_views.find_out(evidence_views.doubts(rows, swings, s.inputs), swings, fields, s.currency)
    assert view is not None
    weak = [name for name in swings if rows[name].grade in ("C", "D") and name not in s.inputs]
    first = max(weak, key=lambda name: swings[name].span)
    assert f"most in doubt is “{rows[first].label}”" in view.finding
    assert words.money(swings[first].span, s.currency) in view.finding
    assert list(view.chart.frame["amount"]) == sorted(view.chart.frame["amount"], reverse=True)


def test_a_scale_factor_without_a_range_is_said_to_be_fixed_and_is_nothing_to_find_out() -> None:
    fields, swings = results.fields(FOUNDER), input_swings(FOUNDER)
    heavy = evidence_views.weights(rows_in_use(FOUNDER), input_weights(FOUNDER), FOUNDER.inputs)
    rests = evidence_views.heaviest(heavy, fields)
    assert "“Salaries against industry” is a scale factor fixed by definition" in rests.finding
    noted = rests.chart.frame.set_index("label")["text"]
    assert noted["Salaries against industry"].endswith("D, fixed")
    asked = evidence_views.find_out(evidence_views.doubts(rows_in_use(FOUNDER), swings, {}), swings, fields, "USD")
    assert asked is not None
    assert "Salaries against industry" not in set(asked.table["Input"])


@pytest.mark.parametrize("page", ["dose_cost", "process", "cleanroom", "runway"])
def test_the_evidence_stands_beside_the_headline(page: str) -> None:
    at = opened(FOUNDER, page)
    assert any(caption.value.startswith("Evidence behind the cost") for caption in at.caption)


def keep(**changed: Any) -> Any:
    """The form filled in for the vector's price and sent."""
    at = opened(FOUNDER, "evidence", evidence_tabs="Your quotes")
    at.selectbox(key="quote_input").select(NAME).run()
    given = {"value": 15_000.0, "low": 14_000.0, "high": 18_000.0} | changed
    for key in ("value", "low", "high"):
        at.number_input(key=f"quote_{key}_{NAME}").set_value(given[key])
    at.text_input(key=f"quote_source_{NAME}").input(given.get("source", "Offer of a supplier"))
    at.date_input(key=f"quote_date_{NAME}").set_value(given.get("date", QUOTED))
    return next(button for button in at.button if button.label == "Keep this quote").click().run()


def test_a_quote_is_kept_and_taken_back() -> None:
    at = keep()
    assert not at.exception
    held = at.session_state["scenario"]
    assert held.inputs[NAME] == 15_000.0
    assert (held.quotes[NAME].source, held.quotes[NAME].date) == ("Offer of a supplier", QUOTED.isoformat())
    assert any(caption.value.startswith("1 changed since loading") for caption in at.caption)
    assert any(markdown.value == "1 of your 1 own number has a source\\." for markdown in at.markdown)
    next(button for button in at.button if button.label.startswith("Take back")).click().run()
    assert at.session_state["scenario"] == FOUNDER


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"source": ""}, "needs a source"),
        ({"low": 16_000.0}, "does not lie in"),
        ({"high": 10_000.0}, "does not lie in"),
        ({"low": -5.0}, "low: -5.0 is out of range; allowed are 0 to 1000000000000 USD/dose"),
        ({"date": TODAY + datetime.timedelta(days=2)}, "has not come yet"),
    ],
)
def test_a_quote_that_cannot_be_is_refused_and_nothing_changes(changed: dict[str, Any], why: str) -> None:
    at = keep(**changed)
    assert why in said(at)
    assert at.session_state["scenario"] == FOUNDER


@pytest.mark.parametrize("name", scenario.shipped())
def test_what_came_with_an_example_is_not_called_the_reader_s_own(name: str) -> None:
    s = scenario.load(name)
    assert evidence_views.quote_finding(evaluate(s), s.inputs) == "No number is your own yet."
    changed = scenario.with_change(s, NAME, 15_000.0, "test")
    assert evidence_views.quote_finding(evaluate(changed), s.inputs) == "0 of your 1 own number have a source."
    assert "0.0 %" not in evidence_views.coverage_finding(grade_shares(s))


def test_no_share_is_written_with_twelve_zeros() -> None:
    assert evidence_views.part(5e-15) == "less than 0.1 %"
    assert evidence_views.part(0.0) == "0 %"
    assert evidence_views.part(0.0012) == "0.1 %"
    at = opened(FOUNDER, "inputs", search="euro")
    told = [caption.value for caption in at.caption if "of what moves the cost" in caption.value]
    assert not any("0.00" in text for text in told)


def test_inputs_can_be_ordered_by_what_matters_and_picked_by_grade() -> None:
    at = opened(FOUNDER, "inputs", heaviest=True, grade="D")
    shares = input_weights(FOUNDER)
    rows = rows_in_use(FOUNDER)
    first = max((name for name in shares if rows[name].grade == "D"), key=lambda name: shares[name])
    shown = [box.label for box in at.number_input if box.key.startswith("w_page.")]
    assert shown[0].startswith(rows[first].label)
    assert not any("Evidence grade A" in caption.value for caption in at.caption)
