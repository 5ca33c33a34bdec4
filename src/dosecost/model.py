"""The model's table of contents: from a scenario's inputs to quantities, then money."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dosecost.arithmetic import Number, minimum
from dosecost.costs import equipment, facility, labour, logistics, materials, monitoring, overhead, quality
from dosecost.inputs import Areas
from dosecost.ledger import Asset, Line, capital, depreciation
from dosecost.quantities import capacity, cells, losses, people, process
from dosecost.quantities.cells import CellBalance
from dosecost.quantities.losses import Funnel, Waits
from dosecost.quantities.people import Heads
from dosecost.recipes import Recipe
from dosecost.scenario import Choices

Bind = Callable[[str, Any], Any]
NO_WAIT = 0.0
NO_HOURS = 0.0
NO_SUITES = 0.0
NO_PRICE = 0.0
NO_MONTHS = 0.0
NO_OPERATORS = 0.0


def keep(name: str, value: Any) -> Any:
    """Leave a stage as it is; trace mode stores its formulas instead."""
    return value


class Results(NamedTuple):
    """Everything one year at one rate gives: quantities by stage, then the ledger and what is bought once.

    ``transition_price`` and ``transition_months`` are what going from research-grade to GMP instruments will take, in
    money and months of comparability; 0 with GMP ones.
    """

    grade: str
    any_open: bool
    work: process.Work
    cells: CellBalance
    plant: capacity.Plant
    waits: Waits
    funnel: Funnel
    plates: monitoring.Plates
    heads: Heads
    lines: list[Line]
    assets: list[Asset]
    invested: Number
    months_to_first_lot: Number
    transition_price: Number
    transition_months: Number


def operator_hours_per_lot(a: Areas, work: process.Work, grade: str) -> Number:
    """Person-hours of operators for one lot: the steps, gowning at every entry, the record, kitting of materials."""
    gowning = work.room_entries * facility.gown_minutes(a.facility, grade) / facility.MINUTES_PER_HOUR
    return work.operator_hours + gowning + a.process.documentation_hours + a.process.kitting_hours


def compute(a: Areas, recipe: Recipe, choices: Choices, bind: Bind = keep) -> Results:
    """One year of one site at one rate. Choices are fixed; every number may be a float, draws or traced."""
    contract = choices.tenure == "cdmo"
    frozen = choices.apheresis == "frozen"
    remake = choices.remake == "yes"
    grade = recipe.room_grade if choices.room_grade == "from_steps" else choices.room_grade
    any_open = any(step.exposure == "open" for step in recipe.steps)
    research = choices.instruments == "research"
    tests = quality.panel(choices.sterility, choices.mycoplasma, choices.potency, recipe, a.process.knock_outs)
    in_house = choices.testing == "in_house" and not contract
    read_in_house = choices.plate_reading == "in_house"

    work = bind("work", process.effort(recipe, a.process))
    balance = bind("cells", cells.balance(a.cells, a.process, recipe))
    from_cells = choices.starting_material == "cell_balance"
    early = losses.EarlyLoss(
        material=losses.patient_material_failure(a.losses, balance.missed_dose, from_cells),
        device=losses.device_failure(a.losses, process.operation_failure(recipe, a.process)),
    )
    conditional = choices.conditional_release == "yes"
    owes = research and not contract
    release_days = quality.release_days(a.quality, tests, conditional, work.days_after_transfer)
    unwaited = Waits(
        slot=NO_WAIT,
        to_start=logistics.days_to_start(a.logistics, frozen),
        to_release=work.process_days + release_days,
        to_infusion=a.logistics.transport_days_product + a.logistics.release_to_infusion_days,
    )
    one_patient = bind("one_patient", losses.funnel(a.demand, a.losses, work, unwaited, 1.0, remake, early))
    wanted = a.demand.patients_per_year * one_patient.lots_started
    if contract:
        plant = bind("plant", capacity.contract_plant(a.capacity, wanted))
    else:
        installed = choices.sizing == "fixed_plant"
        plant = bind("plant", capacity.capacity_plan(recipe, work, a.capacity, wanted, installed, any_open))
    admitted = minimum(a.demand.patients_per_year, plant.ceiling / one_patient.lots_started)
    waits = bind("waits", unwaited._replace(slot=plant.slot_wait_days))
    funnel = bind("funnel", losses.funnel(a.demand, a.losses, work, waits, admitted, remake, early))
    lots = funnel.lots_started

    own_suites = plant.suites if choices.tenure in facility.OWN_ROOMS else NO_SUITES
    plates = bind("plates", monitoring.plate_count(a.monitoring, work, grade, own_suites, plant.operating_days, lots))
    lot_work = people.LotWork(
        lots=lots,
        tested_lots=quality.tested_lots(funnel),
        operator_hours_per_lot=NO_HOURS if contract else operator_hours_per_lot(a, work, grade),
        analyst_hours_per_lot=NO_HOURS if contract else quality.analyst_hours_per_lot(a.quality, tests, in_house),
        reading_hours=NO_HOURS if contract else monitoring.reading_hours(a.monitoring, plates, read_in_house),
        deviations_per_lot=quality.deviations_per_lot(a.quality, work),
    )
    hours = bind("hours", people.yearly_hours(lot_work, a.people))
    heads = bind("heads", people.headcount(hours, a.people, choices.heads == "fractional", contract))

    by_titre = choices.vector_yield == "from_titre"
    doses = materials.doses_by_titre(a.materials) if by_titre else a.materials.vector_doses_per_campaign
    campaign = choices.vector_supply == "campaign"
    lot_vector = materials.vector_costs(recipe, a.materials, a.cells, lots, campaign, doses)
    lines = [
        *lot_vector,
        *equipment.licence_costs(a.equipment, recipe),
        *labour.labour_costs(a.people, heads),
        *quality.quality_upkeep(a.quality),
        *logistics.apheresis_costs(a.logistics, funnel, frozen),
        *logistics.logistics_costs(a.logistics, funnel, choices.lane, frozen),
    ]
    assets = [*logistics.logistics_assets(a.logistics), *quality.quality_assets(a.quality, tests, in_house)]
    if contract:
        assets += facility.contract_assets(a.facility)
        lines += facility.contract_costs(a.facility, lots)
    else:
        rooms = facility.facility_assets(a.facility, grade, choices.tenure, plant)
        instruments = monitoring.monitoring_assets(a.monitoring, plant.suites, own_suites, any_open, plant.suites_used)
        lot_materials = materials.material_costs(recipe, a.materials, work, a.process, lots)
        aseptic = heads.by_role["operator"] if recipe.has_open_work else NO_OPERATORS
        assets += [*rooms, *equipment.equipment_assets(a.equipment, a.capacity, plant, research), *instruments]
        lines += [
            *lot_materials,
            *quality.testing_costs(a.quality, funnel, tests, in_house),
            *quality.quality_event_costs(a.quality, funnel, work),
            *quality.aseptic_qualification(a.quality, aseptic, aseptic * a.people.attrition),
            *facility.facility_costs(a.facility, grade, choices.tenure, plant, work, lots, rooms),
            *equipment.equipment_costs(a.equipment, a.capacity, plant, research),
            *monitoring.monitoring_costs(
                a.monitoring,
                plates,
                lots,
                read_in_house,
                materials.price_of_one_lot(recipe, a.materials, work, a.process, a.cells),
            ),
            *monitoring.upkeep(a.monitoring, instruments),
        ]
    invested = bind("invested", capital(assets))
    lines += [
        *depreciation(assets),
        *overhead.overhead_costs(a.overhead, a.people, heads, invested),
    ]
    return Results(
        grade=grade,
        any_open=any_open,
        work=work,
        cells=balance,
        plant=plant,
        waits=waits,
        funnel=funnel,
        plates=plates,
        heads=heads,
        lines=bind("lines", lines),
        assets=assets,
        invested=invested,
        months_to_first_lot=facility.months_to_first_lot(a.facility, choices.tenure),
        transition_price=(
            equipment.transition_price(a.equipment, a.capacity, plant) + a.regulatory.comparability_price
            if owes
            else NO_PRICE
        ),
        transition_months=a.regulatory.comparability_months if owes else NO_MONTHS,
    )
