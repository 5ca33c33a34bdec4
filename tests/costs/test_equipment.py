"""Devices bought, qualified and serviced, by hand."""

import math

from dosecost.costs.equipment import (
    Equipment,
    LicenceInputs,
    equipment_assets,
    equipment_costs,
    licence_costs,
    transition_price,
)
from dosecost.ledger import PER_YEAR, Asset, Line, annual_total
from dosecost.quantities.capacity import Capacity, DeviceInputs, FittingInputs, Plant
from dosecost.recipes import Device, Step
from tests.quantities.builders import check_rows, exactly, nothing, recipe, stated

EQUIPMENT = stated(
    Equipment,
    qualification_share=0.2,
    service_share=0.1,
    life=5.0,
    research_price_share=0.6,
    licences={"electroporator": LicenceInputs(250_000.0)},
)
CAPACITY = stated(
    Capacity,
    devices={"incubator": DeviceInputs(10_000.0, math.nan), "centrifuge": DeviceInputs(25_000.0, math.nan)},
    fittings={"cabinet": FittingInputs(15_000.0)},
)
PLANT = nothing(Plant, devices={"incubator": 3.0, "centrifuge": 1.0, "cabinet": 2.0}, devices_used=0.75)


def test_capital_of_six_devices() -> None:
    # 3 × 10,000, 25,000 and 2 × 15,000, a fifth more for qualification; three quarters of the limiting device is used.
    assert equipment_assets(EQUIPMENT, CAPACITY, PLANT, False) == [
        Asset("equipment.incubator", "equipment", exactly(36_000.0), 5.0, 0.75),
        Asset("equipment.centrifuge", "equipment", exactly(30_000.0), 5.0, 0.75),
        Asset("equipment.cabinet", "equipment", exactly(36_000.0), 5.0, 0.75),
    ]


def test_service_of_six_devices() -> None:
    """A tenth of the purchase price, not of the qualification: 3,000, 2,500 and 3,000; a quarter of each is idle."""
    lines = equipment_costs(EQUIPMENT, CAPACITY, PLANT, False)
    assert {line.id: line.annual for line in lines} == {
        "equipment.incubator.service": exactly(2_250.0),
        "idle.equipment.incubator.service": exactly(750.0),
        "equipment.centrifuge.service": exactly(1_875.0),
        "idle.equipment.centrifuge.service": exactly(625.0),
        "equipment.cabinet.service": exactly(2_250.0),
        "idle.equipment.cabinet.service": exactly(750.0),
    }
    assert annual_total(lines) == exactly(8_500.0)
    assert {line.basis for line in lines} == {PER_YEAR}


def test_research_grade_is_cheaper_now_and_paid_for_later() -> None:
    """Three fifths of 30,000 and of 25,000, the cabinets in full, a fifth more for qualification. Later 55,000 again
    and a fifth more."""
    bought = {asset.id: asset.amount for asset in equipment_assets(EQUIPMENT, CAPACITY, PLANT, True)}
    assert bought == {
        "equipment.incubator": exactly(21_600.0),
        "equipment.centrifuge": exactly(18_000.0),
        "equipment.cabinet": exactly(36_000.0),
    }
    assert annual_total(equipment_costs(EQUIPMENT, CAPACITY, PLANT, True)) == exactly(1_800 + 1_500 + 3_000)
    assert transition_price(EQUIPMENT, CAPACITY, PLANT) == exactly(66_000.0)


def test_a_licence_is_paid_once_a_year_whatever_the_number_of_devices() -> None:
    step = Step("editing", "Editing", "culture", "open", devices=("electroporator",))
    with_it = recipe([step], (Device("electroporator", "steps"), Device("incubator", "steps")))
    (line,) = licence_costs(EQUIPMENT, with_it)
    assert (line.id, line.annual, line.basis) == ("equipment.electroporator.licence", exactly(250_000.0), PER_YEAR)
    assert licence_costs(EQUIPMENT, recipe([step], (Device("incubator", "steps"),))) == []


def test_no_device_no_cost() -> None:
    bare = nothing(Plant, devices={}, devices_used=1.0)
    assert equipment_assets(EQUIPMENT, CAPACITY, bare, False) == []
    assert equipment_costs(EQUIPMENT, CAPACITY, bare, False) == []


def test_I_64_rows() -> None:
    def of(count: float, price: float, used: float, share: float) -> list[list[Asset] | list[Line]]:
        capacity = stated(Capacity, devices={"incubator": DeviceInputs(price, math.nan)}, fittings={})
        plant = nothing(Plant, devices={"incubator": count}, devices_used=used)
        equipment = stated(
            Equipment,
            qualification_share=share,
            service_share=share,
            life=5.0,
            research_price_share=0.6,
        )
        return [
            equipment_assets(equipment, capacity, plant, True),
            equipment_costs(equipment, capacity, plant, False),
            transition_price(equipment, capacity, plant),
        ]

    check_rows(of, count=[1.0, 3.0, 13.0], price=[1e4, 2e4, 5e5], used=[0.1, 1.0, 0.75], share=[0.0, 0.1, 0.2])
