"""Changes of the plant in the plan: what each costs and buys, when it takes over, and which assets stay in use."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dosecost.arithmetic import Number, ceil, maximum, minimum, total, where
from dosecost.costs.change import (
    ChangeCost,
    Sites,
    capacity_change,
    method_change,
    process_change,
    record_change,
    site_change,
)
from dosecost.costs.facility import LEADS, months_of_rooms
from dosecost.finance import MONTHS_PER_YEAR
from dosecost.inputs import Areas
from dosecost.ledger import CAPITAL, Asset, annual_total
from dosecost.model import Results
from dosecost.plan import (
    CAPACITY_CHANGES,
    METHOD_CHANGES,
    PROCESS_CHANGES,
    SITE_CHANGES,
    Plan,
    starts_after_change,
    stretch_starts,
    stretches,
)
from dosecost.scenario import Choices

NOTHING = 0.0
VALIDATION = "quality.validation"
"""The asset that a method change pays for as its validation, not as capital."""
STOCKED = ("materials", "vector")
"""Categories that are held in stock."""


class Hub(NamedTuple):
    """A second site: the decision that opens it, its year at its share of the full rate, and in each stretch of the
    plan."""

    id: str
    design: Results
    runs: Sequence[Results]


class Variant(NamedTuple):
    """The plant after a change: its choices and inputs (by stage too), its year as it is sized, and in each stretch of
    the plan.

    ``full`` is a year of the full rate on one site, as sized where nothing is said; ``hubs`` the sites beside it,
    ``team`` a month's wages of the people whom a site that the change opens has without patients; ``ceiling`` lots a
    year that all sites can make (nothing where lots are made under contract).
    """

    decision: Any
    choices: Choices
    areas: Areas
    by_stage: Mapping[str, Areas]
    design: Results
    runs: Sequence[Results]
    full: Results | None = None
    hubs: Sequence[Hub] = ()
    team: Number = NOTHING
    ceiling: Number = NOTHING

    @property
    def assets(self) -> list[Asset]:
        """What all sites have been bought. Clinics and transport are set up once for the programme, and methods are
        shown again only in a laboratory of the site's own."""
        in_house = self.choices.testing == "in_house" and self.choices.tenure != "cdmo"
        more = [
            asset._replace(id=f"{hub.id}.{asset.id}")
            for hub in self.hubs
            for asset in hub.design.assets
            if asset.category != "logistics" and (in_house or asset.id != VALIDATION)
        ]
        return [*self.design.assets, *more]

    @property
    def cost_per_lot(self) -> Number:
        """Cash cost of a lot on one site at the full rate."""
        year = self.full or self.design
        return cash_cost_per_year(year) / year.funnel.lots_started

    @property
    def rent(self) -> Number:
        """Rent of all sites, money a year."""
        return total(rent_per_year(design) for design in (self.design, *(hub.design for hub in self.hubs)))


class PlannedChange(NamedTuple):
    """A change in the plan: decided in ``month``, in use from ``takeover``.

    ``cost`` is spread evenly from ``month`` to ``takeover``, ``capital`` over ``lead`` months from ``month``; ``rent``
    is what more rooms cost a month until then, ``ceiling`` lots a year that the plant can make afterwards.
    """

    id: str
    name: str
    kind: str
    month: Number
    takeover: Number
    cost: ChangeCost
    capital: Number
    lead: Number
    rent: Number
    ceiling: Number


class Cohort(NamedTuple):
    """Assets of one category bought together: when, their life, and how much of them each plant still uses."""

    start: Number
    life: Number
    kept: tuple[Number, ...]


def cash_cost_per_year(results: Results) -> Number:
    """Money a year for the plant: every ledger line but capital charges."""
    return annual_total(line for line in results.lines if line.basis != CAPITAL)


def used_per_year(results: Results, category: str) -> Number:
    """Money a year for what a plant uses of a category that is held in stock, written off and expired parts too."""
    return annual_total(line for line in results.lines if line.category == category)


def rent_per_year(results: Results) -> Number:
    """Money a year for rent, due from the order of the plant."""
    return annual_total(line for line in results.lines if line.id.endswith("facility.rent"))


def running(starts: Sequence[Number], values: Sequence[Any], month: Number) -> Any:
    """The value of the phase or stretch that runs in a month. The last one goes on to the horizon."""
    value = values[0]
    for start, following in zip(starts[1:], values[1:], strict=True):
        value = where(month >= start, following, value)
    return value


def bought_anew(variant: Variant) -> frozenset[str]:
    """Assets that a change does not take over from the plant before: instruments that go from research grade to GMP,
    and the onboarding of a contract manufacturer for another platform."""
    if variant.decision.kind == "gmp_instruments":
        devices = tuple(f"equipment.{device}" for device in variant.areas.capacity.devices)
        return frozenset(asset.id for asset in variant.assets if asset.id.endswith(devices))
    if variant.decision.kind == "switch_platform" and variant.choices.tenure == "cdmo":
        return frozenset(asset.id for asset in variant.assets if asset.category == "facility")
    return frozenset()


def kept_and_added(
    cohorts: Sequence[Mapping[str, Number]], assets: Sequence[Asset], anew: frozenset[str]
) -> list[dict[str, Number]]:
    """What of each cohort of assets a plant uses, and at the end what it buys beside them: older ones stay first."""
    wanted = {asset.id: asset.amount for asset in assets}
    found = []
    for cohort in cohorts:
        kept = {
            name: NOTHING if name in anew or name not in wanted else minimum(amount, wanted[name])
            for name, amount in cohort.items()
        }
        wanted = {name: amount - kept.get(name, NOTHING) for name, amount in wanted.items()}
        found.append(kept)
    return [*found, wanted]


def build_months(variant: Variant, added: Mapping[str, Number]) -> Number:
    """Months until the changed plant stands: the lead time of rooms where any are added, else qualification alone.
    More suites of the present process need no licence, another site needs all that the first one did."""
    if variant.decision.kind in SITE_CHANGES:
        return variant.design.months_to_first_lot
    if variant.decision.kind == "build" and variant.choices.tenure in LEADS:
        return months_of_rooms(variant.areas.facility, variant.choices.tenure)
    rooms = total(added[asset.id] for asset in variant.assets if asset.category == "facility")
    return where(rooms > 0, variant.design.months_to_first_lot, variant.areas.facility.qualification_months)


def cost_of_change(variant: Variant, areas: Areas, before: Sequence[Results], build: Number) -> ChangeCost:
    """What a change costs at one stage of development, ``before`` being the year of the running stretch on each of the
    sites."""
    kind, own = variant.decision.kind, variant.choices.tenure != "cdmo"
    if kind in CAPACITY_CHANGES:
        return capacity_change(build)
    if kind == "go_electronic":
        return record_change(areas.regulatory)
    sites = Sites(1.0 + len(variant.hubs), kind != "gmp_instruments" and own)
    if kind == "adopt_sterility":
        test = areas.quality.tests[f"sterility_{variant.choices.sterility}"]
        laboratories = sites.number if variant.choices.testing == "in_house" and own else 1.0
        return method_change(areas.regulatory, laboratories * test.validation_price)
    if kind in SITE_CHANGES:
        months = minimum(areas.people.training_months, build)
        return site_change(areas.regulatory, sites, variant.cost_per_lot, build, months * variant.team)
    stock = total(used_per_year(year, category) for year in before for category in STOCKED) / MONTHS_PER_YEAR
    return process_change(areas.regulatory, sites, variant.cost_per_lot, stock, build)


def sites_of(variant: Variant) -> list[Sequence[Results]]:
    """Years of every site in each stretch of the plan, the central one first."""
    return [variant.runs, *(hub.runs for hub in variant.hubs)]


def changes_and_cohorts(
    plan: Plan,
    starts: list[Number],
    ready: Number,
    design: Results,
    central: Sequence[Results],
    variants: Sequence[Variant],
) -> tuple[list[PlannedChange], list[Cohort], list[Number]]:
    """Every change in its month, the assets over time, and the phases' first months once they have waited.

    A change takes over no earlier than the one decided before it.
    """
    changes: list[PlannedChange] = []
    cohorts: list[dict[str, Number]] = [{asset.id: asset.amount for asset in design.assets}]
    bought = [design.assets]
    uses: list[list[dict[str, Number]]] = [[cohorts[0]]]
    since: list[Number] = [ready]
    takeover: Number = NOTHING
    rent, runs = rent_per_year(design), [central]
    for variant in variants:
        decision = variant.decision
        use = kept_and_added(cohorts, variant.assets, bought_anew(variant))
        added, build = use[-1], build_months(variant, use[-1])
        costs = [
            cost_of_change(variant, variant.by_stage[part.phase.stage], before, build)
            for part, *before in zip(stretches(plan), *runs, strict=True)
        ]
        cost = running(stretch_starts(plan, starts), costs, decision.month)
        takeover = maximum(takeover, decision.month + maximum(1.0, ceil(cost.months)))
        shown = decision.kind in METHOD_CHANGES
        changes.append(
            PlannedChange(
                id=decision.id,
                name=decision.name,
                kind=decision.kind,
                month=decision.month,
                takeover=takeover,
                cost=cost,
                capital=total(amount for name, amount in added.items() if not (shown and name.endswith(VALIDATION))),
                lead=minimum(takeover - decision.month, maximum(1.0, ceil(build))),
                rent=maximum(0.0, variant.rent - rent) / MONTHS_PER_YEAR,
                ceiling=variant.ceiling,
            )
        )
        if decision.kind in PROCESS_CHANGES:
            starts = starts_after_change(starts, decision.month, takeover)
        cohorts, since = use, [*since, takeover]
        uses.append(use)
        bought.append(variant.assets)
        rent, runs = variant.rent, sites_of(variant)
    return changes, _by_category(since, bought, uses), starts


def _by_category(
    since: Sequence[Number], bought: Sequence[Sequence[Asset]], uses: Sequence[Sequence[Mapping[str, Number]]]
) -> list[Cohort]:
    """Cohorts of each category: what was bought in one month, and how much of it the plants use one after another."""
    found = []
    for i, (start, assets) in enumerate(zip(since, bought, strict=True)):
        lives = {asset.category: asset.life for asset in assets}
        for category, life in lives.items():
            names = [asset.id for asset in assets if asset.category == category]
            kept = tuple(
                total(use[i].get(name, NOTHING) for name in names) if i < len(use) else NOTHING for use in uses
            )
            found.append(Cohort(start, life, kept))
    return found
