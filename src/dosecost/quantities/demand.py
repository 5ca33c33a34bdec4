"""Who comes: patients who ask for a slot, and how fast they drop out while they wait."""

from dataclasses import dataclass

from dosecost.arithmetic import Number
from dosecost.fields import quantity

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Demand:
    """Demand of one site at one rate."""

    patients_per_year: Number = quantity("patients/yr", at_least=0.1, at_most=20_000)
    drop_out_per_week: Number = quantity("fraction/week", at_most=0.5)
    second_collection_share: Number = quantity("fraction")


def still_waiting(demand: Demand, days: Number) -> Number:
    """Share of patients who have not dropped out after ``days`` of waiting, at a constant weekly hazard."""
    return (1.0 - demand.drop_out_per_week) ** (days / DAYS_PER_WEEK)
