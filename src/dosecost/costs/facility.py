"""Rooms: area, capital by tenure, running cost by grade, gowning, the contract manufacturer's fee."""

from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, ceil
from dosecost.fields import quantity
from dosecost.ledger import PER_LOT, PER_YEAR, Asset, Line, capital, shared
from dosecost.quantities.capacity import Plant
from dosecost.quantities.process import Work

MINUTES_PER_HOUR = 60.0
OWN_ROOMS = ("build", "lease", "pod")
LEADS = {"build": "build_months", "lease": "lease_months", "pod": "pod_months", "host_hospital": "host_months"}
"""The input that says how long rooms take, by who owns them."""


@dataclass(frozen=True, slots=True)
class Facility:
    """Areas, prices by grade, tenures and lead times."""

    suite_m2: Number = quantity("m2/room", at_least=1, at_most=10_000)
    airlock_m2: Number = quantity("m2/room", at_most=1_000)
    gross_to_clean: Number = quantity("ratio", at_least=1, at_most=20)
    fit_out_cnc: Number = quantity("money/m2")
    fit_out_d: Number = quantity("money/m2")
    fit_out_c: Number = quantity("money/m2")
    fit_out_b: Number = quantity("money/m2")
    fit_out_support: Number = quantity("money/m2")
    design_and_qualification: Number = quantity("fraction", at_most=3)
    life: Number = quantity("yr", at_least=1, at_most=60)
    pod_price: Number = quantity("money/pod")
    pod_m2: Number = quantity("m2/pod", at_least=5, at_most=1_000)
    rent: Number = quantity("money/m2/yr")
    rent_pass_through: Number = quantity("money/m2/yr")
    room_day_price: Number = quantity("money/day")
    electricity_cnc: Number = quantity("kWh/m2/yr")
    electricity_d: Number = quantity("kWh/m2/yr")
    electricity_c: Number = quantity("kWh/m2/yr")
    electricity_b: Number = quantity("kWh/m2/yr")
    electricity_price: Number = quantity("money/kWh")
    requalification: Number = quantity("money/m2/yr")
    cleaning_b: Number = quantity("money/m2/yr")
    cleaning_other: Number = quantity("money/m2/yr")
    maintenance_share: Number = quantity("fraction/yr", at_most=1)
    insurance_share: Number = quantity("fraction/yr", at_most=1)
    gown_price_b: Number = quantity("money/entry")
    gown_price_other: Number = quantity("money/entry")
    gown_minutes_b: Number = quantity("min/entry", at_most=240)
    gown_minutes_other: Number = quantity("min/entry", at_most=240)
    waste_price: Number = quantity("money/lot")
    contract_lot_price: Number = quantity("money/lot")
    contract_onboarding_price: Number = quantity("money")
    contract_life: Number = quantity("yr", at_least=1, at_most=40)
    contract_onboarding_months: Number = quantity("months", at_most=60)
    build_months: Number = quantity("months", at_most=120)
    lease_months: Number = quantity("months", at_most=120)
    pod_months: Number = quantity("months", at_most=120)
    host_months: Number = quantity("months", at_most=120)
    qualification_months: Number = quantity("months", at_most=60)
    licence_months: Number = quantity("months", at_most=60)


class Area(NamedTuple):
    """Square metres: process suites and their airlocks, which are classified, and the support space around them."""

    suites: Number
    airlocks: Number
    support: Number

    @property
    def clean(self) -> Number:
        """Classified rooms."""
        return self.suites + self.airlocks

    @property
    def gross(self) -> Number:
        """The whole."""
        return self.clean + self.support


def area(facility: Facility, suites: Number) -> Area:
    """Floor area of so many suites with their airlocks and the support space around them."""
    clean = suites * (facility.suite_m2 + facility.airlock_m2)
    return Area(
        suites=suites * facility.suite_m2,
        airlocks=suites * facility.airlock_m2,
        support=clean * (facility.gross_to_clean - 1.0),
    )


def by_grade(facility: Facility, kind: str, grade: str) -> Number:
    """The input of a kind (``fit_out``, ``electricity``) at a room grade."""
    value: Number = getattr(facility, f"{kind}_{grade.lower()}")
    return value


def gown_minutes(facility: Facility, grade: str) -> Number:
    """Minutes of gowning and degowning for each entry."""
    return facility.gown_minutes_b if grade == "B" else facility.gown_minutes_other


def months_to_first_lot(facility: Facility, tenure: str) -> Number:
    """Months from order to the first lot: building or onboarding, then qualification and licence."""
    if tenure == "cdmo":
        return facility.contract_onboarding_months
    return months_of_rooms(facility, tenure) + facility.licence_months


def months_of_rooms(facility: Facility, tenure: str) -> Number:
    """Months until rooms of one's own are built (a host's agreed on) and qualified."""
    lead: Number = getattr(facility, LEADS[tenure])
    return lead + facility.qualification_months


def facility_assets(facility: Facility, grade: str, tenure: str, plant: Plant) -> list[Asset]:
    """What is built or bought once. A tenant fits out the clean rooms only; a host hospital asks for nothing."""
    rooms = area(facility, plant.suites)
    extra = 1.0 + facility.design_and_qualification
    life = facility.life
    fit_out = rooms.clean * by_grade(facility, "fit_out", grade) * extra
    used = plant.suites_used
    if tenure == "build":
        support = rooms.support * facility.fit_out_support * extra
        return [
            Asset("facility.clean_rooms", "facility", fit_out, life, used),
            Asset("facility.support", "facility", support, life, used),
        ]
    if tenure == "lease":
        return [Asset("facility.clean_rooms", "facility", fit_out, life, used)]
    if tenure == "pod":
        pods = ceil(rooms.clean / facility.pod_m2)
        return [Asset("facility.pods", "facility", pods * facility.pod_price, life, used)]
    return []


def rent_costs(facility: Facility, tenure: str, plant: Plant) -> list[Line]:
    """Rent of the shell that a tenant fits out or puts pods into."""
    if tenure not in ("lease", "pod"):
        return []
    price = facility.rent + facility.rent_pass_through
    gross = area(facility, plant.suites).gross
    return shared(Line("facility.rent", "facility", "", PER_YEAR, gross, price), plant.suites_used)


def running_costs(facility: Facility, grade: str, plant: Plant, assets: list[Asset]) -> list[Line]:
    """Energy, requalification, cleaning, maintenance and insurance of rooms the unit runs itself."""
    clean = area(facility, plant.suites).clean
    invested = capital(assets)
    energy = clean * by_grade(facility, "electricity", grade)
    cleaning = facility.cleaning_b if grade == "B" else facility.cleaning_other
    lines = [
        Line("facility.electricity", "facility", "", PER_YEAR, energy, facility.electricity_price),
        Line("facility.requalification", "facility", "", PER_YEAR, clean, facility.requalification),
        Line("facility.cleaning", "facility", "", PER_YEAR, clean, cleaning),
        Line("facility.maintenance", "facility", "", PER_YEAR, invested, facility.maintenance_share),
        Line("facility.insurance", "facility", "", PER_YEAR, invested, facility.insurance_share),
    ]
    return [part for line in lines for part in shared(line, plant.suites_used)]


def facility_costs(
    facility: Facility, grade: str, tenure: str, plant: Plant, work: Work, lots: Number, assets: list[Asset]
) -> list[Line]:
    """Rooms by tenure, then what each lot uses: gowns at every entry and waste."""
    gown = facility.gown_price_b if grade == "B" else facility.gown_price_other
    entries = lots * work.room_entries
    lines = [
        Line("facility.gowns", "facility", "", PER_LOT, entries, gown),
        Line("facility.waste", "facility", "", PER_LOT, lots, facility.waste_price),
    ]
    if tenure == "host_hospital":
        days = lots * work.room_days / plant.lots_per_room
        return [Line("facility.room_days", "facility", "", PER_LOT, days, facility.room_day_price), *lines]
    return [
        *rent_costs(facility, tenure, plant),
        *running_costs(facility, grade, plant, assets),
        *lines,
    ]


def contract_costs(facility: Facility, lots: Number) -> list[Line]:
    """The contract manufacturer's fee for every lot started: rooms, people, materials and release testing."""
    return [Line("facility.contract_lots", "facility", "", PER_LOT, lots, facility.contract_lot_price)]


def contract_assets(facility: Facility) -> list[Asset]:
    """Onboarding and technology transfer, once."""
    return [
        Asset("facility.contract_onboarding", "facility", facility.contract_onboarding_price, facility.contract_life)
    ]
