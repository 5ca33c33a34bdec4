"""What the report says: a scenario in, blocks of headings, sentences, figures, charts and tables out.

Pure: every figure comes through the views and words of the pages, so that paper and page say the same. Nothing here
decides how a block looks; ``report.typ`` does.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from dosecost import feasibility
from dosecost.analysis import evidence
from dosecost.analysis.bridge import bridge
from dosecost.evaluation import Evaluation, evaluate, rows_in_use
from dosecost.scenario import CHOICE_NAMES, Scenario
from dosecost_app import charts, comparison_charts, comparison_views, evidence_views, views, words
from dosecost_app.comparison_views import Side
from dosecost_app.evidence_views import Weight
from dosecost_app.fields import Field, fields_of, values_of
from dosecost_app.views import Figure, View

QUESTION = "What does one patient’s dose cost, and how long does the money last?"
AS_LOADED, PRESENT = "As loaded", "Present scenario"
MOST_INPUTS = 12
"""Inputs named one by one; all others stand together in the shares by grade."""
MOST_DIFFERENCES = 10
"""Differences from the base named one by one."""
LONGEST_LABEL = 34
"""Letters of a step of the bridge that fit beside it."""
WIDTHS = {"No.": 0, "Mark": 0, "Phase": 3, "Decision": 3, "What": 3, "Unit": 1, "Part": 1}
"""Share of a table's width that a column takes; 0 is as wide as its text."""
WIDTH = 1.7
"""Share of the other columns."""
EMPHASIS = re.compile(r"\*(.+?)\*")
"""A name of a page inside a text that is Markdown on the page."""


class Base(NamedTuple):
    """The scenario that a report sets its own against, and what it is called there."""

    label: str
    scenario: Scenario


class Heading(NamedTuple):
    """A heading of the report."""

    text: str
    kind: str = "heading"


class Text(NamedTuple):
    """A sentence or two; ``lead`` says that what follows belongs to it, ``small`` that it is a remark."""

    text: str
    lead: bool = False
    small: bool = False
    kind: str = "text"


class Figures(NamedTuple):
    """Figures side by side: label, value, what each leaves out."""

    figures: Sequence[tuple[str, str, str]]
    kind: str = "figures"


class Drawn(NamedTuple):
    """A chart, its height in pixels of the page, and what it says."""

    chart: charts.Chart
    height: int
    finding: str
    kind: str = "chart"


class Table(NamedTuple):
    """Columns with their share of the width (0: as wide as its text), rows of text, and which are numbers."""

    columns: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[bool]
    about: str
    kind: str = "table"


class Entries(NamedTuple):
    """Short terms, each with what is said of it, in ``columns`` columns."""

    entries: Sequence[tuple[str, str]]
    columns: int
    kind: str = "entries"


Block = Heading | Text | Figures | Drawn | Table | Entries


def blocks(scenario: Scenario, base: Base | None = None) -> list[Block]:
    """The whole report in reading order."""
    e = evaluate(scenario)
    weights, fields = evidence.input_weights(scenario), fields_of(scenario, values_of(scenario))
    found: list[Block] = [*answer(e), *costs(e), *choices(e), *cash(e), *phases(e), *assumptions(e, weights, fields)]
    if base is not None and base.scenario != scenario:
        label, present = comparison_views.distinct([base.label, PRESENT])
        found += compared(Side(label, evaluate(base.scenario)), Side(present, e))
    return [*found, *remarks(e), *limits()]


# ---- the answer, the cost, the cash ---------------------------------------------------------------------------


def answer(e: Evaluation) -> list[Block]:
    """The question, its answer, the three costs and the runway, each with what it leaves out."""
    return [
        Heading(QUESTION),
        Text(e.scenario.description, small=True),
        Text(views.cost_answer(e)),
        Text(views.runway_answer(e)),
        shown(views.cost_figures(e, e)),
        Text(views.counted(e.scenario.choices.boundary), small=True),
    ]


def shown(figures: Iterable[Figure]) -> Figures:
    """Figures of a page as they stand there."""
    return Figures([(figure.label, figure.value, figure.note) for figure in figures])


def costs(e: Evaluation) -> list[Block]:
    """Where the money of one dose goes."""
    return drawn("Where the money goes", views.categories(e), 330)


def choices(e: Evaluation) -> list[Block]:
    """What is decided: patients a year, and every choice."""
    scenario = e.scenario
    asked = ("Patients a year", words.doses(float(e.areas.demand.patients_per_year)))
    chosen = [
        (words.choice_label(name), words.option_label(name, getattr(scenario.choices, name))) for name in CHOICE_NAMES
    ]
    return [Heading("What is decided"), Entries([asked, *chosen], 4)]


def drawn(title: str, view: View, height: int) -> list[Block]:
    """A chart of a page with its finding."""
    return [Heading(title), Text(view.finding, lead=True), Drawn(view.chart, height, view.finding)]


def cash(e: Evaluation) -> list[Block]:
    """The plan's cash month by month, and the two runways."""
    return [
        *drawn("How long the money lasts", views.balance(e), 330),
        shown(views.cash_figures(e, e)),
        Text(views.conventions(e), small=True),
    ]


def phases(e: Evaluation) -> list[Block]:
    """The plan: its phases, and its decisions where it has any."""
    about, frame = views.milestones_finding(e), views.milestones(e)
    frame.insert(2, "Rate of patients", [words.percent(phase.share_of_demand) for phase in e.scenario.plan.phases])
    found: list[Block] = [
        Heading("Phases of the plan"),
        Text(about, lead=True),
        table(frame, about),
    ]
    if e.scenario.plan.decisions:
        about = views.decisions_finding(e)
        found += [Heading("Decisions of the plan"), Text(about, lead=True)]
        found.append(table(views.decisions(e), about))
    return found


# ---- what it rests on -----------------------------------------------------------------------------------------


def assumptions(e: Evaluation, weights: dict[str, float], fields: dict[str, Field]) -> list[Block]:
    """The inputs that move the headline most, and how much of it rests on which grade of evidence."""
    by_grade = evidence.shares_by_grade(e.scenario, weights)
    heavy = evidence_views.weights(rows_in_use(e.scenario), weights, e.scenario.inputs)[:MOST_INPUTS]
    meant = " · ".join(evidence_views.GRADE_MEANS.values())
    rows = [
        [
            weight.row.label,
            words.percent(weight.share),
            *input_cells(fields[weight.row.name]),
            evidence_views.grade(weight),
            source(e.scenario, weight),
        ]
        for weight in heavy
    ]
    about = f"The {len(rows)} inputs that move the cost of a dose most"
    return [
        Heading("What the cost rests on"),
        Text(evidence_views.coverage_finding(by_grade), lead=True),
        Text(evidence_views.line(by_grade), lead=True, small=True),
        Text(
            f"{about}, with their share of its response: every input is raised by one per cent in turn. Grades: "
            f"{meant}.",
            lead=True,
            small=True,
        ),
        Table(
            ["Input", "Share", "Value", "Range", "Unit", "Grade", "Source"],
            [2.6, 0, 0, 0, 1.1, 0, 4.2],
            rows,
            [False, True, True, True, False, False, False],
            about,
        ),
    ]


def input_cells(field: Field) -> list[str]:
    """Value, range and unit of an input, at three significant figures."""
    value, low, high = (words.exact(views.three(x)) for x in (field.value, field.low, field.high))
    return [value, f"{low} to {high}", words.unit_label(field.unit)]


def source(scenario: Scenario, weight: Weight) -> str:
    """Where an input comes from; of a number of one's own, the user's source, note, or that there is none."""
    name = weight.row.name
    if not weight.own:
        return weight.row.source
    if name in scenario.quotes:
        return f"{scenario.quotes[name].source}, {scenario.quotes[name].date}"
    return scenario.notes.get(name, "own number, no source given")


# ---- against the base -----------------------------------------------------------------------------------------


def compared(base: Side, other: Side) -> list[Block]:
    """The headline figures of both, the bridge between their costs, and what differs."""
    sides = [base, other]
    bars = [] if comparison_views.apart(base, other) else bridge(base.e.scenario, other.e.scenario)
    figures = comparison_views.headline(sides)
    figures = figures.rename(columns={comparison_views.difference_column(other): "Difference"})
    finding = comparison_views.bridge_finding(base, other, bars)
    found: list[Block] = [
        Heading("Against the base scenario"),
        Text(f"“{base.label}”: {base.e.scenario.name}, digest {base.e.scenario.digest}.", lead=True, small=True),
        Text(comparison_views.answer(sides, [bars]), lead=True),
        table(figures, "The headline figures of both, and their difference"),
    ]
    if notes := comparison_views.headline_notes(sides):
        found.append(Text(notes, small=True))
    found += [Heading("Why the cost differs"), Text(finding, lead=True)]
    if not comparison_views.apart(base, other) and comparison_views.bridge_parts(bars):
        steps = comparison_views.bridge_steps(base, other, bars, LONGEST_LABEL)
        told = "; ".join(f"{step.label} {comparison_charts.shown(step)}" for step in steps)
        chart = comparison_charts.waterfall(steps, base.e.scenario.currency)
        found.append(Drawn(chart, 60 + 23 * len(steps), f"{finding} Step by step: {told}."))
    return found + differences(sides)


def differences(sides: Sequence[Side]) -> list[Block]:
    """What differs between the two, the first of it one by one."""
    full = comparison_views.differences(sides)
    if not len(full):
        return []
    about = comparison_views.differences_finding(sides, full)
    left = len(full) - MOST_DIFFERENCES
    found: list[Block] = [Heading("What differs"), Text(about, lead=True)]
    found.append(table(full.head(MOST_DIFFERENCES), about))
    return [*found, Text(f"{left} more differ; the page Compare lists them.", small=True)] if left > 0 else found


# ---- warnings and limits --------------------------------------------------------------------------------------


def remarks(e: Evaluation) -> list[Block]:
    """What speaks against the scenario, errors first."""
    found = [(words.LEVELS[finding.level], finding.text) for finding in feasibility.check(e)]
    return [Heading("Is this possible?"), Entries(found, 1) if found else Text("No remarks.")]


def limits() -> list[Block]:
    """What the figures hold and what not, and what they are not for."""
    told = [(heading, EMPHASIS.sub(r"“\1”", text)) for heading, text in evidence_views.LIMITS]
    return [Heading("Limits"), Entries(told, 1)]


def table(frame: pd.DataFrame, about: str) -> Table:
    """A table of a page: numbers to the right, with thousands separators."""
    widths = [WIDTHS.get(column, WIDTH) for column in frame.columns]
    numbers = [pd.api.types.is_numeric_dtype(frame[column]) for column in frame.columns]
    rows = [[cell(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    return Table([str(column) for column in frame.columns], widths, rows, numbers, about)


def cell(value: Any) -> str:
    """A cell as text."""
    if isinstance(value, str):
        return value
    return "" if pd.isna(value) else words.exact(float(value))
