"""The page Cleanroom: rooms, sampling plan, closing and tenures say what the model computed."""

import csv
import io
import json
import re
from functools import cache

import altair as alt
import pytest
from hypothesis import given, settings

from dosecost import ledger, recipes, scenario
from dosecost.analysis import rooms, sampling
from dosecost.analysis.closing import closing
from dosecost.costs.facility import OWN_ROOMS
from dosecost.evaluation import Evaluation, doses_charged, evaluate
from dosecost.ledger import PER_YEAR, Line
from dosecost.scenario import Scenario, with_changes
from dosecost_app import charts, cleanroom_charts, cleanroom_views, closing_views, words
from dosecost_app.cleanroom_charts import Effect
from dosecost_app.csv_file import csv_file
from dosecost_app.views import View, three
from tests.analysis.test_closing import more_lots_in_a_closed_room
from tests.app.running import opened
from tests.strategies import scenarios

SHIPPED = {name: scenario.load(name) for name in scenario.shipped()}
TABS = {"Rooms": 1, "Sampling plan": 1, "Closing steps": 4, "Whose rooms": 2, "Idle": 1}
"""Charts on each tab."""
CHANGES: dict[str, dict[str, object]] = {
    "as shipped": {},
    "contract": {"tenure": "cdmo", "boundary": "quality_and_release"},
    "host": {"tenure": "host_hospital", "plate_reading": "outsourced"},
    "pods": {"tenure": "pod", "boundary": "manufacture"},
    "nothing open": {"platform": "robotic"},
    "other room": {"room_grade": "D", "failure_convention": "times_one_plus_f"},
    "large": {"platform": "manual_open", "demand.patients_per_year": 1_500.0},
}
CASES = [(name, change) for name in SHIPPED for change in CHANGES]


@cache
def case(name: str, change: str) -> Evaluation:
    """A shipped scenario with one set of changes, evaluated."""
    return evaluate(with_changes(SHIPPED[name], CHANGES[change], "test"))


def all_tenures(e: Evaluation) -> dict[str, Evaluation]:
    """The scenario with every tenure."""
    return {name: evaluate(other) for name, other in rooms.tenure_scenarios(e.scenario).items()}


def every_view(e: Evaluation) -> dict[str, View]:
    """All charts of the page."""
    compared, found = all_tenures(e), closing(e.scenario)
    made = [cleanroom_views.running(e), cleanroom_views.by_sample(e), cleanroom_views.tenures(e, compared)]
    made += [cleanroom_views.idle(e, compared), *(view(e, found) for view in closing_views.ALL)]
    return {view.key: view for view in made if view}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_tab_draws_as_chart_and_as_table(name: str, tab: str) -> None:
    at = opened(SHIPPED[name], "cleanroom", cleanroom_tabs=tab)
    assert not at.exception
    drawn = at.get("vega_lite_chart")
    assert len(drawn) == TABS[tab]
    assert all(re.search(r"\d", chart.proto.alt) for chart in drawn)
    tables = len(at.dataframe)
    switches = [toggle for toggle in at.toggle if toggle.label.startswith("Show as table")]
    assert len(switches) == TABS[tab]
    for toggle in switches:
        toggle.set_value(True)
    at.run()
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 0
    assert len(at.dataframe) == tables + TABS[tab]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws_whatever_the_rooms(tab: str, change: str) -> None:
    at = opened(case("founder", change).scenario, "cleanroom", cleanroom_tabs=tab)
    assert not at.exception


def test_a_recipe_without_open_steps_says_that_there_is_none_to_close() -> None:
    at = opened(case("founder", "nothing open").scenario, "cleanroom", cleanroom_tabs="Closing steps")
    assert len(at.get("vega_lite_chart")) == 0
    assert any("none left to close" in line.value for line in at.markdown)


@pytest.mark.parametrize(("name", "change"), CASES)
def test_sentences_and_tables_have_figures_and_units(name: str, change: str) -> None:
    e = case(name, change)
    compared, found = all_tenures(e), closing(e.scenario)
    sentences = [view.finding for view in every_view(e).values()]
    sentences += [cleanroom_views.answer(e), cleanroom_views.room_finding(e), cleanroom_views.plan_finding(e)]
    sentences += [cleanroom_views.limit_finding(e), cleanroom_views.side_by_side_finding(e, compared)]
    for sentence in sentences:
        assert not re.search(r"\bnan\b|\binf\b|None|not defined|\d{7}", sentence), sentence
    for view in every_view(e).values():
        numbers = view.table.select_dtypes("number").columns
        assert not [column for column in numbers if "(" not in column and column != "Suites"], view.key
        frame = view.chart.frame
        assert 0 < len(frame) < 100
        assert frame.select_dtypes("number").abs().lt(1e15).all().all()
    paid_for = 0 if e.scenario.choices.tenure == "cdmo" else 2
    assert len(every_view(e)) == 2 + paid_for + (4 if found.steps else 0)


@pytest.mark.parametrize("name", SHIPPED)
def test_specifications_stay_as_they_are_and_hold_no_figure(name: str) -> None:
    first = {key: view.chart.spec for key, view in every_view(case(name, "as shipped")).items()}
    for change in CHANGES:
        for key, view in every_view(case(name, change)).items():
            if key == "closing_path":
                continue  # a waterfall of few steps is drawn lower
            if key in first:
                assert view.chart.spec is first[key], key


def test_the_specification_of_savings_is_valid_and_follows_the_theme() -> None:
    spec = cleanroom_charts.savings_spec("USD")
    alt.LayerChart.from_dict(spec)
    assert spec["height"] >= 300
    colours = next(layer["encoding"]["color"] for layer in spec["layer"] if "color" in layer["encoding"])
    light_dark = [entry["expr"] for entry in colours["scale"]["range"]]
    assert light_dark == [f"dark ? '{dark}' : '{light}'" for light, dark in cleanroom_charts.EFFECTS.values()]
    assert "USD saved per patient infused" in json.dumps(spec)


def test_what_is_saved_and_what_is_lost_is_said_in_words() -> None:
    frame = cleanroom_charts.savings([Effect("a", 1_234.0), Effect("b, c", -56.0), Effect("d", 0.2)], "USD").frame
    assert list(frame["label"]) == ["a", "b", "d"]
    assert list(frame["text"]) == ["1,230 less", "56.0 more", "no change"]
    assert list(frame["effect"]) == ["less", "more", "same"]
    assert list(frame["right"]) == [1_234.0, 0.0, 0.2]


# ---- rooms ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "change"), CASES)
def test_the_answer_is_the_models(name: str, change: str) -> None:
    e = case(name, change)
    text, currency = cleanroom_views.answer(e), e.scenario.currency
    assert e.recipe.room_grade in text
    if e.scenario.choices.tenure == "cdmo":
        assert words.doses(e.results.plates.per_year) in text
        return
    annual = sum(rooms.running(e).values())
    assert words.money(annual, currency) in text
    assert words.money(annual / doses_charged(e.scenario.choices, e.results), currency) in text
    if e.scenario.choices.tenure in OWN_ROOMS:
        area = e.areas.facility
        assert f"{words.doses(e.results.plant.suites * (area.suite_m2 + area.airlock_m2))} m²" in text


@pytest.mark.parametrize(("name", "change"), CASES)
def test_the_bars_of_rooms_add_up_to_their_yearly_cost(name: str, change: str) -> None:
    e = case(name, change)
    view = cleanroom_views.running(e)
    if view is None:
        assert e.scenario.choices.tenure == "cdmo"
        return
    assert view.chart.frame["amount"].sum() == pytest.approx(sum(rooms.running(e).values()))


def test_the_table_of_rooms_ends_with_their_sum() -> None:
    e = case("founder", "as shipped")
    table = cleanroom_views.room_table(e)
    assert list(table["Room"]) == ["Process suites", "Airlocks", "Support space", "Together"]
    assert list(table["Grade"]) == ["Grade B", "Grade B", "Not classified", ""]
    assert list(table["Area (m²)"]) == [90, 54, 432, 576]  # three suites of 30 m² with 18 m² of airlock; four times 144
    assert table["Capital (USD)"].iloc[-1] == three(rooms.capital_of_rooms(e))
    assert cleanroom_views.room_table(case("founder", "contract")).empty


def test_what_a_contract_holds_is_no_saving() -> None:
    """Nothing is compared between rooms of one's own and those in a contract's price."""
    own, contract = case("founder", "as shipped"), case("founder", "contract")
    for now, before in ((own, contract), (contract, own)):
        figures = {figure.label: figure for figure in cleanroom_views.figures(now, before)}
        assert figures["Rooms and monitoring per patient"].delta == ""
    assert figures["Rooms and monitoring per patient"].value == "in the lot price"
    host = case("founder", "host")
    moved = {figure.label: figure for figure in cleanroom_views.figures(host, own)}
    assert moved["Rooms and monitoring per patient"].delta.startswith("−USD")
    assert moved["Suite capacity not used"].value == "none paid"


# ---- sampling -------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(scenarios())
def test_the_plan_adds_up_to_the_ledgers_monitoring_lines(s: Scenario) -> None:
    e = evaluate(s)
    rows = cleanroom_views.plan_rows(e)
    booked = ledger.by_category(e.results.lines)["monitoring"]
    total, parts = rows.iloc[-1], rows.iloc[:-1]
    assert total["Sample"] == cleanroom_views.TOGETHER
    for column, divisor in (
        (f"Cost ({s.currency} per year)", 1.0),
        (f"Cost ({s.currency} per lot)", e.results.funnel.lots_started),
        (f"Cost ({s.currency} per patient infused)", doses_charged(s.choices, e.results)),
    ):
        assert parts[column].sum() == pytest.approx(booked / divisor, rel=1e-9)
        assert total[column] == pytest.approx(booked / divisor, rel=1e-9)
    assert total["Plates (per year)"] == pytest.approx(e.results.plates.per_year)
    view = cleanroom_views.by_sample(e)
    if view is None:
        assert s.choices.tenure == "cdmo"
        return
    assert view.chart.frame["amount"].sum() == pytest.approx(booked, rel=1e-9)


def test_the_plan_as_a_file_is_the_plan_and_runs_no_formula() -> None:
    e = case("founder", "as shipped")
    found = list(csv.DictReader(io.StringIO(csv_file(cleanroom_views.plan_rows(e)).decode("utf-8-sig"))))
    assert found[-1]["Sample"] == "Together"
    costs = [float(row["Cost (USD per year)"]) for row in found[:-1]]
    assert sum(costs) == pytest.approx(ledger.by_category(e.results.lines)["monitoring"])
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in found for cell in row.values())


def test_samples_say_their_rule_place_and_occasion() -> None:
    table = cleanroom_views.plan_table(case("founder", "as shipped")).set_index("Sample")
    assert table.loc["Settle plates", "Rule"] == "2 per 4 h or session"
    assert table.loc["Routine plates", "Where"] == "Air, settle, contact: room, grade B"
    assert table.loc["Gown plates", "When"] == "In operation"
    assert table.loc["All samples", "Per year"] == three(case("founder", "as shipped").results.plates.per_year)


@pytest.mark.parametrize(("name", "change"), CASES)
def test_the_plan_says_excursions_and_their_cost(name: str, change: str) -> None:
    e = case(name, change)
    text = cleanroom_views.plan_finding(e)
    assert words.doses(e.results.plates.per_year) in text
    if e.scenario.choices.tenure == "cdmo":
        assert "contract price" in text
        return
    lines = [line for line in e.results.lines if line.id.startswith(("monitoring.excursions", "monitoring.lots_lost"))]
    excursions = sum(line.quantity for line in lines if "excursions" in line.id)
    assert f"{words.doses(excursions)} excursions" in text
    assert words.money(ledger.annual_total(lines), e.scenario.currency) in text
    assert ("analyst hours" in text) == (e.scenario.choices.plate_reading == "in_house")


def test_limits_are_those_of_grade_a_the_room_and_the_iso_classes() -> None:
    table = cleanroom_views.limit_table(case("academic", "as shipped"))
    assert set(table["Room"]) == {"Grade A", "Grade C", "ISO 5", "ISO 6", "ISO 7", "ISO 8"}
    air = table[(table["Sample"] == "Active air") & (table["Room"] == "Grade C")].iloc[0]
    assert (air["Limit"], air["Evidence"]) == ("100 CFU/m³", "C")
    clean = table[(table["Sample"] == "Active air") & (table["Room"] == "Grade A")].iloc[0]
    assert clean["Limit"] == "0 CFU/m³ (no growth expected)"
    assert len(table) < len(sampling.limits())


def test_every_line_of_the_ledger_has_its_word() -> None:
    lines: list[Line] = []
    for tenure in scenario.options("tenure"):
        for reading in scenario.options("plate_reading"):
            s = with_changes(SHIPPED["founder"], {"tenure": tenure, "plate_reading": reading}, "test")
            e = evaluate(s)
            lines += e.results.lines
            assert {item.id for item in sampling.plan(e).items} <= set(cleanroom_views.ITEMS)
    facility = {line.id for line in lines if line.id.startswith("facility.") and line.basis in (PER_YEAR, "per lot")}
    assert facility - {"facility.contract_lots"} == set(cleanroom_views.LINES)
    assert set(cleanroom_views.TENURES) == set(scenario.options("tenure"))
    assert set(cleanroom_views.PAID_BY_USE) == set(scenario.options("tenure")) - set(OWN_ROOMS)


# ---- closing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", recipes.load())
@pytest.mark.parametrize("name", SHIPPED)
def test_a_bar_is_the_difference_of_two_evaluations(name: str, platform: str) -> None:
    s = scenario.with_change(SHIPPED[name], "platform", platform, "test")
    e = evaluate(s)
    view = closing_views.alone(e, closing(s))
    if view is None:
        assert platform == "robotic"
        return
    labels = {charts.brief(step.label): step.id for step in e.recipe.steps}
    for label, saved in zip(view.chart.frame["label"], view.chart.frame["saved"], strict=True):
        other = evaluate(scenario.with_change(s, f"steps.{labels[label]}", "closed", "test"))
        assert saved == e.cost.per_patient_infused - other.cost.per_patient_infused
        row = view.table.set_index("Step closed").loc[label]
        assert row["Plates (per year)"] == three(other.results.plates.per_year)
        more = other.cost.categories["materials"] - e.cost.categories["materials"]
        assert f"materials (+{words.money(more, s.currency)})" in row["What rises"]
    assert list(view.chart.frame["saved"]) == sorted(view.chart.frame["saved"], reverse=True)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_path_ends_where_all_steps_are_closed(name: str) -> None:
    s = SHIPPED[name]
    e, found = evaluate(s), closing(s)
    all_closed = evaluate(with_changes(s, {f"steps.{step.id}": "closed" for step in found.steps}, "test"))
    view = closing_views.path_cost(e, found)
    assert view
    bars = view.chart.frame
    assert list(bars["end"].iloc[[0, -1]]) == [round(x.cost.per_patient_infused) for x in (e, all_closed)]
    moves = bars[bars["kind"] == "step"]
    assert (moves["end"] - moves["start"]).sum() == bars["end"].iloc[-1] - bars["end"].iloc[0]
    assert words.money(all_closed.cost.per_patient_infused, s.currency) in view.finding
    assert "materials" in view.finding
    plates = closing_views.path_plates(e, found)
    assert plates
    assert list(plates.chart.frame["amount"]) == [state.plates_per_year for state in found.path]
    assert words.doses(all_closed.results.plates.per_year) in plates.finding


def test_sets_welds_and_training_are_among_what_falls_and_rises() -> None:
    e = case("founder", "as shipped")
    found = closing(e.scenario)
    view = closing_views.path_items(e, found)
    assert view
    for label in closing_views.OF_CLOSING.values():
        assert label in set(view.table["Paid for"])
        assert label in set(view.chart.frame["label"])
    moves = view.table.set_index("Paid for")["It"]
    assert (moves["Sets for steps closed by choice"], moves["Wafers and sterile connectors"]) == ("rises", "rises")
    assert (moves["Tube welders"], moves["Tube sealers"]) == ("rises", "rises")
    assert (moves["Aseptic qualification of operators"], moves["Training of joiners"]) == ("falls", "falls")
    assert list(view.chart.frame["saved"]) == sorted(view.chart.frame["saved"], reverse=True)
    saved = view.chart.frame.set_index("label")["saved"]
    qualified = next(line for line in e.results.lines if line.id == "quality.aseptic_qualification")
    assert saved["Aseptic qualification of operators"] == pytest.approx(
        qualified.annual / e.results.funnel.patients_infused
    )
    assert "Sets for steps closed by choice (+USD" in view.finding


def test_the_founder_hears_that_the_grade_falls_with_the_last_step_only() -> None:
    e = case("founder", "as shipped")
    found = closing(e.scenario)
    assert "all closed together do, to grade C" in closing_views.alone_finding(e, found)
    assert "comes with the last step" in closing_views.path_finding(e, found)
    assert "becomes grade C" in closing_views.plates_finding(found)


def test_the_academic_unit_hears_that_closing_costs_more() -> None:
    e = case("academic", "as shipped")
    found = closing(e.scenario)
    assert "No step saves money" in closing_views.alone_finding(e, found)
    assert "On the way the cost rises" in closing_views.path_finding(e, found)
    assert "stays grade C" in closing_views.plates_finding(found)


def test_more_plates_a_year_are_explained() -> None:
    s = more_lots_in_a_closed_room()
    assert "takes more lots" in closing_views.plates_finding(closing(s))


# ---- tenures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "change"), CASES)
def test_tenures_are_the_evaluation_of_each(name: str, change: str) -> None:
    e = case(name, change)
    found, currency = all_tenures(e), e.scenario.currency
    bars = cleanroom_views.tenures(e, found).chart.frame
    assert list(bars["amount"]) == [other.cost.per_patient_infused for other in found.values()]
    facts = cleanroom_views.tenure_facts(e, found).set_index("All else as now")
    idle = cleanroom_views.idle(e, found).chart.frame.set_index("label")
    for tenure, other in found.items():
        label = cleanroom_views.tenure_label(tenure, e.scenario)
        column = facts[label]
        assert ("(now)" in label) == (tenure == e.scenario.choices.tenure)
        assert column["Cost per patient infused"] == words.money(other.cost.per_patient_infused, currency)
        assert column["All capital"] == words.money(other.results.invested, currency)
        assert column["Months from order to first lot"] == words.doses(other.results.months_to_first_lot)
        stands = rooms.idle(other)
        assert idle.loc[label, "amount"] == (stands.annual if stands else 0.0)
        if stands:
            assert column["Suite capacity not used"] == words.percent(1 - other.results.plant.suites_used)
