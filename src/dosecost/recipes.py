"""Platform recipes: the ordered steps of one lot, its devices and its bill of materials.

A recipe file in ``data/platforms`` holds structure only (which steps, exposure, devices, materials); every number
it needs is an input. A new platform is a new file and its rows in ``data/inputs``.
"""

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from dosecost.errors import InputError

PLATFORMS = Path(__file__).resolve().parents[2] / "data" / "platforms"
EXPOSURES = ("open", "briefly_open", "closed")
STEP_CHOICES = ("platform", "open", "closed")
CREWS = ("rule", "single")
GRADES = ("CNC", "D", "C", "B")
GENE_TRANSFER = "gene_transfer"
EXPANSION = "expansion"
PER = ("lot", "culture", "knock_out")
USES = ("steps", "room", "connections", "site")
GROUPS = {"front_end": "Front end", "culture": "Culture", "back_end": "Back end", "room": "Room"}


@dataclass(frozen=True)
class Material:
    """One entry of the bill of materials: an item, how much of it, and whether it grows with the culture days or with
    the knock-outs."""

    item: str
    quantity: str = ""
    per: str = "lot"


@dataclass(frozen=True)
class StepTest:
    """A test of every lot that a step brings along, once or for each knock-out; ``potency`` is the chosen method."""

    test: str
    per: str = "lot"


@dataclass(frozen=True)
class Device:
    """A device of the recipe: sized from the ``steps`` that occupy it, one per ``room``, one per room in which closed
    ``connections`` are made, or one per ``site``."""

    id: str
    use: str


@dataclass(frozen=True)
class Step:
    """One step of a lot.

    ``exposure`` says how product meets the room; ``closed_by_choice`` that the user closed it; ``required`` that no lot
    can do without it; ``optional`` that no platform has it of itself; ``operation`` names its loss of cells and lots;
    ``knock_outs`` that it edits the genome. What the way of gene transfer ``brought`` stays, however it is changed.
    """

    id: str
    label: str
    group: str
    exposure: str
    crew: str = "rule"
    devices: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    required: bool = False
    closed_by_choice: bool = False
    optional: bool = False
    operation: str = ""
    knock_outs: bool = False
    tests: tuple[StepTest, ...] = ()
    brought: tuple[str, ...] = ()
    brought_materials: tuple[Material, ...] = ()

    @property
    def is_culture(self) -> bool:
        """Whether the step's elapsed time follows the culture length; that of an optional step is its own."""
        return self.group == "culture" and not self.optional


@dataclass(frozen=True)
class Recipe:
    """A way to make a lot: ordered steps, devices, and the room grade each exposure needs.

    ``payload`` is what gene transfer delivers where that is no virus, ``delivery_tests`` the release tests it brings.
    """

    id: str
    label: str
    summary: str
    limiting_device: str
    room: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    devices: tuple[Device, ...]
    payload: tuple[Material, ...] = ()
    delivery_tests: tuple[str, ...] = ()

    def with_exposures(self, choices: dict[str, str]) -> "Recipe":
        """The recipe with steps opened or closed by the user; ``platform`` leaves a step as it is."""
        return replace(self, steps=tuple(_exposed(step, choices.get(step.id, "platform")) for step in self.steps))

    @property
    def has_open_work(self) -> bool:
        """Whether product meets the room at any step, if briefly: the operators then work aseptically."""
        return any(step.exposure != "closed" for step in self.steps)

    @property
    def room_grade(self) -> str:
        """Cleanroom grade that the worst exposure among the steps needs (EU GMP Annex 1 grades)."""
        needed = dict(self.room)
        return max((needed[step.exposure] for step in self.steps), key=GRADES.index)


def _exposed(step: Step, choice: str) -> Step:
    if choice == "platform" or step.group == "room":
        return step
    return replace(step, exposure=choice, closed_by_choice=choice == "closed" and step.exposure != "closed")


def _refuse(name: str, key: str, why: str) -> InputError:
    return InputError(name, key, why)


def one_of(name: str, key: str, value: Any, allowed: Any) -> str:
    """A value that is allowed, or one line with the allowed ones; ``name`` is the file or the place it came from."""
    if value not in allowed:
        raise _refuse(name, key, f"{value!r} is not one of {', '.join(allowed)}")
    return str(value)


def bill(name: str, key: str, raw: Any) -> tuple[Material, ...]:
    """Entries of a bill of materials, checked."""
    entries = tuple(Material(**entry) for entry in raw)
    for entry in entries:
        one_of(name, key, entry.per, PER)
    return entries


def _step(name: str, raw: dict[str, Any]) -> Step:
    key = f"steps.{raw.get('id', '?')}"
    unknown = set(raw) - {"id", "label", "group", "exposure", "crew", "devices", "materials", "required"}
    missing = {"id", "label", "group", "exposure"} - set(raw)
    if unknown or missing:
        raise _refuse(name, key, f"unknown or missing: {', '.join(sorted(unknown | missing))}")
    return Step(
        id=str(raw["id"]),
        label=str(raw["label"]),
        group=one_of(name, f"{key}.group", raw["group"], GROUPS),
        exposure=one_of(name, f"{key}.exposure", raw["exposure"], EXPOSURES),
        crew=one_of(name, f"{key}.crew", raw.get("crew", "rule"), CREWS),
        devices=tuple(raw.get("devices", ())),
        materials=bill(name, f"{key}.materials", raw.get("materials", ())),
        required=raw.get("required", False) is True or raw["id"] in (GENE_TRANSFER, EXPANSION),
    )


def read(path: Path) -> Recipe:
    """Read and check one recipe file; an error names the file and the step."""
    name = path.name
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise _refuse(name, "", f"not a TOML file: {error}") from error
    missing = {"id", "label", "summary", "limiting_device", "room", "steps", "devices"} - set(raw)
    if missing:
        raise _refuse(name, "", f"missing: {', '.join(sorted(missing))}")
    steps = tuple(_step(name, entry) for entry in raw["steps"])
    devices = tuple(
        Device(entry["id"], one_of(name, f"devices.{entry['id']}.use", entry["use"], USES)) for entry in raw["devices"]
    )
    ids = [step.id for step in steps]
    for needed in (GENE_TRANSFER, EXPANSION):
        if needed not in {step.id for step in steps if step.is_culture}:
            raise _refuse(name, f"steps.{needed}", "a recipe needs this step, in group culture: the cells follow it")
    for repeated in {i for i in ids if ids.count(i) > 1}:
        raise _refuse(name, f"steps.{repeated}", "two steps with one name")
    known = {device.id for device in devices}
    for step in steps:
        for device in step.devices:
            one_of(name, f"steps.{step.id}.devices", device, sorted(known))
    if set(raw["room"]) != set(EXPOSURES):
        raise _refuse(name, "room", f"needs a grade for {', '.join(EXPOSURES)}")
    room = tuple((exposure, one_of(name, f"room.{exposure}", raw["room"][exposure], GRADES)) for exposure in EXPOSURES)
    return Recipe(
        id=str(raw["id"]),
        label=str(raw["label"]),
        summary=str(raw["summary"]),
        limiting_device=one_of(name, "limiting_device", raw["limiting_device"], sorted(known)),
        room=room,
        steps=steps,
        devices=devices,
    )


@cache
def load(folder: Path = PLATFORMS) -> dict[str, Recipe]:
    """All recipes of a folder by id, in the order of their file names."""
    recipes = [read(path) for path in sorted(folder.glob("*.toml"))]
    return {recipe.id: recipe for recipe in recipes}
