"""Every figure explained: the formula gives the figure, its parts lead to inputs, and nothing is left out."""

import json
import math
import re
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

import pytest

from dosecost import arithmetic, cli, recipes, scenario
from dosecost.contract import BESIDE_FORMULAS, as_data, flat
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost.explain import Explanation, Figures, Part
from dosecost.formulas import PART
from dosecost.scenario import Scenario, with_changes
from dosecost.trace import HELPERS
from tests.test_traced_run import PLAN

EVERY = {"step_edits": {"optional": ["gene_editing", "depletion", "enrichment", "potency_sample"]}}
MONTHS = re.compile(r"\.(\d+)(\.|$)")
SAMPLE = {"1", "30", "60"}
"""Months that are read on every platform; as shipped, and with decisions, all are."""
OTHER_YEARS = ("phases.", "after.", "without_patients.")
NAMES = re.compile(r"\[([^\]…]+)(?:…(\d+)([^\]]*))?\]")


def many(pick: Any) -> Any:
    return lambda *values: pick(values)


def computed(why: Explanation) -> Any:
    """The explained formula, evaluated with the values of its parts."""
    values = {part.name: part.value for part in why.parts}

    def put(found: re.Match[str]) -> str:
        first, last, after = found.groups()
        if last is None:
            return f"values[{first!r}]"
        before, number = re.fullmatch(r"(.*?)(\d+)", first).groups()  # type: ignore[union-attr]
        return ", ".join(f"values[{f'{before}{i}{after}'!r}]" for i in range(int(number), int(last) + 1))

    text = NAMES.sub(put, why.formula)
    for symbol, operator in (("×", "*"), ("÷", "/"), ("−", "-"), ("^", "**"), ("≤", "<="), ("≥", ">=")):
        text = text.replace(symbol, operator)
    known = HELPERS | {"minimum": many(min), "maximum": many(max), "sum": many(sum), "where": arithmetic.where}
    return eval(text, known | {"values": values})  # noqa: S307 (the text is the model's own)


def read(figures: Figures, name: str) -> Explanation:
    """An explanation that has been checked: its formula, words, meaning and parts."""
    why = figures.explain(name)
    if why.formula:
        found = computed(why)
        same = found == why.value if isinstance(why.value, (str, bool)) or why.value is None else None
        assert same or math.isclose(found, why.value, rel_tol=1e-9, abs_tol=1e-6), name
        assert why.in_words, name
        assert "[" not in why.in_words, name
    assert len(why.meaning) > 1, name
    assert why.part.unit or PART in name, name
    assert why.formula or why.note or name in figures.leaves, name
    for part in why.parts:
        assert part.name in figures, f"{name}: {part.name}"
        assert part.name != name
    return why


SHIPPED = [scenario.load(name) for name in scenario.shipped()]
ON_EVERY_PLATFORM = [with_changes(s, EVERY | {"platform": p}, "test") for s in SHIPPED for p in recipes.load()]
WITH_DECISIONS = [with_changes(s, PLAN | {"platform": "manual_open"}, "test") for s in SHIPPED]


def titled(s: Scenario) -> str:
    return f"{s.name.partition(':')[0]}-{s.choices.platform}-{len(s.plan.decisions)}"


@pytest.mark.parametrize("s", ON_EVERY_PLATFORM, ids=titled)
def test_every_formula_of_the_year_and_the_cash_gives_the_figure(s: Scenario) -> None:
    figures = Figures(s)
    for name in figures.names():
        month = MONTHS.search(name)
        if not name.startswith(OTHER_YEARS) and (not month or month[1] in SAMPLE):
            read(figures, name)


@pytest.mark.parametrize("s", [*SHIPPED, *WITH_DECISIONS], ids=titled)
@pytest.mark.slow
def test_parents_end_at_inputs_and_numbers_of_the_plan_and_never_go_round(s: Scenario) -> None:
    figures = Figures(s)
    parents: dict[str, list[Part]] = {}
    waiting = list(figures.names())
    while waiting:
        one = waiting.pop()
        if one not in parents:
            why = read(figures, one)
            parents[one] = why.parts
            waiting.extend(part.name for part in why.parts)
            assert why.parts or why.note or one in figures.leaves, one
    reached = {one for one, parts in parents.items() if not parts} & set(figures.leaves)
    assert len(reached) > 150
    assert any(one.startswith("plan.") for one in reached)
    for_each = {one: {part.name for part in parts} for one, parts in parents.items()}
    assert len(list(TopologicalSorter(for_each).static_order())) == len(parents)


@pytest.mark.parametrize("s", [*SHIPPED, WITH_DECISIONS[1]], ids=titled)
@pytest.mark.slow
def test_everything_that_evaluate_prints_is_explained(s: Scenario) -> None:
    figures = Figures(s)
    for path, value in flat(as_data(evaluate(s))):
        why = figures.explain(path)
        if isinstance(value, float) and not isinstance(why.value, str):
            assert math.isclose(why.value, value, rel_tol=1e-11, abs_tol=1e-6), path
        else:
            assert why.value == value, path
        assert why.formula or why.note, path


def test_what_stands_beside_the_formulas_says_why() -> None:
    figures = Figures(scenario.load("founder"))
    for name in BESIDE_FORMULAS:
        assert BESIDE_FORMULAS[name] in figures.explain(name).note
    assert figures.explain("cost.evidence.D").value > 0


def test_an_input_leads_to_what_holds_it_and_the_headline_divides_two_figures() -> None:
    s = with_changes(scenario.load("founder"), {"losses.shipment_loss": 0.01}, "test")
    figures = Figures(s)
    why = figures.explain("losses.shipment_loss")
    assert (why.value, why.part.grade, why.part.source) == (0.01, "own", "your own number")
    assert "in place of the default" in why.note
    assert "funnel.patients_infused" in why.leads_to
    head = figures.explain("cost.per_patient_infused")
    assert head.formula == "[cost.annual_total] ÷ [funnel.patients_infused]"
    assert head.in_words == "cost a year divided by patients infused"
    assert math.isclose(head.parts[0].value / head.parts[1].value, head.value)
    assert "cost.per_patient_infused" in figures.explain("cost.annual_total").leads_to


def test_a_default_in_other_money_is_converted_by_the_exchange_rate_and_inflation() -> None:
    s = replace(scenario.load("academic"), currency="EUR", price_year=2028)
    figures = Figures(s)
    leaf = next(
        name
        for name, leaf in figures.leaves.items()
        if leaf.row is not None and leaf.row.price_basis == "USD 2026" and name not in s.inputs
    )
    row = figures.leaves[leaf].row
    assert row is not None
    why = read(figures, leaf)
    assert {part.name for part in why.parts} == {"finance.usd_per_eur", "finance.cost_inflation"}
    rate, inflation = (figures.explain(name).value for name in ("finance.usd_per_eur", "finance.cost_inflation"))
    assert math.isclose(why.value, row.base / rate * (1 + inflation) ** 2)
    assert "EUR" in why.part.unit
    assert why.part.grade == row.grade


def test_a_number_of_the_plan_says_which_entry_it_belongs_to() -> None:
    s = scenario.load("founder")
    phase = s.plan.phases[1]
    why = Figures(s).explain(f"plan.phases.{phase.id}.research_per_month")
    assert f"“{phase.name}” under phases" in why.note
    assert why.part.unit == f"{s.currency}/month"
    assert f"programme.plants.first.{phase.id}.research" in why.leads_to


def test_an_output_under_two_names_refers_to_the_first() -> None:
    figures = Figures(scenario.load("founder"))
    assert figures.explain("capacity.suites").formula == "[plant.suites]"
    assert figures.explain("categories.quality").formula == "[cost.categories.quality]"


@pytest.mark.slow
def test_series_and_reasons_are_told_in_words() -> None:
    figures = Figures(with_changes(scenario.load("investor"), PLAN, "test"))
    rate = figures.explain("cash.irr")
    months = int(figures.scenario.plan.horizon_months)
    assert rate.formula == f"rate_of_return([cash.flows.1…{months}])"
    assert len(rate.parts) == months
    assert "brings the present value to zero" in rate.in_words
    assert "sum so far stays at or above zero" in figures.explain("cash.payback_month").in_words
    limit = figures.explain("capacity.bottleneck")
    assert limit.in_words.startswith("if ceiling of the suites is at most ceiling of the main device then")
    assert limit.value == evaluate(figures.scenario).recipe.limiting_device or limit.value == "suites"
    runway = figures.explain("cash.runway_months")
    assert "otherwise none" in runway.in_words


def test_what_is_no_figure_is_refused_with_names_that_are_near() -> None:
    with pytest.raises(InputError, match=r"near are .*funnel\.patients_infused"):
        Figures(scenario.load("founder")).explain("patients_infused")


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "founder", "cost.per_patient_infused"]) == 0
    said = capsys.readouterr().out
    assert "[cost.annual_total] ÷ [funnel.patients_infused]" in said
    assert "cost a year divided by patients infused" in said
    assert cli.main(["explain", "academic", "funnel.patients_infused", "--json", "--set", "remake=no"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {part["grade"] for part in data["parts"] if "grade" in part} <= {*"ABCD", "own"}
    assert data["unit"] == "patients/yr"
    assert cli.main(["explain", "founder"]) == 0
    assert "cost.per_patient_infused" in capsys.readouterr().out.splitlines()
    assert cli.main(["explain", "founder", "cost.nothing"]) == cli.BAD_INPUT
