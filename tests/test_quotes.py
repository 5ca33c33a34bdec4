"""The user's own quotes: checked, kept with the number, saved, linked, compared, and counted as own evidence."""

from typing import Any

import pytest

from dosecost import scenario
from dosecost.analysis.alternatives import alternatives
from dosecost.analysis.bridge import bridge
from dosecost.analysis.changes import changes
from dosecost.analysis.evidence import grade_shares
from dosecost.analysis.vein_to_vein import ways
from dosecost.contract import as_data
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost.scenario import Scenario, with_change, with_changes

FOUNDER = scenario.load("founder")
NAME = "materials.vector_dose_price"
KEY = f"quotes.{NAME}"
QUOTE: dict[str, Any] = {"low": 14_000.0, "high": 18_000.0, "source": "Offer of a supplier", "date": "2026-10-01"}


def quoted(**changed: Any) -> Scenario:
    return with_change(FOUNDER, KEY, {"value": 15_000.0} | QUOTE | changed, "test")


def test_no_quotes_leave_the_file_as_it_was() -> None:
    assert '"quotes"' not in scenario.dump(FOUNDER)


def test_a_quote_sets_the_number_and_says_where_it_is_from() -> None:
    s = quoted()
    assert s.inputs[NAME] == 15_000.0
    assert s.quotes[NAME].source == "Offer of a supplier"
    assert evaluate(s).cost.per_patient_infused == evaluate(with_change(FOUNDER, NAME, 15_000.0, "")).cost[2]
    assert grade_shares(s)["own"] > 0
    assert as_data(evaluate(s))["quotes"] == {NAME: QUOTE}


def test_a_quote_is_saved_read_linked_and_listed() -> None:
    s = quoted()
    again = scenario.parse(scenario.dump(s), "again")
    assert again == s
    assert again.digest == s.digest != FOUNDER.digest
    assert [c.label for c in changes(FOUNDER, s)] == [
        "Vector cost per dose, clinical phase",
        "Source of Vector cost per dose, clinical phase",
    ]


def test_a_quote_goes_with_its_number_and_alone() -> None:
    assert with_change(quoted(), NAME, None, "test") == FOUNDER
    left = with_change(quoted(), KEY, None, "test")
    assert (left.quotes, left.inputs[NAME]) == ({}, 15_000.0)


def test_a_new_quote_takes_the_place_of_the_old_one() -> None:
    s = with_change(quoted(), KEY, QUOTE | {"value": 30_000.0, "low": 25_000.0, "high": 40_000.0}, "test")
    assert (s.inputs[NAME], s.quotes[NAME].high) == (30_000.0, 40_000.0)


def test_a_number_stays_inside_its_quote() -> None:
    assert with_change(quoted(), NAME, 17_000.0, "test").quotes == quoted().quotes
    with pytest.raises(InputError, match="does not lie in the range of your quote, 14000 to 18000"):
        with_change(quoted(), NAME, 20_000.0, "test")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"low": 16_000.0}, "does not lie in"),
        ({"low": -1.0}, "low"),
        ({"low": "few"}, "low"),
        ({"source": " "}, "source: needs a text"),
        ({"source": "x" * 201}, "source: needs a text"),
        ({"date": "yesterday"}, "'yesterday' is not a date"),
        ({"date": 20261001}, "is not a date"),
        ({"colour": "red"}, "needs an object with"),
        ({"value": "much"}, NAME),
        ({"value": -5.0}, NAME),
    ],
)
def test_a_wrong_quote_is_refused_by_field(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        quoted(**changed)


def test_a_quote_needs_a_number_of_ones_own_and_an_input_we_have() -> None:
    with pytest.raises(InputError, match="no number of your own"):
        with_change(FOUNDER, KEY, QUOTE, "test")
    with pytest.raises(InputError, match="no input of that name"):
        with_changes(FOUNDER, {"quotes.materials.no_such": QUOTE | {"value": 1.0}}, "test")
    broken = scenario.dump(quoted()).replace("2026-10-01", "soon")
    with pytest.raises(InputError, match=r"quotes\.materials\.vector_dose_price\.date"):
        scenario.parse(broken, "file")


def test_other_values_are_tried_without_the_quote() -> None:
    s = with_change(FOUNDER, "quotes.process.culture_days", {"value": 10.0, **QUOTE, "low": 8.0, "high": 12.0}, "test")
    assert {other.name for other in alternatives(s)} == {other.name for other in alternatives(FOUNDER)}
    assert len(ways(s)) == len(ways(FOUNDER))
    assert sum(bar.contribution for bar in bridge(FOUNDER, s)) == pytest.approx(0.0, abs=1e-6)
