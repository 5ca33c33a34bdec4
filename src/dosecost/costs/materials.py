"""Materials by the bill of each step, the sets and connections that a closed step needs, write-offs, and the vector."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, ceil, maximum, minimum, total
from dosecost.fields import quantity, table
from dosecost.ledger import PER_LOT, PER_YEAR, Line, annual_total
from dosecost.quantities.cells import Cells
from dosecost.quantities.process import Process, Work
from dosecost.recipes import GENE_TRANSFER, Material, Recipe

MILLILITRES_PER_LITRE = 1_000.0
CELLS_PER_BILLION = 1e9
NO_UNITS = 1e-9
"""Units a year: keeps the price of what is not bought defined."""


@dataclass(frozen=True, slots=True)
class ItemInputs:
    """An item of the bill of materials; ``shelf_life`` is what is left of it on delivery."""

    price: Number = quantity("money/unit")
    pack_size: Number = quantity("unit/pack", at_least=0.01, at_most=10_000)
    shelf_life: Number = quantity("yr", at_least=0.02, at_most=20)


@dataclass(frozen=True, slots=True)
class Materials:
    """Material prices and quantities, how they are bought, and the vector."""

    medium_litres: Number = quantity("L/lot", at_most=1_000)
    closed_step_set_price: Number = quantity("money/step")
    connection_price: Number = quantity("money/connection")
    write_off_share: Number = quantity("fraction", at_most=2)
    stock_months: Number = quantity("months", at_most=24)
    vector_stock_months: Number = quantity("months", at_most=24)
    minimum_order_lots: Number = quantity("lots/order", at_least=0.1, at_most=10_000)
    price_break_lots: Number = quantity("lots/yr")
    price_break_share: Number = quantity("fraction")
    vector_dose_price: Number = quantity("money/dose")
    vector_dose_cells: Number = quantity("1e9 cells/dose", at_least=0.001, at_most=100)
    vector_campaign_price: Number = quantity("money/campaign")
    vector_doses_per_campaign: Number = quantity("doses/campaign", at_least=1)
    vector_shelf_life: Number = quantity("yr", at_least=0.1, at_most=20)
    vector_volume: Number = quantity("L/campaign", at_least=0.1, at_most=100_000)
    vector_titre: Number = quantity("TU/mL", at_least=1_000)
    vector_recovery: Number = quantity("fraction", at_least=0.001)
    vector_testing_share: Number = quantity("fraction", at_most=0.9)
    vector_overage: Number = quantity("fraction", at_most=10)
    multiplicity_of_infection: Number = quantity("TU/cell", at_least=0.01, at_most=1_000)
    items: Mapping[str, ItemInputs] = table(ItemInputs)


def amount_per_lot(entry: Material, materials: Materials, work: Work, process: Process) -> Number:
    """Units of an item in one lot; feeds and media grow with the culture length, guides with the knock-outs."""
    amount = getattr(materials, entry.quantity) if entry.quantity else 1.0
    if entry.per == "knock_out":
        return amount * process.knock_outs
    return amount * work.culture_scale if entry.per == "culture" else amount


class Purchase(NamedTuple):
    """What one item takes a year: units that expire unused, beside those used and written off, and money a unit."""

    expired: Number
    price: Number


def purchase(item: ItemInputs, materials: Materials, amount: Number, lots: Number) -> Purchase:
    """What is bought of an item of which each lot takes ``amount`` units.

    Bought are the units used and written off, or the smallest orders that keep lots supplied, whichever is more: an
    order is in whole packs, is used up within its shelf life, and there are no more orders than lots. Only the units
    beyond the price break are cheaper; the price is the mean of all.
    """
    wanted = lots * amount * (1.0 + materials.write_off_share)
    order = item.pack_size * ceil(materials.minimum_order_lots * amount / item.pack_size)
    bought = maximum(wanted, order * minimum(lots, 1.0 / item.shelf_life))
    cheaper = maximum(bought - materials.price_break_lots * amount, 0.0)
    discount = materials.price_break_share * cheaper / maximum(bought, NO_UNITS)
    return Purchase(bought - wanted, item.price * (1.0 - discount))


def purchases(recipe: Recipe, materials: Materials, work: Work, process: Process, lots: Number) -> dict[str, Purchase]:
    """What is bought of every item, over all steps that take it."""
    amounts: dict[str, Number] = {}
    for step in recipe.steps:
        for entry in step.materials:
            amounts[entry.item] = amounts.get(entry.item, 0.0) + amount_per_lot(entry, materials, work, process)
    return {item: purchase(materials.items[item], materials, amount, lots) for item, amount in amounts.items()}


def material_costs(recipe: Recipe, materials: Materials, work: Work, process: Process, lots: Number) -> list[Line]:
    """Materials of every lot started, by item and step, and what is written off or expires.

    The sets of steps closed by choice, and the wafers and connectors of all closed connections, which no bill and no
    set holds, are bought singly; they are written off like the rest.
    """
    bought = purchases(recipe, materials, work, process, lots)
    used = [
        Line(
            f"materials.{step.id}.{entry.item}",
            "materials",
            step.id,
            PER_LOT,
            lots * amount_per_lot(entry, materials, work, process),
            bought[entry.item].price,
        )
        for step in recipe.steps
        for entry in step.materials
    ]
    sets, connections = lots * work.closed_by_choice, lots * work.closed_connections
    used += [
        Line("materials.closed_step_sets", "materials", "", PER_LOT, sets, materials.closed_step_set_price),
        Line("materials.connections", "materials", "", PER_LOT, connections, materials.connection_price),
    ]
    expired = [
        Line(f"materials.expired.{item}", "materials", "", PER_YEAR, entry.expired, entry.price)
        for item, entry in bought.items()
    ]
    written_off = Line("materials.write_off", "materials", "", PER_LOT, annual_total(used), materials.write_off_share)
    return [*used, written_off, *expired]


def payload_costs(recipe: Recipe, materials: Materials, lots: Number) -> list[Line]:
    """What gene transfer without a virus delivers, a unit of each item for every lot started, and what of it is written
    off or expires; bought as materials are."""
    bought = {
        entry.item: purchase(materials.items[entry.item], materials, amount=1.0, lots=lots) for entry in recipe.payload
    }
    used = [
        Line(f"vector.{item}", "vector", GENE_TRANSFER, PER_LOT, lots, entry.price) for item, entry in bought.items()
    ]
    expired = [
        Line(f"vector.expired.{item}", "vector", GENE_TRANSFER, PER_YEAR, entry.expired, entry.price)
        for item, entry in bought.items()
    ]
    share = materials.write_off_share
    return [*used, Line("vector.write_off", "vector", GENE_TRANSFER, PER_LOT, annual_total(used), share), *expired]


def price_of_one_lot(recipe: Recipe, materials: Materials, work: Work, process: Process, cells: Cells) -> Number:
    """Money for the consumables of one lot and its vector, or what stands in for it, at prices without a break."""
    bill = total(
        amount_per_lot(entry, materials, work, process) * materials.items[entry.item].price
        for step in recipe.steps
        for entry in step.materials
    )
    viral = vector_doses_per_lot(materials, cells) * materials.vector_dose_price
    payload = total(materials.items[entry.item].price for entry in recipe.payload)
    closed = work.closed_by_choice * materials.closed_step_set_price
    connected = work.closed_connections * materials.connection_price
    return bill + closed + connected + (payload if recipe.payload else viral)


def vector_doses_per_lot(materials: Materials, cells: Cells) -> Number:
    """Doses of vector that one lot takes: as many as the cells put into culture need."""
    return cells.cells_into_culture / materials.vector_dose_cells


def vector_per_dose(materials: Materials) -> Number:
    """Transducing units (TU) in one dose of vector, with overage."""
    cells = materials.vector_dose_cells * CELLS_PER_BILLION
    return cells * materials.multiplicity_of_infection * (1.0 + materials.vector_overage)


def doses_by_titre(materials: Materials) -> Number:
    """Doses of a campaign from its volume and titre, what purification recovers and what testing leaves."""
    harvested = materials.vector_volume * MILLILITRES_PER_LITRE * materials.vector_titre
    usable = harvested * materials.vector_recovery * (1.0 - materials.vector_testing_share)
    return usable / vector_per_dose(materials)


def vector_costs(
    recipe: Recipe, materials: Materials, cells: Cells, lots: Number, campaign: bool, doses_per_campaign: Number
) -> list[Line]:
    """Vector for every lot started: bought by the dose, or from campaigns of one's own; or a payload without a virus.

    A campaign serves its doses or lasts its shelf life, whichever ends first; what expires is paid for, on a line of
    its own.
    """
    if recipe.payload:
        return payload_costs(recipe, materials, lots)
    doses = lots * vector_doses_per_lot(materials, cells)
    if not campaign:
        return [Line("vector.doses", "vector", GENE_TRANSFER, PER_LOT, doses, materials.vector_dose_price)]
    used = doses / doses_per_campaign
    campaigns = maximum(used, 1.0 / materials.vector_shelf_life)
    price = materials.vector_campaign_price
    return [
        Line("vector.campaigns", "vector", GENE_TRANSFER, PER_YEAR, used, price),
        Line("vector.expired", "vector", GENE_TRANSFER, PER_YEAR, campaigns - used, price),
    ]
