"""Rooms, devices, ceilings and the wait for a slot, by hand."""

import math
from dataclasses import replace

import pytest

from dosecost.quantities.capacity import (
    Capacity,
    DeviceInputs,
    FittingInputs,
    Plant,
    capacity_plan,
    contract_plant,
    operating_days,
    slot_wait,
    unit_price,
)
from dosecost.quantities.process import StepWork, Work
from dosecost.recipes import Device, Step
from tests.quantities.builders import check_rows, exactly, nothing, recipe

# 365 days less 5 weeks are 330; planned to 0.8 they give 264 days of lots a year.
CAPACITY = Capacity(
    shutdown_weeks=5.0,
    planning_utilisation=0.8,
    lots_per_room_open=1.0,
    lots_per_room_closed=4.0,
    device_turnaround_days=1.0,
    suites_installed=math.nan,
    devices_installed=math.nan,
    arrival_variability=1.0,
    occupancy_variability=1.0,
    contract_slot_wait_days=21.0,
    devices={"incubator": DeviceInputs(10_000.0, 2.0), "centrifuge": DeviceInputs(25_000.0, 1.0)},
    fittings={"cabinet": FittingInputs(15_000.0), "counter": FittingInputs(30_000.0)},
)
RECIPE = recipe(
    [
        Step("receipt", "Receipt", "front_end", "open", devices=("centrifuge",)),
        Step("expansion", "Expansion", "culture", "open", devices=("incubator",)),
        Step("setup", "Set-up", "room", "closed", crew="single"),
    ],
    devices=(
        Device("incubator", "steps"),
        Device("centrifuge", "steps"),
        Device("cabinet", "room"),
        Device("counter", "site"),
    ),
    limiting="incubator",
)
# A lot holds its room 12 days (22 lots a suite), an incubator place 10 + 1 days (two places: 48 lots an incubator),
# a centrifuge half a day (528 lots).
DAYS = {"receipt": 0.5, "expansion": 10.0, "setup": 1.5}
WORK = nothing(Work, steps=tuple(nothing(StepWork, id=name, days=days) for name, days in DAYS.items()), room_days=12.0)


def plant(lots: float, any_open: bool = True, installed: tuple[float, float] | None = None, **changed: float) -> Plant:
    capacity = replace(CAPACITY, **changed)
    if installed is not None:
        capacity = replace(capacity, suites_installed=installed[0], devices_installed=installed[1])
    return capacity_plan(RECIPE, WORK, capacity, lots, installed is not None, any_open)


def test_days_of_the_year() -> None:
    assert operating_days(CAPACITY) == exactly(330.0)
    assert operating_days(replace(CAPACITY, shutdown_weeks=0.0)) == exactly(365.0)


def test_one_lot_needs_one_of_everything() -> None:
    p = plant(1.0)
    assert p.suites == 1.0
    assert p.devices == {"incubator": 1.0, "centrifuge": 1.0, "cabinet": 1.0, "counter": 1.0}
    assert p.lots == 1.0
    assert p.lots_per_suite == exactly(22.0)
    assert p.suites_used == exactly(1 / 22)
    assert p.devices_used == exactly(1 / 48)
    assert p.ceiling == exactly(22.0)


def test_no_lot_still_keeps_one_suite() -> None:
    p = plant(0.0)
    assert (p.suites, p.devices["incubator"], p.suites_used, p.slot_wait_days) == (1.0, 1.0, 0.0, 0.0)


def test_sized_for_six_hundred_lots() -> None:
    """600 over 22 are 27.3 suites: 28. Over 48: 12.5 incubators: 13. Over 528: 1.1 centrifuges: 2."""
    p = plant(600.0)
    assert p.suites == 28.0
    assert p.devices == {"incubator": 13.0, "centrifuge": 2.0, "cabinet": 28.0, "counter": 1.0}
    assert p.device_days_per_lot == {"incubator": exactly(11.0), "centrifuge": exactly(0.5)}
    assert p.ceiling_suites == exactly(616.0)
    assert p.ceiling_devices == exactly(624.0)
    assert p.ceiling == exactly(616.0)
    assert p.suites_used == exactly(600 / 616)
    assert p.devices_used == exactly(600 / 624)


def test_four_lots_share_a_room_where_nothing_is_open() -> None:
    p = plant(88.0, any_open=False)
    assert p.lots_per_suite == exactly(88.0)
    assert p.lots_per_room == 4.0
    assert p.suites == 1.0
    assert p.devices["incubator"] == 2.0
    assert p.suites_used == exactly(1.0)


ROUTES = [
    lambda n, unit: unit * n,
    lambda n, unit: 0.1 * n * 10 * unit,
    lambda n, unit: unit * n * (1 + 1e-12),
    lambda n, unit: unit * n * (1 - 1e-12),
    lambda n, unit: sum([unit / 10] * 10 * n),
    lambda n, unit: n / 0.985 * 0.985 * unit,
    lambda n, unit: 330 * 0.8 / 12 * n * unit / 22,
]
"""Ways to reckon n units of what one unit takes."""


@pytest.mark.parametrize("units", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("route", ROUTES)
def test_I_34_I_73_exactly_n_suites_of_lots_need_n_suites(route, units: int) -> None:
    assert plant(route(units, 22.0)).suites == units


@pytest.mark.parametrize("units", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("route", ROUTES)
def test_I_73_exactly_n_incubators_of_lots_need_n(route, units: int) -> None:
    assert plant(route(units, 48.0)).devices["incubator"] == units


@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize("route", ROUTES)
def test_I_73_exactly_n_centrifuges_of_lots_need_n_where_they_do_not_limit(route, units: int) -> None:
    assert plant(route(units, 528.0)).devices["centrifuge"] == units


def test_a_little_more_than_two_suites_need_three() -> None:
    assert plant(44.01).suites == 3.0
    assert plant(96.01).devices["incubator"] == 3.0


@pytest.mark.parametrize(
    ("suites", "devices", "binding", "lots", "suites_used", "devices_used"),
    [
        (2.0, 1.0, "suites", 44.0, 1.0, 44 / 48),  # 44 lots of rooms against 48 of incubators
        (3.0, 1.0, "devices", 48.0, 48 / 66, 1.0),  # one more suite: the incubator stops it
        (3.0, 2.0, "suites", 66.0, 1.0, 66 / 96),  # one more incubator: the suites again
        (9.0, 9.0, "demand", 100.0, 100 / 198, 100 / 432),  # enough of both
    ],
)
def test_two_resources_bind_in_turn(
    suites: float, devices: float, binding: str, lots: float, suites_used: float, devices_used: float
) -> None:
    p = plant(100.0, installed=(suites, devices))
    assert p.lots == exactly(lots)
    assert p.ceiling == exactly({"suites": 22 * suites, "devices": 48 * devices, "demand": 198.0}[binding])
    assert p.suites_used == exactly(suites_used)
    assert p.devices_used == exactly(devices_used)
    assert (p.suites, p.devices["incubator"], p.devices["cabinet"]) == (suites, devices, suites)


def test_a_fixed_plant_buys_the_other_devices_for_what_it_makes() -> None:
    # 26 suites make 572 lots of the 2,000 wanted: two centrifuges, not four.
    assert plant(2_000.0, installed=(26.0, 40.0)).devices["centrifuge"] == 2.0


def test_a_welder_for_each_room_in_which_closed_connections_are_made() -> None:
    welded = replace(RECIPE, devices=(*RECIPE.devices, Device("welder", "connections")))
    for connections, welders in ((0.0, 0.0), (3.0, 2.0)):
        work = WORK._replace(closed_connections=connections)
        p = capacity_plan(welded, work, CAPACITY, 40.0, False, True)
        assert (p.suites, p.devices["welder"]) == (2.0, welders)


def test_prices_of_sized_devices_and_fittings() -> None:
    assert unit_price(CAPACITY, "centrifuge") == 25_000.0
    assert unit_price(CAPACITY, "cabinet") == 15_000.0


def test_one_server_random_arrivals_and_times_is_m_m_1() -> None:
    """20 lots of 12 days in 330 days fill 240/330 = 8/11; M/M/1 waits 12 × (8/11) ÷ (3/11) = 32 days."""
    assert slot_wait(20.0, 1.0, 12.0, 330.0, 1.0, 1.0) == exactly(32.0)


@pytest.mark.parametrize(("busy", "wait"), [(0.25, 1 / 3), (0.5, 1.0), (0.75, 3.0), (0.9, 9.0)])
def test_m_m_1_at_other_loads(busy: float, wait: float) -> None:
    assert slot_wait(busy * 330, 1.0, 1.0, 330.0, 1.0, 1.0) == exactly(wait)


def test_regular_durations_halve_the_wait() -> None:
    assert slot_wait(20.0, 1.0, 12.0, 330.0, 1.0, 0.0) == exactly(16.0)  # M/D/1: half of M/M/1
    assert slot_wait(20.0, 1.0, 12.0, 330.0, 0.0, 0.0) == 0.0


@pytest.mark.parametrize(("busy", "error"), [(0.5, 0.1), (0.7, 0.05), (0.8, 0.03), (0.9, 0.02)])
def test_two_servers_are_close_to_erlang_c(busy: float, error: float) -> None:
    # Erlang C for two servers: the mean wait is ρ² ÷ (1 − ρ²) service times. The approximation is best when busy.
    wait = slot_wait(2 * busy * 330, 2.0, 1.0, 330.0, 1.0, 1.0)
    assert wait == pytest.approx(busy**2 / (1 - busy**2), rel=error)


def test_longer_wait_when_busier_shorter_with_more_places() -> None:
    by_load = [slot_wait(lots, 3.0, 12.0, 330.0, 1.0, 1.0) for lots in (10.0, 40.0, 60.0, 70.0, 80.0)]
    assert by_load == sorted(by_load)
    assert len(set(by_load)) == 5
    by_places = [slot_wait(20.0, places, 12.0, 330.0, 1.0, 1.0) for places in (1.0, 2.0, 4.0, 8.0)]
    assert by_places == sorted(by_places, reverse=True)


def test_the_wait_of_one_full_suite() -> None:
    """22 lots of 12 days fill 0.8 of one suite's 330 days: 0.8 ÷ 0.2 × 12 = 48 days. The incubator's two places are
    37 % busy and wait less."""
    assert plant(22.0).slot_wait_days == exactly(48.0)


def test_the_wait_is_that_of_the_scarcer_resource() -> None:
    """40 suites, one incubator with a single place: 24 lots of 11 days fill 264 of 330 days: 0.8 ÷ 0.2 × 11 = 44."""
    capacity = replace(CAPACITY, suites_installed=40.0, devices_installed=1.0)
    capacity = replace(capacity, devices=CAPACITY.devices | {"incubator": DeviceInputs(10_000.0, 1.0)})
    p = capacity_plan(RECIPE, WORK, capacity, 500.0, True, True)
    assert p.lots == exactly(24.0)
    assert p.slot_wait_days == exactly(44.0)


def test_under_contract_there_are_no_rooms_and_nobody_is_refused() -> None:
    p = contract_plant(CAPACITY, 75.0)
    assert (p.suites, p.devices, p.lots, p.ceiling, p.slot_wait_days) == (0.0, {}, 75.0, 75.0, 21.0)


@pytest.mark.parametrize("installed", [False, True])
@pytest.mark.parametrize("any_open", [False, True])
def test_I_64_rows(installed: bool, any_open: bool) -> None:
    def of(lots: float, shutdown_weeks: float, slots: float, suites: float) -> Plant:
        capacity = replace(
            CAPACITY,
            shutdown_weeks=shutdown_weeks,
            suites_installed=suites,
            devices_installed=2.0,
            devices=CAPACITY.devices | {"incubator": DeviceInputs(1.0, slots)},
        )
        return capacity_plan(RECIPE, WORK, capacity, lots, installed, any_open)

    check_rows(
        of,
        lots=[1.0, 88.0, 0.1 * 3 * 10 * 22, 1_000.0],
        shutdown_weeks=[5.0, 0.0, 5.0, 3.5],
        slots=[1.0, 2.0, 3.0, 12.0],
        suites=[1.0, 3.0, 2.0, 11.0],
    )


def test_I_64_rows_of_a_contract() -> None:
    check_rows(lambda lots: contract_plant(CAPACITY, lots), lots=[1.0, 40.0])
