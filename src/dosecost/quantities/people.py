"""Heads by role: hours from the work, minimum teams, whole people, joiners."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dosecost.arithmetic import Number, ceil, maximum, total
from dosecost.fields import quantity, table

EMPTY_TEAM = 1e-9
"""Heads of an empty team, FTE: keeps the used share of a role without work or people at zero."""
DIRECT_ROLES = ("operator", "supervisor")
QUALITY_ROLES = ("qc_analyst", "qc_manager", "qa_specialist", "qa_manager")
SUPPORT_ROLES = ("msat", "facilities", "supply_chain", "regulatory", "site_head")
ROLES = DIRECT_ROLES + QUALITY_ROLES + SUPPORT_ROLES


@dataclass(frozen=True, slots=True)
class RoleInputs:
    """A role: salary before burden, and the smallest team of a working unit (or of a sponsor whose lots are made
    under contract)."""

    salary: Number = quantity("money/yr")
    minimum: Number = quantity("FTE", at_most=500)
    sponsor_minimum: Number = quantity("FTE", at_most=500)


@dataclass(frozen=True, slots=True)
class People:
    """Headcount rules: productive hours, cover, training, and hours of support work per lot."""

    salary_level: Number = quantity("ratio", at_least=0.01, at_most=10)
    burden: Number = quantity("fraction", at_most=2)
    productive_hours: Number = quantity("h/yr", at_least=100, at_most=3_000)
    working_share: Number = quantity("fraction", at_least=0.05)
    cover: Number = quantity("ratio", at_least=1, at_most=6)
    operators_per_supervisor: Number = quantity("persons", at_least=1, at_most=50)
    attrition: Number = quantity("fraction/yr", at_most=2)
    training_cost: Number = quantity("money/joiner")
    recruitment_share: Number = quantity("fraction", at_most=2)
    training_months: Number = quantity("months", at_most=36)
    record_review_hours: Number = quantity("h/lot", at_most=500)
    disposition_hours: Number = quantity("h/lot", at_most=500)
    deviation_hours: Number = quantity("h/event", at_most=500)
    scheduling_hours: Number = quantity("h/lot", at_most=500)
    roles: Mapping[str, RoleInputs] = table(RoleInputs)


class Hours(NamedTuple):
    """Hours of work a year by kind, person-hours."""

    operators: Number
    quality_control: Number
    quality_assurance: Number
    supply_chain: Number


class LotWork(NamedTuple):
    """What one year asks of people: lots and tested lots, hours per lot by kind, and reading of plates."""

    lots: Number
    tested_lots: Number
    operator_hours_per_lot: Number
    analyst_hours_per_lot: Number
    reading_hours: Number
    deviations_per_lot: Number


class Heads(NamedTuple):
    """Heads by role, their sum, and the share of paid time that the work fills, for roles whose hours are counted."""

    by_role: dict[str, Number]
    total: Number
    used: dict[str, Number]


def yearly_hours(work: LotWork, people: People) -> Hours:
    """Person-hours of a year: lots on the floor, tests and plates, records and deviations, scheduling."""
    review = people.record_review_hours + people.disposition_hours
    return Hours(
        operators=work.lots * work.operator_hours_per_lot,
        quality_control=work.tested_lots * work.analyst_hours_per_lot + work.reading_hours,
        quality_assurance=work.lots * (review + work.deviations_per_lot * people.deviation_hours),
        supply_chain=work.lots * people.scheduling_hours,
    )


def needed(hours: Number, people: People) -> Number:
    """Full-time equivalents for ``hours`` of work a year, with weekend and holiday cover."""
    return hours / (people.productive_hours * people.working_share) * people.cover


def whole(heads: Number, minimum: Number, fractional: bool) -> Number:
    """Heads paid for: at least the minimum team, and whole people unless fractional ones are allowed."""
    at_least = maximum(heads, minimum)
    return at_least if fractional else ceil(at_least)


def headcount(hours: Hours, people: People, fractional: bool, sponsor: bool) -> Heads:
    """Heads by role for a year's hours. A sponsor under contract keeps its own, smaller minimum team."""
    least = {name: role.sponsor_minimum if sponsor else role.minimum for name, role in people.roles.items()}
    wanted: dict[str, Number] = {
        "operator": needed(hours.operators, people),
        "qc_analyst": needed(hours.quality_control, people),
        "qa_specialist": needed(hours.quality_assurance, people),
        "supply_chain": needed(hours.supply_chain, people),
    }
    heads = {role: whole(wanted.get(role, 0.0), least[role], fractional) for role in ROLES}
    by_span = heads["operator"] / people.operators_per_supervisor
    heads["supervisor"] = whole(by_span if not sponsor else 0.0, least["supervisor"], fractional)
    return Heads(
        by_role=heads,
        total=total(heads.values()),
        used={} if sponsor else {role: used_share(work, heads[role]) for role, work in wanted.items()},
    )


def used_share(work: Number, heads: Number) -> Number:
    """Share of paid time that work fills; a role with neither work nor people is unused and costs nothing."""
    return work / maximum(heads, EMPTY_TEAM)
