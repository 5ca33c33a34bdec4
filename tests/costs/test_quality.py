"""Release panel, turnaround, repeats, deviations and upkeep, by hand."""

from typing import Any

import pytest

from dosecost.costs import quality
from dosecost.costs.quality import Quality
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line
from dosecost.quantities.losses import Funnel
from dosecost.quantities.process import Work
from dosecost.recipes import Step, StepTest
from dosecost.step_library import delivered
from tests.quantities.builders import check_rows, exactly, nothing, recipe, stated

STANDING = {
    "gram",
    "endotoxin",
    "vector_copy_number",
    "replication_competent_virus",
    "identity",
    "phenotype",
    "viability",
    "residuals",
    "appearance",
}
TURNAROUND = {
    "sterility_compendial": 14.0,
    "sterility_growth": 7.0,
    "sterility_pcr": 3.0,
    "sterility_cytometry": 1.0,
    "mycoplasma_culture": 28.0,
    "mycoplasma_pcr": 2.0,
    "potency_cytokine": 4.0,
    "potency_killing": 5.0,
}


def catalogue() -> dict[str, Any]:
    """Every test: 500 sent out, 100 of reagents and 2 h in house, a day, 10,000 to validate; the methods by choice
    as in the table above; sterility costs 900 sent out and potency takes 6 h in house."""
    standing = dict.fromkeys(STANDING, quality.TestInputs(500.0, 100.0, 2.0, 1.0, 10_000.0))
    by_choice = {
        name: quality.TestInputs(
            900.0 if name.startswith("sterility") else 500.0,
            100.0,
            6.0 if name.startswith("potency") else 2.0,
            days,
            10_000.0,
        )
        for name, days in TURNAROUND.items()
    }
    return standing | by_choice


def area(**changed: Any) -> Quality:
    values: dict[str, Any] = {
        "coordination_hours": 8.0,
        "repeat_share": 0.05,
        "in_process_price": 800.0,
        "retain_price": 60.0,
        "investigation_price": 15_000.0,
        "record_review_days": 2.0,
        "expression_days": 4.0,
        "deviations_base": 0.5,
        "deviations_per_open_manipulation": 0.05,
        "deviation_major_share": 0.1,
        "deviation_minor_price": 1_000.0,
        "deviation_major_price": 12_000.0,
        "contamination_price": 50_000.0,
        "media_fill_price": 9_000.0,
        "media_fills_per_year": 4.0,
    }
    built: Quality = stated(Quality, **values | changed, tests=catalogue())
    return built


# 50 lots: 4 fail before harvest (2 of material, 1 of handling, 1 of the device), so 46 are tested.
FUNNEL = nothing(
    Funnel,
    lots_started=50.0,
    failed_patient_material=2.0,
    failed_handling=1.0,
    failed_device=1.0,
    failed_contamination=0.5,
    failed_specification=1.5,
    released_out_of_specification=3.0,
)
WORK = nothing(Work, open_manipulations=20.0)


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


LONG = 10.0
"""Days in culture after gene transfer that leave nothing to wait for."""


def panel_of(sterility: str, mycoplasma: str, potency: str, *steps: Step, knock_outs: float = 1.0) -> dict[str, Any]:
    made = delivered(recipe(list(steps)), "lentiviral")
    return quality.panel(sterility, mycoplasma, potency, made, knock_outs)


def test_steps_and_gene_transfer_bring_their_tests() -> None:
    """Three knock-outs: three off-target runs. A sample in process: potency twice. No virus: no test for one."""
    editing = Step("editing", "Editing", "culture", "open", tests=(StepTest("off_target", "knock_out"),))
    sample = Step("sample", "Sample", "culture", "open", tests=(StepTest("potency"),))
    panel = panel_of("pcr", "pcr", "killing", editing, sample, knock_outs=3.0)
    assert (panel["off_target"], panel["potency_killing"], panel["identity"]) == (3.0, 2.0, 1.0)
    assert "replication_competent_virus" in panel
    without = quality.panel("pcr", "pcr", "killing", delivered(recipe([]), "non_viral"), 1.0)
    assert set(panel) - set(without) == {"replication_competent_virus", "off_target"}


def test_runs_of_a_test_count_in_hours_and_lines() -> None:
    """Potency of 6 h a second time: 34 h and a twentieth. 46 lots, a twentieth repeated, twice: 96.6 runs."""
    twice = PANEL | {"potency_cytokine": 2.0}
    assert quality.analyst_hours_per_lot(area(), twice, True) == exactly(35.7)
    runs = {line.id: line.quantity for line in quality.testing_costs(area(), FUNNEL, twice, False)}
    assert runs["quality.tests.potency_cytokine"] == exactly(96.6)


@pytest.mark.parametrize(
    ("days_after_transfer", "days"),
    [
        (10.0, 6.0),  # potency takes 4, review 2
        (4.0, 6.0),
        (1.5, 8.5),  # the gene shows 2.5 days later
        (0.0, 10.0),
    ],
)
def test_after_a_short_culture_tests_of_the_gene_wait_until_it_shows(days_after_transfer: float, days: float) -> None:
    panel = panel_of("pcr", "pcr", "cytokine")
    assert quality.release_days(area(), panel, False, days_after_transfer) == exactly(days)


def test_the_panel_is_the_three_choices_and_the_standing_tests() -> None:
    panel = panel_of("pcr", "culture", "killing")
    assert len(panel) == len(set(panel)) == 12
    assert set(panel) == STANDING | {"sterility_pcr", "mycoplasma_culture", "potency_killing"}


@pytest.mark.parametrize(
    ("sterility", "mycoplasma", "conditional", "days"),
    [
        ("compendial", "pcr", False, 16.0),  # 14 days of sterility and 2 of review
        ("compendial", "pcr", True, 6.0),  # not waited for: potency takes 4
        ("growth", "pcr", False, 9.0),
        ("growth", "pcr", True, 6.0),
        ("pcr", "pcr", False, 6.0),  # potency is longer than 3 days
        ("cytometry", "pcr", True, 6.0),
        ("compendial", "culture", False, 30.0),  # 28 days of mycoplasma culture
        ("compendial", "culture", True, 30.0),
    ],
)
def test_release_takes_the_longest_test_and_the_review(
    sterility: str, mycoplasma: str, conditional: bool, days: float
) -> None:
    panel = panel_of(sterility, mycoplasma, "cytokine")
    assert quality.release_days(area(), panel, conditional, LONG) == exactly(days)


def test_conditional_release_waits_for_a_rapid_sterility_test() -> None:
    slow = catalogue() | {"sterility_pcr": quality.TestInputs(0.0, 0.0, 0.0, 12.0, 0.0)}
    areas = stated(Quality, record_review_days=2.0, expression_days=4.0, tests=slow)
    assert quality.release_days(areas, panel_of("pcr", "pcr", "cytokine"), True, LONG) == exactly(14.0)


PANEL = panel_of("compendial", "pcr", "cytokine")


def test_analyst_hours_in_house_and_sent_out() -> None:
    # Eleven tests of 2 h and potency of 6 h are 28 h; a twentieth is repeated.
    assert quality.analyst_hours_per_lot(area(), PANEL, True) == exactly(29.4)
    assert quality.analyst_hours_per_lot(area(), PANEL, False) == exactly(8.0)


def test_I_17_runs_of_the_panel() -> None:
    """46 tested lots with a twentieth repeated are 48.3 runs of each of the twelve tests."""
    lines = quality.testing_costs(area(), FUNNEL, PANEL, False)
    runs = {line.id: line.quantity for line in lines}
    assert runs.pop("quality.tests.in_process") == 50.0
    assert runs == {f"quality.tests.{name}": exactly(48.3) for name in PANEL}


def test_testing_sent_out() -> None:
    # 48.3 runs of eleven tests of 500 and sterility of 900; 50 lots of in-process tests at 800.
    lines = quality.testing_costs(area(), FUNNEL, PANEL, False)
    assert annual(lines)["quality.tests.sterility_compendial"] == exactly(43_470.0)
    assert sum(line.annual for line in lines) == exactly(349_120.0)  # 48.3 × 6,400 + 40,000
    assert {line.basis for line in lines} == {PER_LOT}


def test_testing_in_house() -> None:
    # 48.3 runs of twelve tests of 100 in reagents, and the in-process tests.
    lines = quality.testing_costs(area(), FUNNEL, PANEL, True)
    assert sum(line.annual for line in lines) == exactly(97_960.0)  # 57,960 + 40,000


def test_no_repeats_no_failures() -> None:
    lines = quality.testing_costs(area(repeat_share=0.0), nothing(Funnel, lots_started=10.0), PANEL, False)
    assert sum(line.annual for line in lines) == exactly(72_000.0)  # 10 × (6,400 + 800)


def test_events_of_the_units_own_lots() -> None:
    """A lot raises 0.5 + 20 × 0.05 = 1.5 deviations: 75 a year, 7.5 of them major.

    Investigated are 0.5 contaminated lots, 1.5 out of specification and refused, 3 released out of specification.
    """
    lines = quality.quality_event_costs(area(), FUNNEL, WORK)
    assert quality.deviations_per_lot(area(), WORK) == exactly(1.5)
    assert annual(lines) == {
        "quality.retains": exactly(2_760.0),  # 46 tested lots × 60
        "quality.investigations": exactly(75_000.0),  # 5 × 15,000
        "quality.deviations_minor": exactly(67_500.0),  # 67.5 × 1,000
        "quality.deviations_major": exactly(90_000.0),  # 7.5 × 12,000
        "quality.contaminations": exactly(25_000.0),  # 0.5 × 50,000
        "quality.media_fills": exactly(36_000.0),  # 4 × 9,000
    }
    assert {line.id for line in lines if line.basis == PER_YEAR} == {"quality.media_fills"}


def test_aseptic_qualification_of_operators_by_hand() -> None:
    """Eight operators once a year, two of them joiners, who qualify three times: 14 times 500."""
    areas = stated(
        Quality,
        aseptic_qualification_price=500.0,
        aseptic_qualifications_per_year=1.0,
        aseptic_qualifications_at_start=3.0,
    )
    (line,) = quality.aseptic_qualification(areas, 8.0, 2.0)
    assert (line.quantity, line.annual) == (exactly(14.0), exactly(7_000.0))
    assert (line.category, line.basis) == ("quality", PER_YEAR)
    assert quality.aseptic_qualification(areas, 0.0, 0.0)[0].annual == 0.0
    check_rows(
        lambda heads, joining: quality.aseptic_qualification(areas, heads, joining),
        heads=[0.0, 3.0, 8.0],
        joining=[0.0, 0.6, 2.0],
    )


def test_a_closed_process_raises_the_base_deviations_only() -> None:
    assert quality.deviations_per_lot(area(), nothing(Work)) == exactly(0.5)


def test_upkeep_whatever_the_volume() -> None:
    areas = stated(Quality, stability_price=30_000.0, reference_price=12_000.0, systems_price=80_000.0)
    lines = quality.quality_upkeep(areas)
    assert sum(line.annual for line in lines) == exactly(122_000.0)
    assert {line.basis for line in lines} == {PER_YEAR}


def test_validation_of_the_panel_and_the_laboratory() -> None:
    areas = area(laboratory_price=1_500_000.0, laboratory_life=10.0)
    validation = Asset("quality.validation", "quality", exactly(120_000.0), 10.0)  # twelve methods of 10,000
    assert quality.quality_assets(areas, PANEL, False) == [validation]
    assert quality.quality_assets(areas, PANEL, True) == [
        validation,
        Asset("quality.laboratory", "quality", 1_500_000.0, 10.0),
    ]


def test_I_46_a_longer_panel_costs_more_and_takes_no_less_time() -> None:
    shorter = dict(list(PANEL.items())[:-1])
    dearer = sum(line.annual for line in quality.testing_costs(area(), FUNNEL, PANEL, False))
    cheaper = sum(line.annual for line in quality.testing_costs(area(), FUNNEL, shorter, False))
    assert dearer - cheaper == exactly(24_150.0)  # 48.3 × 500
    assert quality.release_days(area(), PANEL, False, LONG) >= quality.release_days(area(), shorter, False, LONG)


@pytest.mark.parametrize("in_house", [False, True])
def test_I_64_rows(in_house: bool) -> None:
    def of(lots: float, repeat: float, review: float, manipulations: float) -> list[Any]:
        areas = area(repeat_share=repeat, record_review_days=review, laboratory_price=1.0, laboratory_life=5.0)
        funnel = FUNNEL._replace(lots_started=lots)
        return [
            quality.testing_costs(areas, funnel, PANEL, in_house),
            quality.quality_event_costs(areas, funnel, nothing(Work, open_manipulations=manipulations)),
            quality.release_days(areas, PANEL, True, LONG),
            quality.analyst_hours_per_lot(areas, PANEL, in_house),
        ]

    check_rows(of, lots=[50.0, 5.0, 99.5], repeat=[0.0, 0.05, 0.12], review=[2.0, 5.0, 1.0], manipulations=[0.0, 5, 43])
