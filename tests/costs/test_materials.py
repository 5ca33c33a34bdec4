"""Bill of materials, how it is bought, sets of closed steps, what is thrown away, and vector, by hand."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost.costs.materials import (
    ItemInputs,
    Materials,
    Purchase,
    amount_per_lot,
    doses_by_titre,
    material_costs,
    price_of_one_lot,
    purchase,
    purchases,
    vector_costs,
    vector_per_dose,
)
from dosecost.ledger import PER_LOT, PER_YEAR, Line, annual_total
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
BOUGHT_AS_USED = {"minimum_order_lots": 1.0, "price_break_lots": 1_000.0, "price_break_share": 0.1}
"""Orders of one lot's worth and a price break far away: nothing expires, nothing is cheaper."""
MATERIALS = stated(
    Materials,
    medium_litres=6.0,
    closed_step_set_price=600.0,
    connection_price=20.0,
    write_off_share=0.08,
    vector_dose_price=20_000.0,
    vector_dose_cells=0.2,
    items={
        "buffer": ItemInputs(120.0, 1.0, 1.0),
        "medium": ItemInputs(400.0, 0.1, 1.0),
        "serum": ItemInputs(1_000.0, 0.1, 1.0),
    },
    **BOUGHT_AS_USED,
)


PROCESS = stated(Process, knock_outs=3.0)
CELLS = stated(Cells, cells_into_culture=0.2)


def work(scale: float = 1.0, closed: float = 0.0, connections: float = 0.0) -> Work:
    built: Work = nothing(Work, culture_scale=scale, closed_by_choice=closed, closed_connections=connections)
    return built


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


def test_ten_lots_at_half_the_culture_length_with_two_steps_closed() -> None:
    """Buffer 10 × 120. Medium 10 × 6 L × half × 400. Serum 10 × half × 1,000. Sets 10 × 2 × 600.
    Connections 10 × 9 × 20. Together 32,000."""
    lines = material_costs(RECIPE, MATERIALS, work(0.5, 2.0, 9.0), PROCESS, 10.0)
    assert annual(lines) == {
        "materials.thaw_wash.buffer": exactly(1_200.0),
        "materials.expansion.medium": exactly(12_000.0),
        "materials.expansion.serum": exactly(5_000.0),
        "materials.closed_step_sets": exactly(12_000.0),
        "materials.connections": exactly(1_800.0),
        "materials.write_off": exactly(2_560.0),  # 8 % of 32,000
        "materials.expired.buffer": 0.0,
        "materials.expired.medium": 0.0,
        "materials.expired.serum": 0.0,
    }
    assert {line.basis for line in lines} == {PER_LOT, PER_YEAR}
    assert {line.id for line in lines if line.basis == PER_YEAR} == {line.id for line in lines if "expired" in line.id}
    assert {line.category for line in lines} == {"materials"}
    assert {line.step for line in lines if "expansion" in line.id} == {"expansion"}


def test_at_the_reference_culture_with_nothing_closed_by_choice() -> None:
    lines = material_costs(RECIPE, MATERIALS, work(), PROCESS, 1.0)
    assert sum(line.annual for line in lines) == exactly(3_801.6)  # (120 + 2,400 + 1,000) × 1.08
    assert annual(lines)["materials.closed_step_sets"] == annual(lines)["materials.connections"] == 0.0


def test_amounts_of_one_lot() -> None:
    assert amount_per_lot(BUFFER, MATERIALS, work(0.5), PROCESS) == 1.0
    assert amount_per_lot(MEDIUM, MATERIALS, work(0.5), PROCESS) == exactly(3.0)
    assert amount_per_lot(MEDIUM, MATERIALS, work(1.4), PROCESS) == exactly(8.4)
    assert amount_per_lot(SERUM, MATERIALS, work(1.4), PROCESS) == exactly(1.4)
    assert amount_per_lot(Material("medium", quantity="medium_litres"), MATERIALS, work(1.4), PROCESS) == 6.0
    assert amount_per_lot(Material("guide", per="knock_out"), MATERIALS, work(1.4), PROCESS) == 3.0


def test_money_lost_with_one_lot() -> None:
    # Consumables 3,520, one set of a closed step 600, four connections 80, a dose of vector 20,000; no write-off.
    assert price_of_one_lot(RECIPE, MATERIALS, work(1.0, 1.0, 4.0), PROCESS, CELLS) == exactly(24_200.0)


def test_a_platform_s_own_closed_step_needs_connections_and_no_set() -> None:
    lines = annual(material_costs(RECIPE, MATERIALS, work(connections=5.0), PROCESS, 2.0))
    assert lines["materials.closed_step_sets"] == 0.0
    assert lines["materials.connections"] == exactly(200.0)


def test_an_item_in_two_steps_is_two_lines() -> None:
    twice = recipe(
        [
            Step("thaw_wash", "Thaw", "front_end", "open", materials=(BUFFER,)),
            Step("harvest", "Harvest", "back_end", "open", materials=(BUFFER,)),
        ]
    )
    lines = material_costs(twice, MATERIALS, work(), PROCESS, 3.0)
    assert annual(lines)["materials.thaw_wash.buffer"] == exactly(360.0)
    assert annual(lines)["materials.harvest.buffer"] == exactly(360.0)


def test_no_write_off() -> None:
    free = stated(
        Materials,
        medium_litres=6.0,
        closed_step_set_price=600.0,
        connection_price=20.0,
        write_off_share=0.0,
        items=MATERIALS.items,
        **BOUGHT_AS_USED,
    )
    assert annual(material_costs(RECIPE, free, work(), PROCESS, 7.0))["materials.write_off"] == 0.0


# ---- how an item is bought ------------------------------------------------------------------------------------


def bought(
    lots: Any,
    pack: Any = 1.0,
    life: Any = 0.5,
    order: Any = 1.0,
    amount: Any = 1.0,
    written_off: Any = 0.0,
    share: Any = 0.0,
    at: Any = 100.0,
) -> Purchase:
    """An item of 400 a unit; as stated, nothing is written off and nothing is cheaper."""
    terms = stated(
        Materials, minimum_order_lots=order, price_break_lots=at, price_break_share=share, write_off_share=written_off
    )
    return purchase(ItemInputs(400.0, pack, life), terms, amount, lots)


def test_bought_as_used_nothing_expires() -> None:
    assert bought(10.0) == Purchase(0.0, 400.0)


def test_a_pack_that_outlives_its_lots_expires() -> None:
    # A pack of eight lasts half a year: two packs a year, 16 units, for ten lots of one unit each.
    assert bought(10.0, pack=8.0).expired == exactly(6.0)
    # At 16 lots a year both packs are used up; above it there are more of them and nothing expires.
    assert bought(16.0, pack=8.0).expired == 0.0
    assert bought(40.0, pack=8.0).expired == 0.0


def test_a_smallest_order_is_counted_in_lots_and_comes_in_whole_packs() -> None:
    # Four lots of six litres are 24 litres: three packs of ten. Twice a year 30 litres; two lots use 12.
    assert bought(2.0, pack=10.0, order=4.0, amount=6.0).expired == exactly(48.0)
    # 24 litres in packs of eight are three packs, not four.
    assert bought(2.0, pack=8.0, order=4.0, amount=6.0).expired == exactly(36.0)


def test_there_are_no_more_orders_than_lots() -> None:
    # One lot a year needs one order of four, not two: three units expire. At a lot every two years, half of that.
    assert bought(1.0, order=4.0).expired == exactly(3.0)
    assert bought(0.5, order=4.0).expired == exactly(1.5)
    assert bought(0.0, order=4.0) == Purchase(0.0, 400.0)


def test_what_no_lot_takes_is_not_bought() -> None:
    assert bought(5.0, pack=50.0, order=4.0, amount=0.0) == Purchase(0.0, 400.0)


def test_what_is_written_off_is_not_counted_as_expired_too() -> None:
    # Two orders of four a year; five lots use five units and write off one: two of the eight are left to expire.
    assert bought(5.0, order=4.0, written_off=0.2).expired == exactly(2.0)
    # With 60 % written off all eight are spoken for.
    assert bought(5.0, order=4.0, written_off=0.6).expired == 0.0


@pytest.mark.parametrize(("lots", "price"), [(50.0, 400.0), (100.0, 400.0), (200.0, 380.0), (400.0, 370.0)])
def test_a_price_break_below_at_and_above_its_volume(lots: float, price: float) -> None:
    # From 100 lots a year a unit is 10 % cheaper: of 200 a half, of 400 three quarters cost 360 instead of 400.
    assert bought(lots, share=0.1).price == exactly(price)
    assert bought(lots, share=0.1, amount=6.0).price == exactly(price)


def test_expired_units_count_towards_the_price_break() -> None:
    # 400 units every half year: 800 bought for 50 lots, 700 of them beyond the break.
    found = bought(50.0, order=400.0, share=0.1)
    assert found.expired == exactly(750.0)
    assert found.price == exactly(400.0 * (1 - 0.1 * 7 / 8))


def test_a_break_from_the_first_unit_is_a_plain_discount() -> None:
    assert bought(3.0, share=0.1, at=0.0).price == exactly(360.0)


def test_an_item_of_two_steps_is_bought_once() -> None:
    # Buffer at two steps, two units a lot; orders of four lots are eight units, 16 a year for six.
    terms = stated(
        Materials,
        write_off_share=0.0,
        minimum_order_lots=4.0,
        price_break_lots=100.0,
        price_break_share=0.0,
        closed_step_set_price=600.0,
        connection_price=20.0,
        items={"buffer": ItemInputs(100.0, 1.0, 0.5)},
    )
    twice = recipe(
        [
            Step("thaw_wash", "Thaw", "front_end", "open", materials=(BUFFER,)),
            Step("harvest", "Harvest", "back_end", "open", materials=(BUFFER,)),
        ]
    )
    assert purchases(twice, terms, work(), PROCESS, 3.0) == {"buffer": Purchase(exactly(10.0), 100.0)}
    lines = annual(material_costs(twice, terms, work(), PROCESS, 3.0))
    assert lines["materials.expired.buffer"] == exactly(1_000.0)
    assert lines["materials.thaw_wash.buffer"] == lines["materials.harvest.buffer"] == exactly(300.0)


TERMS = {
    "pack": st.floats(0.1, 50),
    "life": st.floats(0.05, 5),
    "order": st.floats(0.1, 50),
    "amount": st.floats(0.0, 12),
    "written_off": st.floats(0, 0.5),
    "share": st.floats(0, 1),
    "at": st.floats(0, 300),
}


@given(lots=st.just(0.0) | st.floats(1e-3, 500), more=st.floats(1.001, 20), terms=st.fixed_dictionaries(TERMS))
def test_more_lots_never_cost_less_and_never_throw_away_more_a_lot(
    lots: float, more: float, terms: dict[str, float]
) -> None:
    """Never is less paid for more, and what expires per lot never rises."""
    spent, wasted = [], []
    for count in (lots, lots * more):
        found = bought(count, **terms)
        units = count * terms["amount"] * (1 + terms["written_off"]) + found.expired
        assert found.expired >= 0
        assert 400.0 * (1 - terms["share"]) * (1 - 1e-9) <= found.price <= 400.0
        spent.append(units * found.price)
        wasted.append(found.expired / max(count, 1e-9))
    assert spent[1] >= spent[0] * (1 - 1e-9) - 1e-6
    assert wasted[1] <= wasted[0] * (1 + 1e-9) + 1e-6 or lots == 0


@given(lots=st.floats(0, 500), scale=st.floats(0.1, 2), share=st.floats(0, 1), order=st.floats(0.1, 50))
def test_all_that_is_bought_at_its_price_is_the_ledger(lots: float, scale: float, share: float, order: float) -> None:
    areas = stated(
        Materials,
        medium_litres=6.0,
        closed_step_set_price=600.0,
        connection_price=20.0,
        write_off_share=0.08,
        minimum_order_lots=order,
        price_break_lots=20.0,
        price_break_share=share,
        items=MATERIALS.items,
    )
    found = purchases(RECIPE, areas, work(scale), PROCESS, lots)
    amounts = {"buffer": 1.0, "medium": 6.0 * scale, "serum": scale}
    units = {item: lots * amount * 1.08 + found[item].expired for item, amount in amounts.items()}
    total = sum(units[item] * found[item].price for item in amounts)
    assert annual_total(material_costs(RECIPE, areas, work(scale), PROCESS, lots)) == pytest.approx(
        total, rel=1e-9, abs=1e-6
    )


def test_I_64_rows_of_a_purchase() -> None:
    check_rows(
        bought,
        lots=[0.5, 10.0, 300.0],
        pack=[8.0, 1.0, 2.0],
        life=[0.5, 1.0, 2.0],
        order=[4.0, 30.0, 1.0],
        share=[0.1, 0.2, 0.3],
        at=[0.0, 5.0, 100.0],
    )


# ---- vector ---------------------------------------------------------------------------------------------------


TITRE = stated(
    Materials,
    vector_volume=100.0,
    vector_titre=2e7,
    vector_recovery=0.3,
    vector_testing_share=0.0,
    vector_overage=0.2,
    multiplicity_of_infection=5.0,
    vector_dose_cells=0.15,
)


def test_vector_of_one_dose() -> None:
    # 150 million cells, five transducing units each and a fifth more: the 0.9e9 TU of the evidence table.
    assert vector_per_dose(TITRE) == exactly(0.9e9)


def test_doses_of_a_campaign_by_titre() -> None:
    # 100 L of 2e7 TU/mL, 30 % recovered, are 6e11 TU; at 0.9e9 a dose 667 doses, of which testing takes a tenth.
    assert doses_by_titre(TITRE) == exactly(2_000 / 3)
    assert doses_by_titre(replace(TITRE, vector_testing_share=0.1)) == exactly(600.0)
    assert doses_by_titre(replace(TITRE, vector_dose_cells=0.3)) == exactly(1_000 / 3)


def test_by_titre_the_size_of_a_dose_does_not_matter() -> None:
    """Lots take units by their cells: a dose of twice the cells halves the doses of a batch and those of a lot."""
    terms = replace(TITRE, vector_campaign_price=1e6, vector_shelf_life=3.0)
    for cells in (0.15, 0.3):
        areas = replace(terms, vector_dose_cells=cells)
        used, _ = vector_costs(RECIPE, areas, CELLS, 30.0, True, doses_by_titre(areas))
        assert used.quantity == exactly(30 * 0.2e9 * 5 * 1.2 / 6e11)


def campaign(lots: float, doses: float = 20.0, shelf_life: float = 2.0, price: float = 400_000.0) -> tuple[Line, Line]:
    """The lines of what is used and of what expires."""
    areas = stated(Materials, vector_campaign_price=price, vector_shelf_life=shelf_life, vector_dose_cells=0.2)
    used, expired = vector_costs(RECIPE, areas, CELLS, lots, True, doses)
    return used, expired


def test_vector_by_the_dose() -> None:
    (line,) = vector_costs(RECIPE, MATERIALS, CELLS, 10.0, False, 20.0)
    assert line.annual == exactly(200_000.0)
    assert (line.basis, line.step, line.category) == (PER_LOT, "gene_transfer", "vector")


def test_a_culture_of_twice_the_cells_takes_two_doses_of_vector() -> None:
    """0.4e9 cells at 0.2e9 a dose: ten lots take twenty doses of 20,000; of a campaign of 20 doses, all."""
    twice = stated(Cells, cells_into_culture=0.4)
    (line,) = vector_costs(RECIPE, MATERIALS, twice, 10.0, False, 20.0)
    assert (line.quantity, line.annual) == (exactly(20.0), exactly(400_000.0))
    areas = stated(Materials, vector_campaign_price=1.0, vector_shelf_life=2.0, vector_dose_cells=0.2)
    assert vector_costs(RECIPE, areas, twice, 10.0, True, 20.0)[0].quantity == exactly(1.0)


@pytest.mark.parametrize("campaign", [True, False])
def test_a_payload_without_a_virus_takes_the_place_of_the_vector(campaign: bool) -> None:
    """Plasmid 1,500 and transposase 1,000 a lot, whichever way vector would be bought, and 8 % of both written off. An
    order of four plasmids lasts a quarter of a year: 16 a year, of which ten lots use and write off 10.8."""
    payload = {"plasmid": ItemInputs(1_500.0, 4.0, 0.25), "transposase": ItemInputs(1_000.0, 1.0, 5.0)}
    areas = replace(MATERIALS, items=MATERIALS.items | payload)
    without = replace(RECIPE, payload=(Material("plasmid"), Material("transposase")))
    lines = vector_costs(without, areas, CELLS, 10.0, campaign, 20.0)
    assert annual(lines) == {
        "vector.plasmid": exactly(15_000.0),
        "vector.transposase": exactly(10_000.0),
        "vector.write_off": exactly(2_000.0),
        "vector.expired.plasmid": exactly(5.2 * 1_500.0),
        "vector.expired.transposase": exactly(0.0),
    }
    assert {(line.step, line.category) for line in lines} == {("gene_transfer", "vector")}
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
            connection_price=20.0,
            write_off_share=0.08,
            vector_dose_price=price,
            vector_dose_cells=0.2,
            vector_campaign_price=price * 10,
            vector_shelf_life=life,
            items=MATERIALS.items,
            **BOUGHT_AS_USED,
        )
        return [
            *material_costs(RECIPE, areas, work(scale, 1.0, 3.0), PROCESS, lots),
            *vector_costs(RECIPE, areas, CELLS, lots, False, 20.0),
            *vector_costs(RECIPE, areas, CELLS, lots, True, 20.0),
        ]

    check_rows(
        of,
        lots=[1.0, 50.0, 3.5],
        scale=[0.5, 1.0, 1.4],
        litres=[3.0, 6.0, 12.0],
        price=[1e4, 2e4, 5e4],
        life=[0.5, 2.0, 1.0],
    )
