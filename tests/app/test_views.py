"""T-068: what the pages say of a scenario is what the model computed."""

import ast
import csv
import io
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dosecost import ledger, scenario
from dosecost.analysis import curves
from dosecost.analysis.changes import changes
from dosecost.evaluation import Evaluation, evaluate
from dosecost.scenario import Scenario, with_changes
from dosecost_app import charts, views, words
from dosecost_app.csv_file import csv_file
from tests.app.running import opened

ROOT = Path(__file__).parents[2]
FOUNDER = scenario.load("founder")


def changed(s: Scenario, **new: object) -> Scenario:
    """The scenario with changes; two underscores in a name stand for a dot."""
    return with_changes(s, {key.replace("__", "."): value for key, value in new.items()}, "test")


@pytest.fixture(scope="module")
def founder() -> Evaluation:
    """The founder's scenario, evaluated."""
    return evaluate(FOUNDER)


@pytest.mark.parametrize("boundary", list(ledger.BOUNDARIES))
@pytest.mark.parametrize("name", scenario.shipped())
def test_categories_and_steps_add_up_to_the_headline(name: str, boundary: str) -> None:
    e = evaluate(changed(scenario.load(name), boundary=boundary))
    headline = e.cost.per_patient_infused
    rows = views.category_rows(e)
    assert sum(row.amount or 0 for row in rows) == pytest.approx(headline)
    assert {row.tone for row in rows if row.amount is None} == set(ledger.CATEGORIES) - set(ledger.inside(boundary))
    elsewhere = e.cost.steps.get("", 0.0)
    assert sum(row.amount or 0 for row in views.step_rows(e)) + elsewhere == pytest.approx(headline)
    assert views.categories(e).chart.frame["amount"].sum() == pytest.approx(headline)


def test_platforms_add_up_to_each_headline() -> None:
    found = curves.platform_comparison(FOUNDER)
    frame = views.platforms(found, "manual_open").chart.frame
    totals = frame[frame["kind"] == "total"]
    assert list(totals["end"]) == pytest.approx([e.cost.per_patient_infused for e in found.values()])
    assert list(totals["text"]) == [charts.short(e.cost.per_patient_infused) for e in found.values()]
    facts = views.platform_facts(found).set_index("At the same demand")
    for e in found.values():
        column = facts[charts.brief(e.recipe.label)]
        assert column["Cost per patient infused"] == words.money(e.cost.per_patient_infused, "USD")
        assert column["Capital"] == words.money(e.results.invested, "USD")
        assert column["People (FTE)"] == words.doses(e.results.heads.total)
        assert column["Room grade"] == f"Grade {e.results.grade}"
        assert column["Suites"] == words.doses(e.results.plant.suites)


def test_the_three_costs_are_labelled_and_say_what_they_leave_out(founder: Evaluation) -> None:
    figures = {figure.label: figure for figure in views.cost_figures(founder, founder)}
    cost = founder.cost
    assert figures["Cost per patient infused"].value == words.money(cost.per_patient_infused, "USD")
    assert figures["Cost per dose released"].value == words.money(cost.per_dose_released, "USD")
    assert figures["Cost per lot started"].value == words.money(cost.per_lot_started, "USD")
    assert "drop-out" in figures["Cost per dose released"].note
    assert "failed lots and drop-out" in figures["Cost per lot started"].note
    assert figures["Runway"].value == f"Into month {founder.cash.cash_out_month:.0f}"
    assert all(figure.delta == "" for figure in figures.values())


def test_a_published_convention_is_said_beside_the_headline() -> None:
    e = evaluate(changed(FOUNDER, failure_convention="times_one_plus_f"))
    assert "Published shortcut" in views.cost_figures(e, e)[0].note
    assert "patients who drop out" not in views.cost_answer(e)
    assert "drop-out included" in views.cost_answer(e)


def test_the_boundary_is_said_in_words() -> None:
    text = views.counted("manufacture")
    assert text.startswith("Counted: materials, vector, labour, facility and equipment.")
    assert "Left out: quality, monitoring, logistics, apheresis, overhead and idle capacity." in text
    assert "Nothing of the ledger is left out" in views.counted("fully_loaded")


def test_changes_are_set_against_the_loaded_scenario_inside_one_boundary(founder: Evaluation) -> None:
    narrower = evaluate(changed(FOUNDER, boundary="manufacture"))
    assert [figure.delta for figure in views.cost_figures(narrower, founder)] == ["", "", "", ""]
    other = evaluate(changed(FOUNDER, boundary="manufacture", platform="integrated_closed"))
    before, now = founder.cost.boundaries["manufacture"], other.cost.per_patient_infused
    delta = views.cost_figures(other, founder)[0].delta
    assert delta == f"−{words.money(before - now, 'USD')} ({words.percent(now / before - 1)})"
    sentence = views.change_finding(changes(FOUNDER, other.scenario), other, founder)
    assert words.money(before, "USD") in sentence
    assert words.money(now, "USD") in sentence
    assert views.runway_text(other) in sentence
    only = views.change_finding(changes(FOUNDER, narrower.scenario), narrower, founder)
    assert only.startswith("Only the costs counted are changed")
    assert views.change_finding([], founder, founder).startswith("Nothing is changed")


def test_the_table_of_changes_speaks_the_words_of_the_page(founder: Evaluation) -> None:
    new = changed(FOUNDER, sterility="pcr", demand__patients_per_year=60.0, plan__floor=2e6)
    table = views.change_table(changes(FOUNDER, new))
    assert table["What"].iloc[0] == "Sterility test"
    assert "Rapid PCR" in list(table["Now"])
    assert "2,000,000" in list(table["Now"])
    assert list(views.change_table([]).columns) == ["What", "As loaded", "Now", "Unit"]


def test_the_runway_is_the_month_below_the_floor_or_at_least_the_horizon(founder: Evaluation) -> None:
    rich = evaluate(changed(FOUNDER, plan__opening_cash=9e9))
    last = int(founder.cash.cash_out_month)
    assert views.runway_text(founder) == f"into month {last}"
    closings = [month.closing for month in founder.cash.months]
    assert closings[last - 2] >= FOUNDER.plan.floor > closings[last - 1]
    assert views.runway_text(rich) == "at least 84 months"
    gained = 84 - founder.cash.cash_out_month
    assert views.runway_change(rich, founder) == f"+{words.months(gained)} or more"
    assert views.runway_change(founder, rich) == f"−{words.months(gained)} or more"
    assert views.runway_change(rich, rich) == ""
    for e in (founder, rich):
        assert f"into month {last}, the first to close below the floor" in views.runway_answer(e) or e is rich
        assert f"{last - 1} months before it close at or above it" in views.runway_answer(e) or e is rich
        assert "nan" not in views.runway_answer(e)


def test_a_large_change_is_told_in_times() -> None:
    assert views.money_change(62.92e3, 1e3, "USD") == "+USD 61,900 (63 times)"
    assert views.money_change(1_120.0, 1e3, "USD") == "+USD 120 (+12 %)"
    assert views.money_change(900.0, 1e3, "USD") == "−USD 100 (−10 %)"
    assert views.closing_above(1) == "no month closes at or above it"
    assert views.closing_above(2) == "1 month before it closes at or above it"


def test_flat_burn_is_defined_beside_its_figure(founder: Evaluation) -> None:
    figure = views.flat_burn_figure(founder)
    plan = FOUNDER.plan
    lasts = (plan.opening_cash - plan.floor) / founder.cash.flat_burn
    assert figure.value == f"{lasts:.1f} months"
    assert words.money(founder.cash.flat_burn, "USD") in figure.note
    idle = founder._replace(cash=founder.cash._replace(flat_burn=-5.0))
    assert views.flat_burn_figure(idle).value == "not defined"
    assert "Nothing is burnt" in views.flat_burn_figure(idle).note


def test_a_rate_of_return_that_does_not_exist_says_why(founder: Evaluation) -> None:
    assert "not defined: the flows never change sign" in views.value_line(founder)
    investor = evaluate(scenario.load("investor"))
    rate, _ = investor.irr
    assert rate is not None
    assert f"{words.percent(rate)} a year" in views.value_line(investor)


def test_the_balance_chart_and_its_finding_show_the_models_months(founder: Evaluation) -> None:
    rows = views.balance_rows(founder)
    assert rows.lowest == (int(founder.cash.lowest_month), founder.cash.lowest)
    assert list(rows.closing)[1:] == [month.closing for month in founder.cash.months]
    view = views.balance(founder)
    assert f"month {founder.cash.cash_out_month:.0f}" in view.finding
    kinds = set(view.chart.frame["kind"])
    assert kinds == {"phase", "balance", "floor", "receipt", "out", "lowest"}
    rich = views.balance(evaluate(changed(FOUNDER, plan__opening_cash=9e9)))
    assert "out" not in set(rich.chart.frame["kind"])
    assert "the end of the plan" in rich.finding


def test_a_phase_beyond_the_horizon_is_not_called_reached() -> None:
    e = evaluate(changed(FOUNDER, plan__opening_cash=9e9, plan__horizon_months=40.0))
    assert list(views.milestones(e)["Reached"]) == ["yes", *["not known: ends after month 40"] * 2]
    assert "every phase inside the plan" in views.milestones_finding(e)


def test_the_first_phase_out_of_reach_is_named_with_what_is_missing(founder: Evaluation) -> None:
    missed = next(m for m in founder.cash.milestones if m.gap > 0)
    text = views.milestones_finding(founder)
    assert missed.name in text
    assert words.money(missed.gap, "USD") in text
    assert list(views.milestones(founder)["Reached"]) == ["yes", "no", "no"]


def test_the_plant_is_told_in_quantities(founder: Evaluation) -> None:
    text = views.plant_finding(founder)
    assert words.doses(founder.results.plant.ceiling) in text
    assert "incubator" in text
    table = views.plant_table(founder).set_index("Quantity")["Value"]
    assert table["Suites"] == "3"
    assert table["Room grade"] == "Grade B"
    assert table["Monitoring plates a year"] == words.doses(founder.results.plates.per_year)
    contract = evaluate(changed(FOUNDER, tenure="cdmo"))
    assert "under contract" in views.plant_finding(contract)
    assert "Suites" not in set(views.plant_table(contract)["Quantity"])


def test_the_ledger_file_holds_every_line_in_full(founder: Evaluation) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_file(views.ledger_rows(founder)).decode("utf-8-sig"))))
    assert len(rows) == len(founder.results.lines)
    assert sum(float(row["Annual (USD)"]) for row in rows) == pytest.approx(founder.cost.annual_total)
    for row in rows:
        product = float(row["Quantity (per year)"]) * float(row["Price (USD per unit)"])
        assert product == pytest.approx(float(row["Annual (USD)"]))
    assert words.money(founder.cost.annual_total, "USD") in views.ledger_finding(founder)


def test_a_hostile_phase_name_stays_text_in_the_file() -> None:
    hostile = changed(FOUNDER, plan__phases__pre_ind__name='=HYPERLINK("http://x","y")')
    text = csv_file(views.month_rows(evaluate(hostile))).decode("utf-8-sig")
    cells = [row["phase"] for row in csv.DictReader(io.StringIO(text))]
    assert cells[0] == '\'=HYPERLINK("http://x","y")'
    assert len(cells) == 84


def test_the_months_file_keeps_the_cash_identity(founder: Evaluation) -> None:
    for row in csv.DictReader(io.StringIO(csv_file(views.month_rows(founder)).decode("utf-8-sig"))):
        opening, inflow, outflow, closing = (
            float(row[f"{name} (USD)"]) for name in ("opening", "inflow", "outflow", "closing")
        )
        assert closing == pytest.approx(opening + inflow - outflow)


def test_views_do_not_draw() -> None:
    tree = ast.parse((ROOT / "src" / "dosecost_app" / "views.py").read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in names if name.split(".")[0] == "streamlit"]


@pytest.mark.parametrize(
    ("page", "tabs", "drawn"),
    [
        (
            "pages/dose_cost.py",
            "dose_cost_tabs",
            {"Why": 2, "Platforms": 1, "Volume": 1, "People and plant": 4, "Ledger": 0},
        ),
        ("pages/runway.py", "runway_tabs", {"Balance": 1, "Money in and out": 1, "What changed": 0, "Months": 0}),
    ],
)
def test_each_tab_draws_its_charts_and_no_other(page: str, tabs: str, drawn: dict[str, int]) -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page(page).run()
    for tab, count in drawn.items():
        at.session_state[tabs] = tab
        at.run()
        assert not at.exception, tab
        found = at.get("vega_lite_chart")
        assert len(found) == count, tab
        assert all(chart.proto.alt for chart in found)
    assert any("per patient infused" in metric.label for metric in at.metric) or "runway" in page


def test_the_cells_of_a_lot_stand_against_the_dose(founder: Evaluation) -> None:
    shown, balance = views.cells(founder), founder.results.cells
    frame = shown.chart.frame
    stages, dose = frame[frame["kind"] == "stage"], frame[frame["kind"] == "dose"]
    plain = [getattr(balance, name) for name in views.CELL_STAGES if name not in views.WITH_OPTIONAL_STEPS]
    assert list(stages["cells"]) == pytest.approx([1e9 * cells for cells in plain])
    assert list(dose["cells"]) == pytest.approx([1e9 * balance.target])
    assert list(dose["text"]) == ["target dose 150 M"]
    assert list(shown.table["Cells (billion, median lot)"]) == pytest.approx([*plain, balance.target], rel=5e-3)
    assert f"{words.figures(100 * balance.missed_dose)} % of lots miss it" in shown.finding
    assert "counts the published 2.80 % instead" in shown.finding
    counted = evaluate(changed(FOUNDER, starting_material="cell_balance", cells__target_dose=0.0001))
    ending = "under 0.01 % of lots miss it, and the cost counts these lots as lost."
    assert views.cells(counted).finding.endswith(ending)
    edited = evaluate(changed(FOUNDER, step_edits={"optional": ["gene_editing", "enrichment"]}))
    assert len(views.cells(edited).table) == len(views.CELL_STAGES) + 1
    assert views.cell_count(1.2) == "1.20 billion"
    assert views.cell_count(0.9996) == "1.00 billion"
    assert views.share_of_lots(1e-7) == "under 0.01 %"


def test_a_chart_can_be_read_as_a_table() -> None:
    at = opened()
    toggle = at.toggle(key="categories_as_table")
    assert toggle.label == "Show as table: cost by category"
    toggle.set_value(True).run()
    assert len(at.get("vega_lite_chart")) == 1
    assert at.dataframe[0].value["Category"].iloc[0] == views.category_rows(evaluate(FOUNDER))[0].label
