"""Wages by role, used and idle time, by hand."""

from collections import Counter

from dosecost.costs.labour import all_wages, direct_wages, labour_costs, wage
from dosecost.ledger import PER_YEAR, Line, annual_total, by_category
from dosecost.quantities.people import ROLES, Heads, People, RoleInputs
from tests.quantities.builders import check_rows, exactly, stated

SALARIES = {
    "operator": 80_000.0,
    "supervisor": 100_000.0,
    "qc_analyst": 90_000.0,
    "supply_chain": 60_000.0,
    "site_head": 200_000.0,
}
USED = {"operator": 0.75, "qc_analyst": 0.25, "qa_specialist": 1.0, "supply_chain": 0.5}


def people(level: float = 0.75, burden: float = 0.4) -> People:
    """Salaries at three quarters of industry, 40 % burden: 1.05 times the salary."""
    roles = {role: RoleInputs(SALARIES.get(role, 0.0), 0.0, 0.0) for role in ROLES}
    built: People = stated(People, salary_level=level, burden=burden, roles=roles)
    return built


def heads(used: dict[str, float] = USED, **by_role: float) -> Heads:
    """Three quarters of operator time, a quarter of analyst time and half of the planner's is used, all of QA time."""
    return Heads(dict.fromkeys(ROLES, 0.0) | by_role, sum(by_role.values()), used)


SIZES = {"operator": 4.0, "supervisor": 1.0, "qc_analyst": 2.0, "supply_chain": 1.0, "site_head": 1.0}
TEAM = heads(**SIZES)


def annual(lines: list[Line]) -> dict[str, float]:
    return {line.id: line.annual for line in lines}


def test_wage() -> None:
    assert wage(people(), "operator") == exactly(84_000.0)  # 80,000 × 0.75 × 1.4
    assert wage(people(1.0, 0.0), "site_head") == exactly(200_000.0)


def test_team_of_nine() -> None:
    """Operators 4 × 84,000 = 336,000 of which 84,000 idle; a supervisor 105,000 of which 26,250 idle with them;
    two analysts 189,000 of which 141,750 idle; a planner 63,000, half idle; the site head 210,000, never idle."""
    lines = annual(labour_costs(people(), TEAM))
    assert lines["labour.people.operator"] == exactly(252_000.0)
    assert lines["idle.labour.people.operator"] == exactly(84_000.0)
    assert lines["labour.people.supervisor"] == exactly(78_750.0)
    assert lines["idle.labour.people.supervisor"] == exactly(26_250.0)
    assert lines["quality.people.qc_analyst"] == exactly(47_250.0)
    assert lines["idle.quality.people.qc_analyst"] == exactly(141_750.0)
    assert lines["labour.people.site_head"] == exactly(210_000.0)
    assert lines["idle.labour.people.site_head"] == 0.0
    assert lines["labour.people.supply_chain"] == exactly(31_500.0)
    assert lines["idle.labour.people.supply_chain"] == exactly(31_500.0)
    assert sum(lines.values()) == exactly(903_000.0)


def test_the_team_of_a_sponsor_is_never_idle() -> None:
    totals = by_category(labour_costs(people(), heads({}, **SIZES)))
    assert totals["labour"] == exactly(714_000.0)  # 336,000 + 105,000 + 63,000 + 210,000
    assert totals["quality"] == exactly(189_000.0)
    assert totals["idle_capacity"] == 0.0


def test_categories_of_the_roles() -> None:
    lines = labour_costs(people(), TEAM)
    assert Counter(line.category for line in lines) == {"labour": 7, "quality": 4, "idle_capacity": 11}
    assert {line.basis for line in lines} == {PER_YEAR}
    totals = by_category(lines)
    assert totals["labour"] == exactly(572_250.0)  # 252,000 + 78,750 + 31,500 + 210,000
    assert totals["quality"] == exactly(47_250.0)
    assert totals["idle_capacity"] == exactly(283_500.0)  # 84,000 + 26,250 + 31,500 + 141,750


def test_wages_before_overhead() -> None:
    assert direct_wages(people(), TEAM) == exactly(441_000.0)  # 336,000 + 105,000, idle time too
    assert all_wages(people(), TEAM) == exactly(903_000.0)


def test_I_16_used_and_idle_time_are_the_paid_time() -> None:
    assert annual_total(labour_costs(people(), TEAM)) == exactly(all_wages(people(), TEAM))


def test_nobody_costs_nothing() -> None:
    assert annual_total(labour_costs(people(), heads())) == 0.0


def test_I_64_rows() -> None:
    def of(operators: float, level: float, burden: float) -> list[Line]:
        return labour_costs(people(level, burden), heads(operator=operators, qc_analyst=1.0))

    check_rows(of, operators=[1.0, 4.0, 2.4], level=[0.65, 1.0, 0.9], burden=[0.0, 0.35, 0.5])
