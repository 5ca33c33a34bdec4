"""The ledger: every cost line as quantity times price, in one of eleven categories, and what is bought once."""

from collections.abc import Iterable
from typing import NamedTuple

from dosecost.arithmetic import Number, total

CATEGORIES = (
    "materials",
    "vector",
    "labour",
    "quality",
    "facility",
    "equipment",
    "monitoring",
    "logistics",
    "apheresis",
    "overhead",
    "idle_capacity",
)

BOUNDARIES = {
    "manufacture": ("materials", "vector", "labour", "facility", "equipment"),
    "quality_and_release": ("quality", "monitoring"),
    "apheresis_and_logistics": ("apheresis", "logistics"),
    "fully_loaded": ("overhead", "idle_capacity"),
}
"""Categories each boundary adds to the one before it."""

PER_LOT = "per lot"
PER_DOSE = "per dose"
PER_PATIENT = "per patient"
PER_YEAR = "per year"
CAPITAL = "capital charge"
BASES = (PER_LOT, PER_DOSE, PER_PATIENT, PER_YEAR, CAPITAL)
FIXED_BASES = (PER_YEAR, CAPITAL)


class Line(NamedTuple):
    """One cost line of a year: ``quantity`` units a year at ``price`` money a unit. A capital charge is not cash."""

    id: str
    category: str
    step: str
    basis: str
    quantity: Number
    price: Number

    @property
    def annual(self) -> Number:
        """Money a year."""
        return self.quantity * self.price


class Asset(NamedTuple):
    """Something bought once: ``amount`` money, written off straight-line over ``life`` years."""

    id: str
    category: str
    amount: Number
    life: Number
    used: Number = 1.0


def shared(line: Line, used: Number) -> list[Line]:
    """A fixed line split into the part the work uses and the part that stands idle."""
    name, category, step, basis, quantity, price = line
    return [
        Line(name, category, step, basis, quantity * used, price),
        Line(f"idle.{name}", "idle_capacity", step, basis, quantity * (1.0 - used), price),
    ]


def depreciation(assets: Iterable[Asset]) -> list[Line]:
    """Straight-line capital charges of the assets, used and idle parts apart."""
    lines: list[Line] = []
    for asset in assets:
        charge = Line(f"{asset.id}.depreciation", asset.category, "", CAPITAL, 1.0, asset.amount / asset.life)
        lines.extend(shared(charge, asset.used))
    return lines


def capital(assets: Iterable[Asset]) -> Number:
    """Money the assets cost to buy."""
    return total(asset.amount for asset in assets)


def annual_total(lines: Iterable[Line]) -> Number:
    """Money a year over the lines."""
    return total(line.annual for line in lines)


def by_category(lines: Iterable[Line]) -> dict[str, Number]:
    """Money a year by category, every category present."""
    totals: dict[str, Number] = dict.fromkeys(CATEGORIES, 0.0)
    for line in lines:
        totals[line.category] = totals[line.category] + line.annual
    return totals


def by_step(lines: Iterable[Line]) -> dict[str, Number]:
    """Money a year by process step; lines of no single step stand under the empty name."""
    totals: dict[str, Number] = {}
    for line in lines:
        totals[line.step] = totals.get(line.step, 0.0) + line.annual
    return totals


def inside(boundary: str) -> tuple[str, ...]:
    """Categories inside a boundary: its own and those of the narrower ones."""
    names = list(BOUNDARIES)
    wanted = names[: names.index(boundary) + 1]
    return tuple(category for name in wanted for category in BOUNDARIES[name])
