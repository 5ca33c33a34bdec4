"""What must hold of every simulated path: nobody lost, no place used twice, nobody overtaken, nothing in a shutdown.

The first replication of every simulation is audited from its record, event by event; the books of all are added up.
"""

import numpy as np
from numpy.typing import NDArray

from dosecost.analysis import queueing_rules as rules

Floats = NDArray[np.float64]
CLOSE = 1e-9
"""Relative difference that rounding may make."""


class BrokenRule(Exception):  # noqa: N818
    """A path breaks a rule of the simulation: a fault of the program."""


def check_books(counts: NDArray[np.int64]) -> None:
    """Every patient has one end, and every lot fails by one cause or becomes a dose that has one end.

    Raises BrokenRule.
    """
    ends = counts[:, : len(rules.OUTCOMES)].sum(axis=1)
    doses = counts[:, [rules.SHIPMENT, rules.INFUSION_WAIT, rules.INFUSED]].sum(axis=1)
    failed = counts[:, rules.FIRST_CAUSE :].sum(axis=1)
    if not (ends == counts[:, rules.PATIENTS]).all():
        raise BrokenRule("patients were lost or counted twice")
    if not (doses + failed == counts[:, rules.LOTS]).all():
        raise BrokenRule("lots were lost or counted twice")


def most_at_one_time(starts: Floats, ends: Floats) -> int:
    """The most intervals that overlap; one that ends when another starts does not overlap it."""
    days = np.concatenate([ends, starts])
    change = np.concatenate([np.full(len(ends), -1), np.full(len(starts), 1)])
    inside = np.cumsum(change[np.argsort(days, kind="stable")])
    return int(inside.max(initial=0))


def area_under(starts: Floats, ends: Floats) -> float:
    """The integral over time of how many are inside."""
    days = np.concatenate([starts, ends])
    change = np.concatenate([np.ones(len(starts)), -np.ones(len(ends))])
    order = np.argsort(days, kind="stable")
    return float((np.cumsum(change[order])[:-1] * np.diff(days[order])).sum())


def audit(n: rules.Numbers, patients: Floats, lots: Floats, sojourn: float) -> None:
    """Check one recorded replication against the rules; ``sojourn`` is its sum of days in the system.

    Raises BrokenRule naming the first rule that does not hold.
    """
    ends_of = np.maximum(lots[:, rules.PLACE_END], lots[:, rules.DEVICE_END])
    start = lots[:, rules.START]
    worked = lots[:, rules.TEAM_END] > lots[:, rules.TEAM_START]
    latest = max(1.0, float(ends_of.max(initial=0.0)))
    area = area_under(patients[:, rules.ASKED], patients[:, rules.LEFT])
    of_year = start - np.floor(start / n.period) * n.period
    known = {
        "a patient has no end": np.isfinite(patients).all(),
        "a wait is negative": (patients[:, rules.OFFERED] >= 0).all(),
        "a patient leaves before asking": (patients[:, rules.LEFT] >= patients[:, rules.ASKED]).all(),
        "a patient has two lots of one kind": len(np.unique(lots[:, [rules.OWNER, rules.SECOND]], axis=0)) == len(lots),
        "a lot starts before it is ready": (start >= lots[:, rules.READY]).all(),
        "a lot overtakes another": (np.diff(lots[:, rules.READY]) >= 0).all() and (np.diff(start) >= 0).all(),
        "more lots than places": most_at_one_time(start, lots[:, rules.PLACE_END]) <= n.places,
        "more lots than device places": most_at_one_time(start, lots[:, rules.DEVICE_END]) <= n.devices,
        "the team works twice at one time": most_at_one_time(
            lots[worked, rules.TEAM_START], lots[worked, rules.TEAM_END]
        )
        <= 1,
        "the team is late": (lots[:, rules.TEAM_END] <= lots[:, rules.PLACE_END] + CLOSE * latest).all(),
        "work in a shutdown": n.shutdown == 0.0
        or (of_year + ends_of - start <= n.period - n.shutdown + CLOSE * latest).all(),
        "Little's law": abs(area - sojourn) <= CLOSE * max(1.0, abs(sojourn)),
    }
    for rule, holds in known.items():
        if not holds:
            raise BrokenRule(rule)
