"""Collection, lanes, storage and identity, by hand."""

from typing import Any

import pytest

from dosecost.costs.logistics import (
    Logistics,
    apheresis_costs,
    collection_trip_price,
    days_to_start,
    logistics_assets,
    logistics_costs,
    product_trip_price,
)
from dosecost.ledger import PER_DOSE, PER_LOT, PER_PATIENT, PER_YEAR, Asset, Line
from dosecost.quantities.losses import Funnel
from tests.quantities.builders import check_rows, exactly, nothing, stated


def logistics(**changed: Any) -> Logistics:
    values: dict[str, Any] = {
        "collection_price": 6_000.0,
        "line_placement_price": 2_000.0,
        "freezing_price": 1_300.0,
        "fresh_courier_price": 1_100.0,
        "local_courier_price": 150.0,
        "dry_shipper_domestic_price": 2_400.0,
        "dry_shipper_international_price": 7_000.0,
        "transport_excursion_share": 0.02,
        "transport_excursion_price": 5_000.0,
        "storage_price": 30.0,
        "storage_months": 1.5,
        "identity_platform_price": 60_000.0,
        "identity_patient_price": 500.0,
        "label_price": 40.0,
        "clinical_sites": 5.0,
        "site_onboarding_price": 25_000.0,
        "lane_validation_price": 15_000.0,
        "validation_life": 4.0,
        "transport_days_fresh": 1.0,
        "transport_days_frozen": 10.0,
    }
    built: Logistics = stated(Logistics, **values | changed)
    return built


# 40 patients collected, 44 aphereses, 36 doses released.
FUNNEL = nothing(Funnel, collected=40.0, aphereses=44.0, doses_released=36.0)

TRIPS = [  # lane, frozen, a trip in, a trip out
    ("local", False, 150.0, 150.0),
    ("local", True, 150.0, 150.0),
    ("domestic", False, 1_100.0, 2_400.0),
    ("domestic", True, 2_400.0, 2_400.0),
    ("international", False, 7_000.0, 7_000.0),
    ("international", True, 7_000.0, 7_000.0),
]


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


@pytest.mark.parametrize(("lane", "frozen", "inbound", "outbound"), TRIPS)
def test_every_lane_fresh_and_frozen(lane: str, frozen: bool, inbound: float, outbound: float) -> None:
    assert collection_trip_price(logistics(), lane, frozen) == inbound
    assert product_trip_price(logistics(), lane) == outbound
    assert annual(logistics_costs(logistics(), FUNNEL, lane, frozen)) == {
        "logistics.collections_in": exactly(44 * inbound),
        "logistics.doses_out": exactly(36 * outbound),
        "logistics.excursions": exactly(8_000.0),  # 80 trips, one in fifty, 5,000 each
        "logistics.storage": exactly(1_620.0),  # 36 doses for a month and a half at 30
        "logistics.identity_platform": exactly(60_000.0),
        "logistics.identity_patients": exactly(20_000.0),
        "logistics.labels": exactly(1_600.0),
    }


def test_the_basis_of_each_line() -> None:
    basis = {line.id.split(".")[1]: line.basis for line in logistics_costs(logistics(), FUNNEL, "domestic", True)}
    assert basis == {
        "collections_in": PER_PATIENT,
        "doses_out": PER_DOSE,
        "excursions": PER_LOT,
        "storage": PER_DOSE,
        "identity_platform": PER_YEAR,
        "identity_patients": PER_PATIENT,
        "labels": PER_PATIENT,
    }


def test_collection_fresh() -> None:
    lines = apheresis_costs(logistics(), FUNNEL, False)
    assert annual(lines) == {
        "apheresis.collections": exactly(264_000.0),  # 44 × 6,000
        "apheresis.line_placement": exactly(80_000.0),  # 40 × 2,000
    }
    assert {line.basis for line in lines} == {PER_PATIENT}


def test_collection_frozen() -> None:
    lines = apheresis_costs(logistics(), FUNNEL, True)
    assert annual(lines)["apheresis.freezing"] == exactly(57_200.0)  # 44 × 1,300
    assert sum(annual(lines).values()) == exactly(401_200.0)
    assert {line.basis for line in lines} == {PER_PATIENT}


def test_days_to_the_start() -> None:
    assert days_to_start(logistics(), False) == 1.0
    assert days_to_start(logistics(), True) == 10.0


def test_sites_and_lanes() -> None:
    assert logistics_assets(logistics()) == [
        Asset("logistics.sites", "logistics", exactly(125_000.0), 4.0),
        Asset("logistics.lanes", "logistics", exactly(75_000.0), 4.0),
    ]


@pytest.mark.parametrize(("lane", "frozen"), [trip[:2] for trip in TRIPS])
def test_I_64_rows(lane: str, frozen: bool) -> None:
    def of(collected: float, doses: float, share: float, price: float) -> list[Any]:
        areas = logistics(
            transport_excursion_share=share,
            local_courier_price=price,
            dry_shipper_domestic_price=price * 9,
            dry_shipper_international_price=price * 20,
            clinical_sites=collected,
        )
        funnel = nothing(Funnel, collected=collected, aphereses=collected * 1.1, doses_released=doses)
        return [
            apheresis_costs(areas, funnel, frozen),
            logistics_costs(areas, funnel, lane, frozen),
            logistics_assets(areas),
        ]

    check_rows(of, collected=[1.0, 40.0, 333.3], doses=[1.0, 36.0, 300.0], share=[0.0, 0.02, 0.1], price=[9, 150, 400])
