"""The rules that turn a process into rooms, people and samples: what each says, why, and where the user overrode it.

They add no figure of their own: each reads what the model made of the inputs and choices that state it. A rule is
overridden by another number in one of these inputs, by a chosen room grade, or by one person at a step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from dosecost import recipes
from dosecost.costs import facility
from dosecost.evaluation import Evaluation, areas_of, recipe_of, rows_in_use, year_of
from dosecost.inputs import Areas, Row
from dosecost.model import Results
from dosecost.recipes import Recipe, Step
from dosecost.scenario import Choices, Scenario

GRADE = "room_grade"
CREW = "step_edits"
EXPOSURES = "steps"
IN_THE_FEE = "the contract manufacturer's, in the fee"
NAMED = 3
"""Steps that a sentence names before it counts the rest."""
HUNDRED = 100


class Stated(NamedTuple):
    """How an input states a rule: whether ``more`` of it, ``less`` of it or only having a ``price`` is careful, and
    what a careless value means."""

    careful: str
    meaning: str


class Given(NamedTuple):
    """What a rule gives in a scenario: the figure that carries it, and the words."""

    number: float
    text: str


class Override(NamedTuple):
    """One place where the user departs from a rule: the input, choice or part of the scenario, its label ('' where the
    rule's own says it), what the rule says, what the user set, whether that is more careful, and what it means."""

    key: str
    label: str
    ruled: str
    yours: str
    careful: bool
    meaning: str


class Case(NamedTuple):
    """What a rule looks at."""

    recipe: Recipe
    areas: Areas
    results: Results
    choices: Choices

    @property
    def contract(self) -> bool:
        """Whether somebody else's rooms and people make the lots."""
        return self.choices.tenure == "cdmo"


@dataclass(frozen=True)
class Rule:
    """A rule: one sentence, its reason and its basis, the inputs and choices (``room_grade``, ``steps`` for open and
    closed, ``step_edits`` for the crew) that state it in a case, and what it gives there."""

    id: str
    label: str
    sentence: str
    reason: str
    basis: str
    stated: Callable[[Case], dict[str, Stated]]
    gives: Callable[[Case], Given]
    choices: tuple[str, ...] = (EXPOSURES,)


class Applied(NamedTuple):
    """A rule in a scenario: what it gives, what it would give unoverridden, where it is overridden, the inputs and
    choices that state it, and the source of the rule and of its numbers."""

    rule: Rule
    given: Given
    unoverridden: Given
    overrides: list[Override]
    stated_by: list[str]
    source: str


# ---- words ------------------------------------------------------------------------------------------------------


def _n(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= HUNDRED else f"{value:.3g}"


def _count(value: float, one: str, many: str = "") -> str:
    return f"{_n(value)} {one if value == 1 else many or one + 's'}"


def _names(steps: list[Step], exposed: bool = False) -> str:
    """``Harvest (open), Fill (open) and 2 more``; each step by its label up to the first comma."""
    labels = [step.label.partition(",")[0] for step in steps[:NAMED]]
    if exposed:
        labels = [f"{label} ({_exposure(step)})" for label, step in zip(labels, steps, strict=False)]
    more = len(steps) - NAMED
    return ", ".join(labels) + (f" and {more} more" if more > 0 else "")


def _exposure(step: Step) -> str:
    return step.exposure.replace("_", " ")


def _because(recipe: Recipe) -> str:
    """Which steps ask for the room's grade."""
    worst = _worst(recipe)
    return "as every step asks for" if len(worst) == len(recipe.steps) else f"because of {_names(worst, True)}"


def _worst(recipe: Recipe) -> list[Step]:
    """The steps that ask for the highest room grade."""
    needed = dict(recipe.room)
    return [step for step in recipe.steps if needed[step.exposure] == recipe.room_grade]


# ---- what states each rule, and what it gives -------------------------------------------------------------------


def _room_grade(case: Case) -> Given:
    worst, grade = _worst(case.recipe), case.results.grade
    if case.choices.room_grade != "from_steps" and grade != case.recipe.room_grade:
        return Given(len(worst), f"grade {grade}, by your choice")
    return Given(len(worst), f"grade {grade}, {_because(case.recipe)}")


def _segregation_stated(case: Case) -> dict[str, Stated]:
    if case.contract:
        return {}
    if case.results.any_open:
        meaning = "open product of more patients in one room can be mixed up or contaminate each other"
        return {"capacity.lots_per_room_open": Stated("less", meaning)}
    meaning = "more patients' closed lots stand in one room, where they can be mixed up"
    return {"capacity.lots_per_room_closed": Stated("less", meaning)}


def _segregation(case: Case) -> Given:
    if case.contract:
        return Given(0.0, IN_THE_FEE)
    plant = case.results.plant
    opened = [step for step in case.recipe.steps if step.exposure == "open"]
    briefly = [step for step in case.recipe.steps if step.exposure == "briefly_open"]
    why = f"because {_count(len(opened), 'step is', 'steps are')} open" if opened else "because no step is open"
    if briefly and not opened:
        why += f" ({_n(len(briefly))} briefly)"
    lots = _count(float(plant.lots_per_room), "lot")
    return Given(
        float(plant.lots_per_room), f"{lots} at one time in a room, {why}: {_count(float(plant.suites), 'suite')}"
    )


def _clearance_stated(case: Case) -> dict[str, Stated]:
    if case.contract:
        return {}
    stated = {"capacity.device_turnaround_days": Stated("more", "the limiting device is ready sooner than cleaned")}
    for step in case.recipe.steps:
        if step.group == "room":
            stated[f"process.steps.{step.id}.days"] = Stated("more", "less time to clear the line between two patients")
            meaning = "less work on clearing and cleaning between two patients"
            stated[f"process.steps.{step.id}.hands_on_hours"] = Stated("more", meaning)
    return stated


def _clearance(case: Case) -> Given:
    if case.contract:
        return Given(0.0, IN_THE_FEE)
    steps = [step for step in case.results.work.steps if step.group == "room"]
    days, hours = sum(float(step.days) for step in steps), sum(float(step.hours) for step in steps)
    device = case.recipe.limiting_device.replace("_", " ")
    turnaround = float(case.areas.capacity.device_turnaround_days)
    return Given(
        days,
        f"{_count(days, 'day')} and {_count(hours, 'person-hour')} of a room between two lots, "
        f"{_count(turnaround, 'day')} of the {device}",
    )


def _gowning_stated(case: Case) -> dict[str, Stated]:
    if case.contract:
        return {}
    grade = "b" if case.results.grade == "B" else "other"
    return {
        "process.hours_per_room_entry": Stated("less", "people stay longer in one gown, and the entries are fewer"),
        f"facility.gown_minutes_{grade}": Stated("more", "less time to gown without touching the outside"),
        f"facility.gown_price_{grade}": Stated("price", "gowns cost nothing"),
    }


def _gowning(case: Case) -> Given:
    if case.contract:
        return Given(0.0, IN_THE_FEE)
    entries = float(case.results.work.room_entries)
    minutes = float(facility.gown_minutes(case.areas.facility, case.results.grade))
    hours = entries * minutes / facility.MINUTES_PER_HOUR
    return Given(
        entries,
        f"{_n(entries)} entries a lot, each {_n(minutes)} minutes of gowning for grade {case.results.grade}: "
        f"{_n(hours)} person-hours a lot",
    )


def _people_stated(case: Case) -> dict[str, Stated]:
    if case.contract:
        return {}
    by_rule = [step for step in case.recipe.steps if step.crew == "rule"]
    stated = {}
    if any(step.exposure != "closed" for step in by_rule):
        meaning = "open product is handled with less of it seen by a second person"
        stated["process.people_per_open_step"] = Stated("more", meaning)
    if any(step.exposure == "closed" for step in by_rule):
        stated["process.people_per_closed_step"] = Stated(
            "more", "fewer critical steps are verified by a second person"
        )
    return stated


def _people(case: Case) -> Given:
    if case.contract:
        return Given(0.0, IN_THE_FEE)
    process = case.areas.process
    opened = [step for step in case.recipe.steps if step.exposure != "closed"]
    closed = [step for step in case.recipe.steps if step.exposure == "closed"]
    parts = []
    for steps, people, kind in (
        (opened, float(process.people_per_open_step), "open or briefly open"),
        (closed, float(process.people_per_closed_step), "closed"),
    ):
        alone = [step for step in steps if step.crew == "single"]
        together = len(steps) - len(alone)
        if together:
            parts.append(f"{_count(people, 'person', 'people')} at each of {_count(together, f'{kind} step')}")
        if alone:
            parts.append(f"one at {_names(alone)}")
    return Given(float(process.people_per_open_step if opened else process.people_per_closed_step), ", ".join(parts))


PLATES = {
    "active_air_plates": "fewer plates of active air",
    "settle_plates": "fewer settle plates",
    "contact_plates": "fewer contact plates",
    "glove_plates": "fewer glove prints",
}
PLATES_IN_B = {"gown_plates": "fewer gown plates", "background_plates": "fewer plates around the cabinet"}


def _monitoring_stated(case: Case) -> dict[str, Stated]:
    if case.contract:
        return {}
    stated = {}
    grade = case.results.grade
    if case.recipe.has_open_work:
        stated = {
            "process.manipulations_per_session": Stated("less", "more open work goes by between two samplings"),
            "monitoring.settle_exposure_hours": Stated("less", "settle plates stand longer than they are valid for"),
        }
        kinds = PLATES | (PLATES_IN_B if grade == "B" else {})
        stated |= {f"monitoring.{name}": Stated("more", meaning) for name, meaning in kinds.items()}
    if case.choices.tenure in facility.OWN_ROOMS:
        meaning = "fewer routine plates with the rooms"
        stated[f"monitoring.routine_plates_{grade.lower()}"] = Stated("more", meaning)
    return stated


def _monitoring(case: Case) -> Given:
    plates, sessions = case.results.plates, float(case.results.work.open_sessions)
    text = (
        f"{_count(sessions, 'monitored session')} with {_count(float(plates.per_lot), 'plate')} a lot, "
        f"{_count(float(plates.routine_per_year), 'routine plate')} a year"
    )
    return Given(sessions, f"{text}, in the contract manufacturer's fee" if case.contract else text)


def _connections_stated(case: Case) -> dict[str, Stated]:
    if case.contract:
        return {}
    work, stated = case.results.work, {}
    if work.closed_connections:
        stated["materials.connection_price"] = Stated("price", "closed connections cost nothing")
    if work.closed_by_choice:
        stated["materials.closed_step_set_price"] = Stated("price", "a step is closed without buying a set for it")
    return stated


def _connections(case: Case) -> Given:
    if case.contract:
        return Given(0.0, IN_THE_FEE)
    work = case.results.work
    made = float(work.closed_connections)
    if not made and not work.closed_by_choice:
        return Given(0.0, "none: no step has a closed connection")
    parts = [f"{_count(made, 'closed connection')} a lot, each by a wafer or sterile connector"] if made else []
    if work.closed_by_choice:
        parts.append(f"{_count(float(work.closed_by_choice), 'set')} a lot for the steps closed by choice")
    if welders := float(case.results.plant.devices.get("tube_welder", 0.0)):
        parts.append(f"{_count(welders, 'tube welder')} and as many sealers")
    return Given(made, "; ".join(parts))


def _training_stated(case: Case) -> dict[str, Stated]:
    stated = {
        "people.training_months": Stated("more", "new operators work alone sooner"),
        "people.training_cost": Stated("price", "training costs nothing"),
    }
    if case.recipe.has_open_work and not case.contract:
        fewer = "operators do open work with fewer media fills behind them"
        stated["quality.aseptic_qualifications_per_year"] = Stated("more", fewer)
        stated["quality.aseptic_qualifications_at_start"] = Stated("more", fewer)
        stated["quality.aseptic_qualification_price"] = Stated("price", "aseptic qualification costs nothing")
    return stated


def _training(case: Case) -> Given:
    people, heads = case.areas.people, case.results.heads
    lines = {line.id: float(line.quantity) for line in case.results.lines}
    qualified = lines.get("quality.aseptic_qualification", 0.0)
    text = (
        f"{_count(float(people.training_months), 'month')} to an independent operator, "
        f"{_count(float(heads.total * people.attrition), 'joiner')} a year"
    )
    if case.contract:
        return Given(qualified, f"{text}; operators are the contract manufacturer's")
    if not case.recipe.has_open_work:
        return Given(qualified, f"{text}; no aseptic qualification, because no step is open")
    operators = float(heads.by_role["operator"])
    return Given(
        qualified,
        f"{text}; {_count(qualified, 'aseptic qualification')} a year for {_count(operators, 'operator')}, because of "
        "open work",
    )


RULES = (
    Rule(
        "room_grade",
        "Room grade",
        "The room has the grade that its worst step asks for.",
        "Product that meets the room must be handled in a grade A cabinet, and such a cabinet for open work must stand "
        "in grade B; closed product is protected by its set.",
        "EU GMP Annex 1 for open work; which grade a briefly open or closed step needs is judged for each platform",
        lambda case: {},
        _room_grade,
        (GRADE, EXPOSURES),
    ),
    Rule(
        "segregation",
        "Segregation",
        "While a step is open, the room holds the lots of as few patients at one time as the platform allows.",
        "Two patients' open cells in one room can be mixed up or contaminate each other; closed lots are kept apart by "
        "their sets.",
        "Our judgement",
        _segregation_stated,
        _segregation,
    ),
    Rule(
        "line_clearance",
        "Line clearance",
        "Between two lots the room is cleared, cleaned and set up, and the device turned around.",
        "Nothing of one patient may stay where the next one's cells are worked on.",
        "Our judgement",
        _clearance_stated,
        _clearance,
        (),
    ),
    Rule(
        "gowning",
        "Gowning",
        "People gown anew at every entry to the room, and leave it after so many hours of work.",
        "People shed more particles and microbes than anything else in a clean room; a gown protects for a time.",
        "EU GMP Annex 1 for gowning by grade; time in gown is our judgement",
        _gowning_stated,
        _gowning,
        (GRADE,),
    ),
    Rule(
        "two_persons",
        "Two-person rule",
        "Open work is done by two, one of them to check; at closed steps the critical parts are verified.",
        "A mix-up or a slip with a patient's only cells cannot be found by testing afterwards.",
        "Lopes 2018 part 2 (two operators for every processing operation)",
        _people_stated,
        _people,
        (CREW, EXPOSURES),
    ),
    Rule(
        "monitoring",
        "Monitoring in operation",
        "Open work is monitored session by session, with air, settle, contact, glove and gown plates; rooms routinely.",
        "Open handling leaves no later step that would remove a contamination.",
        "EU GMP Annex 1 and USP <1116> for the kinds of samples; their numbers are judged",
        _monitoring_stated,
        _monitoring,
    ),
    Rule(
        "closed_connections",
        "Welds, connectors and closed sets",
        "Every closed connection takes a wafer or sterile connector, the room a welder and a sealer, and a step closed "
        "by choice a set.",
        "A step is closed only if nothing is ever joined in the open.",
        "Our judgement; the tube welder's price is a supplier's",
        _connections_stated,
        _connections,
    ),
    Rule(
        "training",
        "Training",
        "A new operator learns for months; who does open work is qualified in gowning and by media fill.",
        "Only a person who has shown aseptic work in a media fill may touch open product.",
        "EU GMP Annex 1 practice for media fills by person; months and prices are our judgement",
        _training_stated,
        _training,
    ),
)


# ---- a scenario's rules -----------------------------------------------------------------------------------------


def case_of(e: Evaluation) -> Case:
    """What the rules look at in an evaluation."""
    return Case(e.recipe, e.areas, e.results, e.scenario.choices)


def overrides(e: Evaluation, rule: Rule) -> list[Override]:
    """Where the user departs from a rule."""
    rows, found = rows_in_use(e.scenario), []
    if rule.id == "room_grade":
        found += _grade_chosen(e)
    for name, stated in rule.stated(case_of(e)).items():
        if name in e.scenario.inputs and (made := _departure(rows[name], stated, e.scenario.inputs[name])):
            found.append(made)
    if rule.id == "two_persons":
        found += _alone(e)
    return found


def applied(e: Evaluation) -> list[Applied]:
    """All rules in a scenario, in order."""
    case, rows, found = case_of(e), rows_in_use(e.scenario), []
    for rule in RULES:
        made = overrides(e, rule)
        names = list(rule.stated(case))
        given = rule.gives(case)
        found.append(
            Applied(
                rule=rule,
                given=given,
                unoverridden=rule.gives(_without(e, rule, names)) if made else given,
                overrides=made,
                stated_by=[*rule.choices, *names],
                source=_source(rule, rows, names),
            )
        )
    return found


def in_words(rule: Rule, override: Override) -> str:
    """An override in one line."""
    what = f"{override.label}: " if override.label else ""
    said = f"{what}the rule says {override.ruled}; yours is {override.yours}"
    if override.careful:
        return f"{rule.label}: {said}, more careful, at its cost."
    return f"{rule.label} overridden: {said}: {override.meaning}."


def _grade_chosen(e: Evaluation) -> list[Override]:
    chosen, needed = e.results.grade, e.recipe.room_grade
    if chosen == needed:
        return []
    careful = recipes.GRADES.index(chosen) > recipes.GRADES.index(needed)
    return [
        Override(
            GRADE,
            "",
            f"grade {needed} (EU GMP Annex 1), {_because(e.recipe)}",
            f"grade {chosen}",
            careful,
            "the room is less clean than the steps ask for",
        )
    ]


def _departure(row: Row, stated: Stated, value: float) -> Override | None:
    """The user's number where it is not the rule's. Another price is a quote; only no price at all is a departure."""
    if value == row.base or (stated.careful == "price" and value > 0.0):
        return None
    unit = row.unit
    outside = not row.is_money and not row.low <= value <= row.high
    sourced = f" (outside the sourced range of {row.low:g} to {row.high:g})" if outside else ""
    return Override(
        row.name,
        f"{row.label[0].lower()}{row.label[1:]}" if row.label[1:2].islower() else row.label,
        f"{row.base:g} {unit}",
        f"{value:g}{sourced}",
        careful=stated.careful != "price" and (value > row.base) == (stated.careful == "more"),
        meaning=stated.meaning,
    )


def _alone(e: Evaluation) -> list[Override]:
    """Steps that the user gave to one person, where the rule asks for more."""
    if e.scenario.choices.tenure == "cdmo":
        return []
    by_rule = recipe_of(_with_crews_by_rule(e.scenario))
    own = {step.id for step in by_rule.steps if step.crew == "single"}
    rows, found = rows_in_use(e.scenario), []
    for kind in ("open", "closed"):
        people = rows[f"process.people_per_{kind}_step"].base
        alone = [
            step
            for step in e.recipe.steps
            if step.crew == "single" and step.id not in own and (step.exposure == "closed") == (kind == "closed")
        ]
        if alone and people > 1.0:
            found.append(
                Override(
                    CREW,
                    f"people at {_names(alone)}",
                    f"{people:g} persons at {kind} work",
                    "one person",
                    careful=False,
                    meaning="nobody else sees what is done",
                )
            )
    return found


def _without(e: Evaluation, rule: Rule, names: list[str]) -> Case:
    """The case as it would be if this rule were not overridden."""
    s = e.scenario
    if rule.id == "two_persons":
        names = [*names, "process.people_per_open_step", "process.people_per_closed_step"]
    s = replace(s, inputs={name: value for name, value in s.inputs.items() if name not in names})
    if rule.id == "room_grade":
        s = replace(s, choices=replace(s.choices, room_grade="from_steps"))
    if rule.id == "two_persons":
        s = _with_crews_by_rule(s)
    areas = areas_of(s)
    return Case(recipe_of(s), areas, year_of(s, areas), s.choices)


def _with_crews_by_rule(s: Scenario) -> Scenario:
    edits = s.step_edits
    changed = tuple(replace(step, crew=None) for step in edits.changed)
    added = tuple(replace(step, crew="rule") for step in edits.added)
    return replace(s, step_edits=replace(edits, changed=changed, added=added))


def _source(rule: Rule, rows: Mapping[str, Row], names: list[str]) -> str:
    """What the rule rests on, then where its numbers come from, with their evidence grades."""
    numbers = dict.fromkeys(f"{rows[name].source} ({rows[name].grade})" for name in names)
    return f"{rule.basis}. Numbers: {'; '.join(numbers)}" if numbers else rule.basis
