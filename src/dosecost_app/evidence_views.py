"""What the page *Evidence* shows: published studies against ours, what the cost of a dose rests on, the user's quotes.

Pure: results in, rows and sentences out; nothing here draws.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from dosecost.analysis.cases import PREDICTION, ROLL_UP, Case, Replayed
from dosecost.analysis.evidence import DECISIONS, OWN, Swing
from dosecost.evaluation import Evaluation
from dosecost.inputs import GRADES, Row
from dosecost.quotes import Quote
from dosecost_app import charts, evidence_charts, words
from dosecost_app.charts import Bar
from dosecost_app.evidence_charts import Against
from dosecost_app.fields import Field
from dosecost_app.views import View, three

MOST, MOST_DOUBTS = 15, 12
"""Inputs that are named one by one."""
WEAK = ("C", "D")
LEAST = 0.001
"""The least share that is named."""
GRADE_MEANS = {
    "A": "A: published, read",
    "B": "B: published anchor, judged range",
    "C": "C: known, source not read again",
    "D": "D: judgement",
    OWN: "Set in this scenario",
}

LIMITS = (
    (
        "What is counted",
        "The cost of making, testing and delivering autologous CAR-T doses: materials, vector, people, rooms, devices, "
        "monitoring, quality, apheresis, transport, overhead, financing and idle capacity; and the months that the "
        "money of a programme lasts. Which of these the cost of a dose holds is chosen at *Dose cost* and shown beside "
        "it.",
    ),
    (
        "What is not",
        "The treatment of the patient in hospital; research before the first plan month; sales; tax; inflation within "
        "the plan; licences and royalties but the one of the plan; several plants; stock of doses. The cell balance "
        "counts cells, not their quality. Rooms are sized from rules, not drawn.",
    ),
    (
        "How far the figures carry",
        "Most inputs are judged or quoted from memory of the field (grades C and D), as the bars of *What the cost "
        "rests on* show. Differences between ways of working carry further than the level of the cost; the level "
        "carries as far as your own quotes do.",
    ),
    (
        "What it is not for",
        "Not for batch release or GMP records, not for pricing a single patient's treatment, not for the accounts of a "
        "company, and no advice on regulation: rules name their source, and the regulator decides.",
    ),
)
"""What the figures hold and what not, and what they are not for: headings with their text as Markdown."""


class Weight(NamedTuple):
    """One input with its share of the headline's response, and the row it comes from."""

    row: Row
    share: float
    own: bool


def against_print(found: Sequence[Replayed]) -> View:
    """Ours over what was printed for every prediction, with its band; and the worst of each study's roll-ups."""
    shown = [*(one for one in found if one.kind == PREDICTION), *_worst_roll_ups(found)]
    rows = [
        Against(
            label=f"{_study(one.case)}: {one.result.label}" if one.kind == PREDICTION else _roll_up_label(one, found),
            ratio=one.ours / one.result.printed,
            low=min(one.low / one.result.printed, one.high / one.result.printed),
            high=max(one.low / one.result.printed, one.high / one.result.printed),
            kind="outside" if not one.within else one.kind,
        )
        for one in shown
    ]
    table = pd.DataFrame(
        {
            "Study": [_study(one.case) for one in found],
            "Result": [one.result.label for one in found],
            "Kind": [one.kind for one in found],
            "Printed": [three(one.result.printed) for one in found],
            "Ours": [three(one.ours) for one in found],
            "Unit": [one.result.unit for one in found],
            "Difference (%)": [three(100 * one.difference) for one in found],
            "Verdict": ["within its band" if one.within else "outside its band" for one in found],
            "Band and why": [
                f"{words.figures(one.low)} to {words.figures(one.high)}: {one.result.reason}" for one in found
            ],
            "If outside, why": ["" if one.within else one.result.because for one in found],
            "Evidence of the print": [one.result.evidence for one in found],
            "Source": [f"{one.case.citation}. {one.case.source}" for one in found],
        }
    )
    chart = evidence_charts.against(rows)
    return View("Published studies, ours over printed", chart, table, print_finding(found), "cases")


def print_finding(found: Sequence[Replayed]) -> str:
    """How many roll-ups agree and how many predictions lie in their bands, and which do not."""
    rolled, predicted = ([one for one in found if one.kind == kind] for kind in (ROLL_UP, PREDICTION))
    outside = [one for one in predicted if not one.within]
    text = (
        f"{sum(one.within for one in rolled)} of {len(rolled)} results rolled up from the studies' own figures agree; "
        f"{len(predicted) - len(outside)} of {len(predicted)} predictions from our inputs lie in their bands"
    )
    if not outside:
        return f"{text}."
    names = [f"“{_study(one.case)}: {one.result.label}”" for one in outside]
    return f"{text}. Outside: {charts.listed(names)}; the table says why."


def studies(known: Sequence[Case]) -> pd.DataFrame:
    """The studies: where they stand, their setting and boundary, what is missing and what is not replayed."""
    return pd.DataFrame(
        {
            "Study": [case.title for case in known],
            "Setting": [case.setting for case in known],
            "Counted": [case.boundary for case in known],
            "Money of": [f"{case.currency} {case.price_year}" for case in known],
            "Not recoverable": [case.not_recovered for case in known],
            "Not replayed": ["; ".join(case.not_replayed) for case in known],
            "Citation": [case.citation for case in known],
            "How it was read": [case.source for case in known],
        }
    )


def studies_finding(known: Sequence[Case]) -> str:
    """How many studies there are, and for how many something is not replayed."""
    left = sum(bool(case.not_replayed) for case in known)
    return f"{len(known)} studies; for {left} of them something printed is not replayed, with the reason."


def weights(rows: Mapping[str, Row], shares: Mapping[str, float], own: Mapping[str, float]) -> list[Weight]:
    """Inputs that move the headline, the heaviest first."""
    found = [Weight(rows[name], share, name in own) for name, share in shares.items() if share > 0]
    return sorted(found, key=lambda weight: -weight.share)


def coverage(e: Evaluation, by_grade: Mapping[str, float]) -> View:
    """Share of the headline's response by grade of evidence."""
    rows = [Bar(GRADE_MEANS[grade], 100 * by_grade[grade]) for grade in (*GRADES, OWN)]
    table = pd.DataFrame(
        {
            "Grade": [row.label for row in rows],
            "Share of the cost's response (%)": [three(row.amount or 0) for row in rows],
        }
    )
    chart = charts.bars(rows, "per cent of the response of the cost per dose", 260, lambda x: f"{words.doses(x)} %")
    strong, weak = (sum(by_grade[grade] for grade in GRADES if (grade in WEAK) is is_weak) for is_weak in (False, True))
    finding = (
        f"Grades C and D, the numbers to check first, make {words.percent(weak)} of the response of the cost of a "
        f"dose; grades A and B make {words.percent(strong)}."
    )
    return View("How good the evidence is", chart, table, finding, "coverage")


def coverage_finding(by_grade: Mapping[str, float]) -> str:
    """What share rests on published figures, on published anchors, on what was not read again, and on judgement."""
    own = f", {part(by_grade[OWN])} on numbers set in this scenario" if by_grade[OWN] else ""
    return (
        f"{words.percent(by_grade['A'])} of what moves the cost of a dose rests on published figures that were read "
        f"(A); {words.percent(by_grade['B'])} on a published anchor whose range is judged (B), "
        f"{words.percent(by_grade['C'])} on known figures whose source was not read again (C), "
        f"{words.percent(by_grade['D'])} on judgement (D){own}."
    )


def heaviest(found: Sequence[Weight], fields: Mapping[str, Field]) -> View:
    """The inputs that move the cost of a dose most, with the grade of their evidence."""
    shown = found[:MOST]
    rows = [
        Bar(
            weight.row.label,
            100 * weight.share,
            grade(weight) + ("" if has_range(weight.row) or weight.own else ", fixed"),
            "open" if _weak(weight) else "plain",
        )
        for weight in shown
    ]
    table = pd.DataFrame(
        {
            "Input": [weight.row.label for weight in found],
            "Area": [words.area_label(weight.row.name.partition(".")[0]) for weight in found],
            "Share of the cost's response (%)": [three(100 * weight.share) for weight in found],
            "Value": [three(fields[weight.row.name].value) for weight in found],
            "Default": [three(fields[weight.row.name].default) for weight in found],
            "Low": [three(fields[weight.row.name].low) for weight in found],
            "High": [three(fields[weight.row.name].high) for weight in found],
            "Unit": [words.unit_label(fields[weight.row.name].unit) for weight in found],
            "Price basis": [weight.row.price_basis if weight.row.is_money else "" for weight in found],
            "Grade": [grade(weight) for weight in found],
            "Source": [weight.row.source for weight in found],
        }
    )
    chart = charts.bars(rows, "per cent of the response of the cost per dose", 90 + 30 * len(rows), words.doses)
    return View("What the cost rests on most", chart, table, heaviest_finding(found), "heaviest")


def heaviest_finding(found: Sequence[Weight]) -> str:
    """The heaviest inputs together, how many of them are weak, and which are fixed."""
    if not found:
        return "No input moves the cost of a dose."
    first = found[:MOST]
    weak = [weight for weight in first if _weak(weight)]
    text = (
        f"{len(first)} of {len(found)} inputs make {words.percent(sum(w.share for w in first))} of the response, the "
        f"most “{first[0].row.label}” ({words.percent(first[0].share)}); {len(weak)} of the {len(first)} have grade C "
        "or D"
    )
    fixed = [f"“{weight.row.label}”" for weight in weak if not has_range(weight.row)]
    if not fixed:
        return f"{text}."
    are = "is a scale factor" if len(fixed) == 1 else "are scale factors"
    return f"{text}. {charts.listed(fixed)} {are} fixed by definition, without a range: there is nothing to measure."


def doubts(rows: Mapping[str, Row], swings: Mapping[str, Swing], own: Mapping[str, float]) -> list[Weight]:
    """Inputs whose range moves the headline, the widest swing first; ``share`` is the swing in scenario money. One that
    a per cent does not move may be among them: whole suites and devices wait for more."""
    moving = [Weight(rows[name], swing.span, name in own) for name, swing in swings.items() if swing.span > 0]
    return sorted(moving, key=lambda weight: -weight.share)


def find_out(
    ranked: Sequence[Weight], swings: Mapping[str, Swing], fields: Mapping[str, Field], currency: str
) -> View | None:
    """The weak inputs whose ranges leave the cost of a dose most in doubt; all inputs with a range in the table."""
    if not ranked:
        return None
    shown = [weight for weight in ranked if _weak(weight)][:MOST_DOUBTS] or ranked[:MOST_DOUBTS]
    rows = [
        Bar(weight.row.label, swings[weight.row.name].span, grade(weight), "open" if _weak(weight) else "plain")
        for weight in shown
    ]
    spans = [swings[weight.row.name] for weight in ranked]
    table = pd.DataFrame(
        {
            "Input": [weight.row.label for weight in ranked],
            f"Moves the cost by ({currency})": [three(swing.span) for swing in spans],
            f"Cost at low ({currency})": [three(swing.at_low) for swing in spans],
            f"Cost at high ({currency})": [three(swing.at_high) for swing in spans],
            "Grade": [grade(weight) for weight in ranked],
            "Low": [three(fields[weight.row.name].low) for weight in ranked],
            "High": [three(fields[weight.row.name].high) for weight in ranked],
            "Unit": [words.unit_label(fields[weight.row.name].unit) for weight in ranked],
        }
    )
    unit = f"{currency} per patient, from low to high"
    chart = charts.bars(rows, unit, 90 + 30 * len(rows), charts.short)
    finding = find_out_finding(ranked, swings, fields, currency)
    return View("What to find out next", chart, table, finding, "find_out")


def find_out_finding(
    ranked: Sequence[Weight], swings: Mapping[str, Swing], fields: Mapping[str, Field], currency: str
) -> str:
    """The weak input whose range moves the cost most, and the price whose quote would settle most."""
    best = next((weight for weight in ranked if _weak(weight)), None)
    priced = next((weight for weight in ranked if _weak(weight) and weight.row.is_money), None)
    if best is None:
        return "No input of grade C or D has a range that moves the cost of a dose."

    def told(weight: Weight) -> str:
        at, swing = fields[weight.row.name], swings[weight.row.name]
        ends = f"from {words.exact(at.low)} to {words.exact(at.high)} {words.unit_label(at.unit)}"
        moves = f"it moves the cost of a dose by {words.money(swing.span, currency)}"
        return f"“{weight.row.label}” (grade {weight.row.grade}): {ends} {moves}"

    text = f"Of the inputs of grade C and D the one most in doubt is {told(best)}"
    if priced is best:
        return f"{text}; as it is a price, one quote would settle it."
    if priced is None:
        return f"{text}."
    return f"{text}. Of the prices, a quote would settle most for {told(priced)}."


def has_range(row: Row) -> bool:
    """Whether an input can lie anywhere but at its default: a scale factor that is 1 by definition cannot."""
    return row.low < row.high


def quote_table(e: Evaluation, rows: Mapping[str, Row]) -> pd.DataFrame:
    """The user's quotes."""
    quotes: Mapping[str, Quote] = e.scenario.quotes
    return pd.DataFrame(
        {
            "Input": [rows[name].label for name in quotes],
            "Value": [three(e.scenario.inputs[name]) for name in quotes],
            "Low": [three(quote.low) for quote in quotes.values()],
            "High": [three(quote.high) for quote in quotes.values()],
            "Unit": [rows[name].unit_in(e.scenario.currency) for name in quotes],
            "Source": [quote.source for quote in quotes.values()],
            "Date": [quote.date for quote in quotes.values()],
        }
    )


def quote_finding(e: Evaluation, came_with: Mapping[str, float]) -> str:
    """How many numbers are the user's own and how many of them have a source. Decisions need none, and a number that
    came with a shipped scenario (``came_with``) is not the user's until it is changed or quoted."""
    quotes, numbers = e.scenario.quotes, e.scenario.inputs
    own = [
        name
        for name, value in numbers.items()
        if name in quotes or (name not in DECISIONS and came_with.get(name) != value)
    ]
    if not own:
        return "No number is your own yet."
    said = f"{len(quotes)} of your {len(own)} own number{'' if len(own) == 1 else 's'}"
    return f"{said} {'has' if len(quotes) == 1 else 'have'} a source."


def part(share: float) -> str:
    """A share in per cent; what would round to nothing is said to be less than the least that is shown."""
    return f"less than {words.percent(LEAST)}" if 0 < share < LEAST else words.percent(share)


def line(by_grade: Mapping[str, float]) -> str:
    """The coverage in one short line, for every page that shows the cost."""
    parts = [f"{grade} {words.percent(by_grade[grade])}" for grade in GRADES]
    own = [f"set in this scenario {part(by_grade[OWN])}"] if by_grade[OWN] else []
    return f"Evidence behind the cost, best to weakest: {' · '.join((*parts, *own))}".replace(
        " %", "\N{NO-BREAK SPACE}%"
    )


def grade(weight: Weight) -> str:
    """The grade of an input's evidence, or that the number is the user's."""
    return "own" if weight.own else weight.row.grade


def _weak(weight: Weight) -> bool:
    return not weight.own and weight.row.grade in WEAK


def _study(case: Case) -> str:
    return case.title.partition(":")[0]


def _worst_roll_ups(found: Sequence[Replayed]) -> list[Replayed]:
    by_case: dict[str, Replayed] = {}
    for one in found:
        if one.kind == ROLL_UP and abs(one.difference) >= abs(by_case.get(one.case.id, one).difference):
            by_case[one.case.id] = one
    return list(by_case.values())


def _roll_up_label(worst: Replayed, found: Sequence[Replayed]) -> str:
    count = sum(one.kind == ROLL_UP and one.case.id == worst.case.id for one in found)
    return f"{_study(worst.case)}: {count} rolled up"
