"""The page Capacity: ceilings, purchases, weeks and promise say what was computed; the long work stops and is kept."""

import json
import re
from functools import cache
from typing import Any

import altair as alt
import pytest
import streamlit as st
from hypothesis import given, settings

from dosecost import scenario
from dosecost.analysis import promised as promised_module
from dosecost.analysis.ceilings import ceilings, lots_per_patient, purchases
from dosecost.analysis.promised import Promised, promised
from dosecost.analysis.purchases import marks, steps, volumes_to_twice
from dosecost.analysis.queueing import Stopped
from dosecost.analysis.queueing_design import Runs, design_of
from dosecost.analysis.schedule import schedule
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation, evaluate
from dosecost.scenario import Scenario, with_changes
from dosecost_app import capacity_charts, capacity_views, promise_run, promise_views, words
from dosecost_app.views import View
from tests.app.running import opened, scenario_of
from tests.strategies import scenarios

SHIPPED = {name: scenario.load(name) for name in scenario.shipped()}
TABS = {"What limits": 2, "Next purchase": 1, "Weeks": 2}
"""Charts on each tab that needs no asking."""
CHANGES: dict[str, dict[str, object]] = {
    "as shipped": {},
    "host": {"tenure": "host_hospital"},
    "too much": {"sizing": "fixed_plant", "capacity.suites_installed": 1, "capacity.devices_installed": 1},
    "fractions": {"heads": "fractional", "boundary": "manufacture"},
    "robotic": {"platform": "robotic", "demand.patients_per_year": 1_500.0},
    "few": {"demand.patients_per_year": 0.7},
}
CASES = [(name, change) for name in SHIPPED for change in CHANGES]
FEW = Runs(years=2.0, replications=6)
BUTTON = "promise_button"
ASK, CANCEL = "Work out the promise", "Cancel"


@cache
def case(name: str, change: str) -> Evaluation:
    """A shipped scenario with one set of changes, evaluated."""
    return evaluate(with_changes(SHIPPED[name], CHANGES[change], "test"))


@cache
def quick(name: str, change: str, limit: float = 14.0) -> Promised:
    """A promise from few runs."""
    return promised(case(name, change), limit, FEW)


def every_view(e: Evaluation, found: Promised) -> dict[str, View]:
    """All charts of the page."""
    known, made = ceilings(e), schedule(design_of(e))
    drawn = steps(e, volumes_to_twice(float(e.areas.demand.patients_per_year)))
    views = [capacity_views.limits(e, known), capacity_views.use(e, known)]
    views += [capacity_views.steps(e, drawn, marks(drawn, e.scenario.choices.heads == "fractional"))]
    views += [capacity_views.rooms_held(e, made), capacity_views.devices_held(e, made)]
    asked = [promise_views.waits(e, found), promise_views.losses(found), promise_views.formula(found)]
    return {view.key: view for view in (*views, *(view for view in asked if view))}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_tab_draws_as_chart_and_as_table(name: str, tab: str) -> None:
    at = opened(SHIPPED[name], "capacity", capacity_tabs=tab)
    assert not at.exception
    drawn = at.get("vega_lite_chart")
    assert len(drawn) == TABS[tab]
    assert all(re.search(r"\d", chart.proto.alt) for chart in drawn)
    tables = len(at.dataframe)
    for toggle in (toggle for toggle in at.toggle if toggle.label.startswith("Show as table")):
        toggle.set_value(True)
    at.run()
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 0
    assert len(at.dataframe) == tables + TABS[tab]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("tab", [*TABS, "Promise"])
def test_every_tab_draws_whatever_the_plant(tab: str, change: str) -> None:
    at = opened(case("founder", change).scenario, "capacity", capacity_tabs=tab)
    assert not at.exception


@pytest.mark.parametrize(("name", "change"), CASES)
def test_sentences_and_tables_have_figures_and_units(name: str, change: str) -> None:
    e, found = case(name, change), quick(name, change)
    known, bought = ceilings(e), purchases(e)
    views = every_view(e, found)
    sentences = [view.finding for view in views.values()]
    sentences += [capacity_views.answer(e, known, None), capacity_views.next_finding(e, bought, known)]
    sentences += [capacity_views.reach_finding(bought)]
    sentences += [promise_views.said(e, found), promise_views.notes(found)]
    sentences += [figure.note + figure.value for figure in capacity_views.figures(e, e, known)]
    for sentence in sentences:
        assert not re.search(r"\bnan\b|\binf\b|None|not defined|\d{7}", sentence), sentence
    for view in views.values():
        numbers = view.table.select_dtypes("number").columns
        assert not [column for column in numbers if "(" not in column], view.key
        assert 0 < len(view.chart.frame) < 1_200
        assert view.chart.frame.select_dtypes("number").fillna(0.0).abs().lt(1e15).all().all()
    assert len(capacity_views.next_table(e, bought)) == len(capacity_views.purchase_rows(e, bought)) == len(known)
    assert len(capacity_views.reach_table(bought, known)) == len(known) + 1


def test_the_next_purchase_names_its_baselines_and_signs_its_changes() -> None:
    e = case("founder", "as shipped")
    known, bought = ceilings(e), purchases(e)
    reach = capacity_views.reach_table(bought, known).set_index("One more")
    assert list(reach.loc["Nothing, as it is"]) == ["42.6", "Operators", "43.2", "Incubator"]
    assert list(reach.loc["Suite"]) == ["42.6, no more", "Operators", "43.2, no more", "Incubator"]
    assert list(reach.loc["Incubator"]) == ["42.6, no more", "Operators", "60", "Suites"]
    costs = capacity_views.next_table(e, bought).set_index("One more")
    assert costs.loc["Incubator", "Full before and after (patients/yr)"] == "41.7 → 58"
    cells = [str(cell) for cell in costs.to_numpy().ravel()]
    assert all(not cell.startswith("-") for cell in cells)
    assert "−2,330" in cells
    assert "+3,870" in cells


@pytest.mark.parametrize("name", SHIPPED)
def test_specifications_stay_as_they_are_and_are_valid(name: str) -> None:
    first = {
        key: view.chart.spec for key, view in every_view(case(name, "as shipped"), quick(name, "as shipped")).items()
    }
    for spec in first.values():
        alt.LayerChart.from_dict(spec)
        assert "dark ?" in json.dumps(spec)
    other = every_view(case(name, "host"), quick(name, "host"))
    for key, spec in first.items():
        assert other[key].chart.spec is spec, key


@settings(max_examples=25, deadline=None)
@given(scenarios())
def test_the_answer_and_the_heat_are_the_models(s: Scenario) -> None:
    e = evaluate(s)
    if s.choices.tenure == "cdmo":
        return
    known = ceilings(e)
    text = capacity_views.answer(e, known, None)
    assert words.doses(known[0].lots) in text
    assert words.doses(known[0].lots / lots_per_patient(e)) in text
    heat = capacity_views.use(e, known).chart.frame
    per = lots_per_patient(e)
    for name, volume in capacity_views.demands(e).items():
        for one in known:
            cell = heat[(heat["label"] == capacity_views.label(one.resource)) & (heat["volume"] == name)].iloc[0]
            assert (cell["state"] == "too much") == (one.used_at(volume * per) > 1)
            assert abs(float(cell["text"].replace(",", "")) - 100 * one.used_at(volume * per)) <= 1


def test_marks_are_drawn_where_the_counts_change() -> None:
    e = case("founder", "as shipped")
    drawn = steps(e, volumes_to_twice(40.0))
    made = marks(drawn)
    frame = capacity_views.steps(e, drawn, made).chart.frame
    purchase = frame[frame["kind"] == "purchase"]
    assert list(zip(purchase["purchase"], purchase["volume"], strict=True)) == [(m.kind, m.volume) for m in made]
    assert "+1 suite: 2" in set(purchase["text"])


def test_long_bars_are_cut_and_say_how_long_they_are() -> None:
    rows = [capacity_charts.Limit("a", 50.0, True), capacity_charts.Limit("b", 1_000.0, False)]
    frame = capacity_charts.limits(rows, 40.0).frame
    assert list(frame["lots"]) == [50.0, 120.0, 40.0]
    assert list(frame["text"]) == ["50 full first", "1,000 →", "asked for 40"]


def test_more_lanes_than_fit_are_said_to_be_left_out() -> None:
    e = evaluate(with_changes(SHIPPED["investor"], {"demand.patients_per_year": 1_000.0}, "test"))
    made = schedule(design_of(e))
    view = capacity_views.devices_held(e, made)
    assert "first 40 are drawn" in view.finding
    lanes = view.chart.frame[view.chart.frame["kind"] == "lane"]
    assert len(lanes) == capacity_views.MOST_LANES
    assert len(view.table) == len(made.devices) > 0


@pytest.mark.parametrize(
    ("lane", "together", "name"), [(0, 1, "Suite 1"), (4, 4, "Suite 2 · 1"), (7, 4, "Suite 2 · 4")]
)
def test_lanes_are_named_by_room_and_place(lane: int, together: int, name: str) -> None:
    assert capacity_views.lane_name("Suite", lane, together) == name


# ---- contract -------------------------------------------------------------------------------------------------


def test_a_contract_plant_is_refused_with_the_reason() -> None:
    at = opened(with_changes(SHIPPED["founder"], {"tenure": "cdmo"}, "test"), "capacity")
    assert not at.exception
    assert any("contract manufacturer" in line.value for line in at.markdown)
    assert not at.tabs
    assert not at.get("vega_lite_chart")


# ---- promise --------------------------------------------------------------------------------------------------


def asked(monkeypatch: pytest.MonkeyPatch, work: Any, **session: Any) -> Any:
    """The promise's tab with another function for the work."""
    monkeypatch.setattr(promise_run, "promised", work)
    return opened(SHIPPED["founder"], "capacity", capacity_tabs="Promise", **session)


def test_a_promise_is_worked_out_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[float] = []

    def work(e: Evaluation, limit: float, progress: Any) -> Promised:
        calls.append(limit)
        assert progress(0.5)
        return promised(e, limit, FEW)

    at = asked(monkeypatch, work)
    assert calls == []
    assert CANCEL not in [button.label for button in at.button]
    assert not at.get("vega_lite_chart")
    at.button(key=BUTTON).click().run()
    assert not at.exception
    assert calls == [14.0]
    assert len(at.get("vega_lite_chart")) == 3
    text = " ".join(line.value for line in at.markdown).replace("\\", "")
    assert "doses a year can be promised" in text
    for page in ("runway", "capacity"):  # away and back
        at.switch_page(f"pages/{page}.py").run()
    at.session_state["capacity_tabs"] = "Promise"
    at.run()
    assert len(at.get("vega_lite_chart")) == 3
    at.number_input(key=promise_run.LIMIT).set_value(30.0).run()
    assert not at.get("vega_lite_chart")
    assert at.button(key=BUTTON).label == ASK
    at.button(key=BUTTON).click().run()
    assert calls == [14.0, 30.0]
    at.number_input(key=promise_run.LIMIT).set_value(14.0).run()
    assert len(at.get("vega_lite_chart")) == 3
    assert calls == [14.0, 30.0]
    assert scenario_of(at) == SHIPPED["founder"]


def test_cancelling_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(e: Evaluation, limit: float, progress: Any) -> Promised:
        promise_run.cancel((e.scenario.digest, limit))  # the click on Cancel
        return promised(e, limit, FEW, progress)

    at = asked(monkeypatch, work)
    at.button(key=BUTTON).click().run()
    assert not at.exception
    at.run()
    assert any("Cancelled; nothing was kept" in line.value.replace("\\", "") for line in at.markdown)
    assert at.session_state[promise_run.KEPT] == {}
    monkeypatch.setattr(promise_run, "promised", lambda e, limit, progress: promised(e, limit, FEW, progress))
    at.button(key=BUTTON).click().run()
    assert len(at.get("vega_lite_chart")) == 3
    assert len(at.session_state[promise_run.KEPT]) == 1


def test_any_other_rerun_leaves_no_half_result(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []

    def work(e: Evaluation, limit: float, progress: Any) -> Promised:
        kept.append(len(st.session_state[promise_run.KEPT]))
        if len(kept) == 1:
            assert progress(0.4)
            st.rerun()  # what any widget does to a running script
        return promised(e, limit, FEW, progress)

    at = asked(monkeypatch, work)
    at.button(key=BUTTON).click().run()
    assert not at.exception
    assert kept == [0, 0]
    assert len(at.get("vega_lite_chart")) == 3


def test_what_cannot_be_simulated_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(e: Evaluation, limit: float, progress: Any) -> Promised:
        raise InputError("simulation", "replications", "too many patients")

    at = asked(monkeypatch, work)
    at.button(key=BUTTON).click().run()
    assert not at.exception
    assert any("cannot be simulated: too many patients" in line.value.replace("\\", "") for line in at.markdown)
    assert at.button(key=BUTTON).label == ASK


def test_only_so_many_promises_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {(str(i), 1.0): quick("founder", "as shipped") for i in range(promise_run.MOST_KEPT)}
    at = asked(monkeypatch, lambda e, limit, progress: quick("founder", "as shipped"), promises=old)
    at.button(key=BUTTON).click().run()
    held = at.session_state[promise_run.KEPT]
    assert len(held) == promise_run.MOST_KEPT
    assert ("0", 1.0) not in held


def test_the_words_of_a_promise() -> None:
    e = case("founder", "as shipped")
    never = quick("founder", "as shipped")
    never = never._replace(promise=never.promise._replace(at=None, patients_per_year=0.0))
    assert "Nothing can be promised: not even at 0.116 patients a year" in promise_views.said(e, never)
    more = promise_views.said(e, quick("founder", "as shipped"))
    assert "more than that: one in ten waits longer than" in more
    assert "from 6 repeats" in more
    assert "it is kept: one in ten" in promise_views.said(e, quick("founder", "as shipped", 40.0))
    unstable = case("founder", "too much")
    assert "more than the unit can ever do" in promise_views.said(unstable, quick("founder", "too much"))


def test_a_limit_above_every_wait_sets_no_promise() -> None:
    e, found = case("founder", "as shipped"), quick("founder", "as shipped", 365.0)
    assert found.promise.open_ended
    text = promise_views.said(e, found)
    assert "sets no promise" in text
    assert "its ceiling, 57.8 patients a year, where operators are busy to the last hour" in text
    assert "interval" not in text


def test_a_promise_below_the_curve_is_drawn_too() -> None:
    found = quick("founder", "as shipped", 0.0)
    assert 0 < found.promise.patients_per_year < 0.3 * found.promise.ceiling
    view = promise_views.waits(case("founder", "as shipped"), found)
    assert view is not None
    assert view.chart.frame["volume"].min() == pytest.approx(found.promise.patients_per_year)


def test_both_counts_of_full_stand_beside_the_promise() -> None:
    e = case("founder", "as shipped")
    text = promise_views.two_counts(e, ceilings(e))
    assert "70 % of their productive hours" in text
    assert "69 % of their operating days" in text
    assert "41.1 patients a year at most" in text
    assert "What limits calls 70 % of the hours full" in promise_views.planned(e, "operator")
    answer = capacity_views.answer(e, ceilings(e), quick("founder", "as shipped"))
    assert "for 41.1 patients who ask for a slot, however long they wait" in answer
    assert f"a slot to {words.patients(quick('founder', 'as shipped').promise.patients_per_year)}" in answer
    assert "has to be simulated" in capacity_views.answer(e, ceilings(e), None)


def test_what_would_be_enough_is_said() -> None:
    e, found = case("founder", "as shipped"), quick("founder", "as shipped")
    assert found.enlarged is not None

    def said_of(**new: Any) -> str:
        return promise_views.enough(e, found._replace(enlarged=found.enlarged._replace(**new)))

    bought = {"incubator": 1, "operator": 2}
    assert "With 1 more incubator and 2 more operators 91 %" in said_of(
        added=bought, share=0.91, kept=True, at_most=0.95
    )
    assert "Even with 1 more incubator" in said_of(added=bought, share=0.8, kept=False, at_most=0.95)
    assert "No purchase makes 40 patients a year promisable" in said_of(added={}, share=0.0, kept=False, at_most=0.85)
    assert promise_views.enough(e, found._replace(enlarged=None)) == ""


def test_the_wait_is_parted_into_shutdown_and_capacity() -> None:
    e, found = case("academic", "as shipped"), quick("academic", "as shipped")
    view = promise_views.waits(e, found)
    assert view is not None
    never = promise_views.points(found.never_shut, "slot_wait_p90")
    assert f"Without the yearly shutdown of 21 days it would be {promise_views.days(never[0][1])}" in view.finding
    assert set(view.chart.frame["name"].dropna()) == {"P90", "P50", capacity_charts.NEVER_SHUT}
    always = case_without_shutdown()
    assert promised(always, 14.0, FEW).never_shut == []


@cache
def case_without_shutdown() -> Evaluation:
    """The academic unit that never shuts."""
    return evaluate(with_changes(SHIPPED["academic"], {"capacity.shutdown_weeks": 0.0}, "test"))


def test_how_long_the_work_takes_is_said_before() -> None:
    assert "a few seconds" in promise_views.beforehand(case("founder", "as shipped"))
    large = evaluate(with_changes(SHIPPED["founder"], {"demand.patients_per_year": 20_000.0}, "test"))
    assert re.search(r"about \d+ seconds, with 20 repeats instead of 200", promise_views.beforehand(large))


def test_both_charts_of_the_weeks_have_one_axis_and_count_suites() -> None:
    e = case("academic", "as shipped")
    made = schedule(design_of(e))
    views = capacity_views.rooms_held(e, made), capacity_views.devices_held(e, made)
    ends = [
        (frame["start"].min(), frame["end"].max())
        for frame in (view.chart.frame[view.chart.frame["kind"] == "lane"] for view in views)
    ]
    assert ends == [(14.0, 26.0)] * 2
    empty = capacity_charts.weeks_spec(3)["layer"][0]
    assert empty["encoding"]["x2"]["field"] == "end"
    assert "4 places in 1 suite for 4 lots at a time" in views[0].finding
    assert "What limits calls 69 % full" in views[0].finding


def test_the_formula_stands_beside_the_simulation_with_the_reason() -> None:
    found = quick("founder", "as shipped")
    text = promise_views.formula_finding(found)
    assert "formula, which Patients and the cost of a dose use, gives a mean wait of 4.6 days" in text
    assert "shutdown" in text
    lower = [
        s._replace(figures=s.figures | {"slot_wait_mean": s.figures["slot_wait_mean"]._replace(mean=0.1)})
        for s in found.curve
    ]
    assert "shorter because patients who drop out" in promise_views.formula_finding(found._replace(curve=lower))
    none = found._replace(formula=[None] * len(found.curve))
    assert "no slot to all" in promise_views.formula_finding(none)
    assert promise_views.formula(none) is None


def test_a_stop_is_reported_by_the_engine() -> None:
    with pytest.raises(Stopped):
        promised_module.promised(case("founder", "as shipped"), 14.0, FEW, lambda done: False)
