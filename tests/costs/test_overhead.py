"""Site overhead, joiners and financing, by hand."""

from dosecost.costs.overhead import Overhead, average_salary, overhead_costs
from dosecost.ledger import CAPITAL, PER_YEAR, Line
from dosecost.quantities.people import ROLES, Heads, People, RoleInputs
from tests.quantities.builders import check_rows, exactly, stated

SALARIES = {"operator": 80_000.0, "supervisor": 100_000.0, "site_head": 200_000.0}
OVERHEAD = Overhead(site_overhead=0.2, capital_charge=0.1)


def people(attrition: float = 0.25, level: float = 0.75) -> People:
    built: People = stated(
        People,
        salary_level=level,
        burden=0.4,
        attrition=attrition,
        training_cost=9_000.0,
        recruitment_share=0.2,
        roles={role: RoleInputs(SALARIES.get(role, 0.0), 0.0, 0.0) for role in ROLES},
    )
    return built


def team(operators: float = 4.0) -> Heads:
    """Four operators at half use, a supervisor and a site head."""
    by_role = dict.fromkeys(ROLES, 0.0) | {"operator": operators, "supervisor": 1.0, "site_head": 1.0}
    return Heads(by_role, operators + 2.0, {"operator": 0.5})


def test_overhead_of_a_team_of_six() -> None:
    """Direct wages 4 × 84,000 and 105,000 are 441,000, their idle half too. Of six people one and a half leave.

    The mean salary is three quarters of (4 × 80,000 + 100,000 + 200,000) ÷ 6: 77,500. The plant of 2,000,000 is on
    average half written off.
    """
    lines = overhead_costs(OVERHEAD, people(), team(), 2_000_000.0)
    assert average_salary(people(), team()) == exactly(77_500.0)
    assert {line.id: line.annual for line in lines} == {
        "overhead.site": exactly(88_200.0),  # a fifth of 441,000
        "overhead.training": exactly(13_500.0),  # 1.5 × 9,000
        "overhead.recruitment": exactly(23_250.0),  # 1.5 × a fifth of 77,500
        "overhead.financing": exactly(100_000.0),  # a tenth of 1,000,000
    }


def test_financing_is_a_capital_charge_and_the_rest_is_not() -> None:
    basis = {line.id: line.basis for line in overhead_costs(OVERHEAD, people(), team(), 1.0)}
    assert basis.pop("overhead.financing") == CAPITAL
    assert set(basis.values()) == {PER_YEAR}


def test_nobody_leaves_nothing_is_financed() -> None:
    lines = overhead_costs(OVERHEAD, people(attrition=0.0), team(), 0.0)
    assert sum(line.annual for line in lines) == exactly(88_200.0)


def test_I_64_rows() -> None:
    def of(operators: float, attrition: float, invested: float) -> list[Line]:
        return overhead_costs(OVERHEAD, people(attrition), team(operators), invested)

    check_rows(of, operators=[1.0, 4.0, 2.4], attrition=[0.0, 0.25, 0.4], invested=[0.0, 2e6, 1.5e7])
