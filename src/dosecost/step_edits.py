"""The user's own process: steps taken out, put in, done otherwise or in another order than the platform's recipe.

Edits are differences from a recipe, not a recipe, so that one process can be set against another on every platform.
Hours and days of the platform's own steps are inputs; those of an added step stand here, with the step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from dosecost import inputs, recipes, step_library
from dosecost.errors import InputError
from dosecost.fields import plain
from dosecost.quantities.process import StepInputs
from dosecost.recipes import Device, Material, Recipe, Step, one_of

KEY = "step_edits"
MOST_STEPS = 40
MOST_NAME = 60
RESERVED = ("release", "expired")
"""Names that the ledger uses for what is no step of a recipe."""
NUMBERS = tuple(StepInputs.__dataclass_fields__)
"""Numbers of one step: elapsed days, hands-on hours of one person, open manipulations."""


@dataclass(frozen=True, slots=True)
class AddedStep:
    """A step that no platform has: what it is, who and what it needs, and its numbers for one lot."""

    id: str
    label: str
    group: str
    exposure: str
    crew: str
    devices: tuple[str, ...]
    materials: tuple[str, ...]
    days: float
    hands_on_hours: float
    open_manipulations: float


@dataclass(frozen=True, slots=True)
class ChangedStep:
    """A platform's step done by another crew, on other devices or with other materials; none: as the platform has it,
    so that one change does not carry the rest of a platform's step onto the others."""

    id: str
    crew: str | None = None
    devices: tuple[str, ...] | None = None
    materials: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StepEdits:
    """Everything that differs from the platform's recipe but exposure, which is a choice of its own, and the inputs.

    ``optional`` names steps of the library that are put in; ``order`` names steps in the order they are done; steps it
    does not name keep their place after the step before.
    """

    optional: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[ChangedStep, ...] = ()
    added: tuple[AddedStep, ...] = ()
    order: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """The edits as plain data; what is empty is left out."""
        whole = {
            "optional": list(self.optional),
            "removed": list(self.removed),
            "changed": [_plain(step) for step in self.changed],
            "added": [_plain(step) for step in self.added],
            "order": list(self.order),
        }
        return {key: value for key, value in whole.items() if value}

    def summary(self) -> str:
        """The edits in a few words: ``1 step added, 1 removed``, or ``as the platform has them``."""
        counts = {
            "added": len(self.optional) + len(self.added),
            "removed": len(self.removed),
            "changed": len(self.changed),
        }
        parts = [f"{count} {name}" for name, count in counts.items() if count]
        if self.order:
            parts.append("in another order")
        return ", ".join(parts) or "as the platform has them"


NONE = StepEdits()


def devices() -> tuple[str, ...]:
    """Devices that a step can occupy."""
    return _items("capacity", "devices")


def materials() -> tuple[str, ...]:
    """Items that a step's bill can hold."""
    return _items("materials", "items")


def read(where: str, raw: object) -> StepEdits:
    """Edits from plain data. Raises ``InputError`` that names the step and what it needs."""
    body = _object(where, KEY, raw, tuple(StepEdits.__dataclass_fields__), ())
    added = _list(where, f"{KEY}.added", body.get("added", []))
    changed = _list(where, f"{KEY}.changed", body.get("changed", []))
    edits = StepEdits(
        optional=_in_library_order(
            _known(where, f"{KEY}.optional", body.get("optional", []), tuple(step_library.optional_steps()))
        ),
        removed=_texts(where, f"{KEY}.removed", body.get("removed", [])),
        changed=tuple(_changed(where, i, entry) for i, entry in enumerate(changed)),
        added=tuple(_added(where, i, entry) for i, entry in enumerate(added)),
        order=_texts(where, f"{KEY}.order", body.get("order", [])),
    )
    own = list(dict.fromkeys(step.id for recipe in recipes.load().values() for step in recipe.steps))
    _check_names(where, "removed", edits.removed, own)
    own += edits.optional
    _check_names(where, "changed", tuple(step.id for step in edits.changed), own)
    _check_names(where, "order", edits.order, [*own, *(step.id for step in edits.added)])
    try:
        for recipe in recipes.load().values():
            edited(recipe, edits)
    except InputError as error:
        raise InputError(where, error.what, error.why) from None
    return edits


@lru_cache(maxsize=1_024)
def edited(recipe: Recipe, edits: StepEdits) -> Recipe:
    """The recipe with the edits; those of steps that it does not have do nothing. Raises ``InputError`` where nothing
    that could be made is left."""
    changed = {step.id: step for step in edits.changed}
    recipe = replace(recipe, steps=tuple(_as_changed(step, changed.get(step.id)) for step in recipe.steps))
    recipe = step_library.with_optional(recipe, edits.optional)
    own = [step.id for step in recipe.steps]
    names = [*own, *(step.id for step in edits.added)]
    for step_id in (name for name in names if names.count(name) > 1):
        raise InputError("", f"{KEY}.{step_id}", "two steps with one name")
    for step in recipe.steps:
        if step.required and step.id in edits.removed:
            raise InputError("", f"{KEY}.removed", f"a lot cannot do without {step.label.lower()} ({step.id})")
    kept = [
        _as_changed(step, changed.get(step.id)) if step.optional else step
        for step in recipe.steps
        if step.id not in edits.removed
    ]
    steps = _ordered([*kept, *map(_step, edits.added)], edits.order)
    return replace(
        recipe, steps=tuple(steps), devices=_devices(recipe, steps), limiting_device=_limiting(recipe, steps)
    )


def choose(edits: StepEdits, wanted: tuple[str, ...]) -> StepEdits:
    """The edits with these optional steps and no others; what was said of those that go, goes with them."""
    gone = set(edits.optional) - set(wanted)
    return replace(
        edits,
        optional=_in_library_order(wanted),
        changed=tuple(step for step in edits.changed if step.id not in gone),
        order=tuple(name for name in edits.order if name not in gone),
    )


def _in_library_order(wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in step_library.optional_steps() if name in wanted)


def inputs_of(edits: StepEdits) -> dict[str, StepInputs]:
    """The numbers of the added steps, as the process area holds those of the platform's own."""
    return {step.id: StepInputs(**{name: getattr(step, name) for name in NUMBERS}) for step in edits.added}


def _step(added: AddedStep) -> Step:
    return Step(
        added.id,
        added.label,
        added.group,
        added.exposure,
        added.crew,
        added.devices,
        tuple(map(Material, added.materials)),
    )


def _as_changed(step: Step, changed: ChangedStep | None) -> Step:
    if changed is None:
        return step
    known = {entry.item: entry for entry in step.materials}
    bill = step.materials
    if changed.materials is not None:
        bill = tuple(known.get(item, Material(item)) for item in changed.materials)
        bill += tuple(entry for entry in step.brought_materials if entry.item not in changed.materials)
    devices_used = step.devices
    if changed.devices is not None:
        devices_used = tuple(dict.fromkeys((*changed.devices, *step.brought)))
    return replace(step, crew=changed.crew or step.crew, devices=devices_used, materials=bill)


def _ordered(steps: list[Step], order: tuple[str, ...]) -> list[Step]:
    """Steps named in ``order`` in that order, each followed by the unnamed steps that stood behind it."""
    if not order:
        rooms = [step for step in steps if step.group == "room"]
        return [*(step for step in steps if step.group != "room"), *rooms]
    followers: dict[str, list[Step]] = {"": []}
    head = ""
    for step in steps:
        if step.id in order:
            head = step.id
            followers[head] = [step]
        else:
            followers[head].append(step)
    return [*followers[""], *(step for step_id in order for step in followers.get(step_id, []))]


def _devices(recipe: Recipe, steps: Sequence[Step]) -> tuple[Device, ...]:
    """The recipe's devices that some step still occupies, those of rooms and site, and the ones the edits brought."""
    used = dict.fromkeys(device for step in steps for device in step.devices)
    kept = [device for device in recipe.devices if device.use != "steps" or device.id in used]
    known = {device.id for device in kept}
    return (*kept, *(Device(device, "steps") for device in used if device not in known))


def _limiting(recipe: Recipe, steps: Sequence[Step]) -> str:
    """The device that sizes the plant: the recipe's, or if no step occupies it the first of the last culture step."""
    if any(recipe.limiting_device in step.devices for step in steps if not step.optional):
        return recipe.limiting_device
    cultures = [step for step in steps if step.is_culture and step.devices]
    if not cultures:
        raise InputError("", KEY, "no culture step has a device, so nothing says how many lots run at one time")
    return cultures[-1].devices[0]


def _added(where: str, position: int, raw: object) -> AddedStep:
    name = raw.get("id") if isinstance(raw, Mapping) else None
    key = f"{KEY}.added.{name if isinstance(name, str) and name else position + 1}"
    fields = tuple(AddedStep.__dataclass_fields__)
    body = _object(where, key, raw, fields, fields)
    step_id = _text(where, f"{key}.id", body["id"])
    if not step_id.isidentifier() or not step_id.isascii():
        raise InputError(where, f"{key}.id", f"{step_id!r} is not a name of letters, digits and underscores")
    if step_id in RESERVED:
        raise InputError(where, f"{key}.id", f"{step_id!r} is taken: the ledger uses it")
    if step_id in step_library.optional_steps():
        raise InputError(where, f"{key}.id", f"{step_id!r} is taken: it is one of the optional steps")
    groups = tuple(group for group in recipes.GROUPS if group != "room")
    return AddedStep(
        id=step_id,
        label=_text(where, f"{key}.label", body["label"]),
        group=one_of(where, f"{key}.group", body["group"], groups),
        exposure=one_of(where, f"{key}.exposure", body["exposure"], recipes.EXPOSURES),
        crew=one_of(where, f"{key}.crew", body["crew"], recipes.CREWS),
        devices=_known(where, f"{key}.devices", body["devices"], devices()),
        materials=_known(where, f"{key}.materials", body["materials"], materials()),
        **{name: _number(where, key, name, body[name]) for name in NUMBERS},
    )


def _changed(where: str, position: int, raw: object) -> ChangedStep:
    name = raw.get("id") if isinstance(raw, Mapping) else None
    key = f"{KEY}.changed.{name if isinstance(name, str) and name else position + 1}"
    fields = tuple(ChangedStep.__dataclass_fields__)
    body = _object(where, key, raw, fields, ("id",))
    if set(body) == {"id"}:
        raise InputError(where, key, "changes nothing: needs a crew, devices or materials")
    return ChangedStep(
        id=_text(where, f"{key}.id", body["id"]),
        crew=one_of(where, f"{key}.crew", body["crew"], recipes.CREWS) if "crew" in body else None,
        devices=_known(where, f"{key}.devices", body["devices"], devices()) if "devices" in body else None,
        materials=_known(where, f"{key}.materials", body["materials"], materials()) if "materials" in body else None,
    )


def _check_names(where: str, part: str, wanted: tuple[str, ...], known: list[str]) -> None:
    for step_id in wanted:
        if step_id not in known:
            raise InputError(where, f"{KEY}.{part}", f"{step_id!r} is no step here; steps are {', '.join(known)}")
        if wanted.count(step_id) > 1:
            raise InputError(where, f"{KEY}.{part}", f"{step_id!r} is there twice")


def _number(where: str, key: str, name: str, value: object) -> float:
    bounds = inputs.bounds_of(f"process.steps.{KEY}.{name}")
    assert bounds is not None
    try:
        return inputs.within(bounds, value)
    except ValueError as error:
        raise InputError(where, f"{key}.{name}", str(error)) from None


def _items(area: str, table: str) -> tuple[str, ...]:
    return tuple(inputs.table_items(dict.fromkeys(inputs.load().names()), area, table))


def _plain(record: Any) -> dict[str, Any]:
    given = {name: value for name, value in plain(record).items() if value is not None}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}


def _object(where: str, key: str, raw: object, known: tuple[str, ...], needed: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise InputError(where, key, "needs an object")
    for name in raw:
        if name not in known:
            raise InputError(where, key, f"unknown key {name!r}; known are {', '.join(known)}")
    missing = [name for name in needed if name not in raw]
    if missing:
        raise InputError(where, key, f"missing: {', '.join(missing)}")
    return raw


def _list(where: str, key: str, raw: object) -> list[object]:
    if not isinstance(raw, (list, tuple)) or len(raw) > MOST_STEPS:
        raise InputError(where, key, f"needs a list of at most {MOST_STEPS}")
    return list(raw)


def _text(where: str, key: str, raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip() or len(raw) > MOST_NAME:
        raise InputError(where, key, f"needs a text of 1 to {MOST_NAME} characters")
    return raw


def _texts(where: str, key: str, raw: object) -> tuple[str, ...]:
    return tuple(_text(where, key, entry) for entry in _list(where, key, raw))


def _known(where: str, key: str, raw: object, allowed: Sequence[str]) -> tuple[str, ...]:
    return tuple(one_of(where, key, entry, allowed) for entry in dict.fromkeys(_texts(where, key, raw)))
