"""The cells of one lot, from collection to infusion, and the chance that they fall short of the dose.

Collection, expansion and transduced fraction differ from lot to lot and are taken as log-normal and independent: the
chance of a missed dose then needs no draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dosecost.arithmetic import Number, binormal_cdf, log, maximum, minimum, normal_cdf, total
from dosecost.fields import quantity
from dosecost.quantities.process import Process
from dosecost.recipes import EXPANSION, Recipe, Step

FREEZE = "cryo"
SELECTION = "selection"
ALL = 1.0


@dataclass(frozen=True, slots=True)
class Cells:
    """Medians along the process, and how far lots differ (standard deviation of the natural logarithm)."""

    cd3_collected: Number = quantity("1e9 cells", at_least=0.001, at_most=100)
    cd3_collected_log_sd: Number = quantity("log", at_least=0.1, at_most=3)
    cd3_minimum: Number = quantity("1e9 cells", at_least=0.001, at_most=100)
    selection_recovery: Number = quantity("fraction", at_least=0.001)
    cells_into_culture: Number = quantity("1e9 cells", at_least=0.001, at_most=100)
    fold_expansion: Number = quantity("fold", at_least=1, at_most=1_000)
    fold_expansion_days: Number = quantity("days", at_least=5, at_most=30)
    fold_expansion_lag_days: Number = quantity("days", at_most=2)
    fold_expansion_log_sd: Number = quantity("log", at_least=0.1, at_most=3)
    transduced_fraction: Number = quantity("fraction", at_least=0.001)
    transduced_fraction_log_sd: Number = quantity("log", at_least=0.1, at_most=3)
    knock_out_efficiency: Number = quantity("fraction", at_least=0.001)
    harvest_recovery: Number = quantity("fraction", at_least=0.001)
    post_thaw_viability: Number = quantity("fraction", at_least=0.001)
    target_dose: Number = quantity("1e9 cells", at_least=0.0001, at_most=100)


class CellBalance(NamedTuple):
    """Billions of cells of the median lot after each stage; ``viable`` is viable CAR+ cells to infuse.

    ``treated`` is what is left of the culture after operations of the first days (electroporation), ``edited`` CAR+
    cells with every knock-out, ``enriched`` what operations after the expansion leave of them.

    ``below_minimum`` is the share of collections under the minimum, which are topped up by a second one;
    ``missed_dose`` the share of lots with fewer viable CAR+ cells than the dose.
    """

    collected: Number
    selected: Number
    into_culture: Number
    treated: Number
    expanded: Number
    transduced: Number
    edited: Number
    enriched: Number
    harvested: Number
    viable: Number
    target: Number
    below_minimum: Number
    missed_dose: Number


def growth(cells: Cells, culture_days: Number) -> Number:
    """Cells at the end of the culture per cell put in: one rate of growth after a lag without any.

    The rate is the one that gives ``fold_expansion`` over its days; a culture within the lag gives 1.
    """
    growing = maximum(culture_days - cells.fold_expansion_lag_days, 0.0)
    return cells.fold_expansion ** (growing / (cells.fold_expansion_days - cells.fold_expansion_lag_days))


def combined(*log_sds: Number) -> Number:
    """Spread of a product of independent log-normal factors: the root of the sum of their log-variances."""
    return total(log_sd**2 for log_sd in log_sds) ** 0.5


def missed_dose(cells: Cells, per_cell: Number) -> Number:
    """Chance that the viable CAR+ cells of a lot fall short of the dose, at ``per_cell`` of them per cell put in.

    Into culture goes what was selected, at most ``cells_into_culture``, at least what the minimum collection gives.
    A lot is short if it grows too little for ``cells_into_culture``; or, with fewer cells, too little for what was
    collected and for the minimum. The second holds wherever the first does: what it adds is their difference.
    """
    needed = cells.target_dose / per_cell
    least = minimum(cells.cd3_minimum * cells.selection_recovery, cells.cells_into_culture)
    grown = combined(cells.fold_expansion_log_sd, cells.transduced_fraction_log_sd)
    whole = combined(cells.fold_expansion_log_sd, cells.transduced_fraction_log_sd, cells.cd3_collected_log_sd)
    correlation = grown / whole

    for_full = log(needed / cells.cells_into_culture) / grown
    for_least = log(needed / least) / grown
    for_collected = log(needed / (cells.cd3_collected * cells.selection_recovery)) / whole
    short_of_least = binormal_cdf(for_collected, for_least, correlation)
    short_of_full = binormal_cdf(for_collected, for_full, correlation)
    return minimum(normal_cdf(for_full) + maximum(short_of_least - short_of_full, 0.0), 1.0)


class Recoveries(NamedTuple):
    """Share of cells left by the operations beyond the platform's own: before the culture, in it before the expansion,
    and after; and of the edited, those with every knock-out."""

    before_culture: Number
    in_culture: Number
    after_expansion: Number
    edited: Number


def left_by(steps: Sequence[Step], process: Process) -> Number:
    """Share of cells that the operations of these steps leave, 1 where there are none."""
    left: Number = ALL
    for step in steps:
        if step.operation:
            left = left * process.operations[step.operation].cell_recovery
    return left


def recoveries(cells: Cells, process: Process, recipe: Recipe) -> Recoveries:
    """What the operations leave, by where their steps stand: before the first culture step, before the expansion, or
    from it on. Knock-outs succeed independently of one another."""
    names, groups = [step.id for step in recipe.steps], [step.group for step in recipe.steps]
    culture = groups.index("culture")
    expansion = names.index(EXPANSION)
    editing = any(step.knock_outs for step in recipe.steps)
    return Recoveries(
        before_culture=left_by(recipe.steps[:culture], process),
        in_culture=left_by(recipe.steps[culture:expansion], process),
        after_expansion=left_by(recipe.steps[expansion:], process),
        edited=cells.knock_out_efficiency**process.knock_outs if editing else ALL,
    )


def balance(cells: Cells, process: Process, recipe: Recipe) -> CellBalance:
    """The median lot's cells along the recipe, and the chance to miss the dose.

    A recipe without a freezing step loses nothing at thaw, one without a selection nothing there.
    """
    left = recoveries(cells, process, recipe)
    selecting = any(step.id == SELECTION for step in recipe.steps)
    selection = cells.selection_recovery * left.before_culture if selecting else left.before_culture
    cells = replace(cells, selection_recovery=selection)
    frozen = any(step.id == FREEZE for step in recipe.steps)
    fold = growth(cells, process.culture_days)
    thawed = cells.post_thaw_viability if frozen else 1.0
    collected = maximum(cells.cd3_collected, cells.cd3_minimum)
    selected = collected * selection
    into_culture = minimum(cells.cells_into_culture, selected)
    treated = into_culture * left.in_culture
    expanded = treated * fold
    transduced = expanded * cells.transduced_fraction
    edited = transduced * left.edited
    enriched = edited * left.after_expansion
    harvested = enriched * cells.harvest_recovery
    per_cell = left.in_culture * fold * cells.transduced_fraction * left.edited * left.after_expansion
    return CellBalance(
        collected=collected,
        selected=selected,
        into_culture=into_culture,
        treated=treated,
        expanded=expanded,
        transduced=transduced,
        edited=edited,
        enriched=enriched,
        harvested=harvested,
        viable=harvested * thawed,
        target=cells.target_dose,
        below_minimum=normal_cdf(log(cells.cd3_minimum / cells.cd3_collected) / cells.cd3_collected_log_sd),
        missed_dose=missed_dose(cells, per_cell * cells.harvest_recovery * thawed),
    )
