"""Optional steps, ways of gene transfer, grade of instruments: what each brings, by hand and on every platform."""

from itertools import product

import pytest

from dosecost import recipes, scenario, step_edits, step_library
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation, evaluate, recipe_of
from dosecost.ledger import Line
from dosecost.recipes import Recipe
from dosecost.scenario import Scenario, options, with_change, with_changes
from tests.quantities.builders import exactly

FOUNDER = scenario.load("founder")
EVERY = tuple(step_library.optional_steps())


def with_steps(*names: str, s: Scenario = FOUNDER, **inputs: float) -> Scenario:
    """A scenario with optional steps and own numbers of the process."""
    own = {f"process.{key}": value for key, value in inputs.items()}
    return with_changes(s, {step_edits.KEY: {"optional": list(names)}} | own, "test")


def line(e: Evaluation, name: str) -> Line:
    return next(line for line in e.results.lines if line.id == name)


def ids(recipe: Recipe) -> list[str]:
    return [step.id for step in recipe.steps]


@pytest.mark.parametrize("platform", recipes.load())
def test_each_step_stands_behind_the_one_it_follows_and_is_done_as_the_platform_does_its_own(platform: str) -> None:
    made = recipe_of(with_steps(*EVERY, s=with_change(FOUNDER, "platform", platform, "test")))
    steps = {step.id: step for step in made.steps}
    for name, option in step_library.optional_steps().items():
        own = steps[option.like]
        assert (steps[name].exposure, steps[name].crew) == (own.exposure, own.crew)
        assert set(own.devices) <= set(steps[name].devices)
        assert ids(made).index(name) > ids(made).index(option.after)
    assert ids(made).index("gene_editing") < ids(made).index("gene_transfer")


def test_gene_editing_by_hand() -> None:
    """Three knock-outs on the founder's open platform: 5,000 × 3 for nucleases and guides and 2,800 for the assembly a
    lot in USD of 2026, three off-target runs of every tested lot and the 5 % repeated, 250,000 a year for the licence;
    of the cells 0.7 survive, and of the CAR+ cells 0.85³ have all three. A day more, and a run that spoils 1.5 %."""
    before, e = evaluate(FOUNDER), evaluate(with_steps("gene_editing", knock_outs=3.0))
    lots = e.results.funnel.lots_started
    guides = line(e, "materials.gene_editing.nuclease_and_guide")
    plasmid = e.areas.materials.items["plasmid"].price  # 1,500 of the same price basis as the 5,000 for guides
    assert (guides.quantity, guides.price) == (exactly(3 * lots), exactly(plasmid * 10 / 3))
    assert line(e, "materials.gene_editing.electroporation_assembly").quantity == exactly(lots)
    tests = line(e, "quality.tests.off_target").quantity / line(e, "quality.tests.identity").quantity
    assert tests == exactly(3.0)
    assert line(e, "equipment.electroporator.licence").annual == e.areas.equipment.licences["electroporator"].fee
    cells, was = e.results.cells, before.results.cells
    assert cells.treated == exactly(0.7 * was.into_culture)
    assert cells.edited / cells.transduced == exactly(0.85**3)
    assert cells.viable == exactly(0.7 * 0.85**3 * was.viable)
    assert e.results.work.process_days == exactly(before.results.work.process_days + 1.0)
    losses, was_alive = e.areas.losses, 1 - before.results.funnel.lot_failure_rate
    hands = 1 - losses.handling_per_open_manipulation
    sterile = 1 - losses.contamination_per_open_manipulation
    alive = was_alive * 0.985 * (hands * sterile) ** 4  # four open manipulations more
    assert 1 - e.results.funnel.lot_failure_rate == exactly(alive)
    assert e.results.plant.devices["electroporator"] == 1.0


def test_depletion_enrichment_and_a_sample_lose_cells_where_they_stand() -> None:
    """Before the culture 0.8 of the selected are left, but the culture takes no more than 0.15e9 of the 1.14e9; after
    the expansion 0.7, or 0.98 with a sample."""
    was = evaluate(FOUNDER).results.cells
    depleted = evaluate(with_steps("depletion")).results.cells
    assert (depleted.selected, depleted.into_culture) == (exactly(0.8 * was.selected), was.into_culture)
    assert depleted.viable == exactly(was.viable)
    enriched = evaluate(with_steps("enrichment")).results.cells
    assert (enriched.edited, enriched.enriched) == (exactly(was.edited), exactly(0.7 * was.edited))
    assert enriched.missed_dose > was.missed_dose
    sampled = evaluate(with_steps("potency_sample"))
    assert sampled.results.cells.viable == exactly(0.98 * was.viable)
    runs = line(sampled, "quality.tests.potency_cytokine").quantity / line(sampled, "quality.tests.identity").quantity
    assert runs == exactly(2.0)


def test_an_optional_step_in_the_culture_does_not_share_its_length() -> None:
    before, e = evaluate(FOUNDER).results.work, evaluate(with_steps("gene_editing", "enrichment")).results.work
    assert e.culture_scale == before.culture_scale
    assert {s.id: s.days for s in e.steps}.items() >= {s.id: s.days for s in before.steps}.items()


@pytest.mark.parametrize("platform", recipes.load())
@pytest.mark.parametrize("name", EVERY)
def test_a_step_put_in_never_makes_a_dose_cheaper_or_surer(platform: str, name: str) -> None:
    s = with_changes(FOUNDER, {"platform": platform, "heads": "fractional"}, "test")
    before, e = evaluate(s), evaluate(with_steps(name, s=s))
    assert e.cost.per_patient_infused > before.cost.per_patient_infused
    assert e.results.cells.missed_dose >= before.results.cells.missed_dose
    assert e.results.funnel.lot_failure_rate >= before.results.funnel.lot_failure_rate


def test_each_knock_out_more_costs_and_misses_more() -> None:
    runs = [evaluate(with_steps("gene_editing", knock_outs=float(n))) for n in (1, 2, 3, 6)]
    assert sorted({e.cost.per_patient_infused for e in runs}) == [e.cost.per_patient_infused for e in runs]
    assert sorted({e.results.cells.missed_dose for e in runs}) == [e.results.cells.missed_dose for e in runs]


def test_gene_transfer_without_a_virus_by_hand() -> None:
    """No vector and no test for a virus; payload, assembly, electroporator, its licence; 0.7 of the cells survive and
    0.25, not 0.37, carry the gene."""
    before, e = evaluate(FOUNDER), evaluate(with_change(FOUNDER, "delivery", "non_viral", "test"))
    ledger = {line.id for line in e.results.lines}
    assert {"vector.plasmid", "vector.transposase", "materials.gene_transfer.electroporation_assembly"} <= ledger
    assert not ledger & {"vector.doses", "quality.tests.replication_competent_virus"}
    assert "equipment.electroporator.licence" in ledger
    assert e.results.cells.viable == exactly(0.7 * 0.25 / 0.37 * before.results.cells.viable)
    transfer = next(step for step in e.recipe.steps if step.id == "gene_transfer")
    assert (transfer.label, transfer.devices) == ("Electroporation", ("incubator", "electroporator"))


@pytest.mark.parametrize("tenure", options("tenure"))
@pytest.mark.parametrize("way", options("delivery"))
def test_every_way_in_every_kind_of_room_with_every_step(tenure: str, way: str) -> None:
    for platform in recipes.load():
        s = with_changes(FOUNDER, {"tenure": tenure, "delivery": way, "platform": platform}, "test")
        e = evaluate(with_steps(*EVERY, s=s))
        assert 0 < e.cost.per_patient_infused < 1e8
        assert sum(e.cost.categories.values()) == pytest.approx(e.cost.per_patient_infused)


def test_twice_the_cells_take_twice_the_vector() -> None:
    base = line(evaluate(FOUNDER), "vector.doses")
    more = evaluate(with_change(FOUNDER, "cells.cells_into_culture", 0.3, "test"))
    assert line(more, "vector.doses").quantity / more.results.funnel.lots_started == exactly(2.0)
    assert base.quantity == exactly(evaluate(FOUNDER).results.funnel.lots_started)


def test_a_rapid_culture_waits_for_the_gene_to_show() -> None:
    """Two days of culture, transduced for the second of ten reference days: 1.8 of 2 days from gene transfer on; of the
    four days until the gene shows 2.2 are left, then potency takes 4 and review 2 (paper)."""
    s = with_changes(FOUNDER, {"process.culture_days": 2.0, "sterility": "cytometry", "mycoplasma": "pcr"}, "test")
    e = evaluate(s)
    assert e.results.work.days_after_transfer == exactly(1.8)
    quality = e.areas.quality
    wait = quality.expression_days - 1.8 + quality.tests["potency_cytokine"].turnaround_days
    assert e.results.waits.to_release == exactly(e.results.work.process_days + wait + quality.record_review_days)


def test_research_grade_instruments_cost_less_now_and_say_what_comes() -> None:
    s = with_change(FOUNDER, "instruments", "research", "test")
    gmp, research = evaluate(FOUNDER), evaluate(s)
    assert research.results.invested < gmp.results.invested
    assert (gmp.results.transition_price, gmp.results.transition_months) == (0.0, 0.0)
    counts, priced = gmp.results.plant.devices, gmp.areas.capacity.devices
    again = sum(count * priced[device].price for device, count in counts.items() if device in priced)
    equipment = gmp.areas.equipment
    wanted = again * (1 + equipment.qualification_share) + gmp.areas.regulatory.comparability_price
    assert research.results.transition_price == exactly(wanted)
    assert evaluate(with_change(s, "tenure", "cdmo", "test")).results.transition_price == 0.0


def test_edits_of_an_optional_step_go_with_it() -> None:
    wanted = ids(recipe_of(with_steps("gene_editing")))[:-1]
    edits = step_edits.read(
        "test",
        {"optional": ["gene_editing"], "changed": [{"id": "gene_editing", "crew": "single"}], "order": wanted},
    )
    left = step_edits.choose(edits, ())
    assert (left.optional, left.changed, "gene_editing" in left.order) == ((), (), False)
    closed = with_change(with_steps("gene_editing"), "steps.gene_editing", "closed", "test")
    assert with_change(closed, step_edits.KEY, {}, "test") == FOUNDER


@pytest.mark.parametrize(
    ("edits", "named"),
    [
        ({"optional": ["teleport"]}, "step_edits.optional"),
        ({"optional": "gene_editing"}, "step_edits.optional"),
        ({"changed": [{"id": "gene_editing", "crew": "single"}]}, "step_edits.changed"),
        ({"order": ["gene_editing"]}, "step_edits.order"),
    ],
)
def test_what_is_no_optional_step_here_is_refused(edits: object, named: str) -> None:
    with pytest.raises(InputError, match=named):
        with_change(FOUNDER, step_edits.KEY, edits, "test")


def test_a_step_of_ones_own_cannot_take_the_name_of_an_optional_one() -> None:
    own = {"id": "enrichment", "label": "Mine", "group": "culture", "exposure": "open", "crew": "rule"}
    own |= {"devices": [], "materials": [], "days": 1.0, "hands_on_hours": 1.0, "open_manipulations": 0.0}
    with pytest.raises(InputError, match="one of the optional steps"):
        with_change(FOUNDER, step_edits.KEY, {"added": [own]}, "test")


@pytest.mark.parametrize(("names", "way"), list(product([EVERY, EVERY[:1]], options("delivery"))))
def test_a_scenario_with_them_is_saved_and_read(names: tuple[str, ...], way: str) -> None:
    s = with_steps(*names, s=with_change(FOUNDER, "delivery", way, "test"))
    assert scenario.parse(scenario.dump(s), "again") == s


def test_I_43_an_optional_step_never_raises_the_ceiling() -> None:
    """Culture moved to another device: the optional step goes along, and the device that limits stays the culture's."""
    moved = [{"id": name, "devices": ["rocking_bioreactor"]} for name in ("activation", "gene_transfer", "expansion")]
    fixed = {"sizing": "fixed_plant", "capacity.devices_installed": 2.0, "capacity.suites_installed": 6.0}
    s = with_changes(FOUNDER, fixed | {"demand.patients_per_year": 150.0}, "test")
    before = evaluate(with_change(s, step_edits.KEY, {"changed": moved}, "test"))
    after = evaluate(with_change(s, step_edits.KEY, {"changed": moved, "optional": ["gene_editing"]}, "test"))
    assert before.recipe.limiting_device == after.recipe.limiting_device == "rocking_bioreactor"
    assert after.results.plant.ceiling < before.results.plant.ceiling
    assert after.results.plant.devices["rocking_bioreactor"] == 2.0


@pytest.mark.parametrize(
    "change", [{"devices": ["incubator", "centrifuge"]}, {"materials": ["buffer"]}, {"devices": []}]
)
def test_what_gene_transfer_brings_stays_however_its_step_is_changed(change: dict[str, list[str]]) -> None:
    edits = {step_edits.KEY: {"changed": [{"id": "gene_transfer", **change}]}}
    e = evaluate(with_changes(FOUNDER, edits | {"delivery": "non_viral"}, "test"))
    ledger = {line.id for line in e.results.lines}
    assert {"equipment.electroporator.licence", "materials.gene_transfer.electroporation_assembly"} <= ledger
    assert e.results.plant.devices["electroporator"] >= 1.0


def test_the_order_in_which_optional_steps_were_chosen_is_nothing() -> None:
    one, other = with_steps("depletion", "gene_editing"), with_steps("gene_editing", "depletion")
    assert one.digest == other.digest


def test_a_step_of_ones_own_cannot_take_a_name_of_the_ledger() -> None:
    own = {"id": "expired", "label": "Mine", "group": "culture", "exposure": "open", "crew": "rule"}
    own |= {"devices": [], "materials": ["buffer"], "days": 1.0, "hands_on_hours": 1.0, "open_manipulations": 0.0}
    with pytest.raises(InputError, match="the ledger uses it"):
        with_change(FOUNDER, step_edits.KEY, {"added": [own]}, "test")
