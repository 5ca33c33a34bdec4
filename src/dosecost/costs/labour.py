"""What the people of the plant cost, by role; quality roles stand under quality, the unused part of paid time under
idle capacity."""

from dosecost.arithmetic import Number, total
from dosecost.ledger import PER_YEAR, Line, shared
from dosecost.quantities.people import DIRECT_ROLES, QUALITY_ROLES, ROLES, Heads, People

FULLY = 1.0


def wage(people: People, role: str) -> Number:
    """Money a year for one head of a role: salary at the site's level, with burden."""
    return people.roles[role].salary * people.salary_level * (1.0 + people.burden)


def role_category(role: str) -> str:
    """Cost category of a role."""
    return "quality" if role in QUALITY_ROLES else "labour"


def used_time(role: str, heads: Heads) -> Number:
    """Share of a role's paid time that lots fill. Supervisors share the operators' figure; roles that are there
    whatever the volume, and a sponsor's team, count as used."""
    return heads.used.get("operator" if role == "supervisor" else role, FULLY)


def labour_costs(people: People, heads: Heads) -> list[Line]:
    """A line for each role, split into used and idle time."""
    lines: list[Line] = []
    for role in ROLES:
        line = Line(
            f"{role_category(role)}.people.{role}",
            role_category(role),
            "",
            PER_YEAR,
            heads.by_role[role],
            wage(people, role),
        )
        lines.extend(shared(line, used_time(role, heads)))
    return lines


def direct_wages(people: People, heads: Heads) -> Number:
    """Money a year for operators and supervisors, the base of the site overhead."""
    return total(heads.by_role[role] * wage(people, role) for role in DIRECT_ROLES)


def all_wages(people: People, heads: Heads) -> Number:
    """Money a year for everybody, before overhead."""
    return total(heads.by_role[role] * wage(people, role) for role in ROLES)
