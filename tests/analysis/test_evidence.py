"""Evidence shares: they add up, and a number of the user's own moves to its own grade."""

import pytest

from dosecost.analysis.evidence import DECISIONS, grade_shares, input_weights
from dosecost.scenario import load, shipped, with_change


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
    from dosecost.evaluation import evaluate

    funnel = evaluate(s).results.funnel
    expected = funnel.lots_started * funnel_lines["vector"] / (funnel.aphereses * funnel_lines["collection"])
    assert ratio == pytest.approx(expected, rel=1e-6)
