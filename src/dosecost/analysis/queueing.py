"""The queue for a slot, simulated: random patients, lots of varying length, failures, remakes, drop-out, shutdown.

It replaces the planning utilisation of the main model: rooms, devices and people are used up to what they can do, and
the wait is what comes of it. The rules stand in ``docs/model.md``, "Simulation of the queue". Two forms run them to the
same bits: compiled (``queueing_compiled``, once ``prepare`` has it ready) and numpy (``queueing_lanes``, always).
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from math import ceil, floor, log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dosecost.analysis import queueing_lanes
from dosecost.analysis import queueing_rules as rules
from dosecost.analysis.queueing_audit import audit, check_books
from dosecost.arithmetic import SLACK
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation
from dosecost.model import operator_hours_per_lot
from dosecost.quantities.demand import DAYS_PER_WEEK, DAYS_PER_YEAR

Floats = NDArray[np.float64]
WHERE = "simulation"
SUITES, OPERATORS = "suites", "operator"
UNLIMITED = 0.0
QUANTILES = {"slot_wait_p50": 0.5, "slot_wait_p90": 0.9}
NORMAL_975 = 1.959963984540054
"""Of a standard normal number, 97.5 % lie below it."""
MOST_PATIENTS = 100_000_000
LANE_PATIENTS, BLOCK_PATIENTS = 1_500_000, 250_000
"""Patients at one time in numpy, which is quick with many replications side by side, and compiled."""
MARGIN = 1e-9
"""Lots are this share shorter than the operating year at most, so that rounding never makes one too long for it."""


@dataclass(frozen=True, slots=True)
class Design:
    """A plant and its patients as the simulation sees them; days unless the name says otherwise.

    ``places`` for lots in rooms and ``device_places`` in the limiting device are held from the start of a lot, for
    ``place_days`` (receipt to line clearance) and ``device_days`` (turnaround included). ``team_hours_per_day`` is what
    all operators together do on an operating day, ``team_hours_per_lot`` what a lot asks of them (0: no limit).
    ``failures`` are chances per lot by cause, in the order of ``queueing_rules.CAUSES``. Variabilities are squared
    coefficients of variation. Raises InputError where a number makes no design.
    """

    patients_per_year: float
    places: int
    place_days: float
    device: str
    device_places: int
    device_days: float
    process_days: float
    team_hours_per_day: float = 1.0
    team_hours_per_lot: float = UNLIMITED
    shutdown_days: float = 0.0
    arrival_variability: float = 1.0
    occupancy_variability: float = 0.0
    drop_out_per_week: float = 0.0
    receipt_rejection: float = 0.0
    failures: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    remake: bool = False
    remake_success: float = 1.0
    shipment_loss: float = 0.0
    days_to_start: float = 0.0
    release_days: float = 0.0
    days_to_infusion: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        for field in fields(self):
            value = getattr(self, field.name)
            numbers = value if isinstance(value, tuple) else () if isinstance(value, str) else (value,)
            if not all(np.isfinite(number) and number >= 0 for number in numbers):
                raise InputError(WHERE, field.name, f"{value} is not a number of 0 or more")
        for name in ("patients_per_year", "places", "device_places", "place_days", "team_hours_per_day"):
            if getattr(self, name) <= 0:
                raise InputError(WHERE, name, f"{getattr(self, name)} is not above 0")
        for name in ("drop_out_per_week", "receipt_rejection", "remake_success", "shipment_loss"):
            if getattr(self, name) > 1:
                raise InputError(WHERE, name, f"{getattr(self, name)} is above 1")
        if sum(self.failures) > 1 + SLACK:
            raise InputError(WHERE, "failures", f"chances of {sum(self.failures)} in all are above 1")
        longest = max(self.place_days, self.device_days, self.team_days)
        if self.shutdown_days and longest > self.operating_days:
            why = f"a lot of {longest:.1f} days does not fit between two shutdowns, {self.operating_days:.1f} days"
            raise InputError(WHERE, "place_days", why)

    @property
    def operating_days(self) -> float:
        """Days a year on which lots can run."""
        return DAYS_PER_YEAR - self.shutdown_days

    def open_days(self, day: float) -> float:
        """Operating days until ``day``; the shutdown ends every year."""
        years = floor(day / DAYS_PER_YEAR)
        return years * self.operating_days + min(day - years * DAYS_PER_YEAR, self.operating_days)

    @property
    def team_days(self) -> float:
        """Days that all operators together need for one lot."""
        return self.team_hours_per_lot / self.team_hours_per_day

    @property
    def lots_per_patient(self) -> float:
        """Lots that a patient who asks for a slot starts on average where nobody waits."""
        there: float = (1.0 - self.drop_out_per_week) ** (self.days_to_start / DAYS_PER_WEEK)
        return there * (1.0 - self.receipt_rejection) * (1.0 + (sum(self.failures) if self.remake else 0.0))

    @property
    def loads(self) -> dict[str, float]:
        """Lots asked for over lots possible, by resource: 1 or more has no steady state.

        Before a shutdown a place stands idle once no lot fits any more: that costs (1 − variability) ÷ 2 lots a place
        and year, the known shortfall of a renewal process.
        """
        lots = self.patients_per_year * self.lots_per_patient
        lost = max(0.0, 1.0 - self.occupancy_variability) / 2.0 if self.shutdown_days else 0.0

        def load(places: int, days: float) -> float:
            possible = places * max(self.operating_days / days - lost, 1.0) if days else np.inf
            return float(lots / possible)

        return {
            SUITES: load(self.places, max(self.place_days, self.team_days)),
            self.device: load(self.device_places, self.device_days),
            OPERATORS: lots * self.team_days / self.operating_days,
        }


def design_of(e: Evaluation) -> Design:
    """The design of an evaluated scenario, at the rate of patients who ask for a slot.

    Simplified: places that rooms or devices hold are whole numbers (rounded down); the device is taken when the lot
    starts; devices that do not limit, analysts and QA never hold a lot up. Operators give their productive hours, less
    weekend and holiday cover, evenly over the operating days and work off the lots in order; the planning share of
    their time is no limit, as the planning utilisation of rooms is none. Raises InputError where lots are made under
    contract: that plant is not the sponsor's to simulate.
    """
    if e.scenario.choices.tenure == "cdmo":
        raise InputError(e.scenario.name, "tenure", "lots are made under contract: there is no plant to simulate")
    areas, results, device = e.areas, e.results, e.recipe.limiting_device
    plant, waits, funnel, work = results.plant, results.waits, results.funnel, results.work
    by_cause = [float(getattr(funnel, f"failed_{cause}")) for cause in rules.CAUSES]
    scale = funnel.lot_failure_rate / funnel.lots_failed if funnel.lots_failed > 0 else 0.0
    material, handling, machine, dirt, refused = (float(lots * scale) for lots in by_cause)
    hours = results.heads.by_role[OPERATORS] * areas.people.productive_hours / areas.people.cover
    team = float(hours / plant.operating_days)
    return Design(
        patients_per_year=float(areas.demand.patients_per_year),
        places=_whole(plant.suites * plant.lots_per_room),
        place_days=float(work.room_days),
        device=device,
        device_places=_whole(plant.devices[device] * areas.capacity.devices[device].slots),
        device_days=float(plant.device_days_per_lot[device]),
        process_days=float(work.process_days),
        team_hours_per_day=team or 1.0,
        team_hours_per_lot=float(operator_hours_per_lot(areas, work, results.grade)) if team else UNLIMITED,
        shutdown_days=float(areas.capacity.shutdown_weeks * DAYS_PER_WEEK),
        arrival_variability=float(areas.capacity.arrival_variability),
        occupancy_variability=float(areas.capacity.occupancy_variability),
        drop_out_per_week=float(areas.demand.drop_out_per_week),
        receipt_rejection=float(areas.losses.receipt_rejection),
        failures=(material, handling, machine, dirt, refused),
        remake=e.scenario.choices.remake == "yes",
        remake_success=float(areas.losses.remake_success),
        shipment_loss=float(areas.losses.shipment_loss),
        days_to_start=float(waits.to_start),
        release_days=float(waits.to_release - work.process_days),
        days_to_infusion=float(waits.to_infusion),
    )


def plain_queue(
    patients_per_year: float, servers: int, days: float, arrival_variability: float, occupancy_variability: float
) -> Design:
    """A bare queue, for comparison with formulas: nothing but arrivals and servers."""
    return Design(
        patients_per_year=patients_per_year,
        places=servers,
        place_days=days,
        device="none",
        device_places=1,
        device_days=0.0,
        process_days=days,
        arrival_variability=arrival_variability,
        occupancy_variability=occupancy_variability,
    )


@dataclass(frozen=True, slots=True)
class Runs:
    """How long and how often to simulate: years counted, years before them that are not, replications, seed."""

    years: float = 10.0
    warm_up_years: float = 1.0
    replications: int = 200
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what gives no answer, or none in reasonable time."""
        for name, least, most in (
            ("years", 0.1, 1_000.0),
            ("warm_up_years", 0.0, 100.0),
            ("replications", 2, 10_000),
            ("seed", 0, 2**63 - 1),
        ):
            if not least <= getattr(self, name) <= most:
                raise InputError(WHERE, name, f"{getattr(self, name)} is not between {least:,g} and {most:,g}")


class Estimate(NamedTuple):
    """A figure over replications: mean, its 95 % interval, and what one replication in ten falls below or exceeds.

    ``replications`` counts those in which the figure exists.
    """

    mean: float
    low: float
    high: float
    p10: float
    p90: float
    replications: int


class Simulation(NamedTuple):
    """Figures by name, amounts a year and waits in days; none where a load is 1 or more (``unstable``).

    ``slot_wait_*`` is the wait for the slot that each patient was offered, also of those who dropped out before.
    ``warm_up_matters``: counting the warm-up would move the mean wait out of its interval. ``settled``: in the later
    half of the counted years patients wait as long as in the earlier, within the interval; if not, the runs are short.
    """

    design: Design
    runs: Runs
    loads: dict[str, float]
    binding: str
    unstable: bool
    figures: dict[str, Estimate]
    warm_up_matters: bool
    settled: bool


class Stopped(Exception):  # noqa: N818
    """The caller's progress function asked to stop."""


Progress = Callable[[float], bool]
"""Told the share done, 0 to 1; false stops the work with ``Stopped``."""


def within_name(limit_days: float) -> str:
    """Name, among the figures, of the share of patients whose wait for the slot they were offered keeps the limit."""
    return f"share_within_{limit_days:g}_days"


def simulate(
    design: Design,
    runs: Runs | None = None,
    limits: tuple[float, ...] = (),
    compiled: bool | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Simulation:
    """Run the replications of one design. Each of ``limits``, days, gives a figure of its own (``within_name``).

    ``compiled`` asks for one form (none: compiled where it is ready); the numbers are the same. Replications run on
    ``executor``, or on a thread for each core. Raises InputError where the work would be out of reach, Stopped where
    ``progress`` says so.
    """
    runs = runs or Runs()
    loads = design.loads
    binding = max(loads, key=lambda name: loads[name])
    if loads[binding] >= 1.0:
        tell(progress, 1.0)
        return Simulation(design, runs, loads, binding, True, {}, False, False)
    parts = list(_parts(design, runs, limits, form(compiled), progress, executor))
    by_name = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    with_warm_up, drift = estimate(by_name.pop("slot_wait_with_warm_up")), estimate(by_name.pop("slot_wait_drift"))
    whole = by_name["patients"]
    estimates = {
        name: share(values, whole) if name.startswith("share_") else estimate(values)
        for name, values in by_name.items()
    }
    figures = {name: found for name, found in estimates.items() if found is not None}
    mean = figures.get("slot_wait_mean")
    if mean is None or with_warm_up is None or drift is None:
        return Simulation(design, runs, loads, binding, False, figures, False, False)
    matters = not mean.low <= with_warm_up.mean <= mean.high
    settled = drift.low <= 0 <= drift.high or abs(drift.mean) <= mean.high - mean.mean
    return Simulation(design, runs, loads, binding, False, figures, matters, settled)


def estimate(values: Floats) -> Estimate | None:
    """Mean, interval and spread over replications; none where fewer than two have the figure.

    The interval is Student's, by the first terms of its expansion around the normal.
    """
    known = values[np.isfinite(values)]
    count = len(known)
    if count < 2:
        return None
    z, free = NORMAL_975, count - 1
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    t += (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3)
    mean = float(known.mean())
    half = t * float(known.std(ddof=1)) / count**0.5
    low, high = (float(value) for value in np.quantile(known, (0.1, 0.9)))
    return Estimate(mean, mean - half, mean + half, low, high, count)


def share(part: Floats, whole: Floats) -> Estimate | None:
    """Share of all patients of all replications, with the interval of a ratio of means; none where nobody came."""
    if not whole.any():
        return None
    pooled = part.sum() / whole.sum()
    found = estimate(pooled + (part - pooled * whole) / whole.mean())
    by_replication = estimate(part[whole > 0] / whole[whole > 0])
    if found is None or by_replication is None:
        return None
    return by_replication._replace(mean=found.mean, low=max(0.0, found.low), high=min(1.0, found.high))


def numbers_of(design: Design, runs: Runs) -> rules.Numbers:
    """The design and the window as plain numbers."""
    hazard = -log(1.0 - design.drop_out_per_week) / DAYS_PER_WEEK if design.drop_out_per_week < 1 else np.inf
    longest = max(design.place_days, design.device_days)
    cumulative = np.cumsum(design.failures)
    first, second, third, fourth, fifth = (float(chance) for chance in cumulative)
    return rules.Numbers(
        gap=DAYS_PER_YEAR / design.patients_per_year,
        gaps=rules.variable(design.arrival_variability),
        durations=rules.variable(design.occupancy_variability),
        most=design.operating_days * (1.0 - MARGIN) / longest if design.shutdown_days else np.inf,
        places=design.places,
        devices=design.device_places,
        place_days=design.place_days,
        device_days=design.device_days,
        process_days=design.process_days,
        team_days=design.team_days,
        period=DAYS_PER_YEAR,
        shutdown=design.shutdown_days,
        to_start=design.days_to_start,
        release_days=design.release_days,
        to_infusion=design.days_to_infusion,
        mean_life=1.0 / hazard if hazard else np.inf,
        rejection=design.receipt_rejection,
        failures=(first, second, third, fourth, fifth),
        remake=design.remake,
        remake_success=design.remake_success,
        shipment_loss=design.shipment_loss,
        warm_up=runs.warm_up_years * DAYS_PER_YEAR,
        middle=(runs.warm_up_years + (floor(runs.years / 2.0) or runs.years / 2.0)) * DAYS_PER_YEAR,
        horizon=(runs.warm_up_years + runs.years) * DAYS_PER_YEAR,
    )


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
    keys = _keys(seed, first, last)
    while True:
        made = Sample(
            waits=np.full((last - first, room), np.inf),
            counts=np.zeros((last - first, rules.COUNTS), np.int64),
            sums=np.zeros((last - first, rules.SUMS)),
            sizes=np.zeros((last - first, rules.SIZES), np.int64),
            patients=np.full((room if record else 0, rules.PATIENT_COLUMNS), np.nan),
            lots=np.full((2 * room if record else 0, rules.LOT_COLUMNS), np.nan),
        )
        if replicate(numbers, keys, *made):
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


def portion(progress: Progress | None, begin: float, share: float) -> Progress | None:
    """Progress of a piece of work that takes ``share`` of the whole from ``begin`` on."""
    return None if progress is None else lambda done: progress(min(1.0, begin + share * done))


def tell(progress: Progress | None, done: float) -> None:
    """Report the share done. Raises Stopped where the answer is to stop."""
    if progress and not progress(done):
        raise Stopped


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


def _whole(places: Any) -> int:
    return max(1, floor(float(places) + SLACK * max(1.0, float(places))))


def _keys(seed: int, first: int, last: int) -> NDArray[np.uint64]:
    replication = np.arange(first, last, dtype=np.uint64)
    start = rules.mixed(np.full(last - first, seed, np.uint64) + rules.STEP)
    keys: NDArray[np.uint64] = rules.mixed(start + rules.STEP * (replication + np.uint64(1)))
    return keys


def _parts(
    design: Design,
    runs: Runs,
    limits: tuple[float, ...],
    replicate: Any,
    progress: Progress | None,
    executor: Executor | None,
) -> Iterator[Mapping[str, Floats]]:
    """Figures of all replications, a block at a time and in order."""
    expected = design.patients_per_year * (runs.years + runs.warm_up_years)
    if expected * runs.replications > MOST_PATIENTS:
        why = f"{expected * runs.replications:,.0f} patients; at most {MOST_PATIENTS:,}: fewer years or replications"
        raise InputError(WHERE, "replications", why)
    numbers = numbers_of(design, runs)
    in_numpy = replicate is queueing_lanes.replicate
    cores = 1 if in_numpy else os.cpu_count() or 1
    block = ceil((LANE_PATIENTS if in_numpy else BLOCK_PATIENTS) / max(expected, 1.0))
    block = min(block, ceil(runs.replications / cores))
    starts = range(0, runs.replications, block)

    def figures(first: int) -> Mapping[str, Floats]:
        last = min(first + block, runs.replications)
        made = sample(numbers, runs.seed, first, last, replicate, design.arrival_variability, record=first == 0)
        check_books(made.counts)
        if first == 0:
            audit(numbers, made.patients, made.lots, float(made.sums[0, rules.SOJOURN]))
        return _figures(design, runs, made, limits)

    own = ThreadPoolExecutor(cores) if executor is None else None
    waiting = [(own or executor).submit(figures, first) for first in starts]  # type: ignore[union-attr]
    try:
        for done, future in enumerate(waiting, 1):
            yield future.result()
            tell(progress, done / len(waiting))
    finally:
        for future in waiting:
            future.cancel()
        if own:
            own.shutdown()


def _figures(design: Design, runs: Runs, made: Sample, limits: tuple[float, ...]) -> dict[str, Floats]:
    """Figures by replication; those named share_* are still amounts a year."""
    yearly = made.counts / runs.years
    found = {name: yearly[:, column] for column, name in enumerate(rules.OUTCOMES)}
    found |= {
        "patients": yearly[:, rules.PATIENTS],
        "lots_started": yearly[:, rules.LOTS],
        "lots_remade": yearly[:, rules.REMADE],
    }
    found |= {f"failed_{cause}": yearly[:, rules.FIRST_CAUSE + place] for place, cause in enumerate(rules.CAUSES)}
    found["lots_failed"] = yearly[:, rules.FIRST_CAUSE :].sum(axis=1)
    found["doses_released"] = found["lots_started"] - found["lots_failed"]

    rows = [row[:asked] for row, asked in zip(made.waits, made.sizes[:, rules.BEFORE_HORIZON], strict=True)]
    waits = [row[first:] for row, first in zip(rows, made.sizes[:, rules.BEFORE_WARM_UP], strict=True)]
    middle = made.sizes[:, rules.BEFORE_MIDDLE] - made.sizes[:, rules.BEFORE_WARM_UP]
    halves = [(row[:place], row[place:]) for row, place in zip(waits, middle, strict=True)]
    found["slot_wait_mean"] = np.array([_mean(row) for row in waits])
    found["slot_wait_with_warm_up"] = np.array([_mean(row) for row in rows])
    found["slot_wait_drift"] = np.array([_mean(late) - _mean(early) for early, late in halves])
    found |= dict(zip(QUANTILES, np.array([_quantiles(row) for row in waits]).T, strict=True))
    found |= {within_name(limit): np.array([(row <= limit).sum() for row in waits]) / runs.years for limit in limits}
    found["share_lost_waiting"] = found["lost_slot_wait"]
    with np.errstate(invalid="ignore", divide="ignore"):
        found["vein_to_vein_days"] = made.sums[:, rules.VEIN_TO_VEIN] / made.counts[:, rules.INFUSED]
        found["remake_wait_mean"] = made.sums[:, rules.REMAKE_WAIT] / made.counts[:, rules.REMADE]

    window = numbers_of(design, runs)
    days = design.open_days(window.horizon) - design.open_days(window.warm_up)
    found[f"used_{SUITES}"] = made.sums[:, rules.PLACE_TIME] / (design.places * days)
    found[f"used_{design.device}"] = made.sums[:, rules.DEVICE_TIME] / (design.device_places * days)
    found[f"used_{OPERATORS}"] = made.sums[:, rules.TEAM_TIME] / days
    return found


def _mean(waits: Floats) -> float:
    return float(waits.sum()) / len(waits) if len(waits) else np.nan


def _quantiles(waits: Floats) -> list[float]:
    """The smallest of the waits that each of the ``QUANTILES`` of them does not exceed."""
    if not len(waits):
        return [np.nan] * len(QUANTILES)
    places = [max(0, ceil(quantile * len(waits) - SLACK) - 1) for quantile in QUANTILES.values()]
    return [float(value) for value in np.partition(waits, places)[places]]
