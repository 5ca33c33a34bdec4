"""T-067: every chart is a constant specification over a small frame, with a finding and a table that say the same."""

import json
import re
from collections.abc import Iterator
from typing import Any

import altair as alt
import pandas as pd
import pytest

from dosecost import scenario
from dosecost.analysis import curves
from dosecost.evaluation import Evaluation, evaluate
from dosecost.scenario import Scenario, with_changes
from dosecost_app import charts, views, words
from dosecost_app.views import View

CHANGES: dict[str, dict[str, object]] = {
    "as shipped": {},
    "other platform": {"platform": "robotic", "boundary": "manufacture"},
    "contract": {"tenure": "cdmo", "boundary": "quality_and_release"},
    "small": {"demand.patients_per_year": 3.0, "heads": "fractional"},
    "broke": {"plan.opening_cash": 0.0, "plan.horizon_months": 12.0},
    "rich": {"plan.opening_cash": 9e9},
}
CASES = [(name, change) for name in scenario.shipped() for change in CHANGES]
LABEL_COLUMNS = {"No.", "Month", "First month", "Last month", "Days", "Patients per year", "Person-hours per lot"}
LABEL_COLUMNS |= {"Open manipulations per lot", "Plates per lot"}


def case(name: str, change: str) -> Scenario:
    """A shipped scenario with one set of changes."""
    return with_changes(scenario.load(name), CHANGES[change], "test")


def every_view(s: Scenario) -> dict[str, View]:
    """All charts of the two main pages for a scenario."""
    e = evaluate(s)
    volumes = curves.volumes_around(e.areas.demand.patients_per_year)
    by_platform = curves.platform_curves(s, volumes)
    found = [
        views.categories(e),
        views.steps(e),
        views.platforms(curves.platform_comparison(s), s.choices.platform),
        views.volume(e, volumes, by_platform, curves.crossovers(volumes, by_platform)),
        views.heads(e),
        views.hours(e),
        views.waits(e),
        views.plates(e),
        views.cells(e),
        views.balance(e),
        views.flows(e),
    ]
    return {view.key: view for view in found}


def encodings(spec: Any) -> Iterator[dict[str, Any]]:
    """The encodings of all layers."""
    for layer in spec["layer"]:
        yield layer["encoding"]


def main_figures(e: Evaluation) -> dict[str, str]:
    """The figure that each chart's alternative text must contain."""
    currency, months = e.scenario.currency, e.cash.months
    cheapest = min(c.cost.per_patient_infused for c in curves.platform_comparison(e.scenario).values())
    headline = words.money(e.cost.per_patient_infused, currency)
    return {
        "categories": headline,
        "steps": headline,
        "platforms": words.money(cheapest, currency),
        "volume": headline,
        "heads": words.doses(e.results.heads.total),
        "hours": words.figures(e.results.work.operator_hours),
        "waits": words.doses(e.results.waits.vein_to_vein),
        "plates": words.doses(e.results.plates.per_lot),
        "cells": views.cell_count(e.results.cells.viable),
        "balance": words.money(e.cash.lowest, currency),
        "flows": words.money(sum(month.outflow for month in months), currency),
    }


@pytest.mark.parametrize("name", scenario.shipped())
def test_a_change_of_scenario_leaves_the_specification_as_it_is(name: str) -> None:
    first = every_view(case(name, "as shipped"))
    texts = {key: json.dumps(view.chart.spec) for key, view in first.items()}
    for change in CHANGES:
        for key, view in every_view(case(name, change)).items():
            assert view.chart.spec is first[key].chart.spec
            assert json.dumps(view.chart.spec) == texts[key]


@pytest.mark.parametrize(("name", "change"), CASES)
def test_no_figure_of_today_stands_in_a_specification(name: str, change: str) -> None:
    for view in every_view(case(name, change)).values():
        text = json.dumps(view.chart.spec, ensure_ascii=False)
        frame = view.chart.frame
        labels = {str(label) for column in ("text", "label") if column in frame for label in frame[column].dropna()}
        assert not [label for label in labels if len(re.findall(r"\d", label)) > 2 and label in text]


@pytest.mark.parametrize(("name", "change"), CASES)
def test_the_alternative_text_has_the_main_figure_and_the_table_has_rows(name: str, change: str) -> None:
    s = case(name, change)
    expected = main_figures(evaluate(s))
    for key, view in every_view(s).items():
        assert expected[key] in view.finding, (key, view.finding)
        assert not re.search(r"\bnan\b|\binf\b|None|\d{7}", view.finding), view.finding
        assert len(view.table) > 0
        assert view.title


@pytest.mark.parametrize(("name", "change"), CASES)
def test_tables_name_their_units(name: str, change: str) -> None:
    for view in every_view(case(name, change)).values():
        numbers = view.table.select_dtypes("number").columns
        assert not [c for c in numbers if "(" not in c and c not in LABEL_COLUMNS and c not in ("Suites", "Heads")]


@pytest.mark.parametrize(("name", "change"), CASES)
def test_frames_are_small_and_finite(name: str, change: str) -> None:
    for view in every_view(case(name, change)).values():
        frame = view.chart.frame
        assert 0 < len(frame) < 2000
        for column in frame.select_dtypes("number"):
            given = frame[column].dropna()
            assert given.abs().lt(1e15).all(), (view.key, column)


@pytest.mark.parametrize("key", list(every_view(scenario.load("founder"))))
def test_a_specification_is_valid_tall_enough_and_has_units_on_its_axes(key: str) -> None:
    spec = every_view(scenario.load("founder"))[key].chart.spec
    alt.LayerChart.from_dict(spec)
    assert spec["height"] >= 300
    assert "data" not in spec
    assert "datasets" not in spec
    assert not [layer for layer in spec["layer"] if "data" in layer]
    titled = {
        channel: encoding[channel].get("title")
        for encoding in encodings(spec)
        for channel in ("x", "y")
        if encoding.get(channel, {}).get("type") == "quantitative" and encoding[channel].get("title")
    }
    kinds = {c: e[c]["type"] for e in encodings(spec) for c in ("x", "y") if "type" in e.get(c, {})}
    assert set(titled) == {channel for channel, kind in kinds.items() if kind == "quantitative"}


def test_no_line_is_told_by_colour_alone() -> None:
    spec = every_view(scenario.load("founder"))["volume"].chart.spec
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    assert lines
    assert all("strokeDash" in layer["encoding"] for layer in lines)


def test_colours_are_the_palettes_in_both_themes() -> None:
    spec = charts.stack_spec("USD")
    colours = next(e["color"]["scale"] for e in encodings(spec) if "color" in e)
    assert colours["domain"] == list(charts.LABELS.values())
    shown = [entry["expr"] for entry in colours["range"]]
    for (light, dark), text in zip(charts.CATEGORY.values(), shown, strict=True):
        assert text == f"dark ? '{dark}' : '{light}'"


def test_what_the_boundary_leaves_out_is_said_and_not_drawn() -> None:
    s = with_changes(scenario.load("founder"), {"boundary": "manufacture"}, "test")
    view = views.categories(evaluate(s))
    rows = view.chart.frame.set_index("label")
    assert rows.loc["Idle capacity", "text"] == "left out"
    assert rows.loc["Idle capacity", "amount"] == 0
    assert list(view.table["Counted"]).count("no") == 6


def test_labels_at_the_ends_of_curves_keep_apart() -> None:
    assert charts.apart([1.0, 1.01, 5.0], 0.5) == [1.0, 1.5, 5.0]
    assert charts.apart([3.0, 1.0, 1.1, 1.2], 0.5) == [3.0, 1.0, 1.5, 2.0]


def test_a_part_is_named_where_it_is_longest_and_thickest() -> None:
    assert charts.longest_run([0, 0, 5, 5, 5, 9]) == (2, 4)
    assert charts.longest_run([1, 1, 1, 30]) == (3, 3)
    assert charts.longest_run([0.0, 0.0]) == (0, 0)


def test_the_stack_of_a_month_is_its_outflow() -> None:
    """What stock gives back when the rate falls stands below the axis, the rest on top of each other."""
    e = evaluate(scenario.load("investor"))
    frame = views.flows(e).chart.frame
    parts = frame[frame["kind"] == "part"].groupby("month")
    top, bottom = parts["end"].max(), parts["start"].min()
    for month in e.cash.months:
        assert top[month.month] + bottom[month.month] == pytest.approx(month.outflow)
    assert bottom.min() == pytest.approx(min(month.stock for month in e.cash.months))
    assert bottom.min() < 0


def test_money_received_after_the_horizon_is_not_drawn() -> None:
    late = charts.Receipt("late", 99, 1e6, 1)
    early = charts.Receipt("early", 3, 1e6, 2)
    found = charts.receipt_rows([late, early], 12, [0.0] * 13)
    assert [row["label"] for row in found] == ["early +1.00 M in 2 parts"]


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("USD 277,000", "USD\u00a0277\\,000"),
        ("EUR −4.50 M left", "EUR\u00a0−4\\.50\u00a0M left"),
        ("24 % of 3 months", "24\u00a0\\% of 3\u00a0months"),
        ("*a* [b](c)", "\\*a\\* \\[b\\]\\(c\\)"),
    ],
)
def test_prose_keeps_figures_whole_and_text_plain(sentence: str, shown: str) -> None:
    assert charts.prose(sentence) == shown


def test_bars_keep_the_order_given() -> None:
    chart = charts.bars([charts.Bar("b", 1.0), charts.Bar("a", 2.0, "note")], "days", 300)
    assert list(chart.frame["label"]) == ["b", "a"]
    assert list(chart.frame["text"]) == ["1", "2 · note"]
    assert isinstance(chart.frame, pd.DataFrame)
