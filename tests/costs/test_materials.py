"""Bill of materials, sets of closed steps, write-off and vector, by hand."""

from dataclasses import replace

import pytest

from dosecost.costs.materials import (
    ItemInputs,
    Materials,
    amount_per_lot,
    consumables,
    material_costs,
    price_of_one_lot,
    vector_costs,
)
from dosecost.ledger import PER_LOT, PER_YEAR, Line
from dosecost.quantities.cells import Cells
from dosecost.quantities.process import Process, Work
from dosecost.recipes import Material, Step
from tests.quantities.builders import check_rows, exactly, nothing, recipe, stated

BUFFER = Material("buffer")
MEDIUM = Material("medium", quantity="medium_litres", per="culture")
SERUM = Material("serum", per="culture")
RECIPE = recipe(
    [
        Step("thaw_wash", "Thaw", "front_end", "open", materials=(BUFFER,)),
        Step("expansion", "Expansion", "culture", "open", materials=(MEDIUM, SERUM)),
    ]
)
MATERIALS = stated(
    Materials,
    medium_litres=6.0,
    closed_step_set_price=600.0,
    write_off_share=0.08,
    vector_dose_price=20_000.0,
    vector_dose_cells=0.2,
    items={"buffer": ItemInputs(120.0), "medium": ItemInputs(400.0), "serum": ItemInputs(1_000.0)},
)


PROCESS = stated(Process, knock_outs=3.0)
CELLS = stated(Cells, cells_into_culture=0.2)


def work(scale: float = 1.0, closed: float = 0.0) -> Work:
    built: Work = nothing(Work, culture_scale=scale, closed_by_choice=closed)
    return built


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


def test_ten_lots_at_half_the_culture_length_with_two_steps_closed() -> None:
    """Buffer 10 × 120. Medium 10 × 6 L × half × 400. Serum 10 × half × 1,000. Sets 10 × 2 × 600. Together 30,200."""
    lines = material_costs(RECIPE, MATERIALS, work(0.5, 2.0), PROCESS, 10.0)
    assert annual(lines) == {
        "materials.thaw_wash.buffer": exactly(1_200.0),
        "materials.expansion.medium": exactly(12_000.0),
        "materials.expansion.serum": exactly(5_000.0),
        "materials.closed_step_sets": exactly(12_000.0),
        "materials.write_off": exactly(2_416.0),  # 8 % of 30,200
    }
    assert {line.basis for line in lines} == {PER_LOT}
    assert {line.category for line in lines} == {"materials"}
    assert {line.step for line in lines if "expansion" in line.id} == {"expansion"}


def test_at_the_reference_culture_with_nothing_closed_by_choice() -> None:
    lines = consumables(RECIPE, MATERIALS, work(), PROCESS, 1.0)
    assert sum(line.annual for line in lines) == exactly(3_520.0)  # 120 + 2,400 + 1,000
    assert annual(lines)["materials.closed_step_sets"] == 0.0


def test_amounts_of_one_lot() -> None:
    assert amount_per_lot(BUFFER, MATERIALS, work(0.5), PROCESS) == 1.0
    assert amount_per_lot(MEDIUM, MATERIALS, work(0.5), PROCESS) == exactly(3.0)
    assert amount_per_lot(MEDIUM, MATERIALS, work(1.4), PROCESS) == exactly(8.4)
    assert amount_per_lot(SERUM, MATERIALS, work(1.4), PROCESS) == exactly(1.4)
    assert amount_per_lot(Material("medium", quantity="medium_litres"), MATERIALS, work(1.4), PROCESS) == 6.0
    assert amount_per_lot(Material("guide", per="knock_out"), MATERIALS, work(1.4), PROCESS) == 3.0


def test_money_lost_with_one_lot() -> None:
    # Consumables 3,520, one set of a closed step 600, a dose of vector 20,000; no write-off.
    assert price_of_one_lot(RECIPE, MATERIALS, work(1.0, 1.0), PROCESS, CELLS) == exactly(24_120.0)


def test_an_item_in_two_steps_is_two_lines() -> None:
    twice = recipe(
        [
            Step("thaw_wash", "Thaw", "front_end", "open", materials=(BUFFER,)),
            Step("harvest", "Harvest", "back_end", "open", materials=(BUFFER,)),
        ]
    )
    lines = consumables(twice, MATERIALS, work(), PROCESS, 3.0)
    assert annual(lines)["materials.thaw_wash.buffer"] == exactly(360.0)
    assert annual(lines)["materials.harvest.buffer"] == exactly(360.0)


def test_no_write_off() -> None:
    free = stated(Materials, medium_litres=6.0, closed_step_set_price=600.0, write_off_share=0.0, items=MATERIALS.items)
    assert annual(material_costs(RECIPE, free, work(), PROCESS, 7.0))["materials.write_off"] == 0.0


def campaign(lots: float, doses: float = 20.0, shelf_life: float = 2.0, price: float = 400_000.0) -> tuple[Line, Line]:
    """The lines of what is used and of what expires."""
    areas = stated(
        Materials,
        vector_campaign_price=price,
        vector_doses_per_campaign=doses,
        vector_shelf_life=shelf_life,
        vector_dose_cells=0.2,
    )
    used, expired = vector_costs(RECIPE, areas, CELLS, lots, True)
    return used, expired


def test_vector_by_the_dose() -> None:
    (line,) = vector_costs(RECIPE, MATERIALS, CELLS, 10.0, False)
    assert line.annual == exactly(200_000.0)
    assert (line.basis, line.step, line.category) == (PER_LOT, "gene_transfer", "vector")


def test_a_culture_of_twice_the_cells_takes_two_doses_of_vector() -> None:
    """0.4e9 cells at 0.2e9 a dose: ten lots take twenty doses of 20,000; of a campaign of 20 doses, all."""
    twice = stated(Cells, cells_into_culture=0.4)
    (line,) = vector_costs(RECIPE, MATERIALS, twice, 10.0, False)
    assert (line.quantity, line.annual) == (exactly(20.0), exactly(400_000.0))
    areas = stated(
        Materials,
        vector_campaign_price=1.0,
        vector_doses_per_campaign=20.0,
        vector_shelf_life=2.0,
        vector_dose_cells=0.2,
    )
    assert vector_costs(RECIPE, areas, twice, 10.0, True)[0].quantity == exactly(1.0)


@pytest.mark.parametrize("campaign", [True, False])
def test_a_payload_without_a_virus_takes_the_place_of_the_vector(campaign: bool) -> None:
    """Plasmid 1,500 and transposase 1,000 a lot, whichever way vector would be bought; a lost lot loses them."""
    items = MATERIALS.items | {"plasmid": ItemInputs(1_500.0), "transposase": ItemInputs(1_000.0)}
    areas = replace(MATERIALS, items=items)
    without = replace(RECIPE, payload=(Material("plasmid"), Material("transposase")))
    lines = vector_costs(without, areas, CELLS, 10.0, campaign)
    assert annual(lines) == {"vector.plasmid": exactly(15_000.0), "vector.transposase": exactly(10_000.0)}
    assert {(line.basis, line.step, line.category) for line in lines} == {(PER_LOT, "gene_transfer", "vector")}
    assert price_of_one_lot(without, areas, work(), PROCESS, CELLS) == exactly(3_520.0 + 2_500.0)


def test_vector_campaign_limited_by_its_doses() -> None:
    # 50 lots over 20 doses: two and a half campaigns a year of 400,000; nothing expires.
    used, expired = campaign(50.0)
    assert used.quantity == exactly(2.5)
    assert used.annual == exactly(1_000_000.0)
    assert expired.annual == 0.0
    assert {(line.basis, line.step, line.category) for line in (used, expired)} == {
        (PER_YEAR, "gene_transfer", "vector")
    }


def test_vector_campaign_limited_by_its_shelf_life() -> None:
    # Four lots use a fifth of a campaign a year; it expires after two years: half a campaign a year, 0.3 of it unused.
    used, expired = campaign(4.0)
    assert used.quantity == exactly(0.2)
    assert expired.quantity == exactly(0.3)
    assert used.annual + expired.annual == exactly(200_000.0)


def test_vector_campaign_at_the_point_where_both_limits_meet() -> None:
    used, expired = campaign(10.0)
    assert (used.quantity, expired.quantity) == (exactly(0.5), 0.0)


def test_a_short_shelf_life_needs_more_than_one_campaign_a_year() -> None:
    used, expired = campaign(4.0, shelf_life=0.25)
    assert used.annual + expired.annual == exactly(1_600_000.0)


def test_I_47_a_shorter_shelf_life_never_wastes_less() -> None:
    wasted = [campaign(4.0, shelf_life=years)[1].annual for years in (0.25, 0.5, 1.0, 2.0, 5.0, 20.0)]
    assert wasted == sorted(wasted, reverse=True)
    assert wasted[-1] == 0.0


def test_I_64_rows() -> None:
    def of(lots: float, scale: float, litres: float, price: float, life: float) -> list[Line]:
        areas = stated(
            Materials,
            medium_litres=litres,
            closed_step_set_price=600.0,
            write_off_share=0.08,
            vector_dose_price=price,
            vector_dose_cells=0.2,
            vector_campaign_price=price * 10,
            vector_doses_per_campaign=20.0,
            vector_shelf_life=life,
            items=MATERIALS.items,
        )
        return [
            *material_costs(RECIPE, areas, work(scale, 1.0), PROCESS, lots),
            *vector_costs(RECIPE, areas, CELLS, lots, False),
            *vector_costs(RECIPE, areas, CELLS, lots, True),
        ]

    check_rows(
        of,
        lots=[1.0, 50.0, 3.5],
        scale=[0.5, 1.0, 1.4],
        litres=[3.0, 6.0, 12.0],
        price=[1e4, 2e4, 5e4],
        life=[0.5, 2.0, 1.0],
    )
