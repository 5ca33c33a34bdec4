"""Release testing and quality upkeep: the panel, its turnaround, repeats, deviations, media fills, systems."""

from collections.abc import Mapping
from dataclasses import dataclass

from dosecost.arithmetic import Number, maximum, total
from dosecost.fields import quantity, table
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line
from dosecost.quantities.losses import Funnel
from dosecost.quantities.process import Work
from dosecost.recipes import Recipe


@dataclass(frozen=True, slots=True)
class TestInputs:
    """One release test: price sent out, reagents and hours in house, turnaround, one-off validation."""

    outsourced_price: Number = quantity("money/lot")
    reagent_price: Number = quantity("money/lot")
    hours: Number = quantity("h/lot", at_most=500)
    turnaround_days: Number = quantity("days", at_most=120)
    validation_price: Number = quantity("money")


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality inputs."""

    coordination_hours: Number = quantity("h/lot", at_most=500)
    repeat_share: Number = quantity("fraction")
    in_process_price: Number = quantity("money/lot")
    retain_price: Number = quantity("money/lot")
    investigation_price: Number = quantity("money/event")
    stability_price: Number = quantity("money/yr")
    reference_price: Number = quantity("money/yr")
    laboratory_price: Number = quantity("money")
    laboratory_life: Number = quantity("yr", at_least=1, at_most=40)
    record_review_days: Number = quantity("days", at_most=60)
    expression_days: Number = quantity("days", at_most=30)
    deviations_base: Number = quantity("1/lot", at_most=50)
    deviations_per_open_manipulation: Number = quantity("1/count", at_most=5)
    deviation_major_share: Number = quantity("fraction")
    deviation_minor_price: Number = quantity("money/event")
    deviation_major_price: Number = quantity("money/event")
    contamination_price: Number = quantity("money/event")
    media_fill_price: Number = quantity("money/run")
    media_fills_per_year: Number = quantity("runs/yr", at_most=365)
    aseptic_qualification_price: Number = quantity("money/person")
    aseptic_qualifications_per_year: Number = quantity("1/person/yr", at_most=12)
    aseptic_qualifications_at_start: Number = quantity("1/person", at_most=12)
    systems_price: Number = quantity("money/yr")
    tests: Mapping[str, TestInputs] = table(TestInputs)


STANDING_TESTS = (
    "gram",
    "endotoxin",
    "vector_copy_number",
    "identity",
    "phenotype",
    "viability",
    "residuals",
    "appearance",
)
EXPRESSION_TESTS = ("vector_copy_number", "identity", "potency_cytokine", "potency_killing")
"""Tests of the new gene, which wait until it shows."""
COMPENDIAL_STERILITY = ("sterility_compendial", "sterility_growth")


def panel(sterility: str, mycoplasma: str, potency: str, recipe: Recipe, knock_outs: Number) -> dict[str, Number]:
    """Tests of a lot and how often each is run: the chosen sterility, mycoplasma and potency methods, the standing
    ones, those of the gene transfer, and those that optional steps bring, some for every knock-out."""
    chosen = (f"sterility_{sterility}", f"mycoplasma_{mycoplasma}", f"potency_{potency}")
    runs: dict[str, Number] = dict.fromkeys((*chosen, *STANDING_TESTS, *recipe.delivery_tests), 1.0)
    for entry in (entry for step in recipe.steps for entry in step.tests):
        name = f"potency_{potency}" if entry.test == "potency" else entry.test
        runs[name] = runs.get(name, 0.0) + (knock_outs if entry.per == "knock_out" else 1.0)
    return runs


def release_days(
    quality: Quality, tests: Mapping[str, Number], conditional: bool, days_after_transfer: Number
) -> Number:
    """Days from harvest to release: the longest open test, then record review.

    Conditional release does not wait for a growth-based sterility result. Tests of the new gene begin once it shows:
    after a short culture they wait for that.
    """
    waited = [name for name in tests if not (conditional and name in COMPENDIAL_STERILITY)]
    unexpressed = maximum(quality.expression_days - days_after_transfer, 0.0)
    longest: Number = 0.0
    for name in waited:
        turnaround = quality.tests[name].turnaround_days
        longest = maximum(longest, turnaround + unexpressed if name in EXPRESSION_TESTS else turnaround)
    return longest + quality.record_review_days


def analyst_hours_per_lot(quality: Quality, tests: Mapping[str, Number], in_house: bool) -> Number:
    """QC hours of a tested lot: the tests with repeats in house, or coordination of a laboratory outside."""
    if not in_house:
        return quality.coordination_hours
    return total(runs * quality.tests[name].hours for name, runs in tests.items()) * (1.0 + quality.repeat_share)


def deviations_per_lot(quality: Quality, work: Work) -> Number:
    """Deviations a lot raises, growing with its open manipulations."""
    return quality.deviations_base + quality.deviations_per_open_manipulation * work.open_manipulations


def tested_lots(funnel: Funnel) -> Number:
    """Lots that reach the release panel: those that did not fail before harvest."""
    early = funnel.failed_patient_material + funnel.failed_handling + funnel.failed_device
    return funnel.lots_started - early


def testing_costs(quality: Quality, funnel: Funnel, tests: Mapping[str, Number], in_house: bool) -> list[Line]:
    """One line for each test on every lot that is tested, repeats included, and in-process tests on every lot."""
    tested = tested_lots(funnel) * (1.0 + quality.repeat_share)
    lines = []
    for name, runs in tests.items():
        test = quality.tests[name]
        price = test.reagent_price if in_house else test.outsourced_price
        lines.append(Line(f"quality.tests.{name}", "quality", "release", PER_LOT, tested * runs, price))
    return [
        *lines,
        Line(
            "quality.tests.in_process",
            "quality",
            "expansion",
            PER_LOT,
            funnel.lots_started,
            quality.in_process_price,
        ),
    ]


def quality_upkeep(quality: Quality) -> list[Line]:
    """What quality costs whatever the volume and whoever makes the lots: stability, standards, systems."""
    return [
        Line("quality.stability", "quality", "", PER_YEAR, 1.0, quality.stability_price),
        Line("quality.reference_standards", "quality", "", PER_YEAR, 1.0, quality.reference_price),
        Line("quality.systems", "quality", "", PER_YEAR, 1.0, quality.systems_price),
    ]


def quality_event_costs(quality: Quality, funnel: Funnel, work: Work) -> list[Line]:
    """Retains, investigations, deviations and contaminations of the unit's own lots, and its media fills."""
    lots = funnel.lots_started
    deviations = lots * deviations_per_lot(quality, work)
    major = deviations * quality.deviation_major_share
    investigated = funnel.failed_contamination + funnel.failed_specification + funnel.released_out_of_specification
    return [
        Line("quality.retains", "quality", "release", PER_LOT, tested_lots(funnel), quality.retain_price),
        Line("quality.investigations", "quality", "release", PER_LOT, investigated, quality.investigation_price),
        Line(
            "quality.deviations_minor",
            "quality",
            "",
            PER_LOT,
            deviations - major,
            quality.deviation_minor_price,
        ),
        Line("quality.deviations_major", "quality", "", PER_LOT, major, quality.deviation_major_price),
        Line(
            "quality.contaminations",
            "quality",
            "",
            PER_LOT,
            funnel.failed_contamination,
            quality.contamination_price,
        ),
        Line(
            "quality.media_fills",
            "quality",
            "",
            PER_YEAR,
            quality.media_fills_per_year,
            quality.media_fill_price,
        ),
    ]


def aseptic_qualification(quality: Quality, operators: Number, joining: Number) -> list[Line]:
    """Gowning and media fill of every operator who does open work: each year, and more often in the first.

    ``operators`` are heads, ``joining`` those of them who start in a year. The runs that requalify the process itself
    are ``media_fills_per_year``.
    """
    yearly, first = quality.aseptic_qualifications_per_year, quality.aseptic_qualifications_at_start
    people = operators * yearly + joining * first
    return [Line("quality.aseptic_qualification", "quality", "", PER_YEAR, people, quality.aseptic_qualification_price)]


def quality_assets(quality: Quality, tests: Mapping[str, Number], in_house: bool) -> list[Asset]:
    """Validation of every method in use, and the laboratory where tests are done in house."""
    validation = total(quality.tests[name].validation_price for name in tests)
    assets = [Asset("quality.validation", "quality", validation, quality.laboratory_life)]
    if in_house:
        assets.append(Asset("quality.laboratory", "quality", quality.laboratory_price, quality.laboratory_life))
    return assets
