"""What the page *Capacity* shows of ceilings, purchases and weeks: figures, charts with tables and findings.

Pure: an evaluation and what was found of it in, rows and sentences out.
"""

from collections.abc import Sequence

import pandas as pd

from dosecost.analysis.ceilings import SUITES, Ceiling, Purchase, Reach, lots_per_patient
from dosecost.analysis.promised import Promised
from dosecost.analysis.purchases import HEAD, Mark, Steps
from dosecost.analysis.schedule import WEEKS, Hold, Schedule
from dosecost.arithmetic import SLACK
from dosecost.evaluation import Evaluation
from dosecost_app import capacity_charts, charts, words
from dosecost_app.capacity_charts import Block, Limit
from dosecost_app.views import Figure, View, cost_figures, named, three

ROLES = {
    "operator": ("Operators", "operator"),
    "qc_analyst": ("QC analysts", "QC analyst"),
    "qa_specialist": ("QA specialists", "QA specialist"),
    "supply_chain": ("Supply chain", "supply chain planner"),
}
"""Roles whose hours follow the lots: many of them, and one."""
SHARES = (0.4, 0.6, 0.8, 1.0, 1.2, 1.4)
"""Demands of the heat map, as shares of the present one."""
LEAST_MONEY = 0.5
"""Money that is called 0."""
LEAST_WAIT = 0.05
"""Days of a wait that are spelled out."""
MOST_LANES = 40
"""Rows of the weeks that are drawn."""


def label(resource: str) -> str:
    """What a resource is called."""
    return "Suites" if resource == SUITES else ROLES[resource][0] if resource in ROLES else named(resource)


def one(resource: str) -> str:
    """One of a resource, inside a sentence."""
    return "suite" if resource == SUITES else ROLES[resource][1] if resource in ROLES else named(resource).lower()


def inside(resource: str) -> str:
    """Its name inside a sentence."""
    name = label(resource)
    if resource != SUITES and resource not in ROLES:
        return f"the {words.inside(name)}"
    return name if name[:2].isupper() else words.inside(name)


def opening(resource: str) -> str:
    """Its name at the start of a sentence."""
    name = inside(resource)
    return name[:1].upper() + name[1:]


def is_or_are(resource: str) -> str:
    """Suites and people are many, a device is one kind."""
    return "are" if resource == SUITES or (resource in ROLES and resource != "supply_chain") else "is"


def signed(x: float, currency: str) -> str:
    """A change of money with its sign."""
    return f"{'+' if x > 0 else '−'}{words.money(abs(x), currency)}" if abs(x) >= LEAST_MONEY else f"{currency} 0"


# ---- the answer -----------------------------------------------------------------------------------------------


def percent_of_days(e: Evaluation) -> str:
    """Share of the operating days that rooms and devices are planned for."""
    return words.percent(float(e.areas.capacity.planning_utilisation))


def percent_of_hours(e: Evaluation) -> str:
    """Share of the productive hours that people are planned for."""
    return words.percent(float(e.areas.people.working_share))


def answer(e: Evaluation, known: Sequence[Ceiling], found: Promised | None) -> str:
    """How many patients the unit can take with any wait and within a limit, what stops it, and what is asked of it."""
    first, per = known[0], lots_per_patient(e)
    asked = float(e.areas.demand.patients_per_year)
    text = (
        f"With what is there now this unit can make {words.count(first.lots, 'lot')} a year, for "
        f"{words.count(first.lots / per, 'patient')} who ask for a slot, however long they wait: "
        f"{inside(first.resource)} {is_or_are(first.resource)} full first. {reliably(found)}{words.patients(asked)} "
        f"{'asks' if words.doses(asked) == '1' else 'ask'}"
    )
    refused = float(e.results.funnel.not_admitted)
    if refused > 1e-9 * asked:
        return f"{text}; {words.doses(refused)} of them get no slot."
    share = words.percent(asked * per / first.lots)
    wait = words.doses(float(e.results.waits.slot)) if e.results.waits.slot >= LEAST_WAIT else "under 0.1"
    return f"{text}, which uses {share} of that, with a mean wait of {wait} days by formula."


def reliably(found: Promised | None) -> str:
    """How many patients can count on a slot in time, where that was worked out."""
    if found is None:
        return "How many can count on a slot in time is another number, and has to be simulated: see Promise. "
    kept = found.promise
    return (
        f"Within {words.count(kept.limit, 'day')} it can promise a slot to "
        f"{words.patients(kept.patients_per_year)}, nine times of ten (Promise). "
    )


def figures(e: Evaluation, loaded: Evaluation, known: Sequence[Ceiling]) -> list[Figure]:
    """Ceiling, the ceiling of what has to be bought long before, demand, and the headline."""
    first, plant, per = known[0], e.results.plant, lots_per_patient(e)
    bought = min((c for c in known if c.decided), key=lambda c: c.lots)
    asked = float(e.areas.demand.patients_per_year) * per
    return [
        Figure(
            "Lots a year, as it is now",
            words.doses(first.lots),
            "",
            True,
            f"{opening(first.resource)} {is_or_are(first.resource)} full first. {full_means(e)}",
            ceiling_name(e, first),
        ),
        Figure(
            "Lots a year, rooms and devices",
            words.doses(plant.ceiling),
            "",
            True,
            f"{opening(bought.resource)} {is_or_are(bought.resource)} full then; people and the other devices follow "
            "the lots.",
            "plant.ceiling",
        ),
        Figure(
            "Lots asked for",
            words.doses(asked),
            "",
            True,
            f"{words.figures(per, 4)} for each of {words.patients(float(e.areas.demand.patients_per_year))}, remakes "
            "too, before anyone drops out in the wait for a slot; "
            f"{words.doses(e.results.funnel.lots_started)} are started.",
            "lots_asked",
        ),
        cost_figures(e, loaded)[0],
    ]


def ceiling_name(e: Evaluation, one: Ceiling) -> str:
    """Name of the model's figure that is a ceiling; '' where it is none: of people and small devices."""
    if not one.decided:
        return ""
    return "plant.ceiling_devices" if one.resource == e.recipe.limiting_device else "plant.ceiling_suites"


def full_means(e: Evaluation) -> str:
    """What counts as full: inputs, no results."""
    return (
        f"Full is what Inputs plan with: {percent_of_days(e)} of the operating days of rooms and devices, "
        f"{percent_of_hours(e)} of people’s productive hours."
    )


def contract(e: Evaluation) -> str:
    """Why there is nothing to show where lots are made under contract."""
    days = words.doses(float(e.results.waits.slot))
    return (
        "The lots are made by a contract manufacturer: what its rooms, devices and people can do, and who else waits "
        f"for them, is not known to this unit, so there is nothing to compute. The model takes a wait of {days} days "
        "for a contract slot; choose another owner of the clean room to see the ceilings of a unit of one's own."
    )


# ---- what limits ----------------------------------------------------------------------------------------------


def limits(e: Evaluation, known: Sequence[Ceiling]) -> View:
    """Lots a year that every resource can take, the lowest first."""
    asked = float(e.areas.demand.patients_per_year) * lots_per_patient(e)
    rows = [Limit(label(c.resource), c.lots, i == 0) for i, c in enumerate(known)]
    table = pd.DataFrame(
        {
            "What": [row.label for row in rows],
            "There are (units or heads)": [three(c.number) for c in known],
            "Can take (lots a year)": [three(c.lots) for c in known],
            "In use now (%)": [round(100 * float(c.used), 1) for c in known],
            "Left (lots a year)": [three(c.lots - asked) for c in known],
        }
    )
    return View(
        "Lots each can take", capacity_charts.limits(rows, asked), table, limits_finding(asked, known), "limits"
    )


def limits_finding(asked: float, known: Sequence[Ceiling]) -> str:
    """Which is full first, what comes next, and what has most room."""
    first, second, last = known[0], known[1], known[-1]
    return (
        f"{opening(first.resource)} can take {words.doses(first.lots)} lots a year, the least of all, then "
        f"{inside(second.resource)} {words.doses(second.lots)}; {words.doses(asked)} are asked for. Most room has "
        f"{inside(last.resource)}, with {words.doses(last.lots)}."
    )


def demands(e: Evaluation) -> dict[str, float]:
    """Demands of the heat map by their label, the present one with a star."""
    now = float(e.areas.demand.patients_per_year)
    found = {}
    for share in SHARES:
        volume = now * share if share == 1.0 or now < 10 else float(round(now * share))
        found[words.doses(volume) + ("*" if share == 1.0 else "")] = volume
    return found


def use(e: Evaluation, known: Sequence[Ceiling]) -> View:
    """Share in use of every resource at several volumes."""
    volumes, per = demands(e), lots_per_patient(e)
    shares = {label(c.resource): [c.used_at(volume * per) for volume in volumes.values()] for c in known}
    table = pd.DataFrame(
        {"Share in use at patients a year": list(shares)}
        | {f"{name} (%)": [round(100 * row[i], 1) for row in shares.values()] for i, name in enumerate(volumes)}
    )
    chart = capacity_charts.heat(shares, list(volumes))
    return View("Share in use, by volume", chart, table, use_finding(e, known), "use")


def use_finding(e: Evaluation, known: Sequence[Ceiling]) -> str:
    """What full means, and from which of the volumes on something is beyond it."""
    per, volumes = lots_per_patient(e), list(demands(e).values())
    base = (
        f"100 is full. {full_means(e)} A bold figure on red is beyond that: it cannot be planned with what is there. "
    )
    for volume in volumes:
        beyond = [c.resource for c in known if c.used_at(volume * per) > 1]
        if beyond:
            first, others = inside(beyond[0]), len(beyond) - 1
            more = f" and {inside(beyond[1])}" if others == 1 else f" and {others} others" if others else ""
            verb = "are" if others else is_or_are(beyond[0])
            return f"{base}At {words.patients(volume)} {first}{more} {verb} beyond it."
    most, name = words.percent(known[0].used_at(volumes[-1] * per)), known[0].resource
    return f"{base}At {words.patients(volumes[-1])} {inside(name)} {is_or_are(name)} used to {most}."


# ---- next purchase --------------------------------------------------------------------------------------------


def reach_table(bought: Sequence[Purchase], known: Sequence[Ceiling]) -> pd.DataFrame:
    """Lots a year that the plant can make as it is and with one more of each, alone and with what follows the lots."""
    decided = next(c for c in known if c.decided)

    def after(reach: Reach) -> str:
        return words.doses(reach.after) if reach.more > SLACK * reach.before else f"{words.doses(reach.after)}, no more"

    return pd.DataFrame(
        {
            "One more": ["Nothing, as it is", *(bought_name(b) for b in bought)],
            "Alone (lots/yr)": [words.doses(known[0].lots), *(after(b.alone) for b in bought)],
            "Full then": [label(known[0].resource), *(label(b.alone.then) for b in bought)],
            "People added too (lots/yr)": [words.doses(decided.lots), *(after(b.followed) for b in bought)],
            "Full then, people added": [label(decided.resource), *(label(b.followed.then) for b in bought)],
        }
    )


def next_table(e: Evaluation, bought: Sequence[Purchase]) -> pd.DataFrame:
    """One more of each: money a year, money per patient now and with the plant full before and after."""
    currency = e.scenario.currency
    return pd.DataFrame(
        {
            "One more": [bought_name(b) for b in bought],
            f"Cost ({currency}/yr)": [change(b.annual) for b in bought],
            f"Now ({currency}/patient)": [change(b.per_patient) for b in bought],
            f"Full ({currency}/patient)": [
                "no more lots" if b.per_patient_full is None else change(b.per_patient_full) for b in bought
            ],
            "Full before and after (patients/yr)": [
                f"{words.doses(b.patients_before)} → {words.doses(b.patients_full)}" for b in bought
            ],
        }
    )


def purchase_rows(e: Evaluation, bought: Sequence[Purchase]) -> pd.DataFrame:
    """Both tables of purchases in full precision."""
    currency = e.scenario.currency
    return pd.DataFrame(
        {
            "One more": [bought_name(b) for b in bought],
            "Alone, before (lots/yr)": [b.alone.before for b in bought],
            "Alone, after (lots/yr)": [b.alone.after for b in bought],
            "Full then": [label(b.alone.then) for b in bought],
            "People added too, before (lots/yr)": [b.followed.before for b in bought],
            "People added too, after (lots/yr)": [b.followed.after for b in bought],
            "Full then, people added": [label(b.followed.then) for b in bought],
            f"Cost ({currency}/yr)": [b.annual for b in bought],
            f"Now ({currency}/patient)": [b.per_patient for b in bought],
            f"Full ({currency}/patient)": [b.per_patient_full for b in bought],
            "Full before (patients/yr)": [b.patients_before for b in bought],
            "Full after (patients/yr)": [b.patients_full for b in bought],
        }
    )


def change(x: float) -> str:
    """A change with its sign, for a cell."""
    return f"{'+' if x > 0 else ''}{words.figures(x)}" if abs(x) >= LEAST_MONEY else "0"


def bought_name(b: Purchase) -> str:
    """What is bought, as a table names it."""
    name = one(b.resource)
    return name[:1].upper() + name[1:]


def in_words(b: Purchase, e: Evaluation) -> str:
    """One purchase as a sentence: lots without and with it, money a year, change per patient now and with the plant
    full."""
    currency, now = e.scenario.currency, words.patients(float(e.areas.demand.patients_per_year))
    along = ", people added too" if b.decided else " alone"
    stop = f"{inside(b.own.then)} {is_or_are(b.own.then)} full"
    cost = (
        f"{words.money(b.annual, currency)} a year, {signed(b.per_patient, currency)} per patient at the present {now}"
    )
    if b.per_patient_full is None:
        return f"One more {one(b.resource)}{along}: still {words.doses(b.own.before)} lots a year, as {stop}; {cost}."
    return (
        f"One more {one(b.resource)}{along}: {words.doses(b.own.after)} lots a year, not {words.doses(b.own.before)}, "
        f"until {stop}; {cost}. With the plant full a patient costs {words.money(abs(b.per_patient_full), currency)} "
        f"{'more' if b.per_patient_full > 0 else 'less'}: {words.patients(b.patients_full)} with it, "
        f"{words.doses(b.patients_before)} without."
    )


def next_finding(e: Evaluation, bought: Sequence[Purchase], known: Sequence[Ceiling]) -> str:
    """The purchase of what is full first; if people or small devices are, also that of rooms or devices."""
    sentences = [in_words(bought[0], e)]
    if not known[0].decided:
        place = next(i for i, c in enumerate(known) if c.decided)
        sentences.append(in_words(bought[place], e))
    return " ".join(sentences)


def reach_finding(bought: Sequence[Purchase]) -> str:
    """The plant as it is in both counts, and the purchases that raise either."""
    alone, followed = bought[0].alone, bought[0].followed

    def raised(found: Sequence[str]) -> str:
        return f"one more {' or '.join(found)}" if found else "no single purchase"

    first = raised([one(b.resource) for b in bought if b.alone.more > SLACK * alone.before])
    second = raised([one(b.resource) for b in bought if b.followed.more > SLACK * followed.before])
    return (
        f"As it is the plant can make {words.doses(alone.before)} lots a year, which {first} raises; with people and "
        f"small devices added as the lots need them it can make {words.doses(followed.before)}, which {second} raises."
    )


def steps(e: Evaluation, found: Steps, made: Sequence[Mark]) -> View:
    """Cost per patient against volume with what is added on the way."""
    currency, now = e.scenario.currency, float(e.areas.demand.patients_per_year)
    at = list(found.volumes).index(now)
    volumes, costs = [float(v) for v in found.volumes], [float(c) for c in found.cost]
    marks = [(mark.kind, mark.volume, added(mark)) for mark in made]
    counts = found.counts
    rows = sorted({0, at, len(volumes) - 1, *(volumes.index(mark.volume) for mark in made)})
    names = {"suite": "Suites (rooms)", "device": f"{named(e.recipe.limiting_device)} (units)", "head": "People (FTE)"}
    table = pd.DataFrame(
        {
            "Patients (a year)": [three(volumes[i]) for i in rows],
            f"Cost ({currency} per patient infused)": [three(costs[i]) for i in rows],
        }
        | {name: [three(float(counts[kind][i])) for i in rows] for kind, name in names.items()}
    )
    chart = capacity_charts.steps(volumes, costs, marks, (now, costs[at]), currency)
    return View("Cost against volume, with its purchases", chart, table, steps_finding(e, found, made), "steps")


def added(mark: Mark) -> str:
    """``+1 suite: 3``."""
    what = mark.kind if mark.added == 1 else f"{mark.kind}s"
    return f"+{words.doses(mark.added)} {what}: {words.doses(mark.number)}"


def steps_finding(e: Evaluation, found: Steps, made: Sequence[Mark]) -> str:
    """Cost now and at the largest volume, and the next suite, device and head after the present volume."""
    currency, now = e.scenario.currency, float(e.areas.demand.patients_per_year)
    at, last = list(found.volumes).index(now), float(found.volumes[-1])
    text = (
        f"A plant sized for {words.patients(now)} costs {words.money(float(found.cost[at]), currency)} "
        f"per patient infused, one for {words.doses(last)} a year {words.money(float(found.cost[-1]), currency)}"
    )
    following = []
    for kind in found.counts:
        mark = next((mark for mark in made if mark.kind == kind and mark.volume > now), None)
        if mark:
            following.append(f"the next {kind} from {words.doses(mark.volume)} a year")
    text += f"; on the way come {charts.listed(following)}." if following else "; nothing is added on the way."
    if not any(mark.kind == HEAD for mark in made) and e.scenario.choices.heads == "fractional":
        text += " People are paid in fractions, so that no single head is marked."
    return text


# ---- weeks ----------------------------------------------------------------------------------------------------


def rooms_held(e: Evaluation, made: Schedule) -> View:
    """Which suite holds which lot, week by week."""
    together = max(1, int(e.results.plant.lots_per_room))
    names = [lane_name("Suite", i, together) for i in range(made.places)]
    return _held(
        e, "Suites, week by week", places(made.places, together, "suite"), names, made.rooms, made, "rooms_held"
    )


def devices_held(e: Evaluation, made: Schedule) -> View:
    """Which of the limiting devices holds which lot, week by week."""
    device = e.recipe.limiting_device
    together = max(1, int(e.areas.capacity.devices[device].slots))
    names = [lane_name("Unit", i, together) for i in range(made.device_places)]
    what = places(made.device_places, together, "unit", f" of the {named(device).lower()}")
    return _held(e, f"{named(device)}, week by week", what, names, made.devices, made, "devices_held")


def places(number: int, together: int, of: str, which: str = "") -> str:
    """``3 suites``, or ``4 places in 1 suite, which takes 4 lots at a time``, where several lots stand in one."""
    if together == 1:
        return f"{words.count(number, of)}{which}"
    inside_ = words.count(number / together, of)
    return f"{words.count(number, 'place')} in {inside_}{which} for {together} lots at a time"


def lane_name(what: str, lane: int, together: int) -> str:
    """``Suite 2``, or ``Suite 2 · 3`` where several lots stand in one."""
    return f"{what} {lane + 1}" if together == 1 else f"{what} {lane // together + 1} · {lane % together + 1}"


def _held(
    e: Evaluation, title: str, what: str, names: Sequence[str], holds: Sequence[Hold], made: Schedule, key: str
) -> View:
    shown = list(names[:MOST_LANES])
    blocks = [
        Block(names[h.lane], h.lot, "second attempt" if h.again else "first attempt", h.start, h.end) for h in holds
    ]
    table = pd.DataFrame(
        {
            "Where": [b.lane for b in blocks],
            "Lot": [str(b.lot) for b in blocks],
            "Attempt": [b.attempt for b in blocks],
            "From (week)": [round(made.first_week + b.start / 7.0, 1) for b in blocks],
            "To (week)": [round(made.first_week + b.end / 7.0, 1) for b in blocks],
            "Held (days)": [round(b.end - b.start, 1) for b in blocks],
        }
    )
    drawn = [block for block in blocks if block.lane in set(shown)]
    chart = capacity_charts.weeks(drawn, shown, made.first_week, made.days, made.shutdowns)
    return View(title, chart, table, held_finding(e, what, len(names), holds, made), key)


def held_finding(e: Evaluation, what: str, lanes: int, holds: Sequence[Hold], made: Schedule) -> str:
    """The share held of the window's working days, and the lots in it."""
    open_days = made.days - sum(end - start for start, end in made.shutdowns)
    held = sum(min(h.end, made.days) - max(h.start, 0.0) for h in holds)
    share = held / (lanes * open_days) if open_days > 0 else 0.0
    again = sum(h.again for h in holds)
    attempts = "no second attempt" if not again else words.count(again, "second attempt")
    text = (
        f"In weeks {made.first_week} to {made.first_week + WEEKS - 1} of a simulated year "
        f"{words.count(len(holds), 'lot')} ({attempts}) hold {words.percent(share)} of the days of {what}; What "
        f"limits calls {percent_of_days(e)} full"
    )
    text += "; nothing runs in the shutdown." if made.shutdowns else "."
    return text + (f" The first {MOST_LANES} are drawn, the table has all." if lanes > MOST_LANES else "")
