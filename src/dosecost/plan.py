"""The plan of a programme: phases, money received, the plant's order, and the month each phase really starts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from dosecost.arithmetic import Number, ceil, maximum
from dosecost.errors import InputError

MOST_MONTHS = 120
MOST_MONEY = 1e12
MOST_ENTRIES = 24
STAGES = ("clinical", "commercial")
REVENUES = ("none", "charge_back", "price")
KINDS = ("equity", "grant")


def number(at_least: float = 0.0, at_most: float = MOST_MONEY, whole: bool = False) -> Any:
    """Declare a bounded number of the plan."""
    return field(metadata={"at_least": at_least, "at_most": at_most, "whole": whole})


def choice(*options: str) -> Any:
    """Declare a choice of the plan."""
    return field(metadata={"options": options})


def text() -> Any:
    """Declare a short text of the plan."""
    return field(metadata={"text": True})


def rows(kind: type) -> Any:
    """Declare a list of entries of the plan, each with an id of its own."""
    return field(metadata={"rows": kind})


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of development: how long, how much of the full rate, and what it costs beside the plant."""

    id: str = text()
    name: str = text()
    months: float = number(1, MOST_MONTHS, whole=True)
    share_of_demand: float = number(0, 1)
    stage: str = choice(*STAGES)
    research_per_month: float = number()
    administration_per_month: float = number()
    clinical_per_patient: float = number()
    revenue: str = choice(*REVENUES)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money raised or granted: from ``month``, in ``instalments`` equal monthly parts."""

    id: str = text()
    name: str = text()
    kind: str = choice(*KINDS)
    month: float = number(1, MOST_MONTHS, whole=True)
    amount: float = number()
    instalments: float = number(1, MOST_MONTHS, whole=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """The programme by month, in the scenario's currency and constant prices of its price year."""

    horizon_months: float = number(12, MOST_MONTHS, whole=True)
    opening_cash: float = number()
    floor: float = number()
    flat_burn_months: float = number(1, 24, whole=True)
    plant: str = choice("new", "existing")
    plant_order_month: float = number(1, MOST_MONTHS, whole=True)
    phases: tuple[Phase, ...] = rows(Phase)
    receipts: tuple[Receipt, ...] = rows(Receipt)


def _checked(where: str, name: str, metadata: Mapping[str, Any], value: object) -> Any:
    if "options" in metadata:
        if value not in metadata["options"]:
            raise InputError(where, name, f"{value!r:.60} is not one of {', '.join(metadata['options'])}")
        return value
    if "text" in metadata:
        if not isinstance(value, str) or not value.strip() or len(value) > 80:
            raise InputError(where, name, "needs a text of 1 to 80 characters")
        return value
    allowed = f"allowed are {metadata['at_least']:g} to {metadata['at_most']:g}"
    if metadata["whole"]:
        allowed += ", whole"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(where, name, f"{value!r:.60} is not a number; {allowed}")
    if not metadata["at_least"] <= value <= metadata["at_most"] or (metadata["whole"] and value != int(value)):
        raise InputError(where, name, f"{value!r} is out of range; {allowed}")
    return float(value)


def parse(where: str, name: str, cls: Any, raw: object) -> Any:
    """Build a plan or a part of it from parsed JSON: every key known, none missing, every value in bounds."""
    if not isinstance(raw, dict):
        raise InputError(where, name, "needs an object")
    names = [column.name for column in fields(cls)]
    for key in raw:
        if key not in names:
            raise InputError(where, f"{name}.{key}", f"unknown key; known are {', '.join(names)}")
    missing = [key for key in names if key not in raw]
    if missing:
        raise InputError(where, name, f"missing: {', '.join(missing)}")
    values = {}
    for column in fields(cls):
        row = column.metadata.get("rows")
        here = f"{name}.{column.name}"
        if row is None:
            values[column.name] = _checked(where, here, column.metadata, raw[column.name])
            continue
        entries = raw[column.name]
        if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
            raise InputError(where, here, f"needs a list of at most {MOST_ENTRIES} entries")
        parts = [parse(where, f"{here}[{i}]", row, entry) for i, entry in enumerate(entries)]
        ids = [part.id for part in parts]
        if len(set(ids)) != len(ids):
            raise InputError(where, here, "two entries with one id")
        values[column.name] = tuple(parts)
    return cls(**values)


def read(where: str, raw: object) -> Plan:
    """The plan of a scenario file."""
    plan: Plan = parse(where, "plan", Plan, raw)
    if not plan.phases:
        raise InputError(where, "plan.phases", "needs at least one phase")
    return plan


def ready_month(plan: Plan, months_to_first_lot: Number) -> Number:
    """First month in which the plant makes lots: month 1 for an existing plant, else order plus lead time."""
    if plan.plant == "existing":
        return 1.0
    return plan.plant_order_month + ceil(months_to_first_lot)


def phase_starts(plan: Plan, ready: Number) -> list[Number]:
    """First month of each phase, one after another; the first phase with patients waits for the plant."""
    starts: list[Number] = []
    following: Number = 1.0
    dosing = False
    for phase in plan.phases:
        if phase.share_of_demand > 0 and not dosing:
            following = maximum(following, ready)
            dosing = True
        starts.append(following)
        following = following + phase.months
    return starts
