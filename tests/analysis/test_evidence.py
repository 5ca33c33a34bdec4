"""Evidence shares: they add up, and a number of the user's own moves to its own grade."""

import pytest

from dosecost.analysis.evidence import DECISIONS, grade_shares, input_swings, input_weights
from dosecost.evaluation import evaluate, rows_in_use
from dosecost.scenario import load, shipped, with_change, with_changes


@pytest.mark.parametrize("name", shipped())
def test_the_shares_add_to_one(name: str) -> None:
    shares = grade_shares(load(name))
    assert sum(shares.values()) == pytest.approx(1, rel=1e-12)
    assert all(share >= 0 for share in shares.values())


def test_a_number_of_ones_own_takes_its_weight_along() -> None:
    s = load("founder")
    weight = input_weights(s)["materials.vector_dose_price"]
    assert weight > 0.01
    own = with_change(s, "materials.vector_dose_price", 20_000, "test")
    before, after = grade_shares(s), grade_shares(own)
    assert after["own"] == pytest.approx(before["own"] + weight, abs=1e-9)
    assert after["D"] == pytest.approx(before["D"] - weight, abs=1e-9)


def test_decisions_carry_no_weight_and_an_unused_input_none() -> None:
    weights = input_weights(load("founder"))
    assert not set(DECISIONS) & set(weights)
    assert weights["facility.pod_price"] == 0
    assert weights["materials.vector_campaign_price"] == 0


def test_weights_follow_the_cost_of_a_pure_price() -> None:
    """Two prices that only multiply one line each weigh as those lines do."""
    s = load("founder")
    weights = input_weights(s)
    ratio = weights["materials.vector_dose_price"] / weights["logistics.collection_price"]
    funnel_lines = {"vector": 20_000.0, "collection": 5_700.0}
    funnel = evaluate(s).results.funnel
    expected = funnel.lots_started * funnel_lines["vector"] / (funnel.aphereses * funnel_lines["collection"])
    assert ratio == pytest.approx(expected, rel=1e-6)


VECTOR = "materials.vector_dose_price"


def test_the_swing_of_an_input_is_the_headline_at_both_ends_of_its_range() -> None:
    s = with_change(load("founder"), "heads", "fractional", "test")
    swings, rows = input_swings(s), rows_in_use(s)
    for name in (VECTOR, "demand.drop_out_per_week", "facility.suite_m2"):
        low, high = (
            evaluate(with_change(s, name, end, "test")).cost.per_patient_infused
            for end in (rows[name].low, rows[name].high)
        )
        assert swings[name].at_low == pytest.approx(low, rel=1e-9)
        assert swings[name].at_high == pytest.approx(high, rel=1e-9)
        assert swings[name].span == pytest.approx(abs(high - low), rel=1e-9)


def test_the_swing_of_a_pure_price_by_hand() -> None:
    """8,000 to 50,000 USD a dose, for every lot started, spread over the patients infused."""
    funnel = evaluate(load("founder")).results.funnel
    row = rows_in_use(load("founder"))[VECTOR]
    assert (row.low, row.high) == (8_000, 50_000)
    expected = 42_000 * funnel.lots_started / funnel.patients_infused
    swings = input_swings(load("founder"))
    assert swings[VECTOR].span == pytest.approx(expected, rel=1e-6)
    assert max(swings, key=lambda name: swings[name].span) == VECTOR


def test_a_fixed_factor_has_weight_and_no_swing_and_a_decision_neither() -> None:
    weights, swings = input_weights(load("founder")), input_swings(load("founder"))
    assert weights["people.salary_level"] > 0.05
    assert "people.salary_level" not in swings
    assert not set(DECISIONS) & set(swings)


def test_a_number_of_ones_own_swings_over_its_quote_and_not_at_all_without_one() -> None:
    s = with_change(load("founder"), VECTOR, 20_000, "test")
    assert VECTOR not in input_swings(s)
    offer = {"value": 20_000, "low": 19_000, "high": 21_000, "source": "An offer", "date": "2026-01-31"}
    quoted = with_changes(s, {f"quotes.{VECTOR}": offer}, "test")
    full = input_swings(load("founder"))[VECTOR].span
    assert input_swings(quoted)[VECTOR].span == pytest.approx(full * 2 / 42, rel=1e-9)
