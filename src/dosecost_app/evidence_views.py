"""What the page *Evidence* shows: published studies against ours, what the cost of a dose rests on, the user's quotes.

Pure: results in, rows and sentences out; nothing here draws.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from dosecost.analysis.cases import PREDICTION, ROLL_UP, Case, Replayed
from dosecost.analysis.evidence import OWN
from dosecost.evaluation import Evaluation
from dosecost.inputs import GRADES, Row
from dosecost.quotes import Quote
from dosecost_app import charts, evidence_charts, words
from dosecost_app.charts import Bar
from dosecost_app.evidence_charts import Against
from dosecost_app.fields import Field
from dosecost_app.views import View, three

MOST = 15
"""Inputs that are named one by one."""
WEAK = ("C", "D")
GRADE_MEANS = {
    "A": "A: published, read",
    "B": "B: published anchor, judged range",
    "C": "C: known, source not read again",
    "D": "D: judgement",
    OWN: "Your own numbers",
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
    return View("How good the evidence is", chart, table, coverage_finding(by_grade), "coverage")


def coverage_finding(by_grade: Mapping[str, float]) -> str:
    """What share rests on published figures and what on judgement."""
    read = by_grade["A"] + by_grade["B"]
    own = f", {words.percent(by_grade[OWN])} on numbers of your own" if by_grade[OWN] else ""
    return (
        f"{words.percent(read)} of what moves the cost of a dose rests on published figures that were read (A, B), "
        f"{words.percent(by_grade['D'])} on judgement (D){own}."
    )


def heaviest(found: Sequence[Weight], fields: Mapping[str, Field]) -> View:
    """The inputs that move the cost of a dose most, with the grade of their evidence."""
    shown = found[:MOST]
    rows = [
        Bar(weight.row.label, 100 * weight.share, grade(weight), "open" if _weak(weight) else "plain")
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
    """The heaviest inputs together, and the one weak number whose quote would raise the evidence most."""
    first = found[:MOST]
    text = f"{len(first)} of {len(found)} inputs make {words.percent(sum(w.share for w in first))} of the response"
    best = next((weight for weight in found if _weak(weight)), None)
    priced = next((weight for weight in found if _weak(weight) and weight.row.is_money), None)
    if best is None:
        return f"{text}; none of them is weak."
    text += f"; measuring “{best.row.label}” (grade {best.row.grade}) would bring most, {words.percent(best.share)}"
    if priced is None or priced is best:
        return f"{text}."
    return f"{text}, and of the prices a quote for “{priced.row.label}”, {words.percent(priced.share)}."


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


def quote_finding(e: Evaluation) -> str:
    """How many own numbers there are and how many of them have a source."""
    own, quoted = len(e.scenario.inputs), len(e.scenario.quotes)
    if not own:
        return "No number is your own yet."
    return f"{quoted} of your {own} own number{'' if own == 1 else 's'} {'has' if quoted == 1 else 'have'} a source."


def line(by_grade: Mapping[str, float]) -> str:
    """The coverage in one short line, for every page that shows the cost."""
    parts = [f"{grade} {words.percent(by_grade[grade])}" for grade in GRADES]
    own = [f"your own {words.percent(by_grade[OWN])}"] if by_grade[OWN] else []
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
