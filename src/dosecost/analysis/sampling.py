"""The sampling plan: plates by sample type and occasion, what each costs, and the limits they are read against.

Amounts are taken from the ledger; a price for each plate of an occasion is shared by the plates of its sample types.
"""

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dosecost import inputs, ledger
from dosecost.analysis.rooms import IDLE
from dosecost.costs import monitoring
from dosecost.evaluation import Evaluation
from dosecost.quantities.demand import DAYS_PER_WEEK

LIMITS = inputs.DATA / "limits" / "monitoring.csv"
IN_OPERATION, ROUTINE = "in_operation", "routine"
PREFIX = "monitoring."
EXCURSIONS = ("excursions", "lots_lost")


class Sample(NamedTuple):
    """Plates of one sample type on one occasion, and their money a year: the plates, reading them where it is bought,
    and naming what grew on them.

    ``per_session`` is the mean over the sessions of that occasion (of one room and week for routine sampling), and
    ``per_lot`` is 0 for routine sampling, which goes with the rooms.
    """

    kind: str
    occasion: str
    per_session: float
    per_lot: float
    per_week: float
    per_year: float
    plates: float
    reading: float
    identification: float

    @property
    def annual(self) -> float:
        """Money a year."""
        return self.plates + self.reading + self.identification


class Item(NamedTuple):
    """A cost of monitoring that belongs to no single sample type: what it is, how many a year, money a year."""

    id: str
    number: float
    annual: float


class Plan(NamedTuple):
    """The year's sampling: samples, other items, the idle part of rooms' instruments, and excursions by occasion."""

    samples: list[Sample]
    items: list[Item]
    idle: float
    open_sessions: float
    routine_sessions: float
    excursions: dict[str, float]

    @property
    def annual(self) -> float:
        """Money a year of the ledger's category monitoring, without the idle part."""
        return sum(sample.annual for sample in self.samples) + sum(item.annual for item in self.items)


class Limit(NamedTuple):
    """A published limit: of a sample at a room grade or class, with the grade of its evidence."""

    sample: str
    room: str
    limit: str
    unit: str
    evidence: str
    source: str
    note: str


def plan(e: Evaluation) -> Plan:
    """The sampling plan of a year. Under contract the plates are counted and cost nothing beside the contract."""
    results, areas = e.results, e.areas.monitoring
    plates, lots = results.plates, results.funnel.lots_started
    weeks = results.plant.operating_days / DAYS_PER_WEEK
    known = {line.id: line for line in results.lines if line.id.startswith(PREFIX)}
    annual = {name: float(line.annual) for name, line in known.items()}
    taken = {occasion.name: occasion for occasion in monitoring.occasions(areas, plates, lots)}

    def sample(kind: str, occasion: str, per_session: float, per_lot: float, per_year: float) -> Sample:
        all_plates = taken[occasion].plates
        share = per_year / all_plates if all_plates else 0.0
        bought, read, named = (
            annual.get(f"{PREFIX}plates.{kind}", 0.0),
            annual.get(f"{PREFIX}reading.{occasion}", 0.0) * share,
            annual.get(f"{PREFIX}identification.{occasion}", 0.0) * share,
        )
        week = per_year / weeks
        return Sample(kind, occasion, per_session, per_lot, float(week), float(per_year), bought, read, named)

    sessions = results.work.open_sessions
    samples = [
        sample(kind, IN_OPERATION, float(count / sessions) if sessions else 0.0, float(count), count * lots)
        for kind, count in plates.per_lot_by_type.items()
    ]
    each_week = float(monitoring.routine_per_week(areas, "plates", results.grade))
    samples.append(sample(ROUTINE, ROUTINE, each_week, 0.0, plates.routine_per_year))
    by_plate = (f"{PREFIX}plates.", f"{PREFIX}reading.", f"{PREFIX}identification.")
    return Plan(
        samples=samples,
        items=[
            Item(name.removeprefix(PREFIX), float(line.quantity), annual[name])
            for name, line in known.items()
            if not name.startswith(by_plate)
        ],
        idle=float(ledger.annual_total(line for line in results.lines if line.id.startswith(IDLE + PREFIX))),
        open_sessions=float(plates.open_sessions),
        routine_sessions=float(plates.routine_sessions),
        excursions={name: float(occasion.excursions) for name, occasion in taken.items()},
    )


@cache
def limits(path: Path = LIMITS) -> tuple[Limit, ...]:
    """The published limits, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Limit(**row) for row in csv.DictReader(file))
