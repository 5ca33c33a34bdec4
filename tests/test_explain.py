"""Every figure explained: the formula gives the figure, its parts lead to inputs, and nothing is left out."""

import json
import math
import re

import pytest

from dosecost import arithmetic, cli, recipes, scenario
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost.explain import Explanation, Figures
from dosecost.scenario import with_changes

HELPERS = {
    name: getattr(arithmetic, name)
    for name in ("ceil", "floor", "maximum", "minimum", "where", "log", "normal_cdf", "binormal_cdf")
}
EVERY = {"step_edits": {"optional": ["gene_editing", "depletion", "enrichment", "potency_sample"]}}


def computed(why: Explanation) -> float:
    """The explained formula, evaluated with the values of its parts."""
    values = {f"v{i}": part.value for i, part in enumerate(why.parts)}
    names = {f"[{part.name}]": f"v{i}" for i, part in enumerate(why.parts)}
    text = re.sub(r"\[[^\]]+\]", lambda found: names[found.group()], why.formula)
    for symbol, operator in (("×", "*"), ("÷", "/"), ("−", "-"), ("^", "**")):
        text = text.replace(symbol, operator)
    return float(eval(text, HELPERS | values))  # noqa: S307 (the text is the model's own)


@pytest.mark.parametrize("platform", recipes.load())
@pytest.mark.parametrize("name", scenario.shipped())
def test_every_explained_formula_gives_the_figure_and_ends_at_inputs(name: str, platform: str) -> None:
    s = with_changes(scenario.load(name), EVERY | {"platform": platform}, "test")
    figures = Figures(s)
    reached: set[str] = set()
    for figure in figures.names():
        why = figures.explain(figure)
        if why.formula:
            assert computed(why) == pytest.approx(why.value, rel=1e-9, abs=1e-9), figure
        for part in why.parts:
            assert part.row is not None or part.name in figures.nodes, f"{figure}: {part.name}"
            assert part.name != figure
        reached |= {part.name for part in why.parts if part.row is not None}
    assert len(reached) > 100


@pytest.mark.parametrize("name", scenario.shipped())
def test_the_figures_are_those_of_the_evaluation(name: str) -> None:
    s = scenario.load(name)
    e, figures = evaluate(s), Figures(s)
    for figure, value in (
        ("cost.per_patient_infused", e.cost.per_patient_infused),
        ("cost.categories.quality", e.cost.categories["quality"]),
        ("funnel.patients_infused", e.results.funnel.patients_infused),
        ("heads.total", e.results.heads.total),
        ("plates.per_year", e.results.plates.per_year),
        ("invested", e.results.invested),
    ):
        assert figures.explain(figure).value == pytest.approx(value, rel=1e-12), figure
    lines = {f"ledger.{line.id}.annual": line.annual for line in e.results.lines}
    assert set(lines) <= set(figures.names())
    for line, annual in lines.items():
        assert figures.explain(line).value == pytest.approx(annual, rel=1e-9, abs=1e-9)


def test_no_figure_goes_round_to_itself() -> None:
    figures = Figures(scenario.load("founder"))
    parents = {n: [p.name for p in figures.explain(n).parts if p.row is None] for n in figures.names()}
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " > ".join((*above, name))
        if name not in done:
            for parent in parents[name]:
                walk(parent, (*above, name))
            done.add(name)

    for name in parents:
        walk(name, ())


def test_an_input_leads_to_what_holds_it_and_the_headline_divides_two_figures() -> None:
    s = with_changes(scenario.load("founder"), {"losses.shipment_loss": 0.01}, "test")
    figures = Figures(s)
    why = figures.explain("losses.shipment_loss")
    assert why.value == 0.01
    assert "funnel.patients_infused" in why.leads_to
    head = figures.explain("cost.per_patient_infused")
    assert head.formula == "[cost.annual_total] ÷ [funnel.patients_infused]"
    assert math.isclose(head.parts[0].value / head.parts[1].value, head.value)
    assert "cost.per_patient_infused" in figures.explain("cost.annual_total").leads_to


def test_what_is_no_figure_is_refused_with_names_that_are_near() -> None:
    with pytest.raises(InputError, match=r"near are .*funnel\.patients_infused"):
        Figures(scenario.load("founder")).explain("patients_infused")


def test_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "founder", "cost.per_patient_infused"]) == 0
    assert "[cost.annual_total] ÷ [funnel.patients_infused]" in capsys.readouterr().out
    assert cli.main(["explain", "academic", "funnel.patients_infused", "--json", "--set", "remake=no"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {part["grade"] for part in data["parts"] if "grade" in part} <= set("ABCD")
    assert cli.main(["explain", "founder"]) == 0
    assert "cost.per_patient_infused" in capsys.readouterr().out.splitlines()
    assert cli.main(["explain", "founder", "cost.nothing"]) == cli.BAD_INPUT
