"""Collection, transport, storage and chain of identity."""

from dataclasses import dataclass

from dosecost.arithmetic import Number
from dosecost.fields import quantity
from dosecost.ledger import PER_DOSE, PER_LOT, PER_PATIENT, PER_YEAR, Asset, Line
from dosecost.quantities.losses import Funnel


@dataclass(frozen=True, slots=True)
class Logistics:
    """Prices and times of the road to the plant and back."""

    collection_price: Number = quantity("money/collection")
    line_placement_price: Number = quantity("money/patient")
    freezing_price: Number = quantity("money/collection")
    fresh_courier_price: Number = quantity("money/trip")
    local_courier_price: Number = quantity("money/trip")
    dry_shipper_domestic_price: Number = quantity("money/trip")
    dry_shipper_international_price: Number = quantity("money/trip")
    transport_excursion_share: Number = quantity("fraction")
    transport_excursion_price: Number = quantity("money/event")
    storage_price: Number = quantity("money/dose/month")
    storage_months: Number = quantity("months", at_most=120)
    identity_platform_price: Number = quantity("money/yr")
    identity_patient_price: Number = quantity("money/patient")
    label_price: Number = quantity("money/patient")
    clinical_sites: Number = quantity("sites", at_least=1, at_most=1_000)
    site_onboarding_price: Number = quantity("money/site")
    lane_validation_price: Number = quantity("money/lane")
    validation_life: Number = quantity("yr", at_least=1, at_most=40)
    transport_days_fresh: Number = quantity("days", at_most=30)
    transport_days_frozen: Number = quantity("days", at_most=90)
    transport_days_product: Number = quantity("days", at_most=30)
    release_to_infusion_days: Number = quantity("days", at_most=365)


def product_trip_price(logistics: Logistics, lane: str) -> Number:
    """Money for one frozen trip on the lane: same city, domestic, or between continents."""
    if lane == "local":
        return logistics.local_courier_price
    if lane == "domestic":
        return logistics.dry_shipper_domestic_price
    return logistics.dry_shipper_international_price


def collection_trip_price(logistics: Logistics, lane: str, frozen: bool) -> Number:
    """Money to bring one collection to the plant."""
    if frozen or lane == "international":
        return product_trip_price(logistics, lane)
    return logistics.local_courier_price if lane == "local" else logistics.fresh_courier_price


def days_to_start(logistics: Logistics, frozen: bool) -> Number:
    """Days from apheresis to lot start."""
    return logistics.transport_days_frozen if frozen else logistics.transport_days_fresh


def apheresis_costs(logistics: Logistics, funnel: Funnel, frozen: bool) -> list[Line]:
    """Collections, line placement, and freezing at the site where collections travel frozen."""
    lines = [
        Line(
            "apheresis.collections",
            "apheresis",
            "",
            PER_PATIENT,
            funnel.aphereses,
            logistics.collection_price,
        ),
        Line(
            "apheresis.line_placement",
            "apheresis",
            "",
            PER_PATIENT,
            funnel.collected,
            logistics.line_placement_price,
        ),
    ]
    if frozen:
        lines.append(
            Line("apheresis.freezing", "apheresis", "", PER_PATIENT, funnel.aphereses, logistics.freezing_price)
        )
    return lines


def logistics_costs(logistics: Logistics, funnel: Funnel, lane: str, frozen: bool) -> list[Line]:
    """Transport both ways, excursions, storage, chain of identity and labels."""
    trips = funnel.aphereses + funnel.doses_released
    inbound = collection_trip_price(logistics, lane, frozen)
    dose_months = funnel.doses_released * logistics.storage_months
    return [
        Line("logistics.collections_in", "logistics", "", PER_PATIENT, funnel.aphereses, inbound),
        Line(
            "logistics.doses_out",
            "logistics",
            "",
            PER_DOSE,
            funnel.doses_released,
            product_trip_price(logistics, lane),
        ),
        Line(
            "logistics.excursions",
            "logistics",
            "",
            PER_LOT,
            trips * logistics.transport_excursion_share,
            logistics.transport_excursion_price,
        ),
        Line("logistics.storage", "logistics", "", PER_DOSE, dose_months, logistics.storage_price),
        Line("logistics.identity_platform", "logistics", "", PER_YEAR, 1.0, logistics.identity_platform_price),
        Line(
            "logistics.identity_patients",
            "logistics",
            "",
            PER_PATIENT,
            funnel.collected,
            logistics.identity_patient_price,
        ),
        Line("logistics.labels", "logistics", "", PER_PATIENT, funnel.collected, logistics.label_price),
    ]


def logistics_assets(logistics: Logistics) -> list[Asset]:
    """Collection sites qualified and lanes validated, once."""
    sites = logistics.clinical_sites
    return [
        Asset("logistics.sites", "logistics", sites * logistics.site_onboarding_price, logistics.validation_life),
        Asset("logistics.lanes", "logistics", sites * logistics.lane_validation_price, logistics.validation_life),
    ]
