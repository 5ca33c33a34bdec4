"""Time the queue simulation (`make bench`): against SimPy on the same model and the same draws, in one run.

SimPy gets its draws ready made and outside its time; ours are drawn inside.
"""

import os
import time
from dataclasses import replace

from dosecost.analysis.queueing import simulate
from dosecost.analysis.queueing_design import Design, Runs, design_of, plain_queue
from dosecost.analysis.queueing_forms import prepare
from dosecost.analysis.queueing_promise import promise
from dosecost.evaluation import evaluate
from dosecost.scenario import load
from tests.bench.bench_model import best
from tests.reference import queue_processes

PROCESSES = 3
"""Replications that SimPy runs; its time for all is theirs times as many."""


def patients(design: Design, runs: Runs) -> float:
    """Patients of all replications, warm-up included."""
    return design.patients_per_year * (runs.years + runs.warm_up_years) * runs.replications


def seconds_of_simpy(design: Design, runs: Runs) -> float:
    """Time of a replication in SimPy."""
    draws = [queue_processes.draws(design, runs, replication) for replication in range(PROCESSES)]
    return best(lambda: [queue_processes.simulate(design, each) for each in draws], 3) / PROCESSES


def main() -> None:
    """Print the table of `docs/performance.md`."""
    start = time.perf_counter()
    assert prepare(wait=True)
    ready = time.perf_counter() - start
    runs = Runs()
    founder = design_of(evaluate(load("founder")))
    investor = design_of(evaluate(load("investor")))
    designs = {
        "founder, 40 patients a year": founder,
        "the same plant five times, 220 patients a year": replace(
            founder,
            patients_per_year=220.0,
            places=5 * founder.places,
            device_places=5 * founder.device_places,
            team_hours_per_day=5 * founder.team_hours_per_day,
        ),
        "investor, 500 patients a year": investor,
        "bare queue of 8 servers, 500 a year": plain_queue(500.0, 8, 5.0, 1.0, 1.0),
    }
    print(
        f"{os.cpu_count()} cores; 10 years and 1 of warm-up × 200 replications; compiled form ready in {ready:.1f} s\n"
    )
    print(f"{'design':<50}{'compiled':>10}{'numpy':>10}{'SimPy':>10}{'patients/s':>13}{'of SimPy':>10}")
    for label, design in designs.items():
        compiled = best(lambda design=design: simulate(design, runs, compiled=True), 7)
        numpy = best(lambda design=design: simulate(design, runs, compiled=False), 2)
        processes = seconds_of_simpy(design, runs) * runs.replications
        rate = patients(design, runs) / compiled / 1e6
        ratio = processes / compiled
        print(f"{label:<50}{compiled:>8.3f} s{numpy:>8.2f} s{processes:>8.1f} s{rate:>11.1f} M{ratio:>8.0f} ×")
    for label, design in (("founder", founder), ("investor", investor)):
        compiled = best(lambda design=design: promise(design, 14.0, runs=runs, compiled=True), 2)
        print(f"promise at 90 % within 14 days, {label:<30}{compiled:.2f} s compiled")


if __name__ == "__main__":
    main()
