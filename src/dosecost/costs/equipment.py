"""Process devices: purchase, qualification, service."""

from dataclasses import dataclass

from dosecost.arithmetic import Number
from dosecost.fields import quantity
from dosecost.ledger import PER_YEAR, Asset, Line, shared
from dosecost.quantities.capacity import Capacity, Plant, unit_price


@dataclass(frozen=True, slots=True)
class Equipment:
    """Rates on the purchase price of devices."""

    qualification_share: Number = quantity("fraction", at_most=3)
    service_share: Number = quantity("fraction/yr", at_most=1)
    life: Number = quantity("yr", at_least=1, at_most=40)


def equipment_assets(equipment: Equipment, capacity: Capacity, plant: Plant) -> list[Asset]:
    """Every device bought and qualified."""
    return [
        Asset(
            f"equipment.{device}",
            "equipment",
            count * unit_price(capacity, device) * (1.0 + equipment.qualification_share),
            equipment.life,
            plant.devices_used,
        )
        for device, count in plant.devices.items()
    ]


def equipment_costs(equipment: Equipment, capacity: Capacity, plant: Plant) -> list[Line]:
    """Service contracts and calibration of every device, used and idle parts apart."""
    lines: list[Line] = []
    for device, count in plant.devices.items():
        price: Number = count * unit_price(capacity, device)
        line = Line(f"equipment.{device}.service", "equipment", "", PER_YEAR, price, equipment.service_share)
        lines.extend(shared(line, plant.devices_used))
    return lines
