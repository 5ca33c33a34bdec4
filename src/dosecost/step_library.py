"""What any platform can have on top of its own or done another way (``data/steps``): optional steps, the ways of gene
transfer, lengths of culture to choose from. Like a recipe, steps and ways hold structure only; numbers are inputs.
"""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dosecost.errors import InputError
from dosecost.recipes import GENE_TRANSFER, GROUPS, PER, Material, Recipe, Step, StepTest, bill, one_of

FOLDER = Path(__file__).resolve().parents[2] / "data" / "steps"


@dataclass(frozen=True)
class OptionalStep:
    """A step to put in: done as the platform's step ``like`` (exposure, crew, devices), behind its step ``after``."""

    id: str
    label: str
    summary: str
    group: str
    after: str
    like: str
    operation: str
    knock_outs: bool = False
    devices: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    tests: tuple[StepTest, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """A way of gene transfer: what its step needs beside the platform's own, and the release tests it brings.

    ``payload`` is what is delivered where that is no virus; ``label`` the step's name where it is another one.
    """

    id: str
    label: str = ""
    operation: str = ""
    devices: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    payload: tuple[Material, ...] = ()
    tests: tuple[str, ...] = ()


class Culture(NamedTuple):
    """A length of culture that programmes choose: days to harvest, of which ``days`` stands for the range."""

    id: str
    label: str
    at_least: float
    days: float
    at_most: float

    def holds(self, days: float) -> bool:
        """Whether a culture of so many days is one of these."""
        return self.at_least <= days <= self.at_most


@cache
def optional_steps(folder: Path = FOLDER) -> dict[str, OptionalStep]:
    """The optional steps by id. Raises ``InputError`` that names file and step."""
    name = "optional.toml"
    found = {}
    for raw in _entries(folder / name, "steps"):
        tests = tuple(StepTest(**test) for test in raw.pop("tests", ()))
        step = OptionalStep(**_read(name, "steps", raw, OptionalStep, ("materials",)), tests=tests)
        one_of(name, f"steps.{step.id}.group", step.group, [group for group in GROUPS if group != "room"])
        for test in step.tests:
            one_of(name, f"steps.{step.id}.tests", test.per, PER)
        found[step.id] = step
    return found


@cache
def deliveries(folder: Path = FOLDER) -> dict[str, Delivery]:
    """The ways of gene transfer by id. Raises ``InputError`` that names file and entry."""
    name = "delivery.toml"
    entries = _entries(folder / name, "delivery")
    found = [Delivery(**_read(name, "delivery", raw, Delivery, ("materials", "payload"))) for raw in entries]
    return {delivery.id: delivery for delivery in found}


@cache
def cultures(folder: Path = FOLDER) -> dict[str, Culture]:
    """Lengths of culture by id."""
    found = [Culture(**raw) for raw in _entries(folder / "culture.toml", "culture")]
    return {culture.id: culture for culture in found}


@cache
def delivered(recipe: Recipe, way: str) -> Recipe:
    """The recipe with its gene transfer done ``way``; its devices follow its steps in ``step_edits.edited``."""
    delivery = deliveries()[way]
    steps = tuple(_delivering(step, delivery) if step.id == GENE_TRANSFER else step for step in recipe.steps)
    return replace(recipe, steps=steps, payload=delivery.payload, delivery_tests=delivery.tests)


def with_optional(recipe: Recipe, wanted: tuple[str, ...]) -> Recipe:
    """The recipe with optional steps, each behind the step it follows, or at the end of its group."""
    for name, option in optional_steps().items():
        if name in wanted:
            recipe = _put_in(recipe, option)
    return recipe


def _put_in(recipe: Recipe, option: OptionalStep) -> Recipe:
    steps = list(recipe.steps)
    pattern = next((s for s in steps if s.id == option.like), None)
    pattern = pattern or next((s for s in steps if s.group == option.group), steps[0])
    places = [i for i, s in enumerate(steps) if s.id == option.after]
    places = places or [i for i, s in enumerate(steps) if s.group == option.group]
    step = Step(
        id=option.id,
        label=option.label,
        group=option.group,
        exposure=pattern.exposure,
        crew=pattern.crew,
        devices=tuple(dict.fromkeys((*pattern.devices, *option.devices))),
        materials=option.materials,
        optional=True,
        operation=option.operation,
        knock_outs=option.knock_outs,
        tests=option.tests,
    )
    steps.insert(places[-1] + 1 if places else 0, step)
    return replace(recipe, steps=tuple(steps))


def _delivering(step: Step, delivery: Delivery) -> Step:
    return replace(
        step,
        label=delivery.label or step.label,
        operation=delivery.operation,
        devices=tuple(dict.fromkeys((*step.devices, *delivery.devices))),
        materials=(*step.materials, *delivery.materials),
        brought=delivery.devices,
        brought_materials=delivery.materials,
    )


def _entries(path: Path, key: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))[key]
    return entries


def _read(name: str, key: str, raw: dict[str, Any], kind: Any, bills: tuple[str, ...]) -> dict[str, Any]:
    unknown = set(raw) - set(kind.__dataclass_fields__)
    if unknown:
        raise InputError(name, f"{key}.{raw.get('id', '?')}", f"unknown: {', '.join(sorted(unknown))}")
    read = {field: tuple(value) if isinstance(value, list) else value for field, value in raw.items()}
    for field in bills:
        read[field] = bill(name, f"{key}.{raw.get('id', '?')}.{field}", raw.get(field, ()))
    return read
