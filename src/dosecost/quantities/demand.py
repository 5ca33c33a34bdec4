"""Who comes: patients who ask for a slot, how their number grows, and how fast they drop out while they wait."""

from dataclasses import dataclass

from dosecost.arithmetic import Number
from dosecost.fields import quantity

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Demand:
    """Demand at one rate, and the growth of the rate in the phases of a plan whose demand grows."""

    patients_per_year: Number = quantity("patients/yr", at_least=0.1, at_most=20_000)
    growth_per_year: Number = quantity("fraction/yr", at_most=2)
    drop_out_per_week: Number = quantity("fraction/week", at_most=0.5)
    second_collection_share: Number = quantity("fraction")


def grown(demand: Demand, years: int) -> Number:
    """What the rate of a year is multiplied by ``years`` later."""
    return (1.0 + demand.growth_per_year) ** years


def still_waiting(demand: Demand, days: Number) -> Number:
    """Share of patients who have not dropped out after ``days`` of waiting, at a constant weekly hazard."""
    return (1.0 - demand.drop_out_per_week) ** (days / DAYS_PER_WEEK)
