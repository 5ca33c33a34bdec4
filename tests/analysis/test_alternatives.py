"""Other ways to make the lot: each is the evaluated scenario with that one change."""

import pytest

from dosecost import recipes, scenario, step_edits
from dosecost.analysis.alternatives import alternatives
from dosecost.evaluation import evaluate
from dosecost.scenario import with_change, with_changes

EDITED = {step_edits.KEY: {"optional": ["gene_editing", "depletion"]}, "process.knock_outs": 2.0}


@pytest.mark.parametrize("platform", recipes.load())
def test_every_change_alone_is_the_scenario_so_changed(platform: str) -> None:
    s = with_changes(scenario.load("founder"), EDITED | {"platform": platform}, "test")
    found = {(other.part, other.name): other for other in alternatives(s)}
    changed = {
        ("", ""): {},
        ("without", "gene_editing"): {step_edits.KEY: {"optional": ["depletion"]}},
        ("with", "enrichment"): {step_edits.KEY: {"optional": ["gene_editing", "depletion", "enrichment"]}},
        ("culture", "rapid"): {"process.culture_days": 2.5},
        ("delivery", "non_viral"): {"delivery": "non_viral"},
        ("instruments", "research"): {"instruments": "research"},
    }
    for key, new in changed.items():
        e = evaluate(with_changes(s, new, "test"))
        other = found[key]
        assert other.cost == pytest.approx(e.cost.per_patient_infused)
        assert other.vein_to_vein_days == pytest.approx(e.results.funnel.vein_to_vein_days)
        assert other.missed_dose == pytest.approx(e.results.cells.missed_dose)
        assert other.lot_failure == pytest.approx(e.results.funnel.lot_failure_rate)


def test_what_is_so_already_is_no_change() -> None:
    s = with_change(scenario.load("founder"), "process.culture_days", 7.5, "test")
    names = {other.name for other in alternatives(s)}
    assert not names & {"shorter", "lentiviral", "gmp"}
    assert {"standard", "rapid", "same_day", "retroviral", "research"} <= names
