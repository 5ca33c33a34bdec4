"""What follows heads and capital: site overhead, joiners, financing of the plant."""

from dataclasses import dataclass

from dosecost.arithmetic import Number, maximum, total
from dosecost.costs.labour import direct_wages
from dosecost.fields import quantity
from dosecost.ledger import CAPITAL, PER_YEAR, Line
from dosecost.quantities.people import EMPTY_TEAM, ROLES, Heads, People


@dataclass(frozen=True, slots=True)
class Overhead:
    """Overhead rates."""

    site_overhead: Number = quantity("fraction", at_most=3)
    capital_charge: Number = quantity("fraction/yr", at_most=1)


def average_salary(people: People, heads: Heads) -> Number:
    """Mean salary before burden over the team, money a year."""
    paid = total(heads.by_role[role] * people.roles[role].salary * people.salary_level for role in ROLES)
    return paid / maximum(heads.total, EMPTY_TEAM)


def overhead_costs(overhead: Overhead, people: People, heads: Heads, invested: Number) -> list[Line]:
    """Site overhead on direct wages, joiners who replace leavers, and the charge on the average book value.

    Straight-line assets are on average half written off, so the charge is the rate times half of what was invested.
    """
    joiners = heads.total * people.attrition
    mean_book_value = invested / 2.0
    return [
        Line("overhead.site", "overhead", "", PER_YEAR, direct_wages(people, heads), overhead.site_overhead),
        Line("overhead.training", "overhead", "", PER_YEAR, joiners, people.training_cost),
        Line(
            "overhead.recruitment",
            "overhead",
            "",
            PER_YEAR,
            joiners * people.recruitment_share,
            average_salary(people, heads),
        ),
        Line("overhead.financing", "overhead", "", CAPITAL, mean_book_value, overhead.capital_charge),
    ]
