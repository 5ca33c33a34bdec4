"""What has to be added to keep a promise: enough and no more, and nothing where the shutdown alone breaks it."""

from dataclasses import replace
from functools import cache

import pytest

from dosecost.analysis.queueing import simulate, within_name
from dosecost.analysis.queueing_design import Runs, design_of
from dosecost.analysis.queueing_enlarged import Enlarged, enlarged
from dosecost.analysis.queueing_promise import promise
from dosecost.evaluation import Evaluation, evaluate
from dosecost.scenario import load

RUNS = Runs(years=5.0, replications=60)
LIMIT = 14.0


@cache
def founder() -> Evaluation:
    return evaluate(load("founder"))


@cache
def found() -> Enlarged:
    design = design_of(founder())
    return enlarged(founder(), design, promise(design, LIMIT, runs=RUNS), RUNS)


def share(places: int, devices: int, operators: int) -> float:
    """Share within the limit with so many more suites, incubators and operators, built without the code under test."""
    design = design_of(founder())
    assert (design.places, design.device_places, founder().results.heads.by_role["operator"]) == (3, 2, 9)
    plant = replace(
        design,
        places=3 + places,
        device_places=2 + devices,
        team_hours_per_day=design.team_hours_per_day * (9 + operators) / 9,
    )
    return simulate(plant, RUNS, (LIMIT,)).figures[within_name(LIMIT)].mean


def test_what_is_added_is_enough_and_one_less_of_each_is_not() -> None:
    more = found()
    assert more.kept
    assert share(0, 0, 0) < 0.9 <= more.share <= more.at_most
    counts = [more.added.get(name, 0) for name in ("suites", "incubator", "operator")]
    assert more.share == pytest.approx(share(*counts))
    for place, count in enumerate(counts):
        if count:
            assert share(*(n - (i == place) for i, n in enumerate(counts))) < 0.9


def test_nothing_is_added_where_the_shutdown_alone_breaks_the_limit() -> None:
    design = replace(design_of(founder()), shutdown_days=120.0)
    more = enlarged(founder(), design, promise(design, LIMIT, runs=RUNS), RUNS)
    assert (more.added, more.kept) == ({}, False)
    assert more.at_most < 0.9


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    design = design_of(founder())
    few = Runs(years=1.0, replications=5)
    enlarged(founder(), design, promise(design, LIMIT, runs=few), few, lambda done: told.append(done) is None)
    assert told == sorted(told)
    assert told[-1] == 1.0
