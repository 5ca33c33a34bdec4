"""Bill of materials, sets of closed steps, write-off and vector, by hand."""

from dataclasses import replace

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
from dosecost.quantities.process import Work
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
    connection_price=20.0,
    write_off_share=0.08,
    vector_dose_price=20_000.0,
    items={"buffer": ItemInputs(120.0), "medium": ItemInputs(400.0), "serum": ItemInputs(1_000.0)},
)


def work(scale: float = 1.0, closed: float = 0.0, connections: float = 0.0) -> Work:
    built: Work = nothing(Work, culture_scale=scale, closed_by_choice=closed, closed_connections=connections)
    return built


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


def test_ten_lots_at_half_the_culture_length_with_two_steps_closed() -> None:
    """Buffer 10 × 120. Medium 10 × 6 L × half × 400. Serum 10 × half × 1,000. Sets 10 × 2 × 600.
    Connections 10 × 9 × 20. Together 32,000."""
    lines = material_costs(RECIPE, MATERIALS, work(0.5, 2.0, 9.0), 10.0)
    assert annual(lines) == {
        "materials.thaw_wash.buffer": exactly(1_200.0),
        "materials.expansion.medium": exactly(12_000.0),
        "materials.expansion.serum": exactly(5_000.0),
        "materials.closed_step_sets": exactly(12_000.0),
        "materials.connections": exactly(1_800.0),
        "materials.write_off": exactly(2_560.0),  # 8 % of 32,000
    }
    assert {line.basis for line in lines} == {PER_LOT}
    assert {line.category for line in lines} == {"materials"}
    assert {line.step for line in lines if "expansion" in line.id} == {"expansion"}


def test_at_the_reference_culture_with_nothing_closed_by_choice() -> None:
    lines = consumables(RECIPE, MATERIALS, work(), 1.0)
    assert sum(line.annual for line in lines) == exactly(3_520.0)  # 120 + 2,400 + 1,000
    assert annual(lines)["materials.closed_step_sets"] == annual(lines)["materials.connections"] == 0.0


def test_amounts_of_one_lot() -> None:
    assert amount_per_lot(BUFFER, MATERIALS, work(0.5)) == 1.0
    assert amount_per_lot(MEDIUM, MATERIALS, work(0.5)) == exactly(3.0)
    assert amount_per_lot(MEDIUM, MATERIALS, work(1.4)) == exactly(8.4)
    assert amount_per_lot(SERUM, MATERIALS, work(1.4)) == exactly(1.4)
    assert amount_per_lot(Material("medium", quantity="medium_litres"), MATERIALS, work(1.4)) == 6.0


def test_money_lost_with_one_lot() -> None:
    # Consumables 3,520, one set of a closed step 600, four connections 80, a dose of vector 20,000; no write-off.
    assert price_of_one_lot(RECIPE, MATERIALS, work(1.0, 1.0, 4.0)) == exactly(24_200.0)


def test_a_platform_s_own_closed_step_needs_connections_and_no_set() -> None:
    lines = annual(consumables(RECIPE, MATERIALS, work(connections=5.0), 2.0))
    assert lines["materials.closed_step_sets"] == 0.0
    assert lines["materials.connections"] == exactly(200.0)


def test_an_item_in_two_steps_is_two_lines() -> None:
    twice = recipe(
        [
            Step("thaw_wash", "Thaw", "front_end", "open", materials=(BUFFER,)),
            Step("harvest", "Harvest", "back_end", "open", materials=(BUFFER,)),
        ]
    )
    lines = consumables(twice, MATERIALS, work(), 3.0)
    assert annual(lines)["materials.thaw_wash.buffer"] == exactly(360.0)
    assert annual(lines)["materials.harvest.buffer"] == exactly(360.0)


def test_no_write_off() -> None:
    free = replace(MATERIALS, write_off_share=0.0)
    assert annual(material_costs(RECIPE, free, work(), 7.0))["materials.write_off"] == 0.0


def campaign(lots: float, doses: float = 20.0, shelf_life: float = 2.0, price: float = 400_000.0) -> tuple[Line, Line]:
    """The lines of what is used and of what expires."""
    areas = stated(
        Materials, vector_campaign_price=price, vector_doses_per_campaign=doses, vector_shelf_life=shelf_life
    )
    used, expired = vector_costs(areas, lots, True)
    return used, expired


def test_vector_by_the_dose() -> None:
    (line,) = vector_costs(MATERIALS, 10.0, False)
    assert line.annual == exactly(200_000.0)
    assert (line.basis, line.step, line.category) == (PER_LOT, "gene_transfer", "vector")


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
            connection_price=20.0,
            write_off_share=0.08,
            vector_dose_price=price,
            vector_campaign_price=price * 10,
            vector_doses_per_campaign=20.0,
            vector_shelf_life=life,
            items=MATERIALS.items,
        )
        return [
            *material_costs(RECIPE, areas, work(scale, 1.0, 3.0), lots),
            *vector_costs(areas, lots, False),
            *vector_costs(areas, lots, True),
        ]

    check_rows(
        of,
        lots=[1.0, 50.0, 3.5],
        scale=[0.5, 1.0, 1.4],
        litres=[3.0, 6.0, 12.0],
        price=[1e4, 2e4, 5e4],
        life=[0.5, 2.0, 1.0],
    )
