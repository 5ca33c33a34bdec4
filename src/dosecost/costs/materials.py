"""Materials by the bill of each step, the sets and connections that a closed step needs, write-offs, and the vector."""

from collections.abc import Mapping
from dataclasses import dataclass

from dosecost.arithmetic import Number, maximum
from dosecost.fields import quantity, table
from dosecost.ledger import PER_LOT, PER_YEAR, Line, annual_total
from dosecost.quantities.process import Work
from dosecost.recipes import Material, Recipe

VECTOR_STEP = "gene_transfer"


@dataclass(frozen=True, slots=True)
class ItemInputs:
    """An item of the bill of materials."""

    price: Number = quantity("money/unit")


@dataclass(frozen=True, slots=True)
class Materials:
    """Material prices and quantities, and the vector."""

    medium_litres: Number = quantity("L/lot", at_most=1_000)
    closed_step_set_price: Number = quantity("money/step")
    connection_price: Number = quantity("money/connection")
    write_off_share: Number = quantity("fraction", at_most=2)
    vector_dose_price: Number = quantity("money/dose")
    vector_campaign_price: Number = quantity("money/campaign")
    vector_doses_per_campaign: Number = quantity("doses/campaign", at_least=1)
    vector_shelf_life: Number = quantity("yr", at_least=0.1, at_most=20)
    items: Mapping[str, ItemInputs] = table(ItemInputs)


def amount_per_lot(entry: Material, materials: Materials, work: Work) -> Number:
    """Units of an item in one lot; feeds and media grow with the culture length."""
    amount = getattr(materials, entry.quantity) if entry.quantity else 1.0
    return amount * work.culture_scale if entry.per == "culture" else amount


def consumables(recipe: Recipe, materials: Materials, work: Work, lots: Number) -> list[Line]:
    """One line for each item of each step's bill, one for the sets of the steps the user closed, and one for the wafers
    and connectors of all closed connections, which no bill and no set holds."""
    lines = [
        Line(
            f"materials.{step.id}.{entry.item}",
            "materials",
            step.id,
            PER_LOT,
            lots * amount_per_lot(entry, materials, work),
            materials.items[entry.item].price,
        )
        for step in recipe.steps
        for entry in step.materials
    ]
    sets, connections = lots * work.closed_by_choice, lots * work.closed_connections
    return [
        *lines,
        Line("materials.closed_step_sets", "materials", "", PER_LOT, sets, materials.closed_step_set_price),
        Line("materials.connections", "materials", "", PER_LOT, connections, materials.connection_price),
    ]


def material_costs(recipe: Recipe, materials: Materials, work: Work, lots: Number) -> list[Line]:
    """Consumables of every lot started, and the share of them written off for expiry and safety stock."""
    lines = consumables(recipe, materials, work, lots)
    return [
        *lines,
        Line("materials.write_off", "materials", "", PER_LOT, annual_total(lines), materials.write_off_share),
    ]


def price_of_one_lot(recipe: Recipe, materials: Materials, work: Work) -> Number:
    """Money for the consumables and the vector of one lot."""
    return annual_total(consumables(recipe, materials, work, 1.0)) + materials.vector_dose_price


def vector_costs(materials: Materials, lots: Number, campaign: bool) -> list[Line]:
    """Vector for every lot started: bought by the dose, or from campaigns of one's own.

    A campaign serves its doses or lasts its shelf life, whichever ends first; what expires is paid for, on a line of
    its own.
    """
    if not campaign:
        return [Line("vector.doses", "vector", VECTOR_STEP, PER_LOT, lots, materials.vector_dose_price)]
    used = lots / materials.vector_doses_per_campaign
    campaigns = maximum(used, 1.0 / materials.vector_shelf_life)
    price = materials.vector_campaign_price
    return [
        Line("vector.campaigns", "vector", VECTOR_STEP, PER_YEAR, used, price),
        Line("vector.expired", "vector", VECTOR_STEP, PER_YEAR, campaigns - used, price),
    ]
