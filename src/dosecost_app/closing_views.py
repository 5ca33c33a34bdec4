"""What the page *Cleanroom* shows of closing steps: each alone, and one after another.

Pure: an evaluation and its closing analysis in, rows and sentences out; nothing here draws.
"""

from collections.abc import Mapping

import pandas as pd

from dosecost.analysis.closing import Closing, State, rises
from dosecost.evaluation import Evaluation
from dosecost_app import charts, cleanroom_charts, comparison_charts, views, words
from dosecost_app.charts import Bar
from dosecost_app.cleanroom_charts import Effect
from dosecost_app.cleanroom_views import MOST_NAMED, grade_in_text
from dosecost_app.comparison_charts import Step
from dosecost_app.views import View, three

LEAST_MOVED = 10.0
"""Money per patient infused from which an item is said to move."""
ITEMS_HEIGHT = 560
MOST_ITEMS = 10
"""Items that the chart shows beside those that closing is about."""
OF_CLOSING = {
    "materials.closed_step_sets": "Sets for steps closed by choice",
    "materials.connections": "Wafers and sterile connectors",
    "equipment.tube_welder": "Tube welders",
    "equipment.tube_sealer": "Tube sealers",
    "quality.aseptic_qualification": "Aseptic qualification of operators",
    "overhead.training": "Training of joiners",
}
"""What the rules say that a closed step needs and open work asks of people: named even where it stays."""
NAMED = OF_CLOSING | {
    "materials.write_off": "Materials written off",
    "monitoring.reading.in_operation": "Reading of plates in operation",
    "monitoring.reading.routine": "Reading of routine plates",
    "overhead.site": "Site overhead",
}
LEAST_RISE = 1.0
"""Money per patient infused from which a category is said to rise."""


def categories_in_words(moved: Mapping[str, float], currency: str) -> str:
    """Categories with what they rose by: ``materials (+USD 738)``."""
    return charts.listed(
        [
            f"{charts.LABELS[name].lower()} (+{words.money(more, currency)})"
            for name, more in list(moved.items())[:MOST_NAMED]
        ]
    )


def step_labels(found: Closing) -> dict[str, str]:
    """Short label of each step that can be closed."""
    return {step.id: charts.brief(step.label) for step in found.steps}


def nothing_open() -> str:
    """What is said where no step is open."""
    return "0 steps are open: there is none left to close."


def alone(e: Evaluation, found: Closing) -> View | None:
    """What closing each open step alone saves, ranked; none where no step is open."""
    if not found.steps:
        return None
    currency, present, labels = e.scenario.currency, found.present, step_labels(found)
    rows = [Effect(labels[state.step], present.cost - state.cost) for state in found.alone]
    exposures = {step.id: step.exposure.replace("_", " ") for step in found.steps}
    table = pd.DataFrame(
        {
            "Step closed": [labels[state.step] for state in found.alone],
            "Now": [exposures[state.step] for state in found.alone],
            f"Saved ({currency} per patient infused)": [three(row.saved) for row in rows],
            f"Cost then ({currency} per patient infused)": [three(state.cost) for state in found.alone],
            "Plates (per year)": [three(state.plates_per_year) for state in found.alone],
            "Change of plates (per year)": [
                three(state.plates_per_year - present.plates_per_year) for state in found.alone
            ],
            "Room grade": [views.grade_text(state.grade) for state in found.alone],
            "What rises": [
                categories_in_words(moved, currency) if (moved := rises(present, state, LEAST_RISE)) else "nothing"
                for state in found.alone
            ],
        }
    )
    chart = cleanroom_charts.savings(rows, currency)
    return View("What closing each open step saves", chart, table, alone_finding(e, found), "closing")


def alone_finding(e: Evaluation, found: Closing) -> str:
    """The step whose closing saves most, how many save nothing, and what closing costs."""
    currency, present, labels = e.scenario.currency, found.present, step_labels(found)
    best = found.alone[0]
    saved = present.cost - best.cost
    name = labels[best.step]
    if cleanroom_charts.effect(saved) == "less":
        head = f"Closing “{name}” alone saves most: {words.money(saved, currency)} per patient infused"
    else:
        head = f"No step saves money when closed alone; “{name}” costs least, {words.money(-saved, currency)} more"
    dearer = [state for state in found.alone if cleanroom_charts.effect(present.cost - state.cost) == "more"]
    head += f", and {words.doses(present.plates_per_year - best.plates_per_year)} plates a year fewer"
    if cleanroom_charts.effect(saved) == "less" and dearer:
        verb = "costs" if len(dearer) == 1 else "cost"
        head += f"; {len(dearer)} of {len(found.alone)} {verb} more when closed alone"
    last = found.path[-1]
    if len(found.steps) > 1 and last.grade != present.grade and all(s.grade == present.grade for s in found.alone):
        head += f". No step alone lowers the room grade; all closed together do, to {grade_in_text(last.grade)}"
    return f"{head}. {price_of_closing(rises(present, best, LEAST_RISE), currency)}".strip()


def price_of_closing(moved: Mapping[str, float], currency: str) -> str:
    """Which categories rise with a step closed, and why idle capacity is among them; '' where none is."""
    if not moved:
        return ""
    verb = "rises" if len(moved) == 1 else "rise"
    text = f"Closing has its price: {categories_in_words(moved, currency)} {verb}."
    if "idle_capacity" in list(moved)[:MOST_NAMED]:
        text += " Idle capacity is paid time and room that closing frees and nothing else fills."
    return text


def path_labels(found: Closing) -> list[str]:
    """Names of the states along the path: now, then each step as it is closed."""
    labels = step_labels(found)
    return ["Now", *(labels[state.step] for state in found.path[1:])]


def path_cost(e: Evaluation, found: Closing) -> View | None:
    """The cost on the way to all steps closed; none where no step is open."""
    if not found.steps:
        return None
    currency, at = e.scenario.currency, [round(state.cost) for state in found.path]
    labels = path_labels(found)
    steps = [Step("Now", 0, at[0], total=True)]
    steps += [Step(labels[i], at[i - 1], at[i]) for i in range(1, len(at))]
    steps.append(Step("All closed", 0, at[-1], total=True))
    return View(
        "Closing one step after another: cost",
        comparison_charts.waterfall(steps, currency),
        path_table(e, found),
        path_finding(e, found),
        "closing_path",
    )


def path_table(e: Evaluation, found: Closing) -> pd.DataFrame:
    """Every state on the way to all steps closed, with what rose against the state before."""
    currency = e.scenario.currency
    before = [found.path[0], *found.path[:-1]]
    return pd.DataFrame(
        {
            "Closed in this order": path_labels(found),
            f"Cost ({currency} per patient infused)": [three(state.cost) for state in found.path],
            "Room grade": [views.grade_text(state.grade) for state in found.path],
            "Suites": [state.suites for state in found.path],
            "Plates (per lot)": [three(state.plates_per_lot) for state in found.path],
            "Plates (per year)": [three(state.plates_per_year) for state in found.path],
            "What rises": [
                categories_in_words(moved, currency) if (moved := rises(was, state, LEAST_RISE)) else "nothing"
                for was, state in zip(before, found.path, strict=True)
            ],
        }
    )


def path_finding(e: Evaluation, found: Closing) -> str:
    """What closing all steps does to the cost, and what rises on the whole way."""
    currency, first, last = e.scenario.currency, found.path[0], found.path[-1]
    saved = first.cost - last.cost
    less = "less" if saved > 0 else "more"
    raised = rises(first, last, LEAST_RISE)
    labels, moves = path_labels(found), list(zip(found.path, found.path[1:], strict=False))
    dearer = [labels[i] for i, (was, now) in enumerate(moves, start=1) if now.cost - was.cost >= LEAST_RISE]
    text = (
        f"With all {len(found.steps)} steps closed a patient costs {words.money(last.cost, currency)} instead of "
        f"{words.money(first.cost, currency)}, {words.money(abs(saved), currency)} {less}. "
    )
    most = max(range(1, len(found.path)), key=lambda i: found.path[i - 1].cost - found.path[i].cost)
    was, now = found.path[most - 1], found.path[most]
    if len(found.steps) > 1 and was.cost - now.cost >= LEAST_RISE:
        last_one = "the last step, " if most == len(found.steps) else ""
        text += f"The largest part, {words.money(was.cost - now.cost, currency)}, comes with {last_one}“{labels[most]}”"
        text += f", when the room becomes {grade_in_text(now.grade)}. " if now.grade != was.grade else ". "
    if dearer:
        text += f"On the way the cost rises with {charts.listed([f'“{name}”' for name in dearer])}. "
    return text + (f"Dearer than now: {categories_in_words(raised, currency)}." if raised else "No category rises.")


def path_plates(e: Evaluation, found: Closing) -> View | None:
    """Plates a year and room grade on the way to all steps closed; none where no step is open."""
    if not found.steps:
        return None
    rows = [
        Bar(label, state.plates_per_year, words.option_label("room_grade", state.grade), "monitoring")
        for label, state in zip(path_labels(found), found.path, strict=True)
    ]
    chart = charts.bars(rows, "plates per year, and room grade", 380)
    table = path_table(e, found)
    return View(
        "Closing one step after another: plates and grade", chart, table, plates_finding(found), "closing_plates"
    )


def plates_finding(found: Closing) -> str:
    """From how many plates and which grade to how many and which."""
    first, last = found.path[0], found.path[-1]
    text = (
        f"Plates go from {words.doses(first.plates_per_year)} to {words.doses(last.plates_per_year)} a year, "
        f"{words.doses(first.plates_per_lot)} to {words.doses(last.plates_per_lot)} a lot; the room "
        f"{grade_move(found)}."
    )
    rose = [now for was, now in zip(found.path, found.path[1:], strict=False) if rises_in_plates(was, now)]
    if rose:
        text += " Plates a year rise on the way only because the closed room takes more lots."
    return text


def rises_in_plates(was: State, now: State) -> bool:
    """Whether plates a year rise from one state to the next by more than rounding."""
    return now.plates_per_year > was.plates_per_year * (1 + 1e-9)


def grade_move(found: Closing) -> str:
    """What becomes of the room grade on the path, and with which step."""
    labels = path_labels(found)
    moved = [
        f"becomes {grade_in_text(now.grade)} with “{labels[i]}”"
        for i, (was, now) in enumerate(zip(found.path, found.path[1:], strict=False), start=1)
        if now.grade != was.grade
    ]
    return charts.listed(moved) if moved else f"stays {grade_in_text(found.present.grade)}"


def item_label(name: str) -> str:
    """What an item of the ledger is: ``Operator (labour)``, and in words of their own those that closing is about."""
    if name in NAMED:
        return NAMED[name]
    category, *parts = [part for part in name.split(".") if part != "people"]
    return f"{views.named(' '.join(parts))} ({charts.LABELS[category].lower()})"


def item_changes(found: Closing) -> dict[str, tuple[float, float]]:
    """Money per patient infused now and with all steps closed, by item: what moves, and what closing is about, from
    what falls most to what rises most."""
    before, after = found.path[0].items, found.path[-1].items
    names = dict.fromkeys([*before, *after])
    pairs = {name: (before.get(name, 0.0), after.get(name, 0.0)) for name in names}
    moved = {name: pair for name, pair in pairs.items() if name in OF_CLOSING or abs(pair[1] - pair[0]) >= LEAST_MOVED}
    return dict(sorted(moved.items(), key=lambda item: item[1][1] - item[1][0]))


def path_items(e: Evaluation, found: Closing) -> View | None:
    """What falls and what rises once all steps are closed, item by item; none where no step is open."""
    if not found.steps:
        return None
    currency, moved = e.scenario.currency, item_changes(found)
    largest = sorted(moved, key=lambda name: -abs(moved[name][1] - moved[name][0]))[:MOST_ITEMS]
    rows = [
        Effect(item_label(name), was - now)
        for name, (was, now) in moved.items()
        if name in largest or name in OF_CLOSING
    ]
    directions = {"less": "falls", "more": "rises", "same": "stays"}
    table = pd.DataFrame(
        {
            "Paid for": [item_label(name) for name in moved],
            f"Now ({currency} per patient infused)": [three(was) for was, _ in moved.values()],
            f"All closed ({currency} per patient infused)": [three(now) for _, now in moved.values()],
            f"Change ({currency} per patient infused)": [three(now - was) for was, now in moved.values()],
            "It": [directions[cleanroom_charts.effect(was - now)] for was, now in moved.values()],
        }
    )
    chart = cleanroom_charts.savings(rows, currency, ITEMS_HEIGHT)
    return View("All steps closed: what falls and what rises", chart, table, items_finding(e, found), "closing_items")


def items_finding(e: Evaluation, found: Closing) -> str:
    """How many kinds of cost fall and rise with all steps closed, and the largest of both."""
    currency, moved = e.scenario.currency, item_changes(found)
    falls = {name: was - now for name, (was, now) in moved.items() if was - now >= LEAST_MOVED}
    rise = {name: now - was for name, (was, now) in moved.items() if now - was >= LEAST_MOVED}

    def told(items: Mapping[str, float], sign: str) -> str:
        first = sorted(items, key=lambda name: -items[name])[:MOST_NAMED]
        return charts.listed([f"{item_label(name)} ({sign}{words.money(items[name], currency)})" for name in first])

    text = f"With all steps closed {len(falls)} kinds of cost fall"
    text += f", most {told(falls, '−')}" if falls else ""
    text += f"; {len(rise)} rise"
    return text + (f", most {told(rise, '+')}." if rise else ".")


ALL = (alone, path_cost, path_items, path_plates)
"""The views of what closing does, in order; each is none where no step is open."""
