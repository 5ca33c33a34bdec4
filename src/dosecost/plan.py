"""The plan of a programme: phases, money received, dated decisions, and the month each phase really starts."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple

from dosecost.arithmetic import Number, ceil, maximum, total, where
from dosecost.errors import InputError
from dosecost.finance import MONTHS_PER_YEAR
from dosecost.quantities.people import ROLES

MOST_MONTHS = 120
MOST_MONEY = 1e12
MOST_ENTRIES = 24
STAGES = ("clinical", "commercial")
REVENUES = ("none", "charge_back", "price")
KINDS = ("equity", "grant", "subsidy")
DEMANDS = ("flat", "growing")
MOST_HEADS = 1_000
MOST_UNITS = 100
MOST_LOAN_MONTHS = 360
MOST_PRICES = 10.0


def number(at_least: float = 0.0, at_most: float = MOST_MONEY, whole: bool = False, shapes: bool = False) -> Any:
    """Declare a bounded number of the plan. One that ``shapes`` the calculation says how many months there are or which
    plant follows which, so that formulas are written for its value."""
    return field(metadata={"at_least": at_least, "at_most": at_most, "whole": whole, "shapes": shapes})


def choice(*options: str) -> Any:
    """Declare a choice of the plan."""
    return field(metadata={"options": options})


def optional_choice(*options: str) -> Any:
    """Declare a choice of the plan that a file may leave out; the first option holds then."""
    return field(default=options[0], metadata={"options": options})


def text() -> Any:
    """Declare a short text of the plan."""
    return field(metadata={"text": True})


def rows(kind: type) -> Any:
    """Declare a list of entries of the plan, each with an id of its own."""
    return field(metadata={"rows": kind})


def optional_rows(kinds: Mapping[str, type]) -> Any:
    """Declare a list of entries, each of the class that its ``kind`` names. It may be left out of a file."""
    return field(default=(), metadata={"rows": kinds})


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of development: how long, how much of the full rate, and what it costs beside the plant.

    Where ``demand`` is growing, the rate is that of the phase's first year and rises from each year to the next.
    """

    id: str = text()
    name: str = text()
    months: float = number(1, MOST_MONTHS, whole=True)
    share_of_demand: float = number(0, 1)
    stage: str = choice(*STAGES)
    research_per_month: float = number()
    administration_per_month: float = number()
    clinical_per_patient: float = number()
    revenue: str = choice(*REVENUES)
    demand: str = optional_choice(*DEMANDS)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money raised, granted or paid as a subsidy: from ``month``, in ``instalments`` equal monthly parts."""

    id: str = text()
    name: str = text()
    kind: str = choice(*KINDS)
    month: float = number(1, MOST_MONTHS, whole=True)
    amount: float = number()
    instalments: float = number(1, MOST_MONTHS, whole=True)


@dataclass(frozen=True, slots=True)
class Decision:
    """A dated decision of the plan; what else it says depends on its kind."""

    id: str = text()
    name: str = text()
    kind: str = text()
    month: float = number(1, MOST_MONTHS, whole=True, shapes=True)


@dataclass(frozen=True, slots=True)
class Debt(Decision):
    """A loan drawn in ``month``: interest only for some months, then level payments of interest and principal.

    ``yearly_interest`` is nominal: a twelfth of it is due each month on what is still owed.
    """

    amount: float = number()
    yearly_interest: float = number(0, 1)
    interest_only_months: float = number(0, MOST_MONTHS, whole=True, shapes=True)
    repayment_months: float = number(1, MOST_LOAN_MONTHS, whole=True, shapes=True)


@dataclass(frozen=True, slots=True)
class SwitchPlatform(Decision):
    """Another platform, from when the change is through; the work on it starts in ``month``."""

    platform: str = text()


@dataclass(frozen=True, slots=True)
class AdoptSterility(Decision):
    """Another sterility test, from when it is validated and filed."""

    sterility: str = text()


@dataclass(frozen=True, slots=True)
class GoElectronic(Decision):
    """The electronic batch record, from when it is validated and filed."""


@dataclass(frozen=True, slots=True)
class GmpInstruments(Decision):
    """GMP instruments in place of research-grade ones, from when the change is through."""


@dataclass(frozen=True, slots=True)
class Hire(Decision):
    """People beside those the plant's work needs, paid from ``month`` on."""

    role: str = choice(*ROLES)
    heads: float = number(0, MOST_HEADS)


@dataclass(frozen=True, slots=True)
class PriceChange(Decision):
    """Doses infused from ``month`` on are sold or charged at ``price_factor`` times the price."""

    price_factor: float = number(0, MOST_PRICES)


@dataclass(frozen=True, slots=True)
class Buy(Decision):
    """More of the device that limits the plant, in use once they are qualified."""

    devices: float = number(1, MOST_UNITS, whole=True)


@dataclass(frozen=True, slots=True)
class Build(Decision):
    """More suites, in use once they are built and qualified."""

    suites: float = number(1, MOST_UNITS, whole=True)


@dataclass(frozen=True, slots=True)
class OpenHub(Decision):
    """A second site of the same design, which takes a share of the patients once it may make lots."""

    share_of_demand: float = number(0, 1)


DECISIONS: dict[str, type] = {
    "debt": Debt,
    "switch_platform": SwitchPlatform,
    "adopt_sterility": AdoptSterility,
    "go_electronic": GoElectronic,
    "gmp_instruments": GmpInstruments,
    "hire": Hire,
    "price_change": PriceChange,
    "buy": Buy,
    "build": Build,
    "open_hub": OpenHub,
}
PROCESS_CHANGES = ("switch_platform", "gmp_instruments")
"""Changes of the process: comparability is shown, and the next phase waits for them."""
METHOD_CHANGES = ("adopt_sterility", "go_electronic")
"""Changes by supplement: validation and filing only."""
CAPACITY_CHANGES = ("buy", "build")
"""More of what limits the plant: same process, same site, nothing to show."""
SITE_CHANGES = ("open_hub",)
"""The same process on another site: comparability is shown, and no phase waits for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The programme by month, in the scenario's currency and constant prices of its price year."""

    horizon_months: float = number(12, MOST_MONTHS, whole=True, shapes=True)
    opening_cash: float = number()
    floor: float = number()
    flat_burn_months: float = number(1, 24, whole=True, shapes=True)
    plant: str = choice("new", "existing")
    plant_order_month: float = number(1, MOST_MONTHS, whole=True)
    phases: tuple[Phase, ...] = rows(Phase)
    receipts: tuple[Receipt, ...] = rows(Receipt)
    decisions: tuple[Any, ...] = optional_rows(DECISIONS)

    def of_kind(self, *kinds: str) -> tuple[Any, ...]:
        """Decisions of some kinds, by month; those of one month as they stand."""
        return tuple(sorted((d for d in self.decisions if d.kind in kinds), key=lambda decision: decision.month))

    @property
    def grows(self) -> bool:
        """Whether the demand of some phase grows."""
        return any(phase.demand == "growing" for phase in self.phases)

    @property
    def changes(self) -> tuple[Any, ...]:
        """Decisions that change the plant, by month."""
        return self.of_kind(*PROCESS_CHANGES, *METHOD_CHANGES, *CAPACITY_CHANGES, *SITE_CHANGES)


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
        early = "before the plan opens" if name.endswith(".month") and value < 1 else "out of range"
        raise InputError(where, name, f"{value!r} is {early}; {allowed}")
    return float(value)


def _kind(where: str, name: str, row: Any, entry: object) -> Any:
    """The class of an entry: the list's own, or the one that the entry's kind names."""
    if isinstance(row, type) or not isinstance(entry, dict):
        return row
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in row:
        raise InputError(where, f"{name}.kind", f"{kind!r:.60} is not one of {', '.join(row)}")
    return row[kind]


def parse(where: str, name: str, cls: Any, raw: object) -> Any:
    """Build a plan or a part of it from parsed JSON: every key known, none missing, every value in bounds."""
    if not isinstance(raw, dict):
        raise InputError(where, name, "needs an object")
    names = [column.name for column in fields(cls)]
    for key in raw:
        if key not in names:
            raise InputError(where, f"{name}.{key}", f"unknown key; known are {', '.join(names)}")
    missing = [column.name for column in fields(cls) if column.name not in raw and column.default is MISSING]
    if missing:
        raise InputError(where, name, f"missing: {', '.join(missing)}")
    values = {}
    for column in fields(cls):
        if column.name not in raw:
            continue
        row = column.metadata.get("rows")
        here = f"{name}.{column.name}"
        if row is None:
            values[column.name] = _checked(where, here, column.metadata, raw[column.name])
            continue
        entries = raw[column.name]
        if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
            raise InputError(where, here, f"needs a list of at most {MOST_ENTRIES} entries")
        parts = []
        for i, entry in enumerate(entries):
            place = f"{here}[{i}]"
            parts.append(parse(where, place, _kind(where, place, row, entry), entry))
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


class Stretch(NamedTuple):
    """A part of the plan with one rate of patients: a phase (its place in the plan), or with growing demand the year of
    it that begins ``year`` years after its start."""

    place: int
    phase: Phase
    year: int


def stretches(plan: Plan) -> tuple[Stretch, ...]:
    """The plan's phases, those of growing demand year by year. A phase may go on to the horizon, so all years to it
    are there; one that the following phase ends earlier never runs."""
    years = range(int(-(-plan.horizon_months // MONTHS_PER_YEAR)))
    return tuple(
        Stretch(place, phase, year)
        for place, phase in enumerate(plan.phases)
        for year in (years if phase.demand == "growing" else years[:1])
    )


def stretch_starts(plan: Plan, starts: Sequence[Number]) -> list[Number]:
    """First month of each stretch, from those of the phases."""
    return [
        starts[part.place] + part.year * MONTHS_PER_YEAR if part.year else starts[part.place]
        for part in stretches(plan)
    ]


class Extent(NamedTuple):
    """How large the plant is: ``more`` that is bought and built since it was sized, ``hubs`` beside it, and those that
    were there ``already`` when it was sized."""

    more: tuple[Any, ...] = ()
    hubs: tuple[OpenHub, ...] = ()
    already: tuple[OpenHub, ...] = ()

    @property
    def devices(self) -> Number:
        """Limiting devices bought since the plant was sized."""
        return total(decision.devices for decision in self.more if decision.kind == "buy")

    @property
    def suites(self) -> Number:
        """Suites built since the plant was sized."""
        return total(decision.suites for decision in self.more if decision.kind == "build")


AS_SIZED = Extent()


def share_left(hubs: Sequence[OpenHub]) -> Number:
    """Share of the patients whom the hubs leave to the central plant."""
    return maximum(0.0, 1.0 - total(hub.share_of_demand for hub in hubs))


def extents(changes: Sequence[Any]) -> list[Extent]:
    """The extent of the plant at first and after each of the changes. Another platform's plant is sized anew, for the
    patients whom the hubs leave to it."""
    found = [AS_SIZED]
    for decision in changes:
        now = found[-1]
        if decision.kind in CAPACITY_CHANGES:
            now = now._replace(more=(*now.more, decision))
        elif decision.kind in SITE_CHANGES:
            now = now._replace(hubs=(*now.hubs, decision))
        elif decision.kind == "switch_platform":
            now = Extent(hubs=now.hubs, already=now.hubs)
        found.append(now)
    return found


def ready_month(plan: Plan, months_to_first_lot: Number) -> Number:
    """First month in which the plant makes lots: month 1 for an existing plant, else order plus lead time."""
    if plan.plant == "existing":
        return 1.0
    return plan.plant_order_month + ceil(months_to_first_lot)


def phase_starts(plan: Plan, ready: Number) -> list[Number]:
    """First month of each phase, one after another; the first phase with patients waits for the plant."""
    starts: list[Number] = []
    following: Number = 1.0
    dosing: Number = 0.0
    for phase in plan.phases:
        first = where(phase.share_of_demand > 0, 1.0 - dosing, 0.0)
        following = following + first * maximum(0.0, ready - following)
        dosing = dosing + first
        starts.append(following)
        following = following + phase.months
    return starts


def starts_after_change(starts: Sequence[Number], month: Number, takeover: Number) -> list[Number]:
    """First month of each phase where the next phase after ``month`` waits until a change is taken over.

    The running phase goes on until then, and the phases behind the next one move along.
    """
    moved: list[Number] = []
    waited: Number = 0.0
    found: Number = 0.0
    for start in starts:
        later = where(start > month, 1.0, 0.0)
        waited = waited + later * (1.0 - found) * maximum(0.0, takeover - start)
        found = maximum(found, later)
        moved.append(start + waited)
    return moved
