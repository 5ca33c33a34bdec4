"""The two forms of the queue simulation, numpy always and compiled once it is ready, and raw samples of either."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost.analysis import queueing_lanes
from dosecost.analysis import queueing_rules as rules
from dosecost.analysis.queueing_design import WHERE, Design, Runs, numbers_of
from dosecost.errors import InputError

Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """Raw results by replication (rows), and what the first one recorded; columns as ``queueing_rules`` names them."""

    waits: Floats
    counts: NDArray[np.int64]
    sums: Floats
    sizes: NDArray[np.int64]
    patients: Floats
    lots: Floats


def sample(
    numbers: rules.Numbers, seed: int, first: int, last: int, replicate: Any, variability: float, record: bool = True
) -> Sample:
    """Replications ``first`` to ``last`` (not included), the first of them recorded patient by patient."""
    expected = numbers.horizon / numbers.gap
    room = ceil(expected + 6.0 * (expected * max(variability, 1.0)) ** 0.5 + 10)
    keys = keys_of(seed, first, last)
    while True:
        # Nobody makes more than two lots; places beyond that stay empty and cost only memory.
        most = 2 * room
        given = numbers._replace(places=min(numbers.places, most), devices=min(numbers.devices, most))
        made = Sample(
            waits=np.full((last - first, room), np.inf),
            counts=np.zeros((last - first, rules.COUNTS), np.int64),
            sums=np.zeros((last - first, rules.SUMS)),
            sizes=np.zeros((last - first, rules.SIZES), np.int64),
            patients=np.full((room if record else 0, rules.PATIENT_COLUMNS), np.nan),
            lots=np.full((2 * room if record else 0, rules.LOT_COLUMNS), np.nan),
        )
        if replicate(given, keys, *made):
            patients = made.patients[: made.sizes[0, rules.BEFORE_HORIZON]]
            return made._replace(patients=patients, lots=made.lots[np.isfinite(made.lots[:, 0])])
        room *= 2


def prepare(wait: bool = False) -> bool:
    """Have the compiled form made ready in the background; whether it is. With ``wait``, come back once it is known."""
    with _LOCK:
        if not _READY:
            maker = ThreadPoolExecutor(1, thread_name_prefix="queue-compiler")
            _READY.append(maker.submit(_compiled))
            maker.shutdown(wait=False)
    return (wait or _READY[0].done()) and _READY[0].result() is not None


def form(compiled: bool | None) -> Any:
    """The function that runs replications: the compiled one if asked for, or if it is ready; else the numpy one.

    Raises InputError where the compiled one is asked for and cannot be had.
    """
    if compiled and not prepare(wait=True):
        raise InputError(WHERE, "compiled", "needs the package numba, and a cache of the present sources")
    if compiled is False or not _READY or not _READY[0].done() or _READY[0].result() is None:
        return queueing_lanes.replicate
    return _READY[0].result()


_LOCK = threading.Lock()
_READY: list[Future[Any]] = []


def _compiled() -> Any:
    """The compiled form if numba is there and it repeats the bits of the numpy form on a case with everything in it;
    a cache left from other sources, which numba may not notice, does not."""
    try:
        from dosecost.analysis import queueing_compiled
    except ImportError:
        return None
    case = Design(
        patients_per_year=60.0,
        places=3,
        place_days=12.0,
        device="device",
        device_places=3,
        device_days=11.0,
        process_days=11.0,
        team_hours_per_lot=4.0,
        shutdown_days=14.0,
        arrival_variability=2.0,
        occupancy_variability=0.2,
        drop_out_per_week=0.05,
        receipt_rejection=0.05,
        failures=(0.05, 0.05, 0.05, 0.05, 0.05),
        remake=True,
        remake_success=0.5,
        shipment_loss=0.05,
        days_to_start=2.0,
        release_days=7.0,
    )
    numbers = numbers_of(case, Runs(5.0, 1.0))
    forms = (queueing_compiled.replicate, queueing_lanes.replicate)
    one, other = (sample(numbers, 1, 0, 8, each, case.arrival_variability) for each in forms)
    same = all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    return queueing_compiled.replicate if same else None


def keys_of(seed: int, first: int, last: int) -> NDArray[np.uint64]:
    """A key for each of the replications ``first`` to ``last`` (not included)."""
    replication = np.arange(first, last, dtype=np.uint64)
    start = rules.mixed(np.full(last - first, seed, np.uint64) + rules.STEP)
    keys: NDArray[np.uint64] = rules.mixed(start + rules.STEP * (replication + np.uint64(1)))
    return keys
