"""The cells of one lot, from collection to infusion, and the chance that they fall short of the dose.

Collection, expansion and transduced fraction differ from lot to lot and are taken as log-normal: their product then is
log-normal too, so the chance of a missed dose needs no draws.
"""

from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, minimum, share_below
from dosecost.fields import quantity
from dosecost.quantities.process import Process
from dosecost.recipes import Recipe

FREEZE = "cryo"


@dataclass(frozen=True, slots=True)
class Cells:
    """Medians along the process, and how far lots differ (standard deviation of the natural logarithm)."""

    cd3_collected: Number = quantity("1e9 cells", at_least=0.001, at_most=100)
    cd3_collected_log_sd: Number = quantity("log", at_least=0.01, at_most=3)
    cd3_minimum: Number = quantity("1e9 cells", at_least=0.001, at_most=100)
    selection_recovery: Number = quantity("fraction", at_least=0.001)
    cells_into_culture: Number = quantity("1e9 cells", at_least=0.001, at_most=100)
    fold_expansion: Number = quantity("fold", at_least=1, at_most=10_000)
    fold_expansion_days: Number = quantity("days", at_least=1, at_most=30)
    fold_expansion_log_sd: Number = quantity("log", at_least=0.01, at_most=3)
    transduced_fraction: Number = quantity("fraction", at_least=0.001)
    transduced_fraction_log_sd: Number = quantity("log", at_least=0.01, at_most=3)
    harvest_recovery: Number = quantity("fraction", at_least=0.001)
    post_thaw_viability: Number = quantity("fraction", at_least=0.001)
    target_dose: Number = quantity("1e9 cells", at_least=0.0001, at_most=100)


class Balance(NamedTuple):
    """Billions of cells of the median lot after each stage; the last is viable CAR+ cells to infuse.

    ``below_minimum`` is the share of collections too small to start from, ``short_of_dose`` the share of the others
    that yield less than the dose, ``missed_dose`` the share of all.
    """

    collected: Number
    selected: Number
    into_culture: Number
    expanded: Number
    transduced: Number
    harvested: Number
    viable: Number
    target: Number
    below_minimum: Number
    short_of_dose: Number
    missed_dose: Number


def balance(cells: Cells, process: Process, recipe: Recipe) -> Balance:
    """The median lot's cells along the recipe, and the chance to miss the dose.

    Cells grow at one rate over the culture, the one that gives the stated fold over its stated days. A recipe without
    a freezing step loses nothing at thaw.
    """
    frozen = any(step.id == FREEZE for step in recipe.steps)
    selected = cells.cd3_collected * cells.selection_recovery
    into_culture = minimum(cells.cells_into_culture, selected)
    expanded = into_culture * cells.fold_expansion ** (process.culture_days / cells.fold_expansion_days)
    transduced = expanded * cells.transduced_fraction
    harvested = transduced * cells.harvest_recovery
    viable = harvested * (cells.post_thaw_viability if frozen else 1.0)
    spread = (cells.fold_expansion_log_sd**2 + cells.transduced_fraction_log_sd**2) ** 0.5
    below_minimum = share_below(cells.cd3_minimum, cells.cd3_collected, cells.cd3_collected_log_sd)
    short_of_dose = share_below(cells.target_dose, viable, spread)
    return Balance(
        collected=cells.cd3_collected,
        selected=selected,
        into_culture=into_culture,
        expanded=expanded,
        transduced=transduced,
        harvested=harvested,
        viable=viable,
        target=cells.target_dose,
        below_minimum=below_minimum,
        short_of_dose=short_of_dose,
        missed_dose=below_minimum + (1.0 - below_minimum) * short_of_dose,
    )
