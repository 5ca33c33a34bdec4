"""What stops a plant: lots a year that each resource can take with what is there, and what one more of it does.

Everything counted here is the whole plant, idle capacity too, whatever boundary the scenario has: what is bought and
not used has to be seen. The rules stand in ``docs/model.md``, "Ceilings and the next purchase".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from dosecost.arithmetic import SLACK
from dosecost.errors import InputError
from dosecost.evaluation import NO_PATIENTS, Evaluation, at_rate, cost_per_patient
from dosecost.ledger import annual_total
from dosecost.model import Results, compute, keep
from dosecost.quantities import capacity

SUITES = "suites"
ROOM, DEVICE, PEOPLE = "room", "device", "people"
WHOLE_PLANT = "fully_loaded"
ONE = 1.0


class Ceiling(NamedTuple):
    """A resource: how many there are, and lots a year that they can take at the planning utilisation (rooms, devices)
    or in the working share of paid time (people).

    ``used`` is the share in use at the present lots, ``standing`` the share that is used without any lot.
    ``decided``: rooms and the limiting device; all else follows the lots.
    """

    resource: str
    kind: str
    number: float
    lots: float
    used: float
    standing: float
    decided: bool

    def used_at(self, lots: float) -> float:
        """Share in use at ``lots`` a year; above 1 it cannot be done with what is there."""
        return self.standing + (1.0 - self.standing) * lots / self.lots


class Reach(NamedTuple):
    """Lots a year that a plant can make before and after a purchase, and the resource that is full then."""

    before: float
    after: float
    then: str

    @property
    def more(self) -> float:
        """Lots a year that the purchase adds."""
        return self.after - self.before


class Purchase(NamedTuple):
    """One more of a resource: lots a year that the plant can make before and after, and what stops it then.

    ``alone``: nothing else is bought. ``followed``: people and the devices that follow the lots are hired and bought as
    the lots need them. ``own`` is the one of the two that the resource is bought for: rooms and the limiting device
    are followed, all others stand alone.

    ``annual`` is money a year, ``per_patient`` the change per patient infused, both at the present demand.
    ``per_patient_full`` is the cost per patient infused at ``patients_full`` a year, the demand that fills the own
    ceiling after the purchase, less that at ``patients_before`` a year, the demand that fills it without (none where
    that ceiling stays).
    """

    resource: str
    kind: str
    decided: bool
    alone: Reach
    followed: Reach
    annual: float
    per_patient: float
    patients_before: float
    patients_full: float
    per_patient_full: float | None

    @property
    def own(self) -> Reach:
        """What it is bought for."""
        return self.followed if self.decided else self.alone


def ceilings(e: Evaluation) -> list[Ceiling]:
    """Every resource with a ceiling, the lowest first: that one is the bottleneck.

    A role's hours are what stands without lots and the rest in proportion to them. Raises InputError where lots are
    made under contract.
    """
    refuse_contract(e)
    plant, limiting = e.results.plant, e.recipe.limiting_device
    found = [
        Ceiling(SUITES, ROOM, plant.suites, plant.ceiling_suites, plant.suites_used, 0.0, True),
        Ceiling(limiting, DEVICE, plant.devices[limiting], plant.ceiling_devices, plant.devices_used, 0.0, True),
    ]
    for device, days in plant.device_days_per_lot.items():
        if device != limiting and days > 0:
            most = plant.devices[device] * capacity.lots_per_device(e.areas.capacity, device, days)
            found.append(Ceiling(device, DEVICE, plant.devices[device], most, plant.lots / most, 0.0, False))
    heads, idle = e.results.heads, standing_hours(e)
    for role, used in heads.used.items():
        count = heads.by_role[role]
        share = idle[role] / count if count > 0 else 0.0
        if used - share > SLACK:
            found.append(Ceiling(role, PEOPLE, count, _most(plant.lots, used, share), used, share, False))
    return sorted(found, key=lambda one: one.lots)


def purchases(e: Evaluation) -> list[Purchase]:
    """One more of every resource, each alone, in the order of ``ceilings``; whole runs of the model.

    What the plant can make is counted twice for each: with nothing else bought, and with the people and other devices
    that the lots need hired and bought along. Raises InputError as ``ceilings``.
    """
    known = ceilings(e)
    return [_purchase(e, known, one) for one in known]


def one_more(e: Evaluation, one: Ceiling, patients: float) -> Results:
    """The plant as it is with one more of a resource, at so many patients a year: the year as the model has it."""
    return _year(e, patients, one)


def as_it_is(e: Evaluation, patients: float) -> Results:
    """The plant with the rooms and limiting devices that are there, at so many patients a year."""
    return _year(e, patients)


def lots_per_patient(e: Evaluation) -> float:
    """Lots planned for each patient whom the plant does not refuse."""
    funnel = e.results.funnel
    return float(e.results.plant.lots / (funnel.patients - funnel.not_admitted))


def whole_cost(e: Evaluation, results: Results) -> float:
    """Money per patient infused of the whole plant, under the scenario's failure convention."""
    return float(cost_per_patient(replace(e.scenario.choices, boundary=WHOLE_PLANT), results))


def refuse_contract(e: Evaluation) -> None:
    """Raise InputError where lots are made under contract."""
    if e.scenario.choices.tenure == "cdmo":
        raise InputError(e.scenario.name, "tenure", "lots are made under contract: the plant is not the sponsor's")


def standing_hours(e: Evaluation) -> Mapping[str, float]:
    """Heads by role that the present plant fills without any lot: plates of the rooms still have to be read."""
    standing = at_rate(e.areas, e.recipe, e.scenario.choices, NO_PATIENTS, e.results).heads
    return {role: float(used * standing.by_role[role]) for role, used in standing.used.items()}


def _most(lots: float, used: float, standing: float) -> float:
    return lots * (1.0 - standing) / (used - standing)


def _purchase(e: Evaluation, known: list[Ceiling], one: Ceiling) -> Purchase:
    bought = one.lots * (one.number + 1.0) / one.number
    if one.kind == PEOPLE:
        filled = one.used * one.number, one.standing * one.number
        used, standing = (heads / (one.number + 1.0) for heads in filled)
        bought = _most(e.results.plant.lots, used, standing)
    more = one._replace(lots=bought)
    alone = _reach(known, one, more)
    followed = _reach([other for other in known if other.decided], one, more)
    own, per = followed if one.decided else alone, lots_per_patient(e)
    patients = float(e.areas.demand.patients_per_year)
    now, then = as_it_is(e, patients), one_more(e, one, patients)
    before, full, changed = own.before / per, own.after / per, None
    if own.after > own.before * (1.0 + SLACK):
        changed = whole_cost(e, one_more(e, one, full)) - whole_cost(e, as_it_is(e, before))
    return Purchase(
        resource=one.resource,
        kind=one.kind,
        decided=one.decided,
        alone=alone,
        followed=followed,
        annual=float(annual_total(then.lines) - annual_total(now.lines)),
        per_patient=whole_cost(e, then) - whole_cost(e, now),
        patients_before=before,
        patients_full=full,
        per_patient_full=changed,
    )


def _reach(stopping: list[Ceiling], one: Ceiling, more: Ceiling) -> Reach:
    """The lowest of the ceilings that can stop the plant, before and after ``one`` of them becomes ``more``."""
    before = min(stopping, key=lambda other: other.lots)
    after = min((more if other is one else other for other in stopping), key=lambda other: other.lots)
    return Reach(float(before.lots), float(after.lots), after.resource)


def _year(e: Evaluation, patients: float, more: Ceiling | None = None) -> Results:
    """A year in the plant that is there, with one more of a resource; a role's minimum team holds the additional
    head."""
    areas, plant, limiting = e.areas, e.results.plant, e.recipe.limiting_device
    extra = more.resource if more else ""
    installed = replace(
        areas.capacity,
        suites_installed=plant.suites + (ONE if extra == SUITES else 0.0),
        devices_installed=plant.devices[limiting] + (ONE if extra == limiting else 0.0),
    )
    people = areas.people
    if more and more.kind == PEOPLE:
        team = replace(people.roles[extra], minimum=more.number + ONE)
        people = replace(people, roles={**people.roles, extra: team})

    def bind(stage: str, value: Any) -> Any:
        if stage == "plant" and more and more.kind == DEVICE and not more.decided:
            count = max(value.devices[extra], more.number + ONE)
            return value._replace(devices={**value.devices, extra: count})
        return keep(stage, value)

    demand = replace(areas.demand, patients_per_year=patients)
    given = replace(areas, capacity=installed, people=people, demand=demand)
    return compute(given, e.recipe, replace(e.scenario.choices, sizing="fixed_plant"), bind)
