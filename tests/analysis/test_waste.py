"""What is thrown away at several volumes is what the ledger of each volume says."""

import numpy as np
import pytest

from dosecost import scenario
from dosecost.analysis.waste import FEW, part_of, waste
from dosecost.evaluation import evaluate
from dosecost.ledger import PER_YEAR, Line


def thrown_away(name: str, patients: float, **choices: str) -> float:
    """Money per patient infused from one evaluation."""
    e = evaluate(scenario.with_changes(scenario.load(name), choices | {"demand.patients_per_year": patients}, ""))
    lines = [line for line in e.results.lines if part_of(line)]
    return sum(float(line.annual) for line in lines) / float(e.results.funnel.patients_infused)


@pytest.mark.parametrize("sizing", scenario.options("sizing"))
@pytest.mark.parametrize("name", scenario.shipped())
def test_each_volume_is_an_evaluation_of_its_own(name: str, sizing: str) -> None:
    s = scenario.with_change(scenario.load(name), "sizing", sizing, "")
    found = waste(s)
    for at in (0, 20, len(found.volumes) - 1):
        alone = thrown_away(name, float(found.volumes[at]), sizing=sizing)
        assert found.total[at] == pytest.approx(alone, rel=1e-9)


@pytest.mark.parametrize("name", scenario.shipped())
def test_less_is_thrown_away_per_patient_the_more_there_are(name: str) -> None:
    s = scenario.with_changes(scenario.load(name), {"heads": "fractional", "vector_supply": "campaign"}, "")
    found = waste(s)
    assert FEW in found.volumes
    assert (np.diff(found.parts["expired"]) <= 1e-6).all()
    assert (found.parts["written_off"] >= 0).all()
    assert (found.total <= found.spent).all()
    assert found.parts["expired"][0] > 0
    assert found.parts["expired"][-1] == 0


def test_what_is_used_is_not_thrown_away() -> None:
    assert part_of(Line("materials.expansion.medium", "materials", "expansion", PER_YEAR, 1.0, 1.0)) == ""
    assert part_of(Line("vector.campaigns", "vector", "gene_transfer", PER_YEAR, 1.0, 1.0)) == ""
