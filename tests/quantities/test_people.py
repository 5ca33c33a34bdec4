"""Hours and heads by hand: minimum teams, whole and fractional people."""

from typing import Any

import pytest

from dosecost.costs.facility import Facility
from dosecost.inputs import Areas
from dosecost.model import operator_hours_per_lot
from dosecost.quantities.people import (
    EMPTY_TEAM,
    ROLES,
    Heads,
    Hours,
    LotWork,
    People,
    RoleInputs,
    headcount,
    needed,
    used_share,
    whole,
    yearly_hours,
)
from dosecost.quantities.process import Process, Work
from tests.quantities.builders import check_rows, exactly, nothing, stated


def people(minimum: dict[str, float] | None = None, sponsor: dict[str, float] | None = None, **changed: Any) -> People:
    """1,600 hours of which three quarters are worked: 1,200 a head; a fifth more for weekends and holidays."""
    values: dict[str, Any] = {
        "productive_hours": 1_600.0,
        "working_share": 0.75,
        "cover": 1.2,
        "operators_per_supervisor": 4.0,
        "record_review_hours": 6.0,
        "disposition_hours": 4.0,
        "deviation_hours": 8.0,
        "scheduling_hours": 3.0,
    }
    roles = {role: RoleInputs(0.0, (minimum or {}).get(role, 0.0), (sponsor or {}).get(role, 0.0)) for role in ROLES}
    return stated(People, **values | changed, roles=roles)


WORK = LotWork(
    lots=40.0,
    tested_lots=38.0,
    operator_hours_per_lot=60.0,
    analyst_hours_per_lot=10.0,
    reading_hours=20.0,
    deviations_per_lot=1.5,
)


def team(fractional: bool = False, sponsor: bool = False, **kinds: Any) -> Heads:
    return headcount(yearly_hours(WORK, people(**kinds)), people(**kinds), fractional, sponsor)


def test_hours_of_a_year() -> None:
    hours = yearly_hours(WORK, people())
    assert hours.operators == exactly(2_400.0)  # 40 lots of 60 h
    assert hours.quality_control == exactly(400.0)  # 38 tested lots of 10 h and 20 h of plates
    assert hours.quality_assurance == exactly(880.0)  # 40 × (6 + 4 + 1.5 deviations of 8 h)
    assert hours.supply_chain == exactly(120.0)  # 40 × 3


def test_operator_hours_of_a_lot() -> None:
    """40 h of steps, 12 entries of 25 minutes (5 h) in grade B or 10 (2 h) elsewhere, 7 h of records, 3 of kitting."""
    areas = stated(
        Areas,
        facility=stated(Facility, gown_minutes_b=25.0, gown_minutes_other=10.0),
        process=stated(Process, documentation_hours=7.0, kitting_hours=3.0),
    )
    work = nothing(Work, operator_hours=40.0, room_entries=12.0)
    assert operator_hours_per_lot(areas, work, "B") == exactly(55.0)
    for grade in ("C", "D", "CNC"):
        assert operator_hours_per_lot(areas, work, grade) == exactly(52.0)


def test_work_driven_heads_whole() -> None:
    """2,400 h ÷ 1,200 × 1.2 = 2.4 operators: 3. 0.4 analysts: 1. 0.88 QA: 1. 0.12 planners: 1. 3 ÷ 4 supervisors: 1."""
    heads = team()
    busy = {"operator": 3.0, "qc_analyst": 1.0, "qa_specialist": 1.0, "supply_chain": 1.0, "supervisor": 1.0}
    assert heads.by_role == dict.fromkeys(ROLES, 0.0) | busy
    assert heads.total == exactly(7.0)
    assert heads.used["operator"] == exactly(0.8)  # 2.4 of 3
    assert heads.used["supply_chain"] == exactly(0.12)
    assert heads.used["qc_analyst"] == exactly(0.4)
    assert heads.used["qa_specialist"] == exactly(0.88)


def test_work_driven_heads_fractional() -> None:
    heads = team(fractional=True)
    assert heads.by_role["operator"] == exactly(2.4)
    assert heads.by_role["qc_analyst"] == exactly(0.4)
    assert heads.by_role["qa_specialist"] == exactly(0.88)
    assert heads.by_role["supply_chain"] == exactly(0.12)
    assert heads.by_role["supervisor"] == exactly(0.6)  # 2.4 ÷ 4
    assert heads.total == exactly(4.4)
    assert heads.used["operator"] == exactly(1.0)


@pytest.mark.parametrize("fractional", [False, True])
def test_the_minimum_team(fractional: bool) -> None:
    """Six operators, two analysts and one of each quality manager, whatever the work; 6 ÷ 4 supervisors."""
    least = {"operator": 6.0, "qc_analyst": 2.0, "qa_specialist": 1.0, "qc_manager": 1.0, "site_head": 1.0}
    heads = team(fractional, minimum=least)
    assert heads.by_role["operator"] == 6.0
    assert heads.by_role["qc_analyst"] == 2.0
    assert heads.by_role["qc_manager"] == 1.0
    assert heads.by_role["supervisor"] == (1.5 if fractional else 2.0)
    assert heads.used["operator"] == exactly(0.4)
    assert heads.used["qc_analyst"] == exactly(0.2)
    assert heads.used["qa_specialist"] == exactly(0.88)


def test_a_minimum_team_of_part_time_people_is_paid_whole_or_in_part() -> None:
    assert team(minimum={"msat": 0.5}).by_role["msat"] == 1.0
    assert team(fractional=True, minimum={"msat": 0.5}).by_role["msat"] == 0.5


def test_the_larger_of_minimum_and_work() -> None:
    assert whole(2.4, 2.0, False) == 3.0
    assert whole(2.4, 3.0, False) == 3.0
    assert whole(2.4, 5.0, False) == 5.0
    assert whole(2.4, 2.0, True) == 2.4


@pytest.mark.parametrize("heads", [1, 2, 3, 7, 30])
@pytest.mark.parametrize(
    "hours",
    [
        lambda n: 1_000.0 * n,  # 1,000 ÷ 1,200 × 1.2 = 1
        lambda n: sum([0.1] * 10_000 * n),
        lambda n: n / 1.2 * 1_600 * 0.75,
        lambda n: 1_000.0 * n * (1 + 1e-12),
    ],
)
def test_I_73_work_for_exactly_n_heads_hires_n(hours, heads: int) -> None:
    assert needed(hours(heads), people()) == exactly(float(heads))
    assert whole(needed(hours(heads), people()), 0.0, False) == heads
    assert whole(0.1 * 3 * 10, 0.0, False) == 3.0


def test_a_sponsor_keeps_his_own_team_and_no_supervisor() -> None:
    least, sponsor = {"operator": 6.0, "supervisor": 2.0}, {"qa_specialist": 2.0, "site_head": 1.0}
    hours = Hours(operators=0.0, quality_control=0.0, quality_assurance=880.0, supply_chain=120.0)
    staff = people(minimum=least, sponsor=sponsor)
    heads = headcount(hours, staff, fractional=False, sponsor=True)
    busy = {"qa_specialist": 2.0, "supply_chain": 1.0, "site_head": 1.0}
    assert heads.by_role == dict.fromkeys(ROLES, 0.0) | busy
    assert heads.used == {}  # all of it counts as used


def test_no_work_and_no_people_is_not_a_division_by_zero() -> None:
    heads = headcount(Hours(0.0, 0.0, 0.0, 0.0), people(), fractional=True, sponsor=False)
    assert heads.total == 0.0
    assert heads.used["operator"] == 0.0
    assert used_share(0.0, 0.0) == 0.0
    assert EMPTY_TEAM > 0


def test_I_16_paid_time_is_worked_and_idle_time() -> None:
    # 3 operators are paid 3,600 h of work a year, less the cover: 3 ÷ 1.2 × 1,200 = 3,000 h; 2,400 are worked, 0.8.
    heads = team()
    assert heads.used["operator"] * 3_000 == exactly(2_400.0)


@pytest.mark.parametrize("fractional", [False, True])
@pytest.mark.parametrize("sponsor", [False, True])
def test_I_64_rows(fractional: bool, sponsor: bool) -> None:
    def of(lots: float, hours: float, cover: float) -> Heads:
        least = {"operator": 2.0, "qc_manager": 1.0}
        staff = people(minimum=least, sponsor={"qa_manager": 1.0}, cover=cover)
        work = WORK._replace(lots=lots, operator_hours_per_lot=hours)
        return headcount(yearly_hours(work, staff), staff, fractional, sponsor)

    check_rows(of, lots=[0.0, 40.0, 500.0], hours=[60.0, 75.0, 12.5], cover=[1.0, 1.2, 2.0])
