"""What the plant needs or can make: rooms and devices, ceilings, utilisation, the wait for a slot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, ceil, maximum, minimum, total, where
from dosecost.fields import quantity, table
from dosecost.quantities.demand import DAYS_PER_WEEK, DAYS_PER_YEAR
from dosecost.quantities.process import Work
from dosecost.recipes import Recipe


@dataclass(frozen=True, slots=True)
class DeviceInputs:
    """A device that lots occupy: purchase price, and how many lots it holds at one time."""

    price: Number = quantity("money/unit")
    slots: Number = quantity("lots/unit", at_least=1, at_most=1_000)


@dataclass(frozen=True, slots=True)
class FittingInputs:
    """A device that every room (or every room with closed connections) or site has whatever the number of lots:
    purchase price."""

    price: Number = quantity("money/unit")


@dataclass(frozen=True, slots=True)
class Capacity:
    """Availability, segregation and, for a fixed plant, what is installed."""

    shutdown_weeks: Number = quantity("weeks/yr", at_most=26)
    planning_utilisation: Number = quantity("fraction", at_least=0.05, at_most=0.95)
    lots_per_room_open: Number = quantity("lots/room", at_least=1, at_most=1_000)
    lots_per_room_closed: Number = quantity("lots/room", at_least=1, at_most=1_000)
    device_turnaround_days: Number = quantity("days", at_most=60)
    suites_installed: Number = quantity("rooms", at_least=1, at_most=1_000)
    devices_installed: Number = quantity("units", at_least=1, at_most=10_000)
    arrival_variability: Number = quantity("ratio", at_most=10)
    occupancy_variability: Number = quantity("ratio", at_most=10)
    contract_slot_wait_days: Number = quantity("days", at_most=365)
    devices: Mapping[str, DeviceInputs] = table(DeviceInputs)
    fittings: Mapping[str, FittingInputs] = table(FittingInputs)


class Plant(NamedTuple):
    """Rooms and devices, their ceilings in lots a year at the planning utilisation, and the wait for a slot."""

    operating_days: Number
    lots_per_room: Number
    suites: Number
    lots_per_suite: Number
    device_days_per_lot: dict[str, Number]
    devices: dict[str, Number]
    ceiling_suites: Number
    ceiling_devices: Number
    ceiling: Number
    lots: Number
    suites_used: Number
    devices_used: Number
    slot_wait_days: Number


def operating_days(capacity: Capacity) -> Number:
    """Days a year on which lots can run: the year less the planned shutdown."""
    return DAYS_PER_YEAR - DAYS_PER_WEEK * capacity.shutdown_weeks


def lots_per_suite(capacity: Capacity, work: Work, any_open: bool) -> Number:
    """Lots a year one suite can take at the planning utilisation.

    One open step segregates the room: as many lots at one time as the platform allows in an open room, else as many
    as it allows in a closed one. A lot holds its place from receipt to line clearance.
    """
    at_one_time = capacity.lots_per_room_open if any_open else capacity.lots_per_room_closed
    return operating_days(capacity) * capacity.planning_utilisation * at_one_time / work.room_days


def device_days(recipe: Recipe, work: Work, capacity: Capacity) -> dict[str, Number]:
    """Device-days one lot occupies, for each device that is sized from its steps; the limiting one with turnaround."""
    days = {step.id: step.days for step in work.steps}
    occupied: dict[str, Number] = {}
    for device in recipe.devices:
        if device.use == "steps":
            busy = total([days[step.id] for step in recipe.steps if device.id in step.devices])
            limiting = device.id == recipe.limiting_device
            occupied[device.id] = busy + capacity.device_turnaround_days if limiting else busy
    return occupied


def unit_price(capacity: Capacity, device: str) -> Number:
    """Purchase price of one device, sized from lots or not."""
    return capacity.devices[device].price if device in capacity.devices else capacity.fittings[device].price


def lots_per_device(capacity: Capacity, device: str, days: Number) -> Number:
    """Lots a year one device can take at the planning utilisation."""
    slots = capacity.devices[device].slots
    return operating_days(capacity) * capacity.planning_utilisation * slots / days


def fitted(use: str, suites: Number, work: Work) -> Number:
    """Devices that are there whatever the number of lots: one for each room, for each room in which closed connections
    are made, or for the site."""
    if use == "connections":
        return where(work.closed_connections > 0.0, suites, 0.0)
    return suites if use == "room" else 1.0


def slot_wait(
    lots: Number, places: Number, days: Number, available: Number, arrival_cv2: Number, service_cv2: Number
) -> Number:
    """Mean days in queue for one of ``places``: Allen-Cunneen with Sakasegawa's exponent (multi-server G/G/c).

    ``available`` is operating days a year; utilisation stays below the planning utilisation, so the wait is finite.
    """
    busy = lots * days / (places * available)
    exponent = (2.0 * (places + 1.0)) ** 0.5 - 1.0
    return days / places * busy**exponent / (1.0 - busy) * (arrival_cv2 + service_cv2) / 2.0


def capacity_plan(
    recipe: Recipe, work: Work, capacity: Capacity, lots: Number, installed: bool, any_open: bool
) -> Plant:
    """Size the plant for ``lots`` a year in whole suites and devices, or read what is installed.

    With a fixed plant the lots are cut to its ceiling; the devices that do not limit are bought for what it makes.
    """
    per_suite = lots_per_suite(capacity, work, any_open)
    occupied = device_days(recipe, work, capacity)
    limiting = recipe.limiting_device
    per_device = lots_per_device(capacity, limiting, occupied[limiting])
    suites = capacity.suites_installed if installed else maximum(1.0, ceil(lots / per_suite))
    devices = capacity.devices_installed if installed else maximum(1.0, ceil(lots / per_device))
    ceiling_suites = suites * per_suite
    ceiling_devices = devices * per_device
    ceiling = minimum(ceiling_suites, ceiling_devices)
    made = minimum(lots, ceiling)
    available = operating_days(capacity)
    at_one_time = capacity.lots_per_room_open if any_open else capacity.lots_per_room_closed
    counts: dict[str, Number] = {}
    for device in recipe.devices:
        if device.id == limiting:
            counts[device.id] = devices
        elif device.use == "steps":
            counts[device.id] = maximum(1.0, ceil(made / lots_per_device(capacity, device.id, occupied[device.id])))
        else:
            counts[device.id] = fitted(device.use, suites, work)
    cv2 = capacity.arrival_variability, capacity.occupancy_variability
    wait_room = slot_wait(made, suites * at_one_time, work.room_days, available, *cv2)
    places = devices * capacity.devices[limiting].slots
    wait_device = slot_wait(made, places, occupied[limiting], available, *cv2)
    return Plant(
        operating_days=available,
        lots_per_room=at_one_time,
        suites=suites,
        lots_per_suite=per_suite,
        device_days_per_lot=occupied,
        devices=counts,
        ceiling_suites=ceiling_suites,
        ceiling_devices=ceiling_devices,
        ceiling=ceiling,
        lots=made,
        suites_used=made / ceiling_suites,
        devices_used=made / ceiling_devices,
        slot_wait_days=maximum(wait_room, wait_device),
    )


def contract_plant(capacity: Capacity, lots: Number) -> Plant:
    """A contract manufacturer's plant as the sponsor sees it: no rooms or devices of its own, a wait for a slot."""
    return Plant(
        operating_days=operating_days(capacity),
        lots_per_room=1.0,
        suites=0.0,
        lots_per_suite=0.0,
        device_days_per_lot={},
        devices={},
        ceiling_suites=lots,
        ceiling_devices=lots,
        ceiling=lots,
        lots=lots,
        suites_used=1.0,
        devices_used=1.0,
        slot_wait_days=capacity.contract_slot_wait_days,
    )
