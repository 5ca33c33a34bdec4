"""A scenario: platform, choices, overrides and plan. Read, checked, changed, written; never altered in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from dosecost import inputs, plan, quotes, recipes, step_edits, strictjson
from dosecost.errors import InputError
from dosecost.fields import plain
from dosecost.finance import CURRENCIES
from dosecost.ledger import BOUNDARIES
from dosecost.quotes import Quote
from dosecost.step_edits import StepEdits

SCENARIOS = inputs.DATA / "scenarios"
FORMAT = "dosecost-scenario"
FORMAT_VERSION = 1
DATA_VERSION = "2026.11"
YEARS = (2000, 2060)
YES_NO = ("yes", "no")
ENTRIES = ("phases", "receipts", "decisions")
"""Lists of the plan; a plan without decisions leaves them out of its file."""
LEFT_OUT = {"demand": "flat"}
"""What an entry of the plan does not say in a file where it is so."""
NAME_LENGTH = 80
TEXT_LENGTH = 500


def choice(*options: str) -> Any:
    """Declare a choice and its options."""
    return field(metadata={"options": options})


@dataclass(frozen=True, slots=True)
class Choices:
    """Decisions that are fixed in a scenario; uncertainty never samples them."""

    platform: str = choice()
    setting: str = choice(*inputs.SELECTORS["setting"])
    stage: str = choice(*inputs.SELECTORS["stage"])
    tenure: str = choice("build", "lease", "pod", "host_hospital", "cdmo")
    sizing: str = choice("size_for_demand", "fixed_plant")
    room_grade: str = choice("from_steps", *recipes.GRADES)
    sterility: str = choice("compendial", "growth", "pcr", "cytometry")
    mycoplasma: str = choice("culture", "pcr")
    potency: str = choice("cytokine", "killing")
    testing: str = choice("in_house", "outsourced")
    plate_reading: str = choice("in_house", "outsourced")
    conditional_release: str = choice(*YES_NO)
    record: str = choice(*inputs.SELECTORS["record"])
    apheresis: str = choice("fresh", "frozen")
    lane: str = choice("local", "domestic", "international")
    delivery: str = choice(*inputs.SELECTORS["delivery"])
    vector_supply: str = choice("by_dose", "campaign")
    vector_yield: str = choice("as_quoted", "from_titre")
    instruments: str = choice("gmp", "research")
    remake: str = choice(*YES_NO)
    starting_material: str = choice("observed", "cell_balance")
    heads: str = choice("whole", "fractional")
    failure_convention: str = choice("stage_wise", "times_one_plus_f", "divided_by_one_minus_f")
    boundary: str = choice(*BOUNDARIES)


def _plan_body(planned: plan.Plan) -> dict[str, Any]:
    lists = {
        name: [
            {key: value for key, value in plain(entry).items() if LEFT_OUT.get(key) != value}
            for entry in getattr(planned, name)
        ]
        for name in ENTRIES
    }
    body = plain(planned) | lists
    return body if planned.decisions else {key: value for key, value in body.items() if key != "decisions"}


@dataclass(frozen=True)
class Scenario:
    """One question: decisions, the user's own numbers in scenario money, and the plan by month."""

    name: str
    description: str
    currency: str
    price_year: int
    choices: Choices
    steps: Mapping[str, str]
    inputs: Mapping[str, float]
    notes: Mapping[str, str]
    plan: plan.Plan
    step_edits: StepEdits = step_edits.NONE
    quotes: Mapping[str, Quote] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The scenario as plain data, everything that the digest covers."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "data_version": DATA_VERSION,
            "name": self.name,
            "description": self.description,
            "currency": self.currency,
            "price_year": self.price_year,
            "choices": plain(self.choices),
            "steps": dict(self.steps),
            "inputs": dict(self.inputs),
            "notes": dict(self.notes),
            "plan": _plan_body(self.plan),
        } | self._optional()

    def _optional(self) -> dict[str, Any]:
        """Parts that a file leaves out where there is nothing to say."""
        edits = {step_edits.KEY: self.step_edits.body()} if self.step_edits != step_edits.NONE else {}
        return edits | ({quotes.KEY: quotes.body(self.quotes)} if self.quotes else {})

    @cached_property
    def digest(self) -> str:
        """Twelve characters that change with any content of the scenario."""
        return strictjson.digest(self.body())


KEYS = (
    "format",
    "format_version",
    "data_version",
    "name",
    "description",
    "currency",
    "price_year",
    "choices",
    "steps",
    "inputs",
    "notes",
    "plan",
)


def options(name: str) -> tuple[str, ...]:
    """Allowed values of a choice."""
    if name == "platform":
        return tuple(recipes.load())
    allowed: tuple[str, ...] = next(f.metadata["options"] for f in fields(Choices) if f.name == name)
    return allowed


CHOICE_NAMES = tuple(f.name for f in fields(Choices))
CHOICES_OF_KIND = {"go_electronic": {"record": "electronic"}, "gmp_instruments": {"instruments": "gmp"}}
CHOICE_NAMED = {"switch_platform": "platform", "adopt_sterility": "sterility"}
"""Choices that a kind of decision changes: to what its kind says, or to what the decision names."""


def _object(where: str, raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = raw[key]
    if not isinstance(value, dict):
        raise InputError(where, key, "needs an object")
    return value


def _text(where: str, raw: Mapping[str, Any], key: str, most: int) -> str:
    value = raw[key]
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise InputError(where, key, f"needs a text of 1 to {most} characters")
    return value


def checked_choice(where: str, name: str, value: object) -> str:
    """A value for a choice, or one line with the allowed ones."""
    if name not in CHOICE_NAMES:
        raise InputError(where, name, f"unknown choice; choices are {', '.join(CHOICE_NAMES)}")
    if value not in options(name):
        raise InputError(where, name, f"{value!r} is not one of {', '.join(options(name))}")
    return str(value)


def own_steps(edits: StepEdits) -> set[str]:
    """Ids of the steps that edits put in, out of the library or the user's own."""
    return {*edits.optional, *(step.id for step in edits.added)}


def checked_step(where: str, step: str, value: object, edits: StepEdits = step_edits.NONE) -> str:
    """A value for the exposure of a step, the platform's, an optional or an added one: as it comes, open or closed."""
    known = dict.fromkeys(s.id for recipe in recipes.load().values() for s in recipe.steps if s.group != "room")
    known |= dict.fromkeys(sorted(own_steps(edits)))
    if step not in known:
        raise InputError(where, f"steps.{step}", f"unknown step; steps are {', '.join(known)}")
    if value not in recipes.STEP_CHOICES:
        raise InputError(where, f"steps.{step}", f"{value!r} is not one of {', '.join(recipes.STEP_CHOICES)}")
    return str(value)


def checked_input(where: str, name: str, value: object) -> float:
    """A value for an input that has a row in ``data/inputs``."""
    checked = inputs.checked_override(where, name, value)
    if name not in inputs.load().names():
        raise InputError(where, name, "no input of that name")
    return checked


def choices_of(decision: Any) -> dict[str, str]:
    """The choices that a decision changes."""
    if decision.kind in CHOICES_OF_KIND:
        return CHOICES_OF_KIND[decision.kind]
    named = CHOICE_NAMED.get(decision.kind)
    return {named: getattr(decision, named)} if named else {}


def read_plan(where: str, raw: object) -> plan.Plan:
    """The plan of a scenario file; its decisions name only options that there are."""
    read = plan.read(where, raw)
    for decision in read.decisions:
        for name, value in choices_of(decision).items():
            if value not in options(name):
                known = ", ".join(options(name))
                raise InputError(where, f"plan.decisions.{decision.id}.{name}", f"{value!r} is not one of {known}")
    return read


def after_changes(scenario: Scenario, changes: Sequence[Any] | None = None) -> list[Scenario]:
    """The scenario before, and after, each change of the plant, one upon the other: those that its plan decides, or
    others."""
    states = [scenario]
    for decision in scenario.plan.changes if changes is None else changes:
        states.append(replace(states[-1], choices=replace(states[-1].choices, **choices_of(decision))))
    return states


def from_data(raw: Mapping[str, Any], where: str) -> Scenario:
    """A scenario from parsed JSON. Every key must be known and none may be missing."""
    body = {key: value for key, value in raw.items() if key != "digest"}
    if body.get("format") != FORMAT:
        raise InputError(where, "format", f"this is not a scenario file: format must be {FORMAT!r}")
    for key in body:
        if key not in (*KEYS, step_edits.KEY, quotes.KEY):
            raise InputError(where, key, f"unknown key; known are {', '.join(KEYS)}")
    missing = [key for key in KEYS if key not in body]
    if missing:
        raise InputError(where, "", f"only part of a scenario; missing: {', '.join(missing)}")
    version = body["format_version"]
    if version != FORMAT_VERSION or isinstance(version, bool):
        raise InputError(where, "format_version", f"{version!r} is not {FORMAT_VERSION}, the version read here")
    if body["data_version"] != DATA_VERSION:
        raise InputError(where, "data_version", f"{body['data_version']!r} is not {DATA_VERSION}, the data read here")
    if body["currency"] not in CURRENCIES:
        raise InputError(where, "currency", f"{body['currency']!r} is not one of {', '.join(CURRENCIES)}")
    year = body["price_year"]
    if isinstance(year, bool) or not isinstance(year, int) or not YEARS[0] <= year <= YEARS[1]:
        raise InputError(where, "price_year", f"{year!r} is not a year from {YEARS[0]} to {YEARS[1]}")
    chosen = _object(where, body, "choices")
    for key in chosen:
        checked_choice(where, key, chosen[key])
    absent = [key for key in CHOICE_NAMES if key not in chosen]
    if absent:
        raise InputError(where, "choices", f"only part of a scenario; missing: {', '.join(absent)}")
    edits = step_edits.read(where, body.get(step_edits.KEY, {}))
    steps = _object(where, body, "steps")
    overrides = _object(where, body, "inputs")
    notes = _object(where, body, "notes")
    own = {name: checked_input(where, name, value) for name, value in sorted(overrides.items())}
    return Scenario(
        name=_text(where, body, "name", NAME_LENGTH),
        description=_text(where, body, "description", TEXT_LENGTH),
        currency=body["currency"],
        price_year=year,
        choices=Choices(**chosen),
        steps={step: checked_step(where, step, value, edits) for step, value in sorted(steps.items())},
        inputs=own,
        notes={key: _text(where, notes, key, TEXT_LENGTH) for key in sorted(notes)},
        plan=read_plan(where, body["plan"]),
        step_edits=edits,
        quotes=quotes.read(where, body.get(quotes.KEY, {}), own),
    )


def parse(text: str, where: str) -> Scenario:
    """A scenario from the text of a file or an upload."""
    return from_data(strictjson.parse(text, where), where)


def edited(text: str, where: str) -> bool:
    """Whether the text of a scenario file was changed after it was saved: its digest is another than its content's."""
    raw = strictjson.parse(text, where)
    return "digest" in raw and raw["digest"] != from_data(raw, where).digest


@cache
def shipped() -> tuple[str, ...]:
    """Names of the scenarios that come with the product."""
    return tuple(sorted(path.stem for path in SCENARIOS.glob("*.json")))


@cache
def load_shipped(name: str) -> Scenario:
    """A scenario that comes with the product."""
    path = SCENARIOS / f"{name}.json"
    return parse(strictjson.read_text(path), path.name)


def load(name: str) -> Scenario:
    """A shipped scenario by name, or a file by path."""
    if name in shipped():
        return load_shipped(name)
    path = Path(name)
    if not path.exists():
        raise InputError(name, "", f"no such file, and no shipped scenario; shipped are {', '.join(shipped())}")
    return parse(strictjson.read_text(path), path.name)


def dump(scenario: Scenario) -> str:
    """The text of a scenario file, with its digest; ``parse`` reads it back to an equal scenario."""
    return strictjson.dumps(scenario.body() | {"digest": scenario.digest}, compact=False) + "\n"


def _changed_plan(scenario: Scenario, where: str, path: str, value: object) -> Scenario:
    body = scenario.body()["plan"]
    head, _, rest = path.partition(".")
    entry, _, field = rest.rpartition(".")
    parts = [head, entry, field] if entry else path.split(".")
    if len(parts) == 3 and parts[0] in ENTRIES:
        entries = body.get(parts[0], [])
        found = [entry for entry in entries if entry["id"] == parts[1]]
        if not found:
            known = ", ".join(entry["id"] for entry in entries)
            raise InputError(where, f"plan.{path}", f"no entry {parts[1]!r} in plan.{parts[0]}; entries are {known}")
        found[0][parts[2]] = value
    elif len(parts) == 1:
        body[parts[0]] = value
    else:
        raise InputError(where, f"plan.{path}", "no such part of the plan")
    return replace(scenario, plan=read_plan(where, body))


def _quoted(scenario: Scenario, where: str, name: str, raw: object) -> Scenario:
    """The scenario with a quote for an input, or without it; a quote that holds its ``value`` sets the input too."""
    quoted = {other: quote for other, quote in scenario.quotes.items() if other != name}
    own = dict(scenario.inputs)
    if isinstance(raw, Mapping) and "value" in raw:
        own[name] = checked_input(where, name, raw["value"])
        raw = {key: part for key, part in raw.items() if key != "value"}
    if raw is not None:
        quoted[name] = quotes.one(where, name, raw, own)
    return replace(scenario, inputs=dict(sorted(own.items())), quotes=dict(sorted(quoted.items())))


def hypothetical(scenario: Scenario) -> Scenario:
    """The scenario for trying other values than the user's: his quotes, which hold his own, are left out."""
    return replace(scenario, quotes={}) if scenario.quotes else scenario


def with_change(scenario: Scenario, key: str, value: object, where: str) -> Scenario:
    """The scenario with one key changed: a choice, ``steps.<step>``, ``step_edits``, ``plan.<path>``, the name of an
    input, or ``quotes.<input>`` for where the user's number comes from.

    ``None`` for an input takes the user's number and its quote back, for a quote the quote alone. An added step that
    goes takes its exposure along. Raises ``InputError`` and changes nothing otherwise.
    """
    head, _, rest = key.partition(".")
    if key in CHOICE_NAMES:
        return replace(scenario, choices=replace(scenario.choices, **{key: checked_choice(where, key, value)}))
    if head == "steps" and rest:
        exposure = checked_step(where, rest, value, scenario.step_edits)
        steps = {step: kept for step, kept in scenario.steps.items() if step != rest}
        if exposure != "platform":
            steps[rest] = exposure
        return replace(scenario, steps=dict(sorted(steps.items())))
    if key == step_edits.KEY:
        edits = step_edits.read(where, value)
        gone = own_steps(scenario.step_edits) - own_steps(edits)
        steps = {step: kept for step, kept in scenario.steps.items() if step not in gone}
        return replace(scenario, step_edits=edits, steps=steps)
    if head == quotes.KEY and rest:
        return _quoted(scenario, where, rest, value)
    if head == "plan" and rest:
        return _changed_plan(scenario, where, rest, value)
    if key == "name":
        return replace(scenario, name=_text(where, {key: value}, key, NAME_LENGTH))
    if key == "description":
        return replace(scenario, description=_text(where, {key: value}, key, TEXT_LENGTH))
    if key in ("currency", "price_year"):
        raise InputError(where, key, "is fixed by the scenario file, whose own numbers stand in it")
    if head not in inputs.AREAS:
        known = ", ".join((*CHOICE_NAMES, "steps.…", "plan.…", *(f"{area}.…" for area in inputs.AREAS)))
        raise InputError(where, key, f"unknown key; known are {known}")
    kept = {name: own for name, own in scenario.inputs.items() if name != key}
    quoted = dict(scenario.quotes)
    if value is None:
        quoted.pop(key, None)
    else:
        kept[key] = checked_input(where, key, value)
    quotes.read(where, quotes.body(quoted), kept)
    return replace(scenario, inputs=dict(sorted(kept.items())), quotes=quoted)


def with_changes(scenario: Scenario, changes: Mapping[str, object], where: str) -> Scenario:
    """The scenario with several keys changed, all or none."""
    for key, value in changes.items():
        scenario = with_change(scenario, key, value, where)
    return scenario
