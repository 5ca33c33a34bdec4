"""What the page *Compare* shows of two to four evaluations: figures, bridges, differences and cash.

Pure: evaluations in, rows and sentences out. The first side is the base.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import pandas as pd

from dosecost import plan, quotes, step_edits
from dosecost.analysis.bridge import Bar
from dosecost.analysis.changes import changes
from dosecost.contract import runway_months
from dosecost.evaluation import Evaluation, rows_in_use
from dosecost.inputs import AREAS, values_in_use
from dosecost.scenario import CHOICE_NAMES
from dosecost_app import charts, comparison_charts, views, words
from dosecost_app.comparison_charts import Line, Step
from dosecost_app.views import View

SAME = "same"
NAMED = 8
"""Differences that a bridge names; the smaller ones stand together."""
LABEL_LENGTH = 28
CONTRACT = "none: contract"
PARTS = {"steps": "Step", step_edits.KEY: "Step", quotes.KEY: "Source", "plan": "Plan"}
"""What a key belongs to that is neither a choice nor an input."""
PLAN_MONEY = {
    column.name
    for part in (plan.Plan, plan.Phase, plan.Receipt, *plan.DECISIONS.values())
    for column in fields(part)
    if column.metadata.get("at_most") == plan.MOST_MONEY
}
"""Numbers and columns of the plan that are money."""


class Side(NamedTuple):
    """One of the scenarios compared: what it is called here, and its result."""

    label: str
    e: Evaluation


def distinct(labels: Sequence[str], longest: int = LABEL_LENGTH) -> list[str]:
    """The labels, none too long, and a number after one that comes again."""
    found: list[str] = []
    for label in labels:
        label = label if len(label) <= longest else f"{label[: longest - 1].rstrip()}…"
        tried, number = label, 2
        while tried in found:
            tried, number = f"{label} ({number})", number + 1
        found.append(tried)
    return found


def money_of(e: Evaluation) -> str:
    """Currency and price year."""
    return f"{e.scenario.currency} of {e.scenario.price_year}"


def apart(base: Side, other: Side) -> str:
    """Why amounts of the two cannot be subtracted; '' where they can."""
    one, two = money_of(base.e), money_of(other.e)
    return "" if one == two else f"“{base.label}” is in {one} and “{other.label}” in {two}"


def cost(side: Side) -> str:
    """The headline in words."""
    return words.money(side.e.cost.per_patient_infused, side.e.scenario.currency)


def signed(x: float, show: Callable[[float], str]) -> str:
    """A difference with its sign."""
    return f"{'−' if x < 0 else '+'}{show(abs(x))}"


def alike(a: float, b: float) -> bool:
    """Whether two figures differ by no more than rounding."""
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


# ---- the answer -----------------------------------------------------------------------------------------------


def answer(sides: Sequence[Side], bridges: Sequence[Sequence[Bar]]) -> str:
    """How much dearer or cheaper each scenario is than the base, and the largest reason."""
    base, *others = sides
    head = f"“{base.label}” costs {cost(base)} per patient infused"
    if len(others) == 1:
        return f"{head}. {against(base, others[0], bridges[0])}"
    return f"{head}. {'; '.join(in_brief(base, o, bars) for o, bars in zip(others, bridges, strict=True))}."


def in_brief(base: Side, other: Side, bars: Sequence[Bar]) -> str:
    """One of several scenarios against the base, in a clause."""
    if apart(base, other):
        return f"“{other.label}” costs {cost(other)}, which is other money ({money_of(other.e)})"
    now, before = other.e.cost.per_patient_infused, base.e.cost.per_patient_infused
    if alike(now, before):
        return f"“{other.label}” costs the same"
    top = bars[0]
    return f"“{other.label}” costs {gap(base, other)}, moved most by “{label_of(top.key, top.label)}”"


def gap(base: Side, other: Side) -> str:
    """How much more or less a patient costs than in the base."""
    now, before = other.e.cost.per_patient_infused, base.e.cost.per_patient_infused
    return f"{words.money(abs(now - before), base.e.scenario.currency)} {'more' if now > before else 'less'}"


def against(base: Side, other: Side, bars: Sequence[Bar]) -> str:
    """One scenario against the base, in one sentence."""
    if why := apart(base, other):
        return f"“{other.label}” costs {cost(other)}; there is no difference to give, because {why}."
    now, before = other.e.cost.per_patient_infused, base.e.cost.per_patient_infused
    if alike(now, before):
        return f"“{other.label}” costs the same; {lasting(base, other)}."
    currency = base.e.scenario.currency
    top = bars[0]
    reason = f"the largest part is “{label_of(top.key, top.label)}” ({change_of(top.contribution, currency)})"
    reason = f"only through “{label_of(top.key, top.label)}”" if len(bars) == 1 else reason
    return f"“{other.label}” costs {cost(other)}, {gap(base, other)}; {reason}, and {lasting(base, other)}."


def change_of(amount: float, currency: str) -> str:
    """A difference of money with its sign."""
    return signed(amount, lambda x: words.money(x, currency))


def lasting(base: Side, other: Side) -> str:
    """How long the money lasts, against the base."""
    now, before = views.runway_text(other.e), views.runway_text(base.e)
    return f"its money lasts {now}" + (" too" if now == before else f" instead of {before}")


# ---- headline figures -----------------------------------------------------------------------------------------


class Figure(NamedTuple):
    """A line of the table: its label, how it is shown, and its difference to the base."""

    label: str
    show: Callable[[Evaluation], str]
    difference: Callable[[Evaluation, Evaluation], str]


def amount(label: str, value: Callable[[Evaluation], float], share: bool = False) -> Figure:
    """A line of money, its difference in the base's; ``share`` where it is told in percent too."""

    def difference(base: Evaluation, other: Evaluation) -> str:
        if money_of(base) != money_of(other):
            return "not defined"
        before, now = value(base), value(other)
        if alike(now, before):
            return SAME
        part = f" ({signed(now / before - 1, words.percent)})" if share and before > 0 else ""
        return signed(now - before, charts.short) + part

    return Figure(label, lambda e: words.money(value(e), e.scenario.currency), difference)


def count(label: str, value: Callable[[Evaluation], float], own: bool = False) -> Figure:
    """A line of a number; ``own`` for what a contract manufacturer has no number for."""

    def missing(e: Evaluation) -> bool:
        return own and e.scenario.choices.tenure == "cdmo"

    def difference(base: Evaluation, other: Evaluation) -> str:
        if missing(base) or missing(other):
            return SAME if missing(base) and missing(other) else "not defined"
        before, now = value(base), value(other)
        return SAME if alike(now, before) else signed(now - before, words.doses)

    return Figure(label, lambda e: CONTRACT if missing(e) else words.doses(value(e)), difference)


def runway_difference(base: Evaluation, other: Evaluation) -> str:
    """Difference of the runways; open where one lasts to the end of its plan."""
    before, now = runway_months(base), runway_months(other)
    if before is None and now is None:
        return "both last to the end"
    ends = [e.scenario.plan.horizon_months if m is None else m for m, e in ((before, base), (now, other))]
    moved = ends[1] - ends[0]
    if now is not None and before is not None:
        return SAME if now == before else signed(moved, words.months)
    longer = now is None
    if (moved >= 0) != longer:
        return "not known: the plans end at different times"
    return f"{signed(moved, words.months)} or more" if longer else f"−{words.months(-moved)} or more"


def grade_difference(base: Evaluation, other: Evaluation) -> str:
    """Whether the rooms are of another grade."""
    before, now = base.results.grade, other.results.grade
    return SAME if now == before else f"instead of {before}"


def runway_short(e: Evaluation) -> str:
    """The runway where room is short."""
    return views.runway_text(e).replace("at least", "≥")


FIGURES = (
    amount("Cost per patient infused", lambda e: e.cost.per_patient_infused, share=True),
    amount("Cost per dose released", lambda e: e.cost.per_dose_released, share=True),
    amount("Cost per lot started", lambda e: e.cost.per_lot_started, share=True),
    Figure("Runway", runway_short, runway_difference),
    amount("Lowest balance", lambda e: e.cash.lowest),
    amount("Funding gap", lambda e: e.cash.funding_gap),
    amount("Capital", lambda e: e.results.invested),
    count("Patients infused a year", lambda e: e.results.funnel.patients_infused),
    count("People (FTE)", lambda e: e.results.heads.total),
    count("Suites", lambda e: e.results.plant.suites, own=True),
    Figure("Room grade", lambda e: e.results.grade, grade_difference),
    count("Vein to vein, days", lambda e: e.results.waits.vein_to_vein),
)


def headline(sides: Sequence[Side]) -> pd.DataFrame:
    """The headline figures, each scenario with its difference to the base."""
    base, *others = sides
    columns = {"Figure": [figure.label for figure in FIGURES], base.label: [f.show(base.e) for f in FIGURES]}

    def told(difference: str) -> str:
        """The share is left out where several scenarios stand side by side."""
        return difference if len(others) == 1 else difference.partition(" (")[0]

    for other in others:
        columns[other.label] = [figure.show(other.e) for figure in FIGURES]
        columns[difference_column(other)] = [told(figure.difference(base.e, other.e)) for figure in FIGURES]
    return pd.DataFrame(columns)


def difference_column(other: Side) -> str:
    """Name of the column beside a scenario's; it is shown as ``Difference``."""
    return f"{other.label} less the base"


def headline_notes(sides: Sequence[Side]) -> str:
    """What does not stand on one footing: money, and the costs counted."""
    base, *others = sides
    notes = [f"{why}: amounts are shown and not subtracted." for o in others if (why := apart(base, o))]
    counted = {side.e.scenario.choices.boundary for side in sides}
    if len(counted) > 1:
        each = [f"“{s.label}” {s.e.scenario.choices.boundary.replace('_', ' ')}" for s in sides]
        notes.append(f"Not the same costs are counted: {charts.listed(each)}.")
    return " ".join(notes)


# ---- bridge ---------------------------------------------------------------------------------------------------


def label_of(key: str, label: str) -> str:
    """What a key of the scenario is called on the page."""
    area, _, rest = key.partition(".")
    if key in words.CHOICES:
        return words.choice_label(key)
    if key == "plan":
        return "Plan by month"
    if area == "steps":
        return f"{views.named(rest)}: open or closed"
    if area == "plan":
        *entry, last = rest.split(".")
        column = words.plan_label(last)
        return f"{views.named(entry[1])}: {column.lower()}" if len(entry) == 2 else column
    return label


def whole(amounts: Sequence[float], total: int) -> list[int]:
    """Whole numbers beside the amounts that add up to the total; those nearest to the next number give way."""
    found = [round(x) for x in amounts]
    missing = total - sum(found)
    step = 1 if missing > 0 else -1
    order = sorted(range(len(found)), key=lambda i: step * (found[i] - amounts[i]))
    for i in range(abs(missing)):
        found[order[i % len(order)]] += step
    return found


def bridge_parts(bars: Sequence[Bar]) -> list[tuple[str, float]]:
    """The largest differences by name, and what is left in one part."""
    moving = [bar for bar in bars if not alike(bar.contribution, 0.0)]
    shown = NAMED if len(moving) > NAMED + 1 else NAMED + 1
    parts = [(label_of(bar.key, bar.label), bar.contribution) for bar in moving[:shown]]
    rest = moving[shown:]
    return parts + ([(f"{len(rest)} smaller ones", math.fsum(bar.contribution for bar in rest))] if rest else [])


def bridge_steps(base: Side, other: Side, bars: Sequence[Bar], longest: int = LABEL_LENGTH) -> list[Step]:
    """From the base to the other in whole money, so that what is read adds up."""
    start, end = round(base.e.cost.per_patient_infused), round(other.e.cost.per_patient_infused)
    parts = bridge_parts(bars)
    amounts = whole([part for _, part in parts], end - start) if parts else []
    at, found = start, [Step(base.label, 0, start, total=True)]
    for label, moved in zip(distinct([label for label, _ in parts], longest), amounts, strict=True):
        found.append(Step(label, at, at + moved))
        at += moved
    return [*found, Step(other.label, 0, end, total=True)]


def bridge_table(base: Side, other: Side, bars: Sequence[Bar]) -> pd.DataFrame:
    """Every difference with what it contributes, the two totals above and below."""
    start, end = round(base.e.cost.per_patient_infused), round(other.e.cost.per_patient_infused)
    amounts = whole([bar.contribution for bar in bars], end - start) if bars else []
    currency = base.e.scenario.currency
    return pd.DataFrame(
        {
            "What": [base.label, *(label_of(bar.key, bar.label) for bar in bars), other.label],
            f"Contribution ({currency} per patient infused)": [None, *amounts, None],
            f"Cost ({currency} per patient infused)": [start, *running(start, amounts), end],
        }
    )


def running(start: int, amounts: Sequence[int]) -> list[int]:
    """The total after each contribution."""
    return [start + sum(amounts[: i + 1]) for i in range(len(amounts))]


def bridge_finding(base: Side, other: Side, bars: Sequence[Bar]) -> str:
    """The difference and its three largest parts, or why there is none."""
    if why := apart(base, other):
        return f"No bridge: {why}, and amounts in different money cannot be subtracted."
    parts = [bar for bar in bars if not alike(bar.contribution, 0.0)]
    if not parts:
        return f"No bridge: nothing that differs moves the cost per patient infused, {cost(base)} in both."
    currency = base.e.scenario.currency
    moved = other.e.cost.per_patient_infused - base.e.cost.per_patient_infused
    named = [f"{label_of(b.key, b.label)} ({change_of(b.contribution, currency)})" for b in parts[:3]]
    largest = "the largest parts are" if len(named) > 1 else "all of it is"
    return (
        f"From {cost(base)} (“{base.label}”) to {cost(other)} (“{other.label}”) per patient infused: "
        f"{change_of(moved, currency)}; {largest} {charts.listed(named)}."
    )


def bridge(base: Side, other: Side, bars: Sequence[Bar], key: str) -> View | None:
    """The way from the base's cost to the other's; none where nothing can be drawn."""
    if apart(base, other) or not bridge_parts(bars):
        return None
    chart = comparison_charts.waterfall(bridge_steps(base, other, bars), base.e.scenario.currency)
    return View(
        bridge_title(base, other), chart, bridge_table(base, other, bars), bridge_finding(base, other, bars), key
    )


def bridge_title(base: Side, other: Side) -> str:
    """A heading that shows just the names."""
    return words.plain(f"From “{base.label}” to “{other.label}”")


# ---- what differs ---------------------------------------------------------------------------------------------


def kind_of(key: str) -> str:
    """To which part of the scenario a key belongs."""
    if key in CHOICE_NAMES:
        return "Choice"
    head = key.partition(".")[0]
    return PARTS.get(head) or words.area_label(head)


def differences(sides: Sequence[Side]) -> pd.DataFrame:
    """Every key that differs from the base in one of the others, a scenario in each column."""
    base, *others = sides
    found = [{c.key: c for c in changes(base.e.scenario, other.e.scenario)} for other in others]
    labels = {key: change.label for entry in found for key, change in entry.items()}
    order = ["Choice", "Step", *map(words.area_label, AREAS), "Source", "Plan"]
    keys = sorted(labels, key=lambda key: order.index(kind_of(key)))
    units, values = units_of(sides, keys), values_of(sides, keys)

    def cell(i: int, key: str) -> str:
        if key in values[i]:
            value: Any = values[i][key]
        elif i and key in found[i - 1]:
            value = found[i - 1][key].after
        else:
            value = next(entry[key].before for entry in found if key in entry)
        shown = words.value_label(key, value)
        return shown if len(set(units[key])) == 1 or value is None else f"{shown} {units[key][i]}"

    table = pd.DataFrame(
        [
            {"What": label_of(key, labels[key])}
            | {side.label: cell(i, key) for i, side in enumerate(sides)}
            | {"Unit": words.unit_label(units[key][0]) if len(set(units[key])) == 1 else "", "Part": kind_of(key)}
            for key in keys
        ],
        columns=["What", *(side.label for side in sides), "Unit", "Part"],
    )
    return table if (table["Unit"] != "").any() else table.drop(columns="Unit")


def units_of(sides: Sequence[Side], keys: Sequence[str]) -> dict[str, list[str]]:
    """The unit of each key in each scenario; '' where it has none."""
    rows = [rows_in_use(side.e.scenario) for side in sides]

    def unit(key: str, i: int) -> str:
        currency = sides[i].e.scenario.currency
        if key in rows[i]:
            return rows[i][key].unit_in(currency)
        return currency if key.startswith("plan.") and key.rpartition(".")[2] in PLAN_MONEY else ""

    return {key: [unit(key, i) for i in range(len(sides))] for key in keys}


def values_of(sides: Sequence[Side], keys: Sequence[str]) -> list[dict[str, float]]:
    """Each scenario's numbers for those keys that are inputs, defaults too."""
    found = []
    for side in sides:
        s = side.e.scenario
        values = values_in_use(rows_in_use(s), s.inputs, s.currency, s.price_year)
        found.append({key: values[key] for key in keys if key in values})
    return found


def differences_finding(sides: Sequence[Side], table: pd.DataFrame) -> str:
    """How much differs, by part of the scenario."""
    names = charts.listed([f"“{side.label}”" for side in sides])
    money = {money_of(side.e) for side in sides}
    also = f" Their money differs too: {charts.listed(sorted(money))}." if len(money) > 1 else ""
    if not len(table):
        return f"Nothing differs between {names}.{also}"
    counts = {part: int((table["Part"] == part).sum()) for part in ("Choice", "Step", "Source", "Plan")}
    counts["Input"] = len(table) - sum(counts.values())
    nouns = {"Choice": "choice", "Step": "step", "Input": "input", "Source": "source", "Plan": "entry of the plan"}
    many = {"Choice": "choices", "Step": "steps", "Input": "inputs", "Source": "sources", "Plan": "entries of the plan"}
    told = [f"{n} {noun if n == 1 else many[part]}" for part, noun in nouns.items() if (n := counts[part])]
    differ = "differs" if len(table) == 1 else "differ"
    return (
        f"{charts.listed(told)} {differ} between {names}; an input without a number of one’s own has its default.{also}"
    )


# ---- cash -----------------------------------------------------------------------------------------------------


def on_one_axis(sides: Sequence[Side]) -> list[Side]:
    """The scenarios whose money is the base's."""
    return [side for side in sides if not apart(sides[0], side)]


def cash_lines(sides: Sequence[Side]) -> list[Line]:
    """Closing balances of the scenarios in the base's money."""
    return [
        Line(
            slot,
            side.label,
            [side.e.scenario.plan.opening_cash, *(month.closing for month in side.e.cash.months)],
            side.e.scenario.plan.floor,
            runway_months(side.e),
        )
        for slot, side in enumerate(sides)
        if not apart(sides[0], side)
    ]


def cash_finding(sides: Sequence[Side]) -> str:
    """How long each scenario's money lasts and how low it falls, and who is not on the axis."""
    told = []
    for side in on_one_axis(sides):
        low = f"lowest balance {words.money(side.e.cash.lowest, side.e.scenario.currency)}"
        told.append(f"“{side.label}” lasts {views.runway_text(side.e)} ({low})")
    absent = [side for side in sides if apart(sides[0], side)]
    currency = sides[0].e.scenario.currency
    floors = {side.label: words.money(side.e.scenario.plan.floor, currency) for side in on_one_axis(sides)}
    if len(set(floors.values())) > 1:
        told.append(f"the floors are {charts.listed([f'{floor} (“{label}”)' for label, floor in floors.items()])}")
    if absent:
        missing = [f"“{s.label}” ({money_of(s.e)}, lasts {views.runway_text(s.e)})" for s in absent]
        named = charts.listed(missing)
        return f"{'; '.join(told)}. Not on this axis, which is in {money_of(sides[0].e)}: {named}."
    return f"{'; '.join(told)}."


def cash(sides: Sequence[Side]) -> View:
    """Cash at month end of all scenarios together."""
    lines, currency = cash_lines(sides), sides[0].e.scenario.currency
    last = max(len(line.closing) for line in lines)
    table = pd.DataFrame(
        {"Month": range(last)}
        | {
            f"{line.label} ({currency} thousand)": [
                round(line.closing[month] / 1000) if month < len(line.closing) else None for month in range(last)
            ]
            for line in lines
        }
    )
    return View("Cash together", comparison_charts.cash(lines, currency), table, cash_finding(sides), "compare_cash")


def kept_line(e: Evaluation) -> str:
    """A kept scenario in a few figures."""
    currency = e.scenario.currency
    return (
        f"{words.money(e.cost.per_patient_infused, currency)} per patient infused, money lasts {views.runway_text(e)}"
    )
