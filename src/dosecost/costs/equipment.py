"""Process devices: purchase, qualification, service, licences, and what research-grade ones cost later."""

from collections.abc import Mapping
from dataclasses import dataclass

from dosecost.arithmetic import Number, total
from dosecost.fields import quantity, table
from dosecost.ledger import PER_YEAR, Asset, Line, shared
from dosecost.quantities.capacity import Capacity, Plant, unit_price
from dosecost.recipes import Recipe


@dataclass(frozen=True, slots=True)
class LicenceInputs:
    """A device that may be used only under a licence: its fee a year, whatever the number of devices."""

    fee: Number = quantity("money/yr")


@dataclass(frozen=True, slots=True)
class Equipment:
    """Rates on the purchase price of devices, licences, and the price of research-grade instruments."""

    qualification_share: Number = quantity("fraction", at_most=3)
    service_share: Number = quantity("fraction/yr", at_most=1)
    life: Number = quantity("yr", at_least=1, at_most=40)
    research_price_share: Number = quantity("fraction", at_least=0.01)
    licences: Mapping[str, LicenceInputs] = table(LicenceInputs)


def purchase_prices(equipment: Equipment, capacity: Capacity, plant: Plant, research: bool) -> dict[str, Number]:
    """Money for all units of each device. Research-grade ones are cheaper; what rooms and sites have is GMP."""
    prices = {device: count * unit_price(capacity, device) for device, count in plant.devices.items()}
    if not research:
        return prices
    share = equipment.research_price_share
    return {device: price * share if device in capacity.devices else price for device, price in prices.items()}


def equipment_assets(equipment: Equipment, capacity: Capacity, plant: Plant, research: bool) -> list[Asset]:
    """Every device bought and qualified."""
    return [
        Asset(
            f"equipment.{device}",
            "equipment",
            price * (1.0 + equipment.qualification_share),
            equipment.life,
            plant.devices_used,
        )
        for device, price in purchase_prices(equipment, capacity, plant, research).items()
    ]


def equipment_costs(equipment: Equipment, capacity: Capacity, plant: Plant, research: bool) -> list[Line]:
    """Service contracts and calibration of every device, used and idle parts apart."""
    lines: list[Line] = []
    for device, price in purchase_prices(equipment, capacity, plant, research).items():
        line = Line(f"equipment.{device}.service", "equipment", "", PER_YEAR, price, equipment.service_share)
        lines.extend(shared(line, plant.devices_used))
    return lines


def licence_costs(equipment: Equipment, recipe: Recipe) -> list[Line]:
    """Fees of the devices that may be used only under a licence; the sponsor's own, under contract too."""
    return [
        Line(f"equipment.{device.id}.licence", "equipment", "", PER_YEAR, 1.0, equipment.licences[device.id].fee)
        for device in recipe.devices
        if device.id in equipment.licences
    ]


def transition_price(equipment: Equipment, capacity: Capacity, plant: Plant) -> Number:
    """Money for GMP instruments in place of research-grade ones: all bought anew and qualified."""
    full = purchase_prices(equipment, capacity, plant, research=False)
    again = total(price for device, price in full.items() if device in capacity.devices)
    return again * (1.0 + equipment.qualification_share)
