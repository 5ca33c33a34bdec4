"""Materials by the bill of each step, the sets that a closed step needs, write-offs, and the vector."""

from collections.abc import Mapping
from dataclasses import dataclass

from dosecost.arithmetic import Number, maximum
from dosecost.fields import quantity, table
from dosecost.ledger import PER_LOT, PER_YEAR, Line, annual_total
from dosecost.quantities.cells import Cells
from dosecost.quantities.process import Process, Work
from dosecost.recipes import GENE_TRANSFER, Material, Recipe


@dataclass(frozen=True, slots=True)
class ItemInputs:
    """An item of the bill of materials."""

    price: Number = quantity("money/unit")


@dataclass(frozen=True, slots=True)
class Materials:
    """Material prices and quantities, and the vector."""

    medium_litres: Number = quantity("L/lot", at_most=1_000)
    closed_step_set_price: Number = quantity("money/step")
    write_off_share: Number = quantity("fraction", at_most=2)
    vector_dose_price: Number = quantity("money/dose")
    vector_dose_cells: Number = quantity("1e9 cells/dose", at_least=0.001, at_most=100)
    vector_campaign_price: Number = quantity("money/campaign")
    vector_doses_per_campaign: Number = quantity("doses/campaign", at_least=1)
    vector_shelf_life: Number = quantity("yr", at_least=0.1, at_most=20)
    items: Mapping[str, ItemInputs] = table(ItemInputs)


def amount_per_lot(entry: Material, materials: Materials, work: Work, process: Process) -> Number:
    """Units of an item in one lot; feeds and media grow with the culture length, guides with the knock-outs."""
    amount = getattr(materials, entry.quantity) if entry.quantity else 1.0
    if entry.per == "knock_out":
        return amount * process.knock_outs
    return amount * work.culture_scale if entry.per == "culture" else amount


def vector_doses_per_lot(materials: Materials, cells: Cells) -> Number:
    """Doses of vector one lot takes: as many as the cells put into culture need."""
    return cells.cells_into_culture / materials.vector_dose_cells


def consumables(recipe: Recipe, materials: Materials, work: Work, process: Process, lots: Number) -> list[Line]:
    """One line for each item of each step's bill, and one for the sets of the steps the user closed."""
    lines = [
        Line(
            f"materials.{step.id}.{entry.item}",
            "materials",
            step.id,
            PER_LOT,
            lots * amount_per_lot(entry, materials, work, process),
            materials.items[entry.item].price,
        )
        for step in recipe.steps
        for entry in step.materials
    ]
    sets = lots * work.closed_by_choice
    return [
        *lines,
        Line("materials.closed_step_sets", "materials", "", PER_LOT, sets, materials.closed_step_set_price),
    ]


def material_costs(recipe: Recipe, materials: Materials, work: Work, process: Process, lots: Number) -> list[Line]:
    """Consumables of every lot started, and the share of them written off for expiry and safety stock."""
    lines = consumables(recipe, materials, work, process, lots)
    return [
        *lines,
        Line("materials.write_off", "materials", "", PER_LOT, annual_total(lines), materials.write_off_share),
    ]


def payload_costs(recipe: Recipe, materials: Materials, lots: Number) -> list[Line]:
    """What gene transfer without a virus delivers, one line for each item, for every lot started."""
    return [
        Line(f"vector.{entry.item}", "vector", GENE_TRANSFER, PER_LOT, lots, materials.items[entry.item].price)
        for entry in recipe.payload
    ]


def price_of_one_lot(recipe: Recipe, materials: Materials, work: Work, process: Process, cells: Cells) -> Number:
    """Money for the consumables of one lot and for its vector, or what stands in for it."""
    payload = payload_costs(recipe, materials, 1.0)
    viral = vector_doses_per_lot(materials, cells) * materials.vector_dose_price
    delivered = annual_total(payload) if payload else viral
    return annual_total(consumables(recipe, materials, work, process, 1.0)) + delivered


def vector_costs(recipe: Recipe, materials: Materials, cells: Cells, lots: Number, campaign: bool) -> list[Line]:
    """Vector for every lot started: bought by the dose, or from campaigns of one's own; or a payload without a virus.

    A campaign serves its doses or lasts its shelf life, whichever ends first; what expires is paid for, on a line of
    its own.
    """
    if recipe.payload:
        return payload_costs(recipe, materials, lots)
    doses = lots * vector_doses_per_lot(materials, cells)
    if not campaign:
        return [Line("vector.doses", "vector", GENE_TRANSFER, PER_LOT, doses, materials.vector_dose_price)]
    used = doses / materials.vector_doses_per_campaign
    campaigns = maximum(used, 1.0 / materials.vector_shelf_life)
    price = materials.vector_campaign_price
    return [
        Line("vector.campaigns", "vector", GENE_TRANSFER, PER_YEAR, used, price),
        Line("vector.expired", "vector", GENE_TRANSFER, PER_YEAR, campaigns - used, price),
    ]
