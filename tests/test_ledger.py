"""The ledger by hand: used and idle parts, capital charges, boundaries, what a dose costs, one whole year."""

from dataclasses import replace
from typing import Any

import pytest

from dosecost import ledger
from dosecost.costs import quality
from dosecost.costs.equipment import Equipment
from dosecost.costs.facility import Facility
from dosecost.costs.logistics import Logistics
from dosecost.costs.materials import ItemInputs, Materials
from dosecost.costs.monitoring import Monitoring
from dosecost.costs.overhead import Overhead
from dosecost.evaluation import Cost, cost_of
from dosecost.inputs import Areas
from dosecost.ledger import CAPITAL, PER_DOSE, PER_LOT, PER_YEAR, Asset, Line
from dosecost.model import Results, compute
from dosecost.quantities.capacity import Capacity, DeviceInputs, FittingInputs
from dosecost.quantities.cells import Cells
from dosecost.quantities.demand import Demand
from dosecost.quantities.losses import Funnel, Losses
from dosecost.quantities.people import ROLES, People, RoleInputs
from dosecost.quantities.process import Process, StepInputs
from dosecost.recipes import Device, Material, Step
from dosecost.scenario import Choices
from dosecost.step_library import delivered
from tests.quantities.builders import check_rows, exactly, nothing, recipe, stated

LINES = [
    Line("m", "materials", "thaw_wash", PER_LOT, 10.0, 300.0),  # 3,000
    Line("l", "labour", "", PER_YEAR, 2.0, 50_000.0),  # 100,000
    Line("q", "quality", "release", PER_LOT, 10.0, 700.0),  # 7,000
    Line("d", "logistics", "", PER_DOSE, 8.0, 2_000.0),  # 16,000
    Line("o", "overhead", "", CAPITAL, 1.0, 20_000.0),  # 20,000
    Line("i", "idle_capacity", "", PER_YEAR, 0.5, 8_000.0),  # 4,000
]


def test_a_line_is_quantity_times_price() -> None:
    assert LINES[0].annual == exactly(3_000.0)
    assert ledger.annual_total(LINES) == exactly(150_000.0)


def test_a_fixed_line_split_into_used_and_idle() -> None:
    used, idle = ledger.shared(Line("rent", "facility", "", PER_YEAR, 200.0, 500.0), 0.75)
    assert used == Line("rent", "facility", "", PER_YEAR, 150.0, 500.0)
    assert idle == Line("idle.rent", "idle_capacity", "", PER_YEAR, 50.0, 500.0)
    assert used.annual + idle.annual == exactly(100_000.0)


@pytest.mark.parametrize("used", [0.0, 0.3, 1.0])
def test_used_and_idle_parts_add_up(used: float) -> None:
    assert ledger.annual_total(ledger.shared(LINES[1], used)) == exactly(100_000.0)


ASSETS = [Asset("rooms", "facility", 800_000.0, 10.0, 0.75), Asset("tests", "quality", 120_000.0, 4.0)]


def test_I_11_straight_line_charges() -> None:
    """800,000 over ten years: 80,000 a year, a quarter of it idle. 120,000 over four: 30,000, never idle."""
    lines = ledger.depreciation(ASSETS)
    assert {line.id: (line.category, line.annual) for line in lines} == {
        "rooms.depreciation": ("facility", exactly(60_000.0)),
        "idle.rooms.depreciation": ("idle_capacity", exactly(20_000.0)),
        "tests.depreciation": ("quality", exactly(30_000.0)),
        "idle.tests.depreciation": ("idle_capacity", 0.0),
    }
    assert {line.basis for line in lines} == {CAPITAL}
    rooms = [line.annual for line in lines if "rooms" in line.id]
    assert 10 * sum(rooms) == exactly(800_000.0)  # over its life an asset is charged what it cost


def test_money_the_assets_cost() -> None:
    assert ledger.capital(ASSETS) == exactly(920_000.0)
    assert ledger.capital([]) == 0.0


def test_I_18_removing_a_line_lowers_the_total_by_that_line() -> None:
    for i, annual in enumerate((3_000.0, 100_000.0, 7_000.0, 16_000.0, 20_000.0, 4_000.0)):
        assert ledger.annual_total(LINES[:i] + LINES[i + 1 :]) == exactly(150_000.0 - annual)


def test_I_55_a_line_in_two_halves() -> None:
    half = LINES[1]._replace(quantity=1.0)
    assert ledger.annual_total([LINES[0], half, half, *LINES[2:]]) == exactly(150_000.0)


def test_I_02_the_same_total_by_category_and_by_step() -> None:
    by_category = ledger.by_category(LINES)
    assert set(by_category) == set(ledger.CATEGORIES)
    assert by_category["labour"] == exactly(100_000.0)
    assert by_category["vector"] == 0.0
    assert ledger.by_step(LINES) == {"thaw_wash": 3_000.0, "": exactly(140_000.0), "release": 7_000.0}
    assert sum(by_category.values()) == exactly(150_000.0)


def test_boundaries_widen() -> None:
    manufacture = {"materials", "vector", "labour", "facility", "equipment"}
    assert set(ledger.inside("manufacture")) == manufacture
    assert set(ledger.inside("quality_and_release")) == manufacture | {"quality", "monitoring"}
    assert set(ledger.inside("fully_loaded")) == set(ledger.CATEGORIES)
    assert set(ledger.CATEGORIES) - set(ledger.inside("apheresis_and_logistics")) == {"overhead", "idle_capacity"}


def dose(boundary: str = "fully_loaded", convention: str = "stage_wise", **funnel: float) -> Cost:
    """Ten lots started, eight doses released, five patients infused, a fifth of the lots lost."""
    values = {"lots_started": 10.0, "doses_released": 8.0, "patients_infused": 5.0, "lot_failure_rate": 0.2}
    results = stated(Results, lines=LINES, funnel=nothing(Funnel, **values | funnel))
    return cost_of(stated(Choices, boundary=boundary, failure_convention=convention), results)


@pytest.mark.parametrize(
    ("boundary", "annual"),
    [
        ("manufacture", 103_000.0),  # 3,000 + 100,000
        ("quality_and_release", 110_000.0),  # and 7,000
        ("apheresis_and_logistics", 126_000.0),  # and 16,000
        ("fully_loaded", 150_000.0),  # and 20,000 and 4,000
    ],
)
def test_I_01_three_costs_inside_each_boundary(boundary: str, annual: float) -> None:
    cost = dose(boundary)
    assert cost.annual_total == exactly(annual)
    assert cost.per_lot_started == exactly(annual / 10)
    assert cost.per_dose_released == exactly(annual / 8)
    assert cost.per_patient_infused == exactly(annual / 5)
    assert sum(cost.categories.values()) == exactly(annual / 5)
    assert sum(cost.steps.values()) == exactly(annual / 5)
    assert cost.boundaries == {
        "manufacture": exactly(20_600.0),
        "quality_and_release": exactly(22_000.0),
        "apheresis_and_logistics": exactly(25_200.0),
        "fully_loaded": exactly(30_000.0),
    }


def test_categories_of_a_dose() -> None:
    categories = dose("quality_and_release").categories
    assert categories["labour"] == exactly(20_000.0)
    assert categories["quality"] == exactly(1_400.0)
    assert (categories["logistics"], categories["overhead"]) == (0.0, 0.0)


def test_the_fixed_share_is_lines_by_the_year_and_capital_charges() -> None:
    assert dose().fixed_share == exactly(124_000 / 150_000)  # 100,000 + 20,000 + 4,000
    assert dose("manufacture").fixed_share == exactly(100_000 / 103_000)


@pytest.mark.parametrize(
    ("convention", "headline"),
    [
        ("stage_wise", 30_000.0),  # five patients
        ("times_one_plus_f", 18_000.0),  # 15,000 a lot × 1.2
        ("divided_by_one_minus_f", 18_750.0),  # 15,000 a lot ÷ 0.8
    ],
)
def test_failure_conventions(convention: str, headline: float) -> None:
    cost = dose(convention=convention)
    assert cost.per_patient_infused == exactly(headline)
    assert sum(cost.categories.values()) == exactly(headline)
    assert cost.boundaries["fully_loaded"] == exactly(headline)


def test_a_published_sheet_multiplies_by_one_plus_the_failure_rate() -> None:
    """The sheets of the field: 42,000 a lot at 5 % failed is 44,100, not 42,000 ÷ 0.95 = 44,210.53."""
    lines = [Line("m", "materials", "", PER_LOT, 20.0, 42_000.0)]
    funnel = nothing(Funnel, lots_started=20.0, doses_released=19.0, patients_infused=19.0, lot_failure_rate=0.05)
    results = stated(Results, lines=lines, funnel=funnel)
    plus = cost_of(stated(Choices, boundary="manufacture", failure_convention="times_one_plus_f"), results)
    minus = cost_of(stated(Choices, boundary="manufacture", failure_convention="divided_by_one_minus_f"), results)
    assert plus.per_patient_infused == exactly(44_100.0)
    assert minus.per_patient_infused == pytest.approx(44_210.53, abs=0.005)


@pytest.mark.parametrize("convention", ["stage_wise", "times_one_plus_f", "divided_by_one_minus_f"])
def test_I_21_nothing_lost_makes_the_three_costs_equal(convention: str) -> None:
    cost = dose(convention=convention, doses_released=10.0, patients_infused=10.0, lot_failure_rate=0.0)
    assert cost.per_lot_started == exactly(15_000.0)
    assert cost.per_dose_released == exactly(15_000.0)
    assert cost.per_patient_infused == exactly(15_000.0)


def test_I_64_rows() -> None:
    def of(quantity: float, used: float, life: float) -> list[Any]:
        line = Line("rent", "facility", "", PER_YEAR, quantity, 500.0)
        parts = ledger.shared(line, used)
        charges = ledger.depreciation([Asset("rooms", "facility", quantity * 1e3, life, used)])
        return [parts, charges, ledger.annual_total(parts), ledger.by_category([*parts, *charges])]

    check_rows(of, quantity=[1.0, 200.0, 0.0], used=[0.1, 0.75, 1.0], life=[5.0, 10.0, 7.5])


# One whole year, every number stated here: ten patients, ten lots, one suite, nothing lost.

STEPS = [
    Step(
        "expansion",
        "Expansion",
        "culture",
        "open",
        devices=("incubator",),
        materials=(Material("medium", quantity="medium_litres", per="culture"),),
    ),
    Step("fill", "Fill", "back_end", "closed", materials=(Material("bags"),)),
    Step("setup", "Set-up", "room", "closed", crew="single"),
]
SMALL = delivered(recipe(STEPS, (Device("incubator", "steps"), Device("cabinet", "room")), "incubator"), "lentiviral")
STAFF = {"operator": 60_000.0, "supervisor": 80_000.0, "qc_analyst": 70_000.0, "qa_specialist": 70_000.0}
CHOICES = {
    "platform": "small",
    "tenure": "lease",
    "sizing": "size_for_demand",
    "room_grade": "from_steps",
    "sterility": "pcr",
    "mycoplasma": "pcr",
    "potency": "cytokine",
    "testing": "outsourced",
    "plate_reading": "outsourced",
    "conditional_release": "no",
    "apheresis": "fresh",
    "lane": "local",
    "delivery": "lentiviral",
    "vector_supply": "by_dose",
    "instruments": "gmp",
    "vector_yield": "as_quoted",
    "remake": "no",
    "starting_material": "observed",
    "heads": "whole",
    "failure_convention": "stage_wise",
    "boundary": "fully_loaded",
}


def areas(patients: float = 10.0, **losses: float) -> Areas:
    panel = quality.panel("pcr", "pcr", "cytokine", SMALL, 1.0)
    test = quality.TestInputs(500.0, 100.0, 2.0, 5.0, 10_000.0)
    minimum = dict.fromkeys(STAFF, 1.0)
    return Areas(
        finance=None,
        demand=Demand(patients, 0.0, 0.0, 0.0),
        cells=stated(Cells, cells_into_culture=0.2),
        process=stated(
            Process,
            culture_days=10.0,
            people_per_open_step=2.0,
            people_per_closed_step=1.0,
            manipulations_per_session=4.0,
            hours_per_room_entry=2.0,
            documentation_hours=6.0,
            kitting_hours=4.0,
            steps={
                "expansion": StepInputs(10.0, 20.0, 8.0),
                "fill": StepInputs(1.0, 2.0, 3.0),
                "setup": StepInputs(1.0, 3.0, 0.0),
            },
        ),
        losses=Losses(**dict.fromkeys(Losses.__dataclass_fields__, 0.0) | losses),
        capacity=stated(
            Capacity,
            shutdown_weeks=15 / 7,  # 350 operating days, 50 weeks
            planning_utilisation=0.6,
            lots_per_room_open=1.0,
            lots_per_room_closed=4.0,
            device_turnaround_days=0.5,
            arrival_variability=0.0,
            occupancy_variability=0.0,
            contract_slot_wait_days=21.0,
            devices={"incubator": DeviceInputs(10_000.0, 1.0)},
            fittings={"cabinet": FittingInputs(20_000.0)},
        ),
        people=People(
            salary_level=1.0,
            burden=0.5,
            productive_hours=1_000.0,
            working_share=0.8,
            cover=1.0,
            operators_per_supervisor=4.0,
            attrition=0.25,
            training_cost=8_000.0,
            recruitment_share=0.2,
            training_months=2.0,
            record_review_hours=6.0,
            disposition_hours=2.0,
            deviation_hours=4.0,
            scheduling_hours=0.0,
            roles={
                role: RoleInputs(STAFF.get(role, 0.0), minimum.get(role, 0.0), minimum.get(role, 0.0)) for role in ROLES
            },
        ),
        materials=stated(
            Materials,
            medium_litres=5.0,
            closed_step_set_price=600.0,
            connection_price=0.0,
            write_off_share=0.1,
            vector_dose_price=20_000.0,
            vector_dose_cells=0.2,
            minimum_order_lots=1.0,
            price_break_lots=1_000.0,
            price_break_share=0.1,
            items={"medium": ItemInputs(400.0, 1.0, 1.0), "bags": ItemInputs(300.0, 1.0, 1.0)},
        ),
        quality=stated(
            quality.Quality,
            coordination_hours=8.0,
            repeat_share=0.0,
            in_process_price=800.0,
            retain_price=50.0,
            investigation_price=15_000.0,
            stability_price=30_000.0,
            reference_price=10_000.0,
            laboratory_life=4.0,
            record_review_days=2.0,
            expression_days=0.0,
            deviations_base=0.6,
            deviations_per_open_manipulation=0.05,
            deviation_major_share=0.1,
            deviation_minor_price=1_000.0,
            deviation_major_price=11_000.0,
            contamination_price=50_000.0,
            media_fill_price=9_000.0,
            media_fills_per_year=2.0,
            aseptic_qualification_price=0.0,
            aseptic_qualifications_per_year=1.0,
            aseptic_qualifications_at_start=3.0,
            systems_price=60_000.0,
            tests=dict.fromkeys(panel, test),
        ),
        monitoring=Monitoring(
            active_air_plates=2.0,
            settle_plates=2.0,
            settle_exposure_hours=4.0,
            contact_plates=3.0,
            glove_plates=4.0,
            gown_plates=5.0,
            background_plates=6.0,
            routine_plates_cnc=4.0,
            routine_plates_d=8.0,
            routine_plates_c=12.0,
            routine_plates_b=20.0,
            routine_sessions_cnc=5.0,
            routine_sessions_d=5.0,
            routine_sessions_c=5.0,
            routine_sessions_b=5.0,
            plate_price=10.0,
            reading_minutes=6.0,
            outsourced_reading_price=20.0,
            positive_share=0.02,
            identification_price=150.0,
            laboratory_price=2_000.0,
            excursion_share_open=0.05,
            excursion_share_routine=0.01,
            excursion_price=2_000.0,
            lots_lost_per_excursion=0.1,
            system_price=60_000.0,
            particle_counter_price=40_000.0,
            portable_counter_price=12_000.0,
            air_sampler_price=8_000.0,
            instrument_life=10.0,
            upkeep_share=0.1,
        ),
        facility=stated(
            Facility,
            suite_m2=30.0,
            airlock_m2=10.0,
            gross_to_clean=2.5,
            fit_out_b=8_000.0,
            design_and_qualification=0.25,
            life=10.0,
            rent=400.0,
            rent_pass_through=100.0,
            electricity_b=1_500.0,
            electricity_price=0.1,
            requalification=100.0,
            cleaning_b=300.0,
            maintenance_share=0.02,
            insurance_share=0.005,
            gown_price_b=80.0,
            gown_minutes_b=30.0,
            gown_minutes_other=10.0,
            waste_price=200.0,
            contract_lot_price=90_000.0,
            contract_onboarding_price=4_000_000.0,
            contract_life=8.0,
            contract_onboarding_months=14.0,
            lease_months=10.0,
            qualification_months=5.0,
            licence_months=3.0,
        ),
        equipment=stated(Equipment, qualification_share=0.2, service_share=0.1, life=5.0, licences={}),
        logistics=stated(
            Logistics,
            collection_price=6_000.0,
            line_placement_price=2_000.0,
            local_courier_price=150.0,
            transport_excursion_share=0.02,
            transport_excursion_price=5_000.0,
            storage_price=30.0,
            storage_months=2.0,
            identity_platform_price=40_000.0,
            identity_patient_price=500.0,
            label_price=40.0,
            clinical_sites=2.0,
            site_onboarding_price=20_000.0,
            lane_validation_price=10_000.0,
            validation_life=4.0,
            transport_days_fresh=1.0,
            transport_days_product=1.0,
            release_to_infusion_days=3.0,
        ),
        overhead=Overhead(site_overhead=0.2, capital_charge=0.1),
        regulatory=None,
    )


def year(patients: float = 10.0, losses: dict[str, float] | None = None, **choices: str) -> Results:
    return compute(areas(patients, **losses or {}), SMALL, stated(Choices, **CHOICES | choices))


def test_one_year_quantities() -> None:
    """350 days at 0.6 are 210. A lot holds its room 12 days: 17.5 lots a suite; the incubator 10.5: 20 lots.

    A lot takes 20 h of two people, 2 h and 3 h of one: 45; 22.5 entries of half an hour of gowning: 11.25; records and
    kitting 10: 66.25 h in all. Ten lots: 662.5 h of 800 a head. Two open sessions, 20 h open, four exits a lot.
    """
    r = year()
    assert (r.grade, r.any_open) == ("B", True)
    assert (r.plant.suites, r.plant.devices) == (1.0, {"incubator": 1.0, "cabinet": 1.0})
    assert r.plant.suites_used == exactly(10 / 17.5)
    assert r.plant.devices_used == exactly(0.5)
    assert r.waits.vein_to_vein == exactly(23.0)  # 1 to the plant, 11 + 5 + 2 to release, 1 + 3 to infusion
    assert r.funnel.lots_started == r.funnel.patients_infused == exactly(10.0)
    assert r.plates.per_lot == exactly(68.0)  # 4 air, 5 exposures × 2, 6 contact, 16 glove, 20 gown, 12 around
    assert r.plates.per_year == exactly(1_680.0)  # 680 and 20 × 50 routine
    assert r.heads.by_role == dict.fromkeys(ROLES, 0.0) | dict.fromkeys(STAFF, 1.0)
    assert r.heads.used["operator"] == exactly(662.5 / 800)
    assert r.heads.used["qc_analyst"] == exactly(0.1)  # 80 h of coordination
    assert r.heads.used["qa_specialist"] == exactly(0.15)  # 10 × (8 + one deviation of 4 h) = 120 h
    assert r.months_to_first_lot == exactly(18.0)
    # Sites and lanes 60,000; validation 120,000; rooms 40 × 8,000 × 1.25 = 400,000; devices 30,000 × 1.2 = 36,000;
    # instruments 60,000 + 8,000 + 40,000 + 12,000 = 120,000.
    assert r.invested == exactly(736_000.0)


def test_one_year_ledger_by_category() -> None:
    """Used and idle parts together where a line is shared; the plant is 4/7 used, devices 1/2, operators 0.828125."""
    totals = ledger.by_category(year().lines)
    # Ten lots of 5 L × 400 and 300 of bags, a tenth written off.
    assert totals["materials"] == exactly(25_300.0)
    assert totals["vector"] == exactly(200_000.0)
    # An operator 90,000 and a supervisor 120,000, 0.828125 used.
    assert totals["labour"] == exactly(210_000 * 0.828125)
    # Analyst 105,000 × 0.1 and QA 105,000 × 0.15 (26,250); upkeep 100,000; twelve tests 60,000 and in-process 8,000;
    # retains 500; nine minor deviations 9,000 and one major 11,000; media fills 18,000; validation 120,000 ÷ 4.
    assert totals["quality"] == exactly(262_750.0)
    # Shared: rent 100 m² × 500 = 50,000; energy 40 × 150 = 6,000; requalification 4,000; cleaning 12,000; maintenance
    # 8,000; insurance 2,000; charge 40,000: 122,000 × 4/7. By the lot: 225 entries × 80 = 18,000 and waste 2,000.
    assert totals["facility"] == exactly(122_000 * 4 / 7 + 20_000)
    # Service 3,000 and charge 36,000 ÷ 5 = 7,200, half used.
    assert totals["equipment"] == exactly(5_100.0)
    # 1,680 plates × (10 + 20) = 50,400; identification 33.6 × 150 = 5,040; excursions 20 × 0.05 + 250 × 0.01 = 3.5 at
    # 2,000 = 7,000, each a tenth of a lot of 2,300 + 20,000 = 7,805; upkeep 12,000; charges 10,800 × 4/7 and 1,200.
    assert totals["monitoring"] == exactly(50_400 + 5_040 + 7_000 + 7_805 + 12_000 + 10_800 * 4 / 7 + 1_200)
    # 60,000 of collections and 20,000 of line placement.
    assert totals["apheresis"] == exactly(80_000.0)
    # Trips 20 × 150 = 3,000; excursions 20 × 0.02 × 5,000 = 2,000; storage 600; identity 40,000 + 5,000; labels 400;
    # charges 60,000 ÷ 4 = 15,000.
    assert totals["logistics"] == exactly(66_000.0)
    # A fifth of 210,000; one joiner 8,000 and a fifth of the mean salary 70,000; 0.1 × 368,000.
    assert totals["overhead"] == exactly(42_000 + 8_000 + 14_000 + 36_800)
    idle = 210_000 * 0.171875 + 105_000 * 0.9 + 105_000 * 0.85 + 122_000 * 3 / 7 + 5_100 + 10_800 * 3 / 7
    assert totals["idle_capacity"] == exactly(idle)


def test_one_year_total_and_cost_of_a_dose() -> None:
    """Everything paid: 25,300 + 200,000 + wages 420,000 + quality without wages 236,500 + rooms 142,000 + devices
    10,200 + monitoring 94,245 + 80,000 + 66,000 + 100,800 = 1,375,045, whatever is used or idle."""
    results = year()
    assert ledger.annual_total(results.lines) == exactly(1_375_045.0)
    cost = cost_of(stated(Choices, **CHOICES), results)
    assert cost.per_patient_infused == exactly(137_504.5)
    assert cost.per_lot_started == exactly(137_504.5)  # I_21: nothing is lost


def test_one_patient_one_lot_one_suite() -> None:
    """A tenth of what goes by the lot; the plant, the team and the routine stay.

    By the lot, of ten: materials 25,300, vector 200,000, tests 60,000 + 8,000, retains 500, deviations 20,000, gowns
    and waste 20,000, plates of lots 680 × 30 = 20,400 and their positives 2,040, excursions of open sessions 2,000 and
    lots lost to them 2,230, apheresis 80,000, trips 5,000, storage 600, patients and labels 5,400: 451,470.
    """
    results = year(1.0)
    assert (results.plant.suites, results.funnel.lots_started) == (1.0, 1.0)
    assert results.heads.total == 4.0
    assert ledger.annual_total(results.lines) == exactly(1_375_045 - 0.9 * 451_470)


def test_I_23_what_is_called_variable_is_nothing_without_lots() -> None:
    lines = year(0.0).lines
    varying = {line.id: line.annual for line in lines if line.basis not in ledger.FIXED_BASES and line.annual}
    assert varying == {}


def test_the_plant_is_sized_for_lots_not_for_patients() -> None:
    """Half of the collections are rejected on receipt: 34 patients are 17 lots, and 17.5 go through one suite."""
    results = year(34.0, {"receipt_rejection": 0.5})
    assert results.funnel.lots_started == exactly(17.0)
    assert (results.plant.suites, results.plant.devices["incubator"]) == (1.0, 1.0)
    assert results.funnel.not_admitted == exactly(0.0)


def test_a_fixed_plant_refuses_the_patients_whose_lots_it_cannot_make() -> None:
    """One suite makes 17.5 lots; at two patients a lot 35 of 100 are admitted."""
    a = areas(100.0, receipt_rejection=0.5)
    a = replace(a, capacity=replace(a.capacity, suites_installed=1.0, devices_installed=1.0))
    results = compute(a, SMALL, stated(Choices, **CHOICES | {"sizing": "fixed_plant"}))
    assert results.funnel.not_admitted == exactly(65.0)
    assert results.funnel.lots_started == exactly(17.5)
    assert results.plant.suites_used == exactly(1.0)


def test_I_36_a_fifth_of_the_lots_lost_at_the_device() -> None:
    """Ten lots, eight doses. Eight are tested: two lots fewer of the panel (12,000) and of retains (100), two trips out
    fewer (300) with their excursions (200) and storage (120)."""
    results = year(losses={"device_failure": 0.2})
    assert results.funnel.lots_failed == exactly(2.0)
    assert ledger.annual_total(results.lines) == exactly(1_375_045 - 12_720)
    cost = cost_of(stated(Choices, **CHOICES), results)
    assert cost.per_patient_infused == exactly(1_362_325 / 8)
    assert cost.per_lot_started == exactly(136_232.5)


def test_the_same_lots_under_contract() -> None:
    """Lots 900,000 for rooms, operators, materials, monitoring and testing; what the sponsor keeps: vector 200,000,
    the minimum team 420,000, upkeep of quality 100,000, validation 30,000, onboarding 500,000 a year, apheresis 80,000,
    logistics 66,000; overhead 42,000 + 22,000 and 0.05 × 4,180,000 = 209,000."""
    results = year(tenure="cdmo")
    assert results.plant.suites == 0.0
    assert results.waits.slot == 21.0
    assert results.invested == exactly(4_180_000.0)
    assert results.months_to_first_lot == 14.0
    totals = ledger.by_category(results.lines)
    assert totals["facility"] == exactly(1_400_000.0)
    assert (totals["materials"], totals["equipment"], totals["monitoring"]) == (0.0, 0.0, 0.0)
    assert ledger.annual_total(results.lines) == exactly(2_569_000.0)
    assert totals["idle_capacity"] == 0.0
    assert totals["labour"] == exactly(210_000.0)
    assert totals["quality"] == exactly(340_000.0)


def test_the_expansion_closed_by_choice_end_to_end() -> None:
    """No plates at all in a host's rooms, a set of 600 a lot with its write-off; 4 lots share the room."""
    closed = SMALL.with_exposures({"expansion": "closed"})
    a = areas()
    results = compute(
        a,
        closed,
        stated(Choices, **CHOICES | {"tenure": "host_hospital", "room_grade": "B"}),
    )
    assert closed.room_grade == "C"
    assert results.grade == "B"  # overridden
    assert results.plates.per_year == 0.0
    assert results.plant.lots_per_room == 4.0
    assert ledger.by_category(results.lines)["materials"] == exactly(31_900.0)  # (23,000 + 6,000) × 1.1
    assert not any(asset.id == "monitoring.particle_counters" for asset in results.assets)


def test_closed_connections_and_aseptic_qualification_end_to_end() -> None:
    """Three connections a lot of 20: 600 and their write-off 60; 3.5 excursions lose a tenth of a lot each, with its 60
    of connections: 21. One operator, and a quarter of a joiner three times: 1.75 qualifications of 800: 1,400."""
    a = areas()
    priced = replace(
        a,
        materials=replace(a.materials, connection_price=20.0),
        quality=replace(a.quality, aseptic_qualification_price=800.0),
    )
    before, after = year(), compute(priced, SMALL, stated(Choices, **CHOICES))
    assert ledger.annual_total(after.lines) - ledger.annual_total(before.lines) == exactly(2_081.0)
    closed = compute(priced, SMALL.with_exposures({"expansion": "closed"}), stated(Choices, **CHOICES))
    lines = {line.id: line for line in closed.lines}
    assert lines["quality.aseptic_qualification"].annual == 0.0
    assert lines["materials.connections"].annual == exactly(2_200.0)  # 10 × (8 + 3) × 20
    contract = compute(priced, SMALL, stated(Choices, **CHOICES | {"tenure": "cdmo"}))
    assert not {"quality.aseptic_qualification", "materials.connections"} & {line.id for line in contract.lines}
