"""The rooms one by one: area, what was built, and what running each costs a year, all read from the ledger.

Every line of the facility follows an area or an amount that was built, and has one price for each square metre or each
unit of money, so a room's part of a line is its share of that area or amount.
"""

from typing import NamedTuple

from dosecost import ledger
from dosecost.arithmetic import Number
from dosecost.costs import facility
from dosecost.costs.facility import OWN_ROOMS
from dosecost.evaluation import Evaluation
from dosecost.ledger import Line
from dosecost.scenario import Scenario, options, with_change

UNCLASSIFIED = ""
BY_CLEAN_AREA = ("facility.electricity", "facility.requalification", "facility.cleaning")
BY_WHOLE_AREA = ("facility.rent",)
BY_CAPITAL = ("facility.maintenance", "facility.insurance")
WITH_LOTS = ("facility.gowns", "facility.waste", "facility.room_days", "facility.contract_lots")
"""Lines of the facility that come with the lots and belong to no single room."""
CLEAN_ASSETS = ("facility.clean_rooms", "facility.pods")
SUPPORT_ASSETS = ("facility.support",)
IDLE = "idle."


class Room(NamedTuple):
    """All rooms of one kind: grade ('' for unclassified), m², money built in, and money a year to run them.

    Running cost holds the idle part, and neither capital charges nor what comes with the lots.
    """

    id: str
    grade: str
    m2: float
    capital: float
    running: float


def whole(lines: list[Line], part: str) -> dict[str, Number]:
    """Money a year of the running lines whose name begins so, used and idle part together, by name."""
    found: dict[str, Number] = {}
    for line in lines:
        name = line.id.removeprefix(IDLE)
        if name.startswith(part) and line.basis != ledger.CAPITAL:
            found[name] = found.get(name, 0.0) + line.annual
    return found


def running(e: Evaluation) -> dict[str, Number]:
    """Money a year to run and monitor the rooms, line by line; what a contract's price holds is not in it."""
    if e.scenario.choices.tenure == "cdmo":
        return {}
    return whole(e.results.lines, "facility.") | whole(e.results.lines, "monitoring.")


def rooms(e: Evaluation) -> list[Room]:
    """The rooms that the scenario runs itself; none where a host or a contractor runs them."""
    if e.scenario.choices.tenure not in OWN_ROOMS:
        return []
    area = facility.area(e.areas.facility, e.results.plant.suites)
    lines, assets = whole(e.results.lines, "facility."), e.results.assets
    clean_capital = float(ledger.capital(asset for asset in assets if asset.id in CLEAN_ASSETS))
    support_capital = float(ledger.capital(asset for asset in assets if asset.id in SUPPORT_ASSETS))
    built = clean_capital + support_capital
    by_clean = sum(lines.get(name, 0.0) for name in BY_CLEAN_AREA) / area.clean
    by_whole = sum(lines.get(name, 0.0) for name in BY_WHOLE_AREA) / area.gross
    by_capital = sum(lines.get(name, 0.0) for name in BY_CAPITAL) / built if built else 0.0
    found = []
    for name, m2 in (("suites", area.suites), ("airlocks", area.airlocks)):
        capital = clean_capital * m2 / area.clean
        cost = (by_clean + by_whole) * m2 + by_capital * capital
        found.append(Room(name, e.results.grade, float(m2), float(capital), float(cost)))
    cost = by_whole * area.support + by_capital * support_capital
    return [*found, Room("support", UNCLASSIFIED, float(area.support), support_capital, float(cost))]


class Idle(NamedTuple):
    """Paid suite capacity that the lots do not use: its share of the planned capacity, and money a year for it."""

    share: float
    annual: float


def idle(e: Evaluation) -> Idle | None:
    """What stands idle of rooms that are paid by the year; none where rooms are paid by use.

    Its cost is the idle part of running, monitoring and writing off the rooms and their instruments.
    """
    if e.scenario.choices.tenure not in OWN_ROOMS:
        return None
    parts = (f"{IDLE}facility.", f"{IDLE}monitoring.")
    annual = ledger.annual_total(line for line in e.results.lines if line.id.startswith(parts))
    return Idle(1.0 - float(e.results.plant.suites_used), float(annual))


def capital_of_rooms(e: Evaluation) -> float:
    """Money built into rooms, or paid once to a contractor for the use of his."""
    return float(ledger.capital(asset for asset in e.results.assets if asset.category == "facility"))


def tenure_scenarios(scenario: Scenario) -> dict[str, Scenario]:
    """The scenario with every way to come by clean rooms, all else as it is."""
    return {name: with_change(scenario, "tenure", name, "") for name in options("tenure")}
