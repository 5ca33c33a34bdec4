"""What a lever says it moved, and what it would do: the model's own figures."""

import re
from html import unescape
from typing import Any

import pytest

from dosecost import recipes, scenario
from dosecost.analysis import response
from dosecost.contract import runway_months
from dosecost.evaluation import evaluate
from dosecost_app import levers, words
from tests.app.running import opened, scenario_of, view

FOUNDER, INVESTOR = scenario.load("founder"), scenario.load("investor")
PATIENTS = "demand.patients_per_year"
SLIDER = f"w_{PATIENTS}"
SPACE = "\N{NO-BREAK SPACE}"


def captions(at: Any) -> list[str]:
    """The captions of the sidebar as plain text."""
    return [c.value.replace("\\", "").replace(SPACE, " ") for c in at.sidebar.caption]


def below(at: Any) -> list[str]:
    """What stands below the levers, as HTML."""
    return [element.proto.body.replace(SPACE, " ") for element in at.sidebar.get("html")]


def effects(at: Any) -> list[str]:
    """What a change moved, as said below its lever."""
    return [unescape(text) for html in below(at) for text in re.findall("<div><b>(.*?)</b></div>", html)]


def alts(at: Any) -> list[str]:
    """What the drawings of the sidebar say."""
    return [unescape(text) for html in below(at) for text in re.findall('<img alt="(.*?)"', html)]


def test_a_change_says_the_model_s_difference_under_its_lever() -> None:
    at = opened(FOUNDER)
    assert effects(at) == []
    view(at.slider, SLIDER).set_value(60.0).run()
    now, before = evaluate(scenario.with_change(FOUNDER, PATIENTS, 60.0, "")), evaluate(FOUNDER)
    lower = before.cost.per_patient_infused - now.cost.per_patient_infused
    months = (runway_months(now) or 0) - (runway_months(before) or 0)
    sign = "−" if months < 0 else "+"
    expected = f"−{words.money(lower, 'USD')} per patient, {sign}{words.months(abs(months))}"
    assert effects(at) == [expected]
    assert any(text.endswith(f"vs as loaded: {expected}") for text in captions(at))


def test_the_next_change_is_set_against_the_value_before_it() -> None:
    at = opened(FOUNDER)
    view(at.slider, SLIDER).set_value(60.0).run()
    view(at.selectbox, "w_platform").set_value("integrated_closed").run()
    first = scenario.with_change(FOUNDER, PATIENTS, 60.0, "")
    second = scenario.with_change(first, "platform", "integrated_closed", "")
    assert effects(at) == [levers.effect(evaluate(second), evaluate(first))]
    against_loaded = levers.effect(evaluate(second), evaluate(FOUNDER))
    assert any(text.endswith(f"vs as loaded: {against_loaded}") for text in captions(at))


@pytest.mark.parametrize("way_back", ["Undo", "Reset"])
def test_a_way_back_takes_the_effect_away(way_back: str) -> None:
    at = opened(FOUNDER)
    view(at.slider, SLIDER).set_value(60.0).run()
    next(button for button in at.button if button.label == way_back).click().run()
    assert effects(at) == []
    assert not any("vs as loaded" in text for text in captions(at))


def test_another_scenario_takes_the_effect_away() -> None:
    at = opened()
    view(at.slider, SLIDER).set_value(60.0).run()
    view(at.selectbox, "w_scenario").set_value("investor").run()
    assert effects(at) == []


def test_a_group_of_steps_says_its_effect_too() -> None:
    at = opened(FOUNDER)
    view(at.button_group, "w_group.culture").set_value("closed").run()
    assert len(effects(at)) == 1


def test_nothing_moved_is_said() -> None:
    assert levers.effect(evaluate(FOUNDER), evaluate(FOUNDER)) == "same cost, same runway"


def test_every_main_lever_tells_its_response_with_the_present_value() -> None:
    at = opened(FOUNDER)
    told = alts(at)
    assert len(told) == len(levers.NUMBERS) + len(levers.CHOICES) + len(levers.GROUPS)
    cost = words.money(evaluate(FOUNDER).cost.per_patient_infused, "USD")
    patients = next(alt for alt in told if alt.startswith("Patients per year: "))
    assert patients.startswith(f"Patients per year: now 40, cost per patient infused {cost}.")
    platform = next(alt for alt in told if "manufacturing platform" in alt)
    assert f"now Manual, {cost};" in platform
    for option in response.option_responses(FOUNDER, "platform"):
        assert words.money(option.result or 0, "USD") in platform


def test_the_strip_s_caption_holds_every_option_and_marks_the_present_one() -> None:
    at = opened(FOUNDER)
    caption = next(html for html in below(at) if "Robotic" in html).partition("svg%3E")[2]
    for option in response.option_responses(FOUNDER, "platform"):
        assert f"{words.money(option.result or 0, '').strip()} " in caption
    assert "<b>Manual</b>" in caption
    assert caption.count("<b>") == 1


def test_the_runway_can_be_shown_and_nothing_too() -> None:
    at = opened(FOUNDER, response="Runway")
    lasts = f"month {runway_months(evaluate(FOUNDER))}"
    assert any(alt.startswith(f"Patients per year: now 40, runway {lasts}.") for alt in alts(at))
    assert alts(opened(FOUNDER, response="Off")) == []


def test_money_that_lasts_is_said() -> None:
    told = alts(opened(INVESTOR, response="Runway"))
    patients = next(alt for alt in told if alt.startswith("Patients per year: "))
    assert "now 500, runway at least 120 months" in patients
    assert "money lasts to the horizon for values between" in patients
    assert any("Runway by batch record: now Electronic, at least 120 months" in alt for alt in told)


def test_a_mixed_group_has_no_present_option() -> None:
    step = next(step.id for step in recipes.load()["manual_open"].steps if step.group == "culture")
    mixed = scenario.with_change(FOUNDER, f"steps.{step}", "closed", "")
    assert any("by culture steps: now mixed;" in alt for alt in alts(opened(mixed)))


@pytest.mark.parametrize("name", scenario.shipped())
@pytest.mark.parametrize("lever", levers.NUMBERS)
def test_a_curve_covers_the_slider_s_range(name: str, lever: str) -> None:
    s = scenario.load(name)
    slider = view(opened(s).slider, f"w_{lever}")
    curve = response.response_curves(s, [lever])[lever]
    assert (curve.values[0], curve.values[-1]) == (slider.min, slider.max)


def test_a_slider_keeps_its_value_where_its_range_ends() -> None:
    at = opened(INVESTOR)
    slider = view(at.slider, SLIDER)
    assert (slider.value, slider.max) == (500.0, 1_000.0)
    slider.set_value(499.0).run()
    slider = view(at.slider, SLIDER)
    assert (slider.value, slider.max) == (499.0, 1_000.0)
    view(at.number_input, f"{SLIDER}.number").set_value(1_200.0).run()
    assert (view(at.slider, SLIDER).value, view(at.slider, SLIDER).max) == (1_200.0, 2_000.0)
    view(at.slider, SLIDER).set_value(900.0).run()
    slider = view(at.slider, SLIDER)
    assert (slider.value, slider.max) == (900.0, 1_000.0)
    assert scenario_of(at).inputs[PATIENTS] == 900.0


def test_what_stands_below_a_lever_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = '"><script>x</script>'
    monkeypatch.setattr(words, "option_label", lambda name, option: hostile + option)
    monkeypatch.setattr(words, "choice_label", lambda name: hostile)
    monkeypatch.setattr(levers, "effect", lambda now, before: hostile)
    at = opened(FOUNDER)
    view(at.slider, SLIDER).set_value(60.0).run()
    told = [html for html in below(at) if "script" in html]
    assert len(told) > len(levers.CHOICES)
    assert not [html for html in told if "<script" in html or '"">' in html]
